"""Imported files, one batch each: registered, filled, closed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app.journal import documents, events, leases, originals, schema
from app.journal.events import NewEvent
from app.journal.rows import BalanceRow, BatchRow, Transaction, UsageRow
from app.journal.store import Journal, instant, moment, written
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP
from importers.content import Content

LONGEST_READING = timedelta(hours=2)
"""An import on another machine that has not ended by then is taken for dead."""


class BeingRead(Refused):
    """The same file is being imported at this moment; the argument is by whom."""

    words = QT_TRANSLATE_NOOP("decide", "{person} is importing this file right now.")

    def said(self) -> Mapping[str, object]:
        return {"person": self}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A file about to be read: ``key`` says with which options, as canonical JSON; ``reason`` is a
    person's for reading it otherwise than it was detected.
    """

    content: Content
    name: str
    origin: str
    company: str
    key: str
    reason: str = ""


def every(journal: Journal) -> list[BatchRow]:
    """Every batch with its file's name, newest first."""
    with journal.reading() as connection:
        query = _batches().order_by(schema.batch.c.id.desc())
        return BatchRow.all_of(connection.execute(query))


def find(journal: Journal, number: int) -> BatchRow | None:
    with journal.reading() as connection:
        return of_number(connection, number)


def of_number(transaction: Transaction, number: int) -> BatchRow | None:
    """A batch by its number; None where there is none."""
    row = transaction.execute(_batches().where(schema.batch.c.id == number)).first()
    return BatchRow(*row) if row else None


def register(journal: Journal, attempt: Attempt) -> tuple[int, bool]:
    """The batch to fill, or the complete one there is (then True). Durable on return, and the
    file's bytes with it. Raises BeingRead.
    """
    table = schema.batch
    digest = originals.sha256(attempt.content)
    with journal.writing() as connection:
        file_id = originals.settle(
            connection, attempt.content, digest, attempt.name, attempt.origin
        )
        if known := _known(journal, connection, file_id, attempt):
            return known, True
        values = {
            "file_id": file_id,
            "options": attempt.key,
            "company": attempt.company,
            "state": "reading",
            "started_at": moment(connection),
        }
        batch = new_id(connection.execute(table.insert().values(**values)))
        facts: dict[str, object] = {
            "process": leases.lease_owner(),
            "file": attempt.name,
            "origin": attempt.origin,
            "sha256": digest,
            "size": attempt.content.size,
            "options": json.loads(attempt.key),
        }
        if attempt.reason:
            facts["reason"] = attempt.reason
        events.append(
            connection, journal.actor, [NewEvent("import.started", f"batch:{batch}", facts)]
        )
    return batch, False


def abandon(journal: Journal, batch: int, state: str, reason: str) -> None:
    """End a batch of which nothing was kept."""
    table = schema.batch
    with journal.writing() as connection:
        values = {"state": state, "finished_at": moment(connection)}
        connection.execute(table.update().where(table.c.id == batch).values(**values))
        ended = NewEvent(f"import.{state}", f"batch:{batch}", {"reason": reason})
        events.append(connection, journal.actor, [ended])


def original(transaction: Transaction, batch: BatchRow) -> Content:
    """The journal's own copy of a batch's file."""
    return originals.open_original(
        lambda query: transaction.execute(query).scalar(), batch.file_id, batch.size
    )


def file_of(journal: Journal, batch: BatchRow) -> bytes:
    """The same, whole."""
    with journal.reading() as connection:
        return original(connection, batch).whole


def close(transaction: Transaction, batch: int, values: Mapping[str, object]) -> None:
    """Write what a batch turned out to be."""
    table = schema.batch
    transaction.execute(
        table.update().where(table.c.id == batch).values(**values, finished_at=moment(transaction))
    )


def counts(journal: Journal, batch: int) -> tuple[dict[str, int], dict[str, int]]:
    """Documents of a batch by state, and findings by severity."""
    document, finding = schema.document, schema.finding
    with journal.reading() as connection:
        states = _counted(connection, document.c.state, document.c.batch_id == batch)
        severities = _counted(connection, finding.c.severity, finding.c.batch_id == batch)
    return (
        {documents.READY: 0, documents.BLOCKED: 0} | states,
        {"error": 0, "warning": 0, "note": 0} | severities,
    )


