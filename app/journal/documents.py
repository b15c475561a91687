"""The documents of imported files, as the journal holds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from app.journal import blocks, schema
from app.journal.blocks import Movement
from app.journal.rows import DocumentRow, RecordRow, Transaction
from app.journal.store import Journal

READY = "ready"
BLOCKED = "blocked"


def every(
    journal: Journal, kind: str = "", batch: int | None = None, period: str = ""
) -> list[DocumentRow]:
    """Documents in the order they were read, of a kind, a batch or a period (``yyyy-mm``) where
    given.
    """
    table = schema.document
    query = _documents()
    if kind:
        query = query.where(table.c.kind == kind)
    if batch is not None:
        query = query.where(table.c.batch_id == batch)
    if period:
        query = query.where(table.c.period == period)
    with journal.reading() as connection:
        return DocumentRow.all_of(connection.execute(query.order_by(table.c.id)))


def of_reference(journal: Journal, reference: str) -> list[DocumentRow]:
    """Every copy of a document, oldest first."""
    table = schema.document
    query = _documents().where(table.c.external_ref == reference).order_by(table.c.id)
    with journal.reading() as connection:
        return DocumentRow.all_of(connection.execute(query))


def around(journal: Journal, batch: int, line: int) -> list[DocumentRow]:
    """The documents a line of a batch stands inside."""
    table = schema.document
    query = _documents().where(
        table.c.batch_id == batch, table.c.line <= line, table.c.last_line >= line
    )
    with journal.reading() as connection:
        return DocumentRow.all_of(connection.execute(query.order_by(table.c.id)))


def hashes(transaction: Transaction, batch: int) -> dict[str, str]:
    """External reference → content hash, of a batch."""
    table = schema.document
    query = sa.select(table.c.external_ref, table.c.content_hash)
    rows = transaction.execute(query.where(table.c.batch_id == batch))
    return {row.external_ref: row.content_hash for row in rows}


def is_journaled(transaction: Transaction, reference: str, content_hash: str) -> bool:
    """Whether a ready document of this content was journaled with any batch."""
    table = schema.document
    query = sa.select(table.c.id).where(
        table.c.external_ref == reference,
        table.c.content_hash == content_hash,
        table.c.state == READY,
    )
    return transaction.execute(query.limit(1)).first() is not None


def batches_of(journal: Journal, references: Collection[str]) -> dict[str, dict[str, set[int]]]:
    """Reference → content hash → the batches that bring it so, of some documents."""
    table = schema.document
    wanted = sorted(references)
    found: dict[str, dict[str, set[int]]] = {}
    with journal.reading() as connection:
        for start in range(0, len(wanted), 500):
            some = table.c.external_ref.in_(wanted[start : start + 500])
            query = sa.select(table.c.external_ref, table.c.content_hash, table.c.batch_id)
            for reference, content, batch in connection.execute(query.where(some)):
                found.setdefault(reference, {}).setdefault(content, set()).add(batch)
    return found


def newest_batches(journal: Journal, references: Sequence[str]) -> list[int]:
    """The newest batch of each of these documents."""
    table = schema.document
    found: set[int] = set()
    with journal.reading() as connection:
        for start in range(0, len(references), 500):
            some = table.c.external_ref.in_(references[start : start + 500])
            newest = sa.select(sa.func.max(table.c.batch_id)).where(some)
            found.update(connection.execute(newest.group_by(table.c.external_ref)).scalars())
    return sorted(found)


def periods(journal: Journal) -> list[str]:
    """Every ``yyyy-mm`` with documents, newest first."""
    period = schema.document.c.period
    query = sa.select(period).where(period != "").distinct().order_by(period.desc())
    with journal.reading() as connection:
        return list(connection.execute(query).scalars())


def movements(journal: Journal, document: DocumentRow) -> list[Movement]:
    """The movements of one document."""
    last = document.first_position + document.movements - 1
    with journal.reading() as connection:
        found = blocks.movements(connection, document.batch_id, document.first_position, last)
        return [movement for movement in found if movement.document == document.id]


def movements_of(journal: Journal, documents: Iterable[DocumentRow]) -> dict[int, list[Movement]]:
    """Document id → its movements; each batch is gone through once."""
    wanted = list(documents)
    found: dict[int, list[Movement]] = {row.id: [] for row in wanted}
    with journal.reading() as connection:
        for batch in sorted({row.batch_id for row in wanted}):
            for movement in blocks.movements(connection, batch):
                if movement.document in found:
                    found[movement.document].append(movement)
    return found


def batch_movements(journal: Journal, batch: int) -> list[Movement]:
    """Every movement of a batch, in order."""
    with journal.reading() as connection:
        return list(blocks.movements(connection, batch))


def records(journal: Journal, kind: str, batch: int | None = None) -> dict[int, RecordRow]:
    """Document id → what it says, of ready documents of a kind that have no movements."""
    document, record = schema.document, schema.record
    query = (
        sa.select(*RecordRow.columns(record))
        .join(
            document,
            (record.c.batch_id == document.c.batch_id) & (record.c.document_id == document.c.id),
        )
        .where(document.c.state == READY, document.c.kind == kind)
    )
    if batch is not None:
        query = query.where(document.c.batch_id == batch)
    with journal.reading() as connection:
        found = RecordRow.all_of(connection.execute(query))
    return {row.document_id: row for row in found}


def doubtful(journal: Journal) -> set[int]:
    """Ids of documents with warnings."""
    table = schema.finding
    query = sa.select(table.c.document_id).where(
        table.c.severity == "warning", table.c.document_id.is_not(None)
    )
    with journal.reading() as connection:
        return set(connection.execute(query.distinct()).scalars())


def wrong_batches(journal: Journal) -> set[int]:
    """Batches with blocked documents or findings that are errors."""
    document, finding = schema.document, schema.finding
    blocked = sa.select(document.c.batch_id).where(document.c.state == BLOCKED)
    wrong = sa.select(finding.c.batch_id).where(finding.c.severity == "error")
    with journal.reading() as connection:
        return set(connection.execute(blocked.union(wrong)).scalars())


def block_all(transaction: Transaction, batch: int, code: str) -> None:
    """Block every document of a batch for one reason."""
    table = schema.document
    values = {"state": BLOCKED, "blocked_by": code}
    transaction.execute(table.update().where(table.c.batch_id == batch).values(**values))


def never_sent(journal: Journal, kinds: Collection[str], finished_before: str) -> int:
    """How many ready documents of these kinds, of files read before an instant, are in no
    outbox.
    """
    document, batch = schema.document, schema.batch
    query = (
        sa.select(sa.func.count(sa.distinct(document.c.external_ref)))
        .join(batch, batch.c.id == document.c.batch_id)
        .where(document.c.state == READY, document.c.kind.in_(sorted(kinds)))
        .where(batch.c.finished_at < finished_before)
        .where(document.c.external_ref.not_in(sa.select(schema.outbox.c.external_ref)))
    )
    with journal.reading() as connection:
        return int(connection.execute(query).scalar_one())


def _documents() -> sa.Select[tuple[object, ...]]:
    """Documents as :class:`DocumentRow` wants them."""
    document, batch, file = schema.document, schema.batch, schema.file
    columns = DocumentRow.columns(document, batch, file)
    source = document.join(batch, batch.c.id == document.c.batch_id)
    return sa.select(*columns).select_from(source.join(file, file.c.id == batch.c.file_id))
