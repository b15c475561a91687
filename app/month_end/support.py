"""What somebody who helps has to know, without what is none of their business: versions, settings,
reports of errors, the figures, counts of the journal. Redacted, and shown before it is saved.
"""

from __future__ import annotations

import io
import json
import platform
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from app.company import settings
from app.company.crash import crash_text
from app.company.program import program_version
from app.journal import Journal, listings
from app.month_end import alerts, figures

MOST_REPORTS = 10
_DATE = (2026, 1, 1, 0, 0, 0)
_BEFORE, _AFTER = r"(?<![A-Za-zÑñ0-9.])", r"(?![A-Za-zÑñ0-9]|\.\d)"
_REDACTED = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"(?i)\b[\w.+-]+@[\w-]+\.[\w.-]+", "‹correo›"),
        (r"(?i)(\w+://)[^/\s\"']*@", r"\1‹clave›@"),
        (r"(?i)\b(bearer|basic)\s+\S+", r"\1 ‹clave›"),
        (
            r"(?i)((?:token|key|secret|password|clave|contraseña)[\"']?\s*[:=]\s*)[^\n,}]+",
            r"\1‹clave›",
        ),
        (r"(?i)(?<![A-Z0-9])[A-ZÑ&]{3,4}[- ]?\d{6}[- ]?[A-Z0-9]{2,3}(?![A-Z0-9])", "‹RFC›"),
        (r"(?i)([\\/]+(?:home|users)[\\/]+)[^\\/'\"\n]+", r"\1‹usuario›"),
        (r"(?:[A-Za-z]:|\\\\)[\\/]*(?:[^\\/'\"\n:*?<>|]+[\\/]+)+", "‹carpeta›/"),
        (r"Decimal\('[^']*'\)", "Decimal(‹importe›)"),
        (_BEFORE + r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d+)?(?:-\d)?" + _AFTER, "‹importe›"),
        (_BEFORE + r"\d+[.,]\d{2}" + _AFTER, "‹importe›"),
        (_BEFORE + r"\d{4,}[.,]\d+" + _AFTER, "‹importe›"),
        (r"(?<!\d)\d(?: ?\d){7,}(?:-\d)?(?!\d)", "‹número›"),
    )
)
"""Addresses of people, tax ids, credentials, names of users, amounts, long numbers."""


def bundle(journal: Journal, home: Path) -> dict[str, str]:
    """The parts by name, redacted; nothing is written."""
    return {
        "versions.txt": _versions(),
        "settings.json": _settings(journal),
        "health.json": _health(journal),
        "journal.json": _counts(journal),
        **_reports(home),
    }


def write(parts: Mapping[str, str], path: Path) -> None:
    """As a zip. Raises OSError."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(parts.items()):
            archive.writestr(zipfile.ZipInfo(name, _DATE), text.encode(), zipfile.ZIP_DEFLATED)
    path.write_bytes(made.getvalue())


def redacted(text: str) -> str:
    """Without what identifies people, companies and amounts."""
    for pattern, put in _REDACTED:
        text = pattern.sub(put, text)
    return text


def _versions() -> str:
    first = crash_text(Exception("support")).splitlines()[0]
    return f"{first}\n{program_version()}\n{platform.machine()}\n"


def _settings(journal: Journal) -> str:
    """How it is set, with connections by system and without their addresses."""
    kept = [
        {"system": one.system, "per_minute": one.per_minute, "options": sorted(one.options)}
        for one in settings.connections(journal)
    ]
    return _json({"connections": kept, "currency": settings.currency(journal)})


def _health(journal: Journal) -> str:
    found = figures.measure(journal)
    told = {
        "latency_median": found.latency_median,
        "error_rate": found.error_rate,
        "orphans": len(found.orphans),
        "queue": found.queue,
        "alerts": [asdict(one) for one in alerts.of_journal(journal)],
    }
    return _json(told)


def _counts(journal: Journal) -> str:
    """How much of what there is, and no content."""
    kinds = Counter(row.kind for row in listings.event_rows(journal))
    return _json({"events": dict(sorted(kinds.items()))})


def _reports(home: Path) -> dict[str, str]:
    folder = home / "reports"
    files = sorted(folder.glob("error-*.txt"))[-MOST_REPORTS:] if folder.is_dir() else []
    return {f"reports/{file.name}": redacted(file.read_text("utf-8", "replace")) for file in files}


def _json(value: object) -> str:
    """Numbers stay what they are; every text is redacted."""
    return json.dumps(_quiet(value), indent=1, ensure_ascii=False)


def _quiet(value: object) -> object:
    match value:
        case dict():
            return {str(name): _quiet(one) for name, one in value.items()}
        case list() | tuple():
            return [_quiet(one) for one in value]
        case int() | float() | None:
            return value
        case _:
            return redacted(str(value))
