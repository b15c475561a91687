"""What people decide about the lines of a reconciliation: matched, taken apart, split, explained,
evidenced, adjusted.

A decision hangs on what its lines say, not on where they stand, and holds for every later run until
it is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.decisions import (
    Adjust,
    Attach,
    Decision,
    Explain,
    Match,
    Part,
    Split,
    of_event,
    to_data,
)
from app.documents import adjustment
from app.documents.records import printable
from app.journal import Journal, decided, events, originals, roles
from app.journal.decided import DecisionRow
from app.journal.events import NewEvent
from app.journal.roles import Role
from app.journal.rows import Transaction
from app.journal.store import moment
from app.matching import Side
from app.matching.outcome import Learned
from app.matching.party_names import normalise_name
from app.money import show
from app.reconciling import signing
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP
from importers.content import Content

if TYPE_CHECKING:
    from app.reconciling.runs import Reconciliation

CATEGORIES = ("in-transit", "timing", "bank-fee", "our-error", "their-error", "other")
"""Why an open line is open, when a person explains it."""
MOST_DESCRIBED = 20
"""Lines of one decision that are described in its event."""
LARGEST_ATTACHMENT = 25_000_000
"""Bytes of a file that is kept with a reconciliation."""


class NotTheSum(Refused):
    """The parts of a line do not add up to it, or one of them is nothing; the argument is what is
    missing, in minor units.
    """

    words = QT_TRANSLATE_NOOP(
        "decide", "The parts have to add up to the line; {missing} is missing."
    )

    def said(self) -> Mapping[str, object]:
        return {"missing": show(self.args[0])}


class TooLarge(Refused):
    """A file to attach is larger than is kept; the argument is the limit in bytes."""

    words = QT_TRANSLATE_NOOP("decide", "The file is larger than {limit} MB; attach a smaller one.")

    def said(self) -> Mapping[str, object]:
        return {"limit": self.args[0] // 1_000_000}


def decide(journal: Journal, result: Reconciliation, decision: Decision) -> None:
    """Keep a decision; it holds for every later run over the same lines. What was taken back before
    it can no longer be done again. Raises NotAllowed, Signed, AlreadyAdjusted.
    """
    decide_all(journal, result, lambda _: [decision])


def decide_all(
    journal: Journal, result: Reconciliation, made: Callable[[Transaction], Sequence[Decision]]
) -> None:
    """Keep several decisions at once, or none of them: ``made`` gives them while nobody else
    writes.
    """
    roles.require(journal, Role.SIGN)
    name = result.identifier
    with journal.writing() as transaction:
        signing.refuse_signed(journal, name)
        found = made(transaction)
        for decision in found:
            if isinstance(decision, Part | Split):
                keys = (*decision.left, *decision.right)
                adjustment.refuse_overlap(transaction, result.book, keys)
        decided.forget_taken_back(transaction, name)
        at = moment(transaction)
        log = [_kept(transaction, result, decision, at) for decision in found]
        events.append(transaction, journal.actor, log, at)
    signing.reset(journal, name)


def _kept(
    transaction: Transaction, result: Reconciliation, decision: Decision, at: str
) -> NewEvent:
    """Write a decision's row; answers the event that tells of it."""
    data = {
        "decision": decided.add(transaction, result.identifier, decision, at),
        "said": to_data(decision),
        "parties": _parties(result, decision),
        "lines": _described(result, decision),
    }
    return NewEvent(f"decision.{decision.action}", f"reconciliation:{result.identifier}", data)


def _described(result: Reconciliation, decision: Decision) -> list[list[object]]:
    """What the lines of a decision say, for when they are no longer there: side, day, reference,
    minor units.
    """
    found: list[list[object]] = []
    for place, (side, keys) in enumerate(
        ((result.left, decision.left), (result.right, decision.right))
    ):
        places = side.places
        for key in keys[:MOST_DESCRIBED]:
            if key in places:
                index = places[key]
                reference = side.reference[index] or side.text[index]
                found.append(
                    [place, side.date(index).isoformat(), reference, int(side.amount[index])]
                )
    return found


def explain(
    journal: Journal,
    result: Reconciliation,
    left: Sequence[str],
    right: Sequence[str],
    category: str,
    note: str,
) -> None:
    """Say why open lines are open. Raises NotAllowed, Signed, ValueError for an unknown
    category.
    """
    if category not in CATEGORIES:
        raise ValueError(category)
    decide(journal, result, Explain(tuple(left), tuple(right), category, note))


def split(
    journal: Journal,
    result: Reconciliation,
    place: int,
    key: str,
    parts: Sequence[int],
    note: str = "",
) -> None:
    """Make several lines of one: ``place`` 0 is the left side, ``parts`` are minor units that add
    up to the line. Raises NotAllowed, Signed, NotTheSum, AlreadyAdjusted, LookupError where there
    is no such line.
    """
    side = (result.left, result.right)[place]
    amount = int(side.amount[side.places[key]])
    missing = amount - sum(parts)
    if missing or len(parts) < 2 or not all(parts):
        raise NotTheSum(missing)
    left, right = ((key,), ()) if place == 0 else ((), (key,))
    decide(journal, result, Split(left, right, tuple(parts), note))


