"""Stripe as a source: its payouts, balance and events, and the balance as a ledger to reconcile
with.
"""

from connectors.stripe.connector import StripeConnector
from connectors.stripe.source import URL, BalanceRow, Event, Payout, StripeSource, money

__all__ = ["URL", "BalanceRow", "Event", "Payout", "StripeConnector", "StripeSource", "money"]
