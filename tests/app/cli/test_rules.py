"""``cuadre rules``: tried on a month before they hold, without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.conftest import Run

LEDGER = """Fecha,Folio,Tercero,Importe
2026-01-05,A-1,Uno SA,1000.00
2026-01-06,A-2,Dos SA,2500.50
2026-01-07,A-3,Tres SA,700.00
"""
BANK = """Fecha,Folio,Tercero,Importe
2026-01-05,A-1,UNO,1000.00
2026-01-06,A-2,DOS,2415.48
2026-01-07,,TRES,700.00
"""
RULES = """[[rule]]
kind = "reference"
days = 31

[[rule]]
kind = "fee"
name = "comisión"
percent = 3.4
account = "530515"
days = 31
"""


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path, Path]:
    named = {"libro.csv": LEDGER, "banco.csv": BANK, "reglas.toml": RULES}
    for name, text in named.items():
        (tmp_path / name).write_text(text, "utf-8")
    ledger, bank, rules = (tmp_path / name for name in named)
    return ledger, bank, rules


def test_what_rules_would_match_is_seen_before_they_hold(
    run: Run, sides: tuple[Path, Path, Path]
) -> None:
    ledger, bank, rules = sides
    status, found = run("rules", "try", rules, ledger, bank, "--json")
    assert status == 0
    assert (found["now"]["matched"], found["then"]["matched"]) == (2, 2)
    (gained,), (lost,) = found["matched"], found["no_longer"]
    assert "530515" in gained and "700.00" in lost
    status, shown = run("rules", "show", "--json")
    assert "comisión" not in shown["toml"]


def test_a_person_reads_what_changes(run: Run, sides: tuple[Path, Path, Path]) -> None:
    ledger, bank, rules = sides
    status, text = run("rules", "try", rules, ledger, bank)
    assert status == 0 and "530515" in str(text)


@pytest.mark.parametrize("what", ["side", "rules"])
def test_what_cannot_be_read_is_said(
    run: Run, sides: tuple[Path, Path, Path], what: str, tmp_path: Path
) -> None:
    ledger, bank, rules = sides
    if what == "rules":
        rules.write_text("promise = 7\n", "utf-8")
    else:
        bank = tmp_path / "nobody.csv"
    assert run("rules", "try", rules, ledger, bank)[0] == 2
