"""The connector to Holded's API v2. Exactly once by looking: contacts by tax id or name, invoices
by number, the rest in its day's list.

Rules (C clients and mirrors, L seen live by others, I inferred; nothing was tried by us, and the
vendor's own document was not at hand):

* Refusals are ``application/problem+json`` [C]. Every plan has calls a minute and a month; 429 says
  which in ``X-RateLimit-Window``: of a month means to stop, not to wait [C].
* Lists go on by ``cursor`` while ``has_more``; a cursor may count places, so rows are taken once
  and the first page is read again at the end [C].
* ``find-by-number`` matches loosely: only equal numbers count [C]. What it writes as ``number`` it
  reads as ``document_number``. Documents are drafts until ``/approve`` [C].
* Amounts come as texts, some with a decimal comma [L]; a ledger date as ``YYYY-MM-DD`` or
  ``DD/MM/YYYY`` [L].
* How a line names its account was seen nowhere: accounts of lines are not sent [I].
* The bodies of ``POST /ledger-entries`` and of payments were seen nowhere: those here follow v1
  [I], and a refusal shows the vendor's words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import httpx

from connectors.amounts import amount, day, number
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
from connectors.errors import (
    Conflict,
    ConnectorError,
    PeriodClosed,
    Rejected,
    Throttled,
    Unauthorized,
    Uncertain,
)
from connectors.holded import ledger as lines_of
from connectors.holded.ledger import Line
from connectors.holded.v1 import CALLS_EACH, LEAVES_OUT, MADRID, limit_wait
from connectors.transport import Transport

PATHS = {Kind.INVOICE: "invoices", Kind.REFUND: "credit-notes", Kind.BILL: "purchases"}
PAID_BY = {Kind.RECEIPT: "invoices", Kind.PAYMENT: "purchases"}
PAGE = 100
_API = "/api/v2"
_STATES = {"void": "cancelled", "cancelled": "cancelled", "draft": "draft"}
_KINDS = frozenset(Kind) - {Kind.BILL_REFUND}


_LEAVES_OUT = frozenset(
    {f"contact.{field}" for field in ("street", "city", "region", "postcode", "country")}
)


class HoldedV2Connector(OneByOne):
    """One account, by a personal token. ``approve`` posts what is made; otherwise documents stay
    drafts.
    """

    def __init__(
        self,
        transport: Transport,
        token: str,
        approve: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        transport.hide(token)
        transport.set_header("Authorization", f"Bearer {token}")
        transport.classify = classifier(clock)
        self._transport, self._approve = transport, approve
        self._accounts: dict[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        limits = [
            "no-native-guard",
            "holded-no-party",
            "holded-month",
            "holded-inferred",
            "holded-nobody",
            "holded-no-accounts",
        ]
        limits += [] if self._approve else ["drafts-until-approved"]
        return Capabilities(
            "holded",
            False,
            1,
            push=_KINDS,
            pull=_KINDS,
            limits=tuple(limits),
            calls_each=CALLS_EACH,
            leaves_out=LEAVES_OUT | _LEAVES_OUT,
        )

    def identify(self) -> Identity:
        """The token works; whose it is and which company the API does not say."""
        self.accounts()
        return Identity("", "Holded", "", "EUR", "Holded API v2")

    def accounts(self) -> Sequence[RemoteAccount]:
        rows = list(self._pages("accounting-accounts"))
        self._accounts = {str(row["number"]): str(row["id"]) for row in rows}
        return [RemoteAccount(str(row["number"]), str(row["name"])) for row in rows]

    def journals(self) -> Sequence[RemoteJournal]:
        """Holded has one journal."""
        return [RemoteJournal("DIARIO", "Libro diario", "general")]

    def partners(self) -> Sequence[RemotePartner]:
        found = []
        for row in self._pages("contacts"):
            names = ("name", "email", "phone")
            fields = {name: str(row.get(name) or "") for name in names} | {
                "tax_id": str(row.get("code") or "")
            }
            found.append(
                RemotePartner(
                    str(row["id"]), str(row["name"]), str(row.get("code") or ""), "", fields
                )
            )
        return found

    def create(self, document: Document) -> RemoteRecord:
        match document:
            case Contact():
                answer = self._write("contacts", _contact_body(document))
                return RemoteRecord(
                    str(answer["id"]),
                    document.tax_id,
                    "",
                    None,
                    "posted",
                    kind=Kind.CONTACT,
                    name=document.name,
                )
            case Invoice():
                return self._create_invoice(document)
            case Payment():
                return self._pay(document)
            case JournalEntry():
                return self._post(document)

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        if isinstance(document, Contact):
            return self._find_contact(document)
        if document.kind is Kind.INVOICE and isinstance(document, Invoice) and document.number:
            answer = self._read("invoices/find-by-number", document_number=document.number)
            rows = answer.get("items", [answer] if answer.get("id") else [])
            return [
                _record(row, document.kind)
                for row in rows
                if row.get("document_number") == document.number
            ]
        if document.kind not in _KINDS:
            return []
        listed = self.documents(document.kind, document.date, document.date)
        return [record for record in listed if record.reference == document.reference]

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        """Holded cannot be asked for an entry by number: the last year is read."""
        today = datetime.now(MADRID).date()
        found = self.documents(Kind.ENTRY, today - timedelta(days=365), today)
        return [record for record in found if record.number == number]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        if kind is Kind.ENTRY:
            yield from lines_of.entries(self._lines(start, end))
        elif kind is Kind.CONTACT:
            yield from (_contact(row) for row in self._pages("contacts"))
        elif kind in (Kind.RECEIPT, Kind.PAYMENT):
            window = {"start_date": start.isoformat(), "end_date": end.isoformat()}
            rows = self._pages("payments", **window)
            yield from (
                _payment(row, kind)
                for row in rows
                if _pays(row, kind) and start <= day(row["date"]) <= end
            )
        elif kind in PATHS:
            window = {"start_date": start.isoformat(), "end_date": end.isoformat()}
            rows = self._pages(PATHS[kind], sort="date", **window)
            yield from (_record(row, kind) for row in rows if start <= day(row["date"]) <= end)
        else:
            raise Unsupported(f"Holded v2 lists no {kind.value}", "unsupported")

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        yield from lines_of.moves(self._lines(start, end))

    def close(self) -> None:
        self._transport.close()

    # -- writing

    def _create_invoice(self, invoice: Invoice) -> RemoteRecord:
        if invoice.kind not in PATHS:
            raise Unsupported(f"Holded v2 takes no {invoice.kind.value}", "unsupported")
        path = PATHS[invoice.kind]
        answer = self._write(path, _invoice_body(invoice))
        state = "draft"
        if self._approve:
            try:
                self._transport.write("POST", f"{_API}/{path}/{answer['id']}/approve")
                state = "posted"
            except ConnectorError as error:
                raise Uncertain(
                    f"made as draft {answer['id']}, not approved: {error.words}", error.code
                ) from None
        return RemoteRecord(
            str(answer["id"]),
            invoice.number,
            invoice.reference,
            invoice.date,
            state,
            kind=invoice.kind,
            contact=invoice.contact,
        )

    def _pay(self, payment: Payment) -> RemoteRecord:
        self._refuse_foreign(payment)
        if len(payment.applied) != 1:
            raise Unsupported("Holded ties a payment to exactly one document", "unsupported")
        (applied,) = payment.applied
        body = {
            "date": payment.date.isoformat(),
            "amount": number(payment.amount),
            "treasury_id": payment.account,
            "description": payment.reference,
        }
        answer = self._write(f"{PAID_BY[payment.kind]}/{applied.remote_id}/payments", body)
        return RemoteRecord(
            str(answer["id"]),
            "",
            payment.reference,
            payment.date,
            "posted",
            kind=payment.kind,
            total=payment.amount,
        )

    def _post(self, entry: JournalEntry) -> RemoteRecord:
        if not self._accounts:
            self.accounts()
        lines: list[dict[str, Any]] = []
        for line in entry.lines:
            if line.account not in self._accounts:
                raise Rejected(f"no account {line.account!r} in Holded", "unknown_account")
            side = {"debit": number(line.debit)} if line.debit else {"credit": number(line.credit)}
            lines.append(
                {"account": line.account, **side, "description": lines_of.described(entry, line)}
            )
        at = entry.date.isoformat()
        body = {"date": at, "notes": lines_of.notes(entry), "lines": lines}
        answer = self._transport.write_json("POST", f"{_API}/ledger-entries", json=body)
        if not isinstance(answer, Mapping):
            raise Uncertain("the answer is not Holded's")
        return lines_of.taken(entry, answer, self.find)

    def _write(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self._transport.write_json("POST", f"{_API}/{path}", json=body)
        if not isinstance(answer, Mapping) or "id" not in answer:
            raise Uncertain("the answer is not Holded's")
        return answer

    # -- reading

    def _find_contact(self, contact: Contact) -> list[RemoteRecord]:
        if contact.tax_id:
            rows = self._pages("contacts", code=contact.tax_id)
            return [_contact(row) for row in rows if row.get("code") == contact.tax_id]
        rows = self._pages("contacts/search", name=contact.name)
        return [_contact(row) for row in rows if row["name"] == contact.name]

    def _lines(self, start: date, end: date) -> list[Line]:
        after = end + timedelta(days=1)  # the last day is not part of Holded's ledger
        window = {"start_date": start.isoformat(), "end_date": after.isoformat()}
        rows = self._pages("ledger-entries", **window)
        return lines_of.in_order(line for row in rows if start <= (line := _line(row)).date <= end)

    def _pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        more: dict[str, str] = {}
        while True:
            answer = self._read(path, limit=str(PAGE), **query, **more)
            for row in answer["items"]:
                if _key(row) not in seen:
                    seen.add(_key(row))
                    yield row
            if not answer.get("has_more"):
                break
            more = {"cursor": str(answer["cursor"])}
        if more:
            again = self._read(path, limit=str(PAGE), **query)
            yield from (row for row in again["items"] if _key(row) not in seen)

    def _read(self, path: str, **query: str) -> dict[str, Any]:
        answer = self._transport.read_json("GET", f"{_API}/{path}", params=query)
        if not isinstance(answer, dict):
            raise Uncertain("the answer is not Holded's")
        return answer


def classifier(clock: Callable[[], float]) -> Callable[[httpx.Response], ConnectorError | None]:
    """What reads an error of Holded v2; ``clock`` tells how far away the end of a limit's window
    is.
    """

    def classify(response: httpx.Response) -> ConnectorError | None:
        try:
            body = response.json()
            words = str(body.get("detail") or body.get("title") or "")
        except (ValueError, AttributeError):
            words = ""
        code = str(response.status_code)
        if response.status_code == 429:
            return Throttled(
                words, response.headers.get("X-RateLimit-Window", code), limit_wait(response, clock)
            )
        if response.status_code >= 500:
            return Uncertain(words or code, code)
        if response.status_code in (401, 403):
            return Unauthorized(words or code, code)
        plain = words.lower()
        if "period" in plain and ("closed" in plain or "locked" in plain):
            return PeriodClosed(words, code)
        return (Conflict if response.status_code == 409 else Rejected)(words or code, code)

    return classify


def _contact_body(contact: Contact) -> dict[str, Any]:
    kind = "supplier" if contact.supplier and not contact.customer else "client"
    plain = {
        "name": contact.name,
        "code": contact.tax_id,
        "email": contact.email,
        "phone": contact.phone,
        "type": kind,
    }
    return {name: value for name, value in plain.items() if value}


def _invoice_body(invoice: Invoice) -> dict[str, Any]:
    items = []
    for line in invoice.lines:
        item: dict[str, Any] = {
            "name": line.description,
            "units": number(line.quantity),
            "price": number(line.unit_price),
        }
        items.append(item | ({"taxes": list(line.taxes)} if line.taxes else {}))
    body: dict[str, Any] = {
        "contact_id": invoice.contact,
        "date": invoice.date.isoformat(),
        "notes": invoice.reference,
        "items": items,
    }
    if invoice.kind is Kind.BILL:
        body["description"] = invoice.reference
    if invoice.number:
        body["number"] = invoice.number
    if invoice.due:
        body["due_date"] = invoice.due.isoformat()
    if invoice.currency:
        body["currency"] = invoice.currency
    return body


def _contact(row: Mapping[str, Any]) -> RemoteRecord:
    return RemoteRecord(
        str(row["id"]),
        str(row.get("code") or ""),
        "",
        None,
        "posted",
        kind=Kind.CONTACT,
        name=str(row["name"]),
    )


def _record(row: Mapping[str, Any], kind: Kind) -> RemoteRecord:
    residual = row.get("payments_pending")
    return RemoteRecord(
        str(row["id"]),
        str(row.get("document_number") or ""),
        str(row.get("notes") or row.get("description") or ""),
        day(row["date"]),
        _STATES.get(str(row.get("status") or ""), "posted"),
        (),
        (),
        kind,
        amount(row["total"]),
        None if residual is None else amount(residual),
        str(row.get("contact_id") or ""),
    )


def _pays(row: Mapping[str, Any], kind: Kind) -> bool:
    """Whether a payment is of that kind; one that does not say what it pays counts as either."""
    return str(row.get("document_type") or PAID_BY[kind]).rstrip("s") == PAID_BY[kind].rstrip("s")


def _payment(row: Mapping[str, Any], kind: Kind) -> RemoteRecord:
    return RemoteRecord(
        str(row["id"]),
        "",
        str(row.get("description") or ""),
        day(row["date"]),
        "posted",
        (),
        (),
        kind,
        abs(amount(row["amount"])),
        None,
        str(row.get("contact_id") or ""),
    )


def _key(row: Mapping[str, Any]) -> str:
    """What tells a row of a list from the others; those of the ledger carry no id."""
    return str(row["id"]) if "id" in row else f"{row['entry_number']}:{row['line']}"


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        str(row["entry_number"]),
        int(row["line"]),
        day(row["date"]),
        str(row["account"]),
        str(row.get("description") or ""),
        amount(row.get("debit")),
        amount(row.get("credit")),
    )
