"""The whole story of a document: read where, mapped to what, sent when and by whom, answered how,
reconciled or not.
"""

from __future__ import annotations

from dataclasses import dataclass

from app import documents as kinds
from app.journal import Journal, documents, events, outbox_rows
from app.journal.event_words import event_text, facts_text
from app.journal.rows import DocumentRow, Event
from app.translation import translate


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a document: ``at`` an instant in UTC (ISO), ``what`` and ``facts``
    in words.
    """

    at: str
    actor: str
    what: str
    facts: str


def document_story(journal: Journal, reference: str) -> list[Moment]:
    """Everything the journal knows about the document of that external reference, in order of time;
    empty when it knows none.
    """
    copies = documents.of_reference(journal, reference)
    moments = []
    for copy in copies:
        closed = events.of(journal, subject=f"batch:{copy.batch_id}", kinds=("import.closed",))
        moments += [_read(event, copy) for event in closed]
    for event in events.of(journal, subject=reference):
        moments.append(_moment(event))
        if event.kind == "outbox.queued":
            moments += _mapped(journal, reference, event)
    moments += _reconciled(journal, reference, [copy.batch_id for copy in copies])
    return sorted(moments, key=lambda moment: moment.at)


def _moment(event: Event) -> Moment:
    return Moment(event.at, event.actor, event_text(event.kind), facts_text(event.text))


def _read(event: Event, copy: DocumentRow) -> Moment:
    text = translate("story", "{file}, lines {first} to {last}, {movements} movements")
    facts = text.format(
        file=copy.name, first=copy.line, last=copy.last_line, movements=copy.movements
    )
    if copy.state == "blocked":
        what = translate("story", "read from a file and blocked")
        facts += f"; {copy.blocked_by}"
    else:
        what = translate("story", "read from a file")
    return Moment(event.at, event.actor, what, facts)


def _mapped(journal: Journal, reference: str, event: Event) -> list[Moment]:
    queued = outbox_rows.of_reference(journal, event.data["connection"], reference)
    if queued is None or not queued.document:
        return []
    facts = kinds.named(queued.kind).facts(queued.document)
    return [Moment(event.at, event.actor, translate("story", "mapped to the target"), facts)]


def _reconciled(journal: Journal, reference: str, batches: list[int]) -> list[Moment]:
    """The reconciliations a file of the document was a side of, and whether the document matched in
    them.
    """
    specs = {f"batch:{batch}" for batch in batches}
    moments = []
    for event in events.of(journal, area="reconciliation", kinds=("reconciliation.run",)):
        data = event.data
        sides = (data.get("left_spec", ""), data.get("right_spec", ""))
        if not specs & set(sides) or "open_documents" not in data:
            continue
        what = translate("story", "reconciled: matched")
        if reference in data["open_documents"]:
            what = translate("story", "reconciled: not matched")
        facts = translate("story", "{left} against {right}").format(left=sides[0], right=sides[1])
        moments.append(Moment(event.at, event.actor, what, facts))
    return moments
