"""The outbox: what is to be sent, by whom it is being sent, and what became of it.

One row a (connection, external reference), unique in the database. A row moves so::

    queued ──claim──▶ sending ──answer──▶ confirmed
      ▲                 │  ├──refused──▶ rejected
      │                 │  └──silence──▶ uncertain ──look-up──▶ confirmed | conflict
      └──nothing was sent / not found──────────┘

    queued, rejected, conflict ──a person skips it──▶ skipped
    anything not confirmed ──a person links it──▶ confirmed
    rejected, conflict, skipped ──a person retries──▶ uncertain

The claim is committed before the request leaves. A claim is a lease: when its owner dies the row
becomes uncertain, because the request may have been answered to nobody. Contacts go before
documents and documents before payments (``rank``). What people decide is in
:mod:`app.journal.overrides`.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import psutil
import sqlalchemy as sa

from app.journal import events, kinds, schema
from app.journal.events import NewEvent
from app.journal.rows import Transaction
from app.journal.store import Journal, instant, now, written
from app.translation import QT_TRANSLATE_NOOP, translate

LEASE = timedelta(minutes=20)
"""Longer than the slowest batch of the slowest target; a dead owner on this machine is noticed at
once.
"""

LONGEST_WAIT = timedelta(hours=25)
"""No row waits longer: what is due later was written by a clock that was wrong."""


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


@dataclass(frozen=True, slots=True)
class Claim:
    """A row this owner may act on. ``state`` is what it was before: queued (send) or uncertain
    (look up); ``error_kind`` what its last settlement was about.
    """

    id: int
    external_ref: str
    payload: Mapping[str, object]
    state: State
    attempts: int
    owner: str
    error_kind: str = ""
    connection: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a claimed row. ``delay`` seconds until the next attempt for rows that stay
    open.
    """

    claim: Claim
    state: State
    event: str
    delay: float = 0.0
    remote_id: str = ""
    remote_number: str = ""
    remote_changes: Sequence[str] = ()
    error_kind: str = ""
    error_words: str = ""


def lease_owner() -> str:
    """A name for this sender that says on which machine and in which process it lives."""
    started = f"{psutil.Process().create_time():.1f}"
    return f"{platform.node()}|{os.getpid()}|{started}|{uuid.uuid4().hex[:8]}"


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
        created, log = now(), []
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
        events.append(connection, journal.actor, log)
    return added


