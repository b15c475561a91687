"""How many lines have nearly an amount by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching import constants


def lines_by_chance(
    amounts: NDArray[np.int64], wanted: NDArray[np.int64], width: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How many of the amounts are expected in a band of ``width`` minor units about each wanted
    one, other than the one that is meant: those within five percent, evenly.
    """
    in_order = np.sort(amounts)
    reach = np.maximum(np.abs(wanted) * constants.NEIGHBOURHOOD, constants.LEAST_REACH)
    near = np.searchsorted(in_order, wanted + reach, "right")
    near = near - np.searchsorted(in_order, wanted - reach, "left")
    found = np.maximum(near - 1, constants.LEAST_LINES) * np.minimum(width / (2 * reach), 1)
    return np.asarray(found)
