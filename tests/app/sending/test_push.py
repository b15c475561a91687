"""Each document exactly once, counted in the target's own database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.company import policy, settings
from app.documents.maps import Link, MapKind
from app.documents.obstacles import Problem
from app.intake.importing import import_file
from app.journal import Journal, events, leases, listings, outbox, schema, verification
from app.journal import documents as journaled
from app.month_end import figures
from app.sending import maps, preflight, proposals, settling
from app.sending.push import push
from connectors import EntryLine, JournalEntry, RemoteRecord
from connectors.comparison import differences
from connectors.contract import Outcome
from connectors.errors import Rejected
from connectors.sandbox import Faults, SandboxConnector, SandboxStore
from importers import Options
from tests import polizas
from tests.conftest import SAMPLE

Connect = Callable[..., SandboxConnector]
MAPPED = [
    Link(MapKind.ACCOUNT, "102010001", "102.01", ""),
    Link(MapKind.ACCOUNT, "401010001", "401.01", ""),
    Link(MapKind.JOURNAL, "3", "DIA", ""),
]


@pytest.fixture
def ready(journal: Journal, connect: Connect) -> Journal:
    """A journal with the sample imported and mapped."""
    import_file(journal, SAMPLE)
    target = connect()
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    return journal


def duplicates(store: SandboxStore) -> int:
    rows = store._connection.execute(
        "SELECT count(*) FROM (SELECT reference FROM entry GROUP BY reference HAVING count(*) > 1)"
    )
    return int(rows.fetchone()[0])


def states(journal: Journal) -> dict[str, int]:
    return {str(state): count for state, count in outbox.counts(journal).items() if count}


def test_everything_ready_is_sent_and_nothing_twice(
    ready: Journal, connect: Connect, store: SandboxStore
) -> None:
    first = push(ready, "sandbox", connect())
    assert (first.confirmed, first.already, first.rejected, first.uncertain, first.waiting) == (
        236,
        0,
        0,
        0,
        2,
    )
    again = push(ready, "sandbox", connect())
    assert (again.confirmed, again.already, again.waiting) == (0, 236, 2)
    assert (store.count(), duplicates(store)) == (236, 0)


@pytest.mark.parametrize("unique", ["1", "0"])
def test_lost_answers_500s_and_429s_lose_and_double_nothing(
    ready: Journal, connect: Connect, store: SandboxStore, unique: str
) -> None:
    store.set_setting("unique_references", unique)
    store.set_faults(Faults(lose_answer=0.05, error_before=0.03, error_after=0.02, throttle=0.05))
    target = connect()
    monkey = target._batch = 3
    assert monkey == 3
    result = push(ready, "sandbox", target, deadline=60, sleep=lambda _: None)
    assert (result.confirmed, result.uncertain, result.rejected) == (236, 0, 0)
    store.set_faults(Faults())
    assert (store.count(), duplicates(store)) == (236, 0)
    kinds = {row.kind for row in listings.event_rows(ready)}
    assert {"outbox.uncertain", "outbox.adopted", "outbox.throttled"} <= kinds
    assert verification.verify(ready).ok


def test_a_dry_run_and_an_incomplete_map_send_nothing(
    journal: Journal, connect: Connect, store: SandboxStore
) -> None:
    import_file(journal, SAMPLE)
    result = push(journal, "sandbox", connect())
    problems = {problem for problem, _ in result.preflight.obstacles}
    assert not result.sent
    assert problems == {
        preflight.Problem.UNMAPPED_ACCOUNT,
        preflight.Problem.UNMAPPED_JOURNAL,
        preflight.Problem.BLOCKED,
    }
    assert len(result.preflight.obstacles) > 20
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    dry = push(journal, "sandbox", connect(), dry_run=True)
    assert (dry.sent, len(dry.preflight.intents), dry.waiting) == (False, 236, 238)
    assert store.count() == 0
    assert states(journal) == {}


def test_only_what_is_ready_when_asked(
    journal: Journal, connect: Connect, store: SandboxStore
) -> None:
    import_file(journal, SAMPLE)
    found = proposals.unmapped(journal, "sandbox", connect())
    maps.accept_suggestions(
        journal, "sandbox", [item for item in found if not item.source.startswith("601")]
    )
    assert push(journal, "sandbox", connect()).sent is False
    result = push(journal, "sandbox", connect(), only_ready=True)
    assert 200 < result.confirmed < 236
    assert store.count() == result.confirmed


def test_a_closed_period_is_told_before_anything_is_sent(
    ready: Journal, connect: Connect, store: SandboxStore
) -> None:
    store.set_setting("locked_until", "2026-01-15")
    result = push(ready, "sandbox", connect())
    closed = result.preflight.obstacles[(preflight.Problem.PERIOD_CLOSED, "2026-01-15")]
    assert len(closed.documents) + result.confirmed == 236
    assert store.count() == result.confirmed


def test_an_account_the_target_lacks_is_told_before_anything_is_sent(
    ready: Journal, connect: Connect
) -> None:
    maps.save(ready, "sandbox", [Link(MapKind.ACCOUNT, "401010001", "999.99")])
    result = push(ready, "sandbox", connect())
    assert not result.sent
    assert (preflight.Problem.ACCOUNT_NOT_IN_TARGET, "999.99") in result.preflight.obstacles


def one_voucher(
    tmp_path: Path, amount: str = "100.5", text: str = "PRUEBA", name: str = "a.txt"
) -> Path:
    path = tmp_path / name
    path.write_bytes(polizas.file(polizas.balanced(1, amount, text=text)))
    return path


@pytest.fixture
def single(journal: Journal, tmp_path: Path, connect: Connect) -> Journal:
    import_file(journal, one_voucher(tmp_path))
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    return journal


REFERENCE = "EMPRESA/contpaqi/3/2026-01/1"


def their_entry(amount: str, day: date = date(2026, 1, 5)) -> JournalEntry:
    lines = (
        EntryLine("102.01", Decimal(amount), Decimal(0)),
        EntryLine("401.01", Decimal(0), Decimal(amount)),
    )
    return JournalEntry(REFERENCE, day, "DIA", "", lines)


def test_a_document_that_is_there_already_is_compared_and_adopted(
    single: Journal, connect: Connect, store: SandboxStore
) -> None:
    connect().create_entries([their_entry("100.50")])
    assert push(single, "sandbox", connect()).confirmed == 1
    assert [row.kind for row in events.of(single, subject=REFERENCE)][-1] == "outbox.adopted"
    assert store.count() == 1


@pytest.mark.parametrize("theirs", [their_entry("99.50"), their_entry("100.50", date(2026, 1, 6))])
def test_one_that_differs_is_a_conflict_and_left_alone(
    single: Journal, connect: Connect, store: SandboxStore, theirs: JournalEntry
) -> None:
    connect().create_entries([theirs])
    result = push(single, "sandbox", connect())
    assert (result.confirmed, result.rejected) == (0, 1)
    assert states(single) == {"conflict": 1}
    assert store.count() == 1


def test_a_voucher_changed_after_sending_is_shown_never_sent(
    single: Journal, connect: Connect, store: SandboxStore, tmp_path: Path
) -> None:
    push(single, "sandbox", connect())
    import_file(single, one_voucher(tmp_path, "200.5", name="corregida.txt"))
    result = push(single, "sandbox", connect())
    assert (preflight.Problem.CHANGED_AFTER_SENDING, REFERENCE) in result.preflight.obstacles
    assert store.count() == 1


def test_an_open_document_belongs_to_the_newest_file_that_brings_it(
    single: Journal, connect: Connect, store: SandboxStore, tmp_path: Path
) -> None:
    outbox.enqueue(single, "sandbox", preflight.check(single, "sandbox", connect()).intents)
    copy = one_voucher(tmp_path, name="again.txt")
    copy.write_bytes(copy.read_bytes() + b"\r\n")
    batch = import_file(single, copy).batch
    assert push(single, "sandbox", connect(), batch=batch).confirmed == 1
    assert store.count() == 1
    assert "outbox.moved" in [row.kind for row in events.of(single, subject=REFERENCE)]


def test_a_waiting_document_takes_what_a_newer_file_says_of_it(
    single: Journal, connect: Connect, store: SandboxStore, tmp_path: Path
) -> None:
    outbox.enqueue(single, "sandbox", preflight.check(single, "sandbox", connect()).intents)
    newer = tmp_path / "con_uuid.txt"
    newer.write_bytes(
        polizas.file([*polizas.balanced(1), "AD D8AAA1F6-D2B6-41BA-9E97-F5F843C901EE"])
    )
    batch = import_file(single, newer).batch
    assert push(single, "sandbox", connect(), batch=batch).confirmed == 0
    policy.approve(single, batch, policy.Approval.FOLIOS, "trae el CFDI")
    assert push(single, "sandbox", connect(), batch=batch).confirmed == 1
    assert push(single, "sandbox", connect()).already == 1
    assert store.count() == 1


def test_a_refused_document_goes_out_after_its_map_was_corrected(
    single: Journal, connect: Connect, store: SandboxStore
) -> None:
    target = connect()
    real = target.create_entries
    from connectors.errors import Rejected

    target.create_entries = lambda entries: [Rejected("no", "x") for _ in entries]  # type: ignore[method-assign]
    assert push(single, "sandbox", target).rejected == 1
    target.create_entries = real  # type: ignore[method-assign]
    assert push(single, "sandbox", target).rejected == 1
    maps.save(single, "sandbox", [Link(MapKind.ACCOUNT, "401010001", "401.04")])
    assert push(single, "sandbox", target).confirmed == 1
    assert store.count() == 1


def test_a_sender_that_died_is_taken_over(
    single: Journal, connect: Connect, store: SandboxStore
) -> None:
    found = preflight.check(single, "sandbox", connect())
    outbox.enqueue(single, "sandbox", found.intents)
    dead = leases.lease_owner().split("|")
    dead[1] = "999999"
    leases.claim(single, "sandbox", "|".join(dead), outbox.State.QUEUED, 10)
    assert states(single) == {"sending": 1}
    assert push(single, "sandbox", connect()).confirmed == 1
    assert "outbox.taken-over" in [row.kind for row in events.of(single, subject=REFERENCE)]


def test_a_living_senders_documents_are_left_to_it(
    single: Journal, connect: Connect, store: SandboxStore
) -> None:
    found = preflight.check(single, "sandbox", connect())
    outbox.enqueue(single, "sandbox", found.intents)
    leases.claim(single, "sandbox", leases.lease_owner(), outbox.State.QUEUED, 10)
    result = push(single, "sandbox", connect(), deadline=1)
    assert (result.confirmed, result.waiting, store.count()) == (0, 1, 0)


def test_two_senders_at_once_share_the_work(
    ready: Journal, connect: Connect, store: SandboxStore, home: Path
) -> None:
    store.set_setting("unique_references", "0")
    journals = [settings.open_journal(home) for _ in range(2)]
    threads = [threading.Thread(target=push, args=(j, "sandbox", connect())) for j in journals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for opened in journals:
        opened.close()
    assert (store.count(), duplicates(store)) == (236, 0)
    assert verification.verify(ready).ok


def test_differences_name_date_account_and_lines() -> None:
    ours = their_entry("10.00")
    theirs = RemoteRecord(
        "1",
        "N",
        REFERENCE,
        date(2026, 1, 7),
        "posted",
        (EntryLine("102.01", Decimal("9.99"), Decimal(0)),),
    )
    text = "; ".join(differences(ours, theirs))
    assert "date 2026-01-05 ≠ 2026-01-07" in text
    assert "102.01" in text
    assert "401.01" in text
    assert "lines 2 ≠ 1" in text
    scale = RemoteRecord("1", "N", REFERENCE, ours.date, "posted", tuple(reversed(ours.lines)))
    assert differences(ours, scale) == []


def test_negative_amounts_change_sides(
    journal: Journal, connect: Connect, tmp_path: Path, store: SandboxStore
) -> None:
    path = tmp_path / "n.txt"
    path.write_bytes(
        polizas.file(
            [
                polizas.header(),
                polizas.movement("102010001", 0, "-5.5"),
                polizas.movement("401010001", 1, "-5.5"),
            ]
        )
    )
    import_file(journal, path)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    assert push(journal, "sandbox", connect()).confirmed == 1
    (found,) = store.find([REFERENCE])
    assert found["lines"][0]["credit"] == 550  # type: ignore[index]


def test_the_four_figures(ready: Journal, connect: Connect, store: SandboxStore) -> None:
    from app.sending.pull import pull

    assert figures.measure(ready).latency_median is None
    push(ready, "sandbox", connect())
    pull(ready, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    found = figures.measure(ready)
    assert found.ok
    assert found.latency_median is not None
    stranger = JournalEntry(
        "EMPRESA/contpaqi/9/2026-01/77", date(2026, 1, 9), "DIA", "", their_entry("1").lines
    )
    connect().create_entries([stranger])
    store._connection.execute("UPDATE entry SET reference = 'gone' WHERE id = 1")
    pull(ready, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    assert len(figures.measure(ready).orphans) == 2


def test_counts_by_state_never_lose_a_row(ready: Journal, connect: Connect) -> None:
    push(ready, "sandbox", connect())
    with ready.reading() as connection:
        total = connection.execute(
            sa.select(sa.func.count()).select_from(schema.outbox)
        ).scalar_one()
    assert total == sum(outbox.counts(ready).values()) == 236


@pytest.mark.parametrize(
    ("currency", "sent"), [("USD", 0), ("MXN", 1), ("M.N.", 1), ("Pesos", 1), ("", 1)]
)
def test_a_foreign_currency_is_held_never_sent_as_pesos(
    journal: Journal,
    connect: Connect,
    store: SandboxStore,
    tmp_path: Path,
    currency: str,
    sent: int,
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "Fecha,Poliza,Cuenta,Moneda,Cargo,Abono\n"
        f"05/01/2026,1,102.01,{currency},100.00,\n05/01/2026,1,401.01,{currency},,100.00\n"
    )
    import_file(journal, path)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    result = push(journal, "sandbox", connect())
    assert (result.confirmed, store.count()) == (sent, sent)
    assert bool([problem for problem, _ in result.preflight.obstacles]) == (not sent)


def test_a_request_that_outlives_its_time_out_is_not_sent_a_second_time(
    ready: Journal, connect: Connect, store: SandboxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target has no guard and is still busy when it is looked up: that it has nothing yet says
    nothing.
    """
    monkeypatch.setattr(settling, "QUIET_SECONDS", 1.0)
    store.set_setting("unique_references", "0")
    target = connect()
    target._transport._client.timeout = 0.4
    create = target.create_entries
    slow = [True]

    def create_entries(entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        store.set_faults(Faults(hang=1.0, hang_seconds=0.8) if slow else Faults())
        if slow:
            slow.pop()
            threading.Timer(0.2, store.set_faults, [Faults()]).start()
        return create(entries)

    monkeypatch.setattr(target, "create_entries", create_entries)
    assert push(ready, "sandbox", target, deadline=60).confirmed == 236
    assert (store.count(), duplicates(store)) == (236, 0)
    assert "outbox.not-found-yet" in {row.kind for row in listings.event_rows(ready)}


def two_files(journal: Journal, tmp_path: Path) -> tuple[int, int]:
    """North and south, with the same three folios and other amounts."""
    north, south = tmp_path / "norte.txt", tmp_path / "sur.txt"
    north.write_bytes(polizas.file(*[polizas.balanced(folio, "100.00") for folio in (1, 2, 3)]))
    south.write_bytes(polizas.file(*[polizas.balanced(folio, "200.00") for folio in (1, 2, 3)]))
    return import_file(journal, north).batch, import_file(journal, south).batch


def sent_amounts(connect: Connect) -> set[Decimal]:
    lines = connect().ledger(date(2026, 1, 1), date(2026, 1, 31))
    return {line.debit for line in lines if line.debit}


@pytest.mark.parametrize("only", [True, False])
def test_folios_two_files_bring_with_different_content_wait_for_a_person(
    journal: Journal, connect: Connect, store: SandboxStore, tmp_path: Path, only: bool
) -> None:
    south = two_files(journal, tmp_path)[1]
    target = connect()
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    maps.save(journal, "sandbox", MAPPED)
    found = push(journal, "sandbox", connect(), batch=south if only else None)
    assert (found.confirmed, found.waiting, store.count()) == (0, 3, 0)
    (obstacle,) = found.preflight.obstacles.values()
    assert obstacle.problem is Problem.FOLIO_TWICE
    assert "norte.txt" in obstacle.what and "sur.txt" in obstacle.what


@pytest.mark.parametrize(("chosen", "amount"), [(0, "100.00"), (1, "200.00")])
def test_the_file_a_person_lets_go_is_the_one_that_counts(
    journal: Journal,
    connect: Connect,
    store: SandboxStore,
    tmp_path: Path,
    chosen: int,
    amount: str,
) -> None:
    batches = two_files(journal, tmp_path)
    maps.save(journal, "sandbox", MAPPED)
    policy.approve(journal, batches[1 - chosen], policy.Approval.FOLIOS, "pensé que ésta")
    policy.approve(journal, batches[chosen], policy.Approval.FOLIOS, "no, ésta")
    found = push(journal, "sandbox", connect())
    assert (found.confirmed, found.waiting, store.count()) == (3, 0, 3)
    assert len(found.preflight.superseded) == 3
    assert sent_amounts(connect) == {Decimal(amount)}


def test_both_files_are_right_under_sources_of_their_own(
    journal: Journal, connect: Connect, store: SandboxStore, tmp_path: Path
) -> None:
    two_files(journal, tmp_path)
    south = tmp_path / "sur.txt"
    batch = import_file(journal, south, options=Options(source="sur")).batch
    maps.save(journal, "sandbox", MAPPED)
    policy.approve(journal, 1, policy.Approval.FOLIOS, "la del norte; la del sur va aparte")
    found = push(journal, "sandbox", connect())
    assert (found.confirmed, store.count()) == (6, 6)
    references = {row.external_ref for row in journaled.every(journal, batch=batch)}
    assert references == {f"EMPRESA/contpaqi~sur/3/2026-01/{folio}" for folio in (1, 2, 3)}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE document SET debit = debit + 1, credit = credit + 1 WHERE id = 5",
        "UPDATE document SET state = 'ready', blocked_by = '' WHERE state = 'blocked'",
        "UPDATE block SET data = CAST(data || x'00' AS BLOB) WHERE kind = 'movements'",
        "UPDATE batch SET company = 'OTRA'",
        "DELETE FROM event WHERE kind = 'import.closed'",
    ],
)
def test_what_was_changed_past_the_program_is_not_sent(
    ready: Journal, connect: Connect, store: SandboxStore, statement: str
) -> None:
    with ready.engine.begin() as connection:
        connection.execute(sa.text(statement))
    found = push(ready, "sandbox", connect())
    assert (found.confirmed, store.count()) == (0, 0)
    obstacles = preflight.check(ready, "sandbox", connect()).obstacles
    assert Problem.NOT_VOUCHED in {problem for problem, _ in obstacles}


def test_batches_grow_back_after_one_that_was_refused_as_a_whole(
    journal: Journal, connect: Callable[[], SandboxConnector], tmp_path: Path
) -> None:
    path = tmp_path / "polizas.txt"
    those = [polizas.balanced(number, f"{100 + number}.5") for number in range(1, 61)]
    path.write_bytes(polizas.file(*those))
    import_file(journal, path)
    target = connect()
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    usual, sizes = target.create_entries, []

    def create_entries(entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        sizes.append(len(entries))
        if any(entry.reference.endswith("/5") for entry in entries):
            raise Rejected("the whole batch for one")
        return usual(entries)

    target.create_entries = create_entries  # type: ignore[method-assign]
    batch = target.capabilities.batch
    result = push(journal, "sandbox", target, sleep=lambda _: None)
    assert (result.confirmed, result.rejected) == (59, 1)
    assert len(sizes) <= 2 + batch + 60 // batch + 5
    assert max(sizes[batch + 2 :]) > 1
