"""The rules a company matches by: which are used, which may confirm by themselves, how far they
reach; what they would do to the month is tried before they hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.matching.outcome import Rule
from app.matching.reasons import RULE_TEXTS, reason
from app.matching.rules import DEFAULT_RULES, MOST, NAMED, NEVER_AUTOMATIC, RuleSet, RuleSpec
from app.reconciling import runs, summaries
from app.reconciling.runs import Reconciliation
from app.reconciling.trial import Trial, try_rules
from app.translation import translate
from app.ui.mnemonics import Dialog
from app.ui.plain import Label
from app.ui.session import Session
from app.ui.widgets import Hint, Title, primary, row

USED, NAME, ALONE, DAYS, CENTS, PERCENT, ACCOUNT = range(7)
MOST_SHOWN = 6
PERCENT_DECIMALS = 4
_MOST_CENTS = 2_000_000_000


def ask_for_rules(
    session: Session,
    result: Reconciliation,
    page: QWidget,
    kept: Callable[[], None],
    failed: Callable[[BaseException], bool],
) -> None:
    """Show the company's rules over a page; they are tried on what is reconciled there. ``kept``:
    others hold now.
    """
    journal = session.journal

    def tries(rules: RuleSet) -> None:
        session.tasks.run(
            lambda _: try_rules(journal, *result.specs, rules, result.accounts),
            dialog.show_trial,
            failed=cannot,
        )

    def cannot(error: BaseException) -> bool:
        told = telling.tell(error) or str(error)
        dialog.told(told)
        return bool(told)

    def keep() -> None:
        rules, reason = dialog.chosen(), dialog.reason.text().strip()
        session.tasks.run(
            lambda _: runs.keep_rules(journal, rules, reason),
            lambda _: kept(),
            writes=True,
            failed=failed,
        )

    dialog = RulesEditor(runs.company_rules(journal), tries, page)
    dialog.accepted.connect(keep)
    dialog.open()


class RulesEditor(Dialog):
    """``tries`` gets rules and gives a trial to :meth:`show_trial`; :meth:`chosen` are the rules as
    the dialog says now.
    """

    def __init__(self, rules: RuleSet, tries: Callable[[RuleSet], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Rules of matching"))
        self.resize(900, 470)
        self._rules = rules
        unused = [one for one in DEFAULT_RULES if rules.first(one.kind) is None]
        self._specs = [*rules.rules, *unused]
        self.table = self._table(len(rules.rules))
        self.fee = QPushButton(self.tr("Add a fee or withholding"))
        self.try_button = QPushButton(self.tr("Try on this month"))
        for button in (self.fee, self.try_button):
            button.setAutoDefault(False)
        self.outcome = Hint(self.tr("Nothing changes before you keep them."))
        self.reason = QLineEdit()
        label = Label(self.tr("Why:"))
        label.setBuddy(self.reason)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        keep = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        keep.setText(self.tr("Let them hold"))
        primary(keep)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Cancel"))
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(self.table, 1)
        box.addLayout(row(self.fee, self.try_button, 1))
        box.addWidget(self.outcome)
        box.addLayout(row(label, self.reason))
        box.addWidget(self.buttons)
        self.fee.clicked.connect(self._add_fee)
        self.try_button.clicked.connect(lambda: self._try(tries))
        self.reason.textChanged.connect(lambda _: self._check())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._check()

    def chosen(self) -> RuleSet:
        found = [self._spec(place) for place, _ in enumerate(self._specs) if self._is_used(place)]
        return replace(self._rules, rules=tuple(found))

    def show_trial(self, trial: Trial) -> None:
        """What would come out, and the first of what would be otherwise."""
        text = self.tr("{title}: matched {matched}, suggested {suggested}, to explain {difference}")
        lines = [
            text.format(title=title, **summaries.summary(result))
            for title, result in (
                (self.tr("Now"), trial.before),
                (self.tr("By these"), trial.after),
            )
        ]
        for title, groups, result in (
            (self.tr("Matched besides"), trial.gained, trial.after),
            (self.tr("No longer matched"), trial.lost, trial.before),
        ):
            if groups:
                lines.append(f"{title}: {len(groups):,}")
                shown = groups[:MOST_SHOWN]
                lines += [f"  · {reason(one, result.left, result.right)}" for one in shown]
        self.outcome.setText("\n".join(lines))
        self.try_button.setEnabled(True)

    def told(self, text: str) -> None:
        """Why it cannot be tried."""
        self.outcome.setText(f"▲ {text}")
        self.try_button.setEnabled(True)

    def _try(self, tries: Callable[[RuleSet], None]) -> None:
        self.try_button.setEnabled(False)
        self.outcome.setText(self.tr("Working…"))
        tries(self.chosen())

    def _check(self) -> None:
        keep = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        keep.setEnabled(bool(self.reason.text().strip()))

    def _table(self, used: int) -> QTableWidget:
        table = QTableWidget(0, 7, self)
        table.setAccessibleName(self.windowTitle())
        table.setHorizontalHeaderLabels(
            [
                self.tr("Used"),
                self.tr("Rule"),
                self.tr("By itself"),
                self.tr("Days"),
                self.tr("Cents apart"),
                self.tr("Percent"),
                self.tr("Posted to"),
            ]
        )
        table.verticalHeader().hide()
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for place, spec in enumerate(self._specs):
            self._add_row(table, spec, place < used)
        return table

    def _add_row(self, table: QTableWidget, spec: RuleSpec, is_used: bool) -> None:
        line = table.rowCount()
        table.insertRow(line)
        words = translate("reconcile", RULE_TEXTS[spec.kind])
        item = QTableWidgetItem(_named(spec))
        if not spec.name:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        table.setItem(line, NAME, item)
        may_differ = spec.kind in NAMED
        for column, widget in (
            (USED, _ticked(is_used, self.tr("Used"), words)),
            (ALONE, _ticked(spec.automatic, self.tr("By itself"), words)),
            (DAYS, _number(spec.days, MOST["days"], self.tr("Days"), words)),
            (CENTS, _number(spec.cents, _MOST_CENTS, self.tr("Cents apart"), words)),
            (PERCENT, _percent(spec.percent, words)),
            (ACCOUNT, QLineEdit(spec.account)),
        ):
            table.setCellWidget(line, column, widget)
            if column == ALONE:
                widget.setEnabled(spec.kind not in NEVER_AUTOMATIC)
            if column in (CENTS, PERCENT, ACCOUNT):
                widget.setEnabled(may_differ)

    def _add_fee(self) -> None:
        """One whose percentage a person knows; it is named by its place until they name it."""
        name = f"{self.tr('fee')} {1 + sum(1 for one in self._specs if one.kind is Rule.FEE)}"
        spec = RuleSpec(Rule.FEE, name=name, automatic=False, days=31)
        self._specs.append(spec)
        self._add_row(self.table, spec, is_used=True)
        self.table.scrollToBottom()

    def _is_used(self, place: int) -> bool:
        return bool(self._cell(place, USED).isChecked())

    def _spec(self, place: int) -> RuleSpec:
        """What the widgets cannot show (a fifth decimal, a colon in a name) stays where nobody
        changed it.
        """
        spec = self._specs[place]
        item = self.table.item(place, NAME)
        text = item.text() if item is not None else ""
        is_renamed = bool(spec.name) and text != _named(spec)
        name = text.partition(":")[0].strip() if is_renamed else spec.name
        percent = Decimal(self._cell(place, PERCENT).cleanText().replace(",", "."))
        if percent == round(spec.percent, PERCENT_DECIMALS):
            percent = spec.percent
        return replace(
            spec,
            name=name or spec.name,
            automatic=self._cell(place, ALONE).isChecked(),
            days=self._cell(place, DAYS).value(),
            cents=self._cell(place, CENTS).value(),
            percent=percent,
            account=self._cell(place, ACCOUNT).text().strip(),
        )

    def _cell(self, place: int, column: int) -> Any:
        """The widget of a cell, of the kind its column has."""
        return self.table.cellWidget(place, column)


def _named(spec: RuleSpec) -> str:
    words = translate("reconcile", RULE_TEXTS[spec.kind])
    return f"{spec.name}: {words}" if spec.name else words


def _ticked(is_on: bool, name: str, rule: str) -> QCheckBox:
    box = QCheckBox()
    box.setChecked(is_on)
    box.setAccessibleName(f"{name}: {rule}")
    return box


def _number(value: int, most: int, name: str, rule: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, most)
    box.setValue(value)
    box.setAccessibleName(f"{name}: {rule}")
    return box


def _percent(value: Decimal, rule: str) -> QDoubleSpinBox:
    """What is typed is read as text: no binary float decides what a fee is."""
    box = QDoubleSpinBox()
    box.setDecimals(PERCENT_DECIMALS)
    box.setRange(0, 100)
    box.setValue(float(value))
    box.setAccessibleName(f"%: {rule}")
    return box
