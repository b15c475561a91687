"""The secret paths events arrive at. Only the hash of a path's token is kept: the token itself is
shown once, to who gives it to the vendor.
"""

from __future__ import annotations

from dataclasses import asdict, replace

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.rows import EndpointRow
from app.journal.store import Journal, moment
from app.journal.told_rows import telling

OPENED, CLOSED = "endpoint.opened", "endpoint.closed"


def every(journal: Journal, connection_name: str = "") -> list[EndpointRow]:
    """Those that are open, by connection."""
    table = schema.endpoint
    query = sa.select(*EndpointRow.columns(table)).where(table.c.closed_at == "")
    if connection_name:
        query = query.where(table.c.connection == connection_name)
    with journal.reading() as connection:
        found = EndpointRow.all_of(connection.execute(query))
    return sorted(found, key=lambda one: (one.connection, one.vendor, one.made_at))


def of_token(journal: Journal, token_sha256: str) -> EndpointRow | None:
    """The open endpoint of a token."""
    table = schema.endpoint
    query = sa.select(*EndpointRow.columns(table)).where(
        table.c.token_sha256 == token_sha256, table.c.closed_at == ""
    )
    with journal.reading() as connection:
        row = connection.execute(query).first()
    return EndpointRow(*row) if row else None


def open_one(journal: Journal, row: EndpointRow) -> EndpointRow:
    """Keep a new one; journaled. Answers it with when it was made."""
    with journal.writing() as connection:
        made = replace(row, made_at=moment(connection))
        connection.execute(schema.endpoint.insert().values(**asdict(made)))
        told = telling(OPENED, f"connection:{row.connection}", "endpoint", asdict(made))
        events.append(connection, journal.actor, [told], made.made_at)
    return made


def close_one(journal: Journal, token_sha256: str) -> None:
    """Answer it no more; what came stays. Raises LookupError."""
    table = schema.endpoint
    known = of_token(journal, token_sha256)
    if known is None:
        raise LookupError(token_sha256)
    with journal.writing() as connection:
        at = moment(connection)
        connection.execute(
            table.update().where(table.c.token_sha256 == token_sha256).values(closed_at=at)
        )
        row = asdict(replace(known, closed_at=at))
        told = telling(CLOSED, f"connection:{known.connection}", "endpoint", row)
        events.append(connection, journal.actor, [told], at)
