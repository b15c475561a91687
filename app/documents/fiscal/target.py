"""What a target has for fiscal documents, and what of one it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import cast

from app.documents.fiscal import keys
from app.documents.fiscal.journaled import Confirmed, papers, refused_state, remote_kind, states
from app.documents.maps import NONE, MapKind, Maps
from app.documents.obstacles import Problem
from app.documents.party import party_reference
from app.journal import Journal, documents, events
from app.journal.rows import DocumentRow
from connectors import DocumentConnector, RemoteRecord
from connectors.contract import Connector, ListsTaxes
from connectors.documents import Kind as RemoteKind
from importers.fiscal import FiscalDocument
from importers.fiscal.model import Line, Relation, Tax
from importers.identity import canonical_tax_id, is_uuid_form
from importers.values import plain

Found = tuple[Problem, str]
INVOICES = "fiscal-invoice"
CREDITS, PAYMENTS = "fiscal-credit", "fiscal-payment"
"""What the journal calls invoices, bills and debit notes; credit notes; payments."""
SUBSTITUTION = "04"
"""The type of relation (c_TipoRelacion) by which a CFDI takes another's place."""
TOLD_APART = "document.told-apart"
"""That a person said of documents that no other is the same."""
_SAME_EVENT = timedelta(days=3)
_ABOUT_THE_SAME_TIME = timedelta(days=30)
_STRONG, _WEAK = frozenset({"USD", "EUR", "GBP", "CHF", "CAD", "AUD"}), frozenset({"MXN", "COP"})
"""One unit of the first is worth more than one of the second since these currencies exist."""
_FARTHEST_RATE = Decimal("0.1")
"""How far a rate may be from the usual one of the same documents."""


