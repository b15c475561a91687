"""Digests over what files and pulls brought, which their events vouch for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from app.journal import blocks, schema
from app.journal.events import RowsDigest

CONTENT: Mapping[str, sa.Table] = {
    blocks.LINES: schema.block,
    blocks.MOVEMENTS: schema.block,
    "documents": schema.document,
    "balances": schema.balance,
    "findings": schema.finding,
    "records": schema.record,
}
"""What a batch holds and the table it is in; each is written in the order of its keys and has a
digest of its own.
"""


def content_columns(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns of a table of content that its digest covers, in the order its rows are written:
    all but a number the database gave.
    """
    return [column for column in table.c if table is not schema.finding or column.name != "id"]


def content_digests(
    connection: sa.Connection, batch: int, only: Collection[str] = CONTENT
) -> dict[str, str]:
    """SHA-256 over the rows a batch has of each kind of content (of ``only`` these), in the order
    of their keys.
    """
    found = {}
    for name, table in CONTENT.items():
        if name not in only:
            continue
        query = (
            sa.select(*content_columns(table))
            .where(table.c.batch_id == batch)
            .order_by(*table.primary_key)
        )
        found[name] = _digest(
            connection, query.where(table.c.kind == name) if table is schema.block else query
        )
    return found


def pull_digest(connection: sa.Connection, pull: int) -> str:
    """SHA-256 over the lines of a pull, in their order, and the trial balance where the target
    stated one.
    """
    table, balance = schema.remote_line, schema.remote_balance
    lines = _digest(
        connection, sa.select(table).where(table.c.pull_id == pull).order_by(table.c.position)
    )
    stated = sa.select(balance).where(balance.c.pull_id == pull).order_by(balance.c.account)
    if connection.execute(stated).first() is None:
        return lines
    return hashlib.sha256(f"{lines}\n{_digest(connection, stated)}".encode()).hexdigest()


def _digest(connection: sa.Connection, query: sa.Select[Any]) -> str:
    digest = RowsDigest()
    for rows in connection.execute(query.execution_options(yield_per=1000)).partitions():
        digest.add([tuple(row) for row in rows])
    return digest.hexdigest()
