"""One side of a reconciliation, as columns of equal length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Cents = NDArray[np.int64]
    Days = NDArray[np.int32]


class Carried(NamedTuple):
    """A line that was open when an earlier month was signed; ``amount`` in minor units."""

    key: str
    day: date
    amount: int
    account: str = ""
    reference: str = ""
    party: str = ""
    tax_id: str = ""
    text: str = ""
    explained: str = ""
    document: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Side:
    """``amount`` is int64 minor units, debit positive; ``day`` int32 ordinal days. ``key`` names a
    line for good (it stays the same when the file or pull is read again); ``row`` is its 1-based
    data row. ``opening`` and ``closing`` are balances in minor units by account, as the side itself
    states them. ``explained`` gives for a line's index the category that explains why it has no
    partner.
    """

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
    currency: list[str] = field(default_factory=list)
    """ISO code of each line, empty where its file names none; no list at all where none does."""
    rate: Mapping[int, str] = field(default_factory=dict)
    """What one unit of a line's currency is in that of the books, by index, as its file says it."""
    foreign: Mapping[int, str] = field(default_factory=dict)
    """``3248.00 USD × 18.9008`` by index, where the amount is the local one of a foreign line."""
    opening: Mapping[str, int] = field(default_factory=dict)
    closing: Mapping[str, int] = field(default_factory=dict)
    explained: Mapping[int, str] = field(default_factory=dict)
    period: tuple[date, date] | None = None
    """What the side says it covers, where its lines do not."""
    balances_only: bool = False
    """A trial balance: it states balances and has no lines of its own."""
    carried: frozenset[int] = frozenset()
    """Lines of an earlier month that were open when it was signed; no movements of this one."""

    def __len__(self) -> int:
        return len(self.key)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The index of each line by its key."""
        return {key: index for index, key in enumerate(self.key)}

    @cached_property
    def has_currencies(self) -> bool:
        """Whether its lines are in several currencies."""
        return len(set(self.currency)) > 1

    def has_all(self, keys: Iterable[str]) -> bool:
        """Whether every one of these lines is here."""
        return all(key in self.places for key in keys)

    @property
    def movements(self) -> Cents:
        """The amounts of this month's own lines."""
        import numpy as np

        return np.delete(self.amount, sorted(self.carried)) if self.carried else self.amount

    @property
    def total(self) -> int:
        """Net of this month's lines in minor units."""
        return int(self.movements.sum())

    @property
    def debit(self) -> int:
        return int(self.movements[self.movements > 0].sum())

    @property
    def credit(self) -> int:
        return int(-self.movements[self.movements < 0].sum())

    def extended(self, carried: Sequence[Carried]) -> Side:
        """The side with open lines of an earlier month behind its own; those it has itself are not
        taken twice.
        """
        import numpy as np

        known = set(self.key)
        more = [line for line in carried if line.key not in known]
        if not more:
            return self
        days = np.array([line.day.toordinal() for line in more], dtype=np.int32)
        amounts = np.array([line.amount for line in more], dtype=np.int64)
        said = {line: why for line, why in enumerate(_of(more, "explained"), len(self)) if why}
        return replace(
            self,
            key=[*self.key, *_of(more, "key")],
            row=[*self.row, *([0] * len(more))],
            day=np.concatenate([self.day, days]),
            amount=np.concatenate([self.amount, amounts]),
            account=[*self.account, *_of(more, "account")],
            reference=[*self.reference, *_of(more, "reference")],
            document=[*self.document, *_of(more, "document")],
            party=[*self.party, *_of(more, "party")],
            tax_id=[*self.tax_id, *_of(more, "tax_id")],
            text=[*self.text, *_of(more, "text")],
            currency=_with_carried(self, _of(more, "currency")),
            carried=frozenset(range(len(self), len(self) + len(more))),
            explained={**self.explained, **said},
        )

    def split(self, key: str, parts: Sequence[int]) -> Side:
        """The side with one line as several, in its place: ``key/1``, ``key/2`` … with these
        amounts in minor units. As it is where it has no such line, or where the parts do not add up
        to it.
        """
        import numpy as np

        place = self.key.index(key) if key in self.key else -1
        if place < 0 or int(self.amount[place]) != sum(parts):
            return self
        more = len(parts) - 1

        def moved(index: int) -> int:
            return index if index <= place else index + more

        def repeated(column: list[str]) -> list[str]:
            return [*column[:place], *[column[place]] * (more + 1), *column[place + 1 :]]

        carried = {moved(index) for index in self.carried}
        if place in self.carried:
            carried.update(range(place, place + more + 1))
        explained = {moved(index): why for index, why in self.explained.items()}
        if place in self.explained:
            explained |= dict.fromkeys(range(place, place + more + 1), self.explained[place])
        return replace(
            self,
            key=[
                *self.key[:place],
                *(f"{key}/{number}" for number in range(1, more + 2)),
                *self.key[place + 1 :],
            ],
            row=[*self.row[:place], *[self.row[place]] * (more + 1), *self.row[place + 1 :]],
            day=np.insert(self.day, place, [self.day[place]] * more),
            amount=np.concatenate(
                [self.amount[:place], np.array(parts, dtype=np.int64), self.amount[place + 1 :]]
            ),
            account=repeated(self.account),
            reference=repeated(self.reference),
            document=repeated(self.document),
            party=repeated(self.party),
            tax_id=repeated(self.tax_id),
            text=repeated(self.text),
            currency=repeated(self.currency) if self.currency else [],
            rate={moved(index): rate for index, rate in self.rate.items()},
            foreign={moved(index): said for index, said in self.foreign.items()},
            carried=frozenset(carried),
            explained=explained,
        )

    def of_accounts(self, wanted: Sequence[str]) -> Side:
        """Only the lines and balances of accounts that are, or begin with, one of these; their rows
        stay as they are. The whole side where it names no accounts.
        """
        import numpy as np

        if len(self) and not any(self.account):
            return self

        def is_wanted(code: str) -> bool:
            return code.startswith(tuple(wanted))

        kept = [index for index, code in enumerate(self.account) if is_wanted(code)]
        places = {index: place for place, index in enumerate(kept)}

        def taken(column: list[str]) -> list[str]:
            return [column[index] for index in kept]

        order = np.array(kept, dtype=np.int64)
        return replace(
            self,
            key=taken(self.key),
            row=[self.row[index] for index in kept],
            day=self.day[order],
            amount=self.amount[order],
            account=taken(self.account),
            reference=taken(self.reference),
            document=taken(self.document),
            party=taken(self.party),
            tax_id=taken(self.tax_id),
            text=taken(self.text),
            currency=taken(self.currency) if self.currency else [],
            rate=_moved(self.rate, places),
            foreign=_moved(self.foreign, places),
            opening={code: amount for code, amount in self.opening.items() if is_wanted(code)},
            closing={code: amount for code, amount in self.closing.items() if is_wanted(code)},
            carried=frozenset(places[index] for index in self.carried if index in places),
            explained=_moved(self.explained, places),
        )

    def date(self, index: int) -> date:
        return date.fromordinal(int(self.day[index]))

    def reordered(self, order: Sequence[int]) -> Side:
        """The same lines in another order; balances and explanations are left behind."""
        import numpy as np

        places = np.array(order, dtype=np.int64)

        def taken(column: list[str]) -> list[str]:
            return [column[place] for place in order]

        return Side(
            name=self.name,
            key=taken(self.key),
            row=[],
            day=self.day[places],
            amount=self.amount[places],
            account=taken(self.account),
            reference=taken(self.reference),
            document=taken(self.document),
            party=taken(self.party),
            tax_id=taken(self.tax_id),
            text=taken(self.text),
            currency=taken(self.currency) if self.currency else [],
        )


