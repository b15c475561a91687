"""The rows of one batch, written as they come: blocks, documents, balances, findings, records.

The digest of each table runs along with what is written, so that nothing has to be read back.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from app.journal import schema
from app.journal.digests import CONTENT, content_columns
from app.journal.events import RowsDigest
from app.journal.rows import Transaction

Cells = tuple[object, ...]


class DocumentCells(NamedTuple):
    """A document as its table has it; amounts in minor units."""

    id: int
    batch: int
    line: int
    last_line: int
    kind: str
    source_kind: str
    number: str
    day: str
    period: str
    description: str
    external_ref: str
    content_hash: str
    first_position: int
    movements: int
    debit: int
    credit: int
    state: str
    blocked_by: str


class BatchRows:
    """Gathers rows a table and writes them together."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._rows: dict[str, list[Cells]] = {name: [] for name in CONTENT}
        self._digests = {name: RowsDigest() for name in CONTENT}
        self._statements = {name: _insertion(table) for name, table in CONTENT.items()}

    def add(self, content: str, row: Cells) -> None:
        """A row of a kind of content, its cells in the order of the table's columns."""
        self._rows[content].append(row)

    def add_document(self, cells: DocumentCells) -> None:
        self._rows["documents"].append(tuple(cells))

    def flush(self) -> None:
        """Write what was gathered."""
        for name, rows in self._rows.items():
            if rows:
                self._digests[name].add(rows)
                self._insert(name, rows)
                rows.clear()

    def digests(self) -> dict[str, str]:
        """The digest of each kind of content written so far."""
        return {name: digest.hexdigest() for name, digest in self._digests.items()}

    def next_document(self) -> int:
        """The number the next document gets."""
        highest = sa.select(sa.func.coalesce(sa.func.max(schema.document.c.id), 0))
        return int(self._transaction.execute(highest).scalar_one()) + 1

    def _insert(self, name: str, rows: list[Cells]) -> None:
        """Many rows of one shape: on SQLite straight to the driver, which saves a third of an
        import's time.
        """
        if self._transaction.dialect.name == "sqlite":
            self._transaction.exec_driver_sql(self._statements[name], rows)
            return
        table = CONTENT[name]
        names = [column.name for column in content_columns(table)]
        self._transaction.execute(
            table.insert(), [dict(zip(names, row, strict=True)) for row in rows]
        )


def _insertion(table: sa.Table) -> str:
    names = [column.name for column in content_columns(table)]
    quoted = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({quoted}) VALUES ({", ".join("?" * len(names))})'
