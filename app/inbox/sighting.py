"""What a record was read as, beside what was known of it: whether it changed, and is newer.

Versions are instants of the target's clock; where it states none, the content decides. Nothing goes
back: a reading older than what is known (a replica that lags, an event that came late) is stale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.journal.events import canonical
from app.journal.rows import SeenRow
from app.journal.store import written
from connectors.documents import Change, RemoteRecord


@dataclass(frozen=True, slots=True)
class Sighting:
    """``row`` as it is to be kept; ``is_news`` where the record is not what was known."""

    row: SeenRow
    is_news: bool


def sight(
    connection_name: str, changes: Iterable[Change], known: Mapping[str, SeenRow], at: str
) -> list[Sighting]:
    """Each change beside what was known by the record's id; ``at`` is when it was read."""
    return [
        _beside(_row(connection_name, change, at), known.get(change.record.remote_id))
        for change in changes
    ]


def gone(known: SeenRow, at: str) -> Sighting:
    """A record that is not there any more."""
    if known.gone_at:
        return Sighting(known, is_news=False)
    return Sighting(replace(known, gone_at=at, changed_at=at), is_news=True)


def _beside(row: SeenRow, known: SeenRow | None) -> Sighting:
    if known is None:
        return Sighting(row, is_news=True)
    is_older = row.version and known.version and row.version < known.version
    is_same = bool(row.gone_at) == bool(known.gone_at) and (
        bool(row.gone_at) or row.content == known.content
    )
    if is_older or is_same:
        version = max(row.version, known.version)
        return Sighting(replace(known, version=version), is_news=False)
    if row.gone_at:  # of some no more than the id is left; what was known of it stays
        return Sighting(replace(known, **_gone(row)), is_news=True)
    return Sighting(replace(row, former_day=known.day), is_news=True)


def _gone(row: SeenRow) -> dict[str, str]:
    return {"version": row.version, "changed_at": row.changed_at, "gone_at": row.gone_at}


def _row(connection_name: str, change: Change, at: str) -> SeenRow:
    record = change.record
    return SeenRow(
        connection=connection_name,
        record=record.kind.value,
        remote_id=record.remote_id,
        version=written(change.at) if change.at else "",
        content=_content(record),
        day=record.date.isoformat() if record.date else "",
        former_day="",
        reference=record.reference,
        changed_at=at,
        gone_at=at if change.is_gone else "",
    )


def _content(record: RemoteRecord) -> str:
    """A hash of everything people would see change."""
    lines = [
        [line.account, str(line.debit), str(line.credit), line.label, line.partner]
        for line in record.lines
    ]
    facts = [
        *(record.number, record.reference, str(record.date or ""), record.state, record.contact),
        *(str(record.total), str(record.residual), record.name, record.currency),
        dict(record.fields),
        lines,
    ]
    return hashlib.sha256(canonical(facts).encode()).hexdigest()
