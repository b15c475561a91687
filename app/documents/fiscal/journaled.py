"""Fiscal documents as the journal keeps them, and what is known of their state."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

import orjson

from app.documents.copies import Settled
from app.documents.kind import (
    Candidates,
    DocumentKind,
    Payload,
    Preparation,
    Reader,
    Record,
    Refusal,
)
from app.documents.obstacles import Problem
from app.journal import Journal, documents, outbox_rows
from app.journal.outbox import State
from app.journal.rows import DocumentRow, OutboxRow
from connectors import DocumentConnector, EntryLine, RemoteRecord
from connectors import Kind as RemoteKind
from connectors.contract import Connector, Outcome, create_one_by_one
from connectors.documents import Document, Sent
from importers.fiscal import FiscalDocument, Kind
from importers.fiscal.items import FiscalItem
from importers.fiscal.stored import from_json

STATUS = "fiscal-status"
"""What the journal calls a record of :class:`importers.records.FiscalStatus`."""


def papers(journal: Journal, kind: str, batch: int | None = None) -> dict[int, FiscalDocument]:
    """Document id → what it says, of the ready ones of a kind."""
    rows = documents.records(journal, kind, batch)
    return {identifier: from_json(json.loads(row.data)) for identifier, row in rows.items()}


def states(journal: Journal) -> Mapping[str, str]:
    """Fiscal id, upper case → ``cancelled`` or ``rejected``, of what a file said so of."""
    rows = documents.records(journal, STATUS)
    said = (json.loads(row.data) for row in rows.values())
    return {one["id"].upper(): one["status"] for one in said}


class Confirmed:
    """How far the documents of a connection are, by their references."""

    def __init__(self, journal: Journal, connection_name: str) -> None:
        self._rows = {row.external_ref: row for row in outbox_rows.every(journal, connection_name)}
        gone = (State.SKIPPED, State.REJECTED)
        self._on_the_way = {
            name.partition(":")[2].partition("#")[0].partition("/")[0].upper()
            for name, row in self._rows.items()
            if row.state not in gone
        }

    @property
    def references(self) -> set[str]:
        return set(self._rows)

    def is_settled(self, reference: str) -> bool:
        """Whether a document reached the target, perhaps, or a person said it does not go. One that
        waits or was refused may have been typed there by hand since.
        """
        row = self._rows.get(reference)
        return row is not None and row.state not in (State.QUEUED, State.REJECTED)

    def remote_ids(self, kind: RemoteKind) -> set[str]:
        """The target's ids of what is confirmed, of documents it counts together with a kind:
        payments have numbers of their own.
        """
        is_payment = kind in (RemoteKind.RECEIPT, RemoteKind.PAYMENT)
        names = ("payment",) if is_payment else ("invoice", "credit-note")
        rows = (row for row in self._rows.values() if row.kind in names)
        return {row.remote_id for row in rows} - {""}

    def remote_id(self, reference: str) -> str:
        """The target's id of a document it has; empty where it is not confirmed."""
        row = self._rows.get(reference)
        return row.remote_id if row is not None and row.state == State.CONFIRMED else ""

    def party_of(self, reference: str) -> str:
        """The target's code of the party a document was sent for."""
        row = self._rows.get(reference)
        said = row.document if row is not None else {}
        return str(said.get("contact") or self.remote_id(str(said.get("contact_of", ""))))

    def has(self, fiscal_key: str) -> bool:
        """Whether a document of the authority's identifier (its part in a reference) is in the
        target, or on its way there.
        """
        return fiscal_key in self._on_the_way

    def is_given_up(self, reference: str) -> bool:
        """Whether a person said that it does not go; one the target refused may yet."""
        row = self._rows.get(reference)
        return row is not None and row.state == State.SKIPPED

    def named_in_entries(self) -> Mapping[str, str]:
        """Fiscal id, upper case → the reference of the voucher sent that names it."""
        found: dict[str, str] = {}
        for row in self._rows.values():
            if row.kind == "entry" and row.state != State.SKIPPED:
                for identifier in row.document.get("uuids", ()):
                    found[str(identifier).upper()] = row.external_ref
        return found


