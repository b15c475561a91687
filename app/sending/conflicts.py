"""A document of ours beside what the target holds: what a person sees before deciding which of them
is right.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import sqlalchemy as sa

from app.company import field_owners
from app.documents.contact import payload, payload_contact, source_contacts
from app.documents.records import OWN_SOURCE, voucher_line
from app.journal import Journal, blocks, overrides, roles, schema
from app.journal.roles import Role
from app.reconciling import adjustment_vouchers
from app.sending.maps import Maps, NotMapped
from app.sending.push import payload_document
from connectors import Contact, DocumentConnector, EntryLine, JournalEntry, Kind, RemoteRecord
from connectors.comparison import Difference, differences
from connectors.contract import Connector
from importers import VoucherLine


@dataclass(frozen=True, slots=True)
class Comparison:
    """``ours`` is as it was or would be sent (with the source's accounts where the map has none),
    ``theirs`` what the target has, and by each in what it differs. ``changed`` is in what the
    newest file differs from what was sent.
    """

    ours: JournalEntry | Contact
    theirs: Sequence[RemoteRecord]
    differences: Sequence[Sequence[Difference]]
    changed: Sequence[Difference] = ()


class NotThere(Exception):
    """The target has no document of that number, or several; the argument is how many."""


def compare(
    journal: Journal, connection_name: str, target: Connector, reference: str, number: str = ""
) -> Comparison:
    """Look the document up in the target, by its reference or by a number a person knows. Raises
    LookupError when the journal knows no such document, ConnectorError.
    """
    ours = _ours(journal, connection_name, reference)
    if isinstance(ours, Contact):
        theirs = (
            _partners_with(target, number) if number else cast(DocumentConnector, target).find(ours)
        )
    else:
        theirs = (
            target.numbered_entries(number)
            if number
            else target.find_entries([ours]).get(reference, ())
        )
    changed = _changed(journal, connection_name, reference, ours)
    return Comparison(ours, theirs, [differences(ours, record) for record in theirs], changed)


def _partners_with(target: Connector, code: str) -> list[RemoteRecord]:
    """The target's partner of that code, as a record."""
    return [
        RemoteRecord(
            partner.code,
            partner.tax_id,
            partner.reference,
            date(1970, 1, 1),
            "posted",
            kind=Kind.CONTACT,
            name=partner.name,
        )
        for partner in target.partners()
        if partner.code == code
    ]


def link(
    journal: Journal,
    connection_name: str,
    target: Connector,
    reference: str,
    number: str,
    reason: str,
) -> RemoteRecord:
    """Adopt the target's document of that number (empty: the one with our reference), whatever it
    says. Raises NotAllowed, NotThere, NotDecidable, ReasonMissing, LookupError, ConnectorError.
    """
    roles.require(journal, Role.PUSH)
    found = compare(journal, connection_name, target, reference, number)
    live = [place for place, record in enumerate(found.theirs) if record.state != "cancelled"]
    if len(live) != 1:
        raise NotThere(len(live))
    record = found.theirs[live[0]]
    overrides.link(
        journal,
        reference,
        connection_name,
        record.remote_id,
        record.number,
        reason,
        found.differences[live[0]],
    )
    return record


def skip(journal: Journal, connection_name: str, reference: str, reason: str) -> None:
    """Never send it. Raises NotAllowed, NotDecidable, ReasonMissing."""
    roles.require(journal, Role.PUSH)
    overrides.skip(journal, reference, connection_name, reason)


def retry(journal: Journal, connection_name: str, reference: str) -> None:
    """Let it go again at the next sending. Raises NotAllowed, NotDecidable."""
    roles.require(journal, Role.PUSH)
    overrides.retry(journal, reference, connection_name)


def _ours(journal: Journal, connection_name: str, reference: str) -> JournalEntry | Contact:
    """The document as it was sent or stands in the outbox, else as the newest file has it, in the
    source's accounts.
    """
    outbox = schema.outbox
    query = sa.select(outbox.c.payload).where(
        outbox.c.connection == connection_name,
        outbox.c.external_ref == reference,
        outbox.c.payload != "{}",
    )
    with journal.reading() as connection:
        sent = connection.execute(query).scalar()
    if sent:
        return payload_document(json.loads(sent))
    newest = _newest(journal, reference)
    if newest is None:
        raise LookupError(reference)
    row, movements = newest
    if row.kind == "contact":
        known = next(
            item for item in source_contacts(journal, row.batch_id) if item.reference == reference
        )
        return payload_contact(payload(known, field_owners.load(journal)))
    lines = tuple(
        EntryLine(line.account, line.debit, line.credit, line.description, line.party)
        for line in movements
    )
    return JournalEntry(reference, date.fromisoformat(row.date), "", row.description, lines)


def _changed(
    journal: Journal, connection_name: str, reference: str, ours: JournalEntry | Contact
) -> list[Difference]:
    """In what the newest file's document differs from what stands in the outbox; nothing where it
    is the same one.
    """
    outbox = schema.outbox
    query = sa.select(outbox.c.content_hash).where(
        outbox.c.connection == connection_name, outbox.c.external_ref == reference
    )
    with journal.reading() as connection:
        sent = connection.execute(query).scalar()
    newest = _newest(journal, reference)
    if (
        sent is None
        or newest is None
        or newest[0].content_hash == sent
        or isinstance(ours, Contact)
    ):
        return []
    row, movements = newest
    day = date.fromisoformat(row.date)
    try:
        said = reference, day, row.source_kind, row.description, movements
        own = reference.split("/")[1:2] == [OWN_SOURCE]
        entry = (
            adjustment_vouchers.entry(*said)
            if own
            else Maps.load(journal, connection_name).entry(*said)
        )
    except NotMapped as missing:
        return [Difference("unmapped", kind.value, source, "?") for kind, source in missing.missing]
    as_if = RemoteRecord("", "", reference, day, "posted", entry.lines)
    found = differences(ours, as_if)
    if ours.journal != entry.journal:
        found.append(Difference("journal", "", ours.journal, entry.journal))
    return found or [Difference("description", "", ours.description, entry.description)]


def _newest(
    journal: Journal, reference: str
) -> tuple[sa.Row[tuple[Any, ...]], list[VoucherLine]] | None:
    """The newest document of that reference and its movements."""
    document = schema.document
    query = (
        sa.select(document)
        .where(document.c.external_ref == reference)
        .order_by(document.c.id.desc())
    )
    with journal.reading() as connection:
        row = connection.execute(query.limit(1)).first()
        if row is None:
            return None
        last = row.first_position + row.movements - 1
        movements = blocks.movements(connection, row.batch_id, row.first_position, last)
        return row, [voucher_line(item) for item in movements if item.document == row.id]
