"""Documents out to a target, each exactly once, whatever breaks on the way.

The intent is durable before the request. A refused document is never repeated; silence is followed
by a look-up and a comparison, never by a blind repeat; what certainly did not happen is repeated
with exponential backoff and full jitter until a deadline. A target that stays silent is left alone
for a while (see :mod:`app.journal.breaker`). Run again, it goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from app import documents
from app.company import targets
from app.decisions import Retry, Skip
from app.journal import (
    Journal,
    anchors,
    events,
    marks,
    outbox,
    overrides,
    roles,
)
from app.journal.outbox import State
from app.journal.roles import Role
from app.journal.rows import Transaction
from app.sending import preflight, questions
from app.sending.preflight import Preflight
from app.sending.sender import Progress, Sender
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.contract import Connector

CANCELLED_WHILE_WAITING = QT_TRANSLATE_NOOP(
    "push", "cancelled or rejected at the tax authority while it waited"
)


@dataclass
class PushResult:
    """How many documents: ``confirmed`` by this run, ``already`` before it, ``rejected`` (or in
    conflict), ``uncertain``, ``waiting`` (not sent yet, or held by an obstacle) and ``skipped`` by
    a person.
    """

    confirmed: int = 0
    already: int = 0
    rejected: int = 0
    uncertain: int = 0
    waiting: int = 0
    skipped: int = 0
    preflight: Preflight = field(default_factory=Preflight)
    sent: bool = True
    looked_up: int = 0
    look_up_seconds: float = 0.0
    """How many documents were looked up before their first sending, and how long that took."""
    changed: dict[str, str] = field(default_factory=dict)
    """External reference → what the target did differently from what was sent (another date, say).
    """

    @property
    def clean(self) -> bool:
        return not (self.rejected or self.uncertain or self.waiting or self.changed)


def push(
    journal: Journal,
    connection_name: str,
    target: Connector,
    batch: int | None = None,
    *,
    dry_run: bool = False,
    only_ready: bool = False,
    retry: bool = False,
    also: Collection[str] = (),
    deadline: float = 600.0,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> PushResult:
    """Preflight, then send everything that may go and is not there yet.

    Nothing is sent while the map is incomplete, unless ``only_ready``. ``retry`` takes up again
    what was refused or in conflict, looking it up first; ``also`` names kinds of documents that go
    only on request (contacts of imported listings). With ``batch`` only that batch's documents are
    sent and counted. Raises NotAllowed, and ConnectorError when the target cannot be used at all
    (log-in refused, address wrong).
    """
    roles.require(journal, Role.PUSH)
    company = targets.key_of(journal, connection_name)
    if company:
        targets.recognise(journal, connection_name, target.identify())
        marks.notice(journal, company)
    found = preflight.check(journal, connection_name, target, batch, also)
    result = PushResult(preflight=found, already=len(found.already), skipped=len(found.skipped))
    if dry_run or (found.mapping_incomplete and not only_ready):
        result.sent = False
        result.waiting = len(found.intents) + len(found.held)
        return result
    for reference in found.withdrawn:
        with contextlib.suppress(overrides.NotDecidable):  # another sender has it in hand
            reason = translate("push", CANCELLED_WHILE_WAITING)
            overrides.skip(journal, reference, connection_name, Skip(reason))
    outbox.enqueue(journal, connection_name, found.intents, _unwanted)
    for intent in found.remapped:
        outbox.refresh_payload(journal, connection_name, intent)
    outbox.move(journal, connection_name, found.moved)
    if retry:
        for reference in outbox.references(
            journal, connection_name, (State.REJECTED, State.CONFLICT), batch
        ):
            with contextlib.suppress(overrides.NotDecidable):  # another sender took it meanwhile
                overrides.retry(journal, reference, connection_name, Retry())
    summary = {"documents": len(found.intents), "held": sorted(found.held), "batch": batch}
    summary |= questions.told(found)
    events.record(journal, "push.started", f"connection:{connection_name}", **summary)
    marks.keep(journal, company)
    held = found.held.union(*_not_asked_for(journal, connection_name, also))
    sender = Sender(journal, connection_name, target, sleep, batch, held, company)
    ends = time.monotonic() + deadline
    try:
        sender.run(deadline, progress)
        asked = any(kind.follows and kind.stored.name in also for kind in documents.every())
        if asked and not sender.was_stopped:
            later = preflight.check(journal, connection_name, target, batch, also, following=True)
            found.obstacles |= later.obstacles
            outbox.enqueue(journal, connection_name, later.intents, _unwanted)
            sender.run(max(ends - time.monotonic(), 0.0), progress)
    finally:
        after = outbox.counts(journal, connection_name, batch)
        result.confirmed = sender.confirmed
        result.looked_up = sender.looked_up
        result.look_up_seconds = sender.look_up_seconds
        result.rejected = after[State.REJECTED] + after[State.CONFLICT]
        result.uncertain = after[State.UNCERTAIN]
        queued = outbox.references(journal, connection_name, (State.QUEUED, State.SENDING), batch)
        result.waiting = len(found.held.union(queued))
        result.changed = outbox.changes(journal, connection_name, batch)
        counted = {
            name: getattr(result, name)
            for name in ("confirmed", "rejected", "uncertain", "waiting")
        }
        events.record(journal, "push.ended", f"connection:{connection_name}", **counted)
        anchors.keep(journal)
        marks.keep(journal, company)
    return result


def _not_asked_for(
    journal: Journal, connection_name: str, also: Collection[str]
) -> list[list[str]]:
    """Open documents of kinds that go on request only and were not asked for, kind by kind."""
    kinds = [kind.stored.name for kind in documents.every() if kind.on_request]
    return [
        outbox.references(journal, connection_name, outbox.OPEN_STATES, kind=name)
        for name in kinds
        if name not in also
    ]


def _unwanted(transaction: Transaction) -> set[str]:
    """References no kind wants to be queued after all."""
    found: set[str] = set()
    for kind in documents.every():
        found.update(kind.unwanted(transaction))
    return found
