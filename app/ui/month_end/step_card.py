"""A step of the month on a card: how it stands, the fact that matters, and a button that goes
there.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.month_end.checklist import StepState
from app.ui.plain import Label
from app.ui.theme import colours

_SIGNS = {StepState.DONE: "✓", StepState.ATTENTION: "!"}
_COLOURS = {StepState.DONE: "good", StepState.ATTENTION: "attention", StepState.TODO: "muted"}


class StepCard(QFrame):
    """``asked`` is emitted by its button."""

    asked = Signal()

    def __init__(self, place: int) -> None:
        super().__init__()
        self.setObjectName("card")
        self._badge = _Badge(str(place))
        self.title, self.detail = Label(), Label()
        self.title.setObjectName("cardTitle")
        self.detail.setObjectName("hint")
        self.detail.setWordWrap(True)
        self.button = QPushButton()
        self._keys = QKeySequence(f"Alt+{place}")
        self.button.clicked.connect(self.asked.emit)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.title)
        words.addWidget(self.detail)
        box = QHBoxLayout(self)
        box.setContentsMargins(14, 7, 12, 7)
        box.setSpacing(12)
        box.addWidget(self._badge)
        box.addLayout(words, 1)
        box.addWidget(self.button)

    def show_step(self, state: StepState, title: str, detail: str, button: str, said: str) -> None:
        """``said`` is the state in words, for those who do not see the sign."""
        self._badge.show_state(state)
        self.title.setText(title)
        self.detail.setText(detail)
        self.button.setText(button)
        self.button.setShortcut(self._keys)  # a new text takes it away
        self.button.setToolTip(self._keys.toString(QKeySequence.SequenceFormat.NativeText))
        self.setAccessibleName(f"{title}: {said}. {detail}")
        self.button.setAccessibleName(f"{button} – {title}")


class _Badge(QWidget):
    def __init__(self, number: str) -> None:
        super().__init__()
        self._number, self._state = number, StepState.TODO
        self.setFixedSize(QSize(26, 26))

    def show_state(self, state: StepState) -> None:
        self._state = state
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = colours(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        shade: QColor = colour[_COLOURS[self._state]]
        painter.setBrush(shade)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawEllipse(area)
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(colour["card"])
        sign = _SIGNS.get(self._state, self._number)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, sign)
