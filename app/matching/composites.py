"""The rules over several lines: one line of a side that is the sum of several of the other.

The order of evidence is a shared reference, numbers listed in a text, the same party in the window,
and nothing else. Only a sum that no other combination gives is confirmed, and never a bare one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.columns import Lines, numbers_of
from app.matching.outcome import Evidence, Group, MatchState, Rule
from app.matching.rules import RuleSpec
from app.matching.run import Run
from app.matching.sum_proposals import SumProposals
from app.matching.sums import solve


def shared_reference(run: Run, rule: RuleSpec) -> None:
    """One line and several with its reference (or number) that add up to it; or all lines of a
    voucher on both sides.
    """
    if not run.pair.comparable:
        return
    proposals = SumProposals()
    for name, flag in (("form", Evidence.SAME_FORM), ("number", Evidence.SAME_NUMBER)):
        for mine, theirs in _by_code(run, name):
            if len(mine) + len(theirs) <= constants.MOST_SHARED:
                _shared(run, rule, proposals, mine, theirs, flag)
    proposals.propose(run, rule)


def _of_other_series(run: Run, side: int, one: int, many: Sequence[int]) -> set[int]:
    """Lines that have the number of one under letters that are another series."""
    own, others = np.full(len(many), one, dtype=np.int64), np.array(many, dtype=np.int64)
    different = run.series.differ(*((own, others) if side == 0 else (others, own)))
    return set(others[different].tolist())


def _by_code(run: Run, name: str) -> Iterator[tuple[list[int], list[int]]]:
    """Open lines of both sides by account and form or number, where each side has some and one has
    several.
    """
    found: list[dict[tuple[int, int], list[int]]] = []
    for side in (0, 1):
        columns = run.columns(side)
        codes = getattr(columns, name)
        lines = np.flatnonzero(run.open(side) & (codes >= 0))
        by_code: dict[tuple[int, int], list[int]] = defaultdict(list)
        for line, account, code in zip(
            lines.tolist(), columns.account[lines].tolist(), codes[lines].tolist(), strict=True
        ):
            by_code[account, code].append(line)
        found.append(by_code)
    for key in sorted(found[0].keys() & found[1].keys()):
        mine, theirs = found[0][key], found[1][key]
        if len(mine) + len(theirs) > 2:
            yield mine, theirs


def _shared(
    run: Run,
    rule: RuleSpec,
    proposals: SumProposals,
    mine: list[int],
    theirs: list[int],
    flag: Evidence,
) -> None:
    for side, one_side, many_side in ((0, mine, theirs), (1, theirs, mine)):
        for one in one_side:
            many = _open_of_its_series(run, side, one, many_side, flag)
            if run.open(side)[one] and len(many) > 1:
                _one_to_many(run, rule, proposals, side, one, many, flag)
    left = [line for line in mine if run.open_left[line]]
    right = [line for line in theirs if run.open_right[line]]
    _many_to_many(run, rule, left, right, flag)


def _open_of_its_series(
    run: Run, side: int, one: int, many: Sequence[int], flag: Evidence
) -> list[int]:
    """The open lines of the other side a line may be the sum of."""
    found = [line for line in many if run.open(1 - side)[line]]
    if flag is not Evidence.SAME_NUMBER:
        return found
    different = _of_other_series(run, side, one, found)
    return [line for line in found if line not in different]


def _many_to_many(
    run: Run, rule: RuleSpec, mine: list[int], theirs: list[int], flag: Evidence
) -> None:
    """Several lines of both sides that add up to the same."""
    if len(mine) < 2 or len(theirs) < 2 or len(mine) + len(theirs) > 2 * rule.size:
        return
    if flag is Evidence.SAME_NUMBER and any(_of_other_series(run, 0, one, theirs) for one in mine):
        return
    same = _sums_by_sign(run, 0, mine) == _sums_by_sign(run, 1, theirs)
    if same and _fit(run, mine, theirs, rule.days) and not run.parts_any(mine, theirs):
        _add(run, rule, tuple(mine), tuple(theirs), flag | Evidence.SUM, 0.97, 8.0)


def _sums_by_sign(run: Run, side: int, lines: Sequence[int]) -> tuple[int, int]:
    """Debits and credits of some lines: every whole voucher is zero in all, whatever it says."""
    amounts = run.columns(side).amount[list(lines)]
    return int(amounts[amounts > 0].sum()), int(amounts[amounts < 0].sum())


def _one_to_many(
    run: Run,
    rule: RuleSpec,
    proposals: SumProposals,
    side: int,
    one: int,
    many: list[int],
    flag: Evidence,
) -> None:
    """All of the lines add up, or exactly one combination of them does."""
    own, other = run.columns(side), run.columns(1 - side)
    target = int(own.amount[one])
    many = [line for line in many if np.sign(other.amount[line]) == np.sign(target)]
    many = _agreeing(run, side, one, many, rule.days)
    if len(many) < 2:
        return
    if int(other.amount[many].sum()) == target and len(many) <= rule.size:
        emit(run, rule, side, one, many, flag | Evidence.SUM, 0.99)
        return
    if len(many) > constants.MOST_SHARED // 2:
        run.not_searched += 1
        return
    _part_of(run, rule, proposals, side, one, many, flag)


def _part_of(
    run: Run,
    rule: RuleSpec,
    proposals: SumProposals,
    side: int,
    one: int,
    many: list[int],
    flag: Evidence,
) -> None:
    """Some of the lines add up: confirmed where no other combination does, no single line is it,
    and few sums are possible.
    """
    other, target = run.columns(1 - side), int(run.columns(side).amount[one])
    amounts = [int(other.amount[line]) for line in many]
    found = solve(amounts, target, min(rule.size, 5))
    proposals.tried += 1
    if not found.sets:
        return
    chosen = [many[place] for place in found.sets[0]]
    sure = len(found.sets) == 1 and not found.more and target not in amounts
    chance = by_chance(amounts, target, [amounts[place] for place in found.sets[0]])
    if sure and chance <= constants.SURE_CHANCE:
        emit(run, rule, side, one, chosen, flag | Evidence.SUM, round(1 - chance, 4))
        proposals.confirmed += 1
        return
    run.combinations[side, one] = len(found.sets)
    sets = [[many[place] for place in places] for places in found.sets]
    proposals.add(side, one, sets, flags=flag | Evidence.SUM, chance=chance, best_first=True)


def listed_references(run: Run, rule: RuleSpec) -> None:
    """A line whose text lists numbers, and the lines of the other side with those numbers that add
    up to it; or lines that all name the number of the one they add up to.
    """
    proposals = SumProposals()
    for side in (0, 1):
        own, other = run.columns(side), run.columns(1 - side)
        by_number = _open_by_number(run, 1 - side)
        for one in _open_mentioning(run, side):
            numbers = numbers_of(own, one)
            many = sorted(set(chain.from_iterable(by_number.get(number, ()) for number in numbers)))
            many = [
                line
                for line in many
                if run.open(1 - side)[line] and other.account[line] == own.account[one]
            ]
            many = _agreeing(run, side, one, many, rule.days)
            if 1 < len(many) <= 2 * rule.size and run.open(side)[one]:
                _listed(run, rule, proposals, side, one, many)
        _naming(run, rule, proposals, side)
    proposals.propose(run, rule)


def _open_by_number(run: Run, side: int) -> dict[int, list[int]]:
    columns = run.columns(side)
    found: dict[int, list[int]] = defaultdict(list)
    lines = np.flatnonzero(run.open(side) & (columns.number >= 0))
    for line, number in zip(lines.tolist(), columns.number[lines].tolist(), strict=True):
        found[number].append(line)
    return found


def _open_mentioning(run: Run, side: int) -> list[int]:
    """Open lines that mention two numbers or more."""
    lines, counts = np.unique(run.columns(side).mentions >> 32, return_counts=True)
    several = lines[counts > 1]
    return [int(line) for line in several[run.open(side)[several]]]


def _listed(
    run: Run, rule: RuleSpec, proposals: SumProposals, side: int, one: int, many: list[int]
) -> None:
    own, other = run.columns(side), run.columns(1 - side)
    target = int(own.amount[one])
    many = [line for line in many if np.sign(other.amount[line]) == np.sign(target)]
    if len(many) < 2:
        return
    if int(other.amount[many].sum()) == target:
        emit(run, rule, side, one, many, Evidence.MENTIONED | Evidence.SUM, 0.99)
        return
    _part_of(run, rule, proposals, side, one, many, Evidence.MENTIONED)


def _naming(run: Run, rule: RuleSpec, proposals: SumProposals, side: int) -> None:
    """Open lines of the other side that mention the number of a line, and add up to it."""
    own, other = run.columns(side), run.columns(1 - side)
    by_number: dict[int, list[int]] = defaultdict(list)
    for value in other.mentions.tolist():
        line = value >> 32
        if run.open(1 - side)[line]:
            by_number[value & 0xFFFFFFFF].append(line)
    lines = np.flatnonzero(run.open(side) & (own.number >= 0))
    for one, number in zip(lines.tolist(), own.number[lines].tolist(), strict=True):
        many = [line for line in by_number.get(number, ()) if run.open(1 - side)[line]]
        if 1 < len(many) <= constants.MOST_SHARED and run.open(side)[one]:
            _one_to_many(run, rule, proposals, side, one, many, Evidence.MENTIONED)


def day_sum(run: Run, rule: RuleSpec) -> None:
    """A deposit that is all the open lines of one sign of a day, or the only combination of few:
    only ever proposed.
    """
    proposals = SumProposals()
    for side in (0, 1):
        own, by_day = run.columns(side), _by_day(run, 1 - side)
        for one in np.flatnonzero(run.open(side)).tolist():
            sign = 1 if own.amount[one] > 0 else -1
            account, day = int(own.account[one]), int(own.day[one])
            for back in range(rule.days + 1):
                pool = by_day.get((account, day - back, sign), [])
                if 2 <= len(pool) <= rule.pool and _sum_of_day(
                    run, rule, side, one, pool, proposals
                ):
                    break
    proposals.propose(run, rule)


def _by_day(run: Run, side: int) -> Mapping[tuple[int, int, int], list[int]]:
    """(account, day, sign) → open lines of a side."""
    columns = run.columns(side)
    found: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for line in np.flatnonzero(run.open(side)).tolist():
        sign = 1 if columns.amount[line] > 0 else -1
        found[int(columns.account[line]), int(columns.day[line]), sign].append(line)
    return found


def _sum_of_day(
    run: Run, rule: RuleSpec, side: int, one: int, pool: list[int], proposals: SumProposals
) -> bool:
    """Whether the lines of a day were proposed for one: all of them, or the only combination."""
    other, target = run.columns(1 - side), int(run.columns(side).amount[one])
    amounts = [int(other.amount[line]) for line in pool]
    proposals.tried += 1
    if sum(amounts) == target:
        chance = math.gcd(target, *amounts) / max(abs(target), 1)
        proposals.add(side, one, [pool], flags=Evidence.SUM, chance=chance)
        return True
    small = [line for line in pool if abs(int(other.amount[line])) < abs(target)]
    amounts = [int(other.amount[line]) for line in small]
    found = solve(amounts, target, rule.size)
    if len(found.sets) != 1 or found.more:
        return False
    many = [small[place] for place in found.sets[0]]
    chance = by_chance(amounts, target, [amounts[place] for place in found.sets[0]])
    proposals.add(side, one, [many], flags=Evidence.SUM, chance=chance)
    return True


def by_chance(amounts: Sequence[int], target: int, chosen: Sequence[int]) -> float:
    """How many combinations of as many of the amounts as were ``chosen`` would give the target if
    they were drawn at random: those there are, over the sums that are possible; round amounts have
    fewer of both.
    """
    sizes = range(2, len(chosen) + 1)
    step = math.gcd(target, *chosen)
    alike = sum(1 for amount in amounts if amount % step == 0) if step > 1 else 0
    every = sum(math.comb(len(amounts), size) for size in sizes) / max(abs(target), 1)
    return every + sum(math.comb(alike, size) for size in sizes) / max(abs(target) / step, 1)


def _agreeing(run: Run, side: int, one: int, many: Sequence[int], days: int) -> list[int]:
    """The lines against which nothing speaks: dates within reach, no other tax id, no plainly other
    party.
    """
    if not many:
        return []
    others = np.array(many, dtype=np.int64)
    own = np.full(len(others), one, dtype=np.int64)
    a, b = (own, others) if side == 0 else (others, own)
    fits = _fitting(run, a, b, days) & ~run.is_parted(a, b)
    return [int(line) for line in others[fits]]


def _fit(run: Run, mine: Sequence[int], theirs: Sequence[int], days: int) -> bool:
    """Whether nothing speaks against any two of the lines."""
    a: Lines = np.repeat(np.array(mine, dtype=np.int64), len(theirs))
    b: Lines = np.tile(np.array(theirs, dtype=np.int64), len(mine))
    return bool(_fitting(run, a, b, days).all())


def _fitting(run: Run, a: Lines, b: Lines, days: int) -> NDArray[np.bool_]:
    left, right = run.pair.left, run.pair.right
    fits = np.abs(left.day[a].astype(np.int64) - right.day[b]) <= days
    tax_a, tax_b = left.tax[a], right.tax[b]
    fits &= ~((tax_a != tax_b) & (tax_a >= 0) & (tax_b >= 0))
    party_a, party_b = left.party[a], right.party[b]
    named = np.flatnonzero(fits & (party_a >= 0) & (party_b >= 0) & (party_a != party_b))
    named = named[(tax_a[named] != tax_b[named]) | (tax_a[named] < 0)]
    if len(named):
        fits[named] = run.names.similarity(party_a[named], party_b[named]) >= constants.SOMEWHAT
    return np.asarray(fits)


def emit(
    run: Run,
    rule: RuleSpec,
    side: int,
    one: int,
    many: Sequence[int],
    flags: int,
    confidence: float,
) -> None:
    mine, theirs = ((one,), tuple(many)) if side == 0 else (tuple(many), (one,))
    if rule.kind is not Rule.PARTY_SUM:
        run.spreads.append(run.spread(1 - side, many))
    _add(run, rule, mine, theirs, flags, confidence, 8.0)


def _add(
    run: Run,
    rule: RuleSpec,
    mine: tuple[int, ...],
    theirs: tuple[int, ...],
    flags: int,
    confidence: float,
    score: float,
) -> None:
    if rule.automatic:
        run.add(Group(mine, theirs, rule.kind, MatchState.MATCHED, confidence, int(flags)))
    else:
        run.proposed_groups.append(
            Group(
                mine, theirs, rule.kind, MatchState.SUGGESTED, confidence - 0.1, int(flags), score
            )
        )
