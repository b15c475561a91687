"""The balance column is the judge: whose books a table is, and whether its signs count.

Where the dates say in which order the rows stand, each balance is compared with the one before it,
printed after or before its movement. Where they do not, the balance before a row, ``s − a``, has to
be the balance of some other row. The reading of the amounts for which this holds is the right one.
The second test is blind to one thing: a file that prints the balance *before* each line looks
exactly like one with its sides swapped. So words of certain meaning, in headings, side columns and
texts, outrank it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from importers.amounts import Word, text_word
from importers.tables import Cell

ENOUGH = 0.8
"""Share of balances a reading has to explain."""
_TEXTS_ENOUGH = 2
"""So many texts that say which way the money went, all of one opinion, outrank the balances."""


class Verdict(StrEnum):
    """How the two sides of a table are to be read."""

    BOOKS = "books"
    BANK = "bank"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row of the sample: its amounts on the two sides as they are written, the balance it prints
    (None: none), its day, what its account is and what its text says.
    """

    debit: Decimal
    credit: Decimal
    balance: Decimal | None
    day: date | None = None
    account: str = ""
    text: str = ""
    cells: tuple[Cell, ...] = ()

    def moved(self, absolute: bool) -> Decimal:
        debit, credit = self.debit, self.credit
        return abs(debit) - abs(credit) if absolute else debit - credit


@dataclass(frozen=True, slots=True)
class Judgement:
    """``verdict``: the debit column adds to the balance (books) or takes from it (bank);
    ``absolute``: signs inside the side columns do not count; ``before``: the balance is printed
    before its movement; ``by_balance``: the balances were heard and follow; ``contradicted``: words
    and balances are of different opinions; ``signs_assumed``: the balances allow signs that count
    and such that do not.
    """

    verdict: Verdict
    absolute: bool = False
    before: bool = False
    by_balance: bool = False
    contradicted: bool = False
    signs_assumed: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    verdict: Verdict
    absolute: bool
    before: bool = False

    @property
    def sign(self) -> int:
        return 1 if self.verdict is Verdict.BOOKS else -1


def judge(rows: Sequence[Evidence], certain: bool = False) -> Judgement:
    """What the balances and the texts of some rows say; undecided where they say nothing, or two
    readings fit. ``certain``: words of the heading say already that debit is money coming in.
    """
    fitting = _fitting(rows)
    by_word = Verdict.BOOKS if certain else _by_texts(rows)
    if by_word is not None:
        agreeing = [reading for reading in fitting if reading.verdict is by_word]
        by_side = _signs_repeat_sides(agreeing, rows)
        chosen = _plainest(by_side) or _Reading(by_word, absolute=False)
        strange = bool(fitting) and not agreeing and _oldest_first(rows) is not None
        if strange and not certain:
            # Balances that follow in time's order are stronger than what texts are called.
            plain = _plainest(fitting) or fitting[0]
            return Judgement(plain.verdict, plain.absolute, plain.before, True, True)
        return Judgement(
            by_word, chosen.absolute, chosen.before, bool(agreeing), strange, by_side != agreeing
        )
    fitting = _signs_repeat_sides(fitting, rows)
    if len({_moves(reading, rows) for reading in fitting}) != 1:
        return Judgement(Verdict.UNDECIDED)
    chosen = _plainest(fitting) or fitting[0]
    return Judgement(chosen.verdict, chosen.absolute, chosen.before, by_balance=True)


def directions_of(rows: Sequence[Evidence]) -> list[int] | None:
    """Which way the amount of every row goes (1 in, −1 out, 0 nothing) by the balance before and
    after it; None where one of them is neither, or the amounts have signs of their own. The oldest
    row has no balance before it, so it says nothing (0).
    """
    ordered = _oldest_first(rows)
    if ordered is None or any(row.debit < 0 or row.credit for row in rows):
        return None
    found = [0]
    for before, row in itertools.pairwise(ordered):
        if before.balance is None or row.balance is None:
            return None
        change = row.balance - before.balance
        if abs(change) != row.debit:
            return None
        found.append((change > 0) - (change < 0))
    return found if ordered is rows else found[::-1]


def is_signed_by_side(evidence: Sequence[Evidence]) -> bool:
    """Whether every amount of one side is negative and none of the other: the sign repeats what the
    side says.
    """
    debits = [row.debit for row in evidence if row.debit]
    credits_ = [row.credit for row in evidence if row.credit]
    one = bool(debits) and all(amount < 0 for amount in debits) and min(credits_, default=1) > 0
    two = bool(credits_) and all(amount < 0 for amount in credits_) and min(debits, default=1) > 0
    return one or two


