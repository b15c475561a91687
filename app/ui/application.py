"""Starting the window, or drawing it to a picture where there is no screen."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

import resources
from app import telling
from app.company import settings
from app.translation import language
from app.ui.crash import CrashHooks
from app.ui.language import install
from app.ui.main_window import MainWindow
from app.ui.plain import plain
from app.ui.single_instance import FirstInstance, hand_over

DRAW_LIMIT_MILLISECONDS = 30_000


def run(
    home: Path, reconciliation: tuple[str, str] | None = None, files: Sequence[str] = ()
) -> int:
    """Open the window on a data home, with files to look at, and stay until it is closed. Where one
    is open on it already, that one takes the files.
    """
    application = _application()
    if reconciliation is None and hand_over(home, files):
        return 0
    hooks = CrashHooks(str(home))
    try:
        told = _choose_language(application, home)
        window = MainWindow(home)
    except Exception as error:
        install(application, language())
        if words := telling.tell(error):
            QMessageBox.critical(None, "Cuadre", plain(words))
            hooks.deleteLater()
            return 2
        raise
    signal.signal(signal.SIGINT, lambda *_: window.close())
    window.show()
    window.listen(FirstInstance(home, window))
    if files:
        window.open_files(files)
    if told:
        QMessageBox(QMessageBox.Icon.Information, "Cuadre", plain(told), parent=window).open()
    if reconciliation:
        window.go_to("reconciling")
        window.reconciling.run(*reconciliation)
    status = application.exec()
    hooks.deleteLater()
    return status


def render(home: Path, reconciliation: tuple[str, str], picture: Path) -> None:
    """Draw the reconciliation page to a PNG without showing anything."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if sys.platform == "win32":
        # Without a screen Qt knows no fonts of Windows, and every letter is a box.
        fonts = Path(os.environ.get("SYSTEMROOT", "C:\\Windows")) / "Fonts"
        os.environ.setdefault("QT_QPA_FONTDIR", str(fonts))
    application = _application()
    install(application, language())
    window = MainWindow(home)
    window.go_to("reconciling")
    loop = QEventLoop()
    window.reconciling.run(*reconciliation)
    window.session.tasks.counted.connect(lambda count: loop.quit() if not count else None)
    window.show()
    QTimer.singleShot(DRAW_LIMIT_MILLISECONDS, loop.quit)
    loop.exec()
    settle = QEventLoop()
    QTimer.singleShot(400, settle.quit)
    settle.exec()
    window.grab().save(str(picture))
    window.close()


def _application() -> QApplication:
    found = QApplication.instance()
    application = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("Cuadre")
    if sys.platform == "win32":
        # One button in the task bar, with the icon of the program and not of Python.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID("Cuadre.Cuadre")
    application.setStyle("Fusion")
    application.setWindowIcon(QIcon(str(resources.path("icons", "cuadre.svg"))))
    return application


def _choose_language(application: QApplication, home: Path) -> str:
    """Speak the language that was chosen in this home; answers what is to be said of a key that was
    just made to sign its journal.
    """
    journal = settings.open_journal(home)
    kept = settings.get(journal, "language")
    journal.close()
    install(application, kept or language())
    return journal.signer.told() if journal.signer is not None else ""
