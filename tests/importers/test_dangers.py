"""What a file may do to a program: bounded, explained, and no line lost."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import Finding, LedgerLine, Line, Options, Source, read
from importers.ledger.movements import read_row
from importers.ledger.plain_rows import PlainRows
from importers.ledger.recognition import columns_of
from importers.tables import Row

HEADING = "Fecha;Tipo;Comprobante;Cuenta;Referencia;Concepto;NIT;Tercero;Debito;Credito\n"


def rows_of(data: bytes) -> tuple[list[LedgerLine], list[Line], list[str]]:
    items = list(read(Source.of("x.csv", data)))
    return (
        [item for item in items if isinstance(item, LedgerLine)],
        [item for item in items if isinstance(item, Line)],
        [item.code for item in items if isinstance(item, Finding)],
    )


def test_a_lone_quote_does_not_swallow_the_file() -> None:
    rows = [
        f"{day:02d}/01/2026;F{day};{'' if day != 5 else chr(34)}tubo;10,50" for day in range(1, 29)
    ]
    data = ("Fecha;Folio;Concepto;Cargo\n" + "\n".join(rows) + "\n").encode()
    movements, lines, _ = rows_of(data)
    assert (len(movements), len(lines)) == (28, 29)
    assert movements[4].description == '"tubo'


def test_an_unescaped_quote_inside_a_cell_stays_as_it_is() -> None:
    movements, _, _ = rows_of(
        b'Fecha;Folio;Concepto;Cargo\n05/01/2026;F1;"tubo 1/2" acero";10,50\n'
    )
    assert movements[0].description == 'tubo 1/2" acero'


def test_a_cell_of_megabytes_and_ten_thousand_columns_are_only_large() -> None:
    long = "x" * 3_000_000
    movements, _, _ = rows_of(f"Fecha;Folio;Concepto;Cargo\n05/01/2026;F1;{long};10,50\n".encode())
    assert len(movements[0].description) == 3_000_000
    wide = ";".join(f"Columna {n}" for n in range(10_000))
    movements, _, _ = rows_of(
        f"Fecha;Folio;Cargo;{wide}\n05/01/2026;F1;10,50;{';' * 9_999}\n".encode()
    )
    assert [line.debit for line in movements] == [Decimal("10.50")]


def test_formulas_give_their_stored_value_and_are_never_computed() -> None:
    book, memory = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Fecha", "Folio", "Concepto", "Cargo"])  # type: ignore[union-attr]
    book.active.append(["05/01/2026", "F1", "=1+1", 10.5])  # type: ignore[union-attr]
    book.save(memory)
    parts = zipfile.ZipFile(memory)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in parts.namelist():
            text = parts.read(name).replace(b"<f>1+1</f><v />", b"<f>WEBSERVICE(1)</f><v>7</v>")
            archive.writestr(
                name, text.replace(b"<f>1+1</f><v></v>", b"<f>WEBSERVICE(1)</f><v>7</v>")
            )
    (line,) = rows_of(out.getvalue())[0]
    assert (line.description, line.debit) == ("7", Decimal("10.50"))


def test_a_formula_whose_result_was_never_stored_is_told() -> None:
    book, memory = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Fecha", "Folio", "Concepto", "Cargo"])  # type: ignore[union-attr]
    book.active.append(["05/01/2026", "F1", "x", 10.5])  # type: ignore[union-attr]
    book.active.append(["05/01/2026", "F2", "x", "=D2*2"])  # type: ignore[union-attr]
    book.save(memory)
    assert "formula-without-value" in rows_of(memory.getvalue())[2]


def test_a_folio_that_lost_its_digits_in_a_spreadsheet_is_told() -> None:
    book, memory = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Fecha", "Folio", "Concepto", "Cargo"])  # type: ignore[union-attr]
    book.active.append(["05/01/2026", 12345678901234567890, "x", 10.5])  # type: ignore[union-attr]
    book.save(memory)
    assert "damaged-code" in rows_of(memory.getvalue())[2]
    assert "damaged-code" in rows_of(b"Fecha;Folio;Cargo\n05/01/2026;1,23E+15;10,50\n")[2]


def test_carriage_returns_alone_are_line_ends() -> None:
    movements, lines, _ = rows_of(b"Fecha;Folio;Cargo\r05/01/2026;F1;10,50\r06/01/2026;F2;1,00\r")
    assert (len(movements), len(lines)) == (2, 3)


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "05/01/2026",
            "31/02/2026",
            "1.234,56",
            "0,00",
            "10,5",
            "-3,00",
            "(4,00)",
            "1,2E+10",
            "CC",
            "Total",
            "'00012",
            " 7 ",
        ]
    ),
    st.text(alphabet="abcEe019.,-/ ñ'", max_size=8),
)


TABLES = (
    HEADING + "05/01/2026;CC;1;5105;F;C;900;P;1.234,56;0,00\n",
    "Fecha;Folio;Cuenta;Tercero;NIT;Concepto;Referencia;Importe\n05/01/2026;1;5105;F;900;P;R;-1.234,56\n",
    "Fecha;Folio;Cuenta;Tercero;NIT;Concepto;Cargo;Abono;Importe\n05/01/2026;1;5105;F;900;P;1.234,56;;-1.234,56\n",
)


@pytest.mark.parametrize("table", TABLES, ids=["debit and credit", "amount", "all three"])
@given(cells=st.lists(CELLS, min_size=8, max_size=12))
def test_the_short_way_and_the_long_way_read_a_row_alike(table: str, cells: list[str]) -> None:
    columns = columns_of(Source.of("x.csv", table.encode()), 1)
    row = Row(9, tuple(cells))
    short = PlainRows(columns).movement(row)
    if short is not None:
        assert [
            item
            for item in read_row(row, Line(9, 0, 0, ""), columns)
            if isinstance(item, LedgerLine)
        ] == [short]


@pytest.mark.parametrize(
    "order", [lambda rows: rows, lambda rows: rows[::-1], lambda rows: rows[::2] + rows[1::2]]
)
def test_vouchers_are_gathered_wherever_their_lines_stand(order: object) -> None:
    rows = [
        f"05/01/2026;CC;{number};{account};F;C;900;P;{debit};{credit}\n"
        for number in range(1, 30)
        for account, debit, credit in (("5105", "1.234,56", "0,00"), ("1105", "0,00", "1.234,56"))
    ]
    data = (HEADING + "".join(order(rows))).encode()  # type: ignore[operator]
    from importers import Voucher

    vouchers = [item for item in read(Source.of("x.csv", data)) if isinstance(item, Voucher)]
    assert sorted(int(voucher.number) for voucher in vouchers) == list(range(1, 30))
    assert all(len(voucher.lines) == 2 and voucher.debit == voucher.credit for voucher in vouchers)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 6),
            st.sampled_from(["05/01/2026", "06/01/2026", "31/02/2026"]),
            st.integers(0, 10**9),
        ),
        min_size=1,
        max_size=40,
    ),
    st.integers(40, 400),
)
def test_by_blocks_and_by_rows_give_the_same(rows: list[tuple[int, str, int]], part: int) -> None:
    def shown(cents: int) -> str:
        return f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02d}"

    text = HEADING + "".join(
        f"{day};CC;{number};{account};F-{number};Concepto ñ;900123;Tercero;{debit};{credit}\n"
        for number, day, cents in rows
        for account, debit, credit in (
            ("5105", shown(cents), "0,00"),
            ("1105", "0,00", shown(cents)),
        )
    )
    data = text.encode("cp1252")
    quoted = text.replace("Tercero;", '"Tercero";').encode("cp1252")
    from importers import Voucher
    from importers.content import Content
    from importers.profile import load_profiles

    def vouchers(data: bytes) -> list[Voucher]:
        content = Content(
            len(data), lambda: (data[at : at + part] for at in range(0, len(data), part))
        )
        source = Source(
            "x.csv", content, Options(encoding="cp1252", profile="ledger-table"), load_profiles()
        )
        return [item for item in read(source) if isinstance(item, Voucher)]

    assert vouchers(data) == vouchers(quoted)


REFERENCES = ("FE-1", "1.02E+14", "REC-5", "'0012", "A 7", "")
TEXTS = ("Pago", "Saldo a favor", "Total del mes", "O'Higgins", "ñandú", "Suma")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["05/01/2026", "16/01/2026", "31/02/2026", ""]),
            st.sampled_from(["102-01", "401-01", ""]),
            st.sampled_from(REFERENCES),
            st.sampled_from(TEXTS),
            st.sampled_from(["1,234.56", "10.00", "", "0.00", "x", "-5.00", "7", "3.005"]),
            st.sampled_from(["", "20.00", "1.50"]),
        ),
        min_size=1,
        max_size=30,
    ),
    st.booleans(),
    st.booleans(),
)
def test_lines_that_stand_for_themselves_are_the_same_by_columns_and_by_rows(
    rows: list[tuple[str, ...]], has_account: bool, has_voucher: bool
) -> None:
    """A table without quotes is read by its columns, with quotes row by row."""
    titles = ["Fecha", "Cuenta", "Referencia", "Concepto", "Debe", "Haber"]
    if not has_account:
        titles.remove("Cuenta")
    if has_voucher:
        titles.append("Póliza")
    lines = [";".join(titles)]
    for place, (day, account, reference, text, debit, credit) in enumerate(rows):
        cells = [day, *([account] if has_account else []), reference, text, debit, credit]
        lines.append(";".join([*cells, *([str(place // 2)] if has_voucher else [])]))
    plain = "\n".join(lines) + "\n"
    quoted = plain.replace(";Pago;", ';"Pago";') + '"";;;;;\n'
    seen = []
    for text in (plain + ";;;;;\n", quoted):
        options = Options(profile="ledger-table")
        items = list(read(Source.of("x.csv", text.encode(), options)))
        seen.append(
            [
                item._replace(line=0) if isinstance(item, LedgerLine) else item
                for item in items
                if not isinstance(item, Line)
            ]
            + [(item.disposition, item.rule) for item in items if isinstance(item, Line)]
        )
    assert seen[0] == seen[1]
