"""Sheets that are not workbooks: HTML tables and SYLK saved under the name ``.xls``, as web ERPs and banks do.

Every row knows the physical line it begins on; cells are text, so that codes keep their zeros and the number style is
decided like that of any other table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from importers.tables import Row

_SYLK_FIELD = re.compile(r";(?:([XY])(\d+)|(K)((?:[^;]|;;)*))")


def html_rows(text: str) -> Iterator[Row]:
    """Rows of all tables of an HTML document, numbered by the line of their ``<tr>``."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    yield from parser.rows


def sylk_rows(text: str) -> Iterator[Row]:
    """Rows of a SYLK file, numbered by the line of their first cell."""
    cells: dict[int, str] = {}
    row_number = first_line = 0
    column = 1
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.startswith(("C;", "F;")):
            continue
        fields = {a or c: (b or d).replace(";;", ";") for a, b, c, d in _SYLK_FIELD.findall(line[1:].rstrip("\r"))}
        if "Y" in fields and int(fields["Y"]) != row_number:
            if cells:
                yield Row(first_line, _dense(cells))
            cells, row_number, first_line = {}, int(fields["Y"]), number
        if "X" in fields:
            column = int(fields["X"])
        if line.startswith("C;") and "K" in fields and 0 < column <= 10_000:
            cells[column] = fields["K"].strip('"')
    if cells:
        yield Row(first_line, _dense(cells))


def _dense(cells: dict[int, str]) -> tuple[str | None, ...]:
    return tuple(cells.get(place) for place in range(1, max(cells) + 1))


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[Row] = []
        self._cells: list[str] | None = None
        self._text: list[str] | None = None
        self._line = 0
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._end_row()
            self._cells, self._line = [], self.getpos()[0]
        elif tag in ("td", "th") and self._cells is not None:
            self._end_cell()
            self._text = []
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), 100) if span.isdigit() else 1
        elif tag == "br" and self._text is not None:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._text is not None and self._cells is not None:
            text = " ".join("".join(self._text).replace("\u00a0", " ").split())
            self._cells += [text, *[""] * (self._span - 1)]
        self._text = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells:
            self.rows.append(Row(self._line, tuple(cell or None for cell in self._cells)))
        self._cells = None
