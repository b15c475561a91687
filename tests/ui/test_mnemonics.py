"""Every button is reached by the keyboard, in both languages, and no letter is given twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.main_window import PAGE_NAMES, MainWindow
from app.ui.mnemonics import NO_LETTER, assign, letter_of

Idle = Callable[[], None]


def scope(qtbot: QtBot, *texts: str) -> tuple[QWidget, list[QPushButton]]:
    holder = QWidget()
    qtbot.addWidget(holder)
    box, buttons = QVBoxLayout(holder), [QPushButton(text) for text in texts]
    for button in buttons:
        box.addWidget(button)
    return holder, buttons


@pytest.mark.parametrize(
    ("texts", "taken", "letters"),
    [
        (("Aceptar", "Añadir"), "", "ad"),
        (("Leer libros", "Leer todo", "Leer"), "", "lte"),
        (("Óptimo", "Más"), "", "pm"),
        (("A&yuda", "Ya"), "", "ya"),
        (("Cargo && abono",), "", "c"),
        (("Archivo",), "a", "r"),
        (("→ 1", "1"), "", "1"),
    ],
)
def test_letters(qtbot: QtBot, texts: tuple[str, ...], taken: str, letters: str) -> None:
    holder, buttons = scope(qtbot, *texts)
    assign(holder, taken)
    assert "".join(letter_of(button.text()) for button in buttons) == letters


def test_keys_of_its_own_and_texts_that_are_data_stay(qtbot: QtBot) -> None:
    holder, (keyed, data) = scope(qtbot, "Aceptar", "1102-001")
    keyed.setShortcut("Ctrl+Return")
    data.setProperty(NO_LETTER, True)
    assign(holder)
    assert (keyed.text(), keyed.shortcut().toString()) == ("Aceptar", "Ctrl+Return")
    assert data.text() == "1102-001"


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_button_of_every_page_has_a_key(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle, language: str
) -> None:
    sandboxed.speak(language)
    idle()
    for name in PAGE_NAMES:
        sandboxed.go_to(name)
        idle()
        page = sandboxed.pages.currentWidget()
        shown = [one for one in page.findChildren(QPushButton) if one.isVisible() and one.text()]
        lacking = [one.text() for one in shown if one.shortcut().isEmpty()]
        assert not lacking, (name, lacking)
        keys = Counter(one.shortcut().toString() for one in shown)
        assert max(keys.values(), default=0) <= 1, (name, keys)
