"""The learned scorer over two sides: compares what could belong together, learns what agreements
are worth here, and says how likely each pair is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.blocking import candidate_pairs, keyed_pairs
from app.matching.columns import Columns, Lines, Pair
from app.matching.comparing import Comparison, Levels
from app.matching.evidence import EvidenceModel, Weights
from app.matching.marginals import Scores, marginals
from app.matching.names import Names
from app.matching.side import Side
from app.matching.tokens import Tokens, tokens_of

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Likely:
    """Pairs with how they compare and how likely each is: ``alone`` by itself, ``pooled`` with the
    lines that say the very same and stand in for its own. ``size`` is how many of those there are
    on the side that has fewer.
    """

    a: Lines
    b: Lines
    levels: Levels
    weights: Weights
    alone: Scores
    pooled: Scores
    size: Lines

    def __len__(self) -> int:
        return len(self.a)


@dataclass
class Fitting:
    """What was learned; ``model`` weighs any pair, ``likely`` are those with the same amount."""

    pair: Pair
    tokens: Tokens
    model: EvidenceModel
    likely: Likely

    @property
    def comparison(self) -> Comparison:
        return self.model.comparison

    @cached_property
    def single(self) -> tuple[Scores, Scores]:
        """For each line of both sides, how likely it belongs to a pair of single lines."""
        found = self.likely
        return tuple(
            np.minimum(np.bincount(line, weights=found.alone, minlength=len(side)), 1.0)
            for line, side in ((found.a, self.pair.left), (found.b, self.pair.right))
        )  # type: ignore[return-value]


@dataclass
class _Candidates:
    """Pairs under comparison; ``keyed`` are those that nothing else competes with."""

    comparison: Comparison
    known: tuple[Lines, Lines]
    keyed: tuple[Lines, Lines]
    others: tuple[Lines, Lines]

    def __post_init__(self) -> None:
        levels = self.comparison.levels
        self.known_levels, self.keyed_levels = levels(*self.known), levels(*self.keyed)
        self.levels = levels(*self.others)

    def parties_again(self) -> None:
        again = self.comparison.parties_again
        self.known_levels = again(*self.known, self.known_levels)
        self.keyed_levels = again(*self.keyed, self.keyed_levels)
        self.levels = again(*self.others, self.levels)

    def widen(self, every: tuple[Lines, Lines]) -> None:
        """Compare these pairs too, those that are compared already not again."""
        width = len(self.comparison.pair.right) + 1
        codes = [pairs[0].astype(np.int64) * width + pairs[1] for pairs in (self.others, every)]
        fresh = ~np.isin(codes[1], codes[0], assume_unique=True)
        more = every[0][fresh], every[1][fresh]
        a, b = (np.concatenate([mine, new]) for mine, new in zip(self.others, more, strict=True))
        levels = Levels.joined(self.levels, self.comparison.levels(*more))
        order = np.lexsort((b, a))
        self.others, self.levels = (a[order], b[order]), levels.only(order)

    def give_back(self, weak: Mask) -> None:
        """Keyed pairs that are pairs like others."""
        kept = ~weak
        self.keyed = self.keyed[0][kept], self.keyed[1][kept]
        self.keyed_levels = self.keyed_levels.only(kept)


def fit(
    sides: tuple[Side, Side],
    pair: Pair,
    names: Names,
    open_lines: tuple[Mask, Mask],
    known: tuple[Lines, Lines],
    parted: Lines,
) -> Fitting:
    """Learn from the open lines of both sides. ``known`` are pairs that are certain, ``parted``
    sorted codes ``a * (right lines + 1) + b`` of pairs that are none.
    """
    keyed = _without(parted, keyed_pairs(pair, *open_lines), pair)
    rest = open_lines[0].copy(), open_lines[1].copy()
    rest[0][keyed[0]], rest[1][keyed[1]] = False, False
    tokens = tokens_of(*sides, pair, (_to_read(rest[0]), _to_read(rest[1])))
    comparison = Comparison(pair, tokens, names)
    model = EvidenceModel(comparison)
    every = _without(parted, candidate_pairs(pair, tokens, *rest), pair)
    some, share = _sample(every, pair)
    found = _Candidates(comparison, known, keyed, some)
    _learn(found, model, names, share)
    found.widen(every)
    weak = _do_not_stand_up(found, model)
    if weak.any():
        rest[0][keyed[0][weak]], rest[1][keyed[1][weak]] = True, True
        found.give_back(weak)
        found.widen(_without(parted, candidate_pairs(pair, tokens, *rest), pair))
    names.forget()
    return Fitting(pair, tokens, model, _likely(found, model, sides))


def _to_read(rest: Mask) -> Mask:
    """Lines whose words are read: those of no keyed pair, and a share of all to see what is said by
    chance.
    """
    share = min(constants.READ_FOR_CHANCE / max(len(rest), 1), 1.0)
    drawn = np.random.default_rng(0).random(len(rest)) < share
    return np.asarray(rest | drawn)


def _without(parted: Lines, pairs: tuple[Lines, Lines], pair: Pair) -> tuple[Lines, Lines]:
    if not len(parted):
        return pairs
    kept = ~np.isin(pairs[0].astype(np.int64) * (len(pair.right) + 1) + pairs[1], parted)
    return pairs[0][kept], pairs[1][kept]


def _sample(pairs: tuple[Lines, Lines], pair: Pair) -> tuple[tuple[Lines, Lines], float]:
    """Pairs to learn from, all of those of an amount or none, and the share of lines in them."""
    share = constants.LEARNED_PAIRS / max(len(pairs[0]), 1)
    if share >= 1:
        return pairs, 1.0
    modulus = 1_000_003
    mixed = (pair.left.amount[pairs[0]] % modulus) * 2_654_435_761 % modulus
    chosen = mixed < modulus * share
    some = pairs[0][chosen], pairs[1][chosen]
    lines = [
        len(np.unique(drawn)) / len(np.unique(all_))
        for drawn, all_ in zip(some, pairs, strict=True)
    ]
    return some, sum(lines) / 2 or 1.0


def _learn(found: _Candidates, model: EvidenceModel, names: Names, share: float) -> None:
    lines = len(found.comparison.pair.left), len(found.comparison.pair.right)
    for step in range(constants.ROUNDS):
        weights = model.weigh(*found.others, found.levels)
        likely = marginals(
            *found.others, weights.log_odds, *lines, rounds=constants.LEARNING_ROUNDS
        )
        keyed = _alone(model.weigh(*found.keyed, found.keyed_levels).log_odds)
        known = np.ones(len(found.known[0]))
        every = np.concatenate([known, keyed, likely])
        a = np.concatenate([found.known[0], found.keyed[0], found.others[0]])
        b = np.concatenate([found.known[1], found.keyed[1], found.others[1]])
        levels = Levels.joined(found.known_levels, found.keyed_levels, found.levels)
        speaks = np.concatenate([np.zeros(len(known) + len(keyed)), np.ones(len(likely))])
        model.learn_accounts(a, b, every)
        model.learn(levels, every, speaks)
        model.learn_found(float(known.sum() + keyed.sum() + likely.sum() / share))
        if step == constants.ALIASES_AFTER:
            names.learn(a[every > constants.SURE_PAIR], b[every > constants.SURE_PAIR])
            found.parties_again()


def _alone(log_odds: Scores) -> Scores:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _do_not_stand_up(found: _Candidates, model: EvidenceModel) -> Mask:
    log_odds = model.weigh(*found.keyed, found.keyed_levels).log_odds
    return np.asarray(log_odds < constants.STANDS_UP)


def _likely(found: _Candidates, model: EvidenceModel, sides: tuple[Side, Side]) -> Likely:
    """All pairs with their probabilities. Both kinds are joined before they are weighed, so that of
    millions of pairs no weight is kept twice.
    """
    pair, keyed = found.comparison.pair, len(found.keyed[0])
    a, b = (np.concatenate(lines) for lines in zip(found.keyed, found.others, strict=True))
    levels = Levels.joined(found.keyed_levels, found.levels)
    weights = model.weigh(a, b, levels)
    sure, log_odds = _alone(weights.log_odds[:keyed]), weights.log_odds[keyed:]
    alone = marginals(*found.others, log_odds, len(pair.left), len(pair.right))
    pooled, size = _pooled(pair, found.comparison.tokens, sides, found.others, alone)
    return Likely(
        a,
        b,
        levels,
        weights,
        np.concatenate([sure, alone]),
        np.concatenate([sure, pooled]),
        np.concatenate([np.ones(keyed, dtype=np.int64), size]),
    )


def _pooled(
    pair: Pair, tokens: Tokens, sides: tuple[Side, Side], pairs: tuple[Lines, Lines], alone: Scores
) -> tuple[Scores, Lines]:
    """Lines that say the same stand in for each other: which of them it is, nobody could tell, and
    nobody needs to.
    """
    a, b = pairs
    if not len(a):
        return alone, a
    left, right = _classes(pair.left, tokens, 0), _classes(pair.right, tokens, 1)
    key = left[a] * (int(right.max()) + 1) + right[b]
    unique, place = np.unique(key, return_inverse=True)
    total = np.bincount(place, weights=alone)
    width = int(right.max()) + 1
    size = np.minimum(np.bincount(left)[unique // width], np.bincount(right)[unique % width])
    return np.minimum((total / size)[place], 1.0), size[place]


def _classes(columns: Columns, tokens: Tokens, side: int) -> Lines:
    """A number for what a line says; lines of one document, day and amount say the same whatever
    their texts are.
    """
    words = np.zeros(len(columns), dtype=np.uint64)
    keys = tokens.keys[side]
    mixed = (keys & 0xFFFFFFFF).astype(np.uint64) * np.uint64(11400714819323198485)
    np.add.at(words, keys >> 32, mixed ^ np.uint64(0x9E3779B97F4A7C15))
    named = columns.form >= 0
    same = (columns.amount, columns.day, columns.account, columns.form)
    unless_named = (columns.party, columns.tax, columns.own_account, words.view(np.int64))
    return _numbered(
        [
            *(values.astype(np.int64) for values in same),
            *(np.where(named, 0, values.astype(np.int64)) for values in unless_named),
        ]
    )


def _numbered(columns: list[Lines]) -> Lines:
    """Rows that are the same in all columns have one number."""
    order = np.lexsort(columns)
    changes = np.zeros(len(order), dtype=np.bool_)
    for values in columns:
        ordered = values[order]
        changes[1:] |= ordered[1:] != ordered[:-1]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.cumsum(changes)
    return found
