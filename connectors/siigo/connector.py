"""The connector to Siigo Nube (Colombia). Exactly once by ``Idempotency-Key`` where Siigo takes
one.

Rules (vendor's API blueprint; marks in brackets as in our notes: V vendor, C clients, I inferred):

* The key (at most 30 letters and digits) works on invoices, credit notes, journals and vouchers:
  the same key answers the earlier document [V]. How long it lives is unknown [I], so our reference
  also goes into ``observations`` and a document is looked for by its date and that text before it
  is ever sent again.
* Purchases, payment receipts and customers take no key: they are found by ``provider_invoice``, by
  date and ``observations``, and by ``identification`` [C].
* ``stamp.send`` is false: nothing goes to the DIAN unless somebody says so, and history never
  [V/I].
* 100 requests a minute; over 80 % of errors in a week and Siigo blocks the user [V]: everything is
  checked here first.
* There is no listing of ledger lines: journals, invoices and purchases are listed as documents [V,
  conclusion I].
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import httpx

from connectors.amounts import number
from connectors.answers import said
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
    Need,
    Payment,
    RemoteAccount,
    RemoteDimension,
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
    Unavailable,
    Uncertain,
)
from connectors.session import Session
from connectors.siigo.bodies import (
    bill_body,
    contact_body,
    contact_fields,
    contact_record,
    due_of,
    id_of,
    identification,
    instant_of,
    is_bill,
    item_of,
    own_number,
    party_of,
    record_of,
    stamp_of,
)
from connectors.transport import Transport, retry_after

URL = "https://api.siigo.com"
PARTNER = "CuadreDesktop"
PAGE = 100
PATHS = {
    Kind.INVOICE: "/v1/invoices",
    Kind.REFUND: "/v1/credit-notes",
    Kind.BILL: "/v1/purchases",
    Kind.RECEIPT: "/v1/vouchers",
    Kind.PAYMENT: "/v1/payment-receipts",
    Kind.ENTRY: "/v1/journals",
}
DOCUMENT_TYPES = {
    Kind.INVOICE: "FV",
    Kind.REFUND: "NC",
    Kind.BILL: "FC",
    Kind.RECEIPT: "RC",
    Kind.PAYMENT: "RP",
    Kind.ENTRY: "CC",
}
NEEDS: Mapping[str, frozenset[Need]] = {
    "": frozenset({Need.PARTY}),
    "1305": frozenset({Need.DOCUMENT}),
    "2205": frozenset({Need.DOCUMENT}),
    "1435": frozenset({Need.PRODUCT}),
    "2408": frozenset({Need.TAX}),
}
"""What a company that was founded with Siigo's own chart asks of journal lines: a third party on
each [V]; a due date where receivables and payables keep them, a tax on VAT, a product on stock [V,
the beginnings are those of the PUC and I].
"""
_OTHER_REASON = "5"
KEYED = frozenset({Kind.INVOICE, Kind.REFUND, Kind.RECEIPT, Kind.ENTRY})
_NOTHING_HAPPENED = frozenset(
    {
        "requests_limit",
        "request_timeout",
        "service_unavailable",
        "documents_service",
        "document_query_service",
        "payment_types_service",
        "general_service",
    }
)
_DOUBTFUL = frozenset({"duplicated_document", "unhandled_error", "entry_service"})
_ERRORS: Mapping[str, type[ConnectorError]] = {
    **dict.fromkeys(("unauthorized", "invalid_partner_id"), Unauthorized),
    **dict.fromkeys(_NOTHING_HAPPENED, Unavailable),
    **dict.fromkeys(_DOUBTFUL, Uncertain),
    "already_exists": Conflict,
    "blocked_transactions": PeriodClosed,
}
"""What the codes of its errors mean; every other one is a refusal."""


class SiigoConnector(Session, OneByOne):
    """One company. ``access_key`` is the key of Siigo's *Alianzas – Mi credencial API*; ``stamp``
    sends invoices to the DIAN at once. ``seller`` and ``payment`` (of sales) are ids of Siigo's
    catalogues: the first seller and the first way of payment on credit when 0. ``needs`` is what
    the company's accounts ask of journal lines, by the beginning of their code; Siigo lists no
    accounts.
    """

    def __init__(
        self,
        transport: Transport,
        user: str,
        access_key: str,
        stamp: bool = False,
        seller: int = 0,
        payment: int = 0,
        needs: Mapping[str, frozenset[Need]] = NEEDS,
    ) -> None:
        self._transport, self._user, self._access_key = transport, user, access_key
        self._stamp, self._seller, self._payment = stamp, seller, payment
        self._needs = needs
        self._types: dict[Kind, list[dict[str, Any]]] = {}
        self._credit: dict[Kind, int] = {}
        transport.hide(access_key)
        transport.set_header("Partner-Id", PARTNER)
        transport.classify = classify

    @property
    def capabilities(self) -> Capabilities:
        kinds = frozenset({Kind.CONTACT, *PATHS})
        limits = (
            "no-ledger-listing",
            "no-trial-balance-lines",
            "stamp-off",
            "siigo-error-share",
            "siigo-person-name",
        )
        return Capabilities(
            "siigo",
            True,
            1,
            ledger=False,
            push=kinds,
            pull=kinds,
            limits=limits,
            lists_accounts=False,
            needs=self._needs,
            dimensions=True,
            changes=kinds,
            whole_ledger=False,
            leaves_out=frozenset(
                {
                    "contact.region",
                    "contact.postcode",
                    "contact.terms",
                    "entry.uuids",
                }
            ),
        )

    def identify(self) -> Identity:
        users = self._pages("/v1/users")
        name = next(
            (str(user["username"]) for user in users if user.get("username") == self._user),
            self._user,
        )
        return Identity(name, self._user, "", "COP", "Siigo Nube")

    def accounts(self) -> Sequence[RemoteAccount]:
        """Siigo lists only account groups of products; entry accounts are told apart when one is
        refused.
        """
        return [
            RemoteAccount(str(row["id"]), str(row["name"]))
            for row in self._read("/v1/account-groups")
        ]

    def journals(self) -> Sequence[RemoteJournal]:
        """The document types of journals, by their id."""
        return [
            RemoteJournal(
                str(row["id"]),
                str(row["name"]),
                "general",
                frozenset({Need.DIMENSION} if row.get("cost_center_mandatory") else ()),
            )
            for row in self._document_types(Kind.ENTRY)
        ]

    def dimensions(self) -> Sequence[RemoteDimension]:
        """Cost centres, by their id."""
        return [
            RemoteDimension(str(row["id"]), f"{row.get('code') or ''} {row['name']}".strip())
            for row in self._read("/v1/cost-centers")
            if row.get("active", True)
        ]

    def partners(self) -> Sequence[RemotePartner]:
        return [
            RemotePartner(
                row["identification"],
                " ".join(row["name"]),
                row["identification"],
                "",
                contact_fields(row),
            )
            for row in self._pages("/v1/customers")
        ]

    def create(self, document: Document) -> RemoteRecord:
        if isinstance(document, Contact):
            return contact_record(self._write("/v1/customers", contact_body(document), ""))
        if document.kind not in PATHS:
            raise Unsupported(f"Siigo has no {document.kind.value}", "unsupported")
        if not isinstance(document, JournalEntry):
            self._refuse_foreign(document)
        if isinstance(document, Invoice) and document.kind is Kind.REFUND and not document.refunds:
            raise Unsupported("a credit note of Siigo names the invoice it is about", "invoice")
        key = idempotency_key(document) if document.kind in KEYED else ""
        body = self._body(document)
        return record_of(self._write(PATHS[document.kind], body, key), document.kind)

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        if isinstance(document, Contact):
            rows = self._pages("/v1/customers", identification=identification(document))
            return [contact_record(row) for row in rows if not row.get("branch_office")]
        found = []
        for row in self._list(document.kind, document.date, document.date):
            if document.reference in str(row.get("observations") or "").split() or is_bill(
                document, row
            ):
                found.append(record_of(row, document.kind))
        return found

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        return [
            record_of(row, Kind.ENTRY)
            for row in self._pages(PATHS[Kind.ENTRY], name=number)
            if row["name"] == number
        ]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        if kind is Kind.CONTACT:
            yield from (contact_record(row) for row in self._pages("/v1/customers"))
            return
        seen = set()
        for row in self._list(kind, start, end):
            if row["id"] not in seen:
                seen.add(row["id"])
                yield record_of(row, kind)

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        """By ``updated_start`` and ``updated_end`` [V]. Annulled documents are in it; what was
        deleted leaves no trace.
        """
        if kind is not Kind.CONTACT and kind not in PATHS:
            raise Unsupported(f"Siigo lists no changed {kind.value}", "unsupported")
        window = {"updated_start": stamp_of(since), "updated_end": stamp_of(until)}
        seen = set()
        for row in self._pages(PATHS.get(kind, "/v1/customers"), **window):
            if row["id"] in seen:
                continue
            seen.add(row["id"])
            at = instant_of(row)
            if kind is Kind.CONTACT:
                yield Change(contact_record(row), row.get("active") is False, at)
            else:
                record = record_of(row, kind)
                yield Change(record, record.state == "cancelled", at)

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        """The lines of journals only: Siigo does not list those its invoices and purchases make."""
        for record in self.documents(Kind.ENTRY, start, end):
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
                    line.partner,
                )

    def close(self) -> None:
        self._transport.close()

    # -- bodies

    def _body(self, document: Invoice | Payment | JournalEntry) -> dict[str, Any]:
        body: dict[str, Any] = {
            "document": {"id": int(self._document_type(document)["id"])},
            "date": document.date.isoformat(),
            "observations": document.reference,
        }
        if isinstance(document, JournalEntry):
            return body | self._journal_body(document)
        if isinstance(document, Payment):
            return body | self._payment_body(document)
        body["observations"] = f"{document.reference} {document.number}".strip()
        body["items"] = [item_of(line, document.kind) for line in document.lines]
        body["payments"] = [self._way_of_payment(document)]
        if document.kind is Kind.BILL:
            return body | bill_body(document)
        return body | self._sale_body(document)

    def _journal_body(self, entry: JournalEntry) -> dict[str, Any]:
        """What Siigo would refuse is refused here: above a share of errors it blocks the user."""
        kind = self._document_type(entry)
        for line in entry.lines:
            self._refuse_lacking(line, bool(kind.get("cost_center_mandatory")))
        said = " ".join(filter(None, (entry.reference, entry.folio, entry.description)))
        body: dict[str, Any] = {
            "observations": said[:4000],
            "items": [self._journal_item(line, entry.date) for line in entry.lines],
        }
        if not kind.get("automatic_number", True):
            body["number"] = own_number(entry.folio or entry.reference.rpartition("/")[2])
        return body

    def _refuse_lacking(self, line: EntryLine, wants_dimension: bool) -> None:
        given = {
            Need.PARTY: line.partner,
            Need.DOCUMENT: line.names_document,
            Need.DIMENSION: line.dimension,
        }
        asked = self._asked(line.account) | ({Need.DIMENSION} if wants_dimension else set())
        lacking = sorted(need for need in asked if not given.get(need))
        if lacking:
            raise Rejected(
                f"account {line.account} asks for {', '.join(lacking)}", "parameter_required"
            )

    def _asked(self, account: str) -> set[Need]:
        return {
            need
            for start, needs in self._needs.items()
            if account.startswith(start)
            for need in needs
        }

    def _journal_item(self, line: EntryLine, on: date) -> dict[str, Any]:
        item: dict[str, Any] = {
            "account": {"code": line.account, "movement": "Debit" if line.debit else "Credit"},
            "description": line.label[:200],
            "value": number(line.debit or line.credit),
        }
        if line.partner:
            item["customer"] = party_of(line.partner)
        if line.dimension:
            item["cost_center"] = id_of(line.dimension)
        if Need.DOCUMENT in self._asked(line.account):
            item["due"] = due_of(line.document) | {"date": on.isoformat()}
        return item

    def _payment_body(self, payment: Payment) -> dict[str, Any]:
        party = "customer" if payment.kind is Kind.RECEIPT else "supplier"
        way = id_of(payment.account)
        body: dict[str, Any] = {
            party: party_of(payment.contact),
            "type": "DebtPayment" if payment.applied else "AdvancePayment",
            "payment": {"id": way, "value": number(payment.amount)},
        }
        if payment.applied:
            body["items"] = [
                {"due": due_of(item.remote_id), "value": number(item.amount)}
                for item in payment.applied
            ]
        return body

    def _way_of_payment(self, invoice: Invoice) -> dict[str, Any]:
        total = invoice.total if invoice.total is not None else invoice.untaxed
        sale = invoice.kind is not Kind.BILL
        way = self._payment if sale and self._payment else self._on_credit(invoice.kind)
        due = {"due_date": invoice.due.isoformat()} if invoice.due else {}
        return {"id": way, "value": number(total), **due}

    def _sale_body(self, invoice: Invoice) -> dict[str, Any]:
        body: dict[str, Any] = {
            "customer": party_of(invoice.contact),
            "seller": self._seller or self._first_seller(),
            "stamp": {"send": self._stamp},
            "mail": {"send": False},
        }
        if not self._document_type(invoice).get("automatic_number", True):
            body["number"] = own_number(invoice.number)
        if invoice.kind is Kind.REFUND:
            body |= {"invoice": invoice.refunds, "reason": _OTHER_REASON}
        return body

    def _document_type(self, document: Invoice | Payment | JournalEntry) -> Mapping[str, Any]:
        """The one the document names, else the first. Raises Rejected."""
        types = self._document_types(document.kind)
        named = [
            row
            for row in types
            if str(row["id"]) == document.journal or str(row.get("code")) == document.journal
        ]
        if document.journal and not named:
            raise Rejected(f"no document type {document.journal!r} in Siigo", "unknown_journal")
        if not types:
            raise Rejected(
                f"no document type {DOCUMENT_TYPES[document.kind]} in Siigo", "document_settings"
            )
        return (named or types)[0]

    def _document_types(self, kind: Kind) -> list[dict[str, Any]]:
        if kind not in self._types:
            rows = self._read("/v1/document-types", type=DOCUMENT_TYPES[kind])
            self._types[kind] = [row for row in rows if row.get("active", True)]
        return self._types[kind]

    def _on_credit(self, kind: Kind) -> int:
        """The first way of payment that has a due date: any other would mark the document paid.
        Raises Rejected.
        """
        if kind not in self._credit:
            rows = self._read("/v1/payment-types", document_type=DOCUMENT_TYPES[kind])
            known = [row for row in rows if row.get("active", True) and row.get("due_date")]
            if not known:
                raise Rejected(
                    f"no way of payment on credit for {DOCUMENT_TYPES[kind]} in Siigo", "payment"
                )
            self._credit[kind] = int(known[0]["id"])
        return self._credit[kind]

    def _first_seller(self) -> int:
        self._seller = int(next(iter(self._pages("/v1/users")))["id"])
        return self._seller

    # -- calls

    def _list(self, kind: Kind, start: date, end: date) -> Iterator[dict[str, Any]]:
        window = {"date_start": start.isoformat(), "date_end": end.isoformat()}
        for row in self._pages(PATHS[kind], **window):
            if start.isoformat() <= str(row["date"])[:10] <= end.isoformat():
                yield row

    def _pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            answer = self._read(path, page=str(page), page_size=str(PAGE), **query)
            rows = answer["results"] if isinstance(answer, Mapping) else answer
            yield from rows
            if len(rows) < PAGE or not isinstance(answer, Mapping):
                return
            page += 1

    def _read(self, path: str, **query: str) -> Any:
        return self._signed(self._transport.read_json, "GET", path, params=query)

    def _write(self, path: str, body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self._signed(self._transport.write_json, "POST", path, json=body, headers=headers)
        if not isinstance(answer, Mapping) or "id" not in answer:
            raise Uncertain("the answer is not Siigo's")
        return answer

    def _log_in(self) -> None:
        body = {"username": self._user, "access_key": self._access_key}
        token = str(self._transport.read_json("POST", "/auth", json=body)["access_token"])
        self._transport.hide(token)
        self._transport.set_header("Authorization", f"Bearer {token}")


def idempotency_key(document: Document) -> str:
    """Thirty letters and digits, the same for the same kind and reference on every run."""
    digest = hashlib.sha256(f"{document.kind.value}|{document.reference}".encode()).digest()
    return base64.b32encode(digest).decode()[:30]


def classify(response: httpx.Response) -> ConnectorError | None:
    """The error a Siigo answer means, by its first code; keys come in either case [V]."""
    try:
        body = _lower_keys(response.json())
        first = _lower_keys((body.get("errors") or [{}])[0])
    except (ValueError, AttributeError, IndexError):
        return None
    code, status = said(first, "code"), response.status_code
    words = said(first, "message") or said(body, "message") or f"HTTP {status}"
    if status == 429 or code == "requests_limit":
        return Throttled(words, code, retry_after(response.headers, 30.0))
    if status == 401:
        return Unauthorized(words, code)
    meaning = _ERRORS.get(code, Rejected)
    if status >= 500 and meaning not in (Unauthorized, Unavailable):
        return Uncertain(words, code)
    return meaning(words, code)


def _lower_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in row.items()}
