"""What only a person can answer before it is sent, as far as one knows without asking a target."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

from app.documents.adjustment import OWN_SOURCE
from app.documents.obstacles import Problem
from app.journal import Journal, events, folios, outbox_rows
from app.journal.rows import Event
from app.sending.preflight import Preflight
from app.sending.repeats import TOLD_APART


@dataclass(frozen=True, slots=True)
class Questions:
    """References of documents: ``folios`` that several files bring with different content; and, as
    the last sending found them, ``repeats`` that were probably sent already and ``changed`` ones,
    which a newer file brings otherwise than they were sent.
    """

    folios: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.folios, *self.repeats, *self.changed)))


NONE = Questions()
_ASKED = {
    "repeats": (Problem.SENT_ALREADY,),
    "changed": (Problem.CHANGED_AFTER_SENDING, Problem.CHANGED_AFTER_SKIPPING),
}
_CORRECTED = "outbox.corrected"


def told(found: Preflight) -> dict[str, list[str]]:
    """What a sending writes into the journal of the questions it met."""
    asked = {
        name: sorted(
            chain.from_iterable(
                obstacle.documents
                for obstacle in found.obstacles.values()
                if obstacle.problem in problems
            )
        )
        for name, problems in _ASKED.items()
    }
    return {name: references for name, references in asked.items() if references}


def standing(journal: Journal) -> Questions:
    """The questions nobody has answered yet."""
    folio_questions = tuple(folios.disputed(journal, OWN_SOURCE))
    repeated, changed = _of_last_sendings(journal)
    return Questions(folio_questions, repeated, changed)


@dataclass
class _Asked:
    """Of one connection, and when it was asked."""

    repeats: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    at: int = 0

    def take(self, event: Event) -> None:
        if event.kind == TOLD_APART:
            self.repeats -= {reference for reference, _ in event.data["documents"]}
            return
        repeats, changed = (set(event.data.get(name, ())) for name in ("repeats", "changed"))
        whole = event.data.get("batch") is None
        self.repeats = repeats if whole else self.repeats | repeats
        self.changed = changed if whole else self.changed | changed
        self.at = event.sequence


def _of_last_sendings(journal: Journal) -> tuple[tuple[str, ...], tuple[str, ...]]:
    asked: dict[str, _Asked] = {}
    kinds = ("push.started", TOLD_APART)
    for event in events.of(journal, area="connection", kinds=kinds):
        asked.setdefault(event.subject.partition(":")[2], _Asked()).take(event)
    repeats: set[str] = set()
    changed: set[str] = set()
    for name, one in asked.items():
        if one.repeats:
            queued = {row.external_ref for row in outbox_rows.every(journal, name)}
            repeats |= one.repeats - queued
        changed |= {ref for ref in one.changed if not _is_corrected(journal, ref, one.at)}
    return tuple(sorted(repeats)), tuple(sorted(changed))


def _is_corrected(journal: Journal, reference: str, since: int) -> bool:
    said = events.of(journal, subject=reference, kinds=(_CORRECTED, "outbox.retry"))
    return any(event.sequence > since for event in said)
