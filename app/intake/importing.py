"""A file into the journal: every line with one disposition, vouchers as documents, findings with
them.

The attempt is journaled before anything is read. All lines are then written in one transaction: a
process that is killed leaves the attempt and nothing half. A file that cannot be read to its end
leaves an *incomplete* batch whose documents are all blocked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

import importers
from app.company import settings
from app.documents.records import printable
from app.garbage_collection import few_collections
from app.intake.batch_writer import BatchWriter
from app.journal import Journal, anchors, blocks, events, originals, outbox, roles, schema, search
from app.journal.events import NewEvent, canonical
from app.journal.roles import Role
from app.journal.store import instant, now, written
from app.journal.verification import content_digests
from importers import Failure, Finding, Options, Source, Unreadable
from importers.archives import Export
from importers.profile import load_profiles
from importers.reading import Inspection, describe

LONGEST_READING = timedelta(hours=2)
"""An import on another machine that has not ended by then is taken for dead."""

Progress = Callable[[int, int], bool]
"""Called with (bytes read, bytes in all); answers False to stop."""


class Cancelled(Exception):
    """A person stopped it; the journal says so and holds no line of the batch."""


class BeingRead(Exception):
    """The same file is being imported at this moment; the argument is by whom."""


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
    journal: Journal,
    path: Path,
    company: str = "",
    options: Options | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Journal a file. The same bytes with the same options answer the batch there already is.

    Raises OSError when the file cannot be opened, Cancelled when ``progress`` says so, OtherCompany
    when ``company`` is another than this home's, NotAllowed, BeingRead.
    """
    return import_export(journal, Export.of(path), company, options, progress)


def import_export(
    journal: Journal,
    export: Export,
    company: str = "",
    options: Options | None = None,
    progress: Progress | None = None,
    reason: str = "",
) -> Intake:
    """The same for a file found in a folder or a zip (see ``exports_in``); each is a batch of its
    own. ``reason`` is a person's for reading it otherwise than it was detected.
    """
    roles.require(journal, Role.IMPORT)
    options = options or Options()
    company = settings.settle_company(journal, company)
    batch, existing = _register(journal, export, company, canonical(_key(journal, options)), reason)
    if existing:
        return _summary(journal, batch, repeated=True)
    try:
        with journal.writing() as connection, few_collections():
            _write(journal, connection, batch, options, progress)
    except (Cancelled, KeyboardInterrupt) as stopped:
        _close_unread(journal, batch, "cancelled", type(stopped).__name__)
        raise
    except Exception as error:
        _close_unread(journal, batch, "failed", f"{type(error).__name__}: {error}")
        raise
    anchors.keep(journal)
    _index(journal, batch)
    return _summary(journal, batch)


def _index(journal: Journal, batch: int) -> None:
    """The import is done; that it can be searched is worth an event, not its failure."""
    try:
        search.catch_up(journal)
    except sa.exc.DatabaseError as error:
        events.record(journal, "search.not-indexed", f"batch:{batch}", reason=str(error.orig)[:500])


def _key(journal: Journal, options: Options) -> dict[str, object]:
    """What makes two imports of the same bytes the same import; a person's own profile counts with
    its content, so that a corrected one reads the file anew.
    """
    key: dict[str, object] = {
        "encoding": options.encoding,
        "profile": options.profile,
        "period": options.period,
    }
    key |= {name: value for name in ("decimal", "dates") if (value := getattr(options, name))}
    own = (
        journal.home / "profiles" / f"{options.profile}.toml"
        if journal.home and options.profile
        else None
    )
    if own is not None and own.is_file():
        key["profile_sha256"] = hashlib.sha256(own.read_bytes()).hexdigest()
    return key


def _register(
    journal: Journal, export: Export, company: str, key: str, reason: str
) -> tuple[int, bool]:
    """The batch to fill, or the complete one there is. Durable on return, and the file's bytes with
    it.
    """
    content, name, origin = export.content, printable(export.name), printable(export.origin)
    digest = originals.sha256(content)
    table = schema.batch
    with journal.writing() as connection:
        file_id = originals.settle(connection, content, digest, name, origin, now())
        same = sa.select(table).where(
            table.c.file_id == file_id, table.c.options == key, table.c.company == company
        )
        for row in connection.execute(same.order_by(table.c.id.desc())).all():
            if row.state == "complete" and not row.compacted_at:
                seen = NewEvent("import.repeated", f"batch:{row.id}", {"path": origin})
                events.append(connection, journal.actor, [seen])
                return row.id, True
            if row.state == "reading" and (reader := _reader(connection, row.id)):
                raise BeingRead(reader)
            if row.state == "reading":
                connection.execute(
                    table.update().where(table.c.id == row.id).values(state="abandoned")
                )
                events.append(
                    connection, journal.actor, [NewEvent("import.abandoned", f"batch:{row.id}")]
                )
        values = {
            "file_id": file_id,
            "options": key,
            "company": company,
            "state": "reading",
            "started_at": now(),
        }
        batch = _new_id(connection.execute(table.insert().values(**values)))
        attempt: dict[str, object] = {
            "process": outbox.lease_owner(),
            "file": name,
            "sha256": digest,
            "size": content.size,
            "options": json.loads(key),
        }
        if reason:
            attempt["reason"] = reason
        events.append(
            connection, journal.actor, [NewEvent("import.started", f"batch:{batch}", attempt)]
        )
    return batch, False


