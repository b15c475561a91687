"""Alerts in the window: looked for at once and every minute, shown under the figures, and told once
by the desktop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QStyle, QSystemTrayIcon

from app.month_end import alerts
from app.month_end.alerts import Alert
from app.ui.session import Session

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

EVERY_MILLISECONDS = 60_000
SHOWN_MILLISECONDS = 10_000


class Notifier(QObject):
    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._tray: QSystemTrayIcon | None = None
        self._timer = QTimer(self, interval=EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        session.changed.connect(self._soon)
        self._pause = QTimer(self, singleShot=True, interval=1000)
        self._pause.timeout.connect(self.look)
        self._pause.start()

    def look(self) -> None:
        """Raise, close and deliver what is due; then show what stands."""
        journal = self._session.journal

        def work(_: object) -> tuple[list[Alert], list[str]]:
            return alerts.update(journal), alerts.standing_texts(journal)

        self._session.tasks.run(work, lambda found: self._show(*found), writes=True)

    def stop(self) -> None:
        self._timer.stop()
        self._pause.stop()
        if self._tray is not None:
            self._tray.hide()

    def _soon(self) -> None:
        self._pause.start()

    def _show(self, raised: list[Alert], standing: list[str]) -> None:
        self._window.show_alerts(standing)
        if not raised or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            style = QApplication.style()
            icon = style.standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
            self._tray = QSystemTrayIcon(icon, self)
        self._tray.show()
        text = "\n".join(alert.text for alert in raised)
        self._tray.showMessage(
            "Cuadre", text, QSystemTrayIcon.MessageIcon.Warning, SHOWN_MILLISECONDS
        )
