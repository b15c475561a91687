"""A reconciliation changed in place by decisions, and when it has to be run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.decisions import Decision
from app.journal import Journal, decided
from app.matching import edits, prove
from app.reconciling import runs
from app.reconciling.runs import Reconciliation, with_explanations
from app.reconciling.signing import Standing


def after(result: Reconciliation, made: Sequence[Decision]) -> Reconciliation:
    """The reconciliation with some more decisions, without matching anew: only the groups they
    touch change. They have to be kept in the journal beside (:mod:`app.reconciling.decisions`).
    """
    matching = result.matching
    for decision in made:
        matching = edits.after(matching, result.left, result.right, decision)
    nothing: Sequence[Mapping[int, str]] = ({}, {})
    left, right = with_explanations(result.left, result.right, matching, made, nothing)
    return replace(
        result,
        left=left,
        right=right,
        matching=matching,
        proof=prove(left, right, matching),
        decided=[*result.decided, *made],
        standing=Standing(),
        edited=True,
    )


def stands(journal: Journal, result: Reconciliation) -> bool:
    """Whether exactly the decisions it was made with hold: nobody decided or took back another."""
    kept = decided.standing(journal, result.identifier)
    return [one for one in kept if one not in result.dropped] == list(result.decided)


def matched_anew(journal: Journal, result: Reconciliation) -> Reconciliation:
    """The reconciliation as it comes out when it is run again, where decisions changed it in place.
    Raises UnreadableSide, OSError.
    """
    if not result.edited:
        return result
    book = result.pair if result.pair == result.book else ""
    return runs.reconcile(
        journal, *result.specs, rules=result.rules, book=book, accounts=result.accounts
    )
