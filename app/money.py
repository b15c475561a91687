"""Between amounts of records (Decimal, two places) and columns of the journal and engine (int64
minor units).
"""

from __future__ import annotations

from decimal import Decimal

SCALE = 2


def to_minor(amount: Decimal) -> int:
    """Cents of an amount of at most two places. Raises ValueError when it has more."""
    if not amount:
        return 0
    exact = amount.scaleb(SCALE)
    cents = int(exact)
    if cents != exact:
        raise ValueError(f"{amount} has more than {SCALE} decimals")
    return cents


def from_minor(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-SCALE)


def show(cents: int) -> str:
    """``1,234.50``: grouped as in Mexico; for texts that are read, not parsed."""
    return f"{from_minor(int(cents)):,.2f}"
