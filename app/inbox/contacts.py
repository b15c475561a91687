"""Contacts of a CRM and an ERP kept the same, field by field, each by its owner.

A pair is found by what it was before, by a reference both carry, by a tax id that is nobody else's,
or by an e-mail that is nobody else's where no tax id contradicts; a name alone is a question. A
pair is never made and written in one go.

Of each field the value both agreed on is the base of a three-way comparison: what the owner changed
flows to the other side; what the other side changed is reported, or put back where the company said
so; where both changed, the owner wins and both values are kept. An echo (our own writing, as the
other system stores it) is known by its value. A field that is written too often is left alone.
Deletes never cross.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.company import settings
from app.documents.contact import GENERIC_TAX_IDS, tax_id_key
from app.inbox import contact_owners
from app.inbox.contact_owners import NEVER_RESTORED, FieldRule, Side
from app.journal import Journal, events, inbox, pairs, roles
from app.journal.roles import Role
from app.journal.rows import AgreedRow, InboxRow, PairRow
from app.journal.store import instant, moment, written
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import DocumentConnector
from connectors.contract import ChangesContacts
from connectors.documents import RemotePartner
from connectors.errors import Conflict, Rejected, Throttled, Uncertain
from importers.identity import canonical_tax_id
from importers.values import plain

_SETTING = "contact-links"
_LAST, _OPEN = "contacts-asked", "contacts-open"
_ONCE = ("gone", "merged")
LOOP_WRITES = 3
LOOP_TIME = timedelta(hours=24)
GUARD_SHARE, GUARD_LEAST = 0.05, 3
_MERGED = ("contact.merge", "customer.merged", "vendor.merged")
_FORGOTTEN = "contact.privacyDeletion"

QUESTIONS = {
    "name": QT_TRANSLATE_NOOP("contacts", "“{name}” has the same name in both: are they one?"),
    "several": QT_TRANSLATE_NOOP("contacts", "“{name}” may be several there: which?"),
    "drift": QT_TRANSLATE_NOOP(
        "contacts", "“{name}”: {field} is “{theirs}” where it is not owned, “{ours}” at its owner"
    ),
    "refused": QT_TRANSLATE_NOOP("contacts", "“{name}”: {field} was not taken: {words}"),
    "loop": QT_TRANSLATE_NOOP(
        "contacts",
        "“{name}”: {field} was changed back again and again by a rule of one of the systems; it is"
        " left alone",
    ),
    "gone": QT_TRANSLATE_NOOP("contacts", "“{name}” is gone from one of the two systems"),
    "merged": QT_TRANSLATE_NOOP("contacts", "“{name}” was merged with another that is paired too"),
    "guard": QT_TRANSLATE_NOOP(
        "contacts", "{count} contacts are gone at once: nothing was done; look at the permissions"
    ),
    "cannot": QT_TRANSLATE_NOOP("contacts", "“{name}”: {field} cannot be written there"),
}


class NoLink(Refused, LookupError):
    """There is no such link of two connections, or one of them cannot change contacts."""

    context = "contacts"
    words = QT_TRANSLATE_NOOP("contacts", "{names}: contacts are not kept the same between these.")

    def said(self) -> Mapping[str, object]:
        return {"names": self}


@dataclass(frozen=True, slots=True)
class Link:
    """Two connections whose contacts are kept the same."""

    crm: str
    erp: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something for a person; ``code`` of :data:`QUESTIONS`."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """In the current language."""
        return translate("contacts", QUESTIONS[self.code]).format(**self.values)


@dataclass
class Synced:
    """What one comparison did: pairs made and ended, fields written (by pair and field), fields
    both sides agree on anew, and what is for a person; ``guarded`` pairs are neither ended nor
    compared.
    """

    paired: int = 0
    ended: int = 0
    written: list[tuple[str, str]] = field(default_factory=list)
    agreed: int = 0
    questions: list[Question] = field(default_factory=list)
    guarded: list[PairRow] = field(default_factory=list)

    def ask(self, code: str, **values: object) -> None:
        self.questions.append(Question(code, values))


def links(journal: Journal) -> list[Link]:
    kept: list[list[str]] = json.loads(settings.get(journal, _SETTING, "[]"))
    return [Link(*one) for one in kept]


def link(journal: Journal, crm: str, erp: str) -> Link:
    """Keep contacts of two connections the same from now on. Raises NotAllowed, LookupError."""
    roles.require(journal, Role.ADMIN)
    for name in (crm, erp):
        settings.find_connection(journal, name)
    if crm == erp:
        raise NoLink(crm)
    made = Link(crm, erp)
    others = [one for one in links(journal) if one != made]
    _keep(journal, [*others, made])
    return made


def unlink(journal: Journal, crm: str, erp: str) -> None:
    """Raises NotAllowed, NoLink."""
    roles.require(journal, Role.ADMIN)
    known = links(journal)
    if Link(crm, erp) not in known:
        raise NoLink(f"{crm}, {erp}")
    _keep(journal, [one for one in known if one != Link(crm, erp)])


def _keep(journal: Journal, given: Iterable[Link]) -> None:
    settings.put(journal, _SETTING, json.dumps(sorted([one.crm, one.erp] for one in given)))


def sync(journal: Journal, between: Link, crm: DocumentConnector, erp: DocumentConnector) -> Synced:
    """Compare every pair and let the owners' changes flow. Raises ConnectorError, NoLink,
    NotAllowed.
    """
    roles.require(journal, Role.PUSH)
    for target in (crm, erp):
        if not isinstance(target, ChangesContacts):
            raise NoLink(f"{between.crm}, {between.erp}")
    found = Synced()
    sides = {
        Side.CRM: {one.code: one for one in crm.partners()},
        Side.ERP: {one.code: one for one in erp.partners()},
    }
    standing = pairs.every(journal, between.crm, between.erp)
    standing = _heed_merges(journal, between, standing, sides, found)
    standing = _ended(journal, standing, sides, found)
    targets = {Side.CRM: crm, Side.ERP: erp}
    agreed = pairs.agreed(journal, [row.id for row in standing])
    rules = contact_owners.load(journal)
    for row in standing:
        both = {Side.CRM: sides[Side.CRM][row.left_id], Side.ERP: sides[Side.ERP][row.right_id]}
        for name, rule in rules.items():
            if all(name in one.fields for one in both.values()):
                one = _Field(row, name, rule, both, agreed[row.id].get(name))
                _compare(journal, one, targets, found)
    _pair(journal, between, standing, sides, found)
    _remember(journal, between, found)
    return found


def asked(journal: Journal) -> dict[str, tuple[int, int]]:
    """Names of two connections → how many questions stand since they were compared last, and how
    many of them are fields that were written again and again.
    """
    kept: dict[str, list[int]] = json.loads(settings.get(journal, _LAST, "{}"))
    return {name: (questions, loops) for name, (questions, loops) in kept.items()}


def settle(journal: Journal, between: Link, reason: str) -> int:
    """Let what is gone or was merged be settled, as a person says. Answers how many that were.
    Raises NotAllowed.
    """
    roles.require(journal, Role.PUSH)
    kept = json.loads(settings.get(journal, _OPEN, "{}"))
    count = len(kept.pop(_named(between), ()))
    settings.put(journal, _OPEN, json.dumps(kept, sort_keys=True), reason)
    return count


def _remember(journal: Journal, between: Link, found: Synced) -> None:
    """What was asked. That something is gone or merged happens once and is asked until a person
    settles it.
    """
    name = _named(between)
    kept = json.loads(settings.get(journal, _OPEN, "{}"))
    once = [[one.code, dict(one.values)] for one in found.questions if one.code in _ONCE]
    known = kept.get(name, [])
    found.questions += [Question(code, values) for code, values in known]
    if once:
        kept[name] = [*known, *(one for one in once if one not in known)]
        settings.put(journal, _OPEN, json.dumps(kept, sort_keys=True))
    before = json.loads(settings.get(journal, _LAST, "{}"))
    loops = sum(1 for one in found.questions if one.code in ("loop", "guard"))
    now = {**before, name: [len(found.questions), loops]}
    if now != before:
        settings.put(journal, _LAST, json.dumps(now, sort_keys=True))


def _named(between: Link) -> str:
    return f"{between.crm}, {between.erp}"


# -- pairs


def _heed_merges(
    journal: Journal,
    between: Link,
    standing: list[PairRow],
    sides: Mapping[Side, Mapping[str, RemotePartner]],
    found: Synced,
) -> list[PairRow]:
    """A pair whose record became another's goes to that; one that was forgotten is over, and what
    came about it is erased.
    """
    for place, name in ((0, between.crm), (1, between.erp)):
        kinds = ("merge", _FORGOTTEN)
        for row in inbox.rows(journal, connection_name=name, kinds=kinds, limit=10_000):
            if row.kind in _MERGED or ".merged." in row.kind:
                standing = _repointed(journal, standing, place, row, sides, found)
            elif row.kind == _FORGOTTEN:
                inbox.erase(journal, name, row.record, row.remote_id, _FORGOTTEN)
                over = [one for one in standing if _id_of(one, place) == row.remote_id]
                for one in over:
                    pairs.end(journal, one, _FORGOTTEN)
                    found.ended += 1
                standing = [one for one in standing if one not in over]
    return standing


def _repointed(
    journal: Journal,
    standing: list[PairRow],
    place: int,
    row: InboxRow,
    sides: Mapping[Side, Mapping[str, RemotePartner]],
    found: Synced,
) -> list[PairRow]:
    merged = set(str(json.loads(row.headers).get("merged", "")).split())
    side = (Side.CRM, Side.ERP)[place]
    gone = merged - sides[side].keys()
    lost = [one for one in standing if _id_of(one, place) in gone]
    kept = next((one for one in standing if _id_of(one, place) == row.remote_id), None)
    for one in lost:
        if kept is not None or len(lost) > 1 or row.remote_id not in sides[side]:
            other = sides[side.other].get(_id_of(one, 1 - place))
            found.ask("merged", name=other.name if other else row.remote_id)
            continue
        pairs.end(journal, one, "merge")
        moved = [(one.left_connection, one.left_id), (one.right_connection, one.right_id)]
        moved[place] = (moved[place][0], row.remote_id)
        made = pairs.make(journal, moved[0], moved[1], "merge")
        standing = [made if known is one else known for known in standing]
    return standing


def _id_of(row: PairRow, place: int) -> str:
    return row.right_id if place else row.left_id


def _ended(
    journal: Journal,
    standing: list[PairRow],
    sides: Mapping[Side, Mapping[str, RemotePartner]],
    found: Synced,
) -> list[PairRow]:
    """Pairs of which both are there. One that lost a side is over and shown, the other side stays
    as it is; many at once are a lost permission.
    """
    lost = [
        row
        for row in standing
        if row.left_id not in sides[Side.CRM] or row.right_id not in sides[Side.ERP]
    ]
    is_empty = bool(standing) and not all(sides.values())
    if is_empty or len(lost) > max(GUARD_LEAST, len(standing) * GUARD_SHARE):
        found.ask("guard", count=len(lost))
        found.guarded = lost
    else:
        for row in lost:
            left = sides[Side.CRM].get(row.left_id) or sides[Side.ERP].get(row.right_id)
            found.ask("gone", name=left.name if left else row.left_id)
            pairs.end(journal, row, "gone")
            found.ended += 1
    return [row for row in standing if row not in lost]


def _pair(
    journal: Journal,
    between: Link,
    standing: list[PairRow],
    sides: Mapping[Side, Mapping[str, RemotePartner]],
    found: Synced,
) -> None:
    """Pair what certainly is one; what may be is asked."""
    kept = [*standing, *found.guarded]
    left = [one for code, one in sides[Side.CRM].items() if code not in _ids(kept, 0)]
    right = [one for code, one in sides[Side.ERP].items() if code not in _ids(kept, 1)]
    used: set[str] = set()
    for how, key in _KEYS:
        every = [_by(sides[side].values(), key) for side in (Side.CRM, Side.ERP)]
        theirs = _by(right, key)
        for value, mine in _by(left, key).items():
            pair = [one for one in (*mine[:1], *theirs.get(value, ())[:1]) if one.code not in used]
            if len(pair) != 2:
                continue
            if any(len(of_value[value]) > 1 for of_value in every):  # nobody's alone
                if how in ("reference", "tax-id"):
                    found.ask("several", name=mine[0].name)
            elif how == "name":
                found.ask("name", name=mine[0].name)
            elif how != "email" or not _contradict(*pair):
                ids = (between.crm, pair[0].code), (between.erp, pair[1].code)
                pairs.make(journal, *ids, how)
                used |= {one.code for one in pair}
                found.paired += 1


def _ids(standing: Iterable[PairRow], place: int) -> set[str]:
    return {_id_of(row, place) for row in standing}


def _tax_id(partner: RemotePartner) -> str:
    is_generic = tax_id_key(partner.tax_id) in GENERIC_TAX_IDS
    return "" if is_generic or not partner.tax_id else canonical_tax_id(partner.tax_id)


def _email(partner: RemotePartner) -> str:
    return partner.fields.get("email", "").strip().casefold()


def _contradict(one: RemotePartner, other: RemotePartner) -> bool:
    ours, theirs = _tax_id(one), _tax_id(other)
    return bool(ours and theirs and ours != theirs)


_Key = Callable[[RemotePartner], str]
_KEYS: Sequence[tuple[str, _Key]] = (
    ("reference", lambda one: one.reference),
    ("tax-id", _tax_id),
    ("email", _email),
    ("name", lambda one: plain(one.name)),
)


def _by(partners: Iterable[RemotePartner], key: _Key) -> dict[str, list[RemotePartner]]:
    found: dict[str, list[RemotePartner]] = {}
    for one in partners:
        if value := key(one):
            found.setdefault(value, []).append(one)
    return found


# -- fields


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of one pair."""

    pair: PairRow
    name: str
    rule: FieldRule
    both: Mapping[Side, RemotePartner]
    base: AgreedRow | None

    def value(self, side: Side) -> str:
        return self.both[side].fields[self.name]

    def changed(self, side: Side) -> bool:
        """Since both agreed, beside as what this side stored it then: an echo is no change."""
        assert self.base is not None
        stored = self.base.left_as if side is Side.CRM else self.base.right_as
        return not _same(self.name, self.value(side), stored)

    @property
    def writes(self) -> list[str]:
        since = written(instant() - LOOP_TIME)
        known: list[str] = json.loads(self.base.writes) if self.base else []
        return [at for at in known if at >= since]


