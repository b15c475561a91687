"""The target's own books for a period, back into the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import sqlalchemy as sa

from app.journal import Journal, events, roles, schema
from app.journal.events import NewEvent
from app.journal.roles import Role
from app.journal.store import now
from app.journal.verification import pull_digest
from app.money import to_minor
from connectors import LedgerMove
from connectors.contract import Connector

CHUNK = 2000


def pull(
    journal: Journal, connection_name: str, target: Connector, start: date, end: date,
    progress: Callable[[int], bool] | None = None,
) -> tuple[int, int]:  # fmt: skip
    """Read the target's posted ledger lines from ``start`` to ``end``; answers (pull id, lines).

    Everything is fetched before the journal is locked for writing; a pull that fails or is stopped
    (``progress`` answering False raises KeyboardInterrupt) leaves only the event that says so.
    """
    roles.require(journal, Role.PUSH)
    subject = f"connection:{connection_name}"
    try:
        moves = list(_counted(target.ledger(start, end), progress))
    except BaseException as error:
        events.record(journal, "pull.failed", subject, start=start, end=end, reason=f"{type(error).__name__}: {error}")
        raise
    rows = [_row(position, move) for position, move in enumerate(moves, start=1)]
    with journal.writing() as connection:
        values = {"connection": connection_name, "start": start.isoformat(), "end": end.isoformat()}
        answer = connection.execute(schema.pull.insert().values(**values, pulled_at=now(), lines=len(rows), digest=""))
        key = answer.inserted_primary_key
        assert key is not None
        identifier = int(key[0])
        for place in range(0, len(rows), CHUNK):
            chunk = [{**row, "pull_id": identifier} for row in rows[place : place + CHUNK]]
            connection.execute(schema.remote_line.insert(), chunk)
        digest = pull_digest(connection, identifier)
        connection.execute(schema.pull.update().where(schema.pull.c.id == identifier).values(digest=digest))
        data = {**values, "lines": len(rows), "digest": digest}
        events.append(connection, journal.actor, [NewEvent("pull.done", f"pull:{identifier}", data)])
    return identifier, len(rows)


def latest(journal: Journal, connection_name: str, period: tuple[date, date] | None = None) -> int | None:
    """The newest pull of a connection, of those that cover ``period`` when one is given; None when there is none."""
    table = schema.pull
    with journal.reading() as connection:
        query = sa.select(sa.func.max(table.c.id)).where(table.c.connection == connection_name)
        if period:
            query = query.where(table.c.start <= period[0].isoformat(), table.c.end >= period[1].isoformat())
        found = connection.execute(query).scalar()
    return None if found is None else int(found)


def _counted(moves: Iterator[LedgerMove], progress: Callable[[int], bool] | None) -> Iterator[LedgerMove]:
    for count, move in enumerate(moves, start=1):
        if progress and count % 500 == 0 and not progress(count):
            raise KeyboardInterrupt
        yield move


def _row(position: int, move: LedgerMove) -> dict[str, object]:
    return {
        "position": position, "remote_id": move.remote_id, "entry_id": move.entry_id, "date": move.date.isoformat(),
        "account": move.account, "account_name": move.account_name, "debit": to_minor(move.debit),
        "credit": to_minor(move.credit), "number": move.number, "reference": move.reference, "label": move.label,
        "partner": move.partner, "tax_id": move.tax_id,
    }  # fmt: skip
