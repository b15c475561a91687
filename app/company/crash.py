"""Unexpected errors: journaled, and written as a report that can be copied and sent, without
secrets.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from app.company import settings
from app.journal import events


def report_crash(home: str | None, error: BaseException) -> Path:
    """Write the report into the data home and journal it; never raises."""
    folder = settings.home_folder(home) / "reports"
    path = folder / f"error-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt"
    text = crash_text(error)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        journal = settings.open_journal(folder.parent)
        events.record(
            journal, "error.unexpected", f"report:{path.name}", error=text.strip().splitlines()[-1]
        )
        journal.close()
    except Exception as second:
        print(f"{text}\n{second}", file=sys.stderr)
    return path


def crash_text(error: BaseException) -> str:
    """The report: versions and traceback, with every secret of the environment masked."""
    lines = [
        f"Cuadre {_version()} · Python {platform.python_version()} · {platform.platform()}",
        *traceback.format_exception(error),
    ]
    text = "\n".join(line.rstrip("\n") for line in lines) + "\n"
    for name, value in os.environ.items():
        if name.startswith(("CUADRE_SECRET_", "CUADRE_JOURNAL")) and value:
            text = text.replace(value, "•••")
    return text


def _version() -> str:
    try:
        return metadata.version("cuadre")
    except metadata.PackageNotFoundError:
        return "?"