class FiscalTarget:
    """The lists of a target and the map to it, read once for all documents of a preflight; what a
    document lacks is gathered in ``obstacles``, each once.
    """

    def __init__(self, journal: Journal, connection_name: str, target: Connector) -> None:
        self.connection = connection_name
        self.confirmed = Confirmed(journal, connection_name)
        self._maps = Maps.load(journal, connection_name)
        identity = target.identify()
        self._can = target.capabilities  # some are known only once the target said its version
        self.currency, self._locked = identity.currency, identity.locked_until
        self._tax_id = identity.tax_id
        self._in_entries = self.confirmed.named_in_entries()
        self._accounts = (
            {item.code for item in target.accounts()} if self._can.lists_accounts else None
        )
        self._taxes = (
            {item.code for item in target.taxes()} if isinstance(target, ListsTaxes) else set()
        )
        self._by_tax_id: dict[str, list[str]] = {}
        self._partners: set[str] = set()
        for partner in target.partners():
            self._partners.add(partner.code)
            if partner.tax_id:
                same = self._by_tax_id.setdefault(canonical_tax_id(partner.tax_id), [])
                same.append(partner.code)
        self.obstacles: dict[Found, None] = {}
        self._states = states(journal)
        self._invoices = papers(journal, INVOICES) | papers(journal, CREDITS)
        self._journaled: dict[str, str] = {}
        self._by_id: dict[str, FiscalDocument] = {}
        self._by_number: dict[tuple[str, str], list[str]] = {}
        for record in (INVOICES, CREDITS):
            for row in documents.every(journal, record):
                if row.state == documents.READY:
                    self._note(row)
        payments = papers(journal, PAYMENTS).values()
        self._replaced = self._named_as_replaced(payments)
        counting = (one for one in payments if not refused_state(one, self._states))
        self._paid = paid_by_part(counting)
        self._rates: dict[str, list[tuple[date, Decimal]]] = {}
        self._reading = cast(DocumentConnector, target)
        self._of_month: dict[tuple[RemoteKind, int, int], list[RemoteRecord]] = {}
        subject = f"connection:{connection_name}"
        told = events.of(journal, subject=subject, kinds=(TOLD_APART,))
        self._told_apart = {str(name) for event in told for name in event.data["documents"]}

    def _note(self, row: DocumentRow) -> None:
        paper = self._invoices[row.id]
        key = fiscal_key(str(paper.fiscal["id"]))
        self._journaled[key], self._by_id[key] = row.external_ref, paper
        place = plain(row.number), canonical_tax_id(paper.party.tax_id)
        self._by_number.setdefault(place, []).append(str(paper.fiscal["id"]))

    def _named_as_replaced(self, payments: Iterable[FiscalDocument]) -> dict[str, str]:
        """Fiscal key → the number of the document that says it takes its place."""
        found: dict[str, str] = {}
        for paper in (*self._invoices.values(), *payments):
            counts = not refused_state(paper, self._states)
            for relation in paper.relations or ():
                if counts and relation.type == SUBSTITUTION and relation.id:
                    found[fiscal_key(relation.id)] = paper.number["text"] or paper.id
        return found

    def invoice_of(self, fiscal_id: str) -> FiscalDocument | None:
        """The journaled invoice or credit note of an identifier."""
        return self._by_id.get(fiscal_key(fiscal_id))

    def id_of(self, relation: Relation, document: FiscalDocument) -> str:
        """What a relation names: its identifier, else that of the one document of its number and
        the same party; empty where there is none.
        """
        if relation.id:
            return relation.id
        place = plain(relation.number or ""), canonical_tax_id(document.party.tax_id)
        same = self._by_number.get(place, [])
        return same[0] if len(same) == 1 else ""

    def has_room(self, fiscal_id: str, note: FiscalDocument) -> bool:
        """Whether a credit note fits into what payments leave of its invoice: where they pay all of
        it, the note is money owed back.
        """
        invoice = self.invoice_of(fiscal_id)
        paid = self._paid.get(fiscal_key(fiscal_id), Decimal(0))
        return invoice is None or invoice.totals["due"] - paid >= note.totals["due"]

    def look_for_substitution(self, document: FiscalDocument, row: DocumentRow) -> None:
        """Of two documents of which one takes the other's place only the new one is in the books:
        it waits until the old one is gone from the target, and the old one is not sent.
        """
        if row.external_ref in self._told_apart:
            return
        for relation in document.relations or ():
            if relation.type == SUBSTITUTION and self.confirmed.has(fiscal_key(relation.id)):
                self.lacks(Problem.REPLACES_ANOTHER, f"{row.number}: {relation.id}")
        new = self._replaced.get(fiscal_key(str(document.fiscal["id"])))
        if new and not self.confirmed.is_settled(row.external_ref):
            self.lacks(Problem.REPLACED, f"{row.number} ← {new}")

    def look_for_voucher(self, document: FiscalDocument, row: DocumentRow) -> None:
        voucher = self._in_entries.get(str(document.fiscal["id"]).upper())
        if voucher:
            self.lacks(Problem.IN_A_VOUCHER, f"{row.number}: {voucher}")

    def look_for_twin(self, document: FiscalDocument, row: DocumentRow, contact: str) -> None:
        """A document of the party and amount that stands in the target under another reference:
        somebody typed it there. Of the same number, or of about the same day.
        """
        reference = row.external_ref
        if not contact or reference in self._told_apart or self.confirmed.is_settled(reference):
            return
        kind = remote_kind(document.kind)
        total = document.amount if document.lines is None else document.totals["due"]
        for record in self._typed(kind, date.fromisoformat(row.date)):
            if (record.contact, record.total) != (contact, total) or record.date is None:
                continue
            near = abs(record.date - date.fromisoformat(row.date)) <= _SAME_EVENT
            if near or plain(record.number) == plain(row.number):
                shown = f"{row.number} = {record.number} ({record.date})"
                self.lacks(Problem.TYPED_ALREADY, shown)

    def _typed(self, kind: RemoteKind, day: date) -> Sequence[RemoteRecord]:
        """Documents around a day's month nobody sent from here."""
        month = (kind, day.year, day.month)
        if kind not in self._can.pull:
            return ()
        if month not in self._of_month:
            first = day.replace(day=1)
            start, end = first - timedelta(days=31), first + timedelta(days=62)
            known = self.confirmed.references, self.confirmed.remote_ids(kind)
            self._of_month[month] = [
                record
                for record in self._reading.documents(kind, start, end)
                if record.reference not in known[0]
                and record.remote_id not in known[1]
                and record.state != "cancelled"
            ]
        return self._of_month[month]

    def learn_rates(self, found: Iterable[FiscalDocument]) -> None:
        """What a currency is worth in these documents, by day."""
        self._rates = {}
        for paper in found:
            day = paper.dates.get("paid") or paper.dates.get("issued")
            if paper.rate and paper.currency != self.currency and day:
                said = date.fromisoformat(day), Decimal(paper.rate)
                self._rates.setdefault(paper.currency, []).append(said)

    def reference_of(self, fiscal_id: str) -> str:
        """Under which reference a journaled document goes; empty where none of that id is."""
        return self._journaled.get(fiscal_key(fiscal_id), "")

    def will_be_there(self, fiscal_id: str) -> bool:
        """Whether a document is in the target, or can be sent before what names it."""
        reference, paper = self.reference_of(fiscal_id), self.invoice_of(fiscal_id)
        if not reference or paper is None or self.confirmed.is_given_up(reference):
            return False
        counts = not refused_state(paper, self._states)
        return counts or bool(self.confirmed.remote_id(reference))

    def lacks(self, problem: Problem, what: str) -> None:
        self.obstacles[problem, what] = None

    def begin(self, document: FiscalDocument, kind: RemoteKind) -> None:
        """Forget what the document before lacked, and look at what holds for all of this one."""
        self.obstacles = {}
        own = canonical_tax_id(document.company.get("tax_id", ""))
        # Some targets keep a country before it (MXEKU9003173C9).
        if own and self._tax_id and not canonical_tax_id(self._tax_id).endswith(own):
            self.lacks(Problem.OTHER_COMPANY, f"{own} ≠ {self._tax_id}")
        if not self._can.fiscal_documents or kind not in self._can.push:
            self.lacks(Problem.NO_FISCAL_DOCUMENTS, self._can.system)
        day = document.dates.get("paid") or document.dates.get("issued") or ""
        if self._locked is not None and day and day[:10] <= str(self._locked):
            self.lacks(Problem.PERIOD_CLOSED, str(self._locked))
        if day[:10] > datetime.now().astimezone().date().isoformat():
            self.lacks(Problem.DATED_IN_FUTURE, day[:10])
        if document.currency != self.currency:
            self._look_at_rate(document)
        self._look_at_currencies(document)

    def _look_at_currencies(self, document: FiscalDocument) -> None:
        """What would be booked at the target's own rate, or as its own money, is not sent."""
        if document.lines is not None:
            if document.currency != self.currency and not self._can.foreign_invoices:
                self.lacks(Problem.FOREIGN_INVOICE, document.currency)
            return
        used = {document.currency, *(part.currency for part in document.applications or ())}
        if used != {self.currency} and not self._can.foreign_payments:
            self.lacks(Problem.FOREIGN_PAYMENT, ", ".join(sorted(used - {self.currency})))

    def _look_at_rate(self, document: FiscalDocument) -> None:
        """A rate of 1, one upside down or one slipped by a digit books dollars as pesos. What is
        usual is what other documents of about the same days have.
        """
        rate, shown = Decimal(document.rate or 0), f"{document.number['text']} {document.currency}"
        is_strong = document.currency in _STRONG and self.currency in _WEAK
        if rate in (0, 1) or (is_strong and rate < 1):
            self.lacks(Problem.RATE_MISSING, f"{shown} {rate:f}")
            return
        day = date.fromisoformat(str(document.dates.get("paid") or document.dates["issued"]))
        near = [
            value
            for on, value in self._rates.get(document.currency, ())
            if abs(on - day) <= _ABOUT_THE_SAME_TIME
        ]
        usual = median(near or [rate])
        is_accepted = document.reference in self._told_apart
        if abs(rate - usual) > usual * _FARTHEST_RATE and not is_accepted:
            self.lacks(Problem.RATE_UNUSUAL, f"{shown} {rate:f} ({usual:f})")

    def contact(self, document: FiscalDocument) -> tuple[str, str]:
        """The target's code of the party, or the reference under which it is made first: by our
        own map, then by its tax id, never by its name alone.
        """
        party = document.party
        source = keys.party_source(party)
        link = self._maps.links.get((MapKind.PARTY, source))
        if link is not None and link.target != NONE:
            if link.target not in self._partners:
                self.lacks(Problem.PARTNER_NOT_IN_TARGET, link.target)
            return link.target, ""
        if party.generic or not party.tax_id:
            self.lacks(Problem.UNMAPPED_PARTY, f"{party.tax_id} {party.name}".strip())
            return "", ""
        same = self._by_tax_id.get(canonical_tax_id(party.tax_id), [])
        if len(same) > 1:
            self.lacks(Problem.PARTY_TWICE, f"{party.tax_id} ({', '.join(same)})")
            return "", ""
        return (same[0], "") if same else ("", party_reference(party.tax_id))

    def tax(self, tax: Tax, document: FiscalDocument) -> str:
        """The target's tax of a key and side; empty where it is sent without, or lacks."""
        source = keys.tax_source(tax, document)
        link = self._maps.links.get((MapKind.TAX, source))
        if link is None:
            self.lacks(Problem.UNMAPPED_TAX, source)
            return ""
        if link.target == NONE:
            return ""
        if link.target not in self._taxes:
            self.lacks(Problem.TAX_NOT_IN_TARGET, link.target)
        return link.target

    def account_of_tax(self, tax: Tax, document: FiscalDocument) -> str:
        """Of a tax that is no share of any line (a local one): the account it is posted on."""
        source = keys.tax_source(tax, document)
        link = self._maps.links.get((MapKind.TAX, source))
        if link is None:
            self.lacks(Problem.UNMAPPED_LOCAL_TAX, source)
            return ""
        return self._account(link.target)

    def account(self, document: FiscalDocument, line: Line | None) -> str:
        sources = keys.item_sources(document, line)
        return self._first(MapKind.ITEM, sources, keys.asked_item(document), Problem.UNMAPPED_ITEM)

    def account_of_whole(self, document: FiscalDocument, name: str) -> str:
        source = keys.whole_source(document, name)
        return self._first(MapKind.ITEM, iter((source,)), source, Problem.UNMAPPED_ITEM)

    def bank(self, document: FiscalDocument) -> str:
        sources = keys.bank_sources(document)
        return self._first(MapKind.BANK, sources, keys.asked_bank(document), Problem.UNMAPPED_BANK)

    def has_bank_of(self, document: FiscalDocument) -> bool:
        """Whether a person said where money of just that form goes."""
        of_form = list(keys.bank_sources(document))[:2]
        return any((MapKind.BANK, source) in self._maps.links for source in of_form)

    def _first(self, kind: MapKind, sources: Iterator[str], asked: str, problem: Problem) -> str:
        links = (self._maps.links.get((kind, source)) for source in sources)
        link = next(filter(None, links), None)
        if link is None:
            self.lacks(problem, asked)
            return ""
        return self._account(link.target)

    def _account(self, code: str) -> str:
        if self._accounts is not None and code not in self._accounts:
            self.lacks(Problem.ACCOUNT_NOT_IN_TARGET, code)
        return code

    @property
    def takes_files(self) -> bool:
        return RemoteKind.ATTACHMENT in self._can.push

    def found(self) -> Sequence[Found]:
        return list(self.obstacles)


def paid_by_part(payments: Iterable[FiscalDocument]) -> dict[str, Decimal]:
    """Fiscal key of an invoice → what parts of payments settle of it, in its own currency."""
    found: dict[str, Decimal] = {}
    for payment in payments:
        for part in payment.applications or ():
            key = fiscal_key(part.id)
            found[key] = found.get(key, Decimal(0)) + part.paid
    return found


def fiscal_key(identifier: str) -> str:
    """As much of an authority's identifier as a reference keeps: a UUID whole, of the DIAN's 96
    signs the first 32.
    """
    return identifier.upper() if is_uuid_form(identifier) else identifier.upper()[:32]