def claim(
    journal: Journal,
    connection_name: str,
    owner: str,
    state: State,
    limit: int,
    batch: int | None = None,
    held: Collection[str] = (),
) -> list[Claim]:
    """Take up to ``limit`` due rows in ``state`` (queued or uncertain) under a lease; committed on
    return. With ``batch`` only rows of that batch's documents. Nothing is claimed to be sent while
    a row of an earlier rank is open, and none of the references ``held``.
    """
    table = schema.outbox
    with journal.writing(by_row=True) as connection:
        due = (
            sa.select(table)
            .where(
                table.c.connection == connection_name,
                table.c.state == state,
                table.c.lease_owner == "",
            )
            .where(
                _is_due(),
                *_of_batch(batch),
                *_next_rank(connection_name, batch, held),
                *_not_held(held),
            )
            .order_by(table.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = connection.execute(due).all()
        if not rows:
            return []
        taken = State.SENDING if state is State.QUEUED else State.UNCERTAIN
        until = written(instant() + LEASE)
        connection.execute(
            table.update()
            .where(table.c.id.in_([row.id for row in rows]))
            .values(
                state=taken,
                lease_owner=owner,
                lease_until=until,
                attempts=table.c.attempts + 1,
                updated_at=now(),
            )
        )
        kind = "outbox.sending" if state is State.QUEUED else "outbox.looking-up"
        data = {"connection": connection_name}
        log = [
            NewEvent(kind, row.external_ref, {"attempt": row.attempts + 1, **data}) for row in rows
        ]
        events.append(connection, journal.actor, log)
    return [
        Claim(
            row.id,
            row.external_ref,
            json.loads(row.payload),
            state,
            row.attempts + 1,
            owner,
            row.error_kind,
            connection_name,
        )
        for row in rows
    ]


def settle(journal: Journal, settlements: Sequence[Settlement]) -> None:
    """Write what became of claimed rows, and release them. A row whose lease another sender has
    taken over meanwhile is left to it; the answer that came too late is only journaled.
    """
    table = schema.outbox
    with journal.writing(by_row=True) as connection:
        log = []
        for item in settlements:
            at = now()
            due = written(instant() + timedelta(seconds=item.delay))
            values: dict[str, Any] = {
                "state": item.state,
                "lease_owner": "",
                "lease_until": "",
                "updated_at": at,
                "next_attempt_at": due if item.state in OPEN_STATES else "",
                "error_kind": item.error_kind,
                "error_words": item.error_words,
            }
            if item.state is State.CONFIRMED:
                values |= {
                    "remote_id": item.remote_id,
                    "remote_number": item.remote_number,
                    "remote_changes": "\n".join(item.remote_changes),
                    "confirmed_at": at,
                }
            mine = (table.c.id == item.claim.id) & (table.c.lease_owner == item.claim.owner)
            if not connection.execute(table.update().where(mine).values(**values)).rowcount:
                late = {
                    "owner": item.claim.owner,
                    "answer": item.event,
                    "remote_id": item.remote_id,
                }
                log.append(NewEvent("outbox.lease-lost", item.claim.external_ref, late))
                continue
            data: dict[str, object] = {
                "remote_id": item.remote_id,
                "remote_number": item.remote_number,
                "error": item.error_kind,
                "words": item.error_words,
                "changes": list(item.remote_changes),
                "wait": round(item.delay, 2),
                "connection": item.claim.connection,
            }
            shown = {name: value for name, value in data.items() if value}
            log.append(NewEvent(item.event, item.claim.external_ref, shown))
        events.append(connection, journal.actor, log)


def recover(journal: Journal, connection_name: str) -> int:
    """Rows whose lease has expired, or whose owner has died on this machine, become uncertain.
    Answers how many.
    """
    table = schema.outbox
    with journal.writing(by_row=True) as connection:
        leased = connection.execute(
            sa.select(table)
            .where(table.c.connection == connection_name, table.c.lease_owner != "")
            .with_for_update(skip_locked=True)
        ).all()
        dead = [row for row in leased if _is_over(row.lease_until) or not is_alive(row.lease_owner)]
        if dead:
            connection.execute(
                table.update()
                .where(table.c.id.in_([row.id for row in dead]))
                .values(
                    state=State.UNCERTAIN,
                    lease_owner="",
                    lease_until="",
                    next_attempt_at="",
                    updated_at=now(),
                )
            )
            log = [
                NewEvent(
                    "outbox.taken-over",
                    row.external_ref,
                    {"from": row.lease_owner, "connection": connection_name},
                )
                for row in dead
            ]
            events.append(connection, journal.actor, log)
    return len(dead)


def refresh_payload(journal: Journal, connection_name: str, intent: Intent) -> None:
    """Replace the payload of a row that never reached the target (refused, mapping corrected
    since). A row another sender has taken meanwhile is left to it.
    """
    table = schema.outbox
    with journal.writing() as connection:
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
                updated_at=now(),
            )
        )
        if not changed.rowcount:
            return
        data = {
            "connection": connection_name,
            "document": intent.document_id,
            **vouched(intent.content_hash, events.canonical(intent.payload)),
        }
        events.append(
            connection, journal.actor, [NewEvent("outbox.remapped", intent.external_ref, data)]
        )


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
        return list(connection.execute(query.where(*_of_batch(batch))).scalars())


