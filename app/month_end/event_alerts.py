"""What nobody would notice of unattended work: events set apart, webhooks that are lost, targets
that are not read, clocks that are wrong, jobs that fail or do not run, a close with differences.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.company import settings
from app.inbox import contacts
from app.journal import Journal, cursors, endpoints, figures, inbox, jobs
from app.journal.inbox import State
from app.journal.store import instant, written
from app.month_end import history
from app.translation import QT_TRANSLATE_NOOP

CLOCK_WARNING, CLOCK_ALARM = 60.0, 240.0
MISSED_SHARE = 0.01
REFUSED_MOST = 20
_TEN_MINUTES = timedelta(minutes=10)
_STUCK_AFTER = timedelta(minutes=15)
_CLOSE_WAITS = timedelta(hours=3)
_STOPPED_AFTER = timedelta(minutes=30)
CLOSE_SETTING = "close.last"

TEXTS = {
    "events-dead": QT_TRANSLATE_NOOP(
        "alerts",
        "{count} events were set apart because what they are about cannot be read (cuadre inbox"
        " list --state dead).",
    ),
    "events-stuck": QT_TRANSLATE_NOOP(
        "alerts",
        "Events have waited to be looked at since {since}: no account that runs “cuadre work” has"
        " the connection's secret, or the target does not answer (cuadre inbox list).",
    ),
    "webhooks-lost": QT_TRANSLATE_NOOP(
        "alerts",
        "{connection}: {missed} of {count} changes of a day were announced by no webhook; they were"
        " found by asking. Look at the subscription there.",
    ),
    "poll-failed": QT_TRANSLATE_NOOP(
        "alerts", "{connection}: what changed cannot be read ({streams}): {words}"
    ),
    "sweep-guard": QT_TRANSLATE_NOOP(
        "alerts",
        "{connection}: {count} of {of} records seem to be gone at once; nothing was believed. Look"
        " whether its user may still see them and the company is the right one.",
    ),
    "clock-behind": QT_TRANSLATE_NOOP(
        "alerts",
        "This machine's clock is {seconds} s behind that of {connection}; set it (Windows: w32tm"
        " /resync).",
    ),
    "clock-ahead": QT_TRANSLATE_NOOP(
        "alerts",
        "This machine's clock is {seconds} s ahead of that of {connection}; set it (Windows: w32tm"
        " /resync).",
    ),
    "signatures-refused": QT_TRANSLATE_NOOP(
        "alerts",
        "{count} deliveries with a wrong signature came for {connection} within ten minutes: its"
        " key was changed there, or somebody tries (cuadre door key).",
    ),
    "job-failed": QT_TRANSLATE_NOOP("alerts", "“cuadre work” cannot do {job}: {words}"),
    "work-stopped": QT_TRANSLATE_NOOP(
        "alerts",
        "Nothing has been done by itself since {since} although a task is registered: its password"
        " may have changed (cuadre schedule test).",
    ),
    "contacts-asked": QT_TRANSLATE_NOOP(
        "alerts", "{names}: {count} contacts wait for a person (cuadre contacts sync)."
    ),
    "contacts-loop": QT_TRANSLATE_NOOP(
        "alerts",
        "{names}: fields of contacts are changed back again and again, or too many are gone; they"
        " are left alone (cuadre contacts sync).",
    ),
    "close-open": QT_TRANSLATE_NOOP(
        "alerts",
        "Close of {period} with {connection}: {differences} reconciliations with differences,"
        " {waiting} documents wait.",
    ),
    "close-waits": QT_TRANSLATE_NOOP(
        "alerts",
        "The close of {period} with {connection} has waited for hours: files are held or still"
        " coming, events are open, or the target was not read (cuadre jobs list).",
    ),
    "close-done": QT_TRANSLATE_NOOP(
        "alerts", "Close of {period} with {connection}: nothing to explain; it can be signed."
    ),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """``key`` says which, ``code`` which text of :data:`TEXTS`; ``is_alarm`` or a warning."""

    key: str
    code: str
    values: dict[str, object]
    is_alarm: bool = False


def standing(journal: Journal) -> Iterator[Trouble]:
    """What is to be alerted of now."""
    dead = inbox.counts(journal)[State.DEAD]
    if dead:
        yield Trouble("events-dead", "events-dead", {"count": dead}, True)
    oldest = inbox.oldest_waiting(journal)
    if oldest is not None and instant() - oldest > _STUCK_AFTER:
        since = f"{oldest.astimezone():%Y-%m-%d %H:%M}"
        yield Trouble("events-stuck", "events-stuck", {"since": since}, True)
    yield from _lost(journal)
    yield from _streams(journal)
    yield from _clocks(journal)
    yield from _refused(journal)
    yield from _jobs(journal)
    yield from _contacts(journal)
    yield from _closes(journal)


def _lost(journal: Journal) -> Iterator[Trouble]:
    since = written(instant() - timedelta(days=1))
    for name in sorted({row.connection for row in endpoints.every(journal)}):
        missed, count = inbox.missed(journal, name, since)
        if missed and missed > MISSED_SHARE * count:
            said: dict[str, object] = {"connection": name, "missed": missed, "count": count}
            yield Trouble(f"webhooks-lost:{name}", "webhooks-lost", said)


def _streams(journal: Journal) -> Iterator[Trouble]:
    failed: dict[str, tuple[list[str], str]] = {}
    for row in cursors.every(journal):
        if not row.words:
            continue
        said = json.loads(row.words)
        if said["code"] == "sweep-guard":
            values = {"connection": row.connection, "count": said["count"], "of": said["of"]}
            key = f"sweep-guard:{row.connection}:{row.stream}"
            yield Trouble(key, "sweep-guard", values, True)
        elif not row.last_done or _is_past(row.last_done):
            streams, _ = failed.setdefault(row.connection, ([], said["reason"]))
            streams.append(row.stream)
    for name, (streams, words) in failed.items():
        values = {"connection": name, "streams": ", ".join(streams), "words": words}
        yield Trouble(f"poll-failed:{name}", "poll-failed", values, True)


def _is_past(at: str) -> bool:
    return instant() - datetime.fromisoformat(at) > _TEN_MINUTES


def _clocks(journal: Journal) -> Iterator[Trouble]:
    for name, ahead in history.clocks_kept(journal).items():
        if abs(ahead) > CLOCK_WARNING:
            code = "clock-behind" if ahead > 0 else "clock-ahead"
            values: dict[str, object] = {"connection": name, "seconds": round(abs(ahead))}
            yield Trouble(f"{code}:{name}", code, values, abs(ahead) > CLOCK_ALARM)


def _refused(journal: Journal) -> Iterator[Trouble]:
    counts: dict[str, int] = {}
    for point in figures.points(journal, ("refused",), written(instant() - _TEN_MINUTES)):
        counts[point.connection] = counts.get(point.connection, 0) + point.value
    for name, count in counts.items():
        if count > REFUSED_MOST:
            code, values = "signatures-refused", {"connection": name, "count": count}
            yield Trouble(f"{code}:{name}", code, dict(values), True)


def _jobs(journal: Journal) -> Iterator[Trouble]:
    rows = jobs.every(journal)
    for row in rows:
        if not row.last_ok:
            values: dict[str, object] = {"job": row.name, "words": row.last_words}
            yield Trouble(f"job-failed:{row.name}", "job-failed", values)
    newest = max((row.last_started for row in rows), default="")
    if newest and json.loads(settings.get(journal, "schedules", "[]")):
        at = datetime.fromisoformat(newest)
        if instant() - at > _STOPPED_AFTER:
            since = f"{at.astimezone():%Y-%m-%d %H:%M}"
            yield Trouble("work-stopped", "work-stopped", {"since": since}, True)


def _contacts(journal: Journal) -> Iterator[Trouble]:
    for names, (count, loops) in contacts.asked(journal).items():
        if loops:
            yield Trouble(f"contacts-loop:{names}", "contacts-loop", {"names": names}, True)
        elif count:
            values: dict[str, object] = {"names": names, "count": count}
            yield Trouble(f"contacts-asked:{names}", "contacts-asked", values)


def _closes(journal: Journal) -> Iterator[Trouble]:
    """How the last close ended, told for a week."""
    for name, said in json.loads(settings.get(journal, CLOSE_SETTING, "{}")).items():
        at = datetime.fromisoformat(said["at"])
        values: dict[str, object] = {"connection": name, "period": said["period"]}
        if said["waits"]:
            if at - datetime.fromisoformat(said["since"]) > _CLOSE_WAITS:
                yield Trouble(f"close-waits:{name}", "close-waits", values)
            continue
        if instant() - at > timedelta(days=7) or not said["reconciled"]:
            continue
        differences, waiting = len(said["differences"]), said["waiting"]
        code = "close-open" if differences or waiting else "close-done"
        counts = {"differences": differences, "waiting": waiting} if code == "close-open" else {}
        yield Trouble(f"close:{name}:{said['period']}", code, {**values, **counts})
