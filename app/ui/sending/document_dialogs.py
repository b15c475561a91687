"""Dialogs about documents: a list of them, the story of one, one beside what the target holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import chain

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.month_end import story
from app.month_end.story import Moment
from app.sending.conflicts import Comparison
from app.sending.difference_words import said_together, state_text
from app.ui.local_time import local_time
from app.ui.mnemonics import Dialog
from app.ui.plain import MarkedLabel, marked, plain
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.widgets import Hint, Title
from connectors import EntryLine


class DocumentsDialog(Dialog):
    """The documents behind a figure; Enter or a double click tells the story of one."""

    def __init__(
        self, title: str, references: Sequence[str], session: Session, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(620, 420)
        self._session = session
        self._model = RowsModel([Column(self.tr("Document"), lambda reference: reference)], self)
        self._model.set_rows(list(references))
        self.table = Table(self._model, title, sortable=True)
        self.table.activated.connect(lambda index: self._tell(self._model.row_at(index.row())))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(self.tr("Close"))
        copy = buttons.addButton(self.tr("Copy all"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText("\n".join(references)))
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(title))
        box.addWidget(Hint(self.tr("Enter or a double click tells the story of a document.")))
        box.addWidget(self.table, 1)
        box.addWidget(buttons)

    def _tell(self, reference: str) -> None:
        StoryDialog(reference, self._session, self).open()


class StoryDialog(Dialog):
    """What happened to a document, from the file to the reconciliation, as a timeline."""

    def __init__(self, reference: str, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Story of {document}").format(document=reference))
        self.resize(980, 460)
        self._model = RowsModel(
            [
                Column(self.tr("When"), lambda moment: local_time(moment.at)),
                Column(self.tr("Who"), lambda moment: moment.actor),
                Column(self.tr("What"), lambda moment: "● " + moment.what),
                Column(self.tr("Facts"), lambda moment: moment.facts),
            ],
            self,
        )
        self.table = Table(self._model, self.windowTitle())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(self.tr("Close"))
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(reference))
        box.addWidget(self.table, 1)
        box.addWidget(buttons)
        session.tasks.run(lambda _: story.document_story(session.journal, reference), self._show)

    def _show(self, moments: list[Moment]) -> None:
        self._model.set_rows(moments)
        self.table.fit_columns(430)


class ComparisonDialog(Dialog):
    """Ours at the left, the target's at the right, what differs marked and said. ``link`` and
    ``skip`` get the reason (and link the number) a person typed; ``look_up`` asks the target again
    for another number; ``corrected`` gets the reason of a document that says there by now what the
    newest file says.
    """

    def __init__(
        self,
        reference: str,
        found: Comparison,
        link: Callable[[str, str], None],
        skip: Callable[[str], None],
        look_up: Callable[[str], None],
        corrected: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("{document} beside the target").format(document=reference))
        self.resize(1080, 520)
        self._link, self._skip, self._corrected = link, skip, corrected
        self._theirs = found.theirs[0] if len(found.theirs) == 1 else None
        mine = _in_order(found.kind.lines(found.ours))
        other = _in_order(self._theirs.lines) if self._theirs else []
        left, right = QVBoxLayout(), QVBoxLayout()
        about = found.kind.about(found.ours)
        left.addWidget(MarkedLabel(marked(self.tr("<b>Ours</b> · {date}"), date=about)))
        left.addWidget(self._table(mine, other, self.tr("Ours")), 1)
        right.addWidget(MarkedLabel(self._heading(found)))
        right.addWidget(self._table(other, mine, self.tr("In the target")), 1)
        sides = QHBoxLayout()
        sides.addLayout(left, 1)
        sides.addLayout(right, 1)
        self.number = QLineEdit()
        self.number.setPlaceholderText(self.tr("Number in the target"))
        self.number.setMinimumWidth(200)
        self.number.setAccessibleName(self.number.placeholderText())
        search = QPushButton(self.tr("Look it up"))
        search.setAutoDefault(False)

        def searched() -> None:
            number = self.number.text().strip()
            if number:
                self.accept()
                look_up(number)

        search.clicked.connect(searched)
        self.number.returnPressed.connect(search.click)
        self.link, self.skip = QPushButton(self.tr("Link to it…")), QPushButton(self.tr("Skip…"))
        self.link.setEnabled(self._theirs is not None and self._theirs.state != "cancelled")
        self.corrected = QPushButton(self.tr("It was corrected there…"))
        self.corrected.setVisible(bool(found.changed))
        self.corrected.clicked.connect(self._ask_corrected)
        self.link.clicked.connect(self._ask_link)
        self.skip.clicked.connect(self._ask_skip)
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        for widget in (self.number, search):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.corrected, self.skip, self.link, close):
            row.addWidget(widget)
        box = QVBoxLayout(self)
        box.addWidget(Title(reference))
        box.addLayout(sides, 1)
        box.addWidget(Hint(self._said(found)))
        box.addLayout(row)
        close.setDefault(True)

    def _heading(self, found: Comparison) -> str:
        """What stands over the target's side."""
        if self._theirs:
            text = self.tr("<b>In the target: {number}</b> · {date} · {state}")
            return marked(
                text,
                number=self._theirs.number,
                date=found.kind.about_remote(self._theirs),
                state=state_text(self._theirs.state),
            )
        if found.theirs:
            return marked(
                self.tr("<b>The target has {count} such documents:</b> {numbers}"),
                count=len(found.theirs),
                numbers=", ".join(record.number for record in found.theirs),
            )
        return self.tr("<b>The target has no such document.</b>")

    def _said(self, found: Comparison) -> str:
        differences = list(chain.from_iterable(found.differences))
        text = "≠ " + said_together(differences) if differences else ""
        if self._theirs and not differences:
            text = "✓ " + self.tr("Both say the same.")
        if found.changed:
            changed = self.tr("The newest file differs from what was sent: {what}")
            text += "\n▲ " + changed.format(what=said_together(found.changed))
        return text

    def _table(self, lines: list[EntryLine], beside: list[EntryLine], name: str) -> Table:
        known = {_amounts(line) for line in beside}
        model = RowsModel(
            [
                Column("", lambda line: "" if _amounts(line) in known else "≠"),
                Column(self.tr("Account"), lambda line: line.account),
                Column(self.tr("Debit"), lambda line: _shown(line.debit), right=True),
                Column(self.tr("Credit"), lambda line: _shown(line.credit), right=True),
                Column(self.tr("Party"), lambda line: line.partner),
                Column(self.tr("Text"), lambda line: line.label),
            ],
            self,
            bold=lambda line, _: _amounts(line) not in known,
        )
        model.set_rows(lines)
        table = Table(model, name)
        table.fit_columns(220)
        return table

    def _ask_link(self) -> None:
        reason = ask_reason(
            self, self.tr("Link"), self.tr("Why is the target's document this one?")
        )
        if reason and self._theirs:
            self.accept()
            self._link(self._theirs.number, reason)

    def _ask_corrected(self) -> None:
        reason = ask_reason(
            self, self.tr("Corrected"), self.tr("Who corrected it in the target, and why?")
        )
        if reason:
            self.accept()
            self._corrected(reason)

    def _ask_skip(self) -> None:
        reason = ask_reason(self, self.tr("Skip"), self.tr("Why is it not to be sent?"))
        if reason:
            self.accept()
            self._skip(reason)


def ask_reason(parent: QWidget, title: str, question: str) -> str:
    """A reason a person types; empty when they cancel."""
    text, accepted = QInputDialog.getText(parent, title, plain(question))
    return text.strip() if accepted else ""


def _in_order(lines: Sequence[EntryLine]) -> list[EntryLine]:
    return sorted(lines, key=lambda line: (line.account, -line.debit, -line.credit))


def _amounts(line: EntryLine) -> tuple[str, Decimal, Decimal]:
    return line.account, line.debit.normalize(), line.credit.normalize()


def _shown(amount: Decimal) -> str:
    return f"{amount:,.2f}" if amount else ""
