"""Documents that were probably sent already, under another reference: the legacy system numbered
its vouchers anew, writes a type otherwise, or another desktop calls the company otherwise.

Before its first sending a document is compared by content (days, amounts, accounts, texts,
parties) with what was sent with the connection and with the target's own books of its days, which
are read once a run. Two documents one file brings are two; so are those a person told apart. What
is left is a question, asked once for all of its kind.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

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
    start, end = min(days) - WINDOW, max(days) + WINDOW
    sent = _sent(journal, connection_name, start, end)
    sightings = list(sent)
    if target.capabilities.ledger:
        known = {sighting.reference for sighting in sent}
        try:
            there = _entries(target.ledger(start, end))
            sightings = [*sent, *(one for one in there if one.reference not in known)]
        except Rejected as refused:
            found.unread = refused.words
    found.repeats = _Pairing(journal, connection_name, ours, sightings).all()
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


def _sent(journal: Journal, connection_name: str, start: date, end: date) -> list[Sighting]:
    """What the connection confirmed of some days, whether its target lists it yet or not."""
    read = documents.reader(journal)
    found = []
    for row in outbox_rows.every(journal, connection_name):
        payload = row.document if row.state == State.CONFIRMED else {}
        if not start.isoformat() <= str(payload.get("date", "")) <= end.isoformat():
            continue
        kind, document = documents.named(row.kind), read(payload)
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


_Files = frozenset[int]
_Place = tuple[Amounts, date, str]
"""Where sightings are looked for: amounts, day, and a word they say (empty: whatever they say)."""


class _Pairing:
    """Each sighting explains one document at most, the nearest first: all of one day before those
    of the days around it, like words before others.

    On one day the accounts suffice, or a text or party where the accounts were mapped otherwise
    since; but what was sent under one of our references says its own text again when it is exported
    again. Within the window accounts and texts have to agree, and nothing that comes again and
    again is taken for a repeat.
    """

    def __init__(
        self,
        journal: Journal,
        connection_name: str,
        ours: Sequence[_Ours],
        sightings: Sequence[Sighting],
    ) -> None:
        self._ours = ours
        self._routine = _routine(ours, sightings)
        self._apart = _told_apart(journal, connection_name)
        names = {intent.external_ref for intent, _, _ in ours}
        files = journaled.batches_of(journal, names | {one.reference for one in sightings})
        self._files = {name: frozenset(batches) for name, batches in files.items()}
        self._pools: dict[_Place, dict[_Files, dict[str, Sighting]]] = {}
        self._taken: set[str] = set()
        for one in sightings:
            content = one.content
            says_its_own = bool(content.words) and _OURS.match(one.reference)
            for word in (*content.words, *(() if says_its_own else ("",))):
                pool = self._pools.setdefault((content.amounts, content.day, word), {})
                pool.setdefault(self._files_of(one.reference), {})[one.key] = one

    def all(self) -> list[Repeat]:
        found: dict[str, Repeat] = {}
        for days, by_words in ((0, True), (0, False), *((n, True) for n in _AROUND)):
            for intent, document, content in self._ours:
                reference = intent.external_ref
                if reference in found:
                    continue
                seen = self._take(reference, content, days, by_words=by_words)
                if seen is not None:
                    kind = documents.named(intent.kind)
                    change = called_otherwise(seen.reference, reference)
                    found[reference] = Repeat(kind, reference, document, seen, change)
        return list(found.values())

    def _take(
        self, reference: str, content: Content, days: int, *, by_words: bool
    ) -> Sighting | None:
        """A sighting so many days away that says the same; nothing else is explained by it."""
        if days and content.lines in self._routine:
            return None
        for seen in self._candidates(reference, content, days, by_words=by_words):
            if seen.reference == reference or (reference, seen.key) in self._apart:
                continue
            same_accounts = seen.content.lines == content.lines
            same_party = bool(seen.content.parties & content.parties)
            if same_accounts or (not days and (by_words or same_party)):
                self._taken.add(seen.key)
                return seen
        return None

    def _candidates(
        self, reference: str, content: Content, days: int, *, by_words: bool
    ) -> Iterator[Sighting]:
        """What is left of the sightings of the same amounts that no file brings beside it."""
        mine = self._files_of(reference)
        span = timedelta(days)
        for day, word in product(
            sorted({content.day - span, content.day + span}),
            sorted(content.words) if by_words else ("",),
        ):
            for files, pool in self._pools.get((content.amounts, day, word), {}).items():
                if mine & files:
                    continue
                for key in self._taken & pool.keys():
                    del pool[key]
                yield from list(pool.values())

    def _files_of(self, reference: str) -> _Files:
        return self._files.get(reference, frozenset())


_OURS = re.compile(r"[A-Z0-9]{1,20}/[^/]+/[^/]*/\d{4}-\d{2}/")
"""How the references of Cuadre begin: company, system, type and month."""
_AROUND = range(1, WINDOW.days + 1)


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
