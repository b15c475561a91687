"""World Office, Siigo and Helisa: named rightly, added up as a person would."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from importers import Balance, Finding, LedgerLine, Source, TitleBlock, Voucher, inspect, read
from tests.conftest import DATA

FOLDER = DATA / "colombia"
EXPECTED = [
    (
        "siigo_nube_balance_prueba_tercero_synthetic.xlsx",
        "siigo-balance-tercero",
        8,
        2,
        0,
        "0.00",
        "0.00",
    ),
    (
        "siigo_nube_comprobantes_27col_synthetic.xlsx",
        "siigo-comprobantes",
        1,
        2,
        2,
        "1190.00",
        "1190.00",
    ),
    (
        "siigo_pyme_balance_terceros_jerarquico_synthetic.xlsx",
        "siigo-balance-jerarquico",
        1,
        7,
        0,
        "0.00",
        "0.00",
    ),
    (
        "siigo_pyme_modelo_movimiento_123col_synthetic.xlsx",
        "siigo-movimiento",
        5,
        2,
        2,
        "1669130.00",
        "1669130.00",
    ),
    (
        "siigo_pyme_saldos_cartera_por_nit_24col_ANON.xlsx",
        "siigo-cartera",
        7,
        397,
        397,
        "2983774705.36",
        "12702012.93",
    ),
    ("wo9_balance_prueba_terceros_synthetic.csv", "wo-balance-prueba", 5, 3, 0, "0.00", "0.00"),
    ("wo9_cuentas_contables_synthetic.csv", "wo-cuentas", 3, 2, 0, "0.00", "0.00"),
    ("wo9_cxc_por_edades_synthetic.csv", "wo-cartera-edades", 4, 1, 1, "1190000.00", "0.00"),
    ("wo9_listado_terceros_direcciones_synthetic.csv", "wo-terceros", 4, 3, 0, "0.00", "0.00"),
    ("wo_balance_prueba_terceros_synthetic.xlsx", "wo-balance-prueba", 6, 4, 0, "0.00", "0.00"),
    ("wo_libro_auxiliar_synthetic.xlsx", "wo-libro-auxiliar", 4, 4, 4, "800.00", "800.00"),
]


@pytest.mark.parametrize(
    ("name", "profile", "heading", "records", "movements", "debit", "credit"), EXPECTED
)
def test_inspect_names_the_report_and_adds_it_up(
    name: str, profile: str, heading: int, records: int, movements: int, debit: str, credit: str
) -> None:
    found = inspect(FOLDER / name)
    assert (found.profile, found.header_line, found.dispositions["record"]) == (
        profile,
        heading,
        records,
    )
    assert (found.movements, found.debit, found.credit) == (
        movements,
        Decimal(debit),
        Decimal(credit),
    )
    assert found.readable
    assert not [finding for finding in found.findings if finding.severity == "error"]


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("wo_plantilla_contable_DetalleCon_48col_header.csv", "wo-detalle-con"),
        ("wo_plantilla_recibo_caja_DetalleCon_47col_header.csv", "wo-detalle-con"),
        ("wo_plantilla_saldos_iniciales_41col_header.csv", "wo-detalle-con"),
        ("wo_plantilla_inventario_57col_header.csv", "wo-plantilla-inventario"),
        ("wo_plantilla_terceros_62col_header.csv", "wo-plantilla-terceros"),
        ("ciudades_world_office_latin1.csv", ""),
    ],
)
def test_an_empty_template_is_named_and_a_list_of_cities_is_not_guessed(
    name: str, profile: str
) -> None:
    found = inspect(FOLDER / name)
    assert (found.profile, found.readable) == (profile, False)


def test_receivables_add_up_to_the_printed_total_and_keep_the_tax_id() -> None:
    found = inspect(FOLDER / "siigo_pyme_saldos_cartera_por_nit_24col_ANON.xlsx")
    assert found.debit - found.credit == Decimal("2971072692.43")
    path = FOLDER / "siigo_pyme_saldos_cartera_por_nit_24col_ANON.xlsx"
    first = next(item for item in read(Source.open(path)) if isinstance(item, LedgerLine))
    assert (first.tax_id, first.account, first.reference, first.party) == (
        "10000113",
        "13050500",
        "F-010-00000001292-001",
        "CLIENTE PRUEBA 001 SAS",
    )


def test_the_account_row_of_a_ledger_is_its_opening_or_its_first_movement() -> None:
    found = list(read(Source.open(FOLDER / "wo_libro_auxiliar_synthetic.xlsx")))
    lines = [
        (item.account, item.party, item.debit, item.credit)
        for item in found
        if isinstance(item, LedgerLine)
    ]
    assert lines[2] == ("41350501", "CLIENTE DOS SAS", Decimal("0.00"), Decimal("500.00"))
    assert lines[3][0] == "52150501"
    balances = [(item.account, item.opening) for item in found if isinstance(item, Balance)]
    assert balances == [("11050501", Decimal("1000.50")), ("52150501", Decimal("50.00"))]
    title = next(item for item in found if isinstance(item, LedgerLine))
    assert title.account_name == "CAJA GENERAL"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "wo_balance_prueba_terceros_synthetic.xlsx",
            [
                ("11050501", "1454134.91", "1462441.92"),
                ("110510", "0.00", "0.00"),
                ("22050101", "-1454134.91", "-1462441.92"),
            ],
        ),
        (
            "wo9_balance_prueba_terceros_synthetic.csv",
            [("13050501", "3262000.00", "3496000.00"), ("24040505", "0.00", "-10000000.00")],
        ),
        ("siigo_nube_balance_prueba_tercero_synthetic.xlsx", [("11050501", "100.00", "130.00")]),
    ],
)
def test_only_leaf_accounts_become_balances(
    name: str, expected: list[tuple[str, str, str]]
) -> None:
    found = [item for item in read(Source.open(FOLDER / name)) if isinstance(item, Balance)]
    assert [(item.account, str(item.opening), str(item.closing)) for item in found] == expected


def test_a_hierarchy_split_over_columns() -> None:
    found = [
        item
        for item in read(
            Source.open(FOLDER / "siigo_pyme_balance_terceros_jerarquico_synthetic.xlsx")
        )
        if isinstance(item, Balance)
    ]
    assert [(item.account, item.closing) for item in found] == [
        ("130506", Decimal("900000.00")),
        ("2408050208", Decimal("50000.00")),
    ]


def test_a_printed_total_that_is_not_the_sum_of_its_parties_is_told(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(FOLDER / "wo_balance_prueba_terceros_synthetic.xlsx")
    book.worksheets[0]["B13"] = "1.454.134,92"
    book.save(tmp_path / "b.xlsx")
    found = [item for item in read(Source.open(tmp_path / "b.xlsx")) if isinstance(item, Finding)]
    assert ("total-mismatch", "1454134.92", "1454134.91") in [
        (item.code, str(item.parameters["seen"]), str(item.parameters["expected"]))
        for item in found
    ]


def test_the_movement_model_forms_vouchers_with_their_third_party() -> None:
    (voucher,) = [
        item
        for item in read(Source.open(FOLDER / "siigo_pyme_modelo_movimiento_123col_synthetic.xlsx"))
        if isinstance(item, Voucher)
    ]
    assert (voucher.kind, voucher.number, str(voucher.date), voucher.debit) == (
        "P-1",
        "1",
        "2026-07-31",
        Decimal("1669130.00"),
    )
    assert [line.tax_id for line in voucher.lines] == ["900608161", "900608161"]


def test_the_detail_template_with_unstable_spelling(tmp_path: Path) -> None:
    path = tmp_path / "wo.csv"
    path.write_bytes(
        "Encab: Empresa;Encab: Tipo Documento;Encab: Prefijo;Encab: Documento Número;Encab:"
        " Fecha;Encab: Anulado;"
        "Detalle Con: idCuentaContable;Detalle Con: Nota;Detalle Con: TerceroExterno;Detalle Con:"
        " Debito;Detalle Con: Crédito\n"
        "DEMO;NC;_;7;30-06-2026;0;11050501;Año;900123456;1.500,50;0\nDEMO;NC;_;7;30-06-2026;0;41350501;Año;900123456;0;1.500,50\n"
        "DEMO;NC;_;8;30-06-2026;-1;11050501;x;1;9,00;0\n".encode("cp1252")
    )
    assert inspect(path).profile == "wo-detalle-con"
    (voucher,) = [item for item in read(Source.open(path)) if isinstance(item, Voucher)]
    assert (voucher.kind, voucher.number, voucher.debit, voucher.lines[0].account) == (
        "NC-_",
        "7",
        Decimal("1500.50"),
        "11050501",
    )


@pytest.mark.parametrize(
    ("name", "company", "tax_id", "start", "end"),
    [
        (
            "siigo_nube_balance_prueba_tercero_synthetic.xlsx",
            "EMPRESA DEMO SAS",
            "900902549-7",
            "2026-01-01",
            "2026-03-31",
        ),
        (
            "wo_balance_prueba_terceros_synthetic.xlsx",
            "EMPRESA DEMO SAS",
            "900902549-7",
            "2026-09-01",
            "2026-09-30",
        ),
        (
            "siigo_pyme_modelo_movimiento_123col_synthetic.xlsx",
            "EMPRESA DEMO SAS",
            "",
            "2026-01-01",
            "2026-12-31",
        ),
    ],
)
def test_the_title_says_whose_and_when(
    name: str, company: str, tax_id: str, start: str, end: str
) -> None:
    from importers.source import Source as Opened
    from importers.titles import title_block

    rows = [row for row in Opened.open(FOLDER / name).rows() if row.number <= 10]
    block: TitleBlock = title_block(rows)
    assert block.tax_id == tax_id
    assert (str(block.start), str(block.end)) == (start, end)
    assert block.company == company or not company
