"""CONTPAQi Comercial, AdminPAQ and the master data of Contabilidad."""

from __future__ import annotations

import io
import struct
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.intake.importing import import_file
from app.journal import Journal, listings, verification
from importers import Balance, Failure, Finding, LedgerLine, Line, Party, Source, read

FIELDS = (
    ("CIDDOCUM01", "N", 11, 0),
    ("CIDDOCUM02", "N", 11, 0),
    ("CIDCONCE01", "N", 11, 0),
    ("CSERIEDO01", "C", 11, 0),
    ("CFOLIO", "B", 8, 0),
    ("CFECHA", "D", 8, 0),
    ("CRAZONSO01", "C", 60, 0),
    ("CRFC", "C", 20, 0),
    ("CTOTAL", "N", 19, 6),
    ("CPENDIENTE", "N", 19, 6),
    ("CCANCELADO", "N", 11, 0),
    ("CREFEREN01", "C", 20, 0),
)
ROWS = (
    (
        1,
        4,
        3,
        "A",
        101.0,
        "20260105",
        "MUÑOZ Y COMPAÑÍA",
        "PAP830101CR3",
        "1500.500000",
        "0.000000",
        0,
        "OC-1",
    ),
    (2, 4, 3, "A", 102.0, "20260106", "PEÑA", "COSC8001137NA", "200.000000", "200.000000", 1, ""),
    (3, 4, 3, "B", 7.0, "20260107", "ÑANDÚ", "", "99.990000", "99.990000", 0, ""),
)


def dbf(page: str = "cp1252", mark: int = 0x03, deleted: int = -1, count: int = 3) -> bytes:
    """The table of documents as FoxPro writes it; ``mark`` is the byte that names the code page."""
    length = 1 + sum(field[2] for field in FIELDS)
    head = struct.pack(
        "<BBBBLHH16xBB2x", 0x30, 126, 1, 31, count, 32 + 32 * len(FIELDS) + 1, length, 0, mark
    )
    fields, place = b"", 1
    for name, kind, size, decimals in FIELDS:
        fields += struct.pack("<11scLBB14x", name.encode(), kind.encode(), place, size, decimals)
        place += size
    body = b""
    for number, row in enumerate(ROWS):
        body += b"*" if number == deleted else b" "
        for value, (_, kind, size, _) in zip(row, FIELDS, strict=True):
            if kind == "B":
                body += struct.pack("<d", value)
            elif kind == "N":
                body += str(value).rjust(size).encode()
            else:
                body += str(value).encode(page).ljust(size)
    return head + fields + b"\r" + body + b"\x1a"


def lines_of(source: Source) -> list[LedgerLine]:
    return [item for item in read(source) if isinstance(item, LedgerLine)]


@pytest.mark.parametrize(
    ("page", "mark"), [("cp1252", 0x03), ("cp850", 0x02), ("cp850", 0), ("cp1252", 0x02)]
)
def test_a_table_of_documents_in_whatever_page_it_says(page: str, mark: int) -> None:
    source = Source.of("MGW10008.DBF", dbf(page, mark))
    assert (source.container.value, source.profile.name) == ("dbf", "adminpaq-documentos")
    first, last = lines_of(source)
    assert (first.reference, first.party, first.debit, first.date) == (
        "A101",
        "MUÑOZ Y COMPAÑÍA",
        Decimal("1500.50"),
        date(2026, 1, 5),
    )
    assert (last.reference, last.party, last.line) == ("B7", "ÑANDÚ", 4)
    assert source.detection is not None and source.detection.evidence


def test_cancelled_and_deleted_documents_are_headings_and_every_byte_is_accounted_for() -> None:
    data = dbf(deleted=0)
    lines = [item for item in read(Source.of("x.dbf", data)) if isinstance(item, Line)]
    assert [line.rule for line in lines] == ["header", "deleted", "annulled", "movement", "blank"]
    assert sum(line.length for line in lines) == len(data)


@pytest.mark.parametrize("stated", [1, 5])
def test_a_table_that_states_another_number_of_records_is_read_and_not_sent(stated: int) -> None:
    items = list(read(Source.of("x.dbf", dbf(count=stated))))
    assert len([item for item in items if isinstance(item, LedgerLine)]) == 2
    assert isinstance(items[-1], Failure)
    assert (items[-1].finding.code, items[-1].finding.parameters) == (
        "record-count",
        {"seen": stated, "expected": 3},
    )


