"""Who works on which rows of the inbox, and what becomes of them.

One lease a record at a time: whoever takes it takes all its rows, so that what happened to one
record is looked at in one go and by one runner, while different records go side by side. Rows are
locked in the order of their numbers by everybody, so that none wait for one another in a circle.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.journal import events, roles, schema
from app.journal.events import NewEvent
from app.journal.inbox import State
from app.journal.leases import is_alive
from app.journal.overrides import ReasonMissing
from app.journal.roles import Role
from app.journal.rows import Transaction
from app.journal.store import Journal, database_instant, moment, written
from app.journal.upserts import PORTION

LEASE = timedelta(minutes=5)
WAITS = (10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0)
"""Seconds before each next attempt, of which a random share is waited."""
LOOKED_AT = 8
"""So many times the rows that are wanted are looked at: others may be taking the first of them."""
POISON = 6
"""So many attempts that ended badly set a row apart."""
PROCESSED = "inbox.processed"
DEAD = "inbox.dead"


@dataclass(frozen=True, slots=True)
class Claimed:
    """All open rows of one record, under this owner's lease. ``newest`` is the last instant any of
    them says something happened, ``kinds`` what their systems call it, ``attempts`` how often it
    was tried before.
    """

    connection: str
    record: str
    remote_id: str
    rows: tuple[int, ...]
    kinds: frozenset[str]
    oldest: str
    newest: str
    attempts: int
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a record's rows. ``wait`` seconds until the next attempt of those that stay
    new; ``counts`` whether the attempt counts against them (a silent target is not their fault).
    """

    claimed: Claimed
    state: State
    words: str = ""
    error: str = ""
    wait: float = 0.0
    counts: bool = True


def claim(
    journal: Journal,
    connection_name: str,
    owner: str,
    records: Sequence[str],
    limit: int,
) -> list[Claimed]:
    """Take the rows of up to ``limit`` records of these kinds that have one that is due, oldest
    first; committed on return. A record somebody has, or whose last attempt ended badly and is not
    due again, is left.
    """
    table = schema.inbox
    with journal.writing(by_row=True) as connection:
        at = database_instant(connection)
        due = (
            sa.select(table.c.record, table.c.remote_id)
            .where(
                table.c.connection == connection_name,
                table.c.state == State.NEW.value,
                table.c.next_attempt_at <= written(at),
                table.c.record.in_(list(records)),
            )
            .order_by(table.c.id)
            .limit(LOOKED_AT * limit)
        )
        found = list(dict.fromkeys((row[0], row[1]) for row in connection.execute(due)))
        mine = _nobodys(connection, connection_name, found, limit, written(at))
        return _taken(connection, connection_name, mine, owner, written(at + LEASE))


_Record = tuple[str, str]
"""Kind and id."""


def _nobodys(
    connection: sa.Connection,
    connection_name: str,
    found: Sequence[_Record],
    limit: int,
    at: str,
) -> list[_Record]:
    """The first of some records nobody else has or is just taking, and that do not wait for their
    next attempt.
    """
    if not found:
        return []
    table = schema.inbox
    if connection.dialect.name == "postgresql":
        found = _locked(connection, connection_name, found, limit)
    waiting = (table.c.state == State.NEW.value) & (table.c.next_attempt_at > at)
    taken = (
        sa.select(table.c.record, table.c.remote_id)
        .where(
            table.c.connection == connection_name,
            sa.or_(table.c.state == State.LEASED.value, waiting),
            sa.tuple_(table.c.record, table.c.remote_id).in_(list(found)),
        )
        .distinct()
    )
    busy = {(row[0], row[1]) for row in connection.execute(taken)} if found else set()
    return [one for one in found if one not in busy][:limit]


def _locked(
    connection: sa.Connection, connection_name: str, found: Sequence[_Record], limit: int
) -> list[_Record]:
    """The first of some records this transaction could lock, to hold until it ends."""
    keys = {"\n".join((connection_name, *record)): record for record in found}
    lock = sa.text(
        "SELECT key FROM unnest(CAST(:keys AS text[])) AS key"
        " WHERE pg_try_advisory_xact_lock(hashtextextended(key, 0)) LIMIT :limit"
    )
    mine = connection.execute(lock, {"keys": list(keys), "limit": limit}).scalars()
    return [keys[key] for key in mine]