def _compare(
    journal: Journal, one: _Field, targets: Mapping[Side, DocumentConnector], found: Synced
) -> None:
    owner = one.rule.owner
    ours, theirs = one.value(owner), one.value(owner.other)
    if not one.rule.flows:
        return
    if _same(one.name, ours, theirs):
        if one.base is None or one.changed(owner) or one.changed(owner.other):
            _agree(journal, one, ours, (one.value(Side.CRM), one.value(Side.ERP)))
            found.agreed += 1
        return
    if one.base is None:
        if ours:  # an empty value of the owner erases nothing at first
            _write(journal, one, owner, targets, found)
        return
    if one.changed(owner):
        _write(journal, one, owner, targets, found, is_dispute=one.changed(owner.other))
    elif one.changed(owner.other):
        if one.rule.restores and one.name not in NEVER_RESTORED:
            _write(journal, one, owner, targets, found)
        else:
            name = one.both[owner].name
            found.ask("drift", name=name, field=one.name, ours=ours, theirs=theirs)


def _write(
    journal: Journal,
    one: _Field,
    owner: Side,
    targets: Mapping[Side, DocumentConnector],
    found: Synced,
    is_dispute: bool = False,
) -> None:
    """The owner's value to the other side; kept as what that side stores of it."""
    partner, target = one.both[owner.other], targets[owner.other]
    name = one.both[owner].name
    if len(one.writes) >= LOOP_WRITES:
        found.ask("loop", name=name, field=one.name)
        return
    if one.name == "tax_id" and one.value(owner.other).strip():
        # documents are under it: a person changes it there
        ours, theirs = one.value(owner), one.value(owner.other)
        found.ask("drift", name=name, field=one.name, ours=ours, theirs=theirs)
        return
    assert isinstance(target, ChangesContacts)
    try:
        record = target.change_contact(partner.code, {one.name: one.value(owner)})
    except (Rejected, Conflict) as error:
        _count_attempt(journal, one)
        found.ask("refused", name=name, field=one.name, words=error.words)
        return
    except (Uncertain, Throttled):
        return  # whether it was written the next comparison sees
    if is_dispute:
        _tell_both(journal, one, one.value(owner), one.value(owner.other))
    stored = record.fields.get(one.name, one.value(owner))
    ours = one.value(owner)
    kept = (ours, stored) if owner is Side.CRM else (stored, ours)
    _agree(journal, one, ours, kept, is_write=True)
    found.written.append((name, one.name))


