"""The kinds of documents, one module each; the rest of the hub asks :class:`DocumentKind` only."""

from __future__ import annotations

from app.documents.attachment import AttachmentKind
from app.documents.contact import ContactKind
from app.documents.entry import EntryKind
from app.documents.fiscal.others import OtherKind, StatusKind
from app.documents.invoice import CreditNoteKind, InvoiceKind
from app.documents.kind import DocumentKind, Payload, Reader
from app.documents.party import PartyKind
from app.documents.payment import PaymentKind
from app.documents.payroll import PayrollKind
from app.journal import Journal, kinds
from connectors.documents import Sent

_KINDS: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> None:
    """Make a kind known, here and to the journal."""
    kinds.register(kind.stored)
    _KINDS[kind.stored.name] = kind


def unregister(kind: DocumentKind) -> None:
    """Forget a kind."""
    kinds.unregister(kind.stored)
    del _KINDS[kind.stored.name]


def every() -> list[DocumentKind]:
    """Every kind, in the order they are sent."""
    return sorted(_KINDS.values(), key=lambda kind: kind.stored.rank)


def named(name: str) -> DocumentKind:
    """The kind of a row of the outbox. Raises KeyError."""
    return _KINDS[name]


def of_record(record: str) -> DocumentKind:
    """The kind of a journaled document. Raises LookupError."""
    return _KINDS[kinds.of_record(record).name]


def of_payload(payload: Payload) -> DocumentKind:
    """The kind of what the outbox keeps."""
    return _KINDS[str(payload.get("kind", EntryKind.stored.name))]


def of_item(item: object) -> DocumentKind | None:
    """The kind an importer's record becomes; None where it becomes no document of its own."""
    return next((kind for kind in _KINDS.values() if kind.is_of(item)), None)


def reader(journal: Journal) -> Reader:
    """From what the outbox keeps back to the document, whichever kind it is."""
    known: dict[str, Reader] = {}

    def document(payload: Payload) -> Sent:
        kind = of_payload(payload)
        name = kind.stored.name
        if name not in known:
            known[name] = kind.reader(journal)
        return known[name](payload)

    return document


FISCAL = ("party", "invoice", "credit-note", "payment", "payroll", "attachment")
"""The kinds that go when fiscal documents are asked for, as the outbox calls them."""
for _kind in (
    EntryKind(),
    ContactKind(),
    PartyKind(),
    InvoiceKind(),
    CreditNoteKind(),
    PaymentKind(),
    PayrollKind(),
    AttachmentKind(),
    OtherKind(),
    StatusKind(),
):
    register(_kind)
