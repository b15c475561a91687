"""A fencing number on each claim of the outbox, and the signatures of the chain."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("fence", sa.Integer, nullable=False, server_default="0"))
    op.add_column("chain", sa.Column("signed", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "signature",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
    )
