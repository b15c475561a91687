"""What every connector offers, so that the hub needs to know none of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Protocol, runtime_checkable

from connectors.documents import (
    Attachment,
    Change,
    Document,
    Identity,
    Invoice,
    JournalEntry,
    Kind,
    LedgerMove,
    Need,
    Payment,
    RemoteAccount,
    RemoteDimension,
    RemoteJournal,
    RemotePartner,
    RemoteRecord,
    RemoteTax,
)
from connectors.errors import Conflict, ConnectorError, Rejected

ALL_KINDS = frozenset(Kind) - {Kind.ATTACHMENT}
"""Every kind of document of its own."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the target can do. ``unique_reference``: it refuses a second entry with one external
    reference itself, so that a race between two senders cannot double it. ``batch`` entries go in
    one request. ``push`` and ``pull`` are the kinds of documents that can be written and listed,
    ``ledger`` whether its ledger lines can be read. ``limits`` name what a person has to know
    beforehand. ``lists_accounts`` is False where the chart of accounts cannot be read, ``balances``
    whether the connector is :class:`StatesBalances`. ``needs`` are asked of every entry line whose
    account begins so (an empty beginning: of every line), ``dimensions`` whether a line's dimension
    is sent, so that the connector is :class:`ListsDimensions`. ``leaves_out`` are the fields it has
    no place for and does not write, as ``contact.terms``. ``keeps_original`` entries are wanted
    with their text in the source's own words. ``whole_ledger`` is False where only the lines of
    journal entries can be read, not those invoices and payments make. ``calls_each`` is how
    many calls one document takes where the plan counts them by the month (0: it does not).
    ``changes`` are the kinds of which the target lists what changed since an instant (see
    :class:`ListsChanges`), ``deletes`` those of which it lists what is gone too; the others have to
    be swept through for that. ``reads`` are the kinds whose records are read by their ids (see
    :class:`ReadsRecords`). ``fiscal_documents`` whether an invoice goes with all a tax
    authority's document states: the amount of each tax, its rate, its identifier, what it settles;
    ``foreign_invoices`` and ``foreign_payments`` whether those in another currency than the books'
    go at their own rate.
    """

    system: str
    unique_reference: bool
    batch: int
    ledger: bool = True
    push: frozenset[Kind] = frozenset({Kind.ENTRY})
    pull: frozenset[Kind] = frozenset()
    limits: tuple[str, ...] = ()
    lists_accounts: bool = True
    balances: bool = False
    needs: Mapping[str, frozenset[Need]] = field(default_factory=dict)
    dimensions: bool = False
    leaves_out: frozenset[str] = frozenset()
    keeps_original: bool = False
    whole_ledger: bool = True
    calls_each: int = 0
    changes: frozenset[Kind] = frozenset()
    deletes: frozenset[Kind] = frozenset()
    reads: frozenset[Kind] = frozenset()
    fiscal_documents: bool = False
    foreign_invoices: bool = False
    foreign_payments: bool = False


Outcome = RemoteRecord | ConnectorError
"""What became of one document of a batch."""


class Unsupported(Rejected):
    """The target has no such document; nothing was sent."""


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
        """Create and post; one outcome an entry, in order. Raises Uncertain when the answer was
        lost.
        """
        ...

    def find_entries(self, entries: Sequence[JournalEntry]) -> Mapping[str, Sequence[RemoteRecord]]:
        """Every document the target holds under the external reference of each, with its lines."""
        ...

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        """The documents the target itself calls by this number, with their lines; usually one."""
        ...

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        """Posted ledger lines dated from ``start`` to ``end`` inclusive, in the target's order."""
        ...

    def close(self) -> None: ...


class DocumentConnector(Connector, Protocol):
    """A connector that knows more than entries: contacts, invoices, bills, refunds, payments."""

    def create(self, document: Document) -> RemoteRecord:
        """Create one document. Raises Conflict where the target says it has it, Unsupported where
        it has no such kind, Uncertain when the answer was lost.
        """
        ...

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        """The documents of that kind the target holds under the document's external reference,
        however the system lets one look: by key, by reference, or by its date and a scan.
        """
        ...

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        """Documents of a kind dated from ``start`` to ``end`` inclusive, each once. Contacts have
        no date: all.
        """
        ...


class StatesBalances(Protocol):
    """A connector whose target states its trial balance."""

    def balances(self, until: date, year: int) -> Mapping[str, Decimal]:
        """Account → debit − credit of everything posted up to ``until`` inclusive; of income and
        expense only what was posted since the first of January of ``year`` (in Mexico and Colombia
        the books' year is the calendar's).
        """
        ...