def _reader(connection: sa.Connection, batch: int) -> str:
    """Who is reading a batch right now in another process; empty when that is gone, or of another
    machine and silent for long.
    """
    table = schema.event
    query = sa.select(table).where(
        table.c.subject == f"batch:{batch}", table.c.kind == "import.started"
    )
    started = connection.execute(query).first()
    process = json.loads(started.data).get("process", "") if started else ""
    if started is None or not process or started.at < written(instant() - LONGEST_READING):
        return ""
    mine = process.split("|")[:2] == outbox.lease_owner().split("|")[:2]
    return str(started.actor) if outbox.is_alive(process) and not mine else ""


def _close_unread(journal: Journal, batch: int, state: str, reason: str) -> None:
    with journal.writing() as connection:
        table = schema.batch
        connection.execute(
            table.update().where(table.c.id == batch).values(state=state, finished_at=now())
        )
        events.append(
            connection,
            journal.actor,
            [NewEvent(f"import.{state}", f"batch:{batch}", {"reason": reason})],
        )


def _write(
    journal: Journal,
    connection: sa.Connection,
    batch: int,
    options: Options,
    progress: Progress | None,
) -> None:
    """Read the journal's own copy of the file into the batch, so that nobody can change it
    meanwhile.
    """
    table = schema.batch
    file = connection.execute(
        sa.select(schema.file, table.c.company)
        .join(table, table.c.file_id == schema.file.c.id)
        .where(table.c.id == batch)
    ).one()
    content = originals.open_original(
        lambda query: connection.execute(query).scalar(), file.id, file.size
    )
    profiles = settings.profiles(journal.home) if journal.home else load_profiles()
    inspection, failure = Inspection(file.name), None

    done = 0

    def written(read: int) -> None:
        nonlocal done
        done = min(read, file.size)
        go_on()

    def go_on() -> None:
        if progress and not progress(done, max(file.size, 1)):
            raise Cancelled

    source_system = ""
    items: Iterable[object] = ()
    try:
        source = Source(file.name, content.watched(go_on), options, profiles)
        describe(source, inspection)
        source_system = source.profile.source_system if inspection.profile else ""
        items = importers.read(source)
    except Unreadable as unreadable:
        failure = Finding(unreadable.code, 0, 0, unreadable.parameters)
    writer = BatchWriter(connection, batch, file.company, source_system, written)
    for item in items:
        if isinstance(item, Failure):
            failure = item.finding
        else:
            writer.take(item)
    _close(journal, connection, batch, writer, inspection, source_system, failure)


def _close(
    journal: Journal,
    connection: sa.Connection,
    batch: int,
    writer: BatchWriter,
    inspection: Inspection,
    source_system: str,
    failure: Finding | None,
) -> None:
    if failure is not None:
        writer.find(failure, None)
    digests = writer.close()
    total = writer.counts.total()
    state = "complete" if failure is None else ("incomplete" if total else "failed")
    if failure is not None:
        connection.execute(
            schema.document.update()
            .where(schema.document.c.batch_id == batch)
            .values(state="blocked", blocked_by=failure.code)
        )
        digests = content_digests(connection, batch)
    title = {
        "company": writer.title.company,
        "tax_id": writer.title.tax_id,
        "start": writer.title.start,
        "end": writer.title.end,
        "currency": writer.title.currency,
    }
    values: Mapping[str, object] = {
        "profile": inspection.profile,
        "source_system": source_system,
        "container": inspection.container,
        "encoding": inspection.encoding,
        "encoding_confidence": inspection.encoding_confidence,
        "header_line": writer.header_line,
        "title": canonical(title),
        "state": state,
        "lines_total": total,
        "lines_digest": digests[blocks.LINES],
        **{f"lines_{name}": writer.counts[name] for name in ("record", "heading", "rejected")},
        "first_date": writer.first_date,
        "last_date": writer.last_date,
        "finished_at": now(),
    }
    connection.execute(schema.batch.update().where(schema.batch.c.id == batch).values(**values))
    data = {
        "state": state,
        "lines": dict(writer.counts),
        "digest": digests[blocks.LINES],
        "profile": inspection.profile,
        "encoding": inspection.encoding,
        "failure": failure.code if failure else "",
        "last_line": total,
        "content": digests,
    }
    events.append(connection, journal.actor, [NewEvent("import.closed", f"batch:{batch}", data)])


def _summary(journal: Journal, batch: int, repeated: bool = False) -> Intake:
    document, finding = schema.document, schema.finding
    with journal.reading() as connection:
        row = connection.execute(sa.select(schema.batch).where(schema.batch.c.id == batch)).one()
        states = connection.execute(
            sa.select(document.c.state, sa.func.count())
            .where(document.c.batch_id == batch)
            .group_by(document.c.state)
        ).all()
        severities = connection.execute(
            sa.select(finding.c.severity, sa.func.count())
            .where(finding.c.batch_id == batch)
            .group_by(finding.c.severity)
        ).all()
    documents = {"ready": 0, "blocked": 0} | {state: count for state, count in states}
    findings = {"error": 0, "warning": 0, "note": 0} | {
        severity: count for severity, count in severities
    }
    names = ("total", "record", "heading", "rejected")
    lines = {name: int(getattr(row, f"lines_{name}")) for name in names}
    return Intake(batch, row.state, repeated, lines, documents, findings)


def _new_id(result: sa.CursorResult[tuple[object, ...]]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