SENT_RECORDS = ("fiscal-invoice", "fiscal-credit", "fiscal-payment", "fiscal-payroll")
"""What the journal calls the fiscal documents that are sent."""


def going(journal: Journal, connection_name: str) -> Iterator[FiscalDocument]:
    """Ready documents that count at the authority and are neither in the target nor skipped."""
    settled, known = Settled(journal, connection_name), states(journal)
    done = {
        row.external_ref
        for row in outbox_rows.every(journal, connection_name)
        if row.state in (State.CONFIRMED, State.SKIPPED)
    }
    for record in SENT_RECORDS:
        said = papers(journal, record)
        ready, _ = _by_reference(documents.every(journal, record))
        for reference, rows in ready.items():
            chosen = None if reference in done else settled.of(rows, None)
            if chosen is not None and not refused_state(said[chosen.id], known):
                yield said[chosen.id]


class PaperPreparation(Preparation):
    """The papers of a kind about to be sent, and the states files give them."""

    def __init__(self, journal: Journal, record: str) -> None:
        self.papers, self._states = papers(journal, record), states(journal)

    def refusal(self, row: DocumentRow, queued: OutboxRow | None) -> Refusal | None:
        """Cancelled before it was sent: kept, and not sent. Afterwards it is a person's task."""
        paper = self.papers.get(row.id)
        if paper is None or not refused_state(paper, self._states):
            return None
        if queued is not None and queued.state == State.CONFIRMED:
            what = f"{row.number} → {queued.remote_number}"
            return Refusal(Problem.CANCELLED_AFTER_SENDING, what, row.external_ref)
        return Refusal(withdraws=True)


