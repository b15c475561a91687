"""Records of two connections that are one party, and what they agreed on field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.rows import AgreedRow, PairRow, Transaction
from app.journal.store import Journal, moment
from app.journal.told_rows import telling
from app.journal.upserts import upsert

MADE, ENDED = "pair.made", "pair.ended"
APART = "apart"
Record = tuple[str, str]
"""A connection and the id of a record there."""


def every(journal: Journal, left: str = "", right: str = "") -> list[PairRow]:
    """Those that stand, of two connections where given."""
    table = schema.pair
    query = sa.select(*PairRow.columns(table)).where(table.c.ended_at == "").order_by(table.c.id)
    if left:
        query = query.where(table.c.left_connection == left)
    if right:
        query = query.where(table.c.right_connection == right)
    with journal.reading() as connection:
        return PairRow.all_of(connection.execute(query))


def make(journal: Journal, left: Record, right: Record, how: str) -> PairRow:
    """Pair two records; of two connections a record is in one pair. Raises ValueError where one of
    them is in another.
    """
    table = schema.pair
    with journal.writing() as connection:
        taken = sa.select(table.c.id).where(
            table.c.ended_at == "",
            table.c.left_connection == left[0],
            table.c.right_connection == right[0],
            sa.or_(table.c.left_id == left[1], table.c.right_id == right[1]),
        )
        if connection.execute(taken).first():
            raise ValueError(f"{left} or {right} is paired already")
        row = PairRow(0, *left, *right, how, moment(connection), "")
        return _insert(connection, journal.actor, row, MADE)


def _insert(transaction: Transaction, actor: str, row: PairRow, kind: str) -> PairRow:
    table = schema.pair
    values = {name: value for name, value in asdict(row).items() if name != "id"}
    made = transaction.execute(table.insert().values(**values).returning(table.c.id))
    row = replace(row, id=made.scalar_one())
    told = telling(kind, f"pair:{row.id}", "pair", asdict(row))
    events.append(transaction, actor, [told], row.since)
    return row


def apart(journal: Journal, left: str, right: str) -> set[Record]:
    """The ids, in one connection and in the other, of records a person said are two."""
    table = schema.pair
    query = sa.select(table.c.left_id, table.c.right_id).where(
        table.c.left_connection == left, table.c.right_connection == right, table.c.how == APART
    )
    with journal.reading() as connection:
        return {(row.left_id, row.right_id) for row in connection.execute(query)}


def keep_apart(journal: Journal, left: Record, right: Record) -> None:
    """Two records are two, as a person says: a pair of them is over, and that they are not one is
    kept as a pair that never stood.
    """
    for row in every(journal, left[0], right[0]):
        if (row.left_id, row.right_id) == (left[1], right[1]):
            end(journal, row, APART)
    with journal.writing() as connection:
        at = moment(connection)
        _insert(connection, journal.actor, PairRow(0, *left, *right, APART, at, at), ENDED)


def end(journal: Journal, row: PairRow, reason: str) -> None:
    """Let a pair be over; what was agreed is forgotten."""
    table = schema.pair
    with journal.writing() as connection:
        at = moment(connection)
        connection.execute(table.update().where(table.c.id == row.id).values(ended_at=at))
        connection.execute(schema.agreed.delete().where(schema.agreed.c.pair_id == row.id))
        over = asdict(replace(row, ended_at=at))
        told = telling(ENDED, f"pair:{row.id}", "pair", over)
        events.append(
            connection, journal.actor, [replace(told, data={**told.data, "reason": reason})], at
        )


def agreed(journal: Journal, numbers: Sequence[int]) -> dict[int, dict[str, AgreedRow]]:
    """Pair → field → what was agreed."""
    table = schema.agreed
    found: dict[int, dict[str, AgreedRow]] = {number: {} for number in numbers}
    with journal.reading() as connection:
        for row in AgreedRow.all_of(connection.execute(sa.select(*AgreedRow.columns(table)))):
            if row.pair_id in found:
                found[row.pair_id][row.field] = row
    return found


def agree(transaction: Transaction, rows: Sequence[AgreedRow]) -> None:
    """Keep what was agreed."""
    values: list[Mapping[str, object]] = [asdict(row) for row in rows]
    key = ("pair_id", "field")
    changed = [name for name in AgreedRow.__dataclass_fields__ if name not in key]
    upsert(transaction, schema.agreed, key, values, changed)
