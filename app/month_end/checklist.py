"""A month's checklist: what came, what is wrong, what was sent, what still differs, and what to do
next.
"""

from __future__ import annotations

import calendar
import json
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from app.documents.records import OWN_SOURCE
from app.journal import Journal, schema
from app.journal.outbox import State
from app.reconciling import adjustment_vouchers
from app.reconciling.standing_adjustments import Proposed
from app.sending import maps


class StepName(StrEnum):
    FILES = "files"
    BLOCKED = "blocked"
    MAP = "map"
    SENT = "sent"
    PULLED = "pulled"
    RECONCILED = "reconciled"


class StepState(StrEnum):
    DONE = "done"
    ATTENTION = "attention"
    TODO = "todo"


@dataclass(frozen=True, slots=True)
class Step:
    """``done`` of ``total`` in the step's own unit (files, vouchers, codes, lines); ``amount`` in
    minor units where the step has one.
    """

    name: StepName
    state: StepState
    done: int
    total: int
    amount: int = 0


def periods(journal: Journal) -> list[str]:
    """Every ``yyyy-mm`` with vouchers, newest first."""
    table = schema.document
    with journal.reading() as connection:
        query = (
            sa.select(table.c.period)
            .where(table.c.period != "")
            .distinct()
            .order_by(table.c.period.desc())
        )
        return list(connection.execute(query).scalars())


def checklist(journal: Journal, period: str, connection_name: str) -> list[Step]:
    """The steps of a month's close against one connection, in the order they are taken."""
    document, outbox, pull = schema.document, schema.outbox, schema.pull
    in_period = document.c.period == period
    with journal.reading() as connection:
        files = _count(
            connection, sa.select(sa.func.count(document.c.batch_id.distinct())).where(in_period)
        )
        confirmed = _count(
            connection,
            sa.select(sa.func.count())
            .select_from(outbox.join(document, document.c.id == outbox.c.document_id))
            .where(
                in_period, outbox.c.connection == connection_name, outbox.c.state == State.CONFIRMED
            ),
        )
        last_confirmed = connection.execute(
            sa.select(sa.func.max(outbox.c.confirmed_at)).where(
                outbox.c.connection == connection_name
            )
        ).scalar()
        last_pull = connection.execute(
            sa.select(pull)
            .where(
                pull.c.connection == connection_name,
                pull.c.start <= f"{period}-01",
                pull.c.end >= _last_day(period),
            )
            .order_by(pull.c.id.desc())
        ).first()
    unmapped = len(maps.unmapped(journal, connection_name)) if connection_name else 0
    ready, blocked = _newest_documents(journal, period, connection_name)
    fresh = last_pull is not None and last_pull.pulled_at >= (last_confirmed or "")
    last_run = _last_run(journal, connection_name, period)
    return [
        Step(StepName.FILES, _state(bool(files)), files, files),
        Step(
            StepName.BLOCKED,
            _state(bool(files) and not blocked, blocked > 0),
            blocked,
            blocked + ready,
        ),
        Step(
            StepName.MAP,
            _state(bool(files) and not unmapped and bool(connection_name), unmapped > 0),
            unmapped,
            0,
        ),
        Step(
            StepName.SENT, _state(0 < ready <= confirmed, 0 < confirmed < ready), confirmed, ready
        ),
        Step(
            StepName.PULLED,
            _state(fresh, last_pull is not None),
            last_pull.lines if last_pull else 0,
            0,
        ),
        Step(
            StepName.RECONCILED,
            _state(last_run is not None and last_run.settled, last_run is not None),
            0,
            0,
            last_run.unexplained if last_run else 0,
        ),
    ]


def _state(done: bool, attention: bool = False) -> StepState:
    if done:
        return StepState.DONE
    return StepState.ATTENTION if attention else StepState.TODO


def _count(connection: sa.Connection, query: sa.Select[tuple[int]]) -> int:
    return int(connection.execute(query).scalar_one())


def _last_day(period: str) -> str:
    if not period:
        return ""
    year, month = map(int, period.split("-"))
    return f"{period}-{calendar.monthrange(year, month)[1]:02}"


def _newest_documents(journal: Journal, period: str, connection_name: str) -> tuple[int, int]:
    """How many documents are ready and how many blocked. Of a reference that came in several files
    the newest file counts: a corrected file settles what blocked its forerunner. Of adjustments
    only what is proposed for this connection counts.
    """
    table, batch = schema.document, schema.batch
    query = (
        sa.select(table, batch.c.source_system)
        .join(batch, batch.c.id == table.c.batch_id)
        .where(table.c.period == period)
    )
    proposed = Proposed(journal)
    newest: dict[str, tuple[int, list[str]]] = {}
    with journal.reading() as connection:
        for row in connection.execute(query.order_by(table.c.id)):
            if row.source_system == OWN_SOURCE and not (
                adjustment_vouchers.is_for(row.source_kind, connection_name)
                and proposed.is_proposed(row.external_ref, row.content_hash)
            ):
                continue
            file, states = newest.get(row.external_ref, (0, []))
            newest[row.external_ref] = (
                row.batch_id,
                [*(states if file == row.batch_id else []), row.state],
            )
    counts = Counter(state for _, states in newest.values() for state in states)
    return counts["ready"], counts["blocked"]


@dataclass(frozen=True, slots=True)
class _LastRun:
    settled: bool
    unexplained: int


def _last_run(journal: Journal, connection_name: str, period: str) -> _LastRun | None:
    """The newest reconciliation of this month against this connection; None when there was none."""
    table = schema.event
    query = (
        sa.select(table.c.data)
        .where(table.c.kind == "reconciliation.run")
        .order_by(table.c.sequence.desc())
    )
    with journal.reading() as connection:
        for text in connection.execute(query).scalars():
            data = json.loads(text)
            sides = (data.get("left_spec"), data.get("right_spec"))
            if (
                f"pull:{connection_name}" in sides
                and data.get("from", "")[:7] <= period <= data.get("to", "")[:7]
            ):
                return _LastRun(bool(data["settled"]), int(data["unexplained"].replace(".", "")))
    return None
