"""Documents that were probably sent already, under another reference: the legacy system numbered
its vouchers anew, writes a type otherwise, or another desktop calls the company otherwise.

Before its first sending a document is compared by content (see :mod:`app.sending.pairing`) with
what was sent with the connection, waits or was held, with what goes beside it from other files, and
with the target's own books of its days, which are read once a run. What is left is a question,
asked once for all of its kind, and standing until a person answers it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from app import documents
from app.decisions import Skip
from app.documents.kind import Content, DocumentKind
from app.journal import Journal, events, outbox_rows, overrides, roles
from app.journal import documents as journaled
from app.journal.outbox import Intent
from app.journal.roles import Role
from app.journal.rows import OutboxRow
from app.sending import pairing
from app.sending.pairing import WINDOW, Files, Ours, Sighting
from connectors.contract import Connector
from connectors.documents import LedgerMove, Sent
from connectors.errors import Rejected

TOLD_APART = "repeat.told-apart"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A document about to be sent beside the one it probably is. ``change`` says in what they are
    called otherwise (``n → n + 100``).
    """

    kind: DocumentKind
    reference: str
    document: Sent
    seen: Sighting
    change: str


@dataclass
class Found:
    """``repeats`` hold; ``unread`` are the target's words where it does not show its books."""

    repeats: list[Repeat] = field(default_factory=list)
    unread: str = ""


def likely(
    journal: Journal,
    connection_name: str,
    target: Connector,
    intents: Sequence[Intent],
    asked: Collection[str] = (),
) -> Found:
    """Which of the documents about to be sent for the first time are probably there; of those
    ``asked`` about before the question stands. Raises ConnectorError.
    """
    candidates = _contents(journal, intents)
    found = Found()
    if not candidates:
        return found
    days = [content.day for _, _, content in candidates]
    start, end = min(days) - WINDOW, max(days) + WINDOW
    rows = _rows_of(journal, connection_name, start, end)
    moves: list[LedgerMove] = []
    if target.capabilities.ledger:
        try:
            moves = list(target.ledger(start, end))
        except Rejected as refused:
            found.unread = refused.words
    known = {row.external_ref for row in rows}
    there = [entry for entry in _entries(moves) if entry.reference not in known]
    names = {intent.external_ref for intent, *_ in candidates}
    files = _FilesOf(journal, names | known | {entry.reference for entry in there})
    sightings = [
        *_queued(journal, rows, files),
        *(replace(entry, files=files.of(entry.reference)) for entry in there),
        *_beside(candidates, files),
    ]
    ours = [
        Ours(intent.external_ref, content, files.of(intent.external_ref, intent.content_hash))
        for intent, _, content in candidates
    ]
    apart = _told_apart(journal, connection_name)
    by_name = {intent.external_ref: (intent, document) for intent, document, _ in candidates}
    for one, seen in pairing.pairs(ours, sightings, apart, asked):
        intent, document = by_name[one.reference]
        change = called_otherwise(seen.reference, one.reference)
        kind = documents.named(intent.kind)
        found.repeats.append(Repeat(kind, one.reference, document, seen, change))
    return found


def asked(journal: Journal, connection_name: str) -> set[str]:
    """Of which documents the last sendings asked, whether it was answered since or not."""
    subject = f"connection:{connection_name}"
    found: set[str] = set()
    for event in events.of(journal, subject=subject, kinds=("push.started",)):
        repeated = set(event.data.get("repeats", ()))
        found = repeated if event.data.get("batch") is None else found | repeated
    return found


def tell_apart(
    journal: Journal, connection_name: str, repeats: Iterable[Repeat], reason: str
) -> None:
    """They are others: let them go. Raises NotAllowed, ReasonMissing."""
    roles.require(journal, Role.PUSH)
    if not reason.strip():
        raise overrides.ReasonMissing
    pairs = [[repeat.reference, repeat.seen.key] for repeat in repeats]
    subject = f"connection:{connection_name}"
    events.record(journal, TOLD_APART, subject, documents=pairs, reason=reason)


