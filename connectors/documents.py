"""The target vocabulary: what an ERP takes and what it gives back.

Amounts are :class:`decimal.Decimal` in units of the company's currency with two places.
``reference`` is the external reference: made once by the sender, the same on every run, and how a
document is found again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
_DOCUMENT = re.compile(r"[A-Za-z]{1,6}(?:-\d{1,6})?-\d{1,11}")
Day = date
"""The type, where a field is called ``date``."""


class Kind(StrEnum):
    """What a document is. A receipt is money in from a customer, a payment money out to a
    supplier.
    """

    CONTACT = "contact"
    INVOICE = "invoice"
    REFUND = "refund"
    BILL = "bill"
    BILL_REFUND = "bill-refund"
    RECEIPT = "receipt"
    PAYMENT = "payment"
    ENTRY = "entry"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer, a supplier, or both. ``terms`` are days; a field left empty is not written.
    ``number`` is the tax id without its check digit, where its country has one, ``person`` whether
    it is a natural person (None where nobody knows).
    """

    reference: str
    name: str
    tax_id: str = ""
    customer: bool = True
    supplier: bool = False
    email: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    terms: int | None = None
    number: str = ""
    person: bool | None = None

    kind = Kind.CONTACT


CONTACT_FIELDS = (
    "name",
    "tax_id",
    "email",
    "phone",
    "street",
    "city",
    "region",
    "postcode",
    "country",
    "terms",
)
"""The fields of a :class:`Contact` that have an owner."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """``account``, ``product``, ``taxes`` and ``dimension`` are the target's own codes;
    ``unit_price`` is without tax. ``quotas`` are the amounts of taxes that are no share of the line
    (an IEPS by the litre), by their code.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal
    account: str = ""
    product: str = ""
    taxes: tuple[str, ...] = ()
    dimension: str = ""
    quotas: tuple[tuple[str, Decimal], ...] = ()

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Application:
    """How much of a payment or a refund goes to which document of the target (its id there), in
    that document's currency; ``paid`` is what of the payment that is
    where its own is another.
    """

    remote_id: str
    amount: Decimal
    paid: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """A sales invoice, a supplier's bill, or a refund of either. ``number`` is the document's own
    (of a bill: the supplier's); ``contact`` the target's code; ``total`` with tax, as the source
    states it; ``refunds`` the target's id of the invoice a refund is about. ``rate`` is units of
    the books' currency for one of the document's (None: the same currency), ``fiscal_id`` what the
    tax authority calls it, ``tax_amounts`` what the paper states of each tax, never negative.
    ``settles`` are the target's ids of what a refund is applied to as far as each is open, in that
    order.
    """

    reference: str
    kind: Kind
    number: str
    date: date
    contact: str
    lines: tuple[InvoiceLine, ...]
    due: Day | None = None
    total: Decimal | None = None
    currency: str = ""
    journal: str = ""
    refunds: str = ""
    rate: Decimal | None = None
    fiscal_id: str = ""
    tax_amounts: tuple[tuple[str, Decimal], ...] = ()
    settles: tuple[str, ...] = ()

    @property
    def untaxed(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Payment:
    """Money in or out. ``account`` is the target's code of the bank or cash account; ``rate`` is
    units of the books' currency for one of the payment's (None: the same currency), ``memo`` what
    the bank or the payer calls it.
    """

    reference: str
    kind: Kind
    date: date
    contact: str
    amount: Decimal
    account: str
    applied: tuple[Application, ...] = ()
    currency: str = ""
    journal: str = ""
    rate: Decimal | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a document of the target: ``of`` is its id there, ``of_kind`` what it
    is. Attached once under its name.
    """

    reference: str
    of: str
    of_kind: Kind
    name: str
    mime: str
    content: bytes

    kind = Kind.ATTACHMENT


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of a journal entry; ``account``, ``partner`` and ``dimension`` (a cost centre, segment
    or project) are the target's own codes, the last two may be empty. ``document`` is the number of
    the invoice or bill the line is about, as the source writes it.
    """

    account: str
    debit: Decimal
    credit: Decimal
    label: str = ""
    partner: str = ""
    dimension: str = ""
    document: str = ""

    @property
    def names_document(self) -> bool:
        """Whether ``document`` is a number as systems write them (``FV-1001``, ``FV-2-22``), and
        not free text with digits in it.
        """
        return _DOCUMENT.fullmatch(self.document.strip()) is not None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A balanced entry. ``journal`` is the target's journal code, ``folio`` the number people know
    it by in the source, ``uuids`` the fiscal documents it names, ``original`` the whole of it in
    the source's own words, for targets that keep it beside the entry.
    """

    reference: str
    date: date
    journal: str
    description: str
    lines: tuple[EntryLine, ...]
    folio: str = ""
    uuids: tuple[str, ...] = ()
    original: str = ""

    kind = Kind.ENTRY

    @property
    def total(self) -> Decimal:
        return sum((line.debit for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """A document as the target holds it. ``state`` is ``draft``, ``posted`` or ``cancelled``;
    ``changes`` lists in the target's words what it did differently from what was sent (for instance
    another date). ``total`` is with tax, ``residual`` what is still open; None where the target
    does not say. A contact has no date of its own. ``currency`` is that of the amounts, empty where
    the target does not say. ``fields`` is what it holds of :data:`CONTACT_FIELDS` of a contact;
    one that is missing is not told.
    """

    remote_id: str
    number: str
    reference: str
    date: date | None
    state: str
    lines: tuple[EntryLine, ...] = ()
    changes: tuple[str, ...] = ()
    kind: Kind = Kind.ENTRY
    total: Decimal | None = None
    residual: Decimal | None = None
    contact: str = ""
    name: str = ""
    currency: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


Document = Contact | Invoice | Payment | JournalEntry
Sent = Document | Attachment
"""Whatever goes to a target: a document, or a file that belongs to one."""


@dataclass(frozen=True, slots=True)
class Change:
    """A document as the target holds it after it was changed there. ``is_gone``: deleted, voided,
    cancelled or archived; of one that left no more than its id the rest is empty. ``at`` is when,
    by the target's clock (None: it does not say).
    """

    record: RemoteRecord
    is_gone: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteTax:
    """``rate`` in percent, negative where it is withheld (None: a quota); ``use`` is sale or
    purchase, empty where it is for either or the target does not say. ``authority`` is the tax in
    the authority's words or code (IVA, ISR, 01), ``is_exempt`` tells exempt from 0 % (None: the
    target does not say), ``details`` where it is posted.
    """

    code: str
    name: str
    rate: Decimal | None
    use: str = ""
    authority: str = ""
    is_exempt: bool | None = None
    details: str = ""


@dataclass(frozen=True, slots=True)
class LedgerMove:
    """One line of the target's ledger."""

    remote_id: str
    entry_id: str
    date: date
    account: str
    account_name: str
    debit: Decimal
    credit: Decimal
    number: str = ""
    reference: str = ""
    label: str = ""
    partner: str = ""
    tax_id: str = ""
    currency: str = ""


