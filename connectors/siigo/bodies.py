"""What Siigo takes and answers, as documents and records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.amounts import amount, day, number
from connectors.answers import amount_of, said, within
from connectors.documents import (
    Contact,
    Document,
    EntryLine,
    Invoice,
    Kind,
    RemoteRecord,
)
from connectors.errors import (
    Rejected,
)
from connectors.siigo.municipalities import code_of


def bill_body(bill: Invoice) -> dict[str, Any]:
    prefix, _, consecutive = bill.number.rpartition("-")
    own = {"prefix": prefix[:6] or "FC", "number": digits_of(consecutive)[:11]}
    return {
        "supplier": party_of(bill.contact),
        "discount_type": "Value",
        "provider_invoice": own,
    }


def contact_body(contact: Contact) -> dict[str, Any]:
    """Raises Rejected where Siigo would: it asks for an address and the DANE's code of the city."""
    code = code_of(contact.city, contact.region)
    if not contact.street or not code:
        raise Rejected(
            f"{contact.name}: Siigo asks for an address and a city by name or DANE code"
            f" ({contact.city or '–'})",
            "address",
        )
    person = {"first_name": contact.name[:100], "last_name": "."}
    body: dict[str, Any] = {
        "type": "Supplier" if contact.supplier and not contact.customer else "Customer",
        "person_type": "Person" if contact.person else "Company",
        "id_type": "13" if contact.person else "31",
        "identification": identification(contact),
        "name": [contact.name, "."] if contact.person else [contact.name],
        "branch_office": 0,
        "vat_responsible": False,
        "fiscal_responsibilities": [{"code": "R-99-PN"}],
        "contacts": [person | ({"email": contact.email} if contact.email else {})],
        "address": {
            "address": contact.street,
            "city": {"country_code": "Co", "state_code": code[:2], "city_code": code},
        },
    }
    if contact.phone:
        body["phones"] = [{"number": _phone(contact.phone)}]
    return body


def identification(contact: Contact) -> str:
    """Digits without the check digit, which Siigo computes."""
    return contact.number or digits_of(contact.tax_id.partition("-")[0]) or contact.reference


def _phone(text: str) -> str:
    """At most ten digits; the country's 57 before a whole number is not among them."""
    digits = digits_of(text)
    return digits[2:] if len(digits) == 12 and digits.startswith("57") else digits[:10]


def contact_fields(row: Mapping[str, Any]) -> dict[str, str]:
    """City and region are codes there, names in a listing: they are not told."""
    people, phones = row.get("contacts") or [{}], row.get("phones") or [{}]
    found = {
        "name": " ".join(row["name"]).removesuffix(" ."),
        "tax_id": row["identification"],
        "email": people[0].get("email"),
        "phone": phones[0].get("number"),
        "street": (row.get("address") or {}).get("address"),
    }
    return {name: str(value or "") for name, value in found.items()}


def item_of(line: Any, kind: Kind) -> dict[str, Any]:
    item: dict[str, Any] = {
        "code": line.product or line.account,
        "description": line.description[:4000],
        "quantity": number(line.quantity),
        "price": number(line.unit_price),
    }
    if kind is Kind.BILL:
        item["type"] = "Product" if line.product else "Account"
    if line.taxes:
        item["taxes"] = [{"id": id_of(tax)} for tax in line.taxes]
    return item


def party_of(identification: str) -> dict[str, Any]:
    return {"identification": identification, "branch_office": 0}


def due_of(name: str) -> dict[str, Any]:
    """``FV-2-22`` as the due it names: prefix ``FV-2``, consecutive 22, first instalment."""
    prefix, _, consecutive = name.rpartition("-")
    return {"prefix": prefix, "consecutive": int(digits_of(consecutive) or 0), "quote": 1}


def is_bill(document: Document, row: Mapping[str, Any]) -> bool:
    if not isinstance(document, Invoice) or document.kind is not Kind.BILL:
        return False
    provider = row.get("provider_invoice") or {}
    same_supplier = (row.get("supplier") or {}).get("identification") == document.contact
    return same_supplier and f"{provider.get('prefix')}-{provider.get('number')}" == document.number


def record_of(row: Mapping[str, Any], kind: Kind) -> RemoteRecord:
    is_entry = kind is Kind.ENTRY
    total = amount_of(row, "total")
    if total is None:
        total = amount_of(within(row, "payment"), "value")
    party = row.get("customer") or within(row, "supplier")
    return RemoteRecord(
        remote_id=str(row["id"]),
        number=said(row, "name", "number"),
        reference=said(row, "observations").split(" ")[0],
        date=day(row["date"]),
        state="cancelled" if row.get("annulled") else "posted",
        lines=tuple(map(_entry_line, row.get("items") or ())) if is_entry else (),
        kind=kind,
        total=None if is_entry else total,
        residual=amount_of(row, "balance"),
        contact=said(party, "identification"),
    )


def _entry_line(item: Mapping[str, Any]) -> EntryLine:
    account, value, zero = item["account"], amount(item["value"]), Decimal(0)
    return EntryLine(
        str(account["code"]),
        value if account["movement"] == "Debit" else zero,
        value if account["movement"] == "Credit" else zero,
        said(item, "description"),
        said(within(item, "customer"), "identification"),
    )


def instant_of(row: Mapping[str, Any]) -> datetime | None:
    """When it was last changed."""
    stated = said(within(row, "metadata"), "last_updated")
    at = datetime.fromisoformat(stated) if stated else None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def contact_record(row: Mapping[str, Any]) -> RemoteRecord:
    created = (row.get("metadata") or {}).get("created") or "1970-01-01"
    return RemoteRecord(
        str(row["id"]),
        str(row["identification"]),
        str(row["identification"]),
        day(created),
        "posted",
        kind=Kind.CONTACT,
        name=" ".join(row.get("name") or ()),
    )


def own_number(text: str) -> int:
    """The number of a document whose type Siigo does not number itself. Raises Rejected."""
    digits = digits_of(text)
    if not digits:
        raise Rejected(f"{text!r} has no number, and Siigo does not number this type", "number")
    return int(digits)


def stamp_of(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digits_of(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def id_of(text: str) -> int:
    if not text.isdigit():
        raise Rejected(f"{text!r} is not an id of Siigo's catalogue", "invalid_reference")
    return int(text)
