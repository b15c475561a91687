"""The connector to SAP Business One by its Service Layer (v1 and v2). Exactly once by a look-up and
comparison before every write, and by the vendor's key for business partners; there is no
idempotency of any kind [V].

Rules (manual 1.22, EDMX 2021 and field notes; V vendor, L seen live, I inferred):

* The session is the cookies ``B1SESSION`` and ``ROUTEID``, sent back by hand because parsers drop
  them [L]. One session a company, kept for the run: each holds a licence [L]. 401 with code 301:
  log in once and repeat [V].
* ``BridgeRef`` style user fields are found exactly; a company that allows none gets the standard
  fields: ``Comments`` (invoices and bills: ``NumAtCard`` is the supplier's own number),
  ``Reference`` (entries), ``TransferReference`` (payments, 27 characters [I], so a hash of ours).
* An approval procedure turns a POST into a draft [L]: drafts are looked through before anything is
  sent.
* A page is 20 rows unless asked; paging by ``$skip`` over a moving table loses rows, so the key
  goes on [I].
* A user field that is missing on one of the objects is an error of every read that names it: it is
  looked for when the connection is checked.
* Words of errors come in the language of the user unless the log-in names one [V]: English is asked
  for, since some meanings stand in words only.
* Period categories have each their own periods [V]; with branches on, documents and lines of
  entries name one [V]; the tax of a line is ``VatGroup`` or ``TaxCode`` by localisation [I].
* ``-4013`` and "deviates from permissible range" are closed periods [L]; the date is never moved.
* A business partner line of an entry names ``ShortName`` (its CardCode), any other ``AccountCode``
  [V].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import httpx

from connectors.amounts import day, number
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
    Unauthorized,
    Uncertain,
)
from connectors.references import shortened
from connectors.sap_b1.bodies import (
    account_of,
    between,
    card_code,
    contact_body,
    quoted,
    record_of,
)
from connectors.session import Session
from connectors.transport import Transport

PAGE = 200
ENGLISH = "3"
"""``ln_English`` of the vendor's ``BoSuppLangs``."""
_SETS = {
    Kind.INVOICE: "Invoices",
    Kind.BILL: "PurchaseInvoices",
    Kind.REFUND: "CreditNotes",
    Kind.BILL_REFUND: "PurchaseCreditNotes",
    Kind.RECEIPT: "IncomingPayments",
    Kind.PAYMENT: "VendorPayments",
}
_CHANGES = frozenset({Kind.CONTACT, *_SETS})
_OBJECTS = {Kind.INVOICE: "13", Kind.REFUND: "14", Kind.BILL: "18", Kind.BILL_REFUND: "19"}
_CLOSED = ("-4013", "deviates from permissible range", "period locked", "posting period")


