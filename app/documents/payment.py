"""Money in and out as the authorities' complements of payment have it, in parts of invoices.

A payment is dated by the day the money moved. Each part is in the invoice's own currency; what of
the payment belongs to no invoice stays unapplied, as on the paper. A payment waits for the invoices
it names: one that none of our files brings is said, and nothing is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.documents.fiscal.journaled import FiscalKind, PaperPreparation, papers, remote_kind
from app.documents.fiscal.target import FiscalTarget
from app.documents.kind import Payload, Preparation, Prepared
from app.documents.obstacles import Problem
from app.journal import Journal
from app.journal.kinds import StoredKind
from app.journal.rows import DocumentRow
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import Kind as RemoteKind
from connectors.contract import Connector
from connectors.documents import Application, Document, Payment, Sent
from importers.fiscal import FiscalDocument, Kind
from importers.fiscal.model import Application as Part

_WITHOUT_MONEY = frozenset({"15", "17", "30", "31"})
"""Forms (c_FormaPago) that move no bank: condonation, compensation, advances, by intermediary."""


class PaymentKind(FiscalKind):
    """Receipts and payments, each with the parts of invoices it settles."""

    stored = StoredKind(name="payment", record="fiscal-payment", rank=4, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "payment")
    remote = RemoteKind.RECEIPT
    holds = frozenset({Kind.RECEIPT, Kind.PAYMENT})

    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation:
        lists = FiscalTarget(journal, connection_name, target)
        return _PaymentPreparation(journal, self.stored.record, lists)

    def read(self, payload: Payload, remote_ids: Mapping[str, str]) -> Document:
        return payment_of(payload, remote_ids)

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        paper = papers(journal, self.stored.record, row.batch_id)[row.id]
        said = _payload(row.external_ref, paper, paper.currency)
        return payment_of(said | {"account": paper.form or ""}, {})

    def about(self, document: Sent) -> str:
        assert isinstance(document, Payment)
        money = f"{document.amount:,.2f} {document.currency}".strip()
        return f"{document.date.isoformat()}  {money}"

    def as_data(self, document: Sent) -> dict[str, Any]:
        assert isinstance(document, Payment)
        return asdict(document)

    def facts(self, payload: Payload) -> str:
        text = translate("story", "{amount} {currency} on {account}, {count} parts")
        said = {name: payload[name] for name in ("amount", "currency", "account")}
        return text.format(count=len(payload["applied"]), **said)


class _PaymentPreparation(PaperPreparation):
    def __init__(self, journal: Journal, record: str, target: FiscalTarget) -> None:
        super().__init__(journal, record)
        target.learn_rates(self.papers.values())
        self._target = target

    def prepare(self, row: DocumentRow) -> Prepared:
        paper, target = self.papers[row.id], self._target
        target.begin(paper, remote_kind(paper.kind))
        contact, contact_of = target.contact(paper)
        target.look_for_twin(paper, row, contact)
        payload = _payload(row.external_ref, paper, target.currency)
        target.look_for_voucher(paper, row)
        target.look_for_substitution(paper, row)
        applied = []
        for part in _fitted(paper):
            if not target.will_be_there(part.id):
                said = f"{part.number or part.id} ({part.paid:,.2f} {part.currency})"
                target.lacks(Problem.WAITS_FOR_INVOICE, said)
            _look_at_part(part, paper, row, target)
            applied.append([target.reference_of(part.id), str(part.paid), _paid(part, paper)])
        if _comes_to(paper) != paper.amount:
            said = f"{_comes_to(paper):,.2f} ≠ {paper.amount:,.2f}"
            target.lacks(Problem.DOES_NOT_ADD_UP, said)
        if paper.form in _WITHOUT_MONEY and not target.has_bank_of(paper):
            target.lacks(Problem.NO_MONEY_MOVES, f"{row.number}: {paper.form}")
            account = ""
        else:
            account = target.bank(paper)
        needs = list(dict.fromkeys(filter(None, (contact_of, *(one[0] for one in applied)))))
        payload |= {
            "connection": target.connection,
            "needs": needs,
            "contact": contact,
            "contact_of": contact_of,
            "account": account,
            "applied": applied,
        }
        return Prepared(payload, list(target.found()))


def _payload(reference: str, paper: FiscalDocument, own: str) -> dict[str, Any]:
    return {
        "kind": PaymentKind.stored.name,
        "connection": "",
        "needs": [],
        "reference": reference,
        "remote": remote_kind(paper.kind).value,
        "date": str(paper.dates["paid"]),
        "contact": "",
        "contact_of": "",
        "account": "",
        "amount": str(paper.amount),
        "currency": paper.currency,
        "rate": "" if paper.currency == own else paper.rate,
        "memo": " ".join(filter(None, (paper.number["text"], paper.operation))),
        "applied": [],
    }


def _paid(part: Part, paper: FiscalDocument) -> str:
    """What of the payment a part in another currency is; empty where it is the same."""
    return "" if part.currency == paper.currency else str(part.paid_in_payment_currency)


def _look_at_part(
    part: Part, paper: FiscalDocument, row: DocumentRow, target: FiscalTarget
) -> None:
    """A part is in its invoice's own currency, and its equivalence is about what both papers' rates
    are worth: turned upside down, or 1, it would be booked as a loss of nearly everything.
    """
    invoice = target.invoice_of(part.id)
    if invoice is None:
        return
    if invoice.currency != part.currency:
        said = f"{row.number} → {part.number or part.id}: {part.currency} ≠ {invoice.currency}"
        target.lacks(Problem.PART_IN_OTHER_CURRENCY, said)
    elif part.currency != paper.currency and part.paid:
        worth = part.paid_in_payment_currency / part.paid
        expected = Decimal(invoice.rate or 1) / Decimal(paper.rate or 1)
        if abs(worth - expected) > expected * _FARTHEST_EQUIVALENCE:
            said = f"{row.number} → {part.number or part.id}: {worth:.4f} ({expected:.4f})"
            target.lacks(Problem.EQUIVALENCE_UNUSUAL, said)


_FARTHEST_EQUIVALENCE = Decimal("0.15")
"""How far what was paid for a unit may be from what the papers' rates say, of months apart too."""


