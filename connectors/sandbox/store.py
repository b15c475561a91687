"""The sandbox ERP's own database: chart, partners, journals, entries, locks.

Money is integer minor units (cents). An entry is refused unless it balances, its accounts and
journal exist and its date lies after the lock. External references are unique unless
``unique_references`` is switched off, which lets the classic check-then-create race be shown.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import resources
from connectors.sandbox import changes, invoicing
from connectors.sandbox.invoicing import Books, Invoicing
from connectors.sandbox.refusal import Refused, minor_units
from connectors.sandbox.taxes import TAXES

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS account (code TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (code TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS partner (
  code TEXT PRIMARY KEY, name TEXT NOT NULL, tax_id TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS dimension (code TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
  id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, reference TEXT NOT NULL, guard TEXT UNIQUE,
  date TEXT NOT NULL, journal TEXT NOT NULL REFERENCES journal(code), description TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entry_reference ON entry(reference);
CREATE INDEX IF NOT EXISTS entry_date ON entry(date);
CREATE TABLE IF NOT EXISTS line (
  id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entry(id),
  account TEXT NOT NULL REFERENCES account(code),
  debit INTEGER NOT NULL, credit INTEGER NOT NULL, label TEXT NOT NULL, partner TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS line_entry ON line(entry);
"""
_LATER_COLUMNS = (
    ("entry", "made", "REAL NOT NULL DEFAULT 0"),
    ("entry", "note", "TEXT NOT NULL DEFAULT ''"),
    ("line", "dimension", "TEXT NOT NULL DEFAULT ''"),
    *invoicing.LATER_COLUMNS,
)
_JOURNALS = (("ING", "Ingresos", "bank"), ("EGR", "Egresos", "bank"), ("DIA", "Diario", "general"))


@dataclass
class Faults:
    """Shares (0 to 1) of requests that go wrong on purpose. ``hang_seconds`` is how long one stays
    silent, ``listing_lag`` for how long a new entry is in no list; ``half_body`` and ``wrong_type``
    do the work and answer it cut off or as a web page, ``drip`` answers it byte by byte, ``expire``
    forgets who is signed in.
    """

    error_before: float = 0.0
    error_after: float = 0.0
    throttle: float = 0.0
    lose_answer: float = 0.0
    hang: float = 0.0
    half_body: float = 0.0
    wrong_type: float = 0.0
    drip: float = 0.0
    expire: float = 0.0
    hang_seconds: float = 5.0
    listing_lag: float = 0.0

    @classmethod
    def parse(cls, values: Mapping[str, object]) -> Faults:
        known = {item.name for item in fields(cls)}
        return cls(**{name: float(str(value)) for name, value in values.items() if name in known})


