"""The two sides of a reconciliation as rows of equal number, and two tables that move as one."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, permutations
from operator import attrgetter

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject

from app.matching import Side
from app.matching.outcome import Group, MatchState
from app.money import show
from app.reconciling.runs import Reconciliation
from app.ui.tables import Column, Table

STATE, DATE, ACCOUNT, REFERENCE, AMOUNT, TEXT = range(6)
LEFT, RIGHT = 0, 1
_ALONE = ("only_left", "only_right")
_PLACE = attrgetter("place")
STATES = (MatchState.DIFFERENT, MatchState.SUGGESTED, "only_left", "only_right", MatchState.MATCHED)
"""In the order in which they are sorted: what needs work first."""
_SYMBOLS = {
    MatchState.MATCHED: "=",
    MatchState.SUGGESTED: "≈",
    MatchState.DIFFERENT: "≠",
    "only_left": "◀",
    "only_right": "▶",
}


@dataclass(frozen=True, slots=True)
class Aligned:
    """One row of both tables: line indexes (−1: none on that side), state, the columns in which
    they differ, and its ``place`` among all: what has to be decided first, matches last, by date.
    """

    left: int
    right: int
    state: str
    group: Group | None = None
    differs: frozenset[int] = frozenset()
    undecided: bool = False
    place: tuple[bool, bool, int] = (False, False, 0)


def state_symbol(state: str) -> str:
    return _SYMBOLS[state]


def align(result: Reconciliation) -> list[Aligned]:
    """What has to be decided first, then what is explained, then the matches in order of date."""
    matching = result.matching
    rows = list(chain.from_iterable(_rows_of(result, group) for group in matching.groups))
    rows += [_alone(result, LEFT, index) for index in matching.only_left]
    rows += [_alone(result, RIGHT, index) for index in matching.only_right]
    return sorted(rows, key=_PLACE)


def realigned(
    before: Sequence[Aligned], old: Reconciliation, result: Reconciliation
) -> list[Aligned]:
    """The rows after a decision: those of groups and lines it did not touch stay what they are."""
    old_groups, groups = ({id(one) for one in each.matching.groups} for each in (old, result))
    old_alone, alone = _alone_of(old), _alone_of(result)
    gone, stale = old_groups - groups, old_alone - alone
    rows = [row for row in before if id(row.group) not in gone and _line_of(row) not in stale]
    fresh = [one for one in result.matching.groups if id(one) not in old_groups]
    made = list(chain.from_iterable(_rows_of(result, group) for group in fresh))
    made += [_alone(result, side, index) for side, index, _ in alone - old_alone]
    for row in made:
        insort(rows, row, key=_PLACE)
    return rows


def _alone_of(result: Reconciliation) -> set[tuple[int, int, bool]]:
    """The lines without a group: side, index, and whether they are explained."""
    matching, explained = result.matching, (result.left.explained, result.right.explained)
    return {
        (side, index, index in explained[side])
        for side, lines in ((LEFT, matching.only_left), (RIGHT, matching.only_right))
        for index in lines
    }


def _line_of(row: Aligned) -> tuple[int, int, bool] | None:
    """What :func:`_alone_of` says of a row without a group."""
    if row.group is not None:
        return None
    side = LEFT if row.left >= 0 else RIGHT
    return side, max(row.left, row.right), not row.undecided


def _alone(result: Reconciliation, side: int, index: int) -> Aligned:
    of = (result.left, result.right)[side]
    undecided = index not in of.explained
    place = (not undecided, False, int(of.day[index]))
    left, right = (index, -1) if side == LEFT else (-1, index)
    return Aligned(left, right, _ALONE[side], undecided=undecided, place=place)


def side_columns(
    place: int,
    titles: Sequence[str],
    words: Mapping[str, str],
    current: Callable[[], Reconciliation | None],
) -> list[Column]:
    """The columns of one side's table; ``place`` 0 is left, 1 right."""

    def cell(make: Callable[[Side, int], str]) -> Callable[[Aligned], str]:
        def value(row: Aligned) -> str:
            result, index = current(), (row.left, row.right)[place]
            if result is None or index < 0:
                return ""
            return make((result.left, result.right)[place], index)

        return value

    def state(row: Aligned) -> str:
        return f"{_SYMBOLS[row.state]} {words[row.state]}" if place == 0 else _SYMBOLS[row.state]

    def amount(row: Aligned) -> int:
        result, index = current(), (row.left, row.right)[place]
        if result is None or index < 0:
            return 0
        return int((result.left, result.right)[place].amount[index])

    return [
        Column(titles[STATE] if place == 0 else "", state),
        Column(titles[DATE], cell(lambda side, index: side.date(index).isoformat())),
        Column(titles[ACCOUNT], cell(lambda side, index: side.account[index])),
        Column(titles[REFERENCE], cell(lambda side, index: side.reference[index])),
        Column(titles[AMOUNT], cell(line_amount), right=True, order=amount),
        Column(titles[TEXT], cell(lambda side, index: side.text[index] or side.party[index])),
    ]


