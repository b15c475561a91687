"""Opening a journal, its transactions, and its upgrades.

SQLite in WAL mode with ``synchronous=FULL`` is the default; a PostgreSQL URL works with the same
schema. Writing transactions take the write lock at once (``BEGIN IMMEDIATE``), so that two
processes queue instead of deadlocking.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from pathlib import Path

import sqlalchemy as sa

from app.journal.signatures import Signer
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

REVISION = "0007"
_WRITERS = 0x43554144
"""The advisory lock writers of a shared journal queue for."""
_MIGRATIONS = Path(__file__).resolve().parent / "migrations"


_CHECKED_WHOLE = 32 * 1024 * 1024
"""A file up to this size is checked page by page whenever it is opened (some hundredths of a
second).
"""


class Unusable(Refused):
    """The journal cannot be used; the argument says why, in the database's words."""

    context = "target"
    words = QT_TRANSLATE_NOOP(
        "target",
        "The journal cannot be used: {reason}. Nothing was written. Restore a backup, save what can"
        " be read, or choose another folder.",
    )

    def said(self) -> Mapping[str, object]:
        return {"reason": self}


class DiskFull(Unusable):
    """The disk the journal is on took no more."""

    words = QT_TRANSLATE_NOOP(
        "target",
        "The disk is full. Nothing was written and the journal is as it was. Make room and do the"
        " same again.",
    )


class ServerLost(Unusable):
    """The database server of a shared journal does not answer."""

    words = QT_TRANSLATE_NOOP(
        "target",
        "The server of the shared journal does not answer ({reason}). Nothing was written. Check"
        " the network, or ask whoever runs the server, and do the same again.",
    )


class HeldElsewhere(Unusable):
    """Another program holds the journal's file."""

    words = QT_TRANSLATE_NOOP(
        "target",
        "Another program holds the journal (a synchronised folder, an antivirus)."
        " Nothing was written. Wait for it or close it, and do the same again.",
    )


class NotWritable(Unusable):
    """The journal's file or folder may not be written."""

    words = QT_TRANSLATE_NOOP(
        "target",
        "The journal may not be written here ({reason}). Check the permissions of its folder.",
    )


class NotTaken(Unusable):
    """The database took a value for impossible."""

    words = QT_TRANSLATE_NOOP(
        "target",
        "The database does not take a value ({reason}). Nothing was written and the journal is as"
        " it was. Please send the file to support.",
    )


_CAUSES = (
    (re.compile(r"disk is full|no space left", re.IGNORECASE), DiskFull),
    (re.compile(r"database( table)? is locked", re.IGNORECASE), HeldElsewhere),
    (re.compile(r"readonly database|permission denied|unable to open", re.IGNORECASE), NotWritable),
    (
        re.compile(r"connection|server closed|terminating|could not translate host", re.IGNORECASE),
        ServerLost,
    ),
    (re.compile(r"too long for type|NUL|0x00|out of range", re.IGNORECASE), NotTaken),
)


def unusable(reason: object) -> Unusable:
    """What is wrong with the journal, by the database's own words, so that the advice fits."""
    text = str(reason)
    kind = next((kind for pattern, kind in _CAUSES if pattern.search(text)), Unusable)
    return kind(text)


class Damaged(Unusable):
    """The journal's file is damaged; the argument says how, in SQLite's words."""


class Newer(Refused):
    """The journal was written by a newer version of the program; the argument is its revision."""

    context = "target"
    words = QT_TRANSLATE_NOOP(
        "target",
        "The journal was written by a newer version of Cuadre ({revision}); install that version.",
    )

    def said(self) -> Mapping[str, object]:
        return {"revision": self}


def instant() -> datetime:
    """The present instant in UTC by this machine's clock."""
    return datetime.now(UTC)


def database_instant(connection: sa.Connection) -> datetime:
    """The present instant by the clock of the database, which is one for all who share a journal;
    that of this machine where the journal is a file.
    """
    if connection.dialect.name != "postgresql":
        return instant()
    at: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return at.astimezone(UTC)


def written(at: datetime) -> str:
    """An instant as the journal writes it (microseconds, so that order survives)."""
    return at.isoformat(timespec="microseconds")


def now() -> str:
    """The present instant as the journal writes it, by this machine's clock."""
    return written(instant())


def moment(connection: sa.Connection) -> str:
    """The present instant as the journal writes it, by the clock of the database: what is written
    with a row and with its event.
    """
    return written(database_instant(connection))


def who() -> str:
    """The user of the operating system and the machine."""
    return f"{_user()}@{platform.node()}"


