"""Both sides as columns of numbers: every word of either side is a code of one vocabulary, so that
the engine compares integers. What says nothing (fillers, blanks) is −1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.matching.currencies import home_currency
from app.matching.party_names import Beginnings, normalise_name
from app.matching.references import (
    is_filler_form,
    normalise_reference,
    number_of,
    numbers_in,
    prefix_of,
)
from app.matching.side import Side
from importers.identity import canonical_tax_id

Codes = NDArray[np.int32]
Cents = NDArray[np.int64]
Lines = NDArray[np.int64]

NONE = -1
SHORTEST_NUMBER = 3
"""Digits of a number in a text below which it is nobody's reference."""
STEM = 10
"""Letters of a name that are left however an old system cuts it."""
FILLER_SHARE = 0.02
FILLER_DAYS = 4
"""A text on many lines of few days is one large voucher; on many lines of many days it says
nothing.
"""
SAME_KIND = 0.05
"""Least share of common references for two columns to be of the same kind of thing."""
_SAME_CHART = 0.5
"""Share of the lines of both sides on accounts both have, for charts to be one."""
_DIGITS = re.compile(r"\d+")
_TAX_ID = re.compile(r"\b(?:[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}|\d{8,10})(?=\D|\b)")


class Texts(NamedTuple):
    """A column of texts: those there are, and which of them stands on each line."""

    places: NDArray[np.int64]
    seen: list[str]

    def map(self, change: Callable[[str], str]) -> Texts:
        return Texts(self.places, [change(text) for text in self.seen])


@dataclass
class Words:
    """A vocabulary; codes are given in order of first sight."""

    codes: dict[str, int] = field(default_factory=dict)

    def encode(self, texts: Texts) -> Codes:
        codes = self.codes
        found = [codes.setdefault(word, len(codes)) if word else NONE for word in texts.seen]
        return np.array(found, dtype=np.int32)[texts.places]

    @property
    def texts(self) -> list[str]:
        return list(self.codes)


@dataclass
class Columns:
    """One side in codes. ``account`` is what lines of a pair must have in common: the currency, and
    the account where both sides have one chart; ``own_account`` is a code of the side's own.
    ``mentions`` are sorted ``line << 32 | number``.
    """

    amount: Cents
    day: Codes
    account: Codes
    document: Codes
    form: Codes
    number: Codes
    prefix: Codes
    party: Codes
    stem: Codes
    tax: Codes
    own_account: Codes
    mentions: Lines = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.amount)


@dataclass
class Pair:
    """Both sides and what their codes mean. ``comparable`` says whether the references of both are
    the same kind of thing; ``shares_accounts`` whether accounts can be compared.
    """

    left: Columns
    right: Columns
    names: list[str]
    numbers: Words
    comparable: bool
    shares_accounts: bool
    contra: bool


def encode(left: Side, right: Side, contra: str = "auto") -> Pair:
    """Both sides as numbers."""
    forms, numbers, names, taxes, accounts, documents, stems, prefixes = (Words() for _ in range(8))
    form_of, name_of, tax_of = (
        _Kept(normalise_reference),
        _Kept(normalise_name),
        _Kept(canonical_tax_id),
    )
    shared = _share_a_chart(left, right)
    home = home_currency(left, right)
    columns = []
    begins = [Beginnings(map(normalise_name, dict.fromkeys(side.party))) for side in (left, right)]
    for side, other in ((left, begins[1]), (right, begins[0])):
        form_texts = _forms(side, form_of)
        day = side.day.astype(np.int32)
        columns.append(
            Columns(
                side.amount.astype(np.int64),
                day,
                accounts.encode(_distinct(_ledger_of(side, shared, home))),
                documents.encode(_distinct(side.document)),
                forms.encode(form_texts),
                numbers.encode(form_texts.map(lambda form: number_of(form) if form else "")),
                prefixes.encode(form_texts.map(lambda form: prefix_of(form) if form else "")),
                _parties(side, other, name_of, names),
                np.empty(0, dtype=np.int32),
                taxes.encode(_distinct(side.tax_id).map(tax_of)),
                _distinct(side.account).places.astype(np.int32),
            )
        )
    mine, theirs = columns
    beginnings = np.append(
        stems.encode(Texts(np.arange(len(names.codes)), [name[:STEM] for name in names.codes])),
        NONE,
    )
    for own in columns:
        own.stem = beginnings[own.party].astype(np.int32)
    _tax_ids_of_texts(left, mine, taxes)
    _tax_ids_of_texts(right, theirs, taxes)
    opposite = contra == "yes" or (contra == "auto" and _is_contra(mine.amount, theirs.amount))
    if opposite:
        theirs.amount = -theirs.amount
    pair = Pair(mine, theirs, names.texts, numbers, _comparable(mine, theirs), shared, opposite)
    for side, own in ((left, mine), (right, theirs)):
        own.mentions = _mentions(side, own, numbers)
    return pair


