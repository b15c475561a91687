"""The inbox: everything that came in by any door (a webhook, a poll, a file, a person), each once,
kept and replayable.

A row is a hint that a record of a connection may have changed; what it changed to is read from
there. It moves so::

    new ──claim──▶ leased ──▶ done | ignored (of no use) | stale (older than what is known)
     ▲               │
     └──── retry ────┴──▶ dead (a person looks, then retries or skips)

One event of the chain vouches for the rows of a delivery by their digest, not by their bodies: a
body with personal data can be erased and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
import zstandard

from app.journal import events, schema
from app.journal.events import NewEvent, RowsDigest
from app.journal.rows import InboxRow, Transaction
from app.journal.store import Journal, database_instant, moment, written
from app.journal.upserts import PORTION, insert_into
from app.translation import QT_TRANSLATE_NOOP, translate

RECEIVED = "event.received"
ERASED = "event.erased"
_GRACE = timedelta(minutes=10)


class Door(StrEnum):
    """By which way something came in."""

    WEBHOOK = "webhook"
    POLL = "poll"
    FILE = "file"
    PERSON = "person"


class State(StrEnum):
    NEW = "new"
    LEASED = "leased"
    DONE = "done"
    IGNORED = "ignored"
    STALE = "stale"
    DEAD = "dead"


OPEN_STATES = (State.NEW, State.LEASED)
STATE_TEXTS = {
    State.NEW: QT_TRANSLATE_NOOP("inbox", "waiting"),
    State.LEASED: QT_TRANSLATE_NOOP("inbox", "being looked at"),
    State.DONE: QT_TRANSLATE_NOOP("inbox", "done"),
    State.IGNORED: QT_TRANSLATE_NOOP("inbox", "of no use"),
    State.STALE: QT_TRANSLATE_NOOP("inbox", "known already"),
    State.DEAD: QT_TRANSLATE_NOOP("inbox", "set apart"),
}
VOUCHED = (
    *("door", "connection", "dedup", "kind", "record", "remote_id", "occurred_at", "received_at"),
    *("headers", "body_sha256"),
)
"""What the digest of a delivery is over; its body counts by its hash."""


def state_text(state: str) -> str:
    return translate("inbox", STATE_TEXTS[State(state)])


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that came in. ``dedup`` is the same for each of its repeats, ``record`` the kind of
    record it is about (empty: none we know) and ``remote_id`` which; ``state`` other than new where
    nothing is left to do.
    """

    dedup: str
    kind: str
    record: str
    remote_id: str
    occurred_at: datetime | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    state: State = State.NEW
    words: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """How many rows of a delivery are new, and how many came before."""

    new: int
    repeated: int


def receive(journal: Journal, door: Door, connection_name: str, hints: Sequence[Hint]) -> Received:
    """Keep a delivery durably; committed on return. What came before only counts once more."""
    with journal.writing(by_row=True) as transaction:
        return put(transaction, journal.actor, door, connection_name, hints)


def put(
    transaction: Transaction, actor: str, door: Door, connection_name: str, hints: Sequence[Hint]
) -> Received:
    """The same within a writing transaction of somebody else's."""
    if not hints:
        return Received(0, 0)
    at = moment(transaction)
    delivery = uuid.uuid4().hex
    unlike = {hint.dedup: hint for hint in hints}
    rows = [_row(unlike[key], door, connection_name, delivery, at) for key in sorted(unlike)]
    kept = _insert(transaction, rows)
    repeated = [row["dedup"] for row in rows if row["dedup"] not in kept]
    _count_again(transaction, door, connection_name, repeated, at)
    new = [row for row in rows if row["dedup"] in kept]
    if new:
        said = {"rows": len(new), "door": door.value, "connection": connection_name}
        told = NewEvent(RECEIVED, f"delivery:{delivery}", {**said, "digest": digest_of(new)})
        events.append(transaction, actor, [told], at)
    return Received(len(new), len(hints) - len(new))


