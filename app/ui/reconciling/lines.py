"""The lines of both sides of a reconciliation in lock step: what differs is marked, what is
selected says why. The same rows in one table are the other view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QSplitter

from app.matching.outcome import MatchState
from app.reconciling.runs import Reconciliation
from app.ui.reconciling.alignment import (
    AMOUNT,
    LEFT,
    RIGHT,
    STATE,
    Aligned,
    LockStep,
    side_columns,
)
from app.ui.reconciling.line_texts import Texts, line_texts
from app.ui.reconciling.pairs import STATE as PAIR_STATE
from app.ui.reconciling.pairs import WHY, pair_columns
from app.ui.reconciling.rows import PAIRS, Marks, Order, Places, Rows, changed, words_found
from app.ui.reconciling.saying import said_of, state_words
from app.ui.reconciling.signing import sums
from app.ui.reconciling.ticks import Ticks
from app.ui.tables import RowsModel, Table, copy_rows
from app.ui.theme import colours

WIDEST = 128
_COPY = QKeySequence.StandardKey.Copy
_KEYS = {
    Qt.Key.Key_Return: "accept",
    Qt.Key.Key_Enter: "accept",
    Qt.Key.Key_Right: "other",
    Qt.Key.Key_Left: "other_back",
    Qt.Key.Key_E: "explain",
    Qt.Key.Key_A: "adjust",
    Qt.Key.Key_F: "find",
    Qt.Key.Key_Space: "tick",
    Qt.Key.Key_Escape: "untick",
}
"""What single keys ask for while a person is at a line."""
Beside = Callable[[Callable[[], Any], Callable[[Any], None]], object]
"""Do work in another thread, then something with what it gave in the window's."""


