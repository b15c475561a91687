"""Tables: one model over any list of rows, and a view with the manners every table of the window
has.

The model holds the rows as they are and makes cells when asked, so a million rows cost nothing to
show. Sorting and filtering are index arrays, never a Qt proxy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.ui.plain import escaped, plain
from app.ui.theme import ROW_HEIGHT

SELECTION_LIMIT = 10_000
_AS_TEXT = " style='mso-number-format:\"\\@\"'"
"""How a cell of HTML tells Excel that it is text (Office HTML, ``mso-number-format``)."""
_LEFT = Qt.AlignmentFlag.AlignLeft
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """``value`` makes the cell's text from a row; ``order`` what it is sorted by (default: the
    text).
    """

    title: str
    value: Callable[[Any], str]
    right: bool = False
    order: Callable[[Any], Any] | None = None


class RowsModel(QAbstractTableModel):
    """``background`` and ``bold`` may mark a (row, column); ``spoken`` is what a screen reader adds
    to a row.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        parent: QObject | None = None,
        background: Callable[[Any, int], QColor | QBrush | None] | None = None,
        bold: Callable[[Any, int], bool] | None = None,
        tip: Callable[[Any], str] | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = list(columns)
        self.rows: Sequence[Any] = []
        self._shown: Sequence[int] | None = None
        self._background, self._bold, self._tip = background, bold, tip
        self._font = QFont()
        self._font.setBold(True)

    def set_rows(self, rows: Sequence[Any], shown: Sequence[int] | None = None) -> None:
        """Other rows, and which of them are shown, as :meth:`show_only` says."""
        self.beginResetModel()
        self.rows, self._shown = rows, shown
        self.endResetModel()

    def show_with(self, words: str) -> None:
        """Show only the rows with all of some words in their cells; all rows without a word. They
        stand in the order of the rows.
        """
        wanted = words.casefold().split()
        if not wanted:
            self.show_only(None)
            return
        texts = [
            " ".join(column.value(row) for column in self.columns).casefold() for row in self.rows
        ]
        self.show_only(
            [place for place, text in enumerate(texts) if all(word in text for word in wanted)]
        )

    def show_only(self, shown: Sequence[int] | None) -> None:
        """Show these indexes of ``rows``, in this order; None shows all."""
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def row_at(self, position: int) -> Any:
        return self.rows[position if self._shown is None else self._shown[position]]

    def position_of(self, wanted: Callable[[Any], bool]) -> int:
        """The first shown position whose row is wanted; -1 when there is none."""
        return next((place for place in range(self.rowCount()) if wanted(self.row_at(place))), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        if parent is not None and parent.isValid():
            return 0
        return len(self.rows) if self._shown is None else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.columns[section].right else _LEFT
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, place = self.row_at(index.row()), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.columns[place].value(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[place].right:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.BackgroundRole and self._background:
            colour = self._background(row, place)
            return QBrush(colour) if colour else None
        if role == Qt.ItemDataRole.FontRole and self._bold and self._bold(row, place):
            return self._font
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain(self._tip(row) if self._tip else self.columns[place].value(row))
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        key = self.columns[column].order or self.columns[column].value
        shown = range(len(self.rows)) if self._shown is None else self._shown
        reverse = order == Qt.SortOrder.DescendingOrder
        self.show_only(sorted(shown, key=lambda place: key(self.rows[place]), reverse=reverse))


class Header(QHeaderView):
    """Never asks the selection whether a whole column is selected: with a million rows that takes
    minutes.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setSectionsClickable(True)


class Table(QTableView):
    """A read-only table: whole rows, fixed heights, Ctrl+C copies with headings, Tab leaves it."""

    def __init__(
        self, model: RowsModel, name: str, sortable: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rows_model = model
        self.setModel(model)
        self.setAccessibleName(name)
        self.setHorizontalHeader(Header(self))
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(
            max(ROW_HEIGHT, self.fontMetrics().height() + 8)
        )
        self.horizontalHeader().setResizeContentsPrecision(50)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        if sortable:
            self.horizontalHeader().setSortIndicatorShown(True)
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.horizontalHeader().sortIndicatorChanged.connect(self._sort)

    def fit_columns(self, widest: int = 420, wider: Mapping[int, int] | None = None) -> None:
        """Widths from the first rows, bounded; some columns (by place) may be ``wider``."""
        self.resizeColumnsToContents()
        for place in range(self.rows_model.columnCount()):
            self.setColumnWidth(
                place, min(self.columnWidth(place) + 12, (wider or {}).get(place, widest))
            )

    def show_rows(self, rows: Sequence[Any], key: Callable[[Any], object], words: str = "") -> None:
        """Other rows, those with some words, in the order a person sorted by, with those selected
        that were, and where they were looked at. ``key`` tells a row from the others.
        """
        chosen, model = {key(row) for row in self.selected_rows()}, self.rows_model
        place, header = self.verticalScrollBar().value(), self.horizontalHeader()
        model.set_rows(rows)
        if words.strip():
            model.show_with(words)
        if header.isSortIndicatorShown() and header.sortIndicatorSection() >= 0:
            model.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        if chosen:
            flags = (
                QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            )
            for position in range(model.rowCount()):
                if key(model.row_at(position)) in chosen:
                    self.selectionModel().select(model.index(position, 0), flags)
        self.verticalScrollBar().setValue(place)

    def selected_rows(self) -> list[Any]:
        positions = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.rows_model.row_at(position) for position in positions]

    def go_to(self, position: int) -> None:
        """Select a row and bring it into view; whatever keys are held down, which ``selectRow``
        would heed.
        """
        if position >= 0:
            index = self.rows_model.index(position, 0)
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def selectAll(self) -> None:
        if self.rows_model.rowCount() <= SELECTION_LIMIT:
            super().selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            copy_rows(self.rows_model.columns, self.selected_rows())
            return
        super().keyPressEvent(event)

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        if column >= 0:
            self.rows_model.sort(column, order)


def copy_rows(columns: Sequence[Column], rows: Sequence[Any]) -> None:
    """Onto the clipboard with their headings, as text between tabs and as a table. Excel is told
    that what is no number is text: codes keep their zeros, and what begins with an equals sign
    is no formula.
    """
    head = [column.title for column in columns]
    cells = [head, *([column.value(row) for column in columns] for row in rows)]
    lines = ["\t".join(_one_line(text) for text in line) for line in cells]
    forms = ["" if column.right else _AS_TEXT for column in columns]
    heading = "".join(f"<th>{escaped(text)}</th>" for text in head)
    body = "".join(
        f"<tr>{''.join(f'<td{form}>{escaped(text)}</td>' for form, text in parts)}</tr>"
        for parts in (zip(forms, line, strict=True) for line in cells[1:])
    )
    data = QMimeData()
    data.setText("\n".join(lines))
    data.setHtml(f"<table><tr>{heading}</tr>{body}</table>")
    QGuiApplication.clipboard().setMimeData(data)


def _one_line(text: str) -> str:
    """A cell that holds tabs or ends of lines would fall apart in a spreadsheet."""
    return " ".join(text.split("\n")).replace("\t", " ").replace("\r", "")
