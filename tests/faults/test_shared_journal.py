"""One journal on a real PostgreSQL, several senders at once, killed at random: each document exactly once."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import settings
from app.bridge import linking, mapping, reconciling
from app.bridge.intake import import_file
from app.bridge.pull import pull
from app.bridge.push import push
from app.journal import Journal, verification
from app.settings import ConnectionSettings
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.sandbox.store import Faults, SandboxStore
from tests.conftest import SAMPLE
from tests.faults.test_killed import entries, target

__all__ = ["target"]

SENDERS = 4
KILLS = 12
TOOLS = [
    *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True),
    *filter(None, [shutil.which("initdb")]),
]


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A PostgreSQL of our own on a free loopback port, under the account it insists on."""
    if not TOOLS or sys.platform == "win32":
        pytest.skip("no PostgreSQL on this machine")
    binaries = Path(TOOLS[0]).parent
    folder = Path(tempfile.mkdtemp(prefix="cuadre-pg-"))
    root = os.geteuid() == 0
    user = "postgres" if root else None
    if root:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    account = "postgres" if root else os.environ.get("USER", "postgres")

    def call(name: str, *arguments: str) -> None:
        command = [str(binaries / name), *arguments]
        subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=120)

    call("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", account)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    call("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
    yield f"postgresql://{account}@127.0.0.1:{port}/postgres"
    call("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shared(postgresql: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A journal in a schema of its own database."""
    import psycopg

    name = f"j{time.monotonic_ns()}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    monkeypatch.setenv("CUADRE_JOURNAL", postgresql.rpartition("/")[0] + f"/{name}")
    journal = settings.open_journal(home)
    yield journal
    journal.close()


def test_the_whole_way_on_postgresql(shared: Journal, target: tuple[str, Path]) -> None:
    from datetime import date

    url, database = target
    kept = ConnectionSettings("sb", "sandbox", url, user=DEFAULT_USER)
    settings.add_connection(shared, kept)
    assert import_file(shared, SAMPLE).documents == {"ready": 236, "blocked": 2}
    assert import_file(shared, SAMPLE).repeated
    connector = linking.connect(kept, DEFAULT_PASSWORD)
    mapping.accept_suggestions(shared, "sb", mapping.unmapped(shared, "sb", connector))
    assert push(shared, "sb", connector).confirmed == 236
    pull(shared, "sb", connector, date(2026, 1, 1), date(2026, 1, 31))
    assert reconciling.reconcile(shared, "batch:1", "pull:sb").settled
    assert verification.verify(shared).ok
    assert entries(database) == (236, 0)
    connector.close()


def test_four_senders_killed_at_random_send_each_document_once(
    shared: Journal, home: Path, target: tuple[str, Path]
) -> None:
    url, database = target
    store = SandboxStore(database)
    store.set_setting("unique_references", "0")
    store.set_faults(Faults(lose_answer=0.05, throttle=0.05))
    store.close()
    kept = ConnectionSettings("sb", "sandbox", url, user=DEFAULT_USER)
    settings.add_connection(shared, kept)
    import_file(shared, SAMPLE)
    connector = linking.connect(kept, DEFAULT_PASSWORD)
    mapping.accept_suggestions(shared, "sb", mapping.unmapped(shared, "sb", connector))
    chance = random.Random(3)
    command = [sys.executable, "-m", "tests.faults.sender", str(home)]
    senders: list[subprocess.Popen[bytes]] = []
    for _ in range(KILLS):
        while len(senders) < SENDERS:
            senders.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        time.sleep(chance.uniform(0.2, 0.7))
        victim = senders.pop(chance.randrange(len(senders)))
        victim.kill()
        victim.wait()
    for sender in senders:
        sender.kill()
        sender.wait()
    result = push(shared, "sb", connector, deadline=60, sleep=lambda _: None)
    connector.close()
    assert (result.uncertain, result.rejected) == (0, 0)
    assert entries(database) == (236, 0)
    assert verification.verify(shared).ok
