"""What agrees between two lines, in levels, and how likely each agreement is by chance.

A reference that is of another kind of number than the other side's (a bank's against a folio) says
nothing by being different; the levels are therefore counted for each pair of shapes
(:func:`app.matching.tokens.shape_of`). The chance that two unlike lines agree on a value is how
often the value stands in the file that has more of it (Winkler, W. E., *Frequency-based matching in
Fellegi–Sunter model of record linkage*, 1989).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from app.matching import constants
from app.matching.columns import Codes, Lines, Pair
from app.matching.constants import FAR_DAYS, FEWEST_LINES
from app.matching.names import Names
from app.matching.series import Series
from app.matching.tokens import Tokens

Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]
Small = NDArray[np.int16]
"""Levels, shapes and days, kept of millions of pairs: no wider than they need to be."""


class Reference(IntEnum):
    """How the references of two lines compare."""

    MISSING = 0
    FORM = 1
    NUMBER = 2
    MENTION = 3
    NEAR = 4
    DIFFERENT = 5


class Party(IntEnum):
    """How the parties of two lines compare."""

    MISSING = 0
    TAX_ID = 1
    NAME = 2
    BEGINNING = 3
    LIKE = 4
    SOMEWHAT = 5
    NAME_OTHER_TAX_ID = 6
    OTHER = 7


class Words(IntEnum):
    """How rare the rarest word is that two texts have in common."""

    NONE = 0
    COMMON = 1
    TELLING = 2
    RARE = 3
    UNIQUE = 4


SAYS_MORE = (Reference.FORM, Reference.NUMBER, Reference.MENTION, Reference.NEAR)
_BY_LIKENESS = (
    (constants.EQUAL, Party.NAME),
    (constants.BEGINNING, Party.BEGINNING),
    (constants.LIKE, Party.LIKE),
    (constants.SOMEWHAT, Party.SOMEWHAT),
)
SAME_PARTY = (Party.TAX_ID, Party.NAME, Party.BEGINNING)


@dataclass
class Levels:
    """For each pair: levels of reference, party, days and words; the shapes of both references; and
    the log of the chance that unlike lines agree so on this very value (0 where the level has one
    chance for all values). ``gap`` is right day less left day, from −FAR_DAYS, counted from 0.
    """

    reference: Small
    reference_chance: Scores
    left_shape: Small
    right_shape: Small
    party: Small
    party_chance: Scores
    gap: Small
    words: Small

    def __len__(self) -> int:
        return len(self.gap)

    def only(self, where: Mask | Lines) -> Levels:
        return replace(
            self, **{item.name: getattr(self, item.name)[where] for item in fields(self)}
        )

    @classmethod
    def joined(cls, *parts: Levels) -> Levels:
        columns = {
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(cls)
        }
        return cls(**columns)

    @property
    def say_more(self) -> Mask:
        """Where more agrees than amount and day."""
        return np.asarray(
            np.isin(self.reference, SAYS_MORE)
            | np.isin(self.party, SAME_PARTY)
            | (self.words >= Words.RARE)
        )


class Comparison:
    """Compares lines of two sides in codes."""

    def __init__(self, pair: Pair, tokens: Tokens, names: Names) -> None:
        self.pair, self.tokens, self.names = pair, tokens, names
        self.lines = max(len(pair.left), len(pair.right), FEWEST_LINES)
        left, right = pair.left, pair.right
        self._forms = most_lines(left.form, right.form)
        self._numbers = most_lines(left.number, right.number)
        self._tax_ids = most_lines(left.tax, right.tax)
        self._lengths = np.array([len(number) for number in pair.numbers.texts] or [0])
        self._series = Series(pair)

    def levels(self, a: Lines, b: Lines) -> Levels:
        """How each pair of lines compares."""
        left, right, tokens = self.pair.left, self.pair.right, self.tokens
        number_a, number_b = self._token(left.number[a]), self._token(right.number[b])
        reference, reference_chance = self._references(a, b, number_a, number_b)
        party, party_chance = self._parties(a, b)
        gap = np.clip(right.day[b].astype(np.int64) - left.day[a], -FAR_DAYS, FAR_DAYS) + FAR_DAYS
        return Levels(
            reference,
            reference_chance,
            tokens.shapes[0][a].astype(np.int16),
            tokens.shapes[1][b].astype(np.int16),
            party,
            party_chance,
            gap.astype(np.int16),
            self._words(a, b, reference, party, number_a, number_b),
        )

    def parties_again(self, a: Lines, b: Lines, levels: Levels) -> Levels:
        """The levels with the parties compared anew, after more was learned of the names."""
        left, right = self.pair.left, self.pair.right
        party, party_chance = self._parties(a, b)
        numbers = self._token(left.number[a]), self._token(right.number[b])
        words = self._words(a, b, levels.reference, party, *numbers)
        return replace(levels, party=party, party_chance=party_chance, words=words)

    def _token(self, numbers: Codes) -> Lines:
        return np.where(numbers >= 0, self.tokens.of_number[np.maximum(numbers, 0)], -1)

    def _references(
        self, a: Lines, b: Lines, token_a: Lines, token_b: Lines
    ) -> tuple[Small, Scores]:
        left, right, tokens = self.pair.left, self.pair.right, self.tokens
        form_a, form_b = left.form[a], right.form[b]
        number_a, number_b = left.number[a], right.number[b]
        same_form = (form_a == form_b) & (form_a >= 0)
        same_number = (number_a == number_b) & (number_a >= 0) & ~same_form
        same_number &= ~self._series.differ(a, b)
        told = ~(same_form | ((number_a == number_b) & (number_a >= 0)))
        says_b = tokens.has(1, b, self._long_enough(number_a, token_a)) & told
        says_a = tokens.has(0, a, self._long_enough(number_b, token_b)) & told
        level = np.zeros(len(a), dtype=np.int16)
        level[(form_a >= 0) & (form_b >= 0)] = Reference.DIFFERENT
        level[says_a | says_b] = Reference.MENTION
        level[same_number] = Reference.NUMBER
        level[same_form] = Reference.FORM
        unlike = np.flatnonzero((level == Reference.DIFFERENT) & (number_a >= 0) & (number_b >= 0))
        level[unlike[self._nearly(number_a[unlike], number_b[unlike])]] = Reference.NEAR
        chance = np.zeros(len(a))
        chance[same_form] = self._chance(self._forms, form_a[same_form])
        chance[same_number] = self._chance(self._numbers, number_a[same_number])
        for says, token in ((says_b, token_a), (says_a, token_b)):
            chance[says] = self._chance(tokens.lines_with, token[says])
        return level, chance

    def _long_enough(self, numbers: Codes, tokens: Lines) -> Lines:
        return np.where(self._lengths[np.maximum(numbers, 0)] < constants.SHORT_NUMBER, -1, tokens)

    def _chance(self, lines_with: NDArray[np.int64], codes: Lines | Codes) -> Scores:
        if not len(codes):
            return np.zeros(0)
        return np.asarray(np.log(np.maximum(lines_with[codes], 1) / self.lines))

    def _nearly(self, ones: Codes, others: Codes) -> Mask:
        """Whether two numbers of four digits or more are one slip of the fingers apart, or one
        lacks digits of the other.
        """
        texts = self.pair.numbers.texts
        keys, place = np.unique(ones.astype(np.int64) << 32 | others, return_inverse=True)
        left = [texts[code] for code in (keys >> 32).tolist()]
        right = [texts[code] for code in (keys & 0xFFFFFFFF).tolist()]
        apart = process.cpdist(left, right, scorer=DamerauLevenshtein.distance, score_cutoff=1)
        near = np.array(
            [
                min(len(one), len(other)) >= constants.NEAR_DIGITS
                and (slips <= 1 or one.endswith(other) or other.endswith(one))
                for one, other, slips in zip(left, right, apart.tolist(), strict=True)
            ],
            dtype=np.bool_,
        )
        return near[place] if len(keys) else np.zeros(len(ones), dtype=np.bool_)

    def _parties(self, a: Lines, b: Lines) -> tuple[Small, Scores]:
        left, right = self.pair.left, self.pair.right
        tax_a, tax_b, party_a, party_b = left.tax[a], right.tax[b], left.party[a], right.party[b]
        same_tax = (tax_a == tax_b) & (tax_a >= 0)
        other_tax = (tax_a != tax_b) & (tax_a >= 0) & (tax_b >= 0)
        named = np.flatnonzero((party_a >= 0) & (party_b >= 0) & ~same_tax)
        level, chance = np.zeros(len(a), dtype=np.int16), np.zeros(len(a))
        alike = self.names.similarity(party_a[named], party_b[named])
        by_name = np.select(
            [alike >= least for least, _ in _BY_LIKENESS],
            [int(level) for _, level in _BY_LIKENESS],
            int(Party.OTHER),
        )
        is_name = alike >= constants.BEGINNING
        against = np.where(is_name, int(Party.NAME_OTHER_TAX_ID), int(Party.OTHER))
        level[named] = np.where(other_tax[named], against, by_name)
        level[other_tax & (level == 0)] = Party.OTHER
        level[same_tax] = Party.TAX_ID
        chance[same_tax] = self._chance(self._tax_ids, tax_a[same_tax])
        for kind, lines_with in (
            (Party.NAME, self.names.lines_named),
            (Party.BEGINNING, self.names.lines_beginning),
        ):
            at = np.flatnonzero(level == kind)
            chance[at] = np.log(np.clip(lines_with(party_a[at], party_b[at]), 1, None) / self.lines)
        return level, chance

    def _words(
        self, a: Lines, b: Lines, reference: Small, party: Small, token_a: Lines, token_b: Lines
    ) -> Small:
        """Words of the party's name say nothing new where the party agrees, nor does the number of
        a reference beside the reference.
        """
        lines_with, common = self.tokens.rarest(a, b, (token_a, token_b))
        level = np.select(
            [
                lines_with == 0,
                lines_with <= constants.UNIQUE_WORD,
                lines_with <= constants.RARE_WORD * self.lines,
                lines_with <= constants.TELLING_WORD * self.lines,
            ],
            [int(Words.NONE), int(Words.UNIQUE), int(Words.RARE), int(Words.TELLING)],
            int(Words.COMMON),
        )
        is_party = (party > Party.MISSING) & (party < Party.SOMEWHAT)
        same_reference = np.isin(reference, SAYS_MORE[:3])
        level[is_party & (common <= 3) & ~same_reference] = Words.NONE
        return level.astype(np.int16)


def most_lines(left: Codes, right: Codes) -> NDArray[np.int64]:
    """Lines by code, of the side that has more."""
    size = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    counts = [np.bincount(codes[codes >= 0], minlength=size) for codes in (left, right)]
    return np.maximum(*counts).astype(np.int64)
