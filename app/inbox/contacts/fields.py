"""The fields of a pair, each by its owner.

Of each field the value both agreed on is the base of a three-way comparison: what the owner changed
flows to the other side; what the other side changed is reported, or put back where the company said
so; where both changed, the owner wins and both values are kept. An echo (our own writing, as the
other system stores it) is known by its value. A field that is written too often is left alone, and
what was refused is not tried again until it changes or a person says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from app.documents.contact import same_field
from app.inbox.contacts.owners import NEVER_RESTORED, FieldRule, Side
from app.inbox.contacts.questions import Synced
from app.journal import Journal, events, pairs
from app.journal.events import NewEvent
from app.journal.rows import AgreedRow, PairRow
from app.journal.store import instant, moment, written
from connectors.contract import ChangesContacts
from connectors.documents import RemotePartner
from connectors.errors import Conflict, Rejected, Throttled, Uncertain

LOOP_WRITES = 3
LOOP_TIME = timedelta(hours=24)
_BY_MEANING = ("tax_id", "phone", "email")
"""Fields in which another way of writing is no change."""
Targets = Mapping[Side, ChangesContacts]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one pair; ``base`` is what both agreed on last."""

    pair: PairRow
    name: str
    rule: FieldRule
    both: Mapping[Side, RemotePartner]
    base: AgreedRow | None

    @property
    def owner(self) -> Side:
        return self.rule.owner

    @property
    def ours(self) -> str:
        """What the owner says."""
        return self.value(self.owner)

    @property
    def theirs(self) -> str:
        return self.value(self.owner.other)

    @property
    def title(self) -> str:
        """The contact's name."""
        return self.both[self.owner].name

    @property
    def places(self) -> dict[str, str]:
        """The names of the connections."""
        names = {Side.CRM: self.pair.left_connection, Side.ERP: self.pair.right_connection}
        return {"owner": names[self.owner], "other": names[self.owner.other]}

    def value(self, side: Side) -> str:
        return self.both[side].fields[self.name]

    def has_changed(self, side: Side) -> bool:
        """Since both agreed, beside as what this side stored it then: an echo is no change."""
        if self.base is None:
            return False
        stored = self.base.left_as if side is Side.CRM else self.base.right_as
        return not _is_equal(self.name, self.value(side), stored)

    @property
    def is_same(self) -> bool:
        """Whether both say the same to people, and the owner did not just spell it better."""
        is_corrected = self.has_changed(self.owner) and not _is_equal(
            self.name, self.ours, self.theirs
        )
        return same_field(self.name, self.ours, self.theirs) and not is_corrected

    @property
    def writes(self) -> list[str]:
        """The instants of the last day it was written at."""
        since = written(instant() - LOOP_TIME)
        known: list[str] = json.loads(self.base.writes) if self.base else []
        return [at for at in known if at >= since]

    @property
    def refusal(self) -> str:
        """The words this very value was refused with; empty where it was not."""
        if self.base is None or not self.base.refused:
            return ""
        value, words = json.loads(self.base.refused)
        return str(words) if value == self.ours else ""

    def agreement(self, stored: Mapping[Side, str], at: str, writes: Iterable[str]) -> AgreedRow:
        """On what each side stores."""
        kept = stored[Side.CRM], stored[Side.ERP]
        return AgreedRow(self.pair.id, self.name, *kept, at, json.dumps([*writes]), "")


def compare(
    journal: Journal, given: Iterable[Field], targets: Targets, found: Synced, again: bool = False
) -> None:
    """Let the owners' changes flow. ``again``: what was refused is tried once more. Raises
    ConnectorError.
    """
    same: list[Field] = []
    unlike: list[Field] = []
    for one in given:
        if one.rule.flows:
            (same if one.is_same else unlike).append(one)
    _agree(journal, same, found)
    for one in unlike:
        _reconcile(journal, one, targets, found, again)


