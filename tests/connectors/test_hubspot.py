"""HubSpot: what its search does to who reads it to the end, and whose a contact is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors import Contact, Kind
from connectors.errors import Conflict, Rejected
from connectors.hubspot import HubSpotConnector
from connectors.transport import Transport
from tests.connectors.fakes import hubspot


@pytest.fixture
def server() -> Iterator[hubspot.FakeHubSpot]:
    made = hubspot.FakeHubSpot()
    yield made
    made.stop()


@pytest.fixture
def connector(server: hubspot.FakeHubSpot) -> Iterator[HubSpotConnector]:
    made = HubSpotConnector(Transport(server.url), hubspot.TOKEN)
    yield made
    made.close()


def test_contacts_changed_in_one_instant_are_all_read(
    server: hubspot.FakeHubSpot, connector: HubSpotConnector
) -> None:
    """A bulk import gives them all one ``lastmodifieddate``; a search answers a hundred."""
    for number in range(300):
        instant = "2026-01-15T10:00:00+00:00" if number < 251 else "2026-01-16T10:00:00+00:00"
        held = {"erp_contact_ref": f"c{number}", "company": "X", "lastmodifieddate": instant}
        server.rows["contacts"].append({"id": str(990 + number), "properties": held})
    found = connector.documents(Kind.CONTACT, date(2026, 1, 1), date(2026, 1, 31))
    references = [record.reference for record in found]
    assert references == [f"c{number}" for number in range(300)]
    assert len(connector.partners()) == 300
    one_day = connector.documents(Kind.CONTACT, date(2026, 1, 16), date(2026, 1, 16))
    assert len(list(one_day)) == 49


def by_hand(server: hubspot.FakeHubSpot, **held: str) -> None:
    """A contact somebody made in HubSpot."""
    properties = {"lastmodifieddate": "2026-01-15T10:00:00+00:00", **held}
    server.rows["contacts"].append({"id": "501", "properties": properties})


def test_a_contact_people_made_is_recognised_by_its_e_mail(
    server: hubspot.FakeHubSpot, connector: HubSpotConnector
) -> None:
    by_hand(server, firstname="Ana", email="ana@acme.example")
    ours = Contact("C/1", "ACME SA", email="ana@acme.example")
    assert connector.create(ours).remote_id == "501"
    (kept,) = server.rows["contacts"]
    assert kept["properties"]["erp_contact_ref"] == "C/1"
    assert kept["properties"]["firstname"] == "Ana", "what people wrote stays"
    assert [record.remote_id for record in connector.find(ours)] == ["501"]


def test_an_e_mail_of_another_contact_of_ours_is_a_conflict(
    server: hubspot.FakeHubSpot, connector: HubSpotConnector
) -> None:
    by_hand(server, email="ana@acme.example", erp_contact_ref="C/9")
    with pytest.raises(Conflict, match="C/9"):
        connector.create(Contact("C/1", "ACME SA", email="ana@acme.example"))
    assert len(server.rows["contacts"]) == 1


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({}, "erp_contact_ref"),
        ({"erp_contact_ref": True}, "erp_tax_id"),
        ({"erp_contact_ref": False, "erp_tax_id": False}, "unique"),
    ],
)
def test_a_property_nobody_made_is_said_by_the_check(
    server: hubspot.FakeHubSpot, connector: HubSpotConnector, own: dict[str, bool], told: str
) -> None:
    server.own = own
    with pytest.raises(Rejected, match=told):
        connector.identify()


def test_what_was_archived_since_is_listed_as_gone(
    server: hubspot.FakeHubSpot, connector: HubSpotConnector
) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    row = {"id": "7", "properties": {"erp_contact_ref": "C/7", "company": "X"}}
    for days in (-10, 1, 20):
        stamp = (at + timedelta(days=days)).isoformat()
        server.archived.append({**row, "id": str(100 + days), "archivedAt": stamp})
    changed = connector.changed(Kind.CONTACT, at, at + timedelta(days=5))
    assert [(one.record.remote_id, one.is_gone) for one in changed] == [("101", True)]
