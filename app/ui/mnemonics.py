"""Letters for buttons: every button of a page or dialog is reached by Alt and a letter of its text,
in whatever language it is, and no letter is given twice.
"""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

NO_LETTER = "noLetter"
"""Property of a button whose text is not words of ours: an account."""


_FRAME = QSize(16, 48)
"""What the system draws around a dialog, at most."""


class Dialog(QDialog):
    """A dialog whose buttons get their letters when it is shown, and that is no larger than the
    screen.
    """

    def showEvent(self, event: QShowEvent) -> None:
        self.resize(self.size().boundedTo(self.screen().availableSize() - _FRAME))
        super().showEvent(event)
        assign(self)


def assign(scope: QWidget, taken: str = "") -> None:
    """Give letters to the buttons under a widget that have neither a letter nor keys of their own,
    which a letter would replace. ``taken`` are those of menus.
    """
    used = set(taken.casefold())
    every = scope.findChildren(QPushButton)
    buttons = [one for one in every if one.text() and not one.property(NO_LETTER)]
    for label in scope.findChildren(QLabel):
        if label.buddy() is not None:
            used.add(letter_of(label.text()))
    for button in buttons:
        used.add(letter_of(button.text()))
    for button in buttons:
        if button.shortcut().isEmpty():
            place = _free(button.text(), used)
            if place >= 0:
                text = button.text()
                used.add(text[place].casefold())
                button.setText(f"{text[:place]}&{text[place:]}")


def letter_of(text: str) -> str:
    """The letter behind the one ampersand; empty where there is none (two are a sign)."""
    plain = text.replace("&&", "")
    place = plain.find("&")
    return plain[place + 1 : place + 2].casefold() if place >= 0 else ""


def _free(text: str, used: set[str]) -> int:
    """Where the letter to be used stands: the first of a word if one is free, else any."""
    places = [place for place, one in enumerate(text) if _is_plain(one)]
    first = [place for place in places if place == 0 or not text[place - 1].isalnum()]
    for place in (*first, *places):
        if text[place].casefold() not in used:
            return place
    return -1


def _is_plain(letter: str) -> bool:
    """Keys with accents are not on every keyboard."""
    return letter.isalnum() and unicodedata.normalize("NFD", letter) == letter
