"""The target's own books as they were read: ledger lines of some days, and its trial balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.batches import new_id
from app.journal.digests import pull_digest
from app.journal.events import NewEvent
from app.journal.rows import PullRow, RemoteLine, StatedBalance
from app.journal.store import Journal, moment

_CHUNK = 2000
Months = tuple[date, date]
"""First and last day."""


def keep(
    journal: Journal,
    connection_name: str,
    days: Months,
    lines: Sequence[RemoteLine],
    balances: Sequence[StatedBalance],
    refused: str = "",
) -> int:
    """Write what was read, in one transaction; answers its number. ``refused`` are the target's
    words where it did not hand out its trial balance.
    """
    table = schema.pull
    values = {
        "connection": connection_name,
        "start": days[0].isoformat(),
        "end": days[1].isoformat(),
    }
    with journal.writing() as connection:
        at = moment(connection)
        inserted = connection.execute(
            table.insert().values(**values, pulled_at=at, lines=len(lines), digest="")
        )
        number = new_id(inserted)
        for place in range(0, len(lines), _CHUNK):
            rows = [_values(number, line) for line in lines[place : place + _CHUNK]]
            connection.execute(schema.remote_line.insert(), rows)
        if balances:
            stated = [_values(number, balance) for balance in balances]
            connection.execute(schema.remote_balance.insert(), stated)
        digest = pull_digest(connection, number)
        connection.execute(table.update().where(table.c.id == number).values(digest=digest))
        data = {
            **values,
            "lines": len(lines),
            "digest": digest,
            "balances": len(balances),
            "balances_refused": refused,
        }
        done = NewEvent("pull.done", f"pull:{number}", data)
        events.append(connection, journal.actor, [done], at)
    return number


def latest(journal: Journal, connection_name: str, months: Months | None = None) -> PullRow | None:
    """The newest pull of a connection, of those that cover ``months`` where given."""
    table = schema.pull
    query = sa.select(*PullRow.columns(table)).where(table.c.connection == connection_name)
    if months:
        query = query.where(
            table.c.start <= months[0].isoformat(), table.c.end >= months[1].isoformat()
        )
    with journal.reading() as connection:
        row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).first()
    return PullRow(*row) if row else None


def newest_of_each(journal: Journal) -> list[PullRow]:
    """The newest pull of every connection and stretch of days; none whose days a newer one covers
    as well.
    """
    table, newer = schema.pull, schema.pull.alias()
    covered = sa.exists().where(
        newer.c.connection == table.c.connection,
        newer.c.id > table.c.id,
        newer.c.start <= table.c.start,
        newer.c.end >= table.c.end,
    )
    with journal.reading() as connection:
        query = sa.select(*PullRow.columns(table)).where(~covered).order_by(table.c.id)
        return PullRow.all_of(connection.execute(query))


def lines(journal: Journal, pull: int, months: Months | None = None) -> list[RemoteLine]:
    """The ledger lines of a pull in order, of ``months`` where given."""
    table = schema.remote_line
    query = sa.select(*RemoteLine.columns(table)).where(table.c.pull_id == pull)
    if months:
        query = query.where(
            table.c.date >= months[0].isoformat(), table.c.date <= months[1].isoformat()
        )
    with journal.reading() as connection:
        return RemoteLine.all_of(connection.execute(query.order_by(table.c.position)))


def references(journal: Journal, pull: int) -> dict[str, str]:
    """The references the lines of a pull carry, with their day."""
    table = schema.remote_line
    query = (
        sa.select(table.c.reference, sa.func.max(table.c.date))
        .where(table.c.pull_id == pull)
        .group_by(table.c.reference)
    )
    with journal.reading() as connection:
        return {reference: day for reference, day in connection.execute(query)}


def doubled(journal: Journal, pull: int, prefix: str) -> set[str]:
    """Those references of a pull that begin with ``prefix`` and stand on more than one entry."""
    table = schema.remote_line
    query = (
        sa.select(table.c.reference)
        .where(table.c.pull_id == pull, table.c.reference.startswith(prefix, autoescape=True))
        .group_by(table.c.reference)
        .having(sa.func.count(sa.distinct(table.c.entry_id)) > 1)
    )
    with journal.reading() as connection:
        return set(connection.execute(query).scalars())


def stated(
    journal: Journal, pull: PullRow, months: Months | None
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Opening and closing by account in minor units, of the pull or of ``months`` of it; empty
    where the target stated none, and of a pull over a new year: accounts of the year begin anew in
    it.
    """
    table, line = schema.remote_balance, schema.remote_line
    if pull.start[:4] != pull.end[:4]:
        return {}, {}
    first, last = pull.start, pull.end
    if months is not None:
        first, last = months[0].isoformat(), months[1].isoformat()
    with journal.reading() as connection:
        query = sa.select(*StatedBalance.columns(table)).where(table.c.pull_id == pull.id)
        rows = StatedBalance.all_of(connection.execute(query))
        outside = sa.select(line.c.account, line.c.date, line.c.debit - line.c.credit).where(
            line.c.pull_id == pull.id, (line.c.date < first) | (line.c.date > last)
        )
        moved = connection.execute(outside).all() if rows else []
    opening = {row.account: row.opening for row in rows}
    closing = {row.account: row.closing for row in rows}
    for account, day, amount in moved:
        if day < first:
            opening[account] = opening.get(account, 0) + amount
        else:
            closing[account] = closing.get(account, 0) - amount
    return opening, closing


def _values(pull: int, row: RemoteLine | StatedBalance) -> dict[str, object]:
    return {
        "pull_id": pull,
        **{name: getattr(row, name) for name in type(row).__dataclass_fields__},
    }
