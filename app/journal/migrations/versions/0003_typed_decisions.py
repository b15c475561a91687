"""Decisions say what they say as JSON of their own kind, no longer as lines of one text; documents
without movements keep what they say in a table for every kind of them.
"""

import json

import sqlalchemy as sa
from alembic import op

from app.decisions import of_first_release, to_json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("contact", "record")
    op.add_column("decision", sa.Column("said", sa.Text, nullable=False, server_default="{}"))
    connection = op.get_bind()
    old = sa.table(
        "decision",
        *(
            sa.column(name)
            for name in ("id", "action", "left_keys", "right_keys", "reason", "said")
        ),
    )
    for row in connection.execute(sa.select(old)).all():
        decision = of_first_release(
            row.action,
            left=tuple(json.loads(row.left_keys)),
            right=tuple(json.loads(row.right_keys)),
            reason=row.reason,
        )
        connection.execute(old.update().where(old.c.id == row.id).values(said=to_json(decision)))
    with op.batch_alter_table("decision") as table:
        for name in ("left_keys", "right_keys", "reason"):
            table.drop_column(name)
