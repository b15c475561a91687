"""What a person settles of what ``verify`` finds: it stays an alarm until then, and who settled it
and why stays in the journal.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from app.journal import anchors, events, roles, signatures
from app.journal.events import NewEvent
from app.journal.overrides import ReasonMissing
from app.journal.roles import Role
from app.journal.signatures import SETTLED
from app.journal.store import Journal


class Settled(StrEnum):
    """A garbled file of anchors, or signatures that are missing up to now."""

    ANCHORS = "anchors"
    SIGNATURES = "signatures"


def settle(journal: Journal, what: str, reason: str) -> Path | None:
    """Settle it; answers where a garbled file was put. Raises NotAllowed, ReasonMissing, OSError,
    ValueError for what cannot be settled.
    """
    roles.require(journal, Role.ADMIN)
    if not reason.strip():
        raise ReasonMissing
    settled = Settled(what)
    aside = anchors.settle(journal) if settled is Settled.ANCHORS else None
    data = {"what": settled.value, "reason": reason, "path": aside.name if aside else ""}
    with journal.writing() as connection:
        if settled is Settled.SIGNATURES:
            signatures.begin_anew(connection)
        events.append(connection, journal.actor, [NewEvent(SETTLED, "journal", data)])
    if aside is not None:
        anchors.keep(journal)
    return aside
