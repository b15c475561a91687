"""Differences as vouchers through the outbox: proposed, sent once, come back and settle; lines
split; files kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from app.decisions import Attach, Match, Part
from app.documents.adjustment import AlreadyAdjusted, AlreadySent
from app.intake.importing import import_file
from app.journal import Journal, compaction, outbox, schema, verification
from app.matching import MatchState
from app.matching.rules import RuleSet, parse
from app.month_end import checklist
from app.reconciling import adjustment_vouchers, decisions, papers, runs, steps
from app.reconciling.adjustment_vouchers import Adjustment, Drafts, NothingToAdjust
from app.reconciling.decisions import NotTheSum, TooLarge
from app.reconciling.paper_pdf import write_pdf
from app.reconciling.paper_workbook import write_report
from app.reconciling.runs import Reconciliation, State
from app.reconciling.signing import Signed
from app.sending import conflicts
from app.sending import push as push_module
from app.sending.preflight import Problem
from app.sending.pull import pull
from app.sending.push import push
from connectors import EntryLine, JournalEntry
from connectors.sandbox import SandboxConnector, SandboxStore
from importers import Options
from tests.app.conftest import Run
from tests.conftest import POSIX

RULES = parse(
    '[[rule]]\nkind = "reference"\ndays = 31\n[[rule]]\nkind = "tolerance"\ncents = 99\naccount ='
    ' "530515"\n'
)


HEAD = "Fecha,Folio,Cuenta,Tercero,Importe\n"


class Month:
    """A ledger file against the sandbox's books, where F-7 is five cents short."""

    def __init__(
        self, journal: Journal, folder: Path, connect: Callable[[], SandboxConnector]
    ) -> None:
        self.journal, self.path, self.connect = journal, folder / "mayor.csv", connect
        self.path.write_text(
            "Fecha,Folio,Cuenta,Importe\n2026-01-10,F-7,111005,250.30\n2026-01-20,F-8,111005,80.00\n",
            "utf-8",
        )
        target = connect()
        for reference, day, amount in (("F-7", 11, "250.25"), ("F-8", 20, "80.00")):
            lines = (
                EntryLine("111005", Decimal(amount), Decimal(0), "x"),
                EntryLine("130505", Decimal(0), Decimal(amount), "x"),
            )
            target.create(JournalEntry(reference, date(2026, 1, day), "DIA", "x", lines))

    def run(self, rules: RuleSet = RULES) -> Reconciliation:
        pull(self.journal, "sandbox", self.connect(), date(2026, 1, 1), date(2026, 1, 31))
        return self.again(rules)

    def again(self, rules: RuleSet = RULES) -> Reconciliation:
        return runs.reconcile(
            self.journal, str(self.path), "pull:sandbox", rules, accounts=["111005", "530515"]
        )


@pytest.fixture
def country() -> str:
    return "CO"


@pytest.fixture
def month(journal: Journal, tmp_path: Path, connect: Callable[[], SandboxConnector]) -> Month:
    return Month(journal, tmp_path, connect)


def proposed(month: Month, result: Reconciliation) -> Adjustment:
    (found,) = drafts(month, result).differences()
    adjustment_vouchers.propose(month.journal, result, "sandbox", "DIA", [found])
    return found


def drafts(month: Month, result: Reconciliation) -> Drafts:
    return Drafts(month.journal, result, "sandbox")


def test_what_a_rule_lets_differ_is_booked_through_the_outbox_and_settles(
    month: Month, store: SandboxStore
) -> None:
    result = month.run()
    assert result.proof.explained == {"adjustment:530515": 5}
    found = proposed(month, result)
    assert (found.account, found.contra, found.amount) == ("111005", "530515", 5)
    result = month.again()
    assert result.proof.explained == {"adjustment:530515": 5}, (
        "nothing is forced to zero before it is in the books"
    )
    assert drafts(month, result).differences() == [], "nor proposed twice"
    assert [voucher.state for voucher in papers.vouchers(month.journal, result)] == ["to be sent"]
    sent = push(month.journal, "sandbox", month.connect())
    assert (sent.confirmed, sent.rejected) == (1, 0)
    assert push(month.journal, "sandbox", month.connect()).confirmed == 0
    result = month.run()
    (group,) = [group for group in result.matching.groups if len(group.right) == 2]
    assert group.state is MatchState.MATCHED and not group.adjustment
    assert result.proof.explained == {"adjustment-posted": 5}
    assert result.settled and result.proof.unexplained == 0
    assert [voucher.state for voucher in papers.vouchers(month.journal, result)] == ["in the books"]
    assert store.count(papers.vouchers(month.journal, result)[0].reference) == 1
    assert verification.verify(month.journal).ok


