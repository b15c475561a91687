"""Contacts, invoices, bills, refunds and payments of Odoo, each by one ``load()`` with external
ids.

* Nothing in Odoo refuses a second document of one ``ref`` [observed]; the external id does, as for
  entries.
* ``date`` is always sent beside ``invoice_date``: alone, a bill's moves to the end of its month
  [observed].
* Odoo computes taxes itself, and may come to another cent: a total that differs from the source's
  is not posted; the draft stays and is named.
* Posting into a locked period never fails but moves the date [observed]: the locks of the
  document's kind are asked first, and the date is read back.
* A payment is posted, then assigned to its invoices (``js_assign_outstanding_line``) [source]; Odoo
  assigns as much as fits, oldest first given. What could not be assigned is told as a change.
* ``memo`` of a payment was ``ref`` up to 17 [source]. A contact's region is not written: Odoo wants
  a state of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.amounts import amount
from connectors.contract import Outcome, refuse_foreign
from connectors.documents import (
    Application,
    Attachment,
    Change,
    Contact,
    Document,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    Payment,
    RemotePartner,
    RemoteRecord,
    RemoteTax,
)
from connectors.errors import Conflict, ConnectorError, PeriodClosed, Rejected, Unavailable
from connectors.odoo import papers
from connectors.odoo.external import external_id

PAGE = 500
FIRST_WITH_RATES = 19
MOVE_TYPES = {
    Kind.INVOICE: "out_invoice",
    Kind.REFUND: "out_refund",
    Kind.BILL: "in_invoice",
    Kind.BILL_REFUND: "in_refund",
    Kind.ENTRY: "entry",
}
_SALES = (Kind.INVOICE, Kind.REFUND)
_STATES = {"draft": "draft", "cancel": "cancelled", "canceled": "cancelled"}
_MOVE = (
    "id",
    "name",
    "ref",
    "date",
    "invoice_date",
    "state",
    "partner_id",
    "amount_total",
    "amount_residual",
)
_PLAIN = {
    "name": "name",
    "tax_id": "vat",
    "email": "email",
    "phone": "phone",
    "street": "street",
    "city": "city",
    "postcode": "zip",
}
"""Fields of a contact that are plain text, and what Odoo calls them."""
_PARTNER = ("id", "ref", *_PLAIN.values())
_ALWAYS = ("id", "name", "quantity", "price_unit", "tax_ids/.id")
"""Columns of a line that are sent though empty: without a word about taxes Odoo takes the account's
own.
"""
_MEXICAN_TAX = ("l10n_mx_tax_type", "l10n_mx_factor_type")
_PARTY_ACCOUNTS = ("asset_receivable", "liability_payable")


class OdooDocuments(ABC):
    """Mixed into the connector; what it stands on is abstract."""

    version: int
    _identification_types: dict[str, str] | None = None

    @abstractmethod
    def _call(
        self, model: str, method: str, reads: bool, ids: list[int] | None = None, **named: object
    ) -> Any: ...

    @abstractmethod
    def _search(self, model: str, domain: list[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        """Every record, by id."""

    @abstractmethod
    def _each(
        self, model: str, domain: list[Any], names: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """The same, a page at a time."""

    @abstractmethod
    def _load_company(self, fresh: bool = False) -> dict[str, Any]: ...

    @abstractmethod
    def _locked_until(self, kinds: Sequence[str]) -> str:
        """The last day of the locks that hold for journals of these kinds; empty where none
        does.
        """

    @abstractmethod
    def _account(self, code: str) -> int:
        """Raises Rejected."""

    @abstractmethod
    def _journal(self, code: str) -> int:
        """Raises Rejected."""

    @abstractmethod
    def create_entries(self, entries: Sequence[JournalEntry]) -> Sequence[Outcome]: ...

    @abstractmethod
    def find_entries(
        self, entries: Sequence[JournalEntry]
    ) -> Mapping[str, Sequence[RemoteRecord]]: ...

    @abstractmethod
    def _entries(self, conditions: list[list[object]]) -> list[RemoteRecord]: ...

    def create(self, document: Document) -> RemoteRecord:
        """As :class:`connectors.DocumentConnector` says; entries go by :meth:`create_entries`."""
        match document:
            case JournalEntry():
                (outcome,) = self.create_entries([document])
                if isinstance(outcome, ConnectorError):
                    raise outcome
                return outcome
            case Contact():
                self._loaded("res.partner", document, self._contact_cells(document))
            case Invoice():
                self._load_company()
                if document.rate is None or not self._carries_rates:
                    refuse_foreign(document, self._own_currency)
                self._refuse_if_locked(
                    document,
                    "sale" if document.kind in _SALES else "purchase",
                    *(["tax"] if any(line.taxes for line in document.lines) else []),
                )
                self._load_invoice(document)
                self._post_draft(document, "account.move")
                return self._settled(document)
            case Payment():
                refuse_foreign(document, self._own_currency)
                self._refuse_if_locked(document, "bank")
                self._refuse_other_amount(document)
                parts = self._parts(document)
                self._loaded("account.payment", document, self._payment_cells(document))
                self._post_draft(document, "account.payment")
                return self._applied(document, parts)
        return self._only(document)

    def _refuse_other_amount(self, payment: Payment) -> None:
        """Odoo takes another amount for a payment that is posted, leaves its entry as it was and
        says nothing [seen on 19]. Raises Conflict.
        """
        for record in self.find(payment):
            if record.state == "posted" and record.total != payment.amount:
                raise Conflict(
                    f"{record.number} is posted with {record.total}, not {payment.amount}", "amount"
                )

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        match document:
            case JournalEntry():
                return self.find_entries([document])[document.reference]
            case Contact():
                return [
                    _contact(row)
                    for row in self._rows(
                        "res.partner", [["ref", "=", document.reference]], _PARTNER
                    )
                ]
            case Invoice():
                conditions = [
                    papers.ref_condition(document),
                    ["move_type", "=", MOVE_TYPES[document.kind]],
                ]
                return [
                    _move(row, document.kind)
                    for row in self._rows("account.move", conditions, _MOVE)
                ]
            case Payment():
                conditions = [[self._memo, "=", document.reference]]
                rows = self._rows("account.payment", conditions, self._payment_fields)
                return [_payment(row, self._memo) for row in rows]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        """Documents dated in the period, by id: what others write meanwhile neither hides nor
        repeats one.
        """
        if kind is Kind.CONTACT:
            yield from (_contact(row) for row in self._each("res.partner", [], _PARTNER))
            return
        is_invoice = kind in MOVE_TYPES and kind is not Kind.ENTRY
        name = "invoice_date" if is_invoice else "date"
        between = [[name, ">=", start.isoformat()], [name, "<=", end.isoformat()]]
        yield from self._of_kind(kind, between)
        if is_invoice:  # a draft has no invoice date yet
            dated = [["date", ">=", start.isoformat()], ["date", "<=", end.isoformat()]]
            yield from self._of_kind(kind, [["invoice_date", "=", False], *dated])

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        """By ``write_date``, which is when the writing transaction began: a long one appears late
        with an old stamp, so an overlap of a quarter of an hour is needed. What was deleted leaves
        no trace; what was archived or cancelled does.
        """
        written = [["write_date", ">=", _stamp(since)], ["write_date", "<", _stamp(until)]]
        yield from self._changes(kind, written)

    def read_records(self, kind: Kind, remote_ids: Sequence[str]) -> Mapping[str, Change]:
        """By id, archived contacts too."""
        numbers = [int(one) for one in remote_ids if one.isdigit()]
        changes = self._changes(kind, [["id", "in", numbers]])
        return {change.record.remote_id: change for change in changes}

    def _changes(self, kind: Kind, conditions: list[list[Any]]) -> Iterator[Change]:
        if kind is Kind.CONTACT:
            everyone = ["active", "in", [True, False]]
            names = (*_PARTNER, "active", "write_date")
            for row in self._each("res.partner", [*conditions, everyone], names):
                yield Change(_contact(row), not row["active"], _instant(row))
        elif kind is Kind.ENTRY:
            for record in self._of_kind(kind, conditions):
                yield Change(record, record.state == "cancelled")
        else:
            for held, record in self._rows_of_kind(kind, conditions):
                yield Change(record, record.state == "cancelled", _instant(held))

    def change_contact(self, remote_id: str, fields: Mapping[str, str]) -> RemoteRecord:
        """Raises Rejected for a field that is not plain text there (a state, a country)."""
        if unknown := fields.keys() - _PLAIN.keys():
            raise Rejected(f"not plain text in Odoo: {', '.join(sorted(unknown))}", "field")
        values = {_PLAIN[name]: value or False for name, value in fields.items()}
        self._call("res.partner", "write", False, [int(remote_id)], vals=values)
        try:
            return self.read_records(Kind.CONTACT, [remote_id])[remote_id].record
        except KeyError:
            raise Rejected(f"no contact {remote_id}", "gone") from None

    def _of_kind(self, kind: Kind, conditions: list[list[Any]]) -> Iterator[RemoteRecord]:
        if kind is Kind.ENTRY:
            yield from self._entries([["move_type", "=", "entry"], *conditions])
        else:
            yield from (record for _, record in self._rows_of_kind(kind, conditions))

    def _rows_of_kind(
        self, kind: Kind, conditions: list[list[Any]]
    ) -> Iterator[tuple[Mapping[str, Any], RemoteRecord]]:
        ours: list[list[object]] = [["company_id", "=", self._load_company()["id"]]]
        if kind in MOVE_TYPES:
            domain = [["move_type", "=", MOVE_TYPES[kind]], *conditions, *ours]
            rows = self._each("account.move", domain, (*_MOVE, "write_date"))
            yield from ((row, _move(row, kind)) for row in rows)
        else:
            way = ["payment_type", "=", "inbound" if kind is Kind.RECEIPT else "outbound"]
            domain = [way, *conditions, *ours]
            names = (*self._payment_fields, "write_date")
            rows = self._each("account.payment", domain, names)
            yield from ((row, _payment(row, self._memo)) for row in rows)

    def taxes(self) -> Sequence[RemoteTax]:
        """The company's taxes, by their id: names repeat between sales and purchases. Mexican ones
        say which tax of the SAT they are, the others by their name only.
        """
        ours = [["company_id", "=", self._load_company()["id"]]]
        names = ["id", "name", "amount", "amount_type", "type_tax_use"]
        try:
            rows = self._search("account.tax", ours, [*names, *_MEXICAN_TAX])
        except (Rejected, Unavailable):
            rows = self._search("account.tax", ours, names)
        posted = self._posted_on([row["id"] for row in rows])
        return [
            RemoteTax(
                str(row["id"]),
                row["name"],
                None if row["amount_type"] == "fixed" else Decimal(repr(row["amount"])),
                row["type_tax_use"],
                str(row.get("l10n_mx_tax_type") or "").upper(),
                row["l10n_mx_factor_type"] == "Exento" if row.get("l10n_mx_factor_type") else None,
                posted.get(row["id"], ""),
            )
            for row in rows
        ]

    def _posted_on(self, taxes: Sequence[int]) -> Mapping[int, str]:
        """The accounts the amount of each tax goes to, as people see them."""
        of_taxes = [["tax_id", "in", list(taxes)], ["repartition_type", "=", "tax"]]
        try:
            rows = self._search(
                "account.tax.repartition.line", of_taxes, ["id", "tax_id", "account_id"]
            )
        except (Rejected, Unavailable):
            return {}
        found: dict[int, dict[str, None]] = {}
        for row in rows:
            if row["account_id"]:
                found.setdefault(row["tax_id"][0], {})[row["account_id"][1]] = None
        return {tax: " / ".join(accounts) for tax, accounts in found.items()}

    # -- writing

    def _loaded(self, model: str, document: Document, cells: Mapping[str, str]) -> None:
        self._load_document(model, document, list(cells), [list(cells.values())])

    def _load_document(
        self, model: str, document: Document, names: list[str], rows: list[list[str]]
    ) -> None:
        answer = self._call(model, "load", False, fields=names, data=rows)
        messages = (answer or {}).get("messages") or []
        if (answer or {}).get("ids"):
            return
        words = str(messages[0].get("message")) if messages else "load() gave no ids"
        if any(clash in words.lower() for clash in ("serializ", "concurrent")):
            raise Unavailable(words, "load")
        held = self.find(document)
        raise (Conflict if any(record.state == "posted" for record in held) else Rejected)(
            words, "load"
        )

    def _load_invoice(self, invoice: Invoice) -> None:
        head = self._head_cells(invoice)
        lines = [
            self._line_cells(line, f"{head['id']}_{place}")
            for place, line in enumerate(invoice.lines, 1)
        ]
        used = [name for name in (lines[0] if lines else ()) if _is_used(name, lines)]
        blank = dict.fromkeys(head, "")
        rows = [
            [*(head if place == 0 else blank).values(), *(line[name] for name in used)]
            for place, line in enumerate(lines)
        ]
        names = [*head, *(f"invoice_line_ids/{name}" for name in used)]
        self._load_document("account.move", invoice, names, rows)
        made = self._with_taxes_of_the_paper(invoice, self._only(invoice))
        if invoice.total is not None and made.total != invoice.total and made.state == "draft":
            words = (
                f"Odoo comes to {made.total}, the document says {invoice.total} (draft"
                f" {made.remote_id} remains)"
            )
            raise Rejected(words, "total_differs")

    def _with_taxes_of_the_paper(self, invoice: Invoice, made: RemoteRecord) -> RemoteRecord:
        if made.state != "draft" or not invoice.tax_amounts:
            return made
        mine = [["move_id", "=", int(made.remote_id)], ["tax_line_id", "!=", False]]
        lines = self._search("account.move.line", mine, ["id", "tax_line_id", "amount_currency"])
        commands = papers.tax_corrections(invoice, lines)
        if not commands:
            return made
        ids, vals = [int(made.remote_id)], {"line_ids": commands}
        self._call("account.move", "write", False, ids=ids, vals=vals)
        return self._only(invoice)

    def _head_cells(self, invoice: Invoice) -> dict[str, str]:
        head = {
            "id": external_id(invoice.reference),
            "move_type": MOVE_TYPES[invoice.kind],
            "ref": papers.ref_of(invoice),
            "payment_reference": invoice.number,
            "invoice_date": invoice.date.isoformat(),
            "date": invoice.date.isoformat(),
            "partner_id/.id": self._partner(invoice.contact),
        }
        if invoice.due:
            head["invoice_date_due"] = invoice.due.isoformat()
        if invoice.rate is not None:
            head["currency_id/.id"] = self._currency(invoice.currency)
            head["invoice_currency_rate"] = f"{1 / invoice.rate:.12f}"
        if len(invoice.settles) == 1:
            head["reversed_entry_id/.id"] = invoice.settles[0]
        if invoice.journal:
            head["journal_id/.id"] = str(self._journal(invoice.journal))
        return head

    def _line_cells(self, line: InvoiceLine, identifier: str) -> dict[str, str]:
        return {
            "id": identifier,
            "name": line.description or "/",
            "quantity": str(line.quantity),
            "price_unit": str(line.unit_price),
            "tax_ids/.id": ",".join(line.taxes),
            "account_id/.id": str(self._account(line.account)) if line.account else "",
            "product_id/.id": line.product,
        }

    def _contact_cells(self, contact: Contact) -> dict[str, str]:
        known = {
            "name": contact.name,
            "vat": contact.tax_id,
            "email": contact.email,
            "phone": contact.phone,
            "street": contact.street,
            "city": contact.city,
            "zip": contact.postcode,
        }
        cells = {"id": external_id(contact.reference), "ref": contact.reference}
        cells |= {name: value for name, value in known.items() if value}
        if contact.person is not None:
            cells["is_company"] = "0" if contact.person else "1"
        if kind := self._identification(contact):
            cells["l10n_latam_identification_type_id/.id"] = kind
        own = self._load_company()["country_id"]
        if own and not contact.country:
            cells["country_id/.id"] = str(own[0])
        if contact.country:
            code = contact.country.upper()
            found = self._search("res.country", [["code", "=", code]], ["id"])
            if not found:
                raise Rejected(f"no country {contact.country!r} in Odoo", "unknown_country")
            cells["country_id/.id"] = str(found[0]["id"])
        ranks = {"customer_rank": contact.customer, "supplier_rank": contact.supplier}
        return cells | {name: "1" for name, wanted in ranks.items() if wanted}

    def _identification(self, contact: Contact) -> str:
        """The kind of a Colombian tax id, in databases that keep kinds; empty elsewhere."""
        if not contact.number or contact.person is None:
            return ""
        if self._identification_types is None:
            try:
                rows = self._search("l10n_latam.identification.type", [], ["id", "name"])
            except (Rejected, Unavailable):
                rows = []
            self._identification_types = {row["name"]: str(row["id"]) for row in rows}
        name = "Cédula de ciudadanía" if contact.person else "NIT"
        return self._identification_types.get(name, "")

    def _payment_cells(self, payment: Payment) -> dict[str, str]:
        received = payment.kind is Kind.RECEIPT
        return {
            "id": external_id(payment.reference),
            "payment_type": "inbound" if received else "outbound",
            "partner_type": "customer" if received else "supplier",
            "partner_id/.id": self._partner(payment.contact),
            "amount": str(payment.amount),
            "date": payment.date.isoformat(),
            "journal_id/.id": str(self._journal(payment.journal or payment.account)),
            self._memo: payment.reference,
        }

    def _post_draft(self, document: Invoice | Payment, model: str) -> None:
        drafts = [
            int(record.remote_id) for record in self.find(document) if record.state == "draft"
        ]
        if not drafts:
            return
        try:
            self._call(model, "action_post", False, ids=drafts)
        except (Rejected, Unavailable) as error:
            if self._only(document).state == "draft":
                raise type(error)(
                    f"{error.words} (draft {drafts[0]} remains in Odoo)", error.code
                ) from None

    def _parts(self, payment: Payment) -> list[Application]:
        """The parts of a payment in the order they are applied. Raises Rejected."""
        if not payment.applied:
            return []
        return papers.in_order(payment.applied, self._residuals(payment), payment.amount)

    def _residuals(self, payment: Payment) -> dict[str, Decimal]:
        """What is open of what a payment pays, by id."""
        wanted = [int(part.remote_id) for part in payment.applied]
        rows = self._search("account.move", [["id", "in", wanted]], ["id", "amount_residual"])
        return {str(row["id"]): amount(row["amount_residual"]) for row in rows}

    def complete(self, document: Document, record: RemoteRecord) -> RemoteRecord:
        """What is left to do of a document found after its answer was lost: a payment or refund
        that is posted may not be applied yet.
        """
        if isinstance(document, Payment) and document.applied:
            left = papers.still_open(document.applied, self._residuals(document))
            return self._applied(document, left)
        return self._settled(document) if isinstance(document, Invoice) else record

    def _settled(self, invoice: Invoice) -> RemoteRecord:
        """A posted invoice; a refund of several documents is assigned to them. One of a single
        document is settled by being its reversal.
        """
        record = self._only(invoice)
        if len(invoice.settles) < 2:
            return record
        changes = self._assigned(int(record.remote_id), invoice.settles)
        return replace(record, changes=(*record.changes, *changes))

    def _applied(self, payment: Payment, parts: Sequence[Application]) -> RemoteRecord:
        """The posted payment, assigned to what it pays."""
        record = self._only(payment)
        if not parts:
            return record
        mine = [["id", "=", int(record.remote_id)]]
        (row,) = self._search("account.payment", mine, ["id", "move_id"])
        entry = (row["move_id"] or [0])[0]
        changes = self._assigned(entry, [part.remote_id for part in parts])
        return replace(record, changes=(*record.changes, *changes))

    def _assigned(self, entry: int, documents: Sequence[str]) -> list[str]:
        """Put the party's line of an entry against documents, in their order, as far as it goes;
        answers what could not be.
        """
        of_parties = (
            ["account_type", "in", list(_PARTY_ACCOUNTS)]
            if self.version >= 16
            else ["account_internal_type", "in", ["receivable", "payable"]]
        )
        conditions = [["move_id", "=", entry], of_parties]
        changes = []
        for document in documents:
            lines = self._search("account.move.line", conditions, ["id", "amount_residual"])
            if lines and not any(amount(line["amount_residual"]) for line in lines):
                break
            try:
                if not lines:
                    raise Rejected("it made no entry", "no_entry")
                self._call(
                    "account.move",
                    "js_assign_outstanding_line",
                    False,
                    ids=[int(document)],
                    line_id=lines[0]["id"],
                )
            except ConnectorError as error:
                changes.append(f"not applied to {document}: {error.words}")
        return changes

    @property
    def _carries_rates(self) -> bool:
        """Whether an invoice states its own rate; before, the table's of the day is taken."""
        return self.version >= FIRST_WITH_RATES

    def _currency(self, code: str) -> str:
        """The id of an active currency; an inactive one is accepted without a word [observed]."""
        rows = self._search("res.currency", [["name", "=", code], ["active", "=", True]], ["id"])
        if not rows:
            raise Rejected(f"currency {code} is not active in Odoo", "unknown_currency")
        return str(rows[0]["id"])

    def attach(self, file: Attachment) -> RemoteRecord:
        values = papers.attachment_values(file)
        named = {"vals_list": [values]} if self.version >= 19 else {}
        ids = None if named else [values]
        made = self._call("ir.attachment", "create", False, ids=ids, **named)  # type: ignore[arg-type]
        identifier = made[0] if isinstance(made, list) else made
        return RemoteRecord(
            str(identifier), "", file.reference, None, "posted", kind=file.kind, name=file.name
        )

    def attached(self, file: Attachment) -> Sequence[RemoteRecord]:
        of = [["res_model", "=", papers.model_of(file.of_kind)], ["res_id", "=", int(file.of)]]
        rows = self._search("ir.attachment", [*of, ["name", "=", file.name]], ["id", "name"])
        return [
            RemoteRecord(
                str(row["id"]), "", file.reference, None, "posted", kind=file.kind, name=row["name"]
            )
            for row in rows
        ]

    def _own_currency(self) -> str:
        return str((self._load_company()["currency_id"] or (0, ""))[1])

    def _refuse_if_locked(self, document: Invoice | Payment, *kinds: str) -> None:
        until = self._locked_until(kinds)
        if document.date.isoformat() <= until:
            raise PeriodClosed(f"the period up to {until} is locked in Odoo")

    def _partner(self, code: str) -> str:
        if not code.isdecimal():
            raise Rejected(f"no partner {code!r} in Odoo", "unknown_partner")
        return code

    # -- reading

    def _only(self, document: Document) -> RemoteRecord:
        """The document just loaded, with what the server made of it."""
        found = self.find(document)
        if not found:
            raise Unavailable("the document was loaded but cannot be found", "load")
        record = next((record for record in found if record.state != "cancelled"), found[0])
        if record.state == "cancelled":
            raise Conflict(
                f"{record.number or record.remote_id} was cancelled in Odoo", "cancelled"
            )
        if isinstance(document, Contact):
            return record
        changes = list(record.changes)
        if record.date != document.date:
            changes.append(f"date: {document.date} → {record.date}")
        return replace(record, changes=tuple(changes))

    @property
    def _memo(self) -> str:
        self._load_company()
        return "memo" if self.version >= 18 else "ref"

    @property
    def _payment_fields(self) -> tuple[str, ...]:
        return ("id", "name", self._memo, "date", "state", "amount", "payment_type", "partner_id")

    def _rows(
        self, model: str, conditions: list[Any], names: Sequence[str]
    ) -> list[dict[str, Any]]:
        ours = [] if model == "res.partner" else [["company_id", "=", self._load_company()["id"]]]
        return self._search(model, [*conditions, *ours], names)

    def partners(self) -> Sequence[RemotePartner]:
        return [
            RemotePartner(
                str(row["id"]), row["name"] or "", row["vat"] or "", row["ref"] or "", _fields(row)
            )
            for row in self._search("res.partner", [], _PARTNER)
        ]


