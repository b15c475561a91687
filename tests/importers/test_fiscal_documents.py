"""Withholdings of the SAT, payroll and events of the DIAN, yearly sums: documents that are no
invoices. Expected values are those of the documents' own attributes.
"""

from __future__ import annotations

import pytest

from tests.importers.reading import codes, nets, read

UUID = "6F35D3B5-3651-5370-BC2C-000000000011"
STAMP = (
    "<r:Complemento><t:TimbreFiscalDigital xmlns:t='http://www.sat.gob.mx/TimbreFiscalDigital'"
    f" UUID='{UUID}'/></r:Complemento>"
)


def retention(version: str, issuer: str, receiver: str, withheld: str = "1000.00") -> str:
    space = "http://www.sat.gob.mx/esquemas/retencionpago/" + version[0]
    if version == "1.0":
        return (
            f"<r:Retenciones xmlns:r='{space}' Version='1.0' FolioInt='5' CveRetenc='14'"
            " FechaExp='2017-02-10T10:00:00-06:00'>"
            f"<r:Emisor RFCEmisor='{issuer}' NomDenRazSocE='UNO'/>"
            f"<r:Receptor Nacionalidad='Nacional'><r:Nacional RFCRecep='{receiver}'"
            " NomDenRazSocR='DOS'/></r:Receptor><r:Periodo MesIni='1' MesFin='1' Ejerc='2017'/>"
            f"<r:Totales montoTotOperacion='9000' montoTotGrav='9000' montoTotExent='0'"
            f" montoTotRet='{withheld}'><r:ImpRetenidos montoRet='1000' TipoPagoRet='Pago"
            f" definitivo'/></r:Totales>{STAMP}</r:Retenciones>"
        )
    return (
        f"<r:Retenciones xmlns:r='{space}' Version='2.0' FolioInt='5' CveRetenc='14'"
        " FechaExp='2026-02-10T10:00:00'>"
        f"<r:Emisor RfcE='{issuer}' NomDenRazSocE='UNO' RegimenFiscalE='601'/>"
        f"<r:Receptor NacionalidadR='Nacional'><r:Nacional RfcR='{receiver}'"
        " NomDenRazSocR='DOS'/></r:Receptor><r:Periodo MesIni='01' MesFin='01' Ejercicio='2026'/>"
        f"<r:Totales MontoTotOperacion='9000' MontoTotGrav='9000' MontoTotExent='0'"
        f" MontoTotRet='{withheld}'><r:ImpRetenidos ImpuestoRet='001' MontoRet='1000'"
        f" TipoPagoRet='01'/></r:Totales>{STAMP}</r:Retenciones>"
    )


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize(
    ("issuer", "receiver", "net", "party"),
    [
        ("EKU9003173C9", "MCI7306249Y1", "-1000.00", "DOS"),
        ("MCI7306249Y1", "EKU9003173C9", "1000.00", "UNO"),
    ],
)
def test_what_was_withheld_stands_where_it_is_owed(
    version: str, issuer: str, receiver: str, net: str, party: str
) -> None:
    found = read("r.xml", retention(version, issuer, receiver))
    (record,) = found["records"]
    assert (nets(found), record["party"]) == ([net], party)
    assert (record["currency"], record["identifier"]) == ("MXN", UUID)
    assert record["document_type"] == "14"
    assert codes(found) <= {"unterminated", "rfc-check-digit"}


def test_parts_that_do_not_add_up_and_unknown_books_are_said() -> None:
    found = read("r.xml", retention("2.0", "MCI7306249Y1", "AAA010101AAA", withheld="999.00"))
    assert codes(found) >= {"total-mismatch", "whose-books"}


CUNE = "f" * 96


