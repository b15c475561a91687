"""The sandbox's contacts, invoices, bills, refunds, payments and attached files: each document has
one external reference, posts its entry into the ledger and keeps what is still open. Money is
integer minor units (cents) of the document's currency; the ledger is in the books'.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.sandbox.refusal import Refused, minor_units
from connectors.sandbox.settling import (
    Money,
    Settled,
    document_row,
    in_books,
    money_of,
    open_parts,
    settle,
)
from connectors.sandbox.taxes import TAXES, computed

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, number TEXT NOT NULL, reference TEXT NOT NULL,
  guard TEXT UNIQUE,
  date TEXT NOT NULL, contact TEXT NOT NULL, total INTEGER NOT NULL, residual INTEGER NOT NULL,
  entry INTEGER,
  body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS document_reference ON document(reference);
CREATE TABLE IF NOT EXISTS attachment (
  id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES document(id), name TEXT NOT NULL,
  sha256 TEXT NOT NULL, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS attachment_document ON attachment(document);
"""
LATER_COLUMNS = (
    ("document", "currency", "TEXT NOT NULL DEFAULT ''"),
    ("document", "rate", "TEXT NOT NULL DEFAULT '1'"),
    ("document", "open_books", "INTEGER NOT NULL DEFAULT 0"),
)
"""What databases of the first release do not have; there every document is in the books' money."""
ACCOUNTS = {
    "MX": {"receivable": "105.01", "payable": "201.01", "gain": "702.01", "loss": "701.01"},
    "CO": {"receivable": "130505", "payable": "220505", "gain": "421020", "loss": "530525"},
}
INVOICES = ("invoice", "refund", "bill", "bill-refund")
PAYMENTS = ("receipt", "payment")
_SALES = ("invoice", "refund", "receipt")
_DEBITS = ("invoice", "bill-refund", "payment")
"""What stands on the debit side of the party's account."""
_COLUMNS = (
    "id",
    "kind",
    "number",
    "reference",
    "date",
    "contact",
    "total",
    "residual",
    "currency",
    "rate",
    "body",
)

Line = dict[str, object]
Post = Callable[[sqlite3.Cursor, Mapping[str, object]], int]
"""Posts an entry, gives its id, raises Refused."""


@dataclass(frozen=True, slots=True)
class Books:
    """What of a company its documents need: ``is_unique`` whether references are guarded."""

    country: str
    currency: str
    post: Post
    is_unique: Callable[[], bool]


