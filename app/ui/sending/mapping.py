"""The map of a connection in two tabs: codes without a counterpart, and every link that is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QTabWidget, QVBoxLayout, QWidget

from app import telling
from app.documents.maps import Link, MapKind
from app.sending import maps
from app.sending.choosing import TargetNames
from app.sending.maps import Mapped
from app.sending.proposals import Unmapped
from app.ui.icons import put
from app.ui.sending import columns
from app.ui.sending.counterpart_dialog import CounterpartDialog
from app.ui.sending.mapped import MappedLinks
from app.ui.session import Session
from app.ui.tables import RowsModel, Table
from app.ui.tasks import Progress
from app.ui.widgets import row

Lists = tuple[Mapping[str, str], Mapping[str, str]]
"""The names of a kind, and of partners, by the target's code."""


class MapTabs(QObject):
    """``told`` carries what the person is to know, ``accepted`` that suggestions were taken over:
    the rest is to be asked for anew.
    """

    told = Signal(str)
    accepted = Signal(str)

    def __init__(
        self,
        session: Session,
        page: QWidget,
        tabs: QTabWidget,
        failed: Callable[[BaseException], bool],
    ) -> None:
        """``failed`` answers whether it told the person."""
        super().__init__(page)
        self._session, self._page, self._tabs, self._failed = session, page, tabs, failed
        self.shown, self._asked = "", ""
        """The connection that is shown, and the one whose lacking codes are."""
        self._names: dict[str, dict[tuple[MapKind, str], str]] = {}
        """What each connection calls its own, as far as it was asked."""
        self.accept = QPushButton(self.tr("Take over what is sure"))
        self.edit = QPushButton(self.tr("Set counterpart…"))
        put(self.accept, "check")
        put(self.edit, "edit")
        self.model = RowsModel(columns.unmapped(), self)
        self.table = Table(self.model, self.tr("Codes without a counterpart"), sortable=True)
        self.links = MappedLinks()
        lacking = QWidget()
        inner = QVBoxLayout(lacking)
        inner.setContentsMargins(0, 6, 0, 0)
        inner.addWidget(self.table, 1)
        inner.addLayout(row(1, self.edit, self.accept))
        self._places = (
            tabs.addTab(lacking, self.tr("Map")),
            tabs.addTab(self.links, self.tr("Mapped")),
        )
        self.accept.clicked.connect(self._accept)
        self.edit.clicked.connect(self._edit)
        self.table.doubleClicked.connect(lambda _: self._edit())
        self.links.change.connect(self._change_link)
        self.links.remove.connect(self._remove_link)

    def show_lacking(self, name: str, lacking: Sequence[Unmapped], links: list[Mapped]) -> None:
        """What a check of a connection found, with the target's names."""
        self._asked = name
        self._names[name] = {
            **{(one.link.kind, one.link.target): one.target_name for one in links},
            **{(MapKind.PARTY, one.link.partner): one.partner_name for one in links},
        }
        self._show_links(links)
        self.model.set_rows(lacking)
        self.table.fit_columns()
        text = self.tr("Map ({count})").format(count=len(lacking))
        self._tabs.setTabText(self._places[0], text)

    def go_to_lacking(self) -> None:
        self._tabs.setCurrentIndex(self._places[0])

    def forget(self) -> None:
        """What was found for one target says nothing of another."""
        self._asked = ""
        self.model.set_rows([])
        self._tabs.setTabText(self._places[0], self.tr("Map"))

    def refresh(self, name: str) -> None:
        """The links that are kept, with the target's names as far as they were read before."""
        self.shown = name
        journal, known = self._session.journal, self._names.get(name, {})

        def show(links: list[Mapped]) -> None:
            if name == self.shown:
                self._show_links(
                    [
                        replace(
                            one,
                            target_name=known.get((one.link.kind, one.link.target), ""),
                            partner_name=known.get((MapKind.PARTY, one.link.partner), ""),
                        )
                        for one in links
                    ]
                )

        self._session.tasks.run(lambda _: maps.mapped(journal, name), show, failed=self._not_read)

    def set_link(self, name: str, item: Unmapped, link: Link) -> None:
        """Keep a link of a connection."""
        journal = self._session.journal

        def done(outdated: list[str]) -> None:
            self.model.set_rows([other for other in self.model.rows if other is not item])
            self._tell_outdated(outdated)

        work = lambda _: maps.save(journal, name, [link])  # noqa: E731
        self._session.tasks.run(work, done, writes=True, failed=self._failed)

    def _not_read(self, error: BaseException) -> bool:
        """Whether the person was told in words what went wrong. The page is not refreshed by it,
        which would ask again.
        """
        told = telling.tell(error)
        if told:
            self.told.emit("▲ " + told)
        return bool(told)

    def _show_links(self, links: list[Mapped]) -> None:
        self.links.show_links(links)
        text = self.tr("Mapped ({count})").format(count=len(links))
        self._tabs.setTabText(self._places[1], text)

    def _accept(self) -> None:
        rows = [self.model.row_at(place) for place in range(self.model.rowCount())]
        journal, name = self._session.journal, self._asked

        def done(count: int) -> None:
            self._session.changed.emit()
            text = self.tr("{count} suggestions taken over.").format(count=count)
            self.accepted.emit(text)

        work = lambda _: maps.accept_suggestions(journal, name, rows)  # noqa: E731
        self._session.tasks.run(work, done, writes=True, failed=self._failed)

    def _edit(self) -> None:
        selected = self.table.selected_rows()
        if not selected:
            self.told.emit(self.tr("Select a code of the map."))
            return
        self._choose_for(selected[0], self._asked)

    def _change_link(self, one: Mapped) -> None:
        link = one.link
        item = Unmapped(
            link.kind, link.source, one.name, 0, suggestion=link.target, partner=link.partner
        )
        self._choose_for(item, self.shown)

    def _choose_for(self, item: Unmapped, name: str) -> None:
        """The lists of the target are read while nobody waits; the choice is made from them."""
        target = self._session.connect_to(name, self._page)
        if target is None:
            return
        names = TargetNames(target)
        self.told.emit(self.tr("Reading the target's list…"))

        def work(_: Progress) -> Lists:
            try:
                by_party = item.kind is MapKind.ACCOUNT
                return names.of(item.kind), names.of(MapKind.PARTY) if by_party else {}
            finally:
                target.close()

        def choose(lists: Lists) -> None:
            self.told.emit("")
            set_ = lambda link: self.set_link(name, item, link)  # noqa: E731
            dialog = CounterpartDialog(
                item, *lists, resolve=names.resolved, chosen=set_, parent=self._page
            )
            dialog.open()

        self._session.tasks.run(work, choose, failed=self._failed)

    def _remove_link(self, one: Mapped) -> None:
        journal, name, link = self._session.journal, self.shown, one.link
        work = lambda _: maps.remove(journal, name, link.kind, link.source)  # noqa: E731
        self._session.tasks.run(work, self._tell_outdated, writes=True, failed=self._failed)

    def _tell_outdated(self, outdated: list[str]) -> None:
        """What was sent before with another counterpart."""
        self._session.changed.emit()
        if outdated:
            text = self.tr(
                "▲ {count} documents were sent before with another counterpart and stay so"
                " there: {first}"
            )
            first = ", ".join(outdated[:3])
            self.told.emit(text.format(count=len(outdated), first=first))
