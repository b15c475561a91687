"""Which contact of the one system is which of the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from app.documents.contact import GENERIC_TAX_IDS, tax_id_key
from app.inbox import guard
from app.inbox.contacts import linking
from app.inbox.contacts.linking import Link
from app.inbox.contacts.owners import Side
from app.inbox.contacts.questions import Synced
from app.journal import Journal, inbox, pairs, roles
from app.journal.roles import Role
from app.journal.rows import InboxRow, PairRow
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.documents import RemotePartner
from importers.identity import canonical_tax_id
from importers.values import plain

Sides = Mapping[Side, Mapping[str, RemotePartner]]
"""The contacts of each system by their ids."""
_MERGED = ("contact.merge", "customer.merged", "vendor.merged")
_FORGOTTEN = "contact.privacyDeletion"
_MOST_EVENTS = 10_000
_PERSON = "person"


HOW_TEXTS = {
    "reference": QT_TRANSLATE_NOOP("contacts", "same reference"),
    "tax-id": QT_TRANSLATE_NOOP("contacts", "same tax id"),
    "email": QT_TRANSLATE_NOOP("contacts", "same e-mail"),
    "merge": QT_TRANSLATE_NOOP("contacts", "merged there"),
    _PERSON: QT_TRANSLATE_NOOP("contacts", "a person said so"),
}


class AlreadyPaired(Refused, ValueError):
    """One of two contacts is in another pair; the argument names both."""

    context = "contacts"
    words = QT_TRANSLATE_NOOP(
        "contacts", "{names}: one of them is paired with another; say first that those are two."
    )

    def said(self) -> Mapping[str, object]:
        return {"names": self}


def how_text(how: str) -> str:
    """How a pair was found, in the current language."""
    return translate("contacts", HOW_TEXTS[how])


def join(journal: Journal, between: Link, crm_id: str, erp_id: str) -> PairRow:
    """Two contacts are one, as a person says; that they are there the next comparison sees. Raises
    NotAllowed, NoLink, AlreadyPaired.
    """
    roles.require(journal, Role.PUSH)
    linking.known(journal, between.crm, between.erp)
    try:
        return pairs.make(journal, (between.crm, crm_id), (between.erp, erp_id), _PERSON)
    except ValueError:
        raise AlreadyPaired(f"{crm_id}, {erp_id}") from None


def keep_apart(journal: Journal, between: Link, crm_id: str, erp_id: str) -> None:
    """Two contacts are two, as a person says: they are paired no more, nor asked about. Raises
    NotAllowed, NoLink.
    """
    roles.require(journal, Role.PUSH)
    linking.known(journal, between.crm, between.erp)
    pairs.keep_apart(journal, (between.crm, crm_id), (between.erp, erp_id))


def brought_up_to_date(
    journal: Journal, between: Link, sides: Sides, found: Synced
) -> list[PairRow]:
    """The pairs of which both are there: what was merged is followed, what is gone has ended."""
    standing = pairs.every(journal, between.crm, between.erp)
    for side, name in ((Side.CRM, between.crm), (Side.ERP, between.erp)):
        kinds = ("merge", _FORGOTTEN)
        came = inbox.rows(journal, connection_name=name, kinds=kinds, limit=_MOST_EVENTS)
        for row in came:
            if row.kind in _MERGED or ".merged." in row.kind:
                standing = _followed(journal, standing, side, row, sides, found)
            elif row.kind == _FORGOTTEN:
                standing = _forgotten(journal, standing, side, row, found)
    return _ended(journal, standing, sides, found)


def pair_new(
    journal: Journal, between: Link, standing: Iterable[PairRow], sides: Sides, found: Synced
) -> None:
    """Pair what certainly is one; what may be is asked."""
    kept = [*standing, *found.guarded]
    left = [one for code, one in sides[Side.CRM].items() if code not in _ids(kept, Side.CRM)]
    right = [one for code, one in sides[Side.ERP].items() if code not in _ids(kept, Side.ERP)]
    apart = pairs.apart(journal, between.crm, between.erp)
    used: set[tuple[Side, str]] = set()
    for how, key in _KEYS:
        every = [_by(sides[side].values(), key) for side in Side]
        theirs = _by(right, key)
        for value, mine in _by(left, key).items():
            couples = [
                (one, other)
                for one in mine
                for other in theirs.get(value, ())
                if (one.code, other.code) not in apart
                and used.isdisjoint({(Side.CRM, one.code), (Side.ERP, other.code)})
            ]
            is_alone = all(len(of_value[value]) == 1 for of_value in every if value in of_value)
            if couples and _is_one(how, couples, is_alone, found):
                ((one, other),) = couples
                pairs.make(journal, (between.crm, one.code), (between.erp, other.code), how)
                used |= {(Side.CRM, one.code), (Side.ERP, other.code)}
                found.paired += 1


def _is_one(
    how: str,
    couples: Sequence[tuple[RemotePartner, RemotePartner]],
    is_alone: bool,
    found: Synced,
) -> bool:
    """Whether those that share a value are one party; else it is asked where it may be.
    ``is_alone``: the value is nobody else's in either system.
    """
    one, other = couples[0]
    if not is_alone:
        if how in ("reference", "tax-id"):
            left, right = (
                ", ".join(dict.fromkeys(partner.code for partner in partners))
                for partners in zip(*couples, strict=True)
            )
            found.ask("several", name=one.name, left=left, right=right)
        return False
    if how == "name":
        found.ask("name", name=one.name, left=one.code, right=other.code)
        return False
    return how != "email" or not _contradict(one, other)


# -- pairs that stand


def _followed(
    journal: Journal,
    standing: list[PairRow],
    side: Side,
    row: InboxRow,
    sides: Sides,
    found: Synced,
) -> list[PairRow]:
    """A pair whose record became another's goes to that."""
    merged = set(str(json.loads(row.headers).get("merged", "")).split())
    gone = merged - sides[side].keys()
    lost = [one for one in standing if _id_of(one, side) in gone]
    is_paired = any(_id_of(one, side) == row.remote_id for one in standing)
    for one in lost:
        if is_paired or len(lost) > 1 or row.remote_id not in sides[side]:
            found.ask("merged", name=_name_of(one, sides), place=row.connection)
            continue
        pairs.end(journal, one, "merge")
        left, right = (one.left_connection, one.left_id), (one.right_connection, one.right_id)
        moved = (row.connection, row.remote_id)
        both = (moved, right) if side is Side.CRM else (left, moved)
        made = pairs.make(journal, *both, "merge")
        standing = [made if known is one else known for known in standing]
    return standing


