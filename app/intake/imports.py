"""What was imported so far: a line a file, with what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from app.journal import Journal, batches, documents, events
from app.journal.rows import BatchRow, Event
from app.translation import QT_TRANSLATE_NOOP, translate
from importers import Options

STATE_TEXTS = {
    "complete": QT_TRANSLATE_NOOP("imports", "imported"),
    "incomplete": QT_TRANSLATE_NOOP("imports", "incomplete, nothing of it is sent"),
    "failed": QT_TRANSLATE_NOOP("imports", "failed"),
    "abandoned": QT_TRANSLATE_NOOP("imports", "abandoned"),
    "cancelled": QT_TRANSLATE_NOOP("imports", "cancelled"),
    "reading": QT_TRANSLATE_NOOP("imports", "being read"),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """``by`` is who imported the file, ``options`` how it was read where a person said so;
    ``months`` the first and last ``yyyy-mm`` in it.
    """

    batch: BatchRow
    by: str
    options: Options
    ready: int
    blocked: int

    @property
    def months(self) -> str:
        first, last = self.batch.first_date[:7], self.batch.last_date[:7]
        return first if first == last else f"{first} – {last}"

    @property
    def state_text(self) -> str:
        """In the current language."""
        state = self.batch.state
        return translate("imports", STATE_TEXTS[state]) if state in STATE_TEXTS else state


def imports(journal: Journal) -> list[Imported]:
    """Every import, newest first."""
    started = events.of(journal, area="batch", kinds=("import.started",))
    told = {event.subject: event for event in started}
    counted: Mapping[int, Mapping[str, int]] = batches.documents_of_all(journal)
    return [
        Imported(
            batch,
            _actor(told.get(f"batch:{batch.id}")),
            _options(told.get(f"batch:{batch.id}")),
            counted.get(batch.id, {}).get(documents.READY, 0),
            counted.get(batch.id, {}).get(documents.BLOCKED, 0),
        )
        for batch in batches.every(journal)
    ]


def _actor(started: Event | None) -> str:
    return started.actor if started else ""


def _options(started: Event | None) -> Options:
    said = dict(started.data.get("options", {})) if started else {}
    known = {one.name: said[one.name] for one in fields(Options) if one.name in said}
    if "own_tax_ids" in known:
        known["own_tax_ids"] = tuple(known["own_tax_ids"])
    return Options(**known)
