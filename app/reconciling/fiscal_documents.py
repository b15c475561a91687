"""The fiscal documents of a period against a target's books and the authority's listings: by
identifier and number, total, day, and what is still open.

What a document leaves open is reckoned from the papers alone: its total less the credit notes and
the parts of payments that name it, those the authority cancelled left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import cast

from app.documents.fiscal.journaled import Confirmed, papers, refused_state, remote_kind, states
from app.documents.fiscal.target import fiscal_key, paid_by_part
from app.documents.invoice import CreditNoteKind, InvoiceKind, settled_relations
from app.documents.payment import PaymentKind
from app.journal import Journal, batches, documents
from app.journal.rows import DocumentRow
from app.translation import QT_TRANSLATE_NOOP
from connectors import DocumentConnector, RemoteRecord
from connectors import Kind as RemoteKind
from connectors.contract import Connector
from importers.fiscal import FiscalDocument
from importers.fiscal.model import Application
from importers.identity import is_fiscal_identifier

LISTINGS = ("cfdi-listado", "dian-listado")
"""Layouts of what an authority lists."""
_AROUND = timedelta(days=62)
"""How far from the period a document is looked for in the books."""
_OWED = (RemoteKind.INVOICE, RemoteKind.BILL)


class State(StrEnum):
    """How a document stands in the books, and at the authority."""

    EQUAL = "equal"
    MISSING_IN_BOOKS = "missing-in-books"
    AMOUNT = "amount"
    PERIOD = "period"
    DAY = "day"
    OPEN = "open"
    CURRENCY = "currency"
    PARTY = "party"
    PAPER_MISSING = "paper-missing"
    CANCELLED_BUT_BOOKED = "cancelled-but-booked"
    CANCELLED = "cancelled"
    NO_PAPER = "no-paper"
    NO_XML = "no-xml"
    MISSING_AT_AUTHORITY = "missing-at-authority"


STATE_TEXTS: Mapping[State, str] = {
    State.EQUAL: QT_TRANSLATE_NOOP("documents", "the same"),
    State.MISSING_IN_BOOKS: QT_TRANSLATE_NOOP("documents", "missing in the books"),
    State.AMOUNT: QT_TRANSLATE_NOOP("documents", "another amount in the books"),
    State.PERIOD: QT_TRANSLATE_NOOP("documents", "another month in the books"),
    State.DAY: QT_TRANSLATE_NOOP("documents", "another day in the books"),
    State.OPEN: QT_TRANSLATE_NOOP("documents", "another amount open in the books"),
    State.CURRENCY: QT_TRANSLATE_NOOP("documents", "another currency in the books"),
    State.PARTY: QT_TRANSLATE_NOOP("documents", "another party in the books"),
    State.PAPER_MISSING: QT_TRANSLATE_NOOP(
        "documents", "a paper is missing: less is open by its last payment"
    ),
    State.CANCELLED_BUT_BOOKED: QT_TRANSLATE_NOOP("documents", "cancelled, and in the books"),
    State.CANCELLED: QT_TRANSLATE_NOOP("documents", "cancelled, not in the books"),
    State.NO_PAPER: QT_TRANSLATE_NOOP("documents", "in the books without a document"),
    State.NO_XML: QT_TRANSLATE_NOOP("documents", "at the authority, without an XML here"),
    State.MISSING_AT_AUTHORITY: QT_TRANSLATE_NOOP("documents", "not in the authority's listing"),
}
EXPLAINED = (State.EQUAL, State.CANCELLED)
"""What asks for nothing."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A document of the papers, of the books, or of both; amounts in its own ``currency``, None
    where a side does not say.
    """

    state: State
    kind: str
    number: str
    id: str
    day: str
    party: str
    currency: str
    total: Decimal | None = None
    in_books: Decimal | None = None
    open: Decimal | None = None
    open_in_books: Decimal | None = None
    booked_as: str = ""
    booked_on: str = ""


@dataclass
class Comparison:
    """Every document, oldest first, with how many stand how."""

    rows: list[Compared] = field(default_factory=list)

    @property
    def counts(self) -> Counter[State]:
        return Counter(row.state for row in self.rows)

    @property
    def unexplained(self) -> int:
        return sum(1 for row in self.rows if row.state not in EXPLAINED)


def compare(
    journal: Journal, connection_name: str, target: Connector, start: date, end: date
) -> Comparison:
    """The journaled documents dated from ``start`` to ``end`` inclusive against the target's.
    Raises ConnectorError.
    """
    paper = _Papers(journal)
    books = _Books(journal, connection_name, target, start, end)
    at_authority = _Authority(journal, start, end)
    found = Comparison()
    for row, document in paper.of_period(start, end):
        found.rows.append(_compared(row, document, paper, books, at_authority))
    found.rows += books.rest(start, end)
    found.rows += [
        Compared(State.NO_XML, "", "", name, day, "", "")
        for name, day in at_authority.days.items()
        if name not in paper.ids
    ]
    found.rows.sort(key=lambda one: (one.day, one.number, one.id))
    return found


class _Papers:
    """The journaled documents, and what they leave open."""

    def __init__(self, journal: Journal) -> None:
        self.states = states(journal)
        self._rows: dict[str, DocumentRow] = {}
        self._documents: dict[str, FiscalDocument] = {}
        for kind in (InvoiceKind.stored, CreditNoteKind.stored, PaymentKind.stored):
            said = papers(journal, kind.record)
            for row in documents.every(journal, kind.record):
                if row.id in said:
                    self._rows[row.external_ref] = row
                    self._documents[row.external_ref] = said[row.id]
        self.ids = {str(one.fiscal["id"]).upper() for one in self._documents.values()}
        self.last: dict[str, tuple[int, Decimal]] = {}
        self.open = self._left_open()

    def of_period(self, start: date, end: date) -> Iterator[tuple[DocumentRow, FiscalDocument]]:
        for reference, row in self._rows.items():
            if start.isoformat() <= row.date <= end.isoformat():
                yield row, self._documents[reference]

    def _left_open(self) -> dict[str, Decimal]:
        """Identifier, upper case → what is open of a document that counts: credit notes settle
        first, as they are sent, then payments by part.
        """
        counting = [one for one in self._documents.values() if not refused_state(one, self.states)]
        found = {
            str(one.fiscal["id"]).upper(): one.totals["due"]
            for one in counting
            if one.lines is not None
        }
        paid = paid_by_part(counting)
        for one in counting:
            if one.kind in CreditNoteKind.holds:
                _settle(one, found, paid)
        for one in counting:
            for part in one.applications or ():
                if part.id.upper() in found:
                    found[part.id.upper()] -= part.paid
                self._last_part(part)
        return found

    def _last_part(self, part: Application) -> None:
        """What the part of the highest number says is left of an invoice."""
        known = self.last.get(part.id.upper(), (0, Decimal(0)))
        if part.after is not None and (part.part or 0) >= known[0]:
            self.last[part.id.upper()] = part.part or 0, part.after


def _settle(note: FiscalDocument, left: dict[str, Decimal], paid: Mapping[str, Decimal]) -> None:
    own, named = str(note.fiscal["id"]).upper(), settled_relations(note)
    for relation in named:
        other = relation.id.upper()
        needed = paid.get(fiscal_key(other), Decimal(0)) if len(named) == 1 else Decimal(0)
        has_room = len(named) > 1 or left.get(other, Decimal(0)) - needed >= left[own]
        if other in left and has_room:
            part = min(left[other], left[own])
            left[other] -= part
            left[own] -= part


class _Books:
    """The target's documents around a period, each given out once."""

    def __init__(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        start: date,
        end: date,
    ) -> None:
        self._confirmed = Confirmed(journal, connection_name)
        self._by_reference: dict[str, RemoteRecord] = {}
        self._by_id: dict[str, RemoteRecord] = {}
        reading = cast(DocumentConnector, target)
        kinds = (*_OWED, RemoteKind.REFUND, RemoteKind.BILL_REFUND)
        for kind in (*kinds, RemoteKind.RECEIPT, RemoteKind.PAYMENT):
            if kind in target.capabilities.pull:
                for record in reading.documents(kind, start - _AROUND, end + _AROUND):
                    if record.state != "cancelled":
                        self._by_id[f"{kind}:{record.remote_id}"] = record
                        self._by_reference[record.reference] = record

    def party_of(self, row: DocumentRow) -> str:
        """The target's code of the party it was sent for; empty where it was not sent from here."""
        return self._confirmed.party_of(row.external_ref)

    def take(self, row: DocumentRow, kind: RemoteKind) -> RemoteRecord | None:
        """What was made of a document: by its reference, else by the id it was confirmed with."""
        remote_id = self._confirmed.remote_id(row.external_ref)
        record = self._by_reference.get(row.external_ref)
        record = record or self._by_id.get(f"{kind}:{remote_id}")
        if record is not None:
            self._by_id.pop(f"{record.kind}:{record.remote_id}", None)
        return record

    def rest(self, start: date, end: date) -> Iterator[Compared]:
        """Documents of the period no paper stands behind."""
        for record in self._by_id.values():
            if record.date is not None and start <= record.date <= end:
                yield Compared(
                    State.NO_PAPER,
                    record.kind.value,
                    record.number,
                    record.reference,
                    str(record.date),
                    record.contact,
                    "",
                    in_books=record.total,
                    open_in_books=record.residual,
                    booked_as=record.number,
                    booked_on=str(record.date),
                )


