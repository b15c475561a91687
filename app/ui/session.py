"""What the pages share: the data home, its journal, the tasks, the secrets typed in this
session.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget

from app import secrets
from app.company import connecting, settings
from app.company.addresses import origin
from app.company.settings import ConnectionSettings
from app.journal import Journal
from app.ui.plain import plain
from app.ui.tasks import Tasks
from connectors.contract import Connector
from connectors.sandbox import SandboxServer, SandboxStore


class Session(QObject):
    """``changed`` is emitted after anything was written, so that every page can show it."""

    changed = Signal()

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.home = home
        self.journal: Journal = settings.open_journal(home)
        self.tasks = Tasks(self)
        self._typed: dict[tuple[str, str], str] = {}
        self._sandbox: SandboxServer | None = None

    def connections(self) -> list[ConnectionSettings]:
        return settings.connections(self.journal)

    def remember_secret(self, connection: str, secret: str, url: str) -> bool:
        """Keep a secret in the operating system's store, for this address; without a store, until
        the window closes.
        """
        self._typed[connection, origin(url)] = secret
        return secrets.store(self.home, connection, secret, origin(url))

    def secret(self, connection: str, parent: QWidget) -> str | None:
        """The connection's secret, asked for when nothing knows it; None when the person
        cancels.
        """
        kept = settings.find_connection(self.journal, connection)
        typed_for = connection, origin(kept.url)
        known = self._typed.get(typed_for) or connecting.secret_of(self.journal, kept)
        if known:
            return known
        title, prompt = (
            self.tr("Secret"),
            self.tr("Password or API key of {name}:").format(name=connection),
        )
        typed, accepted = QInputDialog.getText(
            parent, title, plain(prompt), QLineEdit.EchoMode.Password
        )
        if not accepted or not typed:
            return None
        self._typed[typed_for] = typed
        return typed

    def connect_to(self, connection: str, parent: QWidget) -> Connector | None:
        """A connector for the connection; None when its secret was not given."""
        secret = self.secret(connection, parent)
        if secret is None:
            return None
        return connecting.connect(
            settings.find_connection(self.journal, connection), secret, journal=self.journal
        )

    def sandbox_url(self) -> str:
        """The embedded ERP, started at the first call and served until the window closes."""
        if self._sandbox is None:
            self._sandbox = SandboxServer(SandboxStore(self.home / "sandbox-erp.db")).start()
        return self._sandbox.url

    def close(self) -> None:
        self.tasks.stop()
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox.store.close()
        self.journal.close()
