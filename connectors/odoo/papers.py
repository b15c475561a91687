"""What a fiscal document needs of Odoo beyond an invoice typed there: its taxes to the cent, its
parts, its files.

* The chart's ``round_globally`` comes to another cent than a paper that rounds each line. In draft
  the amount of the tax line is written (``line_ids: [[1, id, {amount_currency: …}]]``, minus for
  what stands on the credit side); it survives posting [observed on 19].
* ``ref`` is where users look for the supplier's number; ours stands behind it.
* ``js_assign_outstanding_line`` applies as much as fits: parts that settle their invoice whole go
  first, and one at most may leave its invoice open, last [observed on 19].
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.amounts import amount
from connectors.documents import Application, Attachment, Invoice, Kind
from connectors.errors import Rejected

_FISCAL = re.compile(r"(?:CFDI|CUFE|CUDE|CUDS|CUNE):\S+$")
_CREDITS = (Kind.INVOICE, Kind.BILL_REFUND)
"""What has its taxes on the credit side."""
CENT = Decimal("0.01")
Command = list[Any]


def ref_of(invoice: Invoice) -> str:
    """What ``ref`` says: of a fiscal document its number, then our reference."""
    if not invoice.fiscal_id:
        return invoice.reference
    return f"{invoice.number} {invoice.reference}".strip()


def reference_in(ref: str) -> str:
    """Our reference in what ``ref`` says."""
    found = _FISCAL.search(ref)
    return found[0] if found else ref


def ref_condition(invoice: Invoice) -> list[str]:
    """A term of a domain that finds a document by our reference."""
    if not invoice.fiscal_id:
        return ["ref", "=", invoice.reference]
    return ["ref", "=like", f"%{invoice.reference}"]


def tax_corrections(invoice: Invoice, lines: Sequence[Mapping[str, Any]]) -> list[Command]:
    """Commands that give the tax lines of a draft (``id``, ``tax_line_id``, ``amount_currency``)
    the amounts of the paper; a difference that cannot be rounding is left for the total to show.
    """
    sign = -1 if invoice.kind in _CREDITS else 1
    found: list[Command] = []
    for code, stated in invoice.tax_amounts:
        mine = [line for line in lines if str(line["tax_line_id"][0]) == code]
        if not mine:
            continue
        now = sum((amount(line["amount_currency"]) for line in mine), Decimal(0)) * sign
        difference = (-stated if now < 0 else stated) - now
        if difference and abs(difference) <= CENT * (len(invoice.lines) + 1):
            value = amount(mine[0]["amount_currency"]) + difference * sign
            found.append([1, mine[0]["id"], {"amount_currency": float(value)}])
    return found


def in_order(
    applied: Sequence[Application], residuals: Mapping[str, Decimal], amount_paid: Decimal
) -> list[Application]:
    """Parts in the order in which Odoo applies each as it is meant. Raises Rejected before
    anything is written where no order does.
    """
    for part in applied:
        left = residuals.get(part.remote_id)
        if left is None:
            raise Rejected(f"document {part.remote_id} is not in Odoo", "unknown_document")
        if part.amount > left:
            words = f"document {part.remote_id} has {left} open, not {part.amount}"
            raise Rejected(words, "over_applied")
        if part.paid is not None:
            raise Rejected("parts in another currency are not written", "part_currency")
    whole = [part for part in applied if part.amount == residuals[part.remote_id]]
    open_ones = [part for part in applied if part.amount != residuals[part.remote_id]]
    if len(open_ones) > 1:
        words = "Odoo applies one payment to several invoices only where at most one stays open"
        raise Rejected(words, "several_open_parts")
    if open_ones and sum((part.amount for part in applied), Decimal(0)) < amount_paid:
        words = "Odoo would apply what belongs to no invoice to the one that stays open"
        raise Rejected(words, "unapplied_remainder")
    return [*whole, *open_ones]


def still_open(
    applied: Sequence[Application], residuals: Mapping[str, Decimal]
) -> list[Application]:
    """Of a payment that may have been applied in part: what is left, whole parts first."""
    left = [part for part in applied if residuals.get(part.remote_id)]
    return sorted(left, key=lambda part: part.amount != residuals[part.remote_id])


def attachment_values(file: Attachment) -> dict[str, object]:
    return {
        "name": file.name,
        "res_model": model_of(file.of_kind),
        "res_id": int(file.of),
        "mimetype": file.mime,
        "datas": base64.b64encode(file.content).decode(),
    }


def model_of(kind: Kind) -> str:
    return "account.payment" if kind in (Kind.RECEIPT, Kind.PAYMENT) else "account.move"
