"""Siigo's own rules: what it would refuse is refused before it counts as an error of the user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connectors import Contact, EntryLine, Invoice, InvoiceLine, JournalEntry, Kind, Payment
from connectors.contract import Unsupported
from connectors.documents import Need
from connectors.errors import Rejected
from connectors.siigo import VENDOR, SiigoConnector
from connectors.siigo.municipalities import code_of
from connectors.transport import Timeouts, Transport
from connectors.vendor import Access
from tests.connectors.fakes import siigo

NIT = "900123456"


@pytest.fixture
def server() -> Iterator[siigo.FakeSiigo]:
    made = siigo.FakeSiigo()
    yield made
    made.stop()


@pytest.fixture
def connector(server: siigo.FakeSiigo) -> Iterator[SiigoConnector]:
    made = SiigoConnector(Transport(server.url, Timeouts(2, 5)), "contador@acme.co", siigo.KEY)
    yield made
    made.close()


def entry(account: str = "11050501", journal: str = "", **of_line: str) -> JournalEntry:
    first = replace(EntryLine(account, Decimal(100), Decimal(0), "Venta", NIT), **of_line)
    other = replace(first, account="41359501", debit=Decimal(0), credit=Decimal(100))
    return JournalEntry("R/1", date(2026, 1, 15), journal, "Venta", (first, other), "CC-77")


def writes(server: siigo.FakeSiigo) -> list[str]:
    return [request.path for request in server.requests if request.method == "POST"]


@pytest.mark.parametrize(
    "given",
    [
        entry(partner=""),
        entry("13050501"),
        entry("13050501", document="Factura 1001 de 2025"),
        entry("13050501", document="Pago 12/2025"),
        entry("24080501"),
        entry("14350101"),
        entry(journal="2"),
    ],
    ids=[
        "no party",
        "no document",
        "free text",
        "a month",
        "no tax",
        "no product",
        "no cost centre",
    ],
)
def test_what_siigo_asks_of_a_line_is_asked_here(
    server: siigo.FakeSiigo, connector: SiigoConnector, given: JournalEntry
) -> None:
    with pytest.raises(Rejected):
        connector.create(given)
    assert "/v1/journals" not in writes(server)


def test_a_receivable_line_names_its_invoice_and_its_day(
    server: siigo.FakeSiigo, connector: SiigoConnector
) -> None:
    assert connector.create(entry("13050501", document="FV-2-22")).remote_id
    (item, _) = server.rows["journals"][0]["items"]
    assert item["due"] == {
        "prefix": "FV-2",
        "consecutive": 22,
        "quote": 1,
        "date": "2026-01-15",
    }


def test_the_chosen_document_type_says_whether_a_number_and_a_cost_centre_are_needed(
    server: siigo.FakeSiigo, connector: SiigoConnector
) -> None:
    kinds = {journal.code: journal.needs for journal in connector.journals()}
    assert kinds == {"24446": frozenset(), "24447": frozenset({Need.DIMENSION})}
    connector.create(entry(journal="24447", dimension="235"))
    (made,) = server.rows["journals"]
    assert (made["number"], made["items"][0]["cost_center"]) == (77, 235)


def test_what_accounts_ask_is_an_option_of_the_connection() -> None:
    access = Access("u", options={"tax_accounts": "-", "due_accounts": "1310, 2335"})
    made = VENDOR.make(Transport("http://127.0.0.1:9"), access, lambda *_: None)  # type: ignore[arg-type,return-value]
    needs = made.capabilities.needs
    assert needs[""] == frozenset({Need.PARTY}) and needs["1435"] == frozenset({Need.PRODUCT})
    assert (needs["2408"], needs["1305"]) == (frozenset(), frozenset())
    assert needs["1310"] == needs["2335"] == frozenset({Need.DOCUMENT})


def test_a_receipt_goes_to_the_bank_it_names_whatever_was_sold_before(
    server: siigo.FakeSiigo, connector: SiigoConnector
) -> None:
    day, line = date(2026, 1, 15), InvoiceLine("x", Decimal(1), Decimal(100), "", "SRV01")
    connector.create(Invoice("F/1", Kind.INVOICE, "F-1", day, NIT, (line,), day, Decimal(100)))
    connector.create(Payment("P/1", Kind.RECEIPT, day, NIT, Decimal(50), "5638"))
    bought = InvoiceLine("x", Decimal(1), Decimal(100), "51353001")
    connector.create(Invoice("B/1", Kind.BILL, "FC-9", day, NIT, (bought,), day, Decimal(100)))
    assert server.rows["invoices"][0]["payments"][0]["id"] == 5636, "on credit, not cash"
    assert server.rows["vouchers"][0]["payment"]["id"] == 5638
    assert server.rows["purchases"][0]["payments"][0]["id"] == 8467


def test_a_credit_note_names_its_invoice(connector: SiigoConnector) -> None:
    line = InvoiceLine("x", Decimal(1), Decimal(100), "", "SRV01")
    note = Invoice("N/1", Kind.REFUND, "N-1", date(2026, 1, 15), NIT, (line,))
    with pytest.raises(Unsupported, match="invoice"):
        connector.create(note)


def contact(**changes: object) -> Contact:
    known = {"street": "Cra 1 # 2-3", "city": "Medellín", "number": NIT, "person": False}
    return replace(Contact("C/1", "ACME SAS", "900123456-8"), **(known | changes))  # type: ignore[arg-type]


def test_a_nit_is_looked_for_as_it_was_sent(
    server: siigo.FakeSiigo, connector: SiigoConnector
) -> None:
    made = connector.create(contact())
    assert [record.remote_id for record in connector.find(contact())] == [made.remote_id]
    (kept,) = server.rows["customers"]
    assert (kept["identification"], kept["id_type"], kept["name"]) == (NIT, "31", ["ACME SAS"])
    assert "email" not in kept["contacts"][0]


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("+57 601 7447777", "6017447777"),
        ("300 123 4567", "3001234567"),
        ("(604) 444 55 66 ext 12", "6044445566"),
    ],
)
def test_a_phone_keeps_its_ten_digits(
    server: siigo.FakeSiigo, connector: SiigoConnector, said: str, sent: str
) -> None:
    connector.create(contact(phone=said))
    assert server.rows["customers"][0]["phones"] == [{"number": sent}]


def test_a_persons_name_is_not_cut_by_guess(
    server: siigo.FakeSiigo, connector: SiigoConnector
) -> None:
    connector.create(contact(name="PEREZ GOMEZ JUAN CARLOS", number="1020304050", person=True))
    (kept,) = server.rows["customers"]
    assert (kept["person_type"], kept["id_type"]) == ("Person", "13")
    assert kept["name"] == ["PEREZ GOMEZ JUAN CARLOS", "."]


@pytest.mark.parametrize("lacking", [{"street": ""}, {"city": ""}, {"city": "Macondo"}])
def test_a_contact_without_an_address_siigo_knows_is_refused_here(
    server: siigo.FakeSiigo, connector: SiigoConnector, lacking: dict[str, str]
) -> None:
    with pytest.raises(Rejected, match="address"):
        connector.create(contact(**lacking))
    assert writes(server) == []


@pytest.mark.parametrize(
    ("city", "code"),
    [
        ("Bogotá D.C.", "11001"),
        ("BOGOTA, D.C.", "11001"),
        ("Medellín", "05001"),
        ("BOGOTA DC", "11001"),
        ("San José de Cúcuta", "54001"),
        ("Santiago de Cali", "76001"),
        ("Armenia", "63001"),
        ("Mosquera", ""),
        ("Macondo", ""),
        ("Cúcuta", "54001"),
        ("76520", "76520"),
        ("", ""),
    ],
)
def test_a_city_has_the_code_of_the_dane(city: str, code: str) -> None:
    assert code_of(city) == code


@pytest.mark.parametrize(
    ("city", "department", "code"),
    [
        ("Mosquera", "Cundinamarca", "25473"),
        ("Mosquera", "Nariño", "52473"),
        ("Rionegro", "Antioquia", "05615"),
        ("Armenia", "Antioquia", "05059"),
        ("Armenia", "Boyacá", ""),
    ],
)
def test_of_several_cities_of_a_name_the_department_tells_which(
    city: str, department: str, code: str
) -> None:
    assert code_of(city, department) == code
