"""HubSpot: what its search does to who reads it to the end."""

from __future__ import annotations

from datetime import date

from connectors import Kind
from connectors.hubspot import HubSpotConnector
from connectors.transport import Transport
from tests.connectors.fakes import hubspot


def test_contacts_changed_in_one_instant_are_all_read() -> None:
    """A bulk import gives them all one ``lastmodifieddate``; a search answers a hundred."""
    server = hubspot.FakeHubSpot()
    for number in range(300):
        instant = "2026-01-15T10:00:00+00:00" if number < 251 else "2026-01-16T10:00:00+00:00"
        held = {"erp_contact_ref": f"c{number}", "company": "X", "lastmodifieddate": instant}
        server.rows["contacts"].append({"id": str(990 + number), "properties": held})
    connector = HubSpotConnector(Transport(server.url), hubspot.TOKEN)
    try:
        found = connector.documents(Kind.CONTACT, date(2026, 1, 1), date(2026, 1, 31))
        references = [record.reference for record in found]
        assert references == [f"c{number}" for number in range(300)]
        assert len(connector.partners()) == 300
        one_day = connector.documents(Kind.CONTACT, date(2026, 1, 16), date(2026, 1, 16))
        assert len(list(one_day)) == 49
    finally:
        connector.close()
        server.stop()
