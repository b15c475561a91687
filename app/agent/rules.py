"""When a job is due: ``every 2 min``, ``daily 06:30``, ``weekdays 06:30``, ``weekly mon 05:00``,
``monthly day 3 20:00``, ``monthly last working day 20:00``, ``never``; by a zone's own clocks.

A local time that does not exist (clocks go forward) is due at the next that does; one that comes
twice is due once. What was missed is due once, however often it was missed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

_UNITS = {"s": 1, "min": 60, "h": 3600}
_EVERY = re.compile(r"every (\d{1,5}) (s|min|h)")
_AT = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY = re.compile(rf"(daily|weekdays) {_AT}")
_WEEKLY = re.compile(rf"weekly (mon|tue|wed|thu|fri|sat|sun) {_AT}")
_DAY = re.compile(rf"monthly day ([1-9]|[12]\d|3[01]) {_AT}")
_LAST = re.compile(rf"monthly last working day {_AT}")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORTEST, _LONGEST = 1, 31 * 86_400
OFTEN = 15 * 60


class NotARule(Refused, ValueError):
    """Text that says no time; the argument is the text."""

    context = "jobs"
    words = QT_TRANSLATE_NOOP(
        "jobs",
        "“{rule}” says no time. Write never, every 10 min, daily 06:30, weekdays 06:30, weekly mon"
        " 05:00, monthly day 3 20:00 or monthly last working day 20:00.",
    )

    def said(self) -> Mapping[str, object]:
        return {"rule": self}


class NoZone(Refused, ValueError):
    """A time zone nobody knows; the argument is its name."""

    context = "jobs"
    words = QT_TRANSLATE_NOOP(
        "jobs", "{zone} is no time zone known here; write one such as America/Mexico_City."
    )

    def said(self) -> Mapping[str, object]:
        return {"zone": self}


@dataclass(frozen=True, slots=True)
class Rule:
    """``seconds`` between two times (0: by the calendar); ``hour`` and ``minute`` on days of the
    kind ``days`` names (one of the words of the rule, with its number). Neither: never.
    """

    text: str
    seconds: int = 0
    days: str = ""
    number: int = 0
    hour: int = 0
    minute: int = 0

    @property
    def is_often(self) -> bool:
        """Whether it is due again within the quarter of an hour schedulers begin rounds at."""
        return 0 < self.seconds <= OFTEN


def parsed(text: str) -> Rule:
    """Raises NotARule."""
    plain = " ".join(text.split()).casefold()
    if plain == "never":
        return Rule(plain)
    if found := _EVERY.fullmatch(plain):
        seconds = int(found[1]) * _UNITS[found[2]]
        if _SHORTEST <= seconds <= _LONGEST:
            return Rule(plain, seconds)
    if found := _DAILY.fullmatch(plain):
        return Rule(plain, 0, found[1], 0, int(found[2]), int(found[3]))
    if found := _WEEKLY.fullmatch(plain):
        number = _DAYS.index(found[1])
        return Rule(plain, 0, "weekly", number, int(found[2]), int(found[3]))
    if found := _DAY.fullmatch(plain):
        return Rule(plain, 0, "day", int(found[1]), int(found[2]), int(found[3]))
    if found := _LAST.fullmatch(plain):
        return Rule(plain, 0, "last", 0, int(found[1]), int(found[2]))
    raise NotARule(text)


def zone_of(name: str) -> ZoneInfo:
    """Raises NoZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NoZone(name) from None


def next_due(rule: Rule, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first time after an instant, in UTC; None where there is none."""
    if rule.seconds:
        return (after + timedelta(seconds=rule.seconds)).astimezone(UTC)
    if not rule.days:
        return None
    for day in _days(rule, after.astimezone(zone).date()):
        at = _instant(day, rule, zone)
        if at > after:
            return at
    return None


def _days(rule: Rule, first: date) -> Iterator[date]:
    """The days of a rule from one on, for two months."""
    for offset in range(-1, 63):
        day = first + timedelta(days=offset)
        if _is_day(rule, day):
            yield day


def _is_day(rule: Rule, day: date) -> bool:
    match rule.days:
        case "daily":
            return True
        case "weekdays":
            return day.weekday() < 5
        case "weekly":
            return day.weekday() == rule.number
        case "day":  # of a shorter month the last
            return day.day == min(rule.number, monthrange(day.year, day.month)[1])
        case _:
            return day == _last_working_day(day)


def _last_working_day(day: date) -> date:
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return last - timedelta(days=max(last.weekday() - 4, 0))


def _instant(day: date, rule: Rule, zone: ZoneInfo) -> datetime:
    """A wall time as an instant: in a gap the one after it, of two the first."""
    wall = datetime.combine(day, time(rule.hour, rule.minute), zone)
    at = wall.astimezone(UTC)
    back = at.astimezone(zone)
    if back.replace(tzinfo=None) == wall.replace(tzinfo=None):
        return at
    before, later = wall.replace(fold=0).utcoffset(), wall.replace(fold=1).utcoffset()
    gap = abs((later or timedelta()) - (before or timedelta()))
    start = at.replace(minute=0, second=0)
    for minutes in range(0, int(gap.total_seconds()) // 60 + 120):
        candidate = start - timedelta(hours=1) + timedelta(minutes=minutes)
        local = candidate.astimezone(zone).replace(tzinfo=None)
        if local >= wall.replace(tzinfo=None):
            return candidate
    return at
