"""A company's data home and what is set in it: the journal, the company's code and country, its
connections.

No secret is ever here; see :mod:`app.secrets`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
import sqlalchemy as sa

from app.journal import Journal, events, roles, schema
from app.journal.events import NewEvent
from app.journal.roles import Role
from app.journal.store import now
from importers.profile import Profile, load_profiles, parse_profile
from importers.reading import READERS

DEFAULT_COMPANY = "EMPRESA"
JOURNAL_VARIABLE = "CUADRE_JOURNAL"


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """How to reach one company of one target; ``per_minute`` and ``per_day`` 0 mean no call limit
    of our own. ``options`` are those of its :class:`app.systems.System`, no secrets.
    """

    name: str
    system: str
    url: str
    database: str = ""
    user: str = ""
    per_minute: int = 0
    per_day: int = 0
    options: Mapping[str, str] = field(default_factory=dict)


def home_folder(given: str | None) -> Path:
    """The data home: what was given, else ``CUADRE_HOME``, else the platform's application-data
    folder.
    """
    chosen = (
        given
        or os.environ.get("CUADRE_HOME")
        or platformdirs.user_data_dir("Cuadre", appauthor=False)
    )
    return Path(chosen).expanduser()


def profiles(home: Path) -> dict[str, Profile]:
    """The shipped report profiles and this home's own (``profiles/*.toml``, which win by name). A
    file that is no profile is left out.
    """
    folder = home / "profiles"
    found = dict(load_profiles())
    for file in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        with contextlib.suppress(ValueError, OSError):
            profile = parse_profile(file.read_text("utf-8"))
            if profile.reader in READERS:
                found[profile.name] = profile
    return found


def open_journal(home: Path) -> Journal:
    """The home's own journal, or the shared one that ``CUADRE_JOURNAL`` (``--journal``) names as a
    PostgreSQL URL. Raises Damaged, Newer, NotAllowed (the person may not even read it),
    sqlalchemy.exc.DatabaseError.
    """
    shared = os.environ.get(JOURNAL_VARIABLE)
    location = (
        re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", shared)
        if shared
        else home / "journal.db"
    )
    journal = Journal(location, home)
    try:
        roles.require(journal, Role.READ)
    except roles.NotAllowed:
        journal.close()
        raise
    return journal


def get(journal: Journal, name: str, default: str = "") -> str:
    with journal.reading() as connection:
        value = connection.execute(
            sa.select(schema.setting.c.value).where(schema.setting.c.name == name)
        ).scalar()
    return default if value is None else str(value)


def put(journal: Journal, name: str, value: str, reason: str = "") -> None:
    with journal.writing() as connection:
        connection.execute(schema.setting.delete().where(schema.setting.c.name == name))
        connection.execute(schema.setting.insert().values(name=name, value=value))
        data = {"value": value, "reason": reason} if reason else {"value": value}
        events.append(
            connection, journal.actor, [NewEvent("setting.changed", f"setting:{name}", data)]
        )


class OtherCompany(Exception):
    """This data home belongs to another company; the argument is its code."""


def company_code(journal: Journal) -> str:
    """The short code of this home's company."""
    return get(journal, "company", DEFAULT_COMPANY)


def settle_company(journal: Journal, given: str = "") -> str:
    """The code that goes into every external reference, kept from the first import on: were it to
    change, the same voucher would be sent again under another reference. Raises OtherCompany when
    another one is given later.
    """
    kept = get(journal, "company")
    code = clean_code(given) or kept or DEFAULT_COMPANY
    if kept and code != kept:
        raise OtherCompany(kept)
    if not kept:
        put(journal, "company", code)
    return code


def clean_code(text: str) -> str:
    """Upper case, letters and digits only, at most 20."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())[:20]


class ConnectionInUse(Exception):
    """Documents were already queued for the connection at another address; the argument is that
    address.
    """


def add_connection(
    journal: Journal, connection_settings: ConnectionSettings, moved: bool = False
) -> None:
    """Keep a connection; one of the same name is replaced. Raises NotAllowed, and ConnectionInUse
    when documents were queued for that name at another address or database, because they would then
    count as sent to a target that has none of them (``moved`` says it is the same target at a new
    address).
    """
    roles.require(journal, Role.PUSH)
    table = schema.connection
    values = {name: getattr(connection_settings, name) for name in ConnectionSettings.__slots__}
    values["options"] = events.canonical(dict(connection_settings.options))
    with journal.writing() as connection:
        old = connection.execute(
            sa.select(table).where(table.c.name == connection_settings.name)
        ).first()
        other = old is not None and _target_of(old, json.loads(old.options)) != _target_of(
            connection_settings, connection_settings.options
        )
        queued = (
            sa.select(schema.outbox.c.id)
            .where(schema.outbox.c.connection == connection_settings.name)
            .limit(1)
        )
        if old is not None and other and not moved and connection.execute(queued).first():
            raise ConnectionInUse(old.url)
        connection.execute(table.delete().where(table.c.name == connection_settings.name))
        connection.execute(table.insert().values(**values, created_at=now()))
        subject = f"connection:{connection_settings.name}"
        events.append(connection, journal.actor, [NewEvent("connection.saved", subject, values)])


_COMPANY_OPTIONS = ("tenant", "organization", "business")
"""Options that say which company of a system a connection leads to."""


def _target_of(kept: Any, options: Mapping[str, str]) -> tuple[str, ...]:
    """What tells one target from another; of Siigo the user is the company."""
    company = kept.user if kept.system == "siigo" else ""
    return (
        kept.system,
        kept.url,
        kept.database,
        company,
        *(options.get(name, "") for name in _COMPANY_OPTIONS),
    )


def connections(journal: Journal) -> list[ConnectionSettings]:
    table = schema.connection
    with journal.reading() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.name)).all()
    return [
        ConnectionSettings(
            row.name,
            row.system,
            row.url,
            row.database,
            row.user,
            row.per_minute,
            row.per_day,
            json.loads(row.options),
        )
        for row in rows
    ]


def find_connection(journal: Journal, name: str) -> ConnectionSettings:
    """The connection of that name. Raises LookupError when there is none."""
    for known in connections(journal):
        if known.name == name:
            return known
    raise LookupError(name)