def _forgotten(
    journal: Journal, standing: list[PairRow], side: Side, row: InboxRow, found: Synced
) -> list[PairRow]:
    """The pair of one who asked to be forgotten is over, and what came about it is erased."""
    inbox.erase(journal, row.connection, row.record, row.remote_id, _FORGOTTEN)
    over = [one for one in standing if _id_of(one, side) == row.remote_id]
    for one in over:
        pairs.end(journal, one, _FORGOTTEN)
        found.ended += 1
    return [one for one in standing if one not in over]


def _ended(journal: Journal, standing: list[PairRow], sides: Sides, found: Synced) -> list[PairRow]:
    """One that lost a side is over and shown, the other side stays as it is; many at once are a
    lost permission.
    """
    lost = [row for row in standing if any(_id_of(row, side) not in sides[side] for side in Side)]
    is_empty = bool(standing) and not all(sides.values())
    if is_empty or len(lost) > guard.most_gone(len(standing)):
        found.ask("guard", count=len(lost))
        found.guarded = lost
    else:
        for row in lost:
            is_left = row.left_id not in sides[Side.CRM]
            place = row.left_connection if is_left else row.right_connection
            found.ask("gone", name=_name_of(row, sides), place=place)
            pairs.end(journal, row, "gone")
            found.ended += 1
    return [row for row in standing if row not in lost]


def _id_of(row: PairRow, side: Side) -> str:
    return row.left_id if side is Side.CRM else row.right_id


def _ids(standing: Iterable[PairRow], side: Side) -> set[str]:
    return {_id_of(row, side) for row in standing}


def _name_of(row: PairRow, sides: Sides) -> str:
    """As the system says that still has it."""
    one = sides[Side.CRM].get(row.left_id) or sides[Side.ERP].get(row.right_id)
    return one.name if one else f"{row.left_id}, {row.right_id}"


# -- what tells a party


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
