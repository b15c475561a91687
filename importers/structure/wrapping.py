"""Texts that a report in fixed columns breaks onto a second line: they belong to the row above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importers.records import Line
from importers.structure.cells import CellKind, kind_of
from importers.structure.cuts import Cut


def wrapped_records(lines: Iterable[Line], cut: Cut) -> Iterator[tuple[list[Line], list[str]]]:
    """The rows of fixed columns with the lines each spans: a line that holds nothing but a text, in
    a column (not the first) in which the row above has one too, goes on with it.
    """
    waiting: tuple[list[Line], list[str]] | None = None
    for line in lines:
        cells = cut.cells(line.text)
        if waiting is not None and (place := _goes_on(cells, waiting[1])):
            waiting[0].append(line)
            waiting[1][place] = f"{waiting[1][place]} {cells[place]}"
            continue
        if waiting is not None:
            yield waiting
        waiting = [line], cells
    if waiting is not None:
        yield waiting


def _goes_on(cells: list[str], above: list[str]) -> int:
    """The column of the text that goes on; 0 where none does."""
    filled = [place for place, cell in enumerate(cells) if cell.strip()]
    if len(filled) != 1 or not filled[0] or filled[0] >= len(above):
        return 0
    place = filled[0]
    texts = kind_of(cells[place]) is CellKind.TEXT and kind_of(above[place]) is CellKind.TEXT
    is_row = sum(1 for cell in above if cell.strip()) >= 3
    return place if texts and is_row else 0
