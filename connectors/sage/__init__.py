"""Sage Business Cloud Accounting."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.oauth import Provider
from connectors.sage.connector import AUTHORIZE, SCOPES, TOKEN, URL, SageConnector
from connectors.transport import Transport
from connectors.vendor import CLIENT_ID, Access, KeepsTokens, Option, Vendor
from connectors.wording import QT_TRANSLATE_NOOP


def _make(transport: Transport, access: Access, tokens: KeepsTokens) -> DocumentConnector:
    return SageConnector(transport, tokens(_provider(access), "Bearer"), access.option("business"))


def _provider(access: Access) -> Provider:
    """A stand-in serves the log-in at the address of the connection."""
    real = access.url.startswith(URL)
    return Provider(
        AUTHORIZE if real else f"{access.url}/authorize",
        TOKEN if real else f"{access.url}/token",
        access.option("client_id"),
        SCOPES,
        access.client_secret,
    )


VENDOR = Vendor(
    name="sage",
    title="Sage Accounting",
    make=_make,
    url=URL,
    secret=QT_TRANSLATE_NOOP("systems", "Client secret of your app"),
    options=(
        CLIENT_ID,
        Option("business", QT_TRANSLATE_NOOP("systems", "Business id"), required=True),
    ),
    limits={
        "sage-seven-days": QT_TRANSLATE_NOOP(
            "limits",
            "It recognises a repetition for seven days; after that our own record is the guard.",
        ),
        "sage-month-ahead": QT_TRANSLATE_NOOP(
            "limits",
            "Journals dated more than a month ahead are not sent: they could not be found again.",
        ),
    },
    company_by=("business",),
    per_minute=60,
    provider=_provider,
    needs_client_secret=True,
)


__all__ = ["URL", "VENDOR", "SageConnector"]
