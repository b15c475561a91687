"""What can go wrong around a push or an import. Each disturbance happens to one attempt, in a
process of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from app.company import settings
from app.intake.importing import import_file
from app.journal import Journal, anchors, breaker, outbox, recovery, store, verification
from app.journal.outbox import State
from app.journal.outside import STATE_VARIABLE
from app.month_end import figures
from app.sending import maps, proposals, settling
from app.sending.pull import pull
from app.sending.push import push
from connectors.errors import ConnectorError
from connectors.sandbox import Faults, SandboxConnector, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import Timeouts, Transport
from tests import polizas
from tests.faults.processes import Child

VOUCHERS = 12
CONNECTION = "sb"
EXPECTED = (ConnectorError, sa.exc.DatabaseError, sqlite3.DatabaseError, OSError)
"""What an attempt may end with while the world is broken; anything else is a defect."""
_SHORT = 0.01
LAG = 0.5
"""Seconds a target's lists lag behind; as 75 to the 90 after which nothing found is believed."""

breaker.FIRST_PAUSE = _SHORT
settling.FIRST_DELAY, settling.LONGEST_DELAY, settling.QUIET_SECONDS = _SHORT, 0.2, 0.6


class World:
    """One company's journal and its place in the target, driven by a seeded chance."""

    def __init__(self, home: Path, url: str, database: Path, chance: random.Random) -> None:
        self.home, self.url, self.database, self.chance = home, url, database, chance
        home.mkdir()
        home.chmod(0o755)
        self.company = "R" + "".join(letter for letter in home.name if letter.isalnum()).upper()
        self.export = home / "polizas.txt"
        self.export.write_bytes(
            polizas.file(
                *[
                    polizas.balanced(number, f"{self._amount()}.{number:02}")
                    for number in range(1, VOUCHERS + 1)
                ]
            )
        )
        self.was_unguarded = False
        self.set_target(unique=chance.random() < 0.5)
        self.imported = self.is_damaged = False
        self.other: World | None = None

    def _amount(self) -> int:
        """No two companies of one target send the same: that would be a question, not a fault."""
        return 100 + int(hashlib.sha256(self.home.name.encode()).hexdigest()[:7], 16)

    @property
    def may_double(self) -> bool:
        """Two desktops share nothing and the target has no guard, or had none when the first of
        them sent (a guard does not know what was taken before it): nobody can prevent it then.
        """
        return self.other is not None and self.was_unguarded

    @property
    def references(self) -> list[str]:
        return [f"{self.company}/contpaqi/3/2026-01/{number}" for number in range(1, VOUCHERS + 1)]

    def set_target(self, unique: bool | None = None, **faults: float) -> None:
        target = SandboxStore(self.database)
        if unique is not None:
            self.was_unguarded |= not unique
            target.set_setting("unique_references", "1" if unique else "0")
        target.set_faults(Faults(**faults))
        target.close()

    def prepare(self) -> None:
        """Import and map, undisturbed, where it was not done yet."""
        if self.imported:
            return
        self._be_here()
        journal = settings.open_journal(self.home)
        import_file(journal, self.export, self.company)
        target = self.connect()
        maps.accept_suggestions(
            journal, CONNECTION, proposals.unmapped(journal, CONNECTION, target)
        )
        target.close()
        journal.close()
        self.imported = True

    def _be_here(self) -> None:
        """What this machine keeps outside of the home is its own."""
        os.environ[STATE_VARIABLE] = f"{self.home}.state"

    def connect(self, url: str = "") -> SandboxConnector:
        transport = Transport(url or self.url, Timeouts(2.0, 0.5), sleep=_brief)
        return SandboxConnector(
            transport, DEFAULT_USER, DEFAULT_PASSWORD, batch=self.chance.randint(1, 4)
        )

    def attempt(
        self, before: Callable[[], object] = lambda: None, url: str = "", deadline: float = 4.0
    ) -> Child:
        """A push in a process of its own, disturbed by ``before``, which runs in it first."""
        self.prepare()

        def work() -> None:
            before()
            self._be_here()
            journal = settings.open_journal(self.home)
            push(journal, CONNECTION, self.connect(url), deadline=deadline, sleep=_brief)

        return Child(work, EXPECTED)

    def attempt_import(self, before: Callable[[], object]) -> Child:
        def work() -> None:
            before()
            self._be_here()
            import_file(settings.open_journal(self.home), self.export, self.company)

        return Child(work, EXPECTED)

    def finish(self) -> list[str]:
        """Everything works again; answers what went wrong all the same."""
        self.set_target()
        return self.attempt(deadline=30.0).wait()

    def in_target(self) -> list[str]:
        with contextlib.closing(sqlite3.connect(self.database)) as plain:
            query = "SELECT reference FROM entry WHERE reference LIKE ?"
            return [reference for (reference,) in plain.execute(query, (f"{self.company}/%",))]

    def confirmed(self) -> set[str]:
        with self.journal() as journal:
            return set(outbox.references(journal, CONNECTION, [State.CONFIRMED]))

    def is_whole(self) -> bool:
        """What was saved from damage is as whole as it was saved."""
        if self.is_damaged:
            return True
        with self.journal() as journal:
            return verification.verify(journal).ok

    def beside(self) -> World:
        """The same company on another machine: a home and marks of its own, the same file."""
        if self.other is None:
            self.other = World.__new__(World)
            self.other.__dict__ |= {**self.__dict__, "imported": False, "other": None}
            self.other.home = self.home.with_name(f"{self.home.name}-b")
            self.other.home.mkdir()
            self.other.home.chmod(0o755)
        return self.other

    def unnamed_doubles(self) -> set[str]:
        """References that stand twice in the target and that a pull does not name."""
        doubled = {name for name, count in Counter(self.in_target()).items() if count > 1}
        if not doubled:
            return set()
        with self.journal() as journal:
            target = self.connect()
            pull(journal, CONNECTION, target, date(2026, 1, 1), date(2026, 1, 31))
            target.close()
            return doubled - set(figures.measure(journal).orphans)

    @contextlib.contextmanager
    def journal(self) -> Iterator[Journal]:
        self._be_here()
        journal = settings.open_journal(self.home)
        yield journal
        journal.close()


