"""A table nobody described says where its cells are cut, which line is its heading, and what every
line and column is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from importers import Finding, LedgerLine, Options, Source, read
from importers.layout import Layout, propose, to_profile
from importers.reading import Inspection, describe, inspect
from importers.structure import LineRole, Structure, infer, infer_rows

PRINTED = """\
DISTRIBUIDORA DEL NORTE S.A.                                         Pag.   1
Diario del mes                                                   30/11/2026
--------------------------------------------------------------------------------
Dia         Doc.      Detalle                        Entradas        Salidas
--------------------------------------------------------------------------------
01/11/2026  A-1001    Deposito de la caja            1,250.00
03/11/2026  A-1002    Pago a proveedor de                             480.50
                      papeleria y otros
05/11/2026  A-1003    Comision                                         12.00
          Subtotal                                   1,250.00         492.50
\fDISTRIBUIDORA DEL NORTE S.A.                                         Pag.   2
Diario del mes                                                   30/11/2026
--------------------------------------------------------------------------------
Dia         Doc.      Detalle                        Entradas        Salidas
--------------------------------------------------------------------------------
09/11/2026  A-1004    Deposito                       3,000.00
12/11/2026  A-1005    Cheque 88                                     2,100.00
          Total                                      4,250.00       2,592.50
