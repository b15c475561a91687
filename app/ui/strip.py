"""The four figures in one line under every page but Home, where they have cards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from app.month_end.figures import Level
from app.ui.plain import MarkedLabel, marked
from app.ui.theme import colours


class Strip(QFrame):
    """A click or Enter asks for Home."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setFixedHeight(28)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._labels = [MarkedLabel() for _ in range(4)]
        box = QHBoxLayout(self)
        box.setContentsMargins(14, 0, 14, 0)
        box.setSpacing(22)
        for label in self._labels:
            box.addWidget(label)
        box.addStretch(1)

    def show_figures(self, figures: Sequence[tuple[str, str, Level]]) -> None:
        """Name, value and level of each."""
        colour = colours(self.palette())
        for label, (name, value, level) in zip(self._labels, figures, strict=True):
            is_met = level is Level.MET
            shade = colour["ink" if is_met else "bad"].name()
            sign = "" if is_met else "▲ "
            text = marked("{name} ", name=name)
            label.setText(f"{text}<b style='color:{shade}'>{marked('{v}', v=sign + value)}</b>")
        said = "; ".join(f"{name}: {value}" for name, value, _ in figures)
        self.setAccessibleName(said)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit()
        else:
            super().keyPressEvent(event)
