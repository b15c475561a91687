"""Differences as vouchers through the outbox: proposed, sent once, come back and settle; lines split; files kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.bridge import adjustments, deciding, papers, reconciling
from app.bridge.adjustments import Adjustment, NothingToAdjust
from app.bridge.deciding import NotTheSum, TooLarge
from app.bridge.preflight import Problem
from app.bridge.pull import pull
from app.bridge.push import push
from app.bridge.reconciling import Reconciliation, State
from app.bridge.workbook import Signed
from app.journal import Journal, verification
from app.reconcile import MatchState
from app.reconcile.matching import Decision
from app.reconcile.pdf import write_pdf
from app.reconcile.report import write_report
from app.reconcile.rules import RuleSet, parse
from connectors import EntryLine, JournalEntry
from connectors.sandbox import SandboxConnector, SandboxStore
from tests.app.conftest import Run

RULES = parse('[[rule]]\nkind = "reference"\ndays = 31\n[[rule]]\nkind = "tolerance"\ncents = 99\naccount = "530515"\n')


class Month:
    """A ledger file against the sandbox's books, where F-7 is five cents short."""

    def __init__(self, journal: Journal, folder: Path, connect: Callable[[], SandboxConnector]) -> None:
        self.journal, self.path, self.connect = journal, folder / "mayor.csv", connect
        self.path.write_text(
            "Fecha,Folio,Cuenta,Importe\n2026-01-10,F-7,111005,250.30\n2026-01-20,F-8,111005,80.00\n", "utf-8"
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
        return reconciling.reconcile(self.journal, str(self.path), "pull:sandbox", rules, accounts=["111005", "530515"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SandboxStore]:
    opened = SandboxStore(tmp_path / "colombia.db", "CO")
    yield opened
    opened.close()


@pytest.fixture
def month(journal: Journal, tmp_path: Path, connect: Callable[[], SandboxConnector]) -> Month:
    return Month(journal, tmp_path, connect)


def proposed(month: Month, result: Reconciliation) -> Adjustment:
    (found,) = adjustments.differences(result)
    adjustments.propose(month.journal, result, "sandbox", "DIA", [found])
    return found


def test_what_a_rule_lets_differ_is_booked_through_the_outbox_and_settles(month: Month, store: SandboxStore) -> None:
    result = month.run()
    assert result.proof.explained == {"adjustment:530515": 5}
    found = proposed(month, result)
    assert (found.account, found.contra, found.amount) == ("111005", "530515", 5)
    result = month.again()
    assert result.proof.explained == {"adjustment:530515": 5}, "nothing is forced to zero before it is in the books"
    assert adjustments.differences(result) == [], "nor proposed twice"
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


def test_the_same_difference_proposed_again_is_the_same_voucher(month: Month, store: SandboxStore) -> None:
    result = month.run()
    one = proposed(month, result)
    deciding.undo(month.journal, month.again())
    two = proposed(month, month.again())
    assert one.number == two.number
    assert push(month.journal, "sandbox", month.connect()).confirmed == 1
    assert store.count() == 3


def test_what_was_taken_back_before_it_went_is_not_sent(month: Month) -> None:
    result = month.run()
    proposed(month, result)
    deciding.undo(month.journal, month.again())
    sent = push(month.journal, "sandbox", month.connect())
    assert sent.confirmed == 0
    assert [problem for problem, _ in sent.preflight.obstacles] == [Problem.WITHDRAWN]
    deciding.redo(month.journal, month.again())
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
    made = adjustments.of_lines(result, [line], [], contra="530515")
    assert made is not None and (made.account, made.amount, made.day) == ("111005", -1200, date(2026, 1, 31))
    adjustments.propose(month.journal, result, "sandbox", "DIA", [made])
    assert push(month.journal, "sandbox", month.connect()).confirmed == 1
    result = month.run()
    assert not result.matching.only_left and result.proof.explained == {
        "adjustment:530515": 5,
        "adjustment-posted": -1200,
    }


def test_an_account_the_target_does_not_know_holds_the_voucher_back(month: Month) -> None:
    result = month.run()
    (found,) = adjustments.differences(result)
    adjustments.propose(month.journal, result, "sandbox", "DIA", [replace(found, contra="999999")])
    sent = push(month.journal, "sandbox", month.connect())
    assert sent.confirmed == 0
    assert [(problem, what) for problem, what in sent.preflight.obstacles] == [
        (Problem.ACCOUNT_NOT_IN_TARGET, "999999")
    ]


def test_nothing_is_proposed_without_account_journal_or_difference(month: Month) -> None:
    result = month.run()
    (found,) = adjustments.differences(result)
    for journal_code, chosen in (("", [found]), ("DIA", []), ("DIA", [replace(found, contra="")])):
        with pytest.raises(NothingToAdjust):
            adjustments.propose(month.journal, result, "sandbox", journal_code, chosen)
    equal = next(group for group in result.matching.groups if not group.adjustment)
    assert adjustments.of_lines(result, equal.left, equal.right) is None


def test_a_line_is_split_and_its_parts_are_matched_each(month: Month) -> None:
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-01-15,DEP,111005,330.25\n", "utf-8")
    result = month.run(parse('[[rule]]\nkind = "reference"\n'))
    key = result.left.key[0]
    for parts in ([33025], [33000, 24], [33025, 0]):
        with pytest.raises(NotTheSum):
            deciding.split(month.journal, result, 0, key, parts)
    deciding.split(month.journal, result, 0, key, [25025, 8000], "dos facturas")
    result = month.again()
    assert [int(amount) for amount in result.left.amount] == [25025, 8000] and result.left.row == [1, 1]
    for part, line in zip(result.left.key, (0, 1), strict=True):
        right = [index for index, amount in enumerate(result.right.amount) if amount == (25025, 8000)[line]]
        deciding.decide(month.journal, result, Decision("accept", (part,), (result.right.key[right[0]],)))
    result = month.again()
    assert result.matching.count(MatchState.MATCHED) == 2 and result.settled
    rows = papers.paper(month.journal, result).decisions
    assert ("split", "mayor.csv 1", "250.25 + 80.00: dos facturas") in [tuple(row[2:]) for row in rows]
    for _ in range(3):
        assert deciding.undo(month.journal, result)
    assert len(month.again().left) == 1


def test_parts_of_a_line_stay_open_into_the_next_month(month: Month) -> None:
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-01-15,DEP,111005,330.25\n", "utf-8")
    result = month.run()
    deciding.split(month.journal, result, 0, result.left.key[0], [25025, 8000])
    result = month.again()
    for state in (State.PREPARED, State.REVIEWED, State.SIGNED):
        reconciling.advance(month.journal, result, state, "así quedó")
        result = month.again()
    month.path.write_text("Fecha,Folio,Cuenta,Importe\n2026-02-15,F-9,111005,1.00\n", "utf-8")
    pull(month.journal, "sandbox", month.connect(), date(2026, 2, 1), date(2026, 2, 28))
    result = month.again()
    assert sorted(int(result.left.amount[index]) for index in result.left.carried) == [8000, 25025]


def test_a_file_is_kept_as_evidence_and_signed_with_the_month(month: Month, tmp_path: Path) -> None:
    result = month.run()
    evidence = tmp_path / "aclaración del banco.pdf"
    evidence.write_bytes(b"%PDF-1.4 carta")
    deciding.attach(month.journal, result, evidence, result.left.key[:1], (), "carta del banco")
    result = month.again()
    (attached,) = [deciding.attached(item) for item in result.decided if item.action == "attach"]
    assert attached[0] == "aclaración del banco.pdf" and attached[2] == "carta del banco"
    assert deciding.attachment(month.journal, attached[1]) == b"%PDF-1.4 carta"
    with pytest.raises(LookupError):
        deciding.attachment(month.journal, "0" * 64)
    paper = papers.paper(month.journal, result)
    assert paper.attachments == [attached]
    write_pdf(tmp_path / "p.pdf", paper)
    reconciling.advance(month.journal, result, State.PREPARED)
    reconciling.advance(month.journal, result, State.REVIEWED)
    reconciling.advance(month.journal, result, State.SIGNED, "ajuste por enviar")
    assert not reconciling.changed_since_signing(month.again())
    for refused in (
        lambda: deciding.attach(month.journal, result, evidence, (), ()),
        lambda: deciding.split(month.journal, result, 0, result.left.key[0], [1, int(result.left.amount[0]) - 1]),
        lambda: adjustments.propose(month.journal, result, "sandbox", "DIA", adjustments.differences(result)),
    ):
        with pytest.raises(Signed):
            refused()
    assert verification.verify(month.journal).ok


def test_too_large_a_file_is_refused(month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "LARGEST_ATTACHMENT", 10)
    (tmp_path / "big.bin").write_bytes(bytes(11))
    with pytest.raises(TooLarge):
        deciding.attach(month.journal, month.run(), tmp_path / "big.bin", (), ())


def test_the_papers_show_the_vouchers_and_where_they_stand(month: Month, tmp_path: Path) -> None:
    proposed(month, month.run())
    paper = papers.paper(month.journal, month.again())
    for name in ("one", "two"):
        write_report(tmp_path / f"{name}.xlsx", paper)
        write_pdf(tmp_path / f"{name}.pdf", paper)
    for suffix in ("xlsx", "pdf"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
    rows = list(openpyxl.load_workbook(tmp_path / "one.xlsx")["Adjustments"].values)
    assert rows[-1][:4] == ("111005", "530515", 0.05, "to be sent")
    assert str(rows[-1][4]).split("/")[1] == "cuadre"


def test_the_command_line_proposes_keeps_evidence_and_advances(
    month: Month, tmp_path: Path, run: Run, sandbox: object
) -> None:
    month.run()
    month.journal.close()
    rules, letter = tmp_path / "r.toml", tmp_path / "carta.txt"
    rules.write_text('[[rule]]\nkind = "reference"\n[[rule]]\nkind = "tolerance"\ncents = 99\n', "utf-8")
    letter.write_text("carta")
    sides = ("reconcile", str(month.path), "pull:sandbox", "--rules", rules, "--account", "111005", "--account", "53")
    status, text = run(*sides, "--adjustments", "DIA")
    assert status == 0 and "1 difference without an account" in text
    status, text = run(
        *sides, "--adjustments", "DIA", "--contra", "530515", "--attach", letter, "--advance", "prepared"
    )
    assert "1 adjustment proposed as batch:1; cuadre push sandbox sends them." in text
    assert "carta.txt is kept as evidence" in text and "State: prepared" in text
    status, text = run(*sides, "--advance", "reviewed", "--report", tmp_path / "no" / "such.xlsx")
    assert status == 2 and "cannot be written" in text
    assert run(*sides, "--json")[1]["state"] == "prepared", "nothing advances whose paper cannot be written"
    status, text = run("reconcile", str(month.path), str(month.path), "--adjustments", "DIA")
    assert status == 2 and "pull:NAME" in text
    assert run(*sides, "--attach", tmp_path / "none.txt")[0] == 2
