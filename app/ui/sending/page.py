"""Enviar: what stands in the way, the map, and the queue with its states."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import cast

from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QInputDialog,
    QMessageBox,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.company import policy, settings
from app.documents import FISCAL, left_out
from app.documents.obstacles import Obstacle, Problem
from app.journal import documents as journaled
from app.journal import outbox_rows
from app.journal.outbox import Intent
from app.journal.overrides import NotDecidable
from app.journal.rows import QueuedDocument
from app.sending import conflicts, maps, preflight, proposals, repeats
from app.sending import push as pushing
from app.sending import queue as queues
from app.sending.choosing import TargetNames
from app.sending.conflicts import Comparison
from app.sending.maps import Mapped
from app.sending.preflight import APPROVALS, Preflight
from app.sending.proposals import Unmapped
from app.sending.push import PushResult
from app.sending.repeats import Repeat
from app.ui.icons import put
from app.ui.plain import Label, plain
from app.ui.sending import columns
from app.ui.sending.document_dialogs import ComparisonDialog, StoryDialog, ask_reason
from app.ui.sending.mapping import MapTabs
from app.ui.sending.repeats_dialog import RepeatsDialog
from app.ui.session import Session
from app.ui.tables import RowsModel, Table
from app.ui.tasks import Progress
from app.ui.theme import colours
from app.ui.widgets import ConnectionBox, Hint, TaskBar, Title, primary, row


class SendingPage(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown_at = 0.0
        self._checked_for = ""
        self._ready: Sequence[Intent] = ()
        """What the last check found ready for that connection."""
        self._repeats: list[Repeat] = []
        self.connection = ConnectionBox()
        self.connection.setMinimumWidth(200)
        self.check = QPushButton(self.tr("Check before sending"))
        self.send = primary(QPushButton(self.tr("Send")))
        self.contacts = QCheckBox(self.tr("Contacts too"))
        self.contacts.setToolTip(
            self.tr("Customers and suppliers of imported listings, before the vouchers.")
        )
        self.documents = QCheckBox(self.tr("Invoices and payments too"))
        self.documents.setToolTip(
            self.tr(
                "Imported CFDI and documents of the DIAN: invoices, credit notes, payments, their"
                " customers and suppliers, and the files themselves."
            )
        )
        self.retry = QPushButton(self.tr("Retry now"))
        self.skip = QPushButton(self.tr("Skip…"))
        self.compare = QPushButton(self.tr("Compare…"))
        self.story = QPushButton(self.tr("Story"))
        self.compare_held = QPushButton(self.tr("Compare…"))
        self.let_go = QPushButton(self.tr("Let it go…"))
        self.status = Hint(self.tr("Check first: it says everything at once and sends nothing."))
        self.bar = TaskBar()
        self._queue = RowsModel(columns.queue(), self, background=self._queue_colour, tip=_tip)
        self._obstacles = RowsModel(columns.obstacles(), self)
        self.queue = Table(self._queue, self.tr("Queue"), sortable=True)
        self.obstacles = Table(self._obstacles, self.tr("Obstacles"), sortable=True)
        self.tabs = QTabWidget()
        for button, name in (
            (self.check, "list-details"),
            (self.send, "send"),
            (self.retry, "refresh"),
            (self.skip, "x"),
            (self.compare, "arrows-exchange"),
            (self.compare_held, "arrows-exchange"),
            (self.story, "clock"),
            (self.let_go, "check"),
        ):
            put(button, name)
        self._lay_out()
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        self.check.clicked.connect(self._check)
        self.send.clicked.connect(lambda _=False: self._ask_and_send())
        self.retry.clicked.connect(self._retry)
        self.skip.clicked.connect(self._skip)
        self.compare.clicked.connect(lambda: self._compare())  # noqa: PLW0108 - the signal brings an argument
        self.story.clicked.connect(self._tell)
        self.let_go.clicked.connect(self._let_go)
        self.compare_held.clicked.connect(self._compare_held)
        self.queue.activated.connect(lambda _: self._tell())
        self.mapping.told.connect(self.status.setText)
        self.mapping.accepted.connect(self._accepted)
        self.connection.currentTextChanged.connect(self._choose)
        self._session.changed.connect(self.refresh)

    def _choose(self) -> None:
        """What was found for one target says nothing of another."""
        if self._checked_for != self.connection.currentText():
            self._checked_for = ""
            self._obstacles.set_rows([])
            self.mapping.forget()
            self.tabs.setTabText(1, self.tr("Obstacles"))
            self.status.setText(
                self.tr("Check first: it says everything at once and sends nothing.")
            )
        self.refresh()

    def refresh(self) -> None:
        names = [item.name for item in self._session.connections()]
        self.connection.show_names(names)
        for button in (self.check, self.send):
            button.setEnabled(bool(names))
        self._shown_at = 0.0
        self._show_queue()
        self.mapping.refresh(self.connection.currentText())
        if not names:
            self.status.setText(self.tr("Add a connection first, on the Connections page."))

    def _show_queue(self) -> None:
        """The queue as it stands; at most once a second while it is being sent."""
        now = time.monotonic()
        if now - self._shown_at < 1.0:
            return
        self._shown_at = now
        rows = outbox_rows.queue(self._session.journal, self.connection.currentText())
        is_first = not self._queue.rows
        self.queue.show_rows(rows, lambda row: row.external_ref)
        if is_first:
            self.queue.fit_columns(230, wider={4: 470})
        self.tabs.setTabText(0, self.tr("Queue ({count})").format(count=len(rows)))

    def _lay_out(self) -> None:
        queue_page, obstacle_page = QWidget(), QWidget()
        for page, table, buttons in (
            (queue_page, self.queue, (self.story, self.compare, self.skip, self.retry)),
            (obstacle_page, self.obstacles, (self.compare_held, self.let_go)),
        ):
            around = QVBoxLayout(page)
            around.setContentsMargins(0, 6, 0, 0)
            around.addWidget(table, 1)
            around.addLayout(row(1, *buttons))
        self.tabs.addTab(queue_page, self.tr("Queue"))
        self.tabs.addTab(obstacle_page, self.tr("Obstacles"))
        self.mapping = MapTabs(self._session, self, self.tabs, self._failed)
        label = Label(self.tr("Target:"))
        label.setBuddy(self.connection)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.tr("Send")))
        box.addLayout(row(label, self.connection, 1, self.check, self.send))
        box.addLayout(row(self.contacts, self.documents, 1))
        box.addWidget(self.status)
        box.addWidget(self.tabs, 1)
        box.addWidget(self.bar)
        self.send.setDefault(True)

    def _check(self) -> None:
        name = self.connection.currentText()
        target = self._session.connect_to(name, self)
        if target is None:
            return
        journal = self._session.journal
        also, fiscal = self._also(), self.documents.isChecked()
        self.check.setEnabled(False)
        self.status.setText(self.tr("Checking…"))

        def work(_: Progress) -> tuple[Preflight, list[Unmapped], list[Mapped]]:
            try:
                found = preflight.check(journal, name, target, also=also)
                lacking = proposals.unmapped(journal, name, target, fiscal=fiscal)
                return found, lacking, maps.mapped(journal, name, TargetNames(target))
            finally:
                target.close()

        def checked(found: tuple[Preflight, list[Unmapped], list[Mapped]]) -> None:
            self._checked(name, *found)

        self._session.tasks.run(work, checked, failed=self._failed)

    def _also(self) -> list[str]:
        """The kinds of documents that go on request and were asked for."""
        contacts = ("contact",) if self.contacts.isChecked() else ()
        return [*contacts, *(FISCAL if self.documents.isChecked() else ())]

    def _checked(
        self, name: str, found: Preflight, unmapped: list[Unmapped], mapped: list[Mapped]
    ) -> None:
        self.check.setEnabled(True)
        if name != self.connection.currentText():
            return
        self._checked_for, self._ready = name, found.intents
        self._show_obstacles(found)
        self.mapping.show_lacking(name, unmapped, mapped)
        text = self.tr("{ready} ready to send, {already} already there, {held} held back.")
        said = text.format(
            ready=len(found.intents), already=len(found.already), held=len(found.held)
        )
        without = [left_out.text_of(*what) for what in sorted(found.left_out)]
        self.status.setText("\n".join([said, *(f"▲ {words}" for words in without)]))
        if unmapped:
            self.mapping.go_to_lacking()
        elif found.obstacles:
            self.tabs.setCurrentIndex(1)

    def _show_obstacles(self, found: Preflight) -> None:
        rows: list[Obstacle] = list(found.obstacles.values())
        self._repeats = found.repeats
        self._obstacles.set_rows(rows)
        self.obstacles.fit_columns(560)
        self.tabs.setTabText(1, self.tr("Obstacles ({count})").format(count=len(rows)))

    def _accepted(self, text: str) -> None:
        self.status.setText(text)
        self._check()

    def _ask_and_send(self) -> None:
        """What the check found is named with its sum before it goes; without a check nothing is
        known of it.
        """
        name = self.connection.currentText()
        if self._checked_for == name and self._ready:
            text = self.tr("Send {count} documents to {name}?")
            said = text.format(count=f"{len(self._ready):,}", name=name)
            entries = [one for one in self._ready if one.kind == "entry"]
            if entries:
                debits = sum((_debit(one) for one in entries), Decimal(0))
                more = self.tr("{count} of them are vouchers of {amount} in debits.")
                amount = f"{debits:,.2f} {settings.currency(self._session.journal)}".strip()
                said += "\n" + more.format(count=f"{len(entries):,}", amount=amount)
            asked = QMessageBox.question(self, self.tr("Send"), plain(said))
            if asked != QMessageBox.StandardButton.Yes:
                return
        self._send()

    def _send(self, again: list[QueuedDocument] | None = None) -> None:
        name = self.connection.currentText()
        target = self._session.connect_to(name, self)
        if target is None:
            return
        journal = self._session.journal
        also = self._also()
        self.send.setEnabled(False)
        self.status.setText(self.tr("Sending…"))

        def work(progress: Progress) -> PushResult:
            for item in again or []:
                with contextlib.suppress(NotDecidable):  # another sender has it
                    conflicts.retry(journal, name, item.external_ref)
            try:
                return pushing.push(journal, name, target, also=also, progress=progress)
            finally:
                target.close()

        task = self._session.tasks.run(work, self._sent, writes=True, failed=self._failed)
        task.progressed.connect(self._show_queue)
        self.bar.follow(task)

    def _sent(self, result: PushResult) -> None:
        self._ready = ()
        self._session.changed.emit()
        self.send.setEnabled(True)
        self._show_obstacles(result.preflight)
        if not result.sent:
            self.status.setText(
                "▲ "
                + self.tr(
                    "Nothing was sent: the map is incomplete. Press Check to see what is missing."
                )
            )
            return
        text = self.tr(
            "Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain"
            " {uncertain} · waiting {waiting}"
        )
        said = [("✓ " if result.clean else "▲ ") + text.format(**vars(result))]
        if result.looked_up:
            text = self.tr("{count} looked up before their first sending, {seconds} s")
            seconds = f"{result.look_up_seconds:.1f}"
            said.append(text.format(count=result.looked_up, seconds=seconds))
        self.status.setText(" · ".join(said))
        self.tabs.setCurrentIndex(0)

    def _retry(self) -> None:
        chosen = [item for item in self.queue.selected_rows() if item.state != "confirmed"]
        if chosen:
            self._send(chosen)
        else:
            self.status.setText(self.tr("Select documents of the queue that are not confirmed."))

    def _skip(self) -> None:
        chosen = [
            item
            for item in self.queue.selected_rows()
            if item.state in ("queued", "rejected", "conflict")
        ]
        if not chosen:
            self.status.setText(
                self.tr("Select documents that wait, were refused or are in conflict.")
            )
            return
        reason = ask_reason(self, self.tr("Skip"), self.tr("Why is it not to be sent?"))
        if reason:
            name, journal = self.connection.currentText(), self._session.journal

            def skip_all() -> None:
                for item in chosen:
                    conflicts.skip(journal, name, item.external_ref, reason)

            self._decide(skip_all)

    def _compare(self, number: str = "", reference: str = "") -> None:
        chosen = self.queue.selected_rows()
        if not (reference or chosen):
            self.status.setText(self.tr("Select a document of the queue."))
            return
        reference = reference or chosen[0].external_ref
        name, journal = self.connection.currentText(), self._session.journal
        target = self._session.connect_to(name, self)
        if target is None:
            return

        def work(_: Progress) -> Comparison:
            try:
                return conflicts.compare(journal, name, target, reference, number)
            finally:
                target.close()

        self._session.tasks.run(
            work, lambda found: self._show_comparison(reference, number, found), failed=self._failed
        )

    def _compare_held(self) -> None:
        """The document an obstacle is about, where it is about one: what changed after it was
        sent.
        """
        if self._decide_repeats():
            return
        chosen: list[Obstacle] = [
            item for item in self.obstacles.selected_rows() if len(item.documents) == 1
        ]
        if chosen:
            self._compare("", chosen[0].documents[0].partition(" (L")[0])
        else:
            self.status.setText(self.tr("Select an obstacle that is about one document."))

    def _decide_repeats(self) -> bool:
        """Ask about what was probably sent already, where such an obstacle is selected."""
        chosen: list[Obstacle] = self.obstacles.selected_rows()
        if not chosen or chosen[0].problem is not Problem.SENT_ALREADY:
            return False
        name, journal = self.connection.currentText(), self._session.journal
        those = [repeat for repeat in self._repeats if repeat.change == chosen[0].what]

        def same(reason: str) -> None:
            self._decide(
                lambda: repeats.take_as_sent(journal, name, those, reason), self._check_again
            )

        def other(reason: str) -> None:
            self._decide(
                lambda: repeats.tell_apart(journal, name, those, reason), self._check_again
            )

        RepeatsDialog(those, same, other, self).open()
        return True

    def _check_again(self) -> None:
        self._session.changed.emit()
        self._check()

    def _show_comparison(self, reference: str, number: str, found: Comparison) -> None:
        name, journal = self.connection.currentText(), self._session.journal

        def link(_: str, reason: str) -> None:
            target = self._session.connect_to(name, self)
            if target is None:
                return

            def decide() -> None:
                try:
                    conflicts.link(journal, name, target, reference, number, reason)
                finally:
                    target.close()

            self._decide(decide)

        def skip(reason: str) -> None:
            self._decide(lambda: conflicts.skip(journal, name, reference, reason))

        def corrected(reason: str) -> None:
            target = self._session.connect_to(name, self)
            if target is None:
                return

            def decide() -> None:
                try:
                    conflicts.corrected(journal, name, target, reference, reason)
                finally:
                    target.close()

            self._decide(decide, self._check_again)

        def look_up(other: str) -> None:
            self._compare(other, reference)

        ComparisonDialog(reference, found, link, skip, look_up, corrected, self).open()

    def _decide(
        self, decision: Callable[[], object], then: Callable[[], object] | None = None
    ) -> None:
        def done(_: object) -> None:
            (then or self._session.changed.emit)()

        self._session.tasks.run(lambda _: decision(), done, writes=True, failed=self._failed)

    def _tell(self) -> None:
        chosen = self.queue.selected_rows()
        if chosen:
            StoryDialog(chosen[0].external_ref, self._session, self).open()
        else:
            self.status.setText(self.tr("Select a document of the queue."))

    def _let_go(self) -> None:
        if self._decide_repeats():
            return
        chosen: list[Obstacle] = [
            item for item in self.obstacles.selected_rows() if item.problem in APPROVALS
        ]
        if not chosen:
            self.status.setText(
                self.tr(
                    "Select a file that errors, warnings, repeated folios or a missing approval"
                    " hold back."
                )
            )
            return
        counting = self._counting_file(chosen[0])
        if counting == 0:
            return
        reason = ask_reason(self, self.tr("Let it go"), self.tr("Why may it be sent all the same?"))
        if not reason:
            return
        journal, problem, references = self._session.journal, chosen[0].problem, chosen[0].documents

        def approve() -> None:
            batches = [counting] if counting else journaled.newest_batches(journal, references)
            for batch in batches:
                policy.approve(journal, batch, APPROVALS[problem], reason)

        self._decide(approve, self._check_again)

    def _counting_file(self, obstacle: Obstacle) -> int | None:
        """The batch a person says counts, of several that bring the same folios; 0 where they do
        not say, None where that is not the question.
        """
        if obstacle.problem is not Problem.FOLIO_TWICE:
            return None
        copies = journaled.of_reference(self._session.journal, obstacle.documents[0])
        names = {f"{row.name} ({row.batch_id})": row.batch_id for row in reversed(copies)}
        prompt = self.tr("Which file's vouchers count? The others' are not sent.")
        chosen, accepted = QInputDialog.getItem(
            self, self.tr("Repeated folios"), prompt, list(names), 0, False
        )
        return names[chosen] if accepted else 0

    def _failed(self, error: BaseException) -> bool:
        self.refresh()
        told = telling.tell(error)
        if told:
            self.status.setText("▲ " + told)
            QMessageBox.warning(self, self.tr("Sending"), plain(told))
            return True
        self.status.setText("")
        return False

    def _queue_colour(self, item: QueuedDocument, _: int) -> QColor | None:
        found = colours(self.palette())
        return {
            "rejected": found["error"],
            "conflict": found["error"],
            "uncertain": found["warning"],
        }.get(item.state)


def _debit(intent: Intent) -> Decimal:
    """What the lines of a voucher come to on their debit side, in its currency."""
    lines = cast(Sequence[Sequence[str]], intent.payload.get("lines", ()))
    return sum((Decimal(line[1]) for line in lines), Decimal(0))


def _tip(item: QueuedDocument) -> str:
    return "\n".join(filter(None, (queues.next_step(item), item.error_words, item.remote_changes)))
