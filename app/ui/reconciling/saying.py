"""What is said of a row of a reconciliation: why it stands as it does, and its words on both
sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication

from app.matching.outcome import Group, MatchState
from app.matching.reasons import reason, why_open
from app.reconciling.runs import Reconciliation
from app.reconciling.words import category_text
from app.ui.reconciling.alignment import Aligned, state_symbol


def state_words() -> dict[str, str]:
    translate = QCoreApplication.translate
    return {
        MatchState.MATCHED: translate("Lines", "matched"),
        MatchState.SUGGESTED: translate("Lines", "suggested"),
        MatchState.DIFFERENT: translate("Lines", "different"),
        "only_left": translate("Lines", "only left"),
        "only_right": translate("Lines", "only right"),
    }


def said_of(result: Reconciliation, item: Aligned) -> str:
    """Why a row stands as it does, with the symbol of its state."""
    symbol = state_symbol(item.state)
    if item.group is not None:
        return f"{symbol} {reason(item.group, result.left, result.right)}"
    matching = result.matching
    side, index, open_lines = (
        (result.left, item.left, matching.why_left)
        if item.left >= 0
        else (result.right, item.right, matching.why_right)
    )
    if index in side.explained:
        return QCoreApplication.translate("Lines", "{sign} Explained: {why}").format(
            sign=symbol, why=category_text(side.explained[index])
        )
    return f"{symbol} {why_open(open_lines[index], side)}" if index in open_lines else ""


def missing_of(result: Reconciliation, left: tuple[int, ...], right: tuple[int, ...]) -> int:
    """What lines of the left side are more than those of the right one, in minor units; the
    books of a partner have the other sign.
    """
    sign = -1 if result.matching.contra else 1
    mine = sum(int(result.left.amount[index]) for index in left)
    return mine - sign * sum(int(result.right.amount[index]) for index in right)


def are_alike(result: Reconciliation, left: Iterable[int], right: Iterable[int]) -> bool:
    """Whether lines are all in one currency, as far as their sides say: others never add up."""
    codes = {result.left.currency[index] for index in left if result.left.currency}
    codes |= {result.right.currency[index] for index in right if result.right.currency}
    return len(codes - {""}) <= 1


def lines_of(item: Aligned) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The indexes of the lines of both sides that a row, or the whole group it is of, shows."""
    group: Group | None = item.group
    if group is not None:
        return group.left, group.right
    return (item.left,) if item.left >= 0 else (), (item.right,) if item.right >= 0 else ()


def lines_of_all(items: Iterable[Aligned]) -> tuple[set[int], set[int]]:
    """The indexes of the lines of both sides of some rows, whole groups where they are of one."""
    left: set[int] = set()
    right: set[int] = set()
    for item in items:
        mine, theirs = lines_of(item)
        left.update(mine)
        right.update(theirs)
    return left, right


def other_possibilities(result: Reconciliation, items: Sequence[Aligned]) -> list[Group]:
    """Other groups the lines of some rows could be of, the surest first, those with lines of the
    left side before others.
    """
    left, right = lines_of_all(items)
    found = [
        group
        for group in result.matching.alternatives
        if left.intersection(group.left) or right.intersection(group.right)
    ]
    return sorted(found, key=lambda group: (left.isdisjoint(group.left), -group.confidence))
