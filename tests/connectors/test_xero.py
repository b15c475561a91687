"""What only Xero does: long references of contacts, terms by side, tracking, accounts it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors import Contact, DocumentConnector, Kind
from connectors.contract import ListsChanges
from connectors.documents import Closed
from tests.connectors.cases import CASES
from tests.connectors.fakes.xero import FakeXero

CASE = next(case for case in CASES if case.name == "xero")


@pytest.fixture
def server() -> Iterator[FakeXero]:
    made = FakeXero()
    yield made
    made.stop()


@pytest.fixture
def connector(server: FakeXero) -> Iterator[DocumentConnector]:
    made = CASE.connect(server)
    yield made
    made.close()


def test_contacts_of_a_long_company_name_do_not_share_a_number(
    server: FakeXero, connector: DocumentConnector
) -> None:
    company = "COMERCIALIZADORA-DE-ABARROTES-Y-SIMILARES-DEL-NORTE"
    made = [Contact(f"{company}/contpaqi/contact/{n}", f"Cliente {n}") for n in (1, 2)]
    first, second = (connector.create(contact) for contact in made)
    assert first.remote_id != second.remote_id
    numbers = [row["ContactNumber"] for row in server.rows["Contacts"]]
    assert len(set(numbers)) == 2 and all(len(number) <= 50 for number in numbers)
    assert [record.remote_id for record in connector.find(made[1])] == [second.remote_id]


@pytest.mark.parametrize(
    ("roles", "sides"),
    [
        ({"customer": True}, {"Sales"}),
        ({"customer": False, "supplier": True}, {"Bills"}),
        ({"customer": True, "supplier": True}, {"Sales", "Bills"}),
    ],
)
def test_terms_go_to_the_side_they_are_of(
    server: FakeXero, connector: DocumentConnector, roles: dict[str, Any], sides: set[str]
) -> None:
    connector.create(Contact("C/1", "ACME", terms=30, **roles))
    terms = server.rows["Contacts"][0]["PaymentTerms"]
    assert set(terms) == sides and all(side["Day"] == 30 for side in terms.values())


def test_what_xero_keeps_itself_is_marked(connector: DocumentConnector) -> None:
    found = {item.code: (item.closed, item.kind) for item in connector.accounts()}
    assert found["090"] == (Closed.BANK, "asset")
    assert found["610"] == (Closed.INVOICES, "asset")
    assert found["960"] == (Closed.OWN, "equity")
    assert found["200"] == (None, "income")


def test_archived_contacts_and_voided_journals_are_seen(
    server: FakeXero, connector: DocumentConnector
) -> None:
    assert isinstance(connector, ListsChanges)
    connector.create(Contact("C/1", "ACME"))
    connector.create(CASE.entry("R-1"))
    server.rows["Contacts"][0]["ContactStatus"] = "ARCHIVED"
    server.rows["ManualJournals"][0]["Status"] = "VOIDED"
    since, until = datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC) + timedelta(hours=1)
    for kind in (Kind.CONTACT, Kind.ENTRY):
        assert [change.is_gone for change in connector.changed(kind, since, until)] == [True]
