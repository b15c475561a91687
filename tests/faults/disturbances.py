"""What can go wrong around a push or an import. Each disturbance happens to one attempt, in a
process of its own.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from app.company import settings
from app.intake.importing import import_file
from app.journal import Journal, anchors, breaker, outbox, store, verification
from app.journal.outbox import State
from app.journal.outside import STATE_VARIABLE
from app.sending import maps, settling
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

breaker.FIRST_PAUSE = _SHORT
settling.FIRST_DELAY, settling.LONGEST_DELAY, settling.QUIET_SECONDS = _SHORT, 0.2, 0.6


class World:
    """One company's journal and its place in the target, driven by a seeded chance."""

    def __init__(self, home: Path, url: str, database: Path, chance: random.Random) -> None:
        self.home, self.url, self.database, self.chance = home, url, database, chance
        home.mkdir()
        os.environ[STATE_VARIABLE] = f"{home}.state"
        home.chmod(0o755)
        self.company = "R" + "".join(letter for letter in home.name if letter.isalnum()).upper()
        self.export = home / "polizas.txt"
        self.export.write_bytes(
            polizas.file(*[polizas.balanced(number) for number in range(1, VOUCHERS + 1)])
        )
        self.set_target(unique=chance.random() < 0.5)
        self.imported = False

    @property
    def references(self) -> list[str]:
        return [f"{self.company}/contpaqi/3/2026-01/{number}" for number in range(1, VOUCHERS + 1)]

    def set_target(self, unique: bool | None = None, **faults: float) -> None:
        target = SandboxStore(self.database)
        if unique is not None:
            target.set_setting("unique_references", "1" if unique else "0")
        target.set_faults(Faults(**faults))
        target.close()

    def prepare(self) -> None:
        """Import and map, undisturbed, where it was not done yet."""
        if self.imported:
            return
        journal = settings.open_journal(self.home)
        import_file(journal, self.export, self.company)
        target = self.connect()
        maps.accept_suggestions(journal, CONNECTION, maps.unmapped(journal, CONNECTION, target))
        target.close()
        journal.close()
        self.imported = True

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
            journal = settings.open_journal(self.home)
            push(journal, CONNECTION, self.connect(url), deadline=deadline, sleep=_brief)

        return Child(work, EXPECTED)

    def attempt_import(self, before: Callable[[], object]) -> Child:
        def work() -> None:
            before()
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
        with self._journal() as journal:
            return set(outbox.references(journal, CONNECTION, [State.CONFIRMED]))

    def is_whole(self) -> bool:
        with self._journal() as journal:
            return verification.verify(journal).ok

    @contextlib.contextmanager
    def _journal(self) -> Iterator[Journal]:
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
    )
}


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
