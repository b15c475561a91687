"""A small line of how a figure went over the last days, without axes; the page *Figures* has the
chart and the table.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

_MARGIN = 4.0


class Spark(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._values: Sequence[float | None] = ()
        self._colour = QColor()
        self.setMinimumSize(QSize(60, 28))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_values(self, values: Sequence[float | None], colour: QColor) -> None:
        """One value a day or hour, oldest first; None where nothing was measured."""
        self._values, self._colour = values, colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        known = [(place, value) for place, value in enumerate(self._values) if value is not None]
        if not known:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        points = self._points(known)
        painter.setPen(QPen(self._colour, 1.6))
        painter.drawPolyline(points)
        painter.setBrush(self._colour)
        painter.drawEllipse(points[-1], 3.0, 3.0)

    def _points(self, known: Sequence[tuple[int, float]]) -> list[QPointF]:
        width, height = self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN
        most = max(value for _, value in known)
        places = max(len(self._values) - 1, 1)
        return [
            QPointF(
                _MARGIN + width * place / places,
                _MARGIN + height * (1 - (value / most if most else 0.0)),
            )
            for place, value in known
        ]
