"""Which rows of a reconciliation are shown, and in which order: arrays over the aligned rows, made
beside the window, so that a hundred thousand are filtered and sorted between two key presses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from app.matching import Side
from app.matching.proof import NO_ACCOUNT, chart_of_left
from app.reconciling.runs import Reconciliation
from app.ui.reconciling import pairs
from app.ui.reconciling.alignment import (
    ACCOUNT,
    AMOUNT,
    DATE,
    REFERENCE,
    STATE,
    STATES,
    TEXT,
    Aligned,
    align,
    realigned,
)
from app.ui.reconciling.saying import lines_of, missing_of

Places = npt.NDArray[np.intp]
Marks = npt.NDArray[np.bool_]
PAIRS = 2
"""The view of one table; 0 and 1 are those of the two sides."""
_OF_PAIRS = {
    pairs.STATE: STATE,
    pairs.DATE: DATE,
    pairs.ACCOUNT: ACCOUNT,
    pairs.REFERENCE: REFERENCE,
    pairs.OURS: AMOUNT,
    pairs.THEIRS: AMOUNT,
    pairs.TEXT: TEXT,
}


@dataclass(frozen=True)
class Order:
    """Sorted by a column of a view."""

    view: int
    column: int
    backwards: bool = False


@dataclass(frozen=True)
class Rows:
    """The aligned rows of a reconciliation with what they are filtered by. ``left`` and ``right``
    are line indexes (−1: none), ``state`` places in ``STATES``.
    """

    result: Reconciliation
    aligned: list[Aligned]
    left: Places
    right: Places
    state: Places
    undecided: Marks
    ranks: dict[int, tuple[Places, Places]] = field(repr=False)
    """What the lines of both sides are sorted by, by column, once somebody sorted so. Decisions
    change no line, so those after one share it.
    """

    @property
    def lines(self) -> tuple[Places, Places]:
        return self.left, self.right

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many rows there are of each state; ``""`` of all, ``open`` of what is to be
        decided.
        """
        counted = np.bincount(self.state, minlength=len(STATES)).tolist()
        of_states = {str(state): count for state, count in zip(STATES, counted, strict=True)}
        return {**of_states, "": len(self.aligned), "open": int(self.undecided.sum())}

    def of_state(self, state: str) -> Marks:
        if state == "open":
            return self.undecided
        return np.equal(self.state, STATES.index(state))

    def of_account(self, account: str) -> Marks:
        """Those with a line of an account, by its code of the left side."""
        chart = chart_of_left(self.result.right, self.result.matching)
        sides = (self.result.left, self.result.right)
        found = np.zeros(len(self.aligned), dtype=bool)
        for side, lines in zip(sides, self.lines, strict=True):
            is_of = ((chart.get(code, code) or NO_ACCOUNT) == account for code in side.account)
            found |= _by_line(is_of, len(side))[lines]
        return found

    def with_words(self, found: Sequence[tuple[Marks, Marks]]) -> Marks:
        """Those with all words; ``found`` says of each word which lines of either side have it."""
        marks = np.ones(len(self.aligned), dtype=bool)
        for left, right in found:
            marks &= left[self.left] | right[self.right]
        return marks

    def ordered(self, order: Order) -> Places:
        """All places as a person sorted them; rows without a value there come last, forwards and
        backwards.
        """
        keys = self._keys(order.view, order.column)
        has = np.flatnonzero(keys >= 0)
        by_key = np.argsort(-keys[has] if order.backwards else keys[has], kind="stable")
        return np.concatenate([has[by_key], np.flatnonzero(keys < 0)])

    def is_quick(self, order: Order) -> bool:
        """Whether sorting so takes no time worth a thread of its own."""
        of_lines = order.column if order.view != PAIRS else _OF_PAIRS.get(order.column, -1)
        return of_lines in (STATE, DATE, AMOUNT) or of_lines in self.ranks

    def _keys(self, view: int, column: int) -> Places:
        if column == STATE:
            return self.state
        if view != PAIRS:
            return self._of_lines(column)[view][self.lines[view]]
        if column == pairs.DIFFERENCE:
            return _differences(self)
        if column == pairs.SURE:
            groups = (row.group for row in self.aligned)
            sure = (-1 if one is None else round(one.confidence * 1000) for one in groups)
            return np.fromiter(sure, dtype=np.intp, count=len(self.aligned))
        left, right = self._of_lines(_OF_PAIRS[column])
        mine, theirs = left[self.left], right[self.right]
        if column == pairs.OURS:
            return mine
        return theirs if column == pairs.THEIRS else np.where(mine >= 0, mine, theirs)

    def _of_lines(self, column: int) -> tuple[Places, Places]:
        if column not in self.ranks:
            self.ranks[column] = _ranked(self.result, column)
        return self.ranks[column]


