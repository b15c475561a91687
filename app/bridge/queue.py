"""The outbox of a connection as people see it: each document with its state and the target's answer."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.journal import Journal, schema


@dataclass(frozen=True, slots=True)
class QueueRow:
    """``debit`` in minor units; ``changes`` what the target did differently from what was sent."""

    reference: str
    state: str
    date: str
    description: str
    debit: int
    remote_number: str
    attempts: int
    error: str
    changes: str
    next_attempt_at: str


def rows(journal: Journal, connection_name: str) -> list[QueueRow]:
    """Open and failed documents first, then confirmed ones, newest first."""
    outbox, document = schema.outbox, schema.document
    query = (
        sa.select(
            outbox.c.external_ref, outbox.c.state, document.c.date, document.c.description, document.c.debit,
            outbox.c.remote_number, outbox.c.attempts, outbox.c.error_words, outbox.c.remote_changes,
            outbox.c.next_attempt_at,
        )
        .join(document, document.c.id == outbox.c.document_id)
        .where(outbox.c.connection == connection_name)
        .order_by((outbox.c.state == "confirmed").asc(), outbox.c.id.desc())
    )  # fmt: skip
    with journal.reading() as connection:
        return [QueueRow(*row) for row in connection.execute(query)]
