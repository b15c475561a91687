"""One line and several of its party that add up to it, without a reference that says so."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from rapidfuzz import fuzz, process

from app.matching import constants
from app.matching.columns import NONE, Lines, numbers_of
from app.matching.composites import by_chance, emit
from app.matching.outcome import Evidence
from app.matching.rules import RuleSpec
from app.matching.run import Run
from app.matching.sum_proposals import SumProposals
from app.matching.sums import ENOUGH, Solutions, solve


def party_sum(run: Run, rule: RuleSpec) -> None:
    """One line and two or more of the same party within the window that add up to it: confirmed
    where nothing else adds up and there were few to choose from.
    """
    spread = _usual_spread(run)
    found = SumProposals()
    for side in (0, 1):
        pools = _Pools(run, 1 - side, spread)
        sure = rule if pools.complete else replace(rule, automatic=False)
        own = run.columns(side)
        lines = np.flatnonzero(run.open(side) & ((own.party >= 0) | (own.tax >= 0)))
        order = np.lexsort((lines, -np.abs(own.amount[lines])))
        twins = _twins(run, side, lines)
        for one in lines[order].tolist():
            if run.open(side)[one]:
                careful = replace(sure, automatic=False) if one in twins else sure
                _party_sums(run, careful, side, one, pools, found)
    found.propose(run, rule)


def _party_sums(
    run: Run, rule: RuleSpec, side: int, one: int, pools: _Pools, proposals: SumProposals
) -> None:
    """A sum among the nearest days first, then among those further away."""
    whole = pools.of(side, one, rule.days)
    day, days_of = int(run.columns(side).day[one]), run.columns(1 - side).day
    before = 1
    for days in (*(near for near in constants.SUM_DAYS if near < rule.days), rule.days):
        if whole is None:
            pool = pools.of(side, one, days)
        else:
            pool = [line for line in whole if abs(int(days_of[line]) - day) <= days]
        if pool is None:
            run.not_searched += 1
            return
        if len(pool) <= before:
            continue
        if _completed(run, rule, side, one, pool, proposals) or _party_sum(
            run, rule, side, one, pool, pools.spread, proposals
        ):
            return
        before = len(pool)


def _usual_spread(run: Run) -> int | None:
    """Days between the first and the last part of nearly all groups that have a reference; None
    where too few have.
    """
    if len(run.spreads) < constants.TELLING_GROUPS:
        return None
    return sorted(run.spreads)[int(len(run.spreads) * 0.99)]


def _completed(
    run: Run, rule: RuleSpec, side: int, one: int, pool: list[int], proposals: SumProposals
) -> bool:
    """Whether the lines of the pool whose numbers the line lists, and one more without a number in
    the list, add up to it: confirmed where only one line is what is missing.
    """
    own, other = run.columns(side), run.columns(1 - side)
    numbers = set(numbers_of(own, one))
    target = int(own.amount[one])
    listed = [line for line in pool if int(other.number[line]) in numbers] if numbers else []
    missing = target - int(other.amount[listed].sum())
    if not listed or len(listed) > rule.size or missing * target <= 0:
        return False
    rest = [line for line in pool if line not in listed and int(other.amount[line]) == missing]
    if not rest:
        return False
    flags = Evidence.MENTIONED | Evidence.SAME_PARTY | Evidence.SUM
    step = math.gcd(target, missing, *other.amount[listed].tolist())
    chance = len(pool) * step / max(abs(missing), 1)
    if rule.automatic and len(rest) == 1 and chance <= constants.SURE_CHANCE:
        emit(run, rule, side, one, [*listed, rest[0]], flags, round(1 - chance, 4))
        return True
    sets = [[*listed, line] for line in rest[:ENOUGH]]
    proposals.add(side, one, sets, flags=flags, chance=chance)
    return True


def _party_sum(
    run: Run,
    rule: RuleSpec,
    side: int,
    one: int,
    pool: list[int],
    spread: int | None,
    proposals: SumProposals,
) -> bool:
    """Whether some combination of the pool adds up to the line; it is confirmed or proposed."""
    other = run.columns(1 - side)
    target = int(run.columns(side).amount[one])
    sign = 1 if target > 0 else -1
    alone = any(int(other.amount[line]) == target for line in pool)
    pool = [line for line in pool if 0 < sign * int(other.amount[line]) < abs(target)]
    if len(pool) < 2:
        return False
    if len(pool) > rule.pool:
        run.not_searched += 1
        return True
    amounts = [int(other.amount[line]) for line in pool]
    found = solve(amounts, target, rule.size)
    proposals.tried += 1
    if not found.sets:
        return False
    run.combinations[side, one] = len(found.sets)
    _settle(run, rule, side, one, pool, found, spread, proposals, alone=alone)
    return True


def _settle(
    run: Run,
    rule: RuleSpec,
    side: int,
    one: int,
    pool: Sequence[int],
    found: Solutions,
    spread: int | None,
    proposals: SumProposals,
    *,
    alone: bool,
) -> None:
    """Confirm the only combination that can be meant, or propose what there is. ``alone``: a line
    of the pool has the whole amount by itself.
    """
    amounts = [int(run.columns(1 - side).amount[line]) for line in pool]
    target = int(run.columns(side).amount[one])
    sets = [[pool[place] for place in places] for places in found.sets]
    usual = _within(run, 1 - side, sets, spread)
    unique = len(found.sets) == 1 and not found.more
    flags = Evidence.SAME_PARTY | Evidence.SUM
    chance = by_chance(amounts, target, [amounts[place] for place in found.sets[0]])
    is_sure = unique and usual and not alone and chance <= _sure_chance(run)
    if rule.automatic and is_sure and _interchangeable(run, 1 - side, pool, found.sets[0]):
        emit(run, rule, side, one, sets[0], flags, round(1 - chance, 4))
        proposals.confirmed += 1
        return
    proposals.add(side, one, usual, flags=flags, chance=chance)


def _within(
    run: Run, side: int, sets: Sequence[Sequence[int]], spread: int | None
) -> Sequence[Sequence[int]]:
    """The combinations whose days lie together as those of this party do (None: any)."""
    if spread is None:
        return sets
    return [lines for lines in sets if run.spread(side, lines) <= spread]


def _sure_chance(run: Run) -> float:
    """How likely by chance a sum may be that is confirmed all the same."""
    return constants.SURE_CHANCE * math.exp(-1.5 * run.caution)


def _twins(run: Run, side: int, lines: Lines) -> set[int]:
    """Open lines of one account, party and amount, of which either could be a sum."""
    own = run.columns(side)
    same: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    keys = zip(
        own.account[lines].tolist(),
        own.party[lines].tolist(),
        own.amount[lines].tolist(),
        strict=True,
    )
    for line, key in zip(lines.tolist(), keys, strict=True):
        same[key].append(line)
    return set(chain.from_iterable(alike for alike in same.values() if len(alike) > 1))


def _interchangeable(run: Run, side: int, pool: Sequence[int], places: Iterable[int]) -> bool:
    """Whether no other line of the pool has the amount of a chosen one, so that it could as well be
    meant.
    """
    amounts = [int(run.columns(side).amount[line]) for line in pool]
    chosen = set(places)
    rest = {amount for place, amount in enumerate(amounts) if place not in chosen}
    return not any(amounts[place] in rest for place in chosen)


class _Pools:
    """Open lines of a side by party: tax id, and name with those it is written like. ``complete``
    says that nearly all lines tell their party, so that no part of a sum is missing from a pool;
    ``spread`` is how many days the parts of a sum may lie apart (None: as the rule says).
    """

    def __init__(self, run: Run, side: int, spread: int | None) -> None:
        self._run, self._side, self.spread = run, side, spread
        self._by_party: dict[int, list[int]] = defaultdict(list)
        self._by_tax: dict[int, list[int]] = defaultdict(list)
        columns = run.columns(side)
        for line in np.flatnonzero(run.open(side)).tolist():
            if columns.party[line] != NONE:
                self._by_party[int(columns.party[line])].append(line)
            if columns.tax[line] != NONE:
                self._by_tax[int(columns.tax[line])].append(line)
        told = (columns.party >= 0) | (columns.tax >= 0)
        self.complete = bool(len(told) and told.mean() >= constants.COMPLETE)
        self._parties = np.array(sorted(self._by_party), dtype=np.int32)
        self._starts: dict[str, list[int]] = defaultdict(list)
        for party in self._parties.tolist():
            self._starts[run.pair.names[party][:4]].append(party)
        self._alike: dict[int, list[int]] = {}

    def of(self, side: int, one: int, days: int) -> list[int] | None:
        """Open lines of the account and party of a line, within the window, by date; None when they
        are too many to look at.
        """
        own, other = self._run.columns(side), self._run.columns(self._side)
        day, account, tax = int(own.day[one]), own.account[one], own.tax[one]
        still_open = self._run.open(self._side)
        found: set[int] = set()
        near = [self._by_tax.get(int(tax), ())] if tax >= 0 else []
        alike = self._names_like(side, int(own.party[one]))
        if len(alike) > constants.MOST_ALIKE:
            return None
        near += [self._by_party[party] for party in alike]
        for lines in near:
            start = bisect_left(lines, day - days, key=other.day.__getitem__)
            end = bisect_right(lines, day + days, key=other.day.__getitem__)
            if end - start > constants.MOST_OF_PARTY:
                return None
            found.update(lines[start:end])
        return [
            line
            for line in sorted(found)
            if still_open[line]
            and other.account[line] == account
            and not (tax >= 0 and other.tax[line] >= 0 and tax != other.tax[line])
        ]

    def _names_like(self, side: int, party: int) -> list[int]:
        if party == NONE:
            return []
        known = self._alike.get(party)
        if known is None:
            near = self._written_like(party)
            canonical = self._run.names.canonical
            if side == 0:
                near = sorted(
                    {*near, *np.flatnonzero(canonical == party).tolist()} & self._by_party.keys()
                )
            elif canonical[party] != NONE:
                near = sorted({*near, int(canonical[party])} & self._by_party.keys())
            codes = np.array(near, dtype=np.int32)
            same = np.full(len(codes), party, dtype=np.int32)
            pairs = (same, codes) if side == 0 else (codes, same)
            known = self._alike[party] = []
            if len(codes):
                alike = self._run.names.similarity(*pairs) >= constants.BEGINNING
                known += [
                    code for code, is_like in zip(near, alike.tolist(), strict=True) if is_like
                ]
        return known

    def _written_like(self, party: int) -> list[int]:
        """Names that begin with the same letters, and are nearly equal or the beginning of one
        another.
        """
        names = self._run.pair.names
        name = names[party]
        near = self._starts.get(name[:4], [])
        if not near:
            return []
        texts = [names[code] for code in near]
        ratios = process.cdist([name], texts, scorer=fuzz.ratio, score_cutoff=constants.BEGINNING)[
            0
        ].tolist()
        return [
            code
            for code, text, ratio in zip(near, texts, ratios, strict=True)
            if ratio or text.startswith(name) or name.startswith(text)
        ]
