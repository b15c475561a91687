"""Odoo 14 to 19: JSON-2 where the server has it (19+), JSON-RPC below."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.odoo.connector import OdooConnector
from connectors.transport import Transport
from connectors.vendor import USER, Access, KeepsTokens, Vendor
from connectors.wording import QT_TRANSLATE_NOOP


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    return OdooConnector(transport, access.database, access.user, access.secret)


VENDOR = Vendor(
    name="odoo",
    title="Odoo",
    make=_make,
    user=USER,
    database=QT_TRANSLATE_NOOP("systems", "Database"),
    secret=QT_TRANSLATE_NOOP("systems", "API key"),
)


__all__ = ["VENDOR", "OdooConnector"]
