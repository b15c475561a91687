"""Documents out to a target, each exactly once, whatever breaks on the way.

The intent is durable before the request. A refused document is never repeated; silence is followed
by a look-up and a comparison, never by a blind repeat; what certainly did not happen is repeated
with exponential backoff and full jitter until a deadline. A target that stays silent is left alone
for a while (see :mod:`app.journal.breaker`). Run again, it goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from app import documents
from app.company import targets
from app.decisions import Retry, Skip
from app.documents.kind import DocumentKind
from app.journal import (
    Journal,
    anchors,
    events,
    leases,
    marks,
    outbox,
    outbox_rows,
    overrides,
    roles,
)
from app.journal.breaker import Breaker
from app.journal.leases import Claim, Settlement
from app.journal.memory import Memory
from app.journal.outbox import State
from app.journal.roles import Role
from app.journal.rows import Transaction
from app.sending import preflight, questions, settling
from app.sending.closed_periods import ClosedPeriods
from app.sending.difference_words import said_together
from app.sending.preflight import Preflight
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import RemoteRecord
from connectors.comparison import differences
from connectors.contract import Completes, Connector, Outcome
from connectors.documents import Attachment, Sent
from connectors.errors import (
    ConnectorError,
    Rejected,
    Unauthorized,
    Unavailable,
    Uncertain,
)

LOOK_UP_BATCH = 100
CANCELLED_WHILE_WAITING = QT_TRANSLATE_NOOP(
    "push", "cancelled or rejected at the tax authority while it waited"
)
MARKED_EVERY = 2.0
"""Seconds after which the mark outside of the journal is brought up to date while sending."""


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


Progress = Callable[[int, int], bool]
"""Called with (settled, in all); answers False to stop after the current request."""


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
    sender = _Sender(journal, connection_name, target, sleep, batch, held, company)
    ends = time.monotonic() + deadline
    try:
        sender.run(deadline, progress)
        if any(kind.follows and kind.stored.name in also for kind in documents.every()):
            later = preflight.check(journal, connection_name, target, batch, also, following=True)
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


class _Sender:
    """One run of the loop, under one lease owner."""

    def __init__(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        sleep: Callable[[float], None],
        of_batch: int | None,
        held: Collection[str],
        company: str,
    ) -> None:
        self._company, self._marked = company, time.monotonic()
        self._journal, self._name, self._target, self._sleep = (
            journal,
            connection_name,
            target,
            sleep,
        )
        self._of_batch = of_batch
        open_ones = set(outbox.references(journal, connection_name, outbox.OPEN_STATES))
        self._held = sorted(open_ones.intersection(held))
        self.confirmed = 0
        self._owner = leases.lease_owner()
        self._batch, self._alone = target.capabilities.batch, 0
        self._breaker = Breaker(journal, connection_name)
        self._read = documents.reader(journal)
        self._memory = Memory(journal, connection_name, company)
        self.looked_up, self.look_up_seconds = 0, 0.0
        self._is_guarded = target.capabilities.unique_reference
        self._closed = ClosedPeriods()
        self._waiting: list[str] = []
        """What waits for others in this run: it keeps nobody of a later rank from its look-up."""
        self._absent: set[str] = set()
        """What the target was found not to have, looked up twice where that is needed."""

    def run(self, deadline: float, progress: Progress | None) -> None:
        end = time.monotonic() + deadline
        leases.recover(self._journal, self._name)
        while time.monotonic() < end:
            wait: float | None = self._breaker.wait()
            self._keep_mark()
            if not wait and (self._look_up() or self._send()):
                if progress and not progress(*self._progress()):
                    return
                continue
            if not wait:
                leases.recover(self._journal, self._name)
                wait = leases.seconds_until_due(
                    self._journal, self._name, self._of_batch, self._held
                )
            if wait is None or time.monotonic() + wait > end:
                return
            self._sleep(min(max(wait, 0.01), 1.0))
            if progress and not progress(*self._progress()):
                return

    def _keep_mark(self) -> None:
        """Now and then, so that a copy of the journal made in the middle is recognised as old."""
        if time.monotonic() - self._marked > MARKED_EVERY:
            self._marked = time.monotonic()
            marks.keep(self._journal, self._company)

    def _progress(self) -> tuple[int, int]:
        counts = Counter(outbox.counts(self._journal, self._name, self._of_batch))
        waiting = sum(counts[state] for state in outbox.OPEN_STATES)
        return counts.total() - waiting, counts.total()

    def _send(self) -> bool:
        limit = 1 if self._breaker.probing else self._batch
        claims = leases.claim(
            self._journal, self._name, self._owner, State.QUEUED, limit, self._of_batch, self._held
        )
        if not claims:
            return False
        claims = self._without_waiting(claims)
        if not claims:
            return True
        to_send = [self._read(claim.payload) for claim in claims]
        try:
            claims, to_send = self._without_those_there(claims, to_send)
            claims, to_send = self._still_ours(claims, to_send)
            outcomes = self._create(claims, to_send)
        except Unauthorized as error:
            self._settle_all(claims, error)
            raise
        except ConnectorError as error:
            self._settle_all(claims, error)
            self._note(error)
            self._shrink(error, len(claims))
            return True
        except Exception as error:
            self._settle_all(claims, Uncertain(f"{type(error).__name__}: {error}", "unexpected"))
            raise
        self._breaker.succeeded()
        self._grow(len(claims))
        self._settle(
            [settling.settlement(*item) for item in zip(claims, to_send, outcomes, strict=True)]
        )
        return True

    def _without_waiting(self, claims: Sequence[Claim]) -> list[Claim]:
        """A document that names others goes once the target has confirmed them. One that has to
        wait is queued again and left alone for the rest of the run.
        """
        waiting: list[Settlement] = []
        ready: list[Claim] = []
        for claim in claims:
            needs: list[str] = list(cast(Sequence[str], claim.payload.get("needs", ())))
            there = outbox_rows.remote_ids(self._journal, self._name, needs)
            missing = [name for name in needs if name not in there]
            if missing:
                waiting.append(settling.waits_for(claim, missing))
            else:
                ready.append(claim)
        if waiting:
            self._settle(waiting)
            gone = {item.claim.external_ref for item in waiting}
            self._held = sorted(gone.union(self._held))
            self._waiting = sorted(gone.union(self._waiting))
        return ready

    def _shrink(self, error: ConnectorError, count: int) -> None:
        """After a batch that was refused as a whole its documents go alone; after silence half as
        many go at once.
        """
        if isinstance(error, Rejected) and count > 1:
            self._batch, self._alone = 1, count
        elif isinstance(error, Uncertain):
            self._batch = max(self._batch // 2, 1)

    def _grow(self, count: int) -> None:
        """Batches grow back once the target answers, and those that had to go alone have gone."""
        self._alone = max(self._alone - count, 0)
        if not self._alone:
            self._batch = min(self._batch * 2, self._target.capabilities.batch)

    def _without_those_there(
        self, claims: Sequence[Claim], to_send: Sequence[Sent]
    ) -> tuple[list[Claim], list[Sent]]:
        """What is in the target though the journal does not know it is compared and adopted, not
        sent again: always where the target would take it twice, else for days of which the journal
        may have forgotten what was sent.
        """
        pairs = list(zip(claims, to_send, strict=True))
        doubtful = [pair for pair in pairs if self._may_be_there(pair[0])]
        if not doubtful:
            return list(claims), list(to_send)
        began = time.monotonic()
        some = [claim for claim, _ in doubtful]
        found = self._find(some, [document for _, document in doubtful])
        self.looked_up += len(some)
        self.look_up_seconds += time.monotonic() - began
        settled = [claim for claim in some if found.get(claim.external_ref) or self._waits(claim)]
        self._settle(
            [
                self._after_look_up(claim, found.get(claim.external_ref, ()), guarded=False)
                for claim in settled
            ]
        )
        rest = [pair for pair in pairs if pair[0] not in settled]
        return [claim for claim, _ in rest], [document for _, document in rest]

    def _may_be_there(self, claim: Claim) -> bool:
        if claim.external_ref in self._absent:
            return False
        return not self._is_guarded or not self._remembers(claim)

    def _waits(self, claim: Claim) -> bool:
        """Where the journal forgot, what was sent a moment ago may not be listed yet: that a target
        without a guard has it not is believed when it says so again.
        """
        return not self._is_guarded and not self._remembers(claim)

    def _remembers(self, claim: Claim) -> bool:
        return self._memory.knows(str(claim.payload.get("date", "")))

    def _still_ours(
        self, claims: Sequence[Claim], to_send: Sequence[Sent]
    ) -> tuple[list[Claim], list[Sent]]:
        """Nothing is sent under a lease that ran out while this machine slept or looked up."""
        ours = leases.standing(self._journal, claims)
        pairs = [pair for pair in zip(claims, to_send, strict=True) if pair[0] in ours]
        return [claim for claim, _ in pairs], [document for _, document in pairs]

    def _create(self, claims: Sequence[Claim], to_send: Sequence[Sent]) -> list[Outcome]:
        """Kind by kind; the outcomes stand in the order of the claims."""
        outcomes: dict[str, Outcome] = {}
        for kind, some in self._by_kind(claims, to_send):
            told = {document.reference: self._closed.refusal(document) for document in some}
            outcomes |= {reference: closed for reference, closed in told.items() if closed}
            asked = [document for document in some if document.reference not in outcomes]
            answers = kind.create(self._target, asked) if asked else ()
            for document, answer in zip(asked, answers, strict=True):
                outcomes[document.reference] = answer
                self._closed.learn(document, answer)
        return [outcomes[document.reference] for document in to_send]

    def _find(
        self, claims: Sequence[Claim], wanted: Sequence[Sent]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        found: dict[str, Sequence[RemoteRecord]] = {}
        for kind, some in self._by_kind(claims, wanted):
            found.update(kind.find(self._target, some))
        return found

    def _by_kind(
        self, claims: Sequence[Claim], those: Sequence[Sent]
    ) -> list[tuple[DocumentKind, list[Sent]]]:
        found: dict[str, list[Sent]] = {}
        for claim, document in zip(claims, those, strict=True):
            name = documents.of_payload(claim.payload).stored.name
            found.setdefault(name, []).append(document)
        return [(documents.named(name), some) for name, some in found.items()]

    def _note(self, error: ConnectorError) -> None:
        """Silence wears the breaker out; any answer, a refusal too, is a sign of life."""
        if isinstance(error, Unavailable | Uncertain):
            self._breaker.failed(error.words)
        else:
            self._breaker.succeeded()

    def _settle(self, settlements: Sequence[Settlement]) -> None:
        leases.settle(self._journal, settlements)
        self.confirmed += sum(1 for item in settlements if item.state is State.CONFIRMED)

    def _settle_all(self, claims: Sequence[Claim], error: ConnectorError) -> None:
        leases.settle(
            self._journal,
            [settling.after_error(claim, error, alone=len(claims) == 1) for claim in claims],
        )

    def _look_up(self) -> bool:
        claims = leases.claim(
            self._journal,
            self._name,
            self._owner,
            State.UNCERTAIN,
            LOOK_UP_BATCH,
            self._of_batch,
            self._waiting,
        )
        if not claims:
            return False
        try:
            found = self._find(claims, [self._read(claim.payload) for claim in claims])
        except ConnectorError as error:
            delay = settling.backoff(claims[0].attempts, error)
            leases.settle(
                self._journal,
                [
                    Settlement(
                        claim,
                        State.UNCERTAIN,
                        "outbox.look-up-failed",
                        delay,
                        error_kind=type(error).__name__,
                        error_words=error.words,
                    )
                    for claim in claims
                ],
            )
            if isinstance(error, Unauthorized):
                raise
            self._note(error)
            return True
        self._breaker.succeeded()
        settled = [
            self._after_look_up(claim, found.get(claim.external_ref, ()), guarded=self._is_guarded)
            for claim in claims
        ]
        self._settle(settled)
        self._absent |= {
            item.claim.external_ref for item in settled if item.event == "outbox.not-found"
        }
        return True

    def _after_look_up(
        self, claim: Claim, records: Sequence[RemoteRecord], *, guarded: bool
    ) -> Settlement:
        live = [record for record in records if record.state != "cancelled"]
        if not live:
            return settling.after_nothing_found(claim, records, guarded=guarded)
        if guarded and len(live) == 1 and live[0].state == "draft":
            return Settlement(claim, State.QUEUED, "outbox.not-found")
        if len(live) > 1:
            numbers = ", ".join(record.number for record in live)
            return settling.conflict(
                claim, settling.said_of(settling.SEVERAL, count=len(live), numbers=numbers)
            )
        document = self._read(claim.payload)
        found = differences(document, live[0])
        if found:
            words = f"{live[0].number}: {said_together(found)}"
            return settling.conflict(claim, words, live[0].remote_id)
        return settling.confirmed(claim, self._completed(document, live[0]), "outbox.adopted")

    def _completed(self, document: Sent, record: RemoteRecord) -> RemoteRecord:
        """A document found in the target with the steps a lost answer may have left undone."""
        if not isinstance(self._target, Completes) or isinstance(document, Attachment):
            return record
        try:
            return self._target.complete(document, record)
        except ConnectorError as error:
            return replace(record, changes=(*record.changes, f"not completed: {error.words}"))
