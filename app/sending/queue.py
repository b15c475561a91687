"""The outbox of a connection as people see it: each document with its state and the target's
answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.journal import Journal, schema
from app.translation import translate


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
            outbox.c.external_ref,
            outbox.c.state,
            document.c.date,
            document.c.description,
            document.c.debit,
            outbox.c.remote_number,
            outbox.c.attempts,
            outbox.c.error_words,
            outbox.c.remote_changes,
            outbox.c.next_attempt_at,
        )
        .join(document, document.c.id == outbox.c.document_id)
        .where(outbox.c.connection == connection_name)
        .order_by((outbox.c.state == "confirmed").asc(), outbox.c.id.desc())
    )
    with journal.reading() as connection:
        return [QueueRow(*row) for row in connection.execute(query)]


def next_step(row: QueueRow) -> str:
    """Why the document waits and when it goes next, or what a person has to do, in the current
    language.
    """
    due = (
        f"{datetime.fromisoformat(row.next_attempt_at).astimezone():%H:%M:%S}"
        if row.next_attempt_at
        else ""
    )
    texts = {
        "queued": translate("queue", "goes at the next sending"),
        "sending": translate("queue", "is being sent"),
        "uncertain": translate("queue", "no answer came; it is looked up before anything else"),
        "rejected": translate("queue", "correct it, then retry, or skip it with a reason"),
        "conflict": translate(
            "queue", "compare both; then link it, skip it, or correct the target and retry"
        ),
        "skipped": translate("queue", "not sent by decision; retry takes it up again"),
        "confirmed": translate("queue", "done"),
    }
    if row.state in ("queued", "uncertain") and due:
        text = translate("queue", "attempt {attempts} failed; next not before {due}")
        return text.format(attempts=row.attempts, due=due)
    return texts[row.state]
