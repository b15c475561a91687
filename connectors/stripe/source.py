"""Stripe as a source: payouts, what is in each, charges, and events from a cursor. Nothing is ever
written.

Rules (vendor's OpenAPI fixtures and documents; S spec, D vendor page, I inferred):

* Amounts are integers of the smallest unit; some currencies have none smaller than one, some have
  three decimals [S/D].
* The rows of a payout, without the payout's own, add up to it; valid once its
  ``reconciliation_status`` is ``completed`` and only for automatic payouts [S fields, sum I].
* ``/v1/events`` reaches thirty days back, newest first, possibly out of order [S]: an event's id is
  the key against reading it twice, and the object is read anew for its final state.
* A restricted key that may only read is enough, and is all a person should give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from connectors.amounts import day
from connectors.documents import Day
from connectors.errors import ConnectorError, Rejected, Throttled, Unauthorized, Uncertain
from connectors.transport import Transport, retry_after

URL = "https://api.stripe.com"
PAGE = 100
EVENTS_REACH = timedelta(days=30)
_WHOLE = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
_THOUSANDTHS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])


@dataclass(frozen=True, slots=True)
class Payout:
    """Money on its way to the bank. ``complete`` says that its rows are final."""

    id: str
    date: date
    amount: Decimal
    currency: str
    status: str
    complete: bool


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One movement of the balance: ``gross`` less ``fee`` is ``net``; ``source`` is the charge,
    refund or payout.
    """

    id: str
    date: date
    available: Day
    kind: str
    category: str
    gross: Decimal
    fee: Decimal
    net: Decimal
    currency: str
    source: str
    description: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``object`` is as it was then."""

    id: str
    at: datetime
    kind: str
    object: Mapping[str, Any]


class StripeSource:
    """One account, by a restricted key. Days are those of ``timezone``, else of the account's
    own.
    """

    def __init__(
        self, transport: Transport, key: str, version: str = "2024-06-20", timezone: str = ""
    ) -> None:
        self._transport, self._timezone = transport, timezone
        self._zone: ZoneInfo | None = None
        transport.hide(key)
        transport.set_header("Authorization", f"Bearer {key}")
        transport.set_header("Stripe-Version", version)
        transport.classify = classify

    def payouts(self, start: date, end: date) -> Iterator[Payout]:
        """Payouts that arrive from ``start`` to ``end``."""
        for row in self._pages("payouts", _between("arrival_date", start, end, UTC)):
            yield Payout(
                row["id"],
                day(row["arrival_date"]),
                money(row["amount"], row["currency"]),
                row["currency"].upper(),
                row["status"],
                row.get("reconciliation_status") == "completed",
            )

    def rows(self, payout: str) -> Iterator[BalanceRow]:
        """What is in an automatic payout, without the payout's own row."""
        for row in self._pages("balance_transactions", {"payout": payout}):
            if row["type"] != "payout":
                yield _balance_row(row, self.zone)

    def balance(self, start: date, end: date) -> Iterator[BalanceRow]:
        """Every movement of the balance created from ``start`` to ``end``."""
        window = _between("created", start, end, self.zone)
        for row in self._pages("balance_transactions", window):
            yield _balance_row(row, self.zone)

    @property
    def zone(self) -> ZoneInfo:
        """The account's own time zone, in which its reports are cut into days."""
        if self._zone is None:
            name = self._timezone or self._told_zone()
            try:
                self._zone = ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                raise Rejected(f"time zone {name!r} is not known here", "timezone") from None
        return self._zone

    def _told_zone(self) -> str:
        """Raises Rejected for a key that may not read its account."""
        try:
            settings = self._transport.read_json("GET", "/v1/account").get("settings") or {}
        except Unauthorized as error:
            if error.code != "403":
                raise
            raise Rejected(
                f"this key may not read the account's time zone ({error.words}): allow it to read"
                " accounts, or name the time zone in the connection (America/Mexico_City)",
                "timezone",
            ) from None
        return str((settings.get("dashboard") or {}).get("timezone") or "Etc/UTC")

    def events(self, after: str = "", since: datetime | None = None) -> Iterator[Event]:
        """Events newer than the one with the id ``after``, or than ``since``, oldest first. Raises
        Rejected when that is further back than Stripe remembers: then list the objects themselves.
        """
        if since is not None and datetime.now(UTC) - since > EVENTS_REACH:
            raise Rejected("events reach thirty days back; list the objects instead", "too-old")
        query = {"created[gte]": str(int(since.timestamp()))} if since else {}
        found, reached = [], not after
        for row in self._pages("events", query):
            if row["id"] == after:
                reached = True
                break
            found.append(
                Event(
                    row["id"],
                    datetime.fromtimestamp(row["created"], UTC),
                    row["type"],
                    row["data"]["object"],
                )
            )
        if not reached:
            raise Rejected(
                f"event {after} is further back than Stripe remembers; list the objects instead",
                "too-old",
            )
        yield from reversed(found)

    def close(self) -> None:
        self._transport.close()

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Every object of a list, newest first, each once."""
        last, seen = "", set()
        while True:
            params = {**query, "limit": str(PAGE), **({"starting_after": last} if last else {})}
            answer = self._transport.read_json("GET", f"/v1/{path}", params=params)
            for row in answer["data"]:
                if row["id"] not in seen:
                    seen.add(row["id"])
                    yield row
            if not answer["has_more"] or not answer["data"]:
                return
            last = answer["data"][-1]["id"]


def money(units: int, currency: str) -> Decimal:
    """An amount in the currency's own unit."""
    places = 0 if currency.lower() in _WHOLE else 3 if currency.lower() in _THOUSANDTHS else 2
    return Decimal(units).scaleb(-places)


def classify(response: httpx.Response) -> ConnectorError | None:
    """The error a Stripe answer means."""
    try:
        error = response.json()["error"]
        words, kind = (
            str(error.get("message") or ""),
            str(error.get("code") or error.get("type") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if response.status_code == 429:
        return Throttled(words, kind, retry_after(response.headers, 2.0))
    if response.status_code in (401, 403):
        return Unauthorized(words, kind)
    return Uncertain(words, kind) if response.status_code >= 500 else Rejected(words, kind)


def _balance_row(row: Mapping[str, Any], zone: tzinfo) -> BalanceRow:
    currency = row["currency"]
    return BalanceRow(
        row["id"],
        datetime.fromtimestamp(row["created"], zone).date(),
        day(row["available_on"]),
        row["type"],
        str(row.get("reporting_category") or ""),
        money(row["amount"], currency),
        money(row["fee"], currency),
        money(row["net"], currency),
        currency.upper(),
        str(row.get("source") or ""),
        str(row.get("description") or ""),
    )


def _between(field: str, start: date, end: date, zone: tzinfo) -> dict[str, str]:
    """Stripe states an arrival as midnight UTC of its day; other instants are of the account."""
    first = int(datetime.combine(start, time.min, zone).timestamp())
    last = int(datetime.combine(end, time.max, zone).timestamp())
    return {f"{field}[gte]": str(first), f"{field}[lte]": str(last)}
