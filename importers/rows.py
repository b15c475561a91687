"""Rows of a table with the physical lines they stand on, whatever the container."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter

from importers.records import CONTINUED, Disposition, Line
from importers.source import OLD_SHEETS, SHEETS, Source
from importers.tables import Container, Row
from importers.unreadable import Unreadable


def physical_rows(source: Source) -> Iterator[tuple[Row, list[Line]]]:
    """Rows of a table with the journal's lines they stand on. Raises Unreadable after the last when
    it is cut.
    """
    if source.container in SHEETS:
        for row in source.rows():
            yield row, [row.line()]
        return
    if source.container is Container.DBF:
        for record in source.table.records():
            text = record.row.text or ("*" if record.deleted else "")
            line = Line(
                record.row.number, record.offset, record.length, text, suspect=True, keeps_text=True
            )
            yield record.row._replace(deleted=record.deleted), [line]
        return
    if source.container in OLD_SHEETS:
        yield from _rows_in_text(source)
        return
    ending = LastRow()
    for lines, cells in source.records():
        ending.saw(lines[-1], len(cells))
        yield Row._make((lines[0].number, tuple(cells), "", 0, False)), lines
    ending.refuse_cut()


class LastRow:
    """Watches for a file that ends inside its last row: one without end of line and with fewer
    columns than most.
    """

    def __init__(self) -> None:
        self._widths: Counter[int] = Counter()
        self._last: Line | None = None
        self._width = 0

    def saw(self, line: Line, width: int) -> None:
        """One row, in the order of the file."""
        self._widths[width] += 1
        self._last, self._width = line, width

    def saw_all(self, lines: Sequence[Line], rows: Sequence[Sequence[str]]) -> None:
        """Some rows at once, a line each; ``rows`` are the last of ``lines``."""
        self._widths.update(map(len, rows))
        self._last, self._width = lines[-1], len(rows[-1])

    def refuse_cut(self) -> None:
        """Raises Unreadable when the last row is cut; a note or a total below the table is not."""
        last, width = self._last, self._width
        if last is None or last.terminated or not last.text.strip():
            return
        self._widths[width] -= 1
        usual, count = max(self._widths.items(), key=itemgetter(1), default=(0, 0))
        begins_like_a_row = width > 1 or last.text.strip()[:1].isdigit()
        if (
            count
            and width < usual
            and begins_like_a_row
            and not re.match(r"\W*(sub|gran )?(total|suma)", last.text.lower())
        ):
            raise Unreadable("row-truncated", line=last.number, seen=width, expected=usual)


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
    """Rows of an HTML table or SYLK file with the physical lines from one row to the next. Where
    several rows share a physical line it goes with the last of them, so that it is journaled once.
    """
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
    """The line a row's disposition is written on; a scratch one for a row that shares its line with
    a later row.
    """
    return physical[0] if physical else row.line()
