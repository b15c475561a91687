"""From a kept connection to a signed-in connector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from app import secrets
from app.company.settings import ConnectionSettings
from app.journal import Journal
from app.journal.budgets import SharedCalls
from connectors import DocumentConnector, sage, xero, zoho
from connectors.budget import CallBudget
from connectors.holded import HoldedV1Connector, HoldedV2Connector
from connectors.hubspot import HubSpotConnector
from connectors.oauth import Provider, Tokens
from connectors.odoo import OdooConnector
from connectors.sage import SageConnector
from connectors.sandbox import SandboxConnector
from connectors.sap_b1 import SapB1Connector
from connectors.siigo import SiigoConnector
from connectors.stripe import StripeConnector
from connectors.transport import Timeouts, Transport
from connectors.xero import XeroConnector
from connectors.zoho import ZohoConnector


def connect(
    settings: ConnectionSettings,
    secret: str,
    timeouts: Timeouts | None = None,
    journal: Journal | None = None,
) -> DocumentConnector:
    """The connector for these settings; it logs in at its first call. Its calls are counted in
    ``journal``, so that the budget outlives the program and is one for all. Raises ValueError on an
    unknown system.
    """
    calls = SharedCalls(journal, settings.name) if journal else None
    budget = CallBudget(settings.per_minute, per_day=settings.per_day, store=calls)
    pinned = settings.options.get("certificate", "")
    transport = Transport(settings.url, timeouts or Timeouts(), budget, pinned=pinned)
    maker = _MAKERS.get(settings.system)
    if maker is None:
        raise ValueError(settings.system)
    return maker(transport, settings, secret, journal)


Maker = Callable[[Transport, ConnectionSettings, str, Journal | None], DocumentConnector]


def _odoo(
    transport: Transport, settings: ConnectionSettings, secret: str, _: Journal | None
) -> DocumentConnector:
    return OdooConnector(transport, settings.database, settings.user, secret)


def _sandbox(
    transport: Transport, settings: ConnectionSettings, secret: str, _: Journal | None
) -> DocumentConnector:
    return SandboxConnector(transport, settings.user, secret)


def _siigo(
    transport: Transport, settings: ConnectionSettings, secret: str, _: Journal | None
) -> DocumentConnector:
    stamp, seller, payment = (
        settings.options.get(name, "") for name in ("stamp", "seller", "payment")
    )
    return SiigoConnector(
        transport, settings.user, secret, stamp == "yes", int(seller or 0), int(payment or 0)
    )


def _sap_b1(
    transport: Transport, settings: ConnectionSettings, secret: str, _: Journal | None
) -> DocumentConnector:
    version, udf = int(settings.options.get("version") or "1"), settings.options.get("udf", "")
    return SapB1Connector(transport, settings.database, settings.user, secret, udf, version)


def _xero(
    transport: Transport, settings: ConnectionSettings, secret: str, journal: Journal | None
) -> DocumentConnector:
    tenant, draft = settings.options.get("tenant", ""), settings.options.get("draft") == "yes"
    return XeroConnector(transport, _tokens(settings, secret, journal), tenant, draft)


def _zoho(
    transport: Transport, settings: ConnectionSettings, secret: str, journal: Journal | None
) -> DocumentConnector:
    tokens = _tokens(settings, secret, journal, scheme="Zoho-oauthtoken")
    organization, unique = (
        settings.options.get("organization", ""),
        settings.options.get("unique_field", ""),
    )
    return ZohoConnector(transport, tokens, organization, unique)


def _sage(
    transport: Transport, settings: ConnectionSettings, secret: str, journal: Journal | None
) -> DocumentConnector:
    return SageConnector(
        transport, _tokens(settings, secret, journal), settings.options.get("business", "")
    )


def _holded(
    transport: Transport, settings: ConnectionSettings, secret: str, _: Journal | None
) -> DocumentConnector:
    made = HoldedV2Connector if settings.options.get("version") == "2" else HoldedV1Connector
    return made(transport, secret, settings.options.get("approve") == "yes")


def _hubspot(
    transport: Transport, settings: ConnectionSettings, secret: str, _: Journal | None
) -> DocumentConnector:
    return HubSpotConnector(transport, secret)


def _stripe(
    transport: Transport, settings: ConnectionSettings, secret: str, _: Journal | None
) -> DocumentConnector:
    return StripeConnector(transport, secret)


_MAKERS: Mapping[str, Maker] = {
    "odoo": _odoo,
    "sandbox": _sandbox,
    "siigo": _siigo,
    "sap_b1": _sap_b1,
    "xero": _xero,
    "zoho": _zoho,
    "sage": _sage,
    "holded": _holded,
    "hubspot": _hubspot,
    "stripe": _stripe,
}


def _tokens(
    settings: ConnectionSettings, refresh: str, journal: Journal | None, scheme: str = "Bearer"
) -> Tokens:
    """Tokens whose refresh token, the connection's secret, is kept in the operating system's store
    as it rotates.
    """
    home = journal.home if journal else None

    def keep(text: str) -> None:
        if home is not None:
            secrets.store(home, settings.name, text)

    def load() -> str:
        return (secrets.load(home, settings.name) or "") if home is not None else ""

    known = client_secret_of(home, settings.name) if home is not None else ""
    return Tokens(provider(settings, known), refresh, keep, scheme, load=load)


def provider(settings: ConnectionSettings, client_secret: str = "") -> Provider:
    """Where the log-in of a system with OAuth is. Zoho's depends on the data centre (option
    ``accounts``); a stand-in serves it at the address of the connection. ``client_secret`` where
    the vendor wants one. Raises ValueError for a system without.
    """
    client = settings.options.get("client_id", "")
    if settings.system == "zoho":
        home = settings.options.get("accounts") or zoho.ACCOUNTS
        asks = {"access_type": "offline", "prompt": "consent"}
        return Provider(
            f"{home}/oauth/v2/auth", f"{home}/oauth/v2/token", client, zoho.SCOPES, extra=asks
        )
    if settings.system == "sage":
        real = settings.url.startswith(sage.URL)
        authorize, token = (
            (sage.AUTHORIZE, sage.TOKEN)
            if real
            else (f"{settings.url}/authorize", f"{settings.url}/token")
        )
        return Provider(authorize, token, client, sage.SCOPES, client_secret)
    if settings.system != "xero":
        raise ValueError(settings.system)
    real = settings.url.startswith(xero.URL)
    return Provider(
        xero.AUTHORIZE if real else f"{settings.url}/authorize",
        xero.TOKEN if real else f"{settings.url}/connect/token",
        client,
        xero.SCOPES,
    )


_CLIENT_SECRETS: dict[str, str] = {}


def remember_client_secret(connection: str, secret: str) -> None:
    """Until this process ends, for machines without a secret store."""
    _CLIENT_SECRETS[connection] = secret


def client_secret_of(home: Path, connection: str) -> str:
    return _CLIENT_SECRETS.get(connection) or secrets.load(home, client_entry(connection)) or ""


def client_entry(connection: str) -> str:
    """Under which name the client secret of a connection's app lies in the operating system's
    store.
    """
    return f"{connection}.client"
