"""A month from open to signed and on to the next: explained, locked, opened again, carried
forward.
"""

from __future__ import annotations

import csv
import hashlib
import json
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.company import policy, settings
from app.company.policy import OwnWork, Policy
from app.company.settings import ConnectionSettings
from app.decisions import Match, Part
from app.intake.importing import import_file
from app.journal import Journal, pulls, verification
from app.journal.overrides import ReasonMissing
from app.matching import MatchState
from app.reconciling import changed_lines, decisions, papers, runs, signing, steps
from app.reconciling.paper_pdf import write_pdf
from app.reconciling.paper_workbook import write_report
from app.reconciling.runs import Reconciliation, State
from app.reconciling.signing import LaterSigned, NotThatStep, Signed, Unexplained
from app.sending.pull import pull
from connectors import EntryLine, JournalEntry
from connectors.sandbox import SandboxConnector, SandboxServer
from tests.app.conftest import Run
from tests.conftest import SAMPLE

HEADING = "Fecha,Folio,Tercero,Concepto,Importe\n"


class Books:
    """Two files in a folder, whose names stay the same from month to month."""

    def __init__(self, journal: Journal, folder: Path) -> None:
        self.journal, self.folder = journal, folder
        self.names = str(folder / "mayor.csv"), str(folder / "banco.csv")

    def run(self, left: str, right: str) -> Reconciliation:
        for name, rows in zip(self.names, (left, right), strict=True):
            Path(name).write_text(HEADING + rows, "utf-8")
        return runs.reconcile(self.journal, *self.names)

    def again(self) -> Reconciliation:
        return runs.reconcile(self.journal, *self.names)


@pytest.fixture
def books(journal: Journal, tmp_path: Path) -> Books:
    return Books(journal, tmp_path)


JANUARY = (
    "2026-01-05,F-1,Núñez,,100.00\n2026-01-30,CH-9,Peña,,250.00\n",
    "2026-01-06,F-1,NUNEZ,,100.00\n",
)
FEBRUARY = (
    "2026-02-10,F-2,Núñez,,40.00\n",
    "2026-02-02,CH-9,PENA,,250.00\n2026-02-10,F-2,NUNEZ,,40.00\n",
)


def signed(books: Books, result: Reconciliation, reason: str = "") -> None:
    for state in (State.PREPARED, State.REVIEWED, State.SIGNED):
        steps.advance(books.journal, result, state, reason)


def test_signing_needs_everything_explained_or_a_reason(books: Books) -> None:
    result = books.run(*JANUARY)
    steps.advance(books.journal, result, State.PREPARED)
    steps.advance(books.journal, result, State.REVIEWED)
    with pytest.raises(Unexplained):
        steps.advance(books.journal, result, State.SIGNED)
    line = result.left.key[result.matching.only_left[0]]
    decisions.explain(books.journal, result, [line], [], "in-transit", "cobrará en febrero")
    result = books.again()
    assert result.settled and result.proof.explained == {"in-transit": 25000}
    assert result.standing.state is State.OPEN, "what was reviewed is no longer this"
    steps.advance(books.journal, result, State.PREPARED)
    steps.advance(books.journal, result, State.REVIEWED)
    assert steps.advance(books.journal, result, State.SIGNED).state is State.SIGNED


def test_a_signed_month_is_locked_and_opens_only_with_a_reason(books: Books) -> None:
    result = books.run(*JANUARY)
    with pytest.raises(NotThatStep):
        steps.advance(books.journal, result, State.SIGNED, "x")
    signed(books, result, "cheque en tránsito")
    decision = Part((result.left.key[0],), (result.right.key[0],))
    for step in (
        lambda: decisions.decide(books.journal, result, decision),
        lambda: decisions.undo(books.journal, result),
    ):
        with pytest.raises(Signed):
            step()
    with pytest.raises(ReasonMissing):
        signing.reopen(books.journal, result.identifier, " ")
    assert (
        signing.reopen(books.journal, result.identifier, "llegó el estado corregido").state
        is State.OPEN
    )
    decisions.decide(books.journal, result, decision)
    assert verification.verify(books.journal).ok


