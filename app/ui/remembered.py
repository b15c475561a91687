"""What the window keeps from one day to the next, for each home: its place, the last folder, the
files opened last. Nothing of the books is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

MOST_RECENT = 10
_FILE = "window.ini"
_FIRST = QSize(1280, 800)
_FRAME = QSize(16, 48)
"""What the system draws around a window, at most."""


class Remembered:
    def __init__(self, home: Path) -> None:
        self._kept = QSettings(str(home / _FILE), QSettings.Format.IniFormat)

    def place(self, window: QWidget) -> None:
        """Where the window was; at first as large as fits the screen."""
        geometry = self._kept.value("geometry")
        if isinstance(geometry, QByteArray) and window.restoreGeometry(geometry):
            return
        room = QGuiApplication.primaryScreen().availableSize()
        window.resize(_FIRST.boundedTo(room - _FRAME).expandedTo(window.minimumSize()))

    def keep(self, window: QWidget) -> None:
        self._kept.setValue("geometry", window.saveGeometry())

    @property
    def has_colours(self) -> bool:
        """Whether a person ever chose between light and dark here."""
        return self._kept.contains("colours")

    @property
    def dark(self) -> bool | None:
        """Dark, light, or as the system (None)."""
        return {"dark": True, "light": False}.get(str(self._kept.value("colours", "")))

    @dark.setter
    def dark(self, chosen: bool | None) -> None:
        words = {True: "dark", False: "light", None: "system"}
        self._kept.setValue("colours", words[chosen])

    @property
    def folder(self) -> str:
        """Where a file was chosen last."""
        return str(self._kept.value("folder", ""))

    def opened(self, paths: Sequence[Path]) -> None:
        """Files and folders a person opened just now, newest first from now on."""
        texts = [str(path.absolute()) for path in paths]
        if texts:
            kept = [*texts, *(path for path in self.recent() if path not in texts)]
            self._kept.setValue("recent", kept[:MOST_RECENT])
            self._kept.setValue("folder", str(paths[0].absolute().parent))

    def recent(self) -> list[str]:
        found = self._kept.value("recent", [])
        return [found] if isinstance(found, str) else [str(one) for one in found or []]  # type: ignore[attr-defined]