def test_the_journal_shows_the_records_of_a_table_as_text(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "MGW10008.DBF"
    path.write_bytes(dbf())
    assert import_file(journal, path).lines["record"] == 2
    assert "MUÑOZ Y COMPAÑÍA" in listings.batch_lines(journal, 1)[1].text
    assert verification.verify(journal).ok


def test_receivables_as_text_stand_under_their_titles() -> None:
    text = (
        "CFECHA     CSERIEDOCUMENTO CFOLIO CRAZONSOCIAL         CRFC          CTOTAL\n"
        "05/01/2026 A               000101 MUÑOZ Y COMPAÑÍA     PAP830101CR3  1,500.50\n"
        "06/01/2026                 000102 PEÑA                 COSC8001137NA   200.00\n"
    )
    source = Source.of("cxc.txt", text.encode("cp1252"))
    assert source.profile.name == "comercial-cxc-txt"
    assert [(line.reference, line.party, line.debit) for line in lines_of(source)] == [
        ("A000101", "MUÑOZ Y COMPAÑÍA", Decimal("1500.50")),
        ("000102", "PEÑA", Decimal("200.00")),
    ]


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, memory = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(memory)
    return memory.getvalue()


def test_items_of_start_and_pro_are_amounts_before_tax_and_say_so() -> None:
    heading = (
        "ID Alterno",
        "Razón Social",
        "Fecha Documento",
        "Serie",
        "Folio",
        "Detalle - Clave",
        "Detalle - Producto",
        "Detalle - Cantidad",
        "Detalle - Precio Unitario",
        "Detalle - % Descuento",
        "Detalle - % IVA",
        "Divisa",
    )
    item = ("C1", "Peña", "05-01-26", "A", "000101", "P1", "Tornillo", 3, 10.5, 10, 16, "MXN")
    source = Source.of("ImportacionDocumento.xlsx", workbook(heading, item))
    assert source.profile.name == "comercial-start-documentos"
    items = list(read(source))
    assert "amounts-before-tax" in [found.code for found in items if isinstance(found, Finding)]
    (line,) = [found for found in items if isinstance(found, LedgerLine)]
    assert (line.date, line.reference, line.debit) == (
        date(2026, 1, 5),
        "A000101",
        Decimal("28.35"),
    )


@pytest.mark.parametrize(("total", "told"), [(350.0, []), (351.0, ["total-mismatch"])])
def test_ageing_carries_the_customer_and_checks_its_totals(total: float, told: list[str]) -> None:
    heading = (
        "Vencimiento",
        "Fecha",
        "Serie",
        "Saldo Total",
        "Número Factura",
        "Días",
        "Actual",
        "1-30 Días",
        "Concepto",
    )
    source = Source.of(
        "antiguedad.xlsx",
        workbook(
            ("EMPRESA SA DE CV",),
            heading,
            ("C001", "Muñoz y Compañía"),
            ("10/02/2026", "05/01/2026", "A", 100.0, "101", 5, 100.0, 0, "Factura"),
            ("11/02/2026", "06/01/2026", "A", 250.0, "102", 4, 250.0, 0, "Factura"),
            ("Total cliente", None, None, total),
            ("C002", "Peña"),
            ("12/02/2026", "07/01/2026", "B", 50.0, "7", 3, 50.0, 0, "Factura"),
            ("Total general", None, None, 400.0),
        ),
    )
    assert source.profile.name == "comercial-cxc-antiguedad"
    items = list(read(source))
    assert [found.code for found in items if isinstance(found, Finding)] == told
    lines = [found for found in items if isinstance(found, LedgerLine)]
    assert [(line.party, line.reference) for line in lines] == [
        ("Muñoz y Compañía", "A101"),
        ("Muñoz y Compañía", "A102"),
        ("Peña", "B7"),
    ]


def test_the_chart_of_accounts_as_text_by_width_or_by_blanks() -> None:
    text = (
        f"C  {'102010001':<30} {'Bancos nacionales':<50} {'':<50} {'102010000':<30} A 0 2\r\n"
        "F  10200000\r\nC  201010000     Proveedores  x\r\nC  ¿?\r\n"
    )
    source = Source.of("cuentas.txt", text.encode("cp1252"))
    assert source.profile.name == "contpaqi-catalogo-txt"
    items = list(read(source))
    assert [(item.account, item.name) for item in items if isinstance(item, Balance)] == [
        ("102010001", "Bancos nacionales"),
        ("201010000", "Proveedores"),
    ]
    assert [(item.code, item.line) for item in items if isinstance(item, Finding)] == [
        ("unknown-record", 4)
    ]


def test_the_list_of_vendors_checks_each_tax_id() -> None:
    source = Source.of(
        "padron.xlsx",
        workbook(
            ("Proveedor(P1)", "Codigo", "Nombre", "RFC"),
            ("Cuenta contable(C)", "Codigo"),
            ("P1", "1", "Muñoz", "PAP830101CR3"),
            ("P1", "2", "Peña", "PAP830101CR4"),
            ("P1", "3", "X", "ROTO"),
        ),
    )
    assert source.profile.name == "contpaqi-padron"
    items = list(read(source))
    assert [(item.code, item.line) for item in items if isinstance(item, Finding)] == [
        ("rfc-check-digit", 4),
        ("rfc-form", 5),
    ]
    assert [item.rule for item in items if isinstance(item, Line)] == [
        "legend",
        "legend",
        "P1",
        "P1",
        "P1",
    ]
    assert [(item.code, item.name, item.supplier) for item in items if isinstance(item, Party)] == [
        ("1", "Muñoz", True),
        ("2", "Peña", True),
        ("3", "X", True),
    ]
