"""Two sides in the currencies they can be compared in: unlike currencies never pair.

A line without a currency is in that of the books. A foreign line is compared by its local amount,
by the rate of its own file, where the other side knows only local amounts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import chain

from app.matching.side import Side

_HOME = ("MXN", "COP")
"""Currencies of the books where neither side says more."""


def in_common_currency(left: Side, right: Side, company: str = "") -> tuple[Side, Side]:
    """Both sides, each line in a currency the other side may have. Lines whose file names none are
    taken to be in the ``company``'s (empty: nobody said which that is).
    """
    home = company or home_currency(left, right)
    if home and (any(left.currency) or any(right.currency)):
        left, right = _named(left, home), _named(right, home)
    known = currencies_of(left, home), currencies_of(right, home)
    return _converted(left, known[1], home), _converted(right, known[0], home)


def home_currency(left: Side, right: Side) -> str:
    """The currency of the books: of Mexico or Colombia where a side names it; empty where no line
    does. What names none is then in no currency that is known, and pairs with nothing that names
    one.
    """
    named = Counter(code for code in chain(left.currency, right.currency) if code)
    own = [code for code in _HOME if named[code]]
    return max(own, key=lambda code: named[code], default="")


def _named(side: Side, home: str) -> Side:
    """The side with the currency of the books wherever a line names none."""
    codes = side.currency or [""] * len(side)
    return replace(side, currency=[code or home for code in codes])


def currencies_of(side: Side, home: str) -> frozenset[str]:
    """The currencies of a side's lines."""
    if not side.currency:
        return frozenset({home} if len(side) else ())
    return frozenset(code or home for code in side.currency)


def currency_of(side: Side, index: int, home: str) -> str:
    return (side.currency[index] if side.currency else "") or home


def sums_by_currency(side: Side, home: str) -> Mapping[str, tuple[int, int]]:
    """Debits and credits of a side in minor units by currency."""
    sums: dict[str, tuple[int, int]] = {}
    for index, amount in enumerate(side.amount.tolist()):
        code = currency_of(side, index, home)
        debit, credit = sums.get(code, (0, 0))
        sums[code] = (debit + max(amount, 0), credit - min(amount, 0))
    return sums


def _converted(side: Side, others: frozenset[str], home: str) -> Side:
    """The side with its foreign lines in local currency where the other side has no line in theirs
    and their file says the rate.
    """
    amount, currency, foreign = side.amount.copy(), list(side.currency), dict(side.foreign)
    for index, said in side.rate.items():
        code = currency_of(side, index, home)
        rate = _rate(said)
        if code == home or code in others or home not in others or rate is None:
            continue
        cents = int(amount[index])
        local = (Decimal(cents) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        amount[index], currency[index] = int(local), home
        foreign[index] = f"{Decimal(cents).scaleb(-2):,.2f} {code} × {said}"
    return replace(side, amount=amount, currency=currency, foreign=foreign)


def _rate(text: str) -> Decimal | None:
    try:
        rate = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and rate > 0 else None
