"""Who goes with whom where several could: the assignment that is best in all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.columns import Lines

Scores = NDArray[np.float64]
LARGEST = 40
"""Lines of a component beyond which the assignment is greedy."""
_NOTHING = -1e9


def assign(a: Lines, b: Lines, scores: Scores) -> NDArray[np.int64]:
    """Places of the pairs of the assignment with the highest sum, in each component of the graph;
    ties go to the lower lines. Components that are too large are assigned greedily, best pair
    first.
    """
    if not len(a):
        return np.empty(0, dtype=np.int64)
    component = _components(a, b)
    order = np.lexsort((b, a, component))
    bounds = np.flatnonzero(np.r_[True, np.diff(component[order]) != 0, True])
    sizes = np.diff(bounds)
    single = order[bounds[:-1][sizes == 1]]
    chosen = [single[scores[single] > _NOTHING]]
    for place in np.flatnonzero(sizes > 1):
        members = order[bounds[place] : bounds[place + 1]]
        chosen.append(_best(a[members], b[members], scores[members], members))
    return np.sort(np.concatenate(chosen))


def _best(a: Lines, b: Lines, scores: Scores, members: Lines) -> Lines:
    rows, row = np.unique(a, return_inverse=True)
    columns, column = np.unique(b, return_inverse=True)
    if len(rows) == 1 or len(columns) == 1 or max(len(rows), len(columns)) > LARGEST:
        return _greedy(row, column, scores, members)
    value = np.zeros((len(rows), len(columns)))
    where = np.full(value.shape, -1, dtype=np.int64)
    value[row, column] = scores - min(float(scores.min()), 0.0) + 1.0
    where[row, column] = members
    pairs = hungarian(-value)
    found = [int(where[i, j]) for i, j in pairs if where[i, j] >= 0]
    return np.array(found, dtype=np.int64)


def _greedy(row: Lines, column: Lines, scores: Scores, members: Lines) -> Lines:
    used_rows, used_columns, found = set(), set(), []
    for place in np.lexsort((column, row, -scores)).tolist():
        i, j = int(row[place]), int(column[place])
        if i not in used_rows and j not in used_columns:
            used_rows.add(i)
            used_columns.add(j)
            found.append(int(members[place]))
    return np.array(found, dtype=np.int64)


def hungarian(cost: Scores) -> list[tuple[int, int]]:
    """The assignment of least cost (Kuhn and Munkres by potentials, O(n²m)); every row or every
    column is assigned, whichever are fewer.
    """
    if cost.shape[0] > cost.shape[1]:
        return sorted((i, j) for j, i in hungarian(cost.T))
    rows, columns = cost.shape
    potential_row, potential_column = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.zeros(columns + 1, dtype=np.int64)
    for row in range(1, rows + 1):
        owner[0] = row
        column = 0
        least = np.full(columns + 1, np.inf)
        before = np.zeros(columns + 1, dtype=np.int64)
        used = np.zeros(columns + 1, dtype=np.bool_)
        while owner[column]:
            used[column] = True
            current = owner[column]
            reduced = cost[current - 1] - potential_row[current] - potential_column[1:]
            better = ~used[1:] & (reduced < least[1:])
            least[1:][better] = reduced[better]
            before[1:][better] = column
            free = np.where(used[1:], np.inf, least[1:])
            following = int(np.argmin(free)) + 1
            step = free[following - 1]
            potential_row[owner[used]] += step
            potential_column[used] -= step
            least[1:][~used[1:]] -= step
            column = following
        while column:
            owner[column] = owner[before[column]]
            column = int(before[column])
    return sorted(
        (int(owner[column]) - 1, column - 1) for column in range(1, columns + 1) if owner[column]
    )


def _components(a: Lines, b: Lines) -> Lines:
    """The component of each pair, by the least label spread along the pairs until nothing
    changes.
    """
    _, row = np.unique(a, return_inverse=True)
    _, column = np.unique(b, return_inverse=True)
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    label_row, label_column = np.arange(rows), np.full(columns, rows, dtype=np.int64)
    while True:
        np.minimum.at(label_column, column, label_row[row])
        spread = label_row.copy()
        np.minimum.at(spread, row, label_column[column])
        spread = spread[spread]
        if np.array_equal(spread, label_row):
            return label_row[row]
        label_row = spread
