"""The main window: navigation, the four figures, the pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QListWidget,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.company import settings
from app.month_end import figures
from app.month_end.figures import Health, Level
from app.translation import language
from app.ui.company.page import ConnectionsPage
from app.ui.crash import CrashDialog
from app.ui.intake.page import IntakePage
from app.ui.language import install
from app.ui.month_end.figures_page import FiguresPage
from app.ui.month_end.log import LogPage
from app.ui.month_end.page import ClosePage
from app.ui.notifier import Notifier
from app.ui.reconciling.page import ReconcilingPage
from app.ui.sending.document_dialogs import DocumentsDialog
from app.ui.sending.page import SendingPage
from app.ui.session import Session
from app.ui.theme import STYLE, colours
from app.ui.widgets import Figure, Hint
from app.ui.worker import Worker

PAGE_NAMES = ("close", "intake", "sending", "reconciling", "figures", "log", "connections")


class MainWindow(QMainWindow):
    """One company's data home."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.session = Session(home, self)
        self.session.tasks.crashed.connect(self._crashed)
        self.setWindowTitle(f"Cuadre — {home}")
        self.resize(1280, 800)
        self.setMinimumSize(QSize(900, 560))
        self.setStyleSheet(STYLE)
        self._build()
        self._figures_timer = QTimer(self, singleShot=True, interval=150)
        self._figures_timer.timeout.connect(self._measure)
        self.session.changed.connect(self._figures_timer.start)
        self._measure()
        self.notifier = Notifier(self.session, self)
        self.worker = Worker(self.session, self)

    def go_to(self, name: str) -> None:
        self.navigation.setCurrentRow(PAGE_NAMES.index(name))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._figures_timer.stop()
        self.notifier.stop()
        self.worker.stop()
        self.session.close()
        super().closeEvent(event)

    def _build(self) -> None:
        self.navigation = QListWidget()
        self.navigation.setObjectName("navigation")
        self.navigation.setAccessibleName(self.tr("Pages"))
        self.navigation.addItems(
            [
                self.tr("Close"),
                self.tr("Import"),
                self.tr("Send"),
                self.tr("Reconcile"),
                self.tr("Figures"),
                self.tr("Journal"),
                self.tr("Connections"),
            ]
        )
        self.navigation.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.navigation.setFixedWidth(self.navigation.sizeHintForColumn(0) + 72)
        self.close_page, self.intake, self.sending = (
            ClosePage(self.session),
            IntakePage(self.session),
            SendingPage(self.session),
        )
        self.reconciling, self.log = ReconcilingPage(self.session), LogPage(self.session)
        self.connections = ConnectionsPage(self.session)
        self.figures_page = FiguresPage(self.session)
        self.pages = QStackedWidget()
        pages = (
            self.close_page,
            self.intake,
            self.sending,
            self.reconciling,
            self.figures_page,
            self.log,
            self.connections,
        )
        for page in pages:
            self.pages.addWidget(page)
        self.figures = [Figure() for _ in range(4)]
        layout = QHBoxLayout()
        layout.setContentsMargins(11, 8, 11, 0)
        for figure in self.figures:
            layout.addWidget(figure)
            figure.asked.connect(self._show_documents)
        self.banner = Hint()
        self.banner.setObjectName("banner")
        self.banner.setContentsMargins(14, 0, 14, 0)
        self.banner.hide()
        right = QVBoxLayout()
        right.addLayout(layout)
        right.addWidget(self.banner)
        right.addWidget(self.pages, 1)
        body = QWidget()
        box = QHBoxLayout(body)
        box.setContentsMargins(0, 8, 0, 0)
        box.addWidget(self.navigation)
        box.addLayout(right, 1)
        self.setCentralWidget(body)
        self.navigation.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.navigation.setCurrentRow(0)
        self.close_page.wanted.connect(self.go_to)
        self._menu()
        for place in range(len(pages)):
            keys = QKeySequence(f"Ctrl+{place + 1}")
            QShortcut(keys, body).activated.connect(
                lambda place=place: self.navigation.setCurrentRow(place)
            )

    def _menu(self) -> None:
        self.menuBar().clear()
        file = self.menuBar().addMenu(self.tr("&File"))
        open_file = QAction(self.tr("Import a &file…"), self)
        open_file.setShortcut(QKeySequence.StandardKey.Open)
        open_file.triggered.connect(self._open_file)
        leave = QAction(self.tr("&Quit"), self)
        leave.setShortcut(QKeySequence.StandardKey.Quit)
        leave.triggered.connect(self.close)
        file.addActions([open_file, leave])
        languages = self.menuBar().addMenu(self.tr("&Language"))
        group = QActionGroup(self)
        for name, text in (("es", "Español"), ("en", "English")):
            action = QAction(text, self, checkable=True, checked=language() == name)
            action.triggered.connect(lambda _, name=name: self.speak(name))
            group.addAction(action)
            languages.addAction(action)

    def speak(self, name: str) -> None:
        """Change the language of the whole window, now and for the next start."""
        if self.session.tasks.writing:
            self.statusBar().showMessage(
                self.tr("The language changes when the work under way is done."), 6000
            )
            self._menu()
            return
        self.session.tasks.wait_for_readers()
        settings.put(self.session.journal, "language", name)
        application = QApplication.instance()
        assert application is not None
        install(application, name)
        place = self.navigation.currentRow()
        old = self.takeCentralWidget()
        for page in (self.close_page, self.sending, self.reconciling, self.log, self.connections):
            self.session.changed.disconnect(page.refresh)
        self._build()
        if old is not None:
            old.deleteLater()
        self.navigation.setCurrentRow(place)
        self._measure()

    def _open_file(self) -> None:
        self.go_to("intake")
        self.intake.choose.click()

    def _measure(self) -> None:
        self.session.tasks.run(lambda _: figures.measure(self.session.journal), self._show_figures)

    def _show_figures(self, found: Health) -> None:
        colour = colours(self.palette())
        nothing = self.tr("nothing in 24 h")
        latency = nothing if found.latency_median is None else f"{found.latency_median:.1f} s"
        rate = nothing if found.error_rate is None else f"{found.error_rate:.2%}"
        if 0 < found.ended < figures.FEW:
            wrong = len(found.failed) + found.inbox_dead
            rate = self.tr("{wrong} of {ended}").format(wrong=wrong, ended=found.ended)
        asked = found.questions.documents
        queue = f"{found.queue + len(asked):,}"
        if found.queue_trend:
            queue += self.tr(" ({trend} in 1 h)").format(trend=f"{found.queue_trend:+,}")
        shown = (
            (
                self.tr("Sync latency"),
                latency,
                self.tr("target: under 5 min"),
                found.latency_level,
                found.late,
            ),
            (
                self.tr("Error rate"),
                rate,
                self.tr("target: under 0.1 %"),
                found.error_rate_level,
                found.failed,
            ),
            (
                self.tr("Orphan records"),
                f"{len(found.orphans):,}",
                self.tr("target: 0"),
                found.orphans_level,
                found.orphans,
            ),
            (
                self.tr("Retry queue"),
                queue,
                (
                    self.tr("{count} wait for your answer").format(count=len(asked))
                    if asked
                    else self.tr("target: 0")
                ),
                found.queue_level,
                (*found.waiting, *asked),
            ),
        )
        for figure, (name, value, target, level, documents) in zip(
            self.figures, shown, strict=True
        ):
            good = level is Level.MET if value != nothing else None
            shade = {True: "good", False: "bad", None: "muted"}[good]
            figure.show_figure(name, value, target, good, colour[shade].name(), documents)

    def _show_documents(self, name: str, documents: Sequence[str]) -> None:
        DocumentsDialog(name, list(documents), self.session, self).open()

    def show_alerts(self, texts: list[str]) -> None:
        """What stands, one line each, under the figures."""
        self.banner.setText("\n".join(f"▲ {text}" for text in texts))
        self.banner.setVisible(bool(texts))

    def _crashed(self, error: BaseException) -> None:
        CrashDialog(str(self.session.home), error, self).open()
