"""Odoo 14 to 19: JSON-2 where the server has it (19+), JSON-RPC below."""

from connectors.odoo.connector import OdooConnector

__all__ = ["OdooConnector"]
