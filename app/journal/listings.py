"""What the journal holds, for people: batches, lines, findings, stories; and its export."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

import sqlalchemy as sa

from app.journal import batches, blocks, documents, events, originals, schema
from app.journal.event_words import kinds_saying
from app.journal.rows import BatchRow, DocumentRow, Event, FindingRow
from app.journal.store import Journal
from app.sheets import write_csv, write_rows
from app.translation import render
from importers.findings import RULES
from importers.lines import LineDecoder
from importers.wording import Message

EXPORTS = (".csv", ".xlsx", ".jsonl")
EVENT_COLUMNS = ("sequence", "at", "actor", "kind", "subject", "data", "hash")


class UnknownExport(Exception):
    """The file's ending says no format there is; the argument lists those there are."""


def find_batch(journal: Journal, name: str) -> BatchRow | None:
    """A batch by number, or the newest one of a file by name or path, with the slashes of any
    system.
    """
    file = PureWindowsPath(name).name
    found = (row for row in batches.every(journal) if name in (str(row.id), row.name))
    named = (row for row in batches.every(journal) if row.name == file)
    return next(found, None) or next(named, None)


class JournaledLine(NamedTuple):
    """A physical line as the journal knows it; ``text`` as it was read, from the original where it
    has bytes.
    """

    number: int
    byte_offset: int
    byte_length: int
    text: str
    disposition: str
    rule: str
    sheet: str


def batch_lines(
    journal: Journal, batch: int, numbers: Collection[int] | None = None
) -> list[JournaledLine]:
    """Lines of a batch in order; only those of ``numbers`` where given."""
    with journal.reading() as connection:
        owner = connection.execute(
            sa.select(schema.batch.c.file_id, schema.batch.c.encoding).where(
                schema.batch.c.id == batch
            )
        ).one()
        decoder = LineDecoder(owner.encoding or "utf-8")
        wanted = None if numbers is None else sorted(set(numbers))
        return [
            JournaledLine(
                line.number,
                line.offset,
                line.length,
                _text(connection, owner.file_id, decoder, line),
                line.disposition,
                line.rule,
                line.sheet,
            )
            for line in blocks.lines(connection, batch, wanted)
        ]


def _text(
    connection: sa.Connection, file_id: int, decoder: LineDecoder, line: blocks.StoredLine
) -> str:
    if line.text is not None:
        return line.text
    return decoder.shown(originals.bytes_at(connection, file_id, line.offset, line.length))


def batch_findings(journal: Journal, batch: int) -> list[tuple[FindingRow, str]]:
    """Findings of a batch by line, each with its text in the current language."""
    table = schema.finding
    query = sa.select(*FindingRow.columns(table)).where(table.c.batch_id == batch)
    with journal.reading() as connection:
        rows = FindingRow.all_of(connection.execute(query.order_by(table.c.line, table.c.id)))
    return [(row, finding_text(row.code, row.parameters)) for row in rows]


def document_references(journal: Journal, batch: int) -> dict[int, str]:
    """Document id → external reference, of a batch."""
    table = schema.document
    query = sa.select(table.c.id, table.c.external_ref).where(table.c.batch_id == batch)
    with journal.reading() as connection:
        return {row.id: row.external_ref for row in connection.execute(query)}


def batch_dates(journal: Journal, batch: int) -> tuple[str, str] | None:
    """First and last date of a batch's movements; None when it has none."""
    table = schema.batch
    with journal.reading() as connection:
        row = connection.execute(
            sa.select(table.c.first_date, table.c.last_date).where(table.c.id == batch)
        ).first()
    return (row.first_date, row.last_date) if row and row.first_date else None


def finding_text(code: str, parameters: str) -> str:
    """A journaled finding's text in the current language."""
    return render(Message(RULES[code][1], json.loads(parameters)), "findings")


def document_at(journal: Journal, batch: int, line: int) -> DocumentRow | None:
    """The document a physical line belongs to: the one with a movement on it, else the one it
    stands inside.
    """
    candidates = documents.around(journal, batch, line)
    if len(candidates) > 1:
        movements = documents.batch_movements(journal, batch)
        owners = {movement.document for movement in movements if movement.line == line}
        candidates = [row for row in candidates if row.id in owners] or candidates
    return candidates[0] if candidates else None


def event_rows(journal: Journal, text: str = "", limit: int | None = None) -> list[Event]:
    """Events, newest first; each word of ``text`` is looked for in subject, kind, actor and data,
    and in the words the kind is shown by.
    """
    table = schema.event
    query = sa.select(*events.columns()).order_by(table.c.sequence.desc())
    for word in text.split():
        columns = (table.c.subject, table.c.kind, table.c.data, table.c.actor)
        fits = sa.or_(*(column.icontains(word, autoescape=True) for column in columns))
        query = query.where(fits | table.c.kind.in_(kinds_saying(word)))
    with journal.reading() as connection:
        return Event.all_of(connection.execute(query.limit(limit) if limit else query))


def export_events(journal: Journal, path: Path, text: str = "") -> int:
    """Write events, oldest first, to CSV, xlsx or JSON Lines by the file's ending; answers how
    many.
    """
    rows = list(reversed(event_rows(journal, text)))
    values = [
        [row.sequence, row.at, row.actor, row.kind, row.subject, row.text, row.hash] for row in rows
    ]
    match path.suffix.lower():
        case suffix if suffix not in EXPORTS:
            raise UnknownExport(", ".join(EXPORTS))
        case ".xlsx":
            write_rows(path, "events", EVENT_COLUMNS, values, (10, 30, 24, 24, 44, 90, 70))
        case ".jsonl":
            with path.open("w", encoding="utf-8") as file:
                for row in values:
                    record = dict(zip(EVENT_COLUMNS, row, strict=True))
                    record["data"] = json.loads(str(record["data"]))
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
        case _:
            write_csv(path, [EVENT_COLUMNS, *values])
    return len(values)
