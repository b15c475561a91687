"""How much alike names are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from app.matching.party_names import SHORTEST

_CUT = 12
"""Letters from which on a name may be the beginning of another with a slip in it."""


def similarity(one: str, other: str) -> int:
    """0 to 100 for two normalised names; see :func:`similarities`."""
    return int(similarities([one], [other])[0])


def similarities(ones: Sequence[str], others: Sequence[str]) -> NDArray[np.int64]:
    """0 to 100 for each pair of normalised names. A name that is the beginning of the other, as old
    systems cut it, is nearly as good as an equal one.
    """
    if not len(ones):
        return np.empty(0, dtype=np.int64)
    found = np.maximum(
        process.cpdist(ones, others, scorer=fuzz.ratio),
        process.cpdist(ones, others, scorer=fuzz.token_sort_ratio),
    )
    short = [min(pair, key=len) for pair in zip(ones, others, strict=True)]
    long = [max(pair, key=len) for pair in zip(others, ones, strict=True)]
    cut = [name[: len(beginning)] for name, beginning in zip(long, short, strict=True)]
    as_cut = process.cpdist(short, cut, scorer=fuzz.ratio) - 4
    lengths = np.array([len(name) for name in short])
    found = np.where(lengths >= _CUT, np.maximum(found, as_cut), found)
    begins = np.array([name == whole for name, whole in zip(short, cut, strict=True)])
    found = np.where(begins & (lengths >= SHORTEST), 96, found)
    same = np.array([one == other for one, other in zip(ones, others, strict=True)])
    found = np.where(same, 100, found)
    return np.where(lengths == 0, 0, found).astype(np.int64)
