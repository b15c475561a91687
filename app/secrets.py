"""Secrets of connections: in the operating system's own store, or for one process from the
environment or the credentials its service manager hands it.

A kept secret belongs to the origin (scheme, host, port) it was given for: where a connection's
address is changed, by whomever, the password does not follow it.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path

SERVICE = "Cuadre"
_LONGEST = 1000
"""Characters a store surely takes: that of Windows has room for 2,560 bytes of UTF-16."""
_PARTS = "cuadre-parts:"


def variable(connection: str) -> str:
    """The environment variable that can carry a connection's secret for one process."""
    return "CUADRE_SECRET_" + re.sub(r"[^A-Z0-9]", "_", connection.upper())


def handed(connection: str) -> str | None:
    """The secret this process was handed, in its environment or by its service manager: it stands
    above a kept one.
    """
    return os.environ.get(variable(connection)) or _from_credentials(connection)


def load(home: Path, connection: str, origin: str = "") -> str | None:
    """The secret given for this origin, or None when neither the environment nor the store has
    it.
    """
    given = handed(connection)
    if given:
        return given
    entry = _entry(home, connection, origin)
    found = _read(entry)
    if found is None or not found.startswith(_PARTS):
        return found
    parts = [_read(f"{entry}#{number}") for number in range(int(found.removeprefix(_PARTS)))]
    return None if None in parts else "".join(part or "" for part in parts)


def store(home: Path, connection: str, secret: str, origin: str = "") -> bool:
    """Keep the secret in the operating system's store, for this origin alone; False when this
    machine has none, one that writes plain files, or one that refuses it (it is then not kept).
    """
    import keyring

    if type(keyring.get_keyring()).__module__.startswith("keyrings.alt"):
        return False
    entry = _entry(home, connection, origin)
    if len(secret) <= _LONGEST:
        return _write(entry, secret)
    parts = [secret[start : start + _LONGEST] for start in range(0, len(secret), _LONGEST)]
    kept = all(_write(f"{entry}#{number}", part) for number, part in enumerate(parts))
    return kept and _write(entry, f"{_PARTS}{len(parts)}")


def forget(home: Path, connection: str, origin: str = "") -> None:
    """Take the secret for this origin out of the operating system's store, where it is there."""
    import keyring

    entry = _entry(home, connection, origin)
    found = _read(entry) or ""
    parts = int(found.removeprefix(_PARTS)) if found.startswith(_PARTS) else 0
    for name in (entry, *(f"{entry}#{number}" for number in range(parts))):
        with contextlib.suppress(Exception):  # a store that has it not, or is not there
            keyring.delete_password(_service(name), name)


def _from_credentials(connection: str) -> str | None:
    """What a service manager hands to this service alone, decrypted (systemd's
    ``LoadCredentialEncrypted=``).
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder or Path(connection).name != connection:
        return None
    try:
        return Path(folder, connection).read_text(encoding="utf-8").rstrip("\n") or None
    except (OSError, UnicodeDecodeError):
        return None


def noted(name: str) -> str | None:
    """What :func:`note` kept in the operating system's store; None where there is nothing."""
    return _read(name)


def note(name: str, text: str) -> bool:
    """Keep something that is no secret but must lie outside of the data home; False when this
    machine has no store.
    """
    import keyring

    if type(keyring.get_keyring()).__module__.startswith("keyrings.alt"):
        return False
    return _write(name, text)


def _service(entry: str, platform: str = sys.platform) -> str:
    """Under which name the store keeps an entry. That of Windows has one secret a name: a second
    one would have it write the first anew.
    """
    return f"{SERVICE}:{entry}" if platform == "win32" else SERVICE


def _read(entry: str) -> str | None:
    import keyring

    try:
        return keyring.get_password(_service(entry), entry)
    except Exception:
        return None


def _write(entry: str, secret: str) -> bool:
    import keyring

    try:
        keyring.set_password(_service(entry), entry, secret)
    except Exception:
        return False
    return True


def _entry(home: Path, connection: str, origin: str) -> str:
    return f"{home.resolve()}:{connection}" + (f"@{origin}" if origin else "")
