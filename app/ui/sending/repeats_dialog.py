"""Documents that were probably sent already, each beside the one it probably is; decided once for
all of a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.sending.repeats import Repeat
from app.ui.mnemonics import Dialog
from app.ui.plain import Label
from app.ui.sending.document_dialogs import ask_reason
from app.ui.tables import Column, RowsModel, Table
from app.ui.widgets import Hint, Title, row

Line = tuple[str, Decimal, Decimal]


class RepeatsDialog(Dialog):
    """``same`` and ``other`` get the reason a person typed, for all that are shown."""

    def __init__(
        self,
        found: Sequence[Repeat],
        same: Callable[[str], None],
        other: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Probably sent already"))
        self.resize(1080, 600)
        self._same, self._other = same, other
        self._pairs = RowsModel(self._columns(), self)
        self._pairs.set_rows(list(found))
        self.pairs = Table(self._pairs, self.windowTitle())
        self._ours, self._theirs = self._lines(), self._lines()
        self.same = QPushButton(self.tr("They are the same: do not send…"))
        self.other = QPushButton(self.tr("They are others: send…"))
        close = QPushButton(self.tr("Close"))
        self.same.clicked.connect(self._ask_same)
        self.other.clicked.connect(self._ask_other)
        close.clicked.connect(self.reject)
        self._lay_out(found, close)
        self.pairs.selectionModel().selectionChanged.connect(lambda *_: self._show_lines())
        self.pairs.selectRow(0)
        close.setDefault(True)

    def _columns(self) -> list[Column]:
        return [
            Column(self.tr("Ours"), lambda r: r.reference),
            Column(self.tr("Date"), lambda r: r.kind.about(r.document)),
            Column(
                self.tr("Amount"),
                lambda r: f"{sum(debit for debit, _ in r.seen.content.amounts):,.2f}",
                right=True,
            ),
            Column(self.tr("In the target"), lambda r: r.seen.number or "–"),
            Column(self.tr("Date"), lambda r: r.seen.content.day.isoformat()),
            Column(self.tr("Sent as"), lambda r: r.seen.reference or "–"),
            Column(self.tr("Text"), lambda r: r.seen.text),
        ]

    def _lines(self) -> RowsModel:
        return RowsModel(
            [
                Column(self.tr("Account"), lambda line: line[0]),
                Column(self.tr("Debit"), lambda line: _shown(line[1]), right=True),
                Column(self.tr("Credit"), lambda line: _shown(line[2]), right=True),
            ],
            self,
        )

    def _lay_out(self, found: Sequence[Repeat], close: QPushButton) -> None:
        sides = QHBoxLayout()
        self._tables = []
        for model, name in (
            (self._ours, self.tr("Ours")),
            (self._theirs, self.tr("In the target")),
        ):
            side, table = QVBoxLayout(), Table(model, name)
            self._tables.append(table)
            side.addWidget(Label(name))
            side.addWidget(table, 1)
            sides.addLayout(side, 1)
        text = self.tr(
            "{count} documents say what was sent or entered already under another reference"
            " ({change})."
        )
        change = ", ".join(dict.fromkeys(repeat.change for repeat in found))
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(Hint(text.format(count=len(found), change=change)))
        box.addWidget(self.pairs, 2)
        box.addLayout(sides, 1)
        box.addLayout(row(1, self.same, self.other, close))
        self.pairs.fit_columns(230)

    def _show_lines(self) -> None:
        chosen: list[Repeat] = self.pairs.selected_rows()
        if not chosen:
            return
        ours = chosen[0].kind.lines(chosen[0].document)
        self._ours.set_rows(sorted((line.account, line.debit, line.credit) for line in ours))
        self._theirs.set_rows(list(chosen[0].seen.content.lines))
        for table in self._tables:
            table.fit_columns(220)

    def _ask_same(self) -> None:
        self._ask(self.tr("Why are they the same?"), self._same)

    def _ask_other(self) -> None:
        self._ask(self.tr("Why are they others?"), self._other)

    def _ask(self, question: str, decide: Callable[[str], None]) -> None:
        reason = ask_reason(self, self.windowTitle(), question)
        if reason:
            self.accept()
            decide(reason)


def _shown(amount: Decimal) -> str:
    return f"{amount:,.2f}" if amount else ""