def _fields(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(row[own] or "") for name, own in _PLAIN.items()}


def _instant(row: Mapping[str, Any]) -> datetime | None:
    """When it was written, in UTC without a zone."""
    stated = str(row.get("write_date") or "")
    return datetime.fromisoformat(stated).replace(tzinfo=UTC) if stated else None


def _stamp(at: datetime) -> str:
    """As Odoo writes instants: UTC without a zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _contact(row: Mapping[str, Any]) -> RemoteRecord:
    return RemoteRecord(
        str(row["id"]),
        row["vat"] or "",
        row["ref"] or "",
        None,
        "posted",
        kind=Kind.CONTACT,
        name=row["name"] or "",
        fields=_fields(row),
    )


def _move(row: Mapping[str, Any], kind: Kind) -> RemoteRecord:
    """Dated by its invoice date; an accounting date that is another is a change of Odoo's."""
    day = date.fromisoformat(row["invoice_date"] or row["date"])
    moved = (f"accounting date: {day} → {row['date']}",) if row["date"] != day.isoformat() else ()
    return RemoteRecord(
        str(row["id"]),
        row["name"] or "",
        papers.reference_in(row["ref"] or ""),
        day,
        _STATES.get(row["state"], "posted"),
        (),
        moved,
        kind,
        amount(row["amount_total"]),
        amount(row["amount_residual"]),
        str((row["partner_id"] or ("",))[0]),
    )


def _payment(row: Mapping[str, Any], memo: str) -> RemoteRecord:
    kind = Kind.RECEIPT if row["payment_type"] == "inbound" else Kind.PAYMENT
    return RemoteRecord(
        str(row["id"]),
        row["name"] or "",
        row[memo] or "",
        date.fromisoformat(row["date"]),
        _STATES.get(row["state"], "posted"),
        (),
        (),
        kind,
        amount(row["amount"]),
        None,
        str((row["partner_id"] or ("",))[0]),
    )


def _is_used(name: str, lines: Sequence[Mapping[str, str]]) -> bool:
    """Whether a column is sent: always, or because some line says something in it."""
    return name in _ALWAYS or any(line[name] for line in lines)
