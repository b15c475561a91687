"""A document of ours beside what the target holds: what a person sees before deciding which of them
is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app import documents
from app.decisions import Link, Retry, Skip
from app.documents.kind import DocumentKind
from app.documents.obstacles import obstacle_text
from app.journal import Journal, outbox_rows, overrides, roles
from app.journal import documents as journaled
from app.journal.outbox import Intent
from app.journal.roles import Role
from app.journal.rows import DocumentRow, OutboxRow
from app.refusals import Refused
from app.sending.difference_words import said_together
from app.translation import QT_TRANSLATE_NOOP
from connectors import RemoteRecord
from connectors.comparison import Difference, differences
from connectors.contract import Connector
from connectors.documents import Sent


@dataclass(frozen=True, slots=True)
class Comparison:
    """``ours`` is as it was or would be sent (with the source's accounts where the map has none),
    ``theirs`` what the target has, and by each in what it differs. ``changed`` is in what the
    newest file differs from what was sent.
    """

    kind: DocumentKind
    ours: Sent
    theirs: Sequence[RemoteRecord]
    differences: Sequence[Sequence[Difference]]
    changed: Sequence[Difference] = ()


class NotThere(Refused):
    """The target has no document of that number, or several; the argument is how many."""

    words = QT_TRANSLATE_NOOP(
        "decide", "The target has {count} such documents; exactly one is needed."
    )

    def said(self) -> Mapping[str, object]:
        return {"count": self}


def compare(
    journal: Journal, connection_name: str, target: Connector, reference: str, number: str = ""
) -> Comparison:
    """Look the document up in the target, by its reference or by a number a person knows. Raises
    LookupError when the journal knows no such document, ConnectorError.
    """
    queued = outbox_rows.of_reference(journal, connection_name, reference)
    copies = journaled.of_reference(journal, reference)
    kind, ours = _ours(journal, reference, queued, copies)
    if number:
        theirs = kind.numbered(target, number)
    else:
        theirs = kind.find(target, [ours]).get(reference, ())
    changed: Sequence[Difference] = ()
    if queued and copies and copies[-1].content_hash != queued.content_hash:
        changed = kind.changed(journal, connection_name, copies[-1], ours)
    return Comparison(kind, ours, theirs, [differences(ours, one) for one in theirs], changed)


def link(
    journal: Journal,
    connection_name: str,
    target: Connector,
    reference: str,
    number: str,
    reason: str,
) -> RemoteRecord:
    """Adopt the target's document of that number (empty: the one with our reference), whatever it
    says. Raises NotAllowed, NotThere, NotDecidable, ReasonMissing, LookupError, ConnectorError.
    """
    roles.require(journal, Role.PUSH)
    found = compare(journal, connection_name, target, reference, number)
    live = [place for place, record in enumerate(found.theirs) if record.state != "cancelled"]
    if len(live) != 1:
        raise NotThere(len(live))
    record, seen = found.theirs[live[0]], found.differences[live[0]]
    said = Link(record.remote_id, record.number, reason, changes=tuple(map(str, seen)))
    overrides.link(journal, reference, connection_name, said)
    return record


class NotCorrected(Refused):
    """The target does not say what the newest file says; the argument is in what they differ."""

    words = QT_TRANSLATE_NOOP(
        "decide", "The target still says otherwise than the newest file: {differences}."
    )

    def said(self) -> Mapping[str, object]:
        return {"differences": self}


def corrected(
    journal: Journal, connection_name: str, target: Connector, reference: str, reason: str
) -> RemoteRecord:
    """What changed after it was sent was corrected in the target by hand: the newest file counts
    from now on, once the target is seen to say the same. Raises NotAllowed, NotThere, NotCorrected,
    NotDecidable, ReasonMissing, LookupError, ConnectorError.
    """
    roles.require(journal, Role.PUSH)
    copies = journaled.of_reference(journal, reference)
    if not copies:
        raise LookupError(reference)
    row = copies[-1]
    kind = documents.of_record(row.kind)
    prepared = kind.preparation(journal, connection_name, target, [row]).prepare(row)
    if prepared.obstacles:
        problems = (obstacle_text(*obstacle) for obstacle in prepared.obstacles)
        raise NotCorrected("; ".join(problems))
    document = documents.reader(journal)(prepared.payload)
    live = [
        record
        for record in kind.find(target, [document]).get(reference, ())
        if record.state != "cancelled"
    ]
    if len(live) != 1:
        raise NotThere(len(live))
    if found := differences(document, live[0]):
        raise NotCorrected(said_together(found))
    name = kind.stored.name
    intent = Intent(reference, row.id, row.content_hash, prepared.payload, name)
    overrides.corrected(journal, connection_name, intent, live[0].remote_id, reason)
    return live[0]


def skip(journal: Journal, connection_name: str, reference: str, reason: str) -> None:
    """Never send it. Raises NotAllowed, NotDecidable, ReasonMissing."""
    roles.require(journal, Role.PUSH)
    overrides.skip(journal, reference, connection_name, Skip(reason))


def retry(journal: Journal, connection_name: str, reference: str) -> None:
    """Let it go again at the next sending. Raises NotAllowed, NotDecidable."""
    roles.require(journal, Role.PUSH)
    overrides.retry(journal, reference, connection_name, Retry())


def _ours(
    journal: Journal,
    reference: str,
    queued: OutboxRow | None,
    copies: Sequence[DocumentRow],
) -> tuple[DocumentKind, Sent]:
    """The document as it was sent or stands in the outbox, else as the newest file has it, in the
    source's accounts. Raises LookupError.
    """
    if queued is not None and queued.document:
        return documents.named(queued.kind), documents.reader(journal)(queued.document)
    if not copies:
        raise LookupError(reference)
    kind = documents.of_record(copies[-1].kind)
    return kind, kind.in_source_words(journal, copies[-1])
