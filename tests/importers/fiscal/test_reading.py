"""Fiscal documents as neutral documents: the samples have the values of their papers, the variants
one trap each, whose right reading is the authority's rule.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importers.archives import Export, exports_in
from importers.content import Content
from importers.fiscal import Reading, read_documents
from tests.conftest import DATA

FOLDER = DATA / "documents"
SAMPLES = sorted(path.name for path in FOLDER.glob("*.expected.json"))
OWN_MX, OWN_CO = ["EKU9003173C9"], ["900123456"]


def fits(seen: Any, wanted: Any) -> bool:
    """Whether everything wanted is there and equal; what is more says nothing."""
    if isinstance(wanted, dict):
        return all(name in seen and fits(seen[name], value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return len(seen) == len(wanted) and all(map(fits, seen, wanted))
    return bool(seen == wanted)


def exports() -> list[Export]:
    return [one for one in exports_in(FOLDER) if not one.name.endswith(".json")]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_says_what_its_paper_says(name: str) -> None:
    wanted = json.loads((FOLDER / name).read_text("utf-8"))
    own, checks = wanted.pop("own"), wanted.pop("checks")
    assert checks
    stem = name.removesuffix(".expected.json")
    of_folder = stem.startswith("mx11")
    chosen = [one for one in exports() if of_folder or one.name.startswith(stem)]
    found = read_documents(chosen, own)
    assert fits(found.as_json(), wanted)
    if not of_folder:
        assert [said.finding.code for said in found.findings] == []


def text_of(name: str) -> str:
    return next(FOLDER.glob(f"{name}*.xml")).read_text("utf-8")


def read(*texts: str | bytes, own: list[str] = OWN_MX, names: tuple[str, ...] = ()) -> Reading:
    def export(place: int, text: str | bytes) -> Export:
        data = text.encode() if isinstance(text, str) else text
        name = names[place] if names else f"{place}.xml"
        return Export(name, Content.of(data), name)

    return read_documents([export(place, text) for place, text in enumerate(texts)], own)


def told(found: Reading) -> set[str]:
    return {said.finding.code for said in found.findings}


def changed(name: str, *pairs: tuple[str, str]) -> str:
    text = text_of(name)
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    return text


@pytest.mark.parametrize(
    ("name", "pairs", "code"),
    [
        ("mx01", [('TipoCambio="17.5013"', 'TipoCambio="1"')], "rate-missing"),
        ("mx01", [('TipoCambio="17.5013" ', "")], "rate-missing"),
        ("mx01", [('Total="2087.83"', 'Total="2087.84"')], "total-mismatch"),
        ("mx05", [('Total="9533.33"', 'Total="11600.00"')], "total-mismatch"),
        ("mx03", [('Monto="17513.92"', 'Monto="17000.00"')], "total-mismatch"),
        ("mx03", [('ImpSaldoInsoluto="1087.83"', 'ImpSaldoInsoluto="1000.00"')], "total-mismatch"),
        ("mx09", [('Importe="780.25"', 'Importe="780.00"')], "total-mismatch"),
        ("mx12", [('MontoRet="5000.00"', 'MontoRet="4000.00"')], "total-mismatch"),
        ("mx01", [(' UUID="A0C0FFEE-0000-4000-8000-000000000101"', "")], "not-stamped"),
        ("mx01", [('Rfc="EKU9003173C9"', 'Rfc="IIA040805DZ4"')], "foreign-document"),
        ("mx01", [('TipoCambio="17.5013"', 'TipoCambio="1.0000"')], "rate-missing"),
        ("mx01", [('Rfc="XIA190128J61"', 'Rfc="EKU9003173C9"')], "own-document"),
        ("mx01", [('Version="4.0"', 'Version="3.2"')], "cfdi-version"),
        ("mx01", [('Importe="1500.00"', 'Importe="-1500.00"')], "not-an-amount"),
        ("mx01", [('Importe="1500.00"', 'Importe="1,500.00"')], "not-an-amount"),
    ],
)
def test_a_mexican_paper_that_is_not_right_says_so(
    name: str, pairs: list[tuple[str, str]], code: str
) -> None:
    assert code in told(read(changed(name, *pairs)))


@pytest.mark.parametrize(
    ("name", "pairs", "code"),
    [
        (
            "co01",
            [(">1559500.00</cbc:PayableAmount>", ">1481340.00</cbc:PayableAmount>")],
            "total-mismatch",
        ),
        ("co01", [("<cbc:ProfileExecutionID>1<", "<cbc:ProfileExecutionID>2<")], "test-document"),
        ("co01", [(">COP<", ">USD<")], "rate-missing"),
        ("co01", [("1f36d6d26df4", "1f36d6d2")], "cufe-form"),
        (
            "co07",
            [(">2089095.00</ComprobanteTotal>", ">2080000.00</ComprobanteTotal>")],
            "total-mismatch",
        ),
        ("co07", [('NIT="900123456"', 'NIT="800000001"')], "foreign-document"),
        ("co07", [('Ambiente="1"', 'Ambiente="2"')], "test-document"),
        ("co07", [('TipoMoneda="COP"', 'TipoMoneda="USD"')], "rate-missing"),
    ],
)
def test_a_colombian_paper_that_is_not_right_says_so(
    name: str, pairs: list[tuple[str, str]], code: str
) -> None:
    assert code in told(read(changed(name, *pairs), own=OWN_CO))


def taxes_of(text: str, own: list[str]) -> dict[str, str]:
    (document,) = read(text, own=own).as_json()["documents"]
    return {tax["key"]: tax["amount"] for tax in document["taxes"]}


IVA = 'Base="1500.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="240.00"'


@pytest.mark.parametrize(
    ("tax", "key"),
    [
        ('Base="1500.00" Impuesto="002" TipoFactor="Exento"', "MX:IVA:T:exempt"),
        (
            'Base="1500.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.000000" Importe="0.00"',
            "MX:IVA:T:0.000000",
        ),
        (
            'Base="10.00" Impuesto="003" TipoFactor="Cuota" TasaOCuota="5.453700" Importe="54.54"',
            "MX:IEPS:q5.453700",
        ),
    ],
)
def test_every_factor_has_a_key_of_its_own(tax: str, key: str) -> None:
    assert key in taxes_of(changed("mx01", (IVA, tax)), OWN_MX)


def test_header_and_line_taxes_of_the_dian_are_the_same_money() -> None:
    assert taxes_of(text_of("co01"), OWN_CO) == {
        "CO:01:T:19.00": "190000.00",
        "CO:01:T:5.00": "9500.00",
        "CO:01:T:0.00": "0.00",
    }


def test_an_old_header_of_more_decimals_stands() -> None:
    text = changed(
        "mx01",
        ('Version="4.0"', 'Version="3.3"'),
        ('TotalImpuestosTrasladados="287.98"', 'TotalImpuestosTrasladados="287.9804"'),
    )
    found = read(text)
    (document,) = found.as_json()["documents"]
    assert document["totals"]["transferred"] == "287.98"
    assert told(found) == set()


@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        ([('TipoDeComprobante="I"', 'TipoDeComprobante="E"')], "sales_credit"),
        (
            [
                (
                    "<cfdi:Emisor",
                    '<cfdi:CfdiRelacionados TipoRelacion="02"><cfdi:CfdiRelacionado'
                    ' UUID="A0C0FFEE-0000-4000-8000-000000000001"/></cfdi:CfdiRelacionados>'
                    "<cfdi:Emisor",
                ),
            ],
            "sales_debit",
        ),
        (
            [
                ('Rfc="EKU9003173C9"', 'Rfc="IIA040805DZ4"'),
                ('Rfc="XIA190128J61"', 'Rfc="EKU9003173C9"'),
            ],
            "purchase_bill",
        ),
    ],
)
def test_the_type_and_the_side_make_the_kind(pairs: list[tuple[str, str]], kind: str) -> None:
    (document,) = read(changed("mx01", *pairs)).as_json()["documents"]
    assert document["kind"] == kind


def test_a_payment_received_is_a_payment_out() -> None:
    text = changed(
        "mx03",
        ('Rfc="EKU9003173C9"', 'Rfc="IIA040805DZ4"'),
        ('Rfc="XIA190128J61"', 'Rfc="EKU9003173C9"'),
    )
    assert read(text).as_json()["documents"][0]["kind"] == "payment"


PAGO10 = """<?xml version="1.0"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" xmlns:pago10="http://www.sat.gob.mx/Pagos"
 Version="3.3" Fecha="2021-03-30T17:37:19" SubTotal="0" Moneda="XXX" Total="0"
 TipoDeComprobante="P"><cfdi:Emisor Rfc="EKU9003173C9"/><cfdi:Receptor Rfc="XIA190128J61"/>