@dataclass
class SideBuilder:
    """Gathers lines one at a time and gives the columns."""

    name: str
    opening: dict[str, int] = field(default_factory=dict)
    closing: dict[str, int] = field(default_factory=dict)
    period: tuple[date, date] | None = None
    balances_only: bool = False
    _rows: list[tuple[str, date, int, str, str, str, str, str, str]] = field(default_factory=list)
    _currencies: list[str] = field(default_factory=list)
    _rates: dict[int, str] = field(default_factory=dict)
    _explained: dict[int, str] = field(default_factory=dict)
    _row_numbers: list[int] = field(default_factory=list)

    def add(
        self,
        key: str,
        day: date,
        amount: int,
        *,
        account: str = "",
        reference: str = "",
        document: str = "",
        party: str = "",
        tax_id: str = "",
        text: str = "",
        currency: str = "",
        rate: str = "",
        explained: str = "",
        row: int = 0,
    ) -> None:
        """One line; ``amount`` in minor units of ``currency``, debit positive; ``row`` 0 means the
        next one.
        """
        self._currencies.append(currency)
        if rate:
            self._rates[len(self._rows)] = rate
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
            account=account,
            reference=reference,
            document=document,
            party=party,
            tax_id=tax_id,
            text=text,
            currency=self._currencies if any(self._currencies) else [],
            rate=self._rates,
            opening=self.opening,
            closing=self.closing,
            explained=self._explained,
            period=self.period,
            balances_only=self.balances_only,
        )


def _moved(by_index: Mapping[int, str], places: Mapping[int, int]) -> dict[int, str]:
    """What is said of lines that are still there, at their new places."""
    return {places[index]: said for index, said in by_index.items() if index in places}


def _with_carried(side: Side, currencies: list[str]) -> list[str]:
    """The currencies of a side and of the lines carried to it; none at all where none is named."""
    if not side.currency and not any(currencies):
        return []
    return [*(side.currency or [""] * len(side)), *currencies]


def _of(lines: Iterable[Carried], name: str) -> list[str]:
    """One text of each carried line."""
    return [getattr(line, name) for line in lines]
