"""``cuadre folder`` and ``cuadre work``: what goes on by itself."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from getpass import getuser
from pathlib import Path

from app import telling
from app.agent import schedule
from app.agent.work import Job, Report, work_once
from app.cli.home import open_home
from app.cli.output import Stop, answer, table
from app.company import folders, settings
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
ROUND_EVERY = 5.0
"""Seconds between two rounds of the folders."""
SEND_EVERY = 60.0


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
    jobs = [Job(name) for name in chosen.job] or list(Job)
    also = FISCAL if chosen.documents else ()
    if chosen.once:
        report = work_once(journal, jobs, chosen.send, also, goes_on=lambda: not stop.is_set())
        answer(chosen.json, _report_json(report), _report_lines(report))
        return int(report.outcome)
    _rounds(journal, jobs, chosen, stop)
    return 0


def _rounds(
    journal: Journal, jobs: list[Job], chosen: argparse.Namespace, stop: threading.Event
) -> None:
    """Folders often, sending and alerts every minute, and at once when a file came."""
    also = FISCAL if chosen.documents else ()
    waited = SEND_EVERY
    while not stop.is_set():
        is_due = waited >= SEND_EVERY
        now = jobs if is_due else [job for job in jobs if job is Job.FOLDERS]
        before = {one.path: one.state for one in hot_folders.remembered(journal).arrivals}
        report = work_once(journal, now, chosen.send, also, goes_on=lambda: not stop.is_set())
        came = any(
            one.state is State.IMPORTED and before.get(one.path) is not State.IMPORTED
            for one in report.arrivals.arrivals
        )
        if is_due or came:
            for line in _report_lines(report):
                answer(False, {}, [f"{datetime.now().astimezone():%H:%M:%S} {line}"])
        waited = SEND_EVERY if came else (0.0 if is_due else waited) + ROUND_EVERY
        stop.wait(ROUND_EVERY)


def schedule_show(chosen: argparse.Namespace) -> int:
    """Write the task or service that starts the work, and say what to do with it."""
    home = settings.home_folder(chosen.home).resolve()
    sending = [word for name in chosen.send for word in ("--send", name)]
    arguments = [*sending, *(["--documents"] if chosen.documents else [])]
    command = [chosen.command] if chosen.command else [sys.executable, "-m", "app"]
    kind = schedule.Kind(chosen.kind)
    made = schedule.definition(
        kind, home=home, user=chosen.user or getuser(), command=command, arguments=arguments
    )
    path = Path(chosen.out)
    path.write_bytes(made)
    name = schedule.task_name(home)
    told = translate("schedule", _INSTALLED[kind]).format(path=path, name=name)
    answer(chosen.json, {"file": str(path), "task": name}, [told])
    return 0


_INSTALLED = {
    schedule.Kind.DESKTOP: QT_TRANSLATE_NOOP(
        "schedule", 'Written. Register it: schtasks /Create /TN "\\Cuadre\\{name}" /XML {path} /F'
    ),
    schedule.Kind.SERVER: QT_TRANSLATE_NOOP(
        "schedule",
        "Written. Register it with the account's password, which is asked for: schtasks /Create"
        ' /TN "\\Cuadre\\{name}" /XML {path} /RU ACCOUNT /RP * /F. Store the connections\' secrets'
        " as that account first.",
    ),
    schedule.Kind.WINSW: QT_TRANSLATE_NOOP(
        "schedule", "Written. Put it beside WinSW's program under the same name: NAME.exe install"
    ),
    schedule.Kind.SYSTEMD: QT_TRANSLATE_NOOP(
        "schedule",
        "Written. Copy it to /etc/systemd/system/{name}.service: systemctl enable --now {name}",
    ),
}


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
    for name, words in (*report.silent.items(), *report.wrong.items()):
        yield f"▲ {name}: {words}"
    if report.raised:
        yield translate("cli", "{count} alerts raised.").format(count=report.raised)
