"""CONTPAQi Contabilidad reports saved as Excel: Auxiliares, Impreso de pólizas, Balanza.

Nothing is found by a fixed cell: headings are located by their words (``C u e n t a`` included),
title blocks by their text, and several exports pasted under one another read as one. Each report's
own totals and printed counts are checked against what was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from importers.findings import Finding
from importers.records import (
    Balance,
    Disposition,
    LedgerLine,
    Line,
    Record,
    TitleBlock,
    Voucher,
    VoucherLine,
)
from importers.rows import line_of, physical_rows, spread
from importers.source import Source
from importers.tables import Cell, Row, cell_text
from importers.titles import title_block
from importers.values import NumberStyle, code_text, compact, parse_date, plain, to_cents

Item = Line | Finding | Record | TitleBlock

ZERO = Decimal("0.00")
_DOT = NumberStyle(".", certain=True)
_TYPE_CODES = {"ingresos": "1", "egresos": "2", "diario": "3", "orden": "4", "estadistica": "5"}
"""Type codes of the text layout, so that one voucher has one name whichever file it came from."""
_ACCOUNT = re.compile(r"\d[\d\-.]*\d|\d")


def read_auxiliares(source: Source) -> Iterator[Item]:
    """Movements by account (with or without business segments) as ledger lines, balances as
    Balance.
    """
    machine = _Auxiliares()
    yield from _run(source, machine.row)
    yield from machine.finish()


def read_impreso(source: Source) -> Iterator[Item]:
    """The printed pólizas as vouchers; CFDI rows, which look like headers, are told apart by their
    block.
    """
    machine = _Impreso()
    yield from _run(source, machine.row)
    yield from machine.finish()


def read_balanza(source: Source) -> Iterator[Item]:
    """The trial balance as one Balance an account (debit positive)."""
    machine = _Balanza()
    yield from _run(source, machine.row)


def _run(source: Source, step: object) -> Iterator[Item]:
    assert callable(step)
    yield title_block([row for row in source.rows() if row.number <= 10])
    for row, physical in physical_rows(source):
        line = line_of(row, physical)
        if not row.text.strip():
            line.disposition, line.rule = Disposition.HEADING, "blank"
        else:
            yield from step(row, line)
        yield from spread(line, physical)


def _heading(line: Line, rule: str) -> None:
    line.disposition, line.rule = Disposition.HEADING, rule


def _record(line: Line, rule: str) -> None:
    line.disposition, line.rule = Disposition.RECORD, rule


def _text(row: Row, place: int) -> str:
    return cell_text(row.cells[place]).strip() if 0 <= place < len(row.cells) else ""


def _amount(row: Row, place: int) -> Decimal | None:
    """The amount in a cell, None for blank or a single space. Raises ValueError for other text."""
    cell: Cell = row.cells[place] if 0 <= place < len(row.cells) else None
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, Decimal):
        return to_cents(cell)
    if isinstance(cell, date):
        raise ValueError(cell.isoformat())
    return to_cents(_DOT.parse(cell.strip()))


def _day(row: Row, place: int) -> date | None:
    cell = row.cells[place] if place < len(row.cells) else None
    if isinstance(cell, Decimal) or not cell:
        return None
    try:
        return parse_date(cell)
    except ValueError:
        return None


@dataclass
class _Sum:
    debit: Decimal = ZERO
    credit: Decimal = ZERO

    def add(self, debit: Decimal, credit: Decimal) -> None:
        self.debit += debit
        self.credit += credit


@dataclass
class _Auxiliares:
    account: str = ""
    account_name: str = ""
    account_line: int = 0
    opening: Decimal | None = None
    closing: Decimal | None = None
    moved: bool = False
    started: bool = False
    period: tuple[date | None, date | None] = (None, None)
    of_account: _Sum = field(default_factory=_Sum)
    of_segment: _Sum = field(default_factory=_Sum)
    of_export: _Sum = field(default_factory=_Sum)

    def row(self, row: Row, line: Line) -> Iterator[Item]:
        words = [compact(cell_text(cell)) for cell in row.cells]
        if "fecha" in words and "cargos" in words:
            self.started = True
            _heading(line, "header")
        elif "saldoinicial" in words and words[0] == "cuenta":
            _heading(line, "account-header")
        elif _is_title(words) and self.started:
            yield from self._section(row, line)
        elif self._is_opening(row, words):
            yield from self._opening(row, line, words[0])
        elif _day(row, 0) is not None and self.started:
            yield from self._movement(row, line)
        elif any(word.startswith("total") for word in words[:6]):
            yield from self._total(row, line, words)
        else:
            self._words(row, line, words)

    def _words(self, row: Row, line: Line, words: Sequence[str]) -> None:
        """A row that is no figure of the report: its title, or a note."""
        if _is_title(words):
            title = title_block([row])
            self.period = (title.start, title.end) if title.end else self.period
            _heading(line, "title")
        else:
            _heading(line, "note" if self.account else "title")

    def _is_opening(self, row: Row, words: Sequence[str]) -> bool:
        """Whether a row opens an account or a segment; where nothing moved before, its words
        «Saldo inicial» may be missing.
        """
        if len(words) > 6 and words[6].startswith("saldoinicial"):
            return True
        rest = any(words[place] for place in range(2, len(words)))
        named = _ACCOUNT.fullmatch(_text(row, 0)) is not None and bool(_text(row, 1))
        return self.started and not rest and (named or words[0].startswith("segmento:"))

    def _section(self, row: Row, line: Line) -> Iterator[Item]:
        """The title of another export pasted below: its period and its sums are its own."""
        _heading(line, "title")
        title = title_block([row])
        period = title.start, title.end
        if title.end is not None and period != self.period:
            self.period, self.of_export = period, _Sum()
            yield title

    def finish(self) -> Iterator[Item]:
        if self.moved and self.account:
            yield Balance(
                self.account_line, self.account, self.account_name, self.opening, self.closing
            )
        self.moved = False

    def _opening(self, row: Row, line: Line, first_word: str) -> Iterator[Item]:
        if first_word.startswith("segmento:"):
            _heading(line, "segment")
            self.of_segment = _Sum()
            return
        yield from self.finish()
        _heading(line, "account")
        self.account, self.account_name, self.account_line = (
            _text(row, 0),
            _text(row, 1),
            row.number,
        )
        self.of_account, self.of_segment, self.closing = _Sum(), _Sum(), None
        try:
            self.opening = _amount(row, 7)
        except (ValueError, ArithmeticError):
            yield Finding(
                "not-an-amount", row.number, 8, {"field": "Saldo inicial", "seen": _text(row, 7)}
            )

    def _movement(self, row: Row, line: Line) -> Iterator[Item]:
        try:
            debit, credit = _amount(row, 5) or ZERO, _amount(row, 6) or ZERO
            balance = _amount(row, 7)
        except (ValueError, ArithmeticError):
            yield Finding(
                "not-an-amount", row.number, 6, {"field": "Cargos / Abonos", "seen": _text(row, 5)}
            )
            return
        if debit and credit:
            yield Finding("amount-both-sides", row.number, 6, {"debit": debit, "credit": credit})
        day = _day(row, 0)
        assert day is not None
        self.moved = True
        self.closing = balance if balance is not None else self.closing
        for total in (self.of_account, self.of_segment, self.of_export):
            total.add(debit, credit)
        _record(line, "movement")
        yield LedgerLine(
            line=row.number,
            date=day,
            debit=debit,
            credit=credit,
            account=self.account,
            account_name=self.account_name,
            kind=_text(row, 1),
            number=code_text(row.cells[2]),
            description=_text(row, 3),
            reference=_text(row, 4),
        )

    def _total(self, row: Row, line: Line, words: Sequence[str]) -> Iterator[Item]:
        _heading(line, "total")
        label = next(word for word in words if word.startswith("total"))
        if label == "total:" and re.search(r"t\s+o\s+t", row.text, re.IGNORECASE):
            yield from self._check(row, self.of_export, row.text.split(":")[0].strip())
            self.of_export = _Sum()
        elif label == "total:":
            yield from self._check(row, self.of_account, self.account)
        elif label.startswith("totalseg."):
            yield from self._check(row, self.of_segment, _text(row, 4).rstrip(": "))
        elif compact(self.account_name) and label == f"total{compact(self.account_name)}:":
            yield from self._check(row, self.of_account, self.account)

    def _check(self, row: Row, read: _Sum, what: str) -> Iterator[Finding]:
        try:
            printed = (_amount(row, 5), _amount(row, 6))
        except (ValueError, ArithmeticError):
            return
        for seen, expected in zip(printed, (read.debit, read.credit), strict=True):
            if seen is not None and seen != expected:
                yield Finding(
                    "total-mismatch",
                    row.number,
                    6,
                    {"what": what, "seen": seen, "expected": expected},
                )


@dataclass
class _Impreso:
    header: dict[str, object] = field(default_factory=dict)
    lines: list[VoucherLine] = field(default_factory=list)
    uuids: list[str] = field(default_factory=list)
    header_line: int = 0
    in_cfdi: bool = False
    broken: int = 0
    pending: Voucher | None = None
    vouchers: int = 0
    movements: int = 0
    of_day: _Sum = field(default_factory=_Sum)
    of_report: _Sum = field(default_factory=_Sum)

    def row(self, row: Row, line: Line) -> Iterator[Item]:
        words = [compact(cell_text(cell)) for cell in row.cells]
        if ("cuenta" in words and "cargos" in words) or ("fecha" in words and "clase" in words):
            _heading(line, "header")
        elif self._is_of_cfdi(row, line, words):
            return
        elif any(word.startswith("total") for word in words) or "cifradecontrol" in "".join(words):
            yield from self._sum(row, line, words)
        else:
            yield from self._body(row, line, words)

    def _is_of_cfdi(self, row: Row, line: Line, words: Sequence[str]) -> bool:
        """Whether a row belongs to the block of CFDI below a voucher; it is then done with."""
        joined = "".join(words)
        if "cfd/cfdiasociados" in joined:
            self.in_cfdi = True
            _heading(line, "cfdi-heading")
        elif self.in_cfdi and words[0] == "emision":
            _heading(line, "cfdi-heading")
        elif "totalcfd/cfdi" in joined:
            self.in_cfdi = False
            _heading(line, "total")
        elif self.in_cfdi and _day(row, 0) is not None and _text(row, 4):
            self.uuids.append(_text(row, 4))
            _record(line, "cfdi")
        else:
            return False
        return True

    def _sum(self, row: Row, line: Line, words: Sequence[str]) -> Iterator[Item]:
        """A printed sum or count: of a voucher, a day, or the report."""
        joined = "".join(words)
        if "cifradecontrol" in joined:
            yield from self._close(row, line)
        elif words[0].startswith("totalde") and "impres" in words[0]:
            _heading(line, "count")
            yield from self._count(row, words[0])
        else:
            yield from self._total(row, line, joined)

    def _body(self, row: Row, line: Line, words: Sequence[str]) -> Iterator[Item]:
        """A voucher's first row, one of its movements, or words."""
        if _day(row, 0) is not None and _text(row, 1):
            yield from self._flush()
            yield from self._unclosed(row.number - 1)
            self._start(row, line)
        elif isinstance(row.cells[0], Decimal) and _ACCOUNT.fullmatch(_text(row, 2)):
            yield from self._movement(row, line)
        elif self.lines and not any(words[:3]) and len(words) > 3 and words[3]:
            _record(line, "description")
        else:
            _heading(line, "title" if not self.vouchers else "note")

    def finish(self) -> Iterator[Item]:
        yield from self._flush()
        yield from self._unclosed(self.lines[-1].line if self.lines else self.header_line)

    def _unclosed(self, last_line: int) -> Iterator[Item]:
        """A voucher whose closing row never came is given as broken, and said."""
        if self.header:
            voucher = self._voucher(last_line, self.broken or last_line)
            yield voucher
            yield Finding("voucher-not-closed", self.header_line, 0, {"voucher": voucher.title})
        self.header, self.lines = {}, []

    def _voucher(self, last_line: int, broken_line: int) -> Voucher:
        day = self.header["date"]
        assert isinstance(day, date)
        return Voucher(
            self.header_line,
            last_line,
            day,
            str(self.header["kind"]),
            str(self.header["number"]),
            str(self.header["description"]),
            tuple(self.lines),
            broken_line=broken_line,
        )

    def _flush(self) -> Iterator[Item]:
        """The last voucher, held back because its CFDI block follows its closing row."""
        if self.pending is not None:
            held = self.pending
            yield Voucher(
                held.line,
                held.last_line,
                held.date,
                held.kind,
                held.number,
                held.description,
                held.lines,
                uuids=tuple(self.uuids),
                broken_line=held.broken_line,
            )
        self.pending, self.uuids, self.in_cfdi = None, [], False

    def _start(self, row: Row, line: Line) -> None:
        _record(line, "voucher")
        self.header_line, self.broken = row.number, 0
        kind = _text(row, 1)
        self.header = {
            "date": _day(row, 0),
            "kind": _TYPE_CODES.get(plain(kind), kind),
            "number": code_text(row.cells[2]),
            "description": _text(row, 3),
        }

    def _movement(self, row: Row, line: Line) -> Iterator[Item]:
        try:
            debit, credit = _amount(row, 6) or ZERO, _amount(row, 7) or ZERO
        except (ValueError, ArithmeticError):
            self.broken = self.broken or row.number
            yield Finding(
                "not-an-amount", row.number, 7, {"field": "Cargos / Abonos", "seen": _text(row, 6)}
            )
            return
        _record(line, "movement")
        self.lines.append(
            VoucherLine(
                row.number,
                _text(row, 2),
                debit,
                credit,
                _text(row, 1),
                segment=_text(row, 5),
                account_name=_text(row, 3),
            )
        )

    def _close(self, row: Row, line: Line) -> Iterator[Item]:
        _heading(line, "total")
        if not self.header:
            yield Finding("orphan-line", row.number, 2, {"record": "Cifra de Control"})
            return
        self.pending = self._voucher(row.number, self.broken)
        self.vouchers += 1
        self.movements += len(self.lines)
        sums = _Sum(self.pending.debit, self.pending.credit)
        yield from self._compare(row, sums, self.pending.title)
        self.of_day.add(sums.debit, sums.credit)
        self.of_report.add(sums.debit, sums.credit)
        self.header, self.lines = {}, []

    def _total(self, row: Row, line: Line, joined: str) -> Iterator[Item]:
        _heading(line, "total")
        if "totalgeneral" in joined:
            yield from self._compare(row, self.of_report, "Total General")
        elif "totalal" in joined:
            yield from self._compare(row, self.of_day, _text(row, 5).rstrip(": "))
            self.of_day = _Sum()

    def _count(self, row: Row, word: str) -> Iterator[Finding]:
        digits = re.sub(r"\D", "", word.partition(":")[2])
        read = self.vouchers if "poliza" in word else self.movements
        if digits and int(digits) != read:
            what = "pólizas" if "poliza" in word else "movimientos"
            yield Finding(
                "count-mismatch", row.number, 1, {"what": what, "seen": digits, "expected": read}
            )

    def _compare(self, row: Row, read: _Sum, what: str) -> Iterator[Finding]:
        try:
            printed = (_amount(row, 6), _amount(row, 7))
        except (ValueError, ArithmeticError):
            return
        for seen, expected in zip(printed, (read.debit, read.credit), strict=True):
            if seen is not None and seen != expected:
                yield Finding(
                    "total-mismatch",
                    row.number,
                    7,
                    {"what": what, "seen": seen, "expected": expected},
                )


