"""Which side is taken for the left one: by what they hold, so that nothing changes when a person
gives them the other way round.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.decisions import Decision, Match, Part
from app.matching.side import Side


def is_turned(left: Side, right: Side) -> bool:
    """Whether the sides are to be taken the other way round: the one of fewer lines is the left
    one, of as many that of the smaller sum, then of the lesser amounts and words.
    """
    for ours, theirs in (
        (len(left), len(right)),
        (int(np.abs(left.amount).sum()), int(np.abs(right.amount).sum())),
    ):
        if ours != theirs:
            return ours > theirs
    mine, others = np.sort(np.abs(left.amount)), np.sort(np.abs(right.amount))
    unlike = np.flatnonzero(mine != others)
    if len(unlike):
        return bool(mine[unlike[0]] > others[unlike[0]])
    return _words(left) > _words(right)


def turn(decision: Decision) -> Decision:
    """The decision with its sides the other way round."""
    if isinstance(decision, Match | Part):
        return replace(decision, left=decision.right, right=decision.left)
    return decision


def _words(side: Side) -> list[tuple[str, ...]]:
    return sorted(zip(side.reference, side.text, side.party, side.document, strict=True))
