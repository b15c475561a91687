"""Kill -9 at random moments: nothing is lost, nothing is doubled, and the journal is whole each
time.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.company import connecting, settings
from app.company.settings import ConnectionSettings
from app.intake.importing import import_file
from app.journal import Journal, verification
from app.sending import maps, proposals
from app.sending.push import push
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.sandbox.store import Faults, SandboxStore
from tests.conftest import SAMPLE

KILLS = 20
VOUCHERS = 236


@pytest.fixture
def target(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A sandbox in another process; answers (address, its database)."""
    database = tmp_path / "erp.db"
    command = [sys.executable, "-m", "tests.faults.target", str(database)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), database
        process.kill()


def entries(database: Path) -> tuple[int, int]:
    """(entries, references that stand more than once), counted in the target's own database."""
    with sqlite3.connect(database) as connection:
        total = connection.execute("SELECT count(*) FROM entry").fetchone()[0]
        doubled = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM entry GROUP BY reference HAVING count(*) > 1)"
        )
        found = int(total), int(doubled.fetchone()[0])
    connection.close()
    return found


def whole(journal: Journal) -> bool:
    result = verification.verify(journal)
    assert result.ok, result
    return True


@pytest.mark.parametrize("unique", ["1", "0"], ids=["guarded target", "target without a guard"])
def test_a_push_killed_twenty_times_sends_each_document_once(
    home: Path, journal: Journal, target: tuple[str, Path], unique: str
) -> None:
    url, database = target
    store = SandboxStore(database)
    store.set_setting("unique_references", unique)
    store.set_faults(Faults(lose_answer=0.1, error_after=0.05, throttle=0.05))
    store.close()
    kept = ConnectionSettings("sb", "sandbox", url, user=DEFAULT_USER)
    settings.add_connection(journal, kept)
    import_file(journal, SAMPLE)
    connector = connecting.connect(kept, DEFAULT_PASSWORD)
    maps.accept_suggestions(journal, "sb", proposals.unmapped(journal, "sb", connector))
    chance = random.Random(11)
    environment = {**os.environ, "CUADRE_SECRET_SB": DEFAULT_PASSWORD}
    command = [sys.executable, "-m", "tests.faults.sender", str(home)]
    sent = []
    for _ in range(KILLS):
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.12))
            process.kill()
        assert whole(journal)
        sent.append(entries(database)[0])
    result = push(journal, "sb", connector, deadline=60, sleep=lambda _: None)
    connector.close()
    assert (result.uncertain, result.rejected) == (0, 0)
    assert entries(database) == (VOUCHERS, 0)
    assert whole(journal)
    print("entries after each kill:", sent)


def test_an_import_killed_at_random_is_whole_or_absent(home: Path, tmp_path: Path) -> None:
    chance = random.Random(5)
    command = [sys.executable, "-m", "app", "import", str(SAMPLE), "--home", str(home)]
    for _ in range(8):
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(chance.uniform(0.2, 0.8))
            process.kill()
        journal = settings.open_journal(home)
        assert whole(journal)
        journal.close()
    journal = settings.open_journal(home)
    result = import_file(journal, SAMPLE)
    assert (result.state, result.lines["total"]) == ("complete", 1112)
    assert whole(journal)
    journal.close()
