"""What other rules would do to a month: matched more, matched no longer. Nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.journal import Journal
from app.matching import Group, MatchState
from app.matching.rules import RuleSet
from app.reconciling import runs
from app.reconciling.runs import Reconciliation


@dataclass(frozen=True)
class Trial:
    """The month by the rules that hold and by those that are tried; ``gained`` are groups of
    ``after``, ``lost`` of ``before``.
    """

    before: Reconciliation
    after: Reconciliation
    gained: Sequence[Group]
    lost: Sequence[Group]


def try_rules(
    journal: Journal, left: str, right: str, rules: RuleSet, accounts: Sequence[str] = ()
) -> Trial:
    """Raises UnreadableSide, OSError."""
    before = runs.tried(journal, left, right, accounts=accounts)
    after = runs.tried(journal, left, right, rules, accounts=accounts)
    was, would = _matched(before), _matched(after)
    return Trial(
        before,
        after,
        [group for keys, group in would.items() if keys not in was],
        [group for keys, group in was.items() if keys not in would],
    )


def _matched(result: Reconciliation) -> dict[tuple[frozenset[str], frozenset[str]], Group]:
    """What is matched, by the lines' own names."""
    left, right = result.left.key, result.right.key
    return {
        (frozenset(left[i] for i in one.left), frozenset(right[i] for i in one.right)): one
        for one in result.matching.groups
        if one.state is MatchState.MATCHED
    }
