"""The sandbox's contacts, invoices, bills, refunds and payments: each has one external reference,
posts its entry into the ledger and keeps what is still open. Money is integer minor units (cents).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.sandbox.refusal import Refused, minor_units

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, number TEXT NOT NULL, reference TEXT NOT NULL,
  guard TEXT UNIQUE,
  date TEXT NOT NULL, contact TEXT NOT NULL, total INTEGER NOT NULL, residual INTEGER NOT NULL,
  entry INTEGER,
  body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS document_reference ON document(reference);
"""
TAXES = {
    "MX": {"IVA16": Decimal(16), "IVA8": Decimal(8), "IVA0": Decimal(0)},
    "CO": {"IVA19": Decimal(19), "IVA5": Decimal(5), "IVA0": Decimal(0)},
}
ACCOUNTS = {
    "MX": {
        "receivable": "105.01",
        "payable": "201.01",
        "sale-tax": "209.01",
        "purchase-tax": "119.01",
    },
    "CO": {
        "receivable": "130505",
        "payable": "220505",
        "sale-tax": "240801",
        "purchase-tax": "240802",
    },
}
_SALES = ("invoice", "refund", "receipt")
_PAYS = {"receipt": ("invoice",), "payment": ("bill",)}
_DEBITS = ("invoice", "bill-refund", "payment")
"""What stands on the debit side of the party's account."""
_COLUMNS = ("id", "kind", "number", "reference", "date", "contact", "total", "residual", "body")

Line = dict[str, object]
Post = Callable[[sqlite3.Cursor, Mapping[str, object]], int]
"""Posts an entry, gives its id, raises Refused."""


