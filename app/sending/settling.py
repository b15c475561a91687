"""What becomes of a document by what its target answered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from app.journal.leases import Claim, Settlement
from app.journal.outbox import State
from app.sending.difference_words import said
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import RemoteRecord
from connectors.comparison import differences
from connectors.contract import Outcome
from connectors.documents import Sent
from connectors.errors import (
    Conflict,
    ConnectorError,
    Throttled,
    Unauthorized,
    Unavailable,
    Uncertain,
)

FIRST_DELAY = 0.5
LONGEST_DELAY = 60.0
LONGEST_PAUSE = 86_400.0
"""A target that asks for more than a day (its month is used up) is asked again once a day."""
QUIET_SECONDS = 90.0
"""A target may still be busy with a request that timed out, and its lists may lag behind by more
than a minute: that it has no such document is believed when it says so again after this long.
"""
_NOT_YET = "NotFoundYet"
_NOT_LISTED_YET = "NotListedYet"
ELSEWHERE = QT_TRANSLATE_NOOP(
    "differences", "the target says it has it, but not under our reference"
)
CANCELLED = QT_TRANSLATE_NOOP("differences", "{number}: cancelled in the target")
WAITS = QT_TRANSLATE_NOOP("differences", "waits for what it names: {names}")
SEVERAL = QT_TRANSLATE_NOOP("differences", "{count} documents with this reference: {numbers}")


def settlement(claim: Claim, entry: Sent, outcome: Outcome) -> Settlement:
    if isinstance(outcome, RemoteRecord):
        found = [item for item in differences(entry, outcome) if item.kind != "date"]
        known = [*outcome.changes, *map(said, found)]
        return confirmed(claim, replace(outcome, changes=tuple(known)), "outbox.confirmed")
    return after_error(claim, outcome, alone=True)


def after_error(claim: Claim, error: ConnectorError, alone: bool) -> Settlement:
    kind, words = type(error).__name__, error.words
    match error:
        case Throttled():
            wait = min(error.retry_after, LONGEST_PAUSE)
            return Settlement(
                claim, State.QUEUED, "outbox.throttled", wait, error_kind=kind, error_words=words
            )
        case Conflict() | Uncertain():
            delay = 0.0 if isinstance(error, Conflict) else backoff(claim.attempts, error)
            return Settlement(
                claim,
                State.UNCERTAIN,
                "outbox.uncertain",
                delay,
                error_kind=kind,
                error_words=words,
            )
        case Unavailable() | Unauthorized():
            delay = backoff(claim.attempts, error)
            return Settlement(
                claim, State.QUEUED, "outbox.not-sent", delay, error_kind=kind, error_words=words
            )
        case _ if not alone:
            return Settlement(
                claim, State.QUEUED, "outbox.batch-refused", 0.0, error_kind=kind, error_words=words
            )
    return Settlement(claim, State.REJECTED, "outbox.rejected", error_kind=kind, error_words=words)


def after_nothing_found(
    claim: Claim, cancelled: Sequence[RemoteRecord], *, guarded: bool
) -> Settlement:
    """What becomes of a document the target has not, or only ``cancelled``."""
    if cancelled:
        words = said_of(CANCELLED, number=cancelled[0].number)
        return conflict(claim, words, cancelled[0].remote_id)
    if not guarded and claim.error_kind not in (_NOT_YET, _NOT_LISTED_YET, "Conflict"):
        return Settlement(
            claim, State.UNCERTAIN, "outbox.not-found-yet", QUIET_SECONDS, error_kind=_NOT_YET
        )
    if claim.error_kind == "Conflict":
        wait, kind = QUIET_SECONDS, _NOT_LISTED_YET
        return Settlement(claim, State.UNCERTAIN, "outbox.not-found-yet", wait, error_kind=kind)
    if claim.error_kind == _NOT_LISTED_YET:
        return conflict(claim, said_of(ELSEWHERE))
    return Settlement(claim, State.QUEUED, "outbox.not-found")


def conflict(claim: Claim, words: str, remote_id: str = "") -> Settlement:
    return Settlement(
        claim,
        State.CONFLICT,
        "outbox.conflict",
        remote_id=remote_id,
        error_kind="Conflict",
        error_words=words,
    )


def said_of(text: str, **values: object) -> str:
    return translate("differences", text).format(**values)


def waits_for(claim: Claim, missing: Sequence[str]) -> Settlement:
    """A document that cannot go before others; the next run tries again."""
    names = ", ".join(missing[:5])
    return Settlement(claim, State.QUEUED, "outbox.waits", error_words=said_of(WAITS, names=names))


def confirmed(claim: Claim, record: RemoteRecord, event: str) -> Settlement:
    return Settlement(
        claim,
        State.CONFIRMED,
        event,
        remote_id=record.remote_id,
        remote_number=record.number,
        remote_changes=record.changes,
    )


def backoff(attempts: int, error: ConnectorError) -> float:
    """Full jitter over an exponentially growing span; what the server says wins."""
    if isinstance(error, Throttled):
        return min(error.retry_after, LONGEST_PAUSE)
    return random.uniform(0, min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts, 10)))
