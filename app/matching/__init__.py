"""The reconciliation engine: two sides as columns in, groups with a reason each and a proof out. No
Qt, no database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.decisions import Decision
from app.matching.outcome import Group, Learned, Matching, MatchState, Stopped
from app.matching.proof import Proof, prove
from app.matching.rules import RuleSet
from app.matching.side import Side, SideBuilder


def match(
    left: Side,
    right: Side,
    decisions: Sequence[Decision] = (),
    rules: RuleSet | None = None,
    learned: Learned | None = None,
    progress: Callable[[int, int], bool] | None = None,
) -> Matching:
    """Apply people's decisions first, then every rule in the order of the set to what is still
    open. ``progress`` is told how many rules of how many are done, and answers whether to go on.
    Raises Stopped where it does not.
    """
    from app.matching.engine import run  # numpy, which other commands do without

    return run(left, right, decisions, rules or RuleSet(), learned or Learned(), progress)


__all__ = [
    "Group",
    "MatchState",
    "Matching",
    "Proof",
    "RuleSet",
    "Side",
    "SideBuilder",
    "Stopped",
    "match",
    "prove",
]
