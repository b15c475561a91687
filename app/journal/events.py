"""The event log: append-only and hash-chained, so that nobody edits or removes a line unseen.

``hash = sha256(previous_hash + "\\n" + canonical JSON of sequence, at, actor, kind, subject,
data)``. The head of the chain is one row that every append updates, which also serialises writers
on PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from app.journal import schema, signatures
from app.journal.rows import Event, Transaction
from app.journal.signatures import Signer
from app.journal.store import Damaged, Journal, moment


@dataclass(frozen=True, slots=True)
class NewEvent:
    """``kind`` is ``area.what`` (``import.closed``), ``subject`` what it is about (``batch:3``, an
    external reference), ``data`` anything JSON can hold; money as text.
    """

    kind: str
    subject: str
    data: Mapping[str, object] = field(default_factory=dict)


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def append(connection: sa.Connection, actor: str, events: Sequence[NewEvent], at: str = "") -> None:
    """Add events to the chain inside the caller's writing transaction, and sign the last one where
    the journal has a signer. ``at`` is the instant of what they tell, where the caller wrote it
    with a row: a clock that leaps in between must not tell them apart.
    """
    if not events:
        return
    signer: Signer | None = connection.get_execution_options().get("signer")
    if signer is not None and not signer.knows(connection):
        known = NewEvent(signatures.REGISTERED, signer.subject, {"public": signer.public})
        events = [known, *events]
    head = connection.execute(
        sa.select(schema.chain.c.sequence, schema.chain.c.hash, schema.chain.c.signed)
        .where(schema.chain.c.id == 1)
        .with_for_update()
    ).first()
    if head is None:
        raise Damaged("the head of the chain of events is gone")
    sequence, previous = head.sequence, head.hash
    at = at or moment(connection)
    rows = []
    for event in events:
        sequence += 1
        data = canonical(event.data)
        digest = event_hash(previous, sequence, at, actor, event.kind, event.subject, data)
        rows.append(
            {
                "sequence": sequence,
                "at": at,
                "actor": actor,
                "kind": event.kind,
                "subject": event.subject,
                "data": data,
                "previous_hash": previous,
                "hash": digest,
            }
        )
        previous = digest
    connection.execute(schema.event.insert(), rows)
    values: dict[str, object] = {"sequence": sequence, "hash": previous}
    if signer is not None:
        signatures.sign(connection, signer, sequence, previous, head.signed)
        values["signed"] = sequence
    connection.execute(schema.chain.update().where(schema.chain.c.id == 1).values(**values))


def record(journal: Journal, kind: str, subject: str, **data: object) -> None:
    """Append one event in a transaction of its own."""
    with journal.writing() as connection:
        append(connection, journal.actor, [NewEvent(kind, subject, data)])


class RowsDigest:
    """A running SHA-256 over rows in order, however they are portioned; values are text, integers,
    None and bytes (which count by their own hash).
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            self._hash.update(orjson.dumps(rows, default=_hash_of_bytes)[1:-1])
            self._hash.update(b",")

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def _hash_of_bytes(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(type(value).__name__)
    return hashlib.sha256(value).hexdigest()


def event_hash(
    previous: str, sequence: int, at: str, actor: str, kind: str, subject: str, data: str
) -> str:
    """The hash that chains an event to the one before it."""
    content = canonical([sequence, at, actor, kind, subject, data])
    return hashlib.sha256(f"{previous}\n{content}".encode("utf-8", "surrogatepass")).hexdigest()


def of(
    journal: Journal, *, subject: str = "", area: str = "", kinds: Sequence[str] = ()
) -> list[Event]:
    """Events in order: of one ``subject``, or of every subject of an ``area`` (``batch`` for
    ``batch:3``), and of these kinds where given.
    """
    with journal.reading() as connection:
        return read(connection, subject=subject, area=area, kinds=kinds)


def read(
    transaction: Transaction, *, subject: str = "", area: str = "", kinds: Sequence[str] = ()
) -> list[Event]:
    """The same inside a transaction."""
    table = schema.event
    query = sa.select(*columns()).order_by(table.c.sequence)
    if subject:
        query = query.where(table.c.subject == subject)
    if area:
        query = query.where(table.c.subject >= f"{area}:", table.c.subject < f"{area};")
    if kinds:
        query = query.where(table.c.kind.in_(list(kinds)))
    return Event.all_of(transaction.execute(query))


def first(transaction: Transaction, subject: str, kind: str) -> Event | None:
    """The first event of a kind about a subject."""
    return _one(transaction, subject, kind, schema.event.c.sequence.asc())


def last(transaction: Transaction, subject: str, kind: str) -> Event | None:
    """The newest event of a kind about a subject."""
    return _one(transaction, subject, kind, schema.event.c.sequence.desc())


def lock(transaction: Transaction) -> None:
    """Hold the head of the chain, so that nobody else appends until the transaction ends."""
    transaction.execute(sa.select(schema.chain).with_for_update()).all()


def _one(
    transaction: Transaction, subject: str, kind: str, order: sa.UnaryExpression[int]
) -> Event | None:
    table = schema.event
    query = sa.select(*columns()).where(table.c.subject == subject, table.c.kind == kind)
    row = transaction.execute(query.order_by(order).limit(1)).first()
    return Event(*row) if row else None


def columns() -> list[sa.ColumnElement[Any]]:
    """The columns of an event as :class:`Event` wants them."""
    table = schema.event
    return [table.c["data" if name == "text" else name] for name in Event.__dataclass_fields__]
