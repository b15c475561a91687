"""When a job is due, by the clocks of its time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agent.rules import NotARule, NoZone, next_due, parsed, zone_of

MEXICO, BOGOTA = ZoneInfo("America/Mexico_City"), ZoneInfo("America/Bogota")
MADRID, TIJUANA = ZoneInfo("Europe/Madrid"), ZoneInfo("America/Tijuana")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "zone", "after", "due"),
    [
        ("every 2 min", MEXICO, "2026-03-02 10:00", "2026-03-02 10:02"),
        ("every 5 s", MEXICO, "2026-03-02 10:00", "2026-03-02 10:00:05"),
        # Mexico has had no summer time since 2022: six hours behind all year
        ("daily 06:30", MEXICO, "2026-07-02 12:29", "2026-07-02 12:30"),
        ("daily 06:30", MEXICO, "2026-07-02 12:30", "2026-07-03 12:30"),
        ("daily 06:30", BOGOTA, "2026-01-02 12:00", "2026-01-03 11:30"),
        # 2026-03-06 is a Friday
        ("weekdays 06:30", BOGOTA, "2026-03-06 12:00", "2026-03-09 11:30"),
        ("weekly mon 05:00", BOGOTA, "2026-03-06 12:00", "2026-03-09 10:00"),
        ("monthly day 3 20:00", BOGOTA, "2026-03-04 12:00", "2026-04-04 01:00"),
        ("monthly day 31 20:00", BOGOTA, "2026-02-04 12:00", "2026-03-01 01:00"),
        # 2026-02-28 is a Saturday, 2026-05-31 a Sunday
        ("monthly last working day 20:00", BOGOTA, "2026-02-04 12:00", "2026-02-28 01:00"),
        ("monthly last working day 20:00", BOGOTA, "2026-05-04 12:00", "2026-05-30 01:00"),
        # Madrid goes from 02:00 to 03:00 on 2026-03-29: 02:30 does not exist
        ("daily 02:30", MADRID, "2026-03-28 12:00", "2026-03-29 01:00"),
        ("daily 02:30", MADRID, "2026-03-29 01:00", "2026-03-30 00:30"),
        # and from 03:00 back to 02:00 on 2026-10-25: 02:30 comes twice and is due once
        ("daily 02:30", MADRID, "2026-10-24 12:00", "2026-10-25 00:30"),
        ("daily 02:30", MADRID, "2026-10-25 00:30", "2026-10-26 01:30"),
        # the border keeps the summer time of the United States (2026-03-08, 02:00)
        ("daily 02:30", TIJUANA, "2026-03-08 00:00", "2026-03-08 10:00"),
    ],
)
def test_the_next_time(rule: str, zone: ZoneInfo, after: str, due: str) -> None:
    assert next_due(parsed(rule), zone, utc(after)) == utc(due)


def test_never_is_never() -> None:
    assert next_due(parsed("never"), MEXICO, utc("2026-03-02 10:00")) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daily",
        "daily 24:00",
        "daily 6:30",
        "every 0 s",
        "every 40 d",
        "every 90000 h",
        "monthly day 32 10:00",
        "monthly day 0 10:00",
        "weekly lunes 05:00",
        "now",
        "daily 06:30 x",
    ],
)
def test_what_says_no_time_is_refused(text: str) -> None:
    with pytest.raises(NotARule):
        parsed(text)


def test_a_zone_nobody_knows_is_refused() -> None:
    for name in ("America/Nowhere", "", "../etc/passwd", "UTC+5x"):
        with pytest.raises(NoZone):
            zone_of(name)


@given(
    st.sampled_from(
        [
            "daily 02:30",
            "weekdays 23:59",
            "weekly sun 00:00",
            "monthly day 31 02:15",
            "monthly last working day 20:00",
            "every 7 min",
        ]
    ),
    st.sampled_from([MEXICO, BOGOTA, MADRID, TIJUANA]),
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)),
)
def test_it_is_always_later_and_never_by_more_than_a_month(
    rule: str, zone: ZoneInfo, after: datetime
) -> None:
    at = after.replace(tzinfo=UTC)
    due = next_due(parsed(rule), zone, at)
    assert due is not None and at < due <= at + timedelta(days=35)
