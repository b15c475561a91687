"""From a kept connection to a signed-in connector."""

from __future__ import annotations

from pathlib import Path

from app import secrets
from app.company.addresses import INSECURE_REASON, origin, refuse_insecure
from app.company.settings import (
    ConnectionSettings,
    find_connection,
    remove_connection,
    saved_address,
)
from app.journal import Journal
from app.journal.budgets import SharedCalls
from connectors import DocumentConnector
from connectors.budget import CallBudget
from connectors.oauth import Provider, Tokens
from connectors.systems import SYSTEMS
from connectors.transport import ServerClock, Timeouts, Transport
from connectors.vendor import Access, KeepsTokens


def connect(
    settings: ConnectionSettings,
    secret: str,
    timeouts: Timeouts | None = None,
    journal: Journal | None = None,
    clock: ServerClock | None = None,
) -> DocumentConnector:
    """The connector for these settings; it logs in at its first call. Its calls are counted in
    ``journal``, so that the budget outlives the program and is one for all; ``clock`` is told what
    the server's says. Raises ValueError on an
    unknown system, Insecure.
    """
    vendor = SYSTEMS.get(settings.system)
    if vendor is None:
        raise ValueError(settings.system)
    refuse_insecure(settings.url, settings.options.get(INSECURE_REASON, ""))
    calls = SharedCalls(journal, settings.name) if journal else None
    budget = CallBudget(settings.per_minute, per_day=settings.per_day, store=calls)
    pinned = settings.options.get("certificate", "")
    transport = Transport(settings.url, timeouts or Timeouts(), budget, pinned=pinned)
    transport.clock = clock or transport.clock
    home = journal.home if journal else None
    client_secret = client_secret_of(journal, settings) if journal else ""
    access = access_of(settings, secret, client_secret)
    return vendor.make(transport, access, _kept_tokens(settings, secret, home))


def access_of(settings: ConnectionSettings, secret: str = "", client_secret: str = "") -> Access:
    """What a connector is made with."""
    return Access(
        url=settings.url,
        database=settings.database,
        user=settings.user,
        secret=secret,
        client_secret=client_secret,
        options=settings.options,
    )


def provider(settings: ConnectionSettings, client_secret: str = "") -> Provider:
    """Where the log-in of a system with OAuth is. Raises ValueError for a system without."""
    vendor = SYSTEMS[settings.system]
    if vendor.provider is None:
        raise ValueError(settings.system)
    return vendor.provider(access_of(settings, client_secret=client_secret))


def _kept_tokens(kept: ConnectionSettings, refresh: str, home: Path | None) -> KeepsTokens:
    """Tokens whose refresh token, the connection's secret, is kept in the operating system's store
    as it rotates.
    """

    name, place = kept.name, origin(kept.url)

    def keep(text: str) -> None:
        if home is not None:
            secrets.store(home, name, text, place)

    def load() -> str:
        return (secrets.load(home, name, place) or "") if home is not None else ""

    return lambda provider, scheme: Tokens(provider, refresh, keep, scheme, load=load)


_CLIENT_SECRETS: dict[str, str] = {}


def remember_client_secret(connection: str, secret: str) -> None:
    """Until this process ends, for machines without a secret store."""
    _CLIENT_SECRETS[connection] = secret


def client_secret_of(journal: Journal, kept: ConnectionSettings) -> str:
    """The secret of the connection's app at its vendor; empty where it has none."""
    known = _CLIENT_SECRETS.get(kept.name)
    return known or _given_for(journal, kept, client_entry(kept.name)) or ""


def secret_of(journal: Journal, kept: ConnectionSettings) -> str | None:
    """The connection's secret, as it was given for its address; None where nobody gave one."""
    return _given_for(journal, kept, kept.name)


def _given_for(journal: Journal, kept: ConnectionSettings, entry: str) -> str | None:
    """A secret kept for the connection's address. One of an earlier release, which was kept for any
    address, is taken over where a person saved the connection with this one.
    """
    home, place = journal.home, origin(kept.url)
    if home is None:
        return secrets.handed(entry)
    found = secrets.load(home, entry, place)
    if found is None and origin(saved_address(journal, kept.name)) == place:
        found = secrets.load(home, entry)
        if found is not None:
            secrets.store(home, entry, found, place)
    return found


def remove(journal: Journal, name: str) -> None:
    """Take away a connection that was never used, with its map and its secrets. Raises NotAllowed,
    ConnectionUsed, LookupError where there is none of this name.
    """
    kept = find_connection(journal, name)
    remove_connection(journal, name)
    if journal.home is not None:
        for entry in (name, client_entry(name)):
            secrets.forget(journal.home, entry, origin(kept.url))


def client_entry(connection: str) -> str:
    """Under which name the client secret of a connection's app lies in the operating system's
    store.
    """
    return f"{connection}.client"
