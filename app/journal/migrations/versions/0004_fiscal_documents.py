"""Which fiscal documents (UUID, CUFE) were imported, and with which batch; what a company did not
import twice is told from it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fiscal_document",
        sa.Column("identifier", sa.String(96), primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
    )
