"""How a company's Cuadre is set up, as one file a consultant takes from desk to desk: profiles,
maps, rules, owners of fields, policy, schedules, connections. No secrets, no documents, nothing of
one machine.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from app.agent import jobs
from app.agent import rules as timing
from app.company import field_owners, policy, settings
from app.company.addresses import INSECURE_REASON, origin
from app.company.field_owners import SETTING as OWNERS
from app.company.program import program_version
from app.company.settings import ConnectionSettings
from app.documents.maps import MapKind
from app.journal import Journal, events, roles
from app.journal.roles import Role
from app.journal.rows import MappingRow
from app.journal.settings import keep_links, links
from app.matching import rules
from app.reconciling.runs import RULES_SETTING
from app.refusals import Refused
from app.translation import LANGUAGES, QT_TRANSLATE_NOOP
from connectors.systems import SYSTEMS
from importers.currencies import currency_code
from importers.identity import canonical_tax_id
from importers.layout import is_device
from importers.profile import parse_profile

FORMAT = 1
KINDS = {
    "setting": QT_TRANSLATE_NOOP("setup", "setting"),
    "connection": QT_TRANSLATE_NOOP("setup", "connection"),
    "map": QT_TRANSLATE_NOOP("setup", "map"),
    "profile": QT_TRANSLATE_NOOP("setup", "profile"),
}
_MOST_BYTES, _MOST_CALLS = 50_000_000, 1_000_000_000
_DATE = (2026, 1, 1, 0, 0, 0)
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,  # encrypted, or nested too deeply
    NotImplementedError,
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
)


class Moved(Refused):
    """A connection of this name is here with another address or system: what is kept for the one
    would go to the other. The arguments are its name and both addresses.
    """

    words = QT_TRANSLATE_NOOP(
        "decide",
        "The connection {name} is {old} here and {new} in the file. Change it by hand first, if it"
        " is to be so. Nothing was changed.",
    )

    def said(self) -> Mapping[str, object]:
        name, old, new = self.args
        return {"name": name, "old": old, "new": new}


class NotASetup(Refused):
    """The file is none, or of a newer version, or damaged; the argument says which part."""

    words = QT_TRANSLATE_NOOP(
        "decide",
        "This is no set-up of Cuadre that this version can read ({what}). Nothing was changed.",
    )


@dataclass(frozen=True)
class Setup:
    """``settings`` by name as they are kept; ``maps`` by connection; ``profiles`` TOML by file
    name.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    connections: Sequence[ConnectionSettings] = ()
    maps: Mapping[str, Sequence[MappingRow]] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing an import would change: ``kind`` is setting, connection, map or profile; ``before``
    is empty for what is new.
    """

    kind: str
    name: str
    before: str
    after: str


def export_setup(journal: Journal, home: Path, path: Path) -> int:
    """Write the set-up; answers how many parts it has. Raises NotAllowed, OSError."""
    roles.require(journal, Role.READ)
    found = current(journal, home)
    told = {
        "format": FORMAT,
        "version": program_version(),
        "settings": dict(sorted(found.settings.items())),
        "connections": [_of_connection(one) for one in found.connections],
        "maps": {name: [asdict(row) for row in rows] for name, rows in found.maps.items()},
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {"setup.json": json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True)}
        parts |= {f"profiles/{name}": text for name, text in found.profiles.items()}
        for name, text in sorted(parts.items()):
            archive.writestr(zipfile.ZipInfo(name, _DATE), text.encode(), zipfile.ZIP_DEFLATED)
    path.write_bytes(made.getvalue())
    return len(list(_parts(found)))


def current(journal: Journal, home: Path) -> Setup:
    """What is set up here."""
    kept = {name: settings.get(journal, name) for name in _CHECKS}
    folder = home / "profiles"
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    known = settings.connections(journal)
    return Setup(
        {name: text for name, text in kept.items() if text},
        known,
        {one.name: found for one in known if (found := links(journal, one.name))},
        {file.name: file.read_bytes().decode("utf-8", "replace") for file in files},
    )


def read_setup(path: Path) -> Setup:
    """A set-up file, each part of it checked. Raises NotASetup, OSError."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MOST_BYTES:
                raise NotASetup("zip")
            names = [name for name in archive.namelist() if not name.endswith("/")]
            texts = {name: archive.read(name).decode("utf-8") for name in names}
        told = json.loads(texts.pop("setup.json"))
        if told["format"] != FORMAT:
            raise NotASetup(f"format {told['format']}")
        json.dumps(told, ensure_ascii=False).encode()  # no halves of characters
        if unknown := told["maps"].keys() - {one["name"] for one in told["connections"]}:
            raise NotASetup(f"map {min(unknown)}")
        if len({name.casefold() for name in texts}) != len(texts):
            raise NotASetup("profiles")
        return Setup(
            {str(name): _checked(name, text) for name, text in told["settings"].items()},
            [_connection(one) for one in told["connections"]],
            {name: list(map(_link, rows)) for name, rows in told["maps"].items()},
            {_profile_name(name): _checked_profile(name, text) for name, text in texts.items()},
        )
    except NotASetup:
        raise
    except _DAMAGED as error:
        raise NotASetup(str(error)[:200] or type(error).__name__) from None


