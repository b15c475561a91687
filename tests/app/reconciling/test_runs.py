"""Matching by rules with reasons, and the proof to the cent."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.decisions import Match, Part
from app.intake.importing import import_file
from app.journal import Journal
from app.matching import Matching, MatchState, Side, SideBuilder, match, prove
from app.matching.outcome import Rule
from app.matching.reasons import reason
from app.matching.references import is_filler_form, normalise_reference
from app.month_end.checklist import checklist
from app.reconciling import decisions, link_lists, runs, summaries
from app.reconciling.paper import Paper
from app.reconciling.paper_workbook import write_report
from app.sending import maps, proposals
from app.sending.pull import pull
from app.sending.push import push
from connectors.sandbox import SandboxConnector
from tests import polizas
from tests.conftest import SAMPLE

Line = tuple[int, int, str, str]


def side(name: str, *lines: Line, party: str = "", account: str = "102") -> Side:
    """Lines are (day of January, cents, reference, tax id)."""
    builder = SideBuilder(name)
    for number, (day, cents, reference, tax_id) in enumerate(lines):
        builder.add(
            f"{name}:{number:04}",
            date(2026, 1, day),
            cents,
            account=account,
            reference=reference,
            tax_id=tax_id,
            party=party,
        )
    return builder.build()


def found(matching: Matching) -> list[tuple[tuple[int, ...], tuple[int, ...], str, str]]:
    return [
        (group.left, group.right, group.rule.value, group.state.value) for group in matching.groups
    ]


CASES = [
    (
        "same reference and amount",
        (5, 100, "F-1", ""),
        (6, 100, "F-1", ""),
        (Rule.REFERENCE, MatchState.MATCHED),
    ),
    (
        "written otherwise",
        (5, 100, "FAC-00123", ""),
        (5, 100, "fac 123", ""),
        (Rule.NORMALISED_REFERENCE, MatchState.MATCHED),
    ),
    (
        "party and date",
        (5, 100, "", "EKU9003173C9"),
        (7, 100, "", "EKU9003173C9"),
        (Rule.EVIDENCE, MatchState.MATCHED),
    ),
    (
        "only amount and date",
        (5, 100, "", ""),
        (7, 100, "", ""),
        (Rule.AMOUNT, MatchState.SUGGESTED),
    ),
    ("cents", (5, 10000, "F-1", ""), (5, 10001, "F-1", ""), (Rule.TOLERANCE, MatchState.MATCHED)),
    (
        "other amount",
        (5, 100, "F-1", ""),
        (5, 900, "F-1", ""),
        (Rule.REFERENCE_OTHER_AMOUNT, MatchState.DIFFERENT),
    ),
    ("too far apart", (5, 100, "", ""), (16, 100, "", ""), None),
    ("fillers say nothing", (5, 100, "S/N", ""), (16, 100, "S/N", ""), None),
    ("opposite signs", (5, 100, "F-1", ""), (5, -100, "F-2", ""), None),
]


@pytest.mark.parametrize(
    ("left", "right", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_first_rule_that_applies_decides(
    left: Line, right: Line, expected: tuple[Rule, MatchState] | None
) -> None:
    matching = match(side("l", left), side("r", right))
    assert [(group.rule, group.state) for group in matching.groups] == (
        [expected] if expected else []
    )
    assert all(reason(group, side("l", left), side("r", right)) for group in matching.groups)


def test_an_ambiguous_amount_is_left_to_a_person() -> None:
    matching = match(
        side("l", (5, 100, "", ""), (6, 100, "", "")), side("r", (5, 100, "", ""), (6, 100, "", ""))
    )
    assert matching.count(MatchState.MATCHED) == 0
    assert {group.rule for group in matching.groups} == {Rule.AMOUNT}
    assert matching.alternatives, "the other pairing is told too"


def test_repeats_of_one_reference_pair_by_date_and_the_rest_is_left_over() -> None:
    left = side("l", (5, 100, "F-1", ""), (9, 100, "F-1", ""), (7, 100, "F-1", ""))
    right = side("r", (9, 100, "F-1", ""), (5, 100, "F-1", ""))
    matching = match(left, right)
    assert [(group.left, group.right) for group in matching.groups] == [((0,), (1,)), ((1,), (0,))]
    assert matching.only_left == [2]


@given(st.integers(0, 2**32), st.integers(2, 40))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_changes_nothing_and_no_line_is_lost(seed: int, size: int) -> None:
    chance = random.Random(seed)
    rows = [
        (
            chance.randint(1, 28),
            chance.choice([100, 200, 300]),
            chance.choice(["", "S/N", "F-1", "F-02", "f2"]),
            chance.choice(["", "A", "B"]),
        )
        for _ in range(size)
    ]

    def build(order: list[int], name: str) -> Side:
        builder = SideBuilder(name)
        for number in order:
            day, cents, reference, tax_id = rows[number]
            builder.add(
                f"{name}:{number:04}", date(2026, 1, day), cents, reference=reference, tax_id=tax_id
            )
        return builder.build()

    def named(left: Side, right: Side) -> set[tuple[tuple[str, ...], tuple[str, ...], str]]:
        matching = match(left, right)
        used_left = [i for group in matching.groups for i in group.left] + matching.only_left
        used_right = [i for group in matching.groups for i in group.right] + matching.only_right
        assert sorted(used_left) == list(range(len(left)))
        assert sorted(used_right) == list(range(len(right)))
        return {
            (
                tuple(sorted(left.key[i] for i in g.left)),
                tuple(sorted(right.key[i] for i in g.right)),
                g.rule.value,
            )
            for g in matching.groups
        }

    straight, half = list(range(size)), size // 2
    shuffled = straight[:]
    chance.shuffle(shuffled)
    left, right = [n for n in straight if n < half], [n for n in straight if n >= half]
    again = named(
        build([n for n in shuffled if n < half], "l"),
        build([n for n in shuffled if n >= half], "r"),
    )
    assert named(build(left, "l"), build(right, "r")) == again


def test_a_large_voucher_on_one_day_is_no_filler() -> None:
    lines = [(5, 100 + n, "F-1", "") for n in range(60)]
    assert match(side("l", *lines), side("r", *lines)).count(MatchState.MATCHED) == 60


def test_a_text_on_lines_of_many_days_is_a_filler() -> None:
    lines = [(1 + n % 28, 100, "DEPOSITO", "") for n in range(60)]
    assert match(side("l", *lines), side("r", *lines)).count(MatchState.MATCHED) == 0


def test_decisions_come_first_and_can_part_for_good() -> None:
    left, right = side("l", (5, 100, "F-1", "")), side("r", (5, 100, "F-1", ""), (20, 100, "X", ""))
    accept = Match(("l:0000",), ("r:0001",), "cheque cobrado tarde")
    matching = match(left, right, [accept])
    assert found(matching) == [((0,), (1,), "person", "matched")]
    assert "cheque" in reason(matching.groups[0], left, right)
    assert found(match(left, right, [Part(("l:0000",), ("r:0000",))])) == []


@pytest.mark.parametrize(
    ("one", "other"), [("FAC-00123", "fac123"), ("A 0045/2026", "a-45-2026"), ("Núm. 7", "NUM7")]
)
def test_references_written_two_ways_compare_equal(one: str, other: str) -> None:
    assert normalise_reference(one) == normalise_reference(other)


@pytest.mark.parametrize("text", ["", "0", "000", "S/N", "s/n", "VARIOS", "N/A"])
def test_fillers(text: str) -> None:
    assert is_filler_form(normalise_reference(text))


def test_the_proof_bridges_left_to_right_and_names_what_is_left() -> None:
    left = side("l", (5, 1000, "F-1", ""), (6, 250, "F-2", ""), (7, 40, "F-3", ""))
    right = side("r", (5, 1000, "F-1", ""), (6, 145, "F-2", ""), (8, 7, "F-9", ""))
    proof = prove(left, right, match(left, right))
    (account,) = proof.accounts
    assert (
        account.left_movements,
        account.only_left,
        account.differing,
        account.only_right,
        account.right_movements,
    ) == (
        1290,
        40,
        -105,
        7,
        1152,
    )
    assert (
        account.left_movements - account.only_left + account.differing + account.only_right
        == account.right_movements
    )
    assert proof.difference == proof.unexplained == 138


def test_a_net_of_zero_does_not_hide_accounts_that_differ() -> None:
    left, right = SideBuilder("l"), SideBuilder("r")
    for builder, account in ((left, "102"), (right, "105")):
        builder.add("k1", date(2026, 1, 1), 500, account=account, reference="A")
        builder.add("k2", date(2026, 1, 1), -500, account="401", reference="A")
    sides = left.build(), right.build()
    proof = prove(*sides, match(*sides))
    assert (proof.difference, proof.unexplained) == (0, 1000)


@pytest.fixture
def pushed(journal: Journal, connect: Callable[[], SandboxConnector]) -> Journal:
    import_file(journal, SAMPLE)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    push(journal, "sandbox", connect())
    pull(journal, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    return journal


@pytest.mark.parametrize("left", ["batch:1", str(SAMPLE)])
def test_what_was_sent_reconciles_with_the_targets_books_to_the_cent(
    pushed: Journal, left: str
) -> None:
    result = runs.reconcile(pushed, left, "pull:sandbox")
    answer = summaries.summary(result)
    assert (answer["matched"], answer["suggested"], answer["only_left"], answer["only_right"]) == (
        698,
        0,
        4,
        0,
    )
    if left == "batch:1":
        assert (answer["difference"], answer["unexplained"]) == ("0.00", "0.00")
        assert result.settled
        assert {account.unexplained for account in result.proof.accounts} == {0}
        booked = [account for account in result.proof.accounts if account.right_movements]
        assert booked and all(account.stated[1] == account.right_closing for account in booked)


def test_a_change_in_the_targets_books_is_found(
    pushed: Journal, connect: Callable[[], SandboxConnector], store: object
) -> None:
    store._connection.execute("UPDATE line SET debit = debit + 1 WHERE id = 1")  # type: ignore[attr-defined]
    pull(pushed, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    result = runs.reconcile(pushed, "batch:1", "pull:sandbox")
    assert not result.settled
    assert summaries.summary(result)["difference"] == "-0.01"
    assert result.matching.only_left or result.matching.count(MatchState.DIFFERENT)


def test_decisions_are_kept_and_undone(pushed: Journal) -> None:
    result = runs.reconcile(pushed, "batch:1", "pull:sandbox")
    group = result.matching.groups[0]
    keys = (result.left.key[group.left[0]],), (result.right.key[group.right[0]],)
    decisions.decide(pushed, result, Part(*keys, "no es el mismo"))
    assert (
        runs.reconcile(pushed, "batch:1", "pull:sandbox").matching.count(MatchState.MATCHED) == 697
    )
    assert decisions.undo(pushed, result)
    assert (
        runs.reconcile(pushed, "batch:1", "pull:sandbox").matching.count(MatchState.MATCHED) == 698
    )
    assert not decisions.undo(pushed, result)


def test_the_working_paper_has_live_totals_and_no_foreign_formula(tmp_path: Path) -> None:
    left = side("=HYPERLINK(1)", (5, 1000, "=1+1", ""), (6, 5, "@SUM(A1)\x07", ""))
    right = side("r", (5, 1000, "=1+1", ""))
    matching = match(left, right)
    write_report(
        tmp_path / "r.xlsx",
        Paper(left, right, matching, prove(left, right, matching), "DEMO", "2026-01"),
    )
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    formulas = [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas
    assert all(str(formula).startswith(("=SUM(", "=B", "=D", "=I")) for formula in formulas)
    assert book.sheetnames == ["Summary", "Matches", "Open items", "Adjustments", "Decisions"]


def test_links_name_data_rows(journal: Journal, tmp_path: Path) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text(
        "Fecha;Folio;Importe\n01/01/2026;x;uno\n05/01/2026;F-1;10,00\n06/01/2026;F-2;20,50\n"
    )
    two.write_text("date,reference,amount\n2026-01-06,F-2,20.50\n2026-01-05,F-1,10.00\n")
    result = runs.reconcile(journal, str(one), str(two))
    link_lists.write_links(tmp_path / "links.csv", result)
    rows = [line.split(",")[:4] for line in (tmp_path / "links.csv").read_text().splitlines()]
    assert rows == [
        ["left_row", "right_row", "group", "rule"],
        ["2", "2", "1", "reference"],
        ["3", "1", "2", "reference"],
    ]


def test_a_month_of_a_hundred_thousand_lines_is_matched_in_seconds(journal: Journal) -> None:
    chance = random.Random(1)
    start = date(2026, 1, 1)
    left, right = SideBuilder("l"), SideBuilder("r")
    for number in range(100_000):
        day, cents = start + timedelta(days=chance.randint(0, 30)), chance.randint(100, 99_999)
        left.add(f"l{number}", day, cents, reference=f"F-{number:06}")
        right.add(f"r{number}", day, cents, reference=f"f{number}")
    assert match(left.build(), right.build()).count(MatchState.MATCHED) == 100_000


def test_a_pull_of_another_month_is_not_taken_for_this_one(
    pushed: Journal, connect: Callable[[], SandboxConnector]
) -> None:
    pull(pushed, "sandbox", connect(), date(2026, 3, 1), date(2026, 3, 31))
    assert runs.reconcile(pushed, "batch:1", "pull:sandbox").settled
    pull(pushed, "sandbox", connect(), date(2025, 1, 1), date(2026, 12, 31))
    assert runs.reconcile(pushed, "batch:1", "pull:sandbox").settled


def test_without_a_covering_pull_nothing_is_called_reconciled(
    journal: Journal, connect: Callable[[], SandboxConnector]
) -> None:
    import_file(journal, SAMPLE)
    pull(journal, "sandbox", connect(), date(2026, 3, 1), date(2026, 3, 31))
    with pytest.raises(runs.UnreadableSide) as caught:
        runs.reconcile(journal, "batch:1", "pull:sandbox")
    assert caught.value.finding is not None
    pull(journal, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    result = runs.reconcile(journal, "batch:1", "pull:sandbox")
    assert (
        not any(group.left and group.right for group in result.matching.groups)
        and not result.settled
    )
    assert summaries.summary(result)["unexplained"] != "0.00"
    states = {
        step.name.value: step.state.value for step in checklist(journal, "2026-01", "sandbox")
    }
    assert states["reconciled"] == "attention"
    assert {step.name.value: step.state.value for step in checklist(journal, "2026-02", "sandbox")}[
        "reconciled"
    ] == "todo"


def test_decisions_hold_for_files_with_long_paths(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / ("carpeta_de_trabajo_" * 5) / ("mes_" * 20)
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("Fecha,Folio,Importe\n05/01/2026,,10.00\n")
    (folder / "b.csv").write_text("Fecha,Folio,Importe\n06/01/2026,,10.00\n")
    specs = str(folder / "a.csv"), str(folder / "b.csv")
    result = runs.reconcile(journal, *specs)
    assert result.matching.count(MatchState.SUGGESTED) == 1
    decisions.decide(journal, result, Match((result.left.key[0],), (result.right.key[0],)))
    assert runs.reconcile(journal, *result.specs).matching.count(MatchState.MATCHED) == 1


def test_rows_are_records_whatever_lines_they_span(journal: Journal, tmp_path: Path) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text(
        'Fecha,Folio,Concepto,Importe\n05/01/2026,F1,"dos\nlíneas",1.10\n06/01/2026,F2,x,2.20\n\n07/01/2026,F3,x,3.30\n'
    )
    two.write_text(
        "date,reference,amount\n2026-01-05,F1,1.10\n2026-01-06,F2,2.20\n2026-01-07,F3,3.30\n"
    )
    result = runs.reconcile(journal, str(one), str(two))
    assert result.left.row == result.right.row == [1, 2, 3]
    assert result.matching.count(MatchState.MATCHED) == 3


def test_the_checklist_forgets_what_a_corrected_file_settled_and_wants_the_whole_month(
    journal: Journal, connect: Callable[[], SandboxConnector], tmp_path: Path
) -> None:
    wrong, right = tmp_path / "mal.txt", tmp_path / "bien.txt"
    wrong.write_bytes(polizas.file([*polizas.balanced(1), polizas.movement("401010001", 1, "1.0")]))
    right.write_bytes(polizas.file(polizas.balanced(1)))

    def step(name: str) -> tuple[str, int, int]:
        found = next(
            item for item in checklist(journal, "2026-01", "sandbox") if item.name.value == name
        )
        return found.state.value, found.done, found.total

    import_file(journal, wrong)
    assert step("blocked") == ("attention", 1, 1)
    import_file(journal, right)
    assert step("blocked") == ("done", 0, 1)
    pull(journal, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 30))
    assert step("pulled")[0] == "todo"
    pull(journal, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    assert step("pulled")[0] == "done"
