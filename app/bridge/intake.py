"""A file into the journal: every line with one disposition, vouchers as documents, findings with them.

The attempt is journaled before anything is read. All lines are then written in one transaction: a process that is
killed leaves the attempt and nothing half. A file that cannot be read to its end leaves an *incomplete* batch whose
documents are all blocked.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

import importers
from app import settings
from app.bridge.documents import document_row, ledger_row
from app.journal import Journal, events, schema
from app.journal.events import LinesDigest, NewEvent, canonical
from app.journal.store import now
from app.journal.verification import content_digests
from app.money import to_minor
from importers import Balance, Failure, Finding, LedgerLine, Line, Options, Source, TitleBlock, Unreadable, Voucher
from importers.profile import load_profiles
from importers.reading import Inspection, describe

CHUNK = 2000

Progress = Callable[[int, int], bool]
"""Called with (bytes read, bytes in all); answers False to stop."""


class Cancelled(Exception):
    """A person stopped it; the journal says so and holds no line of the batch."""


@dataclass
class Intake:
    """What an import left in the journal. ``state`` is complete, incomplete or failed."""

    batch: int
    state: str
    repeated: bool = False
    lines: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)


def import_file(
    journal: Journal, path: Path, company: str = "", options: Options | None = None, progress: Progress | None = None
) -> Intake:
    """Journal a file. The same bytes with the same options answer the batch there already is.

    Raises OSError when the file cannot be opened, Cancelled when ``progress`` says so, OtherCompany when
    ``company`` is another than this home's.
    """
    options = options or Options()
    company = settings.settle_company(journal, company)
    data = path.read_bytes()
    path = Path(_printable(str(path)))
    key = canonical(_key(journal, options))
    batch, existing = _register(journal, path, data, company, key)
    if existing:
        return _summary(journal, batch, repeated=True)
    try:
        with journal.writing() as connection:
            _Writer(journal, connection, batch, company, len(data), progress).run(path.name, data, options)
    except (Cancelled, KeyboardInterrupt) as stopped:
        _close_unread(journal, batch, "cancelled", type(stopped).__name__)
        raise
    except Exception as error:
        _close_unread(journal, batch, "failed", f"{type(error).__name__}: {error}")
        raise
    return _summary(journal, batch)


def _key(journal: Journal, options: Options) -> dict[str, object]:
    """What makes two imports of the same bytes the same import; a person's own profile counts with its content, so
    that a corrected one reads the file anew."""
    key: dict[str, object] = {"encoding": options.encoding, "profile": options.profile, "period": options.period}
    own = journal.home / "profiles" / f"{options.profile}.toml" if journal.home and options.profile else None
    if own is not None and own.is_file():
        key["profile_sha256"] = hashlib.sha256(own.read_bytes()).hexdigest()
    return key


def _register(journal: Journal, path: Path, data: bytes, company: str, key: str) -> tuple[int, bool]:
    """The batch to fill, or the complete one there is. Durable on return."""
    digest = hashlib.sha256(data).hexdigest()
    table = schema.batch
    with journal.writing() as connection:
        file_id = connection.execute(sa.select(schema.file.c.id).where(schema.file.c.sha256 == digest)).scalar()
        if file_id is None:
            values = {"sha256": digest, "name": path.name, "path": str(path.resolve()), "size": len(data)}
            answer = connection.execute(schema.file.insert().values(**values, first_seen_at=now()))
            file_id = _new_id(answer)
        same = sa.select(table).where(table.c.file_id == file_id, table.c.options == key, table.c.company == company)
        for row in connection.execute(same.order_by(table.c.id.desc())).all():
            if row.state == "complete":
                seen = NewEvent("import.repeated", f"batch:{row.id}", {"path": str(path)})
                events.append(connection, journal.actor, [seen])
                return row.id, True
            if row.state == "reading":
                connection.execute(table.update().where(table.c.id == row.id).values(state="abandoned"))
                events.append(connection, journal.actor, [NewEvent("import.abandoned", f"batch:{row.id}")])
        values = {"file_id": file_id, "options": key, "company": company, "state": "reading", "started_at": now()}
        batch = _new_id(connection.execute(table.insert().values(**values)))
        attempt = {"file": path.name, "sha256": digest, "size": len(data), "options": json.loads(key)}
        events.append(connection, journal.actor, [NewEvent("import.started", f"batch:{batch}", attempt)])
    return batch, False


def _close_unread(journal: Journal, batch: int, state: str, reason: str) -> None:
    with journal.writing() as connection:
        table = schema.batch
        connection.execute(table.update().where(table.c.id == batch).values(state=state, finished_at=now()))
        events.append(connection, journal.actor, [NewEvent(f"import.{state}", f"batch:{batch}", {"reason": reason})])


def _summary(journal: Journal, batch: int, repeated: bool = False) -> Intake:
    document, finding = schema.document, schema.finding
    with journal.reading() as connection:
        row = connection.execute(sa.select(schema.batch).where(schema.batch.c.id == batch)).one()
        states = connection.execute(
            sa.select(document.c.state, sa.func.count()).where(document.c.batch_id == batch).group_by(document.c.state)
        ).all()
        severities = connection.execute(
            sa.select(finding.c.severity, sa.func.count())
            .where(finding.c.batch_id == batch)
            .group_by(finding.c.severity)
        ).all()
    documents = {"ready": 0, "blocked": 0} | {state: count for state, count in states}
    findings = {"error": 0, "warning": 0, "note": 0} | {severity: count for severity, count in severities}
    names = ("total", "record", "heading", "rejected")
    lines = {name: int(getattr(row, f"lines_{name}")) for name in names}
    return Intake(batch, row.state, repeated, lines, documents, findings)


class _Writer:
    """Writes one batch inside one transaction, a chunk of rows at a time."""

    def __init__(
        self, journal: Journal, connection: sa.Connection, batch: int, company: str, size: int,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self._journal, self._connection, self._batch, self._company = journal, connection, batch, company
        self._profiles = settings.profiles(journal.home) if journal.home else load_profiles()
        self._size, self._progress, self._read = max(size, 1), progress, 0
        self._digest = LinesDigest()
        self._counts: Counter[str] = Counter()
        self._positions: Counter[str] = Counter()
        self._lines: list[dict[str, object]] = []
        self._ledger: list[dict[str, object]] = []
        self._balances: list[dict[str, object]] = []
        self._findings: list[dict[str, object]] = []
        self._voucher: Voucher | None = None
        self._voucher_findings: list[Finding] = []
        self._source_system = ""
        self._title = TitleBlock()
        self._next_document = self._highest(schema.document) + 1
        self._documents: list[dict[str, object]] = []

    def run(self, name: str, data: bytes, options: Options) -> None:
        inspection = Inspection(name)
        failure: Finding | None = None
        try:
            source = Source(name, data, options, self._profiles)
            describe(source, inspection)
            if inspection.profile:
                self._source_system = source.profile.source_system
            for item in importers.read(source):
                if isinstance(item, Failure):
                    failure = item.finding
                else:
                    self._take(item, inspection)
        except Unreadable as unreadable:
            failure = Finding(unreadable.code, 0, 0, unreadable.parameters)
        self._close_voucher()
        self._close(inspection, failure)

    def _take(self, item: object, inspection: Inspection) -> None:
        if isinstance(item, Finding):
            if self._voucher is not None and self._voucher.line <= item.line <= self._voucher.last_line:
                self._voucher_findings.append(item)
            else:
                self._find(item, None)
            return
        self._close_voucher()
        match item:
            case Line():
                self._line(item)
                if item.rule == "header" and inspection.header_line is None:
                    inspection.header_line = item.number
            case Voucher():
                self._voucher = item
            case LedgerLine():
                self._ledger.append(ledger_row(self._batch, None, item))
            case Balance():
                self._balances.append(
                    {
                        "batch_id": self._batch, "line": item.line, "account": item.account, "name": item.name,
                        "opening": _minor(item.opening), "closing": _minor(item.closing),
                    }
                )  # fmt: skip
            case TitleBlock():
                self._title = item
            case _:
                raise TypeError(type(item).__name__)

    def _line(self, item: Line) -> None:
        disposition = item.disposition.value
        self._counts[disposition] += 1
        self._digest.add(item.number, item.offset, item.length, disposition, item.text)
        self._lines.append(
            {
                "batch_id": self._batch, "number": item.number, "byte_offset": item.offset,
                "byte_length": item.length, "text": item.text, "disposition": disposition, "rule": item.rule,
                "sheet": item.sheet,
            }
        )  # fmt: skip
        self._read += item.length
        if len(self._lines) >= CHUNK:
            self._flush()
            if self._progress and not self._progress(min(self._read, self._size), self._size):
                raise Cancelled

    def _close_voucher(self) -> None:
        voucher, self._voucher = self._voucher, None
        if voucher is None:
            return
        identifier, self._next_document = self._next_document, self._next_document + 1
        blocking = next((f.code for f in self._voucher_findings if f.severity == "error"), "")
        if not blocking and not voucher.lines:
            blocking = "voucher-empty"
        self._documents.append(
            document_row(identifier, self._batch, self._company, self._source_system, voucher, blocking)
        )
        self._ledger += [ledger_row(self._batch, identifier, line, voucher) for line in voucher.lines]
        for found in self._voucher_findings:
            self._find(found, identifier)
        self._voucher_findings = []

    def _find(self, item: Finding, document: int | None) -> None:
        self._findings.append(
            {
                "batch_id": self._batch, "document_id": document, "line": item.line, "column": item.column,
                "severity": item.severity.value, "code": item.code, "parameters": canonical(dict(item.parameters)),
            }
        )  # fmt: skip

    def _close(self, inspection: Inspection, failure: Finding | None) -> None:
        if failure is not None:
            self._find(failure, None)
        self._flush()
        total = sum(self._counts.values())
        state = "complete" if failure is None else ("incomplete" if total else "failed")
        if failure is not None:
            self._connection.execute(
                schema.document.update()
                .where(schema.document.c.batch_id == self._batch)
                .values(state="blocked", blocked_by=failure.code)
            )
        title = {
            "company": self._title.company, "tax_id": self._title.tax_id, "start": self._title.start,
            "end": self._title.end, "currency": self._title.currency,
        }  # fmt: skip
        values: Mapping[str, object] = {
            "profile": inspection.profile, "source_system": self._source_system,
            "container": inspection.container, "encoding": inspection.encoding,
            "encoding_confidence": inspection.encoding_confidence, "header_line": inspection.header_line,
            "title": canonical(title), "state": state, "lines_total": total, "lines_digest": self._digest.hexdigest(),
            **{f"lines_{name}": self._counts[name] for name in ("record", "heading", "rejected")},
            "finished_at": now(),
        }  # fmt: skip
        self._connection.execute(schema.batch.update().where(schema.batch.c.id == self._batch).values(**values))
        data = {
            "state": state, "lines": dict(self._counts), "digest": self._digest.hexdigest(),
            "profile": inspection.profile, "encoding": inspection.encoding,
            "failure": failure.code if failure else "", "last_line": total,
            "content": content_digests(self._connection, self._batch),
        }  # fmt: skip
        events.append(self._connection, self._journal.actor, [NewEvent("import.closed", f"batch:{self._batch}", data)])

    def _flush(self) -> None:
        for table, rows in (
            (schema.line, self._lines),
            (schema.document, self._documents),
            (schema.ledger_line, self._ledger),
            (schema.balance, self._balances),
            (schema.finding, self._findings),
        ):
            if rows:
                if "position" in table.c:
                    self._number(table.name, rows)
                self._insert(table, rows)
                rows.clear()

    def _insert(self, table: sa.Table, rows: list[dict[str, object]]) -> None:
        """Many rows of one shape: on SQLite straight to the driver, which saves a third of an import's time."""
        if self._connection.dialect.name != "sqlite":
            self._connection.execute(table.insert(), rows)
            return
        names = list(rows[0])
        marks = ", ".join("?" * len(names))
        quoted = ", ".join(f'"{name}"' for name in names)
        values = [tuple(row.values()) for row in rows]
        self._connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks})', values)

    def _number(self, table: str, rows: list[dict[str, object]]) -> None:
        """Give rows their running number in the batch; several may come from one physical line of an XML."""
        for row in rows:
            self._positions[table] += 1
            row["position"] = self._positions[table]

    def _highest(self, table: sa.Table) -> int:
        return int(self._connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one())


def _printable(text: str) -> str:
    """A file name as text a database takes; bytes that are no UTF-8 become replacement characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else to_minor(amount)


def _new_id(result: sa.CursorResult[tuple[object, ...]]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