class Invoicing:
    """One company's documents, within its store's transactions."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._taxes, self._named = TAXES[books.country], ACCOUNTS[books.country]

    def create(self, cursor: sqlite3.Cursor, body: Mapping[str, object]) -> dict[str, object]:
        """Take one document. Raises Refused; with ``duplicate`` where its reference is taken,
        except that a contact is then changed.
        """
        kind, reference = str(body.get("kind")), str(body.get("reference") or "")
        guard = f"{kind}|{reference}" if reference and self._books.is_unique() else None
        held = (
            cursor.execute("SELECT id, number FROM document WHERE guard = ?", (guard,)).fetchone()
            if guard
            else None
        )
        if kind == "contact":
            return self._contact(cursor, body, guard, held[0] if held else None)
        if held:
            raise Refused("duplicate", f"reference {reference} exists as {held[1]}")
        if kind in PAYMENTS:
            return self._payment(cursor, body, kind, guard)
        if kind in INVOICES:
            return self._invoice(cursor, body, kind, guard)
        raise Refused("unknown_kind", f"no document {kind!r}")

    def _contact(
        self,
        cursor: sqlite3.Cursor,
        body: Mapping[str, object],
        guard: str | None,
        held: int | None,
    ) -> dict[str, object]:
        fields = {
            str(name): str(value) for name, value in dict(_mapping(body.get("fields"))).items()
        }
        if not fields.get("name") and not held:
            raise Refused("no_name", "a contact needs a name")
        if held:
            fields = json.loads(document_row(cursor, held)["body"]) | fields
        values = (
            fields.get("name", ""),
            fields.get("tax_id", ""),
            json.dumps(fields, ensure_ascii=False),
        )
        if held:
            code = document_row(cursor, held)["number"]
            cursor.execute("UPDATE document SET body = ? WHERE id = ?", (values[2], held))
            cursor.execute(
                "UPDATE partner SET name = ?, tax_id = ? WHERE code = ?", (*values[:2], code)
            )
            return {"id": held, "number": code}
        identifier = _insert(
            cursor,
            kind="contact",
            reference=str(body.get("reference") or ""),
            guard=guard,
            body=values[2],
        )
        code = f"C{identifier:05d}"
        cursor.execute(
            "UPDATE document SET number = ?, contact = ? WHERE id = ?", (code, code, identifier)
        )
        cursor.execute("INSERT INTO partner VALUES (?, ?, ?)", (code, *values[:2]))
        return {"id": identifier, "number": code}

    def _invoice(
        self, cursor: sqlite3.Cursor, body: Mapping[str, object], kind: str, guard: str | None
    ) -> dict[str, object]:
        given = body.get("lines")
        if not isinstance(given, list) or not given:
            raise Refused("empty", "a document needs lines")
        contact, is_sale, is_debit = str(body.get("contact")), kind in _SALES, kind in _DEBITS
        stated = _mapping(body.get("tax_amounts"))
        found = computed(given, stated, self._taxes, is_sale=is_sale)
        if body.get("total") not in (None, "") and minor_units(body["total"]) != found.total:
            shown = Decimal(found.total).scaleb(-2)
            raise Refused("total_differs", f"the lines and their taxes come to {shown}")
        money = money_of(body, found.total, self._books.currency)
        booked, in_all = _booked(found.by_account, money), money.in_books
        lines = [_side(account, cents, is_debit=not is_debit) for account, cents in booked.items()]
        party = self._named["receivable" if is_sale else "payable"]
        parts = open_parts(cursor, body.get("settles"), money)
        settled = settle(cursor, kind, contact, parts, money)
        exchange = _exchange(settled, in_all, money)
        # A credit note leaves the party's account as what it settles stands there.
        lines.append(_side(party, in_all - exchange, is_debit=is_debit, partner=contact))
        lines += self._gain_or_loss(exchange, is_debit=is_debit)
        entry = self._books.post(cursor, _entry(body, "DIA", lines))
        number = str(body.get("number") or "") or f"{kind.upper()}/{entry:05d}"
        posted = _Posted(number, entry, money, settled, in_all - exchange)
        return _keep(cursor, body, guard, posted)

    def _payment(
        self, cursor: sqlite3.Cursor, body: Mapping[str, object], kind: str, guard: str | None
    ) -> dict[str, object]:
        money = money_of(body, minor_units(body.get("amount")), self._books.currency)
        contact, received = str(body.get("contact")), kind == "receipt"
        settled = settle(cursor, kind, contact, body.get("applied"), money)
        exchange = _exchange(settled, money.in_books, money)
        party = self._named["receivable" if received else "payable"]
        bank = _side(str(body.get("account")), money.in_books, is_debit=received)
        lines = [
            bank,
            _side(party, money.in_books - exchange, is_debit=not received, partner=contact),
            *self._gain_or_loss(exchange, is_debit=not received),
        ]
        entry = self._books.post(cursor, _entry(body, "ING" if received else "EGR", lines))
        number = f"{kind.upper()}/{entry:05d}"
        posted = _Posted(number, entry, money, settled, money.in_books - exchange)
        return _keep(cursor, body, guard, posted)

    def _gain_or_loss(self, exchange: int, *, is_debit: bool) -> list[Line]:
        """What the rates differ by, on the side that balances the party's."""
        if not exchange:
            return []
        on_debit = is_debit == (exchange > 0)
        account = self._named["loss" if on_debit else "gain"]
        return [_side(account, abs(exchange), is_debit=on_debit)]


