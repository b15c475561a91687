"""What a kind of document says of itself; preflight, push, queue, conflicts, story, search, window
and command line ask nothing else.

A new kind is one module: a subclass of :class:`DocumentKind`, made known by
:func:`app.documents.register`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from app.documents.obstacles import Problem
from app.journal import Journal
from app.journal.kinds import StoredKind
from app.journal.rows import DocumentRow, OutboxRow, Transaction
from connectors import Kind as RemoteKind
from connectors import RemoteRecord
from connectors.comparison import Difference
from connectors.contract import Connector, Outcome
from connectors.documents import EntryLine, Sent
from importers.findings import Finding
from importers.values import plain

Payload = Mapping[str, Any]
"""A mapped target document as JSON can hold it; ``kind`` names its kind (entries of 0.1.0 have
none).
"""
Reader = Callable[[Payload], Sent]


Amounts = tuple[tuple[Decimal, Decimal], ...]
"""Debit and credit of each line, in order of size."""
Lines = tuple[tuple[str, Decimal, Decimal], ...]
"""Account, debit and credit of each line, in order."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a document says, whatever it is called: ``words`` are its texts and ``parties`` its
    parties, plain and each once.
    """

    day: date
    amounts: Amounts
    lines: Lines
    words: frozenset[str]
    parties: frozenset[str]

    @classmethod
    def of(
        cls,
        day: date,
        lines: Iterable[tuple[str, Decimal, Decimal]],
        words: Iterable[str],
        parties: Iterable[str],
    ) -> Content:
        """Lines without an amount do not count."""
        whole = [(account, debit + 0, credit + 0) for account, debit, credit in lines]
        moved = sorted(line for line in whole if line[1] or line[2])
        return cls(
            day,
            tuple(sorted((debit, credit) for _, debit, credit in moved)),
            tuple(moved),
            frozenset(filter(None, map(plain, words))),
            frozenset(filter(None, map(plain, parties))),
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A document without movements as the journal keeps it; ``data`` is what it says, as canonical
    JSON, ``digest`` its hash. ``day`` is yyyy-mm-dd where it has one, ``source_kind`` the source's
    word for it, ``blocked_by`` the finding that blocks it (empty: none), ``findings`` those that
    are about it.
    """

    reference: str
    number: str
    name: str
    line: int
    data: str
    digest: str
    day: str = ""
    source_kind: str = ""
    blocked_by: str = ""
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """Documents that may be sent, those of which another file's content counts (external
    references), and those several files bring with different content, nobody having said which
    counts: each with its copies.
    """

    rows: Sequence[DocumentRow] = ()
    superseded: Sequence[str] = ()
    disputed: Sequence[Sequence[DocumentRow]] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document is not to go: for a ``problem`` (None: a person took it back), with what it is
    about and how it is shown.
    """

    problem: Problem | None = None
    what: str = ""
    document: str = ""
    withdraws: bool = False
    """What waits to be sent is taken back: it counts no more."""


@dataclass
class Prepared:
    """What is sent, or why it cannot be. ``left_out`` is what the target has no place for:
    the field (as in its capabilities) and the value.
    """

    payload: Payload = field(default_factory=dict)
    obstacles: list[tuple[Problem, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


class Preparation(ABC):
    """The documents of a kind about to be sent to one target, its lists at hand."""

    def refusal(self, row: DocumentRow, queued: OutboxRow | None) -> Refusal | None:
        """Why the kind itself holds a document back, before anything else is asked."""
        return None

    def is_there(self, row: DocumentRow) -> bool:
        """Whether the target has it already, under whatever reference."""
        return False

    @abstractmethod
    def prepare(self, row: DocumentRow) -> Prepared: ...


class DocumentKind(ABC):
    """How documents of a kind are built, held, sent and shown.

    ``takes`` is what an importer yields of it; ``remote`` what a target's capabilities call it.
    ``on_request``: sent only when a person asks for it. ``follows``: looked at once everything else
    was sent. ``is_journaled_once``: a file that says the same again adds none.
    ``content_is_final``: what was sent must not change afterwards; of others each field is kept up
    to date by its owner. ``untaken`` is the obstacle where a target takes none of it (None: they
    are left out).
    """

    stored: ClassVar[StoredKind]
    title: ClassVar[str]
    takes: ClassVar[type]
    remote: ClassVar[RemoteKind]
    on_request: ClassVar[bool] = False
    follows: ClassVar[bool] = False
    is_journaled_once: ClassVar[bool] = False
    content_is_final: ClassVar[bool] = True
    untaken: ClassVar[Problem | None] = None

    def is_of(self, item: object) -> bool:
        """Whether an importer's record becomes a document of the kind."""
        return type(item) is self.takes

    @abstractmethod
    def record(self, item: Any, company: str, source_system: str) -> Record:
        """A document without movements as it is journaled. Vouchers are written in blocks
        instead.
        """

    @abstractmethod
    def candidates(
        self, journal: Journal, connection_name: str, batch: int | None
    ) -> Candidates: ...

    @abstractmethod
    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation: ...

    @abstractmethod
    def reader(self, journal: Journal) -> Reader:
        """From a payload back to the document, by what the company has set now."""

    def unwanted(self, transaction: Transaction) -> Collection[str]:
        """References that are not to be queued after all, asked while nobody else writes."""
        return ()

    def content(self, document: Sent) -> Content | None:
        """What it says whatever it is called, to be compared with what was sent already; None for
        documents of which that is not asked.
        """
        return None

    @abstractmethod
    def create(self, target: Connector, documents: Sequence[Sent]) -> Sequence[Outcome]: ...

    @abstractmethod
    def find(
        self, target: Connector, documents: Sequence[Sent]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        """Reference → what the target has of each."""

    @abstractmethod
    def numbered(self, target: Connector, number: str) -> Sequence[RemoteRecord]:
        """What the target has under a number of its own."""

    @abstractmethod
    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        """The document of a file in the source's own codes, to be shown."""

    def changed(
        self, journal: Journal, connection_name: str, row: DocumentRow, sent: Sent
    ) -> list[Difference]:
        """In what the newest file's document differs from what was sent."""
        return []

    @abstractmethod
    def about(self, document: Sent) -> str:
        """What a person knows it by: a day, a name."""

    @abstractmethod
    def about_remote(self, record: RemoteRecord) -> str:
        """The same of what the target holds."""

    def as_data(self, document: Sent) -> dict[str, Any]:
        """The document as the command line answers it in JSON."""
        return asdict(document)

    @abstractmethod
    def lines(self, document: Sent) -> Sequence[EntryLine]:
        """Its lines, as they are shown beside the target's."""

    @abstractmethod
    def facts(self, payload: Payload) -> str:
        """What was made of it for the target, on one line, in the current language."""
