"""What a journal forgot, and what has been looked at since.

A journal that came back from a copy, was saved from damage, or turned out to be an older or another
one (see :mod:`app.journal.marks`) may not know what was sent last. Until the target's own books of
the open days were read again, everything is looked up before it is sent and no figure is green.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.marks import FORGOT
from app.journal.outbox import State
from app.journal.rows import Event
from app.journal.store import Journal

_KINDS = ("journal.restored", "journal.recovered", FORGOT)
Days = tuple[str, str]
"""First and last day, ISO text."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A connection of which the journal forgot something: why (``older``, ``restored`` …), and the
    open days that have to be read from the target; ``days`` None where any will do.
    """

    connection: str
    reason: str
    days: Days | None


class Memory:
    """What is known again of one connection since the journal last forgot."""

    def __init__(self, journal: Journal, connection_name: str, target: str = "") -> None:
        """``target`` is the key of the connection's target (see :func:`app.journal.marks`)."""
        self._forgot = _last(journal, target)
        self._read = _pulled_since(journal, connection_name, self._forgot)

    @property
    def reason(self) -> str:
        """Why it forgot; empty where it never did."""
        return _reason(self._forgot) if self._forgot else ""

    def knows(self, day: str) -> bool:
        """Whether what was sent for a day is known: nothing was forgotten, or the target's books of
        it were read since.
        """
        return self._forgot is None or any(start <= day <= end for start, end in self._read)

    def gap(self, connection_name: str, days: Sequence[str]) -> Gap | None:
        """What is left to be read of the open ``days``."""
        if self._forgot is None or (not days and self._read):
            return None
        unknown = [day for day in days if not self.knows(day)]
        if days and not unknown:
            return None
        span = (min(unknown), max(unknown)) if unknown else None
        return Gap(connection_name, self.reason, span)


def gaps(journal: Journal, targets: Iterable[tuple[str, str]]) -> list[Gap]:
    """What is left to be read of each connection (name, key of its target)."""
    found = []
    known = list(targets)
    used = {target for name, target in known if _was_used(journal, name)}
    for name, target in known:
        if target in used and not _was_used(journal, name):
            continue  # another connection sends to this company
        memory = Memory(journal, name, target)
        if memory.reason and (gap := memory.gap(name, _open_days(journal, name))):
            found.append(gap)
    return found


def _was_used(journal: Journal, connection_name: str) -> bool:
    table = schema.outbox
    query = sa.select(table.c.id).where(table.c.connection == connection_name).limit(1)
    with journal.reading() as connection:
        return connection.execute(query).first() is not None


def _open_days(journal: Journal, connection_name: str) -> list[str]:
    """The days of documents the connection did not confirm, and of the newest month there is."""
    document, outbox = schema.document, schema.outbox
    settled = sa.select(outbox.c.external_ref).where(
        outbox.c.connection == connection_name,
        outbox.c.state.in_([State.CONFIRMED, State.SKIPPED]),
    )
    newest = sa.select(sa.func.max(document.c.period)).where(document.c.state == "ready")
    query = sa.select(document.c.date).where(
        document.c.state == "ready",
        document.c.date != "",
        document.c.external_ref.not_in(settled) | (document.c.period == newest.scalar_subquery()),
    )
    with journal.reading() as connection:
        return sorted(connection.execute(query.distinct()).scalars())


def _last(journal: Journal, target: str) -> Event | None:
    """When something of the target was last forgotten: by the whole journal, or of it alone."""
    found = events.of(journal, subject="journal", kinds=_KINDS)
    mine = [event for event in found if event.data.get("target", "") in ("", target)]
    return mine[-1] if mine else None


def _reason(event: Event) -> str:
    return str(event.data["reason"]) if event.kind == FORGOT else event.kind.partition(".")[2]


def _pulled_since(journal: Journal, connection_name: str, forgot: Event | None) -> list[Days]:
    """The days the target's books were read of after an event."""
    if forgot is None:
        return []
    pulled = events.of(journal, area="pull", kinds=("pull.done",))
    return [
        (str(event.data["start"]), str(event.data["end"]))
        for event in pulled
        if event.sequence > forgot.sequence and event.data["connection"] == connection_name
    ]
