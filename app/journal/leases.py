"""Who may act on a document of the outbox, and what became of it.

A claim is committed before the request leaves. It is a lease by the database's clock, so that a
desktop whose own clock is wrong takes nothing from the others, and it carries a fencing number that
grows with each claim (Kleppmann, "How to do distributed locking", 2016): a sender whose lease was
taken over settles nothing any more. What the target confirmed to it all the same is journaled, and
where it is another document than the one confirmed since, a person has to look.
"""

from __future__ import annotations

import json
import os
import platform
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import psutil
import sqlalchemy as sa

from app.journal import events, schema
from app.journal.events import NewEvent
from app.journal.outbox import OPEN_STATES, State, documents_of, of_batch
from app.journal.store import Journal, database_instant, written
from app.translation import QT_TRANSLATE_NOOP, translate

LEASE = timedelta(minutes=20)
"""Longer than the slowest batch of the slowest target; a dead owner on this machine is noticed at
once.
"""

FRESH_SECONDS = 60.0
"""A claim taken within these seconds is sent without asking the database whether it still holds."""
LONGEST_WAIT = timedelta(hours=25)
"""No row waits longer: what is due later was written by a clock that was wrong."""

TWO_ANSWERS = QT_TRANSLATE_NOOP(
    "differences",
    "two senders were answered: {late} came after the lease was taken over, {known} is what was"
    " confirmed; look at both in the target",
)
LATE_ANSWER = QT_TRANSLATE_NOOP(
    "differences", "the target confirmed {late} after the lease was taken over"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row this owner may act on. ``state`` is what it was before: queued (send) or uncertain
    (look up); ``error_kind`` what its last settlement was about; ``fence`` the number of the claim,
    higher than that of every claim before it; ``taken_at`` when, by the clock of this machine.
    """

    id: int
    external_ref: str
    payload: Mapping[str, object]
    state: State
    attempts: int
    owner: str
    error_kind: str = ""
    connection: str = ""
    fence: int = 0
    taken_at: float = 0.0


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
    return f"{_node()}|{os.getpid()}|{started}|{uuid.uuid4().hex[:8]}"


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
        at = database_instant(connection)
        due = (
            sa.select(table)
            .where(
                table.c.connection == connection_name,
                table.c.state == state,
                table.c.lease_owner == "",
            )
            .where(
                _is_due(at),
                *of_batch(batch),
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
        connection.execute(
            table.update()
            .where(table.c.id.in_([row.id for row in rows]))
            .values(
                state=taken,
                lease_owner=owner,
                lease_until=written(at + LEASE),
                attempts=table.c.attempts + 1,
                fence=table.c.fence + 1,
                updated_at=written(at),
            )
        )
        kind = "outbox.sending" if state is State.QUEUED else "outbox.looking-up"
        log = [
            NewEvent(
                kind,
                row.external_ref,
                {
                    "attempt": row.attempts + 1,
                    "fence": row.fence + 1,
                    "connection": connection_name,
                },
            )
            for row in rows
        ]
        events.append(connection, journal.actor, log, written(at))
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
            row.fence + 1,
            time.time(),
        )
        for row in rows
    ]


def standing(journal: Journal, claims: Sequence[Claim]) -> list[Claim]:
    """Those of some claims that are still this owner's, asked just before the request leaves: a
    machine that slept in between may have lost them. Those taken a moment ago are not asked for.
    """
    now = time.time()
    if all(0 <= now - item.taken_at < FRESH_SECONDS for item in claims):
        return list(claims)
    table = schema.outbox
    with journal.reading() as connection:
        at = written(database_instant(connection))
        query = sa.select(table.c.id, table.c.lease_owner, table.c.fence).where(
            table.c.id.in_([item.id for item in claims]), table.c.lease_until > at
        )
        there = {tuple(row) for row in connection.execute(query)}
    return [item for item in claims if (item.id, item.owner, item.fence) in there]


def settle(journal: Journal, settlements: Sequence[Settlement]) -> None:
    """Write what became of claimed rows, and release them. A row whose lease another sender has
    taken over meanwhile is left to it; the answer that came too late is journaled, and where the
    target confirmed it, the row is looked up again or, confirmed as another document by then, put
    before a person.
    """
    with journal.writing(by_row=True) as connection:
        at = database_instant(connection)
        log: list[NewEvent] = []
        for item in settlements:
            log += _settled(connection, item, at)
        events.append(connection, journal.actor, log, written(at))


def recover(journal: Journal, connection_name: str) -> int:
    """Rows whose lease has expired, or whose owner has died on this machine, become uncertain.
    Answers how many.
    """
    table = schema.outbox
    with journal.writing(by_row=True) as connection:
        at = database_instant(connection)
        leased = connection.execute(
            sa.select(table)
            .where(table.c.connection == connection_name, table.c.lease_owner != "")
            .with_for_update(skip_locked=True)
        ).all()
        dead = [
            row for row in leased if _is_over(row.lease_until, at) or not is_alive(row.lease_owner)
        ]
        if dead:
            connection.execute(
                table.update()
                .where(table.c.id.in_([row.id for row in dead]))
                .values(
                    state=State.UNCERTAIN,
                    lease_owner="",
                    lease_until="",
                    next_attempt_at="",
                    fence=table.c.fence + 1,
                    updated_at=written(at),
                )
            )
            log = [
                NewEvent(
                    "outbox.taken-over",
                    row.external_ref,
                    {
                        "from": row.lease_owner,
                        "fence": row.fence + 1,
                        "connection": connection_name,
                    },
                )
                for row in dead
            ]
            events.append(connection, journal.actor, log, written(at))
    return len(dead)


def seconds_until_due(
    journal: Journal, connection_name: str, batch: int | None = None, held: Collection[str] = ()
) -> float | None:
    """How long until the next open, unleased row may be acted on; None when there is none."""
    table = schema.outbox
    query = sa.select(sa.func.min(table.c.next_attempt_at)).where(
        table.c.connection == connection_name,
        table.c.state.in_([State.QUEUED, State.UNCERTAIN]),
        table.c.lease_owner == "",
        *of_batch(batch),
        *_next_rank(connection_name, batch, held),
        sa.or_(table.c.state == State.UNCERTAIN, *_not_held(held)) if held else sa.true(),
    )
    with journal.reading() as connection:
        due = connection.execute(query).scalar()
        at = database_instant(connection)
    if due is None:
        return None
    if not due:
        return 0.0
    wait = datetime.fromisoformat(due) - at
    return 0.0 if wait > LONGEST_WAIT else max(wait.total_seconds(), 0.0)


def _node() -> str:
    """The machine, as far as there is room for its name."""
    return platform.node().replace("|", "")[:32]


def is_alive(owner: str) -> bool:
    """Whether the process of a lease owner still runs; of another machine nobody knows, so yes."""
    node, pid, started, _ = owner.split("|")
    if node != _node():
        return True
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(started)) < 1
    except psutil.AccessDenied:
        return True  # it is there; whether it is the same nobody may say, so it keeps its rows
    except psutil.Error:
        return False


def _settled(connection: sa.Connection, item: Settlement, at: datetime) -> list[NewEvent]:
    """Write one settlement; the events that tell of it."""
    table = schema.outbox
    item = _beside_late_answers(connection, item)
    values: dict[str, Any] = {
        "state": item.state,
        "lease_owner": "",
        "lease_until": "",
        "updated_at": written(at),
        "next_attempt_at": (
            written(at + timedelta(seconds=item.delay)) if item.state in OPEN_STATES else ""
        ),
        "error_kind": item.error_kind,
        "error_words": item.error_words,
    }
    if item.state is State.CONFIRMED:
        values |= {
            "remote_id": item.remote_id,
            "remote_number": item.remote_number,
            "remote_changes": "\n".join(item.remote_changes),
            "confirmed_at": written(at),
        }
    claim = item.claim
    mine = (
        (table.c.id == claim.id)
        & (table.c.lease_owner == claim.owner)
        & (table.c.fence == claim.fence)
    )
    if not connection.execute(table.update().where(mine).values(**values)).rowcount:
        return _too_late(connection, item, at)
    data: dict[str, object] = {
        "remote_id": item.remote_id,
        "remote_number": item.remote_number,
        "error": item.error_kind,
        "words": item.error_words,
        "changes": list(item.remote_changes),
        "wait": round(item.delay, 2),
        "connection": claim.connection,
    }
    shown = {name: value for name, value in data.items() if value}
    return [NewEvent(item.event, claim.external_ref, shown)]


def _beside_late_answers(connection: sa.Connection, item: Settlement) -> Settlement:
    """A confirmation is a conflict where an earlier holder of the row was confirmed another
    document.
    """
    if item.state is not State.CONFIRMED or item.claim.fence < 2:
        return item
    late = _late_answer(connection, item.claim)
    if late is None or late["remote_id"] == item.remote_id:
        return item
    number = str(late.get("remote_number") or late["remote_id"])
    return replace(
        item,
        state=State.CONFLICT,
        event="outbox.conflict",
        error_kind="Conflict",
        error_words=_words(TWO_ANSWERS, late=number, known=item.remote_number or item.remote_id),
    )


def _late_answer(connection: sa.Connection, claim: Claim) -> Mapping[str, Any] | None:
    """What an earlier holder of the row was confirmed, unless a person has looked since."""
    found = None
    kinds = ("outbox.lease-lost", "outbox.retry")
    for event in events.read(connection, subject=claim.external_ref, kinds=kinds):
        data = event.data
        if data.get("connection") != claim.connection:
            continue
        if event.kind == "outbox.retry":
            found = None
        elif data.get("remote_id"):
            found = data
    return found


def _too_late(connection: sa.Connection, item: Settlement, at: datetime) -> list[NewEvent]:
    """The row is another sender's by now, or was settled by it."""
    table, claim = schema.outbox, item.claim
    said = {
        "owner": claim.owner,
        "fence": claim.fence,
        "answer": item.event,
        "remote_id": item.remote_id,
        "remote_number": item.remote_number,
        "connection": claim.connection,
    }
    log = [NewEvent("outbox.lease-lost", claim.external_ref, said)]
    row = connection.execute(
        sa.select(table).where(table.c.id == claim.id).with_for_update()
    ).first()
    if row is None or item.state is not State.CONFIRMED or row.lease_owner:
        return log
    late = item.remote_number or item.remote_id
    if row.state in (State.QUEUED, State.REJECTED):
        state, words = State.UNCERTAIN, _words(LATE_ANSWER, late=late)
    elif row.state == State.CONFIRMED and row.remote_id != item.remote_id:
        known = row.remote_number or row.remote_id
        state, words = State.CONFLICT, _words(TWO_ANSWERS, late=late, known=known)
    elif row.state == State.SKIPPED:
        state, words = State.CONFLICT, _words(LATE_ANSWER, late=late)
    else:
        return log
    values = {"state": state, "error_kind": "Conflict", "error_words": words}
    connection.execute(
        table.update()
        .where(table.c.id == claim.id)
        .values(**values, next_attempt_at="", updated_at=written(at))
    )
    data = {"words": words, "error": "Conflict", "connection": claim.connection}
    return [*log, NewEvent(f"outbox.{state}", claim.external_ref, data)]


def _words(text: str, **values: object) -> str:
    return translate("differences", text).format(**values)


def _not_held(held: Collection[str]) -> list[sa.ColumnElement[bool]]:
    return [schema.outbox.c.external_ref.not_in(sorted(held))] if held else []


def _is_due(at: datetime) -> sa.ColumnElement[bool]:
    """Also what a clock that was wrong put off for days."""
    due = schema.outbox.c.next_attempt_at
    return (due <= written(at)) | (due > written(at + LONGEST_WAIT))


def _is_over(lease_until: str, at: datetime) -> bool:
    return lease_until < written(at) or lease_until > written(at + 2 * LEASE)


def _next_rank(
    connection_name: str, batch: int | None, held: Collection[str]
) -> list[sa.ColumnElement[bool]]:
    """Only the kinds of documents whose turn it is, among those this sender may claim."""
    table, other = schema.outbox, schema.outbox.alias()
    first = sa.select(sa.func.min(other.c.rank)).where(
        other.c.connection == connection_name, other.c.state.in_(OPEN_STATES)
    )
    if batch is not None:
        first = first.where(other.c.document_id.in_(documents_of(batch)))
    if held:
        first = first.where(other.c.external_ref.not_in(sorted(held)))
    return [table.c.rank <= first.scalar_subquery()]
