"""Conexiones: the targets, who they say we are, and the sandbox to try things on."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app import settings
from app.bridge.wording import LIMIT_TEXTS, error_text
from app.settings import SYSTEMS, ConnectionSettings
from app.translation import translate
from app.ui.rules import RulesDialog
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.tasks import Progress
from app.ui.widgets import Hint, Title, row
from connectors.contract import Capabilities
from connectors.documents import Identity
from connectors.errors import ConnectorError
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER

TITLES = {
    "odoo": "Odoo", "sap_b1": "SAP Business One", "siigo": "Siigo Nube", "xero": "Xero", "zoho": "Zoho Books",
    "sandbox": "Sandbox",
}  # fmt: skip


class ConnectionsPage(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._model = RowsModel(
            [
                Column(self.tr("Name"), lambda item: item.name),
                Column(self.tr("System"), lambda item: TITLES[item.system]),
                Column(self.tr("Address"), lambda item: item.url),
                Column(self.tr("Database"), lambda item: item.database),
                Column(self.tr("User"), lambda item: item.user),
            ],
            self,
        )
        self.table = Table(self._model, self.tr("Connections"))
        self.name, self.url, self.database = QLineEdit(), QLineEdit(), QLineEdit()
        self.user, self.secret, self.system = QLineEdit(), QLineEdit(), QComboBox()
        self.per_minute, self.per_day = QSpinBox(), QSpinBox()
        for box, most in ((self.per_minute, 100_000), (self.per_day, 10_000_000)):
            box.setRange(0, most)
            box.setMinimumHeight(self.name.sizeHint().height())
            box.setSpecialValueText(self.tr("no limit of our own"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.url.setPlaceholderText("https://…")
        for name in SYSTEMS:
            self.system.addItem(TITLES[name], name)
        self.save = QPushButton(self.tr("Save"))
        self.test = QPushButton(self.tr("Test selected"))
        self.rules = QPushButton(self.tr("Rules of the company…"))
        self.try_sandbox = QPushButton(self.tr("Try with the sandbox"))
        self.status = Hint(self.tr("Secrets are kept by the operating system, never in files."))
        self._lay_out()
        self.save.clicked.connect(self._save)
        self.test.clicked.connect(self._test)
        self.try_sandbox.clicked.connect(self._start_sandbox)
        self.rules.clicked.connect(lambda: RulesDialog(session, self).open())
        self.table.selectionModel().selectionChanged.connect(self._fill)
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self._model.set_rows(self._session.connections())
        self.table.fit_columns()

    def _lay_out(self) -> None:
        form_box = QGroupBox(self.tr("Connection"))
        form = QFormLayout(form_box)
        form.addRow(self.tr("Name:"), self.name)
        form.addRow(self.tr("System:"), self.system)
        form.addRow(self.tr("Address:"), self.url)
        form.addRow(self.tr("Database:"), self.database)
        form.addRow(self.tr("User:"), self.user)
        form.addRow(self.tr("Password or API key:"), self.secret)
        form.addRow(self.tr("Calls per minute:"), self.per_minute)
        form.addRow(self.tr("Calls per day:"), self.per_day)
        form.addRow(row(1, self.save))
        form_box.setFixedWidth(400)
        side = QVBoxLayout()
        side.addWidget(form_box)
        side.addStretch(1)
        body = QHBoxLayout()
        body.addWidget(self.table, 1)
        body.addLayout(side)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.tr("Connections")))
        box.addLayout(row(self.status, self.rules, self.try_sandbox, self.test))
        box.addLayout(body, 1)

    def _fill(self) -> None:
        selected = self.table.selected_rows()
        if selected:
            item: ConnectionSettings = selected[0]
            for edit, text in (
                (self.name, item.name), (self.url, item.url), (self.database, item.database), (self.user, item.user),
            ):  # fmt: skip
                edit.setText(text)
            self.system.setCurrentIndex(self.system.findData(item.system))
            self.per_minute.setValue(item.per_minute)
            self.per_day.setValue(item.per_day)
            self.secret.clear()

    def _save(self) -> None:
        name, url = self.name.text().strip(), self.url.text().strip()
        if not name or not url.startswith(("http://", "https://")):
            self.status.setText("▲ " + self.tr("A connection needs a name and an address that begins with https://."))
            return
        given = ConnectionSettings(
            name, self.system.currentData(), url, self.database.text().strip(), self.user.text().strip(),
            self.per_minute.value(), self.per_day.value(), self._kept_options(name),
        )  # fmt: skip
        secret = self.secret.text()
        self.secret.clear()
        journal = self._session.journal
        work = lambda _: settings.add_connection(journal, given)  # noqa: E731
        self._session.tasks.run(work, lambda _: self._saved(name, secret), writes=True, failed=self._failed)

    def _kept_options(self, name: str) -> Mapping[str, str]:
        """What was set on the command line for this connection stays."""
        known = [item for item in self._session.connections() if item.name == name]
        return known[0].options if known else {}

    def _saved(self, name: str, secret: str) -> None:
        kept = not secret or self._session.remember_secret(name, secret)
        if kept:
            self.status.setText("✓ " + self.tr("Connection {name} saved.").format(name=name))
        else:
            text = self.tr(
                "Connection {name} saved. This machine has no secret store: the secret is kept until the window closes."
            )
            self.status.setText("✓ " + text.format(name=name))
        self._session.changed.emit()

    def _test(self) -> None:
        selected = self.table.selected_rows()
        if not selected:
            self.status.setText(self.tr("Select a connection to test."))
            return
        target = self._session.connect_to(selected[0].name, self)
        if target is None:
            return
        self.test.setEnabled(False)
        self.status.setText(self.tr("Asking {name}…").format(name=selected[0].name))

        def work(_: Progress) -> tuple[Identity, Capabilities]:
            try:
                return target.identify(), target.capabilities
            finally:
                target.close()

        self._session.tasks.run(work, lambda found: self._tested(*found), failed=self._failed)

    def _tested(self, found: Identity, can: Capabilities) -> None:
        self.test.setEnabled(True)
        locked = found.locked_until
        lock = self.tr("closed up to {day}").format(day=locked) if locked else self.tr("no period closed")
        who = self.tr("{user} in {company} ({server})").format(
            user=found.user, company=found.company, server=found.server
        )
        limits = [f"• {translate('limits', LIMIT_TEXTS[name])}" for name in can.limits]
        self.status.setText("\n".join([f"✓ {who} · {found.currency} · {lock}", *limits]))

    def _failed(self, error: BaseException) -> bool:
        self.test.setEnabled(True)
        if isinstance(error, ConnectorError):
            self.status.setText("▲ " + error_text(error))
            return True
        if isinstance(error, settings.ConnectionInUse):
            text = self.tr("Documents were sent to {name} at {url}. Use another name for another target.")
            self.status.setText("▲ " + text.format(name=self.name.text(), url=error))
            return True
        return False

    def _start_sandbox(self) -> None:
        given = ConnectionSettings("sandbox", "sandbox", self._session.sandbox_url(), user=DEFAULT_USER)
        settings.add_connection(self._session.journal, given, moved=True)
        self._session.remember_secret("sandbox", DEFAULT_PASSWORD)
        self.status.setText(
            "✓ " + self.tr("The sandbox runs at {url} while this window is open.").format(url=given.url)
        )
        self._session.changed.emit()
