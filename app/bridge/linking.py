"""From a kept connection to a signed-in connector."""

from __future__ import annotations

from app import secrets
from app.journal import Journal
from app.journal.budgets import SharedCalls
from app.settings import ConnectionSettings
from connectors import xero, zoho
from connectors.budget import CallBudget
from connectors.contract import Connector
from connectors.oauth import Provider, Tokens
from connectors.odoo import OdooConnector
from connectors.sandbox import SandboxConnector
from connectors.sap_b1 import SapB1Connector
from connectors.siigo import SiigoConnector
from connectors.transport import Timeouts, Transport
from connectors.xero import XeroConnector
from connectors.zoho import ZohoConnector


def connect(
    settings: ConnectionSettings, secret: str, timeouts: Timeouts | None = None, journal: Journal | None = None
) -> Connector:
    """The connector for these settings; it logs in at its first call. Its calls are counted in ``journal``, so that
    the budget outlives the program and is one for all. Raises ValueError on an unknown system."""
    calls = SharedCalls(journal, settings.name) if journal else None
    budget = CallBudget(settings.per_minute, per_day=settings.per_day, store=calls)
    options = settings.options
    transport = Transport(settings.url, timeouts or Timeouts(), budget, pinned=options.get("certificate", ""))
    if settings.system == "sandbox":
        return SandboxConnector(transport, settings.user, secret)
    if settings.system == "odoo":
        return OdooConnector(transport, settings.database, settings.user, secret)
    if settings.system == "siigo":
        stamp, seller, payment = (options.get(name, "") for name in ("stamp", "seller", "payment"))
        return SiigoConnector(transport, settings.user, secret, stamp == "yes", int(seller or 0), int(payment or 0))
    if settings.system == "sap_b1":
        version = int(options.get("version", "1"))
        return SapB1Connector(transport, settings.database, settings.user, secret, options.get("udf", ""), version)
    if settings.system == "xero":
        return XeroConnector(transport, _tokens(settings, secret, journal), options.get("tenant", ""),
                             options.get("draft") == "yes")  # fmt: skip
    if settings.system == "zoho":
        tokens = _tokens(settings, secret, journal, scheme="Zoho-oauthtoken")
        return ZohoConnector(transport, tokens, options.get("organization", ""), options.get("unique_field", ""))
    raise ValueError(settings.system)


def _tokens(settings: ConnectionSettings, refresh: str, journal: Journal | None, scheme: str = "Bearer") -> Tokens:
    """Tokens whose refresh token, the connection's secret, is kept in the operating system's store as it rotates."""
    home = journal.home if journal else None

    def keep(text: str) -> None:
        if home is not None:
            secrets.store(home, settings.name, text)

    def load() -> str:
        return (secrets.load(home, settings.name) or "") if home is not None else ""

    return Tokens(provider(settings), refresh, keep, scheme, load=load)


def provider(settings: ConnectionSettings) -> Provider:
    """Where the log-in of a system with OAuth is. Zoho's depends on the data centre (option ``accounts``); a stand-in
    serves it at the address of the connection. Raises ValueError for a system without."""
    if settings.system == "zoho":
        home = settings.options.get("accounts") or zoho.ACCOUNTS
        asks = {"access_type": "offline", "prompt": "consent"}
        client = settings.options.get("client_id", "")
        return Provider(f"{home}/oauth/v2/auth", f"{home}/oauth/v2/token", client, zoho.SCOPES, extra=asks)
    if settings.system != "xero":
        raise ValueError(settings.system)
    real = settings.url.startswith(xero.URL)
    return Provider(
        xero.AUTHORIZE if real else f"{settings.url}/authorize", xero.TOKEN if real else f"{settings.url}/connect/token",
        settings.options.get("client_id", ""), xero.SCOPES,
    )  # fmt: skip
