"""Rows of a table with the physical lines they stand on, whatever the container."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from importers.records import CONTINUED, Disposition, Line
from importers.source import OLD_SHEETS, SHEETS, Source
from importers.tables import Container, Row
from importers.unreadable import Unreadable


def physical_rows(source: Source) -> Iterator[tuple[Row, list[Line]]]:
    """Rows of a table with the journal's lines they stand on. Raises Unreadable after the last when it is cut."""
    if source.container in SHEETS:
        for row in source.rows():
            yield row, [row.line()]
        return
    if source.container is Container.DBF:
        for record in source.table.records():
            text = record.row.text or ("*" if record.deleted else "")
            line = Line(record.row.number, record.offset, record.length, text, suspect=True, keeps_text=True)
            yield record.row._replace(deleted=record.deleted), [line]
        return
    if source.container in OLD_SHEETS:
        yield from _rows_in_text(source)
        return
    last: Line | None = None
    width, full = 0, 0
    for lines, cells in source.records():
        last = lines[-1]
        width, full = (max(width, len(cells)), full) if last.terminated else (width, len(cells))
        yield Row._make((lines[0].number, tuple(cells), "", 0, False)), lines
    if last is not None and not last.terminated and last.text.strip() and full < width:
        raise Unreadable("truncated", line=last.number, seen=full, expected=width)


def spread(line: Line, physical: Sequence[Line]) -> Iterator[Line]:
    """The physical lines of a record, all with the disposition of its first."""
    if len(physical) == 1:
        yield physical[0]
        return
    for part in physical:
        continued = part is not line and line.disposition is not Disposition.HEADING
        part.disposition, part.rule = line.disposition, CONTINUED if continued else line.rule
        yield part


def _rows_in_text(source: Source) -> Iterator[tuple[Row, list[Line]]]:
    """Rows of an HTML table or SYLK file with the physical lines from one row to the next. Where several rows share
    a physical line it goes with the last of them, so that it is journaled once."""
    rows: dict[int, list[Row]] = {}
    for row in source.rows():
        rows.setdefault(row.number, []).append(row)
    waiting: list[Line] = []
    current: list[Row] = []
    for part in source.lines():
        if part.number in rows and waiting:
            yield from _on_one_line(current, waiting)
            waiting = []
        current = rows.get(part.number, current if waiting else [])
        waiting.append(part)
    if waiting:
        yield from _on_one_line(current, waiting)


def _on_one_line(rows: Sequence[Row], lines: list[Line]) -> Iterator[tuple[Row, list[Line]]]:
    for row in rows[:-1]:
        yield row, []
    yield (rows[-1] if rows else Row(lines[0].number, ())), lines


def line_of(row: Row, physical: Sequence[Line]) -> Line:
    """The line a row's disposition is written on; a scratch one for a row that shares its line with a later row."""
    return physical[0] if physical else row.line()
