"""HubSpot: the contacts and companies of a CRM."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.hubspot.connector import URL, HubSpotConnector
from connectors.transport import Transport
from connectors.vendor import Access, KeepsTokens, Polling, Vendor
from connectors.wording import QT_TRANSLATE_NOOP


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    return HubSpotConnector(transport, access.secret)


VENDOR = Vendor(
    name="hubspot",
    title="HubSpot",
    make=_make,
    url=URL,
    secret=QT_TRANSLATE_NOOP("systems", "Token of the private app"),
    limits={
        "hubspot-contacts": QT_TRANSLATE_NOOP(
            "limits",
            "Customers and suppliers become contacts, recognised by our reference or their e-mail;"
            " its companies are not written.",
        ),
    },
    per_minute=600,
    polling=Polling(every=60.0, overlap=900.0, settle=60.0),
)


__all__ = ["URL", "VENDOR", "HubSpotConnector"]
