"""Which side of a document the company is, and what that makes of it.

The company's own tax ids and the type of the document decide; a documento soporte and a pay slip
are issued by who pays. A document between two of its own, or of two strangers, is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importers.findings import Finding
from importers.fiscal.model import Kind
from importers.ownership import Books, Direction

_INVOICES = {
    Direction.ISSUED: (Kind.SALES_INVOICE, Kind.SALES_CREDIT, Kind.SALES_DEBIT),
    Direction.RECEIVED: (Kind.PURCHASE_BILL, Kind.PURCHASE_CREDIT, Kind.PURCHASE_DEBIT),
}


class Company:
    """The company, by its tax ids."""

    def __init__(self, own_tax_ids: Iterable[str]) -> None:
        self._books = Books(own_tax_ids)

    def direction(self, issuer: str, receiver: str) -> Direction:
        """Issued where nobody knows better; that is said by :meth:`doubts`."""
        found = self._books.direction(issuer, receiver)
        return Direction.ISSUED if found is Direction.UNKNOWN else found

    def doubts(self, issuer: str, receiver: str) -> Iterator[Finding]:
        """Said where neither party, or both, are the company."""
        own = self._books.is_own(issuer), self._books.is_own(receiver)
        if not any(own) and self._books.are_known:
            values = {"issuer": issuer or "?", "receiver": receiver or "?"}
            yield Finding("foreign-document", 0, 0, values)
        elif not any(own):
            yield self._books.doubt(0, issuer, receiver)
        elif all(own):
            yield Finding("own-document", 0, 0, {"issuer": issuer, "receiver": receiver})


def invoice_kind(direction: Direction, *, credit: bool = False, debit: bool = False) -> Kind:
    """An invoice, or a note of credit or debit, on the company's side."""
    plain, of_credit, of_debit = _INVOICES[direction]
    return of_credit if credit else of_debit if debit else plain
