"""Lines of both sides brought together by what they have in common: integers compared by the
thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.matching.columns import Lines

Keys = NDArray[np.int64]
Codes = NDArray[np.integer[Any]]
_DAY_BITS = 22


def dense_keys(left: Sequence[Codes], right: Sequence[Codes]) -> tuple[Keys, Keys]:
    """Dense codes of rows of columns, the same for both sides."""
    code = np.zeros(len(left[0]) + len(right[0]), dtype=np.int64)
    for mine, theirs in zip(left, right, strict=True):
        values = np.concatenate([mine.astype(np.int64), theirs.astype(np.int64)])
        _, dense = np.unique(values, return_inverse=True)
        width = int(dense.max(initial=0)) + 1
        if int(code.max(initial=0)) > (1 << 62) // max(width, 1):
            _, code = np.unique(code, return_inverse=True)
        code = code * width + dense
    _, code = np.unique(code, return_inverse=True)
    return code[: len(left[0])].astype(np.int64), code[len(left[0]) :].astype(np.int64)


def joined_in_order(
    mine: Lines, left: Keys, theirs: Lines, right: Keys, wanted: NDArray[np.bool_]
) -> tuple[Lines, Lines]:
    """The lines of both sides with the keys that are wanted, of which each side has as many."""
    ones, others = wanted[left], wanted[right]
    a, b = mine[ones], theirs[others]
    return a[np.argsort(left[ones], kind="stable")], b[np.argsort(right[others], kind="stable")]


def pairs_within(
    mine: Lines,
    theirs: Lines,
    keys: tuple[Keys, Keys],
    days: tuple[Codes, Codes],
    *,
    reach: int,
    most: int,
) -> tuple[Lines, Lines]:
    """Pairs of equal key whose ``days`` are at most ``reach`` apart; those of either side with more
    than ``most`` of them are left out. Keys and days are those of ``mine`` and ``theirs``.
    """
    left, right = days[0].astype(np.int64), days[1].astype(np.int64)
    low, high, order = _span(keys[0], left, keys[1], right, reach)
    mine_low, mine_high, _ = _span(keys[1], right, keys[0], left, reach)
    few = (mine_high - mine_low <= most)[order]
    counts = np.where(high - low > most, 0, high - low)
    a = np.repeat(mine, counts)
    starts = np.repeat(low - (np.cumsum(counts) - counts), counts)
    place = starts + np.arange(len(a))
    kept = few[place] if len(place) else np.zeros(0, dtype=np.bool_)
    return a[kept], theirs[order[place[kept]]]


def partners_within(
    keys: tuple[Keys, Keys], days: tuple[Codes, Codes], reach: int
) -> NDArray[np.int64]:
    """For each of the first lines, how many of the second have its key near in time."""
    left, right = days[0].astype(np.int64), days[1].astype(np.int64)
    low, high, _ = _span(keys[0], left, keys[1], right, reach)
    return np.asarray(high - low)


def unique_pairs(parts: Sequence[tuple[Lines, Lines]], width: int) -> tuple[Lines, Lines]:
    """The pairs of all parts, each once, in their order; ``width``: more than any right line."""
    empty = np.empty(0, dtype=np.int64)
    a = np.concatenate([part[0] for part in parts] or [empty]).astype(np.int64)
    b = np.concatenate([part[1] for part in parts] or [empty])
    codes = np.unique(a * width + b)
    return codes // width, codes % width


def _span(
    keys: Keys, days: Lines, other_keys: Keys, other_days: Lines, reach: int
) -> tuple[Lines, Lines, Lines]:
    """Where in the sorted others the lines of the same key begin and end that are near in time."""
    composed = other_keys << _DAY_BITS | other_days
    order = np.argsort(composed, kind="stable")
    composed = composed[order]
    wanted = (keys << _DAY_BITS) + days
    return (
        np.searchsorted(composed, wanted - reach, "left"),
        np.searchsorted(composed, wanted + reach, "right"),
        order,
    )
