"""A month's checklist: what came, what is wrong, what was sent, what still differs, and what to do
next.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain

from app.documents.adjustment import OWN_SOURCE, Proposed, is_for
from app.journal import Journal, documents, events, outbox_rows, pulls
from app.journal.outbox import State
from app.journal.rows import DocumentRow, PullRow
from app.sending import proposals


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


def checklist(journal: Journal, period: str, connection_name: str) -> list[Step]:
    """The steps of a month's close against one connection, in the order they are taken."""
    rows = documents.every(journal, period=period) if period else []
    files = len({row.batch_id for row in rows})
    confirmed = _count_confirmed(journal, connection_name, period)
    last_confirmed = outbox_rows.last_confirmed(journal, connection_name)
    months = _days_of(period)
    last_pull = pulls.latest(journal, connection_name, months) if months else None
    unmapped = len(proposals.unmapped(journal, connection_name)) if connection_name else 0
    ready, blocked = _newest_documents(journal, rows, connection_name)
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
        _pulled_step(last_pull, last_confirmed),
        _reconciled_step(last_run),
    ]


def _count_confirmed(journal: Journal, connection_name: str, period: str) -> int:
    if not connection_name:
        return 0
    rows = outbox_rows.queue(journal, connection_name)
    return sum(1 for row in rows if row.period == period and row.state == State.CONFIRMED)


def _pulled_step(pull: PullRow | None, last_confirmed: str) -> Step:
    """Done when the books were read after everything was confirmed."""
    if pull is None:
        return Step(StepName.PULLED, StepState.TODO, 0, 0)
    fresh = pull.pulled_at >= last_confirmed
    return Step(StepName.PULLED, _state(fresh, attention=True), pull.lines, 0)


def _reconciled_step(run: _LastRun | None) -> Step:
    if run is None:
        return Step(StepName.RECONCILED, StepState.TODO, 0, 0)
    return Step(StepName.RECONCILED, _state(run.settled, attention=True), 0, 0, run.unexplained)


def _state(done: bool, attention: bool = False) -> StepState:
    if done:
        return StepState.DONE
    return StepState.ATTENTION if attention else StepState.TODO


def _days_of(period: str) -> tuple[date, date] | None:
    """First and last day of a ``yyyy-mm``."""
    if not period:
        return None
    year, month = map(int, period.split("-"))
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _newest_documents(
    journal: Journal, rows: Sequence[DocumentRow], connection_name: str
) -> tuple[int, int]:
    """How many documents are ready and how many blocked. Of a reference that came in several files
    the newest file counts: a corrected file settles what blocked its forerunner. Of adjustments
    only what is proposed for this connection counts.
    """
    proposed = Proposed(journal)
    newest: dict[str, tuple[int, list[str]]] = {}
    for row in rows:
        if row.source_system == OWN_SOURCE and not _is_for(row, connection_name, proposed):
            continue
        file, states = newest.get(row.external_ref, (0, []))
        same_file = states if file == row.batch_id else []
        newest[row.external_ref] = (row.batch_id, [*same_file, row.state])
    counts = Counter(chain.from_iterable(states for _, states in newest.values()))
    return counts[documents.READY], counts[documents.BLOCKED]


def _is_for(row: DocumentRow, connection_name: str, proposed: Proposed) -> bool:
    """Whether an adjustment is to be sent to this connection."""
    return is_for(row.source_kind, connection_name) and proposed.is_proposed(
        row.external_ref, row.content_hash
    )


@dataclass(frozen=True, slots=True)
class _LastRun:
    settled: bool
    unexplained: int


def _last_run(journal: Journal, connection_name: str, period: str) -> _LastRun | None:
    """The newest reconciliation of this month against this connection; None when there was none."""
    wanted = f"pull:{connection_name}"
    runs = events.of(journal, area="reconciliation", kinds=("reconciliation.run",))
    for event in reversed(runs):
        data = event.data
        covers = data.get("from", "")[:7] <= period <= data.get("to", "")[:7]
        if covers and wanted in (data.get("left_spec"), data.get("right_spec")):
            return _LastRun(bool(data["settled"]), int(data["unexplained"].replace(".", "")))
    return None
