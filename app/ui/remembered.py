"""What the window keeps from one day to the next, for each home: its place, the last folder, the
files opened last. Nothing of the books is in it.
"""

from __future__ import annotations

import json
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

    @property
    def widths(self) -> list[list[int]]:
        """Of the columns of the tables of a reconciliation, as a person left them; empty where
        nobody did.
        """
        try:
            found = json.loads(str(self._kept.value("widths", "[]")))
            return [[int(width) for width in table] for table in found]
        except (ValueError, TypeError):
            return []

    @widths.setter
    def widths(self, chosen: Sequence[Sequence[int]]) -> None:
        self._kept.setValue("widths", json.dumps([list(table) for table in chosen]))

    @property
    def one_table(self) -> bool:
        """Whether both sides of a reconciliation stand in one table."""
        return str(self._kept.value("one-table", "")) == "yes"

    @one_table.setter
    def one_table(self, chosen: bool) -> None:
        self._kept.setValue("one-table", "yes" if chosen else "no")

    @property
    def side_files(self) -> list[str]:
        """The files that were reconciled last, where they are still there."""
        found = json.loads(str(self._kept.value("sides", "[]")))
        return [path for path in found if Path(path).is_file()]

    @side_files.setter
    def side_files(self, paths: Sequence[str]) -> None:
        self._kept.setValue("sides", json.dumps([str(Path(path).absolute()) for path in paths]))

    def recent(self) -> list[str]:
        found = self._kept.value("recent", [])
        return [found] if isinstance(found, str) else [str(one) for one in found or []]  # type: ignore[attr-defined]