def _taken(
    connection: sa.Connection,
    connection_name: str,
    records: Sequence[_Record],
    owner: str,
    until: str,
) -> list[Claimed]:
    """All new rows of some records under a lease; locked in the order of their numbers, as
    everybody does.
    """
    table = schema.inbox
    if not records:
        return []
    query = sa.select(
        table.c.id,
        table.c.record,
        table.c.remote_id,
        table.c.kind,
        table.c.occurred_at,
        table.c.attempts,
        table.c.fence,
    ).where(
        table.c.connection == connection_name,
        table.c.state == State.NEW.value,
        sa.tuple_(table.c.record, table.c.remote_id).in_(list(records)),
    )
    rows = connection.execute(query.order_by(table.c.id).with_for_update()).all()
    numbers = [row.id for row in rows]
    for start in range(0, len(numbers), PORTION):
        portion = table.c.id.in_(numbers[start : start + PORTION])
        values = {
            "state": State.LEASED.value,
            "lease_owner": owner,
            "lease_until": until,
            "fence": table.c.fence + 1,
        }
        connection.execute(table.update().where(portion).values(**values))
    by_record: dict[_Record, list[sa.Row[Any]]] = {}
    for row in rows:
        by_record.setdefault((row.record, row.remote_id), []).append(row)
    return [
        Claimed(
            connection_name,
            *record,
            tuple(row.id for row in mine),
            frozenset(row.kind for row in mine),
            min(row.occurred_at for row in mine),
            max(row.occurred_at for row in mine),
            max(row.attempts for row in mine),
            owner,
            max(row.fence for row in mine) + 1,
        )
        for record, mine in by_record.items()
    ]


def finish(transaction: Transaction, actor: str, finished: Sequence[Finished]) -> int:
    """Write what became of claimed records, in the transaction that has their effects, and release
    them. Rows of a lease another runner has taken over meanwhile are left to it. Answers how many
    rows were written.
    """
    at = database_instant(transaction)
    table = schema.inbox
    everything = sorted(number for item in finished for number in item.claimed.rows)
    for start in range(0, len(everything), PORTION):
        portion = table.c.id.in_(everything[start : start + PORTION])
        lock = sa.select(table.c.id).where(portion).order_by(table.c.id).with_for_update()
        transaction.execute(lock).all()
    alike: dict[tuple[object, ...], list[Finished]] = {}
    for item in finished:
        key = (item.state, item.words, item.error, item.wait, item.counts, item.claimed.owner)
        alike.setdefault(key, []).append(item)
    count, dead, by_state = 0, [], dict[str, int]()
    for items in alike.values():
        for state, rows in _written(transaction, items, at):
            count += len(rows)
            by_state[state.value] = by_state.get(state.value, 0) + len(rows)
            if state is State.DEAD:
                first = items[0]
                said = {"connection": first.claimed.connection, "words": first.words}
                dead += [NewEvent(DEAD, f"inbox:{number}", said) for number in rows]
    if count:
        told = NewEvent(PROCESSED, f"connection:{finished[0].claimed.connection}", by_state)
        events.append(transaction, actor, [told, *dead], written(at))
    return count


def _written(
    transaction: Transaction, items: Sequence[Finished], at: datetime
) -> Iterator[tuple[State, list[int]]]:
    """What became of the rows of records that ended alike: those that failed once too often are set
    apart, each by its own attempts. The state, and the numbers of the rows.
    """
    table, one = schema.inbox, items[0]
    more = 1 if one.counts else 0
    worn = table.c.attempts + more >= POISON
    parts: list[tuple[State, sa.ColumnElement[bool]]] = [(one.state, sa.true())]
    if one.state is State.NEW and more:
        parts = [(State.DEAD, worn), (State.NEW, ~worn)]
    numbers = [number for item in items for number in item.claimed.rows]
    for state, which in parts:
        is_open = state is State.NEW
        values = {
            "state": state.value,
            "attempts": table.c.attempts + more,
            "next_attempt_at": written(at + timedelta(seconds=one.wait)) if is_open else "",
            "lease_owner": "",
            "lease_until": "",
            "error_kind": one.error,
            "error_words": one.words,
            "done_at": "" if is_open or state is State.DEAD else written(at),
        }
        done: list[int] = []
        for start in range(0, len(numbers), PORTION):
            mine = table.c.id.in_(numbers[start : start + PORTION])
            held = (table.c.lease_owner == one.claimed.owner) & (
                table.c.state == State.LEASED.value
            )
            update = table.update().where(mine, held, which).values(**values)
            done += transaction.execute(update.returning(table.c.id)).scalars()
        if done:
            yield state, done


def next_wait(attempts: int, chance: random.Random) -> float:
    """Seconds before the next attempt after ``attempts`` that ended badly, with full jitter."""
    longest = WAITS[min(attempts, len(WAITS) - 1)]
    return chance.uniform(longest / 2, longest)


