"""Call budgets kept in the journal, so that all who send with one account count together and nobody
starts anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeVar

import sqlalchemy as sa

from app.journal import schema
from app.journal.store import Journal
from connectors.budget import Calls

T = TypeVar("T")
_AT_FIRST = sa.text(
    "INSERT INTO call_budget (connection, state) VALUES (:name, '{}') ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class SharedCalls:
    """The calls made with one connection (see :class:`connectors.budget.CallStore`)."""

    journal: Journal
    connection_name: str

    def change(self, step: Callable[[Calls], T]) -> T:
        table = schema.call_budget
        mine = table.c.connection == self.connection_name
        with self.journal.writing(by_row=True) as connection:
            connection.execute(_AT_FIRST, {"name": self.connection_name})
            kept = connection.execute(
                sa.select(table.c.state).where(mine).with_for_update()
            ).scalar_one()
            calls = Calls(**json.loads(kept))
            answer = step(calls)
            connection.execute(table.update().where(mine).values(state=json.dumps(asdict(calls))))
        return answer