def _compared(
    row: DocumentRow,
    document: FiscalDocument,
    paper: _Papers,
    books: _Books,
    at_authority: _Authority,
) -> Compared:
    kind = remote_kind(document.kind)
    record = books.take(row, kind)
    identifier = str(document.fiscal["id"]).upper()
    total = document.totals.get("due") if document.lines is not None else document.amount
    left = paper.open.get(identifier) if kind in _OWED else None
    if left is not None and record is not None and refused_state(document, paper.states):
        left = None
    is_gone = bool(refused_state(document, paper.states))
    is_listed = at_authority.says(document, identifier) or is_gone
    state = _state(row, total, left, record, is_gone=is_gone, is_listed=is_listed)
    if state is State.EQUAL and record is not None:
        party, (_, after) = books.party_of(row), paper.last.get(identifier, (0, left))
        if record.currency not in ("", document.currency):
            state = State.CURRENCY
        elif party and record.contact not in ("", party):
            state = State.PARTY
        elif left is not None and after is not None and after < left:
            state = State.PAPER_MISSING
    return Compared(
        state,
        row.source_kind,
        row.number,
        document.id,
        row.date,
        f"{document.party.name} {document.party.tax_id}".strip(),
        document.currency,
        total,
        record.total if record else None,
        left,
        record.residual if record and kind in _OWED else None,
        record.number if record else "",
        str(record.date or "") if record else "",
    )


