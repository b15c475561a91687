"""Connections as commands name them, and the targets behind them."""

from __future__ import annotations

import argparse
import getpass
import sys

from app import secrets
from app.cli.home import open_home
from app.cli.output import Stop
from app.company import connecting, settings
from app.company.settings import ConnectionSettings
from app.journal import Journal
from app.translation import translate
from connectors import DocumentConnector


def open_target(chosen: argparse.Namespace, name: str) -> tuple[Journal, DocumentConnector]:
    """The home's journal and a connector for one of its connections; asks for a secret nothing
    knows.
    """
    journal = open_home(chosen)
    return journal, connected(journal, name)


def connected(journal: Journal, name: str) -> DocumentConnector:
    """A connector for one connection; asks for a secret nothing knows. Raises Stop."""
    found = known_connection(journal, name)
    secret = connecting.secret_of(journal, found)
    if secret is None:
        secret = ask_secret(name)
    return connecting.connect(found, secret, journal=journal)


def known_connection(journal: Journal, name: str) -> ConnectionSettings:
    """The connection of that name. Raises Stop when there is none."""
    try:
        return settings.find_connection(journal, name)
    except LookupError:
        known = ", ".join(item.name for item in settings.connections(journal)) or translate(
            "cli", "none"
        )
        text = translate("cli", "There is no connection {name}. Known: {known}.")
        raise Stop(text.format(name=name, known=known)) from None


def piped_line() -> str:
    """A secret piped in, without the end of its line and the blank that ``echo secret | …`` of
    Windows leaves before it. No system makes secrets that end in a blank.
    """
    return sys.stdin.readline().rstrip("\r\n").rstrip(" ")


def ask_secret(name: str) -> str:
    """Typed, or piped in. Raises Stop where nothing was given."""
    prompt = translate("cli", "Secret of {name}: ").format(name=name)
    secret = getpass.getpass(prompt) if sys.stdin.isatty() else piped_line()
    if not secret:
        text = translate(
            "cli", "No secret was given. Type it, pipe it in, or set {variable} for this process."
        )
        raise Stop(text.format(variable=secrets.variable(name)))
    return secret