class Need(StrEnum):
    """What a target asks of a line for its account's sake."""

    PARTY = "party"
    DOCUMENT = "document"
    TAX = "tax"
    PRODUCT = "product"
    DIMENSION = "dimension"


class Closed(StrEnum):
    """Why a target takes no journal entries on an account: it keeps the account itself, as its
    bank, from invoices and payments, or for another purpose of its own.
    """

    BANK = "bank"
    INVOICES = "invoices"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class RemoteAccount:
    """``kind`` is asset, liability, equity, income or expense; empty where the target does not say
    it. ``needs`` is asked of every line on it; ``closed`` is None where journal entries are taken;
    ``currency`` is its own, empty for that of the books; lines on one ``of_parties`` belong to
    customers or suppliers. ``other_name`` is its name in another language the target has.
    """

    code: str
    name: str
    kind: str = ""
    needs: frozenset[Need] = frozenset()
    closed: Closed | None = None
    currency: str = ""
    of_parties: bool = False
    other_name: str = ""


@dataclass(frozen=True, slots=True)
class RemoteDimension:
    """A cost centre, analytic account, tracking option or project of the target. ``group`` is the
    plan, category or axis it belongs to.
    """

    code: str
    name: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class RemoteJournal:
    """``kind`` is the target's own: general, bank, cash, sale, purchase; ``needs`` is asked of
    every line of its entries, ``account`` is that of the bank or cash it is about.
    """

    code: str
    name: str
    kind: str = ""
    needs: frozenset[Need] = frozenset()
    account: str = ""


@dataclass(frozen=True, slots=True)
class RemotePartner:
    """``reference`` is the external reference it was made under, ``fields`` what it holds of
    :data:`CONTACT_FIELDS`; a field that is missing there is not told by the target.
    """

    code: str
    name: str
    tax_id: str = ""
    reference: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeriodLock:
    """Nothing dated up to and including ``until`` is taken; ``name`` is the target's own for the
    lock. ``entries`` is False for locks that only concern other documents (sales, purchases,
    taxes).
    """

    name: str
    until: date
    entries: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, and into what. ``may_write`` is whether entries may be made (None where
    the target does not say).
    """

    user: str
    company: str
    tax_id: str
    currency: str
    server: str
    locks: tuple[PeriodLock, ...] = field(default=())
    may_write: bool | None = None

    @property
    def locked_until(self) -> date | None:
        """Up to when journal entries are refused."""
        return max((lock.until for lock in self.locks if lock.entries), default=None)


def day_of(record: RemoteRecord) -> date:
    """The date of a document that has one; a contact has none. Raises ValueError."""
    if record.date is None:
        raise ValueError(record.reference)
    return record.date
