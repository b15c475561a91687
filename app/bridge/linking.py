"""From a kept connection to a signed-in connector."""

from __future__ import annotations

from app.settings import ConnectionSettings
from connectors.budget import CallBudget
from connectors.contract import Connector
from connectors.odoo import OdooConnector
from connectors.sandbox import SandboxConnector
from connectors.transport import Timeouts, Transport


def connect(settings: ConnectionSettings, secret: str, timeouts: Timeouts | None = None) -> Connector:
    """The connector for these settings; it logs in at its first call. Raises ValueError on an unknown system."""
    transport = Transport(settings.url, timeouts or Timeouts(), CallBudget(settings.per_minute))
    if settings.system == "sandbox":
        return SandboxConnector(transport, settings.user, secret)
    if settings.system == "odoo":
        return OdooConnector(transport, settings.database, settings.user, secret)
    raise ValueError(settings.system)
