"""A voucher as people read it in the source, for targets that keep it beside the entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.journal.blocks import Movement
from app.journal.rows import DocumentRow
from app.money import from_minor


def voucher_text(row: DocumentRow, movements: Sequence[Movement]) -> str:
    """The head, the file and line it stands in, and a line each movement, its parts by tabs."""
    return "\n".join(_lines(row, movements))


def _lines(row: DocumentRow, movements: Sequence[Movement]) -> Iterator[str]:
    yield _joined(row.source_kind, row.number, row.date, row.description)
    yield _joined(row.name, f"L{row.line}–L{row.last_line}", row.external_ref)
    for movement in movements:
        yield "\t".join(
            (
                movement.account,
                movement.account_name,
                f"{from_minor(movement.debit):.2f}",
                f"{from_minor(movement.credit):.2f}",
                movement.reference,
                movement.description,
                movement.segment,
                movement.party,
                movement.tax_id,
                movement.identifier,
            )
        ).rstrip("\t")


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
