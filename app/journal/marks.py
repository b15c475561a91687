"""The high-water mark of a journal, kept outside of it: which journal it was, and how far it had
come.

A journal that is put back by a copy, emptied, or replaced by another cannot know by itself what it
forgot. So its identity (the hash of its first event) and its last event are kept elsewhere on the
machine (see :mod:`app.journal.outside`): one mark for the place the journal lies in, and one for
each company of a target it sends to. They are never kept in the target.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from app.journal import events, outside, schema
from app.journal.events import NewEvent
from app.journal.store import Journal, now

FORGOT = "journal.forgot"
_MOST_JOURNALS = 3
"""So many journals that send to one company are remembered."""


class Reason(StrEnum):
    """Why a journal does not know everything that was sent."""

    OLDER = "older"
    OTHER_HISTORY = "other-history"
    OTHER_JOURNAL = "other-journal"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Mark:
    """``journal`` is the hash of the first event; ``sequence`` and ``hash`` are those of the last
    one when the mark was made, ``place`` where the journal lay then.
    """

    journal: str
    sequence: int
    hash: str
    at: str
    place: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a mark says of the journal at hand: ``known`` events were there once, ``has`` are there
    now; ``place`` is where the other journal lay.
    """

    reason: Reason
    known: int
    has: int
    place: str


def place_of(journal: Journal) -> str:
    """Where a journal lies: its folder, or its server and database."""
    if journal.path is not None:
        return str(journal.path.resolve().parent)
    url = journal.engine.url
    return f"{url.host}:{url.port or 5432}/{url.database}"


def target_key(parts: Sequence[str]) -> str:
    """The name under which the marks of one company of one target are kept."""
    return "target:" + _digest("\n".join(parts))


def keep(journal: Journal, target: str = "") -> None:
    """Remember how far the journal has come, in its place and, where given, for a target (see
    :func:`target_key`). A journal without a home, or without events, leaves no mark.
    """
    mark = _present(journal)
    if journal.home is None or mark is None:
        return
    for name in (_place_key(journal), target):
        if name:
            others = [one for one in _marks(name) if one.journal != mark.journal]
            kept = [mark, *others][:_MOST_JOURNALS] if name == target else [mark]
            outside.keep(name, json.dumps([asdict(one) for one in kept]))


def notice(journal: Journal, target: str = "") -> list[Noticed]:
    """What the marks of the journal's place, or of a target, say that the journal does not know; it
    is written into the journal, which counts as the newest one from then on. Empty where all agree.
    """
    if journal.home is None:
        return []
    known = _marks(target or _place_key(journal))  # before the journal, which may grow meanwhile
    present, told = _present(journal), _told(journal) if known else set()
    found = []
    for mark in known:
        item = _compared(journal, present, mark)
        if item is not None and (mark.journal, mark.hash) not in told:
            found.append(item)
            _record(journal, item, mark, target)
    if found:
        keep(journal, target)
    return found


def is_new_here(journal: Journal) -> bool:
    """Whether no journal has left a mark in this place yet."""
    return journal.home is not None and not _marks(_place_key(journal))


def _compared(journal: Journal, present: Mark | None, mark: Mark) -> Noticed | None:
    has = present.sequence if present else 0
    if present is None or present.journal != mark.journal:
        return Noticed(Reason.OTHER_JOURNAL, mark.sequence, has, mark.place)
    if mark.sequence > present.sequence:
        return Noticed(Reason.OLDER, mark.sequence, has, mark.place)
    if _hash_at(journal, mark.sequence) != mark.hash:
        return Noticed(Reason.OTHER_HISTORY, mark.sequence, has, mark.place)
    is_elsewhere = mark.place != present.place and Path(mark.place, "journal.db").exists()
    return Noticed(Reason.COPIED, mark.sequence, has, mark.place) if is_elsewhere else None


def _record(journal: Journal, item: Noticed, mark: Mark, target: str) -> None:
    data = {**asdict(item), "journal": mark.journal, "hash": mark.hash, "target": target}
    with journal.writing() as connection:
        events.append(connection, journal.actor, [NewEvent(FORGOT, "journal", data)])


def _told(journal: Journal) -> set[tuple[str, str]]:
    """The marks the journal was already found not to know, as (journal, hash)."""
    return {
        (str(event.data["journal"]), str(event.data["hash"]))
        for event in events.of(journal, subject="journal", kinds=(FORGOT,))
    }


def _present(journal: Journal) -> Mark | None:
    """The mark of the journal as it is; None before its first event."""
    event = schema.event
    with journal.reading() as connection:
        first = connection.execute(sa.select(event.c.hash).where(event.c.sequence == 1)).scalar()
        chain = connection.execute(sa.select(schema.chain)).first()
    if not first or chain is None:
        return None
    return Mark(first, chain.sequence, chain.hash, now(), place_of(journal))


def _hash_at(journal: Journal, sequence: int) -> str:
    event = schema.event
    with journal.reading() as connection:
        query = sa.select(event.c.hash).where(event.c.sequence == sequence)
        return connection.execute(query).scalar() or ""


def _place_key(journal: Journal) -> str:
    return "place:" + _digest(place_of(journal))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _marks(name: str) -> list[Mark]:
    """The marks under a name; what is no mark is none."""
    with contextlib.suppress(ValueError, TypeError):
        return [Mark(**item) for item in json.loads(outside.read(name) or "[]")]
    return []
