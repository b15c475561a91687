"""The circuit breaker of a connection: after repeated silence nothing is tried for a while, by
nobody.

Kept in the journal, so that every sender of a shared one sees it. Once the pause is over one
document goes as a probe; an answer closes the circuit, silence doubles the pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.events import NewEvent
from app.journal.store import Journal, database_instant, now, written

TOLERATED = 4
"""So many silences in a row are left to the retries of each document."""
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
_AT_FIRST = sa.text(
    "INSERT INTO breaker (connection, failures, failing_since, open_until, words)"
    " VALUES (:name, 0, :at, :at, '') ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A connection that does not answer: ``since`` when, how often in a row, until when nothing is
    tried.
    """

    connection: str
    failures: int
    since: datetime
    open_until: datetime
    words: str

    @property
    def is_open(self) -> bool:
        return self.failures > TOLERATED


def troubles(journal: Journal) -> list[Trouble]:
    """Every connection whose last call got no answer."""
    with journal.reading() as connection:
        rows = connection.execute(
            sa.select(schema.breaker).where(schema.breaker.c.failures > 0)
        ).all()
    return [
        Trouble(
            row.connection,
            row.failures,
            datetime.fromisoformat(row.failing_since),
            datetime.fromisoformat(row.open_until),
            row.words,
        )
        for row in rows
    ]


class Breaker:
    """For one sender of one connection."""

    def __init__(self, journal: Journal, connection_name: str) -> None:
        self._journal, self._name = journal, connection_name

    def wait(self) -> float:
        """Seconds until something may be tried; 0 when it may."""
        trouble = self._trouble()
        if trouble is None or not trouble.is_open:
            return 0.0
        with self._journal.reading() as connection:
            at = database_instant(connection)
        left = (trouble.open_until - at).total_seconds()
        return left if 0 < left <= LONGEST_PAUSE else 0.0

    @property
    def probing(self) -> bool:
        """Whether the next thing sent should be a single document."""
        trouble = self._trouble()
        return trouble is not None and trouble.is_open

    def failed(self, words: str) -> None:
        """The target gave no usable answer."""
        table = schema.breaker
        with self._journal.writing(by_row=True) as connection:
            mine = table.c.connection == self._name
            connection.execute(_AT_FIRST, {"name": self._name, "at": now()})
            row = connection.execute(sa.select(table).where(mine).with_for_update()).one()
            failures = row.failures + 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(failures - TOLERATED - 1, 0), 20))
            until = database_instant(connection) + timedelta(
                seconds=pause if failures > TOLERATED else 0
            )
            values = {
                "failures": failures,
                "failing_since": row.failing_since if row.failures else now(),
                "open_until": written(until),
                "words": words,
            }
            connection.execute(table.update().where(mine).values(**values))
            if failures == TOLERATED + 1:
                data = {"words": words, "wait": pause}
                events.append(
                    connection,
                    self._journal.actor,
                    [NewEvent("breaker.opened", self._subject, data)],
                )

    def succeeded(self) -> None:
        """The target answered."""
        trouble = self._trouble()
        if trouble is None:
            return
        table = schema.breaker
        with self._journal.writing(by_row=True) as connection:
            connection.execute(
                table.update().where(table.c.connection == self._name).values(failures=0)
            )
            if trouble.is_open:
                data = {"start": written(trouble.since)}
                events.append(
                    connection,
                    self._journal.actor,
                    [NewEvent("breaker.closed", self._subject, data)],
                )

    @property
    def _subject(self) -> str:
        return f"connection:{self._name}"

    def _trouble(self) -> Trouble | None:
        return next(
            (trouble for trouble in troubles(self._journal) if trouble.connection == self._name),
            None,
        )
