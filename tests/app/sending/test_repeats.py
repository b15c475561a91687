"""What was probably sent already under another reference is a question, asked once for its kind."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.company import settings
from app.company.settings import ConnectionSettings
from app.documents.obstacles import Problem
from app.intake.importing import import_file
from app.journal import Journal, verification
from app.sending import maps, proposals
from app.sending.push import PushResult, push
from app.sending.repeats import called_otherwise
from connectors.documents import EntryLine, JournalEntry
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_USER
from importers import Options
from tests import polizas
from tests.app.conftest import Run
from tests.conftest import SAMPLE

Connect = Callable[[], SandboxConnector]


class Company:
    def __init__(self, journal: Journal, connect: Connect, store: SandboxStore) -> None:
        self.journal, self.connect, self.store = journal, connect, store

    def send(self, path: Path, company: str = "", **options: str) -> PushResult:
        import_file(self.journal, path, company, Options(**options))  # type: ignore[arg-type]
        target = self.connect()
        maps.accept_suggestions(self.journal, "sb", proposals.unmapped(self.journal, "sb", target))
        return push(self.journal, "sb", target, sleep=lambda _: None)

    @property
    def in_target(self) -> int:
        with contextlib.closing(sqlite3.connect(self.store.path)) as plain:
            return int(plain.execute("SELECT count(*) FROM entry").fetchone()[0])


@pytest.fixture
def company(
    journal: Journal, sandbox: SandboxServer, connect: Connect, store: SandboxStore
) -> Company:
    settings.add_connection(
        journal, ConnectionSettings("sb", "sandbox", sandbox.url, user=DEFAULT_USER)
    )
    return Company(journal, connect, store)


Voucher = tuple[int | str, str, str, str]
"""Folio, day, amount, text."""
TRIO: Sequence[Voucher] = [
    (1, "20260105", "100.50", "Venta"),
    (2, "20260106", "250.00", "Compra"),
    (3, "20260107", "80.10", "Comision"),
]


def export(folder: Path, name: str, vouchers: Sequence[Voucher], kind: int = 3) -> Path:
    path = folder / f"{name}.txt"
    path.write_bytes(
        polizas.file(
            *[
                [
                    polizas.header(folio, day, kind, text),
                    polizas.movement("102010001", 0, amount, text=text),
                    polizas.movement("401010001", 1, amount, text=text),
                ]
                for folio, day, amount, text in vouchers
            ]
        )
    )
    return path


def held(result: PushResult) -> list[tuple[str, int]]:
    return [
        (obstacle.what, len(obstacle.documents))
        for obstacle in result.preflight.obstacles.values()
        if obstacle.problem is Problem.SENT_ALREADY
    ]


def moved_on(vouchers: Sequence[Voucher], step: int) -> list[Voucher]:
    return [(int(folio) + step, *rest) for folio, *rest in vouchers]  # type: ignore[misc]


def test_folios_that_were_numbered_anew_are_one_question(company: Company, tmp_path: Path) -> None:
    assert company.send(export(tmp_path, "enero", TRIO)).confirmed == 3
    result = company.send(export(tmp_path, "otra vez", moved_on(TRIO, 100)))
    assert held(result) == [("n → n + 100", 3)]
    assert not result.clean
    assert company.in_target == 3


@pytest.mark.parametrize("guarded", ["1", "0"])
def test_another_type_is_another_name_of_the_same(
    company: Company, tmp_path: Path, guarded: str
) -> None:
    company.store.set_setting("unique_references", guarded)
    company.send(export(tmp_path, "enero", TRIO))
    result = company.send(export(tmp_path, "con otro tipo", TRIO, kind=2))
    assert held(result) == [("3 → 2", 3)]
    assert company.in_target == 3


def test_a_month_sent_by_another_desktop_under_another_company_is_found_in_the_books(
    company: Company, connect: Connect, tmp_path: Path, sandbox: SandboxServer
) -> None:
    company.send(export(tmp_path, "enero", TRIO))
    other = settings.open_journal(tmp_path / "otro escritorio")
    settings.settle_company(other, "OTRA")
    kept = ConnectionSettings("sb", "sandbox", sandbox.url, user=DEFAULT_USER)
    settings.add_connection(other, kept)
    result = Company(other, connect, company.store).send(export(tmp_path, "enero", TRIO))
    assert held(result) == [("EMPRESA → OTRA", 3)]
    assert company.in_target == 3
    other.close()


def test_what_somebody_typed_into_the_target_is_found(
    company: Company, connect: Connect, tmp_path: Path
) -> None:
    company.send(export(tmp_path, "enero", TRIO[:1]))
    target = connect()
    lines = (
        EntryLine("102.01.001", Decimal(250), Decimal(0), "a mano"),
        EntryLine("401.01.001", Decimal(0), Decimal(250), "a mano"),
    )
    codes = [item.code for item in target.accounts()]
    found = maps.Maps.load(company.journal, "sb").links  # type: ignore[attr-defined]
    by_source = {source: link.target for (_, source), link in found.items()}
    lines = tuple(
        EntryLine(by_source[source], line.debit, line.credit, line.label)
        for source, line in zip(("102010001", "401010001"), lines, strict=True)
    )
    assert all(line.account in codes for line in lines)
    journal_code = by_source["3"]
    entry = JournalEntry("", date(2026, 1, 6), journal_code, "a mano", lines)
    target.create_entries([entry])
    result = company.send(export(tmp_path, "resto", TRIO[1:]))
    assert [what for what, _ in held(result)] == ["?"]
    assert result.confirmed == 1


def test_told_to_be_the_same_they_are_never_sent(
    company: Company, run: Run, tmp_path: Path
) -> None:
    company.send(export(tmp_path, "enero", TRIO))
    company.send(export(tmp_path, "otra vez", moved_on(TRIO, 100)))
    secret = ("queue", "repeats", "--connection", "sb")
    status, shown = run(*secret)
    assert status == 1 and "n → n + 100" in shown and "Compra" in shown
    assert len(run(*secret, "--json")[1]) == 3
    assert run("queue", "same", "--connection", "sb", "--reason", "")[0] == 2
    status, said = run(
        *("queue", "same", "n → n + 100", "--connection", "sb", "--reason", "renumerado", "--json")
    )
    assert status == 0 and len(said["same"]) == 3
    result = push(company.journal, "sb", company.connect())
    assert result.clean and result.skipped == 3
    assert company.in_target == 3
    assert verification.verify(company.journal).problems == []


def test_told_to_be_others_they_go(company: Company, run: Run, tmp_path: Path) -> None:
    company.send(export(tmp_path, "enero", TRIO))
    company.send(export(tmp_path, "otra vez", moved_on(TRIO, 100)))
    assert run("queue", "other", "--connection", "sb", "--reason", "son otras")[0] == 0
    assert push(company.journal, "sb", company.connect()).confirmed == 3
    assert company.in_target == 6
    assert run("queue", "repeats", "--connection", "sb")[0] == 0


def test_two_alike_in_one_file_are_two(company: Company, tmp_path: Path) -> None:
    twins = [TRIO[0], (2, *TRIO[0][1:])]
    assert company.send(export(tmp_path, "enero", twins)).confirmed == 2
    more = [*twins, (3, *TRIO[0][1:])]
    assert company.send(export(tmp_path, "enero completo", more)).confirmed == 1


def test_a_fee_of_every_day_is_no_repeat(company: Company, tmp_path: Path) -> None:
    fees = [(number, f"202601{number:02}", "5.80", "Comision") for number in range(1, 11)]
    assert company.send(export(tmp_path, "primera", fees[:5])).confirmed == 5
    result = company.send(export(tmp_path, "segunda", fees[5:]))
    assert held(result) == []
    assert result.confirmed == 5


def test_the_next_month_as_usual_is_no_repeat(company: Company, tmp_path: Path) -> None:
    assert company.send(export(tmp_path, "enero", TRIO)).confirmed == 3
    february = [(folio, day.replace("202601", "202602"), *rest) for folio, day, *rest in TRIO]
    assert company.send(export(tmp_path, "febrero", february)).confirmed == 3  # type: ignore[arg-type]


def test_a_day_moved_by_the_export_is_still_the_same(company: Company, tmp_path: Path) -> None:
    company.send(export(tmp_path, "enero", TRIO))
    shifted = [(int(folio) + 40, f"{int(day) + 1}", *rest) for folio, day, *rest in reversed(TRIO)]
    result = company.send(export(tmp_path, "corrida", shifted))  # type: ignore[arg-type]
    assert held(result) == [("n → n + 40", 3)]


def test_other_texts_on_the_same_day_are_others(company: Company, tmp_path: Path) -> None:
    company.send(export(tmp_path, "enero", [(1, "20260105", "100.00", "Ticket 1")]))
    result = company.send(export(tmp_path, "enero b", [(2, "20260105", "100.00", "Ticket 2")]))
    assert held(result) == [] and result.confirmed == 1


def test_the_sample_renumbered_is_held_whole_on_a_target_without_a_guard(
    company: Company, tmp_path: Path
) -> None:
    company.store.set_setting("unique_references", "0")
    assert company.send(SAMPLE).confirmed == 236
    lines = []
    for line in SAMPLE.read_bytes().split(b"\r\n"):
        is_header = line.startswith(b"P ")
        folio = b"%9d" % (int(line[17:26]) + 5000) if is_header else line[17:26]
        lines.append(line[:17] + folio + line[26:])
    path = tmp_path / "renumerada.txt"
    path.write_bytes(b"\r\n".join(lines))
    result = company.send(path)
    assert sum(count for _, count in held(result)) == 236
    assert company.in_target == 236


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("E/c/3/2026-01/1", "E/c/3/2026-01/101", "n → n + 100"),
        ("E/c/3/2026-01/101", "E/c/3/2026-01/1", "n → n − 100"),
        ("E/c/3/2026-01/1", "E/c/3/2026-01/001", "n → 00n"),
        ("E/c/DIA/2026-01/1", "E/c/DIARIO/2026-01/1", "DIA → DIARIO"),
        ("E/c/3/2026-01/1", "X/c/3/2026-01/2", "E → X, n → n + 1"),
        ("INV/2026/1", "E/c/3/2026-01/2", "?"),
        ("", "E/c/3/2026-01/2", "?"),
    ],
)
def test_how_a_reference_became_another(before: str, now: str, said: str) -> None:
    assert called_otherwise(before, now) == said


def test_questions_stand_in_figures_and_alerts_until_they_are_answered(
    company: Company, run: Run, tmp_path: Path
) -> None:
    company.send(export(tmp_path, "enero", TRIO))
    company.send(export(tmp_path, "otra vez", moved_on(TRIO, 100)))
    status, found = run("status", "--json")
    assert status == 1 and not found["retry_queue"]["ok"]
    assert len(found["questions"]["sent_already"]) == 3
    assert any(
        "under another reference" in text
        for text in run("alerts", "check", "--json")[1]["standing"]
    )
    run("queue", "same", "--connection", "sb", "--reason", "renumerado")
    assert run("status", "--json")[1]["questions"]["ok"]


def test_two_files_with_the_same_folios_are_a_question_before_anything_is_sent(
    company: Company, run: Run, tmp_path: Path
) -> None:
    north = export(tmp_path, "norte", TRIO)
    south = export(tmp_path, "sur", [(folio, day, "999.00", text) for folio, day, _, text in TRIO])
    assert run("import", north)[0] == 0
    status, told = run("import", south)
    assert status == 1 and "came in another file" in told
    status, found = run("status", "--json")
    assert status == 1 and len(found["questions"]["repeated_folios"]) == 3
    assert any(
        "which file counts" in text for text in run("alerts", "check", "--json")[1]["standing"]
    )
    assert run("approve", "sur.txt", "--what", "folios", "--reason", "vale el sur")[0] == 0
    assert run("status", "--json")[1]["questions"]["ok"]


def test_two_exports_of_a_month_before_the_first_sending_are_one_month(
    company: Company, tmp_path: Path
) -> None:
    import_file(company.journal, export(tmp_path, "a", TRIO))
    result = company.send(export(tmp_path, "b", moved_on(TRIO, 100)))
    assert result.confirmed == 3 and held(result) == [("n → n + 100", 3)]
    assert company.in_target == 3


@pytest.mark.parametrize("kind", ["unavailable", "refused"])
def test_what_waits_or_was_refused_is_not_sent_under_another_number(
    company: Company, tmp_path: Path, kind: str
) -> None:
    company.send(export(tmp_path, "a", TRIO))
    with company.journal.engine.begin() as connection:
        state = {"unavailable": "queued", "refused": "rejected"}[kind]
        connection.exec_driver_sql(
            "UPDATE outbox SET state = ?, next_attempt_at = '2026-01-01', attempts = 0", (state,)
        )
    result = company.send(export(tmp_path, "b", moved_on(TRIO, 100)))
    assert held(result) == [("n → n + 100", 3)]


WORDS = [
    (1, "20260105", "100.50", "Pago de comisión bancaria enero a Banamex sucursal centro"),
    (2, "20260106", "250.00", "Compra de papelería y artículos de oficina mostrador"),
    (3, "20260107", "80.10", "Depósito de clientes varios según relación anexa"),
]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:30],
        lambda text: "",
        lambda text: text.encode().decode("cp1252", "replace"),
        lambda text: text.encode("ascii", "replace").decode(),
    ],
    ids=["cut", "missing", "read as another encoding", "question marks"],
)
def test_texts_that_were_spoilt_do_not_hide_a_repeat(
    company: Company, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    company.send(export(tmp_path, "a", WORDS))
    spoilt = [(int(folio) + 9, day, amount, spoil(text)) for folio, day, amount, text in WORDS]
    path = tmp_path / "b.csv"
    rows = ["Fecha,Tipo,Poliza,Cuenta,Concepto,Cargo,Abono"]
    for folio, day, amount, text in spoilt:
        shown = f"{day[6:]}/{day[4:6]}/{day[:4]}"
        rows += [
            f"{shown},3,{folio},102010001,{text},{amount},",
            f"{shown},3,{folio},401010001,{text},,{amount}",
        ]
    path.write_text("\n".join(rows), encoding="utf-8")
    result = company.send(path)
    assert sum(count for _, count in held(result)) == 3
    assert company.in_target == 3


def test_a_voucher_that_moved_up_because_one_was_put_before_it_is_not_sent_again(
    company: Company, tmp_path: Path
) -> None:
    company.send(export(tmp_path, "a", TRIO))
    more = [(1, "20260102", "55.00", "Olvidada"), *moved_on(TRIO, 1)]
    result = company.send(export(tmp_path, "b", more))
    assert company.in_target == 3
    assert [count for _, count in held(result)] == [1]


def test_a_question_stands_until_a_person_answers_it(
    company: Company, run: Run, tmp_path: Path
) -> None:
    company.send(export(tmp_path, "a", [(1, "20260105", "500.00", "Renta")]))
    assert held(company.send(export(tmp_path, "b", [(101, "20260106", "500.00", "Renta")])))
    result = company.send(export(tmp_path, "c", [(2, "20260120", "500.00", "Renta")]))
    assert (result.confirmed, held(result)) == (1, [("n → n + 100", 1)])
    run("queue", "other", "--connection", "sb", "--reason", "otra renta")
    assert push(company.journal, "sb", company.connect()).confirmed == 1


def test_an_answer_holds_for_all_of_its_kind_at_once(
    company: Company, run: Run, tmp_path: Path
) -> None:
    sales = [(number, "20260105", "100.00", "Venta de mostrador") for number in range(1, 7)]
    company.send(export(tmp_path, "a", sales))
    company.send(export(tmp_path, "b", moved_on(sales, 6)))
    run("queue", "other", "--connection", "sb", "--reason", "son otras")
    assert push(company.journal, "sb", company.connect()).confirmed == 6
    assert company.in_target == 12


def test_two_branches_a_person_named_may_sell_the_same(company: Company, tmp_path: Path) -> None:
    company.send(export(tmp_path, "norte", TRIO), source="norte")
    assert company.send(export(tmp_path, "sur", TRIO), source="sur").confirmed == 3


def test_what_changed_after_it_was_sent_is_a_question_until_the_target_says_the_same(
    company: Company, run: Run, tmp_path: Path
) -> None:
    company.send(export(tmp_path, "a", TRIO))
    changed = [(1, "20260105", "999.00", "Venta"), *TRIO[1:]]
    assert not company.send(export(tmp_path, "b", changed)).clean
    status, found = run("status", "--json")
    reference = "EMPRESA/contpaqi/3/2026-01/1"
    assert status == 1 and found["questions"]["changed_after_sending"] == [reference]
    assert any("otherwise than" in text for text in run("alerts", "check", "--json")[1]["standing"])
    answer = ("queue", "corrected", reference, "--connection", "sb", "--reason", "corregida a mano")
    status, told = run(*answer)
    assert status == 2 and "still says otherwise" in told
    with contextlib.closing(sqlite3.connect(company.store.path)) as plain, plain:
        entry = plain.execute("SELECT id FROM entry WHERE reference = ?", (reference,)).fetchone()
        plain.execute("UPDATE line SET debit = 99900 WHERE entry = ? AND debit > 0", entry)
        plain.execute("UPDATE line SET credit = 99900 WHERE entry = ? AND credit > 0", entry)
    assert run(*answer)[0] == 0
    assert push(company.journal, "sb", company.connect()).clean
    assert run("status", "--json")[1]["questions"]["ok"]
    assert verification.verify(company.journal).problems == []
