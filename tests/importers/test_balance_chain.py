"""What a statement opens and closes with, by its running balance; expected figures are the sums of
its rows.
"""

from __future__ import annotations

import pytest

from tests.importers.reading import codes, read

HEADING = "Fecha,Concepto,Retiros,Depositos,Saldo\n"


@pytest.mark.parametrize(
    ("rows", "ends"),
    [
        # Both orders fit; the dates say which.
        ("10/03/2026,a,50.00,,100.00\n05/03/2026,b,,50.00,150.00\n", ("100.00", "100.00")),
        ("05/03/2026,a,,50.00,150.00\n10/03/2026,b,50.00,,100.00\n", ("100.00", "100.00")),
        # Nothing says which.
        ("13/03/2026,a,50.00,,100.00\n13/03/2026,b,,50.00,150.00\n", None),
        # A balance on the last line of a day only.
        (
            "13/03/2026,a,,50.00,\n13/03/2026,b,,20.00,170.00\n14/03/2026,c,,70.00,\n"
            "15/03/2026,d,10.00,,230.00\n16/03/2026,e,5.00,,\n",
            ("100.00", "225.00"),
        ),
        # The same, newest first.
        (
            "16/03/2026,e,5.00,,\n15/03/2026,d,10.00,,230.00\n14/03/2026,c,,70.00,\n"
            "13/03/2026,b,,20.00,170.00\n13/03/2026,a,,50.00,\n",
            ("100.00", "225.00"),
        ),
        ("13/03/2026,a,,50.00,150.00\n", None),
        ("13/03/2026,a,,50.00,150.00\n14/03/2026,b,,50.00,999.00\n", None),
    ],
)
def test_the_running_balance_says_what_it_begins_and_ends_with(
    rows: str, ends: tuple[str, str] | None
) -> None:
    found = read("estado.csv", HEADING + rows)["balances"]
    assert [(one["opening"], one["closing"]) for one in found] == ([ends] if ends else [])


OPENING, CLOSING = "01/03/2026,Saldo inicial,,,{}\n", "31/03/2026,Saldo final,,,{}\n"
MOVED = "13/03/2026,a,,50.00,150.00\n14/03/2026,b,20.00,,130.00\n"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (OPENING.format("100.00") + MOVED + CLOSING.format("130.00"), set()),
        (OPENING.format("100.00") + MOVED + CLOSING.format("999.00"), {"closing-differs"}),
        (OPENING.format("500.00") + MOVED, {"balance-differs"}),
        (MOVED + CLOSING.format("440.00"), {"balance-differs"}),
    ],
)
def test_printed_balances_are_held_against_the_movements(rows: str, told: set[str]) -> None:
    assert codes(read("estado.csv", HEADING + rows)) == told


DAVIVIENDA = "Fecha,Doc.,Tran,Mot.,Desc Mot.,Valor Total,Valor Cheque,Referencia 1\n"
BODY = (
    "13/04/2026,1,Notas Credito,80,Abono,1000.00,0,\n14/04/2026,2,Notas Debito,41,Gmf,4.00,0,\n"
    "Total Abonos,Total retiros y debitos,Movimiento neto,Cantidad de registros,,,,\n"
)


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ("1000.00,4.00,996.00,2", set()),
        ("1500.00,4.00,996.00,2", {"total-mismatch"}),
        ("1000.00,9.00,996.00,2", {"total-mismatch"}),
        ("1000.00,4.00,996.00,3", {"count-mismatch"}),
    ],
)
def test_the_totals_a_bank_prints_below_are_compared(figures: str, told: set[str]) -> None:
    found = read("davivienda.csv", DAVIVIENDA + BODY + figures + ",,,,\n")
    assert found["profile"] == "bank-co-davivienda-empresas"
    assert codes(found) == told
