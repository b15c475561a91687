"""The connector to Holded's API v1. Exactly once by looking: contacts by ``customId``, the rest in
its day's list.

Rules (V vendor's documents, L seen live by others, C clients, I inferred; nothing was tried by us):

* HTTP 200 proves nothing: ``{"status": 0, "info": …}`` is a refusal, and a web page means an
  unknown route or a key without the right [L]. Nothing is unique [V]: one sender writes, and looks
  first.
* Dates are seconds at midnight in Madrid [L]. ``subtotal`` of a request is the unit price; it is
  read back as ``products[].price`` [V]. A contact's own id is written ``CustomId`` and read
  ``customId`` [V].
* ``contactName`` alone would make a new contact at every invoice: only ``contactId`` is sent [L].
* A document is a draft unless ``approveDoc`` is true [V]; the connection says which.
* A payment belongs to one document (``…/pay``) [V]; its reference is ``desc``. In the list of
  payments the document's kind is inferred from ``documentType`` [I].
* Entries: lines of account and amount only, no party; at least two that balance [V, L]. Their order
  in the daily ledger is not guaranteed, a window is one year at most and half open [L].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from time import time as time_now
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from connectors.amounts import amount, number
from connectors.contract import Capabilities, OneByOne, Unsupported
from connectors.documents import (
    Contact,
    Document,
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
)
from connectors.errors import ConnectorError, Rejected, Throttled, Unauthorized, Uncertain
from connectors.holded import ledger as lines_of
from connectors.holded.ledger import Line
from connectors.transport import Transport, retry_after

TYPES = {
    Kind.INVOICE: "invoice",
    Kind.REFUND: "creditnote",
    Kind.BILL: "purchase",
    Kind.BILL_REFUND: "purchaserefund",
}
PAID_BY = {Kind.RECEIPT: "invoice", Kind.PAYMENT: "purchase"}
LONGEST_MONTH = 31 * 86_400.0
LONGEST_WINDOW = timedelta(days=365)
MADRID = ZoneInfo("Europe/Madrid")
Reader = Callable[[Mapping[str, Any]], RemoteRecord]
_STATES = {-1: "cancelled", 0: "draft"}


CALLS_EACH = 3
"""Looked for, written, read back [seen: 710 calls for 236 entries]."""
LEAVES_OUT = frozenset(
    {
        "contact.terms",
        "entry.partner",
        "entry.dimension",
        "entry.uuids",
        "invoice.product",
        "refund.product",
        "bill.product",
        "bill-refund.product",
    }
)


class HoldedV1Connector(OneByOne):
    """One account, by its API key. ``approve`` posts what is made; otherwise documents stay
    drafts.
    """

    def __init__(self, transport: Transport, key: str, approve: bool = False) -> None:
        transport.hide(key)
        transport.set_header("key", key)
        transport.classify = classify
        self._transport, self._approve = transport, approve
        self._accounts: dict[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        limits = ["no-native-guard", "holded-no-party", "holded-month", "holded-nobody"]
        limits += [] if self._approve else ["drafts-until-approved"]
        return Capabilities(
            "holded",
            False,
            1,
            push=frozenset(Kind),
            pull=frozenset(Kind),
            limits=tuple(limits),
            calls_each=CALLS_EACH,
            leaves_out=LEAVES_OUT,
        )

    def identify(self) -> Identity:
        """The key works; whose it is and which company the API does not say."""
        self.accounts()
        return Identity("", "Holded", "", "EUR", "Holded API v1")

    def accounts(self) -> Sequence[RemoteAccount]:
        """Also those nothing was booked on yet [V]: without them a new company has none."""
        rows = self._read("accounting/v1/chartofaccounts", includeEmpty="1")
        self._accounts = {str(row["num"]): str(row["id"]) for row in rows}
        return [RemoteAccount(str(row["num"]), str(row["name"])) for row in rows]

    def journals(self) -> Sequence[RemoteJournal]:
        """Holded has one journal."""
        return [RemoteJournal("DIARIO", "Libro diario", "general")]

    def partners(self) -> Sequence[RemotePartner]:
        return [
            RemotePartner(
                str(row["id"]),
                str(row["name"]),
                _tax_id(row),
                str(row.get("customId") or ""),
                _fields(row),
            )
            for row in self._pages("invoicing/v1/contacts")
        ]

    def create(self, document: Document) -> RemoteRecord:
        match document:
            case Contact():
                answer = self._write("invoicing/v1/contacts", _contact_body(document))
                return RemoteRecord(
                    str(answer["id"]),
                    document.tax_id,
                    document.reference,
                    None,
                    "posted",
                    kind=Kind.CONTACT,
                    name=document.name,
                )
            case Invoice():
                answer = self._write(
                    f"invoicing/v1/documents/{TYPES[document.kind]}", self._invoice_body(document)
                )
                made = next(
                    (
                        record
                        for record in self.find(document)
                        if record.remote_id == str(answer["id"])
                    ),
                    None,
                )
                return made or RemoteRecord(
                    str(answer["id"]),
                    str(answer.get("invoiceNum") or ""),
                    document.reference,
                    document.date,
                    "posted" if self._approve else "draft",
                    kind=document.kind,
                    contact=document.contact,
                )
            case Payment():
                return self._pay(document)
            case JournalEntry():
                return self._post(document)

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        if isinstance(document, Contact):
            rows = self._read("invoicing/v1/contacts", customId=document.reference)
            return [_contact(row) for row in rows if row.get("customId") == document.reference]
        listed = self.documents(document.kind, document.date, document.date)
        return [record for record in listed if record.reference == document.reference]

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        """Holded cannot be asked for an entry by number: the last year is read."""
        today = datetime.now(MADRID).date()
        found = self.documents(Kind.ENTRY, today - LONGEST_WINDOW + timedelta(days=1), today)
        return [record for record in found if record.number == number]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        if kind is Kind.ENTRY:
            yield from lines_of.entries(self._lines(start, end))
            return
        if kind is Kind.CONTACT:
            read: Reader = _contact
            rows = self._pages("invoicing/v1/contacts")
        elif kind in TYPES:
            rows = self._pages(
                f"invoicing/v1/documents/{TYPES[kind]}", sort="created-asc", **_window(start, end)
            )
            read = _invoice_reader(kind)
        else:
            paid = self._pages("invoicing/v1/payments", **_window(start, end))
            rows = (row for row in paid if row.get("documentType", PAID_BY[kind]) == PAID_BY[kind])
            read = _payment_reader(kind)
        seen: set[str] = set()
        for row in rows:
            record = read(row)
            if record.remote_id not in seen:
                seen.add(record.remote_id)
                yield record

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        yield from lines_of.moves(self._lines(start, end))

    def close(self) -> None:
        self._transport.close()

    # -- writing

    def _pay(self, payment: Payment) -> RemoteRecord:
        self._refuse_foreign(payment)
        if len(payment.applied) != 1:
            raise Unsupported("Holded ties a payment to exactly one document", "unsupported")
        (applied,) = payment.applied
        body = {
            "date": seconds(payment.date),
            "amount": number(payment.amount),
            "treasury": payment.account,
            "desc": payment.reference,
        }
        self._write(f"invoicing/v1/documents/{PAID_BY[payment.kind]}/{applied.remote_id}/pay", body)
        for record in self.find(payment):
            return record
        raise Uncertain("the payment was taken but is not in the list")

    def _post(self, entry: JournalEntry) -> RemoteRecord:
        lines: list[dict[str, Any]] = []
        for line in entry.lines:
            self._account_id(line.account)
            side = {"debit": number(line.debit)} if line.debit else {"credit": number(line.credit)}
            lines.append(
                {
                    "account": int(line.account),
                    **side,
                    "description": lines_of.described(entry, line),
                }
            )
        answer = self._write(
            "accounting/v1/entry",
            {"date": seconds(entry.date), "notes": lines_of.notes(entry), "lines": lines},
        )
        return lines_of.taken(entry, answer, self.find)

    def _invoice_body(self, invoice: Invoice) -> dict[str, Any]:
        body: dict[str, Any] = {
            "contactId": invoice.contact,
            "date": seconds(invoice.date),
            "notes": invoice.reference,
            "approveDoc": self._approve,
            "applyContactDefaults": False,
            "items": [self._item(line) for line in invoice.lines],
        }
        if invoice.number:
            body["invoiceNum"] = invoice.number
        if invoice.due:
            body["dueDate"] = seconds(invoice.due)
        if invoice.currency:
            body["currency"] = invoice.currency.lower()
        return body

    def _item(self, line: Any) -> dict[str, Any]:
        item: dict[str, Any] = {
            "name": line.description,
            "units": number(line.quantity),
            "subtotal": number(line.unit_price),
        }
        if line.account:
            item["accountingAccountId"] = self._account_id(line.account)
        if len(line.taxes) > 1 and any(tax.isdecimal() for tax in line.taxes):
            raise Unsupported("a line of Holded takes one tax by percent", "taxes")
        if line.taxes:
            item |= (
                {"tax": number(Decimal(line.taxes[0]))}
                if line.taxes[0].isdecimal()
                else {"taxes": list(line.taxes)}
            )
        return item

    def _account_id(self, code: str) -> str:
        if not self._accounts:
            self.accounts()
        if code not in self._accounts:
            raise Rejected(f"no account {code!r} in Holded", "unknown_account")
        return self._accounts[code]

    def _write(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return _accepted(self._transport.write_json("POST", f"/api/{path}", json=body))

    # -- reading

    def _lines(self, start: date, end: date) -> list[Line]:
        found: list[Line] = []
        since = start
        while since <= end:
            until = min(since + LONGEST_WINDOW - timedelta(days=1), end)
            found += [
                _line(row)
                for row in self._pages("accounting/v1/dailyledger", **_window(since, until))
            ]
            since = until + timedelta(days=1)
        return lines_of.in_order(found)

    def _pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Rows until a page brings nothing new: how many one holds is told differently in different
        places.
        """
        page, seen = 1, set[str]()
        while True:
            rows = self._read(path, page=str(page), **query)
            fresh = [row for row in rows if repr(row) not in seen]
            if not fresh:
                return
            seen.update(map(repr, fresh))
            yield from fresh
            page += 1

    def _read(self, path: str, **query: str) -> list[dict[str, Any]]:
        answer = self._transport.read("GET", f"/api/{path}", params=query)
        try:
            found = answer.json()
        except ValueError:
            raise Unauthorized(
                "Holded answered with a web page: the key may not read this", "html"
            ) from None
        if not isinstance(found, list):
            _accepted(found)
            raise Uncertain("the answer is not Holded's")
        return found