def _agree(journal: Journal, same: Iterable[Field], found: Synced) -> None:
    """Keep what both sides say, in one transaction: at first that is every field of everybody."""
    fresh = [
        one
        for one in same
        if one.base is None or one.has_changed(Side.CRM) or one.has_changed(Side.ERP)
    ]
    if not fresh:
        return
    with journal.writing() as transaction:
        at = moment(transaction)
        rows = [
            one.agreement({side: one.value(side) for side in Side}, at, one.writes) for one in fresh
        ]
        pairs.agree(transaction, rows)
    found.agreed += len(fresh)


def _reconcile(journal: Journal, one: Field, targets: Targets, found: Synced, again: bool) -> None:
    is_restored = one.rule.restores and one.name not in NEVER_RESTORED
    has_drifted = one.has_changed(one.owner.other)
    if one.base is None:
        if one.ours:  # an empty value of the owner erases nothing at first
            _write(journal, one, targets, found, again)
    elif one.has_changed(one.owner) or (has_drifted and is_restored):
        _write(journal, one, targets, found, again)
    elif has_drifted:
        _ask_of_drift(one, found)


def _write(journal: Journal, one: Field, targets: Targets, found: Synced, again: bool) -> None:
    """The owner's value to the other side; kept as what that side stores of it."""
    said = {"name": one.title, "field": one.name, **one.places}
    if one.refusal and not again:
        found.ask("refused", **said, ours=one.ours, words=one.refusal)
        return
    if len(one.writes) >= LOOP_WRITES:
        found.ask("loop", **said)
        return
    if one.name == "tax_id" and one.theirs.strip():
        _ask_of_drift(one, found)  # documents are under it: a person changes it there
        return
    other = one.owner.other
    if one.has_changed(one.owner) and one.has_changed(other):
        _tell_both(journal, one)
        found.disputed.append((one.title, one.name))
    try:
        record = targets[other].change_contact(one.both[other].code, {one.name: one.ours})
    except (Rejected, Conflict) as error:
        _keep_refusal(journal, one, error.words)
        found.ask("refused", **said, ours=one.ours, words=error.words)
        return
    except (Uncertain, Throttled):
        return  # whether it was written the next comparison sees
    stored = {one.owner: one.ours, other: record.fields.get(one.name, one.ours)}
    _keep_writing(journal, one, stored)
    found.written.append((one.title, one.name))


def _ask_of_drift(one: Field, found: Synced) -> None:
    said = {"name": one.title, "field": one.name, **one.places}
    found.ask("drift", **said, ours=one.ours, theirs=one.theirs)


def _tell_both(journal: Journal, one: Field) -> None:
    """The owner wins; what the other side said stays known, whatever becomes of the writing."""
    both = {"what": one.name, "value": one.ours, "known": one.theirs}
    events.record(journal, "contact.settled", f"pair:{one.pair.id}", **both)


def _keep_writing(journal: Journal, one: Field, stored: Mapping[Side, str]) -> None:
    facts = {"what": one.name, "connection": one.places["other"]}
    told = NewEvent("contact.written", f"pair:{one.pair.id}", facts)
    with journal.writing() as transaction:
        at = moment(transaction)
        pairs.agree(transaction, [one.agreement(stored, at, [*one.writes, at])])
        events.append(transaction, journal.actor, [told], at)


def _keep_refusal(journal: Journal, one: Field, words: str) -> None:
    """What was refused at first stands beside what the other side has: the owner's value is then
    one it never had.
    """
    stored = {one.owner: "", one.owner.other: one.theirs}
    with journal.writing() as transaction:
        at = moment(transaction)
        base = one.base or one.agreement(stored, at, ())
        refused = json.dumps([one.ours, words], ensure_ascii=False)
        pairs.agree(transaction, [replace(base, refused=refused)])


def _is_equal(name: str, one: str, other: str) -> bool:
    """Stricter than people read a text: an accent that was put right is a change."""
    if name in _BY_MEANING:
        return same_field(name, one, other)
    return one.split() == other.split()
