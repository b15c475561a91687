"""What belongs to a journal and must not lie in it: kept in the operating system's store, else in a
file of the user's own elsewhere, readable by nobody else. Where ``CUADRE_STATE`` names a folder, it
is kept there and nowhere else.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import platformdirs

from app import secrets

STATE_VARIABLE = "CUADRE_STATE"


def read(name: str) -> str:
    """What is kept under a name; empty where nothing is. A file that is there was needed once, and
    is used from then on.
    """
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return file_of(name).read_text("utf-8")
    return "" if os.environ.get(STATE_VARIABLE) else secrets.noted(name) or ""


def keep(name: str, text: str) -> bool:
    """Keep it; False where neither the store nor the file takes it."""
    path = file_of(name)
    goes_to_file = bool(os.environ.get(STATE_VARIABLE)) or path.exists()
    if not goes_to_file and secrets.note(name, text):
        return True
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError:
        return False
    return True


def file_of(name: str) -> Path:
    """The file something is kept in while there is no store."""
    given = os.environ.get(STATE_VARIABLE)
    folder = Path(given or platformdirs.user_state_dir("Cuadre-state", appauthor=False))
    return folder / name.replace(":", "-")