def test_the_same_difference_proposed_again_is_the_same_voucher(
    month: Month, store: SandboxStore
) -> None:
    result = month.run()
    one = proposed(month, result)
    decisions.undo(month.journal, month.again())
    two = proposed(month, month.again())
    assert one == two
    assert push(month.journal, "sandbox", month.connect()).confirmed == 1
    assert store.count() == 3


def test_what_was_taken_back_before_it_went_is_not_sent(month: Month) -> None:
    result = month.run()
    proposed(month, result)
    decisions.undo(month.journal, month.again())
    sent = push(month.journal, "sandbox", month.connect())
    assert (sent.confirmed, sent.waiting, dict(sent.preflight.obstacles)) == (0, 0, {})
    decisions.redo(month.journal, month.again())
    assert push(month.journal, "sandbox", month.connect()).confirmed == 1


def test_it_goes_to_no_other_connection(month: Month, store: SandboxStore) -> None:
    proposed(month, month.run())
    sent = push(month.journal, "another", month.connect())
    assert (sent.confirmed, dict(sent.preflight.obstacles)) == (0, {})
    assert store.count() == 2


def test_an_open_line_is_adjusted_by_hand(month: Month) -> None:
    with month.path.open("a", encoding="utf-8") as file:
        file.write("2026-01-31,,111005,-12.00\n")
    result = month.run()
    (line,) = result.matching.only_left
    made = drafts(month, result).of_lines([line], [], contra="530515")
    assert made is not None and (made.account, made.amount, made.day) == (
        "111005",
        -1200,
        date(2026, 1, 31),
    )
    adjustment_vouchers.propose(month.journal, result, "sandbox", "DIA", [made])
    assert push(month.journal, "sandbox", month.connect()).confirmed == 1
    result = month.run()
    assert not result.matching.only_left and result.proof.explained == {
        "adjustment:530515": 5,
        "adjustment-posted": -1200,
    }


def test_an_account_the_target_does_not_know_holds_the_voucher_back(month: Month) -> None:
    result = month.run()
    (found,) = drafts(month, result).differences()
    adjustment_vouchers.propose(
        month.journal, result, "sandbox", "DIA", [replace(found, contra="999999")]
    )
    sent = push(month.journal, "sandbox", month.connect())
    assert sent.confirmed == 0
    assert [(problem, what) for problem, what in sent.preflight.obstacles] == [
        (Problem.ACCOUNT_NOT_IN_TARGET, "999999")
    ]


def test_nothing_is_proposed_without_account_journal_or_difference(month: Month) -> None:
    result = month.run()
    (found,) = drafts(month, result).differences()
    for journal_code, chosen in (("", [found]), ("DIA", []), ("DIA", [replace(found, contra="")])):
        with pytest.raises(NothingToAdjust):
            adjustment_vouchers.propose(month.journal, result, "sandbox", journal_code, chosen)
    equal = next(group for group in result.matching.groups if not group.adjustment)
    assert drafts(month, result).of_lines(equal.left, equal.right) is None


def test_a_line_is_split_and_its_parts_are_matched_each(month: Month) -> None:
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-01-15,DEP,111005,330.25\n", "utf-8")
    result = month.run(parse('[[rule]]\nkind = "reference"\n'))
    key = result.left.key[0]
    for parts in ([33025], [33000, 24], [33025, 0]):
        with pytest.raises(NotTheSum):
            decisions.split(month.journal, result, 0, key, parts)
    decisions.split(month.journal, result, 0, key, [25025, 8000], "dos facturas")
    result = month.again()
    assert [int(amount) for amount in result.left.amount] == [25025, 8000] and result.left.row == [
        1,
        1,
    ]
    for part, line in zip(result.left.key, (0, 1), strict=True):
        right = [
            index
            for index, amount in enumerate(result.right.amount)
            if amount == (25025, 8000)[line]
        ]
        decisions.decide(month.journal, result, Match((part,), (result.right.key[right[0]],)))
    result = month.again()
    assert result.matching.count(MatchState.MATCHED) == 2 and result.settled
    rows = papers.paper(month.journal, result).decisions
    assert ("split", "mayor.csv 1", "250.25 + 80.00: dos facturas") in [
        tuple(row[2:]) for row in rows
    ]
    for _ in range(3):
        assert decisions.undo(month.journal, result)
    assert len(month.again().left) == 1


