"""``cuadre read``: what a file says, for consultants and other programs."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl

from app.intake.extract import FIELDS
from tests.app.conftest import Run
from tests.conftest import DATA

CASES = DATA / "cases"


def test_one_file_is_told_with_its_records_and_what_was_not_used(run: Run) -> None:
    status, found = run("read", CASES / "banplus" / "banplus.txt", "--json")
    assert status == 0
    assert tuple(found["records"][0]) == FIELDS
    assert found["currency_totals"] == {"": {"debit": "0.00", "credit": "196.00"}}
    assert (found["balances"][0]["opening"], found["balances"][0]["closing"]) == (
        "3098.59",
        "2902.59",
    )
    assert found["unused_headings"] == ["Descripción"] or found["unused_headings"] == ["Concepto"]
    assert found["refused"] is None


def test_a_folder_is_told_file_by_file_and_one_that_cannot_be_read_stops_nobody(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "mes"
    shutil.copytree(CASES / "parte_y_lado_del_cfdi", folder)
    (folder / "foto.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    status, found = run("read", folder, "--own-tax-id", "EKU9003173C9", "--json")
    assert status == 2
    by_name = {one["file"]: one for one in found["files"]}
    assert by_name["foto.jpg"]["refused"]["code"] == "foreign-file"
    assert by_name["venta.xml"]["records"][0]["direction"] == "issued"
    assert by_name["compra_recibida.xml"]["records"][0]["credit"] == "580.00"


def test_records_go_into_a_table_without_formulas(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "x.csv"
    source.write_text("Fecha,Cuenta,Concepto,Cargo,Abono\n15/01/2026,105-01,=1+1,10.00,\n")
    rows, book = tmp_path / "filas.csv", tmp_path / "filas.xlsx"
    assert run("read", source, "--csv", rows, "--xlsx", book)[0] == 0
    with rows.open(encoding="utf-8-sig", newline="") as file:
        heading, record = csv.reader(file)
    assert heading == ["file", *FIELDS]
    assert record[heading.index("description")] == "'=1+1"
    sheet = openpyxl.load_workbook(book).active
    assert sheet is not None and sheet.max_row == 2


def test_an_import_keeps_the_companys_own_tax_ids(run: Run) -> None:
    venta = CASES / "parte_y_lado_del_cfdi" / "compra_recibida.xml"
    assert run("import", venta, "--own-tax-id", "EKU9003173C9")[0] == 0
    _, found = run("read", venta, "--json")
    assert found["records"][0]["direction"] == "received"


def test_a_folder_is_a_side_and_a_document_in_two_files_counts_once(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "mes"
    folder.mkdir()
    case = CASES / "cfdi_dolares_concilia_con_pesos"
    for name in ("a.xml", "b.xml"):
        shutil.copy(case / "factura_usd.xml", folder / name)
    (folder / "a.pdf").write_bytes(b"%PDF-1.4 x")
    _, found = run("reconcile", folder, case / "libro_mxn_correcto.csv", "--json")
    assert (found["matched"], found["only_left"], found["only_right"]) == (1, 0, 0)


def test_an_import_names_what_it_left_out_also_beside_a_single_file(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "correo"
    folder.mkdir()
    (folder / "tabla.csv").write_text("Fecha,Retiros\n13/03/2026,5.00\n", encoding="utf-8")
    (folder / "tabla.pdf").write_bytes(b"%PDF-1.4")
    assert "tabla.pdf" in str(run("import", folder)[1])
    left_out = run("import", folder, "--json")[1]["left_out"]
    assert [Path(name).name for name in left_out] == ["tabla.pdf"]


def test_an_import_adds_to_the_own_tax_ids_and_the_company_command_sets_them(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "tabla.csv"
    path.write_text("Fecha,Retiros\n13/03/2026,5.00\n", encoding="utf-8")
    run("company", "--own-tax-id", "EKU9003173C9")
    run("import", path, "--own-tax-id", "800333444-2")
    known = run("company", "--json")[1]
    assert known["own_tax_ids"] == ["EKU9003173C9", "800333444"]
    assert run("company", "--own-tax-id", "EKU9003173C9", "--json")[1]["currency"] == "MXN"
    assert run("company", "--currency", "conchas")[0] == 2
