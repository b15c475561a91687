"""What the menu does with the table a person is at: a file of it, or paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from app import telling
from app.system_words import system_words
from app.ui import table_out
from app.ui.plain import plain
from app.ui.tables import Table

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

SHOWN_MILLISECONDS = 10_000


class TableMenu(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def export(self) -> None:
        """As it is filtered and sorted."""
        table = self._table()
        if table is None:
            return
        title = table.accessibleName()
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Export this table"),
            f"{title}.xlsx",
            "Excel (*.xlsx);;CSV (*.csv)",
        )
        if not name:
            return
        heading, rows = table_out.rows_of(table)
        right = [column.right for column in table.rows_model.columns]
        self._window.session.tasks.run(
            lambda _: table_out.write_table(Path(name), title, heading, rows, right),
            lambda _: self._say(self.tr("Written to {path}.").format(path=name)),
            failed=self._not_written,
        )

    def print(self) -> None:
        table = self._table()
        if table is not None:
            table_out.print_table(table, table.accessibleName(), self._window)

    def _table(self) -> Table | None:
        """The table a person is in; else the first of the page."""
        within = QApplication.focusWidget()
        while within is not None and not isinstance(within, Table):
            within = within.parentWidget()
        page = self._window.pages.currentWidget()
        found = [one for one in page.findChildren(Table) if one.isVisible()] if page else []
        table = within if isinstance(within, Table) else next(iter(found), None)
        if table is None or not table.rows_model.rowCount():
            self._say(self.tr("There is no table with lines here."))
            return None
        return table

    def _say(self, text: str) -> None:
        self._window.statusBar().showMessage(text, SHOWN_MILLISECONDS)

    def _not_written(self, error: BaseException) -> bool:
        told = telling.tell(error)
        if isinstance(error, OSError):
            told = f"{error.filename}\n{system_words(error)}"
        if told:
            QMessageBox.warning(self._window, self.tr("Export this table"), plain(told))
        return bool(told)
