"""One journal on a real PostgreSQL, several senders at once, killed at random: each document
exactly once.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.company import connecting, settings
from app.company.settings import ConnectionSettings
from app.intake.importing import import_file
from app.journal import Journal, leases, outbox, search, store, verification
from app.journal.outbox import Intent, State
from app.reconciling import runs
from app.sending import maps, proposals
from app.sending.pull import pull
from app.sending.push import push
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.sandbox.store import Faults, SandboxStore
from tests import polizas
from tests import postgresql as server
from tests.conftest import SAMPLE
from tests.faults.test_killed import entries, target

__all__ = ["target"]

SENDERS = 4
KILLS = 12


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    if not server.IS_HERE:
        pytest.skip("no PostgreSQL on this machine")
    with server.running() as url:
        yield url


@pytest.fixture
def shared(postgresql: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A journal in a database of its own."""
    url = server.database(postgresql, f"j{time.monotonic_ns()}")
    monkeypatch.setenv("CUADRE_JOURNAL", url)
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
    connector = connecting.connect(kept, DEFAULT_PASSWORD)
    maps.accept_suggestions(shared, "sb", proposals.unmapped(shared, "sb", connector))
    assert push(shared, "sb", connector).confirmed == 236
    pull(shared, "sb", connector, date(2026, 1, 1), date(2026, 1, 31))
    assert runs.reconcile(shared, "batch:1", "pull:sb").settled
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
    connector = connecting.connect(kept, DEFAULT_PASSWORD)
    maps.accept_suggestions(shared, "sb", proposals.unmapped(shared, "sb", connector))
    chance = random.Random(3)
    command = [sys.executable, "-m", "tests.faults.sender", str(home)]
    senders: list[subprocess.Popen[bytes]] = []
    for _ in range(KILLS):
        while len(senders) < SENDERS:
            senders.append(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
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


AT_ONCE = """
import sys
from pathlib import Path
from app.company import settings
from app.intake.importing import import_file
from app.sending.push import push
from app.journal import outbox, search
from app.journal.breaker import Breaker
from app.journal.budgets import SharedCalls
from app.journal.outbox import Intent
home, number = Path(sys.argv[1]), int(sys.argv[2])
journal = settings.open_journal(home / str(number))
for turn in range(8):
    settings.put(journal, f"prueba.{turn}", str(number))
    Breaker(journal, f"c{turn}").failed("x")
    SharedCalls(journal, f"c{turn}").change(lambda calls: calls.recent.append(1.0))
    outbox.enqueue(journal, f"c{turn}", [Intent(f"r{n}", 1, "h", {"x": 1}) for n in range(5)])
    search.search(journal, "prueba")
"""


def test_desktops_that_start_and_write_at_once_do_not_stumble(
    postgresql: str, shared: Journal, home: Path
) -> None:
    import_file(shared, SAMPLE)
    working = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, str(home), str(number)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    said = [process.communicate(timeout=120)[1] for process in working]
    assert [process.returncode for process in working] == [0, 0, 0], said
    assert verification.verify(shared).ok


def test_an_empty_shared_journal_is_opened_by_several_at_once(
    postgresql: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {(name := f'e{time.monotonic_ns()}')}")
    monkeypatch.setenv("CUADRE_JOURNAL", postgresql.rpartition("/")[0] + f"/{name}")
    code = (
        "import sys; from pathlib import Path; from app.company import settings;"
        " settings.open_journal(Path(sys.argv[1]))"
    )
    working = [
        subprocess.Popen([sys.executable, "-c", code, str(home)], stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=120)[1] for process in working]
    assert [process.returncode for process in working] == [0] * 4, said


def test_a_shared_journal_of_the_first_release_is_copied_aside_and_upgraded(
    postgresql: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg
    from alembic import command
    from alembic.config import Config

    from app.journal import store

    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {(name := f'o{time.monotonic_ns()}')}")
    url = postgresql.rpartition("/")[0] + f"/{name}"
    config = Config()
    config.set_main_option("script_location", str(store._MIGRATIONS))
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    monkeypatch.setenv("CUADRE_JOURNAL", url)
    journal = settings.open_journal(home)
    assert list(home.glob("shared-journal.0001.*.bak.db"))
    assert import_file(journal, SAMPLE).state == "complete"
    journal.close()
    engine.dispose()


def test_very_wide_text_can_be_imported_and_searched_on_postgresql(
    shared: Journal, tmp_path: Path
) -> None:
    chance = random.Random(1)
    rows = ["Fecha;Cuenta;Concepto;Cargo;Abono"]
    for number in range(1, 1501):
        words = " ".join(f"{chance.randrange(36**7):x}" for _ in range(150))
        rows.append(f"05/01/2026;1020{number};{words} final{number};1,00;")
    path = tmp_path / "ancho.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    assert import_file(shared, path).state == "complete"
    assert [hit.line for hit in search.search(shared, "final1234").hits if hit.kind != "event"] == [
        1235
    ]


ODD = {
    "nul.csv": (
        "Fecha,Tipo,Poliza,Cuenta,Concepto,Cargo,Abono\n"
        "05/01/2026,D\0I,1\0,10\x0020,Pa\0go,1.00,\n05/01/2026,D\0I,1\0,4010,x,,1.00\n"
    ),
    "largo.csv": (
        "Fecha,Tipo,Poliza,Cuenta,Concepto,Cargo,Abono\n"
        f"05/01/2026,{'D' * 50},{'9' * 80},1020,Pago,1.00,\n"
        f"05/01/2026,{'D' * 50},{'9' * 80},4010,Pago,,1.00\n"
    ),
    "acentos.csv": (
        "Fecha,Tipo,Poliza,Cuenta,Concepto,Cargo,Abono\n"
        f"05/01/2026,Ñ,{'é/' * 30},1020,Pago,1.00,\n05/01/2026,Ñ,{'é/' * 30},4010,Pago,,1.00\n"
    ),
    "cuenta.csv": (
        "Cuenta,Nombre,Saldo inicial,Débitos,Créditos,Saldo final\n"
        f"{'1' * 90},Caja,5.00,1.00,0.00,6.00\n1105,Banco,5.00,1.00,0.00,6.00\n"
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_the_same_on_both_engines(
    shared: Journal, journal: Journal, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_text(ODD[name], encoding="utf-8")
    results = [import_file(kept, path) for kept in (shared, journal)]
    assert results[0].state == results[1].state != "failed"
    assert results[0].documents == results[1].documents
    assert results[0].findings == results[1].findings
    for kept in (shared, journal):
        assert verification.verify(kept).ok
    if name == "largo.csv":
        assert results[0].documents == {"ready": 0, "blocked": 1}


def test_the_anchors_of_a_shared_journal_are_not_those_of_the_home(
    shared: Journal, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Journal(home / "journal.db")
    import_file(own, SAMPLE)
    own.close()
    import_file(shared, SAMPLE)
    assert verification.verify(shared).ok
    assert len(list(home.glob("anchors*.jsonl"))) == 2


@pytest.mark.parametrize("hours", [1, -1])
def test_a_desktop_whose_clock_is_wrong_takes_no_lease_of_another(
    shared: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    path = tmp_path / "polizas.txt"
    path.write_bytes(polizas.file(polizas.balanced(1)))
    import_file(shared, path)
    outbox.enqueue(shared, "sb", [Intent("F1", 1, "h", {"x": 1})])
    right = store.instant
    if hours < 0:
        monkeypatch.setattr(store, "instant", lambda: right() + timedelta(hours=hours))
    claim = leases.claim(shared, "sb", "otra-pc|4|1.0|abcd", State.QUEUED, 1)[0]
    monkeypatch.setattr(
        store, "instant", lambda: right() + timedelta(hours=hours if hours > 0 else 0)
    )
    assert leases.recover(shared, "sb") == 0
    assert leases.standing(shared, [claim]) == [claim]
