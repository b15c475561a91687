"""What each agreement is worth, learned from the two sides themselves.

Fellegi, I. P. and Sunter, A. B., *A theory for record linkage* (1969): an agreement speaks for a
pair by ``log(m / u)``, with ``m`` how often it is seen among pairs of one event and ``u`` how often
among pairs of two. ``m`` is learned by expectation and maximisation with Dirichlet priors, ``u``
from frequencies and from pairs drawn at random.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.columns import Columns, Lines
from app.matching.comparing import Comparison, Levels, Party, Reference, Words
from app.matching.constants import FAR_DAYS
from app.matching.keys import dense_keys
from app.matching.outcome import WEIGHED

Scores = NDArray[np.float64]
_REFERENCE_PRIOR = np.array(constants.REFERENCE_PRIOR)
_PARTY_PRIOR = np.array(constants.PARTY_PRIOR)
_WORDS_PRIOR = np.array(constants.WORDS_PRIOR)
_GAPS = 2 * FAR_DAYS + 1


@dataclass(frozen=True)
class Weights:
    """The parts of the log odds of each pair: what reference, party, days, words and accounts say,
    and what the amount takes away by being frequent.
    """

    reference: Scores
    party: Scores
    days: Scores
    words: Scores
    accounts: Scores
    amount: Scores
    log_odds: Scores

    @property
    def kept(self) -> NDArray[np.int16]:
        """Ten times each part, in the order of ``WEIGHED``."""
        parts = [getattr(self, name) for name in WEIGHED]
        kept: NDArray[np.int16] = np.rint(10 * np.stack(parts, axis=1)).astype(np.int16)
        return kept


@dataclass
class EvidenceModel:
    """``reference`` is m by left shape, right shape and level; the other m are by level, and
    ``days`` by gap. ``left_found`` and ``right_found`` are the shares of lines with a partner.
    """

    comparison: Comparison
    reference: Scores = field(init=False)
    party: Scores = field(init=False)
    days: Scores = field(init=False)
    words: Scores = field(init=False)
    accounts: Scores | None = None
    together: Scores | None = None
    """Pairs of one event by left and right account, where both sides have charts of their own."""
    left_found: float = 0.9
    right_found: float = 0.9
    chance_party: Scores = field(init=False)
    chance_words: Scores = field(init=False)
    chance_near: float = 0.003
    chance_days: Scores = field(init=False)
    like_amounts: Scores = field(init=False)
    """By left line, how many other events have its amount."""

    def __post_init__(self) -> None:
        left, right = self.comparison.pair.left, self.comparison.pair.right
        shapes = self.comparison.tokens.shape_count
        self.reference = np.tile(_shares(_REFERENCE_PRIOR), (shapes, shapes, 1))
        self.party = _shares(_PARTY_PRIOR)
        self.days = _prior_days()
        self.words = _shares(_WORDS_PRIOR)
        self.like_amounts = _like_amounts(left, right)
        self.chance_days = _chance_days(left, right)
        self._draw()

    @property
    def found(self) -> float:
        """Share of lines with a partner, over both sides."""
        return float((self.left_found * self.right_found) ** 0.5)

    def weigh(
        self, a: Lines, b: Lines, levels: Levels, like_amounts: Scores | None = None
    ) -> Weights:
        """Log odds that a pair is one event, against both its lines having nothing to do with each
        other: ``log π − log(1−π_L) − log(1−π_R) − log tf + Σ log(m/u)``. ``like_amounts`` (tf) is
        how many other events could have the amount by chance; by default those with the very same.
        """
        likely = self.reference[levels.left_shape, levels.right_shape, levels.reference]
        chance = np.where(
            levels.reference == Reference.NEAR, np.log(self.chance_near), levels.reference_chance
        )
        reference = np.where(
            levels.reference == Reference.MISSING,
            0.0,
            np.log(np.maximum(likely, constants.LEAST_SHARE)) - chance,
        )
        own = np.isin(levels.party, (Party.TAX_ID, Party.NAME, Party.BEGINNING))
        chance = np.where(own, levels.party_chance, np.log(self.chance_party[levels.party]))
        party = np.where(
            levels.party == Party.MISSING,
            0.0,
            np.log(np.maximum(self.party[levels.party], constants.LEAST_SHARE)) - chance,
        )
        days = np.log(self.days[levels.gap]) - np.log(self.chance_days[levels.gap])
        words = np.log(self.words[levels.words]) - np.log(self.chance_words[levels.words])
        reference = np.minimum(reference, constants.LARGEST_REFERENCE)
        party = np.minimum(party, constants.LARGEST_PARTY)
        accounts = self._accounts(a, b)
        like = self.like_amounts[a] if like_amounts is None else like_amounts
        amount = -np.log(np.maximum(like, 1e-3))
        known = np.log(self.found) - np.log(1 - self.left_found) - np.log(1 - self.right_found)
        total = known + amount + reference + party + days + words + accounts
        most = constants.LARGEST_LOG_ODDS
        return Weights(reference, party, days, words, accounts, amount, np.clip(total, -most, most))

    def _accounts(self, a: Lines, b: Lines) -> Scores:
        if self.accounts is None:
            return np.zeros(len(a))
        left, right = self.comparison.pair.left, self.comparison.pair.right
        return np.asarray(self.accounts[left.own_account[a], right.own_account[b]])

    def learn(self, levels: Levels, likely: Scores, speaks: Scores) -> None:
        """The shares of each level among pairs that are one event as ``likely`` as this, with the
        priors; ``speaks`` is 0 for pairs whose words were not looked at.
        """
        shapes = self.comparison.tokens.shape_count
        cell = levels.left_shape.astype(np.int64) * shapes + levels.right_shape
        cell = cell * len(Reference) + levels.reference
        named = likely * (levels.reference > Reference.MISSING)
        size = shapes * shapes * len(Reference)
        seen = _of_others(np.bincount(cell, weights=named, minlength=size)).reshape(
            shapes, shapes, len(Reference)
        )
        pooled = _shares(seen.sum((0, 1)) + _REFERENCE_PRIOR)
        strength = constants.REFERENCE_STRENGTH
        self.reference = (seen + strength * pooled) / (seen.sum(2, keepdims=True) + strength)
        named = likely * (levels.party > Party.MISSING)
        parties = np.bincount(levels.party, weights=named, minlength=len(Party))
        self.party = _shares(_of_others(parties) + _PARTY_PRIOR)
        gaps = _of_others(np.bincount(levels.gap, weights=likely, minlength=_GAPS))
        if gaps.sum() < constants.FEW_GAPS:
            gaps = np.convolve(gaps, constants.SMOOTHING, "same")
        strength = constants.DAY_STRENGTH
        self.days = (gaps + strength * _prior_days()) / (gaps.sum() + strength)
        words = np.bincount(levels.words, weights=likely * speaks, minlength=len(Words))
        self.words = _shares(_of_others(words) + _WORDS_PRIOR)

    def learn_accounts(self, a: Lines, b: Lines, likely: Scores) -> None:
        """How much likelier an account of the right side is for one of the left among pairs of one
        event than among all lines: ``log P(right | left) / P(right)``.
        """
        left, right = self.comparison.pair.left, self.comparison.pair.right
        rows, columns = int(left.own_account.max()) + 1, int(right.own_account.max()) + 1
        if rows < 2 or columns < 2 or rows * columns > constants.MOST_ACCOUNTS:
            return
        joint = np.bincount(
            left.own_account[a].astype(np.int64) * columns + right.own_account[b],
            weights=likely,
            minlength=rows * columns,
        ).reshape(rows, columns)
        usual = np.bincount(right.own_account, minlength=columns) / max(len(right), 1)
        self.together = joint.astype(np.float64)
        strength = max(2 * columns, 20)
        given = (joint + strength * usual) / (joint.sum(1, keepdims=True) + strength)
        most = constants.LARGEST_ACCOUNT
        self.accounts = np.clip(np.log(given / np.maximum(usual, 1e-9)), -most, most)

    def learn_found(self, pairs: float) -> None:
        """The share of lines that have a partner, from how many pairs there are to be expected."""
        left, right = self.comparison.pair.left, self.comparison.pair.right
        self.left_found = _found(pairs, len(left))
        self.right_found = _found(pairs, len(right))

    def _draw(self) -> None:
        """How often unlike lines agree, from pairs drawn at random among lines that say
        something.
        """
        chance = np.random.default_rng(1)
        tokens, pair = self.comparison.tokens, self.comparison.pair
        lines = [
            np.unique(keys >> 32) if len(keys) else np.arange(len(side))
            for keys, side in zip(tokens.keys, (pair.left, pair.right), strict=True)
        ]
        levels = self.comparison.levels(
            *(chance.choice(of_side, constants.DRAWN_PAIRS) for of_side in lines)
        )
        unlike = len(lines[0]) * len(lines[1]) - min(len(lines[0]), len(lines[1]))
        weight = min(unlike / constants.DRAWN_PAIRS, 1.0)
        strength = constants.CHANCE_STRENGTH
        words = np.bincount(levels.words, minlength=len(Words)) * weight
        self.chance_words = _shares(words + strength * np.array(constants.CHANCE_WORDS))
        parties = np.bincount(levels.party, minlength=len(Party))[1:] * weight
        parties = _shares(parties + strength * np.array(constants.CHANCE_PARTY))
        self.chance_party = np.concatenate([[1.0], parties])
        near = float((levels.reference == Reference.NEAR).sum()) * weight
        other = float((levels.reference == Reference.DIFFERENT).sum()) * weight
        self.chance_near = (near + strength * constants.CHANCE_NEAR) / (near + other + strength)


def _found(pairs: float, lines: int) -> float:
    """The share of lines with a partner, where so many pairs are expected."""
    share, strength = constants.FOUND_PRIOR
    least, most = constants.LOST_OR_FOUND
    return float(np.clip((pairs + share * strength) / (lines + strength), least, most))


def _of_others(counts: NDArray[np.floating[Any] | np.integer[Any]]) -> Scores:
    """Counts without the pair that is judged by them: what is seen once says nothing of itself."""
    return np.asarray(np.maximum(counts - 1, 0))


def _shares(counts: Scores) -> Scores:
    return np.asarray(counts / counts.sum())


def _prior_days() -> Scores:
    gap = np.abs(np.arange(-FAR_DAYS, FAR_DAYS + 1))
    prior = np.zeros(len(gap))
    for most, weight in reversed(constants.DAY_PRIOR):
        prior[gap <= most] = weight
    return _shares(prior)


def _chance_days(left: Columns, right: Columns) -> Scores:
    """How likely any two lines lie so many days apart: the two sides' days, correlated."""
    first = int(min(left.day.min(), right.day.min()))
    mine, theirs = np.bincount(left.day - first), np.bincount(right.day - first)
    width = 2 * max(len(mine) + len(theirs), FAR_DAYS + 1)
    product = np.fft.rfft(theirs, width) * np.conj(np.fft.rfft(mine, width))
    apart = np.fft.irfft(product, width)
    near = np.concatenate([apart[-FAR_DAYS:], apart[: FAR_DAYS + 1]]).clip(0)
    strength = constants.CHANCE_STRENGTH
    pairs = float(len(left)) * len(right)
    return np.asarray((near + strength / constants.CHANCE_GAPS) / (pairs + strength))


def _like_amounts(left: Columns, right: Columns) -> Scores:
    """For each left line, how many other events are expected to have its amount: those seen, and
    what Good–Turing (Good, I. J., 1953) says of amounts seen once, by how round they are.
    """
    mine, theirs = dense_keys((left.account, left.amount), (right.account, right.amount))
    size = int(max(mine.max(initial=-1), theirs.max(initial=-1))) + 1
    events = np.maximum(np.bincount(mine, minlength=size), np.bincount(theirs, minlength=size))
    amounts = np.zeros(size, dtype=np.int64)
    amounts[mine], amounts[theirs] = left.amount, right.amount
    roundness = sum((amounts % step == 0).astype(np.int64) for step in (100, 10_000, 100_000))
    expected = np.zeros(size)
    for degree in range(4):
        of_degree = np.asarray(roundness) == degree
        once, twice = (int((events[of_degree] == times).sum()) for times in (1, 2))
        unseen = min(max(2 * (twice + 0.5) / (once + 1), 0.01), 1.0)
        expected[of_degree] = np.where(
            events[of_degree] == 1, unseen, events[of_degree] - 1 + unseen
        )
    return expected[mine]