def digest_of(rows: Iterable[Mapping[str, object]]) -> str:
    """SHA-256 over what is vouched for of the rows of a delivery."""
    digest = RowsDigest()
    facts = [tuple(row[name] for name in VOUCHED) for row in rows]
    digest.add(sorted(facts, key=lambda one: str(one[2])))
    return digest.hexdigest()


def rows(
    journal: Journal,
    *,
    states: Sequence[State] = (),
    connection_name: str = "",
    door: str = "",
    since: str = "",
    until: str = "",
    limit: int = 200,
) -> list[InboxRow]:
    """The newest rows first, of these states where given."""
    table = schema.inbox
    query = sa.select(*_columns()).where(*_between(connection_name, since, until))
    if states:
        query = query.where(table.c.state.in_(list(states)))
    if door:
        query = query.where(table.c.door == door)
    with journal.reading() as connection:
        return InboxRow.all_of(connection.execute(query.order_by(table.c.id.desc()).limit(limit)))


def one(journal: Journal, number: int) -> InboxRow:
    """Raises LookupError where there is none of that number."""
    with journal.reading() as connection:
        found = connection.execute(
            sa.select(*_columns()).where(schema.inbox.c.id == number)
        ).first()
    if found is None:
        raise LookupError(number)
    return InboxRow(*found)


def body_of(row: InboxRow) -> bytes | None:
    """What came; None where it was erased."""
    return None if row.packed is None else unpacked(row.packed)


def counts(journal: Journal, connection_name: str = "", since: str = "") -> dict[State, int]:
    """How many rows are in each state."""
    table = schema.inbox
    query = sa.select(table.c.state, sa.func.count()).where(*_between(connection_name, since, ""))
    with journal.reading() as connection:
        rows = connection.execute(query.group_by(table.c.state))
        found = {state: int(count) for state, count in rows}
    return {state: found.get(state.value, 0) for state in State}


def ended(journal: Journal, since: str) -> int:
    """How many rows from outside came to a good end since an instant."""
    table = schema.inbox
    query = sa.select(sa.func.count()).where(
        table.c.done_at >= since,
        table.c.done_at != "",
        table.c.door == Door.WEBHOOK.value,
        table.c.state.in_([State.DONE, State.STALE]),
    )
    with journal.reading() as connection:
        return int(connection.execute(query).scalar_one())


def connections_waiting(journal: Journal) -> list[str]:
    """Connections with rows nobody has finished."""
    table = schema.inbox
    query = sa.select(table.c.connection).where(table.c.state.in_(OPEN_STATES)).distinct()
    with journal.reading() as connection:
        return sorted(connection.execute(query).scalars())


def oldest_waiting(journal: Journal) -> datetime | None:
    """Since when the oldest row waits."""
    table = schema.inbox
    query = sa.select(sa.func.min(table.c.received_at)).where(table.c.state.in_(OPEN_STATES))
    with journal.reading() as connection:
        at = connection.execute(query).scalar()
    return datetime.fromisoformat(at) if at else None


def missed(journal: Journal, connection_name: str, since: str) -> tuple[int, int]:
    """How many changes polls found that no webhook announced (ten minutes are waited for it), and
    how many changes there were in all. Of use for a connection whose webhooks are open.
    """
    table = schema.inbox
    mine = (table.c.connection == connection_name) & (table.c.received_at >= since)
    with journal.reading() as connection:
        late = written(database_instant(connection) - _GRACE)
        polled = connection.execute(
            sa.select(table.c.record, table.c.remote_id, table.c.occurred_at, table.c.received_at)
            .where(mine, table.c.door == Door.POLL.value, table.c.received_at < late)
            .order_by(table.c.id)
        ).all()
        announced = connection.execute(
            sa.select(sa.func.count()).where(mine, table.c.door == Door.WEBHOOK.value)
        ).scalar_one()
        unsaid = sum(1 for row in polled if not _is_announced(connection, connection_name, *row))
    return unsaid, announced + unsaid


