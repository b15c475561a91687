"""A layout of one's own: proposed, corrected, kept, used like a shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.company import settings
from app.intake.importing import import_file
from app.journal import Journal
from importers.layout import Layout, propose, to_profile, to_toml
from importers.source import Source
from tests.app.conftest import Run

ODD = (
    "Ferretería El Peñón\r\nlistado interno\r\nF. Mov;Núm;Glosa"
    " libre;Entra;Sale\r\n02-13-26;000123;Señor"
    " Núñez;1.234,50;\r\n02-14-26;000124;Pago;;500,00\r\nCORTE;;;1.234,50;500,00\r\n"
).encode("cp1252")
CHOICES = (
    "--column",
    "date=F. Mov",
    "--column",
    "reference=2",
    "--column",
    "debit=Entra",
    "--column",
    "credit=Sale",
    "--header-line",
    "3",
    "--decimal",
    ",",
    "--dates",
    "mdy",
    "--totals",
    "^corte",
)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    path = tmp_path / "interno.csv"
    path.write_bytes(ODD)
    return path


def test_an_unknown_table_gets_a_layout_and_is_then_recognised(
    run: Run, odd: Path, home: Path
) -> None:
    assert run("inspect", odd)[0] == 2
    status, made = run("profile", "new", odd, "--name", "ferreteria", *CHOICES, "--json")
    assert (status, made["columns"]["reference"]) == (0, "Núm")
    assert Path(made["path"]) == home / "profiles" / "ferreteria.toml"
    status, tried = run("profile", "test", odd, "--profile", "ferreteria", "--json")
    assert (status, tried["movements"], tried["debit"], tried["credit"]) == (
        0,
        2,
        "1234.50",
        "500.00",
    )
    assert tried["first"][0]["date"] == "2026-02-13"
    assert tried["first"][0]["reference"] == "000123"
    status, found = run("inspect", odd, "--json")
    assert (status, found["profile"], found["rows"]) == (
        0,
        "ferreteria",
        {"total": 6, "record": 2, "heading": 4, "rejected": 0},
    )
    assert run("import", odd, "--json")[1]["lines"]["record"] == 2
    assert "ferreteria" in str(run("profile", "list", "--json")[1])


def test_a_layout_travels_as_a_file(run: Run, odd: Path, tmp_path: Path) -> None:
    target = tmp_path / "enviado.toml"
    run("profile", "new", odd, "--name", "ferreteria", *CHOICES, "--output", target)
    assert run("profile", "test", odd, "--profile", target, "--json")[1]["movements"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "Con Espacios", *CHOICES),
        ("--name", "x1", "--header-line", "3"),
        ("--name", "x1", "--column", "nada=Entra"),
        ("--name", "x1", "--header-line", "3", "--column", "date=No existe"),
        ("--name", "x1"),
    ],
)
@pytest.mark.parametrize("lang", ["es", "en"])
def test_what_is_missing_is_said(
    run: Run, odd: Path, arguments: tuple[str, ...], lang: str
) -> None:
    status, text = run("profile", "new", odd, *arguments, lang=lang)
    assert status == 2
    assert text.strip()


def test_a_file_is_read_anew_by_its_corrected_layout(run: Run, odd: Path) -> None:
    run("profile", "new", odd, "--name", "ferreteria", *CHOICES)
    first = run("import", odd, "--profile", "ferreteria", "--json")[1]
    assert run("import", odd, "--profile", "ferreteria", "--json")[1]["batch"] == first["batch"]
    swapped = [
        part.replace("debit=Entra", "debit=Sale").replace("credit=Sale", "credit=Entra")
        for part in CHOICES
    ]
    run("profile", "new", odd, "--name", "ferreteria", *swapped)
    assert run("import", odd, "--profile", "ferreteria", "--json")[1]["batch"] != first["batch"]


def test_a_damaged_profile_in_the_home_is_left_out(journal: Journal, home: Path, odd: Path) -> None:
    (home / "profiles").mkdir()
    (home / "profiles" / "roto.toml").write_text("name = ")
    (home / "profiles" / "otro.toml").write_text('name = "x"\n')
    assert "ledger-table" in settings.profiles(home)
    assert import_file(journal, odd).state == "failed"


def test_the_proposal_finds_heading_roles_and_styles() -> None:
    data = b"Reporte\nFecha;Folio;Concepto;Cargo;Abono\n13/02/2026;1;x;1.234,50;\n"
    found = propose(Source.of("x.csv", data))
    assert (found.header_line, found.decimal, found.day_first) == (2, ",", True)
    assert dict(found.roles) == {
        0: "date",
        1: "reference",
        2: "description",
        3: "debit",
        4: "credit",
    }


@given(st.text(min_size=1, max_size=30).filter(lambda text: text.strip()), st.text(max_size=30))
def test_any_heading_and_title_make_a_profile_that_reads_back(heading: str, title: str) -> None:
    layout = Layout("p1", title, 1, {"date": heading, "amount": "Importe"})
    assert to_profile(layout).title == (title or "p1")
    assert to_toml(layout)


PRINTED = """\
DISTRIBUIDORA DEL NORTE S.A.                                         Pag.   1
--------------------------------------------------------------------------------
Fecha       Doc.      Detalle                          Cargos         Abonos
--------------------------------------------------------------------------------
01/11/2026  A-1001    Depósito de la caja            1,250.00
03/11/2026  A-1002    Pago a proveedor                                480.50
05/11/2026  A-1003    Comisión                                         12.00
09/11/2026  A-1004    Depósito                       3,000.00
"""


def test_a_report_in_fixed_columns_says_what_it_is_and_gets_a_layout(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "impreso.txt"
    path.write_bytes(PRINTED.encode("cp1252"))
    status, found = run("inspect", path, "--json")
    assert (status, found["container"], found["header_line"], found["movements"]) == (
        0,
        "fixed",
        3,
        4,
    )
    assert found["profile"].startswith("propuesta-")
    assert "layout-proposed" in {finding["code"] for finding in found["findings"]}
    structure = found["structure"]
    assert structure["lines"]["data"] == 4
    assert [column["role"] for column in structure["columns"]] == [
        "date",
        "reference",
        "text",
        "debit",
        "credit",
    ]
    assert "No layout knows this table" in str(run("inspect", path)[1])
    status, made = run("profile", "new", path, "--name", "impreso", "--json")
    assert (status, made["columns"]["debit"]) == (0, "Cargos")
    status, read = run("inspect", path, "--json")
    assert (status, read["profile"], read["container"], read["movements"]) == (
        0,
        "impreso",
        "fixed",
        4,
    )
    assert (read["debit"], read["credit"], read["structure"]) == ("4250.00", "492.50", None)
    assert [column["role"] for column in read["columns"]][:2] == ["date", "reference"]


@pytest.mark.parametrize(
    ("balances", "debit", "credit", "told"),
    [
        (("900.00", "1150.00", "1100.00"), "250.00", "150.00", "sides-by-balance"),
        (("1100.00", "850.00", "900.00"), "150.00", "250.00", ""),
        (("", "", ""), "150.00", "250.00", "sides-undecided"),
    ],
)
def test_a_layout_of_a_banks_words_asks_the_balance(
    run: Run, tmp_path: Path, balances: tuple[str, ...], debit: str, credit: str, told: str
) -> None:
    amounts = (("100.00", ""), ("", "250.00"), ("50.00", ""))
    rows = [
        f"1{day}/09/2026;R{day};x;{cargo};{abono};{balance}"
        for day, ((cargo, abono), balance) in enumerate(zip(amounts, balances, strict=True))
    ]
    path = tmp_path / "banco.csv"
    path.write_text("\n".join(["Fecha;Ref;Glosa;Cargo;Abono;Saldo", *rows]) + "\n")
    assert run("profile", "new", path, "--name", "mi-banco", "--json")[0] == 0
    found = run("inspect", path, "--profile", "mi-banco", "--json")[1]
    assert (found["debit"], found["credit"]) == (debit, credit)
    assert told in {finding["code"] for finding in found["findings"]} | {""}


def test_of_two_pairs_of_sides_the_chosen_one_is_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "dos.csv"
    path.write_text(
        "Fecha;Ref;Cargo;Abono;Débito;Crédito\n"
        "11/09/2026;1;100.00;;5.00;\n12/09/2026;2;;60.00;;3.00\n"
    )
    chosen = ("--column", "debit=Débito", "--column", "credit=Crédito")
    run("profile", "new", path, "--name", "dolares", *chosen, "--json")
    found = run("inspect", path, "--profile", "dolares", "--json")[1]
    assert (found["debit"], found["credit"]) == ("5.00", "3.00")
