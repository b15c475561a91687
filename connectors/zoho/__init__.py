"""Zoho Books."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.oauth import Provider
from connectors.transport import Transport
from connectors.vendor import CLIENT_ID, Access, KeepsTokens, Option, Vendor
from connectors.wording import QT_TRANSLATE_NOOP
from connectors.zoho.connector import ACCOUNTS, SCOPES, URL, ZohoConnector


def _make(transport: Transport, access: Access, tokens: KeepsTokens) -> DocumentConnector:
    signed_in = tokens(_provider(access), "Zoho-oauthtoken")
    return ZohoConnector(
        transport, signed_in, access.option("organization"), access.option("unique_field")
    )


def _provider(access: Access) -> Provider:
    """It depends on the data centre (option ``accounts``)."""
    home = access.option("accounts") or ACCOUNTS
    return Provider(
        f"{home}/oauth/v2/auth",
        f"{home}/oauth/v2/token",
        access.option("client_id"),
        SCOPES,
        access.client_secret,
        extra={"access_type": "offline", "prompt": "consent"},
    )


VENDOR = Vendor(
    name="zoho",
    title="Zoho Books",
    make=_make,
    url=URL,
    secret=QT_TRANSLATE_NOOP("systems", "Client secret of your app (where it has one)"),
    options=(
        CLIENT_ID,
        Option("organization", QT_TRANSLATE_NOOP("systems", "Organisation id"), required=True),
        Option("accounts", QT_TRANSLATE_NOOP("systems", "Address of the log-in (data centre)")),
        Option("unique_field", QT_TRANSLATE_NOOP("systems", "Unique field of contacts (cf_…)")),
    ),
    limits={
        "zoho-draft-invoices": QT_TRANSLATE_NOOP(
            "limits", "Sales invoices are left as drafts: mark them as sent there to post them."
        ),
        "no-native-guard": QT_TRANSLATE_NOOP(
            "limits", "It takes the same document twice without a word: let one sender write to it."
        ),
        "zoho-half-hour": QT_TRANSLATE_NOOP(
            "limits",
            "Over 100 calls a minute it blocks the company for half an hour: set the limit of the"
            " connection to 80.",
        ),
        "zoho-tax-number": QT_TRANSLATE_NOOP(
            "limits",
            "Only its Mexican edition has a field for a tax number (RFC): any other tax id goes"
            " into the notes of the contact.",
        ),
    },
    company_by=("organization",),
    per_minute=80,
    provider=_provider,
    may_have_client_secret=True,
)


__all__ = ["SCOPES", "URL", "VENDOR", "ZohoConnector"]
