"""A suggestion is right or silent; what is not sure is a question."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.sending.suggestions import Chart, Suggestion
from connectors.documents import RemoteAccount
from tests.benchmarks.map_accuracy import PAIRS, now, score

MX = {
    "101.01.01": "Caja y efectivo",
    "102.01.01": "Bancos nacionales",
    "105.01.01": "Clientes nacionales",
    "110.01.01": "Subsidio al empleo por aplicar",
    "118.01.01": "IVA acreditable pagado",
    "171.03.01": "Depreciación acumulada de automóviles",
    "201.01.01": "Proveedores nacionales",
    "208.01.01": "IVA trasladado cobrado",
    "210.01.01": "Provisión de sueldos y salarios por pagar",
    "701.01.01": "Pérdida cambiaria",
    "702.01.01": "Utilidad cambiaria",
}
ENGLISH = {
    "090": "Business Bank Account",
    "120": "Accounts Receivable",
    "200": "Sales",
    "400": "Advertising",
    "404": "Bank Fees",
    "489": "Telephone & Internet",
    "499": "Realised Currency Gains",
    "710": "Office Equipment",
    "711": "Less Accumulated Depreciation on Office Equipment",
    "740": "Vehicles",
    "820": "VAT",
}


def suggested(chart: Mapping[str, str], ours: Mapping[str, str], code: str) -> Suggestion:
    accounts = [RemoteAccount(known, name) for known, name in chart.items()]
    return Chart(accounts, ours).suggest(code)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_whatever_is_taken_without_a_person_is_right(source: str, target: str) -> None:
    got = score(source, target, now)
    assert got.taken and (got.right, got.grave, got.questions) == (got.taken, 0, 0)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("1101", "Caja"),
        ("1103", "Clientes"),
        ("2101", "Proveedores"),
        ("2105", "Acreedores bancarios"),
    ],
)
def test_the_beginning_of_a_code_says_nothing(code: str, name: str) -> None:
    found = suggested(MX, {code: name, "1102": "Bancos", "4101": "Ventas"}, code)
    assert found.code not in ("110.01.01", "210.01.01")


@pytest.mark.parametrize(
    ("code", "name", "never"),
    [
        ("400100", "Ventas nacionales", "400"),
        ("499100", "Pérdida cambiaria", "499"),
        ("740900", "Depreciación acumulada de vehículos", "740"),
        ("711", "Equipo de oficina", "711"),
        ("820", "VIAT viajes", "820"),
    ],
)
def test_a_short_chart_is_no_group_of_a_long_one(code: str, name: str, never: str) -> None:
    found = suggested(ENGLISH, {code: name}, code)
    assert not (found.code == never and found.is_sure)


def test_directions_are_never_crossed() -> None:
    ours = {"7001": "Ganancia cambiaria", "2408": "IVA trasladado", "1105": "IVA acreditable"}
    assert suggested(MX, ours, "7001").code == "702.01.01"
    assert suggested(MX, ours, "2408").code == "208.01.01"
    assert suggested(MX, ours, "1105").code == "118.01.01"
    assert not suggested(MX, ours, "1105").is_sure


def test_an_equal_code_needs_a_name_that_agrees() -> None:
    chart = {"240802": "IVA descontable", "240805": "IVA generado", "111005": "Bancolombia"}
    ours = {"240805": "IVA descontable 19%", "111005": "Davivienda", "240802": "IVA descontable"}
    assert suggested(chart, ours, "240802").is_sure
    assert suggested(chart, ours, "240805").code == "240802"
    assert not suggested(chart, ours, "111005").is_sure


def test_codes_of_one_system_are_enough_where_no_file_says_names() -> None:
    ours = {"102010001": "", "105010007": "", "201010002": "", "208010001": ""}
    found = {code: suggested(MX, ours, code) for code in ours}
    assert [one.code for one in found.values()] == [
        *("102.01.01", "105.01.01", "201.01.01", "208.01.01"),
    ]
    assert all(one.is_sure for one in found.values())


def test_people_and_what_the_target_lacks_are_questions() -> None:
    ours = {"5": "Juan Hernández", "6": "Sucursal 2", "7": "Suscripciones digitales"}
    assert [suggested(MX, ours, code).code for code in ours] == ["", "", ""]
