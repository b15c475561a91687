"""What was changed in the sandbox, and when: kept by triggers, so that nothing changes unseen.

Instants are seconds of this machine's clock. Of a deleted record its id stays, and that it is gone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from connectors.documents import CONTACT_FIELDS
from connectors.sandbox.refusal import Refused

CLOCK = "sandbox_now"
"""The SQL function that says the second it is."""
_NOW = f"{CLOCK}()"
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS change (
  kind TEXT NOT NULL, record INTEGER NOT NULL, number TEXT NOT NULL, at REAL NOT NULL,
  gone INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (kind, record));
CREATE INDEX IF NOT EXISTS change_at ON change(kind, at);
CREATE TRIGGER IF NOT EXISTS document_made AFTER INSERT ON document BEGIN
  INSERT OR REPLACE INTO change VALUES (NEW.kind, NEW.id, NEW.number, {_NOW}, 0); END;
CREATE TRIGGER IF NOT EXISTS document_changed AFTER UPDATE ON document BEGIN
  INSERT OR REPLACE INTO change VALUES (NEW.kind, NEW.id, NEW.number, {_NOW}, 0); END;
CREATE TRIGGER IF NOT EXISTS document_gone AFTER DELETE ON document BEGIN
  INSERT OR REPLACE INTO change VALUES (OLD.kind, OLD.id, OLD.number, {_NOW}, 1); END;
CREATE TRIGGER IF NOT EXISTS entry_made AFTER INSERT ON entry BEGIN
  INSERT OR REPLACE INTO change VALUES ('entry', NEW.id, NEW.number, {_NOW}, 0); END;
CREATE TRIGGER IF NOT EXISTS entry_changed AFTER UPDATE ON entry BEGIN
  INSERT OR REPLACE INTO change VALUES ('entry', NEW.id, NEW.number, {_NOW}, 0); END;
CREATE TRIGGER IF NOT EXISTS entry_gone AFTER DELETE ON entry BEGIN
  INSERT OR REPLACE INTO change VALUES ('entry', OLD.id, OLD.number, {_NOW}, 1); END;
"""
_OF_DOCUMENT = (
    *("id", "kind", "number", "reference", "date", "contact", "total", "residual"),
    *("currency", "rate", "body"),
)
_FIELDS = frozenset(CONTACT_FIELDS)
_OF_ENTRY = ("id", "number", "reference", "date", "journal", "description")


def between(
    connection: sqlite3.Connection, kind: str, since: float, until: float, page: tuple[int, int]
) -> list[dict[str, object]]:
    """Each with ``at``, ``gone`` and, where it is there, the record itself."""
    after, limit = page
    rows = connection.execute(
        "SELECT record, number, at, gone FROM change WHERE kind = ? AND at >= ? AND at < ?"
        " AND record > ? ORDER BY record LIMIT ?",
        (kind, since, until, after, limit),
    ).fetchall()
    there = {int(str(row["id"])): row for row in _rows(connection, kind, [row[0] for row in rows])}
    return [
        {"id": record, "number": number, "at": at, "gone": bool(gone), "row": there.get(record)}
        for record, number, at, gone in rows
    ]


def of_ids(
    connection: sqlite3.Connection, kind: str, ids: Sequence[str]
) -> list[dict[str, object]]:
    column = "number" if kind == "contact" else "record"
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(
        f"SELECT record, number, at FROM change WHERE kind = ? AND gone = 0"
        f" AND {column} IN ({marks})",
        (kind, *ids),
    ).fetchall()
    there = {int(str(row["id"])): row for row in _rows(connection, kind, [row[0] for row in rows])}
    return [
        {"id": record, "number": number, "at": at, "gone": False, "row": there[record]}
        for record, number, at in rows
        if record in there
    ]


def change_contact(cursor: sqlite3.Cursor, code: str, fields: Mapping[str, str]) -> None:
    row = cursor.execute(
        "SELECT id, body FROM document WHERE kind = 'contact' AND number = ?", (code,)
    ).fetchone()
    if row is None:
        raise Refused("not_found", f"no contact {code}")
    if unknown := fields.keys() - _FIELDS:
        raise Refused("unknown_field", f"a contact has no {', '.join(sorted(unknown))}")
    held = json.loads(row[1]) | dict(fields)
    if not held.get("name"):
        raise Refused("no_name", "a contact needs a name")
    body = json.dumps(held, ensure_ascii=False)
    cursor.execute("UPDATE document SET body = ? WHERE id = ?", (body, row[0]))
    cursor.execute(
        "UPDATE partner SET name = ?, tax_id = ? WHERE code = ?",
        (held["name"], held.get("tax_id", ""), code),
    )


def delete(cursor: sqlite3.Cursor, kind: str, number: str) -> None:
    table = "entry" if kind == "entry" else "document"
    row = cursor.execute(f"SELECT id FROM {table} WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise Refused("not_found", f"no {kind} {number}")
    entry = row[0]
    if kind == "contact":
        cursor.execute("DELETE FROM partner WHERE code = ?", (number,))
    if kind != "entry":
        entry = cursor.execute("SELECT entry FROM document WHERE id = ?", row).fetchone()[0]
        cursor.execute("DELETE FROM attachment WHERE document = ?", row)
        cursor.execute("DELETE FROM document WHERE id = ?", row)
    if entry is not None:
        cursor.execute("DELETE FROM line WHERE entry = ?", (entry,))
        cursor.execute("DELETE FROM entry WHERE id = ?", (entry,))


def _rows(
    connection: sqlite3.Connection, kind: str, numbers: Sequence[int]
) -> list[dict[str, object]]:
    names = _OF_ENTRY if kind == "entry" else _OF_DOCUMENT
    table = "entry" if kind == "entry" else "document"
    marks = ", ".join("?" * len(numbers))
    rows = connection.execute(
        f"SELECT {', '.join(names)} FROM {table} WHERE id IN ({marks})", list(numbers)
    )
    return [dict(zip(names, row, strict=True)) for row in rows]
