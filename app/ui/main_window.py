"""The main window: navigation, the four figures, the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

import resources
from app.company import settings
from app.month_end import figures, history
from app.month_end.figures import Health, Level
from app.month_end.history import Trend
from app.translation import language
from app.ui import icons, theme
from app.ui.company.company_dialog import CompanyDialog
from app.ui.company.page import ConnectionsPage
from app.ui.company.upkeep import Upkeep
from app.ui.crash import CrashDialog
from app.ui.figure_texts import NOTHING, figure_texts
from app.ui.intake.files_page import FilesPage
from app.ui.intake.page import IntakePage
from app.ui.keys import KeysDialog
from app.ui.language import install
from app.ui.mnemonics import assign, letter_of
from app.ui.month_end.figures_page import FiguresPage
from app.ui.month_end.log import LogPage
from app.ui.month_end.page import ClosePage
from app.ui.notifier import Notifier
from app.ui.plain import plain
from app.ui.rail import Rail
from app.ui.reconciling.page import ReconcilingPage
from app.ui.remembered import Remembered
from app.ui.sending.document_dialogs import DocumentsDialog
from app.ui.sending.page import SendingPage
from app.ui.session import Session
from app.ui.single_instance import FirstInstance
from app.ui.strip import Strip
from app.ui.table_menu import TableMenu
from app.ui.tall_enough import TallEnough
from app.ui.theme import colours
from app.ui.widgets import Notice, local_paths
from app.ui.worker import Worker

NARROW_BELOW = 1100
"""Pixels of width below which the rail shows icons alone."""
SAMPLE = resources.path("samples", "polizas_enero_2026.txt")
PAGE_NAMES = ("close", "intake", "sending", "reconciling", "figures", "log", "connections")


class MainWindow(QMainWindow):
    """One company's data home."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.session = Session(home, self)
        self.session.tasks.crashed.connect(self._crashed)
        self.setMinimumSize(QSize(900, 470))
        self.setAcceptDrops(True)
        self.remembered = Remembered(home)
        self._first: FirstInstance | None = None
        self.table_menu, self.upkeep = TableMenu(self), Upkeep(self.session, self)
        self._dress()
        self._build()
        self.remembered.place(self)
        self._figures_timer = QTimer(self, singleShot=True, interval=150)
        self._figures_timer.timeout.connect(self._measure)
        self.session.changed.connect(self._figures_timer.start)
        self._measure()
        self.notifier = Notifier(self.session, self)
        self.worker = Worker(self.session, self)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(lambda _: self._dress())

    def go_to(self, name: str) -> None:
        self.navigation.setCurrentRow(PAGE_NAMES.index(name))

    def open_files(self, paths: Sequence[str]) -> None:
        """Show files and folders a person dropped, chose or had the system open."""
        self.go_to("intake")
        self.intake.open_paths(paths)

    def listen(self, first: FirstInstance) -> None:
        """Take what later windows of this home are given, until this one is closed."""
        first.asked.connect(self.take_over)
        self._first = first

    def take_over(self, paths: Sequence[str]) -> None:
        """What a second window was given; a person who opened it looks at this one."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        if paths:
            self.open_files(paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.open_files(local_paths(event.mimeData()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_narrow(self.width() < NARROW_BELOW)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "notifier"):
            icons.tint(self)
            self._figures_timer.start()
            self.close_page.refresh()
            self.reconciling.show_colours()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close():
            event.ignore()
            return
        if self._first is not None:
            self._first.close()
        self.remembered.keep(self)
        self.remembered.widths = self.reconciling.lines.widths()
        self.remembered.one_table = self.reconciling.pairs_button.isChecked()
        self.remembered.side_files = self.reconciling.sides.files
        self._figures_timer.stop()
        self.notifier.stop()
        self.worker.stop()
        self.session.close()
        super().closeEvent(event)

    def _build(self) -> None:
        self.rail = Rail(
            [
                ("home", self.tr("Home")),
                ("file-import", self.tr("Files")),
                ("send", self.tr("Send")),
                ("arrows-exchange", self.tr("Reconcile")),
                ("chart-line", self.tr("Figures")),
                ("notebook", self.tr("Journal")),
                ("settings", self.tr("Settings")),
            ]
        )
        self.navigation = self.rail.pages
        self.close_page, self.intake, self.sending = (
            ClosePage(self.session),
            IntakePage(self.session),
            SendingPage(self.session),
        )
        self.reconciling, self.log = ReconcilingPage(self.session), LogPage(self.session)
        self._show_remembered()
        self.connections = ConnectionsPage(self.session)
        self.figures_page = FiguresPage(self.session)
        self.files = FilesPage(self.session, self.intake)
        self.intake.folder = self.remembered.folder
        self.intake.opened.connect(self._opened)
        self.pages = QStackedWidget()
        pages = (
            self.close_page,
            self.files,
            self.sending,
            self.reconciling,
            self.figures_page,
            self.log,
            self.connections,
        )
        for page in pages:
            self.pages.addWidget(page)
        self.figures = self.close_page.figures
        for figure in self.figures:
            figure.asked.connect(self._show_documents)
        self.banner = Notice("attention")
        self.banner.hide()
        above = QVBoxLayout()
        above.setContentsMargins(11, 8, 11, 0)
        above.addWidget(self.banner)
        self.strip = Strip()
        self.strip.asked.connect(lambda: self.go_to("close"))
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(above)
        right.addWidget(TallEnough(self.pages), 1)
        right.addWidget(self.strip)
        body = QWidget()
        box = QHBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.rail)
        box.addLayout(right, 1)
        self.setCentralWidget(body)
        self.navigation.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.navigation.currentRowChanged.connect(lambda row: self.strip.setVisible(row > 0))
        self.navigation.setCurrentRow(0)
        self.strip.hide()
        self.close_page.wanted.connect(self.go_to)
        self.close_page.first_steps.wanted.connect(self._start)
        self.close_page.shown.connect(self._tell_company)
        self.close_page.shown.connect(self._give_letters)
        self._menu()
        self.rail.set_narrow(self.width() < NARROW_BELOW)
        icons.tint(self)
        self.pages.currentChanged.connect(lambda _: self._give_letters())
        for place in range(len(pages)):
            keys = QKeySequence(f"Ctrl+{place + 1}")
            QShortcut(keys, body).activated.connect(
                lambda place=place: self.navigation.setCurrentRow(place)
            )

    def _show_remembered(self) -> None:
        """A reconciliation is looked at as it was left."""
        page = self.reconciling
        page.lines.kept_widths = self.remembered.widths
        page.sides.offer(self.remembered.side_files)
        page.pairs_button.setChecked(self.remembered.one_table)

    def _menu(self) -> None:
        self.menuBar().clear()
        file = self.menuBar().addMenu(self.tr("&File"))
        keys = QKeySequence.StandardKey
        self._action(file, self.tr("Import &files…"), self._open_file, keys.Open)
        recent = file.addMenu(self.tr("&Recent files"))
        recent.aboutToShow.connect(lambda: self._fill_recent(recent))
        file.addSeparator()
        self._action(file, self.tr("&Company…"), self._ask_company)
        self._action(file, self.tr("Export the &set-up…"), self.upkeep.export_setup)
        self._action(file, self.tr("I&mport a set-up…"), self.upkeep.import_setup)
        file.addSeparator()
        self._action(file, self.tr("&Export this table…"), self.table_menu.export)
        self._action(file, self.tr("&Print this table…"), self.table_menu.print, keys.Print)
        file.addSeparator()
        self._action(file, self.tr("&Quit"), self.close, keys.Quit)
        view = self.menuBar().addMenu(self.tr("&View"))
        self._action(view, self.tr("Read &again"), self.session.changed.emit, keys.Refresh)
        self._action(view, self.tr("&Search the journal"), self._search, keys.Find)
        looks = view.addMenu(self.tr("&Colours"))
        shades = QActionGroup(self)
        for shade, text in (
            (None, self.tr("As the &system")),
            (False, self.tr("&Light")),
            (True, self.tr("&Dark")),
        ):
            action = QAction(text, self, checkable=True, checked=self.remembered.dark == shade)
            action.triggered.connect(lambda _=False, shade=shade: self._choose_colours(shade))
            shades.addAction(action)
            looks.addAction(action)
        languages = self.menuBar().addMenu(self.tr("&Language"))
        group = QActionGroup(self)
        for name, text in (("es", "Español"), ("en", "English")):
            action = QAction(text, self, checkable=True, checked=language() == name)
            action.triggered.connect(lambda _, name=name: self.speak(name))
            group.addAction(action)
            languages.addAction(action)
        about = self.menuBar().addMenu(self.tr("&Help"))
        self._action(about, self.tr("&Keys…"), self._show_keys, keys.HelpContents)
        self._action(about, self.tr("&Support bundle…"), self.upkeep.support)
        self._action(about, self.tr("&Look for updates…"), self.upkeep.look_for_updates)

    def _action(
        self,
        menu: QMenu,
        text: str,
        done: Callable[[], object],
        keys: QKeySequence.StandardKey | None = None,
    ) -> None:
        action = QAction(text, self)
        if keys is not None:
            action.setShortcut(keys)
        action.triggered.connect(lambda _=False: done())
        menu.addAction(action)

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in self.remembered.recent():
            action = menu.addAction(path.replace("&", "&&"))
            action.triggered.connect(lambda _=False, path=path: self.open_files([path]))
        menu.setToolTipsVisible(True)
        if menu.isEmpty():
            menu.addAction(self.tr("none yet")).setEnabled(False)

    def _give_letters(self) -> None:
        menus = "".join(letter_of(action.text()) for action in self.menuBar().actions())
        page = self.pages.currentWidget()
        if page is not None:
            assign(page, menus)

    def _search(self) -> None:
        """In the lines of a reconciliation where one is looked at, else in the journal."""
        page = self.reconciling
        if self.pages.currentWidget() is page and page.result is not None:
            page.search.setFocus()
            page.search.selectAll()
            return
        self.go_to("log")
        self.log.search.setFocus()
        self.log.search.selectAll()

    def _ask_company(self) -> None:
        CompanyDialog(self.session, self).open()

    def _start(self, asked: str) -> None:
        """What a person who begins asks for."""
        does: dict[str, Callable[[], object]] = {
            "company": self._ask_company,
            "file": self._open_file,
            "practice": self.connections.try_sandbox.click,
            "connection": lambda: self.go_to("connections"),
            "example": lambda: self.open_files([str(SAMPLE)]),
        }
        does[asked]()

    def _show_keys(self) -> None:
        KeysDialog(self).open()

    def _choose_colours(self, dark: bool | None) -> None:
        self.remembered.dark = dark
        self._dress()

    def _dress(self) -> None:
        """In the colours a person chose, else as the application has it."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        if self.remembered.has_colours:
            theme.choose(application, self.remembered.dark)
        else:
            theme.dress(application)

    def _may_close(self) -> bool:
        """What is being written ends its step first, and a person says so."""
        if not self.session.tasks.writing:
            return True
        text = self.tr(
            "Work is under way. It stops after its present step; what was done is in the journal."
            " Close now?"
        )
        asked = QMessageBox.question(self, "Cuadre", plain(text))
        return asked == QMessageBox.StandardButton.Yes

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
        for page in (
            self.close_page,
            self.files,
            self.sending,
            self.reconciling,
            self.log,
            self.connections,
        ):
            self.session.changed.disconnect(page.refresh)
        self._build()
        if old is not None:
            old.deleteLater()
        self.navigation.setCurrentRow(place)
        self._measure()

    def _open_file(self) -> None:
        self.go_to("intake")
        self.intake.choose.click()

    def _opened(self, paths: list[Path]) -> None:
        self.remembered.opened(paths)
        self.intake.folder = self.remembered.folder

    def _measure(self) -> None:
        journal = self.session.journal
        self.session.tasks.run(lambda _: figures.measure(journal), self._show_figures)
        self.session.tasks.run(lambda _: history.trends(journal), self._show_trends)

    def _show_trends(self, found: tuple[Trend, Trend, Trend, Trend]) -> None:
        colour = colours(self.palette())["accent"]
        for figure, values in zip(self.figures, found, strict=True):
            figure.spark.show_values(values, colour)

    def _show_figures(self, found: Health) -> None:
        colour, shown = colours(self.palette()), figure_texts(found)
        for figure, (name, value, target, level, documents) in zip(
            self.figures, shown, strict=True
        ):
            good = level is Level.MET if value != NOTHING else None
            shade = {True: "good", False: "bad", None: "muted"}[good]
            figure.show_figure(name, value, target, good, colour[shade].name(), documents)
        self._give_letters()
        self.strip.show_figures([(name, value, level) for name, value, _, level, _ in shown])
        self._show_waiting(found)
        self._tell_company()

    def _show_waiting(self, found: Health) -> None:
        """How many things wait for a person on each page."""
        journal = self.session.journal
        self.rail.show_count(
            PAGE_NAMES.index("sending"), found.queue + len(found.questions.documents)
        )
        self.rail.show_count(PAGE_NAMES.index("figures"), len(found.orphans))
        self.setWindowTitle(f"Cuadre — {settings.company_name(journal)}")

    def _tell_company(self) -> None:
        name = settings.company_name(self.session.journal)
        self.rail.show_company("\n".join(filter(None, (name, self.close_page.month))))

    def _show_documents(self, name: str, documents: Sequence[str]) -> None:
        DocumentsDialog(name, list(documents), self.session, self).open()

    def show_alerts(self, texts: list[str]) -> None:
        """What stands, one line each, under the figures."""
        self.banner.setText("\n".join(f"▲ {text}" for text in texts))
        self.banner.setVisible(bool(texts))

    def _crashed(self, error: BaseException) -> None:
        CrashDialog(str(self.session.home), error, self).open()
