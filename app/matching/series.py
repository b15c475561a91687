"""Series of references: whether letters before a number are another series or another spelling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.columns import Codes, Lines, Pair


class Series:
    """The letters references of both sides begin with."""

    def __init__(self, pair: Pair) -> None:
        self._own, self._other = pair.left.prefix, pair.right.prefix
        size = int(max(self._own.max(initial=-1), self._other.max(initial=-1))) + 2
        self._used = tuple(_used(codes, size) for codes in (self._own, self._other))

    def differ(self, a: Lines, b: Lines) -> NDArray[np.bool_]:
        """Whether the letters are two series of one side (Eg 15 and Dr 15): then the same
        number says nothing. Letters the other side does not use are another way of writing.
        """
        one, other = self._own[a], self._other[b]
        of_one = self._used[0][other] | self._used[1][one]
        return np.asarray((one != other) & (one >= 0) & (other >= 0) & of_one)


def _used(codes: Codes, size: int) -> NDArray[np.bool_]:
    """By code whether a side uses it; the last entry stands for none."""
    found = np.zeros(size, dtype=np.bool_)
    found[codes[codes >= 0]] = True
    return found
