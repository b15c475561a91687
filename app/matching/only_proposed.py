"""What is never confirmed by the machine, only put before a person: bare amounts, other amounts
under one reference, and lines of one side that cancel each other.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.blocking import same_reference_pairs
from app.matching.columns import NONE, Lines
from app.matching.comparing import Party
from app.matching.deciding import flags_of
from app.matching.outcome import Evidence, Group, MatchState, Rule
from app.matching.rules import RuleSpec
from app.matching.run import Candidates, Run

SHORT_NUMBER = 3
"""Digits from which on a number alone says something about a document."""


def other_amounts(run: Run, rule: RuleSpec) -> None:
    """The same reference, but another amount: as likely as the evidence is that is left when the
    amount says nothing, so that any line of the other side could be it by chance.
    """
    left, right = run.pair.left, run.pair.right
    a, b = same_reference_pairs(run.pair, run.open_left, run.open_right, rule.days)
    unequal = left.amount[a] != right.amount[b]
    unequal &= np.sign(left.amount[a]) == np.sign(right.amount[b])
    unequal &= ~run.is_parted(a, b) & ~_says_little(run, a, b)
    a, b = a[unequal], b[unequal]
    levels = run.fitting.comparison.levels(a, b)
    fine = levels.party != Party.OTHER
    a, b, levels = a[fine], b[fine], levels.only(fine)
    any_line = np.full(len(a), float(len(right)))
    weights = run.fitting.model.weigh(a, b, levels, any_line)
    flags = flags_of(levels) & ~int(Evidence.SAME_AMOUNT)
    found = Candidates(a, b, weights.log_odds, flags, weights.kept, Rule.REFERENCE_OTHER_AMOUNT)
    run.proposed.append(found)


def _says_little(run: Run, a: Lines, b: Lines) -> NDArray[np.bool_]:
    """Whether no more agrees than a short number behind other letters: ``R-1`` is no ``DEP-1``."""
    left, right = run.pair.left, run.pair.right
    lengths = np.array([len(number) for number in run.pair.numbers.texts] or [0])
    number = left.number[a]
    short = (number >= 0) & (lengths[number] < SHORT_NUMBER) & (left.prefix[a] != right.prefix[b])
    little: NDArray[np.bool_] = short & (left.form[a] != right.form[b])
    return little


def reversals(run: Run, rule: RuleSpec) -> None:
    """A line and its opposite on one side, with the same reference or party: what was posted and
    taken back. With only the party in common it is proposed after what the other side could be.
    """
    for side in (0, 1):
        columns, still_open = run.columns(side), run.open(side)
        by_key: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
        for line in np.flatnonzero(still_open & (columns.amount != 0)).tolist():
            key = (
                int(columns.account[line]),
                abs(int(columns.amount[line])),
                int(columns.form[line]),
                int(columns.party[line]),
            )
            if key[2] >= 0 or key[3] >= 0:
                by_key[key].append(line)
        for lines in by_key.values():
            _pair_up(run, rule, side, lines)


def _pair_up(run: Run, rule: RuleSpec, side: int, lines: list[int]) -> None:
    columns = run.columns(side)
    plus = [line for line in lines if columns.amount[line] > 0]
    minus = [line for line in lines if columns.amount[line] < 0]
    for one, other in zip(plus, minus, strict=False):
        if columns.document[one] == columns.document[other] != NONE:
            continue
        if abs(int(columns.day[one]) - int(columns.day[other])) > rule.days:
            continue
        pair = tuple(sorted((one, other)))
        mine, theirs = (pair, ()) if side == 0 else ((), pair)
        if (mine, theirs) in run.parted_alone:
            continue
        named = columns.form[one] >= 0
        flags = int(Evidence.SAME_FORM if named else Evidence.SAME_PARTY)
        score = constants.SUM_SCORE + 1 if named else constants.SUM_SCORE - 1
        if rule.automatic:
            run.add(Group(mine, theirs, rule.kind, MatchState.MATCHED, 0.95, flags))
        else:
            run.proposed_groups.append(
                Group(mine, theirs, rule.kind, MatchState.SUGGESTED, 0.8, flags, score)
            )
