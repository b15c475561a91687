"""Every link of the map, with the names of both sides: found, changed, taken away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.documents.maps import MapKind
from app.sending.maps import KIND_TEXTS, Mapped
from app.translation import translate
from app.ui.icons import put
from app.ui.tables import Column, RowsModel, Table
from app.ui.theme import colours
from app.ui.widgets import Hint, row

_TOGETHER = 5


class MappedLinks(QWidget):
    """``change`` and ``remove`` carry the link a person selected."""

    change = Signal(object)
    remove = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._model = RowsModel(
            [
                Column(self.tr("Kind"), lambda one: translate("map", KIND_TEXTS[one.link.kind])),
                Column(self.tr("Ours"), lambda one: one.link.source),
                Column(self.tr("Name"), lambda one: one.name),
                Column(self.tr("Counterpart"), lambda one: one.link.target),
                Column(self.tr("Its name"), lambda one: one.target_name),
                Column(
                    self.tr("Together"),
                    lambda one: f"▲ {one.together}" if one.together > 1 else "",
                    right=True,
                    order=lambda one: one.together,
                ),
                Column(
                    self.tr("Customer or supplier"),
                    lambda one: " ".join(filter(None, (one.link.partner, one.partner_name))),
                ),
            ],
            self,
            background=lambda one, column: (
                colours(self.palette())["warning"]
                if column == _TOGETHER and one.together > 1
                else None
            ),
        )
        self.table = Table(self._model, self.tr("Mapped codes"), sortable=True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search code or name…"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        self.said = Hint()
        self.change_button = QPushButton(self.tr("Change…"))
        self.remove_button = QPushButton(self.tr("Take away"))
        put(self.change_button, "edit")
        put(self.remove_button, "x")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 0, 0)
        box.addWidget(self.table, 1)
        last = row(self.search, self.said, self.change_button, self.remove_button)
        last.setStretch(0, 1)
        box.addLayout(last)
        self.search.textChanged.connect(self._filter)
        self.table.activated.connect(lambda _: self._ask(self.change))
        self.change_button.clicked.connect(lambda _=False: self._ask(self.change))
        self.remove_button.clicked.connect(lambda _=False: self._ask(self.remove))

    @property
    def links(self) -> Sequence[Mapped]:
        """All that are kept, shown or not."""
        return self._model.rows

    def show_links(self, links: Sequence[Mapped]) -> None:
        is_first = not self._model.rows
        self.table.show_rows(links, _key, self.search.text())
        if is_first:
            self.table.fit_columns(260)
        shared = {one.link.target for one in links if one.together > 1}
        text = self.tr("▲ %n account(s) of the target stand for several of ours", "", len(shared))
        self.said.setText(text if shared else "")

    def _filter(self) -> None:
        self.table.show_rows(self._model.rows, _key, self.search.text())

    def _ask(self, signal: object) -> None:
        chosen = self.table.selected_rows()
        if chosen:
            signal.emit(chosen[0])  # type: ignore[attr-defined]


def _key(one: Mapped) -> tuple[MapKind, str]:
    return one.link.kind, one.link.source
