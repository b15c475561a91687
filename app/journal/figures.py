"""Figures over time: values a minute (48 hours, then hourly for 400 days), and how long documents
took, in buckets that can be added up (percentiles of percentiles are wrong).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.journal import schema
from app.journal.rows import Transaction
from app.journal.store import Journal, database_instant, written
from app.journal.upserts import insert_into, upsert

LIMITS = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3_600.0, float("inf"))
"""Seconds up to which each bucket counts."""
MINUTES = timedelta(hours=48)
HOURS = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Point:
    """``value`` of a figure at an instant (ISO text, UTC, to the minute or hour); shares in
    millionths, times in milliseconds.
    """

    at: str
    connection: str
    name: str
    value: int


def bucket_of(seconds: float) -> int:
    """The number of the bucket."""
    return next(number for number, limit in enumerate(LIMITS) if seconds <= limit)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The limit of the bucket in which this share is reached, drawn in proportion within it; None
    where there are none, the last finite limit where it is beyond all.
    """
    total = sum(counts.values())
    if not total:
        return None
    wanted, below = share * total, 0
    for number, limit in enumerate(LIMITS):
        here = counts.get(number, 0)
        if here and below + here >= wanted:
            start = LIMITS[number - 1] if number else 0.0
            end = limit if limit != float("inf") else LIMITS[-2]
            return start + (end - start) * (wanted - below) / here if end > start else end
        below += here
    return LIMITS[-2]


def keep(journal: Journal, values: Mapping[tuple[str, str], int]) -> str:
    """Keep (connection, name) → value for this minute; one value a minute. Older than two days only
    the last of each hour stays. Answers the minute.
    """
    with journal.writing(by_row=True) as transaction:
        at = database_instant(transaction).replace(second=0, microsecond=0)
        rows = [
            {"at": written(at), "connection": connection, "name": name, "value": value}
            for (connection, name), value in sorted(values.items())
        ]
        upsert(transaction, schema.figure, ("at", "connection", "name"), rows, ("value",))
        _thin(transaction, at)
    return written(at)


def add(journal: Journal, values: Mapping[tuple[str, str], int]) -> None:
    """Add to (connection, name) → value of this minute: several may count at once."""
    with journal.writing(by_row=True) as transaction:
        at = written(database_instant(transaction).replace(second=0, microsecond=0))
        table = schema.figure
        insert = insert_into(transaction, table)
        sums = {"value": table.c.value + insert.excluded.value}
        statement = insert.on_conflict_do_update(
            index_elements=["at", "connection", "name"], set_=sums
        )
        rows = [
            {"at": at, "connection": connection, "name": name, "value": value}
            for (connection, name), value in sorted(values.items())
        ]
        transaction.execute(statement.values(rows))


def points(journal: Journal, names: Sequence[str], since: str) -> list[Point]:
    """In order of time."""
    table = schema.figure
    query = (
        sa.select(table.c.at, table.c.connection, table.c.name, table.c.value)
        .where(table.c.name.in_(list(names)), table.c.at >= since)
        .order_by(table.c.at)
    )
    with journal.reading() as connection:
        return [Point(*row) for row in connection.execute(query)]


def keep_at(
    transaction: Transaction, found: Mapping[tuple[str, str], int], names: Sequence[str], first: str
) -> None:
    """Replace the values of some figures of all connections together from an instant on, by
    (instant, name).
    """
    table = schema.figure
    transaction.execute(table.delete().where(table.c.at >= first, table.c.name.in_(list(names))))
    rows = [
        {"at": at, "connection": "", "name": name, "value": value}
        for (at, name), value in sorted(found.items())
    ]
    if rows:
        upsert(transaction, schema.figure, ("at", "connection", "name"), rows, ("value",))


def keep_latencies(
    transaction: Transaction, found: Mapping[tuple[str, str, str, int], int], first: str
) -> None:
    """Replace the counts of (hour, connection, kind, bucket) from an hour on."""
    table = schema.latency_bucket
    transaction.execute(table.delete().where(table.c.hour >= first))
    rows = [
        {"hour": hour, "connection": name, "kind": kind, "bucket": bucket, "count": count}
        for (hour, name, kind, bucket), count in sorted(found.items())
    ]
    if rows:
        transaction.execute(table.insert(), rows)


def latencies(journal: Journal, since: str) -> dict[str, dict[int, int]]:
    """Hour → bucket → how many documents were confirmed that took so long."""
    table = schema.latency_bucket
    query = (
        sa.select(table.c.hour, table.c.bucket, sa.func.sum(table.c.count))
        .where(table.c.hour >= since)
        .group_by(table.c.hour, table.c.bucket)
        .order_by(table.c.hour)
    )
    found: dict[str, dict[int, int]] = {}
    with journal.reading() as connection:
        for hour, bucket, count in connection.execute(query):
            found.setdefault(hour, {})[bucket] = int(count)
    return found


def _thin(transaction: Transaction, at: datetime) -> None:
    """Of what is older than two days the last of each hour stays; of 400 days nothing."""
    table = schema.figure
    old, oldest = written(at - MINUTES), written(at - HOURS)
    hour = sa.func.substr(table.c.at, 1, 13)
    kept = (
        sa.select(sa.func.max(table.c.at))
        .where(table.c.at < old)
        .group_by(table.c.connection, table.c.name, hour)
    )
    recent = written(at - MINUTES - timedelta(hours=2))  # what is older was thinned before
    crowded = (table.c.at < old) & (table.c.at >= recent)
    transaction.execute(table.delete().where(crowded, table.c.at.not_in(kept)))
    transaction.execute(table.delete().where(table.c.at < oldest))
    buckets = schema.latency_bucket
    transaction.execute(buckets.delete().where(buckets.c.hour < oldest))
