"""Who does which piece of unattended work, and when it is due again: one runner a job, whether it
is a window, a service or another desktop of a shared journal.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.events import NewEvent
from app.journal.leases import is_alive
from app.journal.rows import JobRow
from app.journal.store import Journal, database_instant, written

LEASE = timedelta(minutes=20)
_AT_FIRST = sa.text(
    "INSERT INTO job (name, due_at, lease_owner, lease_until, fence, last_started, last_done,"
    " last_words, last_ok) VALUES (:name, '', '', '', 0, '', '', '', 1) ON CONFLICT DO NOTHING"
)
_TOLD = "job.ended"


def every(journal: Journal) -> list[JobRow]:
    """By name."""
    table = schema.job
    with journal.reading() as connection:
        query = sa.select(*JobRow.columns(table)).order_by(table.c.name)
        return JobRow.all_of(connection.execute(query))


def place(journal: Journal, name: str, due: datetime | None) -> None:
    """Give a job its next time (None: whenever it is asked for)."""
    table = schema.job
    with journal.writing(by_row=True) as connection:
        connection.execute(_AT_FIRST, {"name": name})
        at = written(due) if due else ""
        connection.execute(table.update().where(table.c.name == name).values(due_at=at))


def renew(journal: Journal, name: str, owner: str) -> None:
    """Hold a lease longer: the work takes its time."""
    table = schema.job
    with journal.writing(by_row=True) as connection:
        until = written(database_instant(connection) + LEASE)
        mine = (table.c.name == name) & (table.c.lease_owner == owner)
        connection.execute(table.update().where(mine).values(lease_until=until))


def begin(journal: Journal, name: str, owner: str, anyway: bool = False) -> bool:
    """Take a job that is due (or ``anyway``) and nobody else does; committed on return."""
    table = schema.job
    with journal.writing(by_row=True) as connection:
        connection.execute(_AT_FIRST, {"name": name})
        at = database_instant(connection)
        query = sa.select(table).where(table.c.name == name)
        row = connection.execute(query.with_for_update(skip_locked=True)).first()
        if row is None or (row.due_at > written(at) and not anyway):
            return False
        if row.lease_owner and not _is_over(row.lease_owner, row.lease_until, at):
            return False
        connection.execute(
            table.update()
            .where(table.c.name == name)
            .values(
                lease_owner=owner,
                lease_until=written(at + LEASE),
                fence=table.c.fence + 1,
                last_started=written(at),
            )
        )
    return True


def end(
    journal: Journal, name: str, owner: str, *, due: datetime | None, words: str = "", ok: bool
) -> None:
    """Give a job back. ``due`` is when it is to be done again (None: whenever asked). What did not
    end well is journaled once, and that it does again.
    """
    table = schema.job
    with journal.writing(by_row=True) as connection:
        at = written(database_instant(connection))
        mine = (table.c.name == name) & (table.c.lease_owner == owner)
        before = connection.execute(sa.select(table.c.last_ok).where(mine)).scalar()
        values: dict[str, object] = {
            "lease_owner": "",
            "lease_until": "",
            "due_at": written(due) if due else "",
            "last_words": words,
            "last_ok": int(ok),
        }
        if ok:
            values["last_done"] = at
        connection.execute(table.update().where(mine).values(**values))
        if before is not None and bool(before) != ok:
            told = NewEvent(_TOLD, f"job:{name}", {"reason": words, "value": ok})
            events.append(connection, journal.actor, [told], at)


def _is_over(owner: str, until: str, at: datetime) -> bool:
    return not written(at) <= until <= written(at + 2 * LEASE) or not is_alive(owner)
