"""Lines whose amounts differ for a reason that has a name: cents, a fee, a withholding, a rate."""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.blocking import same_reference_pairs
from app.matching.chance import lines_by_chance
from app.matching.columns import Lines
from app.matching.comparing import Levels, Party, Reference
from app.matching.deciding import flags_of
from app.matching.evidence import EvidenceModel
from app.matching.keys import unique_pairs
from app.matching.marginals import marginals
from app.matching.outcome import Evidence, Rule
from app.matching.rules import RuleSpec
from app.matching.run import Candidates, Odds, Run

Amounts = NDArray[np.int64]
Scores = NDArray[np.float64]
_BY_REFERENCE = (Reference.FORM, Reference.NUMBER, Reference.MENTION)


def differing(run: Run, rule: RuleSpec) -> None:
    """Pairs whose amounts differ as the rule says, by the same evidence as those that do not: the
    same reference is confirmed, with nothing but the party in common it is only proposed.
    """
    a, b = _candidates(run, rule)
    levels = run.fitting.comparison.levels(a, b)
    more = levels.say_more & (levels.party != Party.OTHER)
    a, b, levels = a[more], b[more], levels.only(more)
    if not len(a):
        return
    likely, odds = differing_probabilities(run, (a, b), levels, _chance(run, rule, a, b))
    sure = (likely >= run.rules.promise) & np.isin(levels.reference, _BY_REFERENCE)
    flags = flags_of(levels) & ~int(Evidence.SAME_AMOUNT)
    adjustment = rule.account or rule.title
    if rule.automatic:
        places = np.flatnonzero(sure)
        by_score = places[np.lexsort((b[places], a[places], -likely[places]))]
        kept = by_score[np.sort(np.unique(a[by_score], return_index=True)[1])]
        kept = kept[np.sort(np.unique(b[kept], return_index=True)[1])]
        certainty = np.round(np.minimum(likely[kept], constants.MOST_CONFIDENT), 4)
        run.add_pairs(
            a[kept], b[kept], rule.kind, certainty, flags[kept], adjustment, odds=odds[kept]
        )
    rest = run.open_left[a] & run.open_right[b]
    run.proposed.append(
        Candidates.likely(
            a[rest],
            b[rest],
            likely[rest],
            flags=flags[rest],
            odds=odds[rest],
            rule=rule.kind,
            adjustment=adjustment,
        )
    )


def _candidates(run: Run, rule: RuleSpec) -> tuple[Lines, Lines]:
    """Open pairs of one account within the window whose amounts differ as the rule says: those of
    one reference, and those of nearly the amount.
    """
    left, right = run.pair.left, run.pair.right
    mine, theirs = np.flatnonzero(run.open_left), np.flatnonzero(run.open_right)
    order = theirs[np.argsort(right.amount[theirs], kind="stable")]
    amounts = right.amount[order]
    near = [_near(amounts, wanted, reach) for wanted, reach in _wanted(rule, left.amount[mine])]
    parts = [(mine[ones], order[others]) for ones, others in near]
    parts.append(same_reference_pairs(run.pair, run.open_left, run.open_right, rule.days))
    a, b = unique_pairs(parts, len(run.right) + 1)
    fits = _explained(rule, left.amount[a], right.amount[b]) & (left.amount[a] != right.amount[b])
    fits &= (left.account[a] == right.account[b]) & ~_of_one_document(run, a, b)
    fits &= np.abs(left.day[a].astype(np.int64) - right.day[b]) <= rule.days
    fits &= ~run.is_parted(a, b)
    return a[fits], b[fits]


def differing_probabilities(
    run: Run, pairs: tuple[Lines, Lines], levels: Levels, chance: Scores
) -> tuple[Scores, Odds]:
    """How likely each pair is one event, given how many lines have such an amount by ``chance`` and
    that either line may go with one that has the very amount; and what each evidence says.
    """
    a, b = pairs
    left, right = run.pair.left, run.pair.right
    model: EvidenceModel = copy.copy(run.fitting.model)
    model.left_found = model.right_found = constants.FIRST_DIFFERING
    left_single, right_single = run.fitting.single
    taken = np.log1p(-np.minimum(left_single[a], constants.MOST_CONFIDENT))
    taken += np.log1p(-np.minimum(right_single[b], constants.MOST_CONFIDENT))
    likely = np.zeros(len(a))
    least, most = constants.DIFFERING
    for _ in range(constants.SHARE_ROUNDS):
        weights = model.weigh(a, b, levels, chance)
        likely = marginals(a, b, weights.log_odds + taken, len(left), len(right))
        total = float(likely.sum())
        model.left_found = min(max(total / int(run.open_left.sum()), least), most)
        model.right_found = min(max(total / int(run.open_right.sum()), least), most)
    return likely, weights.kept


