"""Bitácora: what happened, searched, exported, proven."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QTabWidget, QVBoxLayout, QWidget

from app.journal import listings, verification
from app.journal.event_words import event_text, facts_text
from app.journal.rows import Event
from app.journal.search import Answer, amount_text, search
from app.journal.verification import Verification
from app.ui.icons import put
from app.ui.local_time import local_time
from app.ui.sending.document_dialogs import StoryDialog
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.tasks import Progress
from app.ui.widgets import Hint, Title, row

SHOWN_EVENTS = 5000
TYPING_PAUSE = 220


class LogPage(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._asked = 0
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search by voucher, file, number, person or text"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.search.placeholderText())
        self.verify = QPushButton(self.tr("Verify the chain"))
        self.export = QPushButton(self.tr("Export…"))
        put(self.verify, "lock")
        put(self.export, "upload")
        self.status = Hint()
        self._model = RowsModel(
            [
                Column("#", lambda event: f"{event.sequence:,}", right=True),
                Column(self.tr("When"), lambda event: local_time(event.at)),
                Column(self.tr("Who"), lambda event: event.actor),
                Column(self.tr("What"), lambda event: event_text(event.kind)),
                Column(self.tr("About"), lambda event: event.subject),
                Column(self.tr("Data"), lambda event: facts_text(event.text)),
            ],
            self,
        )
        self.table = Table(self._model, self.tr("Events"))
        self._hits = RowsModel(
            [
                Column(self.tr("Found"), lambda hit: kinds[hit.kind]),
                Column(self.tr("File"), lambda hit: hit.file),
                Column(
                    self.tr("Line"), lambda hit: f"{hit.line:,}" if hit.line else "", right=True
                ),
                Column(self.tr("Date"), lambda hit: hit.date),
                Column(self.tr("Amount"), amount_text, right=True),
                Column(self.tr("Document"), lambda hit: hit.document),
                Column(self.tr("Text"), lambda hit: hit.text),
            ],
            self,
        )
        kinds = {
            "movement": self.tr("movement"),
            "line": self.tr("line"),
            "document": self.tr("document"),
            "event": self.tr("event"),
        }
        self.hits = Table(self._hits, self.tr("Lines and documents"))
        self.tabs = QTabWidget()
        self.tabs.addTab(self.table, self.tr("Events"))
        self.tabs.addTab(self.hits, self.tr("Lines and documents"))
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE)
        self._pause.timeout.connect(self.refresh)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.tr("Journal")))
        box.addLayout(row(self.search, self.verify, self.export))
        box.addWidget(self.tabs, 1)
        box.addWidget(self.status)
        self.search.textChanged.connect(self._pause.start)
        self.table.activated.connect(
            lambda index: self._tell(self._model.row_at(index.row()).subject)
        )
        self.hits.activated.connect(
            lambda index: self._tell(self._hits.row_at(index.row()).document)
        )
        self.verify.clicked.connect(self._verify)
        self.export.clicked.connect(self._export)
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self._asked += 1
        asked, text, journal = self._asked, self.search.text(), self._session.journal

        def show(rows: list[Event]) -> None:
            if asked == self._asked:
                self._model.set_rows(rows)
                self.table.fit_columns(360)

        def show_hits(answer: Answer | None) -> None:
            if asked != self._asked:
                return
            hits = [hit for hit in answer.hits if hit.kind != "event"] if answer else []
            self._hits.set_rows(hits)
            self.hits.fit_columns(360)
            count = f"{len(hits):,}" + ("" if answer is None or answer.complete else "+")
            title = (
                self.tr("Lines and documents ({count})").format(count=count) if text.strip() else ""
            )
            self.tabs.setTabText(1, title or self.tr("Lines and documents"))
            if text.strip() and hits and not self._model.rowCount():
                self.tabs.setCurrentIndex(1)

        self._session.tasks.run(lambda _: listings.event_rows(journal, text, SHOWN_EVENTS), show)
        if text.strip():
            self._session.tasks.run(lambda _: search(journal, text), show_hits)
        else:
            show_hits(None)

    def _tell(self, subject: str) -> None:
        """The story of a document; of what is none there is nothing to tell."""
        if "/" in subject:
            StoryDialog(subject, self._session, self).open()
        else:
            self.status.setText(self.tr("Choose a document to see its story."))

    def _verify(self) -> None:
        self.verify.setEnabled(False)
        self._session.tasks.run(
            lambda _: verification.verify(self._session.journal), self._verified
        )

    def _verified(self, result: Verification) -> None:
        self.verify.setEnabled(True)
        if result.ok:
            text = self.tr("✓ {events} events in an unbroken chain; every row has its event.")
            self.status.setText(text.format(events=f"{result.events:,}"))
        else:
            text = self.tr(
                "▲ The journal has been changed. First event that does not fit: {number}."
                " {problems}"
            )
            self.status.setText(
                text.format(number=result.first_bad or "–", problems="; ".join(result.problems))
            )

    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export events"),
            "bitacora.xlsx",
            "Excel (*.xlsx);;CSV (*.csv);;JSON Lines (*.jsonl)",
        )
        if not name:
            return
        text, journal = self.search.text(), self._session.journal

        def work(_: Progress) -> int:
            return listings.export_events(journal, Path(name), text)

        def done(count: int) -> None:
            self.status.setText(
                self.tr("{count} events written to {path}.").format(count=count, path=name)
            )

        self._session.tasks.run(work, done)
