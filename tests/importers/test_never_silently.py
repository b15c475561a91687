"""What looks like one thing and is another: said aloud, never read silently the wrong way."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from importers import Failure, Finding, LedgerLine, Line, Options, Source, Voucher, read
from tests import polizas


def of(text: str, **options: str) -> tuple[Source, list[object]]:
    source = Source.of("x.csv", text.encode(), Options(**options))
    return source, list(read(source))


def nets(items: list[object]) -> list[tuple[str, Decimal]]:
    lines = [item for item in items if isinstance(item, LedgerLine)]
    lines += [line for item in items if isinstance(item, Voucher) for line in item.lines]  # type: ignore[misc]
    return [(line.account, line.debit - line.credit) for line in lines]


def codes(items: list[object]) -> list[str]:
    found = [item.finding if isinstance(item, Failure) else item for item in items]
    return [item.code for item in found if isinstance(item, Finding) and item.severity != "note"]


def test_a_later_heading_with_other_columns_is_followed() -> None:
    _, items = of(
        "Fecha,Poliza,Cuenta,Referencia,Concepto,Cargo,Abono\n"
        "05/01/2026,1,102,F1,Venta,1500.00,0.00\n05/01/2026,1,401,F1,Venta,0.00,1500.00\n"
        "Fecha,Poliza,Cuenta,Concepto,Cargo,Abono,Saldo\n"
        "06/01/2026,2,102,Venta,700.00,0.00,0.00\n06/01/2026,2,401,Venta,0.00,700.00,700.00\n"
    )
    assert [
        (voucher.number, voucher.debit, voucher.credit)
        for voucher in items
        if isinstance(voucher, Voucher)
    ] == [
        ("1", Decimal("1500.00"), Decimal("1500.00")),
        ("2", Decimal("700.00"), Decimal("700.00")),
    ]
    assert nets(items)[2:] == [("102", Decimal("700.00")), ("401", Decimal("-700.00"))]


@pytest.mark.parametrize(
    "heading",
    [
        "Fecha,Comprobante,Cuenta,Identificacion,Descripcion,Naturaleza,Valor,Referencia",
        "Fecha,Cuenta,Descripcion,Referencia,Cargo,Abonos,Saldo,Clasificacion",
        "Fecha,Cuenta,Descripcion,Referencia,Cargo,Abono,Saldo,Clasificacion",
        "Fecha,Oficina,Cuenta,Documento,Transaccion,Debito,Credito",
        "Fecha,Recibo,Descripcion,Cargos,Abonos,Saldo",
    ],
)
def test_a_ledger_is_not_taken_for_a_bank(heading: str) -> None:
    source = Source.of("x.csv", f"{heading}\n05/01/2026{',1' * heading.count(',')}\n".encode())
    assert source.profile.name == "ledger-table"


def test_the_sides_of_a_colombian_ledger_stay_as_they_are() -> None:
    _, items = of(
        "Fecha,Comprobante,Cuenta,Identificacion,Descripcion,Naturaleza,Valor,Referencia\n"
        "05/01/2026,1,110505,900123456,Venta,D,1190000.00,F1\n"
        "05/01/2026,1,413505,900123456,Venta,C,1000000.00,F1\n05/01/2026,1,240805,900123456,IVA,C,190000.00,F1\n"
    )
    assert [net for _, net in nets(items)] == [
        Decimal(1190000),
        Decimal(-1000000),
        Decimal(-190000),
    ]


def test_a_balance_that_fits_only_with_the_sides_swapped_is_an_error() -> None:
    _, items = of(
        "Fecha;Referencia;Ref. Externa;Referencia Leyenda;Ref."
        " Numérica;Movimiento;Cargo;Abono;Saldo;Ordenante\n"
        + "".join(
            f"{day:02d}/01/2026;1;;;;X;{day}.00;;{1000 + day * (day + 1) // 2}.00;\n"
            for day in range(1, 6)
        )
    )
    assert codes(items) == ["sides-swapped"]


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        ("Fecha,Cuenta,TipoMovto,Importe\n15/01/2026,102,0,9.00\n", [], ["bad-movement-type"]),
        (
            "Fecha,Concepto,Tipo,Importe\n05/01/2026,a,Abono,9.00\n06/01/2026,b,Cargo,4.00\n",
            ["-9.00", "4.00"],
            ["sides-undecided"],
        ),
        (
            "Fecha,Cuenta,C/A,Importe\n05/01/2026,1,C,9.00\n06/01/2026,2,A,4.00\n",
            ["9.00", "-4.00"],
            [],
        ),
        ("Fecha,Cuenta,Naturaleza,Importe\n15/01/2026,1,Deudora,9.00\n", [], ["bad-movement-type"]),
    ],
)
def test_a_side_that_is_not_understood_is_not_guessed(
    text: str, expected: list[str], told: list[str]
) -> None:
    _, items = of(text)
    assert [str(net) for _, net in nets(items)] == expected
    assert [code for code in codes(items) if code != "no-records"] == told


def test_a_row_with_more_cells_than_the_heading_is_refused() -> None:
    _, items = of(
        "Fecha,Cuenta,Concepto,Cargo,Abono\n15/01/2026,102,Venta,1,500.00,0.00\n15/01/2026,401,V,0.00,9.00,\n"
    )
    assert codes(items) == ["too-many-cells"]
    assert nets(items) == [("401", Decimal("-9.00"))]


def test_vouchers_sorted_by_account_are_still_vouchers() -> None:
    rows = [f"05/01/2026,{n},102,{n}.00,0.00\n" for n in range(1, 1500)]
    rows += [f"05/01/2026,{n},401,0.00,{n}.00\n" for n in range(1, 1500)]
    _, items = of("Fecha,Poliza,Cuenta,Cargo,Abono\n" + "".join(rows))
    assert len([item for item in items if isinstance(item, Voucher)]) == 1499
    _, items = of(
        "Fecha,Poliza,Cuenta,Cargo,Abono\n15/01/2026,1,102,100.00,0\n15/01/2026,1,401,0,90.00\n"
        "15/01/2026,2,102,5.00,0\n15/01/2026,2,401,0,5.00\n"
    )
    assert codes(items) == ["voucher-unbalanced"]
    _, items = of(
        "Fecha,Poliza,Cuenta,Cargo,Abono\n05/01/2026,1,102,100.00,0\n06/01/2026,2,102,0,90.00\n"
    )
    assert codes(items) == ["vouchers-do-not-balance"]


@pytest.mark.parametrize(
    ("day", "read_as"), [("20/12", date(2025, 12, 20)), ("10/01", date(2026, 1, 10))]
)
def test_a_date_without_year_lies_in_the_stated_period(day: str, read_as: date) -> None:
    _, items = of(
        "BANCO\nPeriodo del 15/12/2025 al"
        " 15/01/2026\nFecha;Descripcion;Sucursal;Dcto.;Valor;Saldo\n"
        f"{day};ABONO;1;2;1500.00;1500.00\n"
    )
    assert [item.date for item in items if isinstance(item, LedgerLine)] == [read_as]


def test_a_year_of_two_digits_and_a_date_cell_are_dates_in_any_form() -> None:
    heading = "Cuenta,Fecha,Hora,Sucursal,Descripcion,Cargo/Abono,Importe,Saldo,Referencia,Concepto"
    _, items = of(f"{heading}\n'655','05/01/26',10:00,0001,ABONO,+,9.00,9.00,1,P\n")
    assert [item.date for item in items if isinstance(item, LedgerLine)] == [date(2026, 1, 5)]
    book, memory = openpyxl.Workbook(), io.BytesIO()
    book.active.append(heading.split(","))  # type: ignore[union-attr]
    book.active.append(["655", date(2026, 1, 5), "", "1", "A", "+", 9, 9, "1", "P"])  # type: ignore[union-attr]
    book.active.append(["655", 5012026, "", "1", "A", "-", 4, 5, "1", "P"])  # type: ignore[union-attr]
    book.save(memory)
    lines = [
        item
        for item in read(Source.of("s.xlsx", memory.getvalue()))
        if isinstance(item, LedgerLine)
    ]
    assert [line.date for line in lines] == [date(2026, 1, 5)] * 2


@pytest.mark.parametrize("last", ["Fin del reporte", "Total,,,9.00", "05/01/2026,1,102,9.00"])
def test_a_last_line_without_end_is_not_always_cut(last: str) -> None:
    _, items = of(
        f"Fecha,Poliza,Cuenta,Cargo\n04/01/2026,1,102,4.00,\n04/01/2026,1,102,5.00\n{last}"
    )
    assert not [item for item in items if isinstance(item, Failure)]


def test_three_decimals_are_decimals_where_they_can_be_nothing_else() -> None:
    _, items = of(
        "Fecha,Cuenta,Cargo,Abono\n05/01/2026,1,1234.500,0.000\n05/01/2026,2,0.000,250.000\n"
    )
    assert [str(net) for _, net in nets(items)] == ["1234.50", "-250.00"]


def test_totals_and_opening_balances_in_common_words_are_no_movements() -> None:
    _, items = of(
        "Fecha,Cuenta,Concepto,Cargo,Abono\n,102,Saldo"
        " inicial,5000.00,\n05/01/2026,102,a,100.00,0.00\nSuma"
        " cuenta,,,100.00,0.00\n06/01/2026,401,b,0.00,40.00\n31/01/2026,,TOTAL DEL"
        " MES,100.00,40.00\nGran total,,,5100.00,40.00\n"
    )
    assert nets(items) == [("102", Decimal("100.00")), ("401", Decimal("-40.00"))]
    assert codes(items) == []


def test_movements_below_a_header_with_an_impossible_date_belong_to_nothing_and_say_so() -> None:
    data = polizas.file(polizas.balanced(1, day="20260231"), polizas.balanced(2))
    items = list(read(Source.of("p.txt", data)))
    assert codes(items) == ["not-a-date", "orphan-line", "orphan-line"]
    assert [item.disposition.value for item in items if isinstance(item, Line)] == [
        "rejected"
    ] * 3 + ["record"] * 3


def test_a_zip_of_stored_workbooks_is_a_zip() -> None:
    book, memory, outer = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["Fecha", "Folio", "Cargo"])  # type: ignore[union-attr]
    book.active.append(["05/01/2026", "F1", 10.5])  # type: ignore[union-attr]
    book.save(memory)
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("libro.xlsx", memory.getvalue())
    source = Source.of("x.zip", outer.getvalue())
    assert source.zipped and nets(list(read(source))) == [("", Decimal("10.50"))]


def test_a_stray_line_feed_does_not_turn_a_mac_file_into_one_line() -> None:
    text = "Fecha,Folio,Concepto,Cargo\r05/01/2026,F1,uno\ndos,1.00\r06/01/2026,F2,x,2.00\r"
    assert len(nets(of(text)[1])) == 2


def test_a_quoted_type_is_the_same_type() -> None:
    _, items = of(
        "Fecha,Tipo,Poliza,Cuenta,Cargo,Abono\n05/01/2026,'Dr,3,102,9.00,0.00\n05/01/2026,Dr,3,401,0.00,9.00\n"
    )
    assert [(item.kind, len(item.lines)) for item in items if isinstance(item, Voucher)] == [
        ("Dr", 2)
    ]
