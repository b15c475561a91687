"""The matched and the proposed pairs of a reconciliation as CSV."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from app.matching import Group, MatchState
from app.matching.reasons import reason
from app.reconciling.runs import Reconciliation
from app.sheets import write_csv

_HEADING = ("left_row", "right_row", "group", "rule", "confidence", "reason")


def write_links(path: Path, result: Reconciliation) -> None:
    """links.csv: a row a pair of lines of matched groups, with 1-based data rows of both sides."""
    rows: list[tuple[object, ...]] = []
    number = 0
    for group in result.matching.groups:
        if group.state is MatchState.MATCHED and group.left and group.right:
            number += 1
            rows += _pairs(result, group, number)
    write_csv(path, [_HEADING, *rows], mark=False)


def write_suggestions(path: Path, result: Reconciliation) -> None:
    """suggestions.csv: the same for what is proposed, and ``rank``: 1 is proposed first,
    alternatives follow.
    """
    rows: list[tuple[object, ...]] = []
    proposed = [group for group in result.matching.groups if group.state is not MatchState.MATCHED]
    ranks: dict[int, int] = {}
    number = 0
    for rank_of, groups in ((1, proposed), (2, result.matching.alternatives)):
        for group in groups:
            if not group.left or not group.right:
                continue
            number += 1
            first = group.left[0]
            ranks[first] = max(ranks.get(first, 0) + 1, rank_of)
            rows += [(*row, ranks[first]) for row in _pairs(result, group, number)]
    write_csv(path, [(*_HEADING, "rank"), *rows], mark=False)


def _pairs(result: Reconciliation, group: Group, number: int) -> list[tuple[object, ...]]:
    why = reason(group, result.left, result.right)
    return [
        (
            result.left.row[a],
            result.right.row[b],
            number,
            group.rule.value,
            f"{group.confidence:.4f}",
            why,
        )
        for a, b in product(group.left, group.right)
    ]
