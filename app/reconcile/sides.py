"""One side of a reconciliation, as columns of equal length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from app.reconcile.references import is_filler_form, normalise_reference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Cents = NDArray[np.int64]
    Days = NDArray[np.int32]

FILLER_SHARE = 0.02
FILLER_DAYS = 4
"""A text on many lines of few days is one large voucher; on many lines of many days it says nothing."""


@dataclass(frozen=True)
class Side:
    """``amount`` is int64 minor units, debit positive; ``day`` int32 ordinal days. ``key`` names a line for good (it
    stays the same when the file or pull is read again); ``row`` is its 1-based data row. ``opening`` and ``closing``
    are balances in minor units by account, as the side itself states them. ``explained`` gives for a line's index
    the category that explains why it has no partner."""

    name: str
    key: list[str]
    row: list[int]
    day: Days
    amount: Cents
    account: list[str]
    reference: list[str]
    document: list[str]
    party: list[str]
    tax_id: list[str]
    text: list[str]
    opening: Mapping[str, int] = field(default_factory=dict)
    closing: Mapping[str, int] = field(default_factory=dict)
    explained: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.key)

    @property
    def total(self) -> int:
        """Net of all lines in minor units."""
        return int(self.amount.sum())

    @property
    def debit(self) -> int:
        return int(self.amount[self.amount > 0].sum())

    @property
    def credit(self) -> int:
        return int(-self.amount[self.amount < 0].sum())

    def date(self, index: int) -> date:
        return date.fromordinal(int(self.day[index]))

    @cached_property
    def normalised(self) -> list[str]:
        """Each reference in the form references are compared in; empty for fillers (S/N, 0, VARIOS), which are
        recognised by form or because one text stands on a large share of all lines over many days."""
        known: dict[str, str] = {}
        forms = [known.setdefault(text, normalise_reference(text)) for text in self.reference]
        limit = max(FILLER_SHARE * len(forms), 20)
        often = {form for form, count in Counter(forms).items() if count > limit}
        days: dict[str, set[int]] = {form: set() for form in often}
        for form, day in zip(forms, self.day, strict=True):
            if form in often:
                days[form].add(int(day))
        fillers = {form for form in set(forms) if is_filler_form(form)}
        fillers |= {form for form, seen in days.items() if len(seen) >= FILLER_DAYS}
        return ["" if form in fillers else form for form in forms]


@dataclass
class SideBuilder:
    """Gathers lines one at a time and gives the columns."""

    name: str
    opening: dict[str, int] = field(default_factory=dict)
    closing: dict[str, int] = field(default_factory=dict)
    _rows: list[tuple[str, date, int, str, str, str, str, str, str]] = field(default_factory=list)
    _explained: dict[int, str] = field(default_factory=dict)
    _row_numbers: list[int] = field(default_factory=list)

    def add(
        self, key: str, day: date, amount: int, *, account: str = "", reference: str = "", document: str = "",
        party: str = "", tax_id: str = "", text: str = "", explained: str = "",
        row: int = 0,
    ) -> None:  # fmt: skip
        """One line; ``amount`` in minor units, debit positive; ``row`` 0 means the next one."""
        if explained:
            self._explained[len(self._rows)] = explained
        self._row_numbers.append(row or len(self._row_numbers) + 1)
        self._rows.append((key, day, amount, account, reference, document, party, tax_id, text))

    def build(self) -> Side:
        import numpy as np

        rows = self._rows
        columns: list[list[str]] = [[str(row[place]) for row in rows] for place in range(3, 9)]
        account, reference, document, party, tax_id, text = columns
        return Side(
            name=self.name,
            key=[row[0] for row in rows],
            row=self._row_numbers,
            day=np.fromiter((row[1].toordinal() for row in rows), dtype=np.int32, count=len(rows)),
            amount=np.fromiter((row[2] for row in rows), dtype=np.int64, count=len(rows)),
            account=account, reference=reference, document=document, party=party, tax_id=tax_id, text=text,
            opening=self.opening, closing=self.closing, explained=self._explained,
        )  # fmt: skip