def changes(journal: Journal, home: Path, given: Setup) -> list[Change]:
    """What an import would change here, before anything is."""
    here = dict(_parts(current(journal, home)))
    return [
        Change(*key, here.get(key, ""), text)
        for key, text in _parts(given)
        if here.get(key) != text
    ]


def import_setup(journal: Journal, home: Path, given: Setup, reason: str) -> list[Change]:
    """Take a set-up over; what is here and not in it stays. Every part is journaled. Raises
    NotAllowed, Moved (nothing is changed then), Insecure, ConnectionInUse, OSError.
    """
    roles.require(journal, Role.ADMIN)
    _refuse_moved(journal, given)
    found = changes(journal, home, given)
    wanted = {(one.kind, one.name) for one in found}
    folder = home / "profiles"
    for name, text in given.profiles.items():
        if ("profile", name) in wanted:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
    for connection in given.connections:
        if ("connection", connection.name) in wanted:
            settings.add_connection(journal, connection)
    for name, rows in given.maps.items():
        if changed := [row for row in rows if ("map", _map_name(name, row)) in wanted]:
            keep_links(journal, name, changed)
    for name, text in given.settings.items():
        if ("setting", name) in wanted:
            settings.put(journal, name, text, reason)
    told = [f"{one.kind}:{one.name}" for one in found]
    events.record(journal, "setup.imported", "setup", parts=told, reason=reason)
    return found


def _refuse_moved(journal: Journal, given: Setup) -> None:
    here = {one.name: one for one in settings.connections(journal)}
    for one in given.connections:
        old = here.get(one.name)
        if old is not None and (old.system, origin(old.url)) != (one.system, origin(one.url)):
            raise Moved(one.name, old.url, one.url)


def _map_name(connection: str, row: MappingRow) -> str:
    return f"{connection}: {row.kind} {row.source}"


def _parts(setup: Setup) -> Iterator[tuple[tuple[str, str], str]]:
    """Every part by kind and name, as text to be compared."""
    for name, text in setup.settings.items():
        yield ("setting", name), text
    for one in setup.connections:
        told = _of_connection(one)
        first = ("url", "system", "user")
        rest = [f"{name}: {told[name]}" for name in sorted(told.keys() - {*first, "name"})]
        text = " · ".join([*(f"{name}: {told[name]}" for name in first), *rest])
        yield ("connection", one.name), text
    for name, rows in setup.maps.items():
        for row in rows:
            words = " ".join(filter(None, (row.target, row.partner, f"({row.origin})")))
            yield ("map", _map_name(name, row)), words
    for name, text in setup.profiles.items():
        yield ("profile", name), text


def _of_connection(one: ConnectionSettings) -> dict[str, object]:
    """Without the reason somebody had here for an address that is not encrypted: each desk has to
    have its own.
    """
    options = {name: text for name, text in one.options.items() if name != INSECURE_REASON}
    return {**asdict(one), "options": dict(sorted(options.items()))}


