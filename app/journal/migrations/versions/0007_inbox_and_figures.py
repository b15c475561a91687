"""The inbox of events, what was last read of each record, who works on what, and figures over
time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade() -> None:
    op.create_table(
        "endpoint",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("connection", sa.String(60), nullable=False),
        sa.Column("vendor", sa.String(24), nullable=False),
        sa.Column("public_url", sa.Text, nullable=False, server_default=""),
        sa.Column("made_at", sa.String(32), nullable=False),
        text("closed_at", 32),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("door", sa.String(12), nullable=False),
        sa.Column("connection", sa.String(60), nullable=False),
        sa.Column("dedup", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("record", sa.String(24), nullable=False),
        sa.Column("remote_id", sa.String(160), nullable=False),
        sa.Column("occurred_at", sa.String(32), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("delivery", sa.String(32), nullable=False),
        sa.Column("headers", sa.Text, nullable=False, server_default="{}"),
        sa.Column("body", sa.LargeBinary),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        number("deliveries"),
        text("last_received_at", 32),
        sa.Column("state", sa.String(12), nullable=False),
        number("attempts"),
        text("next_attempt_at", 32),
        text("lease_owner", 80),
        text("lease_until", 32),
        number("fence"),
        text("error_kind", 24),
        sa.Column("error_words", sa.Text, nullable=False, server_default=""),
        text("done_at", 32),
        sa.UniqueConstraint("door", "connection", "dedup", name="inbox_once"),
    )
    op.create_index("inbox_due", "inbox", ["state", "next_attempt_at"])
    op.create_index("inbox_record", "inbox", ["connection", "record", "remote_id", "state"])
    op.create_index("inbox_delivery", "inbox", ["delivery"])
    op.create_index("inbox_received", "inbox", ["received_at"])
    op.create_table(
        "cursor",
        sa.Column("connection", sa.String(60), primary_key=True),
        sa.Column("stream", sa.String(40), primary_key=True),
        text("mark", 40),
        text("due_at", 32),
        text("last_started", 32),
        text("last_done", 32),
        text("last_full", 32),
        text("last_sweep", 32),
        sa.Column("words", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "seen",
        sa.Column("connection", sa.String(60), primary_key=True),
        sa.Column("record", sa.String(24), primary_key=True),
        sa.Column("remote_id", sa.String(160), primary_key=True),
        text("version", 40),
        text("content", 64),
        text("day", 10),
        text("former_day", 10),
        text("reference", 160),
        text("changed_at", 32),
        text("gone_at", 32),
    )
    op.create_index("seen_day", "seen", ["connection", "day"])
    op.create_table(
        "pair",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("left_connection", sa.String(60), nullable=False),
        sa.Column("left_id", sa.String(160), nullable=False),
        sa.Column("right_connection", sa.String(60), nullable=False),
        sa.Column("right_id", sa.String(160), nullable=False),
        sa.Column("how", sa.String(24), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        text("ended_at", 32),
    )
    op.create_table(
        "agreed",
        sa.Column("pair_id", sa.Integer, sa.ForeignKey("pair.id"), primary_key=True),
        sa.Column("field", sa.String(24), primary_key=True),
        sa.Column("left_as", sa.Text, nullable=False),
        sa.Column("right_as", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("writes", sa.Text, nullable=False, server_default="[]"),
        sa.Column("refused", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("connection", sa.String(60), nullable=False),
        sa.Column("origin", sa.String(160), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.UniqueConstraint("connection", "origin", name="proposal_once"),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.String(80), primary_key=True),
        text("due_at", 32),
        text("lease_owner", 80),
        text("lease_until", 32),
        number("fence"),
        text("last_started", 32),
        text("last_done", 32),
        sa.Column("last_words", sa.Text, nullable=False, server_default=""),
        sa.Column("last_ok", sa.Integer, nullable=False, server_default="1"),
    )
    op.create_table(
        "figure",
        sa.Column("at", sa.String(32), primary_key=True),
        sa.Column("connection", sa.String(60), primary_key=True),
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "latency_bucket",
        sa.Column("hour", sa.String(32), primary_key=True),
        sa.Column("connection", sa.String(60), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("bucket", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
