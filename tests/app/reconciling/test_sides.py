"""Balances of both sides: the target's trial balance with every pull, and a balanza without lines
against it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.intake.importing import import_file
from app.journal import Journal, schema, verification
from app.matching import SideBuilder, match, prove
from app.matching.proof import AccountState, without_summaries
from app.matching.side import Carried
from app.reconciling import runs, steps
from app.reconciling.signing import State
from app.sending.pull import pull
from connectors import EntryLine, JournalEntry
from connectors.errors import Rejected
from connectors.sandbox import SandboxConnector
from tests.app.conftest import Run


def book(
    target: SandboxConnector, reference: str, day: date, debit: str, credit: str, amount: str
) -> None:
    lines = (
        EntryLine(debit, Decimal(amount), Decimal(0), "x"),
        EntryLine(credit, Decimal(0), Decimal(amount), "x"),
    )
    target.create(JournalEntry(reference, day, "DIA", "x", lines))


@pytest.fixture
def country() -> str:
    return "CO"


@pytest.fixture
def target(connect: Callable[[], SandboxConnector]) -> SandboxConnector:
    found = connect()
    book(found, "old", date(2025, 12, 30), "111005", "413505", "1000.00")
    book(found, "mid", date(2026, 1, 10), "111005", "130505", "250.25")
    book(found, "new", date(2026, 2, 10), "111005", "413505", "40.00")
    return found


def trial_balance(folder: Path, *rows: str) -> str:
    """World Office's Balance de Prueba of January: account and name, opening, debits, credits,
    closing.
    """
    path = folder / "balance.csv"
    title = (
        "EMPRESA DEMO SAS;;;;\nNIT 900902549-7;;;;\nBalance de Prueba entre el 01/01/2026 y el"
        " 31/01/2026;;;;\n;;;;\n"
    )
    heading = (
        ";Saldo Inicial;Débitos;Créditos;Saldo Final\n1 Activo;;;;\n11 Disponible;;;;\n1110"
        " Bancos;;;;\n"
    )
    path.write_bytes((title + heading + "\n".join(rows) + "\n").encode("cp1252"))
    return str(path)


def test_a_pull_states_what_the_target_opens_and_closes_with(
    journal: Journal, target: SandboxConnector
) -> None:
    pulled = pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))
    table = schema.remote_balance
    with journal.reading() as connection:
        rows = {
            row.account: (row.opening, row.closing) for row in connection.execute(sa.select(table))
        }
    assert rows == {"111005": (100000, 125025), "130505": (0, -25025)}
    assert not pulled.refused and verification.verify(journal).ok
    with journal.writing() as connection:
        connection.execute(table.update().where(table.c.account == "111005").values(closing=1))
    assert any("balances" in problem for problem in verification.verify(journal).problems)


def test_a_month_of_a_longer_pull_has_its_own_balances(
    journal: Journal, target: SandboxConnector, tmp_path: Path
) -> None:
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 3, 31))
    (tmp_path / "feb.csv").write_text(
        "Fecha,Folio,Cuenta,Importe\n2026-02-10,new,111005,40.00\n", "utf-8"
    )
    result = runs.reconcile(journal, str(tmp_path / "feb.csv"), "pull:sandbox")
    (account,) = [row for row in result.proof.accounts if row.account == "111005"]
    assert (account.right_opening, account.right_movements, account.right_closing) == (
        125025,
        4000,
        129025,
    )
    assert account.left_opening == 125025, (
        "a side that states no balance opens where the other does"
    )


def test_what_the_target_states_is_held_against_what_its_lines_give(
    journal: Journal, target: SandboxConnector
) -> None:
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))
    with journal.writing() as connection:
        connection.execute(
            schema.remote_line.delete().where(schema.remote_line.c.account == "111005")
        )
    result = runs.reconcile(journal, "pull:sandbox", "pull:sandbox")
    (account,) = [row for row in result.proof.accounts if row.account == "111005"]
    assert account.disagrees(0) == account.disagrees(1) == (125025, 100000)


def test_a_target_that_keeps_its_balances_to_itself_is_told_and_the_lines_are_there(
    journal: Journal, target: SandboxConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> dict[str, Decimal]:
        raise Rejected("no permission for reports")

    monkeypatch.setattr(target, "balances", refused)
    assert pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))[1:3] == (
        2,
        "no permission for reports",
    )
    assert verification.verify(journal).ok


def test_a_balanza_is_proved_against_the_target_down_to_its_lines(
    journal: Journal, target: SandboxConnector, tmp_path: Path, run: Run
) -> None:
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 3, 31))
    path = trial_balance(
        tmp_path,
        "111005 Bancos;1.000,00;250,25;0;1.250,25",
        "130505 Clientes;0;0;200,00;(200,00)",
        "513535 Teléfono;0;10,00;0;10,00",
    )
    result = runs.reconcile(journal, path, "pull:sandbox")
    assert result.period == "2026-01", "by what the report says it covers"
    states = {
        row.account: (row.difference, row.open_items, row.state) for row in result.proof.accounts
    }
    assert states == {
        "111005": (0, 0, AccountState.AGREES),
        "130505": (5025, 1, AccountState.DIFFERS),
        "513535": (1000, 0, AccountState.DIFFERS),
    }
    assert not result.settled
    journal.close()
    status, found = run("reconcile", path, "pull:sandbox", "--json")
    assert status == 1 and found["accounts"][1] == {
        "account": "130505",
        "right_account": "",
        "left": "-200.00",
        "right": "-250.25",
        "difference": "50.25",
        "unexplained": "50.25",
        "open_items": 1,
        "state": "differs",
    }
    status, text = run("reconcile", path, "pull:sandbox", "--account", "11")
    assert status == 0 and "111005" in text and "130505" not in text, "one account of it, settled"


def test_a_balanza_imported_is_the_same_side(
    journal: Journal, target: SandboxConnector, tmp_path: Path
) -> None:
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))
    path = trial_balance(
        tmp_path, "111005 Bancos;1.000,00;250,25;0;1.250,25", "130505 Clientes;0;0;250,25;(250,25)"
    )
    batch = import_file(journal, Path(path)).batch
    assert runs.reconcile(journal, path, "pull:sandbox").settled
    assert runs.reconcile(journal, f"batch:{batch}", "pull:sandbox").settled


SUMMARIES = [
    (
        "segments",
        [
            ("102-00-000", 0, 500),
            ("102-01-000", 0, 500),
            ("102-01-001", 0, 300),
            ("102-01-002", 0, 200),
        ],
        {"102-01-001", "102-01-002"},
    ),
    ("digits that grow", [("11", 1, 9), ("1105", 1, 9), ("110505", 1, 9)], {"110505"}),
    (
        "the same length",
        [("110000", 0, 9), ("110500", 0, 9), ("110505", 0, 4), ("110510", 0, 5)],
        {"110505", "110510"},
    ),
    (
        "a parent with movements of its own stays",
        [("1105", 0, 10), ("110505", 0, 9)],
        {"1105", "110505"},
    ),
    (
        "nothing under it",
        [("301-00-000", 5, 5), ("401-00-000", 7, 7)],
        {"301-00-000", "401-00-000"},
    ),
    ("a class above accounts", [("100", 0, 9), ("101", 0, 4), ("102", 0, 5)], {"101", "102"}),
]


@pytest.mark.parametrize(
    ("_name", "balances", "kept"), SUMMARIES, ids=[row[0] for row in SUMMARIES]
)
def test_accounts_that_sum_up_others_are_left_out(
    _name: str, balances: list[tuple[str, int | None, int | None]], kept: set[str]
) -> None:
    assert {code for code, _, _ in without_summaries(balances)} == kept


def test_a_statement_that_prints_no_opening_is_not_held_to_its_closing() -> None:
    left, right = SideBuilder("l"), SideBuilder("r", closing={"x": 700})
    for builder in (left, right):
        builder.add("1", date(2026, 1, 5), 200, reference="A")
    sides = left.build(), right.build()
    (account,) = prove(*sides, match(*sides)).accounts
    assert account.disagrees(1) is None and account.unexplained == 0


def test_books_without_a_movement_are_no_trial_balance(
    journal: Journal, target: SandboxConnector, tmp_path: Path
) -> None:
    pull(journal, "sandbox", target, date(2026, 3, 1), date(2026, 3, 31))
    path = tmp_path / "mayor.csv"
    path.write_text(
        "Fecha,Folio,Cuenta,Importe\n2026-03-01,A,111005,500.00\n2026-03-02,B,111005,-500.00\n",
        "utf-8",
    )
    for accounts in ((), ("111005",)):
        result = runs.reconcile(journal, str(path), "pull:sandbox", accounts=accounts)
        assert (len(result.open_lines[0]), result.settled) == (2, False)


CARRIED = [
    ("both state their openings, still open", {"x": 98_800}, {"x": 100_000}, [], True, 0),
    (
        "both state their openings, settled now",
        {"x": 98_800},
        {"x": 100_000},
        [(5, -1200)],
        False,
        0,
    ),
    ("neither states one, still open", {}, {}, [], True, 0),
    ("neither states one, settled now", {}, {}, [(5, -1200)], False, 0),
    (
        "both state them, still open and nobody says why",
        {"x": 98_800},
        {"x": 100_000},
        [],
        False,
        -1200,
    ),
]


@pytest.mark.parametrize(
    ("_name", "opening_left", "opening_right", "right", "said", "unexplained"),
    CARRIED,
    ids=[row[0] for row in CARRIED],
)
def test_what_was_carried_forward_counts_once(
    _name: str,
    opening_left: dict[str, int],
    opening_right: dict[str, int],
    right: list[tuple[int, int]],
    said: bool,
    unexplained: int,
) -> None:
    """A fee of 12.00 the left side booked in January and the right side had not."""
    sides = [SideBuilder("l", opening=opening_left), SideBuilder("r", opening=opening_right)]
    for place, side in enumerate(sides):
        side.add("same", date(2026, 2, 3), 4000, account="x", reference="F-1")
        for day, cents in right if place else ():
            side.add("fee", date(2026, 2, day), cents, account="x", reference="COM-9")
    old = Carried(
        "old", date(2026, 1, 31), -1200, "x", "COM-9", explained="in-transit" if said else ""
    )
    left, other = sides[0].build().extended([old]), sides[1].build()
    found = match(left, other)
    (account,) = prove(left, other, found).accounts
    assert account.unexplained == unexplained


def test_a_balanza_stays_one_with_what_an_earlier_month_left_open(
    journal: Journal, target: SandboxConnector, tmp_path: Path
) -> None:
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 2, 28))
    files = tmp_path / "mayor.csv", tmp_path / "banco.csv"
    rows = "Fecha,Folio,Cuenta,Importe\n2025-12-30,old,111005,1000.00\n"
    files[0].write_text(rows + "2025-12-31,X,111005,40.00\n", "utf-8")
    files[1].write_text(rows, "utf-8")
    december = runs.reconcile(journal, *map(str, files), book="banco")
    for state in (State.PREPARED, State.REVIEWED, State.SIGNED):
        steps.advance(journal, december, state, "x")
    path = trial_balance(
        tmp_path, "111005 Bancos;1.000,00;250,25;0;1.250,25", "130505 Clientes;0;0;250,25;(250,25)"
    )
    result = runs.reconcile(journal, path, "pull:sandbox", book="banco")
    assert [row.difference for row in result.proof.accounts] == [0, 0] and len(
        result.left.carried
    ) == 1


def test_a_balanza_is_another_book_than_the_movements_and_carries_nothing_that_agrees(
    journal: Journal, target: SandboxConnector, tmp_path: Path
) -> None:
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 2, 28))
    path = Path(
        trial_balance(
            tmp_path,
            "111005 Bancos;1.000,00;250,25;0;1.250,25",
            "130505 Clientes;0;0;250,25;(250,25)",
        )
    )
    result = runs.reconcile(journal, str(path), "pull:sandbox")
    assert result.settled
    for state in (State.PREPARED, State.REVIEWED, State.SIGNED):
        steps.advance(journal, result, state)
    text = (
        path.read_bytes()
        .decode("cp1252")
        .replace("01/01/2026 y el 31/01/2026", "01/02/2026 y el 28/02/2026")
    )
    text = (
        text[: text.index("111005")]
        + "111005 Bancos;1.250,25;40,00;0;1.290,25\n130505 Clientes;(250,25);0;0;(250,25)\n"
    )
    path.write_bytes((text + "413505 Ventas;0;0;40,00;(40,00)\n").encode("cp1252"))
    february = runs.reconcile(journal, str(path), "pull:sandbox")
    assert (february.period, february.base) == ("2026-02", result.base)
    assert february.settled and not february.right.carried
    path.write_text("Fecha,Folio,Cuenta,Importe\n2026-01-10,mid,111005,250.25\n", "utf-8")
    movements = runs.reconcile(journal, str(path), "pull:sandbox")
    assert movements.identifier != result.identifier


def test_accounts_do_not_take_away_a_side_that_names_none(
    journal: Journal, target: SandboxConnector, tmp_path: Path
) -> None:
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))
    (tmp_path / "banco.csv").write_text(
        "Fecha,Referencia,Importe\n2026-01-10,mid,250.25\n", "utf-8"
    )
    result = runs.reconcile(
        journal, str(tmp_path / "banco.csv"), "pull:sandbox", accounts=["111005"]
    )
    assert (len(result.left), len(result.right), result.settled) == (1, 1, True)


def test_a_pull_over_a_new_year_states_no_balances(
    journal: Journal, target: SandboxConnector
) -> None:
    book(target, "jan", date(2026, 1, 20), "111005", "413505", "10.00")
    pull(journal, "sandbox", target, date(2025, 12, 1), date(2026, 1, 31))
    result = runs.reconcile(journal, "pull:sandbox", "pull:sandbox")
    assert not any(row.disagrees(place) for row in result.proof.accounts for place in (0, 1))
