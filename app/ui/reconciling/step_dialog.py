"""What a person puts their name to: both sides as files, sums, what is open, who did the steps
before; asked for before each step towards the signature and before a signed month is opened again.
"""

from __future__ import annotations

from PySide6.QtWidgets import QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from app.matching import Side
from app.money import show
from app.reconciling.origins import Origin
from app.reconciling.runs import Reconciliation
from app.reconciling.signing import State
from app.reconciling.steps import Asked, why_asked
from app.ui.mnemonics import Dialog
from app.ui.plain import Label
from app.ui.reconciling.signing import left_over, next_step
from app.ui.widgets import Hint, Notice, Title, primary


class StepDialog(Dialog):
    """``actor`` is who takes the step, as the journal names people."""

    def __init__(self, result: Reconciliation, actor: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._result, self._asked = result, why_asked(result, actor)
        self.setWindowTitle(next_step(result.standing.state).rstrip("…"))
        self.setMinimumWidth(620)
        self.why = QLineEdit()
        form = QFormLayout()
        for name, text in self._facts():
            label = Label(text)
            label.setWordWrap(True)
            form.addRow(f"{name}:", label)
        self.notices = [self._notice(asked) for asked in self._asked]
        if self._asked:
            form.addRow(self.tr("Why, all the same:"), self.why)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        accept = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        accept.setText(self.windowTitle())
        primary(accept)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Cancel"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.why.textChanged.connect(self._check)
        box = QVBoxLayout(self)
        box.addWidget(Title(f"{self.windowTitle()}: {result.period}"))
        box.addWidget(Hint(self.tr("Your name goes into the journal: {actor}").format(actor=actor)))
        for notice in self.notices:
            box.addWidget(notice)
        box.addLayout(form)
        box.addWidget(self.buttons)
        self._check()

    @property
    def reason(self) -> str:
        return self.why.text().strip()

    def _check(self) -> None:
        accept = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        accept.setEnabled(not self._asked or bool(self.reason))

    def _facts(self) -> list[tuple[str, str]]:
        result = self._result
        origins = result.origins or (Origin(result.left.name), Origin(result.right.name))
        by = result.standing.by or {}
        proof = result.proof
        found = [
            (self.tr("Left"), self._side(result.left, origins[0])),
            (self.tr("Right"), self._side(result.right, origins[1])),
            (
                self.tr("Open items"),
                self.tr("{count} lines go into the next month").format(
                    count=f"{sum(row.open_items for row in proof.accounts):,}"
                ),
            ),
        ]
        for code in sorted({row.currency for row in proof.accounts}):
            rows = [row for row in proof.accounts if row.currency == code]
            amount = f"{show(left_over(rows))} {code}".rstrip()
            found.append((self.tr("To explain"), amount))
        for state, name in (
            (State.PREPARED, self.tr("Prepared")),
            (State.REVIEWED, self.tr("Reviewed")),
            (State.SIGNED, self.tr("Signed")),
        ):
            if state.value in by:
                found.append((name, by[state.value]))
        return found

    def _side(self, side: Side, origin: Origin) -> str:
        sums = self.tr("{lines} lines, debit {debit}, credit {credit}").format(
            lines=f"{len(side):,}", debit=show(side.debit), credit=show(side.credit)
        )
        return "\n".join(filter(None, (origin.title, origin.proof, sums)))

    def _notice(self, asked: Asked) -> Notice:
        notice = Notice("attention")
        notice.setText(
            {
                Asked.UNEXPLAINED: self.tr(
                    "Not everything is decided or explained. It is signed so only with a reason,"
                    " which goes onto the paper."
                ),
                Asked.OWN_WORK: self.tr(
                    "You did a step before this one yourself. Another person should sign."
                ),
                Asked.REOPENED: self.tr(
                    "The month is signed. Opened again, it has to be prepared, reviewed and signed"
                    " anew; the journal keeps both."
                ),
            }[asked]
        )
        return notice
