"""What every test shares: shipped and copied samples, a journal in a temporary home, a sandbox on
loopback.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import keyring
import pytest
from keyring.backends.fail import Keyring as NoStore

import resources
from app.company import settings
from app.journal import Journal
from app.journal.outside import STATE_VARIABLE
from app.sending import settling
from app.translation import set_language
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import Timeouts, Transport

os.environ[STATE_VARIABLE] = tempfile.mkdtemp(prefix="cuadre-state-")
# No test fails because a machine is busy.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

LONGEST = 600
"""Seconds after which a test is stuck and ends with its process, which the others survive (xdist
begins another). Kept by faulthandler, which needs no lock of Python's.
"""
_told_to = pytest.StashKey[int]()
DATA = Path(__file__).parent / "data"
POSIX = pytest.mark.skipif(
    sys.platform == "win32", reason="signals and names of files that Windows has not"
)
SAMPLE = resources.path("samples", "polizas_enero_2026.txt")


def pytest_configure(config: pytest.Config) -> None:
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
        config.stash[_told_to] = os.dup(2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Nobody waits without end for a test that does, and where it stood is told."""
    faulthandler.dump_traceback_later(LONGEST, exit=True, file=item.config.stash[_told_to])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(autouse=True)
def _no_secret_store_and_english(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Tests never touch the person's own secret store, and read English."""
    keyring.set_keyring(NoStore())
    monkeypatch.delenv("CUADRE_HOME", raising=False)
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path_factory.mktemp("state")))
    set_language("en")
    yield
    set_language("es")


@pytest.fixture(scope="session")
def _new_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as the migrations leave it, made once."""
    path = tmp_path_factory.mktemp("journal") / "new.db"
    Journal(path).close()
    with contextlib.closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(autouse=True)
def _new_journals_are_copies(monkeypatch: pytest.MonkeyPatch, _new_journal: Path) -> None:
    """A thousand tests begin with an empty journal: of those in files the migrations run once.
    Older ones are upgraded as ever.
    """
    upgrade = Journal._upgrade

    def copied(self: Journal) -> None:
        if self.path is not None and not self._revision():
            with (
                contextlib.closing(sqlite3.connect(_new_journal)) as source,
                self.engine.connect() as connection,
            ):
                raw = connection.connection.driver_connection
                connection.rollback()
                assert isinstance(raw, sqlite3.Connection)
                source.backup(raw)
        upgrade(self)

    monkeypatch.setattr(Journal, "_upgrade", copied)


@pytest.fixture(autouse=True)
def _short_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback targets are done with a request in no time."""
    monkeypatch.setattr(settling, "QUIET_SECONDS", 0.2)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    opened = settings.open_journal(home)
    yield opened
    opened.close()


@pytest.fixture
def country() -> str:
    """Whose chart of accounts the sandbox has; a module may say another."""
    return "MX"


@pytest.fixture
def store(tmp_path: Path, country: str) -> Iterator[SandboxStore]:
    opened = SandboxStore(tmp_path / "sandbox.db", country)
    yield opened
    opened.close()


@pytest.fixture
def sandbox(store: SandboxStore) -> Iterator[SandboxServer]:
    server = SandboxServer(store, seed=7).start()
    yield server
    server.stop()


@pytest.fixture
def connect(sandbox: SandboxServer) -> Iterator[Callable[[], SandboxConnector]]:
    """Makes signed-in connectors to the sandbox."""
    opened: list[SandboxConnector] = []

    def make(read_timeout: float = 20.0) -> SandboxConnector:
        transport = Transport(sandbox.url, Timeouts(read=read_timeout))
        opened.append(SandboxConnector(transport, DEFAULT_USER, DEFAULT_PASSWORD))
        return opened[-1]

    yield make
    for connector in opened:
        connector.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each connector does, after its suite ran."""
    from tests.connectors.table import table

    reports = [
        (report.nodeid, outcome)
        for outcome in ("passed", "failed", "skipped")
        for report in terminalreporter.stats.get(outcome, ())
        if "tests/connectors/test_" in getattr(report, "nodeid", "")
    ]
    for line in table(reports):
        terminalreporter.write_line(line)