"""


def roles(found: Structure) -> list[str]:
    return [column.role for column in found.columns]


@pytest.fixture
def printed() -> Structure:
    found = infer(PRINTED.rstrip("\n").split("\n"))
    assert found is not None
    return found


def test_a_printed_report_is_cut_at_its_blank_columns(printed: Structure) -> None:
    assert printed.cut is not None and printed.cut.is_fixed
    assert printed.heading_lines == [4]
    assert [column.title for column in printed.columns] == [
        "Dia",
        "Doc.",
        "Detalle",
        "Entradas",
        "Salidas",
    ]


def test_every_line_of_it_is_something(printed: Structure) -> None:
    assert [
        number
        for number, role in enumerate(printed.lines, start=printed.first)
        if role is LineRole.DATA
    ] == [6, 7, 9, 16, 17]
    assert printed.counts[LineRole.TOTAL] == 2
    assert printed.counts[LineRole.REPEATED] == 1
    assert sum(printed.counts.values()) == PRINTED.count("\n")


def test_two_columns_never_filled_together_are_the_two_sides(printed: Structure) -> None:
    assert roles(printed)[0] == "date" and roles(printed)[2] == "text"
    assert set(roles(printed)[3:]) == {"debit", "credit"}


@pytest.mark.parametrize(
    ("name", "text", "delimiter", "expected"),
    [
        (
            "headings that say nothing: the balance is the sum of the changes",
            "A;B;C;D\n"
            "2026-01-02;Apertura;100,00;100,00\n"
            "2026-01-03;Venta;50,00;150,00\n"
            "2026-01-04;Compra;-30,25;119,75\n"
            "2026-01-05;Venta;10,00;129,75\n"
            "2026-01-06;Venta;10,00;139,75\n",
            ";",
            ["date", "text", "amount", "balance"],
        ),
        (
            "an inch is no quote",
            "Fecha|Concepto|Valor\n"
            '2026-01-02|Tubo 1/2" PVC|100.00\n'
            "2026-01-03|Codo|50.00\n"
            '2026-01-04|Llave 3/4"|-30.25\n',
            "|",
            ["date", "text", "amount"],
        ),
        (
            "English, with a minus in letters",
            "Posting date\tReference\tNarration\tAmount\n"
            "01/31/2026\tINV-1\tRent\t1,000.00 CR\n"
            "02/28/2026\tINV-2\tSale\t2,500.00\n"
            "03/31/2026\tINV-3\tRent\t1,000.00 CR\n",
            "\t",
            ["date", "reference", "text", "amount"],
        ),
    ],
)
def test_delimited_tables(name: str, text: str, delimiter: str, expected: list[str]) -> None:
    found = infer(text.splitlines())
    assert found is not None and found.cut is not None, name
    assert found.cut.delimiter == delimiter
    assert found.heading_lines == [1]
    assert roles(found) == expected


def test_a_tax_id_and_a_fiscal_folio_show_what_they_are_without_a_heading() -> None:
    rows = [
        ["EKU9003173C9", f"1b725b29-454e-5408-b240-a95deeda53{n:02}", "2026-01-05", f"{n}.50"]
        for n in range(10, 16)
    ]
    found = infer_rows(rows, first=3)
    assert found is not None and found.heading_lines == []
    assert roles(found)[:3] == ["tax_id", "identifier", "date"]
    assert found.counts[LineRole.DATA] == 6


@pytest.mark.parametrize("text", ["", "hola\nmundo", "Querido cliente:\n\nLe escribimos hoy.\n"])
def test_running_text_is_no_table(text: str) -> None:
    assert infer(text.splitlines()) is None


def test_inspect_says_what_an_unknown_table_is(tmp_path: Path) -> None:
    path = tmp_path / "diario.txt"
    path.write_text(PRINTED)
    found = inspect(path)
    assert isinstance(found, Inspection) and found.readable and found.is_proposed
    assert (found.container, found.header_line) == ("fixed", 4)
    assert (str(found.debit), str(found.credit)) == ("4250.00", "2592.50")
    assert found.dispositions["rejected"] == 0


def test_a_text_broken_onto_a_second_line_belongs_to_its_row() -> None:
    items = list(read(Source.of("diario.txt", PRINTED.encode())))
    texts = [item.description for item in items if isinstance(item, LedgerLine)]
    assert texts[1] == "Pago a proveedor de papeleria y otros"
    assert len(texts) == 5


def test_a_report_in_fixed_columns_is_read_once_a_person_says_its_columns() -> None:
    source = Source.of("diario.txt", PRINTED.encode())
    proposed = propose(source)
    assert proposed.header_line == 4 and proposed.starts
    headings = [str(cell) for _, cells in proposed.rows if _ == 4 for cell in cells]
    assert headings == ["Dia", "Doc.", "Detalle", "Entradas", "Salidas"]
    assert proposed.roles[1] == "reference", "documents that differ in every row are their numbers"
    columns = {"date": "Dia", "description": "Detalle", "debit": "Entradas", "credit": "Salidas"}
    profile = to_profile(
        Layout(
            "diario-norte",
            "",
            4,
            columns,
            decimal=proposed.decimal,
            day_first=proposed.day_first,
            totals="^(sub)?total",
            containers=("text",),
            headings=headings,
            starts=proposed.starts,
        )
    )
    own = Source.of(
        "otro.txt", PRINTED.encode(), profiles={**source.profiles, profile.name: profile}
    )
    assert own.profile.name == "diario-norte", "the next file of the kind is recognised"
    described = Inspection(own.name)
    describe(own, described)
    assert (described.container, described.delimiter) == ("fixed", "")
    again = Source.of("x.txt", PRINTED.encode(), Options(profile=profile.name), own.profiles)
    items = list(read(again))
    lines = [item for item in items if isinstance(item, LedgerLine)]
    assert not [item for item in items if isinstance(item, Finding)], "page heads are no rows"
    assert [str(line.debit - line.credit) for line in lines] == [
        "1250.00",
        "-480.50",
        "-12.00",
        "3000.00",
        "-2100.00",
    ]


def test_a_side_no_line_fills_is_a_column_all_the_same() -> None:
    found = infer(
        [
            "Fecha       Doc    Concepto               Cargo        Abono",
            "01/03/2026  1      Venta                 100.50",
            "02/03/2026  2      Otra de la caja     1,100.50",
            "03/03/2026  3      Mas ventas            100.50",
            "04/03/2026  4      Venta                 100.50",
        ]
    )
    assert found is not None and found.cut is not None
    assert [column.title for column in found.columns][-2:] == ["Cargo", "Abono"]
    assert roles(found)[-2:] == ["debit", "credit"]
    later = found.cut.cells("05/03/2026  5      Devuelta                        20,000.00")
    assert later[-2:] == ["", "20,000.00"]


def test_what_is_filled_belongs_to_the_nearest_of_two_titles() -> None:
    found = infer(
        [
            "Fecha       Concepto               Cargo        Abono       Saldo",
            "01/03/2026  Venta                              100.50      100.50",
            "02/03/2026  Otra de la caja                  1,100.50    1,201.00",
            "03/03/2026  Mas ventas                         100.50    1,301.50",
            "04/03/2026  Venta                              100.50    1,402.00",
        ]
    )
    assert found is not None and found.cut is not None
    assert [column.title for column in found.columns][-3:] == ["Cargo", "Abono", "Saldo"]
    cells = found.cut.cells("05/03/2026  Compra               20,000.00             -18,598.00")
    assert cells[-3:] == ["20,000.00", "", "-18,598.00"]


def test_pesos_without_cents_are_amounts_in_fixed_columns_too() -> None:
    found = infer(
        [
            "Fecha       Comprobante  Detalle                Debito     Credito",
            "2026-03-01  CE-12        Arriendo            1.250.000",
            "2026-03-02  RC-7         Venta                           2.380.000",
            "2026-03-03  RC-8         Venta menor                        45.500",
            "2026-03-04  CE-13        Papeleria             118.300",
        ]
    )
    assert found is not None and found.cut is not None and found.cut.is_fixed
    assert [column.title for column in found.columns][-2:] == ["Debito", "Credito"]
    assert roles(found)[-2:] == ["debit", "credit"]
