"""What the journal holds, for people: batches, lines, findings, stories; and its export."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.journal import schema
from app.journal.store import Journal
from app.journal.wording import kinds_saying
from app.sheets import write_rows
from app.translation import translate
from importers.findings import RULES

Row = sa.Row[tuple[Any, ...]]
EXPORTS = (".csv", ".xlsx", ".jsonl")
EVENT_COLUMNS = ("sequence", "at", "actor", "kind", "subject", "data", "hash")


class UnknownExport(Exception):
    """The file's ending says no format there is; the argument lists those there are."""


def batches(journal: Journal) -> Sequence[Row]:
    """Every batch with its file's name, newest first."""
    query = (
        sa.select(schema.batch, schema.file.c.name, schema.file.c.sha256, schema.file.c.size)
        .join(schema.file, schema.file.c.id == schema.batch.c.file_id)
        .order_by(schema.batch.c.id.desc())
    )
    with journal.reading() as connection:
        return connection.execute(query).all()


def find_batch(journal: Journal, name: str) -> Row | None:
    """A batch by number, or the newest one of a file by name."""
    return next((row for row in batches(journal) if name in (str(row.id), row.name)), None)


def batch_lines(journal: Journal, batch: int, number: int | None = None) -> Sequence[Row]:
    query = sa.select(schema.line).where(schema.line.c.batch_id == batch).order_by(schema.line.c.number)
    if number is not None:
        query = query.where(schema.line.c.number == number)
    with journal.reading() as connection:
        return connection.execute(query).all()


def batch_findings(journal: Journal, batch: int) -> list[tuple[Row, str]]:
    """Findings of a batch by line, each with its text in the current language."""
    table = schema.finding
    query = sa.select(table).where(table.c.batch_id == batch).order_by(table.c.line, table.c.id)
    with journal.reading() as connection:
        rows = connection.execute(query).all()
    return [(row, finding_text(row.code, row.parameters)) for row in rows]


def document_references(journal: Journal, batch: int) -> dict[int, str]:
    """Document id → external reference, of a batch."""
    table = schema.document
    query = sa.select(table.c.id, table.c.external_ref).where(table.c.batch_id == batch)
    with journal.reading() as connection:
        return {row.id: row.external_ref for row in connection.execute(query)}


def batch_dates(journal: Journal, batch: int) -> tuple[str, str] | None:
    """First and last date of a batch's movements; None when it has none."""
    table = schema.ledger_line
    query = sa.select(sa.func.min(table.c.date), sa.func.max(table.c.date)).where(table.c.batch_id == batch)
    with journal.reading() as connection:
        first, last = connection.execute(query).one()
    return (first, last) if first else None


def finding_text(code: str, parameters: str) -> str:
    """A journaled finding's text in the current language."""
    return translate("findings", RULES[code][1]).format(**json.loads(parameters))


def document_at(journal: Journal, batch: int, line: int) -> Row | None:
    """The document a physical line belongs to."""
    table, movement = schema.document, schema.ledger_line
    owner = sa.select(movement.c.document_id).where(movement.c.batch_id == batch, movement.c.line == line)
    around = (table.c.line <= line) & (table.c.last_line >= line)
    with journal.reading() as connection:
        exact = connection.execute(sa.select(table).where(table.c.id.in_(owner))).first()
        return exact or connection.execute(sa.select(table).where(table.c.batch_id == batch, around)).first()


def event_rows(journal: Journal, text: str = "", limit: int | None = None) -> Sequence[Row]:
    """Events, newest first; each word of ``text`` is looked for in subject, kind, actor and data, and in the words
    the kind is shown by."""
    table = schema.event
    query = sa.select(table).order_by(table.c.sequence.desc())
    for word in text.split():
        columns = (table.c.subject, table.c.kind, table.c.data, table.c.actor)
        fits = sa.or_(*(column.icontains(word, autoescape=True) for column in columns))
        query = query.where(fits | table.c.kind.in_(kinds_saying(word)))
    with journal.reading() as connection:
        return connection.execute(query.limit(limit) if limit else query).all()


def story(journal: Journal, subject: str) -> Sequence[Row]:
    """Every event about a subject (an external reference, ``batch:3``), oldest first."""
    table = schema.event
    with journal.reading() as connection:
        query = sa.select(table).where(table.c.subject == subject).order_by(table.c.sequence)
        return connection.execute(query).all()


def export_events(journal: Journal, path: Path, text: str = "") -> int:
    """Write events, oldest first, to CSV, xlsx or JSON Lines by the file's ending; answers how many."""
    rows = list(reversed(event_rows(journal, text)))
    values = [[getattr(row, name) for name in EVENT_COLUMNS] for row in rows]
    match path.suffix.lower():
        case suffix if suffix not in EXPORTS:
            raise UnknownExport(", ".join(EXPORTS))
        case ".xlsx":
            write_rows(path, "events", EVENT_COLUMNS, values, (10, 30, 24, 24, 44, 90, 70))
        case ".jsonl":
            with path.open("w", encoding="utf-8") as file:
                for row in values:
                    record = dict(zip(EVENT_COLUMNS, row, strict=True))
                    record["data"] = json.loads(record["data"])
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
        case _:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(EVENT_COLUMNS)
                writer.writerows([_harmless(str(cell)) for cell in row] for row in values)
    return len(values)


def _harmless(text: str) -> str:
    """A CSV cell no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
