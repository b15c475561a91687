"""What only SAP Business One does: period categories, branches, user fields, five dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connectors import Invoice, InvoiceLine, Kind
from connectors.documents import Need
from connectors.errors import Rejected
from connectors.sap_b1 import SapB1Connector
from connectors.transport import Timeouts, Transport
from tests.connectors.cases import CASES
from tests.connectors.fakes import sap_b1

CASE = next(case for case in CASES if case.name == "sap_b1")


@pytest.fixture
def server() -> Iterator[sap_b1.FakeSapB1]:
    made = sap_b1.FakeSapB1()
    yield made
    made.stop()


def connect(server: sap_b1.FakeSapB1, **options: object) -> SapB1Connector:
    transport = Transport(server.url, Timeouts(2, 5), sleep=lambda _: None)
    return SapB1Connector(transport, "SBO_ACME", "manager", sap_b1.PASSWORD, **options)  # type: ignore[arg-type]


def test_periods_of_every_category_are_read(server: sap_b1.FakeSapB1) -> None:
    server.categories[2] = [
        {"PeriodName": "2027-12", "PeriodStatus": "ltLocked", "PostingDateTo": "2027-12-31"},
        {"PeriodName": "2026-01", "PeriodStatus": "ltLocked", "PostingDateTo": "2026-01-31"},
        {"PeriodName": "2026-02", "PeriodStatus": "ltUnlocked", "PostingDateTo": "2026-02-28"},
    ]
    connector = connect(server)
    assert connector.identify().locked_until == date(2026, 1, 31)
    connector.close()


def test_lines_of_a_company_with_branches_name_theirs(server: sap_b1.FakeSapB1) -> None:
    server.branches = True
    without, with_branch = connect(server), connect(server, branch=3)
    with pytest.raises(Rejected, match="branch"):
        without.create(CASE.entry("R-1"))
    with_branch.create(CASE.entry("R-1"))
    lines = server.rows["JournalEntries"][0]["JournalEntryLines"]
    assert {line["BPLID"] for line in lines} == {3}
    without.close()
    with_branch.close()


def test_a_dimension_goes_into_the_field_of_its_axis(server: sap_b1.FakeSapB1) -> None:
    connector, entry = connect(server), CASE.entry("R-1")
    codes = ("CC-NORTE", "P-7")
    lines = [replace(line, dimension=code) for line, code in zip(entry.lines, codes, strict=True)]
    connector.create(replace(entry, lines=tuple(lines)))
    first, second = server.rows["JournalEntries"][0]["JournalEntryLines"]
    assert (first["CostingCode"], second["CostingCode2"]) == codes
    assert [(item.code, item.group) for item in connector.dimensions()] == [
        ("CC-NORTE", "1"),
        ("P-7", "2"),
    ]
    connector.close()


def test_a_user_field_that_is_missing_somewhere_is_said_by_the_check(
    server: sap_b1.FakeSapB1,
) -> None:
    connector = connect(server, udf="U_CuadreRef")
    server.without_field = {"VendorPayments"}
    assert connector.identify().company == "ACME", "entries are what is sent"
    with pytest.raises(Rejected, match="U_CuadreRef on VendorPayments"):
        connector.create(CASE.document(Kind.PAYMENT))
    connector.close()
    other = connect(server, udf="U_CuadreRef")
    server.without_field = {"JournalEntries"}
    with pytest.raises(Rejected, match="U_CuadreRef on JournalEntries"):
        other.identify()
    other.close()


def test_a_control_account_takes_entries_on_a_business_partner_only(
    server: sap_b1.FakeSapB1,
) -> None:
    connector, entry = connect(server), CASE.entry("R-1", account=sap_b1.CONTROL)
    (control,) = [item for item in connector.accounts() if item.code == sap_b1.CONTROL]
    assert (control.needs, control.closed, control.of_parties) == ({Need.PARTY}, None, True)
    with pytest.raises(Rejected, match="control account"):
        connector.create(entry)
    first = replace(entry.lines[0], partner=sap_b1.PARTNER)
    second = replace(entry.lines[1], partner=sap_b1.PARTNER)
    assert connector.create(replace(entry, lines=(first, second))).remote_id
    control, income = server.rows["JournalEntries"][0]["JournalEntryLines"]
    assert (control["ShortName"], "AccountCode" in control) == (sap_b1.PARTNER, False)
    assert income["AccountCode"] == entry.lines[1].account, "a party does not take it away"
    connector.close()


@pytest.mark.parametrize("field", ["VatGroup", "TaxCode"])
def test_the_tax_stands_where_the_localisation_has_it_and_the_suppliers_number_stays(
    server: sap_b1.FakeSapB1, field: str
) -> None:
    connector = connect(server, tax_field=field)
    line = InvoiceLine("Renta", Decimal(1), Decimal(100), "_SYS00000000120", "", ("IVA16",))
    bill = Invoice("B/1", Kind.BILL, "FAC-778", date(2026, 1, 15), sap_b1.PARTNER, (line,))
    made = connector.create(bill)
    (kept,) = server.rows["PurchaseInvoices"]
    assert (kept["NumAtCard"], kept["DocumentLines"][0][field]) == ("FAC-778", "IVA16")
    assert [record.remote_id for record in connector.find(bill)] == [made.remote_id]
    connector.close()
