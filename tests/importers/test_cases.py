"""Files of many programs that were read wrong once, and others of the same kinds. What is expected
was worked out from the files by hand.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from app.intake.extract import extract
from importers import Options
from importers.archives import Export
from importers.profile import load_profiles
from tests.conftest import DATA

FOLDER = DATA / "cases"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
OWN = ("800333444", "EKU9003173C9")


def found(name: str) -> dict[str, Any]:
    export = Export.of(FOLDER / name)
    options = Options(own_tax_ids=OWN, **EXPECTED[name].get("options", {}))
    return extract(export, options, load_profiles()).as_json()


def vouchers_of(records: list[dict[str, Any]]) -> list[list[Any]]:
    """Type, number, day, both sums and documents of each voucher, in the order of the file."""
    sums: dict[tuple[str, str, str], tuple[Decimal, Decimal, set[str]]] = {}
    for one in records:
        key = one["document_type"], one["voucher"], one["date"]
        debit, credit, uuids = sums.get(key, (Decimal(0), Decimal(0), set()))
        uuids |= {one["identifier"]} - {""}
        sums[key] = debit + Decimal(one["debit"]), credit + Decimal(one["credit"]), uuids
    return [
        [*key, str(debit), str(credit), sorted(uuids)]
        for key, (debit, credit, uuids) in sums.items()
    ]


def fits(seen: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(seen.get(name) == value for name, value in wanted.items())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_case_is_read_as_its_paper_says(name: str) -> None:
    wanted, read = EXPECTED[name], found(name)
    assert (read["refused"] or {}).get("code", "") == wanted.get("refused", "")
    assert read["profile"].startswith(wanted.get("profile", ""))
    records = [record for record in read["records"] if record["kind"] != "trial-balance-row"]
    movements = wanted.get("movements")
    if movements is not None:
        assert len(records) == len(movements)
        for record, said in zip(records, movements, strict=True):
            assert fits(record, said), (record, said)
    assert len(records) == wanted.get("count", len(records))
    if "vouchers" in wanted:
        assert vouchers_of(records) == wanted["vouchers"]
    for side in ("debit", "credit"):
        total = sum((Decimal(record[side]) for record in records), Decimal("0.00"))
        assert str(total) == wanted.get(side, str(total))
    for account, net in wanted.get("accounts", {}).items():
        of_account = [record for record in records if record["account"] == account]
        assert str(sum(Decimal(one["debit"]) - Decimal(one["credit"]) for one in of_account)) == net
    for balance, said in zip(read["balances"], wanted.get("balances", []), strict=False):
        assert fits(balance, said), (balance, said)
    assert len(read["balances"]) >= len(wanted.get("balances", []))
    assert len(read["left_out"]) >= wanted.get("left_out", 0)
    codes = {finding["code"] for finding in read["findings"]}
    assert codes >= set(wanted.get("findings", []))
    for record in records:
        assert wanted.get("contains", "") in record["description"]
        assert wanted.get("currency", record["currency"]) == record["currency"]


def nets(text: str, **options: Any) -> tuple[list[str], set[str]]:
    """What a table's movements add to the company's books, in its order, and what is said of it."""
    from importers.content import Content

    export = Export("tabla.csv", Content.of(text.encode()), "tabla.csv")
    read = extract(export, Options(**options), load_profiles()).as_json()
    amounts = [str(Decimal(one["debit"]) - Decimal(one["credit"])) for one in read["records"]]
    return amounts, {finding["code"] for finding in read["findings"]}


@pytest.mark.parametrize(
    ("heading", "rows"),
    [
        ("Retiros,Depósitos", ["300.00,", ",500.00"]),
        ("Saída,Entrada", ["300.00,", ",500.00"]),
        ("Withdrawals,Deposits", ["300.00,", ",500.00"]),
        ("Cheques,Consignaciones", ["300.00,", ",500.00"]),
        ("Notas débito,Notas crédito", ["300.00,", ",500.00"]),
        ("Depósitos / Abonos,Retiros / Cargos", [",300.00", "500.00,"]),
        ("Paid out,Paid in", ["300.00,", ",500.00"]),
        ("Egresos,Abono", ["300.00,", ",500.00"]),
        ("Monto retiro,Monto depósito", ["300.00,", ",500.00"]),
    ],
)
def test_words_of_certain_meaning_decide_the_sides(heading: str, rows: list[str]) -> None:
    body = "".join(f"{14 + day}/09/2026,x,{row}\n" for day, row in enumerate(rows))
    assert nets(f"Fecha,Concepto,{heading}\n" + body) == (["-300.00", "500.00"], set())


@pytest.mark.parametrize(
    ("word_out", "word_in"),
    [
        ("ND", "NC"),
        ("Retiro", "Depósito"),
        ("Egreso", "Ingreso"),
        ("-", "+"),
        ("R", "D"),
        ("S", "E"),
    ],
)
def test_a_column_of_words_decides_the_sides(word_out: str, word_in: str) -> None:
    rows = f"14/09/2026,x,{word_out},300.00\n15/09/2026,x,{word_in},500.00\n"
    assert nets("Fecha,Concepto,D/C,Importe\n" + rows)[0] == ["-300.00", "500.00"]


@pytest.mark.parametrize(
    ("word_out", "word_in"),
    [("D", "C"), ("DB", "CR"), ("Cargo", "Abono"), ("Débito", "Crédito"), ("S", "H")],
)
def test_the_balance_decides_what_a_bank_calls_a_debit(word_out: str, word_in: str) -> None:
    text = (
        "Fecha,Concepto,Tipo,Importe,Saldo\n"
        f"14/09/2026,x,{word_in},500.00,1500.00\n15/09/2026,x,{word_out},300.00,1200.00\n"
        f"16/09/2026,x,{word_out},100.00,1100.00\n"
    )
    amounts, codes = nets(text)
    assert amounts == ["500.00", "-300.00", "-100.00"]
    assert codes == {"sides-by-balance"}


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("US$ 1500.00", "USD"),
        ("1500.00 USD", "USD"),
        ("€1500.00", "EUR"),
        ("MXN 1500.00", "MXN"),
        ("1500.00 dólares", "USD"),
        ("$1500.00", ""),
    ],
)
def test_an_amount_brings_its_currency(amount: str, currency: str) -> None:
    from importers.content import Content

    text = f"Fecha;Cuenta;Cargo;Abono\n15/09/2026;105-01;{amount};\n"
    export = Export("libro.csv", Content.of(text.encode()), "libro.csv")
    read = extract(export, Options(), load_profiles()).as_json()
    assert [(one["debit"], one["currency"]) for one in read["records"]] == [("1500.00", currency)]


@pytest.mark.parametrize(
    "amount", ["1500.00 x2", "1,50,000.00", "15 00.00", "1'5000", "1.5E3x", "100-200", "USD 5 EUR"]
)
def test_a_cell_that_is_not_wholly_an_amount_is_a_finding(amount: str) -> None:
    amounts, codes = nets(
        f"Fecha;Cuenta;Cargo;Abono\n15/09/2026;105-01;{amount};\n16/09/2026;105-01;2.00;\n"
    )
    assert (amounts, codes & {"not-an-amount"}) == (["2.00"], {"not-an-amount"})


@pytest.mark.parametrize(
    ("dates", "months", "told"),
    [
        (["01/09/2026", "02/09/2026", "12/09/2026"], {"2026-09"}, False),
        (["9/1/2026", "9/2/2026", "9/13/2026"], {"2026-09"}, False),
        (["26/09/01", "26/09/15", "26/09/30"], {"2026-09"}, True),
        (["05/06/2026", "07/08/2026"], {"2026-06", "2026-08"}, True),
        (["2026-09-01", "2026-09-02"], {"2026-09"}, False),
        (["05/05/2026"], {"2026-05"}, False),
    ],
)
def test_one_order_of_dates_for_the_column(dates: list[str], months: set[str], told: bool) -> None:
    from importers.content import Content

    text = "Fecha;Cuenta;Cargo;Abono\n" + "".join(f"{day};105-01;1.00;\n" for day in dates)
    export = Export("libro.csv", Content.of(text.encode()), "libro.csv")
    read = extract(export, Options(), load_profiles()).as_json()
    assert {record["date"][:7] for record in read["records"]} == months
    assert ("ambiguous-dates" in {one["code"] for one in read["findings"]}) is told


@pytest.mark.parametrize(
    "row",
    [
        ",SALDO INICIAL,,,1000.00",
        "01/09/2026,Saldo anterior,,,1000.00",
        "01/09/2026,Saldo inicial,1000.00,,1000.00",
        ",Saldo final,,,1000.00",
        ",Opening balance,,,1000.00",
    ],
)
def test_a_printed_balance_is_no_movement(row: str) -> None:
    text = f"Fecha,Concepto,Retiros,Depósitos,Saldo\n{row}\n14/09/2026,x,300.00,,700.00\n"
    assert nets(text)[0] == ["-300.00"]


def test_a_row_whose_amount_stands_in_another_column_is_a_finding() -> None:
    text = (
        "Fecha,Cuenta,Cargo,Abono,Importe neto"
        " pagado\n15/09/2026,105,1.00,,\n16/09/2026,105,,,250.00\n"
    )
    amounts, codes = nets(text)
    assert amounts == ["1.00"]
    assert "amount-elsewhere" in codes


@pytest.mark.parametrize(
    ("day", "told"), [("15/01/2062", True), ("15/01/1930", True), ("15/01/2010", False)]
)
def test_a_date_of_another_century_is_doubted(day: str, told: bool) -> None:
    assert ("date-implausible" in nets(f"Fecha;Cuenta;Cargo;Abono\n{day};105;1.00;\n")[1]) is told


def test_a_listed_document_without_a_total_is_left_out_and_said() -> None:
    text = (
        "Tipo;UUID;Serie;Folio;Fecha Emision;RFC Emisor;RFC Receptor;Total;Moneda\n"
        "Pago;11111111-2222-4333-8444-555555555518;P;7;15/01/2026;EKU9003173C9;AAA010101AAA;0;XXX\n"
        "Ingreso;11111111-2222-4333-8444-555555555519;A;8;16/01/2026;EKU9003173C9;AAA010101AAA;"
        "116.00;MXN\n"
    )
    amounts, codes = nets(text, own_tax_ids=OWN)
    assert amounts == ["116.00"]
    assert "no-effect" in codes


@pytest.mark.parametrize(
    ("text", "amounts", "told"),
    [
        (
            "Fecha,Factura,Total,Abonos\n15/01/2026,F1,100.00,40.00\n16/01/2026,F2,50.00,\n",
            ["100.00", "50.00"],
            {"side-not-read", "sides-undecided"},
        ),
        # Expenses as well as receipts.
        (
            "Fecha,Proveedor,Importe\n13/01/2026,A,100.50\n14/01/2026,B,20.00\n",
            ["100.50", "20.00"],
            {"sides-undecided"},
        ),
        (
            "Fecha,Concepto,Retiros,Depositos\n15/01/2026,x,-100.00,\n16/01/2026,y,,50.00\n",
            ["-100.00", "50.00"],
            {"signs-by-side"},
        ),
        (
            "Fecha,Cuenta,Cargo MXN,Abono MXN\n15/01/2026,105,100.00,\n16/01/2026,105,,5.00\n",
            ["100.00", "-5.00"],
            {"no-vouchers"},
        ),
    ],
)
def test_what_is_taken_for_granted_is_said(text: str, amounts: list[str], told: set[str]) -> None:
    assert nets(text) == (amounts, told)


AMBIGUOUS = "Fecha,Concepto,Cargo,Abono\n13/03/2026,a,100.00,\n14/03/2026,b,,30.00\n"


@pytest.mark.parametrize(
    ("chosen", "amounts", "codes"),
    [
        ("", ["100.00", "-30.00"], {"sides-undecided"}),
        ("books", ["100.00", "-30.00"], set()),
        ("bank", ["-100.00", "30.00"], set()),
    ],
)
def test_a_person_says_whose_debit_and_credit_they_are(
    chosen: str, amounts: list[str], codes: set[str]
) -> None:
    found, said = nets(AMBIGUOUS, sides=chosen)
    assert found == amounts
    assert said == codes


@pytest.mark.parametrize(
    ("text", "chosen", "amounts"),
    [
        # One column and a word a side.
        ("Fecha,Importe,D/C\n13/03/2026,5.00,D\n14/03/2026,3.00,C\n", "bank", ["-5.00", "3.00"]),
        ("Fecha,Importe,D/C\n13/03/2026,5.00,D\n14/03/2026,3.00,C\n", "books", ["5.00", "-3.00"]),
        # Words of one meaning are what they are, whoever wrote them.
        ("Fecha,Retiros,Depósitos\n13/03/2026,5.00,\n", "bank", ["-5.00"]),
        ("Fecha,Retiros,Depósitos\n13/03/2026,5.00,\n", "books", ["-5.00"]),
        # A balance that is of another opinion is heard below, not above the person.
        (
            "Fecha,Débito,Crédito,Saldo\n13/03/2026,5.00,,95.00\n14/03/2026,,3.00,98.00\n"
            "15/03/2026,8.00,,90.00\n",
            "bank",
            ["-5.00", "3.00", "-8.00"],
        ),
    ],
)
def test_a_choice_of_sides_reaches_every_kind_of_them(
    text: str, chosen: str, amounts: list[str]
) -> None:
    assert nets(text, sides=chosen)[0] == amounts


def test_a_choice_the_balances_refute_is_said() -> None:
    text = (
        "Fecha,Débito,Crédito,Saldo\n13/03/2026,5.00,,95.00\n14/03/2026,,3.00,98.00\n"
        "15/03/2026,8.00,,90.00\n16/03/2026,2.00,,88.00\n"
    )
    assert nets(text, sides="books")[1] & {"sides-swapped", "balance-breaks"}


@pytest.mark.parametrize(
    ("title", "tax_id"),
    [
        ("RFC: EKU9003173C9", "EKU9003173C9"),
        ("R.F.C. EKU9003173C9 Escuela Kemper", "EKU9003173C9"),
        ("Reg. Fed.: EKU9003173C9", "EKU9003173C9"),
        ("NIT: 800.333.444-2", "800333444-2"),
        ("N.I.T. 800333444-2", "800333444-2"),
        ("800333444-2", "800333444-2"),
        ("Factura 8003334441", ""),
        ("Tel. 555-123-4567", ""),
    ],
)
def test_a_title_names_the_company_by_its_tax_id(title: str, tax_id: str) -> None:
    from importers.tables import Row
    from importers.titles import title_block

    assert title_block([Row(5, (title,))]).tax_id == tax_id


def test_the_title_of_a_listing_says_whose_it_is() -> None:
    text = (
        "RFC: EKU9003173C9,,,,,\n"
        "UUID,Fecha Emision,RFC Emisor,RFC Receptor,Total,Tipo\n"
        "6F35D3B5-3651-5370-BC2C-000000000001,2026-03-13,EKU9003173C9,MCI7306249Y1,100.00,I\n"
        "6F35D3B5-3651-5370-BC2C-000000000002,2026-03-14,MCI7306249Y1,EKU9003173C9,30.00,I\n"
    )
    found, said = nets(text)
    assert found == ["100.00", "-30.00"]
    assert not said & {"whose-books", "whose-books-unsaid"}


@pytest.mark.parametrize(
    ("text", "amounts", "told"),
    [
        # Numbers of cheques are no amounts, whatever their heading.
        (
            "Fecha,Cheque,Concepto,Retiros,Depósitos,Saldo\n"
            "01/09/2026,9,DEPOSITO,,4200.00,5200.00\n02/09/2026,101,RENTA,1500.00,,3700.00\n"
            "03/09/2026,102,LUZ,200.00,,3500.00\n14/09/2026,103,GAS,150.00,,3350.00\n",
            ["4200.00", "-1500.00", "-200.00", "-150.00"],
            set(),
        ),
        # Also in whole pesos.
        (
            "Fecha,Cheque,Concepto,Retiros,Depósitos\n13/09/2026,,DEP,,4200\n"
            "14/09/2026,101,RENTA,1500,\n15/09/2026,102,LUZ,200,\n",
            ["4200.00", "-1500.00", "-200.00"],
            set(),
        ),
        (
            "Fecha,Concepto,Cheques,Retiros,Depósitos\n13/09/2026,DEP,,,4200\n"
            "14/09/2026,RENTA,1500,,\n15/09/2026,LUZ,,200,\n",
            ["4200.00", "-200.00"],
            {"amount-elsewhere"},
        ),
        (
            "Fecha,Cheque,Concepto,Cargo,Abono,Saldo\n13/09/2026,,DEP,,4200,4200\n"
            "14/09/2026,101,RENTA,1500,,2700\n15/09/2026,102,LUZ,200,,2500\n",
            ["4200.00", "-1500.00", "-200.00"],
            {"sides-by-balance"},
        ),
        # A second column of the same direction is told, and no movement of 0.00 made of it.
        (
            "Fecha,Concepto,Cheques,Retiros,Depósitos\n13/09/2026,A,0.00,0.00,4200.00\n"
            "14/09/2026,RENTA,1500.00,0.00,0.00\n15/09/2026,CAJERO,0.00,200.00,0.00\n"
            "16/09/2026,CAJERO,0.00,300.00,0.00\n",
            ["4200.00", "-200.00", "-300.00"],
            {"side-not-read", "amount-elsewhere"},
        ),
        (
            "Fecha,Concepto,Retiros,Egresos,Depósitos\n13/09/2026,DEP,,,4200\n"
            "14/09/2026,RENTA,1500,30,\n15/09/2026,LUZ,200,10,\n",
            ["4200.00", "-1500.00", "-200.00"],
            {"side-not-read"},
        ),
        # A state nobody reads that says nothing moved.
        (
            "Fecha,Concepto,Monto,Estado\n13/09/2026,A,100.00,Aplicado\n"
            "14/09/2026,B,-50.00,Rechazado\n16/09/2026,C,-20.00,Aplicado\n",
            ["100.00", "-50.00", "-20.00"],
            {"counted-all-the-same"},
        ),
        (
            "Fecha,Concepto,Monto,Estado\n13/09/2026,A,100.00,Jalisco\n14/09/2026,B,-5.00,Colima\n",
            ["100.00", "-5.00"],
            set(),
        ),
        # Two columns that may be the amount.
        (
            "Fecha,Concepto,Importe,IVA,Total\n13/09/2026,A,100.00,16.00,116.00\n"
            "14/09/2026,B,-50.00,-8.00,-58.00\n",
            ["100.00", "-50.00"],
            {"side-not-read"},
        ),
        # Opening and closing by the value of the side column.
        (
            "Fecha;Referencia;Tipo;Monto\n01/09/2026;0001;SI;1.000,00\n"
            "02/09/2026;0002;NC;500,00\n03/09/2026;0003;ND;20,00\n13/09/2026;0004;DP;100,00\n"
            "30/09/2026;;SF;1.580,00\n",
            ["500.00", "-20.00", "100.00"],
            set(),
        ),
        (
            "Fecha;Descripción;Clase;Valor;Saldo\n01/09/2026;UNO;Bij;500,00;1.500,00\n"
            "02/09/2026;DOS;Bij;120,00;1.620,00\n13/09/2026;TRES;Af;80,00;1.540,00\n",
            ["500.00", "120.00", "-80.00"],
            set(),
        ),
        # What stands for nothing.
        (
            "Fecha,Referencia,Concepto,Retiros,Depósitos\n13/09/2026,NONREF,A,No aplica,4.00\n"
            "14/09/2026,_,B,1.00,_\n",
            ["4.00", "-1.00"],
            set(),
        ),
        # Headings between apostrophes, and a blank between them.
        (
            "'Fecha','Concepto','Retiros','Depósitos'\n13/09/2026,A,'',4.00\n",
            ["4.00"],
            set(),
        ),
    ],
)
def test_tables_as_banks_write_them(text: str, amounts: list[str], told: set[str]) -> None:
    assert nets(text) == (amounts, told)
