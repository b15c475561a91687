"""Dialogs of a connection: the log-in through the browser, a server's certificate, the page of help
of a system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

import resources
from app import telling
from app.translation import language
from app.ui.mnemonics import Dialog
from app.ui.session import Session
from app.ui.tasks import Progress, Task
from app.ui.widgets import Hint, Title, row
from connectors.errors import ConnectorError
from connectors.oauth import LogIn, Provider


class LogInDialog(Dialog):
    """Opens the browser and waits for it; ``done_with`` gets the refresh token."""

    def __init__(
        self,
        session: Session,
        title: str,
        provider: Provider,
        done_with: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Log in to {system}").format(system=title))
        self.resize(620, 220)
        self._done_with = done_with
        self.status = Hint(
            self.tr(
                "The browser is open: log in there and choose the company. This window waits for"
                " its answer."
            )
        )
        self.address = QLineEdit()
        self.address.setReadOnly(True)
        self.address.setAccessibleName(self.tr("Address of the log-in"))
        copy = QPushButton(self.tr("Copy"))
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.address.text()))
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(self.status)
        box.addWidget(Hint(self.tr("If it did not open, copy this address into it:")))
        box.addLayout(row(self.address, copy))
        box.addStretch(1)
        box.addLayout(row(1, cancel))
        self._task: Task | None = None
        self._given_up = False
        try:
            log_in = LogIn(provider)
        except ConnectorError as error:
            self.status.setText("▲ " + telling.tell(error))
            return
        self.address.setText(log_in.address)
        self.address.setCursorPosition(0)

        def work(progress: Progress) -> Mapping[str, Any]:
            return log_in.wait(go_on=lambda: not progress.cancelled)

        self._task = session.tasks.run(work, self._came_back, failed=self._failed)
        self.finished.connect(self._end)
        QDesktopServices.openUrl(QUrl(log_in.address))

    def _end(self) -> None:
        """Whatever comes now, nobody waits for it."""
        self._given_up = True
        if self._task is not None:
            self._task.progress.cancel()

    def _came_back(self, tokens: Mapping[str, Any]) -> None:
        self.accept()
        self._done_with(str(tokens["refresh_token"]))

    def _failed(self, error: BaseException) -> bool:
        if isinstance(error, ConnectorError):
            if not self._given_up:
                self.status.setText("▲ " + telling.tell(error))
            return True
        return False


class CertificateDialog(Dialog):
    """Shows what a server showed; accepted when a person trusts exactly that."""

    def __init__(self, server: str, fingerprint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Certificate of {server}").format(server=server))
        self.resize(640, 240)
        shown = QLineEdit(fingerprint)
        shown.setReadOnly(True)
        shown.setCursorPosition(0)
        shown.setAccessibleName("SHA-256")
        text = self.tr(
            "No authority vouches for a self-signed certificate. Compare this SHA-256 with what the"
            " server's administrator reads out. Only if both are the same trust it: from then on"
            " exactly this one is taken."
        )
        trust, cancel = (
            QPushButton(self.tr("Trust exactly this one")),
            QPushButton(self.tr("Cancel")),
        )
        trust.setAutoDefault(False)
        trust.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        cancel.setDefault(True)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(Hint(text))
        box.addWidget(shown)
        box.addStretch(1)
        box.addLayout(row(1, trust, cancel))


class HelpDialog(Dialog):
    """The page of help of a system, in the current language."""

    def __init__(self, system: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(720, 560)
        page = QTextBrowser()
        page.setOpenExternalLinks(True)
        page.setMarkdown(resources.path("help", language(), f"{system}.md").read_text("utf-8"))
        page.setAccessibleName(title)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(self.tr("Close"))
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(page, 1)
        box.addWidget(buttons)
