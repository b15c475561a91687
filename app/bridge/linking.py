"""From a kept connection to a signed-in connector."""

from __future__ import annotations

import re
from pathlib import Path

from app.settings import ConnectionSettings
from connectors.budget import CallBudget
from connectors.contract import Connector
from connectors.odoo import OdooConnector
from connectors.sandbox import SandboxConnector
from connectors.transport import Timeouts, Transport


def connect(
    settings: ConnectionSettings, secret: str, timeouts: Timeouts | None = None, home: Path | None = None
) -> Connector:
    """The connector for these settings; it logs in at its first call. Its calls are counted in ``home``, so that the
    budget outlives the program. Raises ValueError on an unknown system."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", settings.name)
    kept = home / "budgets" / f"{name}.json" if home else None
    budget = CallBudget(settings.per_minute, per_day=settings.per_day, kept=kept)
    transport = Transport(settings.url, timeouts or Timeouts(), budget)
    if settings.system == "sandbox":
        return SandboxConnector(transport, settings.user, secret)
    if settings.system == "odoo":
        return OdooConnector(transport, settings.database, settings.user, secret)
    raise ValueError(settings.system)