def test_what_changed_after_signing_is_noticed(books: Books) -> None:
    result = books.run(*JANUARY)
    signed(books, result, "x")
    assert not steps.changed_since_signing(books.again())
    assert steps.changed_since_signing(
        books.run(JANUARY[0].replace("250.00", "251.00"), JANUARY[1])
    )


def test_open_items_go_into_the_next_month_with_their_age_and_settle_there(books: Books) -> None:
    signed(books, books.run(*JANUARY), "cheque en tránsito")
    result = books.run(*FEBRUARY)
    assert len(result.left.carried) == 1
    assert result.matching.count(MatchState.MATCHED) == 2
    assert result.proof.explained == {"carried-forward": -25000}
    assert result.settled and (result.proof.difference, result.left.total) == (0, 4000)
    with pytest.raises(LaterSigned):
        signed(books, result)
        signing.reopen(books.journal, _identifier(books, "2026-01"), "tarde")


def _identifier(books: Books, period: str) -> str:
    result = books.run(*JANUARY)
    assert result.period == period
    return result.identifier


def test_an_item_nobody_settles_keeps_its_first_day(books: Books, tmp_path: Path) -> None:
    signed(books, books.run(*JANUARY), "x")
    result = books.run(FEBRUARY[0], "2026-02-10,F-2,NUNEZ,,40.00\n")
    (line,) = result.matching.only_left
    assert str(result.left.date(line)) == "2026-01-30" and line in result.left.carried
    assert (result.proof.difference, result.proof.unexplained) == (0, 0)
    write_report(tmp_path / "p.xlsx", papers.paper(books.journal, result))
    rows = list(
        openpyxl.load_workbook(tmp_path / "p.xlsx")["Open items"].iter_rows(values_only=True)
    )
    assert rows[1][7] == 11


def test_the_reviewer_is_another_person_where_the_company_wants_that(books: Books) -> None:
    policy.change(books.journal, Policy(approval="other"), "control interno")
    result = books.run(*JANUARY)
    steps.advance(books.journal, result, State.PREPARED)
    with pytest.raises(OwnWork):
        steps.advance(books.journal, result, State.REVIEWED)


def test_decisions_stay_when_the_file_comes_again_in_another_order(books: Books) -> None:
    left = "2026-01-05,,,,10.00\n2026-01-20,,,,77.00\n"
    result = books.run(left, "2026-01-18,,,,10.00\n")
    keys = (result.left.key[0],), (result.right.key[0],)
    decisions.decide(books.journal, result, Match(*keys, "es el mismo"))
    swapped = books.run(
        "2026-01-20,,,,77.00\n2026-01-05,,,,10.00\n2026-01-25,,,,5.00\n", "2026-01-18,,,,10.00\n"
    )
    assert swapped.matching.count(MatchState.MATCHED) == 1 and not swapped.dropped
    gone = books.run("2026-01-05,,,,10.01\n", "2026-01-18,,,,10.00\n")
    assert gone.matching.count(MatchState.MATCHED) == 0 and len(gone.dropped) == 1


def test_what_was_undone_can_be_done_again_until_something_else_is_decided(books: Books) -> None:
    result = books.run(*JANUARY)
    part = Part((result.left.key[0],), (result.right.key[0],))
    decisions.decide(books.journal, result, part)
    assert (
        decisions.undo(books.journal, result)
        and books.again().matching.count(MatchState.MATCHED) == 1
    )
    assert (
        decisions.redo(books.journal, result)
        and books.again().matching.count(MatchState.MATCHED) == 0
    )
    assert not decisions.redo(books.journal, result)
    decisions.undo(books.journal, result)
    decisions.decide(books.journal, result, part)
    assert not decisions.redo(books.journal, result)


