"""What events of a connection propose to book, each once; a person accepts or dismisses it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from enum import StrEnum

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.rows import ProposalRow
from app.journal.store import Journal, moment
from app.journal.told_rows import telling

MADE, SETTLED = "proposal.made", "proposal.settled"


class State(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


def every(journal: Journal, state: State | None = None) -> list[ProposalRow]:
    """By number; of one state where given."""
    table = schema.proposal
    query = sa.select(*ProposalRow.columns(table)).order_by(table.c.id)
    if state is not None:
        query = query.where(table.c.state == state.value)
    with journal.reading() as connection:
        return ProposalRow.all_of(connection.execute(query))


def make(
    journal: Journal, connection_name: str, origin: str, data: Mapping[str, object]
) -> ProposalRow | None:
    """Keep a proposal; None where there is one of the same origin."""
    table = schema.proposal
    mine = (table.c.connection == connection_name) & (table.c.origin == origin)
    with journal.writing() as connection:
        if connection.execute(sa.select(table.c.id).where(mine)).first():
            return None
        at = moment(connection)
        row = ProposalRow(0, connection_name, origin, json.dumps(dict(data)), at, State.OPEN.value)
        values = {name: value for name, value in asdict(row).items() if name != "id"}
        made = connection.execute(table.insert().values(**values).returning(table.c.id))
        row = replace(row, id=made.scalar_one())
        told = telling(MADE, f"proposal:{row.id}", "proposal", asdict(row))
        events.append(connection, journal.actor, [told], at)
    return row


def settle(journal: Journal, number: int, state: State, reason: str = "") -> ProposalRow:
    """Say what became of an open one. Raises LookupError where there is none."""
    table = schema.proposal
    with journal.writing() as connection:
        mine = (table.c.id == number) & (table.c.state == State.OPEN.value)
        query = sa.select(*ProposalRow.columns(table)).where(mine).with_for_update()
        found = ProposalRow.all_of(connection.execute(query))
        if not found:
            raise LookupError(number)
        row = replace(found[0], state=state.value)
        connection.execute(table.update().where(mine).values(state=state.value))
        told = telling(SETTLED, f"proposal:{number}", "proposal", asdict(row))
        told = replace(told, data={**told.data, "reason": reason}) if reason else told
        events.append(connection, journal.actor, [told])
    return row
