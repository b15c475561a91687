"""A damaged journal file: everything that can still be read goes into a fresh one, and what could
not is named.

Nothing is invented: a row is copied as it is or not at all. The damaged file stays as it was, under
another name. Afterwards the chain tells which event is the first that is missing, and the originals
and files lost can be imported again; what was sent is looked up in the target by its reference
before anything is sent a second time.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from app.journal import anchors, events, marks, schema, signatures
from app.journal.backup import InUse, removed_on_failure
from app.journal.store import Journal, who
from app.journal.verification import Verification, verify
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

_SOME = 100
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite says of damage, at times in bytes that are no text."""


class NothingSaved(Refused):
    """Not one row of the damaged file could be read; it stays where it is. The argument is its
    name.
    """

    context = "target"
    words = QT_TRANSLATE_NOOP(
        "target",
        "Nothing could be read of {name}; it was left as it is. Restore a backup; without one,"
        " begin a new journal in another folder and import the files again: what was sent is looked"
        " up in the target before anything is sent a second time.",
    )

    def said(self) -> Mapping[str, object]:
        return {"name": self}


@dataclass
class Recovery:
    """``rows`` are those saved by table, ``damaged`` the tables that could not be read to their
    end, ``kept`` where the damaged file is now; ``verification`` is of the fresh journal.
    """

    rows: dict[str, int] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    kept: Path = Path()
    verification: Verification = field(default_factory=Verification)


_SHARED_FIRST, _SHARED_SIZE = 0x40000000 + 2, 510


def recover(home: Path) -> Recovery:
    """Save what can be read of the home's journal into a fresh one that takes its place. Raises
    NothingSaved, InUse, OSError where there is no journal or it cannot be replaced.
    """
    current = home.resolve() / "journal.db"
    if not current.is_file():
        raise FileNotFoundError(2, "No such file", str(current))
    if _is_open_elsewhere(current):
        raise InUse(current)
    fresh = current.with_name("journal.db.recovering")
    with removed_on_failure(fresh):
        result = _saved(current, fresh)
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    result.kept = current.with_name(f"journal-{stamp}.damaged.db")
    with removed_on_failure(fresh):
        _set_aside(current, result.kept)
    kept = home / anchors.FILE_NAME
    if kept.exists():
        kept.replace(result.kept.with_suffix(".anchors.jsonl"))
    fresh.replace(current)
    for suffix in ("-wal", "-shm"):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    journal = Journal(current, home, signatures.own(who()))
    result.verification = verify(journal)
    events.record(
        journal, "journal.recovered", "journal", path=result.kept.name, damaged=result.damaged
    )
    marks.keep(journal)
    journal.close()
    return result


def sqlite_uri(file: PurePath) -> str:
    """A file as SQLite takes it in an address. That of a share has an empty host and its name in
    the path (https://sqlite.org/uri.html, 3.1); ``Path.as_uri`` would make the server its host.
    """
    path = file.as_posix()
    lead = "//" if path.startswith("//") else "///" if file.drive else "//"
    return f"file:{lead}" + quote(path, safe="/:")


def _is_open_elsewhere(file: Path) -> bool:
    """Whether another process has the database open, told without touching what may be damaged:
    each holds a shared lock on 510 bytes while it does (https://sqlite.org/fileformat2.html, 1.2
    and 1.4: the lock-byte page). Windows says it by itself when the file is moved.
    """
    try:
        import fcntl
    except ImportError:
        return False
    with file.open("r+b") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except OSError:
            return True
        return False


def _set_aside(current: Path, kept: Path) -> None:
    """Move the damaged files away, the database first. Raises InUse, and nothing was moved then:
    Windows does not let go what another program has open.
    """
    for suffix in ("", "-wal", "-shm"):
        part = current.with_name(current.name + suffix)
        if part.exists():
            try:
                part.replace(kept.with_name(kept.name + suffix))
            except PermissionError:
                raise InUse(part) from None


def _saved(current: Path, fresh: Path) -> Recovery:
    """What could be read of a damaged file, in a fresh journal. Raises NothingSaved."""
    fresh.unlink(missing_ok=True)
    result = Recovery()
    journal = Journal(fresh)
    try:
        uri = f"{sqlite_uri(current)}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as damaged:
            for table in schema.metadata.sorted_tables:
                if table not in (schema.chain, schema.search_part):
                    _save(damaged, journal, table, result)
        if not sum(result.rows.values()):
            raise NothingSaved(current.name)
        _set_head(journal)
    finally:
        journal.close()
    return result


def _set_head(journal: Journal) -> None:
    """The chain goes on from the last event that was saved."""
    event, chain = schema.event, schema.chain
    with journal.writing() as connection:
        last = connection.execute(
            sa.select(event).order_by(event.c.sequence.desc()).limit(1)
        ).first()
        if last is not None:
            signed = connection.execute(
                sa.select(sa.func.max(schema.signature.c.sequence))
            ).scalar()
            values = {"sequence": last.sequence, "hash": last.hash, "signed": signed or 0}
            connection.execute(chain.update().values(**values))


def _save(damaged: sqlite3.Connection, journal: Journal, table: sa.Table, result: Recovery) -> None:
    """Copy a table from its beginning, and from its end where the beginning breaks off, some rows
    at a time.
    """
    names = _columns(damaged, table)
    if not names:
        return
    keys = [column.name for column in table.primary_key]
    places = [names.index(key) for key in keys]
    seen: set[tuple[object, ...]] = set()
    result.rows[table.name] = 0
    columns = ", ".join(f'"{name}"' for name in names)
    for direction in ("ASC", "DESC"):
        order = ", ".join(f'"{key}" {direction}' for key in keys)
        waiting: list[dict[str, Any]] = []
        whole = True
        try:
            for row in damaged.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY {order}'):
                key = tuple(row[place] for place in places)
                if key not in seen:
                    seen.add(key)
                    waiting.append(dict(zip(names, row, strict=True)))
                if len(waiting) == _SOME:
                    result.rows[table.name] += _insert(journal, table, waiting)
                    waiting = []
        except _UNREADABLE:
            whole = False
        result.rows[table.name] += _insert(journal, table, waiting)
        if whole:
            return
        if table.name not in result.damaged:
            result.damaged.append(table.name)


def _columns(damaged: sqlite3.Connection, table: sa.Table) -> list[str]:
    """The columns of a table the damaged journal has too (an older one has fewer); all where it
    cannot be asked.
    """
    names = [column.name for column in table.c]
    try:
        found = {row[1] for row in damaged.execute(f'PRAGMA table_info("{table.name}")')}
        known = damaged.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except _UNREADABLE:
        return names
    return [name for name in names if name in found] if known else names


def _insert(journal: Journal, table: sa.Table, rows: list[dict[str, Any]]) -> int:
    """Insert what still fits the schema; a row that does not (a broken reference, a missing value)
    is left out.
    """
    done = 0
    with journal.writing() as connection:
        for values in rows:
            with contextlib.suppress(sa.exc.DBAPIError), connection.begin_nested():
                connection.execute(table.insert(), values)
                done += 1
    return done
