"""Sums that are put before a person, as likely as they have proved to be in this very file.

A line that is a sum of others by chance looks like one that is meant. How many there are by chance
is known for each; how often a line is meant to be a sum is learned from all that were tried, by
expectation and maximisation over the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from app.matching import constants
from app.matching.constants import FLOOR
from app.matching.outcome import Group, MatchState
from app.matching.rules import RuleSpec
from app.matching.run import Run


class _Sum(NamedTuple):
    side: int
    one: int
    many: tuple[int, ...]
    flags: int
    chance: float
    rivals: int
    rank: int


@dataclass
class SumProposals:
    """``tried`` counts the lines a sum was looked for, ``confirmed`` those that were found sure."""

    tried: int = 0
    confirmed: int = 0
    _sums: list[_Sum] = field(default_factory=list)

    def add(
        self,
        side: int,
        one: int,
        sets: Sequence[Sequence[int]],
        *,
        flags: int,
        chance: float,
        best_first: bool = False,
    ) -> None:
        """Sets of lines of the other side that add up to a line of ``side``; ``chance``: how many
        such sets are expected where none is meant.
        """
        for rank, many in enumerate(sets):
            self._sums.append(
                _Sum(side, one, tuple(many), flags, chance, len(sets), rank if best_first else 0)
            )

    def propose(self, run: Run, rule: RuleSpec) -> None:
        """Put all that was found before a person, with its probability."""
        if not self._sums:
            return
        likely = self._likely()
        for found, probability in zip(self._sums, likely, strict=True):
            single = float(run.fitting.single[found.side][found.one])
            said = probability * (1 - single) / found.rivals * 0.5**found.rank
            if said < FLOOR:
                continue
            one, many = (found.one,), found.many
            mine, theirs = (one, many) if found.side == 0 else (many, one)
            if not run.parts_any(mine, theirs):
                said = min(said, constants.MOST_CONFIDENT)
                group = Group(
                    mine,
                    theirs,
                    rule.kind,
                    MatchState.SUGGESTED,
                    round(said, 4),
                    found.flags,
                    float(np.log(said / (1 - said))),
                )
                run.proposed_groups.append(group)

    def _likely(self) -> list[float]:
        chance = np.array([found.chance for found in self._sums])
        owner = np.unique(
            np.array([found.one * 2 + found.side for found in self._sums]), return_index=True
        )[1]
        share = constants.FIRST_SUM
        for _ in range(constants.SUM_ROUNDS):
            likely = share / (share + (1 - share) * chance)
            share = (float(likely[owner].sum()) + self.confirmed) / max(self.tried, 1)
            share = min(max(share, constants.SUMS[0]), constants.SUMS[1])
        return (share / (share + (1 - share) * chance)).tolist()  # type: ignore[no-any-return]
