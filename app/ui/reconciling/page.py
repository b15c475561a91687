"""Conciliar: two sides in lock step, aligned by match, differences marked, decisions taken and
taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.matching.outcome import Stopped
from app.matching.proof import NO_ACCOUNT
from app.reconciling import in_place, papers, runs, signing, steps, summaries
from app.reconciling.runs import Reconciliation, UnreadableSide
from app.reconciling.signing import State
from app.sending import pull as pulling
from app.system_words import system_words
from app.translation import render, translate
from app.ui.icons import put
from app.ui.mnemonics import NO_LETTER
from app.ui.plain import Label, MarkedLabel, plain
from app.ui.reconciling.accounts import Accounts
from app.ui.reconciling.card import DecisionCard
from app.ui.reconciling.decisions import Deciding
from app.ui.reconciling.lines import Lines
from app.ui.reconciling.rows import Places, Rows, rows_of
from app.ui.reconciling.sides import Sides
from app.ui.reconciling.signing import NEXT, next_step, proof_text
from app.ui.reconciling.step_dialog import StepDialog
from app.ui.session import Session
from app.ui.steady import steady
from app.ui.tasks import Progress
from app.ui.widgets import TaskBar, row
from connectors.errors import ConnectorError


class ReconcilingPage(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.result: Reconciliation | None = None
        self.sides, self.lines, self.accounts = Sides(session), Lines(self._beside), Accounts()
        self.card = DecisionCard()
        self.filter = QComboBox()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search amount, reference, text…"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        self._typing = QTimer(self, singleShot=True, interval=200)
        self._later = QTimer(self, singleShot=True, interval=0)
        """Other pages are told once the lines are painted."""
        self.accept_button = QPushButton(self.tr("Accept"))
        self.part_button = QPushButton(self.tr("Take apart"))
        self.explain_button = QPushButton(self.tr("Explain…"))
        self.more_button = QPushButton(self.tr("More"))
        self.accounts_button = QPushButton(self.tr("By account"))
        self.pairs_button = QPushButton(self.tr("One table"))
        self.pairs_button.setCheckable(True)
        self.pairs_button.setShortcut(QKeySequence("Ctrl+T"))
        self.account_button = QPushButton()
        self.account_button.setProperty(NO_LETTER, True)
        self.undo_button, self.redo_button = (
            QPushButton(self.tr("Undo")),
            QPushButton(self.tr("Redo")),
        )
        self.step_button = QPushButton(next_step(State.OPEN))
        self.report_button = QPushButton(self.tr("Working paper…"))
        for button, name in (
            (self.accept_button, "check"),
            (self.part_button, "scissors"),
            (self.explain_button, "message-2"),
            (self.accounts_button, "list-details"),
            (self.pairs_button, "table"),
            (self.undo_button, "arrow-back-up"),
            (self.redo_button, "arrow-forward-up"),
            (self.step_button, "signature"),
            (self.report_button, "file-text"),
        ):
            put(button, name)
        self.proof = MarkedLabel()
        self.reason = self.card.said
        self.bar = TaskBar()
        self._views = QStackedWidget()
        self._account = self._said = ""
        self.deciding = Deciding(session, self, self.lines, self.card, self._failed, self._told)
        self.deciding.menu.addSeparator()
        self.alone_action = self.deciding.menu.addAction(
            self.tr("Reconcile this account on its own")
        )
        self.alone_action.setEnabled(False)
        self.more_button.setMenu(self.deciding.menu)
        self.lines.set_menu(self.deciding.menu)
        self.accounts_button.setCheckable(True)
        self.account_button.hide()
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        self.sides.refresh()

    def run(
        self, left: str, right: str, accounts: Sequence[str] = (), may_stop: bool = True
    ) -> None:
        """Reconcile two sides, or some accounts of them, and show them. What the journal says
        otherwise by now than what is shown may not be stopped: the old would be decided on.
        """
        self.sides.show_chosen((left, right))
        self._set_busy(True)
        journal = self._session.journal

        def work(progress: Progress) -> Rows:
            told = progress if may_stop else None
            with steady():
                result = runs.reconcile(journal, left, right, accounts=accounts, progress=told)
                return rows_of(result)

        task = self._session.tasks.run(work, self._show_rows, writes=True, failed=self._failed)
        self.bar.follow(task, may_stop)

    def show_result(self, result: Reconciliation) -> None:
        self._show_rows(rows_of(result))

    def _show_rows(self, rows: Rows) -> None:
        result = rows.result
        self.deciding.forget()
        self.lines.show_result(rows)
        self._show(result)
        self.lines.go_to_first()
        if self._said:
            self.reason.setText(self._said)
        self._said = ""
        self._later.start()

    def _show(self, result: Reconciliation) -> None:
        self.result = result
        self.accounts.show_result(result)
        if self._account not in {row.account for row in result.proof.accounts} or result.accounts:
            self._account = ""
        self._set_busy(False)
        self._count_states()
        self._show_account()
        self.step_button.setText(next_step(result.standing.state))

    def _states(self) -> tuple[tuple[str, str], ...]:
        """What can be shown alone, in words."""
        return (
            ("", self.tr("everything")),
            ("open", self.tr("to decide")),
            ("matched", self.tr("matched")),
            ("suggested", self.tr("suggested")),
            ("different", self.tr("different")),
            ("only_left", self.tr("only left")),
            ("only_right", self.tr("only right")),
        )

    def _count_states(self) -> None:
        """How many lines there are of each, beside its words."""
        rows = self.lines.rows
        for place, (state, text) in enumerate(self._states()):
            if rows is not None:
                self.filter.setItemText(place, f"{text} ({rows.counts[state]:,})")

    def _lay_out(self) -> None:
        for state, text in self._states():
            self.filter.addItem(text, state)
        self.filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._shown_label = Label(self.tr("Show:"))
        self._shown_label.setBuddy(self.filter)
        self.proof.setWordWrap(True)
        summary = row(self.proof, self.account_button, self.pairs_button, self.accounts_button)
        summary.setStretch(0, 1)
        for view in (self.lines, self.accounts):
            self._views.addWidget(view)
        bottom = row(self.bar, 1, self.report_button, self.step_button)
        box = QVBoxLayout(self)
        box.addWidget(self.sides)
        box.addLayout(summary)
        box.addLayout(
            row(
                self._shown_label,
                self.filter,
                self.search,
                1,
                self.accept_button,
                self.part_button,
                self.explain_button,
                self.more_button,
                self.undo_button,
                self.redo_button,
            )
        )
        box.addWidget(self._views, 1)
        box.addWidget(self.card)
        box.addLayout(bottom)

    def _connect(self) -> None:
        self.sides.asked.connect(self.run)
        self.sides.wanted.connect(self._pull)
        self.filter.currentIndexChanged.connect(self._filter)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self._typing.timeout.connect(self._filter)
        self._later.timeout.connect(self._session.changed.emit)
        for button, decide, keys in (
            (self.accept_button, self.deciding.accept, "Ctrl+Return"),
            (self.part_button, self.deciding.part, "Ctrl+D"),
            (self.explain_button, self.deciding.explain, "Ctrl+E"),
            (self.undo_button, self.deciding.undo, "Ctrl+Z"),
            (self.redo_button, self.deciding.redo, "Ctrl+Y"),
        ):
            button.clicked.connect(lambda _=False, decide=decide: decide())
            sequence = QKeySequence(keys)
            button.setShortcut(sequence)
            button.setToolTip(sequence.toString(QKeySequence.SequenceFormat.NativeText))
        self.alone_action.triggered.connect(lambda _=False: self._alone())
        self.deciding.began.connect(lambda: self._set_busy(True))
        self.deciding.decided.connect(self._again)
        self.deciding.edited.connect(self._edited)
        self.deciding.told.connect(self.reason.setText)
        self.deciding.sought.connect(self.search.setText)
        self.lines.asked.connect(self._asked)
        self.card.asked.connect(self._asked)
        self.pairs_button.toggled.connect(self.lines.show_pairs)
        self.accounts_button.toggled.connect(self._show_accounts)
        self.accounts.asked.connect(self._only_account)
        self.account_button.clicked.connect(lambda: self._only_account(""))
        self.step_button.clicked.connect(self._step)
        self.report_button.clicked.connect(self._report)
        self._session.changed.connect(self.refresh)
        self.lines.chosen.connect(self._show_reason)
        for place, step in ((QKeySequence("F3"), 1), (QKeySequence("Shift+F3"), -1)):
            QShortcut(place, self).activated.connect(lambda step=step: self.lines.next_open(step))

    def _pull(self, name: str, start: date, end: date) -> None:
        """Read the target's books of these days."""
        if not name:
            self.reason.setText(
                self.tr("Choose the books of a connection on the right side first.")
            )
            return
        target = self._session.connect_to(name, self)
        if target is None:
            return
        journal = self._session.journal
        self.sides.pull_button.setEnabled(False)

        def work(progress: Progress) -> pulling.Pulled:
            try:
                return pulling.pull(
                    journal, name, target, start, end, progress=lambda count: progress(count, 0)
                )
            finally:
                target.close()

        task = self._session.tasks.run(work, self._pulled, writes=True, failed=self._told)
        task.ended.connect(lambda: self.sides.pull_button.setEnabled(True))
        self.bar.follow(task)

    def _pulled(self, result: pulling.Pulled) -> None:
        text = self.tr("{lines} ledger lines read.").format(lines=f"{result.lines:,}")
        if result.refused:
            text += " ▲ " + self.tr(
                "The target did not hand out its trial balance: {words}"
            ).format(words=result.refused)
        if not result.whole:
            text += " ▲ " + translate("pull", pulling.PARTLY)
        self.reason.setText(text)
        self._session.changed.emit()

    def _filter(self) -> None:
        self.lines.filter(self.filter.currentData(), self._account, self.search.text())

    def _show_accounts(self, shown: bool) -> None:
        self._views.setCurrentIndex(int(shown))
        lines_only = (
            self._shown_label,
            self.filter,
            self.search,
            self.accept_button,
            self.part_button,
            self.explain_button,
            self.more_button,
            self.pairs_button,
        )
        for widget in lines_only:
            widget.setVisible(not shown)
        self.card.show_sides(not shown)
        if shown:
            self.reason.setText(self.tr("Enter or a double click shows the lines of an account."))
        else:
            self._show_reason()

    def _only_account(self, account: str) -> None:
        """The lines of one account; of all of them without one."""
        if not account and self.result is not None and self.result.accounts:
            self.run(*self.result.specs)
            return
        self._account = account
        self._show_account()
        self.accounts_button.setChecked(False)
        self.lines.go_to_first()
        self._show_reason()

    def _set_busy(self, busy: bool) -> None:
        """Nothing is decided on lines that are being matched anew, nor of a signed month."""
        locked = busy or (self.result is not None and self.result.standing.state is State.SIGNED)
        self.sides.run_button.setEnabled(not busy)
        self.step_button.setEnabled(not busy)
        for button in (
            self.accept_button,
            self.part_button,
            self.explain_button,
            self.undo_button,
            self.redo_button,
        ):
            button.setEnabled(not locked)
        self.deciding.lock(locked)

    def _show_account(self) -> None:
        """Lines, proof and buttons of the account that is chosen, or of all."""
        alone = ", ".join(self.result.accounts) if self.result is not None else ""
        self.account_button.setText(self.tr("{account} ✕").format(account=self._account or alone))
        self.account_button.setToolTip(self.tr("Show the lines of all accounts again"))
        self.account_button.setVisible(bool(self._account or alone))
        self.alone_action.setEnabled(self._account not in ("", NO_ACCOUNT))
        self._filter()
        if self.result is not None:
            self.proof.setText(proof_text(self.result, self._account, self.palette()))

    def show_colours(self) -> None:
        """In those of the window of now."""
        self._show_account()

    def _alone(self) -> None:
        """The account that is shown as a reconciliation of its own, with its own steps and
        signature.
        """
        if self.result is not None and self._account:
            self.run(*self.result.specs, [self._account])

    def _step(self) -> None:
        """Prepared, reviewed, signed; or open again."""
        if self.result is None:
            return
        dialog = StepDialog(self.result, self._session.journal.actor, self)
        result = self.result
        dialog.accepted.connect(lambda: self._take_step(result, dialog.reason))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_step(self, result: Reconciliation, why: str) -> None:
        journal, state = self._session.journal, result.standing.state

        def work(_: Progress) -> Reconciliation | None:
            if state is State.SIGNED:
                signing.reopen(journal, result.identifier, why)
                return None
            fresh = in_place.matched_anew(journal, result)
            if summaries.summary(fresh) != summaries.summary(result):
                return fresh
            steps.advance(journal, fresh, NEXT[state], why)
            return None

        def done(fresh: Reconciliation | None) -> None:
            if fresh is None:
                self._again()
                return
            self._said = self.tr(
                "Matched anew after your decisions, some lines came out otherwise: look at them,"
                " then take the step again."
            )
            self.show_result(fresh)

        self._session.tasks.run(work, done, writes=True, failed=self._failed)

    def _edited(self, rows: Rows, order: Places | None) -> None:
        """What a decision left, where the person was; the next line to be decided is selected."""
        place = self.lines.first_selected
        self.lines.show_decided(rows, order)
        self._show(rows.result)
        self.lines.go_on_from(place)
        self._show_reason()
        self._later.start()

    def _again(self, text: str = "") -> None:
        assert self.result is not None
        self._said = text
        self.run(*self.result.specs, self.result.accounts, may_stop=False)

    def _report(self) -> None:
        if self.result is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Working paper"), "conciliacion.xlsx", "Excel (*.xlsx);;PDF (*.pdf)"
        )
        if not name:
            return
        result, journal = self.result, self._session.journal

        written = papers.write_pdf if name.lower().endswith(".pdf") else papers.write_report
        self._session.tasks.run(
            lambda _: written(journal, result, Path(name)),
            lambda _: self.reason.setText(self.tr("Written to {path}.").format(path=name)),
            failed=self._told,
        )

    def _show_reason(self) -> None:
        ticks = self.lines.ticks
        said = self.tr("%n line(s) ticked", "", len(ticks.left) + len(ticks.right))
        self.reason.setText(said if ticks else self.lines.said_of_selection())
        if self.result is not None:
            self.card.show_rows(self.result, self.lines.selected_rows(), self.lines.ticks)

    def _beside(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Work for the lines that would hold the window up."""
        self._session.tasks.run(lambda _: work(), done)

    def _asked(self, name: str) -> None:
        """What a key at a line asks for."""
        does: dict[str, Callable[[], object]] = {
            "accept": self.accept_button.click,
            "explain": self.explain_button.click,
            "adjust": self.deciding.adjust_action.trigger,
            "tick": self.deciding.tick_action.trigger,
            "untick": self.lines.untick,
            "find": self.deciding.find,
            "other": self.card.turn,
            "other_back": lambda: self.card.turn(-1),
        }
        does[name]()

    def _failed(self, error: BaseException) -> bool:
        self._set_busy(False)
        self._said = ""
        return self._told(error)

    def _told(self, error: BaseException) -> bool:
        """Whether the person was told in words what went wrong."""
        if isinstance(error, UnreadableSide):
            text = (
                render(error.finding.message, "findings")
                if error.finding
                else self.tr("There is nothing to read there yet. Read the target's books first.")
            )
            QMessageBox.warning(self, self.tr("Reconcile"), plain(f"{error.spec}\n{text}"))
            return True
        if isinstance(error, Stopped):
            self.reason.setText(self.tr("Stopped; what was shown before stays."))
            return True
        if type(error) is LookupError:
            self.reason.setText("▲ " + self.tr("That is no longer there."))
            return True
        told = telling.tell(error)
        if isinstance(error, ConnectorError):
            QMessageBox.warning(self, self.tr("Reconcile"), plain(told))
            return True
        if told:
            self.reason.setText("▲ " + told)
            return True
        if isinstance(error, OSError):
            QMessageBox.warning(
                self, self.tr("Reconcile"), plain(f"{error.filename}\n{system_words(error)}")
            )
            return True
        return isinstance(error, KeyboardInterrupt)
