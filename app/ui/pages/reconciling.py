"""Conciliar: two sides in lock step, aligned by match, differences marked, decisions taken and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PySide6.QtCore import QDate, QEvent, QObject, Qt
from PySide6.QtGui import QBrush, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QFileDialog,
    QLabel,
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.bridge import papers, reconciling, workbook
from app.bridge import pull as pulling
from app.bridge.reconciling import NoSuchAccount, Reconciliation, UnreadableSide
from app.bridge.wording import category_text, error_text, refused_decision
from app.bridge.workbook import State
from app.journal import reading
from app.reconcile.matching import MatchState
from app.reconcile.pdf import write_pdf
from app.reconcile.proof import NO_ACCOUNT
from app.reconcile.reasons import reason, why_open
from app.reconcile.report import write_report
from app.translation import render, translate
from app.ui.accounts import Accounts
from app.ui.alignment import Aligned, LockStep, align, side_columns, state_symbol
from app.ui.deciding import Deciding
from app.ui.documents import ask_reason
from app.ui.session import Session
from app.ui.tables import RowsModel, Table
from app.ui.tasks import Progress
from app.ui.theme import colours
from app.ui.widgets import Hint, TaskBar, Title, row
from app.ui.workbook import NEXT, next_step, proof_text, sums
from connectors.errors import ConnectorError


class ReconcilingPage(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.result: Reconciliation | None = None
        self._chosen: set[QComboBox] = set()
        self._files: list[str] = []
        self.left, self.right = QComboBox(), QComboBox()
        self.start, self.end = QDateEdit(), QDateEdit()
        self.run_button = QPushButton(self.tr("Reconcile"))
        self.pull_button = QPushButton(self.tr("Read target's books"))
        self.filter = QComboBox()
        self.accept_button = QPushButton(self.tr("Accept"))
        self.part_button = QPushButton(self.tr("Take apart"))
        self.explain_button = QPushButton(self.tr("Explain…"))
        self.more_button = QPushButton(self.tr("More"))
        self.accounts_button = QPushButton(self.tr("By account"))
        self.account_button = QPushButton()
        self.undo_button, self.redo_button = QPushButton(self.tr("Undo")), QPushButton(self.tr("Redo"))
        self.step_button = QPushButton(next_step(State.OPEN))
        self.report_button = QPushButton(self.tr("Working paper…"))
        self.proof = QLabel()
        self.reason = Hint()
        self.bar = TaskBar()
        self._aligned: list[Aligned] = []
        self._models = [self._model(place) for place in (0, 1)]
        self.tables = [
            Table(self._models[0], self.tr("Left side")),
            Table(self._models[1], self.tr("Right side")),
        ]
        self._lock_step = LockStep(*self.tables)
        self.accounts = Accounts()
        self._views = QStackedWidget()
        self._account = ""
        self._side = 0
        self._said = ""
        self.deciding = Deciding(
            session,
            self,
            lambda: self.result,
            self.tables[0].selected_rows,
            lambda: self._side,
            self._failed,
            self._told,
        )
        self.deciding.menu.addSeparator()
        self.alone_action = self.deciding.menu.addAction(self.tr("Reconcile this account on its own"))
        self.alone_action.setEnabled(False)
        self.more_button.setMenu(self.deciding.menu)
        self.accounts_button.setCheckable(True)
        self.account_button.hide()
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Offer what can be a side now; keep what a person chose, else offer the newest batch and its target."""
        batches = [row for row in reading.batches(self._session.journal) if row.state == "complete"]
        sides = [(f"batch:{row.id}", f"{row.name}  (batch:{row.id})") for row in batches]
        pulls = [
            (f"pull:{item.name}", self.tr("books of {name}").format(name=item.name))
            for item in self._session.connections()
        ]
        for box, offered in ((self.left, [*sides, *pulls]), (self.right, [*pulls, *sides])):
            kept = box.currentData()
            box.blockSignals(True)
            box.clear()
            for spec, text in [*offered, *((path, Path(path).name) for path in self._files)]:
                box.addItem(text, spec)
            box.addItem(self.tr("a file…"), "")
            place = box.findData(kept) if kept and box in self._chosen else -1
            box.setCurrentIndex(max(place, 0))
            box.blockSignals(False)
            if place < 0 and box is self.left:
                self._take_dates()

    def _take_dates(self) -> None:
        """The months of the batch on the left are the ones to read from the target."""
        spec = str(self.left.currentData() or "")
        dates = reading.batch_dates(self._session.journal, int(spec[6:])) if spec.startswith("batch:") else None
        if dates:
            start, end = (QDate.fromString(text, "yyyy-MM-dd") for text in dates)
            self.start.setDate(QDate(start.year(), start.month(), 1))
            self.end.setDate(QDate(end.year(), end.month(), end.daysInMonth()))

    def run(self, left: str, right: str, accounts: Sequence[str] = ()) -> None:
        """Reconcile two sides, or some accounts of them, and show them."""
        files = [spec for spec in (left, right) if not spec.startswith(("batch:", "pull:"))]
        if new := [path for path in files if path not in self._files]:
            self._files += new
            self.refresh()
        for box, spec in ((self.left, left), (self.right, right)):
            place = box.findData(spec)
            if place >= 0:
                box.setCurrentIndex(place)
                self._chosen.add(box)
        self._set_busy(True)
        journal = self._session.journal
        task = self._session.tasks.run(
            lambda _: reconciling.reconcile(journal, left, right, accounts=accounts),
            self.show_result,
            writes=True,
            failed=self._failed,
        )
        self.bar.follow(task)

    def show_result(self, result: Reconciliation) -> None:
        self.result = result
        self._aligned = align(result)
        for model in self._models:
            model.set_rows(self._aligned)
        for table in self.tables:
            table.fit_columns(128)
        self._lock_step.same_widths()
        self.accounts.show_result(result)
        if self._account not in {row.account for row in result.proof.accounts} or result.accounts:
            self._account = ""
        self._set_busy(False)
        self._show_account()
        self._filter()
        self._show_proof()
        self.step_button.setText(next_step(result.standing.state))
        if self._aligned:
            self.tables[0].go_to(0)
        if self._said:
            self.reason.setText(self._said)
        self._said = ""
        self._session.changed.emit()

    def _model(self, place: int) -> RowsModel:
        words = {
            MatchState.MATCHED: self.tr("matched"),
            MatchState.SUGGESTED: self.tr("suggested"),
            MatchState.DIFFERENT: self.tr("different"),
            "only_left": self.tr("only left"),
            "only_right": self.tr("only right"),
        }
        titles = (
            self.tr("State"), self.tr("Date"), self.tr("Account"), self.tr("Reference"), self.tr("Amount"),
            self.tr("Text"),
        )  # fmt: skip
        columns = side_columns(place, titles, words, lambda: self.result)
        return RowsModel(
            columns, self, background=lambda item, column: self._colour(item, column, place),
            bold=lambda item, column: column in item.differs, tip=self._reason_text,
        )  # fmt: skip

    def _lay_out(self) -> None:
        for edit, day in ((self.start, _first_of_last_month()), (self.end, _last_of_last_month())):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("dd/MM/yyyy")
            edit.setDate(day)
        for text, state in (
            (self.tr("everything"), ""),
            (self.tr("to decide"), "open"),
            (self.tr("matched"), "matched"),
            (self.tr("suggested"), "suggested"),
            (self.tr("different"), "different"),
            (self.tr("only left"), "only_left"),
            (self.tr("only right"), "only_right"),
        ):
            self.filter.addItem(text, state)
        for box in (self.left, self.right):
            box.setMinimumWidth(200)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        for table in self.tables:
            split.addWidget(table)
        split.setSizes([538, 462])
        self._shown_label = QLabel(self.tr("Show:"))
        labels = [QLabel(self.tr("Left:")), QLabel(self.tr("Right:")), self._shown_label]
        for label, buddy in zip(labels, (self.left, self.right, self.filter), strict=True):
            label.setBuddy(buddy)
        box = QVBoxLayout(self)
        box.addLayout(row(Title(self.tr("Reconcile")), 1, self.start, QLabel("–"), self.end, self.pull_button))
        top = row(labels[0], self.left, labels[1], self.right, self.run_button)
        top.setStretch(1, 1)
        top.setStretch(3, 1)
        box.addLayout(top)
        self.proof.setTextFormat(Qt.TextFormat.RichText)
        self.proof.setWordWrap(True)
        summary = row(self.proof, self.account_button, self.accounts_button)
        summary.setStretch(0, 1)
        box.addLayout(summary)
        box.addLayout(
            row(
                labels[2],
                self.filter,
                1,
                self.accept_button,
                self.part_button,
                self.explain_button,
                self.more_button,
                self.undo_button,
                self.redo_button,
            )
        )
        for view in (split, self.accounts):
            self._views.addWidget(view)
        box.addWidget(self._views, 1)
        bottom = row(self.reason, self.report_button, self.step_button)
        bottom.setStretch(0, 1)
        box.addLayout(bottom)
        box.addWidget(self.bar)

    def _connect(self) -> None:
        self.run_button.clicked.connect(self._run_chosen)
        self.pull_button.clicked.connect(self._pull)
        self.left.currentIndexChanged.connect(self._take_dates)
        for box in (self.left, self.right):
            box.activated.connect(lambda _, box=box: self._chosen.add(box))
        self.filter.currentIndexChanged.connect(self._filter)
        for button, decide in (
            (self.accept_button, self.deciding.accept), (self.part_button, self.deciding.part),
            (self.explain_button, self.deciding.explain), (self.undo_button, self.deciding.undo),
            (self.redo_button, self.deciding.redo),
        ):  # fmt: skip
            button.clicked.connect(lambda _=False, decide=decide: decide())
        self.alone_action.triggered.connect(lambda _=False: self._alone())
        for button, keys in (
            (self.accept_button, "Ctrl+Return"), (self.part_button, "Ctrl+D"), (self.explain_button, "Ctrl+E"),
            (self.undo_button, "Ctrl+Z"), (self.redo_button, "Ctrl+Y"),
        ):  # fmt: skip
            sequence = QKeySequence(keys)
            button.setShortcut(sequence)
            button.setToolTip(sequence.toString(QKeySequence.SequenceFormat.NativeText))
        self.deciding.began.connect(lambda: self._set_busy(True))
        self.deciding.decided.connect(self._again)
        self.deciding.told.connect(self.reason.setText)
        self.accounts_button.toggled.connect(self._show_accounts)
        self.accounts.asked.connect(self._only_account)
        self.account_button.clicked.connect(lambda: self._only_account(""))
        for table in self.tables:
            table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            table.customContextMenuRequested.connect(
                lambda point, table=table: self.deciding.menu.popup(table.viewport().mapToGlobal(point))
            )
            for watched in (table, table.viewport()):
                watched.installEventFilter(self)
        self.step_button.clicked.connect(self._step)
        self.report_button.clicked.connect(self._report)
        self._session.changed.connect(self.refresh)
        for table in self.tables:
            table.selectionModel().selectionChanged.connect(lambda *_: self._show_reason())
        for keys, step in ((QKeySequence("F3"), 1), (QKeySequence("Shift+F3"), -1)):
            QShortcut(keys, self).activated.connect(lambda step=step: self._next_open(step))

    def _run_chosen(self) -> None:
        sides = [box.currentData() or self._choose_file() for box in (self.left, self.right)]
        if all(sides):
            self.run(sides[0], sides[1])

    def _choose_file(self) -> str:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a side"), "")
        return name

    def _pull(self) -> None:
        spec = str(self.right.currentData() or "")
        name = spec.partition(":")[2] if spec.startswith("pull:") else ""
        if not name:
            self.reason.setText(self.tr("Choose the books of a connection on the right side first."))
            return
        target = self._session.connect_to(name, self)
        if target is None:
            return
        days = sorted((_python_date(self.start.date()), _python_date(self.end.date())))
        journal = self._session.journal
        self.pull_button.setEnabled(False)

        def work(progress: Progress) -> pulling.Pulled:
            try:
                return pulling.pull(journal, name, target, *days, progress=lambda count: progress(count, 0))
            finally:
                target.close()

        self.bar.follow(self._session.tasks.run(work, self._pulled, writes=True, failed=self._failed))

    def _pulled(self, result: pulling.Pulled) -> None:
        self.pull_button.setEnabled(True)
        text = self.tr("{lines} ledger lines read.").format(lines=f"{result.lines:,}")
        if result.refused:
            text += " ▲ " + self.tr("The target did not hand out its trial balance: {words}").format(
                words=result.refused
            )
        self.reason.setText(text)
        self._session.changed.emit()

    def _filter(self) -> None:
        wanted = self.filter.currentData()
        shown = [place for place, item in enumerate(self._aligned) if self._is_shown(item, wanted)]
        for model in self._models:
            model.show_only(None if len(shown) == len(self._aligned) else shown)

    def _is_shown(self, item: Aligned, wanted: str) -> bool:
        if wanted and not (item.undecided if wanted == "open" else item.state == wanted):
            return False
        if self.result is None or not self._account or len(self.result.proof.accounts) == 1:
            return True
        return self._account in self._accounts_of(item)

    def _accounts_of(self, item: Aligned) -> set[str]:
        assert self.result is not None
        lines = ((self.result.left, item.left), (self.result.right, item.right))
        return {side.account[index] or NO_ACCOUNT for side, index in lines if index >= 0}

    def _show_accounts(self, shown: bool) -> None:
        self._views.setCurrentIndex(int(shown))
        lines_only = (
            self._shown_label, self.filter, self.accept_button, self.part_button, self.explain_button, self.more_button,
        )  # fmt: skip
        for widget in lines_only:
            widget.setVisible(not shown)
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
        self._filter()
        self._show_proof()
        if self._models[0].rowCount():
            self.tables[0].go_to(0)
        self._show_reason()

    def _set_busy(self, busy: bool) -> None:
        """Nothing is decided on lines that are being matched anew, nor of a signed month."""
        locked = busy or (self.result is not None and self.result.standing.state is State.SIGNED)
        self.run_button.setEnabled(not busy)
        self.step_button.setEnabled(not busy)
        for button in (self.accept_button, self.part_button, self.explain_button, self.undo_button, self.redo_button):
            button.setEnabled(not locked)
        self.deciding.lock(locked)

    def _show_account(self) -> None:
        alone = ", ".join(self.result.accounts) if self.result is not None else ""
        self.account_button.setText(self.tr("{account} ✕").format(account=self._account or alone))
        self.account_button.setToolTip(self.tr("Show the lines of all accounts again"))
        self.account_button.setVisible(bool(self._account or alone))
        self.alone_action.setEnabled(self._account not in ("", NO_ACCOUNT))

    def _alone(self) -> None:
        """The account that is shown as a reconciliation of its own, with its own steps and signature."""
        if self.result is not None and self._account:
            self.run(*self.result.specs, [self._account])

    def _show_proof(self) -> None:
        if self.result is not None:
            self.proof.setText(proof_text(self.result, self._account, self.palette()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remembers which side was clicked or has the keyboard: a line of it is what is split."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress):
            self._side = int(watched in (self.tables[1], self.tables[1].viewport()))
        return super().eventFilter(watched, event)

    def _step(self) -> None:
        """Prepared, reviewed, signed; or open again."""
        if self.result is None:
            return
        journal, result, state = self._session.journal, self.result, self.result.standing.state
        why = ""
        if state is State.SIGNED or (state is State.REVIEWED and not result.settled):
            why = ask_reason(self, next_step(state), self.tr("Why?"))
            if not why:
                return

        def work(_: Progress) -> None:
            if state is State.SIGNED:
                workbook.reopen(journal, result.identifier, why)
            else:
                reconciling.advance(journal, result, NEXT[state], why)

        self._session.tasks.run(work, lambda _: self._again(), writes=True, failed=self._failed)

    def _again(self, text: str = "") -> None:
        assert self.result is not None
        self._said = text
        self.run(*self.result.specs, self.result.accounts)

    def _report(self) -> None:
        if self.result is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Working paper"), "conciliacion.xlsx", "Excel (*.xlsx);;PDF (*.pdf)"
        )
        if not name:
            return
        result, journal = self.result, self._session.journal

        def work(_: Progress) -> None:
            found = papers.paper(journal, result)
            if name.lower().endswith(".pdf"):
                write_pdf(Path(name), found)
            else:
                write_report(Path(name), found)

        self._session.tasks.run(
            work, lambda _: self.reason.setText(self.tr("Written to {path}.").format(path=name)), failed=self._told
        )

    def _next_open(self, step: int) -> None:
        model, table = self._models[0], self.tables[0]
        place = table.currentIndex().row() + step
        while 0 <= place < model.rowCount():
            if model.row_at(place).undecided:
                table.go_to(place)
                return
            place += step

    def _show_reason(self) -> None:
        chosen = self.tables[0].selected_rows() or self.tables[1].selected_rows()
        if self.result is not None and len(chosen) > 1:
            self.reason.setText(sums(self.result, chosen))
        else:
            self.reason.setText(self._reason_text(chosen[0]) if chosen else "")

    def _reason_text(self, item: Aligned) -> str:
        if item.group is not None and self.result is not None:
            return f"{state_symbol(item.state)} {reason(item.group, self.result.left, self.result.right)}"
        if self.result is None:
            return ""
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
        return f"{state_symbol(item.state)} {why_open(open_lines[index], side)}" if index in open_lines else ""

    def _colour(self, item: Aligned, column: int, place: int) -> object:
        found = colours(self.palette())
        if item.state in ("only_left", "only_right"):
            present = (item.left, item.right)[place] >= 0
            hatched = QBrush(self.palette().mid().color(), Qt.BrushStyle.BDiagPattern)
            return found[str(item.state)] if present else hatched
        if column in item.differs:
            return found["different"]
        return found["suggested"] if item.state == MatchState.SUGGESTED else None

    def _failed(self, error: BaseException) -> bool:
        self._set_busy(False)
        self._said = ""
        self.pull_button.setEnabled(True)
        return self._told(error)

    def _told(self, error: BaseException) -> bool:
        """Whether the person was told in words what went wrong."""
        if isinstance(error, NoSuchAccount):
            text = translate("cli", "Neither side has an account that begins with {account}.")
            self.reason.setText("▲ " + text.format(account=error))
            return True
        if isinstance(error, UnreadableSide):
            text = (
                render(error.finding.message, "findings")
                if error.finding
                else self.tr("There is nothing to read there yet. Read the target's books first.")
            )
            QMessageBox.warning(self, self.tr("Reconcile"), f"{error.spec}\n{text}")
            return True
        if type(error) is LookupError:
            self.reason.setText("▲ " + self.tr("That is no longer there."))
            return True
        if told := refused_decision(error):
            self.reason.setText("▲ " + told)
            return True
        if isinstance(error, ConnectorError):
            QMessageBox.warning(self, self.tr("Reconcile"), error_text(error))
            return True
        if isinstance(error, OSError):
            QMessageBox.warning(self, self.tr("Reconcile"), f"{error.filename}\n{error.strerror}")
            return True
        return isinstance(error, KeyboardInterrupt)


def _first_of_last_month() -> QDate:
    today = QDate.currentDate()
    return QDate(today.year(), today.month(), 1).addMonths(-1)


def _last_of_last_month() -> QDate:
    today = QDate.currentDate()
    return QDate(today.year(), today.month(), 1).addDays(-1)


def _python_date(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
