"""A window on a temporary home, closed and waited for at the end of each test."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QApplication, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from app.ui.language import install
from app.ui.main_window import MainWindow
from connectors.sandbox import SandboxServer
from connectors.sandbox.server import DEFAULT_PASSWORD


@pytest.fixture(autouse=True)
def _no_question_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question nobody expects is answered instead of waiting for ever."""
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("", False))
    yes = QMessageBox.StandardButton.Yes
    monkeypatch.setattr(QMessageBox, "question", lambda *_, **__: yes)
    for name in ("warning", "information", "critical"):
        monkeypatch.setattr(QMessageBox, name, _unexpected)


def _unexpected(*given: object, **_: object) -> None:
    """A test that expects a box replaces this one."""
    raise AssertionError(given[2:])


@pytest.fixture
def window(qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    QStandardPaths.setTestModeEnabled(True)
    application = QApplication.instance()
    assert application is not None
    install(application, "es")
    monkeypatch.setenv("CUADRE_SECRET_SANDBOX", DEFAULT_PASSWORD)
    before = threading.active_count()
    opened = MainWindow(home)
    qtbot.addWidget(opened)
    opened.show()
    qtbot.waitExposed(opened)
    yield opened
    opened.close()
    qtbot.waitUntil(lambda: threading.active_count() <= before, timeout=5000)
    install(application, "en")


@pytest.fixture
def idle(qtbot: QtBot, window: MainWindow) -> Callable[[], None]:
    """Waits until no task runs."""

    def wait() -> None:
        qtbot.waitUntil(lambda: window.session.tasks.running == 0, timeout=20_000)
        qtbot.wait(200)
        qtbot.waitUntil(lambda: window.session.tasks.running == 0, timeout=20_000)

    return wait


@pytest.fixture
def sandboxed(window: MainWindow, sandbox: SandboxServer) -> MainWindow:
    """The window with a connection to a sandbox."""
    from app.company import settings
    from app.company.settings import ConnectionSettings

    settings.add_connection(
        window.session.journal,
        ConnectionSettings("sandbox", "sandbox", sandbox.url, user="contador"),
    )
    window.session.changed.emit()
    return window
