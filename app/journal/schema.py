"""The journal's tables, the same on SQLite and PostgreSQL.

Money is ``BigInteger`` minor units with scale 2. Dates are ISO text ``yyyy-mm-dd``, instants ISO
text in UTC, so that both engines compare and show them alike. Lines and movements are kept in
blocks (see ``blocks``). Migrations create and change these tables; this module only describes them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy import UniqueConstraint as Unique

metadata = MetaData()

setting = Table(
    "setting",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)

file = Table(
    "file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("first_seen_at", String(32), nullable=False),
)

original = Table(
    "original",
    metadata,
    Column("file_id", Integer, ForeignKey("file.id"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file_id", Integer, ForeignKey("file.id"), nullable=False),
    Column("options", Text, nullable=False),
    Column("company", String(40), nullable=False),
    Column("profile", String(80), nullable=False, default=""),
    Column("source_system", String(40), nullable=False, default=""),
    Column("container", String(16), nullable=False, default=""),
    Column("encoding", String(32), nullable=False, default=""),
    Column("encoding_confidence", Float, nullable=False, default=0.0),
    Column("header_line", Integer),
    Column("title", Text, nullable=False, default="{}"),
    Column("state", String(16), nullable=False),
    Column("lines_total", Integer, nullable=False, default=0),
    Column("lines_record", Integer, nullable=False, default=0),
    Column("lines_heading", Integer, nullable=False, default=0),
    Column("lines_rejected", Integer, nullable=False, default=0),
    Column("first_date", String(10), nullable=False, default=""),
    Column("last_date", String(10), nullable=False, default=""),
    Column("lines_digest", String(64), nullable=False, default=""),
    Column("started_at", String(32), nullable=False),
    Column("finished_at", String(32), nullable=False, default=""),
    Column("compacted_at", String(32), nullable=False, default=""),
    Index("batch_file", "file_id"),
)

block = Table(
    "block",
    metadata,
    Column("batch_id", Integer, ForeignKey("batch.id"), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

usage = Table(
    "usage",
    metadata,
    Column("batch_id", Integer, ForeignKey("batch.id"), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("uses", Integer, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", Integer, ForeignKey("batch.id"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("last_line", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("source_kind", String(40), nullable=False),
    Column("number", String(60), nullable=False),
    Column("date", String(10), nullable=False),
    Column("period", String(7), nullable=False),
    Column("description", Text, nullable=False),
    Column("external_ref", String(160), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("first_position", Integer, nullable=False),
    Column("movements", Integer, nullable=False),
    Column("debit", BigInteger, nullable=False),
    Column("credit", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("blocked_by", String(32), nullable=False, default=""),
    Index("document_batch", "batch_id"),
    Index("document_ref", "external_ref"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", Integer, ForeignKey("batch.id"), nullable=False),
    Column("document_id", Integer, ForeignKey("document.id")),
    Column("line", Integer, nullable=False),
    Column("column", Integer, nullable=False),
    Column("severity", String(8), nullable=False),
    Column("code", String(32), nullable=False),
    Column("parameters", Text, nullable=False),
    Index("finding_batch", "batch_id", "line"),
)

balance = Table(
    "balance",
    metadata,
    Column("batch_id", Integer, ForeignKey("batch.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("line", Integer, nullable=False),
    Column("account", String(60), nullable=False),
    Column("name", Text, nullable=False),
    Column("opening", BigInteger),
    Column("closing", BigInteger),
)

record = Table(
    "record",
    metadata,
    Column("batch_id", Integer, ForeignKey("batch.id"), primary_key=True),
    Column(
        "document_id", Integer, ForeignKey("document.id"), primary_key=True, autoincrement=False
    ),
    Column("data", Text, nullable=False),
)

fiscal_document = Table(
    "fiscal_document",
    metadata,
    Column("identifier", String(96), primary_key=True),
    Column("batch_id", Integer, ForeignKey("batch.id"), nullable=False),
)

connection = Table(
    "connection",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("system", String(24), nullable=False),
    Column("url", Text, nullable=False),
    Column("database", Text, nullable=False, default=""),
    Column("user", Text, nullable=False, default=""),
    Column("per_minute", Integer, nullable=False, default=0),
    Column("per_day", Integer, nullable=False, default=0),
    Column("options", Text, nullable=False, default="{}"),
    Column("created_at", String(32), nullable=False),
)

mapping = Table(
    "mapping",
    metadata,
    Column("connection", String(60), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("source", String(160), primary_key=True),
    Column("target", String(160), nullable=False),
    Column("partner", String(160), nullable=False, default=""),
    Column("origin", String(16), nullable=False),
    Column("updated_at", String(32), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(60), nullable=False),
    Column("external_ref", String(160), nullable=False),
    Column("document_id", Integer, ForeignKey("document.id"), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt_at", String(32), nullable=False, default=""),
    Column("lease_owner", String(80), nullable=False, default=""),
    Column("lease_until", String(32), nullable=False, default=""),
    Column("remote_id", String(80), nullable=False, default=""),
    Column("remote_number", String(80), nullable=False, default=""),
    Column("remote_changes", Text, nullable=False, default=""),
    Column("error_kind", String(24), nullable=False, default=""),
    Column("error_words", Text, nullable=False, default=""),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Column("confirmed_at", String(32), nullable=False, default=""),
    Column("kind", String(12), nullable=False, default="entry"),
    Column("rank", Integer, nullable=False, default=1),
    Column("fence", Integer, nullable=False, default=0),
    Unique("connection", "external_ref", name="outbox_once"),
    Index("outbox_state", "connection", "state"),
)

breaker = Table(
    "breaker",
    metadata,
    Column("connection", String(60), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failing_since", String(32), nullable=False),
    Column("open_until", String(32), nullable=False),
    Column("words", Text, nullable=False),
)

call_budget = Table(
    "call_budget",
    metadata,
    Column("connection", String(60), primary_key=True),
    Column("state", Text, nullable=False),
)

search_part = Table(
    "search_part",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("batch_id", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Unique("kind", "batch_id", "first", name="search_part_once"),
)

pull = Table(
    "pull",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(60), nullable=False),
    Column("start", String(10), nullable=False),
    Column("end", String(10), nullable=False),
    Column("pulled_at", String(32), nullable=False),
    Column("lines", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

remote_line = Table(
    "remote_line",
    metadata,
    Column("pull_id", Integer, ForeignKey("pull.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("remote_id", String(80), nullable=False),
    Column("entry_id", String(80), nullable=False),
    Column("date", String(10), nullable=False),
    Column("account", String(60), nullable=False),
    Column("account_name", Text, nullable=False),
    Column("debit", BigInteger, nullable=False),
    Column("credit", BigInteger, nullable=False),
    Column("number", String(80), nullable=False),
    Column("reference", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("tax_id", String(40), nullable=False),
    sqlite_with_rowid=False,
)

remote_balance = Table(
    "remote_balance",
    metadata,
    Column("pull_id", Integer, ForeignKey("pull.id"), primary_key=True),
    Column("account", String(60), primary_key=True),
    Column("opening", BigInteger, nullable=False),
    Column("closing", BigInteger, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reconciliation", String(160), nullable=False),
    Column("action", String(12), nullable=False),
    Column("said", Text, nullable=False),
    Column("undone", Integer, nullable=False, default=0),
    Column("at", String(32), nullable=False),
    Index("decision_reconciliation", "reconciliation"),
)

endpoint = Table(
    "endpoint",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("connection", String(60), nullable=False),
    Column("vendor", String(24), nullable=False),
    Column("public_url", Text, nullable=False, default=""),
    Column("made_at", String(32), nullable=False),
    Column("closed_at", String(32), nullable=False, default=""),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("door", String(12), nullable=False),
    Column("connection", String(60), nullable=False),
    Column("dedup", String(120), nullable=False),
    Column("kind", String(80), nullable=False),
    Column("record", String(24), nullable=False),
    Column("remote_id", String(160), nullable=False),
    Column("occurred_at", String(32), nullable=False),
    Column("received_at", String(32), nullable=False),
    Column("delivery", String(32), nullable=False),
    Column("headers", Text, nullable=False, default="{}"),
    Column("body", LargeBinary),
    Column("body_sha256", String(64), nullable=False),
    Column("deliveries", Integer, nullable=False, default=1),
    Column("last_received_at", String(32), nullable=False, default=""),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt_at", String(32), nullable=False, default=""),
    Column("lease_owner", String(80), nullable=False, default=""),
    Column("lease_until", String(32), nullable=False, default=""),
    Column("fence", Integer, nullable=False, default=0),
    Column("error_kind", String(24), nullable=False, default=""),
    Column("error_words", Text, nullable=False, default=""),
    Column("done_at", String(32), nullable=False, default=""),
    Unique("door", "connection", "dedup", name="inbox_once"),
    Index("inbox_due", "state", "next_attempt_at"),
    Index("inbox_record", "connection", "record", "remote_id", "state"),
    Index("inbox_delivery", "delivery"),
    Index("inbox_received", "received_at"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("connection", String(60), primary_key=True),
    Column("stream", String(40), primary_key=True),
    Column("mark", String(40), nullable=False, default=""),
    Column("due_at", String(32), nullable=False, default=""),
    Column("last_started", String(32), nullable=False, default=""),
    Column("last_done", String(32), nullable=False, default=""),
    Column("last_full", String(32), nullable=False, default=""),
    Column("last_sweep", String(32), nullable=False, default=""),
    Column("words", Text, nullable=False, default=""),
)

seen = Table(
    "seen",
    metadata,
    Column("connection", String(60), primary_key=True),
    Column("record", String(24), primary_key=True),
    Column("remote_id", String(160), primary_key=True),
    Column("version", String(40), nullable=False, default=""),
    Column("content", String(64), nullable=False, default=""),
    Column("day", String(10), nullable=False, default=""),
    Column("former_day", String(10), nullable=False, default=""),
    Column("reference", String(160), nullable=False, default=""),
    Column("changed_at", String(32), nullable=False, default=""),
    Column("gone_at", String(32), nullable=False, default=""),
    Index("seen_day", "connection", "day"),
)

pair = Table(
    "pair",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("left_connection", String(60), nullable=False),
    Column("left_id", String(160), nullable=False),
    Column("right_connection", String(60), nullable=False),
    Column("right_id", String(160), nullable=False),
    Column("how", String(24), nullable=False),
    Column("since", String(32), nullable=False),
    Column("ended_at", String(32), nullable=False, default=""),
)

agreed = Table(
    "agreed",
    metadata,
    Column("pair_id", Integer, ForeignKey("pair.id"), primary_key=True),
    Column("field", String(24), primary_key=True),
    Column("left_as", Text, nullable=False),
    Column("right_as", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Column("writes", Text, nullable=False, default="[]"),
    Column("refused", Text, nullable=False, default=""),
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(60), nullable=False),
    Column("origin", String(160), nullable=False),
    Column("data", Text, nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("state", String(12), nullable=False),
    Unique("connection", "origin", name="proposal_once"),
)

job = Table(
    "job",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("due_at", String(32), nullable=False, default=""),
    Column("lease_owner", String(80), nullable=False, default=""),
    Column("lease_until", String(32), nullable=False, default=""),
    Column("fence", Integer, nullable=False, default=0),
    Column("last_started", String(32), nullable=False, default=""),
    Column("last_done", String(32), nullable=False, default=""),
    Column("last_words", Text, nullable=False, default=""),
    Column("last_ok", Integer, nullable=False, default=1),
)

figure = Table(
    "figure",
    metadata,
    Column("at", String(32), primary_key=True),
    Column("connection", String(60), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

latency_bucket = Table(
    "latency_bucket",
    metadata,
    Column("hour", String(32), primary_key=True),
    Column("connection", String(60), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
)

chain = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("signed", Integer, nullable=False, default=0),
)

event = Table(
    "event",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("data", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("event_subject", "subject"),
)

signature = Table(
    "signature",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("key", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)
