"""The loop that sends what is queued: claims under a lease, one run with one owner."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import cast

from app import documents
from app.documents.kind import DocumentKind
from app.journal import (
    Journal,
    leases,
    marks,
    outbox,
    outbox_rows,
)
from app.journal.breaker import Breaker
from app.journal.leases import Claim, Settlement
from app.journal.memory import Memory
from app.journal.outbox import State
from app.sending import settling
from app.sending.closed_periods import ClosedPeriods
from app.sending.difference_words import said_together
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
MARKED_EVERY = 2.0
"""Seconds after which the mark outside of the journal is brought up to date while sending."""
Progress = Callable[[int, int], bool]
"""Called with (settled, in all); answers False to stop after the current request."""


class Sender:
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
        self.was_stopped = False
        """By whoever follows the progress."""
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
                    self.was_stopped = True
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
                self.was_stopped = True
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
