"""The outbox: what is to be sent, by whom it is being sent, and what became of it.

One row a (connection, external reference), unique in the database. A row moves so::

    queued ──claim──▶ sending ──answer──▶ confirmed
      ▲                 │  ├──refused──▶ rejected
      │                 │  └──silence──▶ uncertain ──look-up──▶ confirmed | conflict
      └──nothing was sent / not found──────────┘

    queued, rejected, conflict ──a person skips it──▶ skipped
    anything not confirmed ──a person links it──▶ confirmed
    rejected, conflict, skipped ──a person retries──▶ uncertain

Who may act on a row, and what became of it, is in :mod:`app.journal.leases`; what people decide in
:mod:`app.journal.overrides`. Contacts go before documents and documents before payments (``rank``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from app.journal import events, kinds, schema
from app.journal.events import NewEvent
from app.journal.rows import Transaction
from app.journal.store import Journal, moment
from app.translation import QT_TRANSLATE_NOOP, translate


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    SKIPPED = "skipped"


STATE_TEXTS = {
    "queued": QT_TRANSLATE_NOOP("queue", "waiting"),
    "sending": QT_TRANSLATE_NOOP("queue", "being sent"),
    "uncertain": QT_TRANSLATE_NOOP("queue", "uncertain"),
    "confirmed": QT_TRANSLATE_NOOP("queue", "confirmed"),
    "rejected": QT_TRANSLATE_NOOP("queue", "refused"),
    "conflict": QT_TRANSLATE_NOOP("queue", "in conflict"),
    "skipped": QT_TRANSLATE_NOOP("queue", "skipped"),
}
"""States of documents in the outbox."""

OPEN_STATES = (State.QUEUED, State.SENDING, State.UNCERTAIN)


def state_text(state: str) -> str:
    """How far a document is, in few words."""
    return translate("queue", STATE_TEXTS[state])


@dataclass(frozen=True, slots=True)
class Intent:
    """A document to be sent: ``payload`` is the mapped target document as JSON can hold it."""

    external_ref: str
    document_id: int
    content_hash: str
    payload: Mapping[str, object]
    kind: str = "entry"


def enqueue(
    journal: Journal,
    connection_name: str,
    intents: Sequence[Intent],
    unwanted: Callable[[Transaction], Collection[str]] | None = None,
) -> int:
    """Write intents durably; those already in the outbox stay as they are. ``unwanted`` says, while
    nobody else writes, which references are not to be sent after all. Answers how many are new.
    """
    added = 0
    with journal.writing() as connection:
        left_out = unwanted(connection) if unwanted else ()
        known = set(
            connection.execute(
                sa.select(schema.outbox.c.external_ref).where(
                    schema.outbox.c.connection == connection_name
                )
            ).scalars()
        )
        created, log = moment(connection), []
        for intent in intents:
            if intent.external_ref in known or intent.external_ref in left_out:
                continue
            known.add(intent.external_ref)
            connection.execute(
                schema.outbox.insert().values(
                    connection=connection_name,
                    external_ref=intent.external_ref,
                    document_id=intent.document_id,
                    content_hash=intent.content_hash,
                    payload=events.canonical(intent.payload),
                    state=State.QUEUED,
                    created_at=created,
                    updated_at=created,
                    kind=intent.kind,
                    rank=kinds.of_name(intent.kind).rank,
                )
            )
            data = {
                "connection": connection_name,
                "document": intent.document_id,
                "kind": intent.kind,
                **vouched(intent.content_hash, events.canonical(intent.payload)),
            }
            log.append(NewEvent("outbox.queued", intent.external_ref, data))
            added += 1
        events.append(connection, journal.actor, log, created)
    return added


def refresh_payload(journal: Journal, connection_name: str, intent: Intent) -> None:
    """Replace the payload of a row that never reached the target (refused, mapping corrected
    since). A row another sender has taken meanwhile is left to it.
    """
    table = schema.outbox
    with journal.writing() as connection:
        at = moment(connection)
        changed = connection.execute(
            table.update()
            .where(
                table.c.connection == connection_name, table.c.external_ref == intent.external_ref
            )
            .where(table.c.state.in_([State.REJECTED, State.QUEUED]), table.c.lease_owner == "")
            .values(
                payload=events.canonical(intent.payload),
                document_id=intent.document_id,
                content_hash=intent.content_hash,
                state=State.UNCERTAIN,
                next_attempt_at="",
                updated_at=at,
            )
        )
        if not changed.rowcount:
            return
        data = {
            "connection": connection_name,
            "document": intent.document_id,
            **vouched(intent.content_hash, events.canonical(intent.payload)),
        }
        said = NewEvent("outbox.remapped", intent.external_ref, data)
        events.append(connection, journal.actor, [said], at)


def move(journal: Journal, connection_name: str, intents: Sequence[Intent]) -> None:
    """Let open rows belong to the newest document with their content, so that its batch counts and
    sends them.
    """
    table = schema.outbox
    with journal.writing() as connection:
        log = []
        for intent in intents:
            open_row = (table.c.connection == connection_name) & (
                table.c.external_ref == intent.external_ref
            )
            same = (table.c.content_hash == intent.content_hash) & (
                table.c.state != State.CONFIRMED
            )
            connection.execute(
                table.update().where(open_row, same).values(document_id=intent.document_id)
            )
            data = {"connection": connection_name, "document": intent.document_id}
            log.append(NewEvent("outbox.moved", intent.external_ref, data))
        events.append(connection, journal.actor, log)


def references(
    journal: Journal,
    connection_name: str,
    states: Sequence[State],
    batch: int | None = None,
    kind: str = "",
) -> list[str]:
    """External references of the rows in these states, of one kind where it is given."""
    table = schema.outbox
    query = sa.select(table.c.external_ref).where(
        table.c.connection == connection_name, table.c.state.in_(states)
    )
    if kind:
        query = query.where(table.c.kind == kind)
    with journal.reading() as connection:
        return list(connection.execute(query.where(*of_batch(batch))).scalars())


def changes(journal: Journal, connection_name: str, batch: int | None = None) -> dict[str, str]:
    """External reference → what the target did differently from what was sent."""
    table = schema.outbox
    query = sa.select(table.c.external_ref, table.c.remote_changes).where(
        table.c.connection == connection_name, table.c.remote_changes != "", *of_batch(batch)
    )
    with journal.reading() as connection:
        return {row.external_ref: row.remote_changes for row in connection.execute(query)}


def counts(
    journal: Journal, connection_name: str | None = None, batch: int | None = None
) -> dict[State, int]:
    """How many rows are in each state."""
    table = schema.outbox
    query = (
        sa.select(table.c.state, sa.func.count()).where(*of_batch(batch)).group_by(table.c.state)
    )
    if connection_name is not None:
        query = query.where(table.c.connection == connection_name)
    with journal.reading() as connection:
        found = {State(state): count for state, count in connection.execute(query)}
    return {state: found.get(state, 0) for state in State}


def vouched(content_hash: str, payload: str) -> dict[str, str]:
    """What an event says of a row's content, so that ``verify`` notices when it is changed."""
    return {"content": content_hash, "payload": hashlib.sha256(payload.encode()).hexdigest()}


def of_batch(batch: int | None) -> list[sa.ColumnElement[bool]]:
    if batch is None:
        return []
    return [schema.outbox.c.document_id.in_(documents_of(batch))]


def documents_of(batch: int) -> sa.Select[tuple[int]]:
    return sa.select(schema.document.c.id).where(schema.document.c.batch_id == batch)
