"""Invoices and bills, debit notes among them, and the credit notes that settle them.

What is sent comes to the paper's own total, or nothing is sent. An invoice a sent voucher names
already is in the books; one the authority has cancelled is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from app.documents.fiscal import lines
from app.documents.fiscal.journaled import FiscalKind, PaperPreparation, papers, remote_kind
from app.documents.fiscal.target import FiscalTarget
from app.documents.kind import Payload, Preparation, Prepared
from app.journal import Journal
from app.journal.kinds import StoredKind
from app.journal.rows import DocumentRow
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import Kind as RemoteKind
from connectors.contract import Connector
from connectors.documents import Document, Invoice, InvoiceLine, Sent
from importers.fiscal import FiscalDocument, Kind
from importers.fiscal.model import Relation

SETTLING = ("01", "03", "07")
"""Relations of a credit note to what it settles (c_TipoRelacion): goods, returned, an advance."""
CREDITS = frozenset({Kind.SALES_CREDIT, Kind.PURCHASE_CREDIT})


def settled_relations(paper: FiscalDocument) -> list[Relation]:
    """What a credit note settles, in the order it names it. The DIAN's name what they are about
    whatever their operation is.
    """
    if paper.kind not in CREDITS:
        return []
    is_dian = paper.fiscal.get("system") == "DIAN"
    return [one for one in paper.relations or () if is_dian or one.type in SETTLING]


class InvoiceKind(FiscalKind):
    """Invoices, bills and debit notes."""

    stored = StoredKind(name="invoice", record="fiscal-invoice", rank=2, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "invoice")
    remote = RemoteKind.INVOICE
    holds = frozenset(
        {Kind.SALES_INVOICE, Kind.SALES_DEBIT, Kind.PURCHASE_BILL, Kind.PURCHASE_DEBIT}
    )

    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation:
        lists = FiscalTarget(journal, connection_name, target)
        return _InvoicePreparation(journal, self.stored.record, lists, self.stored.name)

    def read(self, payload: Payload, remote_ids: Mapping[str, str]) -> Document:
        return invoice_of(payload, remote_ids)

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        paper = papers(journal, self.stored.record, row.batch_id)[row.id]
        return invoice_of(_in_source_words(paper), {})

    def about(self, document: Sent) -> str:
        assert isinstance(document, Invoice)
        total = document.total or Decimal(0)
        money = f"{total:,.2f} {document.currency}".strip()
        return "  ".join((document.date.isoformat(), document.number, money))

    def as_data(self, document: Sent) -> dict[str, Any]:
        assert isinstance(document, Invoice)
        return asdict(document)

    def facts(self, payload: Payload) -> str:
        accounts = ", ".join(dict.fromkeys(line["account"] for line in payload["lines"]))
        text = translate("story", "{total} {currency}, accounts {accounts}")
        values = {"total": payload["total"], "currency": payload["currency"]}
        return text.format(accounts=accounts, **values)


class CreditNoteKind(InvoiceKind):
    """Credit notes, issued and received: sent after the invoices, and applied to those they name as
    far as those are open.
    """

    stored = StoredKind(name="credit-note", record="fiscal-credit", rank=3, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "credit note")
    remote = RemoteKind.REFUND
    holds = CREDITS


class _InvoicePreparation(PaperPreparation):
    def __init__(self, journal: Journal, record: str, target: FiscalTarget, kind: str) -> None:
        super().__init__(journal, record)
        target.learn_rates(self.papers.values())
        self._target, self._kind = target, kind

    def prepare(self, row: DocumentRow) -> Prepared:
        paper, target = self.papers[row.id], self._target
        target.begin(paper, remote_kind(paper.kind))
        target.look_for_voucher(paper, row)
        target.look_for_substitution(paper, row)
        contact, contact_of = target.contact(paper)
        target.look_for_twin(paper, row, contact)
        named = settled_relations(paper)
        settled = [target.id_of(one, paper) for one in named]
        here = [one for one in settled if one and target.will_be_there(one)]
        if len(here) == 1 and not target.has_room(here[0], paper):
            here = []  # payments need all that is open: the note stays open instead
        needs = [target.reference_of(one) for one in here]
        made = lines.lines_of(paper, target)
        lines.adds_up(paper, target)
        payload: dict[str, object] = {
            "kind": self._kind,
            "connection": target.connection,
            "needs": [*needs, *filter(None, (contact_of,))],
            "reference": row.external_ref,
            "remote": remote_kind(paper.kind).value,
            "number": paper.number["text"],
            "date": row.date,
            "due": paper.dates.get("due") or "",
            "contact": contact,
            "contact_of": contact_of,
            "currency": paper.currency,
            "rate": "" if paper.currency == target.currency else paper.rate,
            "fiscal_id": str(paper.fiscal["id"]),
            "total": str(paper.totals["due"]),
            "tax_amounts": {
                code: str(amount) for code, amount in lines.stated_taxes(paper, target).items()
            },
            "lines": [_line_payload(line) for line in made],
            "settles": needs,
        }
        left_out = [] if target.takes_files else [("invoice.files", "")]
        left_out += [("invoice.relation", "")] * (len(named) - len(here))
        return Prepared(payload, list(target.found()), left_out)


def _line_payload(line: InvoiceLine) -> dict[str, object]:
    return {
        "text": line.description,
        "quantity": f"{line.quantity:f}",
        "price": f"{line.unit_price:f}",
        "account": line.account,
        "taxes": list(line.taxes),
        "quotas": {code: str(amount) for code, amount in line.quotas},
    }


def _line_of(kept: Mapping[str, Any]) -> InvoiceLine:
    return InvoiceLine(
        kept["text"],
        Decimal(kept["quantity"]),
        Decimal(kept["price"]),
        kept["account"],
        "",
        tuple(kept["taxes"]),
        quotas=tuple((code, Decimal(amount)) for code, amount in kept["quotas"].items()),
    )


def invoice_of(payload: Payload, remote_ids: Mapping[str, str]) -> Invoice:
    """The document kept in an outbox row; what it names and the target has not yet is left empty.
    How much of each invoice a credit note settles is for the target to say: as much as is open.
    """
    settled = [remote_ids[name] for name in payload["settles"] if name in remote_ids]
    stated = payload["tax_amounts"].items()
    return Invoice(
        payload["reference"],
        RemoteKind(payload["remote"]),
        payload["number"],
        date.fromisoformat(payload["date"]),
        payload["contact"] or remote_ids.get(payload["contact_of"], ""),
        tuple(_line_of(line) for line in payload["lines"]),
        date.fromisoformat(payload["due"]) if payload["due"] else None,
        Decimal(payload["total"]),
        payload["currency"],
        rate=Decimal(payload["rate"]) if payload["rate"] else None,
        fiscal_id=payload["fiscal_id"],
        tax_amounts=tuple((code, Decimal(amount)) for code, amount in stated),
        settles=tuple(settled),
    )


def _in_source_words(paper: FiscalDocument) -> dict[str, Any]:
    """The payload of a paper in its own words, for people."""
    return {
        "reference": paper.reference,
        "remote": remote_kind(paper.kind).value,
        "number": paper.number["text"],
        "date": paper.dates["issued"],
        "due": paper.dates.get("due") or "",
        "contact": "",
        "contact_of": "",
        "currency": paper.currency,
        "rate": paper.rate,
        "fiscal_id": str(paper.fiscal["id"]),
        "total": str(paper.totals["due"]),
        "tax_amounts": {tax.key: str(tax.amount) for tax in paper.taxes or ()},
        "lines": [
            _line_payload(
                InvoiceLine(
                    line.text,
                    line.quantity,
                    line.unit_price,
                    line.class_key or line.code,
                    "",
                    tuple(tax.key for tax in line.taxes),
                )
            )
            for line in paper.lines or ()
        ],
        "settles": [],
    }
