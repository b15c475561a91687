"""Icons, tinted from the colours of the window. The drawings are of one open set; their licence
lies beside them in ``resources/icons``.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QWidget

import resources
from app.ui.theme import colours

SIZE = QSize(16, 16)
_SCALES = (16, 20, 24, 32, 48)
_NAME = "iconName"


def icon(name: str, colour: QColor, disabled: QColor | None = None) -> QIcon:
    """A drawing of ``resources/icons`` in one colour."""
    found = QIcon()
    for mode, shade in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        if shade is not None:
            for size in _SCALES:
                found.addPixmap(_drawn(name, shade, size), mode)
    return found


def put(button: QAbstractButton, name: str) -> None:
    """Give a button an icon that follows the colours of the window."""
    button.setProperty(_NAME, name)
    button.setIconSize(SIZE)
    _tint(button, button.palette())


def tint(window: QWidget) -> None:
    """Every icon of a window in its colours of now."""
    for button in window.findChildren(QAbstractButton):
        if button.property(_NAME):
            _tint(button, window.palette())


def _tint(button: QAbstractButton, palette: QPalette) -> None:
    colour = colours(palette)
    is_primary = bool(button.property("primary"))
    shade = colour["on_accent"] if is_primary else colour["ink"]
    button.setIcon(icon(str(button.property(_NAME)), shade, colour["muted"]))


def _drawn(name: str, colour: QColor, size: int) -> QPixmap:
    text = resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(text.replace("currentColor", colour.name()).encode()))
    drawn = QPixmap(size, size)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return drawn
