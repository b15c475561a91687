"""Retention: old files leave the journal for an archive, and the proof of them stays.

What goes is what takes room: the original bytes, the lines and the movements of files that are
settled. What stays is every event, every document with its content hash, every digest. The archive
is a zip of the originals; each one's SHA-256 is in the chain, so that an archived file can be
proven years later and imported again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.decisions import Attach
from app.journal import decided, events, kinds, originals, roles, schema
from app.journal.events import NewEvent
from app.journal.outbox import State
from app.journal.roles import Role
from app.journal.store import Journal, moment

MANIFEST = "manifest.json"
_Row = sa.Row[tuple[Any, ...]]


@dataclass
class Compaction:
    """``batches`` went into the archive, ``kept`` could not: some document of theirs is neither
    confirmed nor skipped. ``freed`` are the bytes their rows took.
    """

    batches: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    freed: int = 0
    sha256: str = ""


class NotArchived(Exception):
    """The archive does not hold what was written into it; nothing was removed. The argument is the
    file's name.
    """


def compact(journal: Journal, before: str, archive: Path) -> Compaction:
    """Archive every settled file imported before the day ``before`` (ISO). Nothing is removed
    before the archive is proven. Raises NotAllowed, NotArchived, FileExistsError, OSError.
    """
    roles.require(journal, Role.ADMIN)
    result = Compaction()
    due = _due(journal, before, result)
    if not due:
        return result
    _write_archive(journal, due, archive)
    result.sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    with journal.writing() as connection:
        evidence = _evidence(connection)
        for row in due:
            if row.sha256 in evidence:
                result.kept.append(row.id)
                continue
            freed = _remove(connection, row)
            result.freed += freed
            result.batches.append(row.id)
            data = {
                "file": row.name,
                "archive": archive.name,
                "sha256": result.sha256,
                "bytes": freed,
            }
            events.append(
                connection, journal.actor, [NewEvent("batch.compacted", f"batch:{row.id}", data)]
            )
    if journal.path is not None:
        with contextlib.closing(sqlite3.connect(journal.path, timeout=60)) as file:
            file.execute("VACUUM")
    return result


def archive_of(journal: Journal, batch: int) -> str:
    """The name of the archive a batch went into; empty when it did not."""
    table = schema.event
    query = sa.select(table.c.data).where(
        table.c.subject == f"batch:{batch}", table.c.kind == "batch.compacted"
    )
    with journal.reading() as connection:
        found = connection.execute(query).scalar()
    return str(json.loads(found)["archive"]) if found else ""


def _due(journal: Journal, before: str, result: Compaction) -> list[_Row]:
    """Settled batches before the day whose file no younger batch and no reconciliation needs."""
    batch, file, document, outbox = schema.batch, schema.file, schema.document, schema.outbox
    with journal.reading() as connection:
        rows = connection.execute(
            sa.select(batch, file.c.name, file.c.sha256, file.c.size)
            .join(file, file.c.id == batch.c.file_id)
            .where(batch.c.compacted_at == "")
            .order_by(batch.c.id)
        ).all()
        settled = sa.select(outbox.c.external_ref).where(
            outbox.c.state.in_([State.CONFIRMED, State.SKIPPED])
        )
        open_ones = (
            sa.select(document.c.batch_id)
            .where(document.c.kind.in_(kinds.awaited()), document.c.external_ref.not_in(settled))
            .distinct()
        )
        unsettled = set(connection.execute(open_ones).scalars())
        evidence = _evidence(connection)
    young = {row.file_id for row in rows if row.started_at >= before or row.state == "reading"}
    old = [row for row in rows if row.started_at < before and row.file_id not in young]
    needed = {row.file_id for row in old if row.id in unsettled or row.sha256 in evidence}
    result.kept = [row.id for row in old if row.file_id in needed]
    return [row for row in old if row.file_id not in needed]


def _evidence(connection: sa.Connection) -> set[str]:
    """SHA-256 of the files a reconciliation keeps as evidence."""
    return {
        row.decision.sha256
        for row in decided.every(connection, Attach.action)
        if isinstance(row.decision, Attach) and row.undone != decided.GONE
    }


def _write_archive(journal: Journal, due: Sequence[_Row], archive: Path) -> None:
    files = {row.file_id: row for row in due}
    manifest = [
        {
            "batch": row.id,
            "file": row.name,
            "sha256": row.sha256,
            "size": row.size,
            "imported": row.started_at,
            "lines": row.lines_total,
            "lines_digest": row.lines_digest,
            "member": _member(row),
        }
        for row in due
    ]
    with (
        archive.open("xb") as target,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written,
        journal.reading() as connection,
    ):
        written.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
        for row in files.values():
            content = originals.open_original(
                lambda query: connection.execute(query).scalar(), row.file_id, row.size
            )
            with written.open(_member(row), "w", force_zip64=True) as member:
                for part in content.parts():
                    member.write(part)
    with zipfile.ZipFile(archive) as found:
        for row in files.values():
            digest = hashlib.sha256()
            with found.open(_member(row)) as stored:
                while part := stored.read(1 << 20):
                    digest.update(part)
            if digest.hexdigest() != row.sha256:
                raise NotArchived(row.name)


def _member(row: _Row) -> str:
    return f"{row.sha256[:12]}/{Path(str(row.name)).name or 'file'}"


def _remove(connection: sa.Connection, row: _Row) -> int:
    block, original, batch = schema.block, schema.original, schema.batch
    freed = 0
    for table, condition in (
        (block, block.c.batch_id == row.id),
        (original, original.c.file_id == row.file_id),
    ):
        size = sa.select(sa.func.coalesce(sa.func.sum(sa.func.length(table.c.data)), 0)).where(
            condition
        )
        freed += int(connection.execute(size).scalar_one())
        connection.execute(table.delete().where(condition))
    at = moment(connection)
    connection.execute(batch.update().where(batch.c.id == row.id).values(compacted_at=at))
    part = schema.search_part
    connection.execute(
        part.delete().where(part.c.batch_id == row.id, part.c.kind.in_(["movement", "line"]))
    )
    return freed
