"""Documents we sent ourselves: the other side names the very reference we gave them, which needs no
learning.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.assignment import hungarian
from app.matching.columns import Lines
from app.matching.keys import Keys, dense_keys, joined_in_order
from app.matching.outcome import Evidence, Rule
from app.matching.rules import RuleSpec
from app.matching.run import Flags, Run

LARGEST_CROWD = 200
"""Repetitions of one document and amount beyond which they are paired in the order of their
dates.
"""
_NEVER = 1e6
"""The cost of a pair that is not to be made."""


def same_documents(run: Run, rule: RuleSpec) -> None:
    """Lines of one document (its external reference) with the same account and amount."""
    left, right = run.pair.left, run.pair.right
    mine = np.flatnonzero(run.open_left & (left.document >= 0))
    theirs = np.flatnonzero(run.open_right & (right.document >= 0))
    if not len(mine) or not len(theirs):
        return
    keys = dense_keys(
        (left.account[mine], left.document[mine], left.amount[mine]),
        (right.account[theirs], right.document[theirs], right.amount[theirs]),
    )
    size = int(max(keys[0].max(), keys[1].max())) + 1
    count_left, count_right = (np.bincount(key, minlength=size) for key in keys)
    single = (count_left == 1) & (count_right == 1)
    _confirm(run, rule, *joined_in_order(mine, keys[0], theirs, keys[1], single))
    several = (count_left > 0) & (count_right > 0) & ~single
    if several.any():
        _repeats(run, rule, _buckets(mine, keys[0], theirs, keys[1], several))


def _confirm(run: Run, rule: RuleSpec, a: Lines, b: Lines) -> None:
    near = np.abs(run.pair.left.day[a].astype(np.int64) - run.pair.right.day[b]) <= rule.days
    fine = near & ~run.is_parted(a, b)
    if rule.automatic:
        a, b = a[fine], b[fine]
        flags = _flags(len(a), Evidence.SAME_AMOUNT, Evidence.SAME_FORM)
        run.add_pairs(a, b, Rule.DOCUMENT, np.ones(len(a)), flags, sure=True)


def _repeats(run: Run, rule: RuleSpec, buckets: list[tuple[Lines, Lines]]) -> None:
    """A document that has an amount several times: those of the same day first, then the closest;
    the rest of the side that has more is a repetition.
    """
    for ones, others in buckets:
        if max(len(ones), len(others)) > LARGEST_CROWD:
            pairs = _in_order(run, ones, others)
        else:
            pairs = _closest_pairs(run, rule, ones, others)
        a = np.array([int(ones[i]) for i, _ in pairs], dtype=np.int64)
        b = np.array([int(others[j]) for _, j in pairs], dtype=np.int64)
        if rule.automatic and len(a):
            flags = _flags(len(a), Evidence.SAME_AMOUNT, Evidence.SAME_FORM, Evidence.TWINS)
            run.add_pairs(a, b, Rule.DOCUMENT, np.full(len(a), 0.97), flags)


def _closest_pairs(run: Run, rule: RuleSpec, ones: Lines, others: Lines) -> list[tuple[int, int]]:
    """Places of lines that go together: all where both sides have as many, else those of one day,
    else those that are closest to each other.
    """
    days, other_days = run.pair.left.day[ones], run.pair.right.day[others]
    gap = np.abs(days[:, None].astype(np.int64) - other_days[None, :])
    parted = run.is_parted(np.repeat(ones, len(others)), np.tile(others, len(ones)))
    unfit = parted.reshape(gap.shape) | (gap > rule.days)
    cost = gap.astype(np.float64) + np.where(unfit, _NEVER, 0.0)
    pairs = [(i, j) for i, j in hungarian(cost) if cost[i, j] < _NEVER]
    if len(ones) == len(others):
        return pairs
    same_day = [(i, j) for i, j in pairs if gap[i, j] == 0]
    return same_day or [(i, j) for i, j in pairs if _closest(cost, i, j)]


def _in_order(run: Run, ones: Lines, others: Lines) -> list[tuple[int, int]]:
    """Very many lines of one document and amount: paired in order where there are as many of each
    day.
    """
    found: list[tuple[int, int]] = []
    days, other_days = run.pair.left.day[ones], run.pair.right.day[others]
    for day in np.unique(days).tolist():
        mine, theirs = np.flatnonzero(days == day), np.flatnonzero(other_days == day)
        if len(mine) == len(theirs):
            found += zip(mine.tolist(), theirs.tolist(), strict=True)
    return found


def _closest(cost: NDArray[np.float64], i: int, j: int) -> bool:
    """Whether no other line is as close to either."""
    return bool((cost[i] <= cost[i, j]).sum() == 1 and (cost[:, j] <= cost[i, j]).sum() == 1)


def _buckets(
    mine: Lines, key_left: Keys, theirs: Lines, key_right: Keys, wanted: NDArray[np.bool_]
) -> list[tuple[Lines, Lines]]:
    """The lines of each wanted key, of both sides, in their order."""
    parts: list[dict[int, Lines]] = []
    for lines, keys in ((mine, key_left), (theirs, key_right)):
        some = wanted[keys]
        order = np.argsort(keys[some], kind="stable")
        chosen, sorted_keys = lines[some][order], keys[some][order]
        starts = np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])
        pieces = np.split(chosen, starts[1:])
        parts.append(
            {int(sorted_keys[start]): piece for start, piece in zip(starts, pieces, strict=True)}
        )
    return [(lines, parts[1][key]) for key, lines in sorted(parts[0].items())]


def _flags(count: int, *agree: Evidence) -> Flags:
    return np.full(count, int(np.bitwise_or.reduce([int(flag) for flag in agree])), dtype=np.int32)
