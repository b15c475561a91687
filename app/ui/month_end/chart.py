"""A chart of one figure over time: lines, stacked areas or stacked bars, painted with what every
platform has.

Colour is never alone: lines differ by their dashes, areas and bars by their hatching, and each
series is named beside its sign. What is drawn stands in a table as well (``spoken`` for a screen
reader).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.ui.theme import chart_colours

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 44, 26
_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
_HATCHES = (
    Qt.BrushStyle.SolidPattern,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.Dense5Pattern,
    Qt.BrushStyle.DiagCrossPattern,
)
_DECADES = (1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)


class Shape(Enum):
    LINES = auto()
    AREAS = auto()
    BARS = auto()


@dataclass(frozen=True, slots=True)
class Series:
    """``values`` one for each place of the chart; None where nothing was measured."""

    name: str
    values: Sequence[float | None]


class Chart(QWidget):
    """``target`` is a level drawn across (0: none), ``is_log`` for times, which differ by powers of
    ten.
    """

    def __init__(
        self, title: str, shape: Shape, unit: str = "", target: float = 0.0, is_log: bool = False
    ) -> None:
        super().__init__()
        self._title, self._shape, self._unit = title, shape, unit
        self._target, self._is_log = target, is_log
        self.places: Sequence[str] = ()
        self.series: Sequence[Series] = ()
        self.setMinimumSize(QSize(300, 150))
        self.setAccessibleName(title)

    def show_series(self, places: Sequence[str], series: Sequence[Series]) -> None:
        self.places, self.series = places, series
        self.setAccessibleDescription(self.spoken())
        self.update()

    def spoken(self) -> str:
        """The last value of each series."""
        said = []
        for one in self.series:
            last = next((value for value in reversed(one.values) if value is not None), None)
            said.append(f"{one.name}: {'–' if last is None else self._number(last)}")
        return f"{self._title}. " + "; ".join(said)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = chart_colours(self.palette())
        area = QRectF(_LEFT, _TOP, self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM)
        self._head(painter, colours)
        top = self._top()
        if top is None:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.tr("no data yet"))
            return
        self._grid(painter, area, top)
        draw = {Shape.LINES: self._lines, Shape.AREAS: self._areas, Shape.BARS: self._bars}
        draw[self._shape](painter, area, top, colours)
        if self._target:
            self._line_of_target(painter, area, top)

    def _head(self, painter: QPainter, colours: Sequence[QColor]) -> None:
        """The title, and each series with its sign."""
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QPointF(_LEFT - 40, 16), self._title)
        font.setBold(False)
        painter.setFont(font)
        x = float(_LEFT - 40)
        for place, one in enumerate(self.series):
            sign = QRectF(x, 25, 18, 10)
            if self._shape is Shape.LINES:
                painter.setPen(_pen(colours, place))
                painter.drawLine(QPointF(x, 30), QPointF(x + 18, 30))
            else:
                self._fill(painter, sign, colours, place)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(QPointF(x + 23, 34), one.name)
            x += 23 + painter.fontMetrics().horizontalAdvance(one.name) + 16

    def _top(self) -> float | None:
        """The highest level there is; None without any value."""
        known = [[value for value in one.values if value is not None] for one in self.series]
        if not any(known):
            return None
        if self._shape is Shape.LINES:
            highest = max(max(values) for values in known if values)
        else:
            highest = max(self._stacked(place) for place in range(len(self.places)))
        return max(highest, self._target * 1.2, 1.0)

    def _stacked(self, place: int) -> float:
        return sum(one.values[place] or 0.0 for one in self.series)

    def _height(self, value: float, top: float) -> float:
        """0 to 1."""
        if self._is_log:
            return math.log10(max(value, 1.0)) / math.log10(max(top, 10.0))
        return value / top

    def _at(self, area: QRectF, place: int, value: float, top: float) -> QPointF:
        step = area.width() / max(len(self.places) - 1, 1)
        y = area.bottom() - area.height() * min(self._height(value, top), 1.0)
        return QPointF(area.left() + place * step, y)

    def _grid(self, painter: QPainter, area: QRectF, top: float) -> None:
        faint = self.palette().color(QPalette.ColorRole.Midlight)
        muted = self.palette().color(QPalette.ColorRole.PlaceholderText)
        ticks = [one for one in _DECADES if one <= top] if self._is_log else _ticks(top)
        last = float("inf")
        for value in ticks:
            y = area.bottom() - area.height() * self._height(value, top)
            if last - y < painter.fontMetrics().height():
                continue
            last = y
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(muted)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 9, _LEFT - 6, 18), right, self._number(value))
        self._names(painter, area, muted)

    def _names(self, painter: QPainter, area: QRectF, colour: QColor) -> None:
        """As many names of places as there is room for."""
        if not self.places:
            return
        painter.setPen(colour)
        widest = max(painter.fontMetrics().horizontalAdvance(one) for one in self.places) + 18
        every = max(1, math.ceil(len(self.places) * widest / max(area.width(), 1)))
        step = area.width() / max(len(self.places) - 1, 1)
        last = ""
        for place in range(0, len(self.places), every):
            if self.places[place] == last:
                continue
            last = self.places[place]
            x = min(area.left() + place * step, area.right() - widest / 2 + _RIGHT)
            box = QRectF(x - widest / 2, area.bottom() + 4, widest, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, self.places[place])

    def _lines(
        self, painter: QPainter, area: QRectF, top: float, colours: Sequence[QColor]
    ) -> None:
        for number, one in enumerate(self.series):
            painter.setPen(_pen(colours, number))
            before: QPointF | None = None
            for place, value in enumerate(one.values):
                here = None if value is None else self._at(area, place, value, top)
                if here is not None and before is not None:
                    painter.drawLine(before, here)
                elif here is not None:
                    painter.drawPoint(here)
                before = here

    def _areas(
        self, painter: QPainter, area: QRectF, top: float, colours: Sequence[QColor]
    ) -> None:
        below = [0.0] * len(self.places)
        for number, one in enumerate(self.series):
            above = [low + (value or 0.0) for low, value in zip(below, one.values, strict=True)]
            shape = [self._at(area, place, value, top) for place, value in enumerate(above)]
            floor = [self._at(area, place, value, top) for place, value in enumerate(below)]
            painter.setPen(QPen(colours[number % len(colours)], 1.5))
            brush = QBrush(_soft(colours[number % len(colours)]), _HATCHES[number % 4])
            painter.setBrush(brush)
            painter.drawPolygon(QPolygonF([*shape, *reversed(floor)]))
            below = above

    def _bars(self, painter: QPainter, area: QRectF, top: float, colours: Sequence[QColor]) -> None:
        step = area.width() / max(len(self.places), 1)
        width = max(step * 0.7, 1.0)
        for place in range(len(self.places)):
            below = 0.0
            for number, one in enumerate(self.series):
                value = one.values[place] or 0.0
                if not value:
                    continue
                low, high = (
                    area.bottom() - area.height() * self._height(level, top)
                    for level in (below, below + value)
                )
                x = area.left() + place * step + (step - width) / 2
                self._fill(painter, QRectF(x, high, width, low - high), colours, number)
                below += value

    def _fill(self, painter: QPainter, box: QRectF, colours: Sequence[QColor], number: int) -> None:
        colour = colours[number % len(colours)]
        painter.setPen(QPen(colour, 1))
        painter.setBrush(QBrush(colour, _HATCHES[number % len(_HATCHES)]))
        painter.drawRect(box)

    def _line_of_target(self, painter: QPainter, area: QRectF, top: float) -> None:
        y = area.bottom() - area.height() * self._height(self._target, top)
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DashDotDotLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        text = self.tr("target {value}").format(value=self._number(self._target))
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(QPointF(area.right() - width - 4, y - 4), text)

    def _number(self, value: float) -> str:
        if self._unit != "s":
            return f"{value:,.0f}"
        if value < 60:
            return f"{value:.0f} s"
        return f"{value / 60:.0f} min" if value < 3600 else f"{value / 3600:.0f} h"


def _pen(colours: Sequence[QColor], place: int) -> QPen:
    return QPen(colours[place % len(colours)], 2, _DASHES[place % len(_DASHES)])


def _soft(colour: QColor) -> QColor:
    soft = QColor(colour)
    soft.setAlpha(150)
    return soft


def _ticks(top: float) -> list[float]:
    """Round levels up to the highest, about four."""
    raw = top / 4
    power = 10 ** math.floor(math.log10(max(raw, 1)))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= raw)
    return [step * place for place in range(int(top // step) + 1)]
