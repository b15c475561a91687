"""Contabilidad electrónica and CFDI, by namespace and to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from importers import Balance, Failure, Finding, LedgerLine, Line, Source, Voucher, inspect, read
from tests.conftest import DATA


@pytest.mark.parametrize(
    ("name", "profile", "vouchers", "movements", "debit"),
    [
        ("sat/PolizasDePrueba.xml", "sat-polizas", 10, 20, "100.00"),
        ("sat/AuxiliarDeCtasDePrueba.xml", "sat-auxiliar-cuentas", 0, 20, "500.00"),
        ("sat/BalanzaDePruebas.xml", "sat-balanza", 0, 0, "0.00"),
        ("sat/CatalogoDePruebas.xml", "sat-catalogo", 0, 0, "0.00"),
        ("sat/AuxiliarDeFoliosDePrueba.xml", "sat-auxiliar-folios", 0, 0, "0.00"),
        ("cfdi/cfdi33-valid.xml", "cfdi-3.3", 0, 1, "2382870.00"),
        ("cfdi/cfdi40-valid.xml", "cfdi-4.0", 0, 1, "3327.01"),
        ("cfdi/pagos20-calculator-007.xml", "cfdi-4.0", 0, 1, "3475821.96"),
    ],
)
def test_inspect_names_the_file_and_adds_it_up(
    name: str, profile: str, vouchers: int, movements: int, debit: str
) -> None:
    found = inspect(DATA / name)
    assert (found.profile, found.container, found.encoding) == (profile, "xml", "utf-8")
    assert (found.vouchers, found.movements, found.debit, found.readable) == (
        vouchers,
        movements,
        Decimal(debit),
        True,
    )
    assert found.dispositions.total() == len((DATA / name).read_bytes().splitlines())


def test_a_poliza_keeps_its_accounts_and_cfdi() -> None:
    first = next(
        item
        for item in read(Source.open(DATA / "sat/PolizasDePrueba.xml"))
        if isinstance(item, Voucher)
    )
    assert (first.number, first.date, first.lines[0].account) == (
        "DIARIO_1",
        date(2019, 1, 22),
        "105-0000-0000",
    )
    assert first.uuids == ("71A7359A-8CBE-40F0-B566-781CEEAFB7F2",)


def test_a_balance_is_checked() -> None:
    data = (
        (DATA / "sat/BalanzaDePruebas.xml")
        .read_bytes()
        .replace(b'SaldoFin="0.0"', b'SaldoFin="3.0"', 1)
    )
    found = list(read(Source.of("b.xml", data)))
    assert "total-mismatch" in [item.code for item in found if isinstance(item, Finding)]
    assert len([item for item in found if isinstance(item, Balance)]) == 4


def test_a_credit_note_is_a_credit() -> None:
    data = (
        (DATA / "cfdi/cfdi40-valid.xml")
        .read_bytes()
        .replace(b'TipoDeComprobante="I"', b'TipoDeComprobante="E"')
    )
    (line,) = [item for item in read(Source.of("c.xml", data)) if isinstance(item, LedgerLine)]
    assert (line.debit, line.credit, line.tax_id, line.currency) == (
        Decimal(0),
        Decimal("3327.01"),
        "MCI7306249Y1",
        "MXN",
    )


@pytest.mark.parametrize(
    "prologue",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_are_refused(prologue: bytes) -> None:
    data = (DATA / "cfdi/cfdi40-valid.xml").read_bytes()
    head, rest = data.split(b"?>", 1)
    source = Source.of("x.xml", head + b"?>" + prologue + rest)
    failures = [item for item in read(source) if isinstance(item, Failure)]
    assert failures


def test_a_declared_encoding_that_is_false_is_detected_anew() -> None:
    data = '<?xml version="1.0" encoding="utf-8"?><a n="señor Núñez"/>'.encode("cp1252")
    assert Source.of("x.xml", data).encoding == "cp1252"


def test_one_long_line_holds_many_records() -> None:
    data = b"".join(
        line.strip() for line in (DATA / "sat/PolizasDePrueba.xml").read_bytes().splitlines()
    )
    found = list(read(Source.of("one.xml", data)))
    assert len([item for item in found if isinstance(item, Voucher)]) == 10
    assert [item.disposition.value for item in found if isinstance(item, Line)] == ["record"]