def test_what_was_decided_at_once_is_taken_back_at_once(books: Books) -> None:
    lines = "".join(f"2026-01-{day:02},R{day},,,{day}.00\n" for day in range(5, 15))
    result = books.run(lines, lines)
    parts = [Part((one,), (other,)) for one, other in zip(*_keys(result), strict=True)]
    decisions.decide(books.journal, result, parts[0])
    decisions.decide_all(books.journal, result, lambda _: parts[1:])
    assert books.again().matching.count(MatchState.MATCHED) == 0
    assert decisions.undo(books.journal, result)
    assert books.again().matching.count(MatchState.MATCHED) == 9
    assert decisions.undo(books.journal, result)
    assert books.again().matching.count(MatchState.MATCHED) == 10
    assert not decisions.undo(books.journal, result)
    assert decisions.redo(books.journal, result)
    assert books.again().matching.count(MatchState.MATCHED) == 9
    assert decisions.redo(books.journal, result)
    assert books.again().matching.count(MatchState.MATCHED) == 0
    assert not decisions.redo(books.journal, result)
    assert verification.verify(books.journal).ok


def _keys(result: Reconciliation) -> tuple[list[str], list[str]]:
    by_reference = dict(zip(result.right.reference, result.right.key, strict=True))
    return list(result.left.key), [by_reference[one] for one in result.left.reference]


def test_people_teach_which_names_are_one_party(books: Books) -> None:
    left, right = "2026-01-05,,Abarrotes Don José,,70.00\n", "2026-01-06,,ADJ COMERCIAL,,70.00\n"
    result = books.run(left, right)
    assert result.matching.count(MatchState.MATCHED) == 0
    decisions.decide(books.journal, result, Match((result.left.key[0],), (result.right.key[0],)))
    later = books.run(left.replace("01-05", "03-05"), right.replace("01-06", "03-06"))
    (group,) = later.matching.groups
    assert (group.rule.value, group.state) == (
        "evidence",
        MatchState.SUGGESTED,
    ), "learning proposes, it never confirms"
    again = runs.reconcile(books.journal, *books.names)
    decisions.undo(books.journal, result)
    assert not runs.learned(books.journal).matched and again


def test_an_auditor_finds_the_sides_of_a_paper_again(books: Books, tmp_path: Path) -> None:
    """Each side by its file and hash, a band over its columns, what is open by age, ready to be
    filtered and printed.
    """
    head = "Fecha,Cuenta,Referencia,Concepto,Cargo,Abono\n"
    rows = {
        "mayor enero.csv": "2026-01-31,102,A,x,10.00,\n2025-10-01,102,B,x,7.00,\n",
        "banco.csv": "2026-01-31,102,A,x,10.00,\n2025-12-31,102,C,x,,5.00\n",
    }
    for name, text in rows.items():
        (tmp_path / name).write_text(head + text, "utf-8")
        import_file(books.journal, tmp_path / name)
    settings.keep_own_tax_ids(books.journal, ["EKU9003173C9"])
    result = runs.reconcile(books.journal, "batch:1", "batch:2")
    paper = papers.paper(books.journal, result)
    digest = hashlib.sha256((tmp_path / "mayor enero.csv").read_bytes()).hexdigest()
    assert paper.left_origin.title == "mayor enero.csv"
    assert paper.left_origin.sha256 == digest and paper.left_origin.at.endswith(" UTC")
    assert [(age.days, age.left, age.right, age.left_sum, age.right_sum) for age in paper.ages] == [
        ("0–30", 0, 0, 0, 0),
        ("31–60", 0, 1, 0, -500),
        ("61–90", 0, 0, 0, 0),
        ("+90", 1, 0, 700, 0),
    ]
    write_report(tmp_path / "p.xlsx", paper)
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    summary, matches, open_items = book.worksheets[:3]
    said = {str(cell.value) for row in summary.iter_rows() for cell in row}
    assert "EKU9003173C9" in said and any(digest in text for text in said)
    assert (matches["A1"].value, matches["H1"].value) == ("mayor enero.csv", "banco.csv")
    assert matches["A2"].value == matches["H2"].value == "Row"
    assert {row[0].value for row in open_items.iter_rows(min_row=2)} == rows.keys()
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape" and sheet.auto_filter.ref
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.print_title_rows


