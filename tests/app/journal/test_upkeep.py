"""Search, compaction, upgrades, budgets, the breaker and alerts: the journal after years and on bad
days.
"""

from __future__ import annotations

import contextlib
import json
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import keyring
import pytest
import zstandard
from keyring.backend import KeyringBackend

from app.intake.importing import import_file
from app.journal import (
    Journal,
    batches,
    breaker,
    compaction,
    leases,
    listings,
    outbox,
    store,
    verification,
)
from app.journal.breaker import Breaker
from app.journal.budgets import SharedCalls
from app.journal.outbox import Intent, State
from app.journal.search import search
from app.journal.store import Damaged, Newer
from app.month_end import alerts, figures
from app.sending import maps, proposals
from app.sending.push import push
from app.translation import set_language
from connectors import JournalEntry
from connectors.budget import CallBudget, NotNow
from connectors.contract import Outcome
from connectors.errors import ConnectorError
from connectors.sandbox import Faults, SandboxConnector, SandboxServer, SandboxStore
from tests import polizas
from tests.app.conftest import Run
from tests.conftest import DATA, SAMPLE

Connect = Callable[..., SandboxConnector]


@pytest.fixture
def sent(journal: Journal, connect: Connect, tmp_path: Path) -> Journal:
    """Three vouchers, imported and confirmed."""
    path = tmp_path / "tres.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(number) for number in (1, 2, 3)]))
    import_file(journal, path)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    push(journal, "sandbox", connect())
    return journal


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("8,002.30", {"movement"}),
        ("8002.30", {"movement"}),
        ("$8,002.30", {"movement"}),
        ("F-00001", {"movement", "document"}),
        ("periodo gasto", {"movement"}),
        ("PERÍODO", {"movement"}),
        ("EMPRESA/contpaqi/3/2026-01/1", {"document"}),
        ("60155", {"movement"}),
        ("import.closed", {"event"}),
        ("nadie escribió esto", set()),
        ("", set()),
        ("¿?'\"*", set()),
        ("OR AND NOT", set()),
    ],
)
def test_folio_amount_account_and_text_are_found(
    journal: Journal, text: str, kinds: set[str]
) -> None:
    import_file(journal, SAMPLE)
    answer = search(journal, text)
    assert answer.complete
    assert {hit.kind for hit in answer.hits} == kinds


def test_what_is_no_voucher_is_found_by_its_line(journal: Journal) -> None:
    import_file(journal, DATA / "colombia" / "wo9_listado_terceros_direcciones_synthetic.csv")
    batch = batches.every(journal)[0].id
    line = next(
        item for item in listings.batch_lines(journal, batch) if item.disposition == "record"
    )
    word = max(line.text.replace('"', " ").replace(";", " ").split(), key=len)
    assert line.number in {hit.line for hit in search(journal, word).hits}


def test_what_was_journaled_before_there_was_an_index_is_found(journal: Journal) -> None:
    import_file(journal, SAMPLE)
    with journal.writing() as connection:
        connection.exec_driver_sql("DELETE FROM search_part")
        connection.exec_driver_sql("INSERT INTO search_words (search_words) VALUES ('delete-all')")
    assert {hit.kind for hit in search(journal, "F-00001").hits} == {"movement", "document"}


