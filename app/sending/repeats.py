"""Documents that were probably sent already, under another reference: the legacy system numbered
its vouchers anew, writes a type otherwise, or another desktop calls the company otherwise.

Before its first sending a document is compared by content (days, amounts, accounts, texts,
parties) with what was sent with the connection and with the target's own books of its days, which
are read once a run. Two documents one file brings are two; so are those a person told apart. What
is left is a question, asked once for all of its kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app import documents
from app.decisions import Skip
from app.documents.kind import Amounts, Content, DocumentKind, Lines
from app.journal import Journal, events, outbox_rows, overrides, roles
from app.journal import documents as journaled
from app.journal.outbox import Intent, State
from app.journal.roles import Role
from connectors.contract import Connector
from connectors.documents import Document, LedgerMove
from connectors.errors import Rejected

WINDOW = timedelta(days=3)
"""A voucher that comes again may be dated a few days otherwise (the day it was captured)."""
TOLD_APART = "repeat.told-apart"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A document the target has or was sent; ``reference`` is ours where it carries one, ``text``
    the first thing it says.
    """

    key: str
    number: str
    reference: str
    content: Content
    text: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A document about to be sent beside the one it probably is. ``change`` says in what they are
    called otherwise (``n → n + 100``).
    """

    kind: DocumentKind
    reference: str
    document: Document
    seen: Sighting
    change: str


@dataclass
class Found:
    """``repeats`` hold; ``unread`` are the target's words where it does not show its books."""

    repeats: list[Repeat] = field(default_factory=list)
    unread: str = ""


def likely(
    journal: Journal, connection_name: str, target: Connector, intents: Sequence[Intent]
) -> Found:
    """Which of the documents about to be sent for the first time are probably there. Raises
    ConnectorError.
    """
    ours = _contents(journal, intents)
    found = Found()
    if not ours:
        return found
    days = [content.day for _, _, content in ours]
    sent = _sent(journal, connection_name)
    sightings = list(sent)
    if target.capabilities.ledger:
        start, end = min(days) - WINDOW, max(days) + WINDOW
        known = {sighting.reference for sighting in sent}
        try:
            there = _entries(target.ledger(start, end))
            sightings = [*sent, *(one for one in there if one.reference not in known)]
        except Rejected as refused:
            found.unread = refused.words
    found.repeats = _paired(journal, connection_name, ours, sightings)
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


_Ours = tuple[Intent, Document, Content]


def _contents(journal: Journal, intents: Sequence[Intent]) -> list[_Ours]:
    read = documents.reader(journal)
    found = []
    for intent in intents:
        document = read(intent.payload)
        content = documents.named(intent.kind).content(document)
        if content is not None:
            found.append((intent, document, content))
    return found


def _sent(journal: Journal, connection_name: str) -> list[Sighting]:
    """What the connection confirmed, whether its target lists it yet or not."""
    read = documents.reader(journal)
    found = []
    for row in outbox_rows.every(journal, connection_name):
        if row.state != State.CONFIRMED or not row.document:
            continue
        kind, document = documents.named(row.kind), read(row.document)
        content = kind.content(document)
        if content is not None:
            key = f"sent:{row.external_ref}"
            text = next(filter(None, (line.label for line in kind.lines(document))), "")
            found.append(Sighting(key, row.remote_number, row.external_ref, content, text))
    return found


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


def _paired(
    journal: Journal,
    connection_name: str,
    ours: Sequence[_Ours],
    sightings: Sequence[Sighting],
) -> list[Repeat]:
    """Each sighting explains one document at most, the nearest first."""
    by_amounts: dict[Amounts, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        by_amounts[sighting.content.amounts].append(sighting)
    close = list(_close(ours, by_amounts, _routine(ours, sightings)))
    files = journaled.batches_of(
        journal, {name for _, repeat in close for name in (repeat.reference, repeat.seen.reference)}
    )
    apart = _told_apart(journal, connection_name)
    taken: set[str] = set()
    found = []
    for _, repeat in sorted(close, key=lambda pair: (pair[0], pair[1].reference)):
        reference, seen = repeat.reference, repeat.seen
        in_one_file = files.get(reference, set()) & files.get(seen.reference, set())
        if in_one_file or (reference, seen.key) in apart or taken & {reference, seen.key}:
            continue
        taken |= {reference, seen.key}
        found.append(repeat)
    return found


def _close(
    ours: Sequence[_Ours],
    by_amounts: Mapping[Amounts, Sequence[Sighting]],
    routine: Collection[Lines],
) -> Iterator[tuple[tuple[int, int], Repeat]]:
    """Pairs of like content, with how far apart they are."""
    for intent, document, content in ours:
        for sighting in by_amounts.get(content.amounts, ()):
            if sighting.reference == intent.external_ref:
                continue
            is_routine = content.lines in routine
            distance = _distance(content, sighting, is_routine=is_routine)
            if distance is not None:
                reference = intent.external_ref
                change = called_otherwise(sighting.reference, reference)
                kind = documents.named(intent.kind)
                yield distance, Repeat(kind, reference, document, sighting, change)


def _distance(ours: Content, seen: Sighting, *, is_routine: bool) -> tuple[int, int] | None:
    """How far apart two documents of the same amounts are (days, then texts); None where they are
    not the same.

    On one day the accounts suffice, or the text or the party where the accounts were mapped
    otherwise since; but what was sent with a reference says its own text again when it is exported
    again. Within the window both have to agree, and nothing that comes again and again is taken for
    a repeat.
    """
    theirs = seen.content
    days = abs((ours.day - theirs.day).days)
    same_accounts = ours.lines == theirs.lines
    same_words = bool(ours.words & theirs.words)
    other_words = bool(ours.words and theirs.words) and not same_words
    if days == 0:
        alike = same_accounts or same_words or bool(ours.parties & theirs.parties)
        return (0, int(other_words)) if alike and not (seen.reference and other_words) else None
    if days > WINDOW.days or is_routine:
        return None
    return (days, 0) if same_accounts and same_words else None


def _routine(ours: Sequence[_Ours], sightings: Sequence[Sighting]) -> set[Lines]:
    """Contents one side brings on several days itself, such as a bank's daily fee."""
    found: set[Lines] = set()
    for side in ([content for _, _, content in ours], [one.content for one in sightings]):
        days: dict[Lines, set[date]] = defaultdict(set)
        for content in side:
            days[content.lines].add(content.day)
        found.update(lines for lines, those in days.items() if len(those) > 1)
    return found


def _told_apart(journal: Journal, connection_name: str) -> set[tuple[str, str]]:
    subject = f"connection:{connection_name}"
    told = events.of(journal, subject=subject, kinds=(TOLD_APART,))
    return {
        (str(reference), str(seen)) for event in told for reference, seen in event.data["documents"]
    }


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
