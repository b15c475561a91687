"""From a kept connection to a signed-in connector."""

from __future__ import annotations

from app.journal import Journal
from app.journal.budgets import SharedCalls
from app.settings import ConnectionSettings
from connectors.budget import CallBudget
from connectors.contract import Connector
from connectors.odoo import OdooConnector
from connectors.sandbox import SandboxConnector
from connectors.transport import Timeouts, Transport


def connect(
    settings: ConnectionSettings, secret: str, timeouts: Timeouts | None = None, journal: Journal | None = None
) -> Connector:
    """The connector for these settings; it logs in at its first call. Its calls are counted in ``journal``, so that
    the budget outlives the program and is one for all. Raises ValueError on an unknown system."""
    calls = SharedCalls(journal, settings.name) if journal else None
    budget = CallBudget(settings.per_minute, per_day=settings.per_day, store=calls)
    transport = Transport(settings.url, timeouts or Timeouts(), budget)
    if settings.system == "sandbox":
        return SandboxConnector(transport, settings.user, secret)
    if settings.system == "odoo":
        return OdooConnector(transport, settings.database, settings.user, secret)
    raise ValueError(settings.system)
