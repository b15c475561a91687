"""What the lines of a reconciliation are searched in, made once beside the window."""

from __future__ import annotations

from dataclasses import dataclass

from app.matching import Side
from app.money import show
from app.reconciling.runs import Reconciliation


@dataclass(frozen=True, slots=True)
class Texts:
    """One text a line, in small letters, of the left and of the right side; amounts without their
    commas too.
    """

    left: list[str]
    right: list[str]


def line_texts(result: Reconciliation) -> Texts:
    return Texts(_texts(result.left), _texts(result.right))


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