def limit_wait(response: httpx.Response, clock: Callable[[], float] = time_now) -> float:
    """Seconds until a limit's window is over: of a minute as told, of a month until it begins
    anew.
    """
    if response.headers.get("X-RateLimit-Window") != "month":
        return retry_after(response.headers)
    try:
        return max(float(response.headers["X-RateLimit-Reset"]) - clock(), 0.0)
    except (KeyError, ValueError):
        return LONGEST_MONTH


def classify(response: httpx.Response) -> ConnectorError | None:
    """The error an answer of Holded v1 means."""
    if response.status_code == 429:
        window = response.headers.get("X-RateLimit-Window", "429")
        return Throttled(f"Holded: limit of the {window}", window, limit_wait(response))
    try:
        words = str(response.json()["info"])
    except (ValueError, KeyError, TypeError):
        return None
    if response.status_code >= 500:
        return Uncertain(words, str(response.status_code))
    return (
        Unauthorized(words, "key")
        if response.status_code in (401, 403)
        else Rejected(words, "info")
    )


def seconds(day: date) -> int:
    """Seconds since 1970 of midnight in Madrid."""
    return int(datetime.combine(day, time.min, MADRID).timestamp())


def _accepted(answer: object) -> Mapping[str, Any]:
    """The answer, unless it is a refusal with HTTP 200."""
    if not isinstance(answer, Mapping):
        raise Uncertain("the answer is not Holded's")
    if answer.get("status") == 0:
        raise Rejected(str(answer.get("info") or ""), "info")
    return answer


