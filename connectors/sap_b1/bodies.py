"""What the Service Layer takes and answers, as documents and records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.amounts import amount, day
from connectors.answers import amount_of, said
from connectors.documents import (
    Contact,
    EntryLine,
    Kind,
    Need,
    RemoteAccount,
    RemoteRecord,
)
from connectors.references import shortened


def card_code(contact: Contact) -> str:
    """The code of a business partner, at most 15 characters: C or S and its tax id, or its
    reference.
    """
    letter = "S" if contact.supplier and not contact.customer else "C"
    plain = "".join(
        sign for sign in (contact.tax_id or contact.reference).upper() if sign.isalnum()
    )
    return letter + (plain if len(plain) <= 14 else shortened(plain, 14))


def contact_body(contact: Contact) -> dict[str, Any]:
    body: dict[str, Any] = {
        "CardCode": card_code(contact),
        "CardName": contact.name[:100],
        "CardType": "cSupplier" if contact.supplier and not contact.customer else "cCustomer",
    }
    known = {
        "FederalTaxID": contact.tax_id[:32],
        "EmailAddress": contact.email[:100],
        "Phone1": contact.phone[:20],
    }
    address = {
        "Street": contact.street[:100],
        "City": contact.city[:100],
        "ZipCode": contact.postcode[:20],
        "Country": contact.country[:3],
    }
    if any(address.values()):
        place = {"AddressName": "Factura", "AddressType": "bo_BillTo"}
        stated = {name: value for name, value in address.items() if value}
        body["BPAddresses"] = [place | stated]
    return body | {name: value for name, value in known.items() if value}


def account_of(row: Mapping[str, Any]) -> RemoteAccount:
    """``##`` is an account in every currency; a control account takes entries only on a business
    partner, whose line then names the partner instead of the account.
    """
    currency = said(row, "AcctCurrency")
    is_control = row.get("LockManualTransaction") == "tYES"
    return RemoteAccount(
        row["Code"],
        row["Name"],
        needs=frozenset({Need.PARTY} if is_control else ()),
        currency="" if currency == "##" else currency,
        of_parties=is_control,
    )


def record_of(row: Mapping[str, Any], kind: Kind, udf: str, draft: bool = False) -> RemoteRecord:
    if kind is Kind.CONTACT:
        return _partner_record(row)
    if kind is Kind.ENTRY:
        return _entry_record(row, udf)
    payment = kind in (Kind.RECEIPT, Kind.PAYMENT)
    total = amount_of(row, "TransferSum" if payment else "DocTotal")
    paid = amount_of(row, "PaidToDate")
    return RemoteRecord(
        remote_id=str(row["DocEntry"]),
        number=said(row, "DocNum"),
        reference=said(row, udf or ("TransferReference" if payment else "Comments")),
        date=day(row["DocDate"]),
        state=_state(row, draft),
        kind=kind,
        total=total,
        residual=None if paid is None or total is None else total - paid,
        contact=said(row, "CardCode"),
        name=said(row, "CardName"),
    )


def _state(row: Mapping[str, Any], draft: bool) -> str:
    if draft:
        return "draft"
    cancelled = row.get("Cancelled") == "tYES"
    cancelled |= row.get("CancelStatus") in ("csYes", "csCancellation")
    return "cancelled" if cancelled else "posted"


def _partner_record(row: Mapping[str, Any]) -> RemoteRecord:
    code = str(row["CardCode"])
    return RemoteRecord(
        remote_id=code,
        number=said(row, "FederalTaxID"),
        reference=code,
        date=None,
        state="posted",
        kind=Kind.CONTACT,
        name=said(row, "CardName"),
    )


def _entry_record(row: Mapping[str, Any], udf: str) -> RemoteRecord:
    return RemoteRecord(
        remote_id=str(row["JdtNum"]),
        number=said(row, "Number", "JdtNum"),
        reference=said(row, udf or "Reference"),
        date=day(row["ReferenceDate"]),
        state="posted",
        lines=tuple(map(_line, row.get("JournalEntryLines") or ())),
    )


def _line(row: Mapping[str, Any]) -> EntryLine:
    account, short = str(row.get("AccountCode") or ""), str(row.get("ShortName") or "")
    partner = short if short and short != account else ""
    return EntryLine(
        account,
        amount(row.get("Debit")),
        amount(row.get("Credit")),
        str(row.get("LineMemo") or ""),
        partner,
    )


def between(field: str, start: date, end: date) -> str:
    return f"{field} ge '{start.isoformat()}' and {field} le '{end.isoformat()}'"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
