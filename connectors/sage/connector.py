"""The connector to Sage Business Cloud Accounting v3.1. Exactly once by ``idempotency_id`` inside
the body, for seven days, and by a look-up and comparison before anything goes again.

Rules (vendor's documents and notes; S spec of 2022, D vendor page, 2 secondary, I inferred):

* The id is 32 hexadecimal digits inside the resource object; the same POST again creates nothing
  and answers the same [D]; kept seven days, one resource each [2]. Ours is made of kind and
  reference, so it is the same on every run.
* Journals cannot be searched by reference [S]: those changed since a month before their date (or
  before today, where that is earlier) are gone through, reference by reference. So nothing dated
  further ahead than that month is sent: its look-up would not find it.
* Deleted journals stay in lists, and their lines in the ledger, marked [D]. Accounts say where they
  may be used (``visible_in_journals``) [D]; the year-end lockdown date is a lock [D].
* Both numbers stand in every line of a journal [S]. A ``page`` beyond the end answers the last
  again: ``$next`` ends a list [D]. List items are bare unless ``attributes=all`` [S].
* ``X-Business`` says which company and is always sent [D]. Tokens live five minutes and rotate [2].
* Documents that draw a number must not be created in parallel [2]: one sender, one request at a
  time.
* The rate limit is told in several ways: one call a second is safe, ``Retry-After`` is obeyed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from connectors.amounts import amount, day, number
from connectors.answers import amount_of, said, within
from connectors.contract import Capabilities, OneByOne, Unsupported
from connectors.documents import (
    Change,
    Closed,
    Contact,
    Document,
    EntryLine,
    Identity,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    LedgerMove,
    Payment,
    PeriodLock,
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
from connectors.oauth import Tokens
from connectors.references import shortened
from connectors.session import TokenSession
from connectors.transport import Transport, retry_after

URL = "https://api.accounting.sage.com"
AUTHORIZE = "https://www.sageone.com/oauth2/auth/central?filter=apiv3.1"
TOKEN = "https://oauth.accounting.sage.com/token"
SCOPES = "full_access"
PAGE = 200
MONTH = timedelta(days=31)
REFERENCE = 100
"""Characters of a reference; what is longer ends in a hash of itself."""
_API = "/v3.1"
_PATHS = {
    Kind.CONTACT: ("contacts", "contact"),
    Kind.INVOICE: ("sales_invoices", "sales_invoice"),
    Kind.BILL: ("purchase_invoices", "purchase_invoice"),
    Kind.RECEIPT: ("contact_payments", "contact_payment"),
    Kind.PAYMENT: ("contact_payments", "contact_payment"),
    Kind.ENTRY: ("journals", "journal"),
}
_MOVES = {Kind.RECEIPT: "CUSTOMER_RECEIPT", Kind.PAYMENT: "VENDOR_PAYMENT"}


_STATES = {"VOID": "cancelled", "DELETED": "cancelled", "DRAFT": "draft"}


class SageConnector(TokenSession, OneByOne):
    """One business."""

    def __init__(
        self,
        transport: Transport,
        tokens: Tokens,
        business: str,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._transport, self._tokens, self._business = transport, tokens, business
        self._accounts: dict[str, str] = {}
        self._today = today
        transport.set_header("X-Business", business)
        transport.classify = classify

    @property
    def capabilities(self) -> Capabilities:
        kinds = frozenset(_PATHS)
        return Capabilities(
            "sage",
            True,
            1,
            push=kinds,
            pull=kinds,
            limits=("sage-seven-days", "sage-month-ahead"),
            changes=kinds,
            deletes=kinds,
            leaves_out=frozenset(
                {
                    "contact.region",
                    "entry.partner",
                    "entry.dimension",
                    "entry.uuids",
                    "invoice.number",
                    "invoice.product",
                    "bill.product",
                }
            ),
        )

    def identify(self) -> Identity:
        """Raises Rejected for a business the user does not have."""
        known = {str(row["id"]): row for row in self._pages("businesses")}
        if self._business not in known:
            raise Rejected(f"no business {self._business!r} for this user", "business")
        settings = self._read("financial_settings")
        currency = (settings.get("base_currency") or {}).get("id") or ""
        until = settings.get("year_end_lockdown_date")
        found = known[self._business]
        return Identity(
            "",
            str(found.get("name") or found.get("displayed_as")),
            "",
            str(currency),
            "Sage Accounting",
            (PeriodLock("year_end_lockdown_date", day(until)),) if until else (),
        )

    def accounts(self) -> Sequence[RemoteAccount]:
        rows = list(self._pages("ledger_accounts"))
        self._accounts = {str(row["nominal_code"]): str(row["id"]) for row in rows}
        return [
            RemoteAccount(
                str(row["nominal_code"]),
                str(row["name"]),
                closed=Closed.OWN if row.get("visible_in_journals") is False else None,
            )
            for row in rows
        ]

    def journals(self) -> Sequence[RemoteJournal]:
        """Sage has one journal."""
        return [RemoteJournal("JOURNAL", "Journals", "general")]

    def partners(self) -> Sequence[RemotePartner]:
        return [
            RemotePartner(
                row["id"],
                row["name"],
                str(row.get("tax_number") or ""),
                str(row.get("reference") or ""),
                _contact_fields(row),
            )
            for row in self._pages("contacts")
        ]

    def create(self, document: Document) -> RemoteRecord:
        if document.kind not in _PATHS:
            raise Unsupported(
                f"credit notes of Sage are not written ({document.kind.value})", "unsupported"
            )
        if isinstance(document, JournalEntry):
            self._refuse_far_ahead(document)
        path, name = _PATHS[document.kind]
        body = {"idempotency_id": idempotency_id(document), **self._body(document)}
        row = self._signed(self._transport.write_json, "POST", f"{_API}/{path}", json={name: body})
        if not isinstance(row, Mapping) or "id" not in row:
            raise Uncertain("the answer is not Sage's")
        return self._record(row, document.kind)

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        if document.kind not in _PATHS:
            return []
        path, _ = _PATHS[document.kind]
        match document:
            case JournalEntry():
                since = min(document.date, self._today()) - MONTH
                query = {"updated_or_created_since": f"{since.isoformat()}T00:00:00Z"}
            case Payment():
                query = {"contact_id": document.contact, **_window(document.date, document.date)}
            case Contact():
                query = {"search": shortened(document.reference, REFERENCE)}
            case Invoice():
                query = {
                    "search": shortened(document.reference, REFERENCE),
                    "contact_id": document.contact,
                }
        reference = shortened(document.reference, REFERENCE)
        rows = (row for row in self._pages(path, **query) if row.get("reference") == reference)
        return [self._record(row, document.kind) for row in rows]

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        """A journal has no number of its own; what a person sees is its reference."""
        return [
            self._record(row, Kind.ENTRY)
            for row in self._pages("journals")
            if row.get("displayed_as") == number
        ]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        path, _ = _PATHS[kind]
        query = {} if kind in (Kind.CONTACT, Kind.ENTRY) else _window(start, end)
        seen: set[str] = set()
        for row in self._pages(path, **query):
            move = (row.get("transaction_type") or {}).get("id")
            if row["id"] in seen or (kind in _MOVES and move != _MOVES[kind]):
                continue
            seen.add(row["id"])
            if (
                kind is Kind.CONTACT
                or start.isoformat() <= str(row["date"])[:10] <= end.isoformat()
            ):
                yield self._record(row, kind)

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        """By ``updated_or_created_since``, which includes its instant, and ``deleted_since``,
        which does not [S]: it is asked from a second earlier.
        """
        if kind not in _PATHS:
            raise Unsupported(f"Sage lists no changed {kind.value}", "unsupported")
        path, _ = _PATHS[kind]
        gone_since = since - timedelta(seconds=1)
        seen: set[str] = set()
        for name, at in (("deleted_since", gone_since), ("updated_or_created_since", since)):
            for row in self._pages(path, **{name: _stamp(at)}):
                move = (row.get("transaction_type") or {}).get("id")
                if row["id"] in seen or (kind in _MOVES and move != _MOVES[kind]):
                    continue
                seen.add(row["id"])
                changed = datetime.fromisoformat(said(row, "deleted_at", "updated_at"))
                if changed < until:
                    record = self._record(row, kind)
                    is_gone = name == "deleted_since" or record.state == "cancelled"
                    yield Change(record, is_gone, changed)

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        """The ledger entries of everything, journals, invoices and payments alike."""
        references = {"nested_attributes": "transaction:reference"}
        for row in self._pages("ledger_entries", **_window(start, end), **references):
            if row.get("deleted"):
                continue
            account = row.get("ledger_account") or {}
            transaction = row.get("transaction") or {}
            yield LedgerMove(
                str(row["id"]),
                str(transaction.get("id") or ""),
                day(row["date"]),
                self._code(str(account.get("id"))),
                str(account.get("displayed_as") or ""),
                amount(row.get("debit")),
                amount(row.get("credit")),
                str(transaction.get("displayed_as") or ""),
                str(transaction.get("reference") or ""),
                str(row.get("description") or ""),
                str((row.get("contact") or {}).get("id") or ""),
            )

    def close(self) -> None:
        self._transport.close()

    # -- bodies

    def _body(self, document: Document) -> dict[str, Any]:
        match document:
            case Contact():
                kinds = [
                    *(["CUSTOMER"] if document.customer else []),
                    *(["VENDOR"] if document.supplier else []),
                ]
                body: dict[str, Any] = {
                    "name": document.name,
                    "contact_type_ids": kinds,
                    "reference": shortened(document.reference, REFERENCE),
                }
                return body | _contact_details(document)
            case JournalEntry():
                lines = [
                    {
                        "ledger_account_id": self._account(line.account),
                        "debit": number(line.debit),
                        "credit": number(line.credit),
                        "details": line.label[:200],
                    }
                    for line in document.lines
                ]
                return {
                    "date": document.date.isoformat(),
                    "reference": shortened(document.reference, REFERENCE),
                    "description": f"{document.folio} {document.description}".strip()[:500],
                    "journal_lines": lines,
                }
            case Payment():
                self._refuse_foreign(document)
                return {
                    "transaction_type_id": _MOVES[document.kind],
                    "contact_id": document.contact,
                    "bank_account_id": document.account,
                    "date": document.date.isoformat(),
                    "total_amount": number(document.amount),
                    "reference": shortened(document.reference, REFERENCE),
                    "allocated_artefacts": [
                        {"artefact_id": item.remote_id, "amount": number(item.amount)}
                        for item in document.applied
                    ],
                }
            case Invoice():
                self._refuse_foreign(document)
                return self._invoice_body(document)

    def _invoice_body(self, invoice: Invoice) -> dict[str, Any]:
        lines = [
            {
                "description": line.description,
                "ledger_account_id": self._account(line.account),
                "quantity": number(line.quantity),
                "unit_price": number(line.unit_price),
                **_tax_of(line),
            }
            for line in invoice.lines
        ]
        body: dict[str, Any] = {
            "contact_id": invoice.contact,
            "date": invoice.date.isoformat(),
            "reference": shortened(invoice.reference, REFERENCE),
            "invoice_lines": lines,
        }
        if invoice.due or invoice.kind is Kind.BILL:
            body["due_date"] = (invoice.due or invoice.date).isoformat()
        return body | ({"vendor_reference": invoice.number} if invoice.kind is Kind.BILL else {})

    def _refuse_far_ahead(self, entry: JournalEntry) -> None:
        until = self._today() + MONTH
        if entry.date > until:
            raise Rejected(
                f"{entry.date} is further ahead than {until}: a journal of Sage dated later could"
                " not be found again",
                "date",
            )

    def _account(self, code: str) -> str:
        if not self._accounts:
            self.accounts()
        if code not in self._accounts:
            raise Rejected(f"no ledger account {code!r} in Sage", "unknown_account")
        return self._accounts[code]

    def _code(self, identifier: str) -> str:
        if not self._accounts:
            self.accounts()
        return next(
            (code for code, known in self._accounts.items() if known == identifier), identifier
        )

    def _record(self, row: Mapping[str, Any], kind: Kind) -> RemoteRecord:
        if kind is Kind.CONTACT:
            return RemoteRecord(
                remote_id=str(row["id"]),
                number=said(row, "tax_number"),
                reference=said(row, "reference"),
                date=None,
                state="posted",
                kind=kind,
                name=str(row["name"]),
            )
        return RemoteRecord(
            remote_id=str(row["id"]),
            number=said(row, "invoice_number", "displayed_as"),
            reference=said(row, "reference"),
            date=day(row["date"]),
            state="cancelled"
            if row.get("deleted_at")
            else _STATES.get(said(within(row, "status"), "id"), "posted"),
            lines=tuple(map(self._line, row.get("journal_lines") or ())),
            kind=kind,
            total=None if kind is Kind.ENTRY else amount_of(row, "total_amount"),
            residual=amount_of(row, "outstanding_amount"),
            contact=said(within(row, "contact"), "id"),
        )

    def _line(self, line: Mapping[str, Any]) -> EntryLine:
        account = self._code(str(within(line, "ledger_account").get("id")))
        debit, credit = amount(line["debit"]), amount(line["credit"])
        return EntryLine(account, debit, credit, said(line, "details"))

    # -- calls

    def _pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            answer = self._read(
                path, page=str(page), items_per_page=str(PAGE), attributes="all", **query
            )
            yield from answer["$items"]
            if not answer.get("$next"):
                return
            page += 1

    def _read(self, path: str, **query: str) -> Any:
        return self._signed(self._transport.read_json, "GET", f"{_API}/{path}", params=query)


def _contact_details(contact: Contact) -> dict[str, Any]:
    address = {
        "address_line_1": contact.street,
        "city": contact.city,
        "postal_code": contact.postcode,
        "country_id": contact.country,
    }
    person = {"email": contact.email, "telephone": contact.phone}
    body: dict[str, Any] = {"tax_number": contact.tax_id} if contact.tax_id else {}
    if any(address.values()):
        body["main_address"] = {name: value for name, value in address.items() if value}
    if any(person.values()):
        known = {name: value for name, value in person.items() if value}
        kinds = {"name": contact.name, "contact_person_type_ids": ["ACCOUNTS"]}
        body["main_contact_person"] = kinds | known
    return body | ({} if contact.terms is None else {"credit_days": contact.terms})


def _contact_fields(row: Mapping[str, Any]) -> dict[str, str]:
    person, address = within(row, "main_contact_person"), within(row, "main_address")
    found = {
        "name": row["name"],
        "tax_id": row.get("tax_number"),
        "email": person.get("email"),
        "phone": person.get("telephone"),
        "street": address.get("address_line_1"),
        "city": address.get("city"),
        "postcode": address.get("postal_code"),
        "terms": row.get("credit_days"),
    }
    return {name: str(value or "") for name, value in found.items()}


def _tax_of(line: InvoiceLine) -> dict[str, str]:
    """Raises Rejected where a line has more taxes than Sage's one."""
    if len(line.taxes) > 1:
        raise Rejected("a line of Sage has one tax", "taxes")
    return {"tax_rate_id": line.taxes[0]} if line.taxes else {}


def idempotency_id(document: Document) -> str:
    """Thirty-two hexadecimal digits, the same for the same kind and reference on every run."""
    return hashlib.sha256(f"{document.kind.value}|{document.reference}".encode()).hexdigest()[:32]


def classify(response: httpx.Response) -> ConnectorError | None:
    """The error a Sage answer means; its body is a list."""
    if response.status_code == 429:
        return Throttled("Sage: too many calls", "429", retry_after(response.headers, 60.0))
    try:
        errors = response.json()
        code = str(errors[0].get("$dataCode") or "")
        words = "; ".join(
            f"{item.get('$message')} {item.get('$source') or ''}".strip() for item in errors
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None
    if response.status_code in (401, 403):
        return Unauthorized(words, code)
    if response.status_code >= 500:
        return Uncertain(words, code)
    plain = words.lower()
    if "already" in plain or "has been taken" in plain:
        return Conflict(words, code)
    if "lock" in plain and "date" in plain:
        return PeriodClosed(words, code)
    return Rejected(words, code)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _window(start: date, end: date) -> dict[str, str]:
    return {"from_date": start.isoformat(), "to_date": end.isoformat()}
