"""People's decisions about the lines of reconciliations, one row each."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.decisions import Decision, from_json, to_json
from app.journal import schema
from app.journal.batches import new_id
from app.journal.rows import Transaction
from app.journal.store import Journal

STANDS, TAKEN_BACK, GONE = 0, 1, 2
"""A decision holds; was taken back and can be done again; was taken back for good."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """``undone`` is one of :data:`STANDS`, :data:`TAKEN_BACK`, :data:`GONE`; what was decided at
    once has one instant ``at``.
    """

    id: int
    reconciliation: str
    decision: Decision
    undone: int
    at: str

    @property
    def stands(self) -> bool:
        return self.undone == STANDS


def standing(journal: Journal, reconciliation: str) -> list[Decision]:
    """What people decided about a reconciliation and did not take back, oldest first."""
    table = schema.decision
    where = (table.c.reconciliation == reconciliation) & (table.c.undone == STANDS)
    with journal.reading() as connection:
        return [row.decision for row in _rows(connection, where)]


def every(transaction: Transaction, action: str = "") -> list[DecisionRow]:
    """Every decision ever taken (of one action), oldest first."""
    return _rows(transaction, schema.decision.c.action == action if action else sa.true())


def add(transaction: Transaction, reconciliation: str, decision: Decision, at: str) -> int:
    """Keep a decision taken at an instant; answers its number."""
    values = {
        "reconciliation": reconciliation,
        "action": decision.action,
        "said": to_json(decision),
        "at": at,
    }
    return new_id(transaction.execute(schema.decision.insert().values(**values)))


def forget_taken_back(transaction: Transaction, reconciliation: str) -> None:
    """What was taken back can no longer be done again."""
    table = schema.decision
    gone = (table.c.reconciliation == reconciliation) & (table.c.undone == TAKEN_BACK)
    transaction.execute(table.update().where(gone).values(undone=GONE))


def last_act(transaction: Transaction, reconciliation: str) -> list[DecisionRow]:
    """What an undo takes back: all that was decided at once, oldest first."""
    found = _of_state(transaction, reconciliation, STANDS)
    return [row for row in found if row.at == found[-1].at]


def next_act(transaction: Transaction, reconciliation: str) -> list[DecisionRow]:
    """What a redo does again: all that was decided at once, oldest first."""
    found = _of_state(transaction, reconciliation, TAKEN_BACK)
    return [row for row in found if row.at == found[0].at]


def mark(transaction: Transaction, number: int, undone: int) -> None:
    """Let a decision stand, or not."""
    table = schema.decision
    transaction.execute(table.update().where(table.c.id == number).values(undone=undone))


def _of_state(transaction: Transaction, reconciliation: str, undone: int) -> list[DecisionRow]:
    table = schema.decision
    return _rows(
        transaction, (table.c.reconciliation == reconciliation) & (table.c.undone == undone)
    )


def _rows(transaction: Transaction, where: sa.ColumnElement[bool]) -> list[DecisionRow]:
    table = schema.decision
    query = sa.select(table.c.id, table.c.reconciliation, table.c.said, table.c.undone, table.c.at)
    rows = transaction.execute(query.where(where).order_by(table.c.id))
    return [
        DecisionRow(row.id, row.reconciliation, from_json(row.said), row.undone, row.at)
        for row in rows
    ]
