"""The names of both sides by code: which are written for the same party, and how many lines have
them.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.columns import NONE, Codes, Lines, Pair
from app.matching.likeness import similarities
from app.matching.outcome import Learned


@dataclass
class Names:
    """``canonical`` gives for each name the left one it goes with in nearly all sure pairs, −1
    where there is none.
    """

    pair: Pair
    learned: Learned
    canonical: Codes = field(init=False)
    _lines: NDArray[np.int64] = field(init=False)
    _begin: NDArray[np.int64] = field(init=False)
    _lengths: NDArray[np.int64] = field(init=False)
    _known: dict[int, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        names = self.pair.names
        self.canonical = np.full(len(names), NONE, dtype=np.int32)
        counts = [
            np.bincount(codes[codes >= 0], minlength=len(names))
            for codes in (self.pair.left.party, self.pair.right.party)
        ]
        self._lines = np.maximum(*counts).astype(np.int64)
        self._begin = np.maximum(*(_beginning_with(names, count) for count in counts))
        self._lengths = np.array([len(name) for name in names], dtype=np.int64)

    def similarity(self, ones: Codes, others: Codes) -> NDArray[np.int64]:
        """0 to 100 for a left name and a right one by code; names people parted are not alike,
        those they matched are, and so are those that go together in the sure pairs.
        """
        keys, place = np.unique(
            ones.astype(np.int64) << 32 | others.astype(np.int64), return_inverse=True
        )
        fresh = [key for key in keys.tolist() if key not in self._known]
        self._known.update(zip(fresh, self._compared(fresh), strict=True))
        values = [self._known[key] for key in keys.tolist()]
        return np.array(values, dtype=np.int64)[place] if len(keys) else np.empty(0, np.int64)

    def _compared(self, keys: list[int]) -> list[int]:
        names, learned = self.pair.names, self.learned
        codes = [(key >> 32, key & 0xFFFFFFFF) for key in keys]
        words = [(names[one], names[other]) for one, other in codes]
        alike = similarities([one for one, _ in words], [other for _, other in words])
        together = np.array([self.canonical[other] == one for one, other in codes], dtype=np.bool_)
        alike = np.where(together & (alike < constants.BEGINNING), 100, alike)
        matched = np.array([pair in learned.matched for pair in words], dtype=np.bool_)
        alike = np.where(matched, np.maximum(alike, constants.LEARNED_NAME), alike)
        parted = np.array([pair in learned.parted for pair in words], dtype=np.bool_)
        found: list[int] = np.where(parted, 0, alike).tolist()
        return found

    def lines_named(self, ones: Codes, others: Codes) -> NDArray[np.int64]:
        """Lines of the side that has more, for names that are the same."""
        return np.maximum(self._lines[ones], self._lines[others])

    def lines_beginning(self, ones: Codes, others: Codes) -> NDArray[np.int64]:
        """Lines of all names that begin as the shorter of two does."""
        shorter = np.where(self._lengths[ones] <= self._lengths[others], ones, others)
        return np.asarray(self._begin[shorter])

    def learn(self, a: Lines, b: Lines) -> None:
        """What nearly all sure pairs say of how one side writes the names of the other."""
        many = len(self.pair.names)
        ones, others = self.pair.left.party[a], self.pair.right.party[b]
        both = (ones >= 0) & (others >= 0)
        keys, counts = np.unique(
            others[both].astype(np.int64) * many + ones[both], return_counts=True
        )
        owners, partners = keys // max(many, 1), keys % max(many, 1)
        totals = np.bincount(owners, weights=counts, minlength=many)
        fewest, nearly_always = constants.NAMES_TOGETHER
        sure = (counts >= fewest) & (counts >= nearly_always * totals[owners])
        self.canonical = np.full(many, NONE, dtype=np.int32)
        self.canonical[owners[sure]] = partners[sure]
        self.forget()

    def forget(self) -> None:
        """Let go of what was compared: of very many lines that is millions of pairs of names, of
        which few are asked for again once the pairs are learned from.
        """
        self._known.clear()


def _beginning_with(names: list[str], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each name the lines of all names that begin with it."""
    order = sorted(range(len(names)), key=names.__getitem__)
    in_order = [names[code] for code in order]
    sums = np.concatenate([[0], np.cumsum(counts[order])]) if order else np.zeros(1, dtype=np.int64)
    found = np.zeros(len(names), dtype=np.int64)
    for place, code in enumerate(order):
        end = bisect_left(in_order, in_order[place] + "\uffff", place)
        found[code] = sums[end] - sums[place]
    return found
