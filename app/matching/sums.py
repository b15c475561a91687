"""Which of some amounts add up to another: all solutions up to a size, as far as they can be
counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

ENOUGH = 3
"""More solutions than this are not told apart."""


LARGEST_OF_FIVE = 18
"""Among more amounts than this five of them say nothing: too many sets of five give any sum."""


class Solutions(NamedTuple):
    """``sets`` are places in the pool, smallest first; ``more`` says that there are others."""

    sets: list[tuple[int, ...]]
    more: bool = False


def solve(pool: Sequence[int], target: int, size: int, tolerance: int = 0) -> Solutions:
    """Sets of two to ``size`` places of the pool whose amounts (all of one sign) add up to the
    target, meeting in the middle: O(n² + n³) for five. Equal amounts are one solution: which of
    them it is, nobody could say.
    """
    largest = sorted((abs(amount) for amount in pool), reverse=True)
    if sum(largest[:size]) < abs(target) - tolerance or sum(largest[-2:]) > abs(target) + tolerance:
        return Solutions([])
    if len(pool) > LARGEST_OF_FIVE:
        size = min(size, 4)
    found: list[tuple[int, ...]] = []
    seen: set[tuple[int, ...]] = set()
    pairs: dict[int, list[tuple[int, int]]] = {}
    for i, j in combinations(range(len(pool)), 2):
        pairs.setdefault(pool[i] + pool[j], []).append((i, j))

    def add(places: tuple[int, ...]) -> bool:
        """Keep a solution; True when there are enough."""
        amounts = tuple(sorted(pool[place] for place in places))
        if amounts not in seen:
            seen.add(amounts)
            found.append(places)
        return len(found) >= ENOUGH

    for wanted in range(target - tolerance, target + tolerance + 1):
        for places in _of_size(pool, pairs, wanted, size):
            if add(places):
                return Solutions(sorted(found, key=len), True)
    return Solutions(sorted(found, key=lambda places: (len(places), places)))


def _of_size(
    pool: Sequence[int], pairs: dict[int, list[tuple[int, int]]], target: int, size: int
) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [*pairs.get(target, ())]
    if size >= 3:
        for i, amount in enumerate(pool):
            found += _followed_by((i,), pairs.get(target - amount, ()))
    if size >= 4:
        for total, heads in pairs.items():
            for head in heads:
                found += _followed_by(head, pairs.get(target - total, ()))
    if size >= 5:
        for total, heads in pairs.items():
            for i, j in heads:
                for k in range(j + 1, len(pool)):
                    found += _followed_by((i, j, k), pairs.get(target - total - pool[k], ()))
    return found


def _followed_by(head: tuple[int, ...], tails: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The head with each tail that begins after it, so that no set is found twice."""
    return [(*head, *tail) for tail in tails if tail[0] > head[-1]]
