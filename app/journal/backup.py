"""Copies of a journal: made while it is in use, and proven before one takes its place."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from app.journal import anchors, events, marks, signatures
from app.journal.store import Journal, who
from app.journal.verification import Verification, verify
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP


class NotAFile(Exception):
    """The journal is on a database server; its own tools back it up."""


class NotWhole(Exception):
    """The copy does not prove whole; ``verification`` says where."""

    def __init__(self, verification: Verification) -> None:
        super().__init__(verification.first_bad)
        self.verification = verification


class ItIsTheJournal(Refused):
    """A copy was to be made of the journal in its own place; the argument is the path."""

    words = QT_TRANSLATE_NOOP("decide", "{path} is the journal itself; name another file.")

    def said(self) -> Mapping[str, object]:
        return {"path": self}


def _refuse_itself(current: Path, other: Path) -> None:
    if current.exists() and other.exists() and current.samefile(other):
        raise ItIsTheJournal(other)


def back_up(journal: Journal, target: Path) -> Verification:
    """Copy a journal online and prove the copy. Raises NotAFile, NotWhole (the copy is then
    removed), OSError.
    """
    if journal.path is None:
        raise NotAFile
    _refuse_itself(journal.path, target)
    events.record(journal, "journal.backed-up", "journal", path=target.name)
    partial = target.with_name(target.name + ".partial")
    with removed_on_failure(partial):
        _copy(journal.path, partial)
        found = _prove(partial)
        if not found.ok:
            raise NotWhole(found)
        partial.replace(target)
    return found


def restore(home: Path, copy: Path) -> tuple[Verification, Path | None]:
    """Put a proven copy in the journal's place; the journal it replaces is kept aside and its path
    answered.

    Raises NotWhole when the copy is not whole (nothing is changed then), OSError.
    """
    current = home / "journal.db"
    _refuse_itself(current, copy)
    found = _prove(copy)
    if not found.ok:
        raise NotWhole(found)
    refuse_in_use(current)
    is_folded = current.exists() and _fold_in(current)
    aside = (
        current.with_name(f"journal-{datetime.now(UTC):%Y%m%d-%H%M%S}.before-restore.db")
        if current.exists()
        else None
    )
    before = _events_in(current)
    home.mkdir(parents=True, exist_ok=True)
    fresh = current.with_name("journal.db.restoring")
    with removed_on_failure(fresh):
        _copy(copy, fresh)
    if aside is not None:
        current.replace(aside)
    for suffix in ("-wal", "-shm"):
        part = current.with_name(current.name + suffix)
        if is_folded or aside is None:
            part.unlink(missing_ok=True)
        elif part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    kept = home / anchors.FILE_NAME
    if kept.exists():
        kept.replace(
            home / f"journal-{datetime.now(UTC):%Y%m%d-%H%M%S}.before-restore.anchors.jsonl"
        )
    fresh.replace(current)
    journal = Journal(current, signer=signatures.own(who()))
    lost = max(before - found.events, 0)
    events.record(
        journal, "journal.restored", "journal", path=copy.name, events=found.events, lost=lost
    )
    marks.keep(journal)
    journal.close()
    return found, aside


def _copy(source_file: Path, target_file: Path) -> None:
    """Copy a database while it is in use. Raises OSError where the disk does not take it."""
    try:
        with (
            contextlib.closing(sqlite3.connect(source_file)) as source,
            contextlib.closing(sqlite3.connect(target_file)) as target,
        ):
            source.backup(target)
    except sqlite3.OperationalError as error:
        number = errno.ENOSPC if "full" in str(error) else errno.EIO
        raise OSError(number, os.strerror(number), str(target_file)) from error


@contextlib.contextmanager
def removed_on_failure(path: Path) -> Iterator[None]:
    """Leave no half of a copy behind."""
    try:
        yield
    except BaseException:
        for suffix in ("", "-journal", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise


def _events_in(path: Path) -> int:
    """How many events the journal that is replaced has; 0 where it cannot be read."""
    if not path.exists():
        return 0
    with (
        contextlib.closing(sqlite3.connect(path)) as connection,
        contextlib.suppress(sqlite3.DatabaseError, UnicodeDecodeError),
    ):
        return int(connection.execute("SELECT count(*) FROM event").fetchone()[0])
    return 0


class InUse(Refused):
    """Another program has the journal open; the argument is its path."""

    words = QT_TRANSLATE_NOOP(
        "decide",
        "{what} is open in another program: the window of Cuadre, or its work by itself. Close it"
        " and try again; nothing was changed.",
    )


def refuse_in_use(path: Path) -> None:
    """A journal is not exchanged under a program that has it open: on Windows it cannot be, and
    elsewhere that program would go on writing into the old one. SQLite leaves its write-ahead mode
    only for who is alone (https://sqlite.org/wal.html). Raises InUse.
    """
    if not path.is_file():
        return
    with (
        # Of a damaged file even the words of the error may not be text.
        contextlib.suppress(sqlite3.DatabaseError, UnicodeDecodeError),
        contextlib.closing(sqlite3.connect(path, timeout=1)) as connection,
    ):
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise InUse(path) from None
            raise


def _fold_in(path: Path) -> bool:
    """Bring what is still in the write-ahead log into the file, so that the file alone is the
    journal; False where it is too damaged for that.
    """
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False
    return True


def _prove(path: Path) -> Verification:
    if not path.is_file():
        raise FileNotFoundError(2, "No such file", str(path))
    journal = Journal(path)
    try:
        return verify(journal)
    finally:
        journal.close()
