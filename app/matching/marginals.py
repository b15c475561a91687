"""How likely each pair is, when a line belongs to one pair at most.

Pairs are the dimers and open lines the monomers of the monomer–dimer model: a set of pairs without
a line in common is as likely as the product of its activities (Heilmann, O. J. and Lieb, E. H.,
*Theory of monomer–dimer systems*, 1972). Its marginals are found by belief propagation, which is
exact where the pairs form a tree and converges always (Zdeborová, L. and Mézard, M., *The number of
matchings in random graphs*, 2006).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.columns import Lines

Scores = NDArray[np.float64]
_ROUNDS = 60
_SETTLED = 1e-3
_LEAST, _MOST = -30.0, 25.0


def marginals(
    a: Lines, b: Lines, log_activity: Scores, left: int, right: int, rounds: int = _ROUNDS
) -> Scores:
    """The probability of each pair (a, b); ``left`` and ``right`` are how many lines each side has.

    A line tells each of its pairs how free it is: ``x(a→b) = 1 / (1 + Σ Q(a,b') x(b'→a))`` over its
    other pairs. A pair's odds are ``Q(a,b) x(a→b) x(b→a)``.
    """
    if not len(a):
        return np.empty(0)
    activity = np.exp(np.clip(log_activity, _LEAST, _MOST))
    found = activity / (1 + activity)
    rivals = (np.bincount(a, minlength=left)[a] > 1) | (np.bincount(b, minlength=right)[b] > 1)
    contested = np.flatnonzero(rivals)
    _, ones = np.unique(a[contested], return_inverse=True)
    _, others = np.unique(b[contested], return_inverse=True)
    found[contested] = _propagated(ones, others, activity[contested], rounds)
    return np.asarray(found)


def _propagated(a: Lines, b: Lines, activity: Scores, rounds: int) -> Scores:
    free_left, free_right = np.ones(len(a)), np.ones(len(a))
    for _ in range(rounds if len(a) else 0):
        new_left = _freedom(a, activity * free_right)
        new_right = _freedom(b, activity * free_left)
        # Halved in logs: two equal lines against two would swing for long.
        new_left, new_right = np.sqrt(new_left * free_left), np.sqrt(new_right * free_right)
        moved = max(_change(new_left, free_left), _change(new_right, free_right))
        free_left, free_right = new_left, new_right
        if moved < _SETTLED:
            break
    odds = activity * free_left * free_right
    return np.asarray(odds / (1 + odds))


def _freedom(line: Lines, pull: Scores) -> Scores:
    total = np.bincount(line, weights=pull)
    return np.asarray(1 / (1 + np.maximum(total[line] - pull, 0)))


def _change(new: Scores, old: Scores) -> float:
    return float(max((new / old).max(), (old / new).max()) - 1)
