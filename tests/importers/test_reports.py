"""CONTPAQi reports in Excel: found by their words, checked against their own totals."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from importers import Balance, Finding, LedgerLine, Line, Source, TitleBlock, Voucher, read
from tests.conftest import DATA

CONTPAQI = DATA / "contpaqi"


def contents(path: Path) -> list[object]:
    return list(read(Source.open(path)))


def altered(tmp_path: Path, name: str, cells: dict[str, object]) -> Path:
    book = openpyxl.load_workbook(CONTPAQI / name)
    for place, value in cells.items():
        book.worksheets[0][place] = value
    book.save(tmp_path / name)
    return tmp_path / name


def test_auxiliares_give_movements_by_account_with_opening_and_closing() -> None:
    found = contents(CONTPAQI / "report_auxiliares_catalogo_synthetic.xlsx")
    lines = [item for item in found if isinstance(item, LedgerLine)]
    assert [
        (line.account, line.number, line.reference, line.debit, line.credit) for line in lines
    ] == [
        ("102-01-001", "1", "SPEI 000123", Decimal("11600.00"), Decimal("0.00")),
        ("102-01-001", "7", "CH 0001", Decimal("0.00"), Decimal("5800.50")),
        ("201-01-001", "7", "F-55", Decimal("5800.50"), Decimal("0.00")),
    ]
    balances = [
        (item.account, item.opening, item.closing) for item in found if isinstance(item, Balance)
    ]
    assert balances[0] == ("102-01-001", Decimal("250000.00"), Decimal("255799.50"))
    title = next(item for item in found if isinstance(item, TitleBlock))
    assert (title.company, title.currency, str(title.start), str(title.end)) == (
        "EMPRESA DE PRUEBA SA DE CV",
        "MXN",
        "2026-01-01",
        "2026-01-31",
    )
    assert not [item for item in found if isinstance(item, Finding)]


@pytest.mark.parametrize(
    ("name", "cells", "seen", "expected"),
    [
        ("report_auxiliares_catalogo_synthetic.xlsx", {"F14": 11601}, "11601.00", "11600.00"),
        ("report_auxiliares_catalogo_synthetic.xlsx", {"F25": 1}, "1.00", "17400.50"),
        ("report_auxiliares_segmento_synthetic.xlsx", {"F17": 900}, "900.00", "978.00"),
        ("report_impreso_polizas_synthetic.xlsx", {"G14": 11000}, "11000.00", "11600.00"),
    ],
)
def test_a_printed_total_that_is_not_the_sum_is_told_with_both_figures(
    tmp_path: Path, name: str, cells: dict[str, object], seen: str, expected: str
) -> None:
    findings = [
        item for item in contents(altered(tmp_path, name, cells)) if isinstance(item, Finding)
    ]
    assert ("total-mismatch", seen, expected) in [
        (f.code, str(f.parameters.get("seen")), str(f.parameters.get("expected"))) for f in findings
    ]


def test_printed_counts_are_a_check(tmp_path: Path) -> None:
    path = altered(
        tmp_path,
        "report_impreso_polizas_synthetic.xlsx",
        {"A26": "       Total de pólizas impresas          : 3"},
    )
    assert "count-mismatch" in [item.code for item in contents(path) if isinstance(item, Finding)]


def test_cfdi_rows_are_not_taken_for_vouchers() -> None:
    found = [
        item
        for item in contents(CONTPAQI / "report_impreso_polizas_synthetic.xlsx")
        if isinstance(item, Voucher)
    ]
    assert [(voucher.kind, voucher.number, len(voucher.lines)) for voucher in found] == [
        ("1", "1", 2),
        ("2", "6", 0),
    ]
    assert found[0].uuids == ("6F35D3B5-3651-5370-BC2C-14CDBE000000",)
    assert found[0].lines[0].account_name == "BBVA MXN 0001"


def test_a_cell_with_an_excel_error_is_a_finding_not_a_crash(tmp_path: Path) -> None:
    path = altered(tmp_path, "report_auxiliares_catalogo_synthetic.xlsx", {"F12": "#REF!"})
    found = contents(path)
    assert ("not-an-amount", 12) in [
        (item.code, item.line) for item in found if isinstance(item, Finding)
    ]
    rejected = [
        item.number for item in found if isinstance(item, Line) and item.disposition == "rejected"
    ]
    assert rejected == [12]


def test_the_balanza_is_signed_debit_positive() -> None:
    found = [
        item
        for item in contents(CONTPAQI / "report_balanza_synthetic.xlsx")
        if isinstance(item, Balance)
    ]
    assert [(item.account, item.opening) for item in found][-1] == (
        "301-00-000",
        Decimal("-255799.50"),
    )


@pytest.mark.parametrize("missing", ["B14", "B22"])
def test_a_voucher_without_its_closing_row_is_blocked(tmp_path: Path, missing: str) -> None:
    row = missing[1:]
    path = altered(
        tmp_path,
        "report_impreso_polizas_synthetic.xlsx",
        {f"{column}{row}": None for column in "BCFGH"},
    )
    found = contents(path)
    assert "voucher-not-closed" in [item.code for item in found if isinstance(item, Finding)]
    assert len([item for item in found if isinstance(item, Voucher)]) == 2
