"""Statements of the large banks as their portals write them: recognised, and every amount on its
right side.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from importers import Failure, Finding, LedgerLine, Options, Source, read

IN, OUT = Decimal("1500.00"), Decimal("-250.50")
"""What the two movements of every statement below add to the account."""

STATEMENTS = {
    "bank-mx-banorte": (
        '"CUENTA","FECHA DE OPERACIÓN","FECHA","REFERENCIA","DESCRIPCIÓN","COD.'
        ' TRANSAC","SUCURSAL","DEPÓSITOS","RETIROS","SALDO","MOVIMIENTO","DESCRIPCIÓN'
        ' DETALLADA","CHEQUE"\n'
        '"\'0601500947","05/01/2026","05/01/2026","0000012","SPEI'
        ' RECIBIDO","001","0601","$1,500.00","-","$11,500.00","8801","DEL CLIENTE PEÑA","-"\n'
        '"\'0601500947","31/01/2026","31/01/2026","0000013","COMISION","002","0601","-","$250.50","$11,249.50","8802","COMISIÓN","-"\n'
    ),
    "bank-mx-bbva-dia": (
        "Día\tConcepto / Referencia\tcargo\tAbono\tSaldo\n"
        "05-01-2026\tSPEI RECIBIDO / 0012\t\t1,500.00\t11,500.00\n"
        "31-01-2026\tCOMISION / 0013\t-250.50\t\t11,249.50\n"
    ),
    "bank-mx-santander": (
        "Cuenta,Fecha,Hora,Sucursal,Descripcion,Cargo/Abono,Importe,Saldo,Referencia,Concepto\n"
        "'65501234567','05012026',10:00,0001,ABONO SPEI,+,1500.00,11500.00,'00000012',PAGO\n"
        "'65501234567','31012026',11:00,0001,COMISION,-,250.50,11249.50,'00000013',COM\n"
    ),
    "bank-mx-santander-cargos": (
        "Cuenta: 65501234567\nPeriodo de: 01/01/2026 al 31/01/2026\n\n"
        "Fecha,Hora,Sucursal,Descripcion,Importe Cargo,Importe Abono,Saldo,Referencia,Concepto\n"
        '\'05012026\',10:00,0001,ABONO SPEI,,"1,500.00","11,500.00",12,PAGO\n'
        "'31012026',11:00,0001,COMISION,250.50,,\"11,249.50\",13,COM\n"
    ),
    "bank-mx-banamex": (
        "Banco Nacional de México\nDetalle de Movimientos - Depósitos y"
        ' Retiros\nFecha,Descripción,Depósitos,Retiros,Saldo\n05/01/26,"SPEI Referencia Númerica:'
        ' 12",1500.00,,11500.00\n31/01/26,COMISION,,250.50,11249.50\n'
    ),
    "bank-mx-hsbc": (
        "Número de cuenta;Nombre del banco;Moneda;Saldo en libros al cierre;Referencia"
        " bancaria;Descripción;Referencia de cliente;Tipo de TRN;Importe de crédito;Importe del"
        " débito;Saldo;Fecha del apunte\n"
        "00401;HSBC;MXN;0;R1;SPEI;12;TRF;1500.00;;11500.00;05/01/2026\n"
        "00401;HSBC;MXN;0;R2;COMISION;13;CHG;;-250.50;11249.50;31/01/2026\n"
    ),
    "bank-mx-scotiabank": (
        "2026/01/05,00000000000477889717,1500.00,Abono,04233VIA270039144483,37000,SPEI,\n"
        "2026/01/31,00000000000477889718,250.50,Cargo,COMISION,37000,CONTRATO: 1,\n"
    ),
    "bank-mx-scotiabank-hoja": (
        "Fecha;Leyenda;LeyendaB;Referencia Numérica;Importe;Tipo;Saldo\n"
        "05/01/2026;SPEI;x;12;1500.00;ABONO;11500.00\n31/01/2026;COMISION;x;13;250.50;CARGO;11249.50\n"
    ),
    "bank-mx-inbursa": (
        "Fecha;Referencia;Ref. Externa;Referencia Leyenda;Ref."
        " Numérica;Movimiento;Cargo;Abono;Saldo;Ordenante;Clave de Rastreo\n"
        "01/01/2026;;;;;SALDO INICIAL;;;10000.00;;\n"
        "05/01/2026;12;;;;SPEI;;1500.00;11500.00;PEÑA;K1\n31/01/2026;13;;;;COMISION;250.50;;11249.50;;\n"
        ";;;;;Totales;250.50;1500.00;;;\n"
    ),
    "bank-mx-banbajio": (
        "EMPRESA SA DE CV,Cuenta 001\n#,Fecha"
        " Movimiento,Hora,Recibo,Descripción,Cargos,Abonos,Saldo\n1,05-Jan-2026,09:33:24,12,SPEI |"
        " Referencia: 12, de PEÑA,"
        " S.A.,0.00,1500.00,11500.00\n2,31-Jan-2026,10:00:00,13,COMISION,250.50,0.00,11249.50\n"
    ),
    "bank-mx-afirme": (
        "Concepto\tFecha (DD/MM/AA)\tReferencia\tCargo\tAbono\tSaldo\tCuenta\tCódigo\tNo."
        " Secuencia\n"
        "SPEI\t05/01/26\t12\t0.00\t1500.00\t11500.00\t001\tAB\t1\nCOMISION\t31/01/26\t13\t250.50\t0.00\t11249.50\t001\tCG\t2\n"
    ),
    "bank-mx-banregio": (
        ",Saldo,11249.50\n,CUENTA: 001\n"
        "Fecha,Descripción,Referencia,Cargo,Abonos,Saldo,Clasificación\n"
        "01/01/2026,Saldo Inicial,,,,10000.00,\n"
        "05/01/2026,SPEI,_12,,1500.00,11500.00,x\n31/01/2026,COMISION,_13,250.50,,11249.50,x\n"
    ),
    "bank-mx-mifel": (
        "Mifel Empresas,Reporte de movimientos: Cuenta"
        " 001\nFecha,Descripción,Folio,Referencia,Cargo (MXN),Abono (MXN),Saldo total"
        " (MXN),RFC,IVA(MXN),Cheque\n31/01/2026,COMISION,F2,13,250.50,-,11249.50,No"
        " aplica,-,-\n05/01/2026,SPEI,F1,12,-,1500.00,11500.00,No aplica,-,-\n"
    ),
    "bank-co-bancolombia": (
        "230-123456-78,230,,20260105,,1500.00,8050,TRANSFERENCIA DE PEÑA,0\n"
        "230-123456-78,230,,20260105,,11500.00,0,SALDO DIA,0\n"
        "230-123456-78,230,,20260131,,-250.50,9010,COBRO COMISION,0\n"
    ),
    "bank-co-bancolombia-texto": (
        "FECHA\tDOCUMENTO\tOFICINA\tDESCRIPCIÓN\tREFERENCIA\tVALOR\n"
        "2026/01/05\t\tCENTRO\tTRANSFERENCIA\t12\t1500.00\n2026/01/31\t\tCENTRO\tCOMISION\t13\t-250.50\n"
    ),
    "bank-co-bancolombia-extracto": (
        "FECHA;DESCRIPCIÓN;SUCURSAL;DCTO.;VALOR;SALDO\n"
        "5/01;TRANSFERENCIA;CENTRO;12;1,500.00;11,500.00\n31/01;COMISION;CENTRO;13;-250.50;11,249.50\n"
    ),
    "bank-co-davivienda": (
        "Fecha de Sistema;Documento;Descripción motivo;Transacción;Oficina de Recaudo;ID"
        " Origen/Destino;Valor Cheque;Valor Total;Referencia 1;Referencia"
        " 2\n05/01/2026;900;ABONO;Nota Crédito;CENTRO;9;$ 0,00;$"
        " 1.500,00;12;\n31/01/2026;901;COMISION;Nota Débito;CENTRO;9;$ 0,00;$ 250,50;13;\n"
    ),
    "bank-co-bogota": (
        '"Fecha","Transacción","Oficina","Documento","Débito","Crédito"\n'
        '"01/05","ABONO","CENTRO","12","","1500.00"\n"01/31","COMISION","CENTRO","13","250.50",""\n'
    ),
    "bank-co-bbva": (
        "FECHA DE OPERACIÓN;FECHA VALOR;NÚMERO DE MOVIMIENTO;CONCEPTO;OBSERVACIONES;IMPORTE (COP)\n"
        "05-01-2026;05-01-2026;1;ABONO;12;1.500,00\n31-01-2026;31-01-2026;2;COMISION;13;-250,50\n"
    ),
    "bank-co-aval": (
        "Fecha;Oficina;Transacción;Nro. Documento;Débitos;Créditos\n"
        "2026/01/05;C;ABONO;12;$ 0,00;$ 1.500,00\n2026/01/31;C;COMISION;13;$ 250,50;$ 0,00\n"
    ),
    "bank-co-caja-social": (
        "Fecha;Descripción;Documento;Oficina;Información Adicional;Débito;Crédito\n"
        "01/01/2026;SALDO INICIAL;;;;--;10.000,00\n"
        "05/01/2026;ABONO;12;C;;--;1.500,00\n31/01/2026;COMISION;13;C;;250,50;--\n"
    ),
    "bank-co-colpatria": (
        "Fecha;Identificación;Descripción;Naturaleza;Valor;Referencia\n"
        "05/01/2026;900;ABONO;C;1500,00;12\n31/01/2026;900;COMISION;D;250,50;13\n"
    ),
    "bank-co-itau": (
        "Fecha;Código Movimiento | No. Documento;Descripción;Ciudad;Débitos;Créditos\n"
        "05/01/2026;12;ABONO;BOGOTÁ;;1.500,00\n31/01/2026;13;COMISION;BOGOTÁ;250,50;\n"
    ),
}

BBVA_XML = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
  xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Hoja1"><Table>
<Row><Cell><Data ss:Type="String">Cuenta</Data></Cell><Cell>
  <Data ss:Type="String">0012345678</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">Fecha Operación</Data></Cell><Cell>
  <Data ss:Type="String">Concepto</Data></Cell>
<Cell><Data ss:Type="String">Referencia</Data></Cell><Cell>
  <Data ss:Type="String">Referencia Ampliada</Data></Cell>
<Cell><Data ss:Type="String">Cargo</Data></Cell><Cell><Data ss:Type="String">Abono</Data></Cell>
<Cell><Data ss:Type="String">Saldo</Data></Cell></Row>
<Row><Cell><Data ss:Type="DateTime">2026-01-31T00:00:00.000</Data></Cell><Cell>
  <Data ss:Type="String">COMISIÓN</Data></Cell>
<Cell><Data ss:Type="String">0013</Data></Cell><Cell ss:Index="5">
  <Data ss:Type="Number">250.5</Data></Cell>
<Cell ss:Index="7"><Data ss:Type="Number">11249.5</Data></Cell></Row>
<Row><Cell><Data ss:Type="DateTime">2026-01-05T00:00:00.000</Data></Cell><Cell>
  <Data ss:Type="String">SPEI</Data></Cell>
<Cell><Data ss:Type="String">0012</Data></Cell><Cell ss:Index="6">
  <Data ss:Type="Number">1500</Data></Cell>
<Cell ss:Index="7"><Data ss:Type="Number">11500</Data></Cell></Row>
</Table></Worksheet></Workbook>
"""


