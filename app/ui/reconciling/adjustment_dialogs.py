"""Dialogs of a reconciliation: a line into parts, adjustments to propose, other possibilities,
files kept as evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QCoreApplication, QDate, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.decisions import Attach
from app.matching import Group, Side
from app.matching.reasons import reason
from app.money import show, to_minor
from app.reconciling.adjustment_vouchers import Adjustment
from app.reconciling.paper import Voucher
from app.reconciling.runs import Reconciliation
from app.ui.mnemonics import Dialog
from app.ui.plain import Label
from app.ui.tables import Column, RowsModel, Table
from app.ui.widgets import Hint, Title
from importers.values import number_style, to_cents

DATE, ACCOUNT, CONTRA, AMOUNT, TEXT = range(5)


class SplitDialog(Dialog):
    """One line as several, by their amounts."""

    def __init__(self, side: Side, index: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Split the line"))
        self.resize(420, 340)
        self._amount = int(side.amount[index])
        self.amounts, self.note, self.missing = QPlainTextEdit(), QLineEdit(), Label()
        self.amounts.setAccessibleName(self.tr("Amounts of the parts"))
        self.amounts.setTabChangesFocus(True)
        self.amounts.setPlaceholderText("250.25\n80.00")
        what = side.reference[index] or side.text[index] or side.party[index]
        line = self.tr("{date} · {what} · {amount}").format(
            date=side.date(index).isoformat(), what=what or "–", amount=show(self._amount)
        )
        form = QFormLayout()
        form.addRow(self.tr("Note:"), self.note)
        self._buttons = _buttons(self, self.tr("Split"))
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(Label(line))
        box.addWidget(
            Hint(self.tr("The amounts of the parts, one a line; together they are the line."))
        )
        box.addWidget(self.amounts, 1)
        box.addWidget(self.missing)
        box.addLayout(form)
        box.addWidget(self._buttons)
        self.amounts.textChanged.connect(self._check)
        self._check()

    def parts(self) -> list[int]:
        """The parts in minor units; those of a credit may be written without their sign. Raises
        ValueError.
        """
        texts = [text for text in self.amounts.toPlainText().split() if text]
        style = number_style(texts)
        found = [to_minor(to_cents(style.parse(text))) for text in texts]
        return [-part for part in found] if sum(found) == -self._amount else found

    def _check(self) -> None:
        try:
            parts = self.parts()
        except ValueError:
            self.missing.setText("▲ " + self.tr("That is not an amount."))
            good = False
        else:
            rest = self._amount - sum(parts)
            self.missing.setText(self.tr("Missing: {amount}").format(amount=show(rest)))
            good = not rest and len(parts) > 1 and all(parts)
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(good)


class AdjustDialog(Dialog):
    """The vouchers that would settle the differences chosen, to be checked before they are
    proposed.
    """

    def __init__(
        self,
        found: Sequence[Adjustment],
        journals: Mapping[str, Sequence[str]],
        accounts: Sequence[str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Propose adjustments"))
        self.resize(860, 420)
        self._found, self._journals = list(found), journals
        self.connection, self.journal, self.contra = QComboBox(), QComboBox(), QComboBox()
        self.connection.addItems(list(journals))
        for choice in (self.journal, self.contra):
            choice.setEditable(True)
        self.contra.addItems(["", *accounts])
        self.connection.currentTextChanged.connect(self._offer_journals)
        self._offer_journals(self.connection.currentText())
        form = QFormLayout()
        form.addRow(self.tr("To the target:"), self.connection)
        form.addRow(self.tr("In the journal:"), self.journal)
        form.addRow(self.tr("Contra account where none is named:"), self.contra)
        self.table = self._table()
        hint = self.tr(
            "They go as vouchers with the next sending, exactly once; a positive amount is a debit"
            " to the account. A difference stays visible until its voucher is in the target's"
            " books."
        )
        self.problem = Hint()
        buttons = _buttons(self, self.tr("Propose"))
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(Hint(hint))
        box.addLayout(form)
        box.addWidget(self.table, 1)
        box.addWidget(self.problem)
        box.addWidget(buttons)

    def adjustments(self) -> list[Adjustment]:
        """As they stand in the table."""
        return [self._read(place, one) for place, one in enumerate(self._found)]

    def accept(self) -> None:
        if not self.journal.currentText().strip():
            self.problem.setText("▲ " + self.tr("Name the journal of the target."))
        elif not all(one.account and one.contra for one in self.adjustments()):
            self.problem.setText(
                "▲ " + self.tr("Each adjustment needs an account and a contra account.")
            )
        else:
            super().accept()

    def _table(self) -> QTableWidget:
        titles = [
            self.tr("Date"),
            self.tr("Account"),
            self.tr("Contra account"),
            self.tr("Amount"),
            self.tr("Text"),
        ]
        table = QTableWidget(len(self._found), len(titles))
        table.setHorizontalHeaderLabels(titles)
        table.setAccessibleName(self.windowTitle())
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 14)
        table.horizontalHeader().setStretchLastSection(True)
        table.setTabKeyNavigation(False)
        for place, one in enumerate(self._found):
            day = QDateEdit(QDate(one.day.year, one.day.month, one.day.day))
            day.setDisplayFormat("dd/MM/yyyy")
            table.setCellWidget(place, DATE, day)
            for column, text in ((ACCOUNT, one.account), (CONTRA, one.contra), (TEXT, one.text)):
                table.setItem(place, column, QTableWidgetItem(text))
            amount = QTableWidgetItem(show(one.amount))
            amount.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            amount.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(place, AMOUNT, amount)
        for column, width in ((DATE, 120), (ACCOUNT, 130), (CONTRA, 130), (AMOUNT, 110)):
            table.setColumnWidth(column, width)
        return table

    def _read(self, place: int, one: Adjustment) -> Adjustment:
        def said(column: int) -> str:
            item = self.table.item(place, column)
            return item.text().strip() if item else ""

        edit = self.table.cellWidget(place, DATE)
        assert isinstance(edit, QDateEdit)
        day = edit.date()
        return replace(
            one,
            day=date(day.year(), day.month(), day.day()),
            account=said(ACCOUNT),
            contra=said(CONTRA) or self.contra.currentText().strip(),
            text=said(TEXT),
        )

    def _offer_journals(self, connection: str) -> None:
        self.journal.clear()
        self.journal.addItems(list(self._journals.get(connection, ())))


class VouchersDialog(Dialog):
    """The adjustments proposed and how far each has come; ``withdrawn`` carries the reference of
    one to take back.
    """

    withdrawn = Signal(str)

    def __init__(self, vouchers: Sequence[Voucher], locked: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Adjustments proposed"))
        self.resize(860, 340)
        columns = [
            Column(self.tr("State"), lambda row: row.state),
            Column(self.tr("Account"), lambda row: row.account),
            Column(self.tr("Contra account"), lambda row: row.contra),
            Column(self.tr("Amount"), lambda row: show(row.amount), right=True),
            Column(self.tr("Voucher"), lambda row: row.reference),
        ]
        self._model = RowsModel(columns, self)
        self._model.set_rows(vouchers)
        self.table = Table(self._model, self.windowTitle())
        self.table.fit_columns(240)
        self.withdraw_button = QPushButton(self.tr("Withdraw"))
        self.withdraw_button.setEnabled(not locked)
        self.withdraw_button.clicked.connect(self._withdraw)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(self.tr("Close"))
        buttons.addButton(self.withdraw_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(
            Hint(
                self.tr(
                    "One that was sent stays: what is wrong with it is corrected in the target."
                )
            )
        )
        box.addWidget(self.table, 1)
        box.addWidget(buttons)
        self.table.go_to(0)

    def _withdraw(self) -> None:
        for row in self.table.selected_rows()[:1]:
            self.withdrawn.emit(row.reference)
            self.accept()


class AlternativesDialog(Dialog):
    """What else the selected lines may belong to; ``chosen`` carries the group a person takes."""

    chosen = Signal(object)

    def __init__(self, result: Reconciliation, groups: Sequence[Group], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Other possibilities"))
        self.resize(900, 360)

        def lines(side: Side, indexes: Sequence[int]) -> str:
            return " + ".join(
                f"{side.reference[index] or side.text[index] or '–'} ·"
                f" {show(int(side.amount[index]))}"
                for index in indexes
            )

        columns = [
            Column(self.tr("Left"), lambda group: lines(result.left, group.left)),
            Column(self.tr("Right"), lambda group: lines(result.right, group.right)),
            Column(self.tr("Confidence"), lambda group: f"{group.confidence:.0%}", right=True),
            Column(self.tr("Reason"), lambda group: reason(group, result.left, result.right)),
        ]
        self._model = RowsModel(columns, self)
        self._model.set_rows(groups)
        self.table = Table(self._model, self.windowTitle())
        self.table.fit_columns(300)
        self.table.activated.connect(lambda _: self._take())
        buttons = _buttons(self, self.tr("Match these"))
        buttons.accepted.disconnect()
        buttons.accepted.connect(self._take)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(self.table, 1)
        box.addWidget(buttons)
        self.table.go_to(0)

    def _take(self) -> None:
        rows = self.table.selected_rows()
        if rows:
            self.chosen.emit(rows[0])
            self.accept()


class AttachmentsDialog(Dialog):
    """The files kept as evidence; one more, or one of them saved."""

    def __init__(
        self,
        attached: Sequence[Attach],
        add: Callable[[], None],
        save: Callable[[str, str], None],
        locked: bool,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Attached files"))
        self.resize(720, 320)
        columns = [
            Column(self.tr("File"), lambda row: row.name),
            Column(self.tr("Note"), lambda row: row.note),
            Column("SHA-256", lambda row: row.sha256),
        ]
        self._model = RowsModel(columns, self)
        self._model.set_rows(attached)
        self.table = Table(self._model, self.windowTitle())
        self.table.fit_columns(280)
        self.add_button, self.save_button = (
            QPushButton(self.tr("Attach a file…")),
            QPushButton(self.tr("Save as…")),
        )
        self.add_button.setEnabled(not locked)
        self.save_button.setEnabled(bool(attached))
        self.add_button.clicked.connect(self.reject)
        self.add_button.clicked.connect(add)
        self.save_button.clicked.connect(lambda: self._save(save))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(self.tr("Close"))
        for button in (self.add_button, self.save_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(
            Hint(
                self.tr(
                    "A file is attached to the lines that are selected, or to the whole"
                    " reconciliation."
                )
            )
        )
        box.addWidget(self.table, 1)
        box.addWidget(buttons)
        self.table.go_to(0)

    def _save(self, save: Callable[[str, str], None]) -> None:
        for chosen in self.table.selected_rows()[:1]:
            save(chosen.name, chosen.sha256)


def _buttons(dialog: QDialog, accept: str) -> QDialogButtonBox:
    buttons = QDialogButtonBox(
        QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
    )
    buttons.button(QDialogButtonBox.StandardButton.Ok).setText(accept)
    buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(
        QCoreApplication.translate("Adjusting", "Cancel")
    )
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
