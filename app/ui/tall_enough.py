"""The pages on a screen that is not high enough for them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

SHORTEST_PAGE = 470
"""Pixels of height below which pages are scrolled, as on 1366 by 768 at 150 %."""


class TallEnough(QScrollArea):
    """As wide as there is room, and never lower than a page can be used. Qt's own resizing would
    ask every wrapped text how high it might become, and scroll on any screen.
    """

    def __init__(self, pages: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(pages)
        self._pages = pages

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.viewport().size()
        self._pages.resize(room.width(), max(room.height(), SHORTEST_PAGE))