class SapB1Connector(Session, OneByOne):
    """One company database. ``udf`` names a user field (``U_…``) that exists on documents, payments
    and entries; empty where none is allowed. ``version`` 1 or 2 of the Service Layer; ``branch`` is
    the number of a branch where the company has them (0: it has none), ``tax_field`` where the tax
    of a line stands.
    """

    def __init__(
        self,
        transport: Transport,
        company: str,
        user: str,
        password: str,
        udf: str = "",
        version: int = 1,
        branch: int = 0,
        tax_field: str = "VatGroup",
    ) -> None:
        self._transport, self._company, self._user, self._password = (
            transport,
            company,
            user,
            password,
        )
        self._udf, self._base = udf, f"/b1s/v{version}"
        self._branch, self._tax_field = branch, tax_field
        self._has_udf: set[str] = set()
        self._axes: dict[str, int] = {}
        self._controls: set[str] | None = None
        transport.hide(password)
        transport.classify = classify
        transport.set_header("Prefer", f"odata.maxpagesize={PAGE}")

    @property
    def capabilities(self) -> Capabilities:
        kinds = frozenset({Kind.CONTACT, Kind.ENTRY, *_SETS})
        limits = ("no-native-guard", "session-licence", *(() if self._udf else ("no-udf",)))
        return Capabilities(
            "sap_b1",
            False,
            1,
            ledger=True,
            push=kinds,
            pull=kinds,
            limits=limits,
            dimensions=True,
            changes=_CHANGES,
            leaves_out=frozenset({"contact.region", "contact.terms", "entry.uuids"}),
        )

    def identify(self) -> Identity:
        self._look_for_user_field("JournalEntries")
        found = self._write("CompanyService_GetCompanyInfo", {})
        admin = self._write("CompanyService_GetAdminInfo", {})
        return Identity(
            self._user,
            str(found.get("CompanyName") or self._company),
            str(admin.get("FederalTaxID") or ""),
            str(admin.get("LocalCurrency") or ""),
            f"SAP Business One {found.get('Version') or ''}".strip(),
            tuple(self._locks()),
        )

    def _look_for_user_field(self, entity: str) -> None:
        """Before the first document of a set, and for entries when the connection is checked.
        Raises Rejected where the field is missing there.
        """
        if not self._udf or entity in self._has_udf:
            return
        key = "JdtNum" if entity == "JournalEntries" else "DocEntry"
        try:
            next(iter(self._rows(entity, f"{self._udf} eq '-'", key, key)), None)
        except Rejected as error:
            words = f"user field {self._udf} on {entity}: {error.words}"
            raise Rejected(words, "user_field") from None
        self._has_udf.add(entity)

    def accounts(self) -> Sequence[RemoteAccount]:
        fields = "Code,Name,AcctCurrency,LockManualTransaction"
        rows = self._rows("ChartOfAccounts", "ActiveAccount eq 'tYES'", "Code", fields)
        return list(map(account_of, rows))

    def dimensions(self) -> Sequence[RemoteDimension]:
        """Distribution rules, by their code; each belongs to one of five dimensions."""
        rows = list(self._rows("DistributionRules", "Active eq 'tYES'", "FactorCode"))
        self._axes = {str(row["FactorCode"]): int(row["InWhichDimension"]) for row in rows}
        return [
            RemoteDimension(
                str(row["FactorCode"]),
                str(row["FactorDescription"] or ""),
                str(row["InWhichDimension"]),
            )
            for row in rows
        ]

    def journals(self) -> Sequence[RemoteJournal]:
        """SAP Business One has one journal; the transaction code is free."""
        return [RemoteJournal("JE", "Journal entries", "general")]

    def partners(self) -> Sequence[RemotePartner]:
        rows = self._rows(
            "BusinessPartners", "", "CardCode", "CardCode,CardName,FederalTaxID,EmailAddress,Phone1"
        )
        return [
            RemotePartner(
                row["CardCode"],
                row["CardName"] or "",
                str(row.get("FederalTaxID") or ""),
                row["CardCode"],
                {name: str(row.get(field) or "") for name, field in _CONTACT_FIELDS.items()},
            )
            for row in rows
        ]

    def create(self, document: Document) -> RemoteRecord:
        if isinstance(document, Contact):
            return record_of(
                self._write("BusinessPartners", contact_body(document)), Kind.CONTACT, self._udf
            )
        self._look_for_user_field(_SETS.get(document.kind, "JournalEntries"))
        found = [record for record in self.find(document) if record.state != "cancelled"]
        if found and found[0].state == "draft":
            raise Rejected(
                f"{document.reference} stands as a draft that waits for approval in SAP", "draft"
            )
        if found:
            raise Conflict(f"{document.reference} exists as {found[0].number}", "exists")
        match document:
            case JournalEntry():
                row = self._write("JournalEntries", self._entry_body(document))
            case Payment():
                self._refuse_foreign(document)
                row = self._write(_SETS[document.kind], self._payment_body(document))
            case Invoice():
                row = self._write(_SETS[document.kind], self._invoice_body(document))
        return record_of(row, document.kind, self._udf)

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        if isinstance(document, Contact):
            rows = self._rows(
                "BusinessPartners", f"CardCode eq {quoted(card_code(document))}", "CardCode"
            )
            return [record_of(row, Kind.CONTACT, self._udf) for row in rows]
        name, value = self._reference_field(document)
        if isinstance(document, JournalEntry):
            rows = self._rows("JournalEntries", f"{name} eq {quoted(value)}", "JdtNum")
            return [record_of(row, Kind.ENTRY, self._udf) for row in rows]
        condition = f"{name} eq {quoted(value)} and CardCode eq {quoted(document.contact)}"
        found = [
            record_of(row, document.kind, self._udf)
            for row in self._rows(_SETS[document.kind], condition, "DocEntry")
        ]
        if document.kind in _OBJECTS:
            drafts = self._rows("Drafts", condition, "DocEntry")
            found += [
                record_of(row, document.kind, self._udf, draft=True)
                for row in drafts
                if str(row.get("DocObjectCode"))
                in (_OBJECTS[document.kind], f"o{_SETS[document.kind]}")
            ]
        return found

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        if not number.isdigit():
            return []
        return [
            record_of(row, Kind.ENTRY, self._udf)
            for row in self._rows("JournalEntries", f"Number eq {number}", "JdtNum")
        ]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        if kind is Kind.CONTACT:
            rows = self._rows("BusinessPartners", "", "CardCode")
        elif kind is Kind.ENTRY:
            rows = self._rows("JournalEntries", between("ReferenceDate", start, end), "JdtNum")
        elif kind in _SETS:
            rows = self._rows(_SETS[kind], between("DocDate", start, end), "DocEntry")
        else:
            raise Unsupported(f"no {kind.value} in SAP Business One", "unsupported")
        yield from (record_of(row, kind, self._udf) for row in rows)

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        """By ``UpdateDate``, a day of the server's own clock [V]: whole days are read, one more on
        either side. Entries have no such property; cancelled documents are in it, deleted partners
        leave no trace.
        """
        if kind not in _CHANGES:
            raise Unsupported(f"SAP Business One does not list changed {kind.value}", "unsupported")
        day = timedelta(days=1)
        window = between("UpdateDate", (since - day).date(), (until + day).date())
        entity, key = _SETS.get(kind, "BusinessPartners"), "DocEntry"
        key = key if kind in _SETS else "CardCode"
        for row in self._rows(entity, window, key):
            record = record_of(row, kind, self._udf)
            yield Change(record, record.state == "cancelled" or row.get("Frozen") == "tYES")

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
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
                )

    def close(self) -> None:
        if self._signed_in:
            try:
                self._transport.write("POST", f"{self._base}/Logout")
            except ConnectorError:
                self._signed_in = False
        self._transport.close()

    # -- bodies

    def _reference_field(self, document: Invoice | Payment | JournalEntry) -> tuple[str, str]:
        """Where a document's reference is, and how it stands there."""
        if self._udf:
            return self._udf, document.reference
        match document:
            case JournalEntry():
                return "Reference", shortened(document.reference, 100)
            case Payment():
                return "TransferReference", shortened(document.reference, 27)
            case Invoice():
                return "Comments", shortened(document.reference, 254)

    def _referenced(
        self, document: Invoice | Payment | JournalEntry, body: dict[str, Any]
    ) -> dict[str, Any]:
        name, value = self._reference_field(document)
        return body | {name: value}

    def _invoice_body(self, invoice: Invoice) -> dict[str, Any]:
        lines = []
        for line in invoice.lines:
            row: dict[str, Any] = {
                "ItemDescription": line.description[:100],
                "LineTotal": number(line.amount),
            }
            row |= (
                {"ItemCode": line.product, "Quantity": number(line.quantity)}
                if line.product
                else {}
            )
            row |= {"AccountCode": line.account} if line.account else {}
            if len(line.taxes) > 1:
                raise Rejected("a line of SAP Business One has one tax", "taxes")
            row |= {self._tax_field: line.taxes[0]} if line.taxes else {}
            lines.append(row)
        items = any(line.product for line in invoice.lines)
        body: dict[str, Any] = {
            "CardCode": invoice.contact,
            "DocDate": invoice.date.isoformat(),
            "TaxDate": invoice.date.isoformat(),
            "DocDueDate": (invoice.due or invoice.date).isoformat(),
            "NumAtCard": invoice.number[:100],
            "DocType": "dDocument_Items" if items else "dDocument_Service",
            "DocumentLines": lines,
        }
        if invoice.currency:
            body["DocCurrency"] = invoice.currency
        if invoice.journal:
            body["Series"] = int(invoice.journal)
        if self._branch:
            body["BPL_IDAssignedToInvoice"] = self._branch
        return self._referenced(invoice, body)

    def _payment_body(self, payment: Payment) -> dict[str, Any]:
        received = payment.kind is Kind.RECEIPT
        kind = "it_Invoice" if received else "it_PurchaseInvoice"
        body: dict[str, Any] = {
            "CardCode": payment.contact,
            "DocType": "rCustomer" if received else "rSupplier",
            "DocDate": payment.date.isoformat(),
            "TransferDate": payment.date.isoformat(),
            "TransferAccount": payment.account,
            "TransferSum": number(payment.amount),
        }
        if payment.applied:
            body["PaymentInvoices"] = [
                {
                    "DocEntry": int(item.remote_id),
                    "InvoiceType": kind,
                    "SumApplied": number(item.amount),
                }
                for item in payment.applied
            ]
        if self._branch:
            body["BPLID"] = self._branch
        return self._referenced(payment, body)

    def _entry_body(self, entry: JournalEntry) -> dict[str, Any]:
        at = entry.date.isoformat()
        lines = []
        for line in entry.lines:
            owner = self._owner(line)
            sums = {"Debit": number(line.debit), "Credit": number(line.credit)}
            of_line = {"LineMemo": line.label[:50], **self._costing(line.dimension)}
            of_branch = {"BPLID": self._branch} if self._branch else {}
            lines.append({**owner, **sums, **of_line, **of_branch})
        body = {
            "ReferenceDate": at,
            "DueDate": at,
            "TaxDate": at,
            "Memo": f"{entry.folio} {entry.description}".strip()[:50],
            "JournalEntryLines": lines,
        }
        return self._referenced(entry, body)

    def _owner(self, line: EntryLine) -> dict[str, str]:
        """A business partner stands in place of its control account [V]; on any other account the
        line keeps the account, and the partner is said beside it.
        """
        if not line.partner:
            return {"AccountCode": line.account}
        if self._controls is None:
            self._controls = {item.code for item in self.accounts() if item.of_parties}
        if line.account in self._controls:
            return {"ShortName": line.partner}
        return {"AccountCode": line.account, "AdditionalReference": line.partner[:27]}

    def _costing(self, dimension: str) -> dict[str, str]:
        """Raises Rejected for a rule SAP does not have."""
        if not dimension:
            return {}
        if dimension not in self._axes:
            self.dimensions()
        if dimension not in self._axes:
            raise Rejected(f"no distribution rule {dimension!r} in SAP", "unknown_dimension")
        axis = self._axes[dimension]
        return {f"CostingCode{axis if axis > 1 else ''}": dimension}

    # -- calls

    def _locks(self) -> Iterator[PeriodLock]:
        """Of every category: a year may be cut into periods of another one."""
        try:
            known = self._write("CompanyService_GetPeriods", {})
        except Rejected:
            return
        first = ({"AbsoluteEntry": 1},)
        categories = known.get("PeriodCategories") or known.get("value") or first
        for category in categories:
            asked = {"PeriodCategoryParams": {"AbsoluteEntry": category["AbsoluteEntry"]}}
            answer = self._write("CompanyService_GetFinancePeriods", asked)
            yield from self._locked(answer.get("FinancePeriods") or answer.get("value") or ())

    def _locked(self, periods: Sequence[Mapping[str, Any]]) -> Iterator[PeriodLock]:
        """The locked periods from the oldest on, without a gap: years made beforehand stand locked
        too, and close nothing before them.
        """
        for period in sorted(periods, key=lambda row: str(row["PostingDateTo"])):
            if period.get("Locked") != "tYES" and period.get("PeriodStatus") != "ltLocked":
                return
            name = str(period.get("PeriodName") or "Locked")
            yield PeriodLock(name, day(period["PostingDateTo"]))

    def _rows(
        self, entity: str, condition: str, key: str, fields: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Every row of a set, by its key, page after page."""
        last: Any = None
        while True:
            after = (
                f"{key} gt {quoted(last) if isinstance(last, str) else last}"
                if last is not None
                else ""
            )
            query = {"$orderby": key, "$filter": " and ".join(filter(None, (condition, after)))}
            if fields:
                query["$select"] = fields
            path = f"{self._base}/{entity}"
            params = {name: value for name, value in query.items() if value}
            answer = self._signed(self._transport.read_json, "GET", path, params=params)
            rows = answer.get("value", [])
            yield from rows
            if not rows or not (answer.get("odata.nextLink") or answer.get("@odata.nextLink")):
                return
            last = rows[-1][key]

    def _write(self, entity: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self._signed(
            self._transport.write_json, "POST", f"{self._base}/{entity}", json=body
        )
        if not isinstance(answer, Mapping):
            raise Uncertain("the answer is not the Service Layer's")
        return answer

    def _log_in(self) -> None:
        body = {
            "CompanyDB": self._company,
            "UserName": self._user,
            "Password": self._password,
            "Language": ENGLISH,
        }
        response = self._transport.read("POST", f"{self._base}/Login", json=body)
        cookies = []
        for header in response.headers.get_list("set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            if name.strip() in ("B1SESSION", "ROUTEID"):
                cookies.append(f"{name.strip()}={value}")
                self._transport.hide(value if name.strip() == "B1SESSION" else "")
        if not cookies:
            raise Unauthorized("the server opened no session", "login")
        self._transport.set_header("Cookie", "; ".join(cookies))


def classify(response: httpx.Response) -> ConnectorError | None:
    """The error a Service Layer answer means; v1 puts the words in an object, v2 in a text."""
    try:
        error = response.json()["error"]
        code, message = str(error["code"]), error["message"]
    except (ValueError, KeyError, TypeError):
        return None
    words = str(message["value"] if isinstance(message, Mapping) else message)
    plain = f"{code} {words}".lower()
    if code == "301" or response.status_code == 401:
        return Unauthorized(words, code)
    if any(text in plain for text in _CLOSED):
        return PeriodClosed(words, code)
    if code == "-2035" or (code == "-10" and "already" in plain):
        return Conflict(words, code)
    if response.status_code >= 500:
        return Uncertain(words, code)
    return Rejected(words, code)


_CONTACT_FIELDS = {
    "name": "CardName",
    "tax_id": "FederalTaxID",
    "email": "EmailAddress",
    "phone": "Phone1",
}
