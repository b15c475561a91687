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

from app.journal import events, roles, schema
from app.journal.events import NewEvent, RowsDigest
from app.journal.roles import Role
from app.journal.rows import InboxRow, Transaction
from app.journal.store import Journal, database_instant, moment, written
from app.journal.upserts import PORTION, insert_into
from app.translation import QT_TRANSLATE_NOOP, translate

RECEIVED = "event.received"
ERASED = "event.erased"
BODIES_KEPT = timedelta(days=400)
"""So long what came is kept whole."""
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
    transaction: Transaction,
    actor: str,
    door: Door,
    connection_name: str,
    hints: Sequence[Hint],
    revives: bool = False,
) -> Received:
    """The same within a writing transaction of somebody else's. ``revives``: what comes again after
    it was looked at is looked at again, because its vendor may mean a second change by it.
    """
    if not hints:
        return Received(0, 0)
    at = moment(transaction)
    delivery = uuid.uuid4().hex
    unlike = {fitting(hint.dedup): hint for hint in hints}
    rows = [_row(unlike[key], door, connection_name, delivery, at) for key in sorted(unlike)]
    kept = _insert(transaction, rows)
    repeated = [row["dedup"] for row in rows if row["dedup"] not in kept]
    _count_again(transaction, (door, connection_name), repeated, at, revives)
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
    kinds: Sequence[str] = (),
    limit: int = 200,
) -> list[InboxRow]:
    """The newest rows first, of these states and of kinds that contain one of these words, where
    given.
    """
    table = schema.inbox
    query = sa.select(*_columns()).where(*_between(connection_name, since, until))
    if states:
        query = query.where(table.c.state.in_(list(states)))
    if door:
        query = query.where(table.c.door == door)
    if kinds:
        query = query.where(sa.or_(*(table.c.kind.like(f"%{kind}%") for kind in kinds)))
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
    how many changes there were in all; of the kinds of records webhooks ever told of, where any
    did. Of use for a connection whose webhooks are open.
    """
    table = schema.inbox
    mine = table.c.connection == connection_name
    told = mine & (table.c.door == Door.WEBHOOK.value)
    with journal.reading() as connection:
        late = written(database_instant(connection) - _GRACE)
        polled = connection.execute(
            sa.select(table.c.record, table.c.remote_id, table.c.occurred_at, table.c.received_at)
            .where(mine, table.c.door == Door.POLL.value, table.c.kind.not_like("%.gone"))
            .where(table.c.received_at >= since, table.c.received_at < late)
        ).all()
        kinds = set(connection.execute(sa.select(table.c.record).where(told).distinct()).scalars())
        before = written(datetime.fromisoformat(since) - 2 * _GRACE)
        rows = connection.execute(
            sa.select(table.c.remote_id, table.c.last_received_at, table.c.received_at).where(
                told, table.c.last_received_at >= before
            )
        ).all()
    heard: dict[str, list[str]] = {}
    for number, *instants in rows:
        heard.setdefault(number, []).extend(instants)
    counted = [row for row in polled if _is_told_of(row.record, kinds)]
    unsaid = sum(1 for row in counted if not _is_announced(row, heard.get(row.remote_id, ())))
    announced = sum(1 for row in rows if row.received_at >= since)
    return unsaid, announced + unsaid


def _is_told_of(record: str, kinds: set[str]) -> bool:
    """Whether webhooks tell of such records; some say only that it is a document."""
    named = kinds - {""}
    return not named or record in named or ("document" in named and record not in ("contact",))


def _is_announced(row: sa.Row[tuple[str, str, str, str]], instants: Sequence[str]) -> bool:
    first = written(datetime.fromisoformat(row.occurred_at) - _GRACE)
    last = written(datetime.fromisoformat(row.received_at) + _GRACE)
    return any(first <= at <= last for at in instants)


def erase(journal: Journal, connection_name: str, record: str, remote_id: str, reason: str) -> int:
    """Empty the bodies of everything that came about a record of a connection (a person asked to be
    forgotten), in the file too; that it came stays known, and the chain tells. Answers how many.
    Raises NotAllowed.
    """
    roles.require(journal, Role.PUSH)
    table = schema.inbox
    mine = (
        (table.c.connection == connection_name)
        & (table.c.record == record)
        & (table.c.remote_id == remote_id)
        & table.c.body.is_not(None)
    )
    numbers = _emptied(journal, mine, {"connection": connection_name, "reason": reason})
    if numbers and journal.path is not None:
        with journal.reading() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    return numbers


def empty_older(journal: Journal, before: str) -> int:
    """Let go of bodies received before an instant; the rows stay."""
    table = schema.inbox
    return _emptied(journal, (table.c.received_at < before) & table.c.body.is_not(None), {})


def _emptied(journal: Journal, which: sa.ColumnElement[bool], said: Mapping[str, object]) -> int:
    table = schema.inbox
    with journal.reading() as connection:
        if connection.execute(sa.select(table.c.id).where(which).limit(1)).first() is None:
            return 0
    with journal.writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        query = sa.select(table.c.delivery, table.c.dedup).where(which)
        rows = [list(row) for row in connection.execute(query.order_by(table.c.id))]
        if rows:
            connection.execute(table.update().where(which).values(body=None))
            told = {**said, "count": len(rows), "rows": rows}
            events.append(connection, journal.actor, [NewEvent(ERASED, "inbox:bodies", told)])
    return len(rows)


def fitting(key: str) -> str:
    """A key as long as there is room for: longer ones by their hash, so that none are taken for one
    another.
    """
    is_long = len(key) > 120
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest() if is_long else key


def unpacked(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=64 * 1024 * 1024)


def _row(hint: Hint, door: Door, connection_name: str, delivery: str, at: str) -> dict[str, object]:
    is_over = hint.state not in OPEN_STATES
    return {
        "door": door.value,
        "connection": connection_name,
        "dedup": fitting(hint.dedup),
        "kind": _kept(hint.kind, 80),
        "record": hint.record,
        "remote_id": _kept(hint.remote_id, 160),
        "occurred_at": written(hint.occurred_at) if hint.occurred_at else at,
        "received_at": at,
        "delivery": delivery,
        "headers": json.dumps(
            {name: _kept(value, 400) for name, value in hint.headers.items()}, sort_keys=True
        ),
        "body": zstandard.ZstdCompressor().compress(hint.body) if hint.body else None,
        "body_sha256": hashlib.sha256(hint.body).hexdigest() if hint.body else "",
        "deliveries": 1,
        "last_received_at": at,
        "state": hint.state.value,
        "error_words": _kept(hint.words, 500),
        "done_at": at if is_over and hint.state is not State.DEAD else "",
    }


def _kept(text: str, most: int) -> str:
    """As far as a database takes it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:most]


