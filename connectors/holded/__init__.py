"""Connectors to Holded: version 1 of its API by an API key, version 2 by a personal token."""

from connectors.holded.v1 import HoldedV1Connector
from connectors.holded.v2 import HoldedV2Connector

URL = "https://api.holded.com"

__all__ = ["URL", "HoldedV1Connector", "HoldedV2Connector"]
