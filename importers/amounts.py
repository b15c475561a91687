"""Both amount columns or none: which columns hold the two sides of a movement, and what the words
of a side column mean.

The words stand in ``resources/vocabulary/amounts.toml``. Debit and credit depend on whose books
they are, *in* and *out* do not: where one column of a pair is certain, the other is its opposite.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import resources
from importers.tables import Cell, cell_text
from importers.values import code_text, compact, plain


class Word(StrEnum):
    """What a word says of the side of an amount."""

    DEBIT = "debit"
    CREDIT = "credit"
    IN = "in"
    OUT = "out"

    @property
    def is_certain(self) -> bool:
        """Whether it means the same in everybody's books."""
        return self in (Word.IN, Word.OUT)

    @property
    def opposite(self) -> Word:
        return _OPPOSITES[self]


_OPPOSITES = {
    Word.DEBIT: Word.CREDIT,
    Word.CREDIT: Word.DEBIT,
    Word.IN: Word.OUT,
    Word.OUT: Word.IN,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns by their place; ``is_certain``: which one is money coming in is beyond doubt,
    then ``debit`` is that one.
    """

    debit: int
    credit: int
    is_certain: bool


@dataclass(frozen=True, slots=True)
class SideWords:
    """The values of a side column, plain, that stand for each side; ``is_certain`` as of a pair."""

    debit: frozenset[str]
    credit: frozenset[str]
    is_certain: bool


def heading_word(cell: Cell) -> Word | None:
    """What an amount column's heading says of its side; None where it says nothing."""
    words = _vocabulary()["headings"]
    said = _heading(cell)
    return next((word for word in Word if said in words[word.value]), None)


def amount_pair(heading: Sequence[Cell]) -> Pair | None:
    """The two columns of a heading that are the two sides of a movement; None where there are not
    exactly two that can be.
    """
    found = [(place, heading_word(cell)) for place, cell in enumerate(heading)]
    sided = [(place, word) for place, word in found if word is not None]
    first_of_each: dict[Word, int] = {}
    for place, word in sided:
        first_of_each.setdefault(word, place)
    for one, other in _PAIRS:
        if one in first_of_each and other in first_of_each:
            return _pair(first_of_each[one], one, first_of_each[other], other)
    return None


_PAIRS = (
    (Word.DEBIT, Word.CREDIT),
    (Word.OUT, Word.IN),
    (Word.OUT, Word.CREDIT),
    (Word.DEBIT, Word.IN),
    (Word.OUT, Word.DEBIT),
    (Word.CREDIT, Word.IN),
)
"""Which words make a pair, the surest first."""


def _pair(place: int, word: Word, other_place: int, other: Word) -> Pair:
    """A certain word says what its neighbour is, whatever the neighbour's own word."""
    if Word.IN in (word, other):
        inward = place if word is Word.IN else other_place
    elif Word.OUT in (word, other):
        inward = other_place if word is Word.OUT else place
    else:
        return Pair(place, other_place, is_certain=False)
    return Pair(inward, place + other_place - inward, is_certain=True)


def headings_of(word: Word) -> Sequence[str]:
    """Every heading that says this of an amount, in their order."""
    return list(_file()["headings"][word.value])


def is_side_heading(cell: Cell) -> bool:
    return _heading(cell) in _vocabulary()["headings"]["side"]


def may_be_numbers(cell: Cell) -> bool:
    """Whether a heading of a side may head numbers (of cheques, of payments) as well."""
    return _heading(cell) in _vocabulary()["headings"]["number"]


def is_state_heading(cell: Cell) -> bool:
    """Whether a heading heads how each movement stands."""
    return _heading(cell) in _vocabulary()["states"]["headings"]


def came_to_nothing(state: str) -> bool:
    """Whether a state says that nothing moved, or not yet (rechazado, pendiente, declined)."""
    return compact(state).startswith(tuple(_vocabulary()["states"]["not_done"]))


def side_words(values: Iterable[Cell]) -> SideWords | None:
    """What the values of a column stand for, where all of them are sides of one kind; None where
    they are not, or where all say the same letter.
    """
    said = {value_word(value) for value in values} - {"", *BALANCE_WORDS}
    if not said or len(said) > 12:
        return None
    letters = _letters(said)
    if letters is not None:
        return letters
    known = {word: said & _vocabulary()["values"][word.value] for word in Word}
    if sum(map(len, known.values())) != len(said):
        return None
    certain = bool(known[Word.IN] | known[Word.OUT])
    mixed = bool(known[Word.DEBIT] | known[Word.CREDIT])
    if certain and mixed:
        return SideWords(
            frozenset(known[Word.IN] | known[Word.CREDIT]),
            frozenset(known[Word.OUT] | known[Word.DEBIT]),
            is_certain=True,
        )
    if certain:
        return SideWords(frozenset(known[Word.IN]), frozenset(known[Word.OUT]), is_certain=True)
    debit, credit = frozenset(known[Word.DEBIT]), frozenset(known[Word.CREDIT])
    return SideWords(debit, credit, is_certain=False)


BALANCE_WORDS = ("si", "sf")
"""Values of a side column that make a row the opening or closing balance (Venezuela, Colombia)."""


def usual_side_words() -> SideWords:
    """What the words of a side column stand for where its values alone do not say it: D and C as in
    the company's books.
    """
    values = _vocabulary()["values"]
    return SideWords(values["debit"] | {"d"}, values["credit"] | {"c", "h"}, is_certain=False)


def _letters(said: set[str]) -> SideWords | None:
    """Single letters, which mean something as a pair only."""
    letters = _letter_pairs()
    for name, is_certain in (("debit_credit", False), ("out_in", True)):
        for first, second in letters[name]:
            if said == {first, second}:
                debit, credit = (second, first) if is_certain else (first, second)
                return SideWords(frozenset({debit}), frozenset({credit}), is_certain)
    return None


def value_word(value: Cell) -> str:
    """A cell of a side column as its words are compared."""
    return plain(code_text(value)).rstrip(".").strip()


def text_word(text: str) -> Word | None:
    """Which way the money went by what the text of a movement says for certain."""
    words, said = _vocabulary()["certain"], plain(text)
    found = {side for side in ("in", "out") if any(word in said for word in words[side])}
    return Word(found.pop()) if len(found) == 1 else None


def _heading(cell: Cell) -> str:
    return compact(cell_text(cell)).replace("_", "").strip(":.$()' ")


@cache
def _vocabulary() -> Mapping[str, Mapping[str, frozenset[str]]]:
    return {
        part: {name: frozenset(several) for name, several in words.items()}
        for part, words in _file().items()
        if part != "letters"
    }


@cache
def _letter_pairs() -> Mapping[str, Sequence[tuple[str, str]]]:
    return {
        name: [(first, second) for first, second in pairs]
        for name, pairs in _file()["letters"].items()
    }


@cache
def _file() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(resources.path("vocabulary", "amounts.toml").read_text("utf-8"))
