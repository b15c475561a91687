"""The accounts of a reconciliation, one row each, down to the lines of one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QColor

from app.matching.proof import AccountProof, AccountState
from app.money import show
from app.reconciling.runs import Reconciliation
from app.reconciling.words import ACCOUNT_STATES, closing_texts
from app.translation import translate
from app.ui.tables import Column, RowsModel, Table
from app.ui.theme import colours

_SIGNS = {
    AccountState.AGREES: "✓",
    AccountState.EXPLAINED: "≈",
    AccountState.TO_DECIDE: "?",
    AccountState.DIFFERS: "▲",
}
_ORDER = (AccountState.DIFFERS, AccountState.TO_DECIDE, AccountState.EXPLAINED, AccountState.AGREES)


class Accounts(Table):
    """What needs work first; Enter or a double click asks for the lines of an account (``asked``
    carries its code).
    """

    asked = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        model = RowsModel(_columns(), parent, background=self._colour, tip=self._tip)
        super().__init__(model, QCoreApplication.translate("Accounts", "Accounts"), sortable=True)
        self.activated.connect(lambda index: self.asked.emit(model.row_at(index.row()).account))

    def show_result(self, result: Reconciliation) -> None:
        accounts = sorted(
            result.proof.accounts, key=lambda row: (_ORDER.index(row.state), row.account)
        )
        self.rows_model.set_rows(accounts)
        self.fit_columns(220)

    def _colour(self, row: AccountProof, _: int) -> QColor | None:
        found = colours(self.palette())
        return {
            AccountState.DIFFERS: found["error"],
            AccountState.TO_DECIDE: found["suggested"],
        }.get(row.state)

    def _tip(self, row: AccountProof) -> str:
        return "\n".join(closing_texts(row))


def _columns() -> list[Column]:
    def state(row: AccountProof) -> str:
        warning = " ▲" if any(row.disagrees(place) for place in (0, 1)) else ""
        return f"{_SIGNS[row.state]} {translate('workbook', ACCOUNT_STATES[row.state])}{warning}"

    def amount(text: str, name: str) -> Column:
        return Column(
            text,
            lambda row: show(getattr(row, name)),
            right=True,
            order=lambda row: getattr(row, name),
        )

    return [
        Column(
            QCoreApplication.translate("Accounts", "Account"),
            lambda row: row.title,
        ),
        amount(QCoreApplication.translate("Accounts", "Balance left"), "left_closing"),
        amount(QCoreApplication.translate("Accounts", "Balance right"), "right_closing"),
        amount(QCoreApplication.translate("Accounts", "Difference"), "difference"),
        amount(QCoreApplication.translate("Accounts", "To explain"), "unexplained"),
        Column(
            QCoreApplication.translate("Accounts", "Open items"),
            lambda row: str(row.open_items),
            right=True,
            order=lambda row: row.open_items,
        ),
        Column(
            QCoreApplication.translate("Accounts", "State"),
            state,
            order=lambda row: _ORDER.index(row.state),
        ),
    ]