def killed_at_a_commit(world: World) -> list[str]:
    """kill -9 just before or just after one of the commits of a push: every durable step is one."""
    number, when = world.chance.randint(1, 30), world.chance.choice(["before", "after"])
    return world.attempt(lambda: _die_at_commit(number, when)).wait()


def killed_at_a_request(world: World) -> list[str]:
    """kill -9 just before a request leaves or just after its answer came."""
    number, when = world.chance.randint(1, 16), world.chance.choice(["before", "after"])
    return world.attempt(lambda: _die_at_request(number, when)).wait()


def killed_at_random(world: World) -> list[str]:
    child = world.attempt()
    child.kill_after(world.chance.uniform(0.0, 0.12))
    return child.wait()


def killed_importing(world: World) -> list[str]:
    number, when = world.chance.randint(1, 6), world.chance.choice(["before", "after"])
    return world.attempt_import(lambda: _die_at_commit(number, when)).wait()


def answers_lost(world: World) -> list[str]:
    return _with_target(world, lose_answer=0.4)


def errors_before_the_commit(world: World) -> list[str]:
    return _with_target(world, error_before=0.4)


def errors_after_the_commit(world: World) -> list[str]:
    return _with_target(world, error_after=0.4)


def a_storm_of_429(world: World) -> list[str]:
    return _with_target(world, throttle=0.7)


def silence_past_the_time_out(world: World) -> list[str]:
    return _with_target(world, hang=0.15, hang_seconds=0.7)


def half_a_body(world: World) -> list[str]:
    return _with_target(world, half_body=0.4)


def a_page_instead_of_an_answer(world: World) -> list[str]:
    return _with_target(world, wrong_type=0.4)


def a_slow_drip(world: World) -> list[str]:
    return _with_target(world, drip=1.0)


def sessions_that_expire(world: World) -> list[str]:
    return _with_target(world, expire=0.2)


def no_tls(world: World) -> list[str]:
    return world.attempt(url=world.url.replace("http://", "https://")).wait()


def no_name(world: World) -> list[str]:
    return world.attempt(url="http://no-such-host.invalid:8069").wait()


def nobody_listens(world: World) -> list[str]:
    return world.attempt(url="http://127.0.0.1:9").wait()


def a_full_disk(world: World) -> list[str]:
    """No file may grow beyond a limit just above what the journal has: writes fail as on a full
    disk.
    """
    room = world.chance.randint(0, 120_000)
    attempt = world.attempt if world.chance.random() < 0.7 else world.attempt_import

    def limit() -> None:
        largest = max((path.stat().st_size for path in world.home.glob("journal.db*")), default=0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + room, largest + room))

    return attempt(limit).wait()


