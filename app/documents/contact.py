"""Customers and suppliers of an imported listing, and what of them may go to a target.

A contact is sent once, under a reference of its own. One whose tax id the target has already is not
sent: it is there. Only the fields the source owns go along (see :mod:`app.company.field_owners`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import orjson
import sqlalchemy as sa

from app.company.field_owners import Ownership
from app.documents.records import joined_reference
from app.journal import Journal, schema
from connectors import Contact
from connectors.documents import CONTACT_FIELDS, RemotePartner
from importers import Party
from importers.values import plain

GENERIC_TAX_IDS = frozenset(
    {"", "xaxx010101000", "xexx010101000", "222222222222", "222222222", "0"}
)
"""What stands for anybody (SAT: general public and foreigners; DIAN: consumidor final): it
identifies nobody.
"""


@dataclass(frozen=True, slots=True)
class SourceContact:
    """The newest a listing says of a third party; ``fields`` by :data:`CONTACT_FIELDS`, as text."""

    reference: str
    document: int
    batch: int
    digest: str
    fields: Mapping[str, str]
    supplier: bool


def contact_reference(company: str, source_system: str, party: Party) -> str:
    """``COMPANY/system/contact/CODE``; the code is the source's own, or the tax id unless anybody
    may have it, or the name.
    """
    tax_id = tax_id_key(party.tax_id)
    code = party.code if party.code != party.tax_id else tax_id
    name = party.name if tax_id in GENERIC_TAX_IDS and code in ("", tax_id) else ""
    return joined_reference(company, source_system, "contact", name or code or party.name)


def contact_data(party: Party) -> str:
    """What a third party says, as the journal keeps it."""
    said = {name: value for name, value in asdict(party).items() if name != "line"}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def source_contacts(journal: Journal, batch: int | None = None) -> list[SourceContact]:
    """Every third party of complete listings (of one batch), as its newest listing has it."""
    document, contact = schema.document, schema.contact
    query = (
        sa.select(document, contact.c.data)
        .join(
            contact,
            (contact.c.batch_id == document.c.batch_id) & (contact.c.document_id == document.c.id),
        )
        .where(document.c.state == "ready")
        .order_by(document.c.id)
    )
    if batch is not None:
        query = query.where(document.c.batch_id == batch)
    found: dict[str, SourceContact] = {}
    with journal.reading() as connection:
        for row in connection.execute(query):
            said = json.loads(row.data)
            fields = {
                name: "" if said[name] is None else str(said[name]) for name in CONTACT_FIELDS
            }
            found[row.external_ref] = SourceContact(
                row.external_ref,
                row.id,
                row.batch_id,
                row.content_hash,
                fields,
                bool(said["supplier"]),
            )
    return list(found.values())


def payload(contact: SourceContact, ownership: Ownership) -> dict[str, object]:
    """The contact as the outbox keeps it, without the fields the target owns."""
    fields = {
        name: value
        for name, value in contact.fields.items()
        if value and ownership.goes_to_target(name)
    }
    return {
        "kind": "contact",
        "reference": contact.reference,
        "fields": fields,
        "supplier": contact.supplier,
    }


def payload_contact(kept: Mapping[str, object], ownership: Ownership | None = None) -> Contact:
    """The contact kept in an outbox row; with ``ownership`` without what the target has come to own
    since.
    """
    fields = kept["fields"]
    assert isinstance(fields, dict)
    if ownership is not None:
        fields = {name: value for name, value in fields.items() if ownership.goes_to_target(name)}
    terms = fields.get("terms")
    others = {name: fields.get(name, "") for name in CONTACT_FIELDS if name != "terms"}
    supplier = bool(kept["supplier"])
    return Contact(
        str(kept["reference"]),
        customer=not supplier,
        supplier=supplier,
        terms=int(terms) if terms else None,
        **others,
    )


class Partners:
    """The partners of a target, to find a contact among them."""

    def __init__(self, partners: Iterable[RemotePartner]) -> None:
        self._by_code: dict[str, RemotePartner] = {}
        self._by_reference: dict[str, RemotePartner] = {}
        self._by_tax_id: dict[str, RemotePartner] = {}
        for partner in partners:
            self.add(partner)

    def add(self, partner: RemotePartner) -> None:
        self._by_code[partner.code] = partner
        if partner.reference:
            self._by_reference[partner.reference] = partner
        if partner.tax_id:
            self._by_tax_id.setdefault(tax_id_key(partner.tax_id), partner)

    def same(self, contact: SourceContact, remote_id: str = "") -> RemotePartner | None:
        """The partner made of this contact, or of its tax id; None where there is none."""
        found = self._by_code.get(remote_id) or self._by_reference.get(contact.reference)
        tax_id = tax_id_key(contact.fields["tax_id"])
        return found or (None if tax_id in GENERIC_TAX_IDS else self._by_tax_id.get(tax_id))


def tax_id_key(tax_id: str) -> str:
    """A tax id as it is compared: letters and digits, without the check digit of a NIT."""
    head, dash, digit = tax_id.strip().rpartition("-")
    known = head if dash and len(digit) == 1 and digit.isdigit() else tax_id
    return "".join(letter for letter in plain(known) if letter.isalnum())
