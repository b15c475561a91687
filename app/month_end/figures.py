"""The four figures that are always visible: sync latency, error rate, orphan records, retry queue.

* latency: seconds from the end of a file's import to the target's confirmation; 95 % within five
  minutes;
* error rate: share of sent documents that the target refused or that are in conflict; under 0.1 %,
  an alarm above 1 %;
* orphans: documents confirmed here that the last pull of their period does not show, and documents
  there that carry this company's reference but are unknown here or stand there more than once; 0,
  tolerable under 0.5 % of what was sent;
* retry queue: documents waiting to be sent, sent again or looked up; 0, and whether it grew in the
  last hour.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.company import settings, targets
from app.journal import Journal, memory, outbox_rows, pulls
from app.journal.memory import Gap
from app.journal.outbox import OPEN_STATES, State
from app.journal.rows import PullRow, QueuedDocument
from app.journal.store import instant, written
from app.sending.questions import NONE, Questions, standing

LATENCY_TARGET_SECONDS = 300.0
ERROR_RATE_TARGET = 0.001
ERROR_RATE_ALARM = 0.01
ORPHANS_TOLERABLE = 0.005
TREND = timedelta(hours=1)


class Level(StrEnum):
    """How a figure stands to its target."""

    MET = "met"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Health:
    """None where nothing was measured yet. ``late``, ``failed``, ``orphans`` and ``waiting`` are
    the documents behind the figures (external references); ``queue_trend`` is by how many the queue
    grew in the last hour. While the journal does not know everything that was sent (``gaps``), no
    figure is met; while documents wait for a person's answer (``questions``), the queue is not.
    """

    latency_median: float | None
    latency_p95: float | None
    error_rate: float | None
    confirmed: int
    late: tuple[str, ...]
    failed: tuple[str, ...]
    orphans: tuple[str, ...]
    waiting: tuple[str, ...]
    queue_uncertain: int
    queue_trend: int
    oldest_waiting: datetime | None
    gaps: tuple[Gap, ...] = ()
    questions: Questions = NONE

    @property
    def queue(self) -> int:
        return len(self.waiting)

    @property
    def latency_level(self) -> Level:
        missed = self.latency_p95 is not None and self.latency_p95 >= LATENCY_TARGET_SECONDS
        return Level.WARNING if missed else self._best

    @property
    def error_rate_level(self) -> Level:
        rate = self.error_rate or 0.0
        if rate > ERROR_RATE_ALARM:
            return Level.ALARM
        return self._best if rate < ERROR_RATE_TARGET else Level.WARNING

    @property
    def orphans_level(self) -> Level:
        if not self.orphans:
            return self._best
        return (
            Level.WARNING if len(self.orphans) < ORPHANS_TOLERABLE * self.confirmed else Level.ALARM
        )

    @property
    def queue_level(self) -> Level:
        return Level.WARNING if self.waiting or self.questions.documents else self._best

    @property
    def _best(self) -> Level:
        return Level.WARNING if self.gaps else Level.MET

    @property
    def ok(self) -> bool:
        levels = (self.latency_level, self.error_rate_level, self.orphans_level, self.queue_level)
        return all(level is Level.MET for level in levels)


def measure(journal: Journal) -> Health:
    """The figures over everything this journal knows."""
    rows = outbox_rows.queue(journal)
    confirmed = _of_states(rows, State.CONFIRMED)
    failed = _of_states(rows, State.REJECTED, State.CONFLICT)
    waiting = _of_states(rows, *OPEN_STATES)
    latencies = {row.external_ref: _latency(row) for row in confirmed if row.finished_at}
    late = [ref for ref, seconds in latencies.items() if seconds >= LATENCY_TARGET_SECONDS]
    settled = len(failed) + len(confirmed)
    return Health(
        latency_median=statistics.median(latencies.values()) if latencies else None,
        latency_p95=_at_95_percent(latencies.values()),
        error_rate=len(failed) / settled if settled else None,
        confirmed=len(confirmed),
        late=tuple(late),
        failed=tuple(row.external_ref for row in failed),
        orphans=_orphans(journal),
        waiting=tuple(row.external_ref for row in waiting),
        queue_uncertain=len(_of_states(rows, State.UNCERTAIN, State.SENDING)),
        queue_trend=_trend(rows),
        oldest_waiting=_oldest(waiting),
        gaps=tuple(memory.gaps(journal, targets.keys(journal))),
        questions=standing(journal),
    )


def _of_states(rows: Sequence[QueuedDocument], *states: State) -> list[QueuedDocument]:
    return [row for row in rows if row.state in states]


def _latency(row: QueuedDocument) -> float:
    """Seconds from the end of the file's import to the target's confirmation."""
    confirmed, read = map(datetime.fromisoformat, (row.confirmed_at, row.finished_at))
    return (confirmed - read).total_seconds()


def _at_95_percent(values: Collection[float]) -> float | None:
    """What 95 % of the values do not exceed; None where there are none."""
    if not values:
        return None
    return sorted(values)[min(int(len(values) * 0.95), len(values) - 1)]


def _oldest(rows: Sequence[QueuedDocument]) -> datetime | None:
    return min((datetime.fromisoformat(row.created_at) for row in rows), default=None)


def as_json(health: Health) -> dict[str, object]:
    """The answer of ``cuadre status --json``."""
    return {
        "sync_latency": {
            "median_seconds": health.latency_median,
            "p95_seconds": health.latency_p95,
            "target_seconds": LATENCY_TARGET_SECONDS,
            "level": health.latency_level,
            "ok": health.latency_level is Level.MET,
            "documents": list(health.late),
        },
        "error_rate": {
            "value": health.error_rate,
            "target": ERROR_RATE_TARGET,
            "alarm": ERROR_RATE_ALARM,
            "level": health.error_rate_level,
            "ok": health.error_rate_level is Level.MET,
            "documents": list(health.failed),
        },
        "orphan_records": {
            "value": len(health.orphans),
            "target": 0,
            "level": health.orphans_level,
            "ok": health.orphans_level is Level.MET,
            "documents": list(health.orphans),
        },
        "retry_queue": {
            "value": health.queue,
            "uncertain": health.queue_uncertain,
            "trend": health.queue_trend,
            "target": 0,
            "level": health.queue_level,
            "ok": health.queue_level is Level.MET,
            "documents": list(health.waiting),
        },
        "questions": {
            "value": len(health.questions.documents),
            "ok": not health.questions.documents,
            "repeated_folios": list(health.questions.folios),
            "sent_already": list(health.questions.repeats),
            "changed_after_sending": list(health.questions.changed),
        },
        "forgotten": [
            {"connection": gap.connection, "reason": gap.reason, "days": gap.days}
            for gap in health.gaps
        ],
    }


def _trend(rows: Sequence[QueuedDocument]) -> int:
    """Documents queued less documents settled in the last hour."""
    since = written(instant() - TREND)
    came = sum(1 for row in rows if row.created_at >= since)
    went = sum(1 for row in rows if row.state not in OPEN_STATES and row.updated_at >= since)
    return came - went


def _orphans(journal: Journal) -> tuple[str, ...]:
    prefix = settings.company_code(journal) + "/"
    orphans: set[str] = set()
    for pull in pulls.newest_of_each(journal):
        there = pulls.references(journal, pull.id)
        known = outbox_rows.queue(journal, pull.connection)
        references = {row.external_ref for row in known}
        orphans |= {ref for ref in there - references if ref.startswith(prefix)}
        orphans |= {row.external_ref for row in known if _is_due(row, pull)} - there
        orphans |= pulls.doubled(journal, pull.id, prefix)
    return tuple(sorted(orphans))


def _is_due(row: QueuedDocument, pull: PullRow) -> bool:
    """Whether a pull has to show a document."""
    confirmed = "" < row.confirmed_at < pull.pulled_at
    return confirmed and pull.start <= row.date <= pull.end
