"""The whole month as a person does it, with the keyboard alone: first start, practice ERP, an
export, the map, sending, reading, deciding, the signature of a second person, the paper.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.company import settings
from app.reconciling.signing import State
from app.ui.company.company_dialog import CompanyDialog
from app.ui.main_window import PAGE_NAMES, MainWindow
from app.ui.mnemonics import letter_of
from app.ui.reconciling.signing import ExplainDialog
from app.ui.reconciling.step_dialog import StepDialog
from tests.conftest import SAMPLE

Idle = Callable[[], None]
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


class Typist:
    """Somebody without a mouse."""

    def __init__(self, qtbot: QtBot, window: MainWindow, idle: Idle) -> None:
        self.qtbot, self.window, self.idle = qtbot, window, idle

    def press(self, button: QPushButton, scope: QWidget | None = None) -> None:
        """A button by its letter or its own keys; it has to be there to be seen."""
        assert button.isVisible() and button.isEnabled(), button.text()
        keys = button.shortcut()
        assert not keys.isEmpty(), button.text()
        top = scope or self.window
        top.activateWindow()
        self.qtbot.waitUntil(top.isActiveWindow, timeout=2000)
        self.qtbot.keySequence(top, keys)
        self.idle()

    def go_to(self, name: str) -> None:
        place = PAGE_NAMES.index(name)
        self.qtbot.keyClick(self.window, Qt.Key(Qt.Key.Key_1 + place), CTRL)
        self.qtbot.waitUntil(lambda: self.window.pages.currentIndex() == place, timeout=2000)
        self.idle()

    def type(self, dialog: QWidget, text: str) -> None:
        """Into the field that has the keyboard."""

        def focused() -> QWidget | None:
            field = QApplication.focusWidget()
            return field if field is not None and dialog.isAncestorOf(field) else None

        self.qtbot.waitUntil(lambda: focused() is not None, timeout=2000)
        field = focused()
        assert field is not None
        for letter in text:
            # QTest.keyClicks knows no letters with accents.
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                QApplication.sendEvent(field, event)

    def tab(self, dialog: QWidget) -> None:
        self.qtbot.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)


@pytest.fixture
def typist(qtbot: QtBot, window: MainWindow, idle: Idle) -> Typist:
    window.activateWindow()
    window.setFocus()
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    idle()
    return Typist(qtbot, window, idle)


def test_a_month_by_keyboard_alone(
    typist: Typist, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    qtbot, window, idle = typist.qtbot, typist.window, typist.idle
    journal, begins = window.session.journal, window.close_page.first_steps
    assert begins.isVisible() and not window.close_page.progress.isVisible()

    typist.press(begins.company)
    (company,) = window.findChildren(CompanyDialog)
    typist.type(company, "Panadería Núñez, S.A. de C.V.")
    typist.tab(company)
    typist.type(company, "PNU010203AB9")
    typist.press(company.buttons.button(QDialogButtonBox.StandardButton.Save), company)
    assert settings.company_name(journal) == "Panadería Núñez, S.A. de C.V."
    assert settings.own_tax_ids(journal) == ["PNU010203AB9"]
    qtbot.waitUntil(lambda: "Panadería" in window.windowTitle(), timeout=2000)

    typist.press(begins.practice)
    assert not begins.isVisible()
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(SAMPLE)], ""))
    qtbot.keyClick(window, Qt.Key.Key_O, CTRL)
    idle()
    typist.press(window.intake.import_button)
    assert "236 pólizas listas" in window.intake.facts.text()

    typist.go_to("sending")
    typist.press(window.sending.check)
    typist.press(window.sending.mapping.accept)
    typist.press(window.sending.send)
    assert "Confirmadas 236" in window.sending.status.text()

    typist.go_to("reconciling")
    book = window.reconciling
    typist.press(book.sides.pull_button)
    typist.press(book.sides.run_button)
    assert "0.00 ✓" in book.proof.text()

    def step() -> StepDialog:
        typist.press(book.step_button)
        return book.findChildren(StepDialog)[-1]

    def accept(dialog: StepDialog) -> None:
        typist.press(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), dialog)

    accept(step())
    accept(step())
    assert book.result is not None and book.result.standing.state is State.REVIEWED
    own = step()
    assert not own.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    qtbot.keyClick(own, Qt.Key.Key_Escape)
    journal.actor = "contralora@oficina"
    accept(step())
    assert book.result.standing.state is State.SIGNED
    assert (book.result.standing.by or {})["signed"] == "contralora@oficina"

    paper = tmp_path / "papel.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(paper), ""))
    typist.press(book.report_button)
    assert paper.read_bytes().startswith(b"%PDF")
    typist.go_to("close")
    assert window.close_page.next.text().replace("&", "") == "Continuar: Documentos sin errores"


def test_letters_of_the_first_steps(typist: Typist) -> None:
    buttons = typist.window.close_page.first_steps.findChildren(QPushButton)
    letters = [letter_of(button.text()) for button in buttons]
    assert all(letters) and len(set(letters)) == len(buttons)


def test_open_lines_are_explained_by_keys(
    typist: Typist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot, window, idle = typist.qtbot, typist.window, typist.idle
    head = "Fecha,Folio,Tercero,Importe\n"
    (tmp_path / "a.csv").write_text(head + "2026-01-05,F-1,Peña,100.00\n", "utf-8")
    (tmp_path / "b.csv").write_text(head + "2026-01-06,X-9,Núñez,7.00\n", "utf-8")
    window.reconciling.run(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    typist.go_to("reconciling")
    table = window.reconciling.lines.tables[0]
    for _ in range(2):
        window.reconciling.lines.go_to_first()
        qtbot.keyClick(table, Qt.Key.Key_E)
        dialog = window.reconciling.findChildren(ExplainDialog)[-1]
        dialog.note.setFocus()
        typist.type(dialog, "en tránsito")
        qtbot.keyClick(dialog.note, Qt.Key.Key_Return)
        idle()
    result = window.reconciling.result
    assert result is not None and result.settled
