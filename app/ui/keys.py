"""The keys of the window, in a list."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialogButtonBox, QVBoxLayout, QWidget

from app.ui.mnemonics import Dialog
from app.ui.tables import Column, RowsModel, Table
from app.ui.widgets import Title


class KeysDialog(Dialog):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        self.resize(560, 460)
        model = RowsModel(
            [
                Column(self.tr("Key"), lambda row: _native(row[0])),
                Column(self.tr("What it does"), lambda row: row[1]),
            ],
            self,
        )
        model.set_rows(
            [
                ("Ctrl+1 … Ctrl+7", self.tr("go to a page")),
                ("Ctrl+O", self.tr("import files")),
                ("Ctrl+F", self.tr("search the journal; lines of the reconciliation")),
                ("F5", self.tr("read again")),
                ("F3", self.tr("the next line to decide")),
                ("Shift+F3", self.tr("the one before")),
                ("Ctrl+Return", self.tr("accept what is suggested or selected")),
                ("Return", self.tr("at a line: accept it, or the ticked lines")),
                ("Right", self.tr("at a line: its other possibility")),
                ("Space", self.tr("at a line: tick it, to add lines up")),
                ("F", self.tr("at a line: search what is missing between the ticked lines")),
                ("Esc", self.tr("at a line: clear the ticks")),
                ("E", self.tr("at a line: explain it")),
                ("A", self.tr("at a line: propose an adjustment")),
                ("Ctrl+T", self.tr("both sides in one table, or beside each other")),
                ("Ctrl+P", self.tr("print the table")),
                ("Ctrl+D", self.tr("take a match apart")),
                ("Ctrl+E", self.tr("explain a difference")),
                ("Ctrl+Z", self.tr("undo")),
                ("Ctrl+Y", self.tr("redo")),
                ("Ctrl+C", self.tr("copy the selected rows with their headings")),
                ("F1", self.tr("this list")),
            ]
        )
        self.table = Table(model, self.windowTitle())
        self.table.fit_columns()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(self.tr("Close"))
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(self.table, 1)
        box.addWidget(buttons)


def _native(keys: str) -> str:
    if "…" in keys:
        return keys
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