class Journal:
    """A journal database. ``location`` is a file (made when missing) or an SQLAlchemy URL; ``home``
    is the data home it is used from, ``signer`` signs what is written. Raises Damaged, Newer,
    sqlalchemy.exc.DatabaseError.
    """

    def __init__(
        self, location: Path | str, home: Path | None = None, signer: Signer | None = None
    ) -> None:
        self.signer = signer
        self.path = location if isinstance(location, Path) else None
        self.home = home or (self.path.parent if self.path else None)
        url = f"sqlite:///{location}" if isinstance(location, Path) else location
        if self.path:
            _make_private(self.path)
        self.engine = sa.create_engine(
            url,
            connect_args={"timeout": 60} if url.startswith("sqlite") else {},
            hide_parameters=True,  # reports of errors name no party
        )
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine)
        try:
            self._check()
            self._upgrade()
        except UnicodeDecodeError:  # SQLite quotes the damaged schema in its words
            self.engine.dispose()
            raise Damaged("malformed database schema") from None
        except BaseException:
            self.engine.dispose()
            raise

    def be_impatient(self, seconds: float) -> None:
        """Wait no longer for who else writes to a journal in a file; for those whose own callers
        will not wait.
        """
        if self.engine.dialect.name != "sqlite":
            return
        wait = f"PRAGMA busy_timeout={int(seconds * 1000)}"

        @sa.event.listens_for(self.engine, "connect")
        def connected(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(wait)

        self.engine.dispose()

    @cached_property
    def actor(self) -> str:
        """Operating-system user and machine, written on every event."""
        return who()

    @contextmanager
    def writing(self, by_row: bool = False) -> Iterator[sa.Connection]:
        """A durable transaction: committed when the block ends, rolled back when it raises. Writers
        go one after the other; on PostgreSQL those that lock their rows themselves (``by_row``) go
        beside the others.
        """
        with (
            self.engine.connect().execution_options(
                immediate=True, signer=self.signer
            ) as connection,
            connection.begin(),
        ):
            if connection.dialect.name == "postgresql" and not by_row:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
            done = False
            try:
                yield connection
                done = True
            finally:
                if self.signer is not None:
                    self.signer.committed(done)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent snapshot."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    def _check(self) -> None:
        if self.path is None or not self.path.exists() or self.path.stat().st_size > _CHECKED_WHOLE:
            return
        try:
            with self.reading() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        except sa.exc.DatabaseError as error:
            if isinstance(error, sa.exc.OperationalError):
                raise
            found = str(error.orig)
        if found != "ok":
            raise Damaged(found)

    def _upgrade(self) -> None:
        """Bring the schema to the newest revision; an older journal is copied aside first."""
        found = self._revision()
        if found == REVISION:
            return
        if found > REVISION:
            raise Newer(found)
        if found and not self.path:
            self._copy_aside(found)
        if found and self.path:
            aside = self.path.with_suffix(f".{found}.bak")
            with (
                contextlib.closing(sqlite3.connect(self.path)) as source,
                contextlib.closing(sqlite3.connect(aside)) as copy,
            ):
                source.backup(copy)
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _copy_aside(self, revision: str) -> None:
        """Every table of a shared journal into an SQLite file in the home, before it is
        upgraded.
        """
        folder = self.home or Path.cwd()
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f"shared-journal.{revision}.{instant():%Y%m%d-%H%M%S}.bak.db"
        copy = sa.create_engine(f"sqlite:///{aside}")
        tables = sa.MetaData()
        with self.reading() as source, copy.begin() as target:
            tables.reflect(source)
            for column in chain.from_iterable(table.columns for table in tables.sorted_tables):
                column.server_default = None
                column.type = column.type.as_generic()
            tables.create_all(target)
            for table in tables.sorted_tables:
                for rows in (
                    source.execution_options(yield_per=500).execute(sa.select(table)).partitions()
                ):
                    target.execute(table.insert(), [dict(row._mapping) for row in rows])
        copy.dispose()

    def _revision(self) -> str:
        try:
            with self.reading() as connection:
                return (
                    connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
                    or ""
                )
        except sa.exc.DBAPIError as error:
            if isinstance(error.orig, sqlite3.DatabaseError) and "no such table" not in str(
                error.orig
            ):
                raise
            return ""


def _user() -> str:
    """The user of the operating system; never what the environment says, which anybody can set."""
    try:
        if sys.platform == "win32":
            return os.getlogin()
        else:  # noqa: RET505  mypy for Windows takes what follows a return for unreachable
            import pwd

            return pwd.getpwuid(os.geteuid()).pw_name
    except (OSError, KeyError):
        return f"uid{os.geteuid()}" if hasattr(os, "geteuid") else "?"


def _make_private(path: Path) -> None:
    """The folder and the file of a journal for their owner alone. On Windows a user's folders are
    that already.
    """
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, mode=0o700)
    if os.name == "posix":
        with contextlib.suppress(PermissionError):
            path.touch(mode=0o600)
            path.chmod(0o600)


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=60000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def began(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
