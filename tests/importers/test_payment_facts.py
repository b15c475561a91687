"""What is said of a transfer in its text: forms seen in the exports of Mexican banks."""

from __future__ import annotations

import pytest

from importers.payment_facts import PaymentFacts, facts_of, is_bank_charge
from tests.importers.reading import read

BANORTE = (
    "SPEI RECIBIDO, BCO:0014 SANTANDER HR LIQ: 10:11:12, DEL CLIENTE PEÑA Y ASOCIADOS SA DE CV,"
    " DE LA CLABE 014180001234567890 CON RFC MCI7306249Y1, CONCEPTO: FACT 45,"
    " REFERENCIA: 0693689 CVE RAST: 20260703400140HDH0000000001"
)
BAJIO = (
    "SPEI Enviado: | Institucion Receptora: BANORTE | Beneficiario: PROVEEDOR DEMO (Dato no"
    " verificado por esta institucion) | Cuenta Beneficiario: 072580001234567890"
    " RFC Beneficiario: EKU9003173C9 | Referencia: 99 | Clave de Rastreo: BB1738120020753"
)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            BANORTE,
            {
                "party": "PEÑA Y ASOCIADOS SA DE CV",
                "tax_id": "MCI7306249Y1",
                "counter_account": "014180001234567890",
                "reference": "0693689",
                "tracking_key": "20260703400140HDH0000000001",
            },
        ),
        (
            BAJIO,
            {
                "party": "PROVEEDOR DEMO",
                "tax_id": "EKU9003173C9",
                "counter_account": "072580001234567890",
                "reference": "99",
                "tracking_key": "BB1738120020753",
            },
        ),
        ("Ordenante: ACME SA Cuenta Ordenante: ND RFC Ordenante: ND", {"party": "ACME SA"}),
        ("PAGO REFERENCIA: 12345678901 FACTURA", {}),
        ("RFC: ABC991399XX1 no existe", {}),
        ("COMISION SPEI RFC: BBA830831LJ2", {}),
        ("I.V.A. COMISION R.F.C. BBA830831LJ2", {}),
        ("Pago de nómina", {}),
        ("CARGO POR COMISION SPEI, RFC: BMN930209927", {}),
        ("BENEF:NO INGRESAD (DATO NO VERIF POR ESTA INST) RFC: ND", {}),
        (
            "DEL CLIENTE JUAN PEREZ (DATO NO VERIFICADO POR ESTA INSTITUCION), DE LA CLABE",
            {"party": "JUAN PEREZ"},
        ),
        ("SPEI REFERENCIA: 0000000", {}),
        ("BENEFICIARIO: ANA LOPEZ REFERENCIA 1234567", {"party": "ANA LOPEZ"}),
        ("BENEF: RFC: X", {}),
        ("ABONO DEL CLIENTE POR VENTA A CREDITO", {}),
        ("CVE RAST: NOPROPORCIONADA", {}),
        (
            "COMISION FEDERAL DE ELECTRICIDAD, BENEF:CFE SUMINISTRADOR (DATO NO VERIF) CVE"
            " RASTREO: 8846APR2202607045509271085 RFC: CFE370814QI0",
            {
                "party": "CFE SUMINISTRADOR",
                "tax_id": "CFE370814QI0",
                "tracking_key": "8846APR2202607045509271085",
            },
        ),
    ],
)
def test_facts_stand_behind_their_labels(text: str, facts: dict[str, str]) -> None:
    assert facts_of(text) == facts


@pytest.mark.parametrize(
    ("text", "charge"),
    [
        ("COMISION POR TRANSFERENCIA", True),
        ("I.V.A. COM", True),
        ("IVA COMISIONES", True),
        ("GMF 4X1000", True),
        ("Intereses del mes", True),
        ("IVAN PEREZ", False),
        ("COMERCIALIZADORA DEL NORTE", False),
        ("Pago COMISION", False),
        ("COMISION FEDERAL DE ELECTRICIDAD", False),
        ("Comisión Nacional del Agua", False),
        ("COMISIONES BANCARIAS", True),
        ("Interesante Publicidad SA", False),
        ("CUOTAS CONDOMINIO LAS FLORES", False),
        ("CUOTA DE MANEJO", True),
    ],
)
def test_a_charge_of_the_bank_is_told_from_a_party(text: str, charge: bool) -> None:
    assert is_bank_charge(text) is charge


HEADING = "Fecha,Concepto,Referencia,Retiros,Depósitos\n"


def record(row: str, heading: str = HEADING) -> dict[str, str]:
    (found,) = read("tabla.csv", heading + row)["records"]
    return found


def test_columns_outrank_the_text_and_zeros_say_nothing() -> None:
    text = '"REFERENCIA: 77 RFC: MCI7306249Y1"'
    assert record(f"13/03/2026,{text},A-9,5.00,\n")["reference"] == "A-9"
    zeros = record(f"13/03/2026,{text},0000,5.00,\n")
    assert (zeros["reference"], zeros["tax_id"]) == ("77", "MCI7306249Y1")
    assert record("13/03/2026,Retiro,0,5.00,\n")["reference"] == ""


def test_a_ledger_is_not_searched() -> None:
    heading = "Fecha,Cuenta,Concepto,Cargo,Abono\n"
    found = record("13/03/2026,105-01,RFC: MCI7306249Y1,5.00,\n", heading)
    assert found["tax_id"] == ""


def test_a_layouts_own_pattern_outranks_its_columns() -> None:
    from datetime import date
    from decimal import Decimal

    from importers.records import LedgerLine

    line = LedgerLine(
        1, date(2026, 3, 13), Decimal(1), Decimal(0), reference="X", description="a / 77 b"
    )
    assert PaymentFacts([r"/ (?<reference>\d+)"]).completed(line).reference == "77"
