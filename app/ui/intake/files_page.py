"""Archivos: what was imported so far, and a file to look at before it is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.company import settings
from app.intake.imports import Imported, imports
from app.journal import batches
from app.ui.icons import put
from app.ui.intake.page import IntakePage
from app.ui.local_time import local_time
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.theme import colours
from app.ui.widgets import DropArea, Hint, Title, primary, row
from importers.archives import Export
from importers.content import Content

FILE, LIST = 0, 1


class FilesPage(QWidget):
    """``chosen`` asks for a choice of files."""

    chosen = Signal()

    def __init__(self, session: Session, intake: IntakePage) -> None:
        super().__init__()
        self._session, self._intake = session, intake
        self._found: list[Imported] = []
        self._profiles = settings.profiles(session.home)
        self._model = RowsModel(
            [
                Column(self.tr("When"), lambda one: local_time(one.batch.started_at)),
                Column(self.tr("Month"), lambda one: one.months),
                Column(self.tr("File"), lambda one: one.batch.name),
                Column(self.tr("Report"), self._report),
                _count(self.tr("Lines"), lambda one: one.batch.lines_total),
                _count(self.tr("Rejected"), lambda one: one.batch.lines_rejected),
                _count(self.tr("Ready"), lambda one: one.ready),
                _count(self.tr("Blocked"), lambda one: one.blocked),
                Column(self.tr("State"), _state),
                Column(self.tr("Who"), lambda one: one.by),
            ],
            self,
            background=lambda one, column: (
                colours(self.palette())["warning"]
                if (column == 7 and one.blocked) or (column == 5 and one.batch.lines_rejected)
                else None
            ),
        )
        self.table = Table(self._model, self.tr("Imported files"), sortable=True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search file, report, month…"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        self.add = primary(QPushButton(self.tr("Add files…")))
        put(self.add, "plus")
        self.empty = DropArea(
            self.tr(
                "Drop the files or folders your system exported here, or anywhere in the window"
            )
        )
        self.hint = Hint(
            self.tr("Enter or a double click shows the file again as it was imported.")
        )
        self._views = QStackedWidget()
        self._views.addWidget(self.empty)
        self._views.addWidget(self.table)
        listed = QWidget()
        box = QVBoxLayout(listed)
        box.addLayout(row(Title(self.tr("Imported files")), 1, self.search, self.add))
        box.addWidget(self._views, 1)
        box.addWidget(self.hint)
        self.search.setMinimumWidth(240)
        self.tabs = QTabWidget()
        self.tabs.addTab(intake, self.tr("Look and import"))
        self.tabs.addTab(listed, self.tr("Imported"))
        self.tabs.setDocumentMode(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.tabs)
        self.add.clicked.connect(lambda _=False: self._add())
        self.search.textChanged.connect(self._filter)
        self.empty.dropped.connect(intake.open_paths)
        intake.opened.connect(lambda _: self.tabs.setCurrentIndex(FILE))
        self.table.activated.connect(lambda index: self._look(self._model.row_at(index.row())))
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        journal = self._session.journal
        self._session.tasks.run(lambda _: imports(journal), self._show, failed=self._failed)

    def _show(self, found: list[Imported]) -> None:
        self._found, self._profiles = found, settings.profiles(self._session.home)
        is_first = not self._model.rows
        self.table.show_rows(found, _key, self.search.text())
        if is_first:
            self.table.fit_columns(300)
        self._views.setCurrentIndex(int(bool(found)))
        self.hint.setVisible(bool(found))
        self.tabs.setTabText(LIST, self.tr("Imported ({count})").format(count=len(found)))

    def _failed(self, error: BaseException) -> bool:
        """Whether the person was told in words what went wrong."""
        told = telling.tell(error)
        if told:
            self.hint.setText("▲ " + told)
            self.hint.show()
        return bool(told)

    def _filter(self) -> None:
        self.table.show_rows(self._found, _key, self.search.text())

    def _report(self, one: Imported) -> str:
        """What the file was taken for."""
        name = one.batch.profile
        return self._profiles[name].title if name in self._profiles else name

    def _add(self) -> None:
        self.tabs.setCurrentIndex(FILE)
        self._intake.choose.click()

    def _look(self, one: Imported) -> None:
        """The journal's own copy, as it was read then."""
        journal, batch = self._session.journal, one.batch

        def work(_: object) -> bytes:
            return batches.file_of(journal, batch)

        def show(data: bytes) -> None:
            export = Export(batch.name, Content.of(data), f"batch:{batch.id}")
            self._intake.show_journaled(export, one.options)
            self.tabs.setCurrentIndex(FILE)

        def failed(error: BaseException) -> bool:
            is_lost = isinstance(error, OSError | LookupError | ValueError)
            if is_lost:
                self.hint.setText("▲ " + self.tr("The journal's copy of this file cannot be read."))
            return is_lost

        self._session.tasks.run(work, show, failed=failed)


def _key(one: Imported) -> int:
    return one.batch.id


def _count(title: str, value: object) -> Column:
    assert callable(value)
    return Column(title, lambda one: f"{value(one):,}", right=True, order=value)


def _state(one: Imported) -> str:
    sign = {"complete": "✓", "reading": "…"}.get(one.batch.state, "▲")
    return f"{sign} {one.state_text}"
