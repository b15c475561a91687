"""What the journal answers: frozen rows, one type a table, so that no reader meets the database.

Money is minor units with scale 2, days are ISO text, instants ISO text in UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import sqlalchemy as sa

Transaction = sa.Connection
"""An open transaction of the journal; whoever holds one hands it on and asks nothing of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose fields are columns of the same name."""

    @classmethod
    def columns(cls, *tables: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        """The columns of the first of these tables that has each field, in the fields' order."""
        return [_column(field.name, tables) for field in fields(cls)]

    @classmethod
    def all_of(cls, rows: Iterable[sa.Row[Any]]) -> list[Self]:
        return [cls(*row) for row in rows]


def _column(name: str, tables: Iterable[sa.FromClause]) -> sa.ColumnElement[Any]:
    for table in tables:
        if name in table.c:
            return table.c[name]
    raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Event(Row):
    """Something that happened; ``text`` is its facts as canonical JSON."""

    sequence: int
    at: str
    actor: str
    kind: str
    subject: str
    text: str
    hash: str

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.text)
        return found


@dataclass(frozen=True, slots=True)
class BatchRow(Row):
    """A file read once: what it was taken for, and how many of its lines are what."""

    id: int
    file_id: int
    company: str
    profile: str
    source_system: str
    container: str
    encoding: str
    encoding_confidence: float
    header_line: int | None
    title: str
    state: str
    lines_total: int
    lines_record: int
    lines_heading: int
    lines_rejected: int
    first_date: str
    last_date: str
    lines_digest: str
    started_at: str
    finished_at: str
    compacted_at: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class DocumentRow(Row):
    """A document of a file; ``compacted_at`` is when its lines went to an archive, ``name`` the
    file it was read from.
    """

    id: int
    batch_id: int
    line: int
    last_line: int
    kind: str
    source_kind: str
    number: str
    date: str
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
    source_system: str
    compacted_at: str
    name: str


@dataclass(frozen=True, slots=True)
class OutboxRow(Row):
    """A document on its way to a connection; ``payload`` is what is sent, as JSON text."""

    id: int
    connection: str
    external_ref: str
    document_id: int
    content_hash: str
    payload: str
    state: str
    attempts: int
    next_attempt_at: str
    remote_id: str
    remote_number: str
    remote_changes: str
    error_kind: str
    error_words: str
    created_at: str
    updated_at: str
    confirmed_at: str
    kind: str
    rank: int

    @property
    def document(self) -> Mapping[str, Any]:
        """What is sent; empty for one that never could be."""
        found: Mapping[str, Any] = json.loads(self.payload)
        return found


@dataclass(frozen=True, slots=True)
class FindingRow(Row):
    """``parameters`` is canonical JSON."""

    id: int
    batch_id: int
    document_id: int | None
    line: int
    column: int
    severity: str
    code: str
    parameters: str


@dataclass(frozen=True, slots=True)
class BalanceRow(Row):
    """Opening and closing a file states of an account; None where it does not."""

    account: str
    name: str
    opening: int | None
    closing: int | None


@dataclass(frozen=True, slots=True)
class RecordRow(Row):
    """What a document without movements says, as canonical JSON."""

    batch_id: int
    document_id: int
    data: str


@dataclass(frozen=True, slots=True)
class UsageRow(Row):
    """How often a batch uses a code of a kind (account, party, journal)."""

    batch_id: int
    kind: str
    source: str
    name: str
    uses: int


@dataclass(frozen=True, slots=True)
class PullRow(Row):
    """The target's books of some days, read at some moment."""

    id: int
    connection: str
    start: str
    end: str
    pulled_at: str
    lines: int
    digest: str


@dataclass(frozen=True, slots=True)
class RemoteLine(Row):
    """A ledger line of the target."""

    position: int
    remote_id: str
    entry_id: str
    date: str
    account: str
    account_name: str
    debit: int
    credit: int
    number: str
    reference: str
    label: str
    partner: str
    tax_id: str


@dataclass(frozen=True, slots=True)
class StatedBalance(Row):
    """Opening and closing of an account as the target states them."""

    account: str
    opening: int
    closing: int


