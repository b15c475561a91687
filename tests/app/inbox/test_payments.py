"""Payouts proposed by a rule of the company, booked once a person accepts them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.company import settings
from app.company.settings import ConnectionSettings
from app.inbox import payments
from app.inbox.payments import NoRule, NotBookable, OtherCurrency, Rule
from app.journal import Journal, documents, ledger_proposals, verification
from app.journal.ledger_proposals import State
from connectors.stripe import StripeConnector
from connectors.stripe.source import BalanceRow, Payout
from connectors.transport import Transport

RULE = Rule("102.01", "601.84", "105.01")


class Wallet(StripeConnector):
    """One payout of two charges and a refund: 1,160.00 + 580.00 − 116.00, fees 52.20."""

    def __init__(self, amount: str = "1571.80", currency: str = "MXN") -> None:
        super().__init__(Transport("http://127.0.0.1:9"), "rk_test")
        payout = Payout("po_1", date(2026, 3, 3), Decimal(amount), currency, "paid", complete=True)
        early = Payout(
            "po_2", date(2026, 3, 4), Decimal("5"), currency, "in_transit", complete=False
        )
        rows = [
            row("txn_1", "1160.00", "34.80", currency),
            row("txn_2", "580.00", "17.40", currency),
            row("txn_3", "-116.00", "0", currency),
        ]
        self.source.payouts = lambda *_: iter([payout, early])  # type: ignore[method-assign]
        self.source.rows = lambda _: iter(rows)  # type: ignore[method-assign]


def row(number: str, gross: str, fee: str, currency: str) -> BalanceRow:
    value, kept = Decimal(gross), Decimal(fee)
    day = date(2026, 3, 2)
    return BalanceRow(
        number, day, day, "charge", "charge", value, kept, value - kept, currency, "ch", "Venta"
    )


@pytest.fixture
def ruled(journal: Journal) -> Journal:
    settings.add_connection(
        journal, ConnectionSettings("stripe", "stripe", "https://api.stripe.com")
    )
    settings.keep_currency(journal, "MXN")
    payments.keep_rule(journal, "stripe", RULE)
    return journal


def test_a_payout_is_proposed_once_and_booked_when_accepted(ruled: Journal) -> None:
    assert payments.propose(ruled, "stripe", Wallet()) == 1
    assert payments.propose(ruled, "stripe", Wallet()) == 0
    (proposed,) = ledger_proposals.every(ruled, State.OPEN)
    intake = payments.accept(ruled, proposed.id)
    (document,) = documents.every(ruled, batch=intake.batch)
    assert document.state == "ready", document.blocked_by
    lines = {
        line.account: line.debit - line.credit for line in documents.movements(ruled, document)
    }
    # by arithmetic: 1160 + 580 − 116 = 1624.00 of customers, 52.20 of fees, 1571.80 arrive
    assert lines == {"102.01": 157_180, "601.84": 5_220, "105.01": -162_400}
    assert ledger_proposals.every(ruled, State.OPEN) == []
    with pytest.raises(NotBookable):
        payments.accept(ruled, proposed.id)
    assert verification.verify(ruled).problems == []


def test_one_that_does_not_add_up_is_shown_and_not_booked(ruled: Journal) -> None:
    payments.propose(ruled, "stripe", Wallet(amount="1571.81"))
    (proposed,) = ledger_proposals.every(ruled, State.OPEN)
    with pytest.raises(NotBookable):
        payments.accept(ruled, proposed.id)
    payments.dismiss(ruled, proposed.id, "booked by hand")
    assert ledger_proposals.every(ruled, State.OPEN) == []


def test_another_currency_than_the_books_is_never_booked_as_theirs(ruled: Journal) -> None:
    payments.propose(ruled, "stripe", Wallet(currency="USD"))
    (proposed,) = ledger_proposals.every(ruled, State.OPEN)
    with pytest.raises(OtherCurrency):
        payments.accept(ruled, proposed.id)


def test_without_a_rule_nothing_is_booked(ruled: Journal) -> None:
    payments.propose(ruled, "stripe", Wallet())
    settings.put(ruled, "payments", "{}")
    with pytest.raises(NoRule):
        payments.accept(ruled, 1)


def test_what_the_wallet_takes_for_itself_is_a_fee_and_not_a_customers(ruled: Journal) -> None:
    """A charge of 1,160.00 (fee 34.80) and a fee of 10.00: 44.80 of fees, 1,115.20 arrive."""
    wallet = Wallet(amount="1115.20")
    rows = [
        row("t1", "1160.00", "34.80", "MXN"),
        replace(row("t2", "-10", "0", "MXN"), kind="stripe_fee"),
    ]
    wallet.source.rows = lambda _: iter(rows)  # type: ignore[method-assign]
    payments.propose(ruled, "stripe", wallet)
    intake = payments.accept(ruled, 1)
    (document,) = documents.every(ruled, batch=intake.batch)
    movements = documents.movements(ruled, document)
    lines = {line.account: line.debit - line.credit for line in movements}
    assert lines == {"102.01": 111_520, "601.84": 4_480, "105.01": -116_000}


def test_a_dispute_is_for_a_person(ruled: Journal) -> None:
    wallet = Wallet(amount="1000.00")
    rows = [replace(row("t1", "1000.00", "0", "MXN"), kind="adjustment")]
    wallet.source.rows = lambda _: iter(rows)  # type: ignore[method-assign]
    payments.propose(ruled, "stripe", wallet)
    with pytest.raises(NotBookable):
        payments.accept(ruled, 1)