def _is_announced(connection: sa.Connection, connection_name: str, *change: str) -> bool:
    record, remote_id, occurred_at, received_at = change
    table = schema.inbox
    first = written(datetime.fromisoformat(occurred_at) - _GRACE)
    last = written(datetime.fromisoformat(received_at) + _GRACE)
    query = sa.select(table.c.id).where(
        table.c.connection == connection_name,
        table.c.record == record,
        table.c.remote_id == remote_id,
        table.c.door == Door.WEBHOOK.value,
        table.c.last_received_at.between(first, last),
    )
    return connection.execute(query.limit(1)).first() is not None


def erase(journal: Journal, record: str, remote_id: str, reason: str) -> int:
    """Empty the bodies of everything that came about a record (a person asked to be forgotten);
    what else is known of it stays, and the chain tells. Answers how many.
    """
    table = schema.inbox
    mine = (table.c.record == record) & (table.c.remote_id == remote_id)
    with journal.writing() as connection:
        changed = connection.execute(
            table.update().where(mine, table.c.body.is_not(None)).values(body=None)
        ).rowcount
        said = {"record": record, "number": remote_id, "count": changed, "reason": reason}
        events.append(connection, journal.actor, [NewEvent(ERASED, "inbox:bodies", said)])
    return changed


def empty_older(journal: Journal, before: str) -> int:
    """Let go of bodies received before an instant; the rows stay."""
    table = schema.inbox
    with journal.writing() as connection:
        changed = connection.execute(
            table.update()
            .where(table.c.received_at < before, table.c.body.is_not(None))
            .values(body=None)
        ).rowcount
        if changed:
            said = {"count": changed, "until": before}
            events.append(connection, journal.actor, [NewEvent(ERASED, "inbox:bodies", said)])
    return changed


def unpacked(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=64 * 1024 * 1024)


def _row(hint: Hint, door: Door, connection_name: str, delivery: str, at: str) -> dict[str, object]:
    is_over = hint.state not in OPEN_STATES
    return {
        "door": door.value,
        "connection": connection_name,
        "dedup": hint.dedup,
        "kind": hint.kind[:80],
        "record": hint.record,
        "remote_id": hint.remote_id[:160],
        "occurred_at": written(hint.occurred_at) if hint.occurred_at else at,
        "received_at": at,
        "delivery": delivery,
        "headers": json.dumps(dict(hint.headers), sort_keys=True),
        "body": zstandard.ZstdCompressor().compress(hint.body) if hint.body else None,
        "body_sha256": hashlib.sha256(hint.body).hexdigest() if hint.body else "",
        "deliveries": 1,
        "last_received_at": at,
        "state": hint.state.value,
        "error_words": hint.words,
        "done_at": at if is_over and hint.state is not State.DEAD else "",
    }


def _insert(transaction: Transaction, rows: Sequence[Mapping[str, object]]) -> set[object]:
    """The keys of those that were not there."""
    table = schema.inbox
    only_new = insert_into(transaction, table).on_conflict_do_nothing(
        index_elements=["door", "connection", "dedup"]
    )
    kept: set[object] = set()
    for start in range(0, len(rows), PORTION):
        values = [dict(row) for row in rows[start : start + PORTION]]
        kept |= set(transaction.execute(only_new.values(values).returning(table.c.dedup)).scalars())
    return kept


def _count_again(
    transaction: Transaction, door: Door, connection_name: str, keys: Sequence[object], at: str
) -> None:
    table = schema.inbox
    for start in range(0, len(keys), PORTION):
        transaction.execute(
            table.update()
            .where(
                table.c.door == door.value,
                table.c.connection == connection_name,
                table.c.dedup.in_(keys[start : start + PORTION]),
            )
            .values(deliveries=table.c.deliveries + 1, last_received_at=at)
        )


def _between(connection_name: str, since: str, until: str) -> list[sa.ColumnElement[bool]]:
    table = schema.inbox
    found = []
    if connection_name:
        found.append(table.c.connection == connection_name)
    if since:
        found.append(table.c.received_at >= since)
    if until:
        found.append(table.c.received_at < until)
    return found


def _columns() -> list[sa.ColumnElement[object]]:
    table = schema.inbox
    return [table.c["body" if name == "packed" else name] for name in InboxRow.__dataclass_fields__]
