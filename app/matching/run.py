"""The state of one matching: what is open, what was found, what was proposed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from app.decisions import Decision, Match, Part
from app.matching import constants
from app.matching.assignment import assign
from app.matching.columns import Columns, Lines, Pair
from app.matching.constants import ALTERNATIVE, FLOOR
from app.matching.fitting import Fitting, fit
from app.matching.keys import dense_keys
from app.matching.names import Names
from app.matching.outcome import AccountPair, Group, Learned, Matching, MatchState, Rule, Share, Why
from app.matching.rules import RuleSet
from app.matching.series import Series
from app.matching.side import Side

Scores = NDArray[np.float64]
Flags = NDArray[np.int32]

LEAST_SCORE = math.log(FLOOR / (1 - FLOOR))
"""Below this nothing is proposed: better open than doubtful."""


Odds = NDArray[np.int16]


@dataclass
class Candidates:
    """Pairs that could be; each with how likely it is (log odds), what agrees, and what each kind
    of evidence says, a column each of ``WEIGHED``.
    """

    a: Lines
    b: Lines
    score: Scores
    flags: Flags
    odds: Odds
    rule: Rule
    adjustment: str = ""

    @classmethod
    def likely(
        cls,
        a: Lines,
        b: Lines,
        probability: Scores,
        *,
        flags: Flags,
        odds: Odds,
        rule: Rule,
        adjustment: str = "",
    ) -> Candidates:
        """Those that are likely enough to be shown, if beside others."""
        good = probability >= ALTERNATIVE
        known = np.clip(probability[good], 1e-9, 1 - 1e-9)
        score = np.log(known / (1 - known))
        return cls(a[good], b[good], score, flags[good], odds[good], rule, adjustment)

    def __len__(self) -> int:
        return len(self.a)

    def only(self, where: NDArray[np.bool_]) -> Candidates:
        return replace(
            self,
            a=self.a[where],
            b=self.b[where],
            score=self.score[where],
            flags=self.flags[where],
            odds=self.odds[where],
        )


@dataclass
class Run:
    left: Side
    right: Side
    pair: Pair
    rules: RuleSet
    learned: Learned
    order_left: Lines
    order_right: Lines
    groups: list[Group] = field(default_factory=list)
    spreads: list[int] = field(default_factory=list)
    """Days between the first and the last part of each group that has a reference of its own."""
    proposed: list[Candidates] = field(default_factory=list)
    proposed_groups: list[Group] = field(default_factory=list)
    combinations: dict[tuple[int, int], int] = field(default_factory=dict)
    not_searched: int = 0
    shares: list[Share] = field(default_factory=list)
    parted_alone: set[tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.open_left = np.ones(len(self.left), dtype=np.bool_)
        self.open_right = np.ones(len(self.right), dtype=np.bool_)
        self._sure: list[tuple[Lines, Lines]] = []
        self._parted: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.decided = False
        """Whether pairs of single lines were confirmed and proposed."""

    @property
    def caution(self) -> float:
        """How much more has to speak for a pair among very many lines, where chance equals abound:
        the log odds that come with ten times the lines.
        """
        return max(math.log10(max(len(self.left), len(self.right), 1) / constants.MANY_LINES), 0.0)

    def columns(self, side: int) -> Columns:
        return (self.pair.left, self.pair.right)[side]

    def spread(self, side: int, lines: Sequence[int]) -> int:
        """Days between the first and the last of some lines."""
        days = self.columns(side).day[list(lines)]
        return int(days.max() - days.min())

    def open(self, side: int) -> NDArray[np.bool_]:
        return (self.open_left, self.open_right)[side]

    def apply(self, decisions: Sequence[Decision]) -> None:
        """What people decided: a whole group of open lines is matched; pairs they parted are never
        made.
        """
        if not decisions:
            return
        parted: list[int] = []
        for place, decision in enumerate(decisions):
            if isinstance(decision, Part):
                parted += self._part(decision)
            elif isinstance(decision, Match) and not _is_parted_later(
                decision, decisions[place + 1 :]
            ):
                self._match(decision)
        self._parted = np.unique(np.array(parted, dtype=np.int64))

    def _part(self, decision: Part) -> list[int]:
        """The codes of the pairs that are never made."""
        mine, theirs = self._lines_of(decision)
        if not theirs or not mine:
            self.parted_alone.add((mine, theirs))
        return [self._code(a, b) for a, b in product(mine, theirs)]

    def _match(self, decision: Match) -> None:
        """A group, where all its lines are there and open."""
        mine, theirs = self._lines_of(decision)
        whole = len(mine) == len(decision.left) and len(theirs) == len(decision.right)
        if not whole or not (mine or theirs):
            return
        if self.open_left[list(mine)].all() and self.open_right[list(theirs)].all():
            if len(mine) == len(theirs) == 1:
                self._sure.append((np.array(mine), np.array(theirs)))
            self.add(
                Group(
                    mine,
                    theirs,
                    Rule.PERSON,
                    MatchState.MATCHED,
                    1.0,
                    adjustment=decision.adjustment,
                    said=decision.note,
                )
            )

    def _lines_of(self, decision: Match | Part) -> tuple[tuple[int, ...], tuple[int, ...]]:
        left, right = self.left.places, self.right.places
        return (
            tuple(left[key] for key in decision.left if key in left),
            tuple(right[key] for key in decision.right if key in right),
        )

    def _code(self, a: int, b: int) -> int:
        return a * (len(self.right) + 1) + b

    def is_parted(self, a: Lines, b: Lines) -> NDArray[np.bool_]:
        if not len(self._parted):
            return np.zeros(len(a), dtype=np.bool_)
        return np.isin(a.astype(np.int64) * (len(self.right) + 1) + b, self._parted)

    def parts_any(self, mine: Sequence[int], theirs: Sequence[int]) -> bool:
        if not len(self._parted):
            return False
        a, b = np.repeat(mine, len(theirs)), np.tile(theirs, len(mine))
        return bool(self.is_parted(a, b).any())

    @cached_property
    def series(self) -> Series:
        return Series(self.pair)

    @cached_property
    def names(self) -> Names:
        return Names(self.pair, self.learned)

    @cached_property
    def fitting(self) -> Fitting:
        """What both sides teach; asked for first when the certain rules are through."""
        empty = np.empty(0, dtype=np.int64)
        return fit(
            (self.left, self.right),
            self.pair,
            self.names,
            (self.open_left, self.open_right),
            (
                np.concatenate([pairs[0] for pairs in self._sure] or [empty]),
                np.concatenate([pairs[1] for pairs in self._sure] or [empty]),
            ),
            self._parted,
        )

    def add(self, group: Group) -> None:
        self.groups.append(self._original(group))
        self.open_left[list(group.left)] = False
        self.open_right[list(group.right)] = False

    def add_pairs(
        self,
        a: Lines,
        b: Lines,
        rule: Rule,
        confidence: Scores,
        flags: Flags,
        adjustment: str = "",
        sure: bool = False,
        odds: Odds | None = None,
    ) -> None:
        """Match single lines, each once."""
        matched = MatchState.MATCHED
        weighed = [()] * len(a) if odds is None else [tuple(row) for row in odds.tolist()]
        self.groups += [
            Group((i,), (j,), rule, matched, c, e, 0.0, adjustment, "", o)
            for i, j, c, e, o in zip(
                self.order_left[a].tolist(),
                self.order_right[b].tolist(),
                confidence.tolist(),
                flags.tolist(),
                weighed,
                strict=True,
            )
        ]
        self.open_left[a] = False
        self.open_right[b] = False
        if sure:
            self._sure.append((a, b))

    def finish(self) -> Matching:
        """The matching in the lines' own numbers."""
        alternatives = [self._original(group) for group in self._propose()]
        last = len(self.left)
        self.groups.sort(key=lambda group: group.left[0] if group.left else last + group.right[0])
        return Matching(
            self.groups,
            sorted(self.order_left[self.open_left].tolist()),
            sorted(self.order_right[self.open_right].tolist()),
            alternatives,
            self._why(0, self.order_left),
            self._why(1, self.order_right),
            self.not_searched,
            self.pair.contra,
            self.shares,
            self._accounts(),
        )

    def _original(self, group: Group) -> Group:
        """The group in the lines' own numbers."""
        mine = tuple(sorted(self.order_left[list(group.left)].tolist()))
        return group._replace(
            left=mine, right=tuple(sorted(self.order_right[list(group.right)].tolist()))
        )

    def _propose(self) -> list[Group]:
        """Sums that are likely, then the best assignment of single lines, then the other sums; and
        what else could be.
        """
        strong = [group for group in self.proposed_groups if group.score >= constants.SUM_SCORE]
        weak = [group for group in self.proposed_groups if group.score < constants.SUM_SCORE]
        alternatives = self._take_groups(strong)
        alternatives += self._take_pairs()
        return alternatives + self._take_groups(weak)

    def _take_groups(self, proposed: list[Group]) -> list[Group]:
        left_over = []
        for group in sorted(proposed, key=lambda group: (-group.score, group.left, group.right)):
            free = (
                self.open_left[list(group.left)].all() and self.open_right[list(group.right)].all()
            )
            if free:
                self.add(group)
            else:
                left_over.append(group)
        return left_over

    def _take_pairs(self) -> list[Group]:
        if not self.proposed:
            return []
        parts = []
        for number, found in enumerate(self.proposed):
            usable = self.open_left[found.a] & self.open_right[found.b]
            usable &= ~self.is_parted(found.a, found.b)
            parts.append((found.only(usable), number))
        a = np.concatenate([part.a for part, _ in parts])
        b = np.concatenate([part.b for part, _ in parts])
        score = np.concatenate([part.score for part, _ in parts])
        flags = np.concatenate([part.flags for part, _ in parts])
        odds = np.concatenate([part.odds for part, _ in parts])
        source = np.concatenate([np.full(len(part), number) for part, number in parts])
        order = np.lexsort((b, a, source, -score))
        _, first = np.unique(a[order] * (len(self.right) + 1) + b[order], return_index=True)
        keep = order[first]
        a, b, score, flags, source = a[keep], b[keep], score[keep], flags[keep], source[keep]
        weighed = [tuple(row) for row in odds[keep].tolist()]
        good = np.flatnonzero(score >= LEAST_SCORE)
        chosen = good[assign(a[good], b[good], score[good])]
        made = [
            self._proposal(
                int(a[place]),
                int(b[place]),
                float(score[place]),
                int(flags[place]),
                int(source[place]),
                weighed[place],
            )
            for place in range(len(a))
        ]
        taken = np.zeros(len(a), dtype=np.bool_)
        taken[chosen] = True
        for place in chosen.tolist():
            self.add(made[place])
        seen: dict[int, int] = defaultdict(int)
        others = []
        for place in np.lexsort((b, a, -score)).tolist():
            line = int(a[place])
            if not taken[place] and seen[line] < constants.ALTERNATIVES:
                seen[line] += 1
                others.append(made[place])
        return others

    def _proposal(
        self, a: int, b: int, score: float, flags: int, source: int, odds: tuple[int, ...]
    ) -> Group:
        found = self.proposed[source]
        different = found.rule is Rule.REFERENCE_OTHER_AMOUNT
        state = MatchState.DIFFERENT if different else MatchState.SUGGESTED
        return Group(
            (a,),
            (b,),
            found.rule,
            state,
            _confidence(score),
            flags,
            score,
            found.adjustment,
            odds=odds,
        )

    def _why(self, side: int, order: Lines) -> dict[int, Why]:
        """For each open line what a person would ask."""
        own, other = self.columns(side), self.columns(1 - side)
        lines = np.flatnonzero(self.open(side))
        sorted_amounts = np.sort(other.amount)
        low = np.searchsorted(sorted_amounts, own.amount[lines], "left")
        high = np.searchsorted(sorted_amounts, own.amount[lines], "right")
        found = {}
        twins = self._twins(side)
        for line, count in zip(lines.tolist(), (high - low).tolist(), strict=True):
            twin = twins.get(line, -1)
            twin = int(order[twin]) if twin >= 0 else -1
            found[int(order[line])] = Why(count, self.combinations.get((side, line), 0), twin)
        return found

    def _accounts(self) -> list[AccountPair]:
        """The accounts of two charts that go together: each the other's in nearly all pairs."""
        codes = {*self.left.account, *self.right.account}
        said = [
            AccountPair(left, right, 0, 1.0)
            for left, right in self.rules.accounts
            if left in codes and right in codes
        ]
        together = self.fitting.model.together if "fitting" in self.__dict__ else None
        if together is None or self.pair.shares_accounts:
            return said
        left, right = (list(dict.fromkeys(side.account)) for side in (self.left, self.right))
        named = {pair.left for pair in said} | {pair.right for pair in said}
        every = together.sum(1, keepdims=True) + together.sum(0, keepdims=True) - together
        share = together / np.maximum(every, 1e-9)
        sure = (share >= constants.ONE_ACCOUNT[0]) & (together >= constants.ONE_ACCOUNT[1])
        learned = [
            AccountPair(
                left[i], right[j], round(float(together[i, j])), round(float(share[i, j]), 4)
            )
            for i, j in np.argwhere(sure).tolist()
            if left[i] and right[j] and left[i] != right[j]
        ]
        return sorted([*said, *(one for one in learned if not {one.left, one.right} & named)])

    def _twins(self, side: int) -> dict[int, int]:
        """Open lines that repeat a matched one of their own side: reference, account and amount."""
        own, is_open = self.columns(side), self.open(side)
        lines = np.flatnonzero(own.form >= 0)
        keys, _ = dense_keys(
            (own.account[lines], own.form[lines], own.amount[lines]),
            (lines[:0], lines[:0], lines[:0]),
        )
        matched = ~is_open[lines]
        first = np.full(int(keys.max(initial=-1)) + 1, -1, dtype=np.int64)
        first[keys[matched][::-1]] = lines[matched][::-1]
        found = {
            int(line): int(first[key])
            for line, key in zip(lines[~matched], keys[~matched], strict=True)
        }
        return {line: twin for line, twin in found.items() if twin >= 0}


def _is_parted_later(accepted: Match, later: Sequence[Decision]) -> bool:
    mine, theirs = set(accepted.left), set(accepted.right)
    return any(
        isinstance(decision, Part)
        and (bool(mine & set(decision.left)) or not mine)
        and (bool(theirs & set(decision.right)) or not theirs)
        for decision in later
    )


def _confidence(score: float) -> float:
    return round(min(1 / (1 + math.exp(-score)), constants.MOST_CONFIDENT), 4)
