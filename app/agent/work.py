"""Rounds of unattended work: what came is imported and looked at, what changed is asked for, what
is ready is sent to the connections a person named, and what is wrong is told.

Nothing is decided here: what needs a person waits for one, and says so. Every step is safe to be
killed in, and several runners do nothing twice: a job is leased, a file is one batch, a document is
leased too.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from app import telling
from app.agent import closing, deadman
from app.agent.jobs import Job, plans
from app.company import connecting, settings
from app.company.settings import ConnectionSettings
from app.inbox import contacts, payments, polling, processing, refreshing
from app.inbox.contacts import Synced
from app.inbox.polling import Polled
from app.inbox.processing import Processed
from app.intake import hot_folders
from app.intake.hot_folders import Round, State
from app.journal import Journal, inbox, roles
from app.journal import jobs as leases
from app.journal.errors import DatabaseError
from app.journal.leases import lease_owner
from app.journal.roles import Role
from app.journal.store import instant, written
from app.month_end import alerts, figures, history
from app.sending import push as pushing
from app.sending.push import PushResult
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import DocumentConnector
from connectors.errors import ConnectorError
from connectors.transport import ServerClock

NO_SECRET = QT_TRANSLATE_NOOP(
    "work",
    "{connection}: this account ({actor}) has no secret for it. Run “cuadre connection check"
    " {connection}” once as the account the work runs under.",
)
AGAIN = timedelta(minutes=10)
"""When a job that had to wait is tried again."""
RENEWED_EVERY = 300.0
LIMIT = 300.0
"""Seconds one sending may take within a round."""


class Outcome(IntEnum):
    """How a round ended, as exit status: for a scheduler to show."""

    DONE = 0
    WRONG = 1
    WAITS = 3
    SILENT = 4


@dataclass
class Report:
    """What a round did: ``done`` the jobs, ``arrivals`` of the folders, and by connection what was
    sent, read and looked at; what could not be done in words, and how many alerts were raised.
    ``busy`` are jobs another runner is at.
    """

    done: list[Job] = field(default_factory=list)
    busy: list[Job] = field(default_factory=list)
    arrivals: Round = field(default_factory=Round)
    sent: dict[str, PushResult] = field(default_factory=dict)
    polled: dict[str, Polled] = field(default_factory=dict)
    processed: dict[str, Processed] = field(default_factory=dict)
    synced: dict[str, Synced] = field(default_factory=dict)
    closed: dict[str, closing.Closed] = field(default_factory=dict)
    proposed: int = 0
    silent: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    raised: int = 0

    @property
    def outcome(self) -> Outcome:
        if self.wrong:
            return Outcome.WRONG
        if self.silent or self.arrivals.unreachable:
            return Outcome.SILENT
        return Outcome.WAITS if self._waits_for_somebody else Outcome.DONE

    @property
    def _waits_for_somebody(self) -> bool:
        held = self.arrivals.of_state(State.HELD)
        open_ones = [name for name, result in self.sent.items() if not result.clean]
        dead = [name for name, result in self.processed.items() if result.dead]
        asked = [name for name, result in self.synced.items() if result.questions]
        unsettled = [name for name, result in self.closed.items() if not result.settled]
        return bool(held or open_ones or dead or asked or unsettled)


@dataclass
class _Round:
    """One round: with what, and until when it goes on; ``again`` are jobs to be tried soon,
    ``troubles`` what could not be done in words, job by job.
    """

    journal: Journal
    connections: Sequence[str]
    also: Collection[str]
    goes_on: Callable[[], bool]
    deadline: float
    now: Callable[[], float]
    report: Report = field(default_factory=Report)
    clocks: dict[str, ServerClock] = field(default_factory=dict)
    again: set[Job] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    def wrong(self, name: str, words: str) -> None:
        self.report.wrong[name] = words
        self.troubles.append(words)


def work_once(
    journal: Journal,
    jobs: Collection[Job] | None = None,
    connections: Sequence[str] = (),
    also: Collection[str] = (),
    *,
    goes_on: Callable[[], bool] = lambda: True,
    deadline: float = LIMIT,
    now: Callable[[], float] = time.time,
    only_due: bool = False,
) -> Report:
    """One round. ``jobs`` are done whatever their time; without any, those that are due often and
    those whose time has come. ``only_due``: none but these, of ``jobs`` where given. ``goes_on``
    answers False once the work is to stop: the request in hand is finished, and no other begun.
    Raises NotAllowed.
    """
    roles.require(journal, Role.IMPORT)
    one = _Round(journal, connections, also, goes_on, deadline, now)
    known = plans(journal)
    owner = lease_owner()
    for job in Job:
        if not goes_on():
            break
        if jobs is not None and job not in jobs:
            continue
        is_asked = jobs is not None and not only_due
        anyway = is_asked or (known[job].rule.is_often and not only_due)
        if not known[job].rule.days and not known[job].rule.seconds and not is_asked:
            continue
        is_of_calendar = bool(known[job].rule.days)
        if not anyway and is_of_calendar and not _has_time(journal, job, known[job].next_due):
            continue
        _do(one, job, owner, known[job].next_due, anyway)
    if one.report.outcome is not Outcome.WRONG and Job.ALERTS in one.report.done:
        deadman.tell(journal)
    return one.report


def _has_time(journal: Journal, job: Job, next_due: Callable[[datetime], datetime | None]) -> bool:
    """Whether a job has a time; the first round gives those of the calendar their first one,
    instead of doing everything when the program is installed.
    """
    known = {row.name for row in leases.every(journal)}
    due = next_due(instant())
    if job.value not in known and due is not None:
        leases.place(journal, job.value, due)
    return job.value in known


def _do(
    one: _Round,
    job: Job,
    owner: str,
    next_due: Callable[[datetime], datetime | None],
    anyway: bool,
) -> None:
    """A job under its lease; what goes wrong in one keeps no other from being done."""
    if not leases.begin(one.journal, job.value, owner, anyway):
        if anyway:
            one.report.busy.append(job)
        return
    words, is_ok = "", False
    before = len(one.troubles)
    try:
        with _held(one.journal, job, owner):
            _STEPS[job](one)
        one.report.done.append(job)
        is_ok = len(one.troubles) == before
        words = "; ".join(one.troubles[before:])
    except ConnectorError as error:
        words = telling.tell(error)
        one.report.silent[job.value] = words
    except Exception as error:
        words = telling.tell(error) or f"{type(error).__name__}: {error}"
        one.wrong(job.value, words)
    finally:
        now = instant()
        due = now + AGAIN if job in one.again else next_due(now)
        leases.end(one.journal, job.value, owner, due=due, words=words[:2000], ok=is_ok)


@contextmanager
def _held(journal: Journal, job: Job, owner: str) -> Iterator[None]:
    """Keeps the lease of a job that takes long."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(RENEWED_EVERY):
            with contextlib.suppress(DatabaseError, OSError):
                leases.renew(journal, job.value, owner)

    keeper = threading.Thread(target=renew, name=f"lease of {job}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _folders(one: _Round) -> None:
    one.report.arrivals = hot_folders.look(one.journal, one.now)


def _inbox(one: _Round) -> None:
    known = {kept.name: kept for kept in settings.connections(one.journal)}
    for name in inbox.connections_waiting(one.journal):
        if name in known and not connecting.secret_of(one.journal, known[name]):
            continue  # whoever has it looks; that nobody does is an alert
        with _connected(one, name) as connected:
            if connected is not None:
                kept, target, clock = connected
                done = processing.process(one.journal, kept, target, clock, goes_on=one.goes_on)
                one.report.processed[name] = done
                if done.silent:
                    one.report.silent[name] = done.silent


def _polls(one: _Round) -> None:
    for kept in settings.connections(one.journal):
        if not one.goes_on() or not connecting.secret_of(one.journal, kept):
            continue  # a connection nobody gave this account is read by whoever has it
        with _connected(one, kept.name) as connected:
            if connected is None:
                continue
            _, target, clock = connected
            due = polling.due(one.journal, kept, polling.streams(target))
            if due:
                found = polling.poll(one.journal, kept, target, clock, due)
                one.report.polled[kept.name] = found
                words = next(iter(found.failed.values()), "")
                if found.is_silent:
                    one.report.silent[kept.name] = words
                elif words:
                    one.wrong(kept.name, f"{kept.name}: {words}")


def _sweep(one: _Round) -> None:
    inbox.empty_older(one.journal, written(instant() - inbox.BODIES_KEPT))
    for kept in settings.connections(one.journal):
        if not one.goes_on() or not connecting.secret_of(one.journal, kept):
            continue
        with _connected(one, kept.name) as connected:
            if connected is None:
                continue
            _, target, _ = connected
            found = one.report.polled.setdefault(kept.name, Polled())
            for kind in polling.sweeps_due(one.journal, kept, target):
                count, is_guarded = polling.sweep(one.journal, kept.name, target, kind)
                if is_guarded:
                    found.guarded[kind.value] = count
                else:
                    found.gone += count


def _contacts(one: _Round) -> None:
    for link in contacts.links(one.journal):
        with _connected(one, link.crm) as crm, _connected(one, link.erp) as erp:
            if crm is not None and erp is not None:
                found = contacts.sync(one.journal, link, crm[1], erp[1])
                one.report.synced[f"{link.crm}-{link.erp}"] = found


def _payments(one: _Round) -> None:
    for name in payments.connections(one.journal):
        with _connected(one, name) as connected:
            if connected is not None:
                one.report.proposed += payments.propose(one.journal, name, connected[1])


def _send(one: _Round) -> None:
    """What is ready for each connection; what another document waits for holds up only itself."""
    for name in one.connections:
        if not one.goes_on():
            return
        with _connected(one, name) as connected:
            if connected is not None:
                one.report.sent[name] = pushing.push(
                    one.journal,
                    name,
                    connected[1],
                    only_ready=True,
                    also=one.also,
                    deadline=one.deadline,
                    progress=lambda _done, _all: one.goes_on(),
                )


def _books(one: _Round) -> None:
    for name in refreshing.connections(one.journal):
        if one.goes_on():
            with _connected(one, name) as connected:
                if connected is not None:
                    refreshing.refresh(one.journal, name, connected[1])


def _orphans(one: _Round) -> None:
    for name in refreshing.sending(one.journal):
        if one.goes_on():
            with _connected(one, name) as connected:
                if connected is not None:
                    refreshing.read_last_months(one.journal, name, connected[1])


def _close(one: _Round) -> None:
    """What has to wait for files, events or a silent target is tried again in ten minutes."""
    zone = plans(one.journal)[Job.CLOSE].zone
    month = closing.month_before(instant().astimezone(zone).date())
    for name in one.connections or refreshing.sending(one.journal):
        closed = None
        with _connected(one, name) as connected:
            if connected is not None:
                closed = closing.close(
                    one.journal, name, connected[1], one.also, one.now, period=month
                )
                one.report.closed[name] = closed
        if closed is None or closed.waits:
            one.again.add(Job.CLOSE)


def _figures(one: _Round) -> None:
    clocks = {name: clock.ahead for name, clock in one.clocks.items() if clock.ahead is not None}
    history.keep(one.journal, figures.measure(one.journal), clocks)


def _alerts(one: _Round) -> None:
    one.report.raised = len(alerts.update(one.journal))


_STEPS: dict[Job, Callable[[_Round], None]] = {
    Job.FOLDERS: _folders,
    Job.INBOX: _inbox,
    Job.POLLS: _polls,
    Job.SWEEP: _sweep,
    Job.CONTACTS: _contacts,
    Job.PAYMENTS: _payments,
    Job.SEND: _send,
    Job.BOOKS: _books,
    Job.ORPHANS: _orphans,
    Job.CLOSE: _close,
    Job.FIGURES: _figures,
    Job.ALERTS: _alerts,
}
Connected = tuple[ConnectionSettings, DocumentConnector, ServerClock]


@contextmanager
def _connected(one: _Round, name: str) -> Iterator[Connected | None]:
    """A connection with this account's secret; None, and said in the report, where there is none.
    What the target does not answer is said too, and keeps no other from being reached.
    """
    try:
        kept = settings.find_connection(one.journal, name)
    except LookupError:
        one.wrong(name, translate("work", "There is no connection of this name."))
        yield None
        return
    secret = connecting.secret_of(one.journal, kept)
    if secret is None:
        text = translate("work", NO_SECRET)
        one.wrong(name, text.format(connection=name, actor=one.journal.actor))
        yield None
        return
    clock = one.clocks.setdefault(name, ServerClock())
    target = connecting.connect(kept, secret, journal=one.journal, clock=clock)
    try:
        yield kept, target, clock
    except ConnectorError as error:
        one.report.silent[name] = telling.tell(error)
    except Exception as error:  # what goes wrong with one connection keeps no other waiting
        told = telling.tell(error) or f"{type(error).__name__}: {error}"
        one.wrong(name, f"{name}: {told}")
    finally:
        target.close()