def documents_of_all(journal: Journal) -> dict[int, dict[str, int]]:
    """Batch → state → how many documents."""
    table = schema.document
    query = sa.select(table.c.batch_id, table.c.state, sa.func.count()).group_by(
        table.c.batch_id, table.c.state
    )
    found: dict[int, dict[str, int]] = {}
    with journal.reading() as connection:
        for batch, state, count in connection.execute(query):
            found.setdefault(batch, {})[state] = count
    return found


def known_documents(journal: Journal, batch: int) -> int:
    """How many fiscal documents of a batch were imported before it, by its findings."""
    table = schema.finding
    query = sa.select(table.c.parameters).where(
        table.c.batch_id == batch, table.c.code.in_(("known-document", "known-documents"))
    )
    with journal.reading() as connection:
        found = [json.loads(row.parameters) for row in connection.execute(query)]
    return sum(int(values.get("seen", 1)) for values in found)


def balances(journal: Journal, batch: int) -> list[BalanceRow]:
    """What a file states of accounts, in its order."""
    table = schema.balance
    query = sa.select(*BalanceRow.columns(table)).where(table.c.batch_id == batch)
    with journal.reading() as connection:
        return BalanceRow.all_of(connection.execute(query.order_by(table.c.position)))


def account_names(journal: Journal) -> dict[str, str]:
    """What balances and catalogues call accounts; the newest file counts."""
    table = schema.balance
    query = sa.select(table.c.account, table.c.name).where(table.c.name != "")
    with journal.reading() as connection:
        rows = connection.execute(query.order_by(table.c.batch_id))
        return {row.account: row.name for row in rows}


def usages(journal: Journal, besides: str) -> list[UsageRow]:
    """The codes every file uses, but those of the source system ``besides``."""
    table, batch = schema.usage, schema.batch
    own = sa.select(batch.c.id).where(batch.c.source_system == besides)
    query = sa.select(*UsageRow.columns(table)).where(table.c.batch_id.not_in(own))
    with journal.reading() as connection:
        return UsageRow.all_of(connection.execute(query.order_by(table.c.batch_id)))


def new_id(result: sa.CursorResult[tuple[object, ...]]) -> int:
    """The number the database gave a row."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def _batches() -> sa.Select[tuple[object, ...]]:
    batch, file = schema.batch, schema.file
    return sa.select(*BatchRow.columns(batch, file)).join(file, file.c.id == batch.c.file_id)


def _known(journal: Journal, connection: Transaction, file_id: int, attempt: Attempt) -> int | None:
    """The complete batch of these bytes, options and company; those whose reader died are
    abandoned.
    """
    table = schema.batch
    same = sa.select(table.c.id, table.c.state, table.c.compacted_at).where(
        table.c.file_id == file_id,
        table.c.options == attempt.key,
        table.c.company == attempt.company,
    )
    for row in connection.execute(same.order_by(table.c.id.desc())).all():
        if row.state == "complete" and not row.compacted_at:
            seen = NewEvent("import.repeated", f"batch:{row.id}", {"path": attempt.origin})
            events.append(connection, journal.actor, [seen])
            return int(row.id)
        if row.state == "reading":
            if reader := _reader(connection, row.id):
                raise BeingRead(reader)
            connection.execute(table.update().where(table.c.id == row.id).values(state="abandoned"))
            gone = NewEvent("import.abandoned", f"batch:{row.id}")
            events.append(connection, journal.actor, [gone])
    return None


def _reader(connection: Transaction, batch: int) -> str:
    """Who is reading a batch right now in another process; empty when that is gone, or of another
    machine and silent for long.
    """
    started = events.first(connection, f"batch:{batch}", "import.started")
    process = str(started.data.get("process", "")) if started else ""
    if started is None or not process or started.at < written(instant() - LONGEST_READING):
        return ""
    mine = process.split("|")[:2] == leases.lease_owner().split("|")[:2]
    return started.actor if leases.is_alive(process) and not mine else ""


def _counted(
    connection: Transaction, column: sa.ColumnElement[str], where: sa.ColumnElement[bool]
) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(where).group_by(column)
    return {name: count for name, count in connection.execute(query)}
