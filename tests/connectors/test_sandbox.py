"""The sandbox ERP keeps its promises, and breaks them on request."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors import EntryLine, JournalEntry, RemoteRecord, Transport
from connectors.errors import Conflict, PeriodClosed, Rejected, Throttled, Unauthorized, Uncertain
from connectors.sandbox import Faults, SandboxConnector, SandboxServer, SandboxStore
from connectors.transport import Timeouts

Connect = Callable[..., SandboxConnector]


def entry(
    reference: str = "R1",
    amount: str = "10.50",
    day: date = date(2026, 1, 5),
    account: str = "102.01",
) -> JournalEntry:
    lines = (
        EntryLine(account, Decimal(amount), Decimal(0)),
        EntryLine("401.01", Decimal(0), Decimal("10.50")),
    )
    return JournalEntry(reference, day, "DIA", "Venta señor Núñez", lines)


def test_both_countries_have_a_chart(tmp_path: object, store: SandboxStore) -> None:
    from pathlib import Path

    colombia = SandboxStore(Path(str(tmp_path)) / "co.db", country="CO", company="Demo SAS")
    assert {"code": "110505", "name": "Caja general"} in colombia.listing("account")
    assert {"code": "102.01", "name": "Bancos nacionales"} in store.listing("account")
    colombia.close()


def test_an_entry_comes_back_in_the_ledger_to_the_cent(connect: Connect) -> None:
    connector = connect()
    (record,) = connector.create_entries([entry()])
    assert isinstance(record, RemoteRecord)
    moves = list(connector.ledger(date(2026, 1, 1), date(2026, 1, 31)))
    assert [(move.account, move.debit, move.credit, move.reference) for move in moves] == [
        ("102.01", Decimal("10.50"), Decimal("0.00"), "R1"),
        ("401.01", Decimal("0.00"), Decimal("10.50"), "R1"),
    ]
    assert list(connector.ledger(date(2026, 2, 1), date(2026, 2, 28))) == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (entry(amount="10.51"), "unbalanced"),
        (entry(account="999"), "unknown_account"),
        (entry(amount="10.505"), "bad_amount"),
    ],
)
def test_what_is_refused_and_why(
    connect: Connect, store: SandboxStore, bad: JournalEntry, code: str
) -> None:
    good, refused = connect().create_entries([entry("OK"), bad])
    assert isinstance(good, RemoteRecord)
    assert isinstance(refused, Rejected)
    assert refused.code == code
    assert store.count() == 1


def test_a_reference_is_taken_once_unless_that_is_switched_off(
    connect: Connect, store: SandboxStore
) -> None:
    connector = connect()
    connector.create_entries([entry()])
    assert isinstance(connector.create_entries([entry()])[0], Conflict)
    store.set_setting("unique_references", "0")
    connector.create_entries([entry("R2")])
    connector.create_entries([entry("R2")])
    assert (store.count("R1"), store.count("R2")) == (1, 2)


def test_a_closed_period(connect: Connect, store: SandboxStore) -> None:
    store.set_setting("locked_until", "2026-01-31")
    (outcome,) = connect().create_entries([entry()])
    assert isinstance(outcome, PeriodClosed)


def test_an_answer_lost_after_the_commit(connect: Connect, store: SandboxStore) -> None:
    connector = connect()
    connector.identify()
    store.set_faults(Faults(lose_answer=1))
    with pytest.raises(Uncertain):
        connector.create_entries([entry()])
    store.set_faults(Faults())
    assert store.count("R1") == 1
    assert [record.number for record in connector.find_entries([entry("R1")])["R1"]]


def test_an_expired_session_is_renewed_once(connect: Connect, sandbox: SandboxServer) -> None:
    connector = connect()
    connector.identify()
    sandbox.expire_sessions()
    assert connector.identify().company


def test_a_wrong_password_is_not_tried_for_ever(sandbox: SandboxServer) -> None:
    connector = SandboxConnector(Transport(sandbox.url, Timeouts(2, 2)), "contador", "falsa")
    with pytest.raises(Unauthorized):
        connector.identify()
    connector.close()


def test_the_call_limit(tmp_path: object) -> None:
    from pathlib import Path

    store = SandboxStore(Path(str(tmp_path)) / "limited.db")
    server = SandboxServer(store, per_minute=2).start()
    transport = Transport(server.url, Timeouts(2, 2))
    connector = SandboxConnector(transport, "contador", "sandbox")
    connector.accounts()
    connector.journals()
    with pytest.raises(Throttled) as caught:
        transport.write("POST", "/api/entries", json={"entries": []})
    assert 50 < caught.value.retry_after <= 60
    connector.close()
    server.stop()
    store.close()


def test_paging_while_others_write(
    connect: Connect, store: SandboxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sandbox.server.PAGE_LIMIT", 4)
    connector, other = connect(), connect()
    connector.create_entries([entry(f"R{n}") for n in range(5)])
    seen = []
    for number, move in enumerate(connector.ledger(date(2026, 1, 1), date(2026, 1, 31))):
        if number == 2:
            other.create_entries([entry("LATE")])
        seen.append(move.remote_id)
    assert len(seen) == len(set(seen)) == 12


HURRY = """
import sys, threading, time
from pathlib import Path
from connectors.sandbox import SandboxStore

store, ended = SandboxStore(Path(sys.argv[1])), time.monotonic() + 2
def write(name):
    count = 0
    while time.monotonic() < ended:
        count += 1
        store.create_document({"kind": "contact", "fields": {"name": f"{name}{count}"}})
def read():
    while time.monotonic() < ended:
        store.listing("partner")
        store.setting("country")
workers = [threading.Thread(target=write, args=(name,)) for name in "AB"]
workers += [threading.Thread(target=read) for _ in range(2)]
for one in workers: one.start()
for one in workers: one.join()
print("done")
"""


def test_readers_and_writers_at_once_do_not_wait_for_each_other_without_end(tmp_path: Path) -> None:
    """In a process of its own: one in which threads wait for each other inside SQLite can do
    nothing about it.
    """
    command = [sys.executable, "-c", HURRY, str(tmp_path / "books.db")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout, ran.stderr) == ("done\n", "")


def test_what_is_not_committed_is_read_by_nobody_else(store: SandboxStore) -> None:
    seen: list[int] = []
    reader = threading.Thread(target=lambda: seen.append(len(store.listing("account"))))
    before = len(store.listing("account"))
    with pytest.raises(RuntimeError), store._writing() as cursor:
        cursor.execute("INSERT INTO account VALUES ('999.99', 'Nadie')")
        reader.start()
        reader.join(0.2)
        raise RuntimeError
    reader.join()
    assert seen == [before]
