"""What stands in the outbox, for whoever wants to know and changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from app.journal import schema
from app.journal.outbox import State
from app.journal.rows import OutboxRow, QueuedDocument, Transaction
from app.journal.store import Journal


def every(journal: Journal, connection_name: str, kind: str = "") -> list[OutboxRow]:
    """The rows of a connection, of one kind where given, oldest first."""
    table = schema.outbox
    query = sa.select(*OutboxRow.columns(table)).where(table.c.connection == connection_name)
    if kind:
        query = query.where(table.c.kind == kind)
    with journal.reading() as connection:
        return OutboxRow.all_of(connection.execute(query.order_by(table.c.id)))


def of_reference(journal: Journal, connection_name: str, reference: str) -> OutboxRow | None:
    """The row of a document; None where it was never queued."""
    table = schema.outbox
    query = sa.select(*OutboxRow.columns(table)).where(
        table.c.connection == connection_name, table.c.external_ref == reference
    )
    with journal.reading() as connection:
        row = connection.execute(query).first()
    return OutboxRow(*row) if row else None


def state_of(transaction: Transaction, connection_name: str, reference: str) -> State | None:
    """How far a document is; None where it was never queued."""
    table = schema.outbox
    query = sa.select(table.c.state).where(
        table.c.connection == connection_name, table.c.external_ref == reference
    )
    found = transaction.execute(query).scalar()
    return None if found is None else State(found)


def states(journal: Journal, references: Collection[str]) -> Mapping[tuple[str, str], State]:
    """(connection, reference) → state, of some documents."""
    table = schema.outbox
    query = sa.select(table.c.connection, table.c.external_ref, table.c.state).where(
        table.c.external_ref.in_(sorted(references))
    )
    with journal.reading() as connection:
        return {
            (row.connection, row.external_ref): State(row.state)
            for row in connection.execute(query)
        }


def remote_ids(
    journal: Journal, connection_name: str, references: Collection[str]
) -> Mapping[str, str]:
    """Reference → the target's id, of those of some documents it has."""
    if not references:
        return {}
    table = schema.outbox
    query = sa.select(table.c.external_ref, table.c.remote_id).where(
        table.c.connection == connection_name,
        table.c.state == State.CONFIRMED,
        table.c.external_ref.in_(sorted(references)),
    )
    with journal.reading() as connection:
        return {row.external_ref: row.remote_id for row in connection.execute(query)}


def confirmed_before(
    journal: Journal, connection_name: str, references: Collection[str], at: str
) -> set[str]:
    """Of some documents those the target had confirmed before an instant."""
    table = schema.outbox
    query = sa.select(table.c.external_ref).where(
        table.c.connection == connection_name,
        table.c.state == State.CONFIRMED,
        table.c.confirmed_at != "",
        table.c.confirmed_at < at,
        table.c.external_ref.in_(sorted(references)),
    )
    with journal.reading() as connection:
        return set(connection.execute(query).scalars())


def queue(journal: Journal, connection_name: str = "") -> list[QueuedDocument]:
    """Rows (of one connection) with what their documents say; open and failed ones first, newest
    first.
    """
    outbox, document, batch = schema.outbox, schema.document, schema.batch
    query = (
        sa.select(*QueuedDocument.columns(outbox, document, batch))
        .join(document, document.c.id == outbox.c.document_id)
        .join(batch, batch.c.id == document.c.batch_id)
        .order_by((outbox.c.state == State.CONFIRMED).asc(), outbox.c.id.desc())
    )
    if connection_name:
        query = query.where(outbox.c.connection == connection_name)
    with journal.reading() as connection:
        return QueuedDocument.all_of(connection.execute(query))


def last_confirmed(journal: Journal, connection_name: str) -> str:
    """When the connection confirmed something last; empty when it never did."""
    table = schema.outbox
    query = sa.select(sa.func.max(table.c.confirmed_at))
    with journal.reading() as connection:
        newest = connection.execute(query.where(table.c.connection == connection_name)).scalar()
    return newest or ""


def first_queued(journal: Journal, connection_name: str) -> str:
    """When something was first queued for the connection; empty when nothing ever was."""
    table = schema.outbox
    query = sa.select(sa.func.min(table.c.created_at))
    with journal.reading() as connection:
        oldest = connection.execute(query.where(table.c.connection == connection_name)).scalar()
    return oldest or ""
