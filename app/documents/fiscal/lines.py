"""The lines of an invoice in a target's words: accounts and taxes by the map, amounts as the paper
has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from app.documents.fiscal import keys
from app.documents.fiscal.target import FiscalTarget
from app.documents.obstacles import Problem
from connectors.documents import InvoiceLine
from importers.fiscal import FiscalDocument
from importers.fiscal.model import Line, Tax
from importers.values import to_cents

_FINEST_QUANTITY = Decimal("0.01")
"""Targets keep two decimals of a quantity (Odoo, Siigo): a third of 300.00 is 99.00 there."""
LONGEST_TEXT = 500


def lines_of(document: FiscalDocument, target: FiscalTarget) -> tuple[InvoiceLine, ...]:
    """Every line, then what is of no line: local taxes, charges and allowances of the whole."""
    return (
        *(_line(document, line, target) for line in document.lines or ()),
        *_local_taxes(document, target),
        *_of_the_whole(document, target),
    )


def stated_taxes(document: FiscalDocument, target: FiscalTarget) -> dict[str, Decimal]:
    """Target's tax → what the paper states of it, in the currency's decimals."""
    found: dict[str, Decimal] = {}
    for tax in (*(document.taxes or ()), *(document.withholding or ())):
        code = "" if tax.is_local else target.tax(tax, document)
        if code:
            found[code] = found.get(code, Decimal(0)) + to_cents(tax.amount)
    return found


def comes_to(document: FiscalDocument) -> Decimal:
    """What the lines and taxes of the paper are in all: what the party's account must show."""
    net = to_cents(sum((line.net for line in document.lines or ()), Decimal(0)))
    taxes = sum((_signed(tax) for tax in document.taxes or ()), Decimal(0))
    decided = sum((to_cents(tax.amount) for tax in document.withholding or ()), Decimal(0))
    totals = document.totals
    whole = totals.get("charges", Decimal(0)) - totals.get("allowances", Decimal(0))
    return net + taxes - decided + whole + totals.get("rounding", Decimal(0))


def _signed(tax: Tax) -> Decimal:
    return to_cents(tax.amount) * tax.sign


def _line(document: FiscalDocument, line: Line, target: FiscalTarget) -> InvoiceLine:
    codes: dict[str, None] = {}
    quotas: dict[str, Decimal] = {}
    for tax in _of_line(document, line):
        code = target.tax(tax, document)
        if code:
            codes[code] = None
            if _is_quota(tax):
                quotas[code] = quotas.get(code, Decimal(0)) + tax.amount
    quantity, price, text = _as_carried(line)
    return InvoiceLine(
        text[:LONGEST_TEXT],
        quantity,
        price,
        target.account(document, line),
        "",
        tuple(codes),
        quotas=tuple(quotas.items()),
    )


def _of_line(document: FiscalDocument, line: Line) -> Iterator[Tax]:
    """The taxes of a line. What a Colombian paper states as withheld is the buyer's to decide; what
    the company withholds stands on the lines it is about.
    """
    is_dian = document.fiscal.get("system") == "DIAN"
    yield from (tax for tax in line.taxes if not (is_dian and tax.is_withheld))
    for tax in document.withholding or ():
        if line in _lines_of_base(document, tax):
            yield tax


def _lines_of_base(document: FiscalDocument, tax: Tax) -> Sequence[Line]:
    """The lines a withholding is about: all, or the one that is its base; none where neither is."""
    lines = list(document.lines or ())
    net = to_cents(sum((line.net for line in lines), Decimal(0)))
    if tax.base in (None, net):
        return lines
    return [line for line in lines if to_cents(line.net) == tax.base][:1]


def _is_quota(tax: Tax) -> bool:
    return ":q" in tax.key


def _as_carried(line: Line) -> tuple[Decimal, Decimal, str]:
    """Quantity and price that come to the line's own net in every target; where they would not,
    one of it at its net, with the figures of the paper in the text.
    """
    fits = line.quantity == line.quantity.quantize(_FINEST_QUANTITY)
    if fits and line.quantity * line.unit_price == line.net:
        return line.quantity, line.unit_price, line.text
    figures = f"{line.quantity.normalize():f} × {line.unit_price.normalize():f}"
    if line.discount:
        figures += f" − {line.discount.normalize():f}"
    return Decimal(1), line.net, f"{line.text} ({figures})"


def _local_taxes(document: FiscalDocument, target: FiscalTarget) -> Iterator[InvoiceLine]:
    for tax in document.taxes or ():
        if tax.is_local:
            account = target.account_of_tax(tax, document)
            yield InvoiceLine(_local_name(tax), Decimal(1), _signed(tax), account)


def _local_name(tax: Tax) -> str:
    return " ".join(tax.key.split(":")[3:])


def _of_the_whole(document: FiscalDocument, target: FiscalTarget) -> Iterator[InvoiceLine]:
    amounts: Mapping[str, Decimal] = {
        keys.CHARGE: document.totals.get("charges", Decimal(0)),
        keys.ALLOWANCE: -document.totals.get("allowances", Decimal(0)),
        keys.ROUNDING: document.totals.get("rounding", Decimal(0)),
    }
    for name, amount in amounts.items():
        if amount:
            account = target.account_of_whole(document, name)
            yield InvoiceLine(name, Decimal(1), amount, account)


def adds_up(document: FiscalDocument, target: FiscalTarget) -> None:
    """A document that would be written other than its paper is not written."""
    for tax in document.withholding or ():
        if not _lines_of_base(document, tax):
            target.lacks(Problem.WITHHOLDING_UNPLACED, f"{tax.key} {tax.base}")
    ours, theirs = comes_to(document), document.totals["due"]
    if ours != theirs:
        target.lacks(Problem.DOES_NOT_ADD_UP, f"{ours:,.2f} ≠ {theirs:,.2f}")
