"""The figures over time: kept once a minute, read back for charts and for ``status --since``.

Percentiles of percentiles are wrong, so how long documents took is kept in buckets that add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain

from app.company import settings
from app.journal import Journal, endpoints, inbox, outbox_rows
from app.journal import figures as kept
from app.journal.figures import Point
from app.journal.outbox import State
from app.journal.rows import QueuedDocument
from app.journal.store import instant, written
from app.month_end import figures
from app.month_end.figures import Health

ALL = ""
"""The name of the figures of all connections together."""
NAMES = (
    *("queued", "uncertain", "inbox", "dead", "orphans", "errors", "ended", "age"),
    *("ok", "again", "refused_documents", "conflicts", "missed", "refused", "clock"),
)
"""What is kept each minute; ``age`` of the oldest that waits, and ``clock``, in milliseconds."""
_HOURS_AGAIN = timedelta(hours=2)
"""What was confirmed so long ago is counted anew: answers come late."""
_OUTCOMES = ("ok", "again", "refused_documents", "conflicts")


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: the documents confirmed in it, in buckets of how long they took, and how documents
    ended (at once, after another attempt, refused, in conflict).
    """

    at: datetime
    buckets: Mapping[int, int]
    outcomes: Mapping[str, int]

    @property
    def p50(self) -> float | None:
        return kept.percentile(self.buckets, 0.5)

    @property
    def p95(self) -> float | None:
        return kept.percentile(self.buckets, 0.95)


@dataclass(frozen=True, slots=True)
class History:
    """``since`` when, ``hours`` in order (those without anything are there, empty), ``points`` of
    each figure in order of time.
    """

    since: datetime
    hours: Sequence[Hour]
    points: Mapping[str, Sequence[Point]] = field(default_factory=dict)

    @property
    def buckets(self) -> Mapping[int, int]:
        return _added(hour.buckets for hour in self.hours)

    @property
    def outcomes(self) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for hour in self.hours:
            found.update(hour.outcomes)
        return found

    @property
    def p50(self) -> float | None:
        return kept.percentile(self.buckets, 0.5)

    @property
    def p95(self) -> float | None:
        return kept.percentile(self.buckets, 0.95)

    def peak(self, name: str) -> int | None:
        """The largest value of a figure; None where it was never kept."""
        return max((point.value for point in self.points.get(name, ())), default=None)


def keep(journal: Journal, health: Health, clocks: Mapping[str, float] | None = None) -> None:
    """Keep this minute's figures. ``clocks`` is by how many seconds each connection's clock is
    ahead of ours.
    """
    rows = outbox_rows.queue(journal)
    now = instant()
    waiting = len(health.waiting)
    oldest = health.oldest_waiting
    values: dict[tuple[str, str], int] = {
        (ALL, "queued"): waiting - health.queue_uncertain,
        (ALL, "uncertain"): health.queue_uncertain,
        (ALL, "inbox"): health.inbox_open,
        (ALL, "dead"): health.inbox_dead,
        (ALL, "orphans"): len(health.orphans),
        (ALL, "errors"): len(health.failed),
        (ALL, "ended"): health.ended,
        (ALL, "age"): int((now - oldest).total_seconds() * 1000) if oldest else 0,
    }
    since = written(now - timedelta(days=1))
    for name in {row.connection for row in endpoints.every(journal)}:
        values[name, "missed"], _ = inbox.missed(journal, name, since)
    for name, ahead in (clocks or {}).items():
        values[name, "clock"] = int(ahead * 1000)
    kept.keep(journal, values)
    _keep_hours(journal, rows, now)


def read(journal: Journal, window: timedelta) -> History:
    """The figures of the time until now."""
    first = (instant() - window).replace(minute=0, second=0, microsecond=0)
    since = written(first)
    buckets = kept.latencies(journal, since)
    points: dict[str, list[Point]] = {name: [] for name in NAMES}
    for point in kept.points(journal, NAMES, since):
        points[point.name].append(point)
    outcomes: dict[str, dict[str, int]] = {}
    for name in _OUTCOMES:
        for point in points[name]:
            outcomes.setdefault(point.at, {})[name] = point.value
    hours = []
    at = first
    while at <= instant():
        key = written(at)
        hours.append(Hour(at, buckets.get(key, {}), outcomes.get(key, {})))
        at += timedelta(hours=1)
    return History(first, hours, points)


Trend = Sequence[float | None]
TREND_DAYS = 30


