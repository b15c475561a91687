"""The proof that the journal is whole: the chain of events, and everything the events vouch for.

Each closed import and each pull wrote digests of its rows into the chain; each document in the
outbox was queued, and each confirmed one confirmed, by an event. ``verify`` recomputes all of it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
import zstandard

from app.decisions import Decision, of_event
from app.journal import anchors, blocks, decided, derived, originals, schema, signatures, vouching
from app.journal.anchors import Anchor
from app.journal.derived import Told
from app.journal.digests import CONTENT, content_digests, pull_digest
from app.journal.events import event_hash
from app.journal.outbox import State
from app.journal.signatures import Keys
from app.journal.store import Journal
from app.journal.vouching import Vouched
from app.translation import QT_TRANSLATE_NOOP, translate

_CONTENT_WORDS = {
    blocks.LINES: QT_TRANSLATE_NOOP("verify", "lines"),
    blocks.MOVEMENTS: QT_TRANSLATE_NOOP("verify", "movements"),
    "documents": QT_TRANSLATE_NOOP("verify", "documents"),
    "balances": QT_TRANSLATE_NOOP("verify", "balances"),
    "findings": QT_TRANSLATE_NOOP("verify", "findings"),
    "records": QT_TRANSLATE_NOOP("verify", "records"),
}
_FORMER_NAMES = {"contacts": "records"}
"""How events of earlier releases call a kind of content."""


@dataclass
class Verification:
    """``first_bad`` is the sequence of the first event that does not fit the chain, None when all
    do; ``problems`` name what the events vouch for and the journal no longer holds, ``notes`` what
    persons settled of it.
    """

    events: int = 0
    first_bad: int | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str, **values: object) -> None:
        """Add a problem, in the current language."""
        self.problems.append(translate("verify", text).format(**values))

    @property
    def ok(self) -> bool:
        return self.first_bad is None and not self.problems


def verify(journal: Journal, exported: Iterable[Anchor] = ()) -> Verification:
    """Check the whole journal, with the anchors kept beside it and those ``exported``. Never raises
    on what was tampered with; that is what it reports.
    """
    result = Verification()
    _verify_anchors(journal, exported, result)
    with journal.reading() as connection:
        facts = _verify_chain(connection, result)
        for check in _CHECKS:
            try:
                check(connection, facts, result)
            except _DAMAGE as error:
                result.note(
                    QT_TRANSLATE_NOOP("verify", "{check} could not be checked: {error}"),
                    check=check.__name__[8:],
                    error=error,
                )
        result.problems += signatures.problems(connection, facts.keys, journal.signer)
        result.notes += signatures.settlements(connection, facts.keys, journal.signer)
    return result


_DAMAGE = (ValueError, KeyError, TypeError, IndexError, zstandard.ZstdError)
"""What reading something that was tampered with ends with."""


def _verify_anchors(journal: Journal, exported: Iterable[Anchor], result: Verification) -> None:
    try:
        found = anchors.check(journal, [*anchors.kept(journal), *exported])
    except anchors.NotAnAnchor as damaged:
        result.note(QT_TRANSLATE_NOOP("verify", "the anchors in {path} are damaged"), path=damaged)
        return
    if found is None:
        return
    if found.other:
        result.note(
            QT_TRANSLATE_NOOP(
                "verify", "an anchor is of another journal, or the first event was changed"
            )
        )
        result.first_bad = 1
        return
    if found.first == found.last:
        text = QT_TRANSLATE_NOOP(
            "verify",
            "an anchor disagrees: event {first} is the first that was changed, removed or added",
        )
        result.note(text, first=found.first)
        result.first_bad = found.first
        return
    text = QT_TRANSLATE_NOOP(
        "verify", "an anchor disagrees: something from event {first} to event {last} was changed"
    )
    result.note(text, first=found.first, last=found.last)


@dataclass
class _Facts:
    """What the chain vouches for."""

    closed: dict[str, dict[str, Any]] = field(default_factory=dict)
    pulled: dict[str, dict[str, Any]] = field(default_factory=dict)
    queued: Counter[str] = field(default_factory=Counter)
    confirmed: set[tuple[str, str]] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    outbox: dict[str, list[_Step]] = field(default_factory=dict)
    set_to: dict[str, str] = field(default_factory=dict)
    mapped: dict[str, dict[tuple[str, str], tuple[str, str]]] = field(default_factory=dict)
    compacted: dict[str, dict[str, Any]] = field(default_factory=dict)
    decided: dict[int, _Decided] = field(default_factory=dict)
    taken_back: dict[str, set[int]] = field(default_factory=dict)
    vouched: Vouched = field(default_factory=Vouched)
    told: Told = field(default_factory=Told)
    unnumbered: int = 0
    """Decisions of which the first release did not write the number."""
    keys: Keys = field(default_factory=lambda: Keys({}))

    def take(self, at: str, kind: str, subject: str, text: str) -> None:
        data = json.loads(text)
        self.told.take(at, kind, subject, data)
        self.vouched.take(kind, subject, data)
        area, _, word = kind.partition(".")
        name = subject.partition(":")[2]
        if area == "outbox":
            self._step(kind, subject, data)
            self._queue(word, subject, data)
        elif area == "decision" and "decision" in data:
            self._decide(word, name, data)
        elif area == "decision":
            self.unnumbered += 1
        else:
            self._keep(kind, subject, data)

    def _queue(self, word: str, reference: str, data: Mapping[str, Any]) -> None:
        if word == "queued":
            self.queued[reference] += 1
        elif word in ("confirmed", "adopted", "linked"):
            self.confirmed.add((reference, str(data.get("remote_id", ""))))
        elif word == "skipped":
            self.skipped.add(reference)

    def _keep(self, kind: str, subject: str, data: dict[str, Any]) -> None:
        name = subject.partition(":")[2]
        match kind:
            case "setting.changed":
                self.set_to[name] = data["value"]
            case "map.changed":
                links = self.mapped.setdefault(name, {})
                links.update({(link[0], link[1]): (link[2], link[3]) for link in data["links"]})
            case "map.removed":
                for link in data["links"]:
                    self.mapped.get(name, {}).pop((link[0], link[1]), None)
            case "import.closed":
                self.closed[subject] = data
            case "pull.done":
                self.pulled[subject] = data
            case "batch.compacted":
                self.compacted[subject] = data

    def _step(self, kind: str, reference: str, data: Mapping[str, Any]) -> None:
        """What an event of the outbox made of a row: its state, and the content it vouched for."""
        state = str(data.get("state") or _STATES.get(kind, ""))
        if kind == "outbox.looking-up" or not (state or "payload" in data):
            return
        self.outbox.setdefault(reference, []).append(
            _Step(
                str(data.get("connection", "")),
                state,
                str(data.get("content", "")),
                str(data.get("payload", "")),
            )
        )

    def _decide(self, word: str, reconciliation: str, data: Mapping[str, Any]) -> None:
        """What an event made of a decision: a new one lets none be done again that was taken back
        before.
        """
        number = int(data["decision"])
        if word in _UNDONE:
            if number in self.decided:
                self.decided[number].undone = _UNDONE[word]
                back = self.taken_back.setdefault(reconciliation, set())
                (back.add if word == "undone" else back.discard)(number)
            return
        for gone in self.taken_back.pop(reconciliation, ()):
            self.decided[gone].undone = 2
        self.decided[number] = _Decided(reconciliation, of_event(word, data))

    def last(self, reference: str, connection_name: str, field_name: str) -> str:
        """The last thing the events say of a row; empty where they say nothing."""
        for step in reversed(self.outbox.get(reference, ())):
            if step.connection in ("", connection_name) and (value := getattr(step, field_name)):
                return str(value)
        return ""


_UNDONE = {"undone": 1, "redone": 0, "withdrawn": 2}
"""What the events after a decision make of it."""


@dataclass
class _Decided:
    """A decision as its events tell it."""

    reconciliation: str
    decision: Decision
    undone: int = 0


class _Step(NamedTuple):
    """``connection`` is empty in journals of the first release."""

    connection: str
    state: str
    content: str
    payload: str


_STATES = {
    "outbox.queued": "queued",
    "outbox.sending": "sending",
    "outbox.confirmed": "confirmed",
    "outbox.adopted": "confirmed",
    "outbox.linked": "confirmed",
    "outbox.rejected": "rejected",
    "outbox.uncertain": "uncertain",
    "outbox.waits": "queued",
    "outbox.not-found": "queued",
    "outbox.not-found-yet": "uncertain",
    "outbox.not-sent": "queued",
    "outbox.throttled": "queued",
    "outbox.batch-refused": "queued",
    "outbox.conflict": "conflict",
    "outbox.look-up-failed": "uncertain",
    "outbox.taken-over": "uncertain",
    "outbox.retry": "uncertain",
    "outbox.remapped": "uncertain",
    "outbox.skipped": "skipped",
}
"""The state a row is in after each kind of event."""


_OF_KEYS = (signatures.REGISTERED, signatures.SETTLED)


def _verify_chain(connection: sa.Connection, result: Verification) -> _Facts:
    facts = _Facts()
    previous = ""
    for row in connection.execute(sa.select(schema.event).order_by(schema.event.c.sequence)):
        result.events += 1
        expected = event_hash(
            previous, row.sequence, row.at, row.actor, row.kind, row.subject, row.data
        )
        if row.sequence != result.events or row.previous_hash != previous or row.hash != expected:
            result.first_bad = min(result.events, result.first_bad or result.events)
            return facts
        previous = row.hash
        facts.take(row.at, row.kind, row.subject, row.data)
        if row.kind in _OF_KEYS:
            facts.keys.take(row.sequence, row.kind, row.actor, json.loads(row.data))
    heads = connection.execute(sa.select(schema.chain)).all()
    if [(head.id, head.sequence, head.hash) for head in heads] != [(1, result.events, previous)]:
        result.first_bad = min(result.events + 1, result.first_bad or result.events + 1)
    return facts


def _verify_originals(connection: sa.Connection, facts: _Facts, result: Verification) -> None:
    table = schema.batch
    owners = connection.execute(sa.select(table.c.id, table.c.file_id)).all()
    archived = {row.file_id for row in owners} - {
        row.file_id for row in owners if f"batch:{row.id}" not in facts.compacted
    }
    for file in connection.execute(sa.select(schema.file)).all():
        if file.id not in archived and not originals.is_whole(
            connection, file.id, file.size, file.sha256
        ):
            result.note(
                QT_TRANSLATE_NOOP(
                    "verify", "{name}: the original kept is not the file that was read"
                ),
                name=file.name,
            )


def _verify_batches(connection: sa.Connection, facts: _Facts, result: Verification) -> None:
    batches = {f"batch:{row.id}": row for row in connection.execute(sa.select(schema.batch))}
    for subject in sorted(facts.closed.keys() - batches.keys()):
        result.note(QT_TRANSLATE_NOOP("verify", "{subject}: gone"), subject=subject)
    for subject, batch in batches.items():
        try:
            counts = _line_counts(connection, batch.id)
        except (zstandard.ZstdError, ValueError):
            text = QT_TRANSLATE_NOOP("verify", "{subject}: a block of its lines is damaged")
            result.note(text, subject=subject)
            continue
        if subject in facts.closed:
            _verify_counts(batch, counts, facts, result)
            _verify_content(connection, batch.id, bool(counts), facts, result)
        elif counts:
            text = QT_TRANSLATE_NOOP("verify", "{subject}: has lines, but its import never closed")
            result.note(text, subject=subject)


def _verify_counts(
    batch: sa.Row[Any], counts: Counter[str], facts: _Facts, result: Verification
) -> None:
    """Whether a batch has the lines its event tells of."""
    subject = f"batch:{batch.id}"
    vouched = facts.closed[subject]
    if batch.state != vouched["state"] or batch.lines_digest != vouched["digest"]:
        text = QT_TRANSLATE_NOOP(
            "verify", "{subject}: its state or digest is not what was journaled"
        )
        result.note(text, subject=subject)
    names = ("record", "heading", "rejected")
    stated = Counter({name: getattr(batch, f"lines_{name}") for name in names})
    same = counts == stated and counts.total() == batch.lines_total
    if not same and subject not in facts.compacted:
        text = QT_TRANSLATE_NOOP(
            "verify", "{subject}: its counts of lines are not those of its lines"
        )
        result.note(text, subject=subject)


def _verify_content(
    connection: sa.Connection, batch: int, has_lines: bool, facts: _Facts, result: Verification
) -> None:
    """Whether each kind of content of a batch is what was journaled; lines may be archived."""
    subject = f"batch:{batch}"
    archived = subject in facts.compacted and not has_lines
    found = content_digests(connection, batch)
    for vouched_name, digest in facts.closed[subject]["content"].items():
        name = _FORMER_NAMES.get(vouched_name, vouched_name)
        if found.get(name) == digest or (archived and CONTENT.get(name) is schema.block):
            continue
        text = QT_TRANSLATE_NOOP(
            "verify", "{subject}: its {name} are not those that were journaled"
        )
        words = translate("verify", _CONTENT_WORDS.get(name, name))
        result.note(text, subject=subject, name=words)


def _verify_pulls(connection: sa.Connection, facts: _Facts, result: Verification) -> None:
    for subject, vouched in facts.pulled.items():
        if pull_digest(connection, int(subject.partition(":")[2])) != vouched["digest"]:
            result.note(
                QT_TRANSLATE_NOOP(
                    "verify", "{subject}: its ledger lines or balances are not those that were read"
                ),
                subject=subject,
            )


def _verify_outbox(connection: sa.Connection, facts: _Facts, result: Verification) -> None:
    rows = connection.execute(sa.select(schema.outbox)).all()
    if Counter(row.external_ref for row in rows) != facts.queued:
        result.note(
            QT_TRANSLATE_NOOP(
                "verify", "the documents of the outbox are not those that were queued"
            )
        )
    for row in rows:
        if (
            row.state == State.CONFIRMED
            and (row.external_ref, row.remote_id) not in facts.confirmed
        ):
            result.note(
                QT_TRANSLATE_NOOP("verify", "{reference} is called confirmed, but never was"),
                reference=row.external_ref,
            )
        elif (
            known := facts.last(row.external_ref, row.connection, "state")
        ) and known != row.state:
            text = QT_TRANSLATE_NOOP(
                "verify", "{reference} is called {state}, its events say {known}"
            )
            result.note(text, reference=row.external_ref, state=row.state, known=known)
        elif row.state == State.SKIPPED and row.external_ref not in facts.skipped:
            text = QT_TRANSLATE_NOOP(
                "verify", "{reference} is called skipped, but nobody decided it"
            )
            result.note(text, reference=row.external_ref)


def _verify_content_of_outbox(
    connection: sa.Connection, facts: _Facts, result: Verification
) -> None:
    for row in connection.execute(sa.select(schema.outbox)):
        digests = {
            "content": row.content_hash,
            "payload": hashlib.sha256(row.payload.encode()).hexdigest(),
        }
        for name, digest in digests.items():
            known = facts.last(row.external_ref, row.connection, name)
            if known and known != digest:
                text = QT_TRANSLATE_NOOP(
                    "verify", "{reference}: what is to be sent is not what was queued"
                )
                result.note(text, reference=row.external_ref)
                break


def _verify_settings(connection: sa.Connection, facts: _Facts, result: Verification) -> None:
    there = {row.name: row.value for row in connection.execute(sa.select(schema.setting))}
    for name in sorted(there.keys() | facts.set_to.keys()):
        if there.get(name) != facts.set_to.get(name):
            result.note(
                QT_TRANSLATE_NOOP("verify", "setting {name} is not what its events say"), name=name
            )
    mapping = schema.mapping
    links: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}
    for row in connection.execute(sa.select(mapping)):
        links.setdefault(row.connection, {})[row.kind, row.source] = (row.target, row.partner)
    for name in sorted(links.keys() | facts.mapped.keys()):
        if links.get(name, {}) != facts.mapped.get(name, {}):
            result.note(
                QT_TRANSLATE_NOOP("verify", "the map of {name} is not what its events say"),
                name=name,
            )


def _verify_decisions(connection: sa.Connection, facts: _Facts, result: Verification) -> None:
    rows = {row.id: row for row in decided.every(connection)}
    for number, known in facts.decided.items():
        row = rows.get(number)
        said = row and (row.reconciliation, row.decision, row.undone)
        if said != (known.reconciliation, known.decision, known.undone):
            text = QT_TRANSLATE_NOOP(
                "verify", "decision {number} of {reconciliation} is not what its events say"
            )
            result.note(text, number=number, reconciliation=known.reconciliation)
    untold = sorted(rows.keys() - facts.decided.keys())
    oldest = [number for number in untold if 0 < number < min(facts.decided, default=number + 1)]
    for number in sorted(set(untold) - set(oldest[: facts.unnumbered])):
        text = QT_TRANSLATE_NOOP("verify", "decision {number} was never taken")
        result.note(text, number=number)


def _line_counts(connection: sa.Connection, batch: int) -> Counter[str]:
    return Counter(line.disposition for line in blocks.lines(connection, batch))


def _verify_rows(connection: sa.Connection, facts: _Facts, result: Verification) -> None:
    result.problems += vouching.ghosts(connection, facts.vouched)


def _verify_derived(connection: sa.Connection, facts: _Facts, result: Verification) -> None:
    result.problems += derived.problems(connection, facts.told)


_CHECKS = (
    _verify_rows,
    _verify_derived,
    _verify_originals,
    _verify_batches,
    _verify_pulls,
    _verify_outbox,
    _verify_content_of_outbox,
    _verify_settings,
    _verify_decisions,
)