def _signs_repeat_sides(fitting: list[_Reading], rows: Sequence[Evidence]) -> list[_Reading]:
    """Of the readings that fit, where one side is all negative, those by which signs only repeat
    their side.
    """
    absolute = [reading for reading in fitting if reading.absolute]
    return absolute if absolute and is_signed_by_side(rows) else fitting


def _moves(reading: _Reading, rows: Sequence[Evidence]) -> tuple[Decimal, ...]:
    """What every row adds to the balance: two readings of one effect are no doubt."""
    return tuple(reading.sign * row.moved(reading.absolute) for row in rows)


def _plainest(readings: Sequence[_Reading]) -> _Reading | None:
    return min(readings, key=lambda reading: (reading.absolute, reading.before), default=None)


def _fitting(rows: Sequence[Evidence]) -> list[_Reading]:
    """The readings that explain enough of the balances."""
    negative = any(row.debit < 0 or row.credit < 0 for row in rows)
    accounts = [list(group) for group in _by_account(rows)]
    signs = (False, True) if negative else (False,)
    tried = [_Reading(*both) for both in itertools.product((Verdict.BOOKS, Verdict.BANK), signs)]
    ordered = [ordered for group in accounts if (ordered := _oldest_first(group))]
    found = _following(ordered, tried) if len(ordered) == len(accounts) else []
    return found or [one for one in tried if _stands_elsewhere(accounts, one) >= ENOUGH]


def _following(ordered: Sequence[Sequence[Evidence]], tried: Sequence[_Reading]) -> list[_Reading]:
    """The readings by which each balance follows from the one before, printed after its movement
    or else before it.
    """
    after = [one for one in tried if _followed(ordered, one) >= ENOUGH]
    if after:
        return after
    before = [_Reading(one.verdict, one.absolute, before=True) for one in tried]
    return [one for one in before if _followed(ordered, one) >= ENOUGH]


def _by_account(rows: Sequence[Evidence]) -> Iterator[Sequence[Evidence]]:
    for account in dict.fromkeys(row.account for row in rows):
        yield [row for row in rows if row.account == account]


def _oldest_first(rows: Sequence[Evidence]) -> Sequence[Evidence] | None:
    """The rows in time's order where their dates say it; None where they do not."""
    days = [row.day for row in rows if row.day is not None]
    if len(set(days)) < 2:
        return None
    if days == sorted(days):
        return rows
    return rows[::-1] if days == sorted(days, reverse=True) else None


def _followed(groups: Sequence[Sequence[Evidence]], reading: _Reading) -> float:
    """The share of balances that follow from the one before them."""
    asked = fits = 0
    for rows in groups:
        places = [place for place, row in enumerate(rows) if row.balance is not None]
        for one, other in itertools.pairwise(places):
            between = rows[one:other] if reading.before else rows[one + 1 : other + 1]
            moved = sum((row.moved(reading.absolute) for row in between), Decimal(0))
            last, now = rows[one].balance, rows[other].balance
            if not moved or last is None or now is None:
                continue
            asked += 1
            fits += now == last + reading.sign * moved
    return fits / asked if asked else 0.0


def _stands_elsewhere(groups: Sequence[Sequence[Evidence]], reading: _Reading) -> float:
    """The share of rows whose balance before them is the balance of another row. The very first
    row of each account has none, so it is not asked for.
    """
    asked = fits = 0
    for rows in groups:
        known = Counter(row.balance for row in rows)
        for row in rows:
            moved = row.moved(reading.absolute)
            if row.balance is None or not moved:
                continue
            asked += 1
            fits += known[row.balance - reading.sign * moved] > 0
    most = asked - len(groups)
    return min(fits / most, 1.0) if most > 0 else 0.0


def _by_texts(rows: Sequence[Evidence]) -> Verdict | None:
    """What the texts say for certain: a debit that is called a deposit is one of the books."""
    votes: Counter[Verdict] = Counter()
    for row in rows:
        word = text_word(row.text)
        if word is not None and bool(row.debit) != bool(row.credit):
            is_debit = bool(row.debit)
            votes[Verdict.BOOKS if is_debit == (word is Word.IN) else Verdict.BANK] += 1
    if len(votes) == 1 and votes.total() >= _TEXTS_ENOUGH:
        return next(iter(votes))
    return None
