"""What is never confirmed by the machine, only put before a person: bare amounts, other amounts
under one reference, and lines of one side that cancel each other.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from app.matching.columns import NONE
from app.matching.outcome import Evidence, Group, MatchState, Rule
from app.matching.passes import candidates, same_reference
from app.matching.rules import RuleSpec
from app.matching.run import SUM_SCORE, Candidates, Run

DISCOUNT = 2.0
"""How much less another amount under one reference is worth than the same amount."""

SHORT_NUMBER = 3
"""Digits from which on a number alone says something about a document."""


def amounts(run: Run, rule: RuleSpec) -> None:
    """Lines with nothing in common but amount and date."""
    run.proposed.append(candidates(run, rule.days))
    run.proposed[-1].rule = Rule.AMOUNT


def other_amounts(run: Run, rule: RuleSpec) -> None:
    """The same reference, but another amount."""
    left, right = run.pair.left, run.pair.right
    found = same_reference(run, rule.days)
    unequal = left.amount[found.a] != right.amount[found.b]
    unequal &= np.sign(left.amount[found.a]) == np.sign(right.amount[found.b])
    unequal &= (found.flags & Evidence.OTHER_PARTY) == 0
    found = found.only(unequal & ~_says_little(run, found))
    found.score = found.score - DISCOUNT
    found.rule = Rule.REFERENCE_OTHER_AMOUNT
    run.proposed.append(found)


def _says_little(run: Run, found: Candidates) -> NDArray[np.bool_]:
    """Whether no more agrees than a short number behind other letters: ``R-1`` is no ``DEP-1``."""
    left, right = run.pair.left, run.pair.right
    lengths = np.array([len(number) for number in run.pair.numbers.texts] or [0])
    number = left.number[found.a]
    short = (
        (number >= 0)
        & (lengths[number] < SHORT_NUMBER)
        & (left.prefix[found.a] != right.prefix[found.b])
    )
    little: NDArray[np.bool_] = short & ((found.flags & Evidence.SAME_FORM) == 0)
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
        score = SUM_SCORE + 1 if named else SUM_SCORE - 1
        if rule.automatic:
            run.add(Group(mine, theirs, rule.kind, MatchState.MATCHED, 0.95, flags))
        else:
            run.proposed_groups.append(
                Group(mine, theirs, rule.kind, MatchState.SUGGESTED, 0.8, flags, score)
            )
