"""Where a secret may travel, and to which server it belongs."""

from __future__ import annotations

from pathlib import Path

import keyring
import keyring.backend
import pytest
import sqlalchemy as sa

from app import secrets
from app.company import connecting, settings
from app.company.addresses import INSECURE_REASON, Insecure, origin, parted, refuse_insecure
from app.company.settings import ConnectionSettings
from app.journal import Journal


class Store(keyring.backend.KeyringBackend):
    """A store of the operating system that takes no more than Windows does."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            raise OSError("(1783, 'CredWrite', 'The stub received bad data')")
        self.kept[service, username] = password


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    kept = Store()
    monkeypatch.setattr(keyring, "get_keyring", lambda: kept)
    monkeypatch.setattr(keyring, "get_password", kept.get_password)
    monkeypatch.setattr(keyring, "set_password", kept.set_password)
    return kept


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://acme.odoo.com", "https://acme.odoo.com:443"),
        ("https://ACME.odoo.com/web?x=1", "https://acme.odoo.com:443"),
        ("https://acme.odoo.com:8443/", "https://acme.odoo.com:8443"),
        ("http://127.0.0.1:8069", "http://127.0.0.1:8069"),
        ("", ""),
        ("https://acme.mx:ocho", ""),
        ("https://[roto", ""),
        ("acme", ""),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, place: str) -> None:
    assert origin(url) == place


@pytest.mark.parametrize(
    ("text", "url", "user", "password"),
    [
        ("https://ana:s%40cret@acme.odoo.com/x", "https://acme.odoo.com/x", "ana", "s@cret"),
        ("https://ana@acme.odoo.com", "https://acme.odoo.com", "ana", ""),
        ("https://acme.odoo.com:8443", "https://acme.odoo.com:8443", "", ""),
        ("https://[roto", "https://[roto", "", ""),
        ("no es una dirección", "no es una dirección", "", ""),
    ],
)
def test_a_password_is_taken_out_of_an_address(
    text: str, url: str, user: str, password: str
) -> None:
    assert parted(text) == (url, user, password)


@pytest.mark.parametrize(
    ("url", "is_refused"),
    [
        ("http://erp.acme.mx", True),
        ("HTTP://erp.acme.mx:8069", True),
        ("http://192.168.1.20:8069", True),
        ("http://127.0.0.1.evil.mx", True),
        ("http://localhost:8069", False),
        ("http://127.0.0.1:8069", False),
        ("http://[::1]:8069", False),
        ("https://erp.acme.mx", False),
    ],
)
def test_an_open_address_beyond_this_machine_needs_a_reason(url: str, is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(Insecure):
            refuse_insecure(url)
        refuse_insecure(url, "the server has no certificate; both are in the same rack")
    else:
        refuse_insecure(url)


def test_an_open_address_is_neither_kept_nor_used(journal: Journal) -> None:
    given = ConnectionSettings("odoo", "odoo", "http://erp.acme.mx", "acme", "ana")
    with pytest.raises(Insecure):
        settings.add_connection(journal, given)
    with pytest.raises(Insecure):
        connecting.connect(given, "secret")
    reasoned = ConnectionSettings(
        "odoo", "odoo", "http://erp.acme.mx", "acme", "ana", options={INSECURE_REASON: "rack"}
    )
    settings.add_connection(journal, reasoned)
    connecting.connect(reasoned, "secret").close()


def test_a_secret_does_not_follow_an_address_that_somebody_changed(
    store: Store, journal: Journal, home: Path
) -> None:
    kept = ConnectionSettings("odoo", "odoo", "https://acme.odoo.com", "acme", "ana")
    settings.add_connection(journal, kept)
    assert secrets.store(home, "odoo", "clave", origin(kept.url))
    assert connecting.secret_of(journal, kept) == "clave"
    with journal.engine.begin() as connection:
        connection.execute(sa.text("UPDATE connection SET url = 'https://ladron.mx'"))
    assert connecting.secret_of(journal, settings.find_connection(journal, "odoo")) is None


@pytest.mark.parametrize("length", [1, 1000, 1001, 2560, 25_000])
def test_a_secret_of_any_length_comes_back(store: Store, tmp_path: Path, length: int) -> None:
    secret = "ñ" * (length - 1) + "x"
    assert secrets.store(tmp_path, "xero", secret, "https://api.xero.com:443")
    assert secrets.load(tmp_path, "xero", "https://api.xero.com:443") == secret
    assert secrets.store(tmp_path, "xero", "corto", "https://api.xero.com:443")
    assert secrets.load(tmp_path, "xero", "https://api.xero.com:443") == "corto"


def test_whatever_a_store_fails_with_is_told_as_not_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: str) -> None:
        raise RuntimeError("the store is locked")

    monkeypatch.setattr(keyring, "set_password", fails)
    monkeypatch.setattr(keyring, "get_password", fails)
    assert secrets.store(tmp_path, "odoo", "clave") is False
    assert secrets.load(tmp_path, "odoo") is None


def test_a_secret_of_an_earlier_release_goes_to_the_address_a_person_saved_and_nowhere_else(
    store: Store, journal: Journal, home: Path
) -> None:
    kept = ConnectionSettings("odoo", "odoo", "https://acme.odoo.com", "acme", "ana")
    settings.add_connection(journal, kept)
    assert secrets.store(home, "odoo", "clave")
    changed = ConnectionSettings("odoo", "odoo", "https://ladron.mx", "acme", "ana")
    assert connecting.secret_of(journal, changed) is None
    assert connecting.secret_of(journal, kept) == "clave"
    assert secrets.load(home, "odoo", origin(kept.url)) == "clave"
