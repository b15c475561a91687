"""Odoo 14 to 19: JSON-2 where the server has it (19+), JSON-RPC below."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.odoo.connector import OdooConnector
from connectors.transport import Transport
from connectors.vendor import USER, YES_OR_NO, Access, KeepsTokens, Option, Polling, Vendor
from connectors.wording import QT_TRANSLATE_NOOP


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    return OdooConnector(
        transport,
        access.database,
        access.user,
        access.secret,
        company=access.option("company"),
        attach=access.option("attach") == "yes",
    )


VENDOR = Vendor(
    name="odoo",
    title="Odoo",
    make=_make,
    dimensions=True,
    user=USER,
    database=QT_TRANSLATE_NOOP("systems", "Database"),
    secret=QT_TRANSLATE_NOOP("systems", "API key"),
    options=(
        Option("company", QT_TRANSLATE_NOOP("systems", "Company (name or id)")),
        Option("attach", QT_TRANSLATE_NOOP("systems", "Attach the voucher's text"), YES_OR_NO),
    ),
    pages=("odoo", "web"),
    company_by=("company",),
    polling=Polling(every=60.0, overlap=900.0),
)


__all__ = ["VENDOR", "OdooConnector"]