def _window(start: date, end: date) -> dict[str, str]:
    """Half open: the instant ``end`` is over is not in it."""
    return {"starttmp": str(seconds(start)), "endtmp": str(seconds(end + timedelta(days=1)) - 1)}


def _day(value: object) -> date:
    return datetime.fromtimestamp(int(str(value)), MADRID).date()


def _contact_body(contact: Contact) -> dict[str, Any]:
    address = {
        "address": contact.street,
        "city": contact.city,
        "province": contact.region,
        "postalCode": contact.postcode,
        "countryCode": contact.country,
    }
    plain = {
        "name": contact.name,
        "code": contact.tax_id,
        "CustomId": contact.reference,
        "email": contact.email,
        "phone": contact.phone,
        "type": "supplier" if contact.supplier and not contact.customer else "client",
    }
    body: dict[str, Any] = {name: value for name, value in plain.items() if value}
    if any(address.values()):
        body["billAddress"] = {name: value for name, value in address.items() if value}
    return body


def _tax_id(row: Mapping[str, Any]) -> str:
    return str(row.get("code") or row.get("vatnumber") or "")


def _fields(row: Mapping[str, Any]) -> dict[str, str]:
    address = row.get("billAddress") or {}
    found = {
        "name": row.get("name"),
        "tax_id": _tax_id(row),
        "email": row.get("email"),
        "phone": row.get("phone"),
        "street": address.get("address"),
        "city": address.get("city"),
        "region": address.get("province"),
        "postcode": address.get("postalCode"),
        "country": address.get("countryCode"),
    }
    return {name: str(value or "") for name, value in found.items()}