def test_a_paper_names_the_books_that_were_reconciled_and_no_later_ones(
    journal: Journal, sandbox: SandboxServer, connect: Callable[[], SandboxConnector]
) -> None:
    days = date(2026, 1, 1), date(2026, 1, 31)
    settings.add_connection(journal, ConnectionSettings("erp", "sandbox", sandbox.url))
    import_file(journal, SAMPLE)
    pull(journal, "erp", connect(), *days)
    result = runs.reconcile(journal, "batch:1", "pull:erp")
    read = pulls.latest(journal, "erp")
    assert read is not None
    lines = (
        EntryLine("102.01", Decimal(1), Decimal(0)),
        EntryLine("401.01", Decimal(0), Decimal(1)),
    )
    connect().create_entries([JournalEntry("R", date(2026, 1, 5), "DIA", "x", lines)])
    pull(journal, "erp", connect(), *days)
    later = pulls.latest(journal, "erp")
    assert later is not None and later.digest != read.digest
    assert papers.paper(journal, result).right_origin.sha256 == read.digest


def test_ages_keep_currencies_apart(books: Books, tmp_path: Path) -> None:
    head = "Fecha,Cuenta,Referencia,Concepto,Cargo,Abono,Moneda\n"
    (tmp_path / "a.csv").write_text(
        head + "2026-01-31,102,A,x,100.00,,USD\n2026-01-31,102,B,x,4000.00,,MXN\n", "utf-8"
    )
    (tmp_path / "b.csv").write_text(head + "2026-01-31,102,C,x,,7.00,MXN\n", "utf-8")
    result = runs.reconcile(books.journal, str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    paper = papers.paper(books.journal, result)
    sums = {age.days: age.left_sum for age in paper.ages if age.left}
    assert sums == {"0–30 MXN": 400000, "0–30 USD": 10000}
    assert paper.left_origin.sha256 == hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()


def test_papers_are_the_same_byte_for_byte(books: Books, tmp_path: Path) -> None:
    result = books.run(*JANUARY)
    signed(books, result, "cheque «ñandú» 🧾")
    made = []
    for number in (1, 2):
        again = papers.paper(books.journal, books.again())
        write_report(tmp_path / f"{number}.xlsx", again)
        write_pdf(tmp_path / f"{number}.pdf", again)
        made.append([(tmp_path / f"{number}.{ending}").read_bytes() for ending in ("xlsx", "pdf")])
        time.sleep(1.1)
    assert made[0] == made[1]
    assert made[0][1].startswith(b"%PDF")


def test_cents_are_matched_with_the_difference_to_be_posted(books: Books, tmp_path: Path) -> None:
    result = books.run("2026-01-05,F-1,Núñez,,100.00\n", "2026-01-05,F-1,NUNEZ,,99.98\n")
    assert result.proof.explained == {"adjustment:tolerance": 2} and result.proof.difference == 0
    write_report(tmp_path / "p.xlsx", papers.paper(books.journal, result))
    _, row = openpyxl.load_workbook(tmp_path / "p.xlsx")["Adjustments"].iter_rows(values_only=True)
    assert row[4:7] == (100, 99.98, "=E2-F2")


def test_from_the_command_line(run: Run, tmp_path: Path) -> None:
    left, right = tmp_path / "l.csv", tmp_path / "r.csv"
    left.write_text(HEADING + "2026-01-05,F-1,Núñez,,100.00\n2026-01-06,,,,55.00\n", "utf-8")
    right.write_text(HEADING + "2026-01-05,F-1,NUNEZ,,100.00\n2026-01-07,,,,55.00\n", "utf-8")
    files = {name: tmp_path / name for name in ("links.csv", "s.csv", "p.xlsx", "p.pdf")}
    rules = tmp_path / "r.toml"
    rules.write_text(
        'name = "propias"\n[[rule]]\nkind = "reference"\n[[rule]]\nkind = "amount"\n', "utf-8"
    )
    status, answer = run(
        "reconcile",
        left,
        right,
        "--rules",
        rules,
        "--links",
        files["links.csv"],
        "--suggestions",
        files["s.csv"],
        "--report",
        files["p.xlsx"],
        "--pdf",
        files["p.pdf"],
        "--json",
    )
    assert (status, answer["matched"], answer["suggested"], answer["rules"]["name"]) == (
        1,
        1,
        1,
        "propias",
    )
    (link,), (proposed,) = (
        list(csv.DictReader(files[name].open(encoding="utf-8"))) for name in ("links.csv", "s.csv")
    )
    assert (link["left_row"], link["right_row"], link["rule"]) == ("1", "1", "reference")
    assert (proposed["left_row"], proposed["right_row"], proposed["rank"]) == ("2", "2", "1")
    assert files["p.pdf"].stat().st_size > 1000
    assert (
        run("reconcile", left, right, "--advance", "prepared", "--json")[1]["state"] == "prepared"
    )
    assert run("reconcile", left, right, "--advance", "signed", lang="es")[0] == 2
    run("reconcile", left, right, "--advance", "reviewed")
    assert "motivo" in run("reconcile", left, right, "--advance", "signed", lang="es")[1]
    assert run("reconcile", left, right, "--advance", "signed", "--reason", "así")[0] == 1
    assert (
        run("reconcile", left, right, "--reopen", "--reason", "corrección", "--json")[1]["state"]
        == "open"
    )
    assert json.loads(json.dumps(answer))["state"] == "open"


def test_the_companys_own_rules_hold_and_count_their_versions(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('name = "nuestras"\n[[rule]]\nkind = "reference"\ndays = 3\n', "utf-8")
    assert run("rules", "import", path, "--json")[1] == {"name": "nuestras", "version": 2}
    assert "days = 3" in run("rules", "show")[1]
    path.write_text("[[rule]]\nkind = 'magia'\n", "utf-8")
    status, text = run("rules", "import", path, lang="es")
    assert status == 2 and "regla 1" in text


def test_months_are_signed_in_order_and_nothing_open_is_lost(books: Books) -> None:
    january = books.run(*JANUARY)
    february = books.run(*FEBRUARY)
    signed(books, february, "antes")
    with pytest.raises(LaterSigned):
        signed(books, january, "después")


def test_what_is_only_proposed_or_partly_matched_goes_on_too(books: Books) -> None:
    result = books.run(
        "2026-01-05,,,,77.00\n2026-01-10,,Peña,,1000.00\n",
        "2026-01-06,,,,77.00\n2026-01-12,,Otro,,400.00\n",
    )
    left, right = (
        [side.key[i] for i in lines]
        for side, lines in zip(
            (result.left, result.right),
            (result.matching.only_left, result.matching.only_right),
            strict=True,
        )
    )
    decisions.decide(books.journal, result, Match(tuple(left), tuple(right), "pago parcial"))
    signed(books, books.again(), "x")
    later = books.run("2026-02-05,,,,1.00\n", "2026-02-06,,,,2.00\n")
    amounts = (
        sorted(int(later.left.amount[i]) for i in later.left.carried),
        [int(later.right.amount[i]) for i in later.right.carried],
    )
    assert amounts == ([7700, 60000], [7700])


def test_two_accounts_of_one_bank_are_two_books(run: Run, tmp_path: Path) -> None:
    def state(left: str, right: str, *more: str) -> str:
        return str(run("reconcile", tmp_path / left, tmp_path / right, *more, "--json")[1]["state"])

    for name in (
        "cuenta 1234 enero.csv",
        "cuenta 5678 enero.csv",
        "libro_2026-01.csv",
        "libro_feb.csv",
    ):
        (tmp_path / name).write_text(HEADING + "2026-01-05,F-1,,,10.00\n", "utf-8")
    assert (
        state("cuenta 1234 enero.csv", "libro_2026-01.csv", "--advance", "prepared") == "prepared"
    )
    assert state("cuenta 5678 enero.csv", "libro_2026-01.csv") == "open"
    assert state("cuenta 1234 enero.csv", "libro_feb.csv") == "prepared", (
        "the same book under another month's name"
    )
    assert state("cuenta 1234 enero.csv", "libro_feb.csv", "--book", "otra") == "open"


def test_a_rule_named_with_quotes_comes_back(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('name = \'Banco "BBVA" \\ Bajío\'\n[[rule]]\nkind = "reference"\n', "utf-8")
    assert run("rules", "import", path)[0] == 0
    assert run("rules", "show", "--json")[1]["name"] == 'Banco "BBVA" \\ Bajío'


def test_a_paper_of_what_was_not_signed_says_so(books: Books, tmp_path: Path) -> None:
    signed(books, books.run(*JANUARY), "x")
    changed = books.run(JANUARY[0].replace("250.00", "251.00"), JANUARY[1])
    assert "NOT WHAT WAS SIGNED" in papers.paper(books.journal, changed).state


def test_what_changed_under_a_decision_is_listed_with_before_and_now(
    books: Books, run: Run
) -> None:
    result = books.run(*JANUARY)
    keys = result.left.key
    decisions.explain(books.journal, result, [keys[1]], [], "in-transit", "")
    decisions.decide(books.journal, result, Match((keys[0],), (result.right.key[0],)))
    changed = books.run(
        "2026-01-05,F-1,Núñez,,100.00\n2026-01-30,CH-9,Peña,,205.00\n",
        "2026-01-06,F-1,NUNEZ,,100.00\n",
    )
    (one,) = changed_lines.changes(books.journal, changed)
    assert (one.action, one.place, one.reference, one.amount, one.now) == (
        "explain",
        0,
        "CH-9",
        25000,
        ("2026-01-30", 20500),
    )
    gone = books.run("2026-01-05,F-1,Núñez,,100.00\n", "2026-01-06,F-1,NUNEZ,,100.00\n")
    assert [item.now for item in changed_lines.changes(books.journal, gone)] == [None]
    books.journal.close()
    status, found = run("reconcile", *books.names, "--json")
    assert status == 0 and found["changed"] == ["left: 2026-01-30 CH-9 250.00: no longer there"]
    assert "1 decision about lines that changed" in run("reconcile", *books.names)[1]


def test_papers_are_in_the_language_of_the_company(books: Books, run: Run, tmp_path: Path) -> None:
    books.run(*JANUARY)
    settings.put(books.journal, "language", "es")
    books.journal.close()
    assert run("reconcile", *books.names, "--report", tmp_path / "p.xlsx", lang="en")[0] == 1
    assert "Resumen" in openpyxl.load_workbook(tmp_path / "p.xlsx").sheetnames
    assert "State: open" in run("reconcile", *books.names, lang="en")[1], (
        "the terminal keeps its own"
    )


def test_sides_the_other_way_round_are_a_reconciliation_of_their_own(books: Books) -> None:
    """What was decided and carried forward belongs to left and right; only adjustments know no
    sides.
    """
    result = books.run(*JANUARY)
    swapped = runs.reconcile(books.journal, *books.names[::-1])
    assert swapped.identifier != result.identifier and swapped.book == result.book