@dataclass(frozen=True, slots=True)
class ConnectionRow(Row):
    """``options`` is JSON text."""

    name: str
    system: str
    url: str
    database: str
    user: str
    per_minute: int
    per_day: int
    options: str


@dataclass(frozen=True, slots=True)
class MappingRow(Row):
    """Whose code is whose, of one connection."""

    kind: str
    source: str
    target: str
    partner: str
    origin: str


@dataclass(frozen=True, slots=True)
class QueuedDocument(Row):
    """A row of the outbox with what its document says: ``debit`` in minor units,
    ``remote_changes`` what the target did differently from what was sent, ``started_at`` and
    ``finished_at`` when its file was read.
    """

    connection: str
    external_ref: str
    state: str
    date: str
    period: str
    description: str
    number: str
    debit: int
    remote_number: str
    attempts: int
    error_words: str
    remote_changes: str
    next_attempt_at: str
    created_at: str
    updated_at: str
    confirmed_at: str
    started_at: str
    finished_at: str


@dataclass(frozen=True, slots=True)
class InboxRow(Row):
    """Something that came in by a door. ``record`` and ``remote_id`` say what it is about in the
    connection's system, ``deliveries`` how often it came; ``packed`` is its body, compressed (None:
    erased or emptied).
    """

    id: int
    door: str
    connection: str
    dedup: str
    kind: str
    record: str
    remote_id: str
    occurred_at: str
    received_at: str
    delivery: str
    headers: str
    packed: bytes | None
    body_sha256: str
    deliveries: int
    last_received_at: str
    state: str
    attempts: int
    next_attempt_at: str
    error_kind: str
    error_words: str
    done_at: str


@dataclass(frozen=True, slots=True)
class EndpointRow(Row):
    """A secret path at which one vendor's events for one connection arrive."""

    token_sha256: str
    connection: str
    vendor: str
    public_url: str
    made_at: str
    closed_at: str


@dataclass(frozen=True, slots=True)
class CursorRow(Row):
    """How far a stream (one kind of record of a connection) was read. ``mark`` is the instant up to
    which it was read, by the target's clock; ``due_at`` when it is to be read before its time;
    ``words`` why the last reading failed.
    """

    connection: str
    stream: str
    mark: str
    due_at: str
    last_started: str
    last_done: str
    last_full: str
    last_sweep: str
    words: str


@dataclass(frozen=True, slots=True)
class SeenRow(Row):
    """A record of a connection as it was last read. ``version`` is its instant of change by the
    target (empty where it does not say), ``content`` a hash of what was read, ``former_day`` its
    date before the last change, ``changed_at`` when that was first read here, ``gone_at`` since
    when it is not there.
    """

    connection: str
    record: str
    remote_id: str
    version: str
    content: str
    day: str
    former_day: str
    reference: str
    changed_at: str
    gone_at: str


@dataclass(frozen=True, slots=True)
class PairRow(Row):
    """Two records of two connections that are one party; ``how`` they were found to be."""

    id: int
    left_connection: str
    left_id: str
    right_connection: str
    right_id: str
    how: str
    since: str
    ended_at: str


@dataclass(frozen=True, slots=True)
class AgreedRow(Row):
    """What two records of a pair agreed on in a field, as each side stores it; ``writes`` is a JSON
    list of the instants it was written at, ``refused`` a JSON list of a value that was not taken
    and the words with it, or empty.
    """

    pair_id: int
    field: str
    left_as: str
    right_as: str
    at: str
    writes: str
    refused: str


@dataclass(frozen=True, slots=True)
class ProposalRow(Row):
    """What an event proposes to book; ``data`` as JSON."""

    id: int
    connection: str
    origin: str
    data: str
    made_at: str
    state: str


@dataclass(frozen=True, slots=True)
class JobRow(Row):
    """A piece of unattended work; ``last_ok`` 0 where it failed, ``last_words`` how it ended."""

    name: str
    due_at: str
    lease_owner: str
    lease_until: str
    fence: int
    last_started: str
    last_done: str
    last_words: str
    last_ok: int
