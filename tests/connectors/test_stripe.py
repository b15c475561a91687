"""Stripe as a source, against a stand-in that pages newest first while payments go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Rejected, Unauthorized
from connectors.stripe import StripeSource, money
from connectors.transport import Timeouts, Transport
from tests.connectors.fakes.server import Answer, Request, VendorServer

KEY = "rk_test_secreto_31"
NOON = int(datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp())


class FakeStripe(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.timezone = "America/Mexico_City"
        self.lists: dict[str, list[dict[str, Any]]] = {
            "payouts": [],
            "balance_transactions": [],
            "events": [],
        }

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Answer(
                401,
                {"error": {"type": "invalid_request_error", "message": f"Invalid API Key: {KEY}"}},
            )
        if request.path == "/v1/account":
            return Answer(
                200,
                {
                    "id": "acct_1",
                    "business_profile": {"name": "ACME"},
                    "default_currency": "mxn",
                    "settings": {"dashboard": {"timezone": self.timezone}},
                },
            )
        rows = list(reversed(self.lists[request.path.removeprefix("/v1/")]))
        for name, value in request.query.items():
            if name.endswith("[gte]"):
                rows = [row for row in rows if row[name[:-5]] >= int(value)]
            elif name.endswith("[lte]"):
                rows = [row for row in rows if row[name[:-5]] <= int(value)]
            elif name == "payout":
                rows = [row for row in rows if row["of"] == value]
        after = request.query.get("starting_after")
        if after:
            rows = rows[[row["id"] for row in rows].index(after) + 1 :]
        return Answer(200, {"object": "list", "data": rows[:7], "has_more": len(rows) > 7})


def charge(number: int) -> dict[str, Any]:
    return {
        "id": f"txn_{number}",
        "of": "po_1",
        "created": NOON + number,
        "available_on": NOON + 172_800,
        "type": "charge",
        "reporting_category": "charge",
        "amount": 10_000 + number,
        "fee": 390,
        "net": 9_610 + number,
        "currency": "mxn",
        "source": f"ch_{number}",
    }


@pytest.fixture
def server() -> Iterator[FakeStripe]:
    running = FakeStripe()
    for number in range(1, 31):
        running.lists["balance_transactions"].append(charge(number))
        running.lists["events"].append(
            {
                "id": f"evt_{number}",
                "created": NOON + number,
                "type": "payout.paid",
                "data": {"object": {"id": number}},
            }
        )
    total = sum(row["net"] for row in running.lists["balance_transactions"])
    running.lists["balance_transactions"].append(
        {
            "id": "txn_po",
            "of": "po_1",
            "created": NOON,
            "available_on": NOON,
            "type": "payout",
            "amount": -total,
            "fee": 0,
            "net": -total,
            "currency": "mxn",
            "source": "po_1",
        }
    )
    running.lists["payouts"].append(
        {
            "id": "po_1",
            "arrival_date": NOON,
            "amount": total,
            "currency": "mxn",
            "status": "paid",
            "reconciliation_status": "completed",
        }
    )
    yield running
    running.stop()


def source(server: FakeStripe, key: str = KEY) -> StripeSource:
    return StripeSource(Transport(server.url, Timeouts(2, 5), sleep=lambda _: None), key)


def test_the_rows_of_a_payout_add_up_to_it(server: FakeStripe) -> None:
    stripe = source(server)
    (payout,) = stripe.payouts(date(2026, 1, 15), date(2026, 1, 15))
    rows = list(stripe.rows(payout.id))
    assert payout.complete and len(rows) == 30
    assert sum(row.net for row in rows) == payout.amount == Decimal("2887.65")
    assert all(row.gross - row.fee == row.net for row in rows)
    assert list(stripe.payouts(date(2026, 1, 16), date(2026, 1, 31))) == []
    stripe.close()


def test_events_come_oldest_first_from_a_cursor_and_each_once(server: FakeStripe) -> None:
    stripe = source(server)
    first = list(stripe.events())
    assert [event.id for event in first] == [f"evt_{number}" for number in range(1, 31)]
    assert [event.id for event in stripe.events(after="evt_27")] == ["evt_28", "evt_29", "evt_30"]
    with pytest.raises(Rejected):
        list(stripe.events(since=datetime.now(UTC) - timedelta(days=31)))
    stripe.close()


def test_the_key_is_in_no_error(server: FakeStripe) -> None:
    stripe = source(server, "rk_otro")
    with pytest.raises(Unauthorized) as caught:
        list(stripe.balance(date(2026, 1, 1), date(2026, 1, 31)))
    assert "rk_otro" not in str(caught.value)
    stripe.close()


@pytest.mark.parametrize(
    ("units", "currency", "amount"),
    [
        (123, "mxn", "1.23"),
        (123, "JPY", "123"),
        (5000, "clp", "5000"),
        (1234, "kwd", "1.234"),
        (-5, "usd", "-0.05"),
    ],
)
def test_each_currency_has_its_own_smallest_unit(units: int, currency: str, amount: str) -> None:
    assert money(units, currency) == Decimal(amount)


def test_a_charge_of_the_last_evening_of_a_month_is_of_that_month() -> None:
    server = FakeStripe()
    evening = datetime(2026, 2, 1, 3, tzinfo=UTC)  # 31 January, 21:00 in Mexico
    row = charge(1) | {"created": int(evening.timestamp())}
    server.lists["balance_transactions"] = [row]
    source = StripeSource(Transport(server.url, Timeouts(2, 5)), KEY)
    january = list(source.balance(date(2026, 1, 1), date(2026, 1, 31)))
    assert [found.date for found in january] == [date(2026, 1, 31)]
    assert list(source.balance(date(2026, 2, 1), date(2026, 2, 28))) == []
    source.close()
    server.stop()
