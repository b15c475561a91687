"""The rows of a reconciliation as one table: ours, theirs, the difference, and why."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from app.matching import Side
from app.money import show
from app.reconciling.runs import Reconciliation
from app.ui.reconciling.alignment import Aligned, line_amount, state_symbol
from app.ui.reconciling.saying import lines_of, missing_of, said_of, state_words
from app.ui.tables import Column

STATE, DATE, ACCOUNT, REFERENCE, OURS, THEIRS, DIFFERENCE, SURE, TEXT, WHY = range(10)


def pair_columns(current: Callable[[], Reconciliation | None]) -> list[Column]:
    """One row a line of either side; what belongs to a whole group stands in its first row."""
    translate, words = QCoreApplication.translate, state_words()

    def of_result(make: Callable[[Reconciliation, Aligned], str]) -> Callable[[Aligned], str]:
        def value(row: Aligned) -> str:
            result = current()
            return make(result, row) if result is not None else ""

        return value

    def both(make: Callable[[Side, int], str]) -> Callable[[Aligned], str]:
        return of_result(lambda result, row: _both(result, row, make))

    return [
        Column(
            translate("Pairs", "State"), lambda row: f"{state_symbol(row.state)} {words[row.state]}"
        ),
        Column(translate("Pairs", "Date"), both(lambda side, index: side.date(index).isoformat())),
        Column(translate("Pairs", "Account"), both(lambda side, index: side.account[index])),
        Column(translate("Pairs", "Reference"), both(lambda side, index: side.reference[index])),
        Column(translate("Pairs", "Ours"), of_result(_ours), right=True),
        Column(translate("Pairs", "Theirs"), of_result(_theirs), right=True),
        Column(translate("Pairs", "Difference"), of_result(_difference), right=True),
        Column(translate("Pairs", "Sure"), _sure, right=True),
        Column(
            translate("Pairs", "Text"),
            both(lambda side, index: side.text[index] or side.party[index]),
        ),
        Column(translate("Pairs", "Why"), of_result(lambda result, row: said_of(result, row)[2:])),
    ]


def _both(result: Reconciliation, row: Aligned, make: Callable[[Side, int], str]) -> str:
    """Once where both sides say the same."""
    left = make(result.left, row.left) if row.left >= 0 else ""
    right = make(result.right, row.right) if row.right >= 0 else ""
    return " ≠ ".join(dict.fromkeys(text for text in (left, right) if text))


def _ours(result: Reconciliation, row: Aligned) -> str:
    return line_amount(result.left, row.left) if row.left >= 0 else ""


def _theirs(result: Reconciliation, row: Aligned) -> str:
    return line_amount(result.right, row.right) if row.right >= 0 else ""


def _difference(result: Reconciliation, row: Aligned) -> str:
    left, right = lines_of(row)
    is_first = row.left == (left[0] if left else -1) and row.right == (right[0] if right else -1)
    missing = missing_of(result, left, right)
    return show(missing) if is_first and missing else ""


def _sure(row: Aligned) -> str:
    return f"{row.group.confidence * 100:.0f} %" if row.group is not None else ""
