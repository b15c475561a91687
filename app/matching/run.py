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
from app.matching.assignment import assign
from app.matching.columns import Columns, Lines, Pair
from app.matching.outcome import Evidence, Group, Learned, Matching, MatchState, Rule, Why
from app.matching.rules import RuleSet
from app.matching.scoring import Flags, Knowledge, Scores, learn
from app.matching.side import Side

ALTERNATIVES = 3
WINDOW = 5
LEAST_SCORE = -6.0
"""Below this nothing is proposed: better open than doubtful."""
MANY = 150_000
SUM_SCORE = 4.0
"""From this a proposed sum goes before proposed pairs."""


@dataclass
class Candidates:
    """Pairs that could be; each with how likely it is and what agrees."""

    a: Lines
    b: Lines
    score: Scores
    flags: Flags
    rule: Rule
    adjustment: str = ""

    def __len__(self) -> int:
        return len(self.a)

    def only(self, where: NDArray[np.bool_]) -> Candidates:
        return replace(
            self, a=self.a[where], b=self.b[where], score=self.score[where], flags=self.flags[where]
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
    twins: dict[tuple[int, int], int] = field(default_factory=dict)
    not_searched: int = 0
    parted_alone: set[tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.open_left = np.ones(len(self.left), dtype=np.bool_)
        self.open_right = np.ones(len(self.right), dtype=np.bool_)
        self._sure: list[tuple[Lines, Lines]] = []
        self._known: Knowledge | None = None
        self._parted: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._only_proposed: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    @cached_property
    def left_series(self) -> NDArray[np.bool_]:
        """By code of letters that begin a reference, whether the left side uses them; the last
        entry stands for none.
        """
        own, other = self.pair.left.prefix, self.pair.right.prefix
        used = np.zeros(int(max(own.max(initial=-1), other.max(initial=-1))) + 2, dtype=np.bool_)
        used[own[own >= 0]] = True
        return used

    @property
    def caution(self) -> float:
        """How much more has to speak for a pair among very many lines, where chance equals abound:
        the log odds that come with ten times the lines.
        """
        return max(math.log10(max(len(self.left), len(self.right), 1) / MANY), 0.0)

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

    def only_propose(self, a: Lines, b: Lines) -> None:
        """Pairs a rule that may not confirm has found: no later rule confirms them either."""
        codes = a.astype(np.int64) * (len(self.right) + 1) + b
        self._only_proposed = np.union1d(self._only_proposed, codes)
        flags = sure_flags(len(a), Evidence.SAME_AMOUNT, Evidence.SAME_FORM)
        self.proposed.append(Candidates(a, b, np.full(len(a), 8.0), flags, Rule.REFERENCE))

    def is_only_proposed(self, a: Lines, b: Lines) -> NDArray[np.bool_]:
        if not len(self._only_proposed):
            return np.zeros(len(a), dtype=np.bool_)
        return np.isin(a.astype(np.int64) * (len(self.right) + 1) + b, self._only_proposed)

    def parts_any(self, mine: Sequence[int], theirs: Sequence[int]) -> bool:
        if not len(self._parted):
            return False
        a, b = np.repeat(mine, len(theirs)), np.tile(theirs, len(mine))
        return bool(self.is_parted(a, b).any())

    @property
    def known(self) -> Knowledge:
        """What the certain pairs so far teach; asked for first when the certain rules are
        through.
        """
        if self._known is None:
            a = np.concatenate([pairs[0] for pairs in self._sure] or [np.empty(0, dtype=np.int64)])
            b = np.concatenate([pairs[1] for pairs in self._sure] or [np.empty(0, dtype=np.int64)])
            self._known = learn(self.pair, a, b, self.learned, WINDOW)
        return self._known

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
    ) -> None:
        """Match single lines, each once."""
        matched = MatchState.MATCHED
        self.groups += [
            Group((i,), (j,), rule, matched, c, e, 0.0, adjustment)
            for i, j, c, e in zip(
                self.order_left[a].tolist(),
                self.order_right[b].tolist(),
                confidence.tolist(),
                flags.tolist(),
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
        strong = [group for group in self.proposed_groups if group.score >= SUM_SCORE]
        weak = [group for group in self.proposed_groups if group.score < SUM_SCORE]
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
            usable = (
                self.open_left[found.a] & self.open_right[found.b] & (found.score > LEAST_SCORE)
            )
            usable &= ~self.is_parted(found.a, found.b)
            parts.append((found.only(usable), number))
        a = np.concatenate([part.a for part, _ in parts])
        b = np.concatenate([part.b for part, _ in parts])
        score = np.concatenate([part.score for part, _ in parts])
        flags = np.concatenate([part.flags for part, _ in parts])
        source = np.concatenate([np.full(len(part), number) for part, number in parts])
        order = np.lexsort((b, a, source, -score))
        _, first = np.unique(a[order] * (len(self.right) + 1) + b[order], return_index=True)
        keep = order[first]
        a, b, score, flags, source = a[keep], b[keep], score[keep], flags[keep], source[keep]
        chosen = assign(a, b, score)
        share = _share(a, score)
        made = [
            self._proposal(
                int(a[place]),
                int(b[place]),
                float(score[place]),
                int(flags[place]),
                int(source[place]),
                float(share[place]),
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
            if not taken[place] and seen[line] < ALTERNATIVES:
                seen[line] += 1
                others.append(made[place])
        return others

    def _proposal(
        self, a: int, b: int, score: float, flags: int, source: int, share: float
    ) -> Group:
        found = self.proposed[source]
        different = found.rule is Rule.REFERENCE_OTHER_AMOUNT
        state = MatchState.DIFFERENT if different else MatchState.SUGGESTED
        return Group(
            (a,),
            (b,),
            found.rule,
            state,
            round(min(share, 0.95), 4),
            flags,
            score,
            found.adjustment,
        )

    def _why(self, side: int, order: Lines) -> dict[int, Why]:
        """For each open line what a person would ask."""
        own, other = self.columns(side), self.columns(1 - side)
        lines = np.flatnonzero(self.open(side))
        sorted_amounts = np.sort(other.amount)
        low = np.searchsorted(sorted_amounts, own.amount[lines], "left")
        high = np.searchsorted(sorted_amounts, own.amount[lines], "right")
        found = {}
        for line, count in zip(lines.tolist(), (high - low).tolist(), strict=True):
            twin = self.twins.get((side, line), -1)
            twin = int(order[twin]) if twin >= 0 else -1
            found[int(order[line])] = Why(count, self.combinations.get((side, line), 0), twin)
        return found


def _is_parted_later(accepted: Match, later: Sequence[Decision]) -> bool:
    mine, theirs = set(accepted.left), set(accepted.right)
    return any(
        isinstance(decision, Part)
        and (bool(mine & set(decision.left)) or not mine)
        and (bool(theirs & set(decision.right)) or not theirs)
        for decision in later
    )


def _share(a: Lines, score: Scores) -> Scores:
    """How much of the likelihood of all proposals of a line is in this one."""
    if not len(a):
        return score
    _, owner = np.unique(a, return_inverse=True)
    best = np.full(int(owner.max()) + 1, -np.inf)
    np.maximum.at(best, owner, score)
    weight = np.exp(np.clip(score - best[owner], -50, 0))
    return np.asarray(weight / np.bincount(owner, weights=weight)[owner])


def confidence_of(margin: Scores) -> Scores:
    """A margin of log odds as a probability, at most 0.9999."""
    return np.round(np.minimum(1.0 / (1.0 + np.exp(-np.clip(margin, -30, 30))), 0.9999), 4)


def sure_flags(count: int, *flags: Evidence) -> Flags:
    return np.full(count, int(np.bitwise_or.reduce([int(flag) for flag in flags])), dtype=np.int32)