def _state(
    row: DocumentRow,
    total: Decimal | None,
    left: Decimal | None,
    record: RemoteRecord | None,
    *,
    is_gone: bool,
    is_listed: bool,
) -> State:
    """The first thing that is not as on the paper."""
    if is_gone:
        return State.CANCELLED if record is None else State.CANCELLED_BUT_BOOKED
    if record is None:
        return State.MISSING_IN_BOOKS
    if record.total is not None and record.total != total:
        return State.AMOUNT
    booked_on = str(record.date or "")
    if booked_on[:7] != row.date[:7]:
        return State.PERIOD
    if booked_on != row.date:
        return State.DAY
    if left is not None and record.residual is not None and record.residual != left:
        return State.OPEN
    return State.EQUAL if is_listed else State.MISSING_AT_AUTHORITY


class _Authority:
    """What imported listings of an authority name of a period: ``days`` by identifier, upper
    case. A listing is of one direction, and of invoices and notes only.
    """

    def __init__(self, journal: Journal, start: date, end: date) -> None:
        self.days: dict[str, str] = {}
        self._directions: set[str] = set()
        for batch in batches.every(journal):
            if batch.profile in LISTINGS:
                for movement in documents.batch_movements(journal, batch.id):
                    in_period = start.isoformat() <= movement.date <= end.isoformat()
                    if in_period and is_fiscal_identifier(movement.identifier):
                        self.days[movement.identifier.upper()] = movement.date
                        self._directions.add(movement.direction)

    def says(self, document: FiscalDocument, identifier: str) -> bool:
        """Whether a document is listed, or no listing here would list it."""
        would = document.lines is not None and document.direction in self._directions
        return not would or identifier in self.days