def a_read_only_file(world: World) -> list[str]:
    """Nobody's rights on files nobody may write."""
    world.prepare()
    files = list(world.home.iterdir())
    for path in files:
        path.chmod(0o444)
    world.home.chmod(0o555)

    def drop() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)

    said = world.attempt(drop).wait()
    world.home.chmod(0o755)
    for path in files:
        path.chmod(0o644)
    return said


def a_locked_journal(world: World) -> list[str]:
    """Another process holds the write lock, for longer than this sender waits or for less."""
    world.prepare()
    patience, held = world.chance.choice([(0.1, 0.6), (5.0, 0.3)])
    ready = world.home / "locked"

    def hold() -> None:
        holder = sqlite3.connect(world.home / "journal.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        ready.touch()
        time.sleep(held)
        holder.execute("ROLLBACK")

    holder = Child(hold, ())
    while not ready.exists():
        time.sleep(_SHORT)
    child = world.attempt(lambda: _be_patient(patience))
    ready.unlink()
    return [*holder.wait(), *child.wait()]


def a_torn_log(world: World) -> list[str]:
    """kill -9, and the write-ahead log ends in a frame the disk never finished."""
    said = killed_at_random(world)
    log = world.home / "journal.db-wal"
    if log.exists() and log.stat().st_size:
        with log.open("ab") as file:
            file.write(world.chance.randbytes(world.chance.randint(1, 9000)))
    return said


def a_log_that_lost_its_end(world: World) -> list[str]:
    """A disk that lied about what it had written: the last transactions are gone. Only a target
    that refuses repeated references can save that. (An anchor kept from before would tell, as it
    should; it goes too.)
    """
    world.set_target(unique=True)
    said = killed_at_random(world)
    log = world.home / "journal.db-wal"
    if log.exists() and log.stat().st_size > 4096:
        os.truncate(log, log.stat().st_size - world.chance.randint(1, 4096))
        (world.home / anchors.FILE_NAME).unlink(missing_ok=True)
    return said


def a_clock_that_jumps(world: World) -> list[str]:
    """The clock is wrong from the beginning, or leaps midway, by an hour, two days or a year,
    either way.
    """
    leap = timedelta(hours=world.chance.choice([1, -1, 48, -48, 9000, -9000]))
    after = world.chance.choice([0, 20])
    return world.attempt(lambda: _leap(leap, after)).wait()


def two_desktops(world: World) -> list[str]:
    """Two senders on one journal; one is killed."""
    first, second = world.attempt(), world.attempt()
    first.kill_after(world.chance.uniform(0.0, 0.12))
    return [*first.wait(), *second.wait()]


def a_journal_put_back_by_copy(world: World) -> list[str]:
    """The home of an hour ago takes its place again, whatever was sent since."""
    world.prepare()
    copy = world.home.with_name(f"{world.home.name}.copia")
    _fold(world.home)
    shutil.copytree(world.home, copy)
    said = world.attempt().wait() if world.chance.random() < 0.5 else killed_at_random(world)
    shutil.rmtree(world.home)
    shutil.move(copy, world.home)
    world.home.chmod(0o755)
    return said


def a_journal_emptied(world: World) -> list[str]:
    """Journal and anchors are gone; the file is imported again."""
    said = killed_at_random(world)
    for path in world.home.glob("journal.db*"):
        path.unlink()
    (world.home / anchors.FILE_NAME).unlink(missing_ok=True)
    world.imported = False
    world.prepare()
    return said


def a_journal_saved_from_damage(world: World) -> list[str]:
    """Its last events and rows are gone, and what is left was saved."""
    said = world.attempt().wait() if world.chance.random() < 0.5 else killed_at_random(world)
    _fold(world.home)
    with contextlib.closing(sqlite3.connect(world.home / "journal.db")) as plain, plain:
        last = plain.execute("SELECT max(sequence) FROM event").fetchone()[0]
        kept = world.chance.randint(min(max(last - 30, 8), last), last)
        queued = "SELECT subject FROM event WHERE kind = 'outbox.queued' AND sequence > ?"
        plain.execute(f"DELETE FROM outbox WHERE external_ref IN ({queued})", (kept,))
        plain.execute("UPDATE outbox SET state = 'queued', remote_id = '', lease_owner = ''")
        plain.execute("DELETE FROM event WHERE sequence > ?", (kept,))
        plain.execute("DELETE FROM signature WHERE sequence > ?", (kept,))
    recovery.recover(world.home)
    world.is_damaged = True
    return said


def a_desktop_an_hour_off(world: World) -> list[str]:
    """Two senders on one journal, the clock of one an hour before or behind; one may be killed."""
    leap = timedelta(hours=world.chance.choice([1, -1]))
    first, second = world.attempt(lambda: _leap(leap, 0)), world.attempt()
    if world.chance.random() < 0.5:
        first.kill_after(world.chance.uniform(0.0, 0.12))
    return [*first.wait(), *second.wait()]


def lists_that_lag(world: World) -> list[str]:
    """What was made is in no list for a while (75 s of a real target, in the harness's time), and
    some answers are lost.
    """
    world.prepare()
    world.set_target(listing_lag=LAG, lose_answer=0.3)
    said = world.attempt().wait()
    world.set_target(listing_lag=LAG)
    time.sleep(LAG)
    return said


def two_desktops_apart(world: World) -> list[str]:
    """The same month from two desktops that share nothing, at once or one after the other. A target
    without a guard may take some twice; then the next pull names each.
    """
    other = world.beside()
    at_once = world.chance.random() < 0.5
    first = world.attempt()
    said = [] if at_once else first.wait()
    second = other.attempt()
    said += second.wait()
    return [*said, *first.wait()] if at_once else said


DISTURBANCES: dict[str, Callable[[World], list[str]]] = {
    work.__name__.replace("_", " "): work
    for work in (
        killed_at_a_commit,
        killed_at_a_request,
        killed_at_random,
        killed_importing,
        answers_lost,
        errors_before_the_commit,
        errors_after_the_commit,
        a_storm_of_429,
        silence_past_the_time_out,
        half_a_body,
        a_page_instead_of_an_answer,
        a_slow_drip,
        sessions_that_expire,
        no_tls,
        no_name,
        nobody_listens,
        a_full_disk,
        a_read_only_file,
        a_locked_journal,
        a_torn_log,
        a_log_that_lost_its_end,
        a_clock_that_jumps,
        two_desktops,
        a_journal_put_back_by_copy,
        a_journal_emptied,
        a_journal_saved_from_damage,
        a_desktop_an_hour_off,
        lists_that_lag,
        two_desktops_apart,
    )
}


def _fold(home: Path) -> None:
    """Bring the write-ahead log into the file."""
    with contextlib.closing(sqlite3.connect(home / "journal.db")) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _with_target(world: World, **faults: float) -> list[str]:
    world.prepare()
    world.set_target(**faults)
    said = world.attempt().wait()
    world.set_target()
    return said


def _brief(seconds: float) -> None:
    time.sleep(min(seconds, _SHORT))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at_commit(number: int, when: str) -> None:
    usual = Journal.writing
    left = [number]

    @contextlib.contextmanager
    def writing(self: Journal, by_row: bool = False) -> Iterator[sa.Connection]:
        left[0] -= 1
        with usual(self, by_row) as connection:
            yield connection
            if left[0] == 0 and when == "before":
                _die()
        if left[0] == 0:
            _die()

    Journal.writing = writing  # type: ignore[method-assign,assignment]


def _die_at_request(number: int, when: str) -> None:
    usual = httpx.Client.send
    left = [number]

    def send(self: httpx.Client, *arguments: Any, **options: Any) -> httpx.Response:
        left[0] -= 1
        if left[0] == 0 and when == "before":
            _die()
        response = usual(self, *arguments, **options)
        if left[0] == 0:
            _die()
        return response

    httpx.Client.send = send  # type: ignore[method-assign]


def _be_patient(seconds: float) -> None:
    usual = store._prepare_sqlite

    def prepare(engine: sa.Engine) -> None:
        usual(engine)

        @sa.event.listens_for(engine, "connect")
        def connected(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")

    store._prepare_sqlite = prepare


def _leap(leap: timedelta, after: int) -> None:
    usual = store.instant
    calls = [0]

    def instant() -> datetime:
        calls[0] += 1
        return usual() + (leap if calls[0] > after else timedelta(0))

    store.instant = instant
