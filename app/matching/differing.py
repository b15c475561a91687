"""Lines whose amounts differ for a reason that has a name: cents, a fee, a withholding, a rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.assignment import margins
from app.matching.columns import Lines
from app.matching.outcome import Evidence, Rule
from app.matching.passes import AUTOMATIC_SCORE, CROWD, PARTY, same_reference
from app.matching.rules import RuleSpec
from app.matching.run import Candidates, Run, confidence_of
from app.matching.scoring import score

Amounts = NDArray[np.int64]
NEAR_AMOUNT = 1.0
"""How much less an amount nearly the same is worth than the same."""


def differing(run: Run, rule: RuleSpec) -> None:
    """The same reference or number, and an amount that differs for a reason that has a name: cents,
    a fee, a withholding, a rate. With nothing but the party in common it is only proposed.
    """
    left, right = run.pair.left, run.pair.right
    run.proposed.append(_same_party(run, rule))
    found = same_reference(run, rule.days)
    if not len(found):
        return
    known = _explained(rule, left.amount[found.a], right.amount[found.b])
    known &= (left.amount[found.a] != right.amount[found.b]) & ~_of_one_document(
        run, found.a, found.b
    )
    found = found.only(known)
    if not len(found):
        return
    margin = np.minimum(
        margins(found.a, found.b, found.score), margins(found.b, found.a, found.score)
    )
    sure = (
        (margin >= 2.0)
        & ((found.flags & Evidence.OTHER_PARTY) == 0)
        & (found.score >= AUTOMATIC_SCORE)
    )
    adjustment = rule.account or rule.title
    if rule.automatic:
        chosen = found.only(sure)
        by_score: Lines = np.lexsort((chosen.b, chosen.a, -chosen.score))
        kept: Lines = by_score[np.sort(np.unique(chosen.a[by_score], return_index=True)[1])]
        kept = kept[np.sort(np.unique(chosen.b[kept], return_index=True)[1])]
        certainty = confidence_of(np.minimum(margin[sure][kept], chosen.score[kept]))
        run.add_pairs(
            chosen.a[kept], chosen.b[kept], rule.kind, certainty, chosen.flags[kept], adjustment
        )
    rest = found.only(run.open_left[found.a] & run.open_right[found.b])
    rest.rule, rest.adjustment = rule.kind, adjustment
    run.proposed.append(rest)


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


def _same_party(run: Run, rule: RuleSpec) -> Candidates:
    """Open pairs of one party within the window whose amounts differ as the rule says."""
    left, right = run.pair.left, run.pair.right
    mine, theirs = np.flatnonzero(run.open_left), np.flatnonzero(run.open_right)
    order = theirs[np.argsort(right.amount[theirs], kind="stable")]
    amounts = right.amount[order]
    parts = [_near(amounts, wanted, reach) for wanted, reach in _wanted(rule, left.amount[mine])]
    a = mine[np.concatenate([part[0] for part in parts])]
    b = order[np.concatenate([part[1] for part in parts])]
    unique = np.unique(a * (len(run.right) + 1) + b)
    a, b = unique // (len(run.right) + 1), unique % (len(run.right) + 1)
    fits = _explained(rule, left.amount[a], right.amount[b]) & (left.amount[a] != right.amount[b])
    fits &= (left.account[a] == right.account[b]) & ~_of_one_document(run, a, b)
    fits &= np.abs(left.day[a].astype(np.int64) - right.day[b]) <= rule.days
    a, b = a[fits], b[fits]
    total, flags = score(
        run.pair, run.known, a, b, np.bincount(a, minlength=len(left))[a] if len(a) else a
    )
    found = Candidates(a, b, total - NEAR_AMOUNT, flags, rule.kind, rule.account or rule.title)
    return found.only((flags & PARTY) != 0)


def _near(amounts: Amounts, wanted: Amounts, reach: Amounts) -> tuple[Lines, Lines]:
    """Places in ``wanted`` and in the sorted ``amounts`` that are at most ``reach`` apart; crowds
    are left out.
    """
    low = np.searchsorted(amounts, wanted - reach, "left")
    counts = np.searchsorted(amounts, wanted + reach, "right") - low
    counts = np.where(counts > CROWD, 0, counts)
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
