"""The four figures that are always visible: sync latency, error rate, orphan records, retry queue.

* latency: seconds from when a document was known (its file was begun to be read) to the target's
  confirmation, of those confirmed in the window, and the age of those still on their way, so that a
  queue that stands still does not look fast; what a document waits for a person is taken out; 95 %
  within five minutes;
* error rate: share of the documents that ended in the window which the target refused or that are
  in conflict, and of the events that could not be understood; refused and disputed ones count until
  somebody settles them; under 0.1 %, an alarm above 1 %;
* orphans: documents confirmed here that the last pull of their period does not show or that the
  target says are gone, and documents there that carry this company's reference but are unknown here
  or stand there more than once; 0, tolerable under 0.5 % of what was sent;
* retry queue: documents waiting to be sent, sent again or looked up, events waiting to be looked at
  or set apart; 0, and whether it grew in the last hour.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.company import settings, targets
from app.journal import Journal, cursors, inbox, memory, outbox_rows, pulls
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
WINDOW = timedelta(days=1)
"""What the figures are about, unless somebody asks for another time."""
FEW = 20
"""Of fewer outcomes a share says nothing: how many are shown."""
BY_ITSELF = timedelta(minutes=15)
"""What was read and stood longer before it was queued waited for a person."""


class Level(StrEnum):
    """How a figure stands to its target."""

    MET = "met"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Health:
    """None where nothing was measured in the window. ``confirmed`` is how many the targets have in
    all, ``ended`` how many documents came to an end in the window, one way or other. ``late``,
    ``failed``, ``orphans`` and ``waiting`` are the documents behind the figures (external
    references); ``queue_trend`` is by how many the queue grew in the last hour; ``inbox_open`` and
    ``inbox_dead`` are events that wait and that were set apart. While the journal does not know
    everything that was sent (``gaps``), no figure is met; while documents wait for a person's
    answer (``questions``), the queue is not.
    """

    latency_median: float | None
    latency_p95: float | None
    error_rate: float | None
    confirmed: int
    ended: int
    late: tuple[str, ...]
    failed: tuple[str, ...]
    orphans: tuple[str, ...]
    waiting: tuple[str, ...]
    queue_uncertain: int
    queue_trend: int
    oldest_waiting: datetime | None
    gaps: tuple[Gap, ...] = ()
    questions: Questions = NONE
    inbox_open: int = 0
    inbox_dead: int = 0

    @property
    def queue(self) -> int:
        return len(self.waiting) + self.inbox_open + self.inbox_dead

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
        return Level.WARNING if self.queue or self.questions.documents else self._best

    @property
    def _best(self) -> Level:
        return Level.WARNING if self.gaps else Level.MET

    @property
    def ok(self) -> bool:
        levels = (self.latency_level, self.error_rate_level, self.orphans_level, self.queue_level)
        return all(level is Level.MET for level in levels)


def measure(journal: Journal, window: timedelta = WINDOW) -> Health:
    """The figures of the time until now. What went wrong and nobody settled counts however old."""
    rows = outbox_rows.queue(journal)
    since, now = written(instant() - window), instant()
    confirmed = _of_states(rows, State.CONFIRMED)
    fresh = [row for row in confirmed if row.confirmed_at >= since]
    failed = _of_states(rows, State.REJECTED, State.CONFLICT)
    waiting = _of_states(rows, *OPEN_STATES)
    latencies = {row.external_ref: latency(row) for row in fresh}
    latencies |= {row.external_ref: _age(row, now) for row in waiting}
    late = [ref for ref, seconds in latencies.items() if seconds >= LATENCY_TARGET_SECONDS]
    events = inbox.counts(journal)
    dead = events[inbox.State.DEAD]
    looked_at = inbox.ended(journal, since)
    ended = len(failed) + len(fresh) + dead + looked_at
    return Health(
        latency_median=statistics.median(latencies.values()) if latencies else None,
        latency_p95=_at_95_percent(latencies.values()),
        error_rate=(len(failed) + dead) / ended if ended else None,
        confirmed=len(confirmed),
        ended=ended,
        late=tuple(late),
        failed=tuple(row.external_ref for row in failed),
        orphans=_orphans(journal),
        waiting=tuple(row.external_ref for row in waiting),
        queue_uncertain=len(_of_states(rows, State.UNCERTAIN, State.SENDING)),
        queue_trend=_trend(rows),
        oldest_waiting=_oldest(waiting),
        gaps=tuple(memory.gaps(journal, targets.keys(journal))),
        questions=standing(journal),
        inbox_open=sum(events[state] for state in inbox.OPEN_STATES),
        inbox_dead=dead,
    )


def _of_states(rows: Sequence[QueuedDocument], *states: State) -> list[QueuedDocument]:
    return [row for row in rows if row.state in states]


def latency(row: QueuedDocument) -> float:
    """Seconds from when a document was known to the target's confirmation, without what it waited
    for a person between reading and sending.
    """
    confirmed, queued = map(datetime.fromisoformat, (row.confirmed_at, row.created_at))
    return (confirmed - queued).total_seconds() + _before(row, queued)


def _before(row: QueuedDocument, queued: datetime) -> float:
    """Seconds a document was known before it was queued."""
    if not row.finished_at:
        return 0.0
    began, read = map(datetime.fromisoformat, (row.started_at, row.finished_at))
    waited = queued - read
    is_persons = not timedelta() <= waited < BY_ITSELF
    return (read - began if is_persons else queued - began).total_seconds()


def _age(row: QueuedDocument, now: datetime) -> float:
    return max((now - datetime.fromisoformat(row.created_at)).total_seconds(), 0.0)


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
        "events": {"waiting": health.inbox_open, "dead": health.inbox_dead},
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
    newer: list[PullRow] = []
    for pull in reversed(pulls.newest_of_each(journal)):
        dated = {
            reference: day
            for reference, day in pulls.references(journal, pull.id).items()
            if not _is_covered(pull, day, newer)
        }
        known = outbox_rows.queue(journal, pull.connection)
        references = {row.external_ref for row in known}
        orphans |= {ref for ref in dated.keys() - references if ref.startswith(prefix)}
        due = [row for row in known if _is_due(row, pull)]
        due = [row for row in due if not _is_covered(pull, row.date, newer)]
        orphans |= {row.external_ref for row in due} - dated.keys()
        orphans |= pulls.doubled(journal, pull.id, prefix) & dated.keys()
        newer.append(pull)
    for row in settings.connections(journal):
        orphans |= _taken_away(journal, row.name)
    return tuple(sorted(orphans))


def _is_covered(pull: PullRow, day: str, newer: Sequence[PullRow]) -> bool:
    """Whether a newer pull of the connection shows that day: it is the one to believe."""
    return any(
        other.connection == pull.connection and other.start <= day <= other.end for other in newer
    )


def _taken_away(journal: Journal, connection_name: str) -> set[str]:
    """Documents the target confirmed and says are gone now."""
    lost = {row.reference for row in cursors.gone(journal, connection_name) if row.reference}
    there = {row.reference for row in cursors.all_seen(journal, connection_name)} if lost else set()
    return set(outbox_rows.remote_ids(journal, connection_name, lost - there))


def _is_due(row: QueuedDocument, pull: PullRow) -> bool:
    """Whether a pull has to show a document."""
    confirmed = "" < row.confirmed_at < pull.pulled_at
    return confirmed and pull.start <= row.date <= pull.end
