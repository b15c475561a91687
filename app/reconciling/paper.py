"""All the papers of a reconciliation say, before it is laid out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.matching.outcome import Matching
from app.matching.proof import AccountState, Proof
from app.matching.side import Side


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


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a side is from, as an auditor finds it again: a file by name and SHA-256, or the books
    of a connection; ``at`` is when it was imported or read.
    """

    title: str
    sha256: str = ""
    at: str = ""

    @property
    def proof(self) -> str:
        """When and what, in the current language; empty where neither is known."""
        digest = f"SHA-256 {self.sha256}" if self.sha256 else ""
        return " · ".join(filter(None, (self.at, digest)))


AGES = (30, 60, 90)
"""Days up to which open items are put together; the last are older than all."""


@dataclass(frozen=True, slots=True)
class Age:
    """Open items of an age in ``days``: how many at the left and the right, and what they come to
    in minor units.
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
        """The open items of both sides by age."""
        sides = (self.left, self.matching.only_left), (self.right, self.matching.only_right)
        found = []
        for low, high in zip((-1, *AGES), (*AGES, None), strict=True):
            counts, sums = [], []
            for side, lines in sides:
                days = {index: self.as_of - int(side.day[index]) for index in lines}
                mine = [i for i, age in days.items() if age > low and (high is None or age <= high)]
                counts.append(len(mine))
                sums.append(sum(int(side.amount[index]) for index in mine))
            name = f"{low + 1}–{high}" if high is not None else f"+{low}"
            found.append(Age(name, *counts, *sums))
        return found

    @property
    def as_of(self) -> int:
        """The last day of either side, against which open items are aged."""
        days = [int(side.day.max()) for side in (self.left, self.right) if len(side)]
        return max(days, default=0)