class LockStep(QObject):
    """Ties tables of the same rows: vertical scroll, selected rows; of the first two, the two
    sides, the column widths too.
    """

    def __init__(self, left: Table, right: Table, pairs: Table) -> None:
        super().__init__(left)
        self._sides, self._tables = (left, right), (left, right, pairs)
        self._busy = False
        for one, other in permutations(self._tables, 2):
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
        for one in self._tables:
            one.selectionModel().selectionChanged.connect(lambda *_, a=one: self._select(a))
        for one, other in permutations(self._sides, 2):
            one.horizontalHeader().sectionResized.connect(
                lambda section, _, width, b=other: self._resize(b, section, width)
            )

    def same_widths(self) -> None:
        """Give both sides the wider width of each column."""
        left, right = self._sides
        for section in range(1, left.rows_model.columnCount()):
            left.setColumnWidth(section, max(left.columnWidth(section), right.columnWidth(section)))

    def _select(self, source: Table) -> None:
        if self._busy:
            return
        self._busy = True
        for target in self._tables:
            if target is not source:
                self._select_in(target, source)
        self._busy = False

    def _select_in(self, target: Table, source: Table) -> None:
        selection, model = QItemSelection(), target.rows_model
        for index in source.selectionModel().selectedRows():
            selection.select(
                model.index(index.row(), 0), model.index(index.row(), model.columnCount() - 1)
            )
        target.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        current = source.currentIndex()
        if current.isValid():
            flag = QItemSelectionModel.SelectionFlag.NoUpdate
            target.selectionModel().setCurrentIndex(model.index(current.row(), 0), flag)

    def _resize(self, target: Table, section: int, width: int) -> None:
        if not self._busy and section > 0:
            self._busy = True
            target.setColumnWidth(section, width)
            self._busy = False


def _rows_of(result: Reconciliation, group: Group) -> list[Aligned]:
    rows = []
    is_matched = group.state is MatchState.MATCHED
    for place in range(max(len(group.left), len(group.right))):
        left = group.left[place] if place < len(group.left) else -1
        right = group.right[place] if place < len(group.right) else -1
        day = int(result.left.day[left] if left >= 0 else result.right.day[right])
        rows.append(
            Aligned(
                left,
                right,
                group.state,
                group,
                _differing(result, left, right),
                undecided=not is_matched,
                place=(is_matched, is_matched, day),
            )
        )
    return rows


def _differing(result: Reconciliation, left: int, right: int) -> frozenset[int]:
    if left < 0 or right < 0:
        return frozenset()
    mine, theirs = result.left, result.right
    differs = set()
    if mine.day[left] != theirs.day[right]:
        differs.add(DATE)
    if mine.amount[left] != theirs.amount[right]:
        differs.add(AMOUNT)
    return frozenset(differs)


def line_amount(side: Side, index: int) -> str:
    """An amount, with its currency where the side has several."""
    text = show(int(side.amount[index]))
    return f"{text} {side.currency[index]}" if side.has_currencies else text