def trends(journal: Journal) -> tuple[Trend, Trend, Trend, Trend]:
    """The four figures day by day (of this machine's clock), oldest first: seconds the documents of
    the day took in the middle; of the others the worst of the day, as they were measured each
    minute (see :func:`app.month_end.figures.measure`). None for a day of which nothing was kept.
    """
    found = read(journal, timedelta(days=TREND_DAYS))
    days: dict[date, list[Hour]] = {}
    for hour in found.hours:
        days.setdefault(hour.at.astimezone().date(), []).append(hour)
    minutes: dict[str, dict[str, int]] = {}
    for point in chain.from_iterable(found.points[name] for name in _MEASURED):
        minutes.setdefault(point.at, {})[point.name] = point.value
    return (
        [History(hours[0].at, hours).p50 for hours in days.values()],
        _worst({at: _error_rate(one) for at, one in minutes.items()}, days),
        _worst({at: one.get("orphans") for at, one in minutes.items()}, days),
        _worst({at: _queue(one) for at, one in minutes.items()}, days),
    )


_QUEUE = ("queued", "uncertain", "inbox", "dead")
_MEASURED = (*_QUEUE, "orphans", "errors", "ended")


def _error_rate(minute: Mapping[str, int]) -> float | None:
    ended = minute.get("ended", 0)
    return (minute.get("errors", 0) + minute.get("dead", 0)) / ended if ended else None


def _queue(minute: Mapping[str, int]) -> int | None:
    known = [minute[name] for name in _QUEUE if name in minute]
    return sum(known) if known else None


def _worst(measured: Mapping[str, float | None], days: Iterable[date]) -> Trend:
    most: dict[date, float] = {}
    for at, value in measured.items():
        if value is not None:
            day = datetime.fromisoformat(at).astimezone().date()
            most[day] = max(most.get(day, 0.0), float(value))
    return [most.get(day) for day in days]


def as_json(found: History) -> dict[str, object]:
    """The answer of ``cuadre status --since``; times in seconds."""
    return {
        "since": written(found.since),
        "sync_latency": {"median_seconds": found.p50, "p95_seconds": found.p95},
        "outcomes": {name: found.outcomes.get(name, 0) for name in _OUTCOMES},
        "peaks": {name: found.peak(name) for name in ("queued", "inbox", "dead", "orphans")},
        "hours": [
            {
                "at": written(hour.at),
                "confirmed": sum(hour.buckets.values()),
                "median_seconds": hour.p50,
                "p95_seconds": hour.p95,
                **{name: hour.outcomes.get(name, 0) for name in _OUTCOMES},
            }
            for hour in found.hours
        ],
    }


def _keep_hours(journal: Journal, rows: Sequence[QueuedDocument], now: datetime) -> None:
    """What was confirmed in the last hours, and how documents ended in them."""
    first = written((now - _HOURS_AGAIN).replace(minute=0, second=0, microsecond=0))
    buckets: Counter[tuple[str, str, str, int]] = Counter()
    outcomes: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.state == State.CONFIRMED and row.confirmed_at >= first:
            hour = _hour(row.confirmed_at)
            bucket = kept.bucket_of(max(figures.latency(row), 0.0))
            buckets[hour, row.connection, "", bucket] += 1
            outcomes[hour, "ok" if row.attempts <= 1 else "again"] += 1
        elif row.state in (State.REJECTED, State.CONFLICT) and row.updated_at >= first:
            is_refused = row.state == State.REJECTED
            name = "refused_documents" if is_refused else "conflicts"
            outcomes[_hour(row.updated_at), name] += 1
    with journal.writing(by_row=True) as transaction:
        kept.keep_latencies(transaction, buckets, first)
        kept.keep_at(transaction, outcomes, _OUTCOMES, first)


def _hour(at: str) -> str:
    return written(datetime.fromisoformat(at).replace(minute=0, second=0, microsecond=0))


def _added(counts: Iterable[Mapping[int, int]]) -> Mapping[int, int]:
    found: Counter[int] = Counter()
    for one in counts:
        found.update(one)
    return found


def clocks_kept(journal: Journal) -> dict[str, float]:
    """Connection → by how many seconds its clock was ahead of ours when it was last asked."""
    since = written(instant() - timedelta(hours=2))
    names = {row.name for row in settings.connections(journal)}
    found = kept.points(journal, ("clock",), since)
    return {point.connection: point.value / 1000 for point in found if point.connection in names}
