"""Inicio: the four figures, how far the month is, each step with the fact that matters, and the
next thing to do.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.documents.obstacles import blocked_text
from app.money import show
from app.month_end import checklist
from app.month_end.checklist import Matched, Step, StepName, StepState
from app.reconciling.signing import State
from app.translation import language
from app.ui.icons import put
from app.ui.month_end.first_steps import FirstSteps
from app.ui.month_end.share_bar import ShareBar
from app.ui.month_end.step_card import StepCard
from app.ui.plain import Label, MarkedLabel, escaped
from app.ui.session import Session
from app.ui.tasks import Progress
from app.ui.theme import colours
from app.ui.widgets import ConnectionBox, Figure, Hint, Title, primary, row

PAGES = {
    StepName.FILES: "intake",
    StepName.BLOCKED: "intake",
    StepName.MAP: "sending",
    StepName.SENT: "sending",
    StepName.PULLED: "reconciling",
    StepName.RECONCILED: "reconciling",
    StepName.SIGNED: "reconciling",
}


Found = tuple[list[str], str, list[Step]]
"""The months there are, the one that is shown, and its steps."""


class ClosePage(QWidget):
    """``wanted`` names the page where a step is taken; ``shown``: how a month stands is there."""

    wanted = Signal(str)
    shown = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._asked = 0
        self._steps: list[Step] = []
        self._cards: list[StepCard] = []
        self.figures = [Figure() for _ in range(4)]
        self.title = Title("")
        self.period, self.connection = QComboBox(), ConnectionBox()
        self.period.setMinimumWidth(120)
        self.connection.setMinimumWidth(160)
        self.next = primary(QPushButton())
        put(self.next, "arrow-right")
        self.next.setEnabled(False)
        self.done, self.amount = Label(), MarkedLabel()
        self.done.setObjectName("cardTitle")
        self.bar, self.counts = ShareBar(), Hint()
        self.first_steps = FirstSteps()
        self.first_steps.hide()
        self.progress = QFrame()
        self.progress.setObjectName("card")
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self._lay_out()
        self.period.currentTextChanged.connect(lambda _: self._ask())
        self.connection.currentTextChanged.connect(lambda _: self._ask())
        self.next.clicked.connect(self._go_on)
        session.changed.connect(self.refresh)
        self.refresh()

    @property
    def month(self) -> str:
        """The month that is shown, in words."""
        return month_text(self.period.currentText())

    def refresh(self) -> None:
        self.connection.show_names([item.name for item in self._session.connections()])
        self._ask()

    def _ask(self) -> None:
        """How the month stands is read beside the window; of several questions the last counts."""
        self._asked += 1
        asked, journal = self._asked, self._session.journal
        wanted, connection = self.period.currentText(), self.connection.currentText()

        def work(_: Progress) -> Found:
            periods = checklist.months(journal)
            period = wanted if wanted in periods else next(iter(periods), "")
            return periods, period, checklist.checklist(journal, period, connection)

        def show(found: Found) -> None:
            if asked == self._asked:
                self._show(*found)

        self._session.tasks.run(work, show, failed=self._failed)

    def _failed(self, error: BaseException) -> bool:
        """Whether the person was told in words what went wrong."""
        told = telling.tell(error)
        if told:
            self.done.setText("▲ " + told)
        return bool(told)

    def _lay_out(self) -> None:
        labels = [Label(self.tr("Month:")), Label(self.tr("Target:"))]
        labels[0].setBuddy(self.period)
        labels[1].setBuddy(self.connection)
        head = row(self.title, 1, self.next)
        chosen = row(labels[0], self.period, labels[1], self.connection, 1)
        figures = QHBoxLayout()
        figures.setSpacing(10)
        for figure in self.figures:
            figures.addWidget(figure)
        inner = QVBoxLayout(self.progress)
        inner.setContentsMargins(14, 9, 14, 9)
        inner.addLayout(row(self.done, 1, self.amount))
        inner.addWidget(self.bar)
        inner.addWidget(self.counts)
        steps = QWidget()
        column = QVBoxLayout(steps)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._list)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(steps)
        self._of_a_month: list[QWidget] = []
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box = QVBoxLayout(self)
        box.setSpacing(10)
        box.addLayout(head)
        box.addLayout(chosen)
        box.addLayout(figures)
        box.addWidget(self.first_steps)
        box.addWidget(self.progress)
        box.addWidget(area, 1)
        box.addStretch(0)
        self._of_a_month = [*labels, self.period, self.connection, self.next, self.progress, area]

    def _show(self, periods: list[str], period: str, steps: list[Step]) -> None:
        self.period.blockSignals(True)
        self.period.clear()
        self.period.addItems(periods)
        self.period.setCurrentText(period)
        self.period.blockSignals(False)
        self._steps = steps
        begins = not periods and not self._session.connections()
        self.first_steps.setVisible(begins)
        for widget in self._of_a_month:
            widget.setVisible(not begins)
        month = month_text(period)
        text = self.tr("Close of {month}").format(month=month) if month else self.tr("Home")
        self.title.setText(text)
        self._show_cards()
        self._show_progress()
        step = self._next_step()
        if step is None:
            self.next.setText(self.tr("The month is closed"))
        else:
            self.next.setText(self.tr("Go on: {step}").format(step=self._title(step)))
        self.next.setEnabled(step is not None)
        self.shown.emit()

    def _show_cards(self) -> None:
        while len(self._cards) < len(self._steps):
            card = StepCard(len(self._cards) + 1)
            place = len(self._cards)
            card.asked.connect(lambda place=place: self._go(self._steps[place]))
            self._cards.append(card)
            self._list.addWidget(card)
        for place, card in enumerate(self._cards):
            card.setVisible(place < len(self._steps))
        for card, step in zip(self._cards, self._steps, strict=False):
            card.show_step(
                step.state,
                self._title(step),
                self._detail(step),
                self._button(step),
                self._state_text(step),
            )

    def _show_progress(self) -> None:
        done = sum(1 for item in self._steps if item.state is StepState.DONE)
        text = self.tr("{done} of {total} steps done")
        self.done.setText(text.format(done=done, total=len(self._steps)))
        step = next(one for one in self._steps if one.name is StepName.RECONCILED)
        found = step.matched
        for widget in (self.bar, self.counts, self.amount):
            widget.setVisible(found is not None)
        if found is None:
            return
        colour = colours(self.palette())
        shade = colour["good" if step.state is StepState.DONE else "bad"].name()
        words = escaped(self.tr("{amount} to explain").format(amount=show(step.amount)))
        self.amount.setText(f"<b style='color:{shade}'>{words}</b>")
        said = self._counts(found)
        self.counts.setText(said)
        self.bar.show_parts(
            [
                (found.matched, colour["good"]),
                (found.explained, colour["muted"]),
                (found.suggested + found.different, colour["accent"]),
                (found.only_left + found.only_right - found.explained, colour["attention"]),
            ],
            said,
        )

    def _counts(self, found: Matched) -> str:
        parts = [
            self.tr("{count} matched").format(count=f"{found.matched:,}"),
            self.tr("{count} suggested").format(count=f"{found.suggested:,}"),
        ]
        if found.different:
            parts.append(self.tr("{count} different").format(count=f"{found.different:,}"))
        for name, count in zip(found.sides, (found.only_left, found.only_right), strict=True):
            parts.append(self.tr("{count} only in {side}").format(count=f"{count:,}", side=name))
        if found.explained:
            parts.append(self.tr("{count} of them explained").format(count=f"{found.explained:,}"))
        return " · ".join(parts)

    def _next_step(self) -> Step | None:
        """The first that is not done. What is blocked waits until the others are: the rest of the
        month is not held up by it.
        """
        left = [step for step in self._steps if step.state is not StepState.DONE]
        others = [step for step in left if step.name is not StepName.BLOCKED]
        held = [step for step in left if step.name is StepName.BLOCKED]
        is_held = bool(held) and all(step.name is StepName.SIGNED for step in others)
        return next(iter(held if is_held else others), None)

    def _go_on(self) -> None:
        step = self._next_step()
        if step is not None:
            self._go(step)

    def _go(self, step: Step) -> None:
        self.wanted.emit(PAGES[step.name])

    def _title(self, step: Step) -> str:
        return {
            StepName.FILES: self.tr("Files of the month"),
            StepName.BLOCKED: self.tr("Documents without errors"),
            StepName.MAP: self.tr("Accounts and journals mapped"),
            StepName.SENT: self.tr("Documents sent and confirmed"),
            StepName.PULLED: self.tr("Target's books read after the last sending"),
            StepName.RECONCILED: self.tr("Reconciled to the cent"),
            StepName.SIGNED: self.tr("Reviewed and signed"),
        }[step.name]

    def _button(self, step: Step) -> str:
        if step.state is StepState.DONE:
            return self.tr("See")
        return {
            StepName.FILES: self.tr("Import…"),
            StepName.BLOCKED: self.tr("Look…"),
            StepName.MAP: self.tr("Map…"),
            StepName.SENT: self.tr("Send…"),
            StepName.PULLED: self.tr("Read…"),
            StepName.RECONCILED: self.tr("Reconcile…"),
            StepName.SIGNED: self.tr("Sign…"),
        }[step.name]

    def _state_text(self, step: Step) -> str:
        return {
            StepState.DONE: self.tr("done"),
            StepState.ATTENTION: self.tr("needs attention"),
            StepState.TODO: self.tr("to do"),
        }[step.state]

    def _detail(self, step: Step) -> str:
        say: Callable[[Step], str] = {
            StepName.FILES: self._files,
            StepName.BLOCKED: self._blocked,
            StepName.MAP: lambda one: self.tr("%n code(s) without a counterpart", "", one.done),
            StepName.SENT: lambda one: self.tr("{sent} of {total}").format(
                sent=f"{one.done:,}", total=f"{one.total:,}"
            ),
            StepName.PULLED: lambda one: self.tr("%n ledger line(s)", "", one.done),
            StepName.RECONCILED: self._reconciled,
            StepName.SIGNED: self._signed,
        }[step.name]
        return say(step)

    def _files(self, step: Step) -> str:
        said = self.tr("%n file(s)", "", step.done)
        broken = step.total - step.done
        more = self.tr("%n broke off", "", broken)
        return f"{said} · {more}" if broken else said

    def _blocked(self, step: Step) -> str:
        if not step.done:
            return self.tr("%n document(s)", "", step.total)
        text = self.tr("{blocked} blocked of {total}")
        said = text.format(blocked=f"{step.done:,}", total=f"{step.total:,}")
        named = "; ".join(f"{number}: {blocked_text(code)}" for number, code in step.blocked)
        more = " …" if step.done > len(step.blocked) else ""
        return f"{said}: {named}{more}"

    def _reconciled(self, step: Step) -> str:
        if step.matched is None:
            return self.tr("not run yet")
        if not step.matched.open:
            return self.tr("nothing is left to decide")
        return self.tr("%n line(s) to decide or to explain", "", step.matched.open)

    def _signed(self, step: Step) -> str:
        standing = step.standing
        if standing is None or standing.state is State.OPEN or not standing.by:
            return self.tr("nobody prepared it yet")
        words = {
            State.PREPARED.value: self.tr("prepared by {name}"),
            State.REVIEWED.value: self.tr("reviewed by {name}"),
            State.SIGNED.value: self.tr("signed by {name}"),
        }
        return " · ".join(words[state].format(name=name) for state, name in standing.by.items())


def month_text(period: str) -> str:
    """``2026-01`` as people say it in the current language; empty for none."""
    if not period:
        return ""
    year, month = period.split("-")
    name = QLocale(language()).standaloneMonthName(int(month))
    return f"{name} {year}"
