"""A branch said once of a file is that of files like it, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from app.company.branches import pattern_of
from app.journal import Journal, documents
from tests import polizas
from tests.app.conftest import Run
from tests.conftest import DATA


def export(folder: Path, name: str, *folios: int, amount: str = "100.5") -> Path:
    path = folder / name
    path.write_bytes(polizas.file(*[polizas.balanced(folio, amount) for folio in folios]))
    return path


def references(journal: Journal) -> list[str]:
    return [row.external_ref for row in documents.every(journal)]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("norte-2026-01.csv", "norte-2026-02.csv", True),
        ("Norte enero 2026.txt", "NORTE_FEBRERO_2027.txt", True),
        ("Pólizas Sur ene.xlsx", "polizas sur mar.xlsx", True),
        ("norte-01.csv", "sur-01.csv", False),
        ("marina 1.csv", "mayoreo 1.csv", False),
    ],
)
def test_files_called_alike(one: str, other: str, alike: bool) -> None:
    assert (pattern_of(one) == pattern_of(other)) is alike


def test_what_was_said_of_one_month_holds_for_the_next(
    run: Run, journal: Journal, tmp_path: Path
) -> None:
    run("import", export(tmp_path, "norte-2026-01.txt", 1), "--source", "norte")
    run("import", export(tmp_path, "sur-2026-01.txt", 1, amount="999"), "--source", "sur")
    _, told = run("import", export(tmp_path, "norte-2026-02.txt", 2, 3))
    assert "branch norte" in told
    assert [name.split("/")[1] for name in references(journal)] == [
        *("contpaqi~norte", "contpaqi~sur", "contpaqi~norte", "contpaqi~norte"),
    ]
    assert run("status", "--json")[1]["questions"]["ok"]


def test_a_name_of_two_branches_is_remembered_of_neither(
    run: Run, journal: Journal, tmp_path: Path
) -> None:
    run("import", export(tmp_path, "polizas-01.txt", 1), "--source", "norte")
    run("import", export(tmp_path, "polizas-02.txt", 2), "--source", "sur")
    run("import", export(tmp_path, "polizas-03.txt", 3))
    assert references(journal)[-1].split("/")[1] == "contpaqi"


def test_files_that_went_without_a_branch_keep_their_references(
    run: Run, journal: Journal, tmp_path: Path
) -> None:
    run("import", export(tmp_path, "polizas-01.txt", 1))
    run("import", export(tmp_path, "polizas-02.txt", 2), "--source", "norte")
    run("import", export(tmp_path, "polizas-01b.txt", 1, amount="200"))
    run("import", export(tmp_path, "polizas-03.txt", 3))
    assert references(journal)[-1].split("/")[1] == "contpaqi"


def test_a_dash_says_that_it_is_of_none(run: Run, journal: Journal, tmp_path: Path) -> None:
    run("import", export(tmp_path, "norte-01.txt", 1), "--source", "norte")
    run("import", export(tmp_path, "norte-02.txt", 2), "--source", "-")
    assert references(journal)[-1].split("/")[1] == "contpaqi"


def titled(folder: Path, name: str, company: str) -> Path:
    """A printed report of CONTPAQi with another company in its title."""
    workbook = openpyxl.load_workbook(DATA / "contpaqi" / "report_impreso_polizas_synthetic.xlsx")
    sheet = workbook.active
    assert sheet is not None
    sheet["D1"] = company
    path = folder / name
    workbook.save(path)
    return path


@pytest.mark.parametrize(
    ("company", "told"),
    [("COMERCIAL SUCURSAL NORTE SA DE CV", True), ("COMERCIAL SA DE CV", False)],
)
def test_a_title_that_names_the_branch_tells_it_where_the_name_does_not(
    run: Run, journal: Journal, tmp_path: Path, company: str, told: bool
) -> None:
    run("import", titled(tmp_path, "exporta.xlsx", company), "--source", "norte")
    said = run("import", titled(tmp_path, "otra salida.xlsx", company))[1]
    assert ("branch norte" in said) is told
    assert ("~norte/" in references(journal)[-1]) is told
