"""Stripe's balance as a ledger that is only read: each movement a line of the account of its
currency, each fee a line of its own, so that a sale is found at its full amount and the payout at
what the bank received.

``balance:MXN`` is debited by what comes in (charges) and credited by what goes out (fees, refunds,
payouts).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from connectors.contract import Capabilities, Outcome, Unsupported
from connectors.documents import (
    CENT,
    Document,
    Identity,
    JournalEntry,
    Kind,
    LedgerMove,
    RemoteAccount,
    RemoteJournal,
    RemotePartner,
    RemoteRecord,
)
from connectors.errors import Rejected
from connectors.stripe.source import BalanceRow, StripeSource
from connectors.transport import Transport


class StripeConnector:
    """One account, by a restricted key that may read."""

    def __init__(self, transport: Transport, key: str, timezone: str = "") -> None:
        self.source = StripeSource(transport, key, timezone=timezone)
        self._transport = transport

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            "stripe", False, 1, push=frozenset(), limits=("read-only",), lists_accounts=False
        )

    def identify(self) -> Identity:
        found = self._transport.read_json("GET", "/v1/account")
        profile, dashboard = (
            found.get("business_profile") or {},
            (found.get("settings") or {}).get("dashboard") or {},
        )
        name = profile.get("name") or dashboard.get("display_name") or found["id"]
        return Identity(
            "", str(name), "", str(found.get("default_currency") or "").upper(), "Stripe"
        )

    def accounts(self) -> Sequence[RemoteAccount]:
        return []

    def journals(self) -> Sequence[RemoteJournal]:
        return []

    def partners(self) -> Sequence[RemotePartner]:
        return []

    def create(self, document: Document) -> RemoteRecord:
        raise Unsupported("Stripe is only read", "unsupported")

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        return []

    def create_entries(self, entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        return [Unsupported("Stripe is only read", "unsupported") for _ in entries]

    def find_entries(self, entries: Sequence[JournalEntry]) -> Mapping[str, Sequence[RemoteRecord]]:
        return {entry.reference: [] for entry in entries}

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        return []

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        raise Unsupported(f"Stripe lists no {kind.value}", "unsupported")

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        """Movements of the balance from ``start`` to ``end``, newest first. Raises Rejected for a
        currency of three decimals.
        """
        for row in self.source.balance(start, end):
            yield _move(row, row.id, row.gross, row.description or row.category)
            if row.fee:
                yield _move(row, f"{row.id}:fee", -row.fee, f"fee {row.description}".strip())

    def close(self) -> None:
        self.source.close()


def _move(row: BalanceRow, identifier: str, value: Decimal, label: str) -> LedgerMove:
    if value != value.quantize(CENT):
        raise Rejected(f"{row.currency} has three decimals; such balances are not read", "decimals")
    return LedgerMove(
        identifier,
        row.id,
        row.date,
        f"balance:{row.currency}",
        f"Stripe {row.currency}",
        max(value, Decimal(0)),
        max(-value, Decimal(0)),
        row.id,
        row.source,
        label,
        currency=row.currency,
    )
