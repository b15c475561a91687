"""The reconciliation engine: two sides as columns in, groups with a reason each and a proof out. No
Qt, no database.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.decisions import Decision
from app.matching.outcome import Group, Learned, Matching, MatchState
from app.matching.proof import Proof, prove
from app.matching.rules import RuleSet
from app.matching.side import Side, SideBuilder


def match(
    left: Side,
    right: Side,
    decisions: Sequence[Decision] = (),
    rules: RuleSet | None = None,
    learned: Learned | None = None,
) -> Matching:
    """Apply people's decisions first, then every rule in the order of the set to what is still
    open.
    """
    from app.matching.engine import run  # numpy, which other commands do without

    return run(left, right, decisions, rules or RuleSet(), learned or Learned())


__all__ = [
    "Group",
    "MatchState",
    "Matching",
    "Proof",
    "RuleSet",
    "Side",
    "SideBuilder",
    "match",
    "prove",
]
