"""``cuadre folder`` and ``cuadre work``: what goes on by itself."""

from __future__ import annotations

import argparse
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app import telling
from app.agent import rounds
from app.agent.jobs import Job
from app.agent.work import Report, work_once
from app.cli.home import open_home
from app.cli.output import Stop, answer, table
from app.company import folders
from app.documents import FISCAL
from app.intake import hot_folders
from app.intake.hot_folders import State
from app.journal import Journal
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate

STATE_TEXTS = {
    State.WAITING: QT_TRANSLATE_NOOP("folders", "waits to be whole"),
    State.IMPORTED: QT_TRANSLATE_NOOP("folders", "imported"),
    State.REPEATED: QT_TRANSLATE_NOOP("folders", "imported before"),
    State.HELD: QT_TRANSLATE_NOOP("folders", "held: not whole, or not to be read"),
}


def folder_add(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    try:
        made = folders.add(journal, Path(chosen.folder), chosen.source)
    except Refused as refused:
        raise Stop(telling.tell(refused)) from None
    text = translate("cli", "Files in {path} are imported once they are whole.")
    answer(chosen.json, {"folder": made.path, "source": made.source}, [text.format(path=made.path)])
    return 0


def folder_remove(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    try:
        folders.remove(journal, Path(chosen.folder))
    except Refused as refused:
        raise Stop(telling.tell(refused)) from None
    text = translate("cli", "{path} is watched no more; what was imported stays.")
    answer(chosen.json, {"removed": chosen.folder}, [text.format(path=chosen.folder)])
    return 0


def folder_list(chosen: argparse.Namespace) -> int:
    """Each folder with its files. Exit status 1 where a file is held or a folder unreachable."""
    journal = open_home(chosen)
    known = hot_folders.remembered(journal)
    watched = folders.every(journal)
    value = {
        "folders": [{"folder": one.path, "source": one.source} for one in watched],
        "files": [
            {"file": one.path, "state": one.state.value, "batch": one.batch or None}
            for one in known.arrivals
        ],
        "unreachable": {path: words for path, (words, _) in known.unreachable.items()},
    }
    answer(chosen.json, value, _folder_lines(journal))
    return 1 if known.unreachable or known.of_state(State.HELD) else 0


def _folder_lines(journal: Journal) -> Iterator[str]:
    known = hot_folders.remembered(journal)
    for folder in folders.every(journal):
        yield folder.path
        if folder.path in known.unreachable:
            words, since = known.unreachable[folder.path]
            text = translate("cli", "  ▲ cannot be listed since {since}: {words}")
            yield text.format(since=f"{_local(since)}", words=words)
        inside = [one for one in known.arrivals if Path(one.path).is_relative_to(folder.path)]
        counts = Counter(one.state for one in inside)
        for state, count in counts.items():
            yield f"  {count:,}  {translate('folders', STATE_TEXTS[state])}"
        yield from (f"     {one.path}" for one in inside if one.state is State.HELD)


def _local(since: float) -> str:
    return f"{datetime.fromtimestamp(since).astimezone():%Y-%m-%d %H:%M}"


def work(chosen: argparse.Namespace) -> int:
    """One round (``--once``), or rounds until the process is told to stop. The exit status of one
    round: 0 done, 1 wrong, 3 something waits for a person, 4 a target or folder did not answer.
    """
    journal = open_home(chosen)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    jobs = [Job(name) for name in chosen.job] or None
    also = FISCAL if chosen.documents else ()
    if chosen.once or jobs:
        report = work_once(journal, jobs, chosen.send, also, goes_on=lambda: not stop.is_set())
        answer(chosen.json, _report_json(report), _report_lines(report))
        return int(report.outcome)
    rounds.go_on(journal, stop, chosen.send, also, _say)
    return 0


def _say(report: Report) -> None:
    """What a round of the loop did, where it did something."""
    lines = list(_report_lines(report))
    at = f"{datetime.now().astimezone():%H:%M:%S}"
    answer(False, {}, [f"{at} {line}" for line in lines])


def _report_json(report: Report) -> dict[str, object]:
    counts = Counter(one.state.value for one in report.arrivals.arrivals)
    return {
        "outcome": report.outcome.name.lower(),
        "files": dict(counts),
        "unreachable": {path: words for path, (words, _) in report.arrivals.unreachable.items()},
        "sent": {
            name: {
                "confirmed": result.confirmed,
                "rejected": result.rejected,
                "uncertain": result.uncertain,
                "waiting": result.waiting,
            }
            for name, result in report.sent.items()
        },
        "jobs": [job.value for job in report.done],
        "busy": [job.value for job in report.busy],
        "polled": {
            name: {"read": one.read, "news": one.news, "gone": one.gone, "failed": one.failed}
            for name, one in report.polled.items()
        },
        "events": {
            name: {"records": one.records, "news": one.news, "dead": one.dead}
            for name, one in report.processed.items()
        },
        "contacts": {
            name: {"written": len(one.written), "questions": len(one.questions)}
            for name, one in report.synced.items()
        },
        "closed": {
            name: {
                "period": one.period,
                "waits": one.waits,
                "waiting": one.waiting,
                "differences": one.differences,
                "papers": one.papers,
            }
            for name, one in report.closed.items()
        },
        "proposed": report.proposed,
        "silent": report.silent,
        "wrong": report.wrong,
        "alerts": report.raised,
    }


def _report_lines(report: Report) -> Iterator[str]:
    counts = Counter(one.state for one in report.arrivals.arrivals)
    rows = [(translate("folders", STATE_TEXTS[state]), count) for state, count in counts.items()]
    yield from table(rows, right=(1,))
    for path, (words, _) in report.arrivals.unreachable.items():
        yield f"▲ {path}: {words}"
    for name, result in report.sent.items():
        text = translate(
            "cli",
            "{connection}: confirmed {confirmed} · rejected {rejected} · uncertain {uncertain}"
            " · waiting {waiting}",
        )
        yield text.format(
            connection=name,
            confirmed=result.confirmed,
            rejected=result.rejected,
            uncertain=result.uncertain,
            waiting=result.waiting,
        )
    yield from _event_lines(report)
    for name, words in (*report.silent.items(), *report.wrong.items()):
        yield f"▲ {name}: {words}"
    if report.raised:
        yield translate("cli", "{count} alerts raised.").format(count=report.raised)


def _event_lines(report: Report) -> Iterator[str]:
    """What came in, what changed and what was closed, where there was something."""
    for name, polled in report.polled.items():
        if polled.news or polled.gone:
            text = translate("cli", "{connection}: {news} changes there, {gone} gone")
            yield text.format(connection=name, news=polled.news, gone=polled.gone)
    for name, done in report.processed.items():
        text = translate("cli", "{connection}: {records} records looked at, {news} were news")
        yield text.format(connection=name, records=done.records, news=done.news)
    for name, synced in report.synced.items():
        if synced.written or synced.questions:
            text = translate("cli", "{names}: {written} fields written, {asked} for a person")
            yield text.format(names=name, written=len(synced.written), asked=len(synced.questions))
    if report.proposed:
        yield translate("cli", "{count} payouts proposed.").format(count=report.proposed)
    for name, closed in report.closed.items():
        yield f"{name} {closed.period}: {closed.text}"
