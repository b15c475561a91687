"""What changed in a connection since it was last asked, and what is gone from it.

Each kind of record is a stream with a cursor: the instant up to which it was read, by the target's
clock, never by ours. A reading begins an overlap before it, because changes appear late (a long
transaction, a search index), and ends where the target's clock stands less what a change takes to
be found. The cursor moves in the transaction that keeps the last page; what fails is read
again. Where deletes leave no trace, a sweep asks for everything once a night, under a guard: when
much is gone at once it is more likely a lost permission or half an answer, and nothing is believed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from app import telling
from app.company.settings import ConnectionSettings
from app.inbox import guard, sighting
from app.inbox.policies import Policy
from app.inbox.policies import load as policy_of
from app.inbox.sighting import Sighting
from app.journal import Journal, cursors, inbox, inbox_leases
from app.journal.breaker import Breaker
from app.journal.inbox import Door, Hint, State
from app.journal.rows import CursorRow, Transaction
from app.journal.store import database_instant, moment, written
from connectors import DocumentConnector, Kind
from connectors.contract import ListsChanges
from connectors.documents import Change
from connectors.errors import Throttled, Unauthorized, Unavailable, Uncertain
from connectors.transport import ServerClock

PAGE = 500
FIRST_REACH = timedelta(days=62)
"""How far back documents are read the first time: this month and the one before."""
SWEPT = timedelta(days=400)
"""Documents dated earlier are not swept: books so old are closed."""
_YEAR = timedelta(days=365)
_SILENT = (Unavailable, Uncertain, Throttled, Unauthorized)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Polled:
    """What one reading of a connection found: records read, records that changed (``news``), rows
    of the inbox it answered, records that are gone; streams that failed, in words, and whether it
    was because the target does not answer.
    """

    read: int = 0
    news: int = 0
    covered: int = 0
    gone: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    is_silent: bool = False
    guarded: dict[str, int] = field(default_factory=dict)


def streams(target: DocumentConnector) -> list[Kind]:
    """The kinds that are read for changes, documents before catalogues."""
    if not isinstance(target, ListsChanges):
        return []
    return sorted(target.capabilities.changes, key=lambda kind: (kind is Kind.CONTACT, kind))


def due(journal: Journal, kept: ConnectionSettings, kinds: Sequence[Kind]) -> list[Kind]:
    """Of some streams those whose time has come, or that something asked for at once."""
    policy = policy_of(journal, kept, max(len(kinds), 1))
    known = {row.stream: row for row in cursors.every(journal, kept.name)}
    with journal.reading() as transaction:
        at = database_instant(transaction)
    empty = CursorRow(kept.name, "", *[""] * 7)
    return [kind for kind in kinds if _is_due(known.get(kind.value, empty), policy.every(kind), at)]


def _is_due(row: CursorRow, every: float, at: datetime) -> bool:
    if row.due_at and row.due_at <= written(at):
        return True
    if not every:
        return False
    last = datetime.fromisoformat(row.last_started) if row.last_started else _BEGINNING
    return at - last >= timedelta(seconds=every) or last > at


def poll(
    journal: Journal,
    kept: ConnectionSettings,
    target: DocumentConnector,
    clock: ServerClock,
    kinds: Sequence[Kind],
) -> Polled:
    """Read some streams. A stream that fails is told and read again at its next time; the others
    go on, unless the target is silent: then it is left alone for a while.
    """
    found, breaker = Polled(), Breaker(journal, kept.name)
    if breaker.wait() > 0:
        return found
    policy = policy_of(journal, kept, max(len(kinds), 1))
    for kind in kinds:
        try:
            _poll_stream(journal, kept.name, target, clock, kind, policy, found)
            breaker.succeeded()
        except Exception as error:  # one stream an answer is not understood of stops no other
            told = telling.tell(error) or f"{type(error).__name__}: {error}"
            found.failed[kind.value] = told[:500]
            found.is_silent |= isinstance(error, _SILENT)
            words = _said("poll-failed", reason=found.failed[kind.value])
            cursors.note(journal, kept.name, kind.value, words=words)
            if found.is_silent:  # nobody answers the others either; they stay due
                if not isinstance(error, Throttled):
                    breaker.failed(told)
                break
    return found


def _poll_stream(
    journal: Journal,
    name: str,
    target: DocumentConnector,
    clock: ServerClock,
    kind: Kind,
    policy: Policy,
    found: Polled,
) -> None:
    assert isinstance(target, ListsChanges)
    cursor = cursors.of(journal, name, kind.value)
    with journal.reading() as transaction:
        started = moment(transaction)
    cursors.note(journal, name, kind.value, last_started=started, due_at="")
    if clock.ahead is None:
        target.identify()
    until = clock.now() - timedelta(seconds=policy.settle)
    since = _since(cursor, kind, policy, until)
    for page in _pages(target.changed(kind, since, until)):
        with journal.writing(by_row=True) as transaction:
            found.news += _keep(transaction, journal.actor, name, kind, page, bool(cursor.mark))
        found.read += len(page)
    ours = until - timedelta(seconds=clock.ahead or 0.0)
    with journal.writing(by_row=True) as transaction:
        found.covered += inbox_leases.cover(
            transaction,
            journal.actor,
            name,
            kind.value,
            (written(since), min(started, written(ours))),
        )
        moved = {"mark": written(until), "last_done": moment(transaction), "words": ""}
        full = {} if cursor.mark else {"last_full": moved["last_done"]}
        cursors.move(transaction, name, kind.value, {**moved, **full})


def _since(cursor: CursorRow, kind: Kind, policy: Policy, until: datetime) -> datetime:
    """An overlap before the cursor, which a clock that was wrong may have put into the future."""
    if not cursor.mark:
        return _BEGINNING if kind is Kind.CONTACT else until - FIRST_REACH
    mark = min(max(datetime.fromisoformat(cursor.mark), _BEGINNING + _YEAR), until)
    return mark - timedelta(seconds=policy.overlap)


def _keep(
    transaction: Transaction,
    actor: str,
    name: str,
    kind: Kind,
    page: Sequence[Change],
    is_later: bool,
) -> int:
    """Remember what was read, with a row of the inbox for what is news. What a first reading finds
    is where one begins, not news.
    """
    ids = [change.record.remote_id for change in page]
    known = cursors.seen(transaction, name, kind.value, ids)
    sighted = sighting.sight(name, page, known, moment(transaction))
    cursors.keep_seen(transaction, [one.row for one in sighted])
    news = [one for one in sighted if one.is_news]
    if is_later:
        inbox.put(transaction, actor, Door.POLL, name, [_hint(one) for one in news])
    return len(news) if is_later else 0


def _hint(one: Sighting) -> Hint:
    row = one.row
    what = "gone" if row.gone_at else "changed"
    at = datetime.fromisoformat(row.version) if row.version else None
    dedup = f"{row.record}|{row.remote_id}|{row.version or row.content[:32]}|{what}"
    return Hint(dedup, f"{row.record}.{what}", row.record, row.remote_id, at, state=State.DONE)


def sweep(journal: Journal, name: str, target: DocumentConnector, kind: Kind) -> tuple[int, bool]:
    """Ask for every record of a kind and mark those that are gone. Answers how many, and whether
    the guard held them back. Raises ConnectorError: a list that broke off proves nothing.
    """
    with journal.reading() as transaction:
        began = moment(transaction)
    known = {row.remote_id: row for row in cursors.all_seen(journal, name, kind.value)}
    today = datetime.now(UTC).date()
    first = today - SWEPT
    dated = {
        number: row
        for number, row in known.items()
        if kind is Kind.CONTACT or _is_since(row.day, first)
    }
    there = {record.remote_id for record in target.documents(kind, first, today + _AHEAD)}
    missing = [row for number, row in dated.items() if number not in there]
    is_too_much = len(missing) > guard.most_gone(len(dated))
    is_guarded = is_too_much or (not there and len(missing) > 1)
    with journal.writing(by_row=True) as transaction:
        at = moment(transaction)
        words = _said("sweep-guard", count=len(missing), of=len(dated)) if is_guarded else ""
        cursors.move(transaction, name, f"#{kind.value}", {"last_sweep": began, "words": words})
        if is_guarded or not missing:
            return len(missing), is_guarded
        lost = [sighting.gone(row, at) for row in missing]
        cursors.keep_seen(transaction, [one.row for one in lost])
        inbox.put(
            transaction, journal.actor, Door.POLL, name, [_gone_hint(one, at) for one in lost]
        )
    return len(missing), False


_AHEAD = timedelta(days=400)


def _is_since(day: str, first: date) -> bool:
    return bool(day) and day >= first.isoformat()


def _gone_hint(one: Sighting, at: str) -> Hint:
    row = one.row
    dedup = f"{row.record}|{row.remote_id}|{at}|gone"
    return Hint(dedup, f"{row.record}.gone", row.record, row.remote_id, state=State.DONE)


def sweeps_due(journal: Journal, kept: ConnectionSettings, target: DocumentConnector) -> list[Kind]:
    """Kinds that leave no trace when deleted, and were not swept for as long as the policy says."""
    can = target.capabilities
    kinds = sorted(can.changes & can.pull - can.deletes)
    policy = policy_of(journal, kept, max(len(kinds), 1))
    if not policy.sweep:
        return []
    known = {row.stream: row for row in cursors.every(journal, kept.name)}
    with journal.reading() as transaction:
        # a job of the calendar begins a little earlier or later each time
        late = written(database_instant(transaction) - timedelta(seconds=policy.sweep * 0.9))
    read = [kind for kind in kinds if kind.value in known and known[kind.value].last_done]
    return [kind for kind in read if _last_sweep(known, kind) < late]


def _last_sweep(known: Mapping[str, CursorRow], kind: Kind) -> str:
    row = known.get(f"#{kind.value}")
    return row.last_sweep if row else ""


def _pages(changes: Iterator[Change]) -> Iterator[list[Change]]:
    while page := list(itertools.islice(changes, PAGE)):
        yield page


def _said(code: str, **values: object) -> str:
    """What a stream's trouble is, for alerts to put into words."""
    return json.dumps({"code": code, **values}, sort_keys=True)