@dataclass
class _Balanza:
    started: bool = False

    def row(self, row: Row, line: Line) -> Iterator[Item]:
        words = [compact(cell_text(cell)) for cell in row.cells]
        if "deudor" in words or words[0] == "cuenta":
            self.started = "deudor" in words or self.started
            _heading(line, "header")
        elif self.started and _ACCOUNT.fullmatch(_text(row, 0)):
            try:
                amounts = [_amount(row, place) or ZERO for place in range(2, 8)]
            except (ValueError, ArithmeticError):
                yield Finding(
                    "not-an-amount", row.number, 3, {"field": "Saldos", "seen": row.text[:40]}
                )
                return
            opening, closing = amounts[0] - amounts[1], amounts[4] - amounts[5]
            _record(line, "balance")
            if opening + amounts[2] - amounts[3] != closing:
                values = {
                    "what": _text(row, 0),
                    "seen": closing,
                    "expected": opening + amounts[2] - amounts[3],
                }
                yield Finding("total-mismatch", row.number, 7, values)
            yield Balance(row.number, _text(row, 0), _text(row, 1), opening, closing)
        else:
            _heading(line, "total" if self.started else "title")


def _is_title(words: Sequence[str]) -> bool:
    joined = "".join(words)
    return joined.startswith(("contpaq", "movimientos", "del", "moneda")) or "hoja:" in joined
