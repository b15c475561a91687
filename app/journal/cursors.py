"""How far each stream of a connection was read, and what was last read of each record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from app.journal import roles, schema
from app.journal.roles import Role
from app.journal.rows import CursorRow, SeenRow, Transaction
from app.journal.store import Journal, moment
from app.journal.upserts import PORTION, upsert


def every(journal: Journal, connection_name: str = "") -> list[CursorRow]:
    table = schema.cursor
    query = sa.select(*CursorRow.columns(table)).order_by(table.c.connection, table.c.stream)
    if connection_name:
        query = query.where(table.c.connection == connection_name)
    with journal.reading() as connection:
        return CursorRow.all_of(connection.execute(query))


def of(journal: Journal, connection_name: str, stream: str) -> CursorRow:
    """An empty one where the stream was never read."""
    known = [row for row in every(journal, connection_name) if row.stream == stream]
    return known[0] if known else CursorRow(connection_name, stream, *[""] * 7)


def move(
    transaction: Transaction, connection_name: str, stream: str, values: Mapping[str, str]
) -> None:
    """Change some columns of a cursor, made where it is not there."""
    upsert(
        transaction,
        schema.cursor,
        ("connection", "stream"),
        [{"connection": connection_name, "stream": stream, **values}],
        tuple(values),
    )


def note(journal: Journal, connection_name: str, stream: str, **values: str) -> None:
    """The same in a transaction of its own."""
    with journal.writing(by_row=True) as transaction:
        move(transaction, connection_name, stream, values)


def mark_of(transaction: Transaction, connection_name: str, stream: str) -> str:
    """The mark of a cursor; empty where there is none."""
    table = schema.cursor
    query = sa.select(table.c.mark).where(
        table.c.connection == connection_name, table.c.stream == stream
    )
    return transaction.execute(query.with_for_update()).scalar() or ""


def hasten(transaction: Transaction, connection_name: str, at: str) -> None:
    """Let every stream of a connection be read at an instant, if not before."""
    table = schema.cursor
    transaction.execute(
        table.update()
        .where(
            table.c.connection == connection_name,
            (table.c.due_at == "") | (table.c.due_at > at),
            table.c.stream.not_like("#%"),
        )
        .values(due_at=at)
    )


def seen(
    transaction: Transaction, connection_name: str, record: str, remote_ids: Sequence[str]
) -> dict[str, SeenRow]:
    """What is known of some records."""
    table = schema.seen
    found: dict[str, SeenRow] = {}
    for start in range(0, len(remote_ids), PORTION):
        query = sa.select(*SeenRow.columns(table)).where(
            table.c.connection == connection_name,
            table.c.record == record,
            table.c.remote_id.in_(remote_ids[start : start + PORTION]),
        )
        found |= {row.remote_id: row for row in SeenRow.all_of(transaction.execute(query))}
    return found


def all_seen(journal: Journal, connection_name: str, record: str = "") -> list[SeenRow]:
    """Everything that is known to be there of a connection."""
    table = schema.seen
    query = sa.select(*SeenRow.columns(table)).where(
        table.c.connection == connection_name, table.c.gone_at == ""
    )
    if record:
        query = query.where(table.c.record == record)
    with journal.reading() as connection:
        return SeenRow.all_of(connection.execute(query))


def gone(journal: Journal, connection_name: str) -> list[SeenRow]:
    """What was there once and is no more."""
    table = schema.seen
    query = sa.select(*SeenRow.columns(table)).where(
        table.c.connection == connection_name, table.c.gone_at != ""
    )
    with journal.reading() as connection:
        return SeenRow.all_of(connection.execute(query))


def keep_seen(transaction: Transaction, rows: Sequence[SeenRow]) -> None:
    """Remember records as they were read now; of one that is there twice the last."""
    names = SeenRow.__dataclass_fields__
    unlike = {(row.connection, row.record, row.remote_id): row for row in rows}
    values = [{name: getattr(row, name) for name in names} for row in unlike.values()]
    key = ("connection", "record", "remote_id")
    upsert(transaction, schema.seen, key, values, tuple(name for name in names if name not in key))


def changed_since(journal: Journal, connection_name: str, since: str, days: tuple[str, str]) -> int:
    """How many records dated in these days were first read otherwise after an instant."""
    table = schema.seen
    query = sa.select(sa.func.count()).where(
        table.c.connection == connection_name,
        table.c.changed_at > since,
        table.c.day.between(*days) | table.c.former_day.between(*days),
    )
    with journal.reading() as connection:
        return int(connection.execute(query).scalar_one())


def forget(journal: Journal, connection_name: str) -> int:
    """Forget what was read of a connection and how far, so that all of it is read anew. Raises
    NotAllowed.
    """
    roles.require(journal, Role.PUSH)
    with journal.writing() as connection:
        count = connection.execute(
            schema.seen.delete().where(schema.seen.c.connection == connection_name)
        ).rowcount
        connection.execute(
            schema.cursor.update()
            .where(schema.cursor.c.connection == connection_name)
            .values(mark="", due_at=moment(connection), last_full="")
        )
    return count
