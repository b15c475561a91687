"""Both sides as columns of numbers: every word of either side is a code of one vocabulary, so that the engine compares
integers. What says nothing (fillers, blanks) is −1."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.reconcile.names import Beginnings, normalise_name
from app.reconcile.references import is_filler_form, normalise_reference, number_of, numbers_in, prefix_of
from app.reconcile.sides import Side

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
"""A text on many lines of few days is one large voucher; on many lines of many days it says nothing."""
SAME_KIND = 0.05
"""Least share of common references for two columns to be of the same kind of thing."""
_DIGITS = re.compile(r"\d+")
_TAX_ID = re.compile(r"\b(?:[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}|\d{8,10})(?=\D|\b)")


@dataclass
class Words:
    """A vocabulary; codes are given in order of first sight."""

    codes: dict[str, int] = field(default_factory=dict)

    def encode(self, words: Iterable[str]) -> Codes:
        codes = self.codes
        code = codes.setdefault
        return np.array([code(word, len(codes)) if word else NONE for word in words], dtype=np.int32)

    @property
    def texts(self) -> list[str]:
        return list(self.codes)


@dataclass
class Columns:
    """One side in codes. ``sign`` was applied to ``amount``; ``mentions`` are sorted ``line << 32 | number``."""

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
    mentions: Lines = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.amount)


@dataclass
class Pair:
    """Both sides and what their codes mean. ``comparable`` says whether the references of both are the same kind of
    thing; ``shares_accounts`` whether accounts can be compared."""

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
    known_forms: dict[str, str] = {}
    known_names: dict[str, str] = {}
    known_texts: dict[str, str] = {}
    shared = bool(set(left.account) & set(right.account) - {""})
    columns = []
    named = [[name for name in dict.fromkeys(side.party) if name] for side in (left, right)]
    begins = [Beginnings(map(normalise_name, own)) for own in named]
    for side, other in ((left, begins[1]), (right, begins[0])):
        form_texts = _forms(side, known_forms)
        numbered = {form: number_of(form) for form in set(form_texts) if form}
        prefixed = {form: prefix_of(form) for form in numbered}
        party = [known_names.setdefault(name, "") or _kept(known_names, name, normalise_name) for name in side.party]
        if not all(party):
            texts = (known_texts.setdefault(one, "") or _kept(known_texts, one, normalise_name) for one in side.text)
            party = [name or other.found_in(text) for name, text in zip(party, texts, strict=True)]
        columns.append(
            Columns(
                side.amount.astype(np.int64), side.day.astype(np.int32),
                accounts.encode(side.account) if shared else np.zeros(len(side), dtype=np.int32),
                documents.encode(side.document), forms.encode(form_texts),
                numbers.encode(numbered.get(form, "") for form in form_texts),
                prefixes.encode(prefixed.get(form, "") for form in form_texts), names.encode(party), stems.encode(name[:STEM] for name in party),
                taxes.encode(_tax_form(tax) for tax in side.tax_id),
            )
        )  # fmt: skip
    mine, theirs = columns
    _tax_ids_of_texts(left, mine, taxes)
    _tax_ids_of_texts(right, theirs, taxes)
    opposite = contra == "yes" or (contra == "auto" and _is_contra(mine.amount, theirs.amount))
    if opposite:
        theirs.amount = -theirs.amount
    pair = Pair(mine, theirs, names.texts, numbers, _comparable(mine, theirs), shared, opposite)
    for side, own in ((left, mine), (right, theirs)):
        own.mentions = _mentions(side, own, numbers)
    return pair


def _kept(known: dict[str, str], text: str, normalise: Callable[[str], str]) -> str:
    known[text] = found = normalise(text)
    return found


def _forms(side: Side, known: dict[str, str]) -> list[str]:
    """Each reference in the form references are compared in; empty for fillers (S/N, 0, VARIOS), which are recognised
    by form or because one text stands on a large share of all lines over many days."""
    forms = []
    for text in side.reference:
        form = known.get(text)
        if form is None:
            form = known[text] = normalise_reference(text)
        forms.append(form)
    limit = max(FILLER_SHARE * len(forms), 20)
    counted = Counter(forms)
    often = {form for form, count in counted.items() if count > limit}
    days: dict[str, set[int]] = {form: set() for form in often}
    for form, day in zip(forms, side.day, strict=True) if often else ():
        if form in often:
            days[form].add(int(day))
    fillers = {form for form in counted if is_filler_form(form)}
    fillers |= {form for form, seen in days.items() if len(seen) >= FILLER_DAYS}
    return ["" if form in fillers else form for form in forms]


def _tax_form(text: str) -> str:
    """A tax id without separators and without the check digit of a NIT."""
    if not text:
        return ""
    head, dash, digit = text.strip().upper().rpartition("-")
    known = head if dash and len(digit) == 1 and digit.isdigit() else text.upper()
    return "".join(letter for letter in known if letter.isalnum())


def _tax_ids_of_texts(side: Side, own: Columns, taxes: Words) -> None:
    """Where a line has no tax id of its own, one that stands in its text and that somebody has."""
    if not taxes.codes:
        return
    for index in np.flatnonzero(own.tax == NONE):
        text = side.text[index]
        for found in _TAX_ID.findall(text.upper()) if text else ():
            code = taxes.codes.get(found, taxes.codes.get(found[:-1], NONE) if found.isdigit() else NONE)
            if code != NONE:
                own.tax[index] = code
                break


def _is_contra(left: Cents, right: Cents) -> bool:
    """Whether many more amounts are found on the other side with the opposite sign than with their own."""
    same = np.intersect1d(left, right).size
    opposite = np.intersect1d(left, -right).size
    return bool(opposite > 2 * same + 2)


def _comparable(left: Columns, right: Columns) -> bool:
    """Whether the references of both sides are the same kind of thing: enough of them are common."""
    for one, other in ((left.form, right.form), (left.number, right.number)):
        mine, theirs = np.unique(one[one >= 0]), np.unique(other[other >= 0])
        least = min(len(mine), len(theirs))
        if least and np.intersect1d(mine, theirs, assume_unique=True).size >= max(SAME_KIND * least, 1):
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


def mentioned(columns: Columns, lines: Lines, numbers: Codes) -> NDArray[np.bool_]:
    """Whether each line mentions the number beside it (−1: no)."""
    if not len(columns.mentions):
        return np.zeros(len(lines), dtype=np.bool_)
    wanted = lines.astype(np.int64) << 32 | np.maximum(numbers, 0)
    place = np.minimum(np.searchsorted(columns.mentions, wanted), len(columns.mentions) - 1)
    return np.asarray((columns.mentions[place] == wanted) & (numbers >= 0))


def numbers_of(columns: Columns, line: int) -> list[int]:
    """The codes of the numbers a line mentions."""
    start = int(np.searchsorted(columns.mentions, line << 32))
    end = int(np.searchsorted(columns.mentions, (line + 1) << 32))
    return [int(value) & 0xFFFFFFFF for value in columns.mentions[start:end]]
