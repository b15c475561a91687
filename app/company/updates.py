"""Whether there is a newer version, said by its makers and nobody else.

A release is announced in a JSON with a signature (Ed25519) whose public key is built into the
program; without a key, or without an address in the settings, nothing is asked. What is downloaded
is what the announcement says by SHA-256, and it is started only after a person said so.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import resources
from app.company import settings
from app.company.program import program_version
from app.journal import Journal
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, language

ADDRESS_SETTING = "update-address"
_KEY_FILE = "update-key.txt"
_LONGEST = 1_000_000
_SECONDS = 15.0


class NoUpdates(Refused):
    """This program was built without the key of its makers, or nobody set an address."""

    words = QT_TRANSLATE_NOOP(
        "decide",
        "This Cuadre does not look for updates: it was built without the key of its makers, or no"
        " address is set (cuadre update address).",
    )


class NotGenuine(Refused):
    """What came is not signed by the makers, or not what they signed; the argument says what."""

    words = QT_TRANSLATE_NOOP(
        "decide",
        "What came is not what the makers of Cuadre signed ({what}). Nothing was installed.",
    )


class NoAnswer(Refused):
    """The address does not answer; the argument says why."""

    words = QT_TRANSLATE_NOOP("decide", "The address of the updates does not answer: {what}.")


@dataclass(frozen=True, slots=True)
class Release:
    version: str
    url: str
    sha256: str
    notes: Mapping[str, str]

    @property
    def told(self) -> str:
        """The notes in the current language, else in any."""
        return self.notes.get(language()) or next(iter(self.notes.values()), "")

    @property
    def is_newer(self) -> bool:
        return _numbers(self.version) > _numbers(program_version() or "0")


def built_in_key() -> str:
    """The public key in hexadecimal; empty where the build has none."""
    file = resources.path(_KEY_FILE)
    return file.read_text("ascii").strip() if file.is_file() else ""


def check(journal: Journal, key: str = "") -> Release:
    """The newest release the makers announce. ``key`` stands for the built-in one. Raises
    NoUpdates, NotGenuine, NoAnswer.
    """
    key, address = key or built_in_key(), settings.get(journal, ADDRESS_SETTING)
    if not key or not address:
        raise NoUpdates
    _require_encrypted(address)
    return verified(_fetched(address, _LONGEST), key)


def verified(announcement: bytes, key: str) -> Release:
    """What an announcement says, once its signature holds. Raises NotGenuine."""
    try:
        outer = json.loads(announcement)
        signed = base64.b64decode(outer["signed"], validate=True)
        signature = base64.b64decode(outer["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, signed)
        told = json.loads(signed)
        found = Release(told["version"], told["url"], told["sha256"], dict(told["notes"]))
        _require_encrypted(found.url)
        _numbers(found.version)
    except InvalidSignature:
        raise NotGenuine("signature") from None
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise NotGenuine(type(error).__name__) from None
    return found


def download(release: Release, folder: Path) -> Path:
    """The installer, once it is what was signed. Raises NotGenuine, NoAnswer, OSError."""
    data = _fetched(release.url, 1_000_000_000)
    digest = hashlib.sha256(data).hexdigest()
    if digest != release.sha256.lower():
        raise NotGenuine(f"SHA-256 {digest[:12]}…")
    path = folder / f"CuadreSetup-{release.version}.exe"
    path.write_bytes(data)
    return path


def can_start() -> bool:
    """Whether this system runs the installer."""
    return os.name == "nt"


def start(installer: Path) -> None:
    """It refuses by itself while Cuadre runs."""
    subprocess.Popen([str(installer)], close_fds=True)


def _fetched(address: str, most: int) -> bytes:
    try:
        with httpx.stream("GET", address, timeout=_SECONDS, follow_redirects=True) as answer:
            answer.raise_for_status()
            found = bytearray()
            for part in answer.iter_bytes():
                found += part
                if len(found) > most:
                    raise NotGenuine("size")
            return bytes(found)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None


def _require_encrypted(address: str) -> None:
    """An announcement is signed; still nobody on the way has to know which version is here."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise NotGenuine("URL") from None
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise NotGenuine(f"{parts.scheme}://")


def _numbers(version: str) -> tuple[int, ...]:
    """Padded, so that 1.0 is 1.0.0; what follows the numbers of a development version does not
    count. Raises ValueError.
    """
    parts = [int(part) for part in re.split(r"[^0-9.]|\.(?=[^0-9])", version)[0].split(".")]
    return tuple([*parts, 0, 0, 0, 0][: max(4, len(parts))])
