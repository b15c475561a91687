"""The lines of both sides of a reconciliation in lock step: what differs is marked, what is
selected says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QSplitter

from app.matching.outcome import MatchState
from app.matching.proof import NO_ACCOUNT, chart_of_left
from app.matching.reasons import reason, why_open
from app.reconciling.runs import Reconciliation
from app.reconciling.words import category_text
from app.ui.reconciling.alignment import (
    AMOUNT,
    STATE,
    Aligned,
    LockStep,
    align,
    realigned,
    side_columns,
    state_symbol,
)
from app.ui.reconciling.line_texts import Texts, line_texts
from app.ui.reconciling.signing import sums
from app.ui.tables import RowsModel, Table, copy_rows
from app.ui.theme import colours

WIDEST = 128
_COPY = QKeySequence.StandardKey.Copy


class Lines(QSplitter):
    """``chosen``: other rows are selected. ``side`` is the one that was clicked or has the keyboard
    (0 left, 1 right).
    """

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.result: Reconciliation | None = None
        self.aligned: list[Aligned] = []
        self._chart: dict[str, str] = {}
        """What the left side calls accounts of the right one."""
        self.side = 0
        self._shown: tuple[str, str, str] = ("", "", "")
        self._places: Sequence[int] = range(0)
        self._texts: Texts | None = None
        self._order: tuple[int, int, bool] | None = None
        """Side, column and whether backwards, where a person sorted by a heading."""
        self.models = [self._model(place) for place in (0, 1)]
        self.tables = [
            Table(self.models[0], self.tr("Left side")),
            Table(self.models[1], self.tr("Right side")),
        ]
        self._lock_step = LockStep(*self.tables)
        self.setChildrenCollapsible(False)
        for table in self.tables:
            self.addWidget(table)
            table.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())
            for watched in (table, table.viewport()):
                watched.installEventFilter(self)
        for side, table in enumerate(self.tables):
            table.horizontalHeader().sectionClicked.connect(
                lambda column, side=side: self._sort_by(side, column)
            )
        self.setSizes([538, 462])

    def set_menu(self, menu: QMenu) -> None:
        """What a right click on a line offers."""
        for table in self.tables:
            table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            table.customContextMenuRequested.connect(
                lambda point, table=table: menu.popup(table.viewport().mapToGlobal(point))
            )

    def show_result(self, result: Reconciliation, aligned: list[Aligned] | None = None) -> None:
        """``aligned`` are its rows, where they were made already."""
        self.result = result
        self._order = self._texts = None
        for table in self.tables:
            table.horizontalHeader().setSortIndicatorShown(False)
        self._chart = chart_of_left(result.right, result.matching)
        self.aligned = align(result) if aligned is None else aligned
        self._places = self._in_order()
        for model in self.models:
            model.set_rows(self.aligned)
        for table in self.tables:
            table.fit_columns(WIDEST)
        self._lock_step.same_widths()

    def show_decided(self, result: Reconciliation) -> None:
        """What a decision left: widths, order and what is shown stay."""
        assert self.result is not None
        self.aligned = realigned(self.aligned, self.result, result)
        self.result = result
        self._places = self._in_order()
        for model in self.models:
            model.set_rows(self.aligned)

    def filter(self, state: str, account: str, words: str = "") -> None:
        """Show the lines of a state (``open``: to be decided), of an account, and with all of some
        words on one of their sides; all lines where everything is empty.
        """
        self._shown = (state, account, words)
        wanted = words.casefold().split()
        if wanted and self.result is not None and not self._fits(self._texts):
            self._texts = line_texts(self.result)
        rows = self.aligned
        shown = [
            place
            for place in self._places
            if self._is_shown(rows[place], state, account)
            and (not wanted or self._has(rows[place], wanted))
        ]
        is_all = self._order is None and not (state or account or wanted)
        for model in self.models:
            model.show_only(None if is_all else shown)

    def _sort_by(self, side: int, column: int) -> None:
        """By a heading of one side, backwards at the second click, as they came at the third. Both
        sides move together, and the line a person is at stays the one.
        """
        now = self._order
        is_same = now is not None and now[:2] == (side, column)
        self._order = None if is_same and now and now[2] else (side, column, is_same)
        kept = self.selected_rows()
        self._places = self._in_order()
        self.filter(*self._shown)
        for place, table in enumerate(self.tables):
            header = table.horizontalHeader()
            header.setSortIndicatorShown(self._order is not None and place == side)
            is_back = self._order is not None and self._order[2]
            order = Qt.SortOrder.DescendingOrder if is_back else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(column, order)
        if kept:
            self.tables[0].go_to(self.models[0].position_of(lambda row: row is kept[0]))

    def _in_order(self) -> Sequence[int]:
        """All places as a person sorted them. Lines without a value on this side come last,
        forwards and backwards.
        """
        places = range(len(self.aligned))
        if self._order is None:
            return places
        side, column, is_back = self._order
        one = self.models[side].columns[column]
        key = one.order or one.value
        has = [place for place in places if one.value(self.aligned[place])]
        lacks = [place for place in places if not one.value(self.aligned[place])]
        return [*sorted(has, key=lambda place: key(self.aligned[place]), reverse=is_back), *lacks]

    def _fits(self, texts: Texts | None) -> bool:
        """Whether texts are of the lines that are shown: a split makes others."""
        if texts is None or self.result is None:
            return False
        return texts.keys == (self.result.left.key, self.result.right.key)

    def take_texts(self, texts: Texts) -> None:
        """What is searched in, made beside the window."""
        if self._fits(texts):
            self._texts = texts
            if self._shown[2]:
                self.filter(*self._shown)

    def _has(self, item: Aligned, words: list[str]) -> bool:
        assert self._texts is not None
        left = self._texts.left[item.left] if item.left >= 0 else ""
        right = self._texts.right[item.right] if item.right >= 0 else ""
        return all(word in left or word in right for word in words)

    def _copy(self) -> None:
        """The selected lines with both sides, each heading with its side."""
        titles = [self.tr("Left"), self.tr("Right")]
        columns = [self.models[0].columns[0]]
        for title, model in zip(titles, self.models, strict=True):
            columns += [
                replace(column, title=f"{title}: {column.title}") for column in model.columns[1:]
            ]
        copy_rows(columns, self.selected_rows())

    def go_to_first(self) -> None:
        if self.models[0].rowCount():
            self.tables[0].go_to(0)

    @property
    def first_selected(self) -> int:
        """The first of the rows that are selected; else where a person is."""
        chosen = self.tables[self.side].selectionModel().selectedRows()
        rows = [index.row() for index in chosen]
        return min(rows, default=max(self.tables[self.side].currentIndex().row(), 0))

    def go_on_from(self, place: int) -> None:
        """To the next row to be decided, at or after a place; where there is none, to the last of
        those before it, or to what stands there.
        """
        model = self.models[0]
        rows = range(model.rowCount())
        after = (row for row in rows[place:] if model.row_at(row).undecided)
        before = (row for row in reversed(rows[:place]) if model.row_at(row).undecided)
        found = next(after, next(before, min(place, len(rows) - 1)))
        self.tables[0].go_to(found)

    def next_open(self, step: int) -> None:
        """To the next line to be decided, forwards (1) or backwards (-1)."""
        model, table = self.models[0], self.tables[0]
        place = table.currentIndex().row() + step
        while 0 <= place < model.rowCount():
            if model.row_at(place).undecided:
                table.go_to(place)
                return
            place += step

    def selected_rows(self) -> list[Aligned]:
        return self.tables[0].selected_rows() or self.tables[1].selected_rows()

    def said_of_selection(self) -> str:
        """Why the selected line stands as it does, or what several come to."""
        rows = self.selected_rows()
        if self.result is not None and len(rows) > 1:
            return sums(self.result, rows)
        return self._reason(rows[0]) if rows else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress):
            self.side = int(watched in (self.tables[1], self.tables[1].viewport()))
        is_pressed = event.type() == QEvent.Type.KeyPress
        if is_pressed and isinstance(event, QKeyEvent) and event.matches(_COPY):
            self._copy()
            return True
        return super().eventFilter(watched, event)

    def _is_shown(self, item: Aligned, state: str, account: str) -> bool:
        if state and not (item.undecided if state == "open" else item.state == state):
            return False
        if self.result is None or not account or len(self.result.proof.accounts) == 1:
            return True
        left, right = self.result.left, self.result.right
        codes = [left.account[item.left]] if item.left >= 0 else []
        codes += [right.account[item.right]] if item.right >= 0 else []
        return any((self._chart.get(code, code) or NO_ACCOUNT) == account for code in codes)

    def _model(self, place: int) -> RowsModel:
        words = {
            MatchState.MATCHED: self.tr("matched"),
            MatchState.SUGGESTED: self.tr("suggested"),
            MatchState.DIFFERENT: self.tr("different"),
            "only_left": self.tr("only left"),
            "only_right": self.tr("only right"),
        }
        titles = (
            self.tr("State"),
            self.tr("Date"),
            self.tr("Account"),
            self.tr("Reference"),
            self.tr("Amount"),
            self.tr("Text"),
        )
        columns = side_columns(place, titles, words, lambda: self.result)
        return RowsModel(
            columns,
            self,
            background=lambda item, column: self._colour(item, column, place),
            bold=lambda item, column: column in item.differs,
            tip=self._reason,
        )

    def _reason(self, item: Aligned) -> str:
        if self.result is None:
            return ""
        if item.group is not None:
            return (
                f"{state_symbol(item.state)}"
                f" {reason(item.group, self.result.left, self.result.right)}"
            )
        matching = self.result.matching
        side, index, open_lines = (
            (self.result.left, item.left, matching.why_left)
            if item.left >= 0
            else (self.result.right, item.right, matching.why_right)
        )
        if index in side.explained:
            return self.tr("{sign} Explained: {why}").format(
                sign=state_symbol(item.state), why=category_text(side.explained[index])
            )
        return (
            f"{state_symbol(item.state)} {why_open(open_lines[index], side)}"
            if index in open_lines
            else ""
        )

    def _colour(self, item: Aligned, column: int, place: int) -> QColor | QBrush | None:
        found = colours(self.palette())
        if item.state in ("only_left", "only_right"):
            is_here = (item.left, item.right)[place] >= 0
            return found[str(item.state)] if is_here and column in (STATE, AMOUNT) else None
        if column in item.differs:
            return found["different"]
        is_marked = item.state == MatchState.SUGGESTED and column in (STATE, AMOUNT)
        return found["suggested"] if is_marked else None