def rows_of(result: Reconciliation) -> Rows:
    return _rows(result, align(result), {})


def changed(rows: Rows, result: Reconciliation) -> Rows:
    """The rows after decisions: those of groups and lines they did not touch stay what they
    are.
    """
    return _rows(result, realigned(rows.aligned, rows.result, result), rows.ranks)


def words_found(
    texts: tuple[Sequence[str], Sequence[str]], words: Sequence[str]
) -> list[tuple[Marks, Marks]]:
    """Which lines of both sides have each word; the last of each array, which −1 means, has
    none.
    """
    left, right = texts
    return [
        (
            _by_line((word in text for text in left), len(left)),
            _by_line((word in text for text in right), len(right)),
        )
        for word in words
    ]


def _ranked(result: Reconciliation, column: int) -> tuple[Places, Places]:
    """What the lines of both sides are sorted by in a column: −1 without a value, and last in
    each, which −1 means, −1 of a row without a line.
    """
    sides = (result.left, result.right)
    if column == DATE:
        left, right = (np.asarray(side.day, dtype=np.intp) for side in sides)
    elif column == AMOUNT:
        _, ranks = np.unique(np.concatenate([side.amount for side in sides]), return_inverse=True)
        left, right = ranks[: len(result.left)], ranks[len(result.left) :]
    else:
        # Not numpy's own texts: the widest line would set the width of all.
        texts = [_texts(side, column) for side in sides]
        order = {text: place for place, text in enumerate(sorted({*texts[0], *texts[1]}))}
        left, right = (
            np.fromiter((order[text] if text else -1 for text in of_side), dtype=np.intp)
            for of_side in texts
        )
    return np.append(left, -1), np.append(right, -1)


def _texts(side: Side, column: int) -> Sequence[str]:
    if column == ACCOUNT:
        return side.account
    if column == REFERENCE:
        return side.reference
    return [text or party for text, party in zip(side.text, side.party, strict=True)]


def _differences(rows: Rows) -> Places:
    """The places of the differences among all, −1 where there is none."""
    found = np.fromiter(
        (missing_of(rows.result, *lines_of(row)) for row in rows.aligned),
        dtype=np.int64,
        count=len(rows.aligned),
    )
    _, ranks = np.unique(found, return_inverse=True)
    return np.where(found == 0, -1, ranks)


def _by_line(marks: Iterable[bool], count: int) -> Marks:
    return np.append(np.fromiter(marks, dtype=bool, count=count), False)


def _rows(
    result: Reconciliation, aligned: list[Aligned], ranks: dict[int, tuple[Places, Places]]
) -> Rows:
    count = len(aligned)
    places = {state: place for place, state in enumerate(STATES)}
    return Rows(
        result,
        aligned,
        np.fromiter((row.left for row in aligned), dtype=np.intp, count=count),
        np.fromiter((row.right for row in aligned), dtype=np.intp, count=count),
        np.fromiter((places[row.state] for row in aligned), dtype=np.intp, count=count),
        np.fromiter((row.undecided for row in aligned), dtype=bool, count=count),
        ranks,
    )
