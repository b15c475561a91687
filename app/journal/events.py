"""The event log: append-only and hash-chained, so that nobody edits or removes a line unseen.

``hash = sha256(previous_hash + "\\n" + canonical JSON of sequence, at, actor, kind, subject, data)``. The head of the
chain is one row that every append updates, which also serialises writers on PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.journal import schema
from app.journal.store import Journal, now


@dataclass(frozen=True, slots=True)
class NewEvent:
    """``kind`` is ``area.what`` (``import.closed``), ``subject`` what it is about (``batch:3``, an external
    reference), ``data`` anything JSON can hold; money as text."""

    kind: str
    subject: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Verification:
    """``first_bad`` is the sequence of the first event that does not fit the chain, None when all do."""

    events: int = 0
    first_bad: int | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.first_bad is None and not self.problems


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def append(connection: sa.Connection, actor: str, events: Sequence[NewEvent]) -> None:
    """Add events to the chain inside the caller's writing transaction."""
    if not events:
        return
    head = connection.execute(
        sa.select(schema.chain.c.sequence, schema.chain.c.hash).where(schema.chain.c.id == 1).with_for_update()
    ).one()
    sequence, previous = head.sequence, head.hash
    at = now()
    rows = []
    for event in events:
        sequence += 1
        data = canonical(event.data)
        digest = _hash(previous, sequence, at, actor, event.kind, event.subject, data)
        rows.append(
            {
                "sequence": sequence, "at": at, "actor": actor, "kind": event.kind, "subject": event.subject,
                "data": data, "previous_hash": previous, "hash": digest,
            }
        )  # fmt: skip
        previous = digest
    connection.execute(schema.event.insert(), rows)
    connection.execute(schema.chain.update().where(schema.chain.c.id == 1).values(sequence=sequence, hash=previous))


def record(journal: Journal, kind: str, subject: str, **data: object) -> None:
    """Append one event in a transaction of its own."""
    with journal.writing() as connection:
        append(connection, journal.actor, [NewEvent(kind, subject, data)])


def verify(journal: Journal) -> Verification:
    """Check the whole chain, and for every closed batch that its lines are those that were journaled."""
    result = Verification()
    with journal.reading() as connection:
        _verify_chain(connection, result)
        _verify_batches(connection, result)
    return result


def _verify_chain(connection: sa.Connection, result: Verification) -> None:
    previous = ""
    for row in connection.execute(sa.select(schema.event).order_by(schema.event.c.sequence)):
        result.events += 1
        expected = _hash(previous, row.sequence, row.at, row.actor, row.kind, row.subject, row.data)
        if row.sequence != result.events or row.previous_hash != previous or row.hash != expected:
            result.first_bad = result.events if row.sequence != result.events else row.sequence
            return
        previous = row.hash
    head = connection.execute(sa.select(schema.chain)).one()
    if (head.sequence, head.hash) != (result.events, previous):
        result.first_bad = result.events + 1


def _verify_batches(connection: sa.Connection, result: Verification) -> None:
    closings = sa.select(schema.event.c.subject, schema.event.c.data).where(schema.event.c.kind == "import.closed")
    digests = {row.subject: json.loads(row.data) for row in connection.execute(closings)}
    for batch in connection.execute(sa.select(schema.batch).order_by(schema.batch.c.id)):
        if batch.state not in ("complete", "incomplete"):
            continue
        digest = LinesDigest()
        counts = {"record": 0, "heading": 0, "rejected": 0}
        query = sa.select(schema.line).where(schema.line.c.batch_id == batch.id).order_by(schema.line.c.number)
        for line in connection.execute(query):
            digest.add(line.number, line.byte_offset, line.byte_length, line.disposition, line.text)
            counts[line.disposition] += 1
        journaled = digests.get(f"batch:{batch.id}", {})
        stated = {name: getattr(batch, f"lines_{name}") for name in counts}
        if counts != stated or sum(counts.values()) != batch.lines_total:
            result.problems.append(f"batch {batch.id}: lines {counts} ≠ {stated} of {batch.lines_total}")
        if digest.hexdigest() != batch.lines_digest or journaled.get("digest") != batch.lines_digest:
            result.problems.append(f"batch {batch.id}: its lines are not those that were journaled")


class LinesDigest:
    """A running SHA-256 over lines in order: number, offset, length, disposition and text of each."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, number: int, offset: int, length: int, disposition: str, text: str) -> None:
        self._hash.update(f"{number}\t{offset}\t{length}\t{disposition}\t{text}\n".encode("utf-8", "surrogatepass"))

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def _hash(previous: str, sequence: int, at: str, actor: str, kind: str, subject: str, data: str) -> str:
    content = canonical([sequence, at, actor, kind, subject, data])
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()
