"""Customers and suppliers of an imported listing, and what of them may go to a target.

A contact is sent once, under a reference of its own. One whose tax id the target has already is not
sent: it is there. Only the fields the source owns go along (see :mod:`app.company.field_owners`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, cast

import orjson

from app.company import field_owners
from app.company.field_owners import Ownership
from app.documents.kind import (
    Candidates,
    DocumentKind,
    Payload,
    Preparation,
    Prepared,
    Reader,
    Record,
)
from app.documents.obstacles import Problem
from app.documents.records import joined_reference
from app.journal import Journal, documents
from app.journal.kinds import StoredKind
from app.journal.rows import DocumentRow
from app.translation import QT_TRANSLATE_NOOP
from connectors import Contact, DocumentConnector, EntryLine, RemoteRecord
from connectors import Kind as RemoteKind
from connectors.contract import Connector, Outcome, create_one_by_one
from connectors.documents import CONTACT_FIELDS, RemotePartner, Sent
from importers import Party
from importers.identity import canonical_tax_id, is_person
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


def same_field(name: str, one: str, other: str) -> bool:
    """Whether two values of a field are one to people: a tax id in any form, a phone by its digits,
    an e-mail in any case, a text without its accents.
    """
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


def contact_reference(company: str, source_system: str, party: Party) -> str:
    """``COMPANY/system/contact/CODE``; the code is the source's own, or the tax id unless anybody
    may have it, or the name.
    """
    tax_id = tax_id_key(party.tax_id)
    code = party.code if party.code != party.tax_id else tax_id
    name = party.name if tax_id in GENERIC_TAX_IDS and code in ("", tax_id) else ""
    return joined_reference(company, source_system, "contact", name or code or party.name)


def said_of(party: Party) -> str:
    """What a third party says, as the journal keeps it."""
    said = {name: value for name, value in asdict(party).items() if name != "line"}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def source_contacts(journal: Journal, batch: int | None = None) -> list[SourceContact]:
    """Every third party of complete listings (of one batch), as its newest listing has it."""
    said = documents.records(journal, ContactKind.stored.record, batch)
    found: dict[str, SourceContact] = {}
    for row in documents.every(journal, ContactKind.stored.record, batch):
        if row.state == documents.READY and row.id in said:
            found[row.external_ref] = _source_contact(row, said[row.id].data)
    return list(found.values())


def _source_contact(row: DocumentRow, data: str) -> SourceContact:
    said = json.loads(data)
    fields = {name: "" if said[name] is None else str(said[name]) for name in CONTACT_FIELDS}
    return SourceContact(
        reference=row.external_ref,
        document=row.id,
        batch=row.batch_id,
        digest=row.content_hash,
        fields=fields,
        supplier=bool(said["supplier"]),
    )


class ContactKind(DocumentKind):
    """Customers and suppliers, sent when asked for; later changes go field by field."""

    stored = StoredKind(name="contact", record="contact", rank=0, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "contact")
    takes: ClassVar[type] = Party
    remote = RemoteKind.CONTACT
    on_request = True
    content_is_final = False
    untaken = Problem.NO_CONTACTS

    def record(self, item: Any, company: str, source_system: str) -> Record:
        assert isinstance(item, Party)
        data = said_of(item)
        return Record(
            reference=contact_reference(company, source_system, item),
            number=item.code[:60],
            name=item.name,
            line=item.line,
            data=data,
            digest=hashlib.sha256(data.encode()).hexdigest(),
        )

    def candidates(self, journal: Journal, connection_name: str, batch: int | None) -> Candidates:
        """Every third party of complete listings, as its newest listing has it."""
        newest = {
            row.external_ref: row
            for row in documents.every(journal, self.stored.record, batch)
            if row.state == documents.READY
        }
        return Candidates(list(newest.values()))

    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation:
        said = documents.records(journal, self.stored.record)
        contacts = {row.id: _source_contact(row, said[row.id].data) for row in rows}
        partners = Partners(target.partners() if rows else ())
        without = target.capabilities.leaves_out
        return _ContactPreparation(contacts, partners, field_owners.load(journal), without)

    def reader(self, journal: Journal) -> Reader:
        owned = field_owners.load(journal)
        return lambda kept: contact_of(kept, owned)

    def create(self, target: Connector, documents: Sequence[Sent]) -> Sequence[Outcome]:
        contacts = [document for document in documents if isinstance(document, Contact)]
        return create_one_by_one(cast(DocumentConnector, target), contacts)

    def find(
        self, target: Connector, documents: Sequence[Sent]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        finding = cast(DocumentConnector, target)
        contacts = (document for document in documents if isinstance(document, Contact))
        return {contact.reference: finding.find(contact) for contact in contacts}

    def numbered(self, target: Connector, number: str) -> Sequence[RemoteRecord]:
        return [_as_record(partner) for partner in target.partners() if partner.code == number]

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        said = documents.records(journal, self.stored.record, row.batch_id)[row.id]
        owned = field_owners.load(journal)
        return contact_of(payload_of(_source_contact(row, said.data), owned))

    def about(self, document: Sent) -> str:
        assert isinstance(document, Contact)
        return f"{document.name}  {document.tax_id}".rstrip()

    def about_remote(self, record: RemoteRecord) -> str:
        return f"{record.name}  {record.number}".rstrip()

    def lines(self, document: Sent) -> Sequence[EntryLine]:
        return ()

    def facts(self, payload: Payload) -> str:
        values = [str(value) for value in payload["fields"].values()]
        return ", ".join(values)


class _ContactPreparation(Preparation):
    def __init__(
        self,
        contacts: Mapping[int, SourceContact],
        partners: Partners,
        owned: Ownership,
        without: Collection[str],
    ) -> None:
        self._contacts, self._partners, self._owned = contacts, partners, owned
        self._without = without

    def is_there(self, row: DocumentRow) -> bool:
        """Whether the target has one of its tax id; two of one listing are one partner too."""
        contact = self._contacts[row.id]
        if self._partners.same(contact):
            return True
        name, tax_id = contact.fields["name"], contact.fields["tax_id"]
        self._partners.add(RemotePartner(contact.reference, name, tax_id))
        return False

    def prepare(self, row: DocumentRow) -> Prepared:
        contact = self._contacts[row.id]
        left_out = [
            (f"contact.{name}", "")
            for name, value in contact.fields.items()
            if value and self._owned.goes_to_target(name) and f"contact.{name}" in self._without
        ]
        return Prepared(payload_of(contact, self._owned), left_out=left_out)


def _as_record(partner: RemotePartner) -> RemoteRecord:
    return RemoteRecord(
        partner.code,
        partner.tax_id,
        partner.reference,
        None,
        "posted",
        kind=RemoteKind.CONTACT,
        name=partner.name,
    )


def payload_of(contact: SourceContact, ownership: Ownership) -> dict[str, object]:
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


def contact_of(kept: Mapping[str, object], ownership: Ownership | None = None) -> Contact:
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
    number = canonical_tax_id(others["tax_id"])
    return Contact(
        str(kept["reference"]),
        customer=not supplier,
        supplier=supplier,
        terms=int(terms) if terms else None,
        number=number if number.isdigit() else "",
        person=is_person(others["tax_id"], others["name"]),
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
            self._by_tax_id.setdefault(canonical_tax_id(partner.tax_id), partner)

    def same(self, contact: SourceContact, remote_id: str = "") -> RemotePartner | None:
        """The partner made of this contact, or of its tax id; None where there is none."""
        found = self._by_code.get(remote_id) or self._by_reference.get(contact.reference)
        tax_id = contact.fields["tax_id"]
        if found or tax_id_key(tax_id) in GENERIC_TAX_IDS:
            return found
        return self._by_tax_id.get(canonical_tax_id(tax_id))


def tax_id_key(tax_id: str) -> str:
    """A tax id as it stands in an external reference, which must never change: letters and digits,
    without a check digit behind a dash. Two are compared by
    :func:`importers.identity.canonical_tax_id`.
    """
    head, dash, digit = tax_id.strip().rpartition("-")
    known = head if dash and len(digit) == 1 and digit.isdigit() else tax_id
    return "".join(letter for letter in plain(known) if letter.isalnum())