class SandboxStore:
    """One company's books. Safe to use from several threads; one reads or writes at a time."""

    def __init__(
        self, path: Path, country: str = "MX", company: str = "Empresa Sandbox SA de CV"
    ) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self.clock = time.time
        self._connection.create_function(changes.CLOCK, 0, self._second)
        self._connection.executescript(_SCHEMA + invoicing.SCHEMA + changes.SCHEMA)
        self._add_later_columns()
        if not self.setting("company"):
            self._found(country, company)
        self._add_later_accounts()
        self._invoicing = Invoicing(
            Books(
                self.setting("country"),
                self.setting("currency"),
                self._post_for_document,
                lambda: self._is_unique,
            )
        )

    def _second(self) -> float:
        return self.clock()

    def _add_later_columns(self) -> None:
        """What databases of the first releases do not have."""
        for table, column, kind in _LATER_COLUMNS:
            known = {row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")}
            if column not in known:
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def _add_later_accounts(self) -> None:
        """The accounts taxes and exchange are posted on, in books of the first release."""
        country = self.setting("country")
        used = {account for tax in TAXES[country].values() for account in (tax.sale, tax.purchase)}
        used |= set(invoicing.ACCOUNTS[country].values())
        added = [one for one in _chart(country) if one[0] in used]
        with self._writing() as cursor:
            cursor.executemany("INSERT OR IGNORE INTO account VALUES (?, ?)", added)
            cursor.execute(
                "UPDATE document SET currency = ?, open_books = residual WHERE currency = ''",
                (self.setting("currency"),),
            )

    @property
    def _listed_until(self) -> float:
        """Entries made later are in no list yet."""
        lag = self.faults.listing_lag
        return self.clock() - lag if lag else float("inf")

    @property
    def _is_unique(self) -> bool:
        return self.setting("unique_references") == "1"

    def setting(self, name: str) -> str:
        rows = self._read("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def set_setting(self, name: str, value: str) -> None:
        with self._writing() as cursor:
            cursor.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    @property
    def faults(self) -> Faults:
        return Faults.parse(json.loads(self.setting("faults") or "{}"))

    def set_faults(self, faults: Faults) -> None:
        self.set_setting("faults", json.dumps(asdict(faults)))

    def listing(self, table: str) -> list[dict[str, str]]:
        """All rows of ``account``, ``journal``, ``partner`` or ``dimension``."""
        columns = {
            "account": "code, name",
            "journal": "code, name, kind",
            "partner": "code, name, tax_id",
            "dimension": "code, name",
        }[table]
        names = columns.split(", ")
        rows = self._read(f"SELECT {columns} FROM {table} ORDER BY code")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def add_account(self, code: str, name: str) -> None:
        with self._writing() as cursor:
            cursor.execute("INSERT OR IGNORE INTO account VALUES (?, ?)", (code, name))

    def add_dimension(self, code: str, name: str) -> None:
        with self._writing() as cursor:
            cursor.execute("INSERT OR IGNORE INTO dimension VALUES (?, ?)", (code, name))

    def add_partner(self, code: str, name: str, tax_id: str) -> None:
        with self._writing() as cursor:
            taken = cursor.execute("SELECT 1 FROM partner WHERE code = ?", (code,)).fetchone()
            if taken:
                raise Refused("duplicate", f"partner {code} exists")
            cursor.execute("INSERT INTO partner VALUES (?, ?, ?)", (code, name, tax_id))

    def create(self, entries: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
        """Post entries in one transaction, each accepted or refused for itself; committed when this
        returns.
        """
        results: list[dict[str, object]] = []
        with self._writing() as cursor:
            for entry in entries:
                try:
                    results.append(self._post(cursor, entry))
                except Refused as refused:
                    results.append(
                        {"status": "rejected", "code": refused.code, "message": refused.message}
                    )
        return results

    def create_document(self, body: Mapping[str, object]) -> dict[str, object]:
        """Take a contact, an invoice or a payment. Raises Refused."""
        with self._writing() as cursor:
            return self._invoicing.create(cursor, body)

    def attach(self, body: Mapping[str, object]) -> dict[str, object]:
        """Keep a file with a document. Raises Refused."""
        with self._writing() as cursor:
            return invoicing.attach(cursor, body)

    def attachments(self, document: int) -> list[dict[str, object]]:
        with self._alone() as connection:
            return invoicing.attachments(connection, document)

    def find_documents(self, kind: str, reference: str) -> list[dict[str, object]]:
        with self._alone() as connection:
            return invoicing.find(connection, kind, reference)

    def documents(
        self, kind: str, start: str, end: str, after: int, limit: int
    ) -> Sequence[dict[str, object]]:
        """Documents of a kind dated in the range with id above ``after``, ``limit`` at most, by
        id.
        """
        with self._alone() as connection:
            return invoicing.listed(connection, kind, start, end, after, limit)

    def changed(
        self, kind: str, since: float, until: float, after: int, limit: int
    ) -> list[dict[str, object]]:
        """What was changed at or after one second and before another, by id above ``after``."""
        with self._alone() as connection:
            return changes.between(connection, kind, since, until, (after, limit))

    def read(self, kind: str, ids: Sequence[str]) -> list[dict[str, object]]:
        """Records by id (contacts: by code); what is not there is missing."""
        with self._alone() as connection:
            return changes.of_ids(connection, kind, ids)

    def change_contact(self, code: str, fields: Mapping[str, str]) -> None:
        """Change fields of a contact. Raises Refused."""
        with self._writing() as cursor:
            changes.change_contact(cursor, code, fields)

    def delete(self, kind: str, number: str) -> None:
        """Take a document or contact away, with what it posted. Raises Refused."""
        with self._writing() as cursor:
            changes.delete(cursor, kind, number)

    def find(
        self, references: Sequence[str], numbers: Sequence[str] = ()
    ) -> list[dict[str, object]]:
        """Entries with any of these external references or numbers of their own, with their
        lines.
        """
        found: list[dict[str, object]] = []
        wanted = [("reference", value) for value in references] + [
            ("number", value) for value in numbers
        ]
        with self._alone():
            for column, value in wanted:
                rows = self._read(
                    "SELECT id, number, reference, date, journal, description FROM entry WHERE"
                    f" {column} = ? AND made <= ? AND id NOT IN (SELECT entry FROM document WHERE"
                    " entry IS NOT NULL) ORDER BY id",
                    value,
                    self._listed_until,
                )
                found += [self._entry(row) for row in rows]
        return found

    def ledger(self, start: str, end: str, after: int, limit: int) -> list[dict[str, object]]:
        """Lines dated in the range with id above ``after``, ``limit`` at most, by id."""
        rows = self._read(
            "SELECT l.id, e.id, e.date, l.account, a.name, l.debit, l.credit, e.number,"
            " e.reference, l.label, l.partner, coalesce(p.tax_id, '') FROM line l JOIN entry e ON"
            " e.id = l.entry JOIN account a ON a.code = l.account LEFT JOIN partner p ON p.code ="
            " l.partner WHERE e.date BETWEEN ? AND ? AND l.id > ? AND e.made <= ? ORDER BY l.id"
            " LIMIT ?",
            *(start, end, after, self._listed_until, limit),
        )
        names = [
            "id",
            "entry",
            "date",
            "account",
            "account_name",
            "debit",
            "credit",
            "number",
            "reference",
            "label",
            "partner",
            "tax_id",
        ]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def balances(self, until: str, year: int) -> dict[str, int]:
        """Account → debit − credit in cents up to a day; of income and expense (classes 4 to 7 of
        both charts) since the first of January of ``year``.
        """
        rows = self._read(
            "SELECT l.account, sum(l.debit - l.credit) FROM line l JOIN entry e ON e.id = l.entry"
            " WHERE e.date <= ? AND (substr(l.account, 1, 1) NOT IN ('4', '5', '6', '7') OR e.date"
            " >= ?) GROUP BY l.account",
            until,
            f"{year:04}-01-01",
        )
        return {str(account): int(cents) for account, cents in rows}

    def count(self, reference: str | None = None) -> int:
        """How many entries there are, in all or with one reference: the truth the tests count."""
        if reference is None:
            return int(self._read("SELECT count(*) FROM entry")[0][0])
        return int(self._read("SELECT count(*) FROM entry WHERE reference = ?", reference)[0][0])

    def close(self) -> None:
        with self._alone() as connection:
            connection.close()

    def _found(self, country: str, company: str) -> None:
        with self._writing() as cursor:
            cursor.executemany("INSERT INTO account VALUES (?, ?)", _chart(country))
            cursor.executemany("INSERT INTO journal VALUES (?, ?, ?)", _JOURNALS)
            settings = {
                "company": company,
                "country": country,
                "currency": "MXN" if country == "MX" else "COP",
                "tax_id": "EKU9003173C9" if country == "MX" else "900123456-8",
                "unique_references": "1",
            }
            cursor.executemany("INSERT INTO setting VALUES (?, ?)", settings.items())

    def _post_for_document(self, cursor: sqlite3.Cursor, entry: Mapping[str, object]) -> int:
        return int(str(self._post(cursor, entry, guarded=False)["id"]))

    def _post(
        self, cursor: sqlite3.Cursor, entry: Mapping[str, object], guarded: bool = True
    ) -> dict[str, object]:
        reference, day = str(entry.get("reference") or ""), str(entry.get("date") or "")
        unique = guarded and self._is_unique and bool(reference)
        if unique:
            row = cursor.execute(
                "SELECT id, number FROM entry WHERE guard = ?", (reference,)
            ).fetchone()
            if row:
                return {"status": "duplicate", "id": row[0], "number": row[1]}
        lines = self._check(cursor, entry, day)
        number = f"{entry['journal']}/{day[:7].replace('-', '/')}/{self._next_number(cursor):05d}"
        cursor.execute(
            "INSERT INTO entry (number, reference, guard, date, journal, description, note, made)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                reference,
                reference if unique else None,
                day,
                entry["journal"],
                entry.get("description") or "",
                entry.get("note") or "",
                self.clock(),
            ),
        )
        identifier = cursor.lastrowid
        cursor.executemany(
            "INSERT INTO line (entry, account, debit, credit, label, partner, dimension) VALUES (?,"
            " ?, ?, ?, ?, ?, ?)",
            [(identifier, *line) for line in lines],
        )
        return {"status": "created", "id": identifier, "number": number, "date": day}

    def _check(
        self, cursor: sqlite3.Cursor, entry: Mapping[str, object], day: str
    ) -> list[tuple[object, ...]]:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise Refused("bad_date", f"date {day!r} is not yyyy-mm-dd") from None
        if day <= self.setting("locked_until"):
            raise Refused(
                "period_closed", f"the period up to {self.setting('locked_until')} is closed"
            )
        if not cursor.execute(
            "SELECT 1 FROM journal WHERE code = ?", (entry.get("journal"),)
        ).fetchone():
            raise Refused("unknown_journal", f"no journal {entry.get('journal')!r}")
        given = entry.get("lines")
        if not isinstance(given, list) or not given:
            raise Refused("empty", "an entry needs lines")
        lines = [self._line(cursor, line) for line in given]
        if sum(int(str(line[1])) - int(str(line[2])) for line in lines):
            raise Refused("unbalanced", "the entry is not balanced")
        return lines

    def _line(self, cursor: sqlite3.Cursor, line: Mapping[str, object]) -> tuple[object, ...]:
        account = str(line.get("account"))
        if not cursor.execute("SELECT 1 FROM account WHERE code = ?", (account,)).fetchone():
            raise Refused("unknown_account", f"no account {account!r}")
        partner = str(line.get("partner") or "")
        if (
            partner
            and not cursor.execute("SELECT 1 FROM partner WHERE code = ?", (partner,)).fetchone()
        ):
            raise Refused("unknown_partner", f"no partner {partner!r}")
        dimension = str(line.get("dimension") or "")
        known = "SELECT 1 FROM dimension WHERE code = ?"
        if dimension and not cursor.execute(known, (dimension,)).fetchone():
            raise Refused("unknown_dimension", f"no dimension {dimension!r}")
        debit, credit = minor_units(line.get("debit")), minor_units(line.get("credit"))
        return account, debit, credit, str(line.get("label") or ""), partner, dimension

    def _next_number(self, cursor: sqlite3.Cursor) -> int:
        return int(cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM entry").fetchone()[0])

    def _entry(self, row: tuple[object, ...]) -> dict[str, object]:
        names = ("id", "number", "reference", "date", "journal", "description")
        lines = self._read(
            "SELECT account, debit, credit, label, partner, dimension FROM line WHERE entry = ?"
            " ORDER BY id",
            row[0],
        )
        line_names = ("account", "debit", "credit", "label", "partner", "dimension")
        entry = dict(zip(names, row, strict=True))
        entry["lines"] = [dict(zip(line_names, line, strict=True)) for line in lines]
        return entry

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._alone() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        """The one connection, for one thread at a time, readers too: they would see what is not
        committed, and a thread that asks it for a value while another's trigger asks for the clock
        waits for that one without end, and that one for it.
        """
        with self._lock:
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        with self._alone() as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")


def _chart(country: str) -> list[tuple[str, str]]:
    """Codes with names."""
    chart = resources.path("catalogues", f"chart_{country.lower()}.csv")
    with chart.open(encoding="utf-8", newline="") as file:
        return [(row["code"], row["name"]) for row in csv.DictReader(file)]
