"""The fiscal documents that were imported, by what the tax authority calls them (the UUID of a
CFDI, the CUFE of a document of the DIAN), so that one that comes again is not counted again.

Derived from the movements of XML batches; a document of which nobody knows whose it is is not
remembered, so that it can be read again once somebody says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from app.journal import schema
from app.journal.rows import BatchRow, Transaction

_REMEMBER = sa.text(
    "INSERT INTO fiscal_document (identifier, batch_id) VALUES (:identifier, :batch)"
    " ON CONFLICT DO NOTHING"
)


def known(transaction: Transaction, batch: BatchRow) -> Callable[[str], int]:
    """Asks for the batch a document was imported with (0: none). Those of the same bytes, read
    otherwise, do not count.
    """
    table, other = schema.fiscal_document, schema.batch
    query = (
        sa.select(table.c.batch_id)
        .join(other, other.c.id == table.c.batch_id)
        .where(table.c.identifier == sa.bindparam("identifier"), other.c.file_id != batch.file_id)
    )

    def batch_of(identifier: str) -> int:
        found = transaction.execute(query, {"identifier": identifier}).scalar()
        return int(found or 0)

    return batch_of


def remember(transaction: Transaction, batch: int, identifiers: Iterable[str]) -> None:
    """Keep that these documents came with a batch."""
    rows = [{"identifier": identifier, "batch": batch} for identifier in identifiers]
    if rows:
        transaction.execute(_REMEMBER, rows)
