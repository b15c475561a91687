"""A company's data home and what is set in it: the journal, the company's code and country, its
connections.

No secret is ever here; see :mod:`app.secrets`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from app.company.addresses import INSECURE_REASON, refuse_insecure
from app.company.program import portable_folder
from app.company.targets import keys, target_of
from app.journal import Journal, anchors, events, marks, roles, signatures
from app.journal.errors import DatabaseError
from app.journal.roles import Role
from app.journal.rows import ConnectionRow
from app.journal.settings import connections as kept_connections
from app.journal.settings import drop_connection, get, keep_connection, put
from app.journal.store import who
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP
from importers.currencies import currency_code
from importers.identity import canonical_tax_id, is_rfc_form
from importers.profile import Profile, load_profiles, parse_profile
from importers.reading import READERS

DEFAULT_COMPANY = "EMPRESA"
JOURNAL_VARIABLE = "CUADRE_JOURNAL"


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """How to reach one company of one target; ``per_minute`` and ``per_day`` 0 mean no call limit
    of our own. ``options`` are those of its :class:`connectors.vendor.Vendor`, no secrets.
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
    """The data home: what was given, else ``CUADRE_HOME``, else beside a program that is carried
    about, else the platform's application-data folder.
    """
    chosen = (
        given
        or os.environ.get("CUADRE_HOME")
        or portable_folder()
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
    PostgreSQL URL. Raises Damaged, Newer, Forgotten, NotAllowed (the person may not even read it),
    sqlalchemy.exc.DatabaseError.
    """
    shared = os.environ.get(JOURNAL_VARIABLE)
    location = (
        re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", shared)
        if shared
        else home / "journal.db"
    )
    if not shared:
        _refuse_forgotten(home)
    journal = Journal(location, home, signatures.own(who()))
    try:
        _notice(journal)
        roles.require(journal, Role.READ)
    except roles.NotAllowed:
        journal.close()
        raise
    return journal


def _notice(journal: Journal) -> None:
    """Notice that the journal is an older, another or a copied one; a journal that may not be
    written to is only read.
    """
    with contextlib.suppress(DatabaseError):
        if marks.is_new_here(journal):
            for _, target in keys(journal):
                marks.notice(journal, target)
        marks.notice(journal)


class Forgotten(Refused):
    """The journal is gone or empty though its anchors still lie beside it: it held events once, and
    to begin anew would forget what was sent. The argument is the home.
    """

    words = QT_TRANSLATE_NOOP(
        "decide",
        "The journal in {home} is gone or empty, but its anchors show that it held events: what was"
        " sent would be forgotten and could be sent again. Restore a backup. To begin anew on"
        " purpose, move the file anchors.jsonl elsewhere first.",
    )

    def said(self) -> Mapping[str, object]:
        return {"home": self}


def _refuse_forgotten(home: Path) -> None:
    path, anchored = home / "journal.db", home / anchors.FILE_NAME
    is_empty = not path.is_file() or path.stat().st_size == 0
    if is_empty and anchored.is_file() and anchored.stat().st_size:
        raise Forgotten(home)


class OtherCompany(Exception):
    """This data home belongs to another company; the argument is its code."""


COMPANY_NAME = "company-name"


def company_code(journal: Journal) -> str:
    """The short code of this home's company."""
    return get(journal, "company", DEFAULT_COMPANY)


def company_name(journal: Journal) -> str:
    """The name of the company as it stands on papers; its code where nobody gave a name."""
    return get(journal, COMPANY_NAME) or company_code(journal)


def keep_company_name(journal: Journal, name: str) -> None:
    """Say how the company is called; empty takes the name away."""
    put(journal, COMPANY_NAME, name)


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


OWN_TAX_IDS = "own-tax-ids"


def own_tax_ids(journal: Journal) -> list[str]:
    """The company's own tax ids, which decide on which side a document stands."""
    return get(journal, OWN_TAX_IDS).split()


def keep_own_tax_ids(journal: Journal, tax_ids: Sequence[str]) -> None:
    """Remember them for everything that is read from now on."""
    put(journal, OWN_TAX_IDS, " ".join(dict.fromkeys(map(canonical_tax_id, tax_ids))))


CURRENCY = "currency"


class NoCurrency(Refused):
    """A text that is no currency; the argument is the text."""

    words = QT_TRANSLATE_NOOP(
        "decide", "{text} is no currency; write its code, such as MXN or COP."
    )

    def said(self) -> Mapping[str, object]:
        return {"text": self}


def currency(journal: Journal) -> str:
    """ISO code of the currency the company's books are in: what was said, else that of the country
    of its own tax ids; empty where nobody said either.
    """
    if kept := get(journal, CURRENCY):
        return kept
    own = own_tax_ids(journal)
    if any(is_rfc_form(tax_id) for tax_id in own):
        return "MXN"
    return "COP" if any(tax_id.isdigit() for tax_id in own) else ""


def keep_currency(journal: Journal, text: str) -> None:
    """Say what currency the books are in. Raises NoCurrency."""
    code = currency_code(text)
    if not code:
        raise NoCurrency(text)
    put(journal, CURRENCY, code)


class ConnectionInUse(Exception):
    """Documents were already queued for the connection at another address; the argument is that
    address.
    """


def add_connection(
    journal: Journal, connection_settings: ConnectionSettings, moved: bool = False
) -> None:
    """Keep a connection; one of the same name is replaced. Raises NotAllowed, Insecure, and
    ConnectionInUse when documents were queued for that name at another address or database, because
    they would then count as sent to a target that has none of them (``moved`` says it is the same
    target at a new address).
    """
    roles.require(journal, Role.PUSH)
    given = connection_settings
    refuse_insecure(given.url, given.options.get(INSECURE_REASON, ""))
    kept = ConnectionRow(
        name=given.name,
        system=given.system,
        url=given.url,
        database=given.database,
        user=given.user,
        per_minute=given.per_minute,
        per_day=given.per_day,
        options=events.canonical(dict(given.options)),
    )

    def refuse(old: ConnectionRow) -> None:
        if not moved and target_of(old) != target_of(kept):
            raise ConnectionInUse(old.url)

    keep_connection(journal, kept, refuse)


class ConnectionUsed(Refused):
    """What is sent, read or received through a connection is part of the record; the argument is
    its name.
    """

    words = QT_TRANSLATE_NOOP(
        "decide",
        "{name} stays: the journal has documents, books or events of it. Only a connection that"
        " was never used can be taken away.",
    )

    def said(self) -> Mapping[str, object]:
        return {"name": self.args[0]}


def remove_connection(journal: Journal, name: str) -> None:
    """Take away a connection that was never used, with its map. Raises NotAllowed, ConnectionUsed,
    LookupError where there is none of this name.
    """
    roles.require(journal, Role.PUSH)
    find_connection(journal, name)
    if not drop_connection(journal, name):
        raise ConnectionUsed(name)


def saved_address(journal: Journal, name: str) -> str:
    """The address a person last saved a connection with, by its events; empty where none did."""
    saved = events.of(journal, subject=f"connection:{name}", kinds=("connection.saved",))
    return str(saved[-1].data.get("url", "")) if saved else ""


def connections(journal: Journal) -> list[ConnectionSettings]:
    """Every connection by name."""
    return [
        ConnectionSettings(
            name=row.name,
            system=row.system,
            url=row.url,
            database=row.database,
            user=row.user,
            per_minute=row.per_minute,
            per_day=row.per_day,
            options=json.loads(row.options),
        )
        for row in kept_connections(journal)
    ]


def find_connection(journal: Journal, name: str) -> ConnectionSettings:
    """The connection of that name. Raises LookupError when there is none."""
    for known in connections(journal):
        if known.name == name:
            return known
    raise LookupError(name)


__all__ = [
    "ConnectionInUse",
    "ConnectionSettings",
    "ConnectionUsed",
    "NoCurrency",
    "OtherCompany",
    "add_connection",
    "clean_code",
    "company_code",
    "company_name",
    "connections",
    "currency",
    "find_connection",
    "get",
    "home_folder",
    "keep_currency",
    "keep_own_tax_ids",
    "open_journal",
    "own_tax_ids",
    "profiles",
    "put",
    "remove_connection",
    "settle_company",
]
