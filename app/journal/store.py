"""Opening a journal, its transactions, and its upgrades.

SQLite in WAL mode with ``synchronous=FULL`` is the default; a PostgreSQL URL works with the same schema. Writing
transactions take the write lock at once (``BEGIN IMMEDIATE``), so that two processes queue instead of deadlocking.
"""

from __future__ import annotations

import getpass
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

REVISION = "0001"
_MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def now() -> str:
    """The present instant in UTC as the journal writes it (microseconds, so that order survives)."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Journal:
    """A journal database. ``location`` is a file (made when missing) or an SQLAlchemy URL; ``home`` is the data home
    it is used from."""

    def __init__(self, location: Path | str, home: Path | None = None) -> None:
        self.path = location if isinstance(location, Path) else None
        self.home = home or (self.path.parent if self.path else None)
        url = f"sqlite:///{location}" if isinstance(location, Path) else location
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = sa.create_engine(url, connect_args={"timeout": 60} if url.startswith("sqlite") else {})
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine)
        self._upgrade()

    @cached_property
    def actor(self) -> str:
        """Operating-system user and machine, written on every event."""
        try:
            user = getpass.getuser()
        except (OSError, KeyError):
            user = "?"
        return f"{user}@{platform.node()}"

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A durable transaction: committed when the block ends, rolled back when it raises."""
        with self.engine.connect().execution_options(immediate=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent snapshot."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    def _upgrade(self) -> None:
        """Bring the schema to the newest revision; an older journal is copied aside first."""
        found = self._revision()
        if found == REVISION:
            return
        if found and self.path:
            shutil.copy2(self.path, self.path.with_suffix(f".{found}.bak"))
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _revision(self) -> str:
        try:
            with self.reading() as connection:
                return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or ""
        except sa.exc.DBAPIError as error:
            if isinstance(error.orig, sqlite3.DatabaseError) and "no such table" not in str(error.orig):
                raise
            return ""


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=60000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def began(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
