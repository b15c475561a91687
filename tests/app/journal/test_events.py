"""Nobody edits, removes, adds or reorders an event, or a journaled line, unseen."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.intake.importing import import_file
from app.journal import Journal, events, schema, verification
from app.sending import maps, proposals
from app.sending.pull import pull
from app.sending.push import push
from connectors.sandbox import SandboxConnector
from tests.conftest import SAMPLE

event = schema.event


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    """One nobody signs: what the chain tells alone."""
    opened = Journal(home / "journal.db", home)
    yield opened
    opened.close()


def change(connection: sa.Connection) -> None:
    connection.execute(event.update().where(event.c.sequence == 2).values(data='{"lines":{}}'))


def change_actor(connection: sa.Connection) -> None:
    connection.execute(event.update().where(event.c.sequence == 2).values(actor="nobody@nowhere"))


def remove(connection: sa.Connection) -> None:
    connection.execute(event.delete().where(event.c.sequence == 2))


def swap(connection: sa.Connection) -> None:
    for old, new in ((2, -1), (3, 2), (-1, 3)):
        connection.execute(event.update().where(event.c.sequence == old).values(sequence=new))


def insert(connection: sa.Connection) -> None:
    row = dict(connection.execute(sa.select(event).where(event.c.sequence == 4)).one()._mapping)
    connection.execute(event.insert().values({**row, "sequence": 5}))


@pytest.mark.parametrize(
    ("tamper", "first_bad"), [(change, 2), (change_actor, 2), (remove, 2), (swap, 2), (insert, 5)]
)
def test_the_first_event_that_was_touched_is_named(
    journal: Journal, tamper: Callable[[sa.Connection], None], first_bad: int
) -> None:
    for number in range(4):
        events.record(journal, "test.made", f"subject:{number}", amount="10.00")
    assert verification.verify(journal).events == 4
    assert verification.verify(journal).ok
    with journal.writing() as connection:
        tamper(connection)
    assert verification.verify(journal).first_bad == first_bad


def test_removing_the_last_event_is_seen(journal: Journal) -> None:
    for _ in range(3):
        events.record(journal, "test.made", "subject")
    with journal.writing() as connection:
        connection.execute(event.delete().where(event.c.sequence == 3))
    assert verification.verify(journal).first_bad == 3


BLOCK = schema.block


@pytest.mark.parametrize(
    "tamper",
    [
        BLOCK.update().where(BLOCK.c.kind == "lines").values(data=b"damaged"),
        schema.batch.update().values(state="failed"),
        schema.batch.delete(),
        BLOCK.update().where(BLOCK.c.kind == "movements").values(data=b"damaged"),
        BLOCK.update().where(BLOCK.c.kind == "movements").values(last=1),
        schema.document.update().where(schema.document.c.id == 1).values(debit=1),
        schema.document.update().where(schema.document.c.id == 1).values(content_hash="0" * 64),
        schema.original.delete(),
        schema.original.update().values(data=b"other"),
        schema.finding.delete(),
        schema.outbox.delete(),
        schema.outbox.update().where(schema.outbox.c.id == 1).values(remote_id="77"),
        schema.outbox.update().where(schema.outbox.c.id == 1).values(external_ref="x"),
        schema.remote_line.update().where(schema.remote_line.c.position == 1).values(credit=5),
        BLOCK.delete().where(BLOCK.c.kind == "lines"),
        schema.batch.update().values(lines_record=1),
        schema.batch.update().values(lines_digest="0" * 64),
    ],
)
def test_whatever_was_journaled_and_touched_is_seen(
    journal: Journal, connect: Callable[[], SandboxConnector], tamper: sa.Executable
) -> None:
    import_file(journal, SAMPLE)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    push(journal, "sandbox", connect())
    pull(journal, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    assert verification.verify(journal).ok
    statement = str(tamper.compile(compile_kwargs={"literal_binds": True}))  # type: ignore[attr-defined]
    with contextlib.closing(sqlite3.connect(str(journal.path))) as plain, plain:
        plain.execute(statement)
    assert verification.verify(journal).problems


def test_who_and_where_is_on_every_event(journal: Journal) -> None:
    events.record(journal, "test.made", "subject")
    with journal.reading() as connection:
        assert "@" in connection.execute(sa.select(event.c.actor)).scalar_one()


def test_the_schema_is_what_the_migrations_make(journal: Journal) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with journal.reading() as connection:
        options = {
            "include_name": lambda name, kind, _: (
                kind != "table" or not name.startswith("search_words")
            )
        }
        assert (
            compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata)
            == []
        )