def test_an_archived_file_leaves_its_proof(sent: Journal, tmp_path: Path) -> None:
    import_file(sent, SAMPLE)
    before = sent.path.stat().st_size if sent.path else 0
    found = compaction.compact(sent, "2999-01-01", tmp_path / "2026.zip")
    assert (found.batches, found.kept) == ([1], [2])
    assert verification.verify(sent).ok
    with zipfile.ZipFile(tmp_path / "2026.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        original = archive.read(manifest[0]["member"])
    assert original == (tmp_path / "tres.txt").read_bytes()
    assert listings.batch_lines(sent, 1) == []
    assert compaction.archive_of(sent, 1) == "2026.zip"
    assert sent.path is not None and sent.path.stat().st_size <= before
    again = import_file(sent, tmp_path / "tres.txt")
    assert (again.batch, again.repeated) == (3, False)
    assert len(listings.batch_lines(sent, 3)) == 9
    assert verification.verify(sent).ok
    with sent.writing() as connection:
        connection.exec_driver_sql("UPDATE document SET debit = debit + 1 WHERE batch_id = 1")
    assert not verification.verify(sent).ok


def test_lines_that_vanish_without_an_archive_are_missed(sent: Journal) -> None:
    with sent.writing() as connection:
        connection.exec_driver_sql("DELETE FROM block WHERE batch_id = 1")
        connection.exec_driver_sql("UPDATE batch SET compacted_at = '2026-01-01'")
    assert not verification.verify(sent).ok


def test_an_archive_never_overwrites_and_one_that_is_not_proven_removes_nothing(
    sent: Journal, run: Run, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.zip"
    taken.write_text("otra cosa")
    assert run("journal", "compact", "--before", "2999-01-01", taken)[0] == 2
    assert taken.read_text() == "otra cosa"
    with sent.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE original SET data = ?", (zstandard.compress(b"otra cosa"),)
        )
    with pytest.raises(compaction.NotArchived):
        compaction.compact(sent, "2999-01-01", tmp_path / "mal.zip")
    assert listings.batch_lines(sent, 1)


def test_a_journal_of_the_first_release_opens_with_a_backup_and_everything_in_it(
    tmp_path: Path, run: Run
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    old = zstandard.ZstdDecompressor().decompress(
        (DATA / "journal" / "first-release.db.zst").read_bytes()
    )
    (home / "journal.db").write_bytes(old)
    journal = Journal(home / "journal.db")
    assert (home / "journal.0001.bak").exists()
    assert verification.verify(journal).ok
    assert outbox.counts(journal)[State.CONFIRMED] == 4
    assert len(search(journal, "contpaqi").hits) >= 4
    assert import_file(journal, SAMPLE).state == "complete"
    journal.close()
    assert Journal(home / "journal.db").path


def test_a_journal_of_a_newer_version_is_left_alone(journal: Journal, run: Run) -> None:
    with journal.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert journal.path is not None
    with pytest.raises(Newer):
        Journal(journal.path)
    status, text = run("status", lang="es")
    assert status == 2 and "versión más nueva" in text


def test_a_damaged_page_is_noticed_when_the_journal_is_opened(journal: Journal, run: Run) -> None:
    import_file(journal, SAMPLE)
    assert journal.path is not None
    journal.close()
    data = bytearray(journal.path.read_bytes())
    for page in range(10, 14):
        data[page * 4096 : page * 4096 + 4096] = b"\x5a" * 4096
    journal.path.write_bytes(bytes(data))
    with pytest.raises(Damaged):
        Journal(journal.path)
    assert "journal recover" in run("status")[1]


def test_calls_are_counted_together_by_all_who_send(journal: Journal) -> None:
    now = [86_400.0 * 20_000 + 100]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    def made() -> CallBudget:
        return CallBudget(3, lambda: now[0], sleep, per_day=4, store=SharedCalls(journal, "odoo"))

    for _ in range(3):
        made().acquire()
    assert slept == []
    made().acquire()
    assert slept == [60.5]
    with pytest.raises(NotNow):
        made().acquire()
    now[0] += 86_400
    made().acquire()
    made().pause(5)
    made().acquire()
    assert slept[1:] == [5]


def test_the_breaker_opens_after_repeated_silence_and_closes_at_the_first_answer(
    journal: Journal,
    connect: Connect,
    store: SandboxStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "muchas.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(number) for number in range(1, 41)]))
    import_file(journal, path)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    target = connect()
    asked: list[int] = []
    create = target.create_entries
    faults = Faults(error_before=1.0)

    def create_entries(entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        asked.append(len(entries))
        store.set_faults(faults)
        return create(entries)

    monkeypatch.setattr(target, "create_entries", create_entries)
    monkeypatch.setattr(target._transport, "sleep", lambda _: None)
    result = push(journal, "sandbox", target, deadline=4, sleep=lambda _: None)
    assert result.confirmed == 0
    trouble = breaker.troubles(journal)[0]
    assert trouble.is_open and trouble.failures <= 12 and len(asked) <= 12
    kinds = [row.kind for row in reversed(listings.event_rows(journal))]
    assert kinds.count("breaker.opened") == 1
    faults = Faults()
    store.set_faults(faults)
    assert push(journal, "sandbox", target, deadline=30).confirmed == 40
    assert not breaker.troubles(journal)
    assert "breaker.closed" in {row.kind for row in listings.event_rows(journal)}


def test_the_breaker_survives_a_clock_that_was_wrong(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = store.instant
    monkeypatch.setattr(store, "instant", lambda: right() + timedelta(days=400))
    for _ in range(breaker.TOLERATED + 1):
        Breaker(journal, "odoo").failed("silence")
    monkeypatch.setattr(store, "instant", right)
    assert Breaker(journal, "odoo").wait() == 0


def test_contacts_go_before_documents_and_documents_before_payments(sent: Journal) -> None:
    kinds = {"pago": "payment", "cliente": "contact", "factura": "entry"}
    outbox.enqueue(
        sent, "otra", [Intent(ref, 1, "h", {"x": 1}, kind) for ref, kind in kinds.items()]
    )
    owner, order = leases.lease_owner(), []
    for _ in range(3):
        claims = leases.claim(sent, "otra", owner, State.QUEUED, 10)
        order.append([claim.external_ref for claim in claims])
        assert not leases.claim(sent, "otra", owner, State.QUEUED, 10)
        leases.settle(
            sent,
            [leases.Settlement(claim, State.CONFIRMED, "outbox.confirmed") for claim in claims],
        )
    assert order == [["cliente"], ["factura"], ["pago"]]


def test_a_row_put_off_by_a_clock_that_was_wrong_goes_at_once(
    sent: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.enqueue(sent, "otra", [Intent("a", 1, "h", {"x": 1})])
    owner = leases.lease_owner()
    right = store.instant
    monkeypatch.setattr(store, "instant", lambda: right() + timedelta(days=400))
    claim = leases.claim(sent, "otra", owner, State.QUEUED, 1)[0]
    leases.settle(sent, [leases.Settlement(claim, State.QUEUED, "outbox.not-sent", 30)])
    monkeypatch.setattr(store, "instant", right)
    assert leases.seconds_until_due(sent, "otra") == 0
    assert len(leases.claim(sent, "otra", owner, State.QUEUED, 1)) == 1


class Store(KeyringBackend):
    """A secret store in memory, as the operating system's for this test."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Inbox(BaseHTTPRequestHandler):
    received: list[str] = []
    status = 200

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.received.append(json.loads(text)["message"])
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def inbox() -> Iterator[str]:
    """A real receiver on loopback; answers its address in apprise's form, with a secret in it."""
    keyring.set_keyring(Store())
    Inbox.received, Inbox.status = [], 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"json://usuario:clave-secreta@127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_an_alert_is_delivered_once_told_again_after_a_day_and_closed(
    sent: Journal, inbox: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alerts.keep_addresses(home, [inbox])
    assert alerts.update(sent) == []
    with sent.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'rejected' WHERE id = 1")
    assert [alert.key for alert in alerts.update(sent)] == ["error-rate"]
    assert alerts.update(sent) == []
    assert len(Inbox.received) == 1 and "33.33%" in Inbox.received[0]
    set_language("es")
    assert "rechazados" in alerts.standing_texts(sent)[0]
    set_language("en")
    right = store.instant
    monkeypatch.setattr(alerts, "instant", lambda: right() + timedelta(hours=25))
    assert len(alerts.update(sent)) == 1
    monkeypatch.setattr(alerts, "instant", right)
    with sent.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'confirmed' WHERE id = 1")
    alerts.update(sent)
    assert alerts.standing_texts(sent) == []
    kinds = [row.kind for row in listings.event_rows(sent) if row.kind.startswith("alert.")]
    assert sorted(kinds) == ["alert.cleared", "alert.raised", "alert.raised"]
    Inbox.status = 500
    with sent.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'rejected' WHERE id = 1")
    alerts.update(sent)
    event = next(row for row in listings.event_rows(sent) if row.kind == "alert.not-delivered")
    assert event.data == {"sent_to": ["json"]}
    assert sent.path is not None
    assert b"clave-secreta" not in sent.path.read_bytes()
    assert "clave-secreta" not in alerts.shown_address(inbox)


def test_a_connection_that_stays_silent_and_documents_nobody_sends_are_told(
    sent: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.company import settings
    from app.company.settings import ConnectionSettings

    settings.add_connection(sent, ConnectionSettings("odoo", "odoo", "https://odoo.example"))
    Breaker(sent, "odoo").failed("no route to host")
    path = tmp_path / "olvidada.txt"
    path.write_bytes(polizas.file(polizas.balanced(9)))
    import_file(sent, path)
    assert alerts.standing(sent) == []
    right = store.instant
    monkeypatch.setattr(alerts, "instant", lambda: right() + timedelta(days=4))
    assert {alert.code for alert in alerts.standing(sent)} == {"silent", "unsent"}
    assert any("no route to host" in alert.text for alert in alerts.standing(sent))


def test_the_figures_name_the_documents_behind_them(sent: Journal, run: Run) -> None:
    with sent.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'rejected' WHERE id = 1")
        connection.exec_driver_sql("UPDATE outbox SET state = 'queued' WHERE id = 2")
        connection.exec_driver_sql(
            "UPDATE outbox SET confirmed_at = '2999-01-01T00:00:00+00:00' WHERE id = 3"
        )
    found = run("status", "--json")[1]
    assert found["error_rate"]["documents"] == ["EMPRESA/contpaqi/3/2026-01/1"]
    assert found["retry_queue"]["documents"] == ["EMPRESA/contpaqi/3/2026-01/2"]
    assert found["sync_latency"]["documents"] == ["EMPRESA/contpaqi/3/2026-01/3"]
    assert (found["error_rate"]["level"], found["sync_latency"]["level"]) == ("alarm", "warning")
    assert found["retry_queue"]["trend"] == 1
    assert figures.measure(sent).queue == 1


def test_answers_that_are_no_json_are_looked_up_and_nothing_is_doubled(
    journal: Journal, connect: Connect, store: SandboxStore, sandbox: SandboxServer, tmp_path: Path
) -> None:
    path = tmp_path / "muchas.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(number) for number in range(1, 61)]))
    import_file(journal, path)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    store.set_setting("unique_references", "0")
    store.set_faults(Faults(half_body=0.1, wrong_type=0.1, drip=0.1, expire=0.1))
    target = connect()
    target._batch = 3
    for _ in range(20):
        with contextlib.suppress(ConnectorError):
            push(journal, "sandbox", target, deadline=60, sleep=lambda _: None)
    assert (outbox.counts(journal)[State.CONFIRMED], store.count()) == (60, 60)
    assert verification.verify(journal).ok
