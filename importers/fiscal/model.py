"""The neutral fiscal document: what an invoice, a note, a payment, a pay slip or a certificate of
withholding says, whichever authority's form it has.

Amounts are never negative (both authorities forbid it); the sign is in ``kind``. Quantities, prices
and the amounts of lines keep the decimals of the source, those of the header have two. ``total`` is
what the paper prints, ``due`` what the party's account must show: a Mexican total already subtracts
withholdings, a Colombian one never does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from importers.findings import Finding
from importers.values import to_cents


class Kind(StrEnum):
    """What a document is to the company."""

    SALES_INVOICE = "sales_invoice"
    SALES_CREDIT = "sales_credit"
    SALES_DEBIT = "sales_debit"
    PURCHASE_BILL = "purchase_bill"
    PURCHASE_CREDIT = "purchase_credit"
    PURCHASE_DEBIT = "purchase_debit"
    RECEIPT = "receipt"
    PAYMENT = "payment"
    PAYROLL = "payroll"
    CERTIFICATE = "withholding_certificate"
    EVENT = "event"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax of a line or of a document: ``key`` is country, authority's code, T (added) or R
    (withheld) and factor (``MX:IVA:T:0.160000``, ``CO:06:R:4.00``).
    """

    key: str
    base: Decimal | None
    amount: Decimal
    sign: int = 1

    @property
    def is_withheld(self) -> bool:
        return ":R:" in self.key

    @property
    def is_local(self) -> bool:
        return self.key.startswith("MX:LOCAL:")


@dataclass(frozen=True, slots=True)
class Line:
    """``net`` is ``gross`` less ``discount``, before taxes."""

    n: int
    code: str
    class_key: str
    text: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    gross: Decimal
    discount: Decimal
    net: Decimal
    tax_object: str
    taxes: Sequence[Tax]
    extra: Mapping[str, object] = field(default_factory=dict)
    """What belongs to no other field: on whose behalf, customs entries, property number."""


@dataclass(frozen=True, slots=True)
class Party:
    """The other side. ``generic``: a tax id that many share (público en general)."""

    role: str
    tax_id: str
    tax_id_type: str
    name: str
    country: str = ""
    check_digit: str | None = None
    regime: str | None = None
    postcode: str | None = None
    employee_number: str | None = None
    department: str | None = None
    foreign_id: str | None = None
    generic: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """Another document this one names: by its identifier, type of relation and reason."""

    type: str
    id: str
    number: str | None = None
    date: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """The part of a payment that settles an invoice: ``paid`` in the invoice's ``currency``, of
    which ``equivalence`` units are one of the payment's.
    """

    id: str
    number: str
    currency: str
    equivalence: Decimal | None
    part: int | None
    before: Decimal | None
    paid: Decimal
    paid_in_payment_currency: Decimal
    after: Decimal | None
    taxes: Sequence[Tax] = ()


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of the entry a pay slip becomes."""

    key: str
    debit: Decimal
    credit: Decimal
    label: str
    party: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the document; ``role``: legal_xml, container."""

    name: str
    role: str
    mime: str = "application/xml"
    sha256: str | None = None


@dataclass(frozen=True)
class FiscalDocument:
    """Fields that a kind does not have are None and left out of its JSON."""

    kind: Kind
    direction: str
    fiscal: Mapping[str, str | int]
    number: Mapping[str, str]
    dates: Mapping[str, str | None]
    company: Mapping[str, str]
    party: Party
    currency: str
    rate: str
    totals: Mapping[str, Decimal]
    reference: str
    attachments: Sequence[Attachment]
    payment: Mapping[str, str | None] | None = None
    lines: Sequence[Line] | None = None
    taxes: Sequence[Tax] | None = None
    withholding_stated: Sequence[Tax] | None = None
    withholding: Sequence[Tax] | None = None
    relations: Sequence[Relation] | None = None
    applications: Sequence[Application] | None = None
    form: str | None = None
    operation: str | None = None
    amount: Decimal | None = None
    unapplied: Decimal | None = None
    entry: Sequence[EntryLine] | None = None
    withheld: Sequence[Mapping[str, object]] | None = None
    dimension: Mapping[str, str] | None = None
    period: Mapping[str, str] | None = None
    """Of an invoice to the public at large: periodicity, months and year."""
    reason: str | None = None
    """Why a document is ignored, or what a note says of itself."""
    findings: Sequence[Finding] = field(default=(), compare=False)

    @property
    def id(self) -> str:
        """What the authority calls it; of one payment among several with its place."""
        node = self.fiscal.get("node")
        return f"{self.fiscal['id']}#{node}" if node else str(self.fiscal["id"])

    def as_json(self) -> dict[str, Any]:
        """Amounts as text with their decimals."""
        names = (one.name for one in fields(self) if one.name != "findings")
        values = {name: getattr(self, name) for name in names}
        return {name: _plain(value) for name, value in values.items() if value is not None}


def money(amount: Decimal) -> Decimal:
    """An amount of a header: two decimals, half up."""
    return to_cents(amount)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Tax):
        said = {"key": value.key, "base": _plain(value.base), "amount": _plain(value.amount)}
        return {**said, "sign": value.sign}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
