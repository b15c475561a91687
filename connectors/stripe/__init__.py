"""Stripe as a source: its payouts, balance and events, and the balance as a ledger to reconcile
with.
"""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.stripe.connector import StripeConnector
from connectors.stripe.source import URL, BalanceRow, Event, Payout, StripeSource, money
from connectors.transport import Transport
from connectors.vendor import Access, KeepsTokens, Option, Vendor
from connectors.wording import QT_TRANSLATE_NOOP


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    return StripeConnector(transport, access.secret, access.option("timezone"))


VENDOR = Vendor(
    name="stripe",
    title="Stripe",
    make=_make,
    url=URL,
    secret=QT_TRANSLATE_NOOP("systems", "Restricted key (read only)"),
    options=(Option("timezone", QT_TRANSLATE_NOOP("systems", "Time zone (America/Mexico_City)")),),
    limits={
        "read-only": QT_TRANSLATE_NOOP("limits", "It is only read: nothing is ever written to it."),
    },
)


__all__ = [
    "URL",
    "VENDOR",
    "BalanceRow",
    "Event",
    "Payout",
    "StripeConnector",
    "StripeSource",
    "money",
]