def recover(journal: Journal) -> int:
    """Rows whose lease has expired, or whose owner has died on this machine, are new again."""
    table = schema.inbox
    with journal.writing(by_row=True) as connection:
        at = database_instant(connection)
        owners = connection.execute(
            sa.select(table.c.lease_owner, sa.func.max(table.c.lease_until))
            .where(table.c.state == State.LEASED.value)
            .group_by(table.c.lease_owner)
        ).all()
        over = [
            owner
            for owner, until in owners
            if not written(at) <= until <= written(at + 2 * LEASE) or not is_alive(owner)
        ]
        if not over:
            return 0
        back = (
            table.update()
            .where(table.c.state == State.LEASED.value, table.c.lease_owner.in_(over))
            .values(state=State.NEW.value, lease_owner="", lease_until="", next_attempt_at="")
        )
        return connection.execute(back).rowcount


def cover(
    transaction: Transaction,
    actor: str,
    connection_name: str,
    record: str,
    window: tuple[str, str],
) -> int:
    """Finish the rows of a kind that an incremental reading answers: what happened since the first
    instant of its window and came before the last. Answers how many.
    """
    since, until = window
    table = schema.inbox
    at = moment(transaction)
    done = transaction.execute(
        table.update()
        .where(
            table.c.connection == connection_name,
            table.c.record == record,
            table.c.state == State.NEW.value,
            table.c.occurred_at >= since,
            table.c.received_at < until,
        )
        .values(state=State.DONE.value, done_at=at)
    ).rowcount
    if done:
        told = NewEvent(PROCESSED, f"connection:{connection_name}", {State.DONE.value: done})
        events.append(transaction, actor, [told], at)
    return done


def waiting(journal: Journal, connection_name: str) -> dict[str, tuple[int, str]]:
    """Kind of record → how many rows are new and due, and the oldest instant they tell of."""
    table = schema.inbox
    with journal.reading() as connection:
        at = moment(connection)
        query = (
            sa.select(table.c.record, sa.func.count(), sa.func.min(table.c.occurred_at))
            .where(
                table.c.connection == connection_name,
                table.c.state == State.NEW.value,
                table.c.next_attempt_at <= at,
            )
            .group_by(table.c.record)
        )
        return {record: (count, oldest) for record, count, oldest in connection.execute(query)}


def retry(journal: Journal, numbers: Sequence[int] = ()) -> int:
    """Let rows that were set apart, or are over, be looked at again; without numbers all that were
    set apart. Raises NotAllowed.
    """
    if not numbers:
        with journal.reading() as connection:
            dead = sa.select(schema.inbox.c.id).where(schema.inbox.c.state == State.DEAD.value)
            numbers = list(connection.execute(dead).scalars())
    return _set(journal, numbers, State.NEW, "inbox.retry", "")


def skip(journal: Journal, numbers: Sequence[int], reason: str) -> int:
    """Let rows be of no use, for a reason. Raises NotAllowed, ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    return _set(journal, numbers, State.IGNORED, "inbox.skipped", reason)


def replay(journal: Journal, connection_name: str, since: str, until: str, record: str = "") -> int:
    """Look again at everything that came in between: today's state is read, so that what was missed
    is mended and nothing old is played again. Raises NotAllowed.
    """
    roles.require(journal, Role.PUSH)
    table = schema.inbox
    mine = [
        table.c.received_at >= since,
        table.c.received_at < until,
        table.c.state != State.LEASED.value,
        table.c.record != "",
    ]
    if connection_name:
        mine.append(table.c.connection == connection_name)
    if record:
        mine.append(table.c.record == record)
    with journal.writing() as connection:
        count = connection.execute(table.update().where(*mine).values(**_ANEW)).rowcount
        said = {"start": since, "end": until, "count": count, "connection": connection_name}
        log = [NewEvent("inbox.replayed", "inbox:replay", {**said, "record": record})]
        events.append(connection, journal.actor, log)
    return count


_ANEW = {
    "state": State.NEW.value,
    "attempts": 0,
    "next_attempt_at": "",
    "error_kind": "",
    "error_words": "",
    "done_at": "",
}


def _set(journal: Journal, numbers: Sequence[int], state: State, kind: str, reason: str) -> int:
    roles.require(journal, Role.PUSH)
    table = schema.inbox
    changed: list[int] = []
    with journal.writing() as connection:
        at = moment(connection)
        over = {"state": state.value, "done_at": at, "error_words": reason}
        values = _ANEW if state is State.NEW else over
        for start in range(0, len(numbers), PORTION):
            mine = table.c.id.in_(list(numbers[start : start + PORTION]))
            update = table.update().where(mine, table.c.state != State.LEASED.value)
            changed += connection.execute(update.values(**values).returning(table.c.id)).scalars()
        log = [NewEvent(kind, f"inbox:{number}", {"reason": reason}) for number in changed]
        events.append(connection, journal.actor, log, at)
    return len(changed)