def with_splits(side: Side, decided: Sequence[Decision], place: int) -> Side:
    """A side with the lines people split as their parts."""
    for decision in decided:
        keys = (decision.left, decision.right)[place]
        if isinstance(decision, Split) and keys:
            side = side.split(keys[0], decision.parts)
    return side


def attach(
    journal: Journal,
    result: Reconciliation,
    path: Path,
    left: Sequence[str],
    right: Sequence[str],
    note: str = "",
) -> None:
    """Keep a file in the journal as evidence of these lines, or of the whole reconciliation where
    there are none. Raises NotAllowed, Signed, TooLarge, OSError.
    """
    roles.require(journal, Role.SIGN)
    signing.refuse_signed(journal, result.identifier)
    content = Content.open(path)
    if content.size > LARGEST_ATTACHMENT:
        raise TooLarge(LARGEST_ATTACHMENT)
    digest = originals.sha256(content)
    name = " ".join(printable(path.name).split())
    with journal.writing() as connection:
        originals.settle(connection, content, digest, name, printable(str(path.resolve())))
    decide(journal, result, Attach(tuple(left), tuple(right), digest, name, note))


def attachment(journal: Journal, digest: str) -> bytes:
    """The bytes of a file kept as evidence. Raises LookupError."""
    return originals.whole(journal, digest)


def _parties(result: Reconciliation, decision: Decision) -> list[list[str]]:
    """Names that were matched or parted, where each side has exactly one."""
    if not isinstance(decision, Match | Part):
        return []
    names = []
    for side, keys in ((result.left, decision.left), (result.right, decision.right)):
        found = {normalise_name(side.party[side.places[key]]) for key in keys if key in side.places}
        names.append(found - {""})
    return [[names[0].pop(), names[1].pop()]] if len(names[0]) == len(names[1]) == 1 else []


def undo(journal: Journal, result: Reconciliation) -> bool:
    """Take back what was decided last, all that was decided at once; False when there is nothing.
    Raises NotAllowed, Signed, AlreadySent.
    """
    roles.require(journal, Role.SIGN)
    with journal.writing() as transaction:
        signing.refuse_signed(journal, result.identifier)
        rows = decided.last_act(transaction, result.identifier)
        for row in rows:
            if isinstance(row.decision, Adjust):
                adjustment.refuse_sent(transaction, row.decision)
        for row in rows:
            _mark(journal, transaction, row, decided.TAKEN_BACK, "undone")
    if not rows:
        return False
    signing.reset(journal, result.identifier)
    return True


def redo(journal: Journal, result: Reconciliation) -> bool:
    """Do again what was taken back last, all that was decided at once; False when there is nothing.
    Raises NotAllowed, Signed, AlreadyAdjusted.
    """
    roles.require(journal, Role.SIGN)
    with journal.writing() as transaction:
        signing.refuse_signed(journal, result.identifier)
        rows = decided.next_act(transaction, result.identifier)
        for row in rows:
            if isinstance(row.decision, Adjust):
                keys = (*row.decision.left, *row.decision.right)
                adjustment.refuse_overlap(transaction, result.book, keys)
        for row in rows:
            _mark(journal, transaction, row, decided.STANDS, "redone")
    if not rows:
        return False
    signing.reset(journal, result.identifier)
    return True


def withdraw(journal: Journal, reference: str) -> None:
    """Take back an adjustment for good, whatever was decided after it. Raises NotAllowed, Signed,
    AlreadySent, LookupError where there is none of this reference.
    """
    roles.require(journal, Role.SIGN)
    with journal.writing() as transaction:
        every = decided.every(transaction, Adjust.action)
        rows = [row for row in every if row.stands and _reference_of(row.decision) == reference]
        if not rows:
            raise LookupError(reference)
        for row in rows:
            signing.refuse_signed(journal, row.reconciliation)
            assert isinstance(row.decision, Adjust)
            adjustment.refuse_sent(transaction, row.decision)
            _mark(journal, transaction, row, decided.GONE, "withdrawn")
    for identifier in {row.reconciliation for row in rows}:
        signing.reset(journal, identifier)


def learned(journal: Journal) -> Learned:
    """Pairs of party names people of this company matched, and those they parted, in decisions that
    still stand.
    """
    with journal.reading() as transaction:
        standing = {
            (f"reconciliation:{row.reconciliation}", row.decision)
            for row in decided.every(transaction)
            if row.stands
        }
        told = events.read(transaction, kinds=("decision.accept", "decision.part"))
    pairs: dict[str, set[tuple[str, str]]] = {Match.action: set(), Part.action: set()}
    for event in told:
        action = event.kind.removeprefix("decision.")
        if (event.subject, of_event(action, event.data)) in standing:
            pairs[action].update((one, other) for one, other in event.data.get("parties", ()))
    parted = pairs[Part.action]
    return Learned(frozenset(pairs[Match.action] - parted), frozenset(parted))


def _mark(
    journal: Journal, transaction: Transaction, row: DecisionRow, undone: int, word: str
) -> None:
    decided.mark(transaction, row.id, undone)
    subject = f"reconciliation:{row.reconciliation}"
    told = NewEvent(f"decision.{word}", subject, {"decision": row.id})
    events.append(transaction, journal.actor, [told])


def _reference_of(decision: Decision) -> str:
    return decision.reference if isinstance(decision, Adjust) else ""
