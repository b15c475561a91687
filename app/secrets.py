"""Secrets of connections: in the operating system's own store, or for one process from the
environment.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

SERVICE = "Cuadre"


def variable(connection: str) -> str:
    """The environment variable that can carry a connection's secret for one process."""
    return "CUADRE_SECRET_" + re.sub(r"[^A-Z0-9]", "_", connection.upper())


def from_environment(connection: str) -> str | None:
    return os.environ.get(variable(connection)) or None


def load(home: Path, connection: str) -> str | None:
    """The secret, or None when neither the environment nor the store has it."""
    given = from_environment(connection)
    if given:
        return given
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, _entry(home, connection))
    except KeyringError:
        return None


def store(home: Path, connection: str, secret: str) -> bool:
    """Keep the secret in the operating system's store; False when this machine has none, or only
    one that writes plain files (it is then not kept)."""
    import keyring
    from keyring.errors import KeyringError

    if type(keyring.get_keyring()).__module__.startswith("keyrings.alt"):
        return False
    try:
        keyring.set_password(SERVICE, _entry(home, connection), secret)
    except KeyringError:
        return False
    return True


def _entry(home: Path, connection: str) -> str:
    return f"{home.resolve()}:{connection}"
