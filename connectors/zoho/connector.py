"""The connector to Zoho Books v3. Exactly once by a look-up of ``reference_number`` and comparison
before every write; contacts by the upsert on a unique custom field, where an administrator has made
one.

Rules (vendor's documents of July 2026 and notes; S spec, D vendor page, 2 secondary, I inferred):

* Every call names ``organization_id``; the address depends on the data centre and comes with the
  token [D].
* A body is right only when its ``code`` is 0, also in a 200 [2]. Ids are texts of 18 digits: never
  numbers [S].
* 100 calls a minute; going over blocks the organisation for half an hour (``code`` 44) [2], so the
  connection's own limit should stay at 60 to 80. ``code`` 45 is the day's limit, 1070 too many at
  once.
* The upsert *updates* what it finds [S]: it is used for contacts only, never for documents.
* ``tax_id`` of a contact is the id of a tax rate: an RFC goes to ``tax_reg_no`` with a
  ``tax_treatment``, in the Mexican edition [D]. No edition has a place for a NIT: it is written
  into the notes.
* Pages shift while others write: each object counts once, and the first page is read again at the
  end [I].
* A journal with a reference that exists is taken a second time [I]; an invoice or bill number is
  unique [S].
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx

from connectors.amounts import amount, day, number
from connectors.answers import amount_of, said
from connectors.contract import Capabilities, OneByOne, Unsupported
from connectors.documents import (
    Change,
    Contact,
    Document,
    EntryLine,
    Identity,
    Invoice,
    JournalEntry,
    Kind,
    LedgerMove,
    Payment,
    RemoteAccount,
    RemoteJournal,
    RemotePartner,
    RemoteRecord,
    day_of,
)
from connectors.errors import (
    Conflict,
    ConnectorError,
    PeriodClosed,
    Rejected,
    Throttled,
    Unauthorized,
    Uncertain,
)
from connectors.oauth import Tokens
from connectors.references import shortened
from connectors.session import TokenSession
from connectors.transport import Transport, retry_after

URL = "https://www.zohoapis.com"
ACCOUNTS = "https://accounts.zoho.com"
SCOPES = (
    ",".join(
        f"ZohoBooks.{module}.CREATE,ZohoBooks.{module}.READ"
        for module in (
            "contacts",
            "invoices",
            "bills",
            "customerpayments",
            "vendorpayments",
            "accountants",
        )
    )
    + ",ZohoBooks.contacts.UPDATE,ZohoBooks.settings.READ"
)
PAGE = 200
_API = "/books/v3"
_PATHS = {
    Kind.CONTACT: ("contacts", "contact"),
    Kind.INVOICE: ("invoices", "invoice"),
    Kind.BILL: ("bills", "bill"),
    Kind.RECEIPT: ("customerpayments", "payment"),
    Kind.PAYMENT: ("vendorpayments", "vendorpayment"),
    Kind.ENTRY: ("journals", "journal"),
}
_LISTS = {Kind.RECEIPT: "customerpayments", Kind.PAYMENT: "vendorpayments"}
_IDS = {
    Kind.CONTACT: "contact_id",
    Kind.INVOICE: "invoice_id",
    Kind.BILL: "bill_id",
    Kind.RECEIPT: "payment_id",
    Kind.PAYMENT: "payment_id",
    Kind.ENTRY: "journal_id",
}
_STATES = {"void": "cancelled", "draft": "draft"}
_DAY_SECONDS = 86_400.0
_RFC = re.compile(r"[A-Z&Ñ]{3,4}[0-9]{6}[A-Z0-9]{3}")
_FOREIGN_RFC = "XEXX010101000"
_MEXICO = ("", "MX", "MEX", "MEXICO", "MÉXICO")


class ZohoConnector(TokenSession, OneByOne):
    """One organisation. ``unique_field`` is the api name (``cf_…``) of a custom field of contacts
    that allows no duplicates; without it contacts are looked for by name.
    """

    def __init__(
        self, transport: Transport, tokens: Tokens, organization: str, unique_field: str = ""
    ) -> None:
        self._transport, self._tokens, self._organization = transport, tokens, organization
        self._unique_field = unique_field
        self._accounts: dict[str, str] = {}
        transport.classify = classify

    @property
    def capabilities(self) -> Capabilities:
        kinds = frozenset(_PATHS)
        return Capabilities(
            "zoho",
            False,
            1,
            push=kinds,
            pull=kinds,
            limits=(
                "no-native-guard",
                "zoho-half-hour",
                "zoho-tax-number",
                "zoho-draft-invoices",
            ),
            leaves_out=frozenset({"entry.dimension", "entry.uuids"}),
            changes=kinds,
            whole_ledger=False,
        )

    def identify(self) -> Identity:
        for found in self._read("organizations")["organizations"]:
            if str(found["organization_id"]) == self._organization:
                return Identity(
                    "",
                    found["name"],
                    said(found, "tax_id_value"),
                    found["currency_code"],
                    "Zoho Books",
                )
        raise Rejected(f"no organisation {self._organization!r} for this user", "organization_id")

    def accounts(self) -> Sequence[RemoteAccount]:
        rows = [
            row
            for row in self._pages("chartofaccounts", "chartofaccounts")
            if row.get("is_active", True)
        ]
        self._accounts = {
            str(row.get("account_code") or row["account_id"]): str(row["account_id"])
            for row in rows
        }
        return [
            RemoteAccount(str(row.get("account_code") or row["account_id"]), row["account_name"])
            for row in rows
        ]

    def journals(self) -> Sequence[RemoteJournal]:
        """Zoho has one journal."""
        return [RemoteJournal("JOURNAL", "Journals", "general")]

    def partners(self) -> Sequence[RemotePartner]:
        return [
            RemotePartner(
                str(row["contact_id"]),
                row["contact_name"],
                said(row, "tax_reg_no"),
                self._own_reference(row),
                {
                    "name": str(row["contact_name"]),
                    "email": str(row.get("email") or ""),
                    "phone": str(row.get("phone") or ""),
                },
            )
            for row in self._pages("contacts", "contacts")
        ]

    def create(self, document: Document) -> RemoteRecord:
        if document.kind not in _PATHS:
            raise Unsupported(
                f"credit notes of Zoho are not written ({document.kind.value})", "unsupported"
            )
        path, name = _PATHS[document.kind]
        options: dict[str, Any] = {"json": self._body(document)}
        method, query = "POST", {}
        if isinstance(document, Contact) and self._unique_field:
            method = "PUT"
            options["headers"] = {
                "X-Unique-Identifier-Key": self._unique_field,
                "X-Unique-Identifier-Value": document.reference,
                "X-Upsert": "true",
            }
        elif document.kind is Kind.INVOICE:
            query = {"ignore_auto_number_generation": "true"}
        answer = self._asked(self._transport.write_json, method, path, query, **options)
        try:
            return self._record(answer[name], document.kind)
        except KeyError:
            raise Uncertain("the answer is not Zoho's") from None

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        if document.kind not in _PATHS:
            return []
        path, name = _PATHS[document.kind]
        listed = _LISTS.get(document.kind, path)
        if isinstance(document, Contact):
            rows = [
                row
                for row in self._pages(path, listed, contact_name=document.name[:200])
                if row["contact_name"] == document.name[:200]
            ]
        else:
            reference = shortened(document.reference, 100)
            rows = [
                row
                for row in self._pages(path, listed, reference_number=reference)
                if row.get("reference_number") == reference
            ]
        return [
            self._record(self._whole(row, document.kind, path, name), document.kind) for row in rows
        ]

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        rows = [
            row
            for row in self._pages("journals", "journals", entry_number=number)
            if row["entry_number"] == number
        ]
        return [
            self._record(self._whole(row, Kind.ENTRY, "journals", "journal"), Kind.ENTRY)
            for row in rows
        ]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        window = (
            {}
            if kind is Kind.CONTACT
            else {"date_start": start.isoformat(), "date_end": end.isoformat()}
        )
        for row in self._listed(kind, **window):
            yield self._record(row, kind)

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        """By ``last_modified_time`` [S]. Void documents are in it; what was deleted leaves no
        trace.
        """
        if kind not in _PATHS:
            raise Unsupported(f"Zoho lists no changed {kind.value}", "unsupported")
        stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
        for row in self._listed(kind, last_modified_time=stamp):
            stated = said(row, "last_modified_time")
            at = datetime.strptime(stated, "%Y-%m-%dT%H:%M:%S%z") if stated else None
            if at and at >= until:
                continue
            record = self._record(row, kind)
            is_gone = record.state == "cancelled" or row.get("status") == "inactive"
            yield Change(record, is_gone, at)

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        """The lines of journals; one call more for each, because the list has none."""
        for row in self._listed(Kind.ENTRY, date_start=start.isoformat(), date_end=end.isoformat()):
            record = self._record(self._whole(row, Kind.ENTRY, "journals", "journal"), Kind.ENTRY)
            for place, line in enumerate(record.lines, 1):
                yield LedgerMove(
                    f"{record.remote_id}:{place}",
                    record.remote_id,
                    day_of(record),
                    line.account,
                    "",
                    line.debit,
                    line.credit,
                    record.number,
                    record.reference,
                    line.label,
                    line.partner,
                )

    def close(self) -> None:
        self._transport.close()

    # -- bodies

    def _body(self, document: Document) -> dict[str, Any]:
        match document:
            case Contact():
                return self._contact_body(document)
            case JournalEntry():
                return {
                    "journal_date": document.date.isoformat(),
                    "reference_number": shortened(document.reference, 100),
                    "notes": f"{document.folio} {document.description}".strip()[:500]
                    or document.reference,
                    "status": "published",
                    "line_items": [self._entry_line(line) for line in document.lines],
                }
            case Payment():
                self._refuse_foreign(document)
                return self._payment_body(document)
            case Invoice():
                self._refuse_foreign(document)
                return self._invoice_body(document)

    def _contact_body(self, contact: Contact) -> dict[str, Any]:
        body: dict[str, Any] = {
            "contact_name": contact.name[:200],
            "contact_type": "vendor" if contact.supplier and not contact.customer else "customer",
        }
        if self._unique_field:
            body["custom_fields"] = [{"api_name": self._unique_field, "value": contact.reference}]
        if contact.email or contact.phone:
            person = {
                "first_name": contact.name[:100],
                "email": contact.email,
                "phone": contact.phone,
            }
            body["contact_persons"] = [{name: value for name, value in person.items() if value}]
        if contact.terms is not None:
            body["payment_terms"] = contact.terms
        address = {
            "address": contact.street,
            "city": contact.city,
            "state": contact.region,
            "zip": contact.postcode,
            "country": contact.country,
        }
        if any(address.values()):
            body["billing_address"] = {name: value for name, value in address.items() if value}
        return body | _tax_number(contact)

    def _invoice_body(self, invoice: Invoice) -> dict[str, Any]:
        sale = invoice.kind is Kind.INVOICE
        lines = []
        for line in invoice.lines:
            row: dict[str, Any] = {
                "name": line.description[:100],
                "rate": number(line.unit_price),
                "quantity": number(line.quantity),
            }
            row |= {"item_id": line.product} if line.product else {}
            row |= {"account_id": self._account(line.account)} if line.account else {}
            if len(line.taxes) > 1:
                raise Rejected("a line of Zoho has one tax, or one group of taxes", "taxes")
            row |= {"tax_id": line.taxes[0]} if line.taxes else {}
            lines.append(row)
        body: dict[str, Any] = {
            "customer_id" if sale else "vendor_id": invoice.contact,
            "invoice_number" if sale else "bill_number": invoice.number,
            "reference_number": shortened(invoice.reference, 100),
            "date": invoice.date.isoformat(),
            "line_items": lines,
        }
        if invoice.due:
            body["due_date"] = invoice.due.isoformat()
        return body

    def _payment_body(self, payment: Payment) -> dict[str, Any]:
        received = payment.kind is Kind.RECEIPT
        applied = [
            {
                "invoice_id" if received else "bill_id": item.remote_id,
                "amount_applied": number(item.amount),
            }
            for item in payment.applied
        ]
        return {
            "customer_id" if received else "vendor_id": payment.contact,
            "payment_mode": "banktransfer",
            "amount": number(payment.amount),
            "date": payment.date.isoformat(),
            "reference_number": shortened(payment.reference, 100),
            "invoices" if received else "bills": applied,
            "account_id" if received else "paid_through_account_id": self._account(payment.account),
        }

    def _entry_line(self, line: EntryLine) -> dict[str, Any]:
        row: dict[str, Any] = {
            "account_id": self._account(line.account),
            "debit_or_credit": "debit" if line.debit else "credit",
            "amount": number(line.debit or line.credit),
            "description": line.label[:500],
        }
        return row | ({"customer_id": line.partner} if line.partner else {})

    def _own_reference(self, row: Mapping[str, Any]) -> str:
        """Our reference in a contact: in a list it stands by the name of the field, in a contact
        among its fields.
        """
        own = [
            item["value"]
            for item in row.get("custom_fields") or ()
            if item.get("api_name") == self._unique_field
        ]
        return str(row.get(self._unique_field) or (own[0] if own else ""))

    def _account(self, code: str) -> str:
        if not self._accounts:
            self.accounts()
        if code not in self._accounts:
            raise Rejected(f"no account {code!r} in Zoho", "unknown_account")
        return self._accounts[code]

    # -- answers

    def _record(self, row: Mapping[str, Any], kind: Kind) -> RemoteRecord:
        identifier, reference = str(row[_IDS[kind]]), said(row, "reference_number")
        if kind is Kind.CONTACT:
            return RemoteRecord(
                identifier,
                said(row, "tax_reg_no"),
                reference,
                None,
                "posted",
                kind=kind,
                name=str(row["contact_name"]),
            )
        state = _STATES.get(said(row, "status"), "posted")
        if kind is Kind.ENTRY:
            lines = tuple(self._line(line) for line in row.get("line_items") or ())
            number, on = said(row, "entry_number"), day(row["journal_date"])
            return RemoteRecord(identifier, number, reference, on, state, lines)
        return RemoteRecord(
            identifier,
            said(row, "invoice_number", "bill_number", "payment_number"),
            reference,
            day(row["date"]),
            state,
            kind=kind,
            total=amount_of(row, "total", "amount"),
            residual=amount_of(row, "balance"),
            contact=said(row, "customer_id", "vendor_id"),
        )

    def _line(self, row: Mapping[str, Any]) -> EntryLine:
        if not self._accounts:
            self.accounts()
        codes = {identifier: code for code, identifier in self._accounts.items()}
        value, debit = amount(row["amount"]), row["debit_or_credit"] == "debit"
        return EntryLine(
            codes.get(str(row["account_id"]), str(row["account_id"])),
            value if debit else Decimal(0),
            Decimal(0) if debit else value,
            str(row.get("description") or ""),
            str(row.get("customer_id") or ""),
        )

    # -- calls

    def _whole(self, row: Mapping[str, Any], kind: Kind, path: str, name: str) -> Mapping[str, Any]:
        """A journal with its lines, which a list leaves out."""
        if kind is not Kind.ENTRY or row.get("line_items"):
            return row
        whole: Mapping[str, Any] = self._read(f"{path}/{row[_IDS[kind]]}")[name]
        return whole

    def _listed(self, kind: Kind, **query: str) -> Iterator[dict[str, Any]]:
        """Every object of a list once, also those that came in front while its pages were read."""
        path, _ = _PATHS[kind]
        name, pages, seen = _LISTS.get(kind, path), 0, set[str]()
        for rows in self._each_page(path, name, **query):
            pages += 1
            yield from self._unseen(rows, kind, seen)
        if pages > 1:
            yield from self._unseen(next(self._each_page(path, name, **query)), kind, seen)

    def _unseen(
        self, rows: Sequence[dict[str, Any]], kind: Kind, seen: set[str]
    ) -> Iterator[dict[str, Any]]:
        for row in rows:
            identifier = str(row[_IDS[kind]])
            if identifier not in seen:
                seen.add(identifier)
                yield row

    def _pages(self, path: str, name: str, **query: str) -> Iterator[dict[str, Any]]:
        return itertools.chain.from_iterable(self._each_page(path, name, **query))

    def _each_page(self, path: str, name: str, **query: str) -> Iterator[list[dict[str, Any]]]:
        page = 1
        while True:
            answer = self._read(path, page=str(page), per_page=str(PAGE), **query)
            yield answer[name]
            if not (answer.get("page_context") or {}).get("has_more_page"):
                return
            page += 1

    def _read(self, path: str, **query: str) -> Any:
        return self._asked(self._transport.read_json, "GET", path, query)

    def _asked(
        self, send: Any, method: str, path: str, query: Mapping[str, str], **options: Any
    ) -> Any:
        params = {**query, "organization_id": self._organization}
        answer = self._signed(send, method, f"{_API}/{path}", params=params, **options)
        if not isinstance(answer, Mapping) or "code" not in answer:
            raise Uncertain("the answer is not Zoho's")
        if answer["code"] != 0:
            raise _meaning(str(answer["code"]), str(answer.get("message") or ""))
        return answer


def _tax_number(contact: Contact) -> dict[str, str]:
    """Where a contact's tax id goes: the field of the Mexican edition, else the notes."""
    number = contact.tax_id.replace("-", "").replace(" ", "").upper()
    if not _RFC.fullmatch(number):
        return {"notes": f"Tax id: {contact.tax_id}"} if contact.tax_id else {}
    is_foreign = number == _FOREIGN_RFC or contact.country.upper() not in _MEXICO
    return {
        "legal_name": contact.name[:200],
        "tax_reg_no": number,
        "tax_treatment": "non_mexico" if is_foreign else "home_country_mexico",
    }


def classify(response: httpx.Response) -> ConnectorError | None:
    """The error a Zoho answer means, by its ``code``."""
    try:
        body = response.json()
        code, words = str(body["code"]), str(body.get("message") or "")
    except (ValueError, KeyError, TypeError):
        return None
    if code == "45":
        return Throttled(words, code, _DAY_SECONDS / 24)
    if response.status_code == 429:
        return Throttled(
            words, code, retry_after(response.headers, 1800.0 if code == "44" else 5.0)
        )
    if response.status_code == 401 or code in ("14", "57"):
        return Unauthorized(words, code)
    if response.status_code >= 500:
        return Uncertain(words, code)
    return _meaning(code, words)


def _meaning(code: str, words: str) -> ConnectorError:
    plain = words.lower()
    if code == "3062" or "already exist" in plain or "already been created" in plain:
        return Conflict(words, code)
    if "locked" in plain or "lock date" in plain:
        return PeriodClosed(words, code)
    return Rejected(words, code)
