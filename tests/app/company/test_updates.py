"""A newer version is one its makers signed, over real HTTP on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.company import settings, updates
from app.company.updates import NoAnswer, NotGenuine, NoUpdates
from app.journal import Journal

INSTALLER = b"MZ installer"


class Makers:
    """Who signs, and where it is announced."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key = raw.hex()
        self.pages: dict[str, bytes] = {"/CuadreSetup.exe": INSTALLER}
        makers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = makers.pages.get(self.path)
                self.send_response(200 if page is not None else 404)
                self.end_headers()
                self.wfile.write(page or b"")

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def announcement(self, version: str = "99.0.0", **changed: object) -> bytes:
        told = {
            "version": version,
            "url": f"{self.url}/CuadreSetup.exe",
            "sha256": hashlib.sha256(INSTALLER).hexdigest(),
            "notes": {"es": "Lee más archivos.", "en": "Reads more files."},
        }
        signed = json.dumps(told | changed).encode()
        outer = {
            "signed": base64.b64encode(signed).decode(),
            "signature": base64.b64encode(self.private.sign(signed)).decode(),
        }
        return json.dumps(outer).encode()


@pytest.fixture
def makers() -> Iterator[Makers]:
    made = Makers()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def journal(tmp_path: Path, makers: Makers) -> Iterator[Journal]:
    opened = settings.open_journal(tmp_path / "home")
    settings.put(opened, updates.ADDRESS_SETTING, f"{makers.url}/newest.json")
    yield opened
    opened.close()


def test_a_newer_version_is_told_and_downloaded(
    makers: Makers, journal: Journal, tmp_path: Path
) -> None:
    makers.pages["/newest.json"] = makers.announcement()
    release = updates.check(journal, makers.key)
    assert release.is_newer and "Reads" in release.told
    assert updates.download(release, tmp_path).read_bytes() == INSTALLER


@pytest.mark.parametrize(("version", "newer"), [("0.0.9", False), ("0.10.0", True), ("99", True)])
def test_versions_are_compared_as_numbers(makers: Makers, version: str, newer: bool) -> None:
    assert updates.verified(makers.announcement(version), makers.key).is_newer is newer


def test_what_somebody_else_signed_is_refused(makers: Makers, journal: Journal) -> None:
    other = Makers()
    makers.pages["/newest.json"] = other.announcement()
    other.server.shutdown()
    other.server.server_close()
    with pytest.raises(NotGenuine):
        updates.check(journal, makers.key)


@pytest.mark.parametrize(
    "announcement",
    [
        b"",
        b"{}",
        b"[]",
        b'{"signed": "x", "signature": "y"}',
        b'{"signed": "e30=", "signature": ""}',
    ],
)
def test_what_is_no_announcement_is_refused(makers: Makers, announcement: bytes) -> None:
    with pytest.raises(NotGenuine):
        updates.verified(announcement, makers.key)


@pytest.mark.parametrize(
    "changed", [{"version": "new"}, {"url": "http://elsewhere.example/x.exe"}, {"notes": 7}]
)
def test_a_signed_announcement_has_to_make_sense(
    makers: Makers, changed: dict[str, object]
) -> None:
    with pytest.raises(NotGenuine):
        updates.verified(makers.announcement(**changed), makers.key)  # type: ignore[arg-type]


def test_an_exchanged_installer_is_not_kept(
    makers: Makers, journal: Journal, tmp_path: Path
) -> None:
    makers.pages["/newest.json"] = makers.announcement()
    release = updates.check(journal, makers.key)
    makers.pages["/CuadreSetup.exe"] = b"MZ something else"
    with pytest.raises(NotGenuine):
        updates.download(release, tmp_path)
    assert not list(tmp_path.glob("*.exe"))


def test_without_a_key_or_an_address_nothing_is_asked(makers: Makers, journal: Journal) -> None:
    assert updates.built_in_key() == "", "no key is built in until the makers have one"
    with pytest.raises(NoUpdates):
        updates.check(journal)
    settings.put(journal, updates.ADDRESS_SETTING, "")
    with pytest.raises(NoUpdates):
        updates.check(journal, makers.key)


def test_an_address_that_does_not_answer(makers: Makers, journal: Journal) -> None:
    with pytest.raises(NoAnswer):
        updates.check(journal, makers.key)
