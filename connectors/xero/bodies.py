"""What Xero takes and answers, as documents and records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.amounts import amount, day, number
from connectors.answers import amount_of, said, within
from connectors.documents import (
    Closed,
    Contact,
    EntryLine,
    InvoiceLine,
    Kind,
    Payment,
    RemoteAccount,
    RemoteRecord,
)
from connectors.errors import (
    Rejected,
)
from connectors.references import shortened

_STATES = {"VOIDED": "cancelled", "DELETED": "cancelled", "DRAFT": "draft", "SUBMITTED": "draft"}
_KEPT = {
    "DEBTORS": Closed.INVOICES,
    "CREDITORS": Closed.INVOICES,
    "RETAINEDEARNINGS": Closed.OWN,
}


def account_of(row: Mapping[str, Any]) -> RemoteAccount:
    closed = _KEPT.get(said(row, "SystemAccount"))
    if row.get("Type") == "BANK":
        closed = Closed.BANK
    elif row.get("Type") == "INVENTORY":
        closed = Closed.OWN
    return RemoteAccount(
        row["Code"],
        row["Name"],
        _CLASSES.get(said(row, "Class"), ""),
        closed=closed,
        of_parties=closed is Closed.INVOICES,
    )


_CLASSES = {
    "ASSET": "asset",
    "LIABILITY": "liability",
    "EQUITY": "equity",
    "REVENUE": "income",
    "EXPENSE": "expense",
}


def trial_balance(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Decimal]]:
    """Code and balance of each account; the code stands in brackets behind the name."""
    titles: list[str] = []
    for row in rows:
        if row["RowType"] == "Header":
            titles = [str(cell.get("Value")) for cell in row["Cells"]]
        for line in row.get("Rows") or ():
            cells = dict(
                zip(
                    titles,
                    (str(cell.get("Value") or "") for cell in line.get("Cells") or ()),
                    strict=False,
                )
            )
            code = re.search(r"\(([^()]+)\)$", cells.get("Account", ""))
            if line["RowType"] == "Row" and code:
                debit, credit = (
                    amount(cells.get(f"YTD {side}") or "0") for side in ("Debit", "Credit")
                )
                yield code[1], debit - credit


def contact_body(contact: Contact) -> dict[str, Any]:
    body: dict[str, Any] = {"Name": contact.name[:255], "ContactNumber": contact_number(contact)}
    if contact.tax_id:
        body["TaxNumber"] = contact.tax_id[:50]
    if contact.email:
        body["EmailAddress"] = contact.email[:255]
    if contact.phone:
        body["Phones"] = [{"PhoneType": "DEFAULT", "PhoneNumber": contact.phone[:50]}]
    if contact.street or contact.city or contact.postcode or contact.country:
        body["Addresses"] = [
            {
                "AddressType": "STREET",
                "AddressLine1": contact.street[:500],
                "City": contact.city[:255],
                "Region": contact.region[:255],
                "PostalCode": contact.postcode[:50],
                "Country": contact.country[:50],
            }
        ]
    if contact.terms is not None:
        days = {"Day": contact.terms, "Type": "DAYSAFTERBILLDATE"}
        sides = {"Sales": contact.customer, "Bills": contact.supplier}
        body["PaymentTerms"] = {side: days for side, wanted in sides.items() if wanted}
    return body


def contact_number(contact: Contact) -> str:
    return shortened(contact.reference, 50)


def tax_of(line: InvoiceLine) -> dict[str, Any]:
    """Raises Rejected where a line has more taxes than Xero's one."""
    if len(line.taxes) > 1:
        raise Rejected("a line of Xero has one tax", "taxes")
    item = {"ItemCode": line.product} if line.product else {}
    return item | ({"TaxType": line.taxes[0]} if line.taxes else {})


