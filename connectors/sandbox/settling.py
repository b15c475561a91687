"""What payments and credit notes settle of the sandbox's invoices, and what the exchange rate makes
of it in the books.

A document's residual is in its own currency; ``open_books`` is what that is in the books, at the
document's rate. What is settled leaves at that rate: the difference to the payment's own is posted
as a gain or loss.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connectors.sandbox.refusal import Refused, minor_units

PAYS = {
    "receipt": ("invoice",),
    "payment": ("bill",),
    "refund": ("invoice",),
    "bill-refund": ("bill",),
}
"""What each settles."""


@dataclass(frozen=True, slots=True)
class Money:
    """Cents of a currency, whose unit is ``rate`` units of the books'."""

    cents: int
    currency: str
    rate: Decimal

    @property
    def in_books(self) -> int:
        return in_books(self.cents, self.rate)


def in_books(cents: int, rate: Decimal) -> int:
    return int((cents * rate).quantize(Decimal(1), ROUND_HALF_UP))


def money_of(body: Mapping[str, object], cents: int, own: str) -> Money:
    """An amount in the currency a document names. Raises Refused where one that is not the books'
    has no rate, as a target would otherwise take its table's.
    """
    currency = str(body.get("currency") or own).upper()
    said = str(body.get("rate") or "")
    if currency != own and not said:
        raise Refused("rate_missing", f"a document in {currency} needs its rate")
    rate = Decimal(said or "1")
    if rate <= 0 or (currency == own and rate != 1):
        raise Refused("bad_rate", f"{rate} is no rate of {currency}")
    return Money(cents, currency, rate)


@dataclass(frozen=True, slots=True)
class Settled:
    """``left`` is what remains of the payment in its own currency, ``released`` what left the
    party's account in the books for what it settled.
    """

    left: int
    released: int


def settle(
    cursor: sqlite3.Cursor,
    kind: str,
    contact: str,
    given: object,
    payment: Money,
) -> Settled:
    """Apply a payment or a credit note to documents: each part in the document's currency, and
    ``paid`` in the payment's where they differ. Raises Refused.
    """
    left, released = payment.cents, 0
    for item in given if isinstance(given, list) else []:
        row = document_row(cursor, int(item["id"]))
        if row["contact"] != contact:
            said = f"document {item['id']} is of {row['contact']}, not of {contact}"
            raise Refused("wrong_party", said)
        if row["kind"] not in PAYS[kind]:
            raise Refused("wrong_document", f"a {kind} does not settle document {item['id']}")
        residual, open_books = int(row["residual"]), int(row["open_books"])
        part = minor_units(item["amount"])
        paid = _paid(item, part, row, payment)
        if part <= 0 or part > residual or paid > left:
            shown = f"{row['number']} has {Decimal(residual).scaleb(-2)} open"
            raise Refused("over_applied", shown)
        gone = open_books if part == residual else in_books(part, Decimal(row["rate"]))
        left, released = left - paid, released + gone
        cursor.execute(
            "UPDATE document SET residual = residual - ?, open_books = open_books - ? WHERE id = ?",
            (part, gone, row["id"]),
        )
    return Settled(left, released)


def open_parts(
    cursor: sqlite3.Cursor, identifiers: object, payment: Money
) -> list[dict[str, object]]:
    """What a credit note settles of each document: as much as is open, in their order."""
    left, found = payment.cents, list[dict[str, object]]()
    for identifier in identifiers if isinstance(identifiers, list) else []:
        row = document_row(cursor, int(identifier))
        if row["currency"] != payment.currency:
            raise Refused("other_currency", f"{row['number']} is in {row['currency']}")
        part = min(int(row["residual"]), left)
        if part:
            found.append({"id": identifier, "amount": Decimal(part).scaleb(-2)})
        left -= part
    return found


def _paid(item: Mapping[str, object], part: int, row: Mapping[str, str], payment: Money) -> int:
    if row["currency"] == payment.currency:
        return part
    if not item.get("paid"):
        said = f"{row['number']} is in {row['currency']}; say what of the payment pays it"
        raise Refused("paid_missing", said)
    return minor_units(item["paid"])


_COLUMNS: Sequence[str] = (
    "id",
    "kind",
    "number",
    "contact",
    "residual",
    "open_books",
    "currency",
    "rate",
    "body",
)


def document_row(cursor: sqlite3.Cursor, identifier: int) -> dict[str, str]:
    """A document by its id, every value as text. Raises Refused."""
    row = cursor.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM document WHERE id = ?", (identifier,)
    ).fetchone()
    if row is None:
        raise Refused("unknown_document", f"no document {identifier}")
    return {name: str(value) for name, value in zip(_COLUMNS, row, strict=True)}
