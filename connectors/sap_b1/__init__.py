"""SAP Business One by its Service Layer, version 1 and 2."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.sap_b1.connector import SapB1Connector
from connectors.transport import Transport
from connectors.vendor import PASSWORD, USER, Access, KeepsTokens, Option, Polling, Vendor
from connectors.wording import QT_TRANSLATE_NOOP

TAX_FIELDS = ("VatGroup", "TaxCode")
"""By localisation; Latin America has the second."""


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    return SapB1Connector(
        transport,
        access.database,
        access.user,
        access.secret,
        access.option("udf"),
        int(access.option("version") or "1"),
        int(access.option("branch") or "0"),
        access.option("tax_field") or TAX_FIELDS[0],
    )


VENDOR = Vendor(
    name="sap_b1",
    title="SAP Business One",
    make=_make,
    dimensions=True,
    user=USER,
    database=QT_TRANSLATE_NOOP("systems", "Company database"),
    secret=PASSWORD,
    options=(
        Option("udf", QT_TRANSLATE_NOOP("systems", "User field for our reference (U_…)")),
        Option("version", QT_TRANSLATE_NOOP("systems", "Version of the Service Layer"), ("1", "2")),
        Option("branch", QT_TRANSLATE_NOOP("systems", "Number of the branch"), number=True),
        Option("tax_field", QT_TRANSLATE_NOOP("systems", "Field of a line's tax"), TAX_FIELDS),
        Option("certificate", QT_TRANSLATE_NOOP("systems", "Pinned certificate (PEM)")),
    ),
    limits={
        "no-native-guard": QT_TRANSLATE_NOOP(
            "limits", "It takes the same document twice without a word: let one sender write to it."
        ),
        "session-licence": QT_TRANSLATE_NOOP(
            "limits", "Each session holds a licence seat while it is open."
        ),
        "no-udf": QT_TRANSLATE_NOOP(
            "limits",
            "Without a user field (option udf=U_…) our reference stands in the comments of invoices"
            " and in the reference of entries: nobody should change it there.",
        ),
    },
    polling=Polling(every=60.0),
)


__all__ = ["VENDOR", "SapB1Connector"]
