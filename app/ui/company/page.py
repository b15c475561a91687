"""Conexiones: the targets, who they say we are, and the sandbox to try things on."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QPushButton, QVBoxLayout, QWidget

from app import telling
from app.company import connecting, settings
from app.company.addresses import parted
from app.company.settings import ConnectionSettings
from app.documents import left_out
from app.translation import translate
from app.ui.company.company_dialog import CompanyDialog
from app.ui.company.connection_form import CERTIFICATE, ConnectionForm
from app.ui.company.field_owners import FieldsDialog
from app.ui.company.policy import RulesDialog
from app.ui.company.sign_in import CertificateDialog, HelpDialog, LogInDialog
from app.ui.icons import put
from app.ui.plain import plain
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.tasks import Progress
from app.ui.widgets import Hint, Title, primary, row
from connectors.contract import Capabilities
from connectors.documents import Identity
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.systems import LIMIT_TEXTS, SYSTEMS
from connectors.transport import fingerprint, server_certificate


class ConnectionsPage(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._model = RowsModel(
            [
                Column(self.tr("Name"), lambda item: item.name),
                Column(self.tr("System"), lambda item: SYSTEMS[item.system].title),
                Column(self.tr("Address"), lambda item: item.url),
                Column(self.tr("Database"), lambda item: item.database),
                Column(self.tr("User"), lambda item: item.user),
            ],
            self,
        )
        self.table = Table(self._model, self.tr("Connections"))
        self.form = ConnectionForm()
        self.test = QPushButton(self.tr("Test selected"))
        self.remove = QPushButton(self.tr("Remove…"))
        self.company = QPushButton(self.tr("Company…"))
        self.fields = QPushButton(self.tr("Owners of fields…"))
        self.rules = QPushButton(self.tr("Rules of the company…"))
        self.try_sandbox = QPushButton(self.tr("Try with the sandbox"))
        for button, name in (
            (self.test, "plug"),
            (self.remove, "x"),
            (self.company, "user"),
            (self.fields, "list-details"),
            (self.rules, "user"),
            (self.try_sandbox, "puzzle"),
        ):
            put(button, name)
        primary(self.form.save)
        self.status = Hint(self.tr("Secrets are kept by the operating system, never in files."))
        self._lay_out()
        for button, step in (
            (self.form.save, self._save),
            (self.form.log_in, self._log_in),
            (self.form.help, self._help),
            (self.form.certificate, self._ask_certificate),
            (self.company, lambda: CompanyDialog(session, self).open()),
            (self.fields, lambda: FieldsDialog(session, self).open()),
        ):
            button.clicked.connect(step)
        self.test.clicked.connect(self._test)
        self.remove.clicked.connect(self._remove)
        self.try_sandbox.clicked.connect(self._start_sandbox)
        self.rules.clicked.connect(lambda: RulesDialog(session, self).open())
        self.table.selectionModel().selectionChanged.connect(self._fill)
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self._model.set_rows(self._session.connections())
        self.table.fit_columns()

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.addWidget(self.form)
        side.addStretch(1)
        body = QHBoxLayout()
        kept = QVBoxLayout()
        kept.addWidget(self.table, 1)
        kept.addLayout(row(1, self.test, self.remove))
        body.addLayout(kept, 1)
        body.addLayout(side)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.tr("Connections")))
        box.addLayout(row(self.company, self.fields, self.rules, 1, self.try_sandbox))
        box.addWidget(self.status)
        box.addLayout(body, 1)

    def _fill(self) -> None:
        selected = self.table.selected_rows()
        if selected:
            self.form.fill(selected[0])

    def _save(self) -> None:
        problem = self.form.problem()
        if problem:
            self.status.setText("▲ " + problem)
            return
        given, inside = self.form.settings(), parted(self.form.url.text()).password
        secret = self.form.secret.text() or inside
        entry = (
            connecting.client_entry(given.name)
            if self.form.chosen.has_client_secret
            else given.name
        )
        self.form.secret.clear()
        journal = self._session.journal
        work = lambda _: settings.add_connection(journal, given)  # noqa: E731
        self._session.tasks.run(
            work, lambda _: self._saved(given, entry, secret), writes=True, failed=self._failed
        )

    def _help(self) -> None:
        HelpDialog(self.form.chosen.name, self.form.chosen.title, self).open()

    def _log_in(self) -> None:
        """Through the browser, for a connection that is kept already."""
        name = self.form.name.text().strip()
        known = [item for item in self._session.connections() if item.name == name]
        if not known:
            self.status.setText("▲ " + self.tr("Save the connection first, then log in."))
            return
        provider = connecting.provider(
            known[0], connecting.client_secret_of(self._session.journal, known[0])
        )

        def logged_in(token: str) -> None:
            self._saved(known[0], name, token)
            self._test_connection(name)

        LogInDialog(self._session, SYSTEMS[known[0].system].title, provider, logged_in, self).open()

    def _ask_certificate(self) -> None:
        """Ask the server for its certificate and let a person decide."""
        name, url = self.form.name.text().strip(), self.form.url.text().strip()
        parts = urlsplit(url)

        def work(_: Progress) -> str:
            return server_certificate(parts.hostname or "", parts.port or 443)

        self._session.tasks.run(
            work, lambda pem: self._show_certificate(name, url, pem), failed=self._failed
        )

    def _show_certificate(self, name: str, url: str, pem: str) -> None:
        dialog = CertificateDialog(urlsplit(url).netloc, fingerprint(pem), self)
        dialog.accepted.connect(lambda: self._trust(name, url, pem))
        dialog.open()

    def _trust(self, name: str, url: str, pem: str) -> None:
        """For the connection that was asked about, whatever the form shows by now."""
        form = (self.form.name.text().strip(), self.form.url.text().strip())
        if form == (name, url):
            self.form.pin(pem)
        known = [
            item for item in self._session.connections() if (item.name, item.url) == (name, url)
        ]
        if not known:
            self._trusted()
            return
        pinned = replace(known[0], options={**known[0].options, CERTIFICATE: pem})
        journal = self._session.journal
        work = lambda _: settings.add_connection(journal, pinned)  # noqa: E731
        self._session.tasks.run(work, lambda _: self._trusted(), writes=True, failed=self._failed)

    def _trusted(self) -> None:
        self.status.setText("✓ " + self.tr("From now on exactly this certificate is trusted."))
        self._session.changed.emit()

    def _saved(self, given: ConnectionSettings, entry: str, secret: str) -> None:
        name = given.name
        kept = not secret or self._session.remember_secret(entry, secret, given.url)
        if secret and entry == connecting.client_entry(name):
            connecting.remember_client_secret(name, secret)
        if kept:
            self.status.setText("✓ " + self.tr("Connection {name} saved.").format(name=name))
        else:
            text = self.tr(
                "Connection {name} saved. This machine has no secret store: the secret is kept"
                " until the window closes."
            )
            self.status.setText("✓ " + text.format(name=name))
        self._session.changed.emit()

    def _test(self) -> None:
        selected = self.table.selected_rows()
        if not selected:
            self.status.setText(self.tr("Select a connection to test."))
            return
        self._test_connection(selected[0].name)

    def _remove(self) -> None:
        """One that was never used; what was sent through it stays on record."""
        selected = self.table.selected_rows()
        if not selected:
            self.status.setText(self.tr("Select a connection to take away."))
            return
        name, journal = selected[0].name, self._session.journal
        text = self.tr("Take away the connection {name}, with its map and its secret?")
        asked = QMessageBox.question(self, self.tr("Connections"), plain(text.format(name=name)))
        if asked != QMessageBox.StandardButton.Yes:
            return

        def done(_: None) -> None:
            text = self.tr("The connection {name} was taken away.").format(name=name)
            self.status.setText("✓ " + text)
            self._session.changed.emit()

        work = lambda _: connecting.remove(journal, name)  # noqa: E731
        self._session.tasks.run(work, done, writes=True, failed=self._failed)

    def _test_connection(self, name: str) -> None:
        target = self._session.connect_to(name, self)
        if target is None:
            return
        self.test.setEnabled(False)
        self.status.setText(self.tr("Asking {name}…").format(name=name))

        def work(_: Progress) -> tuple[Identity, Capabilities]:
            try:
                return target.identify(), target.capabilities
            finally:
                target.close()

        self._session.tasks.run(work, lambda found: self._tested(*found), failed=self._failed)

    def _tested(self, found: Identity, can: Capabilities) -> None:
        self.test.setEnabled(True)
        locked = found.locked_until
        lock = (
            self.tr("closed up to {day}").format(day=locked)
            if locked
            else self.tr("no period closed")
        )
        who = (
            self.tr("{user} in {company} ({server})")
            if found.user
            else self.tr("{company} ({server})")
        )
        who = who.format(user=found.user, company=found.company, server=found.server)
        limits = [f"• {translate('limits', LIMIT_TEXTS[name])}" for name in can.limits]
        without = ", ".join(left_out.names(can.leaves_out))
        if without:
            limits.append("• " + self.tr("Not sent to it: {names}.").format(names=without))
        if found.may_write is False:
            text = self.tr("▲ {user} may only read: every voucher would be refused.")
            limits.insert(0, text.format(user=found.user))
        self.status.setText("\n".join([f"✓ {who} · {found.currency} · {lock}", *limits]))

    def _failed(self, error: BaseException) -> bool:
        self.test.setEnabled(True)
        if told := telling.tell(error):
            self.status.setText("▲ " + told)
            return True
        if isinstance(error, settings.ConnectionInUse):
            text = self.tr(
                "Documents were sent to {name} at {url}. Use another name for another target."
            )
            self.status.setText("▲ " + text.format(name=self.form.name.text(), url=error))
            return True
        return False

    def _start_sandbox(self) -> None:
        given = ConnectionSettings(
            "sandbox", "sandbox", self._session.sandbox_url(), user=DEFAULT_USER
        )
        settings.add_connection(self._session.journal, given, moved=True)
        self._session.remember_secret("sandbox", DEFAULT_PASSWORD, given.url)
        self.status.setText(
            "✓ "
            + self.tr("The sandbox runs at {url} while this window is open.").format(url=given.url)
        )
        self._session.changed.emit()
