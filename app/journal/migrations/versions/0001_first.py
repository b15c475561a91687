"""The first released schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setting",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("first_seen_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "original",
        sa.Column("file_id", sa.Integer, sa.ForeignKey("file.id"), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file_id", sa.Integer, sa.ForeignKey("file.id"), nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("company", sa.String(40), nullable=False),
        sa.Column("profile", sa.String(80), nullable=False),
        sa.Column("source_system", sa.String(40), nullable=False),
        sa.Column("container", sa.String(16), nullable=False),
        sa.Column("encoding", sa.String(32), nullable=False),
        sa.Column("encoding_confidence", sa.Float, nullable=False),
        sa.Column("header_line", sa.Integer),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("lines_total", sa.Integer, nullable=False),
        sa.Column("lines_record", sa.Integer, nullable=False),
        sa.Column("lines_heading", sa.Integer, nullable=False),
        sa.Column("lines_rejected", sa.Integer, nullable=False),
        sa.Column("first_date", sa.String(10), nullable=False),
        sa.Column("last_date", sa.String(10), nullable=False),
        sa.Column("lines_digest", sa.String(64), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32), nullable=False),
    )
    op.create_index("batch_file", "batch", ["file_id"])
    op.create_table(
        "block",
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "usage",
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("last_line", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("source_kind", sa.String(40), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("external_ref", sa.String(160), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("first_position", sa.Integer, nullable=False),
        sa.Column("movements", sa.Integer, nullable=False),
        sa.Column("debit", sa.BigInteger, nullable=False),
        sa.Column("credit", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("blocked_by", sa.String(32), nullable=False),
    )
    op.create_index("document_batch", "document", ["batch_id"])
    op.create_index("document_ref", "document", ["external_ref"])
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("column", sa.Integer, nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
    )
    op.create_index("finding_batch", "finding", ["batch_id", "line"])
    op.create_table(
        "balance",
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("opening", sa.BigInteger),
        sa.Column("closing", sa.BigInteger),
    )
    op.create_table(
        "connection",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("system", sa.String(24), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("database", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("per_minute", sa.Integer, nullable=False),
        sa.Column("per_day", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "mapping",
        sa.Column("connection", sa.String(60), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("source", sa.String(160), primary_key=True),
        sa.Column("target", sa.String(160), nullable=False),
        sa.Column("partner", sa.String(160), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("connection", sa.String(60), nullable=False),
        sa.Column("external_ref", sa.String(160), nullable=False),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.String(32), nullable=False),
        sa.Column("lease_owner", sa.String(80), nullable=False),
        sa.Column("lease_until", sa.String(32), nullable=False),
        sa.Column("remote_id", sa.String(80), nullable=False),
        sa.Column("remote_number", sa.String(80), nullable=False),
        sa.Column("remote_changes", sa.Text, nullable=False),
        sa.Column("error_kind", sa.String(24), nullable=False),
        sa.Column("error_words", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("confirmed_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("connection", "external_ref", name="outbox_once"),
    )
    op.create_index("outbox_state", "outbox", ["connection", "state"])
    op.create_table(
        "pull",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("connection", sa.String(60), nullable=False),
        sa.Column("start", sa.String(10), nullable=False),
        sa.Column("end", sa.String(10), nullable=False),
        sa.Column("pulled_at", sa.String(32), nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_table(
        "remote_line",
        sa.Column("pull_id", sa.Integer, sa.ForeignKey("pull.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("remote_id", sa.String(80), nullable=False),
        sa.Column("entry_id", sa.String(80), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("account_name", sa.Text, nullable=False),
        sa.Column("debit", sa.BigInteger, nullable=False),
        sa.Column("credit", sa.BigInteger, nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("tax_id", sa.String(40), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reconciliation", sa.String(160), nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("left_keys", sa.Text, nullable=False),
        sa.Column("right_keys", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("undone", sa.Integer, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("decision_reconciliation", "decision", ["reconciliation"])
    op.create_table(
        "chain",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("event_subject", "event", ["subject"])
    op.execute("INSERT INTO chain (id, sequence, hash) VALUES (1, 0, '')")
