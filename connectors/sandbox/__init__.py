"""The embedded sandbox: a small ERP with a real HTTP API over its own SQLite file, and the
connector to it.
"""

from connectors.sandbox.connector import SandboxConnector
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.store import Faults, SandboxStore

__all__ = ["Faults", "SandboxConnector", "SandboxServer", "SandboxStore"]
