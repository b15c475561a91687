"""Who owns which field of a contact, and what drifted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.company import field_owners
from app.company.field_owners import (
    DIRECTION_TEXTS,
    FIELD_TEXTS,
    FLOWS,
    OWNER_TEXTS,
    Owner,
    Rule,
)
from app.sending import drift
from app.sending.drift import MOVED_TEXTS, Drift
from app.translation import translate
from app.ui.mnemonics import Dialog
from app.ui.plain import Label
from app.ui.sending.document_dialogs import ask_reason
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.tasks import Progress
from app.ui.widgets import ConnectionBox, Hint, Title, row
from connectors.errors import ConnectorError


class FieldsDialog(Dialog):
    """The owner of each field can be changed with a reason; drift is asked of one connection."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Owners of fields"))
        self.resize(860, 560)
        self._session, self._over = session, False
        self.status = Hint(
            self.tr("A field has one owner and flows away from it, or stays where it is.")
        )
        self.tabs = QTabWidget()
        self.tabs.addTab(self._map_page(), self.tr("Owners"))
        self.tabs.addTab(self._drift_page(), self.tr("Changed on the wrong side"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(self.tr("Close"))
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(self.tabs, 1)
        box.addWidget(self.status)
        box.addWidget(buttons)

    def _map_page(self) -> QWidget:
        page, fields = QWidget(), QWidget()
        grid = QGridLayout(fields)
        self.owners: dict[str, QComboBox] = {}
        self.directions: dict[str, QComboBox] = {}
        for line, name in enumerate(FIELD_TEXTS):
            owner, direction = QComboBox(), QComboBox()
            for value in Owner:
                owner.addItem(translate("fields", OWNER_TEXTS[value]), value)
            self.owners[name], self.directions[name] = owner, direction
            owner.currentIndexChanged.connect(lambda _, name=name: self._show_directions(name))
            label = Label(translate("fields", FIELD_TEXTS[name]))
            label.setBuddy(owner)
            for column, widget in enumerate((label, owner, direction)):
                grid.addWidget(widget, line, column)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 2)
        self.save = QPushButton(self.tr("Save…"))
        self.read, self.write = (
            QPushButton(self.tr("Read from CSV…")),
            QPushButton(self.tr("Write to CSV…")),
        )
        for button, step in (
            (self.save, self._save),
            (self.read, self._read),
            (self.write, self._write),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(step)
        box = QVBoxLayout(page)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(fields)
        box.addWidget(area, 1)
        box.addLayout(row(self.read, self.write, 1, self.save))
        self._show_map()
        return page

    def _drift_page(self) -> QWidget:
        page = QWidget()
        self.connection = ConnectionBox()
        self.connection.setMinimumWidth(200)
        self.connection.show_names([item.name for item in self._session.connections()])
        self.compare = QPushButton(self.tr("Compare now"))
        self.compare.setAutoDefault(False)
        self.compare.setEnabled(bool(self._session.connections()))
        self.compare.clicked.connect(self._compare)
        self._drifted = RowsModel(
            [
                Column(self.tr("Party"), lambda item: item.name),
                Column(self.tr("Field"), lambda item: translate("fields", FIELD_TEXTS[item.field])),
                Column(self.tr("Legacy system"), lambda item: item.ours or "–"),
                Column(self.tr("Target"), lambda item: item.theirs or "–"),
                Column(
                    self.tr("What happened"),
                    lambda item: translate("fields", MOVED_TEXTS[item.moved]),
                ),
            ],
            self,
        )
        self.drifted = Table(self._drifted, self.tr("Changed on the wrong side"), sortable=True)
        label = Label(self.tr("Target:"))
        label.setBuddy(self.connection)
        box = QVBoxLayout(page)
        box.addLayout(row(label, self.connection, 1, self.compare))
        box.addWidget(self.drifted, 1)
        return page

    def _show_map(self) -> None:
        for rule in field_owners.load(self._session.journal).rules.values():
            self.owners[rule.field].setCurrentIndex(list(Owner).index(rule.owner))
            self._show_directions(rule.field)
            self.directions[rule.field].setCurrentIndex(FLOWS[rule.owner].index(rule.direction))

    def _show_directions(self, name: str) -> None:
        box = self.directions[name]
        box.clear()
        for value in FLOWS[self.owners[name].currentData()]:
            box.addItem(translate("fields", DIRECTION_TEXTS[value]), value)

    def _save(self) -> None:
        reason = ask_reason(self, self.windowTitle(), self.tr("Why are the owners changed?"))
        if reason:
            rules = [
                Rule(name, self.owners[name].currentData(), self.directions[name].currentData())
                for name in self.owners
            ]
            self._try(
                lambda: field_owners.save(self._session.journal, rules, reason), self.tr("Saved.")
            )

    def _read(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Read from CSV"), "", "CSV (*.csv)")
        if path:
            self._try(
                lambda: field_owners.import_map(self._session.journal, Path(path)), self.tr("Read.")
            )

    def _write(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, self.tr("Write to CSV"), "campos.csv", "CSV (*.csv);;Excel (*.xlsx)"
        )
        if path:
            self._try(
                lambda: field_owners.export_map(self._session.journal, Path(path)),
                self.tr("Written."),
            )

    def _try(self, step: object, done: str) -> None:
        assert callable(step)
        try:
            step()
        except (OSError, UnicodeDecodeError) as error:
            self.status.setText(f"▲ {error}")
            return
        except Exception as error:
            told = telling.tell(error)
            if not told:
                raise
            self.status.setText("▲ " + told)
            return
        self.status.setText("✓ " + done)
        self._show_map()
        self._session.changed.emit()

    def _compare(self) -> None:
        name = self.connection.currentText()
        target = self._session.connect_to(name, self)
        if target is None:
            return
        self.compare.setEnabled(False)
        self.status.setText(self.tr("Asking {name}…").format(name=name))
        journal = self._session.journal

        def work(_: Progress) -> list[Drift]:
            try:
                return drift.drift(journal, name, target)
            finally:
                target.close()

        self._session.tasks.run(work, self._show_drift, writes=True, failed=self._failed)

    def done(self, result: int) -> None:
        self._over = True
        super().done(result)

    def _show_drift(self, found: list[Drift]) -> None:
        if self._over:
            return
        self.compare.setEnabled(True)
        self._drifted.set_rows(found)
        self.drifted.fit_columns(260, wider={4: 420})
        count = sum(1 for item in found if item.is_drift)
        text = self.tr("%n field(s) changed on the side that does not own them.", "", count)
        self.status.setText(("▲ " if count else "✓ ") + text)

    def _failed(self, error: BaseException) -> bool:
        if self._over:
            return isinstance(error, ConnectorError)
        self.compare.setEnabled(True)
        if isinstance(error, ConnectorError):
            self.status.setText("▲ " + telling.tell(error))
            return True
        return False
