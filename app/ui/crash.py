"""An unexpected error, shown in plain words with a report that can be copied; journaled before it
is shown.
"""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.company.crash import crash_text, report_crash
from app.ui.mnemonics import Dialog
from app.ui.plain import Label


class CrashDialog(Dialog):
    def __init__(self, home: str, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        path = report_crash(home, error)
        self.setWindowTitle(self.tr("Unexpected error"))
        self.resize(760, 420)
        words = Label(
            self.tr(
                "Something failed that we did not foresee. What was already done is safe in the"
                " journal.\nThe report below has no secrets; it was saved to {path}."
            ).format(path=path)
        )
        words.setWordWrap(True)
        report = QPlainTextEdit(crash_text(error))
        report.setReadOnly(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(self.tr("Copy report"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report.toPlainText()))
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        for widget in (words, report, buttons):
            box.addWidget(widget)


class CrashHooks(QObject):
    """Catches what nothing else caught, in any thread, and shows it in the window's."""

    happened = Signal(object)

    def __init__(self, home: str) -> None:
        super().__init__()
        self._home, self._showing = home, False
        self.happened.connect(self._show)
        sys.excepthook = self._caught
        threading.excepthook = lambda args: self._caught(
            args.exc_type, args.exc_value, args.exc_traceback
        )

    def _caught(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.__excepthook__(kind, error if error is not None else kind(), trace)
        if not issubclass(kind, KeyboardInterrupt | SystemExit):
            self.happened.emit(error or kind())

    def _show(self, error: BaseException) -> None:
        if not self._showing:
            self._showing = True
            CrashDialog(self._home, error).exec()
            self._showing = False
