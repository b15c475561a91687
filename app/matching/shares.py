"""Shares that recur between amounts: a commission kept back, a withholding nobody made a rule of.

Among pairs that agree in reference, party or words, the ratio of the amounts is spread evenly where
it says nothing; a fee is a peak of one ratio over *different* amounts (two prices make a ratio too,
but always of the same two). What is found is proposed, and named so that a rule can be made of it;
it is never confirmed, for nobody said where the difference is to be posted.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.blocking import SHARED, same_reference_pairs
from app.matching.chance import lines_by_chance
from app.matching.columns import Lines
from app.matching.comparing import Party
from app.matching.deciding import flags_of
from app.matching.differing import differing_probabilities
from app.matching.keys import dense_keys, pairs_within, unique_pairs
from app.matching.outcome import Evidence, Rule, Share
from app.matching.rules import RuleSpec
from app.matching.run import Candidates, Run

Scores = NDArray[np.float64]


def recurring_shares(run: Run, rule: RuleSpec) -> None:
    """Propose pairs whose amounts differ by a share that recurs, and name the shares."""
    left, right = run.pair.left, run.pair.right
    a, b = _agreeing(run, rule)
    ratio = right.amount[b] / left.amount[a]
    step = np.rint(ratio * constants.RATIO_STEPS).astype(np.int64)
    standing_out = _peaks(step, np.abs(left.amount[a]))
    of_peak = np.full(len(a), -1)
    for number, peak in enumerate(standing_out):
        of_peak[(np.abs(step - peak) <= 1) & (of_peak < 0)] = number
    known = of_peak >= 0
    a, b, ratio, of_peak = a[known], b[known], ratio[known], of_peak[known]
    if not len(a):
        return
    levels = run.fitting.comparison.levels(a, b)
    chance = lines_by_chance(
        right.amount[run.open_right], right.amount[b], np.full(len(b), 3.0)
    ) * len(standing_out)
    likely, weighed = differing_probabilities(run, (a, b), levels, chance)
    likely[levels.party == Party.OTHER] = 0
    run.shares += _named(run, a, ratio, of_peak, likely)
    flags = flags_of(levels) & ~int(Evidence.SAME_AMOUNT)
    run.proposed.append(Candidates.likely(a, b, likely, flags=flags, odds=weighed, rule=Rule.SHARE))


def _agreeing(run: Run, rule: RuleSpec) -> tuple[Lines, Lines]:
    """Open pairs near in time of one sign that share a reference, a party or a rare word, and whose
    amounts differ by no more than a fee.
    """
    columns = run.pair.left, run.pair.right
    mine, theirs = np.flatnonzero(run.open_left), np.flatnonzero(run.open_right)
    parts = [same_reference_pairs(run.pair, run.open_left, run.open_right, rule.days)]
    for name in SHARED[:3]:
        own, other = getattr(columns[0], name), getattr(columns[1], name)
        some, those = mine[own[mine] >= 0], theirs[other[theirs] >= 0]
        keys = dense_keys(
            (columns[0].account[some], own[some]), (columns[1].account[those], other[those])
        )
        days = columns[0].day[some], columns[1].day[those]
        parts.append(
            pairs_within(some, those, keys, days, reach=rule.days, most=constants.RATIO_CROWD)
        )
    tokens = run.fitting.tokens
    some, words = tokens.rare(0, run.open_left, constants.FREQUENT)
    those, others = tokens.rare(1, run.open_right, constants.FREQUENT)
    keys = dense_keys((columns[0].account[some], words), (columns[1].account[those], others))
    days = columns[0].day[some], columns[1].day[those]
    parts.append(pairs_within(some, those, keys, days, reach=rule.days, most=constants.RATIO_CROWD))
    a, b = unique_pairs(parts, len(run.right) + 1)
    ours, other_amounts = columns[0].amount[a], columns[1].amount[b]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = other_amounts / ours
    least, most = constants.RATIOS
    fits = (ratio > least) & (ratio < most) & (ours != other_amounts) & ~run.is_parted(a, b)
    return a[fits], b[fits]


def _peaks(step: Lines, amount: Lines) -> list[int]:
    """The ratios that stand out, the most frequent first."""
    if not len(step):
        return []
    of_amount = np.unique(np.stack([step, amount], axis=1), axis=0)[:, 0]
    first = int(of_amount.min()) - constants.RATIO_NEIGHBOURS
    counts = np.bincount(
        of_amount - first, minlength=int(of_amount.max()) - first + constants.RATIO_NEIGHBOURS + 1
    )
    three = np.convolve(counts, np.ones(3), "same")
    around = np.convolve(counts, np.ones(2 * constants.RATIO_NEIGHBOURS + 1), "same")
    usual = 3 * (around - three) / (2 * constants.RATIO_NEIGHBOURS - 2)
    stands_out = (three >= constants.FEWEST_RATIOS) & (
        three > constants.STANDS_OUT * usual + constants.BEYOND
    )
    found: list[int] = []
    for place in sorted(np.flatnonzero(stands_out).tolist(), key=lambda at: (-three[at], at)):
        if all(abs(place + first - peak) > 2 for peak in found):
            found.append(place + first)
    return found


def _named(run: Run, a: Lines, ratio: Scores, of_peak: Lines, likely: Scores) -> list[Share]:
    """Each share as the pairs that are likely have it, the larger amounts telling it best."""
    amount = np.abs(run.pair.left.amount[a]).astype(np.float64)
    found = []
    for peak in np.unique(of_peak).tolist():
        of_this = (of_peak == peak) & (likely > 0.5)
        amounts = len(np.unique(amount[of_this]))
        if amounts >= constants.FEWEST_RATIOS:
            mean = float(np.average(ratio[of_this], weights=amount[of_this]))
            off = np.abs(amount[of_this] * (ratio[of_this] - mean))
            cents = int(np.ceil(np.quantile(off, constants.WITHIN_ROUNDING)))
            found.append(Share(Decimal(str(round(100 * (1 - mean), 5))), amounts, cents))
    return sorted(found, key=lambda share: (-share.amounts, share.percent))
