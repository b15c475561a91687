"""Matches two sides: certain rules first, each over what the ones before left open.

Pure functions over columns; no Qt, no database. The same lines give the same result in whatever
order they come: every tie is broken by date and by the line's own key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from app.decisions import Decision
from app.garbage_collection import few_collections
from app.matching import composites, only_proposed, party_sums
from app.matching.columns import encode
from app.matching.deciding import likely_pairs
from app.matching.differing import differing
from app.matching.orientation import is_turned, turn
from app.matching.outcome import Learned, Matching, Rule, Stopped
from app.matching.rules import RuleSet
from app.matching.run import Run
from app.matching.said_together import said_together
from app.matching.same_documents import same_documents
from app.matching.shares import recurring_shares
from app.matching.side import Side

_PASSES = {
    Rule.DOCUMENT: same_documents,
    Rule.REFERENCE: likely_pairs,
    Rule.NORMALISED_REFERENCE: likely_pairs,
    Rule.SAID_TOGETHER: said_together,
    Rule.SHARED_REFERENCE: composites.shared_reference,
    Rule.LISTED_REFERENCES: composites.listed_references,
    Rule.EVIDENCE: likely_pairs,
    Rule.TOLERANCE: differing,
    Rule.FEE: differing,
    Rule.RATE: differing,
    Rule.SHARE: recurring_shares,
    Rule.PARTY_SUM: party_sums.party_sum,
    Rule.REVERSAL: only_proposed.reversals,
    Rule.DAY_SUM: composites.day_sum,
    Rule.AMOUNT: likely_pairs,
    Rule.REFERENCE_OTHER_AMOUNT: only_proposed.other_amounts,
}


Progress = Callable[[int, int], bool] | None


def run(
    left: Side,
    right: Side,
    decisions: Sequence[Decision],
    rules: RuleSet,
    learned: Learned,
    progress: Progress = None,
) -> Matching:
    """Match two sides; see :func:`app.matching.match`."""
    with few_collections():
        if rules.first(Rule.RATE) is None and is_turned(left, right):
            turned = [turn(decision) for decision in decisions]
            return _match(right, left, turned, rules, learned.turned(), progress).turned()
        return _match(left, right, decisions, rules, learned, progress)


def _match(
    left: Side,
    right: Side,
    decisions: Sequence[Decision],
    rules: RuleSet,
    learned: Learned,
    progress: Progress,
) -> Matching:
    order_left, order_right = _order(left), _order(right)
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
    both = bool(len(left) and len(right))
    for done, rule in enumerate(rules.rules):
        if progress is not None and not progress(done, len(rules.rules)):
            raise Stopped
        step = _PASSES.get(rule.kind)
        if step is not None and (both or rule.kind is Rule.REVERSAL):
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
