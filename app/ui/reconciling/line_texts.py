"""What the lines of a reconciliation are searched in, made once beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.matching import Side
from app.money import show
from app.reconciling.runs import Reconciliation


@dataclass(frozen=True, slots=True)
class Texts:
    """One text a line, in small letters, of the left and of the right side; amounts without their
    commas too. ``keys`` are those of the lines.
    """

    keys: tuple[Sequence[str], Sequence[str]]
    left: list[str]
    right: list[str]


def line_texts(result: Reconciliation) -> Texts:
    left, right = result.left, result.right
    return Texts((left.key, right.key), _texts(left), _texts(right))


def _texts(side: Side) -> list[str]:
    days: dict[int, str] = {}
    found = []
    for index, day in enumerate(side.day.tolist()):
        if day not in days:
            days[day] = side.date(index).isoformat()
        amount = show(int(side.amount[index]))
        found.append(
            f"{days[day]} {side.account[index]} {side.reference[index]} {amount}"
            f" {amount.replace(',', '')} {side.text[index]} {side.party[index]}".casefold()
        )
    return found
