"""Small pieces the pages are made of."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.plain import Label
from app.ui.spark import Spark
from app.ui.tasks import Progress, Task

_BYTES_FROM = 1_000_000
"""A total of this size counts bytes of a file, not documents."""


class Title(Label):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setObjectName("title")


class Hint(Label):
    """A quieter line of explanation; wraps."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setObjectName("hint")
        self.setWordWrap(True)


class Notice(QFrame):
    """Something to know, with a bar in the colour of its ``kind``: plain, good, attention, bad."""

    def __init__(self, kind: str = "plain") -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setProperty("kind", kind)
        self._label = Label()
        self._label.setWordWrap(True)
        box = QHBoxLayout(self)
        box.setContentsMargins(10, 6, 10, 6)
        box.addWidget(self._label)

    def text(self) -> str:
        return self._label.text()

    def setText(self, text: str) -> None:
        self._label.setText(text)
        self.setAccessibleName(text)


class Figure(QFrame):
    """One of the four figures: name, value, target, and a sign for whether it is met (none where
    nothing was measured). A click,
    Enter or Space asks for the documents behind it (``asked`` carries its name and their
    references).
    """

    asked = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("figure")
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 8, 14, 8)
        box.setSpacing(2)
        self.name, self.value, self.target = Label(), Label(), Label()
        self.spark = Spark()
        self.name.setObjectName("hint")
        self.value.setObjectName("figureValue")
        self.target.setObjectName("hint")
        middle = QHBoxLayout()
        middle.addWidget(self.value)
        middle.addWidget(self.spark, 1)
        box.addWidget(self.name)
        box.addLayout(middle)
        box.addWidget(self.target)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._documents: tuple[str, ...] = ()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._ask()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        if self._documents:
            self.asked.emit(self.name.text(), self._documents)

    def show_figure(
        self,
        name: str,
        value: str,
        target: str,
        good: bool | None,
        colour: str,
        documents: tuple[str, ...] = (),
    ) -> None:
        self._documents = documents
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if documents else Qt.FocusPolicy.NoFocus)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if documents else Qt.CursorShape.ArrowCursor
        )
        self.setToolTip(self.tr("Click to see the documents behind it.") if documents else "")
        self.name.setText(name)
        sign = {True: "✓ ", False: "▲ ", None: ""}[good]
        self.value.setText(sign + value)
        self.value.setStyleSheet(f"color: {colour}")
        self.target.setText(target)
        self.setAccessibleName(f"{name}: {value}. {target}")


class DropArea(QFrame):
    """Takes dropped local files and folders; ``dropped`` carries their paths."""

    dropped = Signal(list)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setObjectName("drop")
        self.setAcceptDrops(True)
        box = QHBoxLayout(self)
        self.label = Label(text)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.addWidget(self.label)
        self.setMinimumHeight(56)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_paths(event.mimeData()):
            event.acceptProposedAction()
            self._mark(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark(False)
        if paths := local_paths(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def _mark(self, over: bool) -> None:
        self.setProperty("over", over)
        self.style().unpolish(self)
        self.style().polish(self)


class TaskBar(QWidget):
    """Progress, rate, time left and Cancel of the task it follows; shows itself only when a task
    takes a while.
    """

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.text = Label()
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setAutoDefault(False)
        for widget, stretch in ((self.bar, 1), (self.text, 0), (self.cancel, 0)):
            row.addWidget(widget, stretch)
        self.hide()
        self._task: Task | None = None
        self.cancel.clicked.connect(self._cancel)

    def follow(self, task: Task, may_stop: bool = True) -> None:
        self._task = task
        self.cancel.setVisible(may_stop)
        task.progressed.connect(self._show)
        task.ended.connect(self._ended)

    def _show(self, progress: Progress) -> None:
        self.show()
        total = progress.total
        scale = 1 if total < 2_000_000_000 else 1000
        self.bar.setRange(0, total // scale)
        self.bar.setValue(progress.done // scale)
        if progress.cancelled:
            self.text.setText(self.tr("Stopping…"))
        elif total and progress.rate:
            left = max(total - progress.done, 0) / progress.rate
            share = progress.done * 100 // total
            text = self.tr("{share} % · {seconds} s left")
            if total >= _BYTES_FROM:
                text = self.tr("{share} % · {rate} MB/s · {seconds} s left")
            self.text.setText(
                text.format(share=share, rate=f"{progress.rate / 1e6:.1f}", seconds=f"{left:.0f}")
            )
        else:
            self.text.setText(self.tr("Working…"))

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.progress.cancel()
            self.text.setText(self.tr("Stopping…"))

    def _ended(self) -> None:
        self._task = None
        self.hide()


class ConnectionBox(QComboBox):
    """Chooses one of the kept connections; keeps its choice when the list changes."""

    def show_names(self, names: list[str]) -> None:
        kept = self.currentText()
        self.blockSignals(True)
        self.clear()
        self.addItems(names)
        if kept in names:
            self.setCurrentText(kept)
        self.blockSignals(False)
        self.setEnabled(bool(names))


def local_paths(data: QMimeData) -> list[str]:
    """The files and folders that are dragged, those of this machine."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


def primary(button: QPushButton) -> QPushButton:
    """The one thing a page is for."""
    button.setProperty("primary", True)
    return button


def row(*widgets: QWidget | int) -> QHBoxLayout:
    """Widgets in a line; a number is a stretch. Hints and drop areas take the room there is."""
    layout = QHBoxLayout()
    layout.setSpacing(8)
    for widget in widgets:
        if isinstance(widget, int):
            layout.addStretch(widget)
        else:
            layout.addWidget(widget, 1 if isinstance(widget, Hint | DropArea) else 0)
    return layout
