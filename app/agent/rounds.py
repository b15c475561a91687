"""Rounds until somebody says stop: what is due is done, and at once what a file brought."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence

from app.agent.jobs import Job
from app.agent.work import Report, work_once
from app.intake import hot_folders
from app.intake.hot_folders import State
from app.journal import Journal

EVERY = 5.0
"""Seconds between two rounds."""


def go_on(
    journal: Journal,
    stop: threading.Event,
    connections: Sequence[str],
    also: Collection[str],
    tell: Callable[[Report], None] = lambda _: None,
) -> None:
    """Do what is due until ``stop`` is set: the request in hand is finished, no other begun."""

    def goes_on() -> bool:
        return not stop.is_set()

    while goes_on():
        before = {one.path: one.state for one in hot_folders.remembered(journal).arrivals}
        report = work_once(journal, None, connections, also, goes_on=goes_on, only_due=True)
        tell(report)
        came = any(
            one.state is State.IMPORTED and before.get(one.path) is not State.IMPORTED
            for one in report.arrivals.arrivals
        )
        if came and connections and goes_on():
            tell(work_once(journal, [Job.SEND], connections, also, goes_on=goes_on))
        stop.wait(EVERY)
