"""The connector to Xero. Exactly once by ``Idempotency-Key`` + PUT for the minutes after a request,
and by a look-up and comparison before anything goes a second time.

Rules (vendor's OpenAPI 16.1.0 and notes; S spec, D vendor page, 2 secondary, I inferred):

* PUT creates only; POST would overwrite a sales invoice of the same number [2]. A key is remembered
  for six minutes, errors included, and another body under it is refused [2]: ours is made of the
  document and what is sent of it, the same on every attempt, so that one after silence answers the
  first; a stored error passes after those minutes.
* Manual journals are refused on bank accounts, on receivables, payables and retained earnings, and
  on tracked stock [2].
* A sales invoice is refused when its number exists ("must be unique") [2]; a bill or a manual
  journal is created a second time without a word [2]: those are looked for by contact and number,
  or by date and ``[reference]`` in the narration, and compared.
* ``summarizeErrors=false`` answers HTTP 200 with each element's own errors [S]: a 200 is no
  success.
* Apps made since March 2026 get granular scopes; ``/Journals`` is a paid tier [2]: the ledger is
  read from manual journals, the balances from the trial balance.
* Dates come as ``/Date(…)/`` in UTC [S]. Only ``ContactID`` is sent inside an invoice: more would
  change the contact [2].
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import httpx

from connectors.amounts import day, number
from connectors.contract import ALL_KINDS, Capabilities, OneByOne, Unsupported
from connectors.documents import (
    Change,
    Contact,
    Document,
    Identity,
    Invoice,
    JournalEntry,
    Kind,
    LedgerMove,
    Payment,
    PeriodLock,
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
    Uncertain,
)
from connectors.oauth import Tokens
from connectors.session import TokenSession
from connectors.transport import Transport, retry_after
from connectors.xero.bodies import (
    account_of,
    contact_body,
    contact_fields,
    contact_number,
    date_call,
    instant_of,
    on_day,
    payment_body,
    quoted,
    record_of,
    tax_of,
    trial_balance,
)

URL = "https://api.xero.com"
AUTHORIZE = "https://login.xero.com/identity/connect/authorize"
TOKEN = "https://identity.xero.com/connect/token"
SCOPES = (
    "offline_access accounting.contacts accounting.invoices accounting.payments"
    " accounting.manualjournals accounting.settings.read accounting.reports.trialbalance.read"
)
PAGE = 100
_API = "/api.xro/2.0"
_TYPES = {Kind.INVOICE: "ACCREC", Kind.BILL: "ACCPAY"}
_CREDIT_TYPES = {Kind.REFUND: "ACCRECCREDIT", Kind.BILL_REFUND: "ACCPAYCREDIT"}

_READS = frozenset({Kind.CONTACT, Kind.INVOICE, Kind.BILL})
_IDS = 40
"""So many ids (36 letters each) fit into an address."""


class XeroConnector(TokenSession, OneByOne):
    """One organisation. ``draft`` leaves documents as drafts for a person to approve; otherwise
    they are posted.
    """

    def __init__(
        self, transport: Transport, tokens: Tokens, tenant: str, draft: bool = False
    ) -> None:
        self._transport, self._tokens, self._draft = transport, tokens, draft
        self._tenant = tenant
        self._tracking: dict[str, tuple[str, str]] = {}
        transport.set_header("xero-tenant-id", tenant)
        transport.set_header("Accept", "application/json")
        transport.classify = classify
        transport.observe = _silence

    @property
    def capabilities(self) -> Capabilities:
        kinds = ALL_KINDS
        limits = ("no-journal-reference", "journals-paid-tier", "day-limit-1000")
        return Capabilities(
            "xero",
            False,
            1,
            ledger=True,
            push=kinds,
            pull=kinds,
            limits=limits,
            balances=True,
            dimensions=True,
            changes=kinds,
            reads=_READS,
            whole_ledger=False,
            deletes=kinds,
            leaves_out=frozenset(
                {
                    "entry.partner",
                    "entry.uuids",
                    "bill.reference",
                    "refund.due",
                    "bill-refund.due",
                }
            ),
        )

    def identify(self) -> Identity:
        found = self._read("/Organisation")["Organisations"][0]
        locks = [
            PeriodLock(name, day(found[name]))
            for name in ("PeriodLockDate", "EndOfYearLockDate")
            if found.get(name)
        ]
        return Identity(
            "",
            str(found["Name"]),
            str(found.get("TaxNumber") or ""),
            str(found["BaseCurrency"]),
            "Xero",
            tuple(locks),
        )

    def accounts(self) -> Sequence[RemoteAccount]:
        rows = self._read("/Accounts", where='Status=="ACTIVE"')["Accounts"]
        return [account_of(row) for row in rows if row.get("Code")]

    def dimensions(self) -> Sequence[RemoteDimension]:
        """Options of the tracking categories, by their id."""
        found = []
        for category in self._read("/TrackingCategories")["TrackingCategories"]:
            for option in category.get("Options") or ():
                if option.get("Status", "ACTIVE") == "ACTIVE":
                    code = str(option["TrackingOptionID"])
                    self._tracking[code] = (category["Name"], option["Name"])
                    found.append(RemoteDimension(code, option["Name"], category["Name"]))
        return found

    def journals(self) -> Sequence[RemoteJournal]:
        """Xero has no journals to choose from; every manual journal is one."""
        return [RemoteJournal("MJ", "Manual journals", "general")]

    def partners(self) -> Sequence[RemotePartner]:
        return [
            RemotePartner(
                row["ContactID"],
                row["Name"],
                str(row.get("TaxNumber") or ""),
                str(row.get("ContactNumber") or ""),
                contact_fields(row),
            )
            for row in self._pages("/Contacts", "Contacts")
        ]

    def create(self, document: Document) -> RemoteRecord:
        path, name, body = self._request(document)
        answer = self._signed(
            self._transport.write_json,
            "PUT",
            path,
            json={name: [body]},
            params={"summarizeErrors": "false"},
            headers={"Idempotency-Key": _key(self._tenant, document, body)},
        )
        try:
            row = answer[name][0]
        except (KeyError, IndexError, TypeError):
            raise Uncertain("the answer is not Xero's") from None
        _refuse(row)
        return record_of(row, document.kind)

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        match document:
            case Contact():
                rows = self._read(
                    "/Contacts", where=f'ContactNumber=="{quoted(contact_number(document))}"'
                )["Contacts"]
            case Invoice() if document.kind is Kind.INVOICE:
                rows = self._pages("/Invoices", "Invoices", InvoiceNumbers=document.number)
            case Invoice() if document.kind is Kind.BILL:
                where = (
                    f'Type=="ACCPAY" AND Contact.ContactID==guid("{document.contact}")'
                    f' AND InvoiceNumber=="{quoted(document.number)}"'
                )
                rows = self._pages("/Invoices", "Invoices", where=where)
            case Invoice():
                where = f'Type=="{_CREDIT_TYPES[document.kind]}" AND {on_day(document.date)}'
                rows = (
                    row
                    for row in self._pages("/CreditNotes", "CreditNotes", where=where)
                    if row.get("CreditNoteNumber") == document.number
                )
            case Payment():
                rows = (
                    row
                    for row in self._pages("/Payments", "Payments", where=on_day(document.date))
                    if row.get("Reference") == document.reference
                )
            case JournalEntry():
                rows = (
                    row
                    for row in self._pages(
                        "/ManualJournals", "ManualJournals", where=on_day(document.date)
                    )
                    if str(row.get("Narration") or "").startswith(f"[{document.reference}]")
                )
        return [record_of(self._whole(row, document.kind), document.kind) for row in rows]

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        """Manual journals have no number; their id is what a person copies from the address."""
        if not re.fullmatch(r"[0-9a-fA-F-]{36}", number):
            return []
        return [
            record_of(row, Kind.ENTRY)
            for row in self._read(f"/ManualJournals/{number}")["ManualJournals"]
        ]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        path, name, where = self._listing(
            kind, f"Date>={date_call(start)} AND Date<={date_call(end)}"
        )
        seen: set[str] = set()
        for row in self._pages(path, name, **({"where": where} if where else {})):
            record = record_of(row, kind)
            if record.remote_id not in seen:
                seen.add(record.remote_id)
                yield record

    def _listing(self, kind: Kind, between: str) -> tuple[str, str, str]:
        """Where documents of a kind are listed: path, name in the answer, and the filter."""
        paths = {
            Kind.CONTACT: ("/Contacts", "Contacts", ""),
            Kind.ENTRY: ("/ManualJournals", "ManualJournals", ""),
            Kind.RECEIPT: ("/Payments", "Payments", 'PaymentType=="ACCRECPAYMENT"'),
            Kind.PAYMENT: ("/Payments", "Payments", 'PaymentType=="ACCPAYPAYMENT"'),
        }
        if kind in _TYPES:
            paths[kind] = ("/Invoices", "Invoices", f'Type=="{_TYPES[kind]}"')
        if kind in _CREDIT_TYPES:
            paths[kind] = ("/CreditNotes", "CreditNotes", f'Type=="{_CREDIT_TYPES[kind]}"')
        path, name, which = paths[kind]
        dated = between if kind is not Kind.CONTACT else ""
        return path, name, " AND ".join(filter(None, (which, dated)))

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        """By ``If-Modified-Since`` [S]; some changes do not move it (a due date of what is partly
        paid, a contact's balance) [2]. Archived contacts and voided documents are in it.
        """
        path, name, where = self._listing(kind, "")
        query = {"where": where} if where else {}
        if kind is Kind.CONTACT:
            query["includeArchived"] = "true"
        stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        seen: set[str] = set()
        for row in self._pages(path, name, {"If-Modified-Since": stamp}, **query):
            record = record_of(row, kind)
            at = instant_of(row)
            if record.remote_id in seen or at >= until:
                continue
            seen.add(record.remote_id)
            yield Change(record, record.state == "cancelled", at)

    def read_records(self, kind: Kind, remote_ids: Sequence[str]) -> Mapping[str, Change]:
        """Contacts and invoices by ``IDs``, a page a call [S]; credit notes have no such filter."""
        if kind not in _READS:
            raise Unsupported(f"Xero does not read {kind.value} by ids", "unsupported")
        path, name, where = self._listing(kind, "")
        query = {"where": where} if where else {"includeArchived": "true"}
        found = {}
        for start in range(0, len(remote_ids), _IDS):
            ids = ",".join(remote_ids[start : start + _IDS])
            for row in self._pages(path, name, IDs=ids, **query):
                record = record_of(row, kind)
                is_gone = record.state == "cancelled"
                found[record.remote_id] = Change(record, is_gone, instant_of(row))
        return found

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        """The lines of posted manual journals; the general ledger itself is a paid tier of
        Xero's.
        """
        for listed in self.documents(Kind.ENTRY, start, end):
            if listed.state != "posted":
                continue
            record = listed if listed.lines else self.numbered_entries(listed.remote_id)[0]
            for place, line in enumerate(record.lines, 1):
                yield LedgerMove(
                    f"{record.remote_id}:{place}",
                    record.remote_id,
                    day_of(record),
                    line.account,
                    "",
                    line.debit,
                    line.credit,
                    "",
                    record.reference,
                    line.label,
                )

    def balances(self, until: date, year: int) -> Mapping[str, Decimal]:
        """By the trial balance: its year-to-date columns are of the organisation's own financial
        year.
        """
        (report,) = self._read("/Reports/TrialBalance", date=until.isoformat())["Reports"]
        found = dict(trial_balance(report["Rows"]))
        if until.year == year:
            return found
        rows = self._read("/Accounts")["Accounts"]
        of_the_year = {
            row.get("Code") for row in rows if row.get("Class") in ("REVENUE", "EXPENSE")
        }
        return {code: balance for code, balance in found.items() if code not in of_the_year}

    def close(self) -> None:
        self._transport.close()

    # -- bodies

    def _request(self, document: Document) -> tuple[str, str, dict[str, Any]]:
        match document:
            case Contact():
                return f"{_API}/Contacts", "Contacts", contact_body(document)
            case Payment():
                self._refuse_foreign(document)
                return f"{_API}/Payments", "Payments", payment_body(document)
            case JournalEntry():
                return f"{_API}/ManualJournals", "ManualJournals", self._journal_body(document)
            case Invoice() if document.kind in _CREDIT_TYPES:
                body = self._invoice_body(document) | {"Type": _CREDIT_TYPES[document.kind]}
                body["CreditNoteNumber"] = body.pop("InvoiceNumber")
                body.pop("DueDate", None)
                return f"{_API}/CreditNotes", "CreditNotes", body
            case Invoice():
                return (
                    f"{_API}/Invoices",
                    "Invoices",
                    self._invoice_body(document) | {"Type": _TYPES[document.kind]},
                )

    def _invoice_body(self, invoice: Invoice) -> dict[str, Any]:
        body: dict[str, Any] = {
            "Contact": {"ContactID": invoice.contact},
            "InvoiceNumber": invoice.number[:255],
            "Date": invoice.date.isoformat(),
            "LineAmountTypes": "Exclusive",
            "Status": "DRAFT" if self._draft else "AUTHORISED",
            "LineItems": [
                {
                    "Description": line.description[:4000],
                    "Quantity": number(line.quantity),
                    "UnitAmount": number(line.unit_price),
                    "AccountCode": line.account,
                    **tax_of(line),
                }
                for line in invoice.lines
            ],
        }
        if invoice.kind is Kind.INVOICE:
            body["Reference"] = invoice.reference[:255]
        if invoice.due:
            body["DueDate"] = invoice.due.isoformat()
        if invoice.currency:
            body["CurrencyCode"] = invoice.currency
        return body

    def _journal_body(self, entry: JournalEntry) -> dict[str, Any]:
        return {
            "Narration": f"[{entry.reference}] {entry.folio} {entry.description}".strip()[:4000],
            "Date": entry.date.isoformat(),
            "LineAmountTypes": "NoTax",
            "Status": "DRAFT" if self._draft else "POSTED",
            "JournalLines": [
                {
                    "LineAmount": number(line.debit - line.credit),
                    "AccountCode": line.account,
                    "Description": line.label[:4000],
                    **self._tracked(line.dimension),
                }
                for line in entry.lines
            ],
        }

    def _tracked(self, dimension: str) -> dict[str, Any]:
        """Raises Rejected for an option Xero does not have."""
        if not dimension:
            return {}
        if dimension not in self._tracking:
            self.dimensions()
        if dimension not in self._tracking:
            raise Rejected(f"no tracking option {dimension!r} in Xero", "unknown_dimension")
        category, option = self._tracking[dimension]
        return {"Tracking": [{"Name": category, "Option": option}]}

    # -- calls

    def _whole(self, row: Mapping[str, Any], kind: Kind) -> Mapping[str, Any]:
        """A manual journal with its lines, which a list may leave out."""
        if kind is not Kind.ENTRY or row.get("JournalLines"):
            return row
        rows: Sequence[Mapping[str, Any]] = self._read(f"/ManualJournals/{row['ManualJournalID']}")[
            "ManualJournals"
        ]
        return rows[0]

    def _pages(
        self, path: str, name: str, headers: Mapping[str, str] | None = None, /, **query: str
    ) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            rows = self._read(path, headers, page=str(page), pageSize=str(PAGE), **query)[name]
            yield from rows
            if len(rows) < PAGE:
                return
            page += 1

    def _read(self, path: str, headers: Mapping[str, str] | None = None, /, **query: str) -> Any:
        return self._signed(
            self._transport.read_json,
            "GET",
            f"{_API}{path}",
            params=query,
            headers=dict(headers or {}),
        )


def _key(tenant: str, document: Document, body: Mapping[str, Any]) -> str:
    """The same on every attempt to send the same to one organisation: Xero keeps keys by app, and
    would answer one organisation with what it made in another.
    """
    text = json.dumps([tenant, document.kind.value, document.reference, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def classify(response: httpx.Response) -> ConnectorError | None:
    """The error a Xero answer means."""
    if response.status_code == 429:
        kind = response.headers.get("X-Rate-Limit-Problem", "minute").lower()
        return Throttled(f"Xero: limit of the {kind}", kind, retry_after(response.headers, 60.0))
    try:
        body = response.json()
        words = str(body.get("Detail") or body.get("Message") or body.get("Title") or "")
        elements = body.get("Elements", ())
        errors = chain.from_iterable(item.get("ValidationErrors", ()) for item in elements)
        details = [error["Message"] for error in errors]
    except (ValueError, AttributeError, KeyError, TypeError):
        return None
    words = "; ".join(details) or words
    if response.status_code in (401, 403):
        return Unauthorized(words, str(response.status_code))
    if response.status_code >= 500:
        return Uncertain(words or f"HTTP {response.status_code}", str(response.status_code))
    return _meaning(words, str(body.get("ErrorNumber") or response.status_code))


def _refuse(row: Mapping[str, Any]) -> None:
    """Raise what an element of a 200 answer says is wrong with it."""
    errors = [str(error["Message"]) for error in row.get("ValidationErrors") or ()]
    if errors or row.get("StatusAttributeString") == "ERROR":
        raise _meaning("; ".join(errors) or "refused", "ValidationException")


def _meaning(words: str, code: str) -> ConnectorError:
    plain = words.lower()
    if "must be unique" in plain or "already assigned" in plain or "already exists" in plain:
        return Conflict(words, code)
    if "lock date" in plain or "period lock" in plain or "locked period" in plain:
        return PeriodClosed(words, code)
    return Rejected(words, code)


def _silence(headers: httpx.Headers) -> float:
    """Nothing is left of this minute: wait for the next."""
    return 60.0 if headers.get("X-MinLimit-Remaining") == "0" else 0.0
