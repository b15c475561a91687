"""Matches two sides: certain rules first, each over what the ones before left open.

Pure functions over columns; no Qt, no database. The same lines give the same result in whatever
order they come: every tie is broken by date and by the line's own key.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.decisions import Decision
from app.garbage_collection import few_collections
from app.matching import composites, differing, only_proposed, party_sums, passes
from app.matching.columns import encode
from app.matching.currencies import currencies_of, currency_of, home_currency
from app.matching.outcome import Learned, Matching, Rule
from app.matching.rules import RuleSet
from app.matching.run import Run
from app.matching.side import Side

_PASSES = {
    Rule.DOCUMENT: passes.documents,
    Rule.REFERENCE: passes.references,
    Rule.NORMALISED_REFERENCE: passes.numbers,
    Rule.SHARED_REFERENCE: composites.shared_reference,
    Rule.LISTED_REFERENCES: composites.listed_references,
    Rule.EVIDENCE: passes.evidence,
    Rule.TOLERANCE: differing.differing,
    Rule.FEE: differing.differing,
    Rule.RATE: differing.differing,
    Rule.PARTY_SUM: party_sums.party_sum,
    Rule.REVERSAL: only_proposed.reversals,
    Rule.DAY_SUM: composites.day_sum,
    Rule.AMOUNT: only_proposed.amounts,
    Rule.REFERENCE_OTHER_AMOUNT: only_proposed.other_amounts,
}


def run(
    left: Side, right: Side, decisions: Sequence[Decision], rules: RuleSet, learned: Learned
) -> Matching:
    """Match two sides; see :func:`app.matching.match`."""
    with few_collections():
        return _match(left, right, decisions, rules, learned)


def _match(
    left: Side, right: Side, decisions: Sequence[Decision], rules: RuleSet, learned: Learned
) -> Matching:
    order_left, order_right = _order(left), _order(right)
    home = home_currency(left, right)
    currencies = sorted(currencies_of(left, home) | currencies_of(right, home))
    if len(currencies) < 2:
        return _match_lines(left, right, order_left, order_right, decisions, rules, learned)
    whole = Matching()
    for code in currencies:
        mine = [line for line in order_left if currency_of(left, line, home) == code]
        theirs = [line for line in order_right if currency_of(right, line, home) == code]
        whole.join(_match_lines(left, right, mine, theirs, decisions, rules, learned))
    return whole


def _match_lines(
    left: Side,
    right: Side,
    order_left: list[int],
    order_right: list[int],
    decisions: Sequence[Decision],
    rules: RuleSet,
    learned: Learned,
) -> Matching:
    """Match some lines of both sides, in this order; all of one currency."""
    sorted_left, sorted_right = left.reordered(order_left), right.reordered(order_right)
    pair = encode(sorted_left, sorted_right, rules.contra)
    state = Run(
        sorted_left,
        sorted_right,
        pair,
        rules,
        learned,
        np.array(order_left, dtype=np.int64),
        np.array(order_right, dtype=np.int64),
    )
    state.apply(decisions)
    for rule in rules.rules:
        step = _PASSES.get(rule.kind)
        if step is not None:
            step(state, rule)
    return state.finish()


def _order(side: Side) -> list[int]:
    """The lines by date, amount and what they say, last by key: what the order of the file cannot
    change.
    """
    order = np.lexsort((side.amount, side.day))
    day, amount = side.day[order], side.amount[order]
    tied = np.r_[False, (day[1:] == day[:-1]) & (amount[1:] == amount[:-1])]
    found: list[int] = order.tolist()
    starts = np.flatnonzero(~tied & np.r_[tied[1:], False])
    for start in starts.tolist():
        end = start + 1
        while end < len(found) and tied[end]:
            end += 1
        found[start:end] = sorted(found[start:end], key=lambda line: _said(side, line))
    return found


def _said(side: Side, line: int) -> tuple[str, ...]:
    return (
        side.account[line],
        side.document[line],
        side.reference[line],
        side.tax_id[line],
        side.party[line],
        side.text[line],
        side.key[line],
    )
