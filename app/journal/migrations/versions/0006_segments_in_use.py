"""Segments are among the codes a batch is said to use, so that a map is asked for them."""

import sqlalchemy as sa
from alembic import op

from app.journal import blocks, usages

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    batches = sa.text("SELECT DISTINCT batch_id FROM usage ORDER BY batch_id")
    for batch in list(connection.execute(batches).scalars()):
        if any(blocks.block_columns(connection, batch, blocks.MOVEMENTS)):
            usages.keep(connection, batch, usages.derived(connection, batch))
