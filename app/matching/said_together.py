"""Lines of one side that say the same and add up to one line of the other: a document of several
lines, a payroll, a payout, a day of card sales.

Such lines are one line of their sum, and compete with what each of them could be alone: the odds
that they are one event with the line they add up to, against theirs with other lines and the sum
being there by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.matching import constants
from app.matching.chance import lines_by_chance
from app.matching.columns import Lines
from app.matching.comparing import SAME_PARTY, Levels, Party, Reference, Words
from app.matching.constants import FLOOR, LARGEST_COMPOSITE
from app.matching.evidence import Weights
from app.matching.keys import Codes, dense_keys, pairs_within
from app.matching.outcome import Evidence, Group, MatchState
from app.matching.rules import RuleSpec
from app.matching.run import Run

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class _Sums:
    """Candidates: ``one`` is the line of the other side each goes with; ``member`` are their lines
    and ``owner`` says whose, in order of candidates.
    """

    one: Lines
    kind: Lines
    gap: Lines
    total: Lines
    owner: Lines
    member: Lines

    def __len__(self) -> int:
        return len(self.one)

    def members(self, candidate: int) -> tuple[int, ...]:
        low, high = np.searchsorted(self.owner, [candidate, candidate + 1])
        return tuple(self.member[low:high].tolist())


def said_together(run: Run, rule: RuleSpec) -> None:
    """Confirm and propose lines that say the same for the line they add up to."""
    for side in (0, 1):
        found = _sums(run, side, rule)
        if not len(found):
            continue
        ones, others = found.member, found.one[found.owner]
        pairs = (ones, others) if side == 0 else (others, ones)
        levels = run.fitting.comparison.levels(*pairs)
        weights = run.fitting.model.weigh(*pairs, levels)
        likely = _probabilities(run, side, found, levels, weights)
        _settle(run, rule, side, found, levels, likely)


def _sums(run: Run, side: int, rule: RuleSpec) -> _Sums:
    """All gatherings of lines of a side with the lines of the other they add up to."""
    found: dict[tuple[int, bytes], tuple[int, int, int, Lines]] = {}
    for kind, gathered in enumerate(_gatherings(run, side)):
        for one, gap, total, members in _adding_up(run, side, rule, gathered):
            found.setdefault((one, members.tobytes()), (kind, gap, total, members))
    counts = np.array([len(members) for _, _, _, members in found.values()], dtype=np.int64)
    kinds, gaps, totals = (
        np.array([candidate[place] for candidate in found.values()], dtype=np.int64)
        for place in range(3)
    )
    lines = [candidate[3] for candidate in found.values()] or [np.empty(0, dtype=np.int64)]
    return _Sums(
        np.array([one for one, _ in found], dtype=np.int64),
        kinds,
        gaps,
        totals,
        np.repeat(np.arange(len(found)), counts),
        np.concatenate(lines),
    )


@dataclass(frozen=True)
class _Gathered:
    """Lines of a side and the key those of one gathering have in common; ``about`` is what the line
    they add up to has to say (0: anything). The same line may be in many.
    """

    line: Lines
    key: Lines
    about: Lines
    other_line: Lines
    other_about: Lines


def _gatherings(run: Run, side: int) -> Iterator[_Gathered]:
    """What lines of a side may have in common: reference, text, party and day, a word."""
    own = run.columns(side)
    lines, others = np.flatnonzero(run.open(side)), np.flatnonzero(run.open(1 - side))
    anything = np.zeros(len(others), dtype=np.int64)
    day, text = own.day[lines].astype(np.int64), _texts(run, side)[lines]
    always = np.zeros(len(lines), dtype=np.int64)
    form, party, tax = (getattr(own, name)[lines] for name in ("form", "party", "tax"))
    sign = np.sign(own.amount[lines])
    for columns, said in (
        ((form, always, sign), form),
        ((form, day, sign), form),
        ((form, text, day, sign), np.where(form >= 0, text, -1)),
        ((text, day, sign), text),
        ((party, day, sign), party),
        ((tax, day, sign), tax),
        ((party, day, always), party),
        ((form, day, always), form),
    ):
        speaks = said >= 0
        key = _key(*(column[speaks] for column in columns))
        yield _Gathered(lines[speaks], key, np.zeros(len(key), np.int64), others, anything)
    yield from _by_word(run, side)


def _by_word(run: Run, side: int) -> Iterator[_Gathered]:
    """Lines that have a word in common with the line they add up to: all of them, or those of a
    day.
    """
    tokens, own = run.fitting.tokens, run.columns(side)
    line, word = tokens.rare(side, run.open(side))
    other_line, other_word = tokens.rare(1 - side, run.open(1 - side))
    sign = np.sign(own.amount[line])
    for columns in ((word, sign), (word, sign, own.day[line])):
        yield _Gathered(line, _key(*columns), word + 1, other_line, other_word + 1)


def _key(*columns: Codes) -> Lines:
    return dense_keys(columns, [column[:0] for column in columns])[0]


def _adding_up(
    run: Run, side: int, rule: RuleSpec, gathered: _Gathered
) -> Iterator[tuple[int, int, int, Lines]]:
    """(other line, days from the last of the lines to it, their sum, the lines) of each gathering
    of one account that adds up to a line.
    """
    own, other = run.columns(side), run.columns(1 - side)
    line, key = gathered.line, _key(gathered.key, own.account[gathered.line])
    order = np.argsort(key, kind="stable")
    line, key = line[order], key[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else key
    counts = np.diff(np.r_[first, len(key)])
    some = (counts > 1) & (counts <= LARGEST_COMPOSITE)
    first, counts = first[some], counts[some]
    if not len(first):
        return
    ends = np.cumsum(counts)
    inside = np.repeat(first - (ends - counts), counts) + np.arange(ends[-1])
    at = line[inside]
    starts = ends - counts
    total = np.add.reduceat(own.amount[at], starts)
    latest = np.maximum.reduceat(own.day[at], starts).astype(np.int64)
    earliest = np.minimum.reduceat(own.day[at], starts)
    together = np.flatnonzero((latest - earliest <= constants.LONGEST_EVENT) & (total != 0))
    others, about = gathered.other_line, gathered.about[order[first]]
    keys = dense_keys(
        (own.account[at[starts[together]]], total[together], about[together]),
        (other.account[others], other.amount[others], gathered.other_about),
    )
    found = pairs_within(
        together,
        others,
        keys,
        (latest[together], other.day[others]),
        reach=max(rule.days, constants.LONGEST_EVENT),
        most=constants.SUMS_ALIKE,
    )
    gaps = other.day[found[1]] - latest[found[0]]
    near = (gaps >= -constants.LONGEST_EVENT) & (gaps <= rule.days) | (about[found[0]] > 0)
    candidates = (found[0][near], found[1][near], gaps[near])
    for group, one, gap in zip(*(column.tolist() for column in candidates), strict=True):
        yield one, gap, int(total[group]), np.sort(at[starts[group] : ends[group]])


def _probabilities(run: Run, side: int, found: _Sums, levels: Levels, weights: Weights) -> Scores:
    """How likely each candidate is one event. What its lines say is averaged: they are not
    independent, they were written together.
    """
    single = run.fitting.single
    others = run.columns(1 - side)
    alone, taken = single[1 - side][found.one], single[side][found.member]
    cost = np.log1p(-np.minimum(alone, constants.MOST_CONFIDENT))
    children = np.log1p(-np.minimum(taken, constants.MOST_CONFIDENT))
    cost += np.maximum(_sum_of(found, children), -constants.LARGEST_CHILDREN)
    step = np.select([found.total % 10_000 == 0, found.total % 100 == 0], [10_000.0, 100.0], 1.0)
    chance = lines_by_chance(others.amount[run.open(1 - side)], found.total, step)
    span = max(int(others.day.max()) - int(others.day.min()), constants.DAYS_OF_CHANCE)
    chance = chance * constants.DAYS_OF_CHANCE / span
    said = np.minimum(_mean_of(found, weights.reference), constants.LARGEST_MEAN)
    said = np.maximum(said, constants.LEAST_MEAN)
    said += np.minimum(_mean_of(found, weights.party), constants.LARGEST_MEAN)
    said += np.minimum(_mean_of(found, weights.words), constants.LARGEST_MEAN)
    said += constants.WORTH_OF_DAY * _mean_of(found, weights.days)
    base = cost - np.log(chance) + said
    kinds = int(found.kind.max()) + 1
    share = np.full(kinds, constants.FIRST_TOGETHER)
    known = run.fitting.model.found
    lines = int(run.open(1 - side).sum())
    likely = np.zeros(len(found))
    for _ in range(constants.SHARE_ROUNDS):
        log_odds = base + np.log(share)[found.kind] - 2 * np.log(1 - known)
        likely = _competing(found, log_odds)
        share = np.clip(
            np.bincount(found.kind, weights=likely, minlength=kinds) / lines, *constants.TOGETHER
        )
    return likely


def _sum_of(found: _Sums, values: Scores) -> Scores:
    return np.asarray(np.bincount(found.owner, weights=values, minlength=len(found)))


def _mean_of(found: _Sums, values: Scores) -> Scores:
    return np.asarray(_sum_of(found, values) / np.bincount(found.owner, minlength=len(found)))


def _competing(found: _Sums, log_odds: Scores) -> Scores:
    """The probability of each candidate beside the others for the same line."""
    odds = np.exp(np.clip(log_odds, -30, 30))
    _, place = np.unique(found.one, return_inverse=True)
    every = np.bincount(place, weights=odds)
    return np.asarray(odds / (1 + every[place]))


def _settle(
    run: Run, rule: RuleSpec, side: int, found: _Sums, levels: Levels, likely: Scores
) -> None:
    """The likeliest first, each line once."""
    doubted = _sum_of(found, (levels.party == Party.OTHER).astype(np.float64)) > 0
    flags = _flags(found, levels)
    for at in np.lexsort((found.one, -likely)).tolist():
        if likely[at] < FLOOR:
            return
        one, members = int(found.one[at]), found.members(at)
        if not run.open(1 - side)[one] or not run.open(side)[list(members)].all():
            continue
        mine, theirs = (members, (one,)) if side == 0 else ((one,), members)
        if run.parts_any(mine, theirs):
            continue
        confidence = round(min(float(likely[at]), constants.MOST_CONFIDENT), 4)
        if rule.automatic and likely[at] >= run.rules.promise and not doubted[at]:
            run.add(Group(mine, theirs, rule.kind, MatchState.MATCHED, confidence, int(flags[at])))
            if flags[at] & (Evidence.SAME_FORM | Evidence.SAME_NUMBER):
                run.spreads.append(run.spread(side, members))
        else:
            score = float(np.log(likely[at] / max(1 - likely[at], 1e-9)))
            run.proposed_groups.append(
                Group(
                    mine, theirs, rule.kind, MatchState.SUGGESTED, confidence, int(flags[at]), score
                )
            )


def _flags(found: _Sums, levels: Levels) -> Lines:
    """What most lines of each candidate have in common with the line they add up to."""
    flags = np.full(len(found), int(Evidence.SUM))
    for holds, flag in (
        (np.isin(levels.party, SAME_PARTY), Evidence.SAME_PARTY),
        (levels.reference == Reference.FORM, Evidence.SAME_FORM),
        (levels.reference == Reference.NUMBER, Evidence.SAME_NUMBER),
        (levels.reference == Reference.MENTION, Evidence.MENTIONED),
        (levels.words >= Words.TELLING, Evidence.RARE_WORD),
    ):
        flags[_mean_of(found, holds.astype(np.float64)) > 0.5] |= int(flag)
    return flags


def _texts(run: Run, side: int) -> Lines:
    """A code for each text of a side, −1 for none."""
    texts = (run.left, run.right)[side].text
    places, seen = pd.factorize(np.array(texts, dtype=object))
    empty = np.array([not text for text in seen] or [True])
    return np.where(empty[places], -1, places) if len(places) else places
