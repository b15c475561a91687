"""Xero."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.oauth import Provider
from connectors.transport import Transport
from connectors.vendor import CLIENT_ID, YES_OR_NO, Access, KeepsTokens, Option, Polling, Vendor
from connectors.wording import QT_TRANSLATE_NOOP
from connectors.xero.connector import AUTHORIZE, SCOPES, TOKEN, URL, XeroConnector


def _make(transport: Transport, access: Access, tokens: KeepsTokens) -> DocumentConnector:
    drafts = access.option("draft") == "yes"
    signed_in = tokens(_provider(access), "Bearer")
    return XeroConnector(transport, signed_in, access.option("tenant"), drafts)


def _provider(access: Access) -> Provider:
    """A stand-in serves the log-in at the address of the connection."""
    real = access.url.startswith(URL)
    return Provider(
        AUTHORIZE if real else f"{access.url}/authorize",
        TOKEN if real else f"{access.url}/connect/token",
        access.option("client_id"),
        SCOPES,
    )


VENDOR = Vendor(
    name="xero",
    title="Xero",
    make=_make,
    dimensions=True,
    url=URL,
    options=(
        CLIENT_ID,
        Option("tenant", QT_TRANSLATE_NOOP("systems", "Organisation (tenant id)"), required=True),
        Option("draft", QT_TRANSLATE_NOOP("systems", "Leave documents as drafts"), YES_OR_NO),
    ),
    limits={
        "no-journal-reference": QT_TRANSLATE_NOOP(
            "limits", "Its journals have no reference: ours stands in front of the narration."
        ),
        "journals-paid-tier": QT_TRANSLATE_NOOP(
            "limits", "Its general ledger is a paid tier: only manual journals are read."
        ),
        "day-limit-1000": QT_TRANSLATE_NOOP(
            "limits", "Its free tier allows 1,000 calls a day; set the limit of the connection."
        ),
    },
    company_by=("tenant",),
    per_minute=60,
    per_day=1000,
    provider=_provider,
    polling=Polling(every=120.0),
)


__all__ = ["SCOPES", "URL", "VENDOR", "XeroConnector"]