def _agree(
    journal: Journal, one: _Field, value: str, kept: tuple[str, str], is_write: bool = False
) -> None:
    with journal.writing() as transaction:
        at = moment(transaction)
        writes = json.dumps([*one.writes, at] if is_write else one.writes)
        row = AgreedRow(one.pair.id, one.name, value, *kept, at, writes)
        pairs.agree(transaction, [row])


def _count_attempt(journal: Journal, one: _Field) -> None:
    """A writing that was refused counts as one: it is not tried for ever."""
    if one.base is None:
        return
    with journal.writing() as transaction:
        writes = json.dumps([*one.writes, moment(transaction)])
        pairs.agree(transaction, [replace(one.base, writes=writes)])


def _tell_both(journal: Journal, one: _Field, ours: str, theirs: str) -> None:
    """The owner wins; what the other side said stays known."""
    events.record(
        journal,
        "contact.settled",
        f"pair:{one.pair.id}",
        what=one.name,
        value=ours,
        known=theirs,
    )


def _same(name: str, one: str, other: str) -> bool:
    """As people would: a tax id in any form, a phone by its digits, an e-mail in any case."""
    if name == "tax_id":
        return canonical_tax_id(one) == canonical_tax_id(other)
    if name == "phone":
        return _digits(one) == _digits(other)
    if name == "email":
        return one.strip().casefold() == other.strip().casefold()
    return plain(one) == plain(other)


def _digits(text: str) -> str:
    """With or without the prefix of its country it is one number; of several all count."""
    digits = re.sub(r"\D", "", text)
    return digits[-10:] if len(digits) <= 13 else digits
