"""Call budgets kept in the journal, so that all who send with one account count together and nobody starts anew."""

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


@dataclass(frozen=True)
class SharedCalls:
    """The calls made with one connection (see :class:`connectors.budget.CallStore`)."""

    journal: Journal
    connection_name: str

    def change(self, step: Callable[[Calls], T]) -> T:
        table = schema.call_budget
        mine = table.c.connection == self.connection_name
        with self.journal.writing() as connection:
            kept = connection.execute(sa.select(table.c.state).where(mine).with_for_update()).scalar()
            calls = Calls(**json.loads(kept)) if kept else Calls()
            answer = step(calls)
            state = json.dumps(asdict(calls))
            if kept is None:
                connection.execute(table.insert().values(connection=self.connection_name, state=state))
            else:
                connection.execute(table.update().where(mine).values(state=state))
        return answer
