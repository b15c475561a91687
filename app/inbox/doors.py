"""Doors: secret paths at which a vendor's events arrive, and the keys they are signed with.

A token is 32 random bytes, shown once; its hash is kept. Keys lie in the operating system's store,
one a line, an old one with the instant until which it still counts.
"""

from __future__ import annotations

import hashlib
import secrets as randomness
from collections.abc import Mapping
from datetime import timedelta

from app import secrets
from app.company import settings
from app.journal import Journal, endpoints, roles
from app.journal.roles import Role
from app.journal.rows import EndpointRow
from app.journal.store import instant, written
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP
from connectors.webhooks import SCHEMES

ROTATION = timedelta(hours=48)
"""So long an old key counts beside the new one: vendors change over slowly."""


class NoScheme(Refused, ValueError):
    """No vendor of that name sends events that are understood; the argument is the name."""

    context, words = "doors", QT_TRANSLATE_NOOP("doors", "{vendor} is none of {known}.")

    def said(self) -> Mapping[str, object]:
        return {"vendor": self, "known": ", ".join(sorted(SCHEMES))}


class NoKey(Refused, ValueError):
    """The vendor signs what it sends, and no key was given."""

    context = "doors"
    words = QT_TRANSLATE_NOOP("doors", "{vendor} signs what it sends: its key is needed.")

    def said(self) -> Mapping[str, object]:
        return {"vendor": self}


class BadKey(Refused, ValueError):
    """A key no vendor gives: with blanks or other than plain letters and signs."""

    context = "doors"
    words = QT_TRANSLATE_NOOP(
        "doors", "This is no signing key: it has blanks or letters no vendor uses."
    )


class NoAddress(Refused, ValueError):
    """The vendor signs the address too, and none was given."""

    context = "doors"
    words = QT_TRANSLATE_NOOP(
        "doors", "{vendor} signs the address too: say the public one it is given (https://…)."
    )

    def said(self) -> Mapping[str, object]:
        return {"vendor": self}


class NotKept(Refused):
    """The operating system has no store for the key; the argument is the name it would be under."""

    context = "doors"
    words = QT_TRANSLATE_NOOP(
        "doors",
        "This account has no secret store; nothing was opened. Hand the key over in the environment"
        " variable {variable} or as a credential “{name}” of the service.",
    )

    def said(self) -> Mapping[str, object]:
        return {"variable": secrets.variable(str(self)), "name": self}


class KeyHanded(Refused):
    """The key is handed to this process, so none that is kept would count; the argument is the name
    it is under.
    """

    context = "doors"
    words = QT_TRANSLATE_NOOP(
        "doors",
        "The key comes from the environment variable {variable} or from the credential “{name}” of"
        " the service, which stands above a kept one: change it there.",
    )

    def said(self) -> Mapping[str, object]:
        return {"variable": secrets.variable(str(self)), "name": self}


def open_door(
    journal: Journal, connection_name: str, vendor: str, public_url: str = "", key: str = ""
) -> str:
    """Open a path for one vendor's events about one connection. Answers its token, which is known
    nowhere else. A key that is given counts beside the one before. Raises NotAllowed, NoScheme,
    NoKey, BadKey, NoAddress, NotKept, KeyHanded, LookupError where there is no such connection.
    """
    roles.require(journal, Role.ADMIN)
    settings.find_connection(journal, connection_name)
    if vendor not in SCHEMES:
        raise NoScheme(vendor)
    if vendor == "hubspot" and not public_url:
        raise NoAddress(vendor)
    name = key_name(connection_name, vendor)
    if SCHEMES[vendor].is_signed and not key and not _keys(journal, name):
        raise NoKey(vendor)
    if key:
        _rotate(journal, name, key)
    token = randomness.token_urlsafe(32)
    url = public_url.rstrip("/")
    row = EndpointRow(digest(token), connection_name, vendor, url, "", "")
    endpoints.open_one(journal, row)
    return token


def change_key(journal: Journal, connection_name: str, vendor: str, key: str) -> None:
    """Take a new key; the one before counts for two more days. Raises NotAllowed, NotKept,
    KeyHanded, BadKey.
    """
    roles.require(journal, Role.ADMIN)
    _rotate(journal, key_name(connection_name, vendor), key)


def close_door(journal: Journal, start: str) -> EndpointRow:
    """Close the one door whose hash begins so. Raises NotAllowed, LookupError."""
    roles.require(journal, Role.ADMIN)
    found = [
        row for row in endpoints.every(journal) if start and row.token_sha256.startswith(start)
    ]
    if len(found) != 1:
        raise LookupError(start)
    endpoints.close_one(journal, found[0].token_sha256)
    return found[0]


def keys_of(journal: Journal, row: EndpointRow) -> list[str]:
    """The keys that count now, the newest first; empty for a vendor that signs nothing."""
    return _keys(journal, key_name(row.connection, row.vendor))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def key_name(connection_name: str, vendor: str) -> str:
    """What the key is kept under, apart from the password of the connection."""
    return f"hook-{connection_name}-{vendor}"


def _keys(journal: Journal, name: str) -> list[str]:
    kept = secrets.load(journal.home, name) if journal.home else secrets.handed(name)
    found = []
    for line in (kept or "").splitlines():
        key, _, until = line.strip().partition(" ")
        if key and (not until or until > written(instant())):
            found.append(key)
    return found


def _rotate(journal: Journal, name: str, key: str) -> None:
    """The new key first, the one before until it is over."""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BadKey(name)
    if secrets.handed(name):
        raise KeyHanded(name)
    until = written(instant() + ROTATION)
    old = [f"{one} {until}" for one in _keys(journal, name)[:1] if one != key]
    _keep_key(journal, name, "\n".join([key, *old]))


def _keep_key(journal: Journal, name: str, text: str) -> None:
    if journal.home is None or not secrets.store(journal.home, name, text):
        raise NotKept(name)
