"""Contacts, search, compaction, order of documents, circuit breaker and call budgets shared by
everyone who sends, and the trial balances of targets.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "batch", sa.Column("compacted_at", sa.String(32), nullable=False, server_default="")
    )
    op.add_column(
        "outbox", sa.Column("kind", sa.String(12), nullable=False, server_default="entry")
    )
    op.add_column("outbox", sa.Column("rank", sa.Integer, nullable=False, server_default="1"))
    op.add_column("connection", sa.Column("options", sa.Text, nullable=False, server_default="{}"))
    op.create_table(
        "contact",
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), primary_key=True),
        sa.Column(
            "document_id",
            sa.Integer,
            sa.ForeignKey("document.id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_table(
        "breaker",
        sa.Column("connection", sa.String(60), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", sa.String(32), nullable=False),
        sa.Column("open_until", sa.String(32), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    op.create_table(
        "call_budget",
        sa.Column("connection", sa.String(60), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "search_part",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("batch_id", sa.Integer, nullable=False),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.UniqueConstraint("kind", "batch_id", "first", name="search_part_once"),
    )
    op.create_table(
        "remote_balance",
        sa.Column("pull_id", sa.Integer, sa.ForeignKey("pull.id"), primary_key=True),
        sa.Column("account", sa.String(60), primary_key=True),
        sa.Column("opening", sa.BigInteger, nullable=False),
        sa.Column("closing", sa.BigInteger, nullable=False),
    )
    for statement in _WORDS[op.get_bind().dialect.name]:
        op.execute(statement)


_WORDS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_words USING fts5("
        "words, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE search_words (part integer PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX search_words_words ON search_words USING gin (words)",
    ),
}
