"""Sheets in disguise and files in zips."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from importers import Failure, LedgerLine, Line, Source, Unreadable, inspect, read
from importers.archives import exports_in
from importers.reading import inspect_export
from importers.tables import sheet_rows
from tests.conftest import DATA

HTML = """<html><head><meta charset="windows-1252"></head><body>
<table border=1>
<tr><th>Fecha</th><th>Folio</th><th>Concepto</th><th>Cargo</th><th>Abono</th></tr>
<tr><td>05/01/2026</td><td>000123</td><td>Señor&nbsp;Núñez &amp; Cía</td>
    <td>1.234,56</td><td>&nbsp;</td></tr>
<tr><td>06/01/2026</td><td>000124</td><td>Pago</td><td></td><td>500,00</td></tr>
</table></body></html>
"""
SYLK = (
    'ID;PWXL;N;E\nC;Y1;X1;K"Fecha"\nC;X2;K"Folio"\nC;X3;K"Importe"\n'
    'C;Y2;X1;K"05/01/2026"\nC;X2;K"0012;;A"\nC;X3;K-10.50\nE\n'
)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_an_html_table_named_xls(encoding: str) -> None:
    data = HTML.encode(encoding)
    found = list(read(Source.of("banco.xls", data)))
    lines = [item for item in found if isinstance(item, LedgerLine)]
    assert [(line.reference, line.description, line.debit, line.credit) for line in lines] == [
        ("000123", "Señor Núñez & Cía", Decimal("1234.56"), Decimal("0.00")),
        ("000124", "Pago", Decimal("0.00"), Decimal("500.00")),
    ]
    kept = [item for item in found if isinstance(item, Line)]
    assert [line.number for line in kept] == list(range(1, 8))
    assert sum(line.length for line in kept) == len(data)
    assert [line.disposition.value for line in kept][3:5] == ["record", "record"]


def test_sylk() -> None:
    found = list(read(Source.of("caja.xls", SYLK.encode())))
    (line,) = [item for item in found if isinstance(item, LedgerLine)]
    assert (line.reference, line.credit, line.line) == ("0012;A", Decimal("10.50"), 5)
    assert sum(item.length for item in found if isinstance(item, Line)) == len(SYLK)


def zipped(*members: tuple[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return memory.getvalue()


def test_the_only_file_of_a_zip_is_read_whatever_its_path(tmp_path: Path) -> None:
    path = tmp_path / "PAP830101CR3201801PL.zip"
    path.write_bytes(
        zipped(("../../evil/PL.xml", (DATA / "sat" / "PolizasDePrueba.xml").read_bytes()))
    )
    found = inspect(path)
    assert (found.container, found.profile, found.vouchers, found.readable) == (
        "zip",
        "sat-polizas",
        10,
        True,
    )
    assert not (tmp_path.parent.parent / "evil").exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped(("a.txt", b"x"), ("b.txt", b"y")), "zip-several"),
        (zipped(("bomb.txt", bytes(60_000_000))), "zip-too-large"),
        (zipped(("a.txt", b"x" * 100))[:-20], "damaged-zip"),
        (zipped(("vacio.txt", b"")), "empty-file"),
    ],
    ids=["several", "bomb", "cut", "empty"],
)
def test_other_zips_are_explained(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable, match=code):
        Source.of("x.zip", data)


def test_a_csv_with_ten_thousand_columns_is_bounded() -> None:
    data = (";".join(f"c{n}" for n in range(10_000)) + "\n").encode() * 3
    assert any(isinstance(item, Failure) for item in read(Source.of("x.csv", data)))


def test_html_rows_that_share_a_line_are_all_read() -> None:
    packed = HTML.replace("\n", "")
    found = list(read(Source.of("banco.xls", packed.encode("cp1252"))))
    assert [item.reference for item in found if isinstance(item, LedgerLine)] == [
        "000123",
        "000124",
    ]
    assert sum(item.length for item in found if isinstance(item, Line)) == len(packed)


def test_a_sylk_cell_may_follow_a_cursor_set_by_a_format_record() -> None:
    moved = SYLK.replace('C;X2;K"0012;;A"', 'F;X2\nC;K"0012;;A"')
    (line,) = [
        item for item in read(Source.of("caja.xls", moved.encode())) if isinstance(item, LedgerLine)
    ]
    assert line.reference == "0012;A"


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for sheet, reference in ((book.active, "A"), (book.create_sheet("Borrador"), "B")):
        assert sheet is not None
        sheet.append(["Fecha", "Folio", "Importe"])
        sheet.append(["05/01/2026", reference, 10])
    book["Borrador"].sheet_state = "hidden"
    book.save(tmp_path / "libro.xlsx")
    found = read(Source.open(tmp_path / "libro.xlsx"))
    assert [item.reference for item in found if isinstance(item, LedgerLine)] == ["A"]


def test_a_folder_stands_for_all_its_files_and_a_zip_for_all_of_its(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"b")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mes.zip").write_bytes(
        zipped(("x/1.xml", b"<a/>"), ("2.xml", b"<b/>"), ("__MACOSX/2.xml", b""))
    )
    (tmp_path / ".oculto").write_bytes(b"")
    (tmp_path / "~$abierto.xlsx").write_bytes(b"")
    found = exports_in(tmp_path)
    assert [export.name for export in found] == ["1.xml", "2.xml", "b.txt"]
    assert found[0].origin.endswith("mes.zip!x/1.xml")
    assert [export.content.whole for export in found] == [b"<a/>", b"<b/>", b"b"]


def test_a_zip_that_cannot_be_opened_stands_for_itself_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "roto.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(range(1, 60)))
    (export,) = exports_in(path)
    found = inspect_export(export)
    assert (found.readable, [finding.code for finding in found.findings]) == (
        False,
        ["damaged-zip"],
    )


def sheet(*cells: str) -> bytes:
    """A workbook of one sheet whose XML has just these cells."""
    memory = io.BytesIO()
    openpyxl.Workbook().save(memory)
    source = zipfile.ZipFile(memory)
    parts = [(name, source.read(name)) for name in source.namelist()]
    data = "".join(
        f'<row r="{re.sub("[A-Z]", "", cell)}"><c r="{cell}"><v>1</v></c></row>' for cell in cells
    )
    xml = (
        "<worksheet"
        f' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{data}</sheetData></worksheet>'
    )
    return zipped(
        *[
            (name, xml.encode() if name.startswith("xl/worksheets/sheet") else part)
            for name, part in parts
        ]
    )


def test_two_cells_at_the_ends_of_a_sheet_do_not_bring_the_program_down() -> None:
    with pytest.raises(Unreadable) as refused:
        list(sheet_rows(sheet("A1", "XFD1048576")))
    assert refused.value.code == "sheet-too-sparse"
    assert refused.value.parameters == {"row": 1048576, "columns": 16384, "cells": 2}
    assert len(list(sheet_rows(sheet("A1", "D900")))) == 900
