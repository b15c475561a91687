"""Which accounts of a trial balance are sums of others: a chart whose codes are all of one length
(``1000-000-000`` above ``1100-000-000``) does not show it by where a code begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from importers.records import Balance

_ZERO = Decimal("0.00")


def without_sums(balances: Sequence[Balance]) -> list[Balance]:
    """The balances in their order without those that are the sum of the ones below them: the codes
    of these begin with theirs, the zeros at the end aside, and their amounts add up to theirs.
    """
    kept: list[Balance] = []
    for balance in reversed(balances):
        if not _is_sum(balance, kept):
            kept.append(balance)
    return kept[::-1]


def _is_sum(balance: Balance, below: Sequence[Balance]) -> bool:
    """``below`` are the leaves that follow in the file, the nearest last."""
    code = _bare(balance.account)
    beginning = code.rstrip("0")
    if beginning == code or balance.party or balance.tax_id:
        return False
    children: list[Balance] = []
    for other in reversed(below):
        said = _bare(other.account)
        if len(said) != len(code) or not said.startswith(beginning) or said == code:
            break
        children.append(other)
    return bool(children) and _figures(balance) == _added(children)


def _bare(code: str) -> str:
    return re.sub(r"[\W_]", "", code)


def _figures(balance: Balance) -> tuple[Decimal, ...]:
    stated = (balance.opening, balance.debit, balance.credit, balance.closing)
    return tuple(amount or _ZERO for amount in stated)


def _added(balances: Sequence[Balance]) -> tuple[Decimal, ...]:
    columns = zip(*map(_figures, balances), strict=True)
    return tuple(sum(column, _ZERO) for column in columns)