def test_parts_of_a_line_stay_open_into_the_next_month(month: Month) -> None:
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-01-15,DEP,111005,330.25\n", "utf-8")
    result = month.run()
    decisions.split(month.journal, result, 0, result.left.key[0], [25025, 8000])
    result = month.again()
    for state in (State.PREPARED, State.REVIEWED, State.SIGNED):
        steps.advance(month.journal, result, state, "así quedó")
        result = month.again()
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-02-15,F-9,111005,1.00\n", "utf-8")
    pull(month.journal, "sandbox", month.connect(), date(2026, 2, 1), date(2026, 2, 28))
    result = month.again()
    assert sorted(int(result.left.amount[index]) for index in result.left.carried) == [8000, 25025]


def test_a_file_is_kept_as_evidence_and_signed_with_the_month(month: Month, tmp_path: Path) -> None:
    result = month.run()
    evidence = tmp_path / "aclaración del banco.pdf"
    evidence.write_bytes(b"%PDF-1.4 carta")
    decisions.attach(month.journal, result, evidence, result.left.key[:1], (), "carta del banco")
    result = month.again()
    (attached,) = [
        (item.name, item.sha256, item.note) for item in result.decided if isinstance(item, Attach)
    ]
    assert attached[0] == "aclaración del banco.pdf" and attached[2] == "carta del banco"
    assert decisions.attachment(month.journal, attached[1]) == b"%PDF-1.4 carta"
    with pytest.raises(LookupError):
        decisions.attachment(month.journal, "0" * 64)
    paper = papers.paper(month.journal, result)
    assert paper.attachments == [attached]
    write_pdf(tmp_path / "p.pdf", paper)
    steps.advance(month.journal, result, State.PREPARED)
    steps.advance(month.journal, result, State.REVIEWED)
    steps.advance(month.journal, result, State.SIGNED, "ajuste por enviar")
    assert not steps.changed_since_signing(month.again())
    for refused in (
        lambda: decisions.attach(month.journal, result, evidence, (), ()),
        lambda: decisions.split(
            month.journal, result, 0, result.left.key[0], [1, int(result.left.amount[0]) - 1]
        ),
        lambda: adjustment_vouchers.propose(
            month.journal, result, "sandbox", "DIA", drafts(month, result).differences()
        ),
    ):
        with pytest.raises(Signed):
            refused()
    assert verification.verify(month.journal).ok


def test_too_large_a_file_is_refused(
    month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "LARGEST_ATTACHMENT", 10)
    (tmp_path / "big.bin").write_bytes(bytes(11))
    with pytest.raises(TooLarge):
        decisions.attach(month.journal, month.run(), tmp_path / "big.bin", (), ())


