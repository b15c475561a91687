"""A company's data home and what is set in it: the journal, the company's code and country, its connections.

No secret is ever here; see :mod:`app.secrets`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import sqlalchemy as sa

from app.journal import Journal, events, schema
from app.journal.events import NewEvent
from app.journal.store import now

DEFAULT_COMPANY = "EMPRESA"
SYSTEMS = ("odoo", "sandbox")


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """How to reach one company of one target; ``per_minute`` 0 means no call limit of our own."""

    name: str
    system: str
    url: str
    database: str = ""
    user: str = ""
    per_minute: int = 0


def home_folder(given: str | None) -> Path:
    """The data home: what was given, else ``CUADRE_HOME``, else the platform's application-data folder."""
    chosen = given or os.environ.get("CUADRE_HOME") or platformdirs.user_data_dir("Cuadre", appauthor=False)
    return Path(chosen).expanduser()


def open_journal(home: Path) -> Journal:
    return Journal(home / "journal.db")


def get(journal: Journal, name: str, default: str = "") -> str:
    with journal.reading() as connection:
        value = connection.execute(sa.select(schema.setting.c.value).where(schema.setting.c.name == name)).scalar()
    return default if value is None else str(value)


def put(journal: Journal, name: str, value: str) -> None:
    with journal.writing() as connection:
        connection.execute(schema.setting.delete().where(schema.setting.c.name == name))
        connection.execute(schema.setting.insert().values(name=name, value=value))
        events.append(connection, journal.actor, [NewEvent("setting.changed", f"setting:{name}", {"value": value})])


def company_code(journal: Journal, given: str = "") -> str:
    """The short code that goes into every external reference. The first one given is kept; it must not change,
    or the same voucher would get another reference."""
    kept = get(journal, "company")
    if kept:
        if given and clean_code(given) != kept:
            raise ValueError(kept)
        return kept
    code = clean_code(given) or DEFAULT_COMPANY
    if given:
        put(journal, "company", code)
    return code


def clean_code(text: str) -> str:
    """Upper case, letters and digits only, at most 20."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())[:20]


def add_connection(journal: Journal, connection_settings: ConnectionSettings) -> None:
    """Keep a connection; one of the same name is replaced."""
    table = schema.connection
    values = {name: getattr(connection_settings, name) for name in ConnectionSettings.__slots__}
    with journal.writing() as connection:
        connection.execute(table.delete().where(table.c.name == connection_settings.name))
        connection.execute(table.insert().values(**values, created_at=now()))
        subject = f"connection:{connection_settings.name}"
        events.append(connection, journal.actor, [NewEvent("connection.saved", subject, values)])


def connections(journal: Journal) -> list[ConnectionSettings]:
    table = schema.connection
    with journal.reading() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.name)).all()
    return [
        ConnectionSettings(row.name, row.system, row.url, row.database, row.user, row.per_minute) for row in rows
    ]  # fmt: skip


def find_connection(journal: Journal, name: str) -> ConnectionSettings:
    """The connection of that name. Raises LookupError when there is none."""
    for known in connections(journal):
        if known.name == name:
            return known
    raise LookupError(name)
