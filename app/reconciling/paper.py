"""All the papers of a reconciliation say, before it is laid out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.matching.outcome import Matching
from app.matching.proof import AccountState, Proof
from app.matching.side import Side
from app.reconciling.origins import Origin


@dataclass(frozen=True, slots=True)
class Voucher:
    """An adjustment that was proposed; ``amount`` in minor units, debit positive, ``state`` in
    words.
    """

    reference: str
    account: str
    contra: str
    amount: int
    state: str


AGES = (30, 60, 90)
"""Days up to which open items are put together; the last are older than all."""


@dataclass(frozen=True, slots=True)
class Age:
    """Open items of an age in ``days`` (with the currency where there are several): how many at
    the left and the right, and what they come to in minor units.
    """

    days: str
    left: int
    right: int
    left_sum: int
    right_sum: int


@dataclass(frozen=True)
class Paper:
    """All a working paper says. ``origins`` are those of both sides, ``tax_ids`` the company's own.
    ``prepared``, ``reviewed`` and ``signed`` are who did, ``state`` in
    words; ``decisions`` are rows of what people decided, ``vouchers`` the adjustments proposed,
    ``attachments`` name, SHA-256 and note of the files kept as evidence; ``category`` and
    ``account_state`` put what the code calls something into words.
    """

    left: Side
    right: Side
    matching: Matching
    proof: Proof
    company: str = ""
    period: str = ""
    rules: str = ""
    state: str = ""
    prepared: str = ""
    reviewed: str = ""
    signed: str = ""
    reason: str = ""
    anchor: str = ""
    decisions: Sequence[Sequence[str]] = ()
    vouchers: Sequence[Voucher] = ()
    attachments: Sequence[tuple[str, str, str]] = ()
    category: Callable[[str], str] = str
    account_state: Callable[[AccountState], str] = str
    origins: tuple[Origin, Origin] | None = None
    tax_ids: str = ""

    @property
    def left_origin(self) -> Origin:
        return self.origins[0] if self.origins else Origin(self.left.name)

    @property
    def right_origin(self) -> Origin:
        return self.origins[1] if self.origins else Origin(self.right.name)

    @property
    def ages(self) -> list[Age]:
        """The open items of both sides by age, each currency by itself."""
        sides = (self.left, self.matching.only_left), (self.right, self.matching.only_right)
        codes = {_currency(side, index) for side, lines in sides for index in lines} or {""}
        limits = list(zip((-1, *AGES), (*AGES, None), strict=True))
        return [self._age(code, low, high) for code in sorted(codes) for low, high in limits]

    def _age(self, code: str, low: int, high: int | None) -> Age:
        counts, sums = [], []
        for side, lines in (
            (self.left, self.matching.only_left),
            (self.right, self.matching.only_right),
        ):
            mine = [
                index
                for index in lines
                if _currency(side, index) == code
                and low < self.as_of - int(side.day[index]) <= (high or sys.maxsize)
            ]
            counts.append(len(mine))
            sums.append(sum(int(side.amount[index]) for index in mine))
        days = f"{low + 1}–{high}" if high is not None else f"+{low}"
        return Age(f"{days} {code}".rstrip(), *counts, *sums)

    @property
    def as_of(self) -> int:
        """The last day of either side, against which open items are aged."""
        days = [int(side.day.max()) for side in (self.left, self.right) if len(side)]
        return max(days, default=0)


def _currency(side: Side, index: int) -> str:
    """Of a line where its side has several."""
    return side.currency[index] if side.has_currencies else ""
