"""Alembic's entry point; the journal hands over its own open transaction."""

from alembic import context

from app.journal.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