def _insert(transaction: Transaction, rows: Sequence[Mapping[str, object]]) -> set[object]:
    """The keys of those that were not there."""
    table = schema.inbox
    only_new = insert_into(transaction, table).on_conflict_do_nothing(
        index_elements=["door", "connection", "dedup"]
    )
    found = transaction.execute(only_new.returning(table.c.dedup), [dict(row) for row in rows])
    return set(found.scalars())


def _count_again(
    transaction: Transaction,
    source: tuple[Door, str],
    keys: Sequence[object],
    at: str,
    revives: bool,
) -> None:
    """Locks its rows in the order of their numbers, as everybody does."""
    table, (door, connection_name) = schema.inbox, source
    numbers: list[int] = []
    for start in range(0, len(keys), PORTION):
        query = sa.select(table.c.id).where(
            table.c.door == door.value,
            table.c.connection == connection_name,
            table.c.dedup.in_(keys[start : start + PORTION]),
        )
        numbers += transaction.execute(query).scalars()
    for start in range(0, len(numbers), PORTION):
        portion = sorted(numbers)[start : start + PORTION]
        mine = table.c.id.in_(portion)
        transaction.execute(
            sa.select(table.c.id).where(mine).order_by(table.c.id).with_for_update()
        ).all()
        values = {"deliveries": table.c.deliveries + 1, "last_received_at": at}
        transaction.execute(table.update().where(mine).values(**values))
        if revives:
            over = table.c.state.in_([State.DONE.value, State.STALE.value])
            anew = {"state": State.NEW.value, "next_attempt_at": "", "done_at": ""}
            transaction.execute(table.update().where(mine, over).values(**anew))


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
