"""What adjustments that stand do to the sides of a reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.decisions import Adjust, Decision, Match
from app.documents import adjustment
from app.documents.adjustment import Proposal
from app.journal import Journal, outbox_rows
from app.journal.rows import PullRow
from app.matching import Side
from app.matching.proof import ADJUSTMENT, CARRIED

POSTED = "adjustment-posted"
"""Category of the other side of an adjustment that came back with the target's books."""


def standing(journal: Journal, book: str, left: Side, right: Side) -> list[Proposal]:
    """Those of a pair of books that stand, whatever month and accounts they were proposed in; and
    those of other pairs about lines of the target that are here too.
    """
    there = left.places.keys() | right.places.keys()
    return [
        one
        for one in adjustment.standing(journal)
        if one.said.book == book or not there.isdisjoint(one.booked)
    ]


def confirmed_before(journal: Journal, every: Sequence[Proposal], pull: PullRow | None) -> set[str]:
    """References the target had confirmed when a pull was read."""
    if not every or pull is None:
        return set()
    references = [one.said.reference for one in every]
    name = every[0].said.connection
    return outbox_rows.confirmed_before(journal, name, references, pull.pulled_at)


def stale_references(
    every: Sequence[Proposal], identifier: str, pair: str, period: str, left: Side, right: Side
) -> list[str]:
    """Of the proposals for this month those whose lines are not here, as far as this run can tell:
    its own, and where it is of whole books (``pair``) those of single accounts.
    """
    return [
        one.said.reference
        for one in every
        if (one.reconciliation == identifier or (one.said.pair, one.said.period) == (pair, period))
        and _oriented(one, left, right) is None
    ]


def _oriented(
    one: Proposal, left: Side, right: Side
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Its lines of the left and of the right side, whichever side they were on when it was
    proposed; None where they are not all there.
    """
    said = one.said
    for mine, theirs in ((said.left, said.right), (said.right, said.left)):
        if left.has_all(mine) and right.has_all(theirs):
            return mine, theirs
    return None


Place = tuple[int, int]
"""Side (0 left, 1 right) and index of a line."""


@dataclass
class Applied:
    """The decisions with what adjustments do to them, and for each side what explains its lines."""

    decisions: list[Decision]
    explained: tuple[dict[int, str], dict[int, str]] = field(default_factory=lambda: ({}, {}))

    def explain(self, lines: Iterable[Place], why: str) -> None:
        for place, index in lines:
            self.explained[place][index] = why


def applied(
    decided: Sequence[Decision], standing: Sequence[Proposal], left: Side, right: Side, period: str
) -> Applied:
    """What standing adjustments do.

    Lines a standing adjustment settles are a group whose difference goes to its contra account;
    once the voucher is in the books its line joins them, and its other lines are explained. Where
    they are of another month, the voucher settles what was carried forward. One that was changed in
    the target explains nothing.
    """
    result = Applied([decision for decision in decided if not isinstance(decision, Adjust)])
    sides = left, right
    booked = _lines_by_document(sides, {one.said.reference for one in standing})
    for one in standing:
        _apply(one, booked.get(one.said.reference, []), sides, period, result)
    return result


def _apply(
    one: Proposal, booked: Sequence[Place], sides: tuple[Side, Side], period: str, result: Applied
) -> None:
    settling = [
        (place, index) for place, index in booked if sides[place].account[index] == one.said.account
    ]
    if booked and not settling:
        return
    result.explain([place for place in booked if place not in settling], POSTED)
    keys = _oriented(one, *sides)
    if keys is None:
        if one.said.period != period and not _is_here(one, sides):
            result.explain(settling, CARRIED)
        return
    mine = (*keys[0], *_keys_on(0, settling, sides))
    theirs = (*keys[1], *_keys_on(1, settling, sides))
    if (mine and theirs) or settling:
        _join(one, mine, theirs, bool(settling), result)
        return
    for place, side in enumerate(sides):
        lines = [(place, side.places[key]) for key in keys[place]]
        result.explain(lines, f"{ADJUSTMENT}{one.said.contra}")


def _join(
    one: Proposal,
    mine: tuple[str, ...],
    theirs: tuple[str, ...],
    is_booked: bool,
    result: Applied,
) -> None:
    """One group of its lines instead of what people matched of them before."""
    result.decisions = [
        known
        for known in result.decisions
        if not (isinstance(known, Match) and _overlap(known, mine, theirs))
    ]
    if is_booked:
        result.decisions.append(Match(mine, theirs, note=one.said.reference))
    else:
        result.decisions.append(Match(mine, theirs, adjustment=one.said.contra))


def _is_here(one: Proposal, sides: tuple[Side, Side]) -> bool:
    """Whether any of its lines is on either side."""
    return any(not side.places.keys().isdisjoint(one.keys) for side in sides)


def _keys_on(wanted: int, settling: Iterable[Place], sides: tuple[Side, Side]) -> tuple[str, ...]:
    return tuple(sides[place].key[index] for place, index in settling if place == wanted)


def _lines_by_document(
    sides: tuple[Side, Side], wanted: set[str]
) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for place, side in enumerate(sides):
        for index, reference in enumerate(side.document if wanted else ()):
            if reference in wanted:
                found.setdefault(reference, []).append((place, index))
    return found


def _overlap(decision: Match, mine: Sequence[str], theirs: Sequence[str]) -> bool:
    return not (set(mine).isdisjoint(decision.left) and set(theirs).isdisjoint(decision.right))
