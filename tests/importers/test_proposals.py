"""Tables no layout knows, read by what they say of themselves: right, or asked about. What is
expected is how each table was made (:mod:`tests.tables`) or its own arithmetic.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.intake import importing
from app.journal import Journal
from tests.importers.reading import codes, nets, read
from tests.tables import generate

HEADING = "F. Mov;Glosa;Nro;Entra;Sale;Queda\n"
ROWS = (
    "01/03/2026;uno;1001;100,00;;1100,00\n02/03/2026;dos;1002;;40,00;1060,00\n"
    "13/03/2026;tres;1003;100,00;;1160,00\n14/03/2026;cuatro;1004;;40,00;1120,00\n"
    "15/03/2026;cinco;1005;;20,00;1100,00\n"
)
TABLE = HEADING + ROWS


def test_a_table_whose_balance_explains_it_is_read_and_said() -> None:
    found = read("tabla.csv", TABLE)
    assert nets(found) == ["100.00", "-40.00", "100.00", "-40.00", "-20.00"]
    assert codes(found) == {"layout-proposed"}
    assert found["balances"][0]["opening"] == "1000.00"
    assert found["balances"][0]["closing"] == "1100.00"


@pytest.mark.parametrize(
    "text",
    [
        # Nothing says which of two columns is which.
        "F. Mov;Glosa;X;Y\n"
        + "".join(f"{n:02}/03/2026;uno;10{n},00;\n" for n in range(1, 9))
        + "13/03/2026;dos;;20,00\n",
        # One amount without sign nor balance.
        "F. Mov;Glosa;Plata\n" + "".join(f"{n:02}/03/2026;uno;10{n},00\n" for n in range(1, 9)),
        # Amounts nobody can name beside those that are known.
        "F. Mov;Glosa;Nro;Entra;Sale;Queda;Extra\n"
        + "".join(row + ";7,50\n" for row in ROWS.splitlines()),
        # Rows wider than their heading.
        "F. Mov;Glosa;Entra;Sale;Queda\n" + ROWS,
        # No date.
        "Cod;Glosa;Entra;Sale\n" + "".join(f"A{n};uno;10{n},00;\n" for n in range(1, 9)),
    ],
)
def test_what_is_not_sure_is_asked(text: str) -> None:
    found = read("tabla.csv", text)
    assert found["records"] == []
    assert (found["refused"] or {})["code"] in ("unknown-file", "unknown-layout")


def test_tables_made_at_random_are_right_or_asked() -> None:
    wrong = []
    for seed in range(77_000, 77_060):
        table = generate(seed)
        found = read("tabla.txt", "\n".join(table.lines) + "\n")
        debit, credit = (
            int(sum((Decimal(one[side]) for one in found["records"]), Decimal(0)) * 100)
            for side in ("debit", "credit")
        )
        sums = (
            {"amount": debit - credit}
            if "amount" in table.total
            else {"debit": debit, "credit": credit}
        )
        if not found["refused"] and sums != table.total:
            wrong.append((seed, sums, table.total, codes(found)))
    assert wrong == []


def test_an_import_keeps_the_layout_for_the_next_file(journal: Journal, tmp_path: Path) -> None:
    first, second = tmp_path / "marzo.csv", tmp_path / "abril.csv"
    first.write_text(TABLE, "utf-8")
    second.write_text(TABLE.replace("/03/", "/04/"), "utf-8")
    importing.import_file(journal, first)
    assert journal.home is not None
    (kept,) = (journal.home / "profiles").glob("propuesta-*.toml")
    result = importing.import_file(journal, second)
    assert result.state == "complete"
    assert result.findings.get("warning", 0) == 0
    kept.write_text(kept.read_text("utf-8").replace("glosa", "nada"), "utf-8")
    importing.import_file(journal, first)
    assert "nada" in kept.read_text("utf-8")
