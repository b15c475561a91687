"""What changed under people's decisions: lines that are gone, or say something else since they were
decided on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.decisions import Decision, of_event
from app.journal import Journal, events
from app.matching import Side
from app.matching.references import normalise_reference
from app.money import show
from app.reconciling.runs import Reconciliation
from app.translation import QT_TRANSLATE_NOOP, translate

_LOST = QT_TRANSLATE_NOOP("workbook", "%n decision(s) about lines that changed")


@dataclass(frozen=True, slots=True)
class Change:
    """A line somebody decided on (``action``), as it was: ``place`` 0 left, 1 right, ``amount`` in
    minor units. ``now`` is the day and amount of a line with its reference that was not there
    before, None where there is none.
    """

    action: str
    place: int
    day: str
    reference: str
    amount: int
    now: tuple[str, int] | None


def changes(journal: Journal, result: Reconciliation) -> list[Change]:
    """The lines of decisions that no longer hold, which are not there as they were."""
    if not result.dropped:
        return []
    described = _described(journal, result)
    sides = result.left, result.right
    references = [_by_reference(side) for side in sides]
    found: list[Change] = []
    for decision in result.dropped:
        for place, keys in enumerate((decision.left, decision.right)):
            own = [line for line in described.get(decision, ()) if line[0] == place]
            for key, line in zip(keys, own, strict=False):
                if key not in sides[place].places:
                    found.append(_change(decision, line, sides[place], references[place]))
    return found


Described = tuple[int, str, str, int]
"""A line as it was decided on: side, day, reference, minor units."""


def _described(journal: Journal, result: Reconciliation) -> dict[Decision, list[Described]]:
    """Decision → its lines as they were, where its event tells them."""
    found: dict[Decision, list[Described]] = {}
    for event in events.of(journal, subject=f"reconciliation:{result.identifier}"):
        area, _, action = event.kind.partition(".")
        if area == "decision" and "lines" in event.data:
            lines = [(int(a), str(b), str(c), int(d)) for a, b, c, d in event.data["lines"]]
            found[of_event(action, event.data)] = lines
    return found


def _change(
    decision: Decision, line: Described, side: Side, references: Mapping[str, int]
) -> Change:
    place, day, reference, amount = line
    index = references.get(normalise_reference(reference), -1)
    now = _now(side, index)
    return Change(decision.action, place, day, reference, amount, now)


def lost_text(count: int) -> str:
    """How many decisions are about lines that changed, in the current language."""
    return "▲ " + translate("workbook", _LOST, count)


def change_texts(found: list[Change]) -> Iterator[str]:
    """Each change in the current language."""
    sides = translate("workbook", "left"), translate("workbook", "right")
    gone = translate("workbook", "{side}: {day} {reference} {amount}: no longer there")
    other = translate("workbook", "{side}: {day} {reference} {amount}: now {now_day}, {now}")
    for one in found:
        values = {
            "side": sides[one.place],
            "day": one.day,
            "reference": one.reference or "–",
            "amount": show(one.amount),
        }
        if one.now is None:
            yield gone.format(**values)
        else:
            yield other.format(**values, now_day=one.now[0], now=show(one.now[1]))


def _by_reference(side: Side) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, reference in enumerate(side.reference):
        if reference and index not in side.carried:
            found.setdefault(normalise_reference(reference), index)
    return found


def _now(side: Side, index: int) -> tuple[str, int] | None:
    return None if index < 0 else (side.date(index).isoformat(), int(side.amount[index]))
