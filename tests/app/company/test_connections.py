"""A connection nobody used can be taken away; one that was used is part of the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import keyring
import pytest
from keyring.backend import KeyringBackend

from app import secrets
from app.company import connecting, settings
from app.company.addresses import origin
from app.company.settings import ConnectionSettings, ConnectionUsed
from app.documents.maps import Link, MapKind, Maps
from app.journal import Journal, cursors, derived, ledger_proposals, roles, verification
from app.journal.roles import NotAllowed, Role
from app.journal.store import who
from app.sending import maps
from app.sending.pull import pull
from connectors.sandbox import SandboxConnector, SandboxServer
from tests.app.conftest import Run

URL = "https://erp.example"


class Store(KeyringBackend):
    """A secret store in memory."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


@pytest.fixture
def mistaken(journal: Journal) -> Journal:
    """A connection somebody named wrongly, with a link of a map, polled once."""
    settings.add_connection(journal, ConnectionSettings("oddo", "odoo", URL, "db", "ana"))
    maps.save(journal, "oddo", [Link(MapKind.ACCOUNT, "105", "105.01")])
    cursors.note(journal, "oddo", "entry", words="{}")
    return journal


def test_it_goes_with_its_map_and_its_secrets(mistaken: Journal) -> None:
    store = Store()
    keyring.set_keyring(store)
    assert mistaken.home is not None
    for secret in ("geheim", "x" * 5000):
        assert secrets.store(mistaken.home, "oddo", secret, origin(URL))
    assert secrets.store(mistaken.home, "otra", "bleibt", origin(URL))
    connecting.remove(mistaken, "oddo")
    assert settings.connections(mistaken) == []
    assert Maps.load(mistaken, "oddo").links == {}
    assert cursors.every(mistaken, "oddo") == []
    assert secrets.load(mistaken.home, "oddo", origin(URL)) is None and len(store.kept) == 1
    assert verification.verify(mistaken).ok
    derived.rebuild(mistaken)
    assert verification.verify(mistaken).ok


def test_the_same_name_may_come_again(mistaken: Journal) -> None:
    connecting.remove(mistaken, "oddo")
    settings.add_connection(mistaken, ConnectionSettings("oddo", "odoo", "https://other.example"))
    assert verification.verify(mistaken).ok
    with pytest.raises(LookupError):
        connecting.remove(mistaken, "nobody")


def test_what_was_read_or_sent_through_it_keeps_it(
    journal: Journal, sandbox: SandboxServer, connect: Callable[[], SandboxConnector]
) -> None:
    settings.add_connection(journal, ConnectionSettings("erp", "sandbox", sandbox.url))
    pull(journal, "erp", connect(), date(2026, 1, 1), date(2026, 1, 31))
    with pytest.raises(ConnectionUsed):
        connecting.remove(journal, "erp")
    assert [one.name for one in settings.connections(journal)] == ["erp"]


def test_what_was_proposed_out_of_it_keeps_it(mistaken: Journal) -> None:
    ledger_proposals.make(mistaken, "oddo", "po_1", {"amount": "1.00"})
    with pytest.raises(ConnectionUsed):
        connecting.remove(mistaken, "oddo")


def test_who_may_not_send_takes_none_away(mistaken: Journal) -> None:
    roles.give(mistaken, "jefa", frozenset(Role))
    roles.give(mistaken, who(), frozenset({Role.IMPORT}))
    with pytest.raises(NotAllowed):
        connecting.remove(mistaken, "oddo")


def test_from_the_command_line(mistaken: Journal, run: Run) -> None:
    assert run("connection", "remove", "nobody")[0] == 2
    status, said = run("connection", "remove", "oddo", "--json")
    assert (status, said["removed"]) == (0, "oddo")
    assert settings.connections(mistaken) == []