def _chance(run: Run, rule: RuleSpec, a: Lines, b: Lines) -> Scores:
    """How many lines have by chance an amount the rule would explain."""
    left, right = run.pair.left, run.pair.right
    off = np.abs(left.amount[a] - right.amount[b]) if rule.kind is Rule.TOLERANCE else 1
    width = 2.0 * np.maximum(off, max(rule.cents, 1)) + 1
    width = np.broadcast_to(width, len(a))
    return lines_by_chance(right.amount[run.open_right], right.amount[b], width)


def _of_one_document(run: Run, a: Lines, b: Lines) -> NDArray[np.bool_]:
    """Lines of a document we sent ourselves: it has to be there to the cent."""
    left, right = run.pair.left.document[a], run.pair.right.document[b]
    return np.asarray((left == right) & (left >= 0))


def _explained(
    rule: RuleSpec, left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether the difference is within the rule: at most some cents or percent; or, of a fee,
    exactly its percent of either amount to the cent; or the amounts in two currencies at its rate.
    """
    gap, base = np.abs(left - right), np.maximum(np.abs(left), np.abs(right))
    same_sign = np.sign(left) == np.sign(right)
    percent = float(rule.percent) / 100
    if rule.kind is Rule.RATE:
        expected = np.rint(left * float(rule.rate))
        return np.asarray(
            same_sign
            & (np.abs(expected - right) <= np.maximum(rule.cents, np.abs(right) * percent))
        )
    if rule.kind is Rule.FEE and percent:
        small = np.minimum(np.abs(left), np.abs(right))
        near = (np.abs(gap - base * percent) <= 1 + rule.cents) | (
            np.abs(gap - small * percent) <= 1 + rule.cents
        )
        return np.asarray(same_sign & near)
    if rule.kind is Rule.FEE:
        return np.asarray(same_sign & (gap == rule.cents))
    return np.asarray(same_sign & (gap <= np.maximum(rule.cents, base * percent)))


def _near(amounts: Amounts, wanted: Amounts, reach: Amounts) -> tuple[Lines, Lines]:
    """Places in ``wanted`` and in the sorted ``amounts`` that are at most ``reach`` apart; crowds
    are left out.
    """
    low = np.searchsorted(amounts, wanted - reach, "left")
    counts = np.searchsorted(amounts, wanted + reach, "right") - low
    counts = np.where(counts > constants.NEAR_CROWD, 0, counts)
    a: Lines = np.repeat(np.arange(len(wanted)), counts)
    b: Lines = (
        np.repeat(low - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(len(a))
        if len(a)
        else a
    )
    return a, b


def _wanted(rule: RuleSpec, amounts: Amounts) -> list[tuple[Amounts, Amounts]]:
    """Which amounts of the other side a rule would explain, and how far from them."""
    percent = float(rule.percent) / 100
    if rule.kind is Rule.RATE:
        wanted = np.rint(amounts * float(rule.rate)).astype(np.int64)
        return [
            (wanted, np.maximum(rule.cents, (np.abs(wanted) * percent * 1.1).astype(np.int64) + 1))
        ]
    if rule.kind is Rule.FEE:
        exact = np.full(len(amounts), rule.cents + 2, dtype=np.int64)
        if not percent:
            return [(amounts + rule.cents, exact * 0), (amounts - rule.cents, exact * 0)]
        factors = [
            1 + percent,
            1 / (1 + percent),
            *((1 - percent, 1 / (1 - percent)) if percent < 1 else ()),
        ]
        return [(np.rint(amounts * factor).astype(np.int64), exact) for factor in factors]
    return [(amounts, np.maximum(rule.cents, (np.abs(amounts) * percent).astype(np.int64)))]