<cfdi:Complemento><pago10:Pagos Version="1.0">PAYMENTS</pago10:Pagos>
<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital"
 UUID="a0c0ffee-0000-4000-8000-000000000200"/></cfdi:Complemento></cfdi:Comprobante>"""
ONE = (
    '<pago10:Pago FechaPago="2021-03-29T12:00:00" FormaDePagoP="03" MonedaP="MXN" Monto="580.00">'
    '<pago10:DoctoRelacionado IdDocumento="a0c0ffee-0000-4000-8000-000000000101" MonedaDR="MXN"/>'
    "</pago10:Pago>"
)
TWO = (
    '<pago10:Pago FechaPago="2021-03-30T12:00:00" FormaDePagoP="03" MonedaP="USD"'
    ' TipoCambioP="20.5" Monto="100.00"/>'
)


def test_each_pago_of_a_complement_is_a_payment() -> None:
    found = read(PAGO10.replace("PAYMENTS", ONE + TWO))
    first, second = found.as_json()["documents"]
    assert (first["reference"], second["reference"]) == (
        "CFDI:A0C0FFEE-0000-4000-8000-000000000200#1",
        "CFDI:A0C0FFEE-0000-4000-8000-000000000200#2",
    )
    (part,) = first["applications"]
    assert (part["id"], part["paid"], first["unapplied"]) == (
        "A0C0FFEE-0000-4000-8000-000000000101",
        "580.00",
        "0.00",
    )
    assert (second["currency"], second["rate"], second["unapplied"]) == ("USD", "20.5", "100.00")
    assert told(found) == set()


def test_a_part_without_amount_or_equivalence_is_not_guessed() -> None:
    two = ONE.replace("</pago10:Pago>", ONE[ONE.index("<pago10:Docto") :])
    assert told(read(PAGO10.replace("PAYMENTS", two))) == {"not-an-amount"}
    foreign = ONE.replace('MonedaDR="MXN"', 'MonedaDR="USD" ImpPagado="20.00"')
    assert told(read(PAGO10.replace("PAYMENTS", foreign))) == {"not-an-amount"}


def test_the_same_document_twice_counts_once_and_another_content_is_said() -> None:
    text = text_of("mx01")
    copies = read(text, text, "\ufeff" + text, names=("a.xml", "b.xml", "c.xml"))
    assert len(copies.documents) == 1
    assert told(copies) == {"repeated-document"}
    other = changed("mx01", ('Folio="101"', 'Folio="999"'))
    assert told(read(text, other)) == {"document-differs"}


def test_a_container_and_its_document_are_one() -> None:
    container = text_of("co02")
    start = container.index("<![CDATA[") + len("<![CDATA[")
    inner = container[start : container.index("]]>", start)]
    found = read(container, inner, own=OWN_CO)
    assert len(found.documents) == 1
    assert told(found) == {"repeated-document"}


def test_a_rejected_or_cancelled_document_is_said() -> None:
    rejected = changed("co02", (">02<", ">04<"))
    found = read(rejected, own=OWN_CO)
    assert found.documents[0].fiscal["status"] == "rejected"
    assert told(found) == {"cancelled-document"}
    whole = read_documents(exports(), OWN_MX)
    states = {one.number["text"]: one.fiscal["status"] for one in whole.documents}
    assert (states["H-560"], states["F-88"], states["A-101"]) == ("cancelled", "valid", "unknown")


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        lambda text: b"\xef\xbb\xbf\r\n  " + text.encode(),
        lambda text: text.replace("cfdi:", "x:").replace("xmlns:cfdi", "xmlns:x").encode(),
    ],
)
def test_any_encoding_and_prefix_is_read_alike(wrap: Callable[[str], bytes]) -> None:
    (document,) = read(wrap(text_of("mx01"))).as_json()["documents"]
    assert document["lines"][0]["text"] == "Consultoría mensual"
    assert document["totals"]["total"] == "2087.83"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<html><body>login</body></html>", "not-a-document"),
        ("hola", "not-a-document"),
        ("<cfdi:Comprobante", "not-a-document"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "xml-entities"),
        ("<NominaIndividual/>", "not-an-amount"),
        ("<Invoice/>", "not-an-amount"),
    ],
)
def test_what_is_no_document_is_said_and_nothing_crashes(text: str, code: str) -> None:
    found = read(text)
    assert found.documents == []
    assert told(found) & {code, "not-a-document", "not-an-amount", "damaged-xml"}


def test_a_folder_goes_on_after_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<cfdi:Comprobante", "utf-8")
    (tmp_path / "b.xml").write_text(text_of("mx01"), "utf-8")
    found = read_documents(exports_in(tmp_path), OWN_MX)
    assert [one.number["text"] for one in found.documents] == ["A-101"]
    assert len(found.findings) == 1


EVENT = (
    "<ApplicationResponse"
    " xmlns='urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2'>"
    "<DocumentResponse><Response><ResponseCode>CODE</ResponseCode></Response>"
    "<DocumentReference><ID>FE-1</ID><UUID>ABC</UUID></DocumentReference></DocumentResponse>"
    "</ApplicationResponse>"
)


@pytest.mark.parametrize(("code", "codes"), [("034", set()), ("031", {"document-claimed"})])
def test_an_event_says_of_which_document_it_is(code: str, codes: set[str]) -> None:
    found = read(EVENT.replace("CODE", code), own=[])
    (event,) = found.as_json()["documents"]
    assert (event["kind"], event["fiscal"]["type"]) == ("event", code)
    assert (event["relations"][0]["id"], event["relations"][0]["number"]) == ("abc", "FE-1")
    assert told(found) - {"whose-books-unsaid"} == codes


@pytest.mark.parametrize("first", [0, 1])
def test_a_verdict_reaches_its_document_in_any_order(first: int) -> None:
    container = changed("co02", (">02<", ">04<"))
    start = container.index("<![CDATA[") + len("<![CDATA[")
    inner = container[start : container.index("]]>", start)]
    texts = [container, inner] if first else [inner, container]
    (document,) = read(*texts, own=OWN_CO).documents
    assert document.fiscal["status"] == "rejected"
    assert [one.role for one in document.attachments] == ["container", "legal_xml", "legal_xml"]


def test_an_answer_of_the_dian_is_the_state_of_its_document() -> None:
    uuid = json.loads((FOLDER / SAMPLES[0]).read_text("utf-8"))["documents"][0]["fiscal"]["id"]
    answer = EVENT.replace("CODE", "04").replace("ABC", uuid)
    (document,) = read(text_of("co01"), answer, own=OWN_CO).documents
    assert document.fiscal["status"] == "rejected"


def test_a_cancelled_document_is_never_valid_again() -> None:
    heading = (FOLDER / "mx11_sat_metadata.txt").read_text("utf-8").split("\n")[0].strip()
    cells = ["A0C0FFEE-0000-4000-8000-000000000107", *"abcdefgh", "I"]
    rows = ["~".join([*cells, state, ""]) for state in ("0", "1", "")]
    texts = [f"{heading}\r\n{row}\r\n" for row in rows]
    found = read(text_of("mx07"), *texts, names=("a.xml", "1.txt", "2.txt", "3.txt"))
    assert found.documents[0].fiscal["status"] == "cancelled"
    assert [one.status for one in found.status] == ["cancelled"]


def test_the_same_xml_in_two_zips_is_one_document(tmp_path: Path) -> None:
    import zipfile

    for name in ("a", "b"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("x.xml", text_of("mx01"))
            archive.writestr("y.xml", text_of("mx05"))
    found = read_documents(exports_in(tmp_path), OWN_MX)
    assert len(found.documents) == 2
    assert told(found) == {"repeated-document"}


RELATED = (
    '<cfdi:CfdiRelacionados TipoRelacion="04"><cfdi:CfdiRelacionado'
    ' UUID="a0c0ffee-0000-4000-8000-000000000001"/></cfdi:CfdiRelacionados><cfdi:Emisor'
)


@pytest.mark.parametrize("name", ["mx01", "mx03", "mx09"])
def test_every_type_says_what_it_substitutes(name: str) -> None:
    (document,) = read(changed(name, ("<cfdi:Emisor", RELATED))).as_json()["documents"]
    assert document["relations"][0]["type"] == "04"
    assert document["relations"][0]["id"] == "A0C0FFEE-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("tax", "way", "final"),
    [("001", "03", True), ("001", "04", False), ("002", "01", True), ("003", "02", True)],
)
def test_a_withholding_is_final_by_the_authoritys_list(tax: str, way: str, final: bool) -> None:
    text = changed("mx12", ('ImpuestoRet="001"', f'ImpuestoRet="{tax}"'))
    text = text.replace('TipoPagoRet="01"', f'TipoPagoRet="{way}"')
    assert read(text).as_json()["documents"][0]["withheld"][0]["final"] is final


def test_a_peso_invoice_paid_in_dollars_goes_by_the_rate_of_the_payment() -> None:
    payment = (
        '<pago10:Pago FechaPago="2021-03-29T12:00:00" MonedaP="USD" TipoCambioP="21.5"'
        ' Monto="1000.00"><pago10:DoctoRelacionado IdDocumento="X" MonedaDR="MXN"'
        ' TipoCambioDR="1" ImpPagado="21500.00"/></pago10:Pago>'
    )
    (document,) = read(PAGO10.replace("PAYMENTS", payment)).as_json()["documents"]
    (part,) = document["applications"]
    assert (part["paid_in_payment_currency"], document["unapplied"]) == ("1000.00", "0.00")


@pytest.mark.parametrize("rounding", ["0.40", "-0.40"])
def test_a_pay_slip_balances_with_its_rounding(rounding: str) -> None:
    net = f"{2089095 + float(rounding):.2f}"
    text = changed(
        "co07",
        (">2089095.00</ComprobanteTotal>", f">{net}</ComprobanteTotal>"),
        ("<DevengadosTotal>", f"<Redondeo>{rounding}</Redondeo><DevengadosTotal>"),
    )
    found = read(text, own=OWN_CO)
    (document,) = found.documents
    assert document.entry is not None
    assert sum(one.debit for one in document.entry) == sum(one.credit for one in document.entry)
    assert told(found) == set()


def test_a_support_document_of_the_buyer_is_not_the_sellers_debt() -> None:
    (document,) = read(text_of("co03"), own=["1000000001"]).documents
    assert document.kind == "ignored"


@pytest.mark.parametrize("wrapped", ["plain", "lines", "embedded", "latin"])
def test_a_container_carries_its_document_in_many_ways(wrapped: str) -> None:
    import base64

    container = text_of("co02")
    start = container.index("<![CDATA[") + len("<![CDATA[")
    inner = container[start : container.index("]]>", start)]
    data = inner.replace("Almuerzo", "Piñata").encode()
    if wrapped == "latin":
        data = inner.replace("Almuerzo", "Piñata").replace("UTF-8", "ISO-8859-1").encode("latin-1")
    code = base64.encodebytes(data) if wrapped == "lines" else base64.b64encode(data)
    text = container.replace(f"<![CDATA[{inner}]]>", code.decode(), 1)
    if wrapped == "embedded":
        text = text.replace("<cac:ExternalReference>", "<cbc:EmbeddedDocumentBinaryObject>", 1)
        start = text.index("<cbc:EmbeddedDocumentBinaryObject>") + 34
        end = text.index("</cac:ExternalReference>", start)
        text = (
            f"{text[:start]}{code.decode()}</cbc:EmbeddedDocumentBinaryObject>"
            + text[end + len("</cac:ExternalReference>") :]
        )
    (document,) = read(text, own=OWN_CO).as_json()["documents"]
    assert document["lines"][0]["text"] == "Piñata"
    assert document["fiscal"]["status"] == "valid"


@pytest.mark.parametrize(
    ("name", "pairs", "keys"),
    [
        (
            "mx01",
            [('TasaOCuota="0.160000" Importe="240.00"', 'TasaOCuota="0.16" Importe="240.00"')],
            {"MX:IVA:T:0.160000": "287.98"},
        ),
        (
            "mx07",
            [('TasadeTraslado="3.00"', 'TasadeTraslado="3"')],
            {"MX:LOCAL:T:ISH:3.00": "60.00"},
        ),
    ],
)
def test_one_rate_is_one_key_however_it_is_written(
    name: str, pairs: list[tuple[str, str]], keys: dict[str, str]
) -> None:
    assert keys.items() <= taxes_of(changed(name, *pairs), OWN_MX).items()


def test_a_foreigner_keeps_the_number_of_its_country() -> None:
    text = changed("mx01", ('Rfc="XIA190128J61"', 'Rfc="XEXX010101000" NumRegIdTrib="98-76.AB"'))
    party = read(text).as_json()["documents"][0]["party"]
    assert (party["foreign_id"], party["country"], party["generic"]) == ("98-76.AB", "", True)


def test_drafts_without_a_stamp_are_each_their_own() -> None:
    texts = [
        changed(name, (f' UUID="A0C0FFEE-0000-4000-8000-000000000{n}"', ""))
        for name, n in (("mx01", 101), ("mx05", 105))
    ]
    found = read(*texts)
    assert len(found.documents) == 2
    assert told(found) == {"not-stamped"}


def test_a_transfer_of_goods_is_ignored_and_not_missing() -> None:
    text = changed("mx01", ('TipoDeComprobante="I"', 'TipoDeComprobante="T"'))
    (document,) = read(text).documents
    assert (document.kind, document.reason) == ("ignored", "CFDI T")


def test_what_accompanies_documents_is_named() -> None:
    found = read(text_of("mx01"), b"%PDF-1.7", "nota", names=("a.xml", "a.pdf", "nota.txt"))
    assert len(found.documents) == 1
    assert told(found) == {"no-effect"}
    assert told(read(b"%PDF-1.7", names=("a.pdf",))) == {"not-a-document"}
