"""Empties the inbox of one connection: what is hinted at is read from its system, a record once
however many hints there are, and what it is now is kept.

Effects and the end of a row are one transaction: a kill between reading and keeping repeats
harmlessly. A silent target counts against nobody; a record that cannot be read six times is set
apart, and only it. Where hints of one kind pile up, one reading of everything that changed answers
them all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app import telling
from app.company.settings import ConnectionSettings
from app.inbox import guard, polling, sighting
from app.inbox.sighting import Sighting
from app.journal import Journal, cursors, inbox_leases
from app.journal.breaker import Breaker
from app.journal.inbox import State
from app.journal.inbox_leases import POISON, Claimed, Finished, next_wait
from app.journal.leases import lease_owner
from app.journal.rows import SeenRow, Transaction
from app.journal.store import database_instant, moment
from connectors import DocumentConnector, Kind
from connectors.contract import ListsChanges, ReadsRecords
from connectors.documents import Change
from connectors.errors import (
    ConnectorError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Uncertain,
)
from connectors.transport import ServerClock

AT_ONCE = 100
"""Records claimed and read together."""
BACKLOG = 200
"""More hints of one kind than this are answered by one reading of all changes."""
HOLD_BACK = timedelta(minutes=2)
"""What was just made may not be found yet: so long its absence proves nothing."""
DOCUMENT = "document"
"""A hint that does not tell which kind of document it is about."""
_MONEY = (Kind.INVOICE, Kind.BILL, Kind.REFUND, Kind.BILL_REFUND, Kind.RECEIPT, Kind.PAYMENT)
_DOCUMENTS = _MONEY[:4]
"""What a hint that does not tell may be about."""
_ENDS = ("delet", "gone", "merg", "archiv", "void", "cancel", "remov")
"""Words of vendors for a record that is no more."""
_RANKS: tuple[tuple[str, ...], ...] = ((DOCUMENT, *_MONEY, Kind.ENTRY), (Kind.CONTACT,))
"""Invoices and payments before catalogues."""


@dataclass
class Processed:
    """How many records were looked at, how many of them were news; ``waits`` whether some are still
    to be looked at later; ``silent`` the words of a target that did not answer.
    """

    records: int = 0
    news: int = 0
    dead: int = 0
    waits: bool = False
    silent: str = ""
    polled: list[str] = field(default_factory=list)


@dataclass
class _Work:
    """One emptying: whose, with what."""

    journal: Journal
    kept: ConnectionSettings
    target: DocumentConnector
    clock: ServerClock
    owner: str
    breaker: Breaker
    chance: random.Random
    done: Processed = field(default_factory=Processed)


def process(
    journal: Journal,
    kept: ConnectionSettings,
    target: DocumentConnector,
    clock: ServerClock,
    *,
    chance: random.Random | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Processed:
    """Look at everything that is due. Raises nothing for what a target or a record does wrong: that
    is kept with the row.
    """
    breaker = Breaker(journal, kept.name)
    work = _Work(journal, kept, target, clock, lease_owner(), breaker, chance or random.Random())
    if breaker.wait() > 0:
        work.done.waits = True
        return work.done
    inbox_leases.recover(journal)
    _ignore_unreadable(work)
    _read_backlog(work)
    can = target.capabilities
    for records in _RANKS:
        readable = [str(one) for one in records if one in can.reads or _is_any(one, can.reads)]
        while readable and goes_on() and not work.done.silent:
            claimed = inbox_leases.claim(journal, kept.name, work.owner, readable, AT_ONCE)
            if not claimed:
                break
            _look_at(work, claimed)
    work.done.waits = bool(inbox_leases.waiting(journal, kept.name)) or bool(work.done.silent)
    return work.done


def _is_any(record: str, reads: Collection[Kind]) -> bool:
    """Whether a hint that does not tell its kind can be read as one of them."""
    return record == DOCUMENT and any(kind in reads for kind in _DOCUMENTS)


def _ignore_unreadable(work: _Work) -> None:
    """Hints at what this connector has no way to read are of no use, and said to be."""
    can = work.target.capabilities
    known = {kind.value for kind in can.reads | can.changes}
    if any(kind in can.reads for kind in _DOCUMENTS):
        known.add(DOCUMENT)
    useless = [
        record
        for record in inbox_leases.waiting(work.journal, work.kept.name)
        if record not in known
    ]
    while useless:
        claimed = inbox_leases.claim(work.journal, work.kept.name, work.owner, useless, 5 * AT_ONCE)
        if not claimed:
            return
        with work.journal.writing(by_row=True) as transaction:
            ended = [Finished(one, State.IGNORED, error="kind") for one in claimed]
            inbox_leases.finish(transaction, work.journal.actor, ended)


def _read_backlog(work: _Work) -> None:
    """Kinds of which hints piled up, and kinds whose records cannot be read one by one."""
    can, target = work.target.capabilities, work.target
    if not isinstance(target, ListsChanges):
        return
    waiting = inbox_leases.waiting(work.journal, work.kept.name)
    for record, (count, oldest) in waiting.items():
        kinds = [kind for kind in can.changes if kind.value == record]
        if not kinds or (count <= BACKLOG and kinds[0] in can.reads):
            continue
        _reach_back(work, kinds[0], oldest)
        found = polling.poll(work.journal, work.kept, target, work.clock, kinds)
        work.done.news += found.news
        work.done.records += found.covered
        work.done.polled.append(record)
        if found.is_silent:
            work.done.silent = next(iter(found.failed.values()))
            return
        if found.failed:
            _blame(work, record, found.failed[record])


def _blame(work: _Work, record: str, words: str) -> None:
    """A kind whose changes the target refuses to list holds up only its own hints, which are set
    apart in the end.
    """
    claimed = inbox_leases.claim(work.journal, work.kept.name, work.owner, [record], 5 * AT_ONCE)
    ended = [
        Finished(one, State.NEW, words, "refused", next_wait(one.attempts, work.chance))
        for one in claimed
    ]
    with work.journal.writing(by_row=True) as transaction:
        inbox_leases.finish(transaction, work.journal.actor, ended)
    work.done.dead += _poisoned(ended)


def _reach_back(work: _Work, kind: Kind, oldest: str) -> None:
    """Let the next reading of a kind begin no later than the oldest hint at it."""
    cursor = cursors.of(work.journal, work.kept.name, kind.value)
    if cursor.mark and oldest < cursor.mark:
        cursors.note(work.journal, work.kept.name, kind.value, mark=oldest)


def _look_at(work: _Work, claimed: Sequence[Claimed]) -> None:
    """Read some records and keep what they are. A reading that is refused is tried one by one, so
    that one bad record holds up only itself.
    """
    try:
        found = _read(work, claimed)
    except Rejected as error:
        if len(claimed) == 1:
            _give_back(work, claimed, error, counts=True)
            return
        _one_by_one(work, claimed)
        return
    except (Unavailable, Uncertain, Throttled, Unauthorized) as error:
        if not isinstance(error, Throttled):
            work.breaker.failed(error.words)
        work.done.silent = telling.tell(error)
        _give_back(work, claimed, error, counts=False)
        return
    except Exception as error:  # what a connector does not understand of one record
        if len(claimed) > 1:
            _one_by_one(work, claimed)
        else:
            _set_apart(work, claimed[0], error)
        return
    work.breaker.succeeded()
    _keep(work, claimed, found)


def _one_by_one(work: _Work, claimed: Sequence[Claimed]) -> None:
    """Until the target is silent; the rest goes back untouched."""
    for place, one in enumerate(claimed):
        if work.done.silent:
            _give_back(work, claimed[place:], Unavailable(work.done.silent), counts=False)
            return
        _look_at(work, [one])


def _set_apart(work: _Work, one: Claimed, error: Exception) -> None:
    """An answer we do not understand is not understood the third time either."""
    words = f"{type(error).__name__}: {error}"
    is_last = one.attempts > 0
    state, wait = (State.DEAD, 0.0) if is_last else (State.NEW, next_wait(0, work.chance))
    with work.journal.writing(by_row=True) as transaction:
        ended = [Finished(one, state, words[:500], "unexpected", wait)]
        inbox_leases.finish(transaction, work.journal.actor, ended)
    work.done.dead += is_last


def _read(work: _Work, claimed: Sequence[Claimed]) -> dict[str, Change]:
    """The records as they are now, by id; those that are not there are missing. Raises
    ConnectorError.
    """
    target, can = work.target, work.target.capabilities
    assert isinstance(target, ReadsRecords)
    by_record: dict[str, list[str]] = {}
    for one in claimed:
        by_record.setdefault(one.record, []).append(one.remote_id)
    found: dict[str, Change] = {}
    for record, ids in by_record.items():
        kinds = _DOCUMENTS if record == DOCUMENT else (Kind(record),)
        left = list(dict.fromkeys(ids))
        for kind in kinds:
            if left and kind in can.reads:
                read = target.read_records(kind, left)
                found |= {_key(record, number): change for number, change in read.items()}
                left = [number for number in left if number not in read]
    return found


def _key(record: str, remote_id: str) -> str:
    return f"{record}/{remote_id}"


def _keep(work: _Work, claimed: Sequence[Claimed], found: Mapping[str, Change]) -> None:
    """What was read, and the end of what hinted at it, in one transaction."""
    name = work.kept.name
    with work.journal.writing(by_row=True) as transaction:
        at = moment(transaction)
        now = database_instant(transaction)
        ended, sighted = [], []
        known = _known(work, transaction, claimed)
        absent = [one for one in claimed if _key(one.record, one.remote_id) not in found]
        is_guarded, is_unknown = _is_too_much(absent, known), False
        for one in claimed:
            change = found.get(_key(one.record, one.remote_id))
            if change is None and is_guarded:
                wait = next_wait(one.attempts, work.chance)
                ended.append(Finished(one, State.NEW, error="guard", wait=wait))
                continue
            if change is None:
                mine = known.get(_key(one.record, one.remote_id), ())
                end, lost = _absent(work, one, mine, at, now)
                ended.append(end)
                sighted += lost
                is_unknown |= one.record == DOCUMENT and end.state is State.IGNORED
                continue
            kind = change.record.kind.value
            rows = known.get(_key(one.record, one.remote_id), ())
            same = {row.remote_id: row for row in rows if row.record == kind}
            (seen,) = sighting.sight(name, [change], same, at)
            sighted.append(seen)
            ended.append(Finished(one, State.DONE if seen.is_news else State.STALE))
        cursors.keep_seen(transaction, [one.row for one in sighted])
        inbox_leases.finish(transaction, work.journal.actor, ended)
        if is_unknown:  # of a kind that is only listed: what changed is asked for at once
            cursors.hasten(transaction, name, at)
    work.done.records += len(claimed)
    work.done.news += sum(1 for one in sighted if one.is_news)
    work.done.dead += _poisoned(ended)


def _known(
    work: _Work, transaction: Transaction, claimed: Sequence[Claimed]
) -> dict[str, list[SeenRow]]:
    """What is known of some records, by kind and id; of a hint that does not tell its kind every
    one it may be that can be read.
    """
    can = work.target.capabilities
    wanted: dict[str, list[str]] = {}
    for one in claimed:
        wanted.setdefault(one.record, []).append(one.remote_id)
    found: dict[str, list[SeenRow]] = {}
    for record, ids in wanted.items():
        documents = [kind.value for kind in _DOCUMENTS if kind in can.reads]
        for kind in documents if record == DOCUMENT else [record]:
            for number, row in cursors.seen(transaction, work.kept.name, kind, ids).items():
                found.setdefault(_key(record, number), []).append(row)
    return found


def _is_too_much(absent: Sequence[Claimed], known: Mapping[str, Sequence[SeenRow]]) -> bool:
    """Whether more known records are absent at once than are likely to be deleted without a word
    of it: a lost permission answers so too.
    """
    lost = [
        one
        for one in absent
        if known.get(_key(one.record, one.remote_id))
        and not any(word in kind.casefold() for kind in one.kinds for word in _ENDS)
    ]
    return len(lost) > guard.LEAST


def _absent(
    work: _Work, one: Claimed, known: Iterable[SeenRow], at: str, now: datetime
) -> tuple[Finished, list[Sighting]]:
    """A record that is not there: too young to be found, gone, or never one of these kinds."""
    is_young = now - datetime.fromisoformat(one.newest) < HOLD_BACK
    if is_young and any("creat" in kind.casefold() for kind in one.kinds):
        wait = next_wait(one.attempts, work.chance)
        return Finished(one, State.NEW, error="absent", wait=wait), []
    lost = [sighting.gone(row, at) for row in known]
    if not lost:
        return Finished(one, State.IGNORED, error="absent"), []
    is_news = any(item.is_news for item in lost)
    return Finished(one, State.DONE if is_news else State.STALE), lost


def _give_back(
    work: _Work, claimed: Sequence[Claimed], error: ConnectorError, counts: bool
) -> None:
    wait = next_wait(max(one.attempts for one in claimed), work.chance)
    if isinstance(error, Throttled):
        wait = error.retry_after
    kind, words = type(error).__name__, telling.tell(error)
    ended = [Finished(one, State.NEW, words, kind, wait, counts) for one in claimed]
    with work.journal.writing(by_row=True) as transaction:
        inbox_leases.finish(transaction, work.journal.actor, ended)
    work.done.dead += _poisoned(ended)


def _poisoned(ended: Iterable[Finished]) -> int:
    """How many were set apart: those that stayed new once too often."""
    return sum(
        1
        for one in ended
        if one.state is State.NEW and one.counts and one.claimed.attempts + 1 >= POISON
    )