def test_the_papers_show_the_vouchers_and_where_they_stand(month: Month, tmp_path: Path) -> None:
    proposed(month, month.run())
    paper = papers.paper(month.journal, month.again())
    for name in ("one", "two"):
        write_report(tmp_path / f"{name}.xlsx", paper)
        write_pdf(tmp_path / f"{name}.pdf", paper)
    for suffix in ("xlsx", "pdf"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (
            tmp_path / f"two.{suffix}"
        ).read_bytes()
    rows = list(openpyxl.load_workbook(tmp_path / "one.xlsx")["Adjustments"].values)
    assert rows[-1][:4] == ("111005", "530515", 0.05, "to be sent")
    assert str(rows[-1][4]).split("/")[1] == "cuadre"


def test_the_command_line_proposes_keeps_evidence_and_advances(
    month: Month, tmp_path: Path, run: Run, sandbox: object
) -> None:
    month.run()
    month.journal.close()
    rules, letter = tmp_path / "r.toml", tmp_path / "carta.txt"
    rules.write_text(
        '[[rule]]\nkind = "reference"\n[[rule]]\nkind = "tolerance"\ncents = 99\n', "utf-8"
    )
    letter.write_text("carta")
    sides = (
        "reconcile",
        str(month.path),
        "pull:sandbox",
        "--rules",
        rules,
        "--account",
        "111005",
        "--account",
        "53",
    )
    status, text = run(*sides, "--adjustments", "DIA")
    assert status == 1 and "1 difference without an account" in text
    assert run(*sides, "--adjustments", "DIA", "--json")[1]["adjustments"] == {
        "proposed": 0,
        "without_account": 1,
    }
    status, text = run(
        *sides,
        "--adjustments",
        "DIA",
        "--contra",
        "530515",
        "--attach",
        letter,
        "--advance",
        "prepared",
    )
    assert "1 adjustment proposed as batch:1; cuadre push sandbox sends them." in text
    assert "carta.txt is kept as evidence" in text and "State: prepared" in text
    status, text = run(*sides, "--advance", "reviewed", "--report", tmp_path / "no" / "such.xlsx")
    assert status == 2 and "cannot be written" in text
    assert run(*sides, "--json")[1]["state"] == "prepared", (
        "nothing advances whose paper cannot be written"
    )
    status, text = run("reconcile", str(month.path), str(month.path), "--adjustments", "DIA")
    assert status == 2 and "pull:NAME" in text
    status, text = run(*sides[:5], "--account", "999")
    assert status == 2 and "Neither side has an account that begins with 999" in text
    status, text = run(*sides, "--attach", letter, "--attach", tmp_path / "none.txt")
    assert status == 2 and "none.txt" in text
    status, text = run(*sides, "--attach", letter, "--advance", "reviewed")
    assert status == 2 and run(*sides, "--json")[1]["state"] == "prepared", "nothing was begun"


def test_the_books_that_are_on_the_left_are_corrected_too(month: Month) -> None:
    pull(month.journal, "sandbox", month.connect(), date(2026, 1, 1), date(2026, 1, 31))

    def run() -> Reconciliation:
        return runs.reconcile(
            month.journal, "pull:sandbox", str(month.path), RULES, accounts=["111005", "530515"]
        )

    found = proposed(month, run())
    assert (found.account, found.contra, found.amount) == ("111005", "530515", 5)
    push(month.journal, "sandbox", month.connect())
    pull(month.journal, "sandbox", month.connect(), date(2026, 1, 1), date(2026, 1, 31))
    assert run().settled and run().proof.explained == {"adjustment-posted": -5}


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_bank_on_either_side_gets_its_fee_into_the_books(
    month: Month, tmp_path: Path, side: str
) -> None:
    (tmp_path / "banco.csv").write_text(
        "Fecha,Referencia,Importe\n2026-01-11,F-7,250.25\n2026-01-20,F-8,80.00\n2026-01-31,COMISION,-12.00\n",
        "utf-8",
    )
    sides = [str(tmp_path / "banco.csv"), "pull:sandbox"]
    pull(month.journal, "sandbox", month.connect(), date(2026, 1, 1), date(2026, 1, 31))

    def run() -> Reconciliation:
        order = sides if side == "left" else sides[::-1]
        return runs.reconcile(month.journal, *order, RULES, accounts=["111005"])

    result = run()
    bank = result.matching.only_left if side == "left" else result.matching.only_right
    assert len(bank) == 1
    made = drafts(month, result).of_lines(
        *((bank, []) if side == "left" else ([], bank)), contra="530515"
    )
    assert made is not None and (made.account, made.amount) == ("111005", -1200)
    adjustment_vouchers.propose(month.journal, result, "sandbox", "DIA", [made])
    assert push(month.journal, "sandbox", month.connect()).confirmed == 1
    pull(month.journal, "sandbox", month.connect(), date(2026, 1, 1), date(2026, 1, 31))
    assert run().settled


OTHERS = [
    {"contra": "519530"},
    {"day": date(2026, 1, 31)},
    {"account": "111005", "text": "otra vez"},
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: next(iter(other)))
@pytest.mark.parametrize("sent", [False, True], ids=["waiting", "sent"])
def test_lines_are_adjusted_once(month: Month, other: dict[str, object], sent: bool) -> None:
    found = proposed(month, month.run())
    if sent:
        push(month.journal, "sandbox", month.connect())
        with pytest.raises(AlreadySent):
            decisions.undo(month.journal, month.again())
        with pytest.raises(AlreadySent):
            decisions.withdraw(
                month.journal, papers.vouchers(month.journal, month.again())[0].reference
            )
    for code in ("DIA", "ING"):
        with pytest.raises(AlreadyAdjusted):
            adjustment_vouchers.propose(
                month.journal, month.again(), "sandbox", code, [replace(found, **other)]
            )  # type: ignore[arg-type]
    with pytest.raises(AlreadyAdjusted):
        decisions.decide(month.journal, month.again(), Part(found.left, found.right))
    with pytest.raises(AlreadyAdjusted):
        decisions.split(month.journal, month.again(), 0, found.left[0], [25000, 30])


def test_one_account_on_its_own_and_the_whole_know_of_each_other(month: Month) -> None:
    found = proposed(month, month.run())
    whole = runs.reconcile(month.journal, str(month.path), "pull:sandbox", RULES)
    assert drafts(month, whole).differences() == []
    with pytest.raises(AlreadyAdjusted):
        adjustment_vouchers.propose(month.journal, whole, "sandbox", "DIA", [found])
    push(month.journal, "sandbox", month.connect())
    pull(month.journal, "sandbox", month.connect(), date(2026, 1, 1), date(2026, 1, 31))
    whole = runs.reconcile(month.journal, str(month.path), "pull:sandbox", RULES)
    (account,) = [row for row in whole.proof.accounts if row.account == "111005"]
    assert (account.unexplained, account.open_items) == (0, 0)


def test_the_same_fee_in_two_books_is_two_vouchers(
    month: Month, tmp_path: Path, store: SandboxStore
) -> None:
    pull(month.journal, "sandbox", month.connect(), date(2026, 1, 1), date(2026, 1, 31))
    for name in ("banco a.csv", "banco b.csv"):
        (tmp_path / name).write_text(
            "Fecha,Referencia,Importe\n2026-01-31,COMISION,-12.00\n", "utf-8"
        )
        result = runs.reconcile(
            month.journal, str(tmp_path / name), "pull:sandbox", RULES, accounts=["111005"]
        )
        made = drafts(month, result).of_lines(result.matching.only_left, [], contra="530515")
        assert made is not None
        adjustment_vouchers.propose(month.journal, result, "sandbox", "DIA", [made])
    assert push(month.journal, "sandbox", month.connect()).confirmed == 2


def test_only_what_was_decided_is_sent(month: Month, store: SandboxStore, tmp_path: Path) -> None:
    result = month.run()
    (found,) = drafts(month, result).differences()
    for contra in ("530515", "130505", "530515"):
        adjustment_vouchers.propose(
            month.journal, month.again(), "sandbox", "DIA", [replace(found, contra=contra)]
        )
        if contra == "130505" or found.contra != contra:
            assert papers.vouchers(month.journal, month.again())[-1].contra == contra
        reference = papers.vouchers(month.journal, month.again())[-1].reference
        decisions.withdraw(month.journal, reference)
    adjustment_vouchers.propose(month.journal, month.again(), "sandbox", "DIA", [found])
    (voucher,) = papers.vouchers(month.journal, month.again())
    number, kind = voucher.reference.split("/")[-1], "DIA@sandbox"
    (tmp_path / "falso.csv").write_text(
        f"{','.join(adjustment_vouchers.HEADING)}\n2026-01-11,{kind},{number},111005,x,99999.00,0\n"
        f"2026-01-11,{kind},{number},530515,x,0,99999.00\n",
        "utf-8",
    )
    import_file(
        month.journal, tmp_path / "falso.csv", options=Options(profile=adjustment_vouchers.PROFILE)
    )
    sent = push(month.journal, "sandbox", month.connect(), only_ready=True)
    assert sent.confirmed == 1
    assert [problem for problem, _ in sent.preflight.obstacles] == [Problem.NOT_PROPOSED]
    amounts = [
        line["debit"]
        for line in store.ledger("2026-01-01", "2026-01-31", 0, 99)
        if line["reference"] == voucher.reference
    ]
    assert sorted(amounts) == [0, 5]
    assert verification.verify(month.journal).ok


def test_what_settles_lines_that_changed_is_held_and_shown(month: Month) -> None:
    proposed(month, month.run())
    month.path.write_text(month.path.read_text("utf-8").replace("250.30", "250.25"), "utf-8")
    result = month.again()
    assert [voucher.state for voucher in papers.vouchers(month.journal, result)] == [
        "held: its lines changed"
    ]
    sent = push(month.journal, "sandbox", month.connect())
    assert sent.confirmed == 0 and [problem for problem, _ in sent.preflight.obstacles] == [
        Problem.LINES_CHANGED
    ]
    decisions.withdraw(month.journal, papers.vouchers(month.journal, result)[0].reference)
    assert papers.vouchers(month.journal, month.again()) == []
    assert push(month.journal, "sandbox", month.connect()).waiting == 0


def test_a_voucher_of_the_next_month_settles_this_one(month: Month, store: SandboxStore) -> None:
    result = month.run()
    (found,) = drafts(month, result).differences()
    adjustment_vouchers.propose(
        month.journal, result, "sandbox", "DIA", [replace(found, day=date(2026, 2, 2))]
    )
    assert push(month.journal, "sandbox", month.connect()).confirmed == 1
    result = month.run()
    assert result.settled and result.proof.explained == {"adjustment:530515": 5}
    for state in (State.PREPARED, State.REVIEWED, State.SIGNED):
        steps.advance(month.journal, result, state)
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-02-15,F-9,111005,1.00\n", "utf-8")
    target = month.connect()
    lines = (
        EntryLine("111005", Decimal(1), Decimal(0), "x"),
        EntryLine("130505", Decimal(0), Decimal(1), "x"),
    )
    target.create(JournalEntry("F-9", date(2026, 2, 15), "DIA", "x", lines))
    pull(month.journal, "sandbox", target, date(2026, 2, 1), date(2026, 2, 28))
    february = month.again()
    assert february.settled, february.proof
    assert february.proof.explained == {"adjustment-posted": 5, "carried-forward": -5}


def test_an_open_line_adjusted_in_one_month_is_not_adjusted_again_in_the_next(month: Month) -> None:
    month.path.write_text(
        "Fecha,Folio,Cuenta,Importe\n2026-01-31,,111005,-12.00\n2026-01-10,F-7,111005,250.25\n"
        "2026-01-20,F-8,111005,80.00\n",
        "utf-8",
    )
    result = month.run()
    made = drafts(month, result).of_lines(result.matching.only_left, [], contra="530515")
    assert made is not None
    adjustment_vouchers.propose(
        month.journal, result, "sandbox", "DIA", [replace(made, day=date(2026, 2, 1))]
    )
    result = month.again()
    assert result.settled and result.proof.explained == {"adjustment:530515": -1200}
    for state in (State.PREPARED, State.REVIEWED, State.SIGNED):
        steps.advance(month.journal, result, state)
    push(month.journal, "sandbox", month.connect())
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-02-15,F-9,111005,1.00\n", "utf-8")
    pull(month.journal, "sandbox", month.connect(), date(2026, 2, 1), date(2026, 2, 28))
    february = month.again()
    assert [voucher.state for voucher in papers.vouchers(month.journal, february)] == [
        "in the books"
    ]
    assert any(
        -int(february.left.amount[group.left[0]]) == 12_00
        for group in february.matching.groups
        if group.left
    )
    with pytest.raises(AlreadyAdjusted):
        adjustment_vouchers.propose(month.journal, february, "sandbox", "DIA", [made])


def test_other_lines_keep_their_own_account_or_none(month: Month) -> None:
    with month.path.open("a", encoding="utf-8") as file:
        file.write("2026-01-31,,530515,12.00\n")
    result = month.run()
    (line,) = result.matching.only_left
    made = drafts(month, result).of_lines([line], [])
    assert made is not None and (made.account, made.amount) == ("530515", 1200)
    with pytest.raises(NothingToAdjust):
        adjustment_vouchers.propose(
            month.journal, result, "sandbox", "DIA", [replace(made, contra="530515")]
        )


def test_evidence_outlives_the_archive_of_its_file(month: Month, tmp_path: Path) -> None:
    import_file(month.journal, month.path)
    decisions.attach(month.journal, month.run(), month.path, (), ())
    compaction.compact(month.journal, "2999-01-01", tmp_path / "viejo.zip")
    (attached,) = [
        (item.name, item.sha256, item.note)
        for item in month.again().decided
        if isinstance(item, Attach)
    ]
    assert decisions.attachment(month.journal, attached[1]) == month.path.read_bytes()


@POSIX
@pytest.mark.parametrize(
    "name",
    ["carta\nnota.pdf", b"aclaraci\xf3n.pdf".decode("utf-8", "surrogateescape")],
    ids=["newline", "cp1252"],
)
def test_any_file_name_is_kept_on_one_line(month: Month, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    decisions.attach(month.journal, month.run(), tmp_path / name, (), (), "nota")
    (attached,) = [
        (item.name, item.sha256, item.note)
        for item in month.again().decided
        if isinstance(item, Attach)
    ]
    assert "\n" not in attached[0] and attached[2] == "nota"
    attached[0].encode("utf-8")


def test_a_decision_changed_behind_the_events_is_found(month: Month) -> None:
    proposed(month, month.run())
    decisions.undo(month.journal, month.again())
    assert verification.verify(month.journal).ok
    with month.journal.writing() as connection:
        connection.execute(schema.decision.update().values(undone=0))
    assert any("decision 1" in problem for problem in verification.verify(month.journal).problems)


def test_the_month_s_checklist_counts_only_what_is_to_go_there(month: Month) -> None:
    proposed(month, month.run())

    def sent(name: str) -> tuple[int, int]:
        step = next(
            step
            for step in checklist.checklist(month.journal, "2026-01", name)
            if step.name is checklist.StepName.SENT
        )
        return step.done, step.total

    assert (sent("sandbox"), sent("another")) == ((0, 1), (0, 0))
    decisions.undo(month.journal, month.again())
    assert sent("sandbox") == (0, 0)


def test_what_was_refused_and_withdrawn_is_not_tried_again(
    month: Month, store: SandboxStore
) -> None:
    result = month.run()
    (found,) = drafts(month, result).differences()
    adjustment_vouchers.propose(month.journal, result, "sandbox", "DIA", [found])
    with month.journal.writing() as connection:
        document = connection.execute(sa.select(schema.document)).one()
        connection.execute(
            schema.outbox.insert().values(
                connection="sandbox",
                external_ref=document.external_ref,
                document_id=document.id,
                content_hash=document.content_hash,
                payload="{}",
                state="rejected",
                created_at="",
                updated_at="",
            )
        )
    decisions.undo(month.journal, month.again())
    adjustment_vouchers.propose(
        month.journal, month.again(), "sandbox", "DIA", [replace(found, text="otra")]
    )
    for _ in range(2):
        sent = push(month.journal, "sandbox", month.connect(), retry=True, only_ready=True)
        assert [problem for problem, _ in sent.preflight.obstacles] == [Problem.NOT_PROPOSED]
    assert store.count() == 3


def test_what_is_withdrawn_while_a_sending_is_prepared_does_not_go(
    month: Month, store: SandboxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = proposed(month, month.run())
    checked = push_module.preflight.check

    def meanwhile(*given: object, **named: object) -> object:
        answer = checked(*given, **named)  # type: ignore[arg-type]
        (voucher,) = papers.vouchers(month.journal, month.again())
        decisions.withdraw(month.journal, voucher.reference)
        adjustment_vouchers.propose(
            month.journal, month.again(), "sandbox", "DIA", [replace(found, contra="519530")]
        )
        monkeypatch.setattr(push_module.preflight, "check", checked)
        return answer

    monkeypatch.setattr(push_module.preflight, "check", meanwhile)
    push(month.journal, "sandbox", month.connect())
    push(month.journal, "sandbox", month.connect())
    assert store.count() == 3


@pytest.mark.parametrize("other", ["swapped", "downloaded again"])
def test_a_line_of_the_target_is_adjusted_once_whatever_it_is_compared_with(
    month: Month, other: str
) -> None:
    found = proposed(month, month.run())
    push(month.journal, "sandbox", month.connect())
    pull(month.journal, "sandbox", month.connect(), date(2026, 1, 1), date(2026, 1, 31))
    path = (
        month.path
        if other == "swapped"
        else month.path.rename(month.path.with_name("libro mayor.csv"))
    )
    specs = ["pull:sandbox", str(path)] if other == "swapped" else [str(path), "pull:sandbox"]
    result = runs.reconcile(month.journal, *specs, RULES, accounts=["111005", "530515"])
    assert drafts(month, result).differences() == []
    place = 1 - (other == "swapped")
    keys = ((), found.right) if place else (found.right, ())
    with pytest.raises(AlreadyAdjusted):
        adjustment_vouchers.propose(
            month.journal, result, "sandbox", "ING", [replace(found, left=keys[0], right=keys[1])]
        )


def test_a_file_downloaded_again_is_the_same_book(month: Month) -> None:
    first = month.run().book
    month.path = month.path.rename(month.path.with_name("mayor (1).csv"))
    assert month.again().book == first


def test_a_line_exported_anew_is_left_to_people_with_its_voucher(
    month: Month, store: SandboxStore
) -> None:
    month.path.write_text(
        HEAD
        + "2026-01-10,F-7,111005,,250.25\n2026-01-20,F-8,111005,,80.00\n"
        + "2026-01-31,,111005,Banco,-12.00\n",
        "utf-8",
    )
    result = month.run()
    made = drafts(month, result).of_lines(result.matching.only_left, [], contra="530515")
    assert made is not None
    adjustment_vouchers.propose(month.journal, result, "sandbox", "DIA", [made])
    push(month.journal, "sandbox", month.connect())
    assert month.run().settled
    month.path.write_text(month.path.read_text("utf-8").replace("Banco", "Banco SA"), "utf-8")
    result = month.again()
    assert "carried-forward" not in result.proof.explained and not result.settled
    (account,) = [row for row in result.proof.accounts if row.account == "111005"]
    assert account.unexplained == 0, "the line and its voucher are both open, and cancel out"


def test_what_the_whole_no_longer_needs_is_held_though_one_account_proposed_it(
    month: Month,
) -> None:
    proposed(month, month.run())
    month.path.write_text(month.path.read_text("utf-8").replace("250.30", "250.25"), "utf-8")
    runs.reconcile(month.journal, str(month.path), "pull:sandbox", RULES)
    sent = push(month.journal, "sandbox", month.connect())
    assert sent.confirmed == 0 and [problem for problem, _ in sent.preflight.obstacles] == [
        Problem.LINES_CHANGED
    ]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE line SET account = '111010' WHERE entry = 3 AND account = '111005'",
        "DELETE FROM line WHERE entry = 3",
    ],
    ids=["moved", "deleted"],
)
def test_a_voucher_changed_in_the_target_settles_nothing(
    month: Month, store: SandboxStore, change: str
) -> None:
    with month.path.open("a", encoding="utf-8") as file:
        file.write("2026-01-31,,111005,-12.00\n")
    result = month.run()
    made = drafts(month, result).of_lines(result.matching.only_left, [], contra="530515")
    assert made is not None
    adjustment_vouchers.propose(month.journal, result, "sandbox", "DIA", [made])
    push(month.journal, "sandbox", month.connect())
    assert month.run().settled
    assert store._connection.execute(change).rowcount > 0
    assert not month.run().settled


def test_an_adjustment_of_a_carried_line_is_dated_in_the_month_that_is_open(month: Month) -> None:
    with month.path.open("a", encoding="utf-8") as file:
        file.write("2026-01-31,,111005,-12.00\n")
    result = month.run()
    for state in (State.PREPARED, State.REVIEWED, State.SIGNED):
        steps.advance(month.journal, result, state, "se ajusta en febrero")
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-02-15,F-9,111005,1.00\n", "utf-8")
    pull(month.journal, "sandbox", month.connect(), date(2026, 2, 1), date(2026, 2, 28))
    february = month.again()
    made = [drafts(month, february).of_lines([index], []) for index in february.left.carried]
    assert [one.day for one in made if one] == [date(2026, 2, 1)]


def test_an_adjustment_is_withdrawn_where_it_is_seen(month: Month) -> None:
    proposed(month, month.run())
    whole = runs.reconcile(month.journal, str(month.path), "pull:sandbox", RULES)
    decisions.withdraw(month.journal, papers.vouchers(month.journal, whole)[0].reference)
    assert month.again().adjusted == [] and verification.verify(month.journal).ok


def test_evidence_that_could_be_brought_back_outlives_the_archive(
    month: Month, tmp_path: Path
) -> None:
    import_file(month.journal, month.path)
    result = month.run()
    decisions.attach(month.journal, result, month.path, (), ())
    decisions.undo(month.journal, result)
    compaction.compact(month.journal, "2999-01-01", tmp_path / "viejo.zip")
    decisions.redo(month.journal, result)
    (attached,) = [
        (item.name, item.sha256, item.note)
        for item in month.again().decided
        if isinstance(item, Attach)
    ]
    assert decisions.attachment(month.journal, attached[1]) == month.path.read_bytes()


def test_what_was_sent_is_there_whatever_became_of_its_lines(month: Month) -> None:
    proposed(month, month.run())
    push(month.journal, "sandbox", month.connect())
    month.path.write_text(month.path.read_text("utf-8").replace("250.30", "250.25"), "utf-8")
    month.run()
    again = push(month.journal, "sandbox", month.connect())
    assert (again.already, again.waiting, dict(again.preflight.obstacles)) == (1, 0, {})


def test_a_skipped_voucher_stays_skipped_when_it_is_withdrawn(
    month: Month, store: SandboxStore
) -> None:
    proposed(month, month.run())
    reference = papers.vouchers(month.journal, month.again())[0].reference
    ready = push_module.preflight.check(month.journal, "sandbox", month.connect())
    outbox.enqueue(month.journal, "sandbox", ready.intents)
    conflicts.skip(month.journal, "sandbox", reference, "se corrige a mano")
    decisions.withdraw(month.journal, reference)
    sent = push(month.journal, "sandbox", month.connect())
    assert (sent.skipped, sent.waiting, dict(sent.preflight.obstacles)) == (1, 0, {})
    assert store.count() == 2


def test_the_other_side_of_an_adjustment_somebody_booked_too_is_left_to_people(
    month: Month,
) -> None:
    """The fee stands in the ledger on both accounts; in the target one account came by the
    adjustment.
    """
    month.path.write_text(
        HEAD + "2026-01-10,F-7,111005,,250.25\n2026-01-20,F-8,111005,,80.00\n"
        "2026-01-28,COM,111005,,-12.00\n2026-01-02,COM,530515,,12.00\n",
        "utf-8",
    )
    result = month.run()
    places = [
        index for index in result.matching.only_left if result.left.account[index] == "111005"
    ]
    made = drafts(month, result).of_lines(places, [], contra="530515")
    assert made is not None
    adjustment_vouchers.propose(month.journal, result, "sandbox", "DIA", [made])
    push(month.journal, "sandbox", month.connect())
    result = month.run()
    assert {row.account: row.unexplained for row in result.proof.accounts} == {
        "111005": 0,
        "530515": 0,
    }
    assert "adjustment-posted" not in result.proof.explained
