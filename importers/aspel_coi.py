"""Aspel COI: vouchers in a workbook without headings.

Source: programs that write and read such workbooks (no document of Aspel's was found). A voucher
begins with its type (``Dr``, ``Ig``, ``Eg`` or two letters of one's own), number, concept and day;
each line below has account, department, concept, exchange rate, charge, credit, cost centre and
project; ``FIN_PARTIDAS`` ends it. ``INICIO_CFDI`` … ``FIN_CFDI`` name fiscal documents, of a line
or of the voucher. Month and year are those of the period open in COI, so a person says them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from importers.findings import Finding
from importers.identity import normalise_tax_id
from importers.ledger.dates import Period, period_of_month, period_of_name
from importers.records import Disposition, Line, Record, Voucher, VoucherLine
from importers.rows import line_of, physical_rows, spread
from importers.source import Source
from importers.tables import Cell, Row, cell_text
from importers.unreadable import Unreadable
from importers.values import NumberStyle, code_text, number_style, parse_date, to_cents

Item = Line | Finding | Record

_ZERO = Decimal("0.00")
_ACCOUNT, _DEPARTMENT, _TEXT, _RATE, _DEBIT, _CREDIT, _COST_CENTRE = range(1, 8)
_RFC_COLUMNS, _UUID_COLUMN = (5, 6), 8
_END, _BLOCKS = "FIN_PARTIDAS", {"INICIO_CFDI": "FIN_CFDI", "INICIO_INFOPAGO": "FIN_INFOPAGO"}


def read(source: Source) -> Iterator[Item]:
    """Lines, findings and vouchers in file order. Raises Unreadable where days stand alone and
    nobody said of which month.
    """
    sample = list(source.rows())
    amounts = (_cell(row, place) for row in sample for place in (_DEBIT, _CREDIT))
    machine = _Machine(number_style(amounts), _period(source))
    for row, physical in physical_rows(source):
        line = line_of(row, physical)
        yield from machine.row(row, line)
        yield from spread(line, physical)
    yield from machine.close()


def _period(source: Source) -> Period | None:
    """The month a person named, or a name of the sheet or the file."""
    if source.options.period:
        return period_of_month(source.options.period)
    names = [*source.sheets, source.name]
    return next((found for name in names if (found := period_of_name(name))), None)


@dataclass
class _Open:
    """The voucher under way; ``day`` is None where its heading could not be read."""

    line: int
    last_line: int
    day: date | None
    kind: str
    number: str
    text: str
    lines: list[VoucherLine] = field(default_factory=list)
    uuids: list[str] = field(default_factory=list)
    tax_ids: list[tuple[int, str]] = field(default_factory=list)
    broken_line: int = 0


class _Machine:
    def __init__(self, style: NumberStyle, period: Period | None) -> None:
        self._style, self._period = style, period
        self._open: _Open | None = None
        self._until = ""
        """What ends the block under way; empty outside of one."""

    def row(self, row: Row, line: Line) -> Iterator[Item]:
        """What one row is; a block's rows belong to the voucher above them."""
        first, second, third = (_text(row, place) for place in range(3))
        begins = bool(re.fullmatch(r"[^\W\d_]\w", first)) and bool(second or _text(row, 3))
        if self._until and (begins or second == _END):
            self._until = ""
        if row.is_blank:
            line.disposition, line.rule = Disposition.HEADING, "blank"
        elif self._until:
            self._inside(row, line, third)
        elif third in _BLOCKS and self._open is not None:
            self._until = _BLOCKS[third]
            self._taken(line, third)
        elif second == _END and self._open is not None:
            self._taken(line, _END)
            yield from self.close()
        elif begins:
            yield from self.close()
            yield from self._begin(row, line)
        elif not first and second and self._open is not None:
            yield from self._line(row, line)
        elif self._open is None and not _is_of_voucher(row):
            line.disposition, line.rule = Disposition.HEADING, "title"
        else:
            if self._open is not None:
                self._open.broken_line = self._open.broken_line or row.number
            yield Finding(
                "unknown-record", row.number, 1, {"seen": (first or second or third)[:20]}
            )

    def close(self) -> Iterator[Item]:
        """The voucher under way, also where its last row is missing."""
        found, self._open, self._until = self._open, None, ""
        if found is None or found.day is None:
            return
        yield Voucher(
            line=found.line,
            last_line=found.last_line,
            date=found.day,
            kind=found.kind,
            number=found.number,
            description=found.text,
            lines=tuple(found.lines),
            uuids=tuple(dict.fromkeys(found.uuids)),
            tax_ids=tuple(found.tax_ids),
            broken_line=found.broken_line,
        )

    def _begin(self, row: Row, line: Line) -> Iterator[Finding]:
        kind, number, text = (_text(row, place) for place in range(3))
        self._open = _Open(row.number, row.number, None, kind, number, text)
        cell = _cell(row, 3)
        try:
            self._open.day = self._day(cell)
        except ValueError:
            seen = {"field": "D", "seen": cell_text(cell)[:20] or "-", "expected": "1–31"}
            yield Finding("not-a-date", row.number, 4, seen)
            return
        self._taken(line, "voucher")

    def _day(self, cell: Cell) -> date:
        """The day of the period, or a whole date. Raises ValueError, and Unreadable where there is
        no period.
        """
        said = code_text(cell)
        if not re.fullmatch(r"\d{1,2}", said):
            return parse_date(cell)
        if self._period is None:
            raise Unreadable("date-without-year", seen=said)
        return self._period[0].replace(day=int(said))

    def _line(self, row: Row, line: Line) -> Iterator[Finding]:
        voucher = self._open
        assert voucher is not None
        try:
            debit, credit = (
                to_cents(self._style.parse(_cell(row, place))) for place in (_DEBIT, _CREDIT)
            )
        except ValueError as error:
            voucher.broken_line = voucher.broken_line or row.number
            seen = {"field": "F, G", "seen": str(error)[:40]}
            yield Finding("not-an-amount", row.number, _DEBIT + 1, seen)
            return
        if not debit and not credit:
            voucher.broken_line = voucher.broken_line or row.number
            yield Finding("not-an-amount", row.number, _DEBIT + 1, {"field": "F, G", "seen": "-"})
            return
        if voucher.day is None:
            yield Finding("orphan-line", row.number, 0, {"record": _text(row, _ACCOUNT)[:20]})
            return
        rate = _text(row, _RATE)
        if rate.strip("0.,") not in ("", "1"):
            amount = debit or credit
            values = {"seen": amount, "rate": rate, "amount": amount}
            yield Finding("foreign-amount", row.number, _RATE + 1, values)
        self._taken(line, "line")
        voucher.lines.append(
            VoucherLine(
                line=row.number,
                account=_text(row, _ACCOUNT),
                debit=debit,
                credit=credit,
                description=_text(row, _TEXT),
                segment=_said(row, _COST_CENTRE) or _said(row, _DEPARTMENT),
            )
        )

    def _inside(self, row: Row, line: Line, third: str) -> None:
        """A row of a block: the fiscal document it names belongs to the voucher, and to the line
        above it.
        """
        voucher = self._open
        assert voucher is not None
        self._taken(line, "block")
        if third == self._until:
            self._until = ""
        elif self._until == _BLOCKS["INICIO_CFDI"] and (uuid := _text(row, _UUID_COLUMN)):
            voucher.uuids.append(uuid)
            if voucher.lines and uuid not in voucher.lines[-1].uuids:
                last = voucher.lines[-1]
                voucher.lines[-1] = last._replace(uuids=(*last.uuids, uuid))
            tax_ids = (normalise_tax_id(_text(row, place)) for place in _RFC_COLUMNS)
            voucher.tax_ids += [(row.number, tax_id) for tax_id in tax_ids if tax_id]

    def _taken(self, line: Line, rule: str) -> None:
        assert self._open is not None
        line.disposition, line.rule = Disposition.RECORD, rule
        self._open.last_line = line.number


def _is_of_voucher(row: Row) -> bool:
    """Whether a row outside of any voucher says what only one within says."""
    amounts = (_text(row, _DEBIT), _text(row, _CREDIT))
    return _text(row, _ACCOUNT) == _END or any(text.strip("0.,- ") for text in amounts)


def _cell(row: Row, place: int) -> Cell:
    return row.cells[place] if place < len(row.cells) else None


def _text(row: Row, place: int) -> str:
    return code_text(_cell(row, place))


def _said(row: Row, place: int) -> str:
    """A department or cost centre; 0 is none."""
    text = _text(row, place)
    return "" if text.strip("0") == "" else text