def movements(source: Source) -> list[tuple[str, Decimal]]:
    items = list(read(source))
    assert [
        item for item in items if isinstance(item, Finding | Failure) and not _is_note(item)
    ] == []
    lines = [item for item in items if isinstance(item, LedgerLine)]
    return [(line.date.isoformat(), line.debit - line.credit) for line in lines]


def _is_note(item: Finding | Failure) -> bool:
    return isinstance(item, Finding) and item.severity == "note"


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_a_statement_is_recognised_and_reads_in_the_polarity_of_the_ledger(
    name: str, encoding: str
) -> None:
    source = Source.of(
        "movimientos.csv", STATEMENTS[name].encode(encoding), Options(period="2026-01")
    )
    assert source.profile.name == name
    assert sorted(movements(source)) == [("2026-01-05", IN), ("2026-01-31", OUT)]


def test_the_workbook_of_bbva_that_is_xml() -> None:
    source = Source.of("movimientos.xls", BBVA_XML.encode())
    assert (source.container.value, source.profile.name) == ("spreadsheetml", "bank-mx-bbva")
    assert movements(source) == [("2026-01-31", OUT), ("2026-01-05", IN)]
    first, _ = [item for item in read(source) if isinstance(item, LedgerLine)]
    assert (first.line, first.reference) == (14, "0013")


def test_a_date_without_year_asks_for_the_period() -> None:
    items = list(read(Source.of("x.csv", STATEMENTS["bank-co-bogota"].encode())))
    assert next(item.code for item in items if isinstance(item, Finding)) == "date-without-year"


def test_a_missing_movement_breaks_the_chain_of_balances() -> None:
    text = STATEMENTS["bank-mx-inbursa"].replace("11249.50", "11000.00")
    (finding,) = [
        item for item in read(Source.of("x.csv", text.encode())) if isinstance(item, Finding)
    ]
    assert (finding.code, finding.line) == ("balance-chain", 4)
    assert finding.parameters["expected"] == Decimal("11249.50")


def test_a_ledger_with_charges_and_credits_is_no_bank_statement() -> None:
    text = "Fecha,Concepto,Referencia,Cargo,Abono,Saldo\n15/01/2026,Pago,F-1,1500.00,,11500.00\n"
    source = Source.of("auxiliar.csv", text.encode())
    assert source.profile.name == "ledger-table"
    assert movements(source) == [("2026-01-15", IN)]