def _contact(row: Mapping[str, Any]) -> RemoteRecord:
    return RemoteRecord(
        str(row["id"]),
        _tax_id(row),
        str(row.get("customId") or ""),
        None,
        "posted",
        kind=Kind.CONTACT,
        name=str(row["name"]),
    )


def _invoice_reader(kind: Kind) -> Reader:
    def read(row: Mapping[str, Any]) -> RemoteRecord:
        status = row.get("status")
        state = (
            "draft"
            if row.get("draft")
            else _STATES.get(1 if status is None else int(status), "posted")
        )
        residual = row.get("paymentsPending")
        return RemoteRecord(
            str(row["id"]),
            str(row.get("docNumber") or ""),
            str(row.get("notes") or ""),
            _day(row["date"]),
            state,
            (),
            (),
            kind,
            amount(row["total"]),
            None if residual is None else amount(residual),
            str(row.get("contact") or ""),
        )

    return read


def _payment_reader(kind: Kind) -> Reader:
    def read(row: Mapping[str, Any]) -> RemoteRecord:
        return RemoteRecord(
            str(row["id"]),
            "",
            str(row.get("desc") or ""),
            _day(row["date"]),
            "posted",
            (),
            (),
            kind,
            abs(amount(row["amount"])),
            None,
            str(row.get("contactId") or ""),
        )

    return read


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        str(row["entryNumber"]),
        int(row["line"]),
        _day(row["timestamp"]),
        str(row["account"]),
        str(row.get("description") or ""),
        amount(row.get("debit")),
        amount(row.get("credit")),
    )
