"""CONTPAQi Contabilidad master data: the chart of accounts (Excel and text) and the padrón de
proveedores.

Of the text chart only the widths of code (30), name (50) and the type (1) are known; a line that
does not fit them is read by its runs of blanks, and one that fits neither is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from importers.findings import Finding
from importers.records import Balance, Disposition, Line, Party, Record, TitleBlock
from importers.rows import line_of, physical_rows, spread
from importers.source import Source
from importers.tables import Row, cell_text
from importers.validation import rfc_findings
from importers.values import code_text

Item = Line | Finding | Record | TitleBlock

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,29}")
_MARKERS = ("F", "RF", "E")


def read_catalogo(source: Source) -> Iterator[Item]:
    """The chart of accounts in Excel; each ``C`` row becomes a Balance without amounts (code and
    name).
    """
    for row, physical in physical_rows(source):
        line, marker = line_of(row, physical), _text(row, 0)
        if not row.text.strip():
            line.disposition, line.rule = Disposition.HEADING, "blank"
        elif re.search(r"\((C|F|RF|E)\)$", marker):
            line.disposition, line.rule = Disposition.HEADING, "legend"
        elif marker == "C":
            line.disposition, line.rule = Disposition.RECORD, "C"
            yield Balance(row.number, code_text(row.cells[1]), _text(row, 2), None, None)
        elif marker in _MARKERS:
            line.disposition, line.rule = Disposition.RECORD, marker
        else:
            yield Finding("unknown-record", row.number, 1, {"seen": marker[:20]})
        yield from spread(line, physical)


def read_catalogo_text(source: Source) -> Iterator[Item]:
    """The chart of accounts as text (``CT_EST_Cuenta_NG``)."""
    for line in source.lines():
        text = line.text
        marker = text[:3].strip()
        if not text.strip():
            line.disposition, line.rule = Disposition.HEADING, "blank"
        elif marker == "C":
            account = _account(text)
            if account:
                line.disposition, line.rule = Disposition.RECORD, "C"
                yield Balance(line.number, *account, None, None)
            else:
                yield Finding("unknown-record", line.number, 4, {"seen": text[3:33].strip()})
        elif marker in _MARKERS:
            line.disposition, line.rule = Disposition.RECORD, marker
        else:
            yield Finding("unknown-record", line.number, 1, {"seen": text[:10].rstrip()})
        yield line


def read_padron(source: Source) -> Iterator[Item]:
    """The padrón de proveedores in Excel: each ``P1`` row a record, its RFC checked."""
    for row, physical in physical_rows(source):
        line, marker = line_of(row, physical), _text(row, 0)
        if not row.text.strip():
            line.disposition, line.rule = Disposition.HEADING, "blank"
        elif marker == "P1":
            line.disposition, line.rule = Disposition.RECORD, "P1"
            tax_id = _text(row, 3)
            if tax_id:
                yield from rfc_findings(row.number, tax_id)
            if name := _text(row, 2):
                yield Party(row.number, _text(row, 1) or tax_id, name, tax_id, supplier=True)
        elif re.search(r"\([A-Z]{1,2}\d?\)$", marker) or "(P1)" in row.text:
            line.disposition, line.rule = Disposition.HEADING, "legend"
        else:
            yield Finding("unknown-record", row.number, 1, {"seen": marker[:20] or "-"})
        yield from spread(line, physical)


def _account(text: str) -> tuple[str, str] | None:
    """Code and name of a ``C`` line of text; None when neither widths nor blanks show them."""
    by_width = text[3:33].strip(), text[34:84].strip()
    by_blanks = tuple(re.split(r"\s{2,}", text[1:].strip())[:2])
    for code, *name in (by_width, by_blanks):
        if name and name[0] and _CODE.fullmatch(code):
            return code, name[0]
    return None


def _text(row: Row, place: int) -> str:
    return cell_text(row.cells[place]).strip() if place < len(row.cells) else ""