def _share_a_chart(left: Side, right: Side) -> bool:
    """Whether accounts can be compared by code: most lines of both sides are on accounts the other
    has too. One code in common may be chance.
    """
    common = set(left.account) & set(right.account) - {""}
    return bool(common) and all(
        sum(code in common for code in side.account) >= _SAME_CHART * len(side)
        for side in (left, right)
    )


def _ledger_of(side: Side, by_account: bool, home: str) -> list[str]:
    """What lines of a pair have in common: the currency, and the account where both have one
    chart.
    """
    currencies = [code or home or "-" for code in side.currency] or [home or "-"] * len(side)
    if not by_account:
        return currencies
    return [f"{code} {account}" for code, account in zip(currencies, side.account, strict=True)]


class _Kept(dict[str, str]):
    """What a function makes of each text, asked once."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> str:
        self[text] = found = self._make(text)
        return found

    def __call__(self, text: str) -> str:
        return self[text]


def _distinct(texts: Sequence[str]) -> Texts:
    places, seen = pd.factorize(np.array(texts, dtype=object))
    return Texts(places, list(seen))


def _parties(side: Side, other: Beginnings, name_of: _Kept, names: Words) -> Codes:
    """The party of each line; where it has none, the name of the other side's parties its text
    begins to say.
    """
    named = _distinct(side.party).map(name_of)
    codes = names.encode(named)
    without = np.flatnonzero(codes == NONE)
    texts = _distinct([side.text[line] for line in without.tolist()])
    codes[without] = names.encode(texts.map(lambda text: other.found_in(normalise_name(text))))
    return codes


def _forms(side: Side, form_of: _Kept) -> Texts:
    """Each reference in the form references are compared in; empty for fillers (S/N, 0, VARIOS),
    which are recognised by form or because one text stands on a large share of all lines over many
    days.
    """
    written = _distinct(side.reference).map(form_of)
    places, seen = pd.factorize(np.array(written.seen, dtype=object))
    forms = Texts(places[written.places] if len(places) else written.places, list(seen))
    counts = np.bincount(forms.places, minlength=len(seen))
    fillers = {place for place, form in enumerate(forms.seen) if is_filler_form(form)}
    for place in np.flatnonzero(counts > max(FILLER_SHARE * len(side), 20)).tolist():
        if len(np.unique(side.day[forms.places == place])) >= FILLER_DAYS:
            fillers.add(place)
    return Texts(
        forms.places, ["" if place in fillers else form for place, form in enumerate(forms.seen)]
    )


def _tax_ids_of_texts(side: Side, own: Columns, taxes: Words) -> None:
    """Where a line has no tax id of its own, one that stands in its text and that somebody has."""
    if not taxes.codes:
        return
    for index in np.flatnonzero(own.tax == NONE):
        text = side.text[index]
        for found in _TAX_ID.findall(text.upper()) if text else ():
            code = taxes.codes.get(canonical_tax_id(found), NONE)
            if code != NONE:
                own.tax[index] = code
                break


def _is_contra(left: Cents, right: Cents) -> bool:
    """Whether many more amounts are found on the other side with the opposite sign than with their
    own.
    """
    same = np.intersect1d(left, right).size
    opposite = np.intersect1d(left, -right).size
    return bool(opposite > 2 * same + 2)


def _comparable(left: Columns, right: Columns) -> bool:
    """Whether the references of both sides are the same kind of thing: enough of them are
    common.
    """
    for one, other in ((left.form, right.form), (left.number, right.number)):
        mine, theirs = np.unique(one[one >= 0]), np.unique(other[other >= 0])
        least = min(len(mine), len(theirs))
        if least and np.intersect1d(mine, theirs, assume_unique=True).size >= max(
            SAME_KIND * least, 1
        ):
            return True
    return False


def _mentions(side: Side, own: Columns, numbers: Words) -> Lines:
    """Numbers in the texts (and references) of a side that are somebody's number."""
    found: list[int] = []
    for index, (text, reference) in enumerate(zip(side.text, side.reference, strict=True)):
        several = reference and len(_DIGITS.findall(reference)) > 1
        if not several and not _DIGITS.search(text):
            continue
        seen = numbers_in(f"{text} {reference}" if several else text)
        found += [
            index << 32 | numbers.codes[number]
            for number in seen
            if number in numbers.codes and len(number) >= SHORTEST_NUMBER
        ]
    return np.unique(np.array(found, dtype=np.int64))


def numbers_of(columns: Columns, line: int) -> list[int]:
    """The codes of the numbers a line mentions."""
    start = int(np.searchsorted(columns.mentions, line << 32))
    end = int(np.searchsorted(columns.mentions, (line + 1) << 32))
    return [int(value) & 0xFFFFFFFF for value in columns.mentions[start:end]]