class Invoicing:
    """One company's documents, within its store's transactions."""

    def __init__(self, country: str, post: Post, unique: Callable[[], bool]) -> None:
        self._taxes, self._named, self._post, self._unique = (
            TAXES[country],
            ACCOUNTS[country],
            post,
            unique,
        )

    def create(self, cursor: sqlite3.Cursor, body: Mapping[str, object]) -> dict[str, object]:
        """Take one document. Raises Refused; with ``duplicate`` where its reference is taken,
        except that a contact is then changed.
        """
        kind, reference = str(body.get("kind")), str(body.get("reference") or "")
        guard = f"{kind}|{reference}" if reference and self._unique() else None
        held = (
            cursor.execute("SELECT id, number FROM document WHERE guard = ?", (guard,)).fetchone()
            if guard
            else None
        )
        if kind == "contact":
            return self._contact(cursor, body, guard, held[0] if held else None)
        if held:
            raise Refused("duplicate", f"reference {reference} exists as {held[1]}")
        if kind in _PAYS:
            return self._payment(cursor, body, kind, guard)
        if kind in ("invoice", "refund", "bill", "bill-refund"):
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
            fields = json.loads(_row(cursor, held)["body"]) | fields
        values = (
            fields.get("name", ""),
            fields.get("tax_id", ""),
            json.dumps(fields, ensure_ascii=False),
        )
        if held:
            code = str(_row(cursor, held)["number"])
            cursor.execute("UPDATE document SET body = ? WHERE id = ?", (values[2], held))
            cursor.execute(
                "UPDATE partner SET name = ?, tax_id = ? WHERE code = ?", (*values[:2], code)
            )
            return {"id": held, "number": code}
        identifier = _insert(
            cursor,
            "contact",
            "",
            str(body.get("reference") or ""),
            guard,
            "",
            "",
            0,
            None,
            values[2],
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
        contact, sale = str(body.get("contact")), kind in _SALES
        by_account = self._amounts(given, sale)
        total = sum(by_account.values())
        if body.get("total") not in (None, "") and minor_units(body["total"]) != total:
            raise Refused(
                "total_differs", f"the lines and their taxes come to {Decimal(total).scaleb(-2)}"
            )
        party = self._named["receivable" if sale else "payable"]
        lines = [_side(party, total, kind in _DEBITS, contact)]
        lines += [
            _side(account, value, kind not in _DEBITS, "") for account, value in by_account.items()
        ]
        entry = self._post(cursor, _entry(body, "DIA", lines))
        number = str(body.get("number") or "") or f"{kind.upper()}/{entry:05d}"
        return self._keep(cursor, body, kind, number, guard, total, entry, total)

    def _amounts(self, lines: Sequence[Mapping[str, Any]], sale: bool) -> dict[str, int]:
        """Account → minor units, the taxes of all lines on an account of their own."""
        found: Counter[str] = Counter()
        bases: Counter[str] = Counter()
        for line in lines:
            net = _cents(Decimal(str(line["quantity"])) * Decimal(str(line["unit_price"])))
            found[str(line["account"])] += net
            for tax in line.get("taxes") or ():
                if tax not in self._taxes:
                    raise Refused("unknown_tax", f"no tax {tax!r}")
                bases[tax] += net
        taxes = [
            _cents(Decimal(base) * self._taxes[tax] / 100 / 100) for tax, base in bases.items()
        ]
        if sum(taxes):
            found[self._named["sale-tax" if sale else "purchase-tax"]] += sum(taxes)
        return dict(found)

    def _payment(
        self, cursor: sqlite3.Cursor, body: Mapping[str, object], kind: str, guard: str | None
    ) -> dict[str, object]:
        total, contact = minor_units(body.get("amount")), str(body.get("contact"))
        applied = body.get("applied") or []
        left = total
        for item in applied if isinstance(applied, list) else []:
            row, part = _row(cursor, int(item["id"])), minor_units(item["amount"])
            if row["contact"] != contact:
                raise Refused(
                    "wrong_party", f"document {item['id']} is of {row['contact']}, not of {contact}"
                )
            if row["kind"] not in _PAYS[kind]:
                raise Refused("wrong_document", f"a {kind} does not pay document {item['id']}")
            if part > int(str(row["residual"])) or part > left:
                raise Refused(
                    "over_applied",
                    f"{row['number']} has {Decimal(str(row['residual'])).scaleb(-2)} open",
                )
            left -= part
            cursor.execute(
                "UPDATE document SET residual = residual - ? WHERE id = ?", (part, row["id"])
            )
        party = self._named["receivable" if kind == "receipt" else "payable"]
        received = kind == "receipt"
        lines = [
            _side(str(body.get("account")), total, received, ""),
            _side(party, total, not received, contact),
        ]
        entry = self._post(cursor, _entry(body, "ING" if received else "EGR", lines))
        return self._keep(
            cursor, body, kind, f"{kind.upper()}/{entry:05d}", guard, total, entry, left
        )

    @staticmethod
    def _keep(
        cursor: sqlite3.Cursor,
        body: Mapping[str, object],
        kind: str,
        number: str,
        guard: str | None,
        total: int,
        entry: int,
        residual: int,
    ) -> dict[str, object]:
        identifier = _insert(
            cursor,
            kind,
            number,
            str(body.get("reference") or ""),
            guard,
            str(body["date"]),
            str(body["contact"]),
            total,
            entry,
            json.dumps(dict(body), ensure_ascii=False),
            residual,
        )
        return {"id": identifier, "number": number}


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


def _insert(
    cursor: sqlite3.Cursor,
    kind: str,
    number: str,
    reference: str,
    guard: str | None,
    day: str,
    contact: str,
    total: int,
    entry: int | None,
    body: str,
    residual: int = 0,
) -> int:
    cursor.execute(
        "INSERT INTO document (kind, number, reference, guard, date, contact, total, residual,"
        " entry, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (kind, number, reference, guard, day, contact, total, residual, entry, body),
    )
    return int(cursor.lastrowid or 0)


def _row(cursor: sqlite3.Cursor, identifier: int) -> dict[str, str]:
    row = cursor.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM document WHERE id = ?", (identifier,)
    ).fetchone()
    if row is None:
        raise Refused("unknown_document", f"no document {identifier}")
    return {name: str(value) for name, value in zip(_COLUMNS, row, strict=True)}


def _entry(body: Mapping[str, object], journal: str, lines: list[Line]) -> dict[str, object]:
    return {
        "reference": body.get("reference"),
        "date": body.get("date"),
        "journal": journal,
        "description": body.get("number") or body.get("reference"),
        "lines": lines,
    }


def _side(account: str, cents: int, debit: bool, partner: str) -> Line:
    value, nothing = str(Decimal(cents).scaleb(-2)), "0"
    return {
        "account": account,
        "debit": value if debit else nothing,
        "credit": nothing if debit else value,
        "partner": partner,
        "label": "",
    }


def _cents(value: Decimal) -> int:
    return int((value * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
