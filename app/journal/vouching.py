"""The other way round: every row of the journal needs the event that vouches for it.

:mod:`app.journal.verification` asks for each event whether its rows are still there; here each row
is asked for its event, so that what was slipped in (a voucher, a pull, a decision nobody took) is
named. What events of earlier releases did not say yet is not asked of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.decisions import from_json
from app.journal import events, schema
from app.journal.digests import content_digests
from app.journal.events import canonical
from app.journal.rows import Transaction
from app.journal.store import Journal
from app.journal.told_rows import ToldRows
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate


class Class(StrEnum):
    """What a column is: vouched for by an event, derived from columns that are, or volatile."""

    VOUCHED = "vouched"
    DERIVED = "derived"
    VOLATILE = "volatile"


_DERIVED = {
    "batch": {"started_at", "finished_at", "compacted_at"},
    "file": {"first_seen_at"},
    "pull": {"pulled_at"},
    "connection": {"created_at"},
    "mapping": {"origin", "updated_at"},
    "outbox": {"rank", "created_at", "updated_at", "confirmed_at"},
    "decision": {"at"},
    "usage": {"kind", "source", "name", "uses", "batch_id"},
    "fiscal_document": {"identifier", "batch_id"},
}
_VOLATILE = {
    "finding": {"id"},  # a number the database gave, as that of the outbox
    "search_part": {"id", "kind", "batch_id", "first", "last"},
    "outbox": {
        "id",
        "attempts",
        "next_attempt_at",
        "lease_owner",
        "lease_until",
        "fence",
        "error_kind",
        "error_words",
    },
    "breaker": {"connection", "failures", "failing_since", "open_until", "words"},
    "inbox": {
        "id",
        "delivery",  # by which its rows are found; their digest tells what they are
        "deliveries",
        "last_received_at",
        "state",
        "attempts",
        "next_attempt_at",
        "lease_owner",
        "lease_until",
        "fence",
        "error_kind",
        "error_words",
        "done_at",
    },
    "call_budget": {"connection", "state"},
    **{
        table.name: set(table.c.keys())
        for table in (
            schema.cursor,
            schema.seen,
            schema.agreed,
            schema.job,
            schema.figure,
            schema.latency_bucket,
        )
    },
}
"""What moves all the time, or is read anew from its system."""


def class_of(table: str, column: str) -> Class:
    """Of a column of the journal; every other column than those listed here is vouched for."""
    if column in _DERIVED.get(table, ()):
        return Class.DERIVED
    return Class.VOLATILE if column in _VOLATILE.get(table, ()) else Class.VOUCHED


_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_BATCH = (
    "options",
    "company",
    "profile",
    "source_system",
    "container",
    "encoding",
    "encoding_confidence",
    "header_line",
    "title",
    "first_date",
    "last_date",
)
"""What a batch says of itself besides its counts."""
_OF_BATCHES = (
    schema.block,
    schema.document,
    schema.finding,
    schema.balance,
    schema.record,
    schema.usage,
    schema.fiscal_document,
)


def batch_digest(transaction: Transaction, batch: int) -> str:
    """SHA-256 over what a batch says of itself and of which file it is; empty where that is
    gone.
    """
    table, file = schema.batch, schema.file
    columns = [table.c[name] for name in _BATCH]
    query = sa.select(*columns, file.c.sha256).join(file, file.c.id == table.c.file_id)
    row = transaction.execute(query.where(table.c.id == batch)).first()
    if row is None:
        return ""
    return hashlib.sha256(canonical({"row": list(row)}).encode()).hexdigest()


class NotVouched(Refused):
    """Something in the journal was changed past the program; the argument is the batch."""

    context = "verify"
    words = QT_TRANSLATE_NOOP(
        "verify",
        "{batch} is not what was journaled: somebody changed it past the program. Nothing of it is"
        " sent or signed. Verify the journal and restore a backup.",
    )

    def said(self) -> Mapping[str, object]:
        return {"batch": self}


def unvouched(journal: Journal, batches: Iterable[int]) -> set[int]:
    """Those of some batches whose documents or movements are not what their import journaled; a
    quick look at what is about to be used, not at the whole journal.
    """
    with journal.reading() as connection:
        return {batch for batch in set(batches) if not _is_vouched(connection, batch)}


def _is_vouched(connection: sa.Connection, batch: int) -> bool:
    closed = events.first(connection, f"batch:{batch}", "import.closed")
    if closed is None:
        return False
    data = closed.data
    if "row" in data and data["row"] != batch_digest(connection, batch):
        return False
    told = {name: data["content"].get(name) for name in _USED if name in data["content"]}
    return _is_archived(connection, batch) or content_digests(connection, batch, told) == told


def _is_archived(connection: sa.Connection, batch: int) -> bool:
    return events.first(connection, f"batch:{batch}", "batch.compacted") is not None


_USED = ("documents", "movements", "records")
"""What is sent and signed."""


@dataclass
class Vouched:
    """What the events vouch for, row by row."""

    started: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    closed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    pulled: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    connections: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    names: dict[str, tuple[str, str, int | None]] = field(default_factory=dict)
    """Name, place and size of a file when it was first imported, by its SHA-256."""
    attached: set[str] = field(default_factory=set)
    documents: dict[tuple[str, str], int] = field(default_factory=dict)
    """The document of an outbox row, by connection and reference."""
    queued: dict[tuple[str, str], str] = field(default_factory=dict)
    """The kind of an outbox row, by connection and reference."""
    answers: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    """What the target answered to a row."""
    told_rows: ToldRows = field(default_factory=ToldRows)

    def take(self, kind: str, subject: str, data: Mapping[str, Any]) -> None:
        self.told_rows.take(kind, subject, data)
        match kind:
            case "import.started":
                self.started[subject] = data
                said = str(data.get("file")), str(data.get("origin", "")), data.get("size")
                self.names.setdefault(str(data.get("sha256")), said)
            case "import.closed":
                self.closed[subject] = data
            case "pull.done":
                self.pulled[subject] = data
            case "connection.saved":
                self.connections[subject.partition(":")[2]] = data
            case "connection.removed":
                self.connections.pop(subject.partition(":")[2], None)
            case "decision.attach":
                self.attached |= set(_DIGEST.findall(canonical(dict(data))))
            case _ if kind.startswith("outbox."):
                self._outbox(kind, subject, data)

    def _outbox(self, kind: str, reference: str, data: Mapping[str, Any]) -> None:
        key = str(data.get("connection", "")), reference
        if kind in _OF_DOCUMENT and "document" in data:
            self.documents[key] = int(data["document"])
        if kind == "outbox.queued" and "kind" in data:
            self.queued[key] = str(data["kind"])
        if kind in ("outbox.confirmed", "outbox.adopted", "outbox.linked"):
            self.answers[key] = data


_OF_DOCUMENT = ("outbox.queued", "outbox.remapped", "outbox.moved", "outbox.corrected")


def ghosts(connection: sa.Connection, vouched: Vouched) -> Iterator[str]:
    """What no event vouches for, each in the current language."""
    yield from _batches(connection, vouched)
    yield from _files(connection, vouched)
    yield from _pulls(connection, vouched)
    yield from _connections(connection, vouched)
    yield from _decisions(connection)
    yield from _outbox(connection, vouched)
    yield from vouched.told_rows.problems(connection)


def _batches(connection: sa.Connection, vouched: Vouched) -> Iterator[str]:
    known = {int(subject.partition(":")[2]) for subject in vouched.closed}
    for row in connection.execute(sa.select(schema.batch.c.id, schema.batch.c.state)):
        subject = f"batch:{row.id}"
        if subject not in vouched.started:
            yield _said(
                QT_TRANSLATE_NOOP("verify", "{subject}: no event tells of it"), subject=subject
            )
        closed = vouched.closed.get(subject)
        if closed and "row" in closed and closed["row"] != batch_digest(connection, row.id):
            text = QT_TRANSLATE_NOOP(
                "verify", "{subject}: what it says of itself is not what was journaled"
            )
            yield _said(text, subject=subject)
    for table in _OF_BATCHES:
        found = set(connection.execute(sa.select(table.c.batch_id).distinct()).scalars())
        for number in sorted(found - known):
            text = QT_TRANSLATE_NOOP(
                "verify", "{subject}: has rows in {table} that no import brought"
            )
            yield _said(text, subject=f"batch:{number}", table=table.name)


def _files(connection: sa.Connection, vouched: Vouched) -> Iterator[str]:
    table = schema.file
    for row in connection.execute(sa.select(table)):
        if row.sha256 in vouched.attached:
            continue
        name, origin, size = vouched.names.get(row.sha256, ("", "", None))
        if row.sha256 not in vouched.names:
            text = QT_TRANSLATE_NOOP("verify", "{name}: no event tells of this file")
            yield _said(text, name=row.name)
        elif name != row.name or (origin or row.path, size or row.size) != (row.path, row.size):
            text = QT_TRANSLATE_NOOP("verify", "{name}: it was imported as {first}")
            yield _said(text, name=row.name, first=origin or name)


def _pulls(connection: sa.Connection, vouched: Vouched) -> Iterator[str]:
    table = schema.pull
    numbers = set()
    for row in connection.execute(sa.select(table)):
        numbers.add(row.id)
        told = vouched.pulled.get(f"pull:{row.id}")
        said = (row.connection, row.start, row.end, row.lines, row.digest)
        names = ("connection", "start", "end", "lines", "digest")
        if told is None or said != tuple(told.get(name) for name in names):
            text = QT_TRANSLATE_NOOP("verify", "{subject}: its connection or days were changed")
            yield _said(text, subject=f"pull:{row.id}")
    for part in (schema.remote_line, schema.remote_balance):
        found = set(connection.execute(sa.select(part.c.pull_id).distinct()).scalars())
        for number in sorted(found - numbers):
            text = QT_TRANSLATE_NOOP("verify", "{subject}: has rows of no pull")
            yield _said(text, subject=f"pull:{number}")


def _connections(connection: sa.Connection, vouched: Vouched) -> Iterator[str]:
    table = schema.connection
    there = {row.name: row for row in connection.execute(sa.select(table))}
    for name in sorted(vouched.connections.keys() - there.keys()):
        yield _said(QT_TRANSLATE_NOOP("verify", "connection {name} is gone"), name=name)
    for name, row in there.items():
        told = vouched.connections.get(name, {})
        changed = any(getattr(row, key) != value for key, value in told.items() if key in table.c)
        if not told or changed:
            text = QT_TRANSLATE_NOOP("verify", "connection {name} is not what its events say")
            yield _said(text, name=name)


def _decisions(connection: sa.Connection) -> Iterator[str]:
    """Whether the word beside a decision is that of the decision; the rest is asked of the events
    by their numbers.
    """
    table = schema.decision
    for row in connection.execute(sa.select(table.c.id, table.c.action, table.c.said)):
        if from_json(row.said).action != row.action:
            text = QT_TRANSLATE_NOOP("verify", "decision {number} is called {action}, but is not")
            yield _said(text, number=row.id, action=row.action)


def _outbox(connection: sa.Connection, vouched: Vouched) -> Iterator[str]:
    table = schema.outbox
    references = {reference for _, reference in vouched.queued}
    for row in connection.execute(sa.select(table)):
        key = row.connection, row.external_ref
        if row.external_ref in references and vouched.queued.get(key) != row.kind:
            text = QT_TRANSLATE_NOOP(
                "verify", "{reference}: its connection or kind is not what was queued"
            )
            yield _said(text, reference=row.external_ref)
        document = vouched.documents.get(key)
        if document is not None and document != row.document_id:
            text = QT_TRANSLATE_NOOP("verify", "{reference} belongs to another document now")
            yield _said(text, reference=row.external_ref)
        told = vouched.answers.get(key)
        if told and row.remote_id == told.get("remote_id"):
            changes = "\n".join(map(str, told.get("changes") or ()))
            if (row.remote_number, row.remote_changes) != (told.get("remote_number", ""), changes):
                text = QT_TRANSLATE_NOOP(
                    "verify", "{reference}: the target's answer is not what was journaled"
                )
                yield _said(text, reference=row.external_ref)


def _said(text: str, **values: object) -> str:
    return translate("verify", text).format(**values)
