"""How likely each pair is, against every set of pairs written out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching.marginals import marginals


def exact(pairs: list[tuple[int, int]], activity: list[float]) -> list[float]:
    """The marginals by adding up every set of pairs without a line in common."""
    total, within = 0.0, [0.0] * len(pairs)
    for size in range(len(pairs) + 1):
        for chosen in combinations(range(len(pairs)), size):
            left = {pairs[at][0] for at in chosen}
            right = {pairs[at][1] for at in chosen}
            if len(left) == len(right) == size:
                weight = float(np.prod([activity[at] for at in chosen]))
                total += weight
                for at in chosen:
                    within[at] += weight
    return [weight / total for weight in within]


def found(pairs: list[tuple[int, int]], activity: list[float]) -> list[float]:
    a, b = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    return list(marginals(a, b, np.log(activity), int(a.max()) + 1, int(b.max()) + 1))


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=7))
def test_a_chain_of_rivals_is_exact(activity: list[float]) -> None:
    pairs = [((at + 1) // 2, at // 2) for at in range(len(activity))]
    assert found(pairs, activity) == pytest.approx(exact(pairs, activity), abs=0.005)


@given(
    st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=9),
    st.lists(st.floats(0.01, 100), min_size=9, max_size=9),
)
@settings(max_examples=150)
def test_rivals_in_a_ring_are_not_far_off(
    chosen: set[tuple[int, int]], activity: list[float]
) -> None:
    pairs, activity = sorted(chosen), activity[: len(chosen)]
    assert found(pairs, activity) == pytest.approx(exact(pairs, activity), abs=0.25)


def test_two_equal_lines_against_two_are_even() -> None:
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert found(pairs, [1000.0] * 4) == pytest.approx([0.5] * 4, abs=0.02)


def test_no_pairs_are_no_error() -> None:
    empty = np.empty(0, dtype=np.int64)
    assert not len(marginals(empty, empty, np.empty(0), 0, 0))
