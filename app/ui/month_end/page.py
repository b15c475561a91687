"""Cierre: the month's checklist, and the next thing to do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from app.company import settings
from app.journal import documents
from app.money import show
from app.month_end import checklist
from app.month_end.checklist import Step, StepName, StepState
from app.ui.plain import Label
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.theme import colours
from app.ui.widgets import ConnectionBox, Hint, Title, row

SYMBOLS = {StepState.DONE: "✓", StepState.ATTENTION: "▲", StepState.TODO: "○"}
PAGES = {
    StepName.FILES: "intake",
    StepName.BLOCKED: "intake",
    StepName.MAP: "sending",
    StepName.SENT: "sending",
    StepName.PULLED: "reconciling",
    StepName.RECONCILED: "reconciling",
}


class ClosePage(QWidget):
    """``wanted`` names the page where the next step is taken."""

    wanted = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._steps: list[Step] = []
        self.period, self.connection = QComboBox(), ConnectionBox()
        self.period.setMinimumWidth(120)
        self.connection.setMinimumWidth(180)
        self.company = Label()
        self.summary = Hint()
        self.next = QPushButton()
        self.next.setMinimumHeight(34)
        self._model = RowsModel(
            [
                Column("", lambda step: SYMBOLS[step.state]),
                Column(self.tr("Step"), self._step_title),
                Column(self.tr("State"), self._state_text),
                Column(self.tr("Detail"), self._detail),
            ],
            self,
            background=lambda step, _: (
                colours(self.palette())["warning"] if step.state == "attention" else None
            ),
        )
        self.table = Table(self._model, self.tr("Checklist of the month"))
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 18)
        self.table.doubleClicked.connect(
            lambda index: self.wanted.emit(PAGES[self._model.row_at(index.row()).name])
        )
        self.table.activated.connect(
            lambda index: self.wanted.emit(PAGES[self._model.row_at(index.row()).name])
        )
        labels = [
            Label(self.tr("Company:")),
            Label(self.tr("Period:")),
            Label(self.tr("Target:")),
        ]
        box = QVBoxLayout(self)
        box.addWidget(Title(self.tr("Month-end close")))
        box.addLayout(
            row(labels[0], self.company, labels[1], self.period, labels[2], self.connection, 1)
        )
        box.addWidget(self.table, 1)
        box.addLayout(row(self.summary, self.next))
        labels[1].setBuddy(self.period)
        labels[2].setBuddy(self.connection)
        self.period.currentTextChanged.connect(self._show)
        self.connection.currentTextChanged.connect(self._show)
        self.next.clicked.connect(self._go_on)
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        kept = self.period.currentText()
        periods = documents.periods(self._session.journal)
        self.period.blockSignals(True)
        self.period.clear()
        self.period.addItems(periods)
        if kept in periods:
            self.period.setCurrentText(kept)
        self.period.blockSignals(False)
        self.connection.show_names([item.name for item in self._session.connections()])
        self.company.setText(settings.company_code(self._session.journal))
        self._show()

    def _show(self) -> None:
        self._steps = checklist.checklist(
            self._session.journal, self.period.currentText(), self.connection.currentText()
        )
        self._model.set_rows(self._steps)
        self.table.fit_columns()
        step = self._next_step()
        done = sum(1 for item in self._steps if item.state is StepState.DONE)
        self.summary.setText(
            self.tr("{done} of {total} steps done.").format(done=done, total=len(self._steps))
        )
        if step is None:
            self.next.setText(self.tr("The month reconciles"))
            self.next.setEnabled(False)
        else:
            self.next.setText(self.tr("Next: {step} →").format(step=self._step_title(step)))
            self.next.setEnabled(True)

    def _next_step(self) -> Step | None:
        return next((step for step in self._steps if step.state is not StepState.DONE), None)

    def _go_on(self) -> None:
        step = self._next_step()
        if step is not None:
            self.wanted.emit(PAGES[step.name])

    def _step_title(self, step: Step) -> str:
        return {
            StepName.FILES: self.tr("Files of the month imported"),
            StepName.BLOCKED: self.tr("Vouchers without errors"),
            StepName.MAP: self.tr("Accounts and journals mapped"),
            StepName.SENT: self.tr("Vouchers sent and confirmed"),
            StepName.PULLED: self.tr("Target's books read after the last sending"),
            StepName.RECONCILED: self.tr("Reconciled to the cent"),
        }[step.name]

    def _state_text(self, step: Step) -> str:
        return {
            StepState.DONE: self.tr("done"),
            StepState.ATTENTION: self.tr("needs attention"),
            StepState.TODO: self.tr("to do"),
        }[step.state]

    def _detail(self, step: Step) -> str:
        match step.name:
            case StepName.FILES:
                return self.tr("%n file(s)", "", step.done)
            case StepName.BLOCKED:
                text = self.tr("{blocked} blocked of {total}")
                return text.format(blocked=step.done, total=step.total)
            case StepName.MAP:
                return self.tr("%n code(s) without a counterpart", "", step.done)
            case StepName.SENT:
                return self.tr("{sent} of {total}").format(sent=step.done, total=step.total)
            case StepName.PULLED:
                return self.tr("%n ledger line(s)", "", step.done)
            case _:
                if step.state is StepState.TODO:
                    return self.tr("not run yet")
                return self.tr("{amount} to explain").format(amount=show(step.amount))
