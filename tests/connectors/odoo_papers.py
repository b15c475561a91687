"""How Odoo 19 reckons, posts and settles invoices, as seen on a real one: rounded once a document
by its charts of Mexico and Colombia, two decimals of a quantity, taxes that enter the base of
others, tax lines that may be written in draft, reversals that settle when they are posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = Mapping[str, str]
CENT = Decimal("0.01")
CREDITS = ("out_invoice", "in_refund")


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def reckoned(rows: Iterable[Row], taxes: Mapping[int, Mapping[str, Any]]) -> dict[int, Decimal]:
    """Tax (0: the lines themselves) → amount, withheld ones negative. Raises KeyError."""
    exact: dict[int, Decimal] = {0: Decimal(0)}
    for row in rows:
        quantity = cents(Decimal(row["invoice_line_ids/quantity"]))
        net = quantity * Decimal(row["invoice_line_ids/price_unit"])
        exact[0] += net
        chosen = [int(code) for code in row["invoice_line_ids/tax_ids/.id"].split(",") if code]
        base = net
        for code in sorted(chosen, key=lambda code: not taxes[code].get("include_base_amount")):
            amount = base * Decimal(str(taxes[code]["amount"])) / 100
            exact[code] = exact.get(code, Decimal(0)) + amount
            if taxes[code].get("include_base_amount"):
                base += amount
    return {code: cents(amount) for code, amount in exact.items()}
