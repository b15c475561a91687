"""The target's own books for a period, back into the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, cast

import sqlalchemy as sa

from app.journal import Journal, events, roles, schema
from app.journal.events import NewEvent
from app.journal.roles import Role
from app.journal.store import now
from app.journal.verification import pull_digest
from app.money import to_minor
from connectors import LedgerMove
from connectors.contract import Connector, StatesBalances
from connectors.errors import Rejected, Unauthorized

CHUNK = 2000


class Pulled(NamedTuple):
    """``refused`` are the target's words where it did not hand out its trial balance; the lines are
    there all the same.
    """

    identifier: int
    lines: int
    refused: str = ""


def pull(
    journal: Journal,
    connection_name: str,
    target: Connector,
    start: date,
    end: date,
    progress: Callable[[int], bool] | None = None,
) -> Pulled:
    """Read the target's posted ledger lines from ``start`` to ``end``, and its trial balance before
    and after them where it states one.

    Everything is fetched before the journal is locked for writing; a pull that fails or is stopped
    (``progress`` answering False raises KeyboardInterrupt) leaves only the event that says so.
    """
    roles.require(journal, Role.PUSH)
    subject = f"connection:{connection_name}"
    try:
        moves = list(_counted(target.ledger(start, end), progress))
        balances, refused = _balances(target, start, end)
    except BaseException as error:
        events.record(
            journal,
            "pull.failed",
            subject,
            start=start,
            end=end,
            reason=f"{type(error).__name__}: {error}",
        )
        raise
    rows = [_row(position, move) for position, move in enumerate(moves, start=1)]
    with journal.writing() as connection:
        values = {"connection": connection_name, "start": start.isoformat(), "end": end.isoformat()}
        answer = connection.execute(
            schema.pull.insert().values(**values, pulled_at=now(), lines=len(rows), digest="")
        )
        key = answer.inserted_primary_key
        assert key is not None
        identifier = int(key[0])
        for place in range(0, len(rows), CHUNK):
            chunk = [{**row, "pull_id": identifier} for row in rows[place : place + CHUNK]]
            connection.execute(schema.remote_line.insert(), chunk)
        stated = [{**row, "pull_id": identifier} for row in balances]
        if stated:
            connection.execute(schema.remote_balance.insert(), stated)
        digest = pull_digest(connection, identifier)
        connection.execute(
            schema.pull.update().where(schema.pull.c.id == identifier).values(digest=digest)
        )
        data = {
            **values,
            "lines": len(rows),
            "digest": digest,
            "balances": len(stated),
            "balances_refused": refused,
        }
        events.append(
            connection, journal.actor, [NewEvent("pull.done", f"pull:{identifier}", data)]
        )
    return Pulled(identifier, len(rows), refused)


def latest(
    journal: Journal, connection_name: str, period: tuple[date, date] | None = None
) -> int | None:
    """The newest pull of a connection, of those that cover ``period`` when one is given; None when
    there is none.
    """
    table = schema.pull
    with journal.reading() as connection:
        query = sa.select(sa.func.max(table.c.id)).where(table.c.connection == connection_name)
        if period:
            query = query.where(
                table.c.start <= period[0].isoformat(), table.c.end >= period[1].isoformat()
            )
        found = connection.execute(query).scalar()
    return None if found is None else int(found)


def _balances(target: Connector, start: date, end: date) -> tuple[list[dict[str, object]], str]:
    """Opening and closing of each account that has either; or why the target does not let them be
    read.
    """
    if not target.capabilities.balances:
        return [], ""
    stating = cast(StatesBalances, target)
    try:
        opening = stating.balances(start - timedelta(days=1), start.year)
        closing = stating.balances(end, end.year)
    except (Rejected, Unauthorized) as error:
        return [], error.words
    return [
        {
            "account": account,
            "opening": to_minor(opening.get(account, _NOTHING)),
            "closing": to_minor(closing.get(account, _NOTHING)),
        }
        for account in sorted({*opening, *closing})
    ], ""


_NOTHING = Decimal(0)


def stated(
    connection: sa.Connection, identifier: int, months: tuple[date, date] | None
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Opening and closing by account in minor units, of the pull or of ``months`` of it; empty
    where the target stated none, and of a pull over a new year: accounts of the year begin anew in
    it.
    """
    pull, table, line = schema.pull, schema.remote_balance, schema.remote_line
    whole = connection.execute(sa.select(pull).where(pull.c.id == identifier)).one()
    rows = connection.execute(sa.select(table).where(table.c.pull_id == identifier)).all()
    opening, closing = (
        {row.account: row.opening for row in rows},
        {row.account: row.closing for row in rows},
    )
    first, last = (
        (whole.start, whole.end)
        if months is None
        else (months[0].isoformat(), months[1].isoformat())
    )
    if whole.start[:4] != whole.end[:4]:
        return {}, {}
    if not rows or (first, last) == (whole.start, whole.end):
        return opening, closing
    outside = sa.select(line.c.account, line.c.date, line.c.debit - line.c.credit).where(
        line.c.pull_id == identifier, (line.c.date < first) | (line.c.date > last)
    )
    for account, day, amount in connection.execute(outside):
        if day < first:
            opening[account] = opening.get(account, 0) + amount
        else:
            closing[account] = closing.get(account, 0) - amount
    return opening, closing


def _counted(
    moves: Iterator[LedgerMove], progress: Callable[[int], bool] | None
) -> Iterator[LedgerMove]:
    for count, move in enumerate(moves, start=1):
        if progress and count % 500 == 0 and not progress(count):
            raise KeyboardInterrupt
        yield move


def _row(position: int, move: LedgerMove) -> dict[str, object]:
    return {
        "position": position,
        "remote_id": move.remote_id,
        "entry_id": move.entry_id,
        "date": move.date.isoformat(),
        "account": move.account,
        "account_name": move.account_name,
        "debit": to_minor(move.debit),
        "credit": to_minor(move.credit),
        "number": move.number,
        "reference": move.reference,
        "label": move.label,
        "partner": move.partner,
        "tax_id": move.tax_id,
    }