def take_as_sent(
    journal: Journal, connection_name: str, repeats: Iterable[Repeat], reason: str
) -> None:
    """They are the same: never send them again. Raises NotAllowed, NotDecidable, ReasonMissing."""
    roles.require(journal, Role.PUSH)
    for repeat in repeats:
        told = f"{reason} (= {repeat.seen.reference or repeat.seen.number})"
        said = Skip(told if reason.strip() else "")
        overrides.skip(journal, repeat.reference, connection_name, said)


_Candidate = tuple[Intent, Sent, Content]


def _contents(journal: Journal, intents: Sequence[Intent]) -> list[_Candidate]:
    read = documents.reader(journal)
    found = []
    for intent in intents:
        document = read(intent.payload)
        content = documents.named(intent.kind).content(document)
        if content is not None:
            found.append((intent, document, content))
    return found


def _rows_of(journal: Journal, connection_name: str, start: date, end: date) -> list[OutboxRow]:
    """What was sent with the connection, waits, was refused or skipped, of some days."""
    span = start.isoformat(), end.isoformat()
    return [
        row
        for row in outbox_rows.every(journal, connection_name)
        if span[0] <= str(row.document.get("date", "")) <= span[1]
    ]


def _queued(journal: Journal, rows: Sequence[OutboxRow], files: _FilesOf) -> Iterator[Sighting]:
    read = documents.reader(journal)
    for row in rows:
        kind, document = documents.named(row.kind), read(row.document)
        content = kind.content(document)
        if content is not None:
            brought = files.of(row.external_ref, row.content_hash)
            key, text = f"sent:{row.external_ref}", _first_text(kind, document)
            yield Sighting(key, row.remote_number, row.external_ref, content, text, brought)


def _beside(candidates: Sequence[_Candidate], files: _FilesOf) -> Iterator[Sighting]:
    """What goes with the same sending, for those that other files bring."""
    for intent, document, content in candidates:
        reference = intent.external_ref
        text = _first_text(documents.named(intent.kind), document)
        brought = files.of(reference, intent.content_hash)
        yield Sighting(f"new:{reference}", "", reference, content, text, brought, is_new=True)


def _first_text(kind: DocumentKind, document: Sent) -> str:
    return next(filter(None, (line.label for line in kind.lines(document))), "")


class _FilesOf:
    """Which files bring a document, with a content of its own where that is known."""

    def __init__(self, journal: Journal, references: Collection[str]) -> None:
        self._found = journaled.batches_of(journal, references)

    def of(self, reference: str, content_hash: str = "") -> Files:
        by_content = self._found.get(reference, {})
        if content_hash:
            return frozenset(by_content.get(content_hash, ()))
        return frozenset(chain.from_iterable(by_content.values()))


def _entries(moves: Iterable[LedgerMove]) -> Iterator[Sighting]:
    """The entries of a ledger by their lines."""
    lines: dict[str, list[LedgerMove]] = defaultdict(list)
    for move in moves:
        lines[move.entry_id].append(move)
    for entry, those in lines.items():
        first = those[0]
        content = Content.of(
            first.date,
            ((move.account, move.debit, move.credit) for move in those),
            (move.label for move in those),
            (move.partner for move in those),
        )
        reference = next((move.reference for move in those if move.reference), "")
        text = next((move.label for move in those if move.label), "")
        yield Sighting(f"entry:{entry}", first.number, reference, content, text)


def _told_apart(journal: Journal, connection_name: str) -> set[str]:
    subject = f"connection:{connection_name}"
    told = events.of(journal, subject=subject, kinds=(TOLD_APART,))
    return {str(reference) for event in told for reference, _ in event.data["documents"]}


def called_otherwise(before: str, now: str) -> str:
    """How one reference became another: the parts that differ, a number that was moved on as such;
    ``?`` where the first is none of ours.
    """
    old, new = before.split("/"), now.split("/")
    if len(old) != len(new) or len(old) < 2:
        return "?"
    parts = []
    for place, (was, became) in enumerate(zip(old, new, strict=True), start=1):
        if was == became:
            continue
        if was.isdecimal() and became.isdecimal() and place == len(old):
            parts.append(_renumbered(int(was), int(became)))
        else:
            parts.append(f"{was} → {became}")
    return ", ".join(parts)


def _renumbered(was: int, became: int) -> str:
    if was == became:
        return "n → 00n"
    return f"n → n {'+' if became > was else '−'} {abs(became - was)}"
