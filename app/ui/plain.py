"""Text of files, servers and persons on the screen, always as plain text.

Qt takes what looks like HTML for HTML: a label, a tooltip or a dialog that shows the name of a file
would fetch ``<img src=//host/x>``, which on Windows is a log-in at a foreign machine. Labels are
made here, and every text Qt might take for HTML goes through :func:`plain`.
"""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import QLabel


class Label(QLabel):
    """A label that shows its text as it is."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


class MarkedLabel(QLabel):
    """A label with markup of our own; whatever it is filled with is escaped by :func:`marked`."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText(text)


def marked(template: str, **values: object) -> str:
    """Markup of our own with texts of others in it."""
    return template.format(**{name: escaped(value) for name, value in values.items()})


def escaped(value: object) -> str:
    return html.escape(str(value)).replace("\n", "<br>")


def plain(text: str) -> str:
    """A text for a dialog or a tooltip, which Qt then shows as it is."""
    return f"<qt>{escaped(text)}</qt>" if QtText.mightBeRichText(text) else text
