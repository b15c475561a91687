"""Accept every suggestion of at least a confidence, seen with count and sum before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QDialogButtonBox, QFormLayout, QSpinBox, QVBoxLayout, QWidget

from app.matching.outcome import Group, MatchState
from app.money import show
from app.reconciling.runs import Reconciliation
from app.ui.mnemonics import Dialog
from app.ui.plain import Label
from app.ui.widgets import Hint, Title, primary

FIRST_PERCENT = 95


def suggested(result: Reconciliation, percent: int) -> list[Group]:
    """The suggestions whose two sides come to the same and that are at least so sure. One that
    leaves a difference is decided alone.
    """
    sign = -1 if result.matching.contra else 1
    return [
        group
        for group in result.matching.groups
        if group.state is MatchState.SUGGESTED
        and group.confidence * 100 >= percent
        and _sum(result, group) == sign * sum(int(result.right.amount[one]) for one in group.right)
    ]


def _sum(result: Reconciliation, group: Group) -> int:
    return sum(int(result.left.amount[one]) for one in group.left)


def _currency(result: Reconciliation, group: Group) -> str:
    """Of its lines, which all have one; empty where nothing says which."""
    currencies = result.left.currency
    return currencies[group.left[0]] if group.left and currencies else ""


class SureDialog(Dialog):
    """``chosen`` gets the groups."""

    def __init__(
        self, result: Reconciliation, chosen: Callable[[Sequence[Group]], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Accept what is sure"))
        self.setMinimumWidth(440)
        self._result, self._chosen = result, chosen
        self.percent = QSpinBox()
        self.percent.setRange(50, 100)
        self.percent.setSuffix(" %")
        self.percent.setValue(FIRST_PERCENT)
        self.said = Label()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        accept = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        accept.setText(self.tr("Accept them"))
        primary(accept)
        cancel = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setText(self.tr("Cancel"))
        form = QFormLayout()
        form.addRow(self.tr("At least as sure as:"), self.percent)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addLayout(form)
        box.addWidget(self.said)
        box.addWidget(Hint(self.tr("One undo takes all of them back.")))
        box.addWidget(self.buttons)
        self.percent.valueChanged.connect(self._count)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self._count()

    def _count(self) -> None:
        groups = suggested(self._result, self.percent.value())
        sums: Counter[str] = Counter()
        for group in groups:
            sums[_currency(self._result, group)] += abs(_sum(self._result, group))
        amounts = [f"{show(amount)} {code}".rstrip() for code, amount in sorted(sums.items())]
        text = self.tr("{count} suggestions, {amount} in all")
        amount = " + ".join(amounts) or show(0)
        self.said.setText(text.format(count=f"{len(groups):,}", amount=amount))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(groups))

    def _accept(self) -> None:
        self._chosen(suggested(self._result, self.percent.value()))
        self.accept()
