"""Sheets that are not workbooks: HTML tables, SYLK and the XML of Excel 2003 saved under the name
``.xls``, as web ERPs and banks do.

Every row knows the physical line it begins on; cells are text, so that codes keep their zeros and
the number style is decided like that of any other table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from xml.parsers import expat

from importers.tables import Row, xml_parser
from importers.unreadable import Unreadable

_SYLK_FIELD = re.compile(r";(?:([XY])([0-9]{1,7})|(K)((?:[^;]|;;)*))")


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
        fields = {
            a or c: (b or d).replace(";;", ";")
            for a, b, c, d in _SYLK_FIELD.findall(line[1:].rstrip("\r"))
        }
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


def spreadsheetml_rows(text: str) -> Iterator[Row]:
    """Rows of all sheets of an Excel 2003 XML, numbered by the line of their ``<Row>``. Raises
    Unreadable where the XML is broken or declares entities.
    """
    reader = _SpreadsheetML()
    parser = xml_parser()
    parser.StartElementHandler = lambda name, attributes: reader.start(
        name, attributes, parser.CurrentLineNumber
    )
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(
            re.sub(r"^\s*<\?xml[^>]*\?>", lambda found: "\n" * found[0].count("\n"), text), True
        )
    except expat.ExpatError as error:
        raise Unreadable(
            "damaged-xml", line=error.lineno, reason=expat.errors.messages[error.code]
        ) from None
    yield from reader.rows


class _SpreadsheetML:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._cells: dict[int, str] = {}
        self._column = self._line = 0
        self._data: list[str] | None = None
        self._is_date = False

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        match name.rpartition("}")[2]:
            case "Row":
                self._cells, self._column, self._line = {}, 0, line
            case "Cell":
                index = _attribute(attributes, "Index")
                self._column = int(index) if re.fullmatch("[0-9]{1,5}", index) else self._column + 1
            case "Data":
                self._data, self._is_date = [], _attribute(attributes, "Type") == "DateTime"

    def end(self, name: str) -> None:
        match name.rpartition("}")[2]:
            case "Data" if self._data is not None:
                text = "".join(self._data).strip()
                if 0 < self._column <= 10_000:
                    self._cells[self._column] = text.partition("T")[0] if self._is_date else text
                self._data = None
            case "Row":
                self.rows.append(Row(self._line, _dense(self._cells) if self._cells else ()))

    def text(self, text: str) -> None:
        if self._data is not None:
            self._data.append(text)


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.rpartition("}")[2] == name), "")


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
            self._span = min(int(span), 100) if re.fullmatch("[0-9]{1,4}", span) else 1
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
