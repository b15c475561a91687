"""Which lines are compared at all: those of one currency and amount that are near in time, or
further apart where they share a party, a reference or a rare word.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.columns import Columns, Lines, Pair
from app.matching.constants import CROWD, FAR_DAYS, MOST_PAIRS, NEAR_DAYS
from app.matching.keys import (
    Codes,
    Keys,
    dense_keys,
    joined_in_order,
    pairs_within,
    partners_within,
    unique_pairs,
)
from app.matching.tokens import Tokens

Mask = NDArray[np.bool_]
_REACHES = (FAR_DAYS, NEAR_DAYS, 1, 0)
SHARED = ("party", "stem", "tax", "form", "number")


def keyed_pairs(pair: Pair, open_left: Mask, open_right: Mask) -> tuple[Lines, Lines]:
    """Lines whose reference and amount stand once on each side, near in time: nearly all of them
    are one event, and comparing each with nobody else saves most of the work.
    """
    left, right = pair.left, pair.right
    mine = np.flatnonzero(open_left & (left.form >= 0))
    theirs = np.flatnonzero(open_right & (right.form >= 0))
    if not len(mine) or not len(theirs):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    keys = dense_keys(
        (left.account[mine], left.amount[mine], left.form[mine]),
        (right.account[theirs], right.amount[theirs], right.form[theirs]),
    )
    size = int(max(keys[0].max(), keys[1].max())) + 1
    once = (np.bincount(keys[0], minlength=size) == 1) & (np.bincount(keys[1], minlength=size) == 1)
    a, b = joined_in_order(mine, keys[0], theirs, keys[1], once)
    near = np.abs(left.day[a].astype(np.int64) - right.day[b]) <= FAR_DAYS
    return a[near], b[near]


def candidate_pairs(
    pair: Pair, tokens: Tokens, open_left: Mask, open_right: Mask
) -> tuple[Lines, Lines]:
    """Open lines that could be one event, each pair once."""
    columns = pair.left, pair.right
    mine, theirs = np.flatnonzero(open_left), np.flatnonzero(open_right)
    if not len(mine) or not len(theirs):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    keys = dense_keys(_bare(columns[0], mine), _bare(columns[1], theirs))
    days = columns[0].day[mine], columns[1].day[theirs]
    most = _crowd(keys, days)
    parts = [pairs_within(mine, theirs, keys, days, reach=reach, most=most) for reach in _REACHES]
    for name in SHARED:
        own, other = getattr(columns[0], name), getattr(columns[1], name)
        some, those = mine[own[mine] >= 0], theirs[other[theirs] >= 0]
        keys = dense_keys(
            (*_bare(columns[0], some), own[some]), (*_bare(columns[1], those), other[those])
        )
        days = columns[0].day[some], columns[1].day[those]
        parts.append(pairs_within(some, those, keys, days, reach=FAR_DAYS, most=CROWD))
    parts.append(_sharing_a_word(pair, tokens, open_left, open_right))
    return unique_pairs(parts, len(pair.right) + 1)


def _crowd(keys: tuple[Keys, Keys], days: tuple[Codes, Codes]) -> int:
    """How many lines of one amount are compared with each other, so that all that are compared stay
    within bounds: among very many lines a crowd says less anyway.
    """
    partners = [partners_within(keys, days, reach) for reach in _REACHES]
    most = CROWD
    while most > 1 and sum(int(few[few <= most].sum()) for few in partners) > MOST_PAIRS:
        most //= 2
    return most


def left_out(pair: Pair, open_left: Mask, open_right: Mask, compared: tuple[Lines, Lines]) -> int:
    """How many open lines of both sides were compared with none though the other side has their
    amount near in time: too many lines have it, and nothing else in common.
    """
    mine, theirs = np.flatnonzero(open_left), np.flatnonzero(open_right)
    if not len(mine) or not len(theirs):
        return 0
    keys = dense_keys(_bare(pair.left, mine), _bare(pair.right, theirs))
    days = pair.left.day[mine], pair.right.day[theirs]
    alike = (
        mine[partners_within(keys, days, NEAR_DAYS) > 0],
        theirs[partners_within(keys[::-1], days[::-1], NEAR_DAYS) > 0],
    )
    return sum(
        int((~np.isin(lines, seen)).sum()) for lines, seen in zip(alike, compared, strict=True)
    )


def _bare(columns: Columns, lines: Lines) -> tuple[Lines, Lines]:
    return columns.account[lines].astype(np.int64), columns.amount[lines]


def _sharing_a_word(
    pair: Pair, tokens: Tokens, open_left: Mask, open_right: Mask
) -> tuple[Lines, Lines]:
    columns = pair.left, pair.right
    said = [tokens.rare(side, lines) for side, lines in enumerate((open_left, open_right))]
    (some, words), (those, other_words) = said
    keys = dense_keys((*_bare(columns[0], some), words), (*_bare(columns[1], those), other_words))
    days = columns[0].day[some], columns[1].day[those]
    return pairs_within(some, those, keys, days, reach=FAR_DAYS, most=CROWD)


def same_reference_pairs(
    pair: Pair, open_left: Mask, open_right: Mask, reach: int
) -> tuple[Lines, Lines]:
    """Open lines of one account and reference (or number), whatever their amounts."""
    columns = pair.left, pair.right
    parts = []
    for name in ("form", "number"):
        own, other = getattr(columns[0], name), getattr(columns[1], name)
        some, those = (
            np.flatnonzero(open_left & (own >= 0)),
            np.flatnonzero(open_right & (other >= 0)),
        )
        keys = dense_keys(
            (columns[0].account[some], own[some]), (columns[1].account[those], other[those])
        )
        days = columns[0].day[some], columns[1].day[those]
        parts.append(pairs_within(some, those, keys, days, reach=reach, most=constants.FREQUENT))
    return unique_pairs(parts, len(pair.right) + 1)
