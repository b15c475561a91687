"""Addresses of targets: what tells one server from another, and which are safe to send a secret
to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

INSECURE_REASON = "insecure-reason"
"""The option of a connection that says why its address may be ``http://``."""
_PORTS = {"http": 80, "https": 443}


class Insecure(Refused):
    """An address to which a password would travel readable by anybody; the argument is it."""

    words = QT_TRANSLATE_NOOP(
        "decide",
        "{url} is not encrypted: anybody on the way could read the password. Use https://, or say"
        " why this address may be used all the same.",
    )

    def said(self) -> Mapping[str, object]:
        return {"url": self}


class Address(NamedTuple):
    """An address without the user and password that stood in it."""

    url: str
    user: str
    password: str


def parted(text: str) -> Address:
    """Take ``user:password@`` out of an address, so that neither is ever kept with it. A text that
    is no address stays what it is.
    """
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return Address(text.strip(), "", "")
    host = parts.netloc.rpartition("@")[2]
    plain = urlunsplit(parts._replace(netloc=host))
    return Address(plain, unquote(parts.username or ""), unquote(parts.password or ""))


def origin(url: str) -> str:
    """Scheme, host and port, to which a secret belongs; empty for no address."""
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.casefold(), (parts.hostname or "").casefold()
        port = parts.port or _PORTS.get(scheme, 0)
    except ValueError:
        return ""
    return f"{scheme}://{host}:{port}" if host else ""


def refuse_insecure(url: str, reason: str = "") -> None:
    """Raises Insecure for ``http://`` beyond this machine without a ``reason``."""
    parts = urlsplit(parted(url).url if origin(url) else "")
    is_open = parts.scheme.casefold() == "http" and not _is_this_machine(parts.hostname or "")
    if is_open and not reason.strip():
        raise Insecure(url)


def _is_this_machine(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
