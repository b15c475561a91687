"""Other files of the kinds that were read wrong once. Each says what it must give; the figures are
those written into it, turned to the company's books.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import openpyxl
import pytest

from app.intake.extract import extract
from importers import Options
from importers.archives import Export
from importers.content import Content
from importers.profile import column_roles, load_profiles

OWN = ("EKU9003173C9", "800333444")
PROFILES = load_profiles()


def read(name: str, data: bytes | str, **options: Any) -> dict[str, Any]:
    content = Content.of(data.encode() if isinstance(data, str) else data)
    chosen = Options(**{"own_tax_ids": OWN, **options})
    return extract(Export(name, content, name), chosen, PROFILES).as_json()


def nets(found: dict[str, Any]) -> list[str]:
    return [str(Decimal(one["debit"]) - Decimal(one["credit"])) for one in found["records"]]


def codes(found: dict[str, Any]) -> set[str]:
    return {one["code"] for one in found["findings"]}


# --- CFDI: side, party and amount by whose books they are


def cfdi(
    kind: str = "I",
    issuer: str = "EKU9003173C9",
    receiver: str = "MCI7306249Y1",
    total: str = "1160.00",
    version: str = "4",
    inside: str = "",
) -> str:
    currency = "XXX" if kind in "PT" else "MXN"
    return (
        f'<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/{version}"'
        f' Version="{"4.0" if version == "4" else "3.3"}" Serie="A" Folio="45"'
        f' Fecha="2026-01-15T10:00:00" Moneda="{currency}" SubTotal="0" Total="{total}"'
        f' TipoDeComprobante="{kind}"><cfdi:Emisor Rfc="{issuer}" Nombre="EMISIÓN"/>'
        f'<cfdi:Receptor Rfc="{receiver}" Nombre="RECEPCIÓN"/><cfdi:Complemento>{inside}'
        '<t:TimbreFiscalDigital xmlns:t="http://www.sat.gob.mx/TimbreFiscalDigital"'
        ' UUID="6F35D3B5-3651-5370-BC2C-000000000001"/></cfdi:Complemento></cfdi:Comprobante>\n'
    )


OTHER = {"issuer": "MCI7306249Y1", "receiver": "EKU9003173C9"}


@pytest.mark.parametrize(
    ("values", "net", "party", "direction"),
    [
        ({}, "1160.00", "RECEPCIÓN", "issued"),
        (OTHER, "-1160.00", "EMISIÓN", "received"),
        ({"kind": "E"}, "-1160.00", "RECEPCIÓN", "issued"),
        ({"kind": "E", **OTHER}, "1160.00", "EMISIÓN", "received"),
        ({"kind": "N"}, "-1160.00", "RECEPCIÓN", "issued"),
        ({"issuer": "eku9003173c9"}, "1160.00", "RECEPCIÓN", "issued"),
        ({"version": "3"}, "1160.00", "RECEPCIÓN", "issued"),
    ],
)
def test_a_cfdi_stands_where_the_companys_books_have_it(
    values: dict[str, str], net: str, party: str, direction: str
) -> None:
    found = read("f.xml", cfdi(**values))
    assert nets(found) == [net]
    assert (found["records"][0]["party"], found["records"][0]["direction"]) == (party, direction)


def payments(version: str, *paid: str, total: str = "") -> str:
    space = "http://www.sat.gob.mx/Pagos" + ("20" if version == "2.0" else "")
    totals = f'<p:Totales MontoTotalPagos="{total}"/>' if total else ""
    return f'<p:Pagos xmlns:p="{space}" Version="{version}">{totals}{"".join(paid)}</p:Pagos>'


def paid(amount: str, currency: str = "MXN", rate: str = "") -> str:
    said = f' TipoCambioP="{rate}"' if rate else ""
    return f'<p:Pago FechaPago="2026-01-14T12:00:00" MonedaP="{currency}"{said} Monto="{amount}"/>'


@pytest.mark.parametrize(
    ("version", "inside", "payments_found", "told"),
    [
        ("3", payments("1.0", paid("500.00")), [("500.00", "MXN", "")], set()),
        (
            "3",
            payments("1.0", paid("500.00"), paid("250.50")),
            [("500.00", "MXN", ""), ("250.50", "MXN", "")],
            set(),
        ),
        (
            "3",
            payments("1.0", paid("500.00", "USD", "18.50")),
            [("500.00", "USD", "18.50")],
            set(),
        ),
        (
            "4",
            payments("2.0", paid("500.00", rate="1"), total="500.00"),
            [("500.00", "MXN", "")],
            set(),
        ),
        (
            "4",
            payments("2.0", paid("500.00", "USD", "18.50"), paid("750.00"), total="10000.00"),
            [("500.00", "USD", "18.50"), ("750.00", "MXN", "")],
            set(),
        ),
        (
            "4",
            payments("2.0", paid("500.00"), paid("750.00"), total="1350.00"),
            [("500.00", "MXN", ""), ("750.00", "MXN", "")],
            {"total-mismatch"},
        ),
        ("3", payments("1.0"), [], {"not-an-amount"}),
        ("3", payments("1.0", paid("")), [], {"not-an-amount"}),
    ],
)
def test_each_payment_is_what_was_paid(
    version: str, inside: str, payments_found: list[tuple[str, str, str]], told: set[str]
) -> None:
    found = read("p.xml", cfdi("P", total="0", version=version, inside=inside))
    records = found["records"]
    seen = [
        (net, one["currency"], one["rate"]) for net, one in zip(nets(found), records, strict=True)
    ]
    assert seen == payments_found
    assert codes(found) & {"total-mismatch", "not-an-amount"} == told


@pytest.mark.parametrize(
    "before", ["", "\n  \n", "<!-- nota -->\n", "\ufeff", "<?xml-stylesheet href='a'?>\n"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_xml_is_known_by_its_root(before: str, encoding: str) -> None:
    found = read("f.xml", (before + cfdi(**OTHER)).encode(encoding))
    assert (nets(found), found["records"][0]["party"]) == (["-1160.00"], "EMISIÓN")


# --- the DIAN's listing

LISTING = (
    "Tipo de documento,CUFE/CUDE,Folio,Prefijo,Fecha Emisión,NIT Emisor,Nombre Emisor,NIT Receptor,"
    "Nombre Receptor,IVA,Total,Estado,Grupo\n"
)


def listed(
    kind: str, issuer: str, receiver: str, total: str, state: str = "Aprobado", group: str = ""
) -> str:
    cufe = hashlib.sha384(f"{kind}{issuer}{receiver}{total}".encode()).hexdigest()
    return f"{kind},{cufe},1001,FE,15-03-2026,{issuer},E,{receiver},R,0,{total},{state},{group}\n"


@pytest.mark.parametrize(
    ("row", "net"),
    [
        (("Factura electrónica", "800333444", "900111222", "119.00"), "119.00"),
        (("Factura electrónica", "900111222", "800333444", "119.00"), "-119.00"),
        (("Factura electrónica", "800.333.444", "900111222", "119.00"), "119.00"),
        (("Factura electrónica", "800333444-2", "900111222", "119.00"), "119.00"),
        (("Nota de crédito electrónica", "800333444", "900111222", "19.00"), "-19.00"),
        (("Nota de crédito electrónica", "900111222", "800333444", "19.00"), "19.00"),
        (("Nota de débito electrónica", "800333444", "900111222", "5.00"), "5.00"),
        (("Documento soporte con no obligados", "1020304050", "800333444", "50.00"), "-50.00"),
        (("Nota de ajuste al documento soporte", "1020304050", "800333444", "10.00"), "10.00"),
        (("Documento soporte con no obligados", "800333444", "1020304050", "50.00"), "-50.00"),
        (("Nota de ajuste al documento soporte", "800333444", "1020304050", "10.00"), "10.00"),
        (("NotaCredito", "800333444", "900111222", "19.00"), "-19.00"),
        (("NC", "800333444", "900111222", "19.00"), "-19.00"),
        (("Nómina Individual de Ajuste", "800333444", "1020304050", "1000.00"), ""),
        (("Nómina Individual", "800333444", "1020304050", "1000.00"), "-1000.00"),
        (("Factura electrónica", "800333444", "900111222", "119.00", "Rechazado"), ""),
        (("Application response", "900111222", "800333444", "0"), ""),
    ],
)
def test_a_listed_document_stands_on_its_side_or_is_left_out(
    row: tuple[str, ...], net: str
) -> None:
    found = read("l.csv", LISTING + listed(*row))
    assert nets(found) == ([net] if net else [])
    assert len(found["left_out"]) == (0 if net else 1)


def test_a_kind_of_document_nobody_knows_is_told() -> None:
    found = read("l.csv", LISTING + listed("Bonificación", "800333444", "900111222", "19.00"))
    assert nets(found) == ["19.00"] and "unknown-document-kind" in codes(found)


# --- investments in OFX: what moves cash counts, what moves securities only is told


@pytest.mark.parametrize(
    ("trade", "net", "told"),
    [
        (
            "SELLSTOCK><INVSELL><INVTRAN><FITID>9<DTTRADE>20260903</INVTRAN><TOTAL>90.10",
            "90.10",
            "",
        ),
        ("INVEXPENSE><INVTRAN><FITID>9<DTTRADE>20260903</INVTRAN><TOTAL>-1.25", "-1.25", ""),
        ("REINVEST><INVTRAN><FITID>9<DTTRADE>20260903</INVTRAN><TOTAL>-5.00", "", "no-effect"),
        ("TRANSFER><INVTRAN><FITID>9<DTTRADE>20260903</INVTRAN><UNITS>3", "", "no-effect"),
        ("BUYMF><INVBUY><INVTRAN><FITID>9<DTTRADE>20260903</INVTRAN>", "", "not-an-amount"),
    ],
)
def test_trades_of_an_investment_account(trade: str, net: str, told: str) -> None:
    name = trade.partition(">")[0]
    text = (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><INVSTMTRS><CURDEF>USD<INVACCTFROM>"
        f"<ACCTID>X1</INVACCTFROM><INVTRANLIST>\n<{trade}</{name}>\n</INVTRANLIST>"
        "<INVBAL><AVAILCASH>10.00</INVBAL></INVSTMTRS></OFX>\n"
    )
    found = read("i.ofx", text)
    assert nets(found) == ([net] if net else [])
    assert {one["code"] for one in found["findings"]} & {"no-effect", "not-an-amount"} == (
        {told} if told else set()
    )


# --- the SAT's metadata

METADATA = (
    "Uuid~RfcEmisor~NombreEmisor~RfcReceptor~NombreReceptor~RfcPac~FechaEmision"
    "~FechaCertificacionSat~Monto~EfectoComprobante~Estatus~FechaCancelacion\r\n"
)


def metadata(number: int, name: str = "ACME", amount: str = "10.00", state: str = "1") -> str:
    uuid = f"11111111-2222-4333-8444-5555555555{number:02}"
    day = "2026-01-05 10:00:00"
    return (
        f"{uuid}~AAA010101AAA~{name}~EKU9003173C9~PROPIA~SAT970701NN3~{day}~{day}~{amount}~I"
        f"~{state}~\r\n"
    )


@pytest.mark.parametrize(
    ("rows", "net", "rejected"),
    [
        ((metadata(1), metadata(2, name='LA "UNO", S.A.')), ["-10.00", "-10.00"], 0),
        ((metadata(1, name="LA\nDOS\nSA"), metadata(2)), ["-10.00", "-10.00"], 0),
        ((metadata(1, state="0"), metadata(2)), ["-10.00"], 0),
        (("11111111~AAA010101AAA~rota\r\n", metadata(2)), ["-10.00"], 1),
        ((metadata(1), "11111111~AAA010101AAA~rota"), ["-10.00"], 1),
    ],
)
def test_metadata_of_the_sat(rows: tuple[str, ...], net: list[str], rejected: int) -> None:
    found = read("metadata.txt", METADATA + "".join(rows))
    assert nets(found) == net
    errors = [one for one in found["findings"] if one["severity"] == "error"]
    assert len(errors) == rejected


# --- trial balances printed in each account's own nature


@pytest.mark.parametrize(
    ("rows", "closing", "told"),
    [
        (["1110,B,0,50,0,50", "2205,P,10,5,20,25"], ["50.00", "-25.00"], set()),
        (["1110,B,0,50,0,50", "2205,P,-10,5,20,-25"], ["50.00", "-25.00"], set()),
        (
            ["1110,B,5,0,0,5", "2205,P,10,5,20,25", "2210,Q,7,0,0,7", "1120,C,0,1,0,1"],
            ["5.00", "-25.00", "-7.00", "1.00"],
            set(),
        ),
        (
            ["2205,P,10,5,20,25", "3105,K,7,0,0,7"],
            ["-25.00", "-7.00"],
            set(),
        ),
        (
            ["1205,P,10,5,20,25", "3105,K,7,0,0,7"],
            ["-25.00", "7.00"],
            {"nature-unknown"},
        ),
        (["1110,B,5,0,0,5", "3105,K,7,3,3,7"], ["5.00", "7.00"], {"nature-unknown"}),
        (["1110,B,5,0,0,5", "3105,K,5,0,0,5"], ["5.00", "-5.00"], set()),
        (["1110,B,5,0,0,5", "3105,K,-7,0,0,-7"], ["5.00", "-7.00"], set()),
        (["2205,P,10,5,20,26"], ["26.00"], {"total-mismatch"}),
    ],
)
def test_a_balance_has_the_sign_its_row_proves(
    rows: list[str], closing: list[str], told: set[str]
) -> None:
    heading = "Cuenta,Nombre Cuenta,Saldo Inicial,Debito,Credito,Saldo Final"
    found = read("balance.csv", "\n".join([heading, *rows]) + "\n")
    assert [one["closing"] for one in found["balances"]] == closing
    assert codes(found) & {"nature-unknown", "total-mismatch"} == told


def test_a_title_alone_does_not_make_a_balance_a_layout_of_contpaqi() -> None:
    found = read(
        "b.csv",
        "Balanza de comprobación al 31 de marzo de 2026\n"
        "Cuenta,Nombre,Saldo inicial,Cargos,Abonos,Saldo final\n"
        "1102,Bancos,1000.00,50.00,20.00,1030.00\n2101,Proveedores,400.00,0.00,30.00,430.00\n",
    )
    assert found["refused"] is None
    assert [one["closing"] for one in found["balances"]] == ["1030.00", "-430.00"]


@pytest.mark.parametrize(
    ("row", "closing", "told"),
    [
        ("2101,Proveedores,,400.00,0.00,30.00,,430.00", "-430.00", set()),
        ("1102,Bancos,1000.00,,50.00,20.00,1030.00,", "1030.00", set()),
        ("1190,Sobregiro,10.00,,0.00,30.00,,20.00", "-20.00", set()),
        ("3101,Capital,,600.00,,,,600.00", "-600.00", set()),
        ("2101,Proveedores,,400.00,0.00,30.00,,370.00", "-370.00", {"total-mismatch"}),
        ("2101,Proveedores,,400.00,0.00,30.00,,x", None, {"not-an-amount"}),
    ],
)
def test_balances_with_a_column_a_side(row: str, closing: str | None, told: set[str]) -> None:
    heading = (
        "Cuenta,Nombre,Saldo inicial deudor,Saldo inicial acreedor,Cargos,Abonos,"
        "Saldo final deudor,Saldo final acreedor"
    )
    found = read("b.csv", f"Balanza de comprobación\n{heading}\n1101,Caja,1,,2,1,2,\n{row}\n")
    assert [one["closing"] for one in found["balances"]][1:] == ([closing] if closing else [])
    assert codes(found) == told


# --- words of sides that only the balance explains


@pytest.mark.parametrize(
    ("words", "net", "told"),
    [
        (("ZP", "ZH", "TRX", "GMF"), ["100.00", "-30.00", "20.00", "-5.00"], "sides-learnt"),
        (("ZP", "ZP", "ZP", "ZP"), None, "sides-undecided"),
        # Words of certain meaning that the balances refute.
        (("DP", "DP", "DP", "DP"), None, "balance-chain"),
    ],
)
def test_words_nobody_knows_are_learnt_from_the_balance_or_asked(
    words: tuple[str, ...], net: list[str] | None, told: str
) -> None:
    amounts, balances = ("100", "30", "20", "5"), ("1100", "1070", "1090", "1085")
    rows = ["01/09/2026,0,SALDO INICIAL,SI,0.00,1000.00"] + [
        f"{day:02}/09/2026,{day},x,{word},{amount}.00,{balance}.00"
        for day, (word, amount, balance) in enumerate(
            zip(words, amounts, balances, strict=True), start=13
        )
    ]
    found = read("m.csv", "\n".join(["Fecha,Documento,Detalle,Tipo,Valor,Saldo", *rows]) + "\n")
    assert told in codes(found)
    assert net is None or nets(found) == net


def test_a_word_that_turns_round_beyond_the_first_rows_breaks_the_chain() -> None:
    balance, rows = 1000, ["01/01/2026,0,SALDO INICIAL,SI,0.00,1000.00"]
    for number in range(1, 1300):
        way = 1 if number % 2 else -1
        balance += -10 * way if number == 1200 else 10 * way
        day = date(2026, 1, 1) + timedelta(days=number // 5)
        word = "ZP" if number % 2 else "ZH"
        rows.append(f"{day:%d/%m/%Y},{number},x,{word},10.00,{balance}.00")
    found = read("m.csv", "\n".join(["Fecha,Documento,Detalle,Tipo,Valor,Saldo", *rows]) + "\n")
    assert codes(found) >= {"sides-learnt", "balance-chain"}


# --- wallets: only what is done moves money

PAYPAL = (
    '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net",'
    '"Transaction ID","Invoice Number","Balance","Balance Impact"\n'
)


@pytest.mark.parametrize(
    ("kind", "status", "impact", "net"),
    [
        ("Pago", "Completado", "Crédito", ["9.00"]),
        ("Website Payment", "Completed", "Credit", ["9.00"]),
        ("Payment Review Hold", "Completed", "Memo", []),
        ("Website Payment", "Denied", "Credit", []),
        ("General Authorization", "Pending", "Memo", []),
    ],
)
def test_paypal_counts_what_reached_the_balance(
    kind: str, status: str, impact: str, net: list[str]
) -> None:
    row = f'"13/09/2026","10:00","CST","ACME","{kind}","{status}","MXN","10.00","-1.00","9.00"'
    found = read("p.csv", f'{PAYPAL}{row},"1AB","45","9.00","{impact}"\n')
    assert nets(found) == net
    # A row left out of the sums is named.
    assert ("not-counted" in codes(found)) == (not net)


# --- MT940, CAMT, OFX


def mt940(
    lines: str, closing: str = "C260131MXN1500,00", opening: str = "C260101MXN1000,00"
) -> str:
    return f":20:R\n:25:12345\n:28C:1/1\n:60F:{opening}\n{lines}:62F:{closing}\n"


@pytest.mark.parametrize(
    ("lines", "closing", "amounts", "told"),
    [
        (":61:2601150115C500,00NTRFREF1//B1\n:86:x\n", "C260131MXN1500,00", ["500.00"], set()),
        (":61:2601150115RC500,00NTRFREF1\n:86:x\n", "C260131MXN500,00", ["-500.00"], set()),
        (":61:2601150115RD500,00NTRFREF1\n:86:x\n", "C260131MXN1500,00", ["500.00"], set()),
        (":61:2601150115CR500,00NTRFREF1\n:86:x\n", "C260131MXN1500,00", ["500.00"], set()),
        (":61:260115D1200,5NTRFREF1\n:86:x\n", "D260131MXN200,50", ["-1200.50"], set()),
        (":61:260115C400,00NTRFR\n:86:x\n", "C260131MXN1500,00", ["400.00"], {"closing-differs"}),
        (":61:260115C5x0,00NTRFR\n:86:x\n", "C260131MXN1000,00", [], {"not-an-amount"}),
        (":61:260115C5,0x0NTRFR\n:86:x\n", "C260131MXN1000,00", [], {"not-an-amount"}),
        (":61:260115C5,00,1NTRFR\n:86:x\n", "C260131MXN1000,00", [], {"not-an-amount"}),
        # Banks that put a blank before the kind, or fill it up with blanks.
        (":61:260115C500,00 NTRFREF1\n:86:x\n", "C260131MXN1500,00", ["500.00"], set()),
        (":61:260115C500,00S   REF1\n:86:x\n", "C260131MXN1500,00", ["500.00"], set()),
        (
            ":61:2602300230C500,00NTRFR\n:86:x\n",
            "C260131MXN1500,00",
            [],
            {"not-an-amount", "closing-differs"},
        ),
        ("", "C260131MXN1000,00", [], set()),
    ],
)
def test_mt940_adds_up_or_says_so(
    lines: str, closing: str, amounts: list[str], told: set[str]
) -> None:
    found = read("a.sta", mt940(lines, closing))
    assert (nets(found), codes(found)) == (amounts, told)


def test_an_account_number_with_two_currencies_is_two_accounts() -> None:
    pesos = mt940(":61:260115C500,00NTRFR\n:86:x\n")
    dollars = mt940(":61:260115D500,00NTRFR\n:86:x\n", "C260228USD1500,00", "C260201USD2000,00")
    found = read("a.sta", pesos + "-\n" + dollars)
    assert codes(found) == set()
    assert [(b["currency"], b["opening"], b["closing"]) for b in found["balances"]] == [
        ("MXN", "1000.00", "1500.00"),
        ("USD", "2000.00", "1500.00"),
    ]


@pytest.mark.parametrize(
    ("details", "party", "text"),
    [
        ("166?00PAGO?20Factura 77?32ACME SA", "ACME SA", "PAGO Factura 77"),
        ("?20Factura?21 77?32ACME SA?33 DE CV", "ACME SA DE CV", "Factura 77"),
        ("/EREF/E1/NAME/ACME SA/REMI//USTD//Factura 77", "ACME SA", "Factura 77"),
        ("/ORDP//NAME/ACME SA/REMI/Factura 77", "ACME SA", "Factura 77"),
        ("PAGO /FACTURA 77/ACME", "", "PAGO /FACTURA 77/ACME"),
    ],
)
def test_a_structured_86_is_read_by_its_parts(details: str, party: str, text: str) -> None:
    found = read("a.sta", mt940(f":61:260115C500,00NTRFR\n:86:{details}\n"))
    (record,) = found["records"]
    assert (record["party"], record["description"]) == (party, text)


@pytest.mark.parametrize(
    ("line", "details", "reference", "account"),
    [
        ("NTRFNONREF", "/EREF/E1/IBAN/MX01/NAME/ACME SA/REMI/Factura 77", "E1", "MX01"),
        ("NTRFNONREF//B9", "166?00PAGO?20EREF+E7?21SVWZ+Factura 77?31DE12", "E7", "DE12"),
        ("NTRFNONREF//B9", "166?00PAGO?20EREF+NOTPROVIDED?21SVWZ+Factura", "B9", ""),
        ("NTRFOWN1//B9", "166>00PAGO>20EREF+E7>31DE12", "OWN1", "DE12"),
        ("NTRFNONREF", "PAGO EREF 77", "", ""),
    ],
)
def test_the_reference_is_the_parties_before_it_is_the_banks(
    line: str, details: str, reference: str, account: str
) -> None:
    found = read("a.sta", mt940(f":61:260115C500,00{line}\n:86:{details}\n"))
    (record,) = found["records"]
    assert (record["reference"], record["counter_account"]) == (reference, account)


ING = (
    "/EREF/EV12341REP1231456T1234//CNTP/NL32INGB0000012345/INGBNL2A/ING BANK NV INZAKE WEB///REMI/"
    "USTD//EV10001REP1000000T1000/"
)


@pytest.mark.parametrize(
    ("line", "details", "expected"),
    [
        (
            "NTRFEREF//00000000001005",
            ING,
            {
                "reference": "EV12341REP1231456T1234",
                "party": "ING BANK NV INZAKE WEB",
                "counter_account": "NL32INGB0000012345",
                "description": "EV10001REP1000000T1000",
            },
        ),
        (
            "NTRFNONREF",
            "/TRTP/SEPA OVERBOEKING/IBAN/NL12/BIC/X/NAME/Jan Jansen/REMI/Factuur 9/EREF/E9",
            {"party": "Jan Jansen", "counter_account": "NL12", "description": "Factuur 9"},
        ),
        (
            "NTRFNONREF",
            "/ORDP//NAME/ACME BV/ADDR/Street 1/REMI/Factuur 9",
            {"party": "ACME BV", "description": "Factuur 9"},
        ),
        (
            "NTRFNONREF",
            "166?00PAGO?20Que tal? Pago factura?32ACME",
            {"party": "ACME", "description": "PAGO Que tal? Pago factura"},
        ),
    ],
)
def test_what_banks_write_into_field_86(line: str, details: str, expected: dict[str, str]) -> None:
    (record,) = read("a.sta", mt940(f":61:260115C500,00{line}\n:86:{details}\n"))["records"]
    assert {name: record[name] for name in expected} == expected


def test_a_movement_stands_on_its_day_of_entry() -> None:
    text = mt940(":61:2601011231D100,00NTRFREF1\n:61:2512310101D100,00NTRFREF2\n")
    assert [one["date"] for one in read("a.sta", text)["records"]] == ["2025-12-31", "2026-01-01"]


def statement(day: str, opening: str, line: str, closing: str) -> str:
    return (
        f":20:R\n:25:1\n:60F:C{day}MXN{opening}\n:61:{day}{line}NTRFX\n:62F:C{day}MXN{closing}\n-\n"
    )


FIRST = statement("260110", "1000,00", "C600,00", "1600,00")
SECOND = statement("260111", "1600,00", "D100,00", "1500,00")
GAP = statement("260112", "2600,00", "D100,00", "2500,00")


@pytest.mark.parametrize(
    ("text", "ends", "told"),
    [
        (FIRST + SECOND, ("1000.00", "1500.00"), set()),
        (SECOND + FIRST, ("1000.00", "1500.00"), set()),
        (FIRST + GAP, ("1000.00", "2500.00"), {"statement-missing"}),
    ],
)
def test_statements_follow_each_other_whatever_their_order(
    text: str, ends: tuple[str, str], told: set[str]
) -> None:
    found = read("a.sta", text)
    (balance,) = found["balances"]
    assert (balance["opening"], balance["closing"]) == ends
    assert codes(found) - {"unterminated"} == told


def camt(*entries: str, closing: str = "1500.00", version: str = "053.001.02") -> str:
    def stated(code: str, amount: str) -> str:
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="MXN">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
        )

    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{version}"><BkToCstmrStmt><Stmt>'
        "<Acct><Id><Othr><Id>ACC1</Id></Othr></Id><Ccy>MXN</Ccy></Acct>"
        f"{stated('OPBD', '1000.00')}{stated('CLBD', closing)}{''.join(entries)}"
        "</Stmt></BkToCstmrStmt></Document>\n"
    )


def entry(
    amount: str = "500.00", side: str = "CRDT", status: str = "BOOK", inside: str = ""
) -> str:
    return (
        f'<Ntry><Amt Ccy="MXN">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>2026-01-15</Dt></BookgDt>{inside}</Ntry>"
    )


@pytest.mark.parametrize(
    ("text", "amounts", "told"),
    [
        (camt(entry()), ["500.00"], set()),
        (camt(entry(side="DBIT"), closing="500.00"), ["-500.00"], set()),
        (camt(entry(), entry("7.00", status="INFO")), ["500.00"], {"pending-entry"}),
        (camt(entry(), entry("7.00", status="FUTR")), ["500.00"], {"pending-entry"}),
        (camt(entry(inside="<RvslInd>true</RvslInd>")), ["500.00"], set()),
        (camt(entry("400.00")), ["400.00"], {"closing-differs"}),
        (camt(entry("-500.00")), [], {"not-an-amount", "closing-differs"}),
        (camt(entry(side="")), [], {"not-an-amount", "closing-differs"}),
        (camt(entry(), version="053.001.13"), ["500.00"], set()),
    ],
)
def test_camt_adds_up_or_says_so(text: str, amounts: list[str], told: set[str]) -> None:
    found = read("a.xml", text)
    assert (nets(found), codes(found)) == (amounts, told)


def ofx(*transactions: str, currency: str = "MXN") -> str:
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"
        f"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>{currency}<BANKACCTFROM><ACCTID>123"
        f"</BANKACCTFROM><BANKTRANLIST>{''.join(transactions)}</BANKTRANLIST></STMTRS>"
        "</STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )


def transaction(amount: str, name: str = "ACME", more: str = "") -> str:
    return (
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20260115<TRNAMT>{amount}<FITID>F{amount}"
        f"<NAME>{name}{more}</STMTTRN>\n"
    )


_FOREIGN = "<CURRATE>18.5<CURSYM>USD"


@pytest.mark.parametrize(
    ("text", "amounts", "currency", "rate", "told"),
    [
        (ofx(transaction("500.00")), ["500.00"], "MXN", "", set()),
        (ofx(transaction("-20.10"), currency="USD"), ["-20.10"], "USD", "", set()),
        # §5.2: the amount is in CURSYM …
        (
            ofx(transaction("5.00", more=f"<CURRENCY>{_FOREIGN}</CURRENCY>")),
            ["5.00"],
            "USD",
            "18.5",
            set(),
        ),
        # … or was in it and is already in that of the statement.
        (
            ofx(transaction("92.50", more=f"<ORIGCURRENCY>{_FOREIGN}</ORIGCURRENCY>")),
            ["92.50"],
            "MXN",
            "",
            set(),
        ),
        (ofx(transaction("1,500.25")), ["1500.25"], "MXN", "", set()),
        (ofx(transaction("1,500,25")), [], "", "", {"not-an-amount"}),
        (ofx(transaction("1.005")), ["1.01"], "MXN", "", {"rounded-amount", "doubtful-amount"}),
        (
            ofx(transaction("1.00"), transaction("1.00")),
            ["1.00", "1.00"],
            "MXN",
            "",
            {"repeated-identifier"},
        ),
    ],
)
def test_ofx_is_read_by_its_standard(
    text: str, amounts: list[str], currency: str, rate: str, told: set[str]
) -> None:
    found = read("a.ofx", text)
    assert (nets(found), codes(found)) == (amounts, told)
    for record in found["records"]:
        assert (record["currency"], record["rate"]) == (currency, rate)


@pytest.mark.parametrize("name", ["ACME &amp; CO", "ñandú", "A&lt;B"])
def test_the_names_of_an_ofx_are_whole(name: str) -> None:
    (record,) = read("a.ofx", ofx(transaction("1.00", name)))["records"]
    assert record["description"] == name.replace("&amp;", "&").replace("&lt;", "<")


# --- workbooks with sheets

HEADING = ("Fecha", "Concepto", "Retiros", "Depósitos", "Saldo")
MARCH = (HEADING, ("01/03/2026", "a", 100, None, 900), ("15/03/2026", "b", None, 50, 950))
APRIL = (HEADING, ("01/04/2026", "c", 10, None, 940), ("15/04/2026", "d", None, 5, 945))
TURNED = (("Fecha", "Concepto", "Depósitos", "Retiros", "Saldo"), ("16/04/2026", "c", 10, None, 9))


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    for name, rows in sheets.items():
        made = book.create_sheet(name)
        for row in rows:
            made.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("sheets", "amounts", "told"),
    [
        ({"Mar": MARCH, "Abr": APRIL}, ["-100", "50", "-10", "5"], set()),
        ({"Mar": MARCH, "Abr": (("BANCO X",), (), *APRIL)}, ["-100", "50", "-10", "5"], set()),
        ({"Mar": MARCH, "Otra": TURNED}, ["-100", "50"], {"sheet-not-read"}),
        ({"Mar": MARCH, "Filtro": (HEADING, MARCH[2])}, ["-100", "50"], {"sheet-repeats"}),
        ({"Resumen": (("Total", 100),), "Mar": MARCH}, ["-100", "50"], {"sheet-not-read"}),
        ({"Mar": MARCH, "Vacía": ()}, ["-100", "50"], set()),
        ({"Mar": MARCH, "Sólo encabezado": (HEADING,)}, ["-100", "50"], set()),
    ],
)
def test_each_sheet_is_read_or_told(
    sheets: dict[str, Any], amounts: list[str], told: set[str]
) -> None:
    found = read("a.xlsx", workbook(**sheets))
    assert [Decimal(net) for net in nets(found)] == [Decimal(amount) for amount in amounts]
    assert codes(found) - {"ambiguous-dates"} == told


def test_a_finding_names_its_sheet_and_the_row_a_person_sees() -> None:
    bad = (HEADING, ("13/04/2026", "c", "diez", None, 940), ("15/04/2026", "d", None, 5, 945))
    found = read("a.xlsx", workbook(Mar=MARCH, Abr=bad))
    (finding,) = [one for one in found["findings"] if one["code"] == "not-an-amount"]
    assert (finding["sheet"], finding["line"]) == ("Abr", 2)


# --- rows that carry a balance, quotes, two currencies side by side


@pytest.mark.parametrize(
    "row",
    [
        ",Saldo inicial,,,1000.00",
        ',SALDO ANTERIOR,,,"1,000.00"',
        ",Balance brought forward,,,1000",
        ",Viene de la hoja anterior,,,1000.00",
        ",Saldo previo,,,1000.00",
        "01/03/2026,Saldo inicial,0.00,0.00,1000.00",
    ],
)
def test_an_opening_row_is_an_opening(row: str) -> None:
    found = read(
        "a.csv",
        f"Fecha,Concepto,Retiros,Depósitos,Saldo\n{row}\n14/03/2026,x,300.00,,700.00\n"
        "15/03/2026,y,,5.00,705.00\n",
    )
    assert nets(found) == ["-300.00", "5.00"]
    assert [(one["opening"], one["closing"]) for one in found["balances"]] == [
        ("1000.00", "705.00")
    ]


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        (['Tubo 2",300.00,', "y,,5.00"], ['Tubo 2"', "y"]),
        (['"Tubo,300.00,', "y,,5.00", 'z",6.00,'], ['"Tubo', "y", 'z"']),
        (["x,300.00,", '"Tubo,,5.00'], ["x", '"Tubo']),
        (['"dos\nlíneas",300.00,', "y,,5.00"], ["dos\nlíneas", "y"]),
        (['"Tubo 2"" acero",300.00,'], ['Tubo 2" acero']),
        (['"a, b",300.00,'], ["a, b"]),
    ],
)
def test_a_quote_swallows_no_record(rows: list[str], texts: list[str]) -> None:
    body = "".join(f"{14 + day}/03/2026,{row}\n" for day, row in enumerate(rows))
    found = read("a.csv", "Fecha,Concepto,Retiros,Depósitos\n" + body)
    assert [one["description"] for one in found["records"]] == texts


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("Retiros MXN,Depósitos MXN,Retiros USD,Depósitos USD", "10.00,,1.00,"),
        ("Cargo MXN,Abono MXN,Cargo USD,Abono USD", ",10.00,,1.00"),
        ("Importe MXN,Importe USD", "10.00,1.00"),
        ("Importe USD,Importe MXN", "1.00,10.00"),
        ("Debit EUR,Credit EUR,Debit USD,Credit USD", "10.00,,1.00,"),
    ],
)
def test_amounts_in_two_currencies_side_by_side_are_said(heading: str, row: str) -> None:
    found = read("a.csv", f"Fecha,Concepto,{heading}\n14/03/2026,c,{row}\n15/03/2026,d,{row}\n")
    assert codes(found) & {"side-not-read", "amount-elsewhere"}


# --- dates a spreadsheet has made of month and day

BOGOTA = ("Fecha", "Transacción", "Oficina", "Documento", "Débito", "Crédito")


def bogota(sheet: str, *days: tuple[object, str]) -> bytes:
    """A statement of Banco de Bogotá: each day as a cell and the format it is shown in."""
    book = openpyxl.Workbook()
    made = book.worksheets[0]
    made.title = sheet
    made.append(list(BOGOTA))
    for number, (day, form) in enumerate(days, 2):
        made.append([day, "Abono por recaudos", "", f"15000{number}", "", 100 + number])
        made.cell(number, 1).number_format = form
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("sheet", "days", "dates"),
    [
        # 04/30 became April 1930, 04/05 became 4 May: the format says which.
        (
            "CORP_01042026a3004202600001Movi",
            [(datetime(1930, 4, 1), "mmm-yy"), (datetime(2026, 5, 4), "d-mmm")],
            ["2026-04-30", "2026-04-05"],
        ),
        (
            "CORP_01042026a3004202600001Movi",
            [(datetime(2013, 4, 1), "mmm-yy"), (datetime(2026, 12, 4), "d-mmm")],
            ["2026-04-13", "2026-04-12"],
        ),
        (
            "CORP_01022026a2802202600001Movi",
            [(datetime(2028, 2, 1), "mmm-yy"), (datetime(2026, 1, 2), "d-mmm")],
            ["2026-02-28", "2026-02-01"],
        ),
        # Texts stayed what they were.
        (
            "CORP_01042026a3004202600001Movi",
            [("04/30", "@"), ("04/05", "@")],
            ["2026-04-30", "2026-04-05"],
        ),
        # The statement crosses a year.
        (
            "CORP_15122025a1501202600001Movi",
            [(datetime(1931, 12, 1), "mmm-yy"), (datetime(2026, 2, 1), "d-mmm")],
            ["2025-12-31", "2026-01-02"],
        ),
    ],
)
def test_dates_excel_has_turned_are_turned_back(
    sheet: str, days: list[tuple[object, str]], dates: list[str]
) -> None:
    found = read("b.xlsx", bogota(sheet, *days))
    assert [one["date"] for one in found["records"]] == dates


def test_a_turned_date_outside_of_the_statement_is_a_finding() -> None:
    found = read(
        "b.xlsx",
        bogota(
            "CORP_01042026a3004202600001Movi",
            (datetime(1930, 4, 1), "mmm-yy"),
            (datetime(1931, 8, 1), "mmm-yy"),
        ),
    )
    assert "date-outside-period" in codes(found)


# --- receivables of which the user has deleted columns

CARTERA = (
    (
        "NIT",
        "CIUDAD",
        "CUENTA",
        "DESCRIPCION CUENTA",
        "DOCUMENTO",
        "FECHA",
        "VENCE",
        "DIAS",
        "SALDO CONTABLE",
        "VENCIDO",
        "NIT",
        "NOMBRE",
    ),
    (
        "    900111222 000 CLIENTE UNO SAS   ",
        "CALI",
        "13050500",
        "DEUDORES",
        "F-010-1292-001",
        "2020/08/05",
        "2020/10/04",
        -1973,
        8161329.08,
        8161329.08,
        900111222,
        "CLIENTE UNO SAS",
    ),
    (
        "Total     900111222 000 CLIENTE UNO SAS",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        8161329.08,
        8161329.08,
        "",
        "",
    ),
)


@pytest.mark.parametrize(
    "deleted",
    [(), (10,), (11,), (10, 11), (1, 10, 11), (3, 7, 10, 11), (1, 3, 7, 9, 10, 11)],
)
def test_the_label_names_the_party_where_its_columns_are_gone(deleted: tuple[int, ...]) -> None:
    rows = [
        tuple(cell for place, cell in enumerate(row) if place not in deleted) for row in CARTERA
    ]
    title = [("Siigo - EMPRESA DE PRUEBA SAS",), ("SALDOS DE CARTERA POR  NIT  - NUMERICO",), ()]
    found = read("c.xlsx", workbook(Hoja1=[*title, *rows]))
    (record,) = found["records"]
    assert (record["party"], record["tax_id"], record["debit"]) == (
        "CLIENTE UNO SAS",
        "900111222",
        "8161329.08",
    )


# --- the first name of a layout's list wins, and what nobody takes is told

NAMES = ("descripciondetallada", "descripcion", "concepto")


@pytest.mark.parametrize("heading", list(permutations(("Descripción detallada", "Descripción"))))
@pytest.mark.parametrize("before", [(), ("Fecha",), ("Concepto",)])
def test_the_first_name_of_a_list_wins_wherever_it_stands(
    heading: tuple[str, ...], before: tuple[str, ...]
) -> None:
    cells = (*before, *heading)
    roles = column_roles(cells, {"description": NAMES})
    assert cells[roles["description"]] == "Descripción detallada"


@pytest.mark.parametrize(
    ("heading", "unused"),
    [
        ("Fecha,Concepto,Retiros,Depósitos,ID DE PAGO", ["ID DE PAGO"]),
        ("Fecha,Concepto,Retiros,Depósitos,NOMBRE COMPLETO", ["NOMBRE COMPLETO"]),
        ("Fecha,Concepto,Retiros,Depósitos,N° OPERACIÓN", ["N° OPERACIÓN"]),
        ("Fecha,Concepto,Retiros,Depósitos,Concepto", ["Concepto"]),
        ("Fecha,Concepto,Retiros,Depósitos,Sucursal", ["Sucursal"]),
        ("Fecha,Concepto,Retiros,Depósitos", []),
    ],
)
def test_headings_nobody_used_are_told(heading: str, unused: list[str]) -> None:
    more = ",dato" * (heading.count(",") - 3)
    rows = f"14/03/2026,x,300.00,{more}\n15/03/2026,y,,5.00{more}\n"
    assert read("a.csv", f"{heading}\n{rows}")["unused_headings"] == unused


def kinds(*pairs: tuple[str, str], inside: str = "") -> str:
    return ofx(
        *(
            f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>20260314<TRNAMT>{amount}<FITID>{n}{inside}<NAME>x"
            "</STMTTRN>\n"
            for n, (kind, amount) in enumerate(pairs)
        )
    )


@pytest.mark.parametrize(
    ("text", "amounts", "told"),
    [
        (
            kinds(("DEBIT", "1500.00"), ("CREDIT", "500.00")),
            ["-1500.00", "500.00"],
            {"signs-by-kind"},
        ),
        (
            kinds(("DEBIT", "1500.00"), ("DEBIT", "-5.00")),
            ["1500.00", "-5.00"],
            {"sign-against-kind"},
        ),
        (kinds(("DEBIT", "-15.00"), ("CREDIT", "5.00")), ["-15.00", "5.00"], set()),
        (
            kinds(("OTHER", "-15.00"), inside="<CORRECTFITID>8<CORRECTACTION>REPLACE"),
            ["-15.00"],
            {"transaction-corrects"},
        ),
    ],
)
def test_signs_and_corrections_of_an_ofx_are_not_taken_for_granted(
    text: str, amounts: list[str], told: set[str]
) -> None:
    found = read("a.ofx", text)
    assert (nets(found), codes(found)) == (amounts, told)


@pytest.mark.parametrize(
    ("inside", "party"),
    [
        ("<RvslInd>true</RvslInd>", "PROVEEDOR SA"),
        ("", "MI EMPRESA"),
    ],
)
def test_in_a_return_who_was_paid_is_the_other_side(inside: str, party: str) -> None:
    parties = (
        "<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>MI EMPRESA</Nm></Dbtr><DbtrAcct><Id><Othr><Id>ACC1"
        "</Id></Othr></Id></DbtrAcct><Cdtr><Nm>PROVEEDOR SA</Nm></Cdtr></RltdPties></TxDtls>"
        "</NtryDtls>"
    )
    (record,) = read("a.xml", camt(entry(inside=inside + parties)))["records"]
    assert (record["party"], record["counter_account"]) == (party, "")
