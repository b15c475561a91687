"""The outbox of a connection as people see it: each document with its state and the target's
answer.
"""

from __future__ import annotations

from datetime import datetime

from app.journal.rows import QueuedDocument
from app.translation import translate


def next_step(row: QueuedDocument) -> str:
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
