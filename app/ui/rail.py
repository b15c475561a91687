"""The rail at the left: the pages, what waits on each, and whose books these are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from app.ui.icons import icon
from app.ui.plain import Label
from app.ui.theme import colours

WIDE, NARROW = 176, 56
_ICON = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1


class Rail(QFrame):
    """``pages`` is the list a person moves in. ``entries`` are (icon, words)."""

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.brand, self.foot = Label("Cuadre"), Label()
        self.brand.setObjectName("brand")
        self.foot.setObjectName("railFoot")
        self.foot.setWordWrap(True)
        self.pages = QListWidget()
        self.pages.setObjectName("navigation")
        self.pages.setAccessibleName(self.tr("Pages"))
        self.pages.setItemDelegate(_Entry(self.pages))
        self.pages.setMouseTracking(True)
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for name, words in entries:
            item = QListWidgetItem(words, self.pages)
            item.setData(_ICON, name)
            item.setToolTip(words)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.brand)
        box.addWidget(self.pages, 1)
        box.addWidget(self.foot)
        self.set_narrow(False)

    def show_count(self, place: int, count: int) -> None:
        """How many things wait on a page; nothing is shown of none."""
        item = self.pages.item(place)
        item.setData(_COUNT, count)
        said = item.text()
        item.setData(
            Qt.ItemDataRole.AccessibleTextRole,
            self.tr("{page}, {count} waiting").format(page=said, count=count) if count else said,
        )

    def show_company(self, text: str) -> None:
        self.foot.setText(text)

    def set_narrow(self, narrow: bool) -> None:
        """Icons alone where the window is small."""
        self.setFixedWidth(NARROW if narrow else WIDE)
        self.brand.setVisible(not narrow)
        self.foot.setVisible(not narrow)


class _Entry(QStyledItemDelegate):
    """An icon, words, and a number where something waits."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(NARROW, max(36, option.fontMetrics.height() + 20))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        view = self.parent()
        assert isinstance(view, QListWidget)
        colour = colours(view.palette())
        area: QRect = option.rect.adjusted(8, 2, -8, -2)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        if is_chosen or state & QStyle.StateFlag.State_MouseOver:
            shade = colour["rail_at"]
            shade.setAlpha(255 if is_chosen else 120)
            painter.setBrush(shade)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(area, 8, 8)
        if is_chosen and view.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(colour["count"])
            painter.drawRoundedRect(area, 8, 8)
        is_narrow = view.width() < WIDE // 2
        drawing = icon(str(index.data(_ICON)), colour["rail_ink"])
        left = area.left() + ((area.width() - 18) // 2 if is_narrow else 12)
        drawing.paint(painter, QRect(left, area.center().y() - 8, 18, 18))
        count = int(index.data(_COUNT) or 0)
        if not is_narrow:
            self._words(painter, area, str(index.data()), count, is_chosen, view.palette())
        elif count:
            painter.setBrush(colour["count"])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(area.right() - 9, area.top() + 4, 7, 7)
        painter.restore()

    def _words(
        self,
        painter: QPainter,
        area: QRect,
        words: str,
        count: int,
        is_chosen: bool,
        palette: QPalette,
    ) -> None:
        colour = colours(palette)
        font = painter.font()
        font.setBold(is_chosen)
        painter.setFont(font)
        painter.setPen(colour["rail_ink"])
        place = area.adjusted(40, 0, -8, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignLeft, words)
        if count:
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(colour["count"])
            painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, f"{count:,}")