class FiscalKind(DocumentKind):
    """A kind of fiscal document: ``holds`` are what the authorities' documents are to the company
    that it takes.
    """

    takes: ClassVar[type] = FiscalItem
    holds: ClassVar[frozenset[Kind]]
    on_request = True
    is_journaled_once = True
    untaken: ClassVar[Problem | None] = Problem.NO_FISCAL_DOCUMENTS

    def is_of(self, item: object) -> bool:
        return isinstance(item, FiscalItem) and item.document.kind in self.holds

    def record(self, item: Any, company: str, source_system: str) -> Record:
        """The reference is the authority's own identifier; a draft that has none gets one of its
        content, and is blocked.
        """
        assert isinstance(item, FiscalItem)
        document = item.document
        said = document.as_json()
        content = {name: said[name] for name in said if name != "attachments"}
        stamp = said["fiscal"]
        content["fiscal"] = {name: stamp[name] for name in stamp if name != "status"}
        digest = hashlib.sha256(_canonical(content)).hexdigest()
        is_draft = not document.fiscal["id"]
        day = document.dates.get("paid") or document.dates.get("issued") or ""
        return Record(
            reference=f"draft:{digest[:32]}" if is_draft else document.reference,
            number=document.number["text"][:60],
            name=document.party.name,
            line=item.line,
            data=_canonical(said).decode(),
            digest=digest,
            day=day[:10],
            source_kind=document.kind.value,
            blocked_by=item.blocked_by or ("not-stamped" if is_draft else ""),
            findings=item.findings,
        )

    def candidates(self, journal: Journal, connection_name: str, batch: int | None) -> Candidates:
        """One a document; of two with different content nothing goes until somebody says which."""
        settled = Settled(journal, connection_name)
        ready, blocked = _by_reference(documents.every(journal, self.stored.record))
        found: list[DocumentRow] = []
        disputed: list[Sequence[DocumentRow]] = []
        for rows in ready.values():
            chosen = settled.of(rows, batch)
            if chosen is None or _is_said_twice(rows, chosen):
                disputed.append(rows)
            else:
                found.append(chosen)
        found += [row for row in blocked if row.external_ref not in ready]
        if batch is not None:
            found = [row for row in found if row.batch_id == batch]
            disputed = [rows for rows in disputed if any(row.batch_id == batch for row in rows)]
        return Candidates(sorted(found, key=lambda row: row.id), (), disputed)

    @abstractmethod
    def read(self, payload: Payload, remote_ids: Mapping[str, str]) -> Document:
        """The document of what the outbox keeps, with the target's ids of what it names (missing
        where the target has it not yet).
        """

    def reader(self, journal: Journal) -> Reader:
        def document(payload: Payload) -> Sent:
            name, needed = str(payload["connection"]), payload["needs"]
            return self.read(payload, outbox_rows.remote_ids(journal, name, needed))

        return document

    def create(self, target: Connector, documents: Sequence[Sent]) -> Sequence[Outcome]:
        wanted = cast(Sequence[Document], documents)
        return create_one_by_one(cast(DocumentConnector, target), wanted)

    def find(
        self, target: Connector, documents: Sequence[Sent]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        finding = cast(DocumentConnector, target)
        wanted = cast(Sequence[Document], documents)
        return {document.reference: finding.find(document) for document in wanted}

    def numbered(self, target: Connector, number: str) -> Sequence[RemoteRecord]:
        """Of the last year and a month: targets list documents by their day."""
        reading, today = cast(DocumentConnector, target), datetime.now().astimezone().date()
        start, end = today - _AS_FAR_BACK, today + timedelta(days=31)
        kinds = sorted({remote_kind(kind) for kind in self.holds} & target.capabilities.pull)
        listed = (record for kind in kinds for record in reading.documents(kind, start, end))
        return [record for record in listed if record.number == number]

    def about_remote(self, record: RemoteRecord) -> str:
        return f"{record.date or ''}  {record.number}".strip()

    def lines(self, document: Sent) -> Sequence[EntryLine]:
        return ()


_AS_FAR_BACK = timedelta(days=400)


def remote_kind(kind: Kind) -> RemoteKind:
    """What a target calls a document that is this to the company. Raises KeyError where it is
    never sent.
    """
    return _REMOTE[kind]


_REMOTE = {
    Kind.SALES_INVOICE: RemoteKind.INVOICE,
    Kind.SALES_DEBIT: RemoteKind.INVOICE,
    Kind.PURCHASE_BILL: RemoteKind.BILL,
    Kind.PURCHASE_DEBIT: RemoteKind.BILL,
    Kind.SALES_CREDIT: RemoteKind.REFUND,
    Kind.PURCHASE_CREDIT: RemoteKind.BILL_REFUND,
    Kind.RECEIPT: RemoteKind.RECEIPT,
    Kind.PAYMENT: RemoteKind.PAYMENT,
}


def refused_state(document: FiscalDocument, known: Mapping[str, str]) -> str:
    """The state in which the authority has a document that counts no more; empty otherwise."""
    state = known.get(str(document.fiscal["id"]).upper(), str(document.fiscal.get("status", "")))
    return state if state in ("cancelled", "rejected") else ""


def _is_said_twice(rows: Sequence[DocumentRow], chosen: DocumentRow) -> bool:
    """Whether the very file that counts brings a document with two contents."""
    same_file = (row for row in rows if row.batch_id == chosen.batch_id)
    return len({row.content_hash for row in same_file}) > 1


def _by_reference(
    rows: Iterable[DocumentRow],
) -> tuple[dict[str, list[DocumentRow]], list[DocumentRow]]:
    ready: dict[str, list[DocumentRow]] = {}
    blocked: list[DocumentRow] = []
    for row in rows:
        if row.state == documents.READY:
            ready.setdefault(row.external_ref, []).append(row)
        else:
            blocked.append(row)
    return ready, blocked


def _canonical(said: object) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
