"""Siigo Nube."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import DocumentConnector
from connectors.documents import Need
from connectors.siigo.connector import NEEDS, URL, SiigoConnector
from connectors.transport import Transport
from connectors.vendor import YES_OR_NO, Access, KeepsTokens, Option, Polling, Vendor
from connectors.wording import QT_TRANSLATE_NOOP


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    return SiigoConnector(
        transport,
        access.user,
        access.secret,
        access.option("stamp") == "yes",
        int(access.option("seller") or 0),
        int(access.option("payment") or 0),
        _needs(access),
    )


def _needs(access: Access) -> Mapping[str, frozenset[Need]]:
    """What was said of the company's accounts, else what Siigo's own chart asks; ``-`` is none."""
    said = {need: access.option(name) for name, need in _NEED_OPTIONS.items()}
    found: dict[str, frozenset[Need]] = {}
    for start, needs in NEEDS.items():
        found[start] = frozenset(need for need in needs if not said.get(need))
    for need, text in said.items():
        for start in filter(None, (part.strip(" -") for part in text.split(","))):
            found[start] = found.get(start, frozenset()) | {need}
    return found


_NEED_OPTIONS = {
    "due_accounts": Need.DOCUMENT,
    "tax_accounts": Need.TAX,
    "product_accounts": Need.PRODUCT,
}


VENDOR = Vendor(
    name="siigo",
    title="Siigo Nube",
    make=_make,
    dimensions=True,
    url=URL,
    user=QT_TRANSLATE_NOOP("systems", "User of the API (e-mail)"),
    secret=QT_TRANSLATE_NOOP("systems", "Access key"),
    options=(
        Option("stamp", QT_TRANSLATE_NOOP("systems", "Send invoices to the DIAN"), YES_OR_NO),
        Option("seller", QT_TRANSLATE_NOOP("systems", "Id of the seller"), number=True),
        Option("payment", QT_TRANSLATE_NOOP("systems", "Id of the way of payment"), number=True),
        Option(
            "due_accounts",
            QT_TRANSLATE_NOOP(
                "systems", "Accounts with due dates, by their beginnings (1305,2205; - for none)"
            ),
        ),
        Option(
            "tax_accounts",
            QT_TRANSLATE_NOOP(
                "systems", "Accounts that ask for a tax and its base (2408; - for none)"
            ),
        ),
        Option(
            "product_accounts",
            QT_TRANSLATE_NOOP("systems", "Accounts that ask for a product (1435; - for none)"),
        ),
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
        "siigo-error-share": QT_TRANSLATE_NOOP(
            "limits",
            "Siigo blocks the user of the API when most of a week's calls are errors: what it would"
            " refuse (a line without third party, without due date, tax or product where the"
            " account asks for it, a contact without address) is refused here first.",
        ),
        "siigo-person-name": QT_TRANSLATE_NOOP(
            "limits",
            "The name of a natural person goes whole into its first names: a listing does not say"
            " which of its words are surnames.",
        ),
    },
    company_by=("user",),
    per_minute=100,
    polling=Polling(every=120.0, overlap=900.0),
)


__all__ = ["URL", "VENDOR", "SiigoConnector"]
