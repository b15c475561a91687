"""Insert or replace, the same on both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.journal.rows import Transaction

PORTION = 500
"""Rows in one statement."""


def upsert(
    transaction: Transaction,
    table: sa.Table,
    key: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    changed: Sequence[str],
) -> None:
    """Insert rows; of those whose ``key`` is there the columns ``changed`` are replaced. Text
    columns that are not given begin empty.
    """
    insert = insert_into(transaction, table)
    setting = {name: insert.excluded[name] for name in changed}
    statement = insert.on_conflict_do_update(index_elements=list(key), set_=setting)
    empty = {column.name: "" for column in table.c if column.default is not None}
    if rows:
        transaction.execute(statement, [{**empty, **row} for row in rows])


def insert_into(transaction: Transaction, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """The engine's own statement, which knows of conflicts."""
    if transaction.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