def changes(journal: Journal, connection_name: str, batch: int | None = None) -> dict[str, str]:
    """External reference → what the target did differently from what was sent."""
    table = schema.outbox
    query = sa.select(table.c.external_ref, table.c.remote_changes).where(
        table.c.connection == connection_name, table.c.remote_changes != "", *_of_batch(batch)
    )
    with journal.reading() as connection:
        return {row.external_ref: row.remote_changes for row in connection.execute(query)}


def counts(
    journal: Journal, connection_name: str | None = None, batch: int | None = None
) -> dict[State, int]:
    """How many rows are in each state."""
    table = schema.outbox
    query = (
        sa.select(table.c.state, sa.func.count()).where(*_of_batch(batch)).group_by(table.c.state)
    )
    if connection_name is not None:
        query = query.where(table.c.connection == connection_name)
    with journal.reading() as connection:
        found = {State(state): count for state, count in connection.execute(query)}
    return {state: found.get(state, 0) for state in State}


def vouched(content_hash: str, payload: str) -> dict[str, str]:
    """What an event says of a row's content, so that ``verify`` notices when it is changed."""
    return {"content": content_hash, "payload": hashlib.sha256(payload.encode()).hexdigest()}


def seconds_until_due(
    journal: Journal, connection_name: str, batch: int | None = None, held: Collection[str] = ()
) -> float | None:
    """How long until the next open, unleased row may be acted on; None when there is none."""
    table = schema.outbox
    query = sa.select(sa.func.min(table.c.next_attempt_at)).where(
        table.c.connection == connection_name,
        table.c.state.in_([State.QUEUED, State.UNCERTAIN]),
        table.c.lease_owner == "",
        *_of_batch(batch),
        *_next_rank(connection_name, batch, held),
        sa.or_(table.c.state == State.UNCERTAIN, *_not_held(held)) if held else sa.true(),
    )
    with journal.reading() as connection:
        due = connection.execute(query).scalar()
    if due is None:
        return None
    if not due:
        return 0.0
    wait = datetime.fromisoformat(due) - instant()
    return 0.0 if wait > LONGEST_WAIT else max(wait.total_seconds(), 0.0)


def _not_held(held: Collection[str]) -> list[sa.ColumnElement[bool]]:
    return [schema.outbox.c.external_ref.not_in(sorted(held))] if held else []


def _is_due() -> sa.ColumnElement[bool]:
    """Also what a clock that was wrong put off for days."""
    due = schema.outbox.c.next_attempt_at
    return (due <= now()) | (due > written(instant() + LONGEST_WAIT))


def _is_over(lease_until: str) -> bool:
    return lease_until < now() or lease_until > written(instant() + 2 * LEASE)


def _next_rank(
    connection_name: str, batch: int | None, held: Collection[str]
) -> list[sa.ColumnElement[bool]]:
    """Only the kinds of documents whose turn it is, among those this sender may claim."""
    table, other = schema.outbox, schema.outbox.alias()
    first = sa.select(sa.func.min(other.c.rank)).where(
        other.c.connection == connection_name, other.c.state.in_(OPEN_STATES)
    )
    if batch is not None:
        first = first.where(other.c.document_id.in_(_documents_of(batch)))
    if held:
        first = first.where(other.c.external_ref.not_in(sorted(held)))
    return [table.c.rank <= first.scalar_subquery()]


def _of_batch(batch: int | None) -> list[sa.ColumnElement[bool]]:
    if batch is None:
        return []
    return [schema.outbox.c.document_id.in_(_documents_of(batch))]


def _documents_of(batch: int) -> sa.Select[tuple[int]]:
    return sa.select(schema.document.c.id).where(schema.document.c.batch_id == batch)


def is_alive(owner: str) -> bool:
    """Whether the process of a lease owner still runs; of another machine nobody knows, so yes."""
    node, pid, started, _ = owner.split("|")
    if node != platform.node():
        return True
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(started)) < 1
    except psutil.Error:
        return False