def contact_fields(row: Mapping[str, Any]) -> dict[str, str]:
    phones = [
        item.get("PhoneNumber")
        for item in row.get("Phones") or ()
        if item.get("PhoneType") == "DEFAULT"
    ]
    streets = [
        item for item in row.get("Addresses") or () if item.get("AddressType") == "STREET"
    ] or [{}]
    found = {
        "name": row["Name"],
        "tax_id": row.get("TaxNumber"),
        "email": row.get("EmailAddress"),
        "phone": phones[0] if phones else "",
        "street": streets[0].get("AddressLine1"),
        "city": streets[0].get("City"),
        "region": streets[0].get("Region"),
        "postcode": streets[0].get("PostalCode"),
        "country": streets[0].get("Country"),
    }
    return {name: str(value or "") for name, value in found.items()}


def payment_body(payment: Payment) -> dict[str, Any]:
    if len(payment.applied) != 1:
        raise Rejected("Xero takes a payment of exactly one invoice", "payment")
    return {
        "Invoice": {"InvoiceID": payment.applied[0].remote_id},
        "Account": {"Code": payment.account},
        "Date": payment.date.isoformat(),
        "Amount": number(payment.amount),
        "Reference": payment.reference[:255],
    }


def record_of(row: Mapping[str, Any], kind: Kind) -> RemoteRecord:
    if kind is Kind.CONTACT:
        return _contact_record(row)
    if kind is Kind.ENTRY:
        return _journal_record(row)
    if kind in (Kind.RECEIPT, Kind.PAYMENT):
        return _payment_record(row, kind)
    return RemoteRecord(
        remote_id=row.get("InvoiceID") or row["CreditNoteID"],
        number=said(row, "InvoiceNumber", "CreditNoteNumber"),
        reference=said(row, "Reference"),
        date=day(row["Date"]),
        state=_state(row),
        kind=kind,
        total=amount(row["Total"]),
        residual=amount_of(row, "AmountDue", "RemainingCredit"),
        contact=row["Contact"]["ContactID"],
        name=said(row["Contact"], "Name"),
    )


def _state(row: Mapping[str, Any]) -> str:
    return _STATES.get(said(row, "Status"), "posted")


def _contact_record(row: Mapping[str, Any]) -> RemoteRecord:
    return RemoteRecord(
        remote_id=row["ContactID"],
        number=said(row, "TaxNumber"),
        reference=said(row, "ContactNumber"),
        date=None,
        state="cancelled" if row.get("ContactStatus") == "ARCHIVED" else "posted",
        kind=Kind.CONTACT,
        name=row["Name"],
    )


def _journal_record(row: Mapping[str, Any]) -> RemoteRecord:
    found = re.match(r"\[([^\]]+)\]", said(row, "Narration"))
    return RemoteRecord(
        remote_id=row["ManualJournalID"],
        number="",
        reference=found[1] if found else "",
        date=day(row["Date"]),
        state=_state(row),
        lines=tuple(map(_line, row.get("JournalLines") or ())),
    )


def _payment_record(row: Mapping[str, Any], kind: Kind) -> RemoteRecord:
    return RemoteRecord(
        remote_id=row["PaymentID"],
        number="",
        reference=said(row, "Reference"),
        date=day(row["Date"]),
        state=_state(row),
        kind=kind,
        total=amount(row["Amount"]),
        contact=said(within(row, "Invoice", "Contact"), "ContactID"),
    )


def _line(row: Mapping[str, Any]) -> EntryLine:
    value = amount(row["LineAmount"])
    text = str(row.get("Description") or "")
    return EntryLine(
        str(row.get("AccountCode") or ""), max(value, Decimal(0)), max(-value, Decimal(0)), text
    )


def instant_of(row: Mapping[str, Any]) -> datetime:
    """When it was last changed; long ago where the row does not say."""
    stamp = re.search(r"\d+", said(row, "UpdatedDateUTC"))
    return datetime.fromtimestamp(int(stamp[0]) / 1000 if stamp else 0, UTC)


def quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def date_call(at: date) -> str:
    return f"DateTime({at.year},{at.month},{at.day})"


def on_day(at: date) -> str:
    return f"Date>={date_call(at)} AND Date<={date_call(at)}"
