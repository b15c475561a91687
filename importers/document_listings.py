"""Listings of electronic documents with both their parties: one row a document, as the portals of
DIAN and SAT and the tools around them write it.

Side and other party are those of the document itself (see ``cfdi`` and ``dian``): what the company
issued is owed to it (debit), what it received it owes (credit), credit notes the other way round,
pay slips are money out. Events without effect and cancelled documents are journaled and left out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from importers.currencies import currency_code
from importers.findings import Finding
from importers.identity import is_fiscal_identifier, normalise_tax_id
from importers.ledger.dates import DateOrder, date_order, read_date
from importers.ownership import Books, Direction
from importers.profile import column_roles
from importers.records import Disposition, FiscalStatus, LedgerLine, Line, Record
from importers.rows import line_of, physical_rows, spread
from importers.source import Source
from importers.tables import Cell, Row, cell_text
from importers.titles import title_block
from importers.unreadable import Unreadable
from importers.values import NumberStyle, code_text, number_style, plain, to_cents

Item = Line | Finding | Record

_ZERO = Decimal("0.00")
_NEEDED = frozenset({"date", "issuer", "receiver", "amount"})
_SAMPLE = 2000
_CREDIT_NOTE = re.compile(r"notas? ?(de ?)?(credito|ajuste)|nc$|egreso|e$|credit ?note|devolucion")
_PAYROLL = re.compile(r"nomina|n$")
_INVOICE = re.compile(
    r"$|factura|ingreso|i$|documento (soporte|equivalente)|notas? ?(de ?)?(debito|cargo)|nd$"
    r"|pago|p$|recibo|honorarios|arrendamiento|invoice|venta|compra|tiquete"
)
_NO_EFFECT = re.compile(
    r"application ?response|evento|acuse|traslado|t$|aceptacion|recibo del bien"
)
_ADJUSTED_PAYROLL = re.compile(r"nomi[nm]a individual de ajuste|nota de ajuste de nomina")
"""As the listing of the DIAN writes it, a slip of the pen included."""
_CANCELLED = re.compile(r"cancelad|anulad|rechazad|0$")


def read(source: Source) -> Iterator[Item]:
    """Lines, findings and one ledger line a document, in file order. Raises Unreadable where the
    listing has no heading.
    """
    sample = list(itertools.islice(source.rows(), _SAMPLE))
    names = source.profile.columns
    place = next(
        (at for at, row in enumerate(sample) if column_roles(row.cells, names).keys() >= _NEEDED),
        None,
    )
    if place is None:
        raise Unreadable("no-heading", seen=source.profile.title)
    own = source.options.own_tax_ids or _named_above(sample[:place])
    listing = _Listing(source, sample[place], [row.cells for row in sample[place + 1 :]], own)
    yield from listing.remarks()
    for row, physical in physical_rows(source):
        line = line_of(row, physical)
        yield from listing.row(row, line)
        yield from spread(line, physical)


def _named_above(rows: Sequence[Row]) -> tuple[str, ...]:
    """The tax id the title of a listing names, which is that of whose listing it is."""
    tax_id = title_block(rows).tax_id
    return (tax_id,) if tax_id else ()


@dataclass(frozen=True, slots=True)
class _Parties:
    """Both parties of a row and which way its document goes."""

    issuer: str
    receiver: str
    direction: Direction

    @property
    def other(self) -> str:
        """Which of them is not the company; the issuer where nobody knows."""
        return "receiver" if self.direction is Direction.ISSUED else "issuer"


class _Listing:
    def __init__(
        self,
        source: Source,
        heading: Row,
        below: Sequence[Sequence[Cell]],
        own_tax_ids: Sequence[str],
    ) -> None:
        self._heading = heading
        self._roles: Mapping[str, int] = column_roles(heading.cells, source.profile.columns)
        self._currency = str(source.profile.table.get("currency", ""))
        self._joined_by = str(source.profile.table.get("joined_by", ""))
        self._books = Books(own_tax_ids)
        amounts = self._column(below, "amount")
        found = number_style(amounts)
        chosen = source.options.decimal
        self._style = NumberStyle(chosen, certain=True) if chosen else found
        self._dates: DateOrder = date_order(self._column(below, "date"))
        taken = set(self._roles.values())
        source.unused_headings += [
            text
            for at, cell in enumerate(heading.cells)
            if at not in taken and (text := cell_text(cell).strip())
        ]

    def remarks(self) -> Iterator[Finding]:
        yield from self._dates.remarks(self._heading.number)

    def row(self, row: Row, line: Line) -> Iterator[Item]:
        if row.number <= self._heading.number or not row.text.strip():
            line.disposition = Disposition.HEADING
            named = "header" if row.number == self._heading.number else "title"
            line.rule = named if row.text.strip() else "blank"
            return
        kind = self._text(row, "kind")
        if why := self._left_out(row, kind):
            line.disposition, line.rule = Disposition.RECORD, why.code
            yield why
            identifier = self._text(row, "identifier")
            if why.code == "cancelled-document" and is_fiscal_identifier(identifier):
                yield FiscalStatus(row.number, identifier, "cancelled")
            return
        read = self._values(row)
        if isinstance(read, Finding):
            yield read
            return
        day, amount = read
        if not amount:
            # A complement of payment has no total of its own: its amount is not in the listing.
            line.disposition, line.rule = Disposition.RECORD, "no-effect"
            what = f"{kind} {self._number(row)} 0.00".strip()
            yield Finding("no-effect", row.number, 0, {"what": what})
            return
        parties = self._parties(row)
        line.disposition, line.rule = Disposition.RECORD, "document"
        if parties.direction is Direction.UNKNOWN:
            yield self._books.doubt(row.number, parties.issuer, parties.receiver)
        if not any(known.match(plain(kind)) for known in (_INVOICE, _CREDIT_NOTE, _PAYROLL)):
            yield Finding("unknown-document-kind", row.number, 0, {"seen": kind[:40]})
        yield self._record(row, day, amount, parties)

    def _left_out(self, row: Row, kind: str) -> Finding | None:
        if _NO_EFFECT.match(plain(kind)):
            return Finding("no-effect", row.number, 0, {"what": kind})
        if _ADJUSTED_PAYROLL.match(plain(kind)):
            return Finding("payroll-adjustment", row.number, 0, {"seen": self._number(row)})
        status = self._text(row, "status")
        if _CANCELLED.match(plain(status)):
            values = {"seen": self._text(row, "identifier") or self._number(row)}
            return Finding("cancelled-document", row.number, 0, values)
        return None

    def _values(self, row: Row) -> tuple[date, Decimal] | Finding:
        cell = self._cell(row, "date")
        try:
            day = read_date(cell, self._dates.order)
        except (ValueError, TypeError):
            values = {
                "field": self._named("date"),
                "seen": cell_text(cell)[:40] or "-",
                "expected": "dd/mm/aaaa",
            }
            return Finding("not-a-date", row.number, self._roles["date"] + 1, values)
        cell = self._cell(row, "amount")
        try:
            return day, to_cents(self._style.parse(cell))
        except ValueError:
            seen = {"field": self._named("amount"), "seen": cell_text(cell)[:40]}
            return Finding("not-an-amount", row.number, self._roles["amount"] + 1, seen)

    def _parties(self, row: Row) -> _Parties:
        """By the company's own ids; else by the listing's own word (Emitido, Recibido)."""
        issuer, receiver = self._text(row, "issuer"), self._text(row, "receiver")
        direction = self._books.direction(issuer, receiver)
        group = plain(self._text(row, "group"))
        if direction is Direction.UNKNOWN and group.startswith("emitid"):
            direction = Direction.ISSUED
        elif direction is Direction.UNKNOWN and group.startswith("recibid"):
            direction = Direction.RECEIVED
        return _Parties(issuer, receiver, direction)

    def _record(self, row: Row, day: date, amount: Decimal, parties: _Parties) -> LedgerLine:
        kind = self._text(row, "kind")
        reverses = bool(_CREDIT_NOTE.match(plain(kind)) or _PAYROLL.match(plain(kind)))
        comes_in = (parties.direction is not Direction.RECEIVED) != reverses
        if "documento soporte" in plain(kind):
            # A purchase whoever is named first: the buyer issues it for a seller who may not.
            comes_in = reverses
        currency = self._text(row, "currency")
        rate = self._text(row, "rate")
        return LedgerLine(
            line=row.number,
            date=day,
            debit=amount if comes_in else _ZERO,
            credit=_ZERO if comes_in else amount,
            kind=kind,
            reference=self._number(row),
            description=f"{parties.issuer} → {parties.receiver}",
            party=self._text(row, f"{parties.other}_name"),
            tax_id=normalise_tax_id(self._text(row, parties.other)),
            currency=currency_code(currency) or currency or self._currency,
            identifier=self._text(row, "identifier"),
            rate="" if re.fullmatch(r"1?([.,]0*)?", rate) else rate,
            direction=parties.direction.value,
        )

    def _number(self, row: Row) -> str:
        parts = (self._text(row, "series"), self._text(row, "reference"))
        return self._joined_by.join(part for part in parts if part)

    def _named(self, role: str) -> str:
        return cell_text(self._heading.cells[self._roles[role]]).strip()

    def _text(self, row: Row, role: str) -> str:
        return code_text(self._cell(row, role))

    def _cell(self, row: Row, role: str) -> Cell:
        place = self._roles.get(role, -1)
        return row.cells[place] if 0 <= place < len(row.cells) else None

    def _column(self, below: Sequence[Sequence[Cell]], role: str) -> list[Cell]:
        place = self._roles[role]
        return [cells[place] for cells in below if place < len(cells)]
