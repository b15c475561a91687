"""Fields of contacts that changed on the side that does not own them.

What the target was last sent decides who moved: a field the source owns that the target holds
otherwise than it was sent has drifted there; one that only the source has changed since is waiting
to be taken over, and no drift. A field the target owns that the source says otherwise has drifted
in the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.company import field_owners
from app.company.field_owners import Direction, Owner, Ownership
from app.documents.contact import (
    ContactKind,
    Partners,
    SourceContact,
    same_field,
    source_contacts,
)
from app.journal import Journal, events, outbox_rows
from app.translation import QT_TRANSLATE_NOOP
from connectors.contract import Connector
from connectors.documents import RemotePartner


class Moved(StrEnum):
    """Where a field changed: in the source, in the target; or ``newer`` in its owner, the source,
    since it was sent.
    """

    IN_SOURCE = "in-source"
    IN_TARGET = "in-target"
    NEWER = "newer"


MOVED_TEXTS = {
    Moved.IN_SOURCE: QT_TRANSLATE_NOOP(
        "fields", "the legacy system says otherwise, but the target owns it"
    ),
    Moved.IN_TARGET: QT_TRANSLATE_NOOP(
        "fields", "the target says otherwise, but the legacy system owns it"
    ),
    Moved.NEWER: QT_TRANSLATE_NOOP("fields", "changed in the legacy system since it was sent"),
}


@dataclass(frozen=True, slots=True)
class Drift:
    """One field of one contact. ``ours`` is what the source says, ``theirs`` the target."""

    reference: str
    name: str
    field: str
    owner: Owner
    moved: Moved
    ours: str
    theirs: str

    @property
    def is_drift(self) -> bool:
        return self.moved is not Moved.NEWER


def drift(journal: Journal, connection_name: str, target: Connector) -> list[Drift]:
    """Compare every contact the target has with its listing; what drifted is journaled too. Raises
    ConnectorError.
    """
    owned, partners = field_owners.load(journal), Partners(target.partners())
    sent = _sent(journal, connection_name)
    found: list[Drift] = []
    for contact in source_contacts(journal):
        remote_id, fields = sent.get(contact.reference, ("", {}))
        partner = partners.same(contact, remote_id)
        if partner is not None:
            found += _compared(contact, partner, fields, owned)
    drifted = [[item.reference, item.field, item.moved] for item in found if item.is_drift]
    events.record(journal, "fields.compared", f"connection:{connection_name}", drifted=drifted)
    return found


def _compared(
    contact: SourceContact, partner: RemotePartner, sent: Mapping[str, str], owned: Ownership
) -> Iterator[Drift]:
    was_sent = bool(sent)
    for name, theirs in partner.fields.items():
        rule, ours = owned.rules[name], contact.fields[name]
        if rule.direction is Direction.NONE or same_field(name, ours, theirs):
            continue
        if rule.owner is Owner.TARGET and not ours:
            continue
        if rule.owner is Owner.TARGET:
            moved = Moved.IN_SOURCE
        elif was_sent and same_field(name, sent.get(name, ""), theirs):
            moved = Moved.NEWER
        elif not ours and name not in sent:
            continue
        else:
            moved = Moved.IN_TARGET
        yield Drift(
            contact.reference, contact.fields["name"], name, rule.owner, moved, ours, theirs
        )


def _sent(journal: Journal, connection_name: str) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Reference → the target's id and the fields it was sent, of the contacts it confirmed."""
    return {
        row.external_ref: (row.remote_id, row.document["fields"])
        for row in outbox_rows.every(journal, connection_name, ContactKind.stored.name)
        if row.confirmed_at and row.document
    }