def _connection(told: Mapping[str, object]) -> ConnectionSettings:
    made = ConnectionSettings(**told)  # type: ignore[arg-type]  # checked here
    texts = (made.name, made.system, made.url, made.database, made.user)
    numbers = (made.per_minute, made.per_day)
    options = [*made.options.keys(), *made.options.values()]
    if made.system not in SYSTEMS or not made.name:
        raise NotASetup(f"system {made.system}")
    if not all(isinstance(one, str) for one in [*texts, *options]):
        raise NotASetup(f"connection {made.name}")
    if not all(type(one) is int and 0 <= one <= _MOST_CALLS for one in numbers):
        raise NotASetup(f"connection {made.name}")
    parts = urlsplit(made.url)
    if not made.name.isprintable() or parts.username or parts.password or not parts.hostname:
        raise NotASetup(f"connection {made.name!r}")
    return replace(
        made,
        options={name: text for name, text in made.options.items() if name != INSECURE_REASON},
    )


def _link(told: Mapping[str, object]) -> MappingRow:
    if not all(isinstance(one, str) for one in told.values()):
        raise NotASetup("map")
    made = MappingRow(**told)  # type: ignore[arg-type]  # texts, as just seen
    if made.kind not in set(MapKind) or not made.source or not made.target:
        raise NotASetup(f"map {made.kind} {made.source}")
    return made


def _profile_name(name: str) -> str:
    """A plain file name in ``profiles/``: nothing is written anywhere else."""
    folder, _, file = name.partition("/")
    is_file = file.isprintable() and not set(file) & set('/\\:*?"<>|') and file[:1] != "."
    if folder != "profiles" or not file.endswith(".toml") or not is_file or is_device(file[:-5]):
        raise NotASetup(name)
    return file


def _checked_profile(name: str, text: str) -> str:
    try:
        parse_profile(text)
    except ValueError as error:
        raise NotASetup(f"{name}: {error}") from None
    return text


def _checked(name: str, text: str) -> str:
    if name not in _CHECKS:
        raise NotASetup(name)
    try:
        _CHECKS[name](str(text))
    except (Refused, ValueError, TypeError, AttributeError) as error:
        raise NotASetup(f"{name}: {error}") from None
    return str(text)


def _is_table(text: str) -> None:
    """What is kept by name."""
    if not isinstance(json.loads(text), dict):
        raise ValueError(text[:40])


def _is_owners(text: str) -> None:
    for name, rule in json.loads(text).items():
        owner, direction = rule
        field_owners.rule(name, owner, direction)


def _is_pairs(text: str) -> None:
    for one, other in json.loads(text):
        if not (isinstance(one, str) and isinstance(other, str)):
            raise TypeError(text[:40])


def _is_any(_: str) -> None:
    """Words of people."""


def _is_currency(text: str) -> None:
    if currency_code(text) != text:
        raise ValueError(text)


def _is_language(text: str) -> None:
    if text not in LANGUAGES:
        raise ValueError(text)


def _are_tax_ids(text: str) -> None:
    if [canonical_tax_id(one) for one in text.split()] != text.split():
        raise ValueError(text)


def _are_jobs(text: str) -> None:
    for name, (rule, zone) in json.loads(text).items():
        jobs.Job(name)
        timing.parsed(rule)
        if zone:
            timing.zone_of(zone)


def _is_choice(name: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if text not in policy.CHOICES[name]:
            raise ValueError(text)

    return check


def _is_rules(text: str) -> None:
    rules.parse(text)


_CHECKS: Mapping[str, Callable[[str], None]] = {
    "company-name": _is_any,
    "own-tax-ids": _are_tax_ids,
    "currency": _is_currency,
    "language": _is_language,
    **{f"policy.{name}": _is_choice(name) for name in policy.CHOICES},
    RULES_SETTING: _is_rules,
    OWNERS: _is_owners,
    "branches": _is_table,
    "jobs": _are_jobs,
    "sync": _is_table,
    "crm-fields": _is_table,
    "contact-links": _is_pairs,
    "payments": _is_table,
}
"""The settings that are taken along, each with what it has to be. Folders and installed tasks are
of one machine, people's roles of one office.
"""
