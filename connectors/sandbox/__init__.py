"""The embedded sandbox: a small ERP with a real HTTP API over its own SQLite file, and the
connector to it.
"""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.sandbox.connector import SandboxConnector
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.store import Faults, SandboxStore
from connectors.transport import Transport
from connectors.vendor import PASSWORD, USER, Access, KeepsTokens, Polling, Vendor


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    return SandboxConnector(transport, access.user, access.secret)


VENDOR = Vendor(
    name="sandbox",
    title="Sandbox",
    make=_make,
    dimensions=True,
    user=USER,
    secret=PASSWORD,
    polling=Polling(every=60.0, overlap=900.0),
)


__all__ = ["VENDOR", "Faults", "SandboxConnector", "SandboxServer", "SandboxStore"]
