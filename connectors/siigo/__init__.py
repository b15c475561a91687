"""Siigo Nube."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.siigo.connector import URL, SiigoConnector
from connectors.transport import Transport
from connectors.vendor import YES_OR_NO, Access, KeepsTokens, Option, Vendor
from connectors.wording import QT_TRANSLATE_NOOP


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    return SiigoConnector(
        transport,
        access.user,
        access.secret,
        access.option("stamp") == "yes",
        int(access.option("seller") or 0),
        int(access.option("payment") or 0),
    )


VENDOR = Vendor(
    name="siigo",
    title="Siigo Nube",
    make=_make,
    url=URL,
    user=QT_TRANSLATE_NOOP("systems", "User of the API (e-mail)"),
    secret=QT_TRANSLATE_NOOP("systems", "Access key"),
    options=(
        Option("stamp", QT_TRANSLATE_NOOP("systems", "Send invoices to the DIAN"), YES_OR_NO),
        Option("seller", QT_TRANSLATE_NOOP("systems", "Id of the seller"), number=True),
        Option("payment", QT_TRANSLATE_NOOP("systems", "Id of the way of payment"), number=True),
    ),
    limits={
        "no-ledger-listing": QT_TRANSLATE_NOOP(
            "limits",
            "Its ledger lines cannot be listed: journals are read as documents, the lines invoices"
            " and purchases make are not.",
        ),
        "no-trial-balance-lines": QT_TRANSLATE_NOOP(
            "limits",
            "The trial balance comes only as an Excel file; import that file to compare it.",
        ),
        "stamp-off": QT_TRANSLATE_NOOP(
            "limits",
            "Invoices are not sent to the DIAN unless the option stamp=yes is set; history never"
            " should be.",
        ),
    },
    company_by=("user",),
    per_minute=100,
)


__all__ = ["URL", "VENDOR", "SiigoConnector"]