def _fitted(paper: FiscalDocument) -> list[Part]:
    """The parts of a payment; what the digits of an equivalence leave between them and the amount
    goes to the largest part in another currency.
    """
    parts = list(paper.applications or ())
    foreign = [part for part in parts if part.currency != paper.currency]
    in_parts = sum((part.paid_in_payment_currency for part in parts), Decimal(0))
    left = (paper.amount or Decimal(0)) - in_parts
    if not foreign or not left or abs(left) > sum(map(_imprecision, foreign), Decimal(0)):
        return parts
    largest = max(foreign, key=lambda part: part.paid_in_payment_currency)
    paid = largest.paid_in_payment_currency + left
    fitted = replace(largest, paid_in_payment_currency=paid)
    return [fitted if part is largest else part for part in parts]


def _imprecision(part: Part) -> Decimal:
    """By how much a part in the payment's currency may be off: half a unit of the last digit its
    equivalence is written with, and a cent.
    """
    said = part.equivalence or Decimal(1)
    exponent = said.as_tuple().exponent
    unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    return part.paid_in_payment_currency * (unit / 2) / said + Decimal("0.01")


def _comes_to(paper: FiscalDocument) -> Decimal:
    """What the parts are in all with what belongs to none."""
    parts = _fitted(paper)
    in_parts = sum((part.paid_in_payment_currency for part in parts), Decimal(0))
    unapplied = paper.unapplied or Decimal(0)
    return in_parts if in_parts == paper.amount else in_parts + unapplied


def payment_of(payload: Payload, remote_ids: Mapping[str, str]) -> Payment:
    """The payment kept in an outbox row; parts of invoices the target has not yet are left out (it
    is not sent before they are there).
    """
    applied = tuple(
        Application(remote_ids[name], Decimal(amount), Decimal(paid) if paid else None)
        for name, amount, paid in payload["applied"]
        if name in remote_ids
    )
    return Payment(
        payload["reference"],
        RemoteKind(payload["remote"]),
        date.fromisoformat(payload["date"]),
        payload["contact"] or remote_ids.get(payload["contact_of"], ""),
        Decimal(payload["amount"]),
        payload["account"],
        applied,
        payload["currency"],
        rate=Decimal(payload["rate"]) if payload["rate"] else None,
        memo=payload["memo"],
    )