class Lines(QSplitter):
    """``chosen``: other rows are selected, or ticked. ``asked`` carries what a key asks for.
    ``side`` is the one that was clicked or has the keyboard (0 left, 1 right).
    """

    chosen = Signal()
    asked = Signal(str)

    def __init__(self, beside: Beside) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.rows: Rows | None = None
        self.ticks = Ticks()
        self.side = 0
        self.kept_widths: list[list[int]] = []
        """Of the columns of each table, as a person left them."""
        self._beside = beside
        self._shown: tuple[str, str, str] = ("", "", "")
        self._texts: Texts | None = None
        self._found: tuple[str, list[tuple[Marks, Marks]]] = ("", [])
        """The words searched last, and which lines have each."""
        self._order: Order | None = None
        self._sorted: Places | None = None
        self._visible: Places = np.empty(0, dtype=np.intp)
        """The places of the rows that are shown, in their order."""
        self.models = [self._model(place) for place in (LEFT, RIGHT)]
        self.tables = [
            Table(self.models[0], self.tr("Left side")),
            Table(self.models[1], self.tr("Right side")),
        ]
        self.pairs = Table(self._pairs_model(), self.tr("Both sides in one table"))
        self._views = [*self.tables, self.pairs]
        self._lock_step = LockStep(*self._views)
        self.setChildrenCollapsible(False)
        for view, table in enumerate(self._views):
            self.addWidget(table)
            table.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())
            table.doubleClicked.connect(lambda _: self.asked.emit("tick"))
            table.horizontalHeader().sectionClicked.connect(
                lambda column, view=view: self._sort_by(view, column)
            )
            for watched in (table, table.viewport()):
                watched.installEventFilter(self)
        self.pairs.hide()
        self.setSizes([538, 462, 1000])

    @property
    def result(self) -> Reconciliation | None:
        return self.rows.result if self.rows is not None else None

    @property
    def aligned(self) -> list[Aligned]:
        return self.rows.aligned if self.rows is not None else []

    def widths(self) -> list[list[int]]:
        """Of the columns of each table; as they are kept where nothing was shown."""
        if self.rows is None:
            return self.kept_widths
        return [
            [table.columnWidth(place) for place in range(table.rows_model.columnCount() - 1)]
            for table in self._views
        ]

    def show_pairs(self, shown: bool) -> None:
        """One table, or the two sides, with the line a person is at."""
        place = self.first_selected
        self.pairs.setVisible(shown)
        for table in self.tables:
            table.setVisible(not shown)
        if self.models[0].rowCount():
            self._go_to(place)
            self._view.setFocus()

    def set_menu(self, menu: QMenu) -> None:
        """What a right click on a line offers."""
        for table in self._views:
            table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            table.customContextMenuRequested.connect(
                lambda point, table=table: menu.popup(table.viewport().mapToGlobal(point))
            )

    def show_result(self, rows: Rows) -> None:
        self.rows, self._texts, self._order, self._sorted = rows, None, None, None
        self._found = ("", [])
        self.ticks.clear()
        for table in self._views:
            table.horizontalHeader().setSortIndicatorShown(False)
        self._apply()
        for table in self._views:
            table.fit_columns(WIDEST, {WHY: 360} if table is self.pairs else None)
        self._lock_step.same_widths()
        for table, widths in zip(self._views, self.kept_widths, strict=False):
            for place, width in enumerate(widths):
                table.setColumnWidth(place, width)

    def after(self, result: Reconciliation) -> tuple[Rows, Places | None]:
        """The rows a decision leaves, and their order; made beside the window."""
        assert self.rows is not None
        rows = changed(self.rows, result)
        return rows, rows.ordered(self._order) if self._order is not None else None

    def show_decided(self, rows: Rows, order: Places | None) -> None:
        """What a decision left: widths, order and what is shown stay."""
        self.rows, self._sorted = rows, order
        self.ticks.clear()
        self._apply()

    def filter(self, state: str, account: str, words: str = "") -> None:
        """Show the lines of a state (``open``: to be decided), of an account, and with all of some
        words on one of their sides; all lines where everything is empty.
        """
        words = " ".join(words.casefold().split())
        self._shown = (state, account, words)
        if words and self._found[0] != words and self.rows is not None:
            self._search(self.rows.result, words)
        else:
            self._apply_at_line()

    def _search(self, result: Reconciliation, words: str) -> None:
        kept = self._texts

        def work() -> tuple[Texts, list[tuple[Marks, Marks]]]:
            texts = kept if kept is not None and self._fits(kept) else line_texts(result)
            return texts, words_found((texts.left, texts.right), words.split())

        def show(found: tuple[Texts, list[tuple[Marks, Marks]]]) -> None:
            if self._shown[2] == words and self._fits(found[0]):
                self._texts, self._found = found[0], (words, found[1])
                self._apply_at_line()
                self.chosen.emit()

        self._beside(work, show)

    def _fits(self, texts: Texts) -> bool:
        """Whether texts are of the lines that are shown: a split makes others."""
        result = self.result
        return result is not None and texts.keys == (result.left.key, result.right.key)

    def _apply_at_line(self) -> None:
        """Show what is filtered; the line a person is at stays selected where it is shown."""
        at = self._visible[self.first_selected :][:1] if self.selected_rows() else ()
        self._apply()
        if not self.selected_rows():
            self._go_to_places(at)

    def _go_to_places(self, places: Iterable[int]) -> None:
        for place in places:
            for position in np.flatnonzero(self._visible == place):
                self._go_to(int(position))

    def _apply(self) -> None:
        """Show what is filtered, in its order."""
        rows = self.rows
        if rows is None:
            return
        state, account, words = self._shown
        places = np.arange(len(rows.aligned)) if self._sorted is None else self._sorted
        if state:
            places = places[rows.of_state(state)[places]]
        if account and len(rows.result.proof.accounts) > 1:
            places = places[rows.of_account(account)[places]]
        if words and self._found[0] == words:
            places = places[rows.with_words(self._found[1])[places]]
        if rows.aligned is self.models[0].rows and np.array_equal(places, self._visible):
            return
        self._visible = places
        is_all = self._sorted is None and len(places) == len(rows.aligned)
        shown: list[int] | None = None if is_all else places.tolist()
        for model in (*self.models, self.pairs.rows_model):
            model.set_rows(rows.aligned, shown)
        self.chosen.emit()  # what was selected is no longer: a reset of the rows does not say so

    def _sort_by(self, view: int, column: int) -> None:
        """By a heading of a view, backwards at the second click, as they came at the third. All
        views move together, and the line a person is at stays the one.
        """
        rows, now = self.rows, self._order
        if rows is None or (view == PAIRS and column == WHY):
            return
        is_same = now is not None and (now.view, now.column) == (view, column)
        order = None if is_same and now and now.backwards else Order(view, column, is_same)
        if order is None:
            self._show_sorted(rows, None, None)
        elif rows.is_quick(order):
            self._show_sorted(rows, order, rows.ordered(order))
        else:
            self._beside(
                lambda: rows.ordered(order), lambda places: self._show_sorted(rows, order, places)
            )

    def _show_sorted(self, rows: Rows, order: Order | None, places: Places | None) -> None:
        if rows is not self.rows:
            return
        at = self.first_selected
        kept = self._visible[at : at + 1] if self.selected_rows() else self._visible[:0]
        self._order, self._sorted = order, places
        self._apply()
        for view, table in enumerate(self._views):
            header = table.horizontalHeader()
            header.setSortIndicatorShown(order is not None and order.view == view)
            if order is not None:
                is_back = order.backwards
                way = Qt.SortOrder.DescendingOrder if is_back else Qt.SortOrder.AscendingOrder
                header.setSortIndicator(order.column, way)
        self._go_to_places(kept)

    def _copy(self) -> None:
        """The selected lines with both sides, each heading with its side; of the one table, its
        columns.
        """
        if self._view is self.pairs:
            copy_rows(self.pairs.rows_model.columns, self.selected_rows())
            return
        titles = [self.tr("Left"), self.tr("Right")]
        columns = [self.models[0].columns[0]]
        for title, model in zip(titles, self.models, strict=True):
            columns += [
                replace(column, title=f"{title}: {column.title}") for column in model.columns[1:]
            ]
        copy_rows(columns, self.selected_rows())

    @property
    def _view(self) -> Table:
        """The table a person looks at."""
        return self.tables[self.side] if self.pairs.isHidden() else self.pairs

    def _go_to(self, position: int) -> None:
        (self.tables[0] if self.pairs.isHidden() else self.pairs).go_to(position)

    def go_to_first(self) -> None:
        if self.models[0].rowCount():
            self._go_to(0)

    @property
    def first_selected(self) -> int:
        """The first of the rows that are selected; else where a person is."""
        chosen = self._view.selectionModel().selectedRows()
        rows = [index.row() for index in chosen]
        return min(rows, default=max(self._view.currentIndex().row(), 0))

    def go_on_from(self, place: int) -> None:
        """To the next row to be decided, at or after a place; where there is none, to the last of
        those before it, or to what stands there.
        """
        waiting = self._waiting()
        after, before = waiting[waiting >= place], waiting[waiting < place]
        if len(after):
            place = int(after[0])
        elif len(before):
            place = int(before[-1])
        self._go_to(min(place, self.models[0].rowCount() - 1))

    def next_open(self, step: int) -> None:
        """To the next line to be decided, forwards (1) or backwards (-1)."""
        place, waiting = self._view.currentIndex().row(), self._waiting()
        found = waiting[waiting > place][:1] if step > 0 else waiting[waiting < place][-1:]
        if len(found):
            self._go_to(int(found[0]))

    def _waiting(self) -> Places:
        """The positions of the shown rows that are to be decided."""
        if self.rows is None:
            return self._visible
        return np.flatnonzero(self.rows.undecided[self._visible])

    def selected_rows(self) -> list[Aligned]:
        return self.tables[0].selected_rows() or self.tables[1].selected_rows()

    def tick(self) -> bool:
        """Tick the selected lines of the side a person is at, of both in the one table; False where
        nothing of them can be.
        """
        sides = (LEFT, RIGHT) if self._view is self.pairs else (self.side,)
        rows = self.selected_rows()
        ticked = self.ticks.toggle(rows, sides) or self.ticks.toggle(rows)
        self._repaint()
        return ticked

    def untick(self) -> None:
        self.ticks.clear()
        self._repaint()

    def _repaint(self) -> None:
        for table in self._views:
            table.viewport().update()
        self.chosen.emit()

    def said_of_selection(self) -> str:
        """Why the selected line stands as it does, or what several come to."""
        rows = self.selected_rows()
        if self.result is not None and len(rows) > 1:
            return sums(self.result, rows)
        return self._reason(rows[0]) if rows else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress):
            self.side = int(watched in (self.tables[1], self.tables[1].viewport()))
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._takes(event) or super().eventFilter(watched, event)
        return super().eventFilter(watched, event)

    def _takes(self, event: QKeyEvent) -> bool:
        """What a key does at a line."""
        if event.matches(_COPY):
            self._copy()
            return True
        keypad = Qt.KeyboardModifier.KeypadModifier
        asked = _KEYS.get(Qt.Key(event.key())) if not event.modifiers() & ~keypad else None
        if asked is not None:
            self.asked.emit(asked)
        return asked is not None

    def _model(self, place: int) -> RowsModel:
        titles = (
            self.tr("State"),
            self.tr("Date"),
            self.tr("Account"),
            self.tr("Reference"),
            self.tr("Amount"),
            self.tr("Text"),
        )
        columns = side_columns(place, titles, state_words(), lambda: self.result)
        state = columns[STATE]
        columns[STATE] = replace(
            state, value=lambda row: self._mark(row, (place,)) + state.value(row)
        )
        return RowsModel(
            columns,
            self,
            background=lambda item, column: self._colour(item, column, place),
            bold=lambda item, column: column in item.differs,
            tip=self._reason,
        )

    def _pairs_model(self) -> RowsModel:
        columns = pair_columns(lambda: self.result)
        state = columns[PAIR_STATE]
        columns[PAIR_STATE] = replace(
            state, value=lambda row: self._mark(row, (LEFT, RIGHT)) + state.value(row)
        )
        return RowsModel(columns, self, background=self._pair_colour, tip=self._reason)

    def _mark(self, row: Aligned, sides: Sequence[int]) -> str:
        """A tick before the state of a line that has one."""
        lines = (row.left, row.right)
        return "☑ " if any(self.ticks.has(side, lines[side]) for side in sides) else ""

    def _reason(self, item: Aligned) -> str:
        return said_of(self.result, item) if self.result is not None else ""

    def _colour(self, item: Aligned, column: int, place: int) -> QColor | QBrush | None:
        found = colours(self.palette())
        if item.state in ("only_left", "only_right"):
            is_here = (item.left, item.right)[place] >= 0
            return found[str(item.state)] if is_here and column in (STATE, AMOUNT) else None
        if column in item.differs:
            return found["different"]
        is_marked = item.state == MatchState.SUGGESTED and column in (STATE, AMOUNT)
        return found["suggested"] if is_marked else None

    def _pair_colour(self, item: Aligned, column: int) -> QColor | QBrush | None:
        if column != PAIR_STATE or item.state == MatchState.MATCHED:
            return None
        return colours(self.palette())[str(item.state)]
