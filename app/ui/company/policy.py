"""The company's rules: what holds a file back, who may do what, and who is told when something is
wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.company import policy
from app.journal import roles
from app.journal.roles import ROLE_TEXTS, Role
from app.month_end import alerts
from app.translation import translate
from app.ui.mnemonics import Dialog
from app.ui.sending.document_dialogs import ask_reason
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.widgets import Hint, Title

GIVEN_ROLES = (Role.IMPORT, Role.PUSH, Role.SIGN, Role.ADMIN, Role.READ)


class RulesDialog(Dialog):
    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Rules of the company"))
        self.resize(800, 460)
        self._session = session
        self.status = Hint()
        self.tabs = QTabWidget()
        self.tabs.addTab(self._policy_page(), self.tr("Before sending"))
        self.tabs.addTab(self._roles_page(), self.tr("People"))
        self.tabs.addTab(self._alerts_page(), self.tr("Alerts"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(self.tr("Close"))
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(self.tabs, 1)
        box.addWidget(self.status)
        box.addWidget(buttons)

    def _policy_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        kept = policy.load(self._session.journal)
        self.choices: dict[str, QComboBox] = {}
        for name, known in policy.CHOICES.items():
            choice = QComboBox()
            for value in known:
                choice.addItem(translate("policy", policy.CHOICE_TEXTS[name, value]), value)
            choice.setCurrentIndex(known.index(getattr(kept, name)))
            self.choices[name] = choice
            box.addWidget(choice)
        self.save_policy = QPushButton(self.tr("Save…"))
        self.save_policy.setAutoDefault(False)
        self.save_policy.clicked.connect(self._save_policy)
        box.addStretch(1)
        box.addLayout(_right(self.save_policy))
        return page

    def _save_policy(self) -> None:
        journal = self._session.journal
        after = replace(
            policy.load(journal),
            **{name: choice.currentData() for name, choice in self.choices.items()},
        )
        reason = ask_reason(self, self.tr("Rules"), self.tr("Why are the rules changed?"))
        if reason:
            self._run(lambda: policy.change(journal, after, reason), lambda: None)

    def _roles_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        text = self.tr(
            "As long as nobody is listed everybody may do everything. Whoever lists the first"
            " becomes administrator."
        )
        box.addWidget(Hint(text))
        self._people = RowsModel(
            [
                Column(self.tr("Person"), lambda item: item[0]),
                Column(
                    self.tr("May"),
                    lambda item: ", ".join(
                        translate("roles", ROLE_TEXTS[r]) for r in sorted(item[1])
                    ),
                ),
            ],
            self,
        )
        self.people = Table(self._people, self.tr("People"))
        self.people.selectionModel().selectionChanged.connect(self._fill_person)
        box.addWidget(self.people, 1)
        self.person = QLineEdit()
        self.person.setPlaceholderText(self.tr("user or user@machine"))
        self.person.setMinimumWidth(200)
        self.person.setAccessibleName(self.person.placeholderText())
        line = QHBoxLayout()
        line.addWidget(self.person)
        self.roles = {role: QCheckBox(translate("roles", ROLE_TEXTS[role])) for role in GIVEN_ROLES}
        for check in self.roles.values():
            line.addWidget(check)
        self.give = QPushButton(self.tr("Save…"))
        self.give.setAutoDefault(False)
        self.give.clicked.connect(self._give)
        line.addWidget(self.give)
        box.addLayout(line)
        self._show_people()
        return page

    def _show_people(self) -> None:
        self._people.set_rows(sorted(roles.people(self._session.journal).items()))
        self.people.fit_columns()

    def _fill_person(self) -> None:
        chosen = self.people.selected_rows()
        if chosen:
            self.person.setText(chosen[0][0])
            for role, check in self.roles.items():
                check.setChecked(role in chosen[0][1])

    def _give(self) -> None:
        person = self.person.text().strip()
        held = [role for role, check in self.roles.items() if check.isChecked()]
        if not person:
            self.status.setText("▲ " + self.tr("Say who: the user of the operating system."))
            return
        reason = ask_reason(self, self.tr("People"), self.tr("Why are the roles changed?"))
        if reason:
            journal = self._session.journal
            self._run(lambda: roles.give(journal, person, held, reason), self._show_people)

    def _alerts_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        text = self.tr(
            "Alerts are shown on this desktop. They also go to these addresses, in the form of the"
            " apprise library: mailto://user:password@host, slack://…, msteams://…, tgram://… They"
            " are kept by the operating system, never in a file."
        )
        box.addWidget(Hint(text))
        self.addresses = QListWidget()
        self.addresses.setAccessibleName(self.tr("Addresses"))
        box.addWidget(self.addresses, 1)
        self.address = QLineEdit()
        self.address.setEchoMode(QLineEdit.EchoMode.Password)
        self.address.setPlaceholderText("mailto://…")
        self.address.setAccessibleName(self.tr("New address"))
        self.add = QPushButton(self.tr("Add"))
        self.remove = QPushButton(self.tr("Remove"))
        self.test = QPushButton(self.tr("Send a test"))
        line = QHBoxLayout()
        line.addWidget(self.address, 1)
        for button in (self.add, self.remove, self.test):
            button.setAutoDefault(False)
            line.addWidget(button)
        box.addLayout(line)
        self.add.clicked.connect(self._add_address)
        self.remove.clicked.connect(self._remove_address)
        self.test.clicked.connect(self._test)
        self._show_addresses()
        return page

    def _show_addresses(self) -> None:
        self.addresses.clear()
        self.addresses.addItems(
            [alerts.shown_address(text) for text in alerts.addresses(self._session.home)]
        )

    def _add_address(self) -> None:
        given = self.address.text().strip()
        if not given or not alerts.is_address(given):
            self.status.setText("▲ " + self.tr("That is not an address alerts can be sent to."))
            return
        self._keep([*alerts.addresses(self._session.home), given])

    def _remove_address(self) -> None:
        place = self.addresses.currentRow()
        kept = alerts.addresses(self._session.home)
        if place >= 0:
            self._keep(kept[:place] + kept[place + 1 :])

    def _keep(self, addresses: list[str]) -> None:
        if alerts.keep_addresses(self._session.home, addresses):
            self.address.clear()
            self.status.setText("")
        else:
            self.status.setText(
                "▲ " + self.tr("This machine has no secret store: the address was not kept.")
            )
        self._show_addresses()

    def _test(self) -> None:
        given = alerts.addresses(self._session.home)
        title, body = (
            translate("alerts", "Cuadre: a test"),
            translate("alerts", "Alerts arrive here."),
        )

        def done(failed: list[str]) -> None:
            text = self.tr("{sent} delivered, {failed} failed.")
            sign = "▲ " if failed else "✓ "
            self.status.setText(
                sign + text.format(sent=len(given) - len(failed), failed=len(failed))
            )

        self._session.tasks.run(lambda _: alerts.send(given, title, body), done)

    def _run(self, decision: Callable[[], object], after: Callable[[], None]) -> None:
        def done(_: object) -> None:
            self._session.changed.emit()
            self.status.setText("✓ " + self.tr("Saved."))
            after()

        def failed(error: BaseException) -> bool:
            told = telling.tell(error)
            self.status.setText("▲ " + told)
            return bool(told)

        self._session.tasks.run(lambda _: decision(), done, writes=True, failed=failed)


def _right(widget: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.addStretch(1)
    line.addWidget(widget)
    return line
