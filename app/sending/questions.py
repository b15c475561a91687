"""What only a person can answer before it is sent, as far as one knows without asking a target."""

from __future__ import annotations

from dataclasses import dataclass

from app.documents.adjustment import OWN_SOURCE
from app.documents.obstacles import Problem
from app.journal import Journal, events, folios, outbox_rows
from app.sending.preflight import Preflight
from app.sending.repeats import TOLD_APART


@dataclass(frozen=True, slots=True)
class Questions:
    """References of documents: ``folios`` that several files bring with different content, and
    ``repeats`` that were probably sent already, as the last sending found them.
    """

    folios: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.folios, *self.repeats)))


NONE = Questions()


def told(found: Preflight) -> list[str]:
    """What a sending writes into the journal of the repeats it held."""
    return sorted(
        reference
        for obstacle in found.obstacles.values()
        if obstacle.problem is Problem.SENT_ALREADY
        for reference in obstacle.documents
    )


def standing(journal: Journal) -> Questions:
    """The questions nobody has answered yet."""
    return Questions(tuple(folios.disputed(journal, OWN_SOURCE)), tuple(_repeats(journal)))


def _repeats(journal: Journal) -> list[str]:
    asked: dict[str, set[str]] = {}
    kinds = ("push.started", TOLD_APART)
    for event in events.of(journal, area="connection", kinds=kinds):
        name = event.subject.partition(":")[2]
        if event.kind == TOLD_APART:
            apart = {reference for reference, _ in event.data["documents"]}
            asked[name] = asked.get(name, set()) - apart
        elif event.data.get("batch") is None:
            asked[name] = set(event.data.get("repeats", ()))
        else:
            asked[name] = asked.get(name, set()) | set(event.data.get("repeats", ()))
    found: set[str] = set()
    for name, references in ((name, those) for name, those in asked.items() if those):
        queued = {row.external_ref for row in outbox_rows.every(journal, name)}
        found |= references - queued
    return sorted(found)