@runtime_checkable
class ListsChanges(Protocol):
    """A connector that can be asked for what changed instead of for everything."""

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        """Documents of a kind changed at or after ``since`` and before ``until`` (aware instants),
        each once. Targets stamp changes by their own clocks, some when a transaction begins: the
        caller asks again with an overlap. Raises Unsupported for a kind that is not among
        :attr:`Capabilities.changes`.
        """
        ...


@runtime_checkable
class ReadsRecords(Protocol):
    """A connector that reads single records by their own ids."""

    def read_records(self, kind: Kind, remote_ids: Sequence[str]) -> Mapping[str, Change]:
        """Each by its id as it is now; of one that was archived or cancelled that it is gone. One
        that is missing is not there. Raises Unsupported for a kind that is not among
        :attr:`Capabilities.reads`.
        """
        ...


@runtime_checkable
class ChangesContacts(Protocol):
    """A connector whose contacts can be changed field by field."""

    def change_contact(self, remote_id: str, fields: Mapping[str, str]) -> RemoteRecord:
        """Write only these fields, and answer the contact as it is stored. An empty value empties
        the field. Raises Rejected, Uncertain when the answer was lost: writing the same again does
        no harm.
        """
        ...


@runtime_checkable
class MovesEntries(Protocol):
    """A connector whose target moves the date of an entry by itself (out of a locked period), and
    lets it be moved back.
    """

    def move_to(self, remote_id: str, day: date) -> RemoteRecord:
        """The posted entry on that day. Raises PeriodClosed while that day is locked, Rejected
        where the target does not let it be changed, Uncertain when the answer was lost.
        """
        ...


@runtime_checkable
class ListsDimensions(Protocol):
    """A connector whose target has cost centres, or whatever it calls them."""

    def dimensions(self) -> Sequence[RemoteDimension]: ...


@runtime_checkable
class ListsTaxes(Protocol):
    """A connector whose target's taxes can be listed, so that a document's can be mapped."""

    def taxes(self) -> Sequence[RemoteTax]: ...


@runtime_checkable
class Completes(Protocol):
    """A connector that makes a document in several steps, of which a lost answer may have left the
    last undone.
    """

    def complete(self, document: Document, record: RemoteRecord) -> RemoteRecord:
        """Do what is left of a document that was found; nothing where nothing is. Raises
        Uncertain, Unavailable.
        """
        ...


@runtime_checkable
class TakesAttachments(Protocol):
    """A connector whose target keeps files with documents. None refuses a name it has: who
    attaches asks first.
    """

    def attach(self, file: Attachment) -> RemoteRecord:
        """Raises Rejected, Uncertain when the answer was lost."""
        ...

    def attached(self, file: Attachment) -> Sequence[RemoteRecord]:
        """The files of that name its document has."""
        ...


class Creates(Protocol):
    def create(self, document: Document) -> RemoteRecord: ...


def create_one_by_one(target: Creates, documents: Sequence[Document]) -> Sequence[Outcome]:
    """A request a document, each with an outcome of its own. Raises only what the single document
    of a list met.
    """
    outcomes: list[Outcome] = []
    for document in documents:
        try:
            outcomes.append(target.create(document))
        except (Rejected, Conflict) as error:
            outcomes.append(error)
        except ConnectorError as error:
            if len(documents) == 1:
                raise
            outcomes.append(error)
    return outcomes


def refuse_foreign(document: Invoice | Payment, own: Callable[[], str]) -> None:
    """Called where the target's body has no place for a currency (or none without a rate): the same
    figure would be booked as local money. ``own`` says the currency of the books; it is asked only
    where the document names one. Raises :class:`Unsupported`.
    """
    if document.currency and document.currency.upper() != own().upper():
        raise Unsupported(
            f"the books are in {own() or '?'}; a {document.kind.value} in {document.currency} is"
            " not written",
            "currency",
        )


class OneByOne(ABC):
    """Entries for systems that take one document a request, in terms of
    :class:`DocumentConnector`.
    """

    @abstractmethod
    def create(self, document: Document) -> RemoteRecord: ...

    @abstractmethod
    def find(self, document: Document) -> Sequence[RemoteRecord]: ...

    @abstractmethod
    def identify(self) -> Identity: ...

    @cached_property
    def _own_currency(self) -> str:
        return self.identify().currency

    def _refuse_foreign(self, document: Invoice | Payment) -> None:
        refuse_foreign(document, lambda: self._own_currency)

    def create_entries(self, entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        return create_one_by_one(self, entries)

    def find_entries(self, entries: Sequence[JournalEntry]) -> Mapping[str, Sequence[RemoteRecord]]:
        return {entry.reference: self.find(entry) for entry in entries}
