"""What every connector offers, so that the hub needs to know none of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from connectors.documents import (
    Identity,
    JournalEntry,
    LedgerMove,
    RemoteAccount,
    RemoteJournal,
    RemotePartner,
    RemoteRecord,
)
from connectors.errors import ConnectorError


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the target can do. ``unique_reference``: it refuses a second document with one external reference
    itself, so that a race between two senders cannot double it. ``batch`` documents go in one request."""

    system: str
    unique_reference: bool
    batch: int
    ledger: bool = True


Outcome = RemoteRecord | ConnectorError
"""What became of one document of a batch."""


class Connector(Protocol):
    """A signed-in connection to one company of one target. Not shared between threads.

    Every method raises :class:`ConnectorError` when the call as a whole failed.
    """

    @property
    def capabilities(self) -> Capabilities: ...

    def identify(self) -> Identity:
        """Log in and say who, which company, which periods are locked."""
        ...

    def accounts(self) -> Sequence[RemoteAccount]:
        """The chart of accounts, those that take entries."""
        ...

    def journals(self) -> Sequence[RemoteJournal]: ...

    def partners(self) -> Sequence[RemotePartner]: ...

    def create_entries(self, entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        """Create and post; one outcome an entry, in order. Raises Uncertain when the answer was lost."""
        ...

    def find_entries(self, references: Sequence[str]) -> Mapping[str, Sequence[RemoteRecord]]:
        """Every document the target holds under each external reference, with its lines."""
        ...

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        """The documents the target itself calls by this number, with their lines; usually one."""
        ...

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        """Posted ledger lines dated from ``start`` to ``end`` inclusive, in the target's order."""
        ...

    def close(self) -> None: ...
