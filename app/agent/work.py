"""One round of unattended work: watched folders are looked at, what is ready is sent to the
connections a person named, and what is wrong is told.

Nothing is decided here: what needs a person waits for one, and says so. Every step is safe to be
killed in, and several runners do nothing twice: a file is one batch, a document is leased.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from app import telling
from app.company import connecting, settings
from app.intake import hot_folders
from app.intake.hot_folders import Round, State
from app.journal import Journal
from app.month_end import alerts
from app.sending import push as pushing
from app.sending.push import PushResult
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.errors import ConnectorError

NO_SECRET = QT_TRANSLATE_NOOP(
    "work",
    "{connection}: this account ({actor}) has no secret for it. Run “cuadre connection check"
    " {connection}” once as the account the work runs under.",
)


class Job(StrEnum):
    """What a round consists of."""

    FOLDERS = "folders"
    SEND = "send"
    ALERTS = "alerts"


class Outcome(IntEnum):
    """How a round ended, as exit status: for a scheduler to show."""

    DONE = 0
    WRONG = 1
    WAITS = 3
    SILENT = 4


@dataclass
class Report:
    """What a round did: ``arrivals`` of the folders, the result a connection, what could not be
    done in words, and how many alerts were raised.
    """

    arrivals: Round = field(default_factory=Round)
    sent: dict[str, PushResult] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    raised: int = 0

    @property
    def outcome(self) -> Outcome:
        if self.wrong:
            return Outcome.WRONG
        if self.silent or self.arrivals.unreachable:
            return Outcome.SILENT
        held = self.arrivals.of_state(State.HELD)
        open_ones = [name for name, result in self.sent.items() if not result.clean]
        return Outcome.WAITS if held or open_ones else Outcome.DONE


def work_once(
    journal: Journal,
    jobs: Collection[Job] = tuple(Job),
    connections: Sequence[str] = (),
    also: Collection[str] = (),
    *,
    goes_on: Callable[[], bool] = lambda: True,
    deadline: float = 300.0,
    now: Callable[[], float] = time.time,
) -> Report:
    """One round. ``goes_on`` answers False once the work is to stop: the request in hand is
    finished, and no other begun. Raises NotAllowed.
    """
    report = Report()
    if Job.FOLDERS in jobs and goes_on():
        report.arrivals = hot_folders.look(journal, now)
    if Job.SEND in jobs:
        for name in connections:
            if goes_on():
                _send(journal, name, also, report, goes_on, deadline)
    if Job.ALERTS in jobs and goes_on():
        report.raised = len(alerts.update(journal))
    return report


def _send(
    journal: Journal,
    name: str,
    also: Collection[str],
    report: Report,
    goes_on: Callable[[], bool],
    deadline: float,
) -> None:
    """What is ready for one connection; what another document waits for holds up only itself."""
    try:
        kept = settings.find_connection(journal, name)
    except LookupError:
        report.wrong[name] = translate("work", "There is no connection of this name.")
        return
    secret = connecting.secret_of(journal, kept)
    if secret is None:
        text = translate("work", NO_SECRET)
        report.wrong[name] = text.format(connection=name, actor=journal.actor)
        return
    target = connecting.connect(kept, secret, journal=journal)
    try:
        report.sent[name] = pushing.push(
            journal,
            name,
            target,
            only_ready=True,
            also=also,
            deadline=deadline,
            progress=lambda _done, _all: goes_on(),
        )
    except ConnectorError as error:
        report.silent[name] = telling.tell(error)
    finally:
        target.close()
