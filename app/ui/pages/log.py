"""Bitácora: what happened, searched, exported, proven."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.journal import reading, verification
from app.journal.verification import Verification
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
        self._words = self._names()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search by voucher, file, number, person or text"))
        self.search.setClearButtonEnabled(True)
        self.verify = QPushButton(self.tr("Verify the chain"))
        self.export = QPushButton(self.tr("Export…"))
        self.status = Hint()
        self._model = RowsModel(
            [
                Column("#", lambda event: f"{event.sequence:,}", right=True),
                Column(self.tr("When (UTC)"), lambda event: event.at[:19].replace("T", " ")),
                Column(self.tr("Who"), lambda event: event.actor),
                Column(self.tr("What"), self._what),
                Column(self.tr("About"), lambda event: event.subject),
                Column(self.tr("Data"), _data),
            ],
            self,
        )
        self.table = Table(self._model, self.tr("Events"))
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE)
        self._pause.timeout.connect(self.refresh)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.tr("Journal")))
        box.addLayout(row(self.search, self.verify, self.export))
        box.addWidget(self.table, 1)
        box.addWidget(self.status)
        self.search.textChanged.connect(self._pause.start)
        self.verify.clicked.connect(self._verify)
        self.export.clicked.connect(self._export)
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self._asked += 1
        asked, text, journal = self._asked, self.search.text(), self._session.journal

        def show(rows: list[reading.Row]) -> None:
            if asked == self._asked:
                self._model.set_rows(rows)
                self.table.fit_columns(360)

        self._session.tasks.run(lambda _: reading.event_rows(journal, text, SHOWN_EVENTS), show)

    def _verify(self) -> None:
        self.verify.setEnabled(False)
        self._session.tasks.run(lambda _: verification.verify(self._session.journal), self._verified)

    def _verified(self, result: Verification) -> None:
        self.verify.setEnabled(True)
        if result.ok:
            text = self.tr("✓ {events} events in an unbroken chain; every line is accounted for.")
            self.status.setText(text.format(events=f"{result.events:,}"))
        else:
            text = self.tr("▲ The journal has been changed. First event that does not fit: {number}. {problems}")
            self.status.setText(text.format(number=result.first_bad or "–", problems="; ".join(result.problems)))

    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export events"), "bitacora.xlsx", "Excel (*.xlsx);;CSV (*.csv);;JSON Lines (*.jsonl)"
        )
        if not name:
            return
        text, journal = self.search.text(), self._session.journal

        def work(_: Progress) -> int:
            return reading.export_events(journal, Path(name), text)

        def done(count: int) -> None:
            self.status.setText(self.tr("{count} events written to {path}.").format(count=count, path=name))

        self._session.tasks.run(work, done)

    def _what(self, event: reading.Row) -> str:
        return self._words.get(event.kind, event.kind)

    def _names(self) -> dict[str, str]:
        return {
            "import.started": self.tr("import started"),
            "import.closed": self.tr("import closed"),
            "import.repeated": self.tr("file imported before"),
            "import.abandoned": self.tr("import abandoned"),
            "import.cancelled": self.tr("import cancelled"),
            "import.failed": self.tr("import failed"),
            "outbox.queued": self.tr("queued"),
            "outbox.sending": self.tr("sending"),
            "outbox.confirmed": self.tr("confirmed by the target"),
            "outbox.adopted": self.tr("found in the target and adopted"),
            "outbox.rejected": self.tr("refused by the target"),
            "outbox.uncertain": self.tr("sent, answer lost"),
            "outbox.looking-up": self.tr("looking it up"),
            "outbox.not-found": self.tr("not in the target; will be sent"),
            "outbox.not-sent": self.tr("not sent; will be repeated"),
            "outbox.throttled": self.tr("target asks to wait"),
            "outbox.taken-over": self.tr("taken over from a sender that died"),
            "outbox.conflict": self.tr("differs from what the target holds"),
            "outbox.batch-refused": self.tr("batch refused; each will go alone"),
            "outbox.look-up-failed": self.tr("looking it up failed; will be repeated"),
            "outbox.lease-lost": self.tr("answer came after another sender took over"),
            "outbox.remapped": self.tr("prepared again with the corrected map"),
            "outbox.retry": self.tr("retry asked by a person"),
            "push.started": self.tr("sending started"),
            "push.ended": self.tr("sending ended"),
            "pull.done": self.tr("target's books read"),
            "pull.failed": self.tr("reading the target failed"),
            "map.changed": self.tr("map changed"),
            "connection.saved": self.tr("connection saved"),
            "setting.changed": self.tr("setting changed"),
            "reconciliation.run": self.tr("reconciled"),
            "decision.accept": self.tr("match accepted by a person"),
            "decision.part": self.tr("match taken apart by a person"),
            "decision.undone": self.tr("decision taken back"),
            "preview.encoding": self.tr("encoding chosen by a person"),
            "error.unexpected": self.tr("unexpected error"),
        }


def _data(event: reading.Row) -> str:
    return "; ".join(f"{name}: {value}" for name, value in json.loads(event.data).items())
