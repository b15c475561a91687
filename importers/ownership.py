"""Whose books are kept: the company's own tax ids decide on which side a document stands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from importers.findings import Finding
from importers.identity import canonical_tax_id


class Direction(StrEnum):
    """Whether the company issued a document or received it; empty where nothing says."""

    ISSUED = "issued"
    RECEIVED = "received"
    UNKNOWN = ""


class Books:
    """The company, by its tax ids."""

    def __init__(self, own_tax_ids: Iterable[str]) -> None:
        self._own = {canonical_tax_id(text) for text in own_tax_ids} - {""}

    @property
    def are_known(self) -> bool:
        """Whether anybody has said whose books these are."""
        return bool(self._own)

    def is_own(self, tax_id: str) -> bool:
        return canonical_tax_id(tax_id) in self._own

    def direction(self, issuer: str, receiver: str) -> Direction:
        """Which way a document goes; one between two of the company's own ids was issued."""
        if self.is_own(issuer):
            return Direction.ISSUED
        return Direction.RECEIVED if self.is_own(receiver) else Direction.UNKNOWN

    def doubt(self, line: int, issuer: str, receiver: str) -> Finding:
        """What is said of a document of which nobody knows whose it is."""
        values = {"issuer": issuer or "?", "receiver": receiver or "?"}
        if self.are_known:
            return Finding("whose-books", line, 0, values)
        return Finding("whose-books-unsaid", line, 0, values)
