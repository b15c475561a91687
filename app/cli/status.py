"""``cuadre status``: the four figures, now or over a time."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import timedelta

from app.cli.home import open_home
from app.cli.output import Stop, answer, table
from app.journal import Journal
from app.month_end import figures, history
from app.month_end.figures import Level
from app.translation import translate

SHOWN_DOCUMENTS = 10


def status(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    if chosen.since:
        return _history(journal, chosen)
    found = figures.measure(journal)
    answer(
        chosen.json, figures.as_json(found), [*table(status_rows(found)), *_documents_behind(found)]
    )
    return 0 if found.ok else 1


def _history(journal: Journal, chosen: argparse.Namespace) -> int:
    """The figures over a time, by hour or day. Exit status 1 where the targets were missed."""
    window = _span(chosen.since)
    found, now = history.read(journal, window), figures.measure(journal, window)
    answer(
        chosen.json,
        {**figures.as_json(now), "history": history.as_json(found)},
        [*table(status_rows(now)), *_history_lines(found)],
    )
    return 0 if now.ok else 1


def _span(text: str) -> timedelta:
    """``36h``, ``7d``. Raises Stop."""
    hours = {"h": 1, "d": 24}.get(text[-1:], 0)
    number = text[:-1]
    if not hours or not number.isdigit() or not 0 < int(number) * hours <= 400 * 24:
        words = translate("status", "{text} is no time to look back: write 24h, 7d or 30d.")
        raise Stop(words.format(text=text))
    return timedelta(hours=int(number) * hours)


def _history_lines(found: history.History) -> Iterator[str]:
    """By hour up to two days, else by day; hours without anything are left out."""
    by_day = len(found.hours) > 50
    groups: dict[str, list[history.Hour]] = {}
    for hour in found.hours:
        at = hour.at.astimezone()
        groups.setdefault(f"{at:%Y-%m-%d}" if by_day else f"{at:%Y-%m-%d %H:00}", []).append(hour)
    heading = (
        "",
        translate("status", "sent"),
        translate("status", "median"),
        "95 %",
        translate("status", "refused"),
    )
    rows: list[tuple[str, ...]] = []
    for name, hours in groups.items():
        part = history.History(hours[0].at, hours)
        count = sum(part.buckets.values())
        refused = part.outcomes.get("refused_documents", 0) + part.outcomes.get("conflicts", 0)
        if count or refused:
            rows.append(
                (name, f"{count:,}", _seconds(part.p50), _seconds(part.p95), f"{refused:,}")
            )
    if not rows:
        yield translate("status", "No document came to an end in this time.")
        return
    yield ""
    yield from table([heading, *rows], right=(1, 2, 3, 4))


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"


def status_rows(found: figures.Health) -> list[tuple[str, str, str, str]]:
    """The four figures: name, value, target, how it stands to it (a word, not a colour)."""
    levels = {
        Level.MET: translate("status", "met"),
        Level.WARNING: translate("status", "NOT MET"),
        Level.ALARM: translate("status", "ALARM"),
    }
    nothing = translate("status", "nothing in this time")
    latency = nothing
    if found.latency_median is not None and found.latency_p95 is not None:
        latency = translate("status", "median {median} s, 95 % within {p95} s").format(
            median=f"{found.latency_median:.1f}", p95=f"{found.latency_p95:.1f}"
        )
    rate = nothing if found.error_rate is None else f"{found.error_rate:.2%}"
    if 0 < found.ended < figures.FEW:
        wrong = len(found.failed) + found.inbox_dead
        rate = translate("status", "{wrong} of {ended}").format(wrong=wrong, ended=found.ended)
    queue = translate("status", "{queue} ({uncertain} uncertain, {trend} in the last hour)").format(
        queue=found.queue + len(found.questions.documents),
        uncertain=found.queue_uncertain,
        trend=f"{found.queue_trend:+d}",
    )
    return [
        (translate("status", "Sync latency"), latency, "< 5 min", levels[found.latency_level]),
        (translate("status", "Error rate"), rate, "< 0.1 %", levels[found.error_rate_level]),
        (
            translate("status", "Orphan records"),
            str(len(found.orphans)),
            "0",
            levels[found.orphans_level],
        ),
        (translate("status", "Retry queue"), queue, "0", levels[found.queue_level]),
    ]


def _documents_behind(found: figures.Health) -> Iterator[str]:
    behind = (
        (translate("status", "Late"), found.late),
        (translate("status", "Refused or in conflict"), found.failed),
        (translate("status", "Orphans"), found.orphans),
        (translate("status", "Waiting"), found.waiting),
        (translate("status", "Waiting for an answer"), found.questions.documents),
    )
    for title, references in behind:
        if references:
            more = (
                f" … (+{len(references) - SHOWN_DOCUMENTS})"
                if len(references) > SHOWN_DOCUMENTS
                else ""
            )
            yield f"{title}: {', '.join(references[:SHOWN_DOCUMENTS])}{more}"