def payroll(
    inside: str = "",
    root: str = "NominaIndividual",
    total: str = "1580000.00",
    days: tuple[str, ...] = ("2026-06-30",),
    rounding: str = "",
) -> str:
    paid = "".join(f"<FechaPago>{day}</FechaPago>" for day in days)
    rounded = f"<Redondeo>{rounding}</Redondeo>" if rounding else ""
    body = (
        "<Periodo FechaLiquidacionInicio='2026-06-01' FechaLiquidacionFin='2026-06-30'/>"
        "<NumeroSecuenciaXML Numero='NE12'/>"
        f"<InformacionGeneral TipoXML='102' CUNE='{CUNE}' FechaGen='2026-07-01' TipoMoneda='COP'/>"
        "<Empleador RazonSocial='PROPIA' NIT='800333444'/>"
        "<Trabajador NumeroDocumento='1020304050' PrimerApellido='PEREZ' SegundoApellido=''"
        " PrimerNombre='ANA'/>"
        f"<FechasPagos>{paid}</FechasPagos>{rounded}"
        "<DevengadosTotal>1700000.00</DevengadosTotal>"
        "<DeduccionesTotal>120000.00</DeduccionesTotal>"
        f"<ComprobanteTotal>{total}</ComprobanteTotal>"
    )
    space = f"dian:gov:co:facturaelectronica:{root}"
    return f"<{root} xmlns='{space}'>{inside.replace('BODY', body) if inside else body}</{root}>"


def test_payroll_is_money_out_on_the_last_day_of_payment() -> None:
    found = read("n.xml", payroll(days=("2026-06-15", "2026-06-30")))
    (record,) = found["records"]
    assert (nets(found), record["date"]) == (["-1580000.00"], "2026-06-30")
    assert (record["party"], record["tax_id"]) == ("PEREZ ANA", "1020304050")
    assert (record["reference"], record["currency"], record["identifier"]) == ("NE12", "COP", CUNE)


@pytest.mark.parametrize(
    ("text", "count", "told"),
    [
        (payroll(total="1590000.00"), 1, {"total-mismatch"}),
        (payroll(total="1580000.40", rounding="0.40"), 1, set()),
        (payroll(total="x"), 0, {"not-an-amount"}),
        (
            payroll(
                "<Reemplazar><ReemplazandoPredecesor NumeroPred='NE11'/>BODY</Reemplazar>",
                root="NominaIndividualDeAjuste",
            ),
            1,
            {"document-replaces"},
        ),
        (
            "<NominaIndividualDeAjuste xmlns='dian:gov:co:facturaelectronica:"
            "NominaIndividualDeAjuste'><Eliminar><EliminandoPredecesor NumeroPred='NE11'/>"
            "<NumeroSecuenciaXML Numero='NE13'/></Eliminar></NominaIndividualDeAjuste>",
            0,
            {"document-voids"},
        ),
    ],
)
def test_payroll_says_what_it_is(text: str, count: int, told: set[str]) -> None:
    found = read("n.xml", text)
    assert len(found["records"]) == count
    assert codes(found) - {"unterminated"} == told


def test_an_event_is_told_and_moves_nothing() -> None:
    text = (
        "<ApplicationResponse"
        " xmlns='urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2'>"
        "<DocumentResponse><Response><ResponseCode>033</ResponseCode>"
        "<Description>Aceptación expresa</Description></Response>"
        "<DocumentReference><ID>FE-1</ID></DocumentReference></DocumentResponse>"
        "</ApplicationResponse>"
    )
    found = read("e.xml", text)
    assert found["records"] == []
    told = [one["message"] for one in found["findings"] if one["code"] == "no-effect"]
    assert len(told) == 1
    assert "033 Aceptación expresa FE-1" in told[0]


@pytest.mark.parametrize(
    "heading",
    [
        "Concepto,Tipo Doc,No ID,DV,Apellido1,Razon Social,Pago Deducible",
        "Concepto,Tipo de documento,Número identificación,Primer apellido del informado,Valor",
    ],
)
def test_yearly_sums_are_refused_in_words(heading: str) -> None:
    found = read("f1001.csv", f"{heading}\n5016,31,900111222,3,,ACME,1000000\n")
    assert (found["refused"] or {})["code"] == "yearly-sums"
    assert found["records"] == []
