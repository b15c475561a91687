"""What the texts and references of both sides say, word by word: which line has which word, how
many lines have it, and of what shape each reference is.

A number counts without its leading zeros. Inside a number of twelve digits and more (a barcode, a
tracking key) the numbers the other side knows are found too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.matching.columns import Lines, Pair
from app.matching.constants import COMMON_TOKEN
from app.matching.references import DATE, is_year
from app.matching.side import Side

Chosen = tuple[NDArray[np.bool_], NDArray[np.bool_]]

_TOKEN = re.compile(r"[A-Z0-9]+")
_RUNS = re.compile(r"[A-Z]+|\d+")
_SERIES = re.compile(r"\b([A-Z]{1,5})[ .#/-]{0,2}0*([1-9]\d{0,9})\b")
"""Letters and the number after them: ``FAC-00123``, ``fact. 123`` and ``FAC123`` are one word."""
_DIGITS = re.compile(r"\d+")
_LONG = re.compile(r"\d{12,}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHORTEST_WORD, SHORTEST_MIXED, TAIL = 4, 6, 8
MOST_SHAPES = 10
_PATTERN = str.maketrans(
    "0123456789" + _LETTERS + _LETTERS.lower(), "9" * 10 + "A" * 2 * len(_LETTERS)
)
"""What makes two references look alike: where digits and letters stand."""
_INNER = (4, 10)
"""Digits of a number that may stand inside a long one: fewer are there by chance."""
_SEEN_SELDOM = 20
_OFTEN = 0.2
"""Share of the lines beyond which a word tells nothing apart."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """``keys`` of each side are sorted ``line << 32 | token``, of words both sides have;
    ``starts`` is where each line's begin; ``lines_with`` counts, by token, the lines of the side
    that has more. ``shapes`` are codes of what the references of each side look like (0: none).
    ``of_number`` is the token of each number of the pair, −1 where no text has it;
    ``number_in`` that of the number a word consists of behind its letters.
    """

    keys: tuple[Lines, Lines]
    starts: tuple[Lines, Lines]
    lines_with: NDArray[np.int64]
    number_in: Lines
    shapes: tuple[NDArray[np.int64], NDArray[np.int64]]
    shape_count: int
    of_number: NDArray[np.int64]

    def has(self, side: int, lines: Lines, tokens: Lines) -> NDArray[np.bool_]:
        """Whether each line of a side has the token beside it (−1: no)."""
        keys = self.keys[side]
        if not len(keys):
            return np.zeros(len(lines), dtype=np.bool_)
        wanted = lines.astype(np.int64) << 32 | np.maximum(tokens, 0)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.asarray((keys[place] == wanted) & (tokens >= 0))

    def rare(
        self, side: int, lines: NDArray[np.bool_], most: int = COMMON_TOKEN
    ) -> tuple[Lines, Lines]:
        """(line, token) of the words of some lines of a side that at most so many lines have."""
        keys = self.keys[side]
        wanted = lines[keys >> 32] & (self.lines_with[keys & 0xFFFFFFFF] <= most)
        return keys[wanted] >> 32, keys[wanted] & 0xFFFFFFFF

    def rarest(self, a: Lines, b: Lines, without: Sequence[Lines]) -> tuple[Lines, Lines]:
        """For each pair, how many lines have the rarest word both have (0: none in common), and how
        many words they have in common; the numbers in ``without`` (tokens) do not count, with or
        without letters.
        """
        starts = self.starts[0]
        counts = starts[a + 1] - starts[a]
        pair = np.repeat(np.arange(len(a)), counts)
        offset = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        token = self.keys[0][starts[a][pair] + offset] & 0xFFFFFFFF
        common = self.has(1, b[pair], token)
        for skipped in without:
            common &= self.number_in[token] != np.where(skipped < 0, -2, skipped)[pair]
        none = np.iinfo(np.int64).max
        rarest = np.full(len(a), none, dtype=np.int64)
        np.minimum.at(rarest, pair[common], self.lines_with[token[common]])
        return np.where(rarest == none, 0, rarest), np.bincount(pair[common], minlength=len(a))


def tokens_of(left: Side, right: Side, pair: Pair, wanted: Chosen) -> Tokens:
    """The words of the lines that are ``wanted`` of both sides, in the order of ``pair``."""
    vocabulary: dict[str, int] = {}
    sides = (left, right)
    is_long = [_has_long_numbers(side) for side in sides]
    inside = [
        _short_numbers(side) if is_long[1 - at] else set[str]() for at, side in enumerate(sides)
    ]
    found = [
        _tokens_of_side(side, vocabulary, wanted[at], inside[1 - at] if is_long[at] else set())
        for at, side in enumerate(sides)
    ]
    size = len(vocabulary)
    counts = [np.bincount(token, minlength=size) for _, token in found]
    lines_with = np.maximum(*counts)
    often = max(_OFTEN * max(len(left), len(right)), _SEEN_SELDOM)
    useful = (counts[0] > 0) & (counts[1] > 0) & (lines_with <= often)
    keys = [np.unique(line[useful[token]] << 32 | token[useful[token]]) for line, token in found]
    starts = [
        np.searchsorted(key, np.arange(len(side) + 1, dtype=np.int64) << 32)
        for key, side in zip(keys, sides, strict=True)
    ]
    shapes, shape_count = _shapes(left, right)
    return Tokens(
        (keys[0], keys[1]),
        (starts[0], starts[1]),
        lines_with.astype(np.int64),
        np.array([_number_in(word, vocabulary) for word in vocabulary] or [-1]),
        shapes,
        shape_count,
        np.array([vocabulary.get(number, -1) for number in pair.numbers.texts] or [-1]),
    )


def _tokens_of_side(
    side: Side, vocabulary: dict[str, int], wanted: NDArray[np.bool_], inside: set[str]
) -> tuple[Lines, Lines]:
    """(line, token) of every word of the lines that are wanted; ``inside``: numbers to look for in
    long ones.
    """
    lines = np.flatnonzero(wanted)
    lengths = sorted({len(number) for number in inside})
    known: dict[tuple[str, str], int] = {}
    said = [(side.text[line], side.reference[line]) for line in lines.tolist()]
    places = np.array([known.setdefault(both, len(known)) for both in said], dtype=np.int64)
    by_text = [
        [
            vocabulary.setdefault(word, len(vocabulary))
            for word in words_in(DATE.sub(" ", text)).union(
                words_in(reference), _inner(text, reference, inside, lengths)
            )
        ]
        for text, reference in known
    ]
    counts = np.array([len(found) for found in by_text] or [0], dtype=np.int64)
    flat = np.array([token for found in by_text for token in found], dtype=np.int64)
    begin = np.cumsum(counts) - counts
    many = counts[places] if len(places) else np.empty(0, dtype=np.int64)
    line = np.repeat(lines, many)
    offset = np.arange(len(line)) - np.repeat(np.cumsum(many) - many, many)
    return line, flat[np.repeat(begin[places], many) + offset] if len(line) else line


def words_in(text: str) -> set[str]:
    """The words of a text that can tell lines apart: numbers, numbers with the letters before
    them, words of four letters and more, and what mixes both, with its tail and the numbers in it.
    """
    upper = text.upper()
    if not upper.isascii():
        upper = unicodedata.normalize("NFD", upper)
        upper = "".join(letter for letter in upper if not unicodedata.combining(letter))
    series = _SERIES.findall(upper)
    found = {letters + digits for letters, digits in series}
    found.update(digits for _, digits in series if len(digits) > 1 and not is_year(digits))
    for token in _TOKEN.findall(upper):
        if token.isdigit():
            number = token.lstrip("0")
            found.update({number} if len(number) > 1 and not is_year(number) else ())
        elif token.isalpha():
            found.update({token} if len(token) >= SHORTEST_WORD else ())
        elif len(token) >= SHORTEST_MIXED:
            found.update((token, token[-TAIL:]))
            found.update(run.lstrip("0") for run in _DIGITS.findall(token) if len(run) > 2)
    return found - {""}


def _inner(text: str, reference: str, inside: set[str], lengths: Iterable[int]) -> Iterator[str]:
    """Numbers of the other side that stand inside the long ones of this line."""
    if not inside:
        return
    for digits in _LONG.findall(f"{reference} {text}"):
        for length in lengths:
            for start in range(len(digits) - length + 1):
                part = digits[start : start + length]
                if part in inside:
                    yield part


def _number_in(word: str, vocabulary: dict[str, int]) -> int:
    """The token of the number of a word like ``FAC123``, of any other the word itself."""
    return vocabulary.get(word.lstrip(_LETTERS), vocabulary[word])


def _has_long_numbers(side: Side) -> bool:
    said = " ".join(side.reference[:2000] + side.text[:2000])
    return _LONG.search(said) is not None


def _short_numbers(side: Side) -> set[str]:
    """Numbers of a side that few lines have and that are long enough to be found inside others."""
    counts: Counter[str] = Counter()
    for text, reference in zip(side.text, side.reference, strict=True):
        counts.update({run.lstrip("0") for run in _DIGITS.findall(f"{text} {reference}")})
    least, most = _INNER
    return {
        number
        for number, count in counts.items()
        if count <= _SEEN_SELDOM and least <= len(number) <= most
    }


def _shapes(left: Side, right: Side) -> tuple[tuple[Lines, Lines], int]:
    """A code for what each reference looks like; those of seldom shapes share one."""
    written = [pd.factorize(np.array(side.reference, dtype=object)) for side in (left, right)]
    looks = [
        np.array(_shapes_of(list(seen)) or [""], dtype=np.object_)[places]
        if len(places)
        else np.empty(0, dtype=np.object_)
        for places, seen in written
    ]
    counts = Counter([*looks[0], *looks[1]])
    common = [look for look, _ in sorted(counts.items(), key=lambda it: (-it[1], it[0])) if look]
    codes = {look: code for code, look in enumerate(common[:MOST_SHAPES], 1)} | {"": 0}
    other = MOST_SHAPES + 1
    mine, theirs = (
        np.array([codes.get(look, other) for look in of_side], dtype=np.int64) for of_side in looks
    )
    return (mine, theirs), other + 1


def _shapes_of(references: Sequence[str]) -> list[str]:
    """The shape of each; most of them look like another one."""
    patterns = [text.translate(_PATTERN) for text in references]
    known = {pattern: shape_of(pattern) for pattern in set(patterns)}
    return [known[pattern] for pattern in patterns]


def shape_of(reference: str) -> str:
    """What a reference looks like: letters, and how many digits (``FAC-123`` is ``A9``); ``uuid``
    for a fiscal one; empty for none.
    """
    upper = reference.upper().strip()
    if len(upper) == 36 and upper.count("-") == 4:
        return "uuid"
    return "".join("A" if not run.isdigit() else _digits(len(run)) for run in _RUNS.findall(upper))[
        :5
    ]


def _digits(length: int) -> str:
    return "9" * (1 + sum(length >= step for step in (5, 7, 11)))
