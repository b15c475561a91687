"""Trial balances: what is a leaf, what is a sum, and what the printed total says."""

from __future__ import annotations

import pytest

from tests.importers.reading import codes, read

PARTIES = "Cuenta,Nombre,NIT,Tercero,Saldo Inicial,Debito,Credito,Saldo Final\n"
ROWS = (
    "13050501,CLIENTES,900123456,ACME,60,50,0,110\n13050501,CLIENTES,900123457,BETA,40,0,20,20\n"
    "22050501,PROV,900123458,GAMA,-10,0,5,-15\n"
)


@pytest.mark.parametrize(
    "above", ["", "1305,CLIENTES,,,100,50,20,130\n", "13050501,CLIENTES,,,100,50,20,130\n"]
)
def test_third_parties_are_the_leaves_with_or_without_a_row_of_their_account(above: str) -> None:
    found = read("balanza.csv", PARTIES + above + ROWS)
    assert [(one["account"], one["tax_id"], one["closing"]) for one in found["balances"]] == [
        ("13050501", "900123456", "110.00"),
        ("13050501", "900123457", "20.00"),
        ("22050501", "900123458", "-15.00"),
    ]
    assert codes(found) == set()


HEADING = "Cuenta,Nombre,Saldo Inicial,Cargos,Abonos,Saldo Final\n"


@pytest.mark.parametrize(
    "chart",
    [
        ("1000-000-000", "1100-000-000", "1110-000-000", "1110-001-000"),
        ("10000000", "11000000", "11010000", "11010001"),
        ("101-000-000", "101-001-000", "101-001-001"),
        ("1", "11", "1105", "110505"),
    ],
)
def test_sums_above_an_account_are_not_counted_again(chart: tuple[str, ...]) -> None:
    rows = "".join(f"{code},X,100,50,20,130\n" for code in chart)
    found = read("balanza.csv", HEADING + rows + "Total general,,100,50,20,130\n")
    assert [one["account"] for one in found["balances"]] == [chart[-1]]
    assert codes(found) == set()


def test_accounts_whose_codes_only_look_like_parents_stay() -> None:
    rows = "1110,A,100,50,20,130\n1115,B,100,10,30,80\n1120,C,5,0,0,5\n1120,C,7,0,0,7\n"
    found = read("balanza.csv", HEADING + rows)
    assert [one["closing"] for one in found["balances"]] == ["130.00", "80.00", "5.00", "7.00"]


def test_a_printed_total_that_is_not_the_sum_is_said() -> None:
    rows = "1105,A,100,50,20,130\n1110,B,100,10,30,80\nTotal general,,200,999,50,210\n"
    assert codes(read("balanza.csv", HEADING + rows)) == {"total-mismatch"}


CUT = "Fecha;Cuenta;Nombre;Saldo inicial;Debito;Credito;Saldo final\n"


def test_a_balance_of_one_day_is_no_table_of_movements() -> None:
    rows = "31/01/2026;1105;Caja;100;50;20;130\n31/01/2026;2205;Prov;-10;0;5;-15\n"
    found = read("balanza.csv", CUT + rows)
    assert [one["closing"] for one in found["balances"]] == ["130.00", "-15.00"]
    assert found["profile"] == "balance-table"
    movements = "13/01/2026;1105;Caja;100;50;0;150\n14/01/2026;1105;Caja;150;0;20;130\n"
    assert read("auxiliar.csv", CUT + movements)["profile"] != "balance-table"
