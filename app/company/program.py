"""The program itself: its version, and where it lies."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

FOLDER_VARIABLE = "CUADRE_FOLDER"
"""Set by the launchers of Windows to where they lie."""
PORTABLE_MARK = "portable.ini"


def program_version() -> str:
    """As it is installed; empty for sources nobody installed."""
    try:
        return metadata.version("cuadre")
    except metadata.PackageNotFoundError:
        return ""


def program_folder() -> Path | None:
    """Where the launchers lie; None where it was started without one."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else None


def portable_folder() -> Path | None:
    """Where a program that is carried about keeps its data: beside itself, when ``portable.ini``
    lies there.
    """
    folder = program_folder()
    return folder / "data" if folder and (folder / PORTABLE_MARK).is_file() else None