def attach(cursor: sqlite3.Cursor, body: Mapping[str, object]) -> dict[str, object]:
    """Keep a file with a document; like the vendors' services it takes the same name twice. Raises
    Refused.
    """
    row = document_row(cursor, int(str(body.get("id") or 0)))
    try:
        content = base64.b64decode(str(body.get("content") or ""), validate=True)
    except binascii.Error:
        raise Refused("bad_content", "the content is not base64") from None
    name = str(body.get("name") or "")
    if not name or not content:
        raise Refused("empty", "a file needs a name and a content")
    cursor.execute(
        "INSERT INTO attachment (document, name, sha256, content) VALUES (?, ?, ?, ?)",
        (row["id"], name, hashlib.sha256(content).hexdigest(), content),
    )
    return {"id": int(cursor.lastrowid or 0), "name": name}


def attachments(connection: sqlite3.Connection, document: int) -> list[dict[str, object]]:
    """The files of a document, oldest first."""
    names = ("id", "name", "sha256")
    rows = connection.execute(
        "SELECT id, name, sha256 FROM attachment WHERE document = ? ORDER BY id", (document,)
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def find(connection: sqlite3.Connection, kind: str, reference: str) -> list[dict[str, object]]:
    rows = connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM document WHERE kind = ? AND reference = ? ORDER BY id",
        (kind, reference),
    )
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]


def listed(
    connection: sqlite3.Connection, kind: str, start: str, end: str, after: int, limit: int
) -> Sequence[Line]:
    """Documents of a kind dated in the range (contacts: all) with id above ``after``, by id."""
    rows = connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM document WHERE kind = ? AND (date BETWEEN ? AND ? OR"
        " kind = 'contact') AND id > ? ORDER BY id LIMIT ?",
        (kind, start, end, after, limit),
    )
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]


@dataclass(frozen=True, slots=True)
class _Posted:
    """A document whose entry was posted; ``on_party`` is what stands on the party's account."""

    number: str
    entry: int
    money: Money
    settled: Settled
    on_party: int


def _keep(
    cursor: sqlite3.Cursor, body: Mapping[str, object], guard: str | None, posted: _Posted
) -> dict[str, object]:
    identifier = _insert(
        cursor,
        kind=str(body["kind"]),
        number=posted.number,
        reference=str(body.get("reference") or ""),
        guard=guard,
        date=str(body["date"]),
        contact=str(body["contact"]),
        total=posted.money.cents,
        entry=posted.entry,
        body=json.dumps(dict(body), ensure_ascii=False),
        residual=posted.settled.left,
        currency=posted.money.currency,
        rate=str(posted.money.rate),
        open_books=posted.on_party - posted.settled.released,
    )
    return {"id": identifier, "number": posted.number}


def _booked(by_account: Mapping[str, int], money: Money) -> dict[str, int]:
    """Each account in the books; what rounding leaves of the whole goes to the largest."""
    found = {account: in_books(cents, money.rate) for account, cents in by_account.items()}
    largest = max(found, key=lambda account: abs(found[account]))
    found[largest] += money.in_books - sum(found.values())
    return found


def _exchange(settled: Settled, in_all: int, money: Money) -> int:
    """What of an amount in the books is neither what it settles there nor what is left of it."""
    if settled.left == money.cents:
        return 0
    return in_all - settled.released - in_books(settled.left, money.rate)


def _insert(cursor: sqlite3.Cursor, **values: Any) -> int:
    """A document; what is not said is empty."""
    columns = dict.fromkeys(("number", "date", "contact"), "") | {"total": 0, "residual": 0}
    columns |= values
    marks = ", ".join("?" * len(columns))
    cursor.execute(
        f"INSERT INTO document ({', '.join(columns)}) VALUES ({marks})", list(columns.values())
    )
    return int(cursor.lastrowid or 0)


def _entry(body: Mapping[str, object], journal: str, lines: list[Line]) -> dict[str, object]:
    return {
        "reference": body.get("reference"),
        "date": body.get("date"),
        "journal": journal,
        "description": body.get("number") or body.get("reference"),
        "lines": lines,
    }


def _side(account: str, cents: int, *, is_debit: bool, partner: str = "") -> Line:
    """A negative amount stands on the other side."""
    value, nothing = str(Decimal(abs(cents)).scaleb(-2)), "0"
    on_debit = is_debit == (cents >= 0)
    return {
        "account": account,
        "debit": value if on_debit else nothing,
        "credit": nothing if on_debit else value,
        "partner": partner,
        "label": "",
    }


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
