"""Any table with a heading, whatever its language, delimiter and number style."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from importers import Failure, Finding, LedgerLine, Line, Source, Voucher, inspect, read

SPANISH = """Empresa Demo SAS;;;;
Movimientos del banco;;;;
Fecha;Folio;Concepto;Cargo;Abono
05/01/2026;A-001;Depósito señor Núñez;1.234,56;
13/01/2026;A-002;"Pago; con punto y coma";;500,00

Total;;;1.234,56;500,00
"""
ENGLISH = (
    "date,reference,description,amount\n2026-01-05,INV-7,Sale,1234.5\n2026-01-06,INV-8,Refund,-10\n"
)
JOURNAL = (
    "Fecha,Tipo,Póliza,Cuenta,Concepto,Debe,Haber\n"
    "2026-01-05,Dr,1,00102,Uno,10.00,\n2026-01-05,Dr,1,401,Uno,,10.00\n"
    "2026-01-06,Dr,2,00102,Dos,7.00,\n2026-01-06,Dr,2,401,Dos,,7.00\n"
)


def contents(text: str | bytes) -> list[object]:
    data = text.encode("cp1252") if isinstance(text, str) else text
    return list(read(Source.of("t.csv", data)))


def test_spanish_semicolons_commas_titles_and_totals() -> None:
    found = contents(SPANISH)
    lines = [item for item in found if isinstance(item, LedgerLine)]
    assert [(line.date, line.reference, line.debit, line.credit) for line in lines] == [
        (date(2026, 1, 5), "A-001", Decimal("1234.56"), Decimal("0.00")),
        (date(2026, 1, 13), "A-002", Decimal("0.00"), Decimal("500.00")),
    ]
    assert lines[1].description == "Pago; con punto y coma"
    rules = [(item.disposition.value, item.rule) for item in found if isinstance(item, Line)]
    assert rules == [
        ("heading", "title"),
        ("heading", "title"),
        ("heading", "header"),
        ("record", "movement"),
        ("record", "movement"),
        ("heading", "blank"),
        ("heading", "total"),
    ]


def test_english_signed_amounts() -> None:
    lines = [item for item in contents(ENGLISH) if isinstance(item, LedgerLine)]
    assert [(line.reference, line.debit, line.credit) for line in lines] == [
        ("INV-7", Decimal("1234.50"), Decimal("0.00")),
        ("INV-8", Decimal("0.00"), Decimal("10.00")),
    ]


def test_a_journal_that_balances_becomes_vouchers() -> None:
    found = [item for item in contents(JOURNAL) if isinstance(item, Voucher)]
    assert [
        (voucher.kind, voucher.number, len(voucher.lines), voucher.debit) for voucher in found
    ] == [
        ("Dr", "1", 2, Decimal("10.00")),
        ("Dr", "2", 2, Decimal("7.00")),
    ]
    assert found[0].lines[0].account == "00102"


def test_the_heading_line_delimiter_and_profile_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(SPANISH.encode("cp1252"))
    found = inspect(tmp_path / "x.csv")
    assert (found.header_line, found.delimiter, found.profile, found.encoding) == (
        3,
        ";",
        "ledger-table",
        "cp1252",
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("32/01/2026;A;x;1,00;", "not-a-date"),
        ("05/01/2026;A;x;uno;", "not-an-amount"),
        ("05/01/2026;1.02E+14;x;1,00;", "damaged-code"),
    ],
)
def test_a_bad_row_is_told_by_line_and_column(row: str, code: str) -> None:
    found = [item for item in contents(SPANISH + row + "\n") if isinstance(item, Finding)]
    assert (code, 8) in [(item.code, item.line) for item in found]
    assert all(item.column for item in found if item.line == 8)


def test_a_lone_quote_does_not_swallow_the_file() -> None:
    rows = "".join(f'05/01/2026;F{n};TUBO 3" PVC;1,00;\n' for n in range(50))
    lines = [item for item in contents(SPANISH + rows) if isinstance(item, LedgerLine)]
    assert len(lines) == 52


def test_a_quoted_field_over_two_lines_is_one_record_and_two_lines() -> None:
    found = contents(SPANISH + '05/01/2026;B;"dos\nrenglones";1,00;\n')
    assert [item for item in found if isinstance(item, LedgerLine)][
        -1
    ].description == "dos\nrenglones"
    assert [item.disposition.value for item in found if isinstance(item, Line)][-2:] == [
        "record",
        "record",
    ]


def test_a_table_cut_inside_its_last_row_says_so() -> None:
    failures = [
        item for item in contents(SPANISH + "05/01/2026;A-009;Pag") if isinstance(item, Failure)
    ]
    assert [failure.finding.code for failure in failures] == ["row-truncated"]


def test_a_last_row_without_end_of_line_is_whole() -> None:
    assert not [item for item in contents(ENGLISH.rstrip("\n")) if isinstance(item, Failure)]


def test_a_sheet_with_real_dates_and_binary_floats(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Fecha", "Cuenta", "Referencia", "Cargos", "Abonos"])
    sheet.append([date(2026, 1, 5), "00102", "F1", 75495.79000000001, None])
    book.save(tmp_path / "x.xlsx")
    (line,) = [
        item for item in read(Source.open(tmp_path / "x.xlsx")) if isinstance(item, LedgerLine)
    ]
    assert (line.date, line.account, line.debit) == (date(2026, 1, 5), "00102", Decimal("75495.79"))


def test_interleaved_vouchers_are_gathered_whole() -> None:
    head, one, two = JOURNAL.splitlines()[0], JOURNAL.splitlines()[1:3], JOURNAL.splitlines()[3:]
    mixed = "\n".join([head, one[0], two[0], one[1], two[1]]) + "\n"
    found = [item for item in contents(mixed) if isinstance(item, Voucher)]
    assert [
        (voucher.number, len(voucher.lines), voucher.debit == voucher.credit) for voucher in found
    ] == [
        ("1", 2, True),
        ("2", 2, True),
    ]


def test_a_row_that_cannot_be_read_blocks_its_voucher() -> None:
    found = contents(JOURNAL + "2026-01-06,Dr,2,601,Dos,x1,\n")
    assert [(v.number, v.broken_line) for v in found if isinstance(v, Voucher)] == [
        ("1", 0),
        ("2", 6),
    ]
    assert "bad-line-inside" in [item.code for item in found if isinstance(item, Finding)]


def test_numbers_that_read_two_ways_are_said() -> None:
    found = contents("Fecha;Folio;Importe\n05/01/2026;A;1.234\n06/01/2026;B;2.500\n")
    assert [line.debit for line in found if isinstance(line, LedgerLine)] == [
        Decimal("1234.00"),
        Decimal("2500.00"),
    ]
    told = {item.code for item in found if isinstance(item, Finding)}
    assert told == {"ambiguous-numbers", "sides-undecided"}


def test_a_mixed_column_refuses_what_does_not_fit_instead_of_growing_it() -> None:
    found = contents(
        'Fecha,Folio,Importe\n05/01/2026,A,100.00\n06/01/2026,B,"12,50"\n07/01/2026,C,8.00\n'
    )
    assert [line.debit for line in found if isinstance(line, LedgerLine)] == [
        Decimal("100.00"),
        Decimal("8.00"),
    ]
    assert "not-an-amount" in [item.code for item in found if isinstance(item, Finding)]


def test_a_third_decimal_is_rounded_and_said() -> None:
    found = contents(
        "Fecha,Folio,Importe\n05/01/2026,A,50.0051\n06/01/2026,B,1.10\n07/01/2026,B,2.20\n"
    )
    assert "rounded-amount" in [item.code for item in found if isinstance(item, Finding)]


def test_a_party_called_total_is_no_total_row() -> None:
    found = contents(
        "Fecha,Folio,Concepto,Importe\n05/01/2026,A1,x,1.50\n,A2,Total Play internet,500\n"
    )
    assert ("not-a-date", 3) in [
        (item.code, item.line) for item in found if isinstance(item, Finding)
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_excels_unicode_text(encoding: str) -> None:
    found = contents(
        "Fecha\tFolio\tImporte\r\n05/01/2026\tA1\t1.50\r\n06/01/2026\tA2\t2.50\r\n".encode(encoding)
    )
    assert [line.reference for line in found if isinstance(line, LedgerLine)] == ["A1", "A2"]
    assert sum(item.length for item in found if isinstance(item, Line)) > 80


@pytest.mark.parametrize(
    ("debit", "credit"), [("Cargo", "Abono"), ("D", "C"), ("Débito", "Crédito"), ("DEBE", "HABER")]
)
def test_the_side_may_be_a_word_in_its_own_column(debit: str, credit: str) -> None:
    text = (
        f"Fecha,Folio,Importe,Naturaleza\n05/01/2026,A,10.00,{debit}\n06/01/2026,B,4.00,{credit}\n"
    )
    lines = [item for item in contents(text) if isinstance(item, LedgerLine)]
    assert [(line.debit, line.credit) for line in lines] == [
        (Decimal("10.00"), Decimal("0.00")),
        (Decimal("0.00"), Decimal("4.00")),
    ]


def test_a_row_with_a_date_and_an_amount_is_never_taken_for_a_total() -> None:
    text = "Fecha;Concepto;Cargo;Abono\n05/01/2026;Total Play internet;100,00;\n;Total;100,00;\n"
    assert [item.description for item in contents(text) if isinstance(item, LedgerLine)] == [
        "Total Play internet"
    ]


def test_a_finding_names_the_column_in_the_files_own_words() -> None:
    (finding,) = [
        item
        for item in contents("F. Mov;Fecha;Cargo;Abono\n;05/01/2026;uno;\n;06/01/2026;1,00;\n")
        if isinstance(item, Finding) and item.column
    ]
    assert (finding.code, finding.parameters["field"]) == ("not-an-amount", "Cargo")
