"""How much of a month is matched: one bar of parts, each named beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

_LEAST = 3.0
"""Pixels of a part that is not empty, however small its share."""


class ShareBar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._parts: Sequence[tuple[int, QColor]] = ()
        self.setFixedHeight(10)

    def show_parts(self, parts: Sequence[tuple[int, QColor]], said: str) -> None:
        """Counts with their colours, from the left."""
        self._parts = parts
        self.setAccessibleName(said)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), 5, 5)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), self.palette().midlight())
        total = sum(count for count, _ in self._parts)
        left = 0.0
        for count, colour in self._parts:
            if count and total:
                width = max(_LEAST, self.width() * count / total)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.fillRect(QRectF(left, 0, width, self.height()), colour)
                left += width
