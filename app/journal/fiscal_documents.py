"""The fiscal documents that were imported, by what the tax authority calls them (the UUID of a
CFDI, the CUFE of a document of the DIAN), so that one that comes again is not counted again.

Derived from the movements of XML batches; a document of which nobody knows whose it is is not
remembered, so that it can be read again once somebody says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import sqlalchemy as sa

from app.journal import blocks, schema
from app.journal.rows import BatchRow, Transaction
from importers.identity import is_fiscal_identifier

_REMEMBER = sa.text(
    "INSERT INTO fiscal_document (identifier, batch_id) VALUES (:identifier, :batch)"
    " ON CONFLICT DO NOTHING"
)


def derived(transaction: Transaction, batches: Iterable[int]) -> dict[str, int]:
    """Identifier → the first of some batches of XML that brought it, by their movements."""
    found: dict[str, int] = {}
    for batch in sorted(batches):
        for columns in blocks.block_columns(transaction, batch, blocks.MOVEMENTS):
            nothing = [""] * len(columns["position"])
            sided = zip(
                columns.get("identifier", nothing), columns.get("direction", nothing), strict=True
            )
            for identifier, direction in sided:
                if direction and is_fiscal_identifier(identifier):
                    found.setdefault(identifier.upper(), batch)
    return found


def kept(transaction: Transaction) -> dict[str, int]:
    """Identifier → the batch it is written to have come with."""
    table = schema.fiscal_document
    rows = transaction.execute(sa.select(table.c.identifier, table.c.batch_id))
    return {row.identifier: row.batch_id for row in rows}


def put_back(transaction: Transaction, all_of_them: Mapping[str, int]) -> None:
    """Write them anew."""
    transaction.execute(schema.fiscal_document.delete())
    rows = [{"identifier": name, "batch": batch} for name, batch in all_of_them.items()]
    if rows:
        transaction.execute(_REMEMBER, rows)


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
