"""Everything that stands in the way of sending, told at once and before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app import documents
from app.company import policy
from app.company.policy import Approval
from app.documents.kind import DocumentKind, Preparation
from app.documents.obstacles import MAPPING_PROBLEMS, Obstacle, Problem
from app.journal import Journal, batches, outbox_rows, vouching
from app.journal import documents as journaled
from app.journal.outbox import Intent, State
from app.journal.rows import DocumentRow, OutboxRow
from app.sending import repeats
from app.sending.repeats import Repeat
from connectors.contract import Connector

APPROVALS = {
    Problem.FILE_HAS_ERRORS: Approval.ERRORS,
    Problem.WARNINGS_NOT_ACCEPTED: Approval.WARNINGS,
    Problem.NOT_APPROVED: Approval.SENDING,
    Problem.FOLIO_TWICE: Approval.FOLIOS,
}
"""What a person can let go, and as what."""


@dataclass
class Preflight:
    """``intents`` may be sent now; ``already`` are there with the same content; ``skipped`` a
    person     decided not to send; ``remapped`` go with other content than they were queued with;
    ``withdrawn`` wait in the outbox and count no more; ``moved`` are in the outbox under a
    document of an earlier batch; of ``superseded`` ones a newer file counts; ``obstacles`` hold
    the rest, among them the ``repeats``: documents that were probably sent under another
    reference. ``unread`` are the target's words where it does not show its books to be compared
    with. ``left_out`` is what does not go along because the target has no place for it (the
    field and its value) with the number of documents; see :mod:`app.documents.left_out`.
    ``calls`` is how many the sending will take, where the target's plan counts them.
    """

    intents: list[Intent] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    remapped: list[Intent] = field(default_factory=list)
    moved: list[Intent] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    obstacles: dict[tuple[Problem, str], Obstacle] = field(default_factory=dict)
    repeats: list[Repeat] = field(default_factory=list)
    unread: str = ""
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: int = 0

    @property
    def mapping_incomplete(self) -> bool:
        return any(problem in MAPPING_PROBLEMS for problem, _ in self.obstacles)

    @property
    def held(self) -> set[str]:
        found: set[str] = set()
        for obstacle in self.obstacles.values():
            found.update(obstacle.documents)
        return found

    def hold(self, problem: Problem, what: str, reference: str) -> None:
        obstacle = self.obstacles.setdefault((problem, what), Obstacle(problem, what))
        obstacle.documents.append(reference)


def check(
    journal: Journal,
    connection_name: str,
    target: Connector,
    batch: int | None = None,
    also: Collection[str] = (),
    *,
    following: bool = False,
) -> Preflight:
    """Examine every document (of one batch, or of all complete ones) against map, target and
    outbox; ``also`` names the kinds that are sent only on request, ``following`` is for those that
    are looked at once the others were sent. Kinds the target does not take are left out, or held
    where they were asked for.
    """
    result = Preflight()
    gate = _Gate(journal)
    for kind in documents.every():
        if kind.follows != following:
            continue
        if kind.on_request and kind.stored.name not in also:
            continue
        if kind.remote in target.capabilities.push or kind.untaken is not None:
            _Examination(journal, connection_name, target, kind, gate, result).run(batch)
    _hold_repeats(journal, connection_name, target, result)
    result.calls = target.capabilities.calls_each * len(result.intents)
    return result


def _hold_repeats(
    journal: Journal, connection_name: str, target: Connector, result: Preflight
) -> None:
    asked = repeats.asked(journal, connection_name)
    found = repeats.likely(journal, connection_name, target, result.intents, asked)
    result.repeats, result.unread = found.repeats, found.unread
    held = {repeat.reference for repeat in found.repeats}
    result.intents = [intent for intent in result.intents if intent.external_ref not in held]
    for repeat in found.repeats:
        result.hold(Problem.SENT_ALREADY, repeat.change, repeat.reference)


class _Examination:
    """The documents of one kind, one after the other."""

    def __init__(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        kind: DocumentKind,
        gate: _Gate,
        result: Preflight,
    ) -> None:
        self._journal, self._name, self._target = journal, connection_name, target
        self._kind, self._gate, self._result = kind, gate, result
        rows = outbox_rows.every(journal, connection_name)
        self._queued: Mapping[str, OutboxRow] = {row.external_ref: row for row in rows}

    def run(self, batch: int | None) -> None:
        found = self._kind.candidates(self._journal, self._name, batch)
        self._result.superseded += found.superseded
        for copies in found.disputed:
            names = " ↔ ".join(dict.fromkeys(f"{row.name} ({row.batch_id})" for row in copies))
            self._result.hold(Problem.FOLIO_TWICE, names, copies[0].external_ref)
        if self._kind.remote not in self._target.capabilities.push:
            self._hold_all(found.rows)
            return
        preparation = self._kind.preparation(self._journal, self._name, self._target, found.rows)
        to_send = [row for row in found.rows if not self._is_done(row)]
        changed = vouching.unvouched(self._journal, {row.batch_id for row in to_send})
        for row in found.rows:
            if row.batch_id in changed and not self._is_done(row):
                batch_name = f"batch:{row.batch_id}"
                self._result.hold(Problem.NOT_VOUCHED, batch_name, row.external_ref)
            else:
                self._examine(row, preparation)

    def _is_done(self, row: DocumentRow) -> bool:
        """Whether a document is in the target already, or is not to go there."""
        queued = self._queued.get(row.external_ref)
        return queued is not None and queued.state in (State.CONFIRMED, State.SKIPPED)

    def _hold_all(self, rows: Collection[DocumentRow]) -> None:
        assert self._kind.untaken is not None
        for row in rows:
            system = self._target.capabilities.system
            self._result.hold(self._kind.untaken, system, row.external_ref)

    def _examine(self, row: DocumentRow, preparation: Preparation) -> None:
        result, reference = self._result, row.external_ref
        queued = self._queued.get(reference)
        if self._is_refused(row, queued, preparation):
            return
        if queued is not None and queued.state == State.SKIPPED:
            self._compare(row, queued)
        elif row.state == journaled.BLOCKED:
            result.hold(Problem.BLOCKED, row.blocked_by, f"{reference} (L{row.line})")
        elif queued is not None and queued.state == State.CONFIRMED:
            self._compare(row, queued)
        elif obstacle := self._gate.obstacle(row):
            result.hold(*obstacle, reference)
        elif row.compacted_at:
            result.hold(Problem.ARCHIVED, row.compacted_at[:10], reference)
        elif queued is None and preparation.is_there(row):
            result.already.append(reference)
        else:
            self._prepare(row, queued, preparation)

    def _is_refused(
        self, row: DocumentRow, queued: OutboxRow | None, preparation: Preparation
    ) -> bool:
        refusal = preparation.refusal(row, queued)
        if refusal is None:
            return False
        if refusal.problem is None:
            self._result.skipped.append(row.external_ref)
            is_waiting = queued is not None and queued.state in (State.QUEUED, State.REJECTED)
            if refusal.withdraws and is_waiting:
                self._result.withdrawn.append(row.external_ref)
        else:
            self._result.hold(refusal.problem, refusal.what, refusal.document)
        return True

    def _compare(self, row: DocumentRow, queued: OutboxRow) -> None:
        """A document that was sent, or that a person skipped."""
        result, reference = self._result, row.external_ref
        is_skipped = queued.state == State.SKIPPED
        same = queued.content_hash == row.content_hash or not self._kind.content_is_final
        if same:
            (result.skipped if is_skipped else result.already).append(reference)
        elif is_skipped:
            result.hold(Problem.CHANGED_AFTER_SKIPPING, reference, reference)
        else:
            result.hold(Problem.CHANGED_AFTER_SENDING, reference, reference)

    def _prepare(
        self, row: DocumentRow, queued: OutboxRow | None, preparation: Preparation
    ) -> None:
        prepared = preparation.prepare(row)
        for problem, what in prepared.obstacles:
            self._result.hold(problem, what, row.external_ref)
        if prepared.obstacles:
            return
        self._result.left_out.update(prepared.left_out)
        name = self._kind.stored.name
        intent = Intent(row.external_ref, row.id, row.content_hash, prepared.payload, name)
        if queued is None:
            self._result.intents.append(intent)
        else:
            self._requeue(row, queued, intent)

    def _requeue(self, row: DocumentRow, queued: OutboxRow, intent: Intent) -> None:
        """A document that stands in the outbox and was not confirmed."""
        is_final = self._kind.content_is_final
        other_content = is_final and queued.content_hash != row.content_hash
        changed = other_content or queued.document != intent.payload
        if changed and queued.state in (State.REJECTED, State.QUEUED):
            self._result.remapped.append(intent)
        elif other_content:
            reference = row.external_ref
            self._result.hold(Problem.CHANGED_AFTER_SENDING, reference, reference)
        elif is_final and queued.document_id != row.id:
            self._result.moved.append(intent)


class _Gate:
    """What the company's policy holds back: files with errors, vouchers with warnings, files nobody
    approved.
    """

    def __init__(self, journal: Journal) -> None:
        self._policy, self._approvals = policy.load(journal), policy.approvals(journal)
        self._names = {row.id: row.name for row in batches.every(journal)}
        holds_files = self._policy.errors == "file"
        asks = self._policy.warnings == "ask"
        self._wrong = journaled.wrong_batches(journal) if holds_files else set()
        self._doubtful = journaled.doubtful(journal) if asks else set()

    def obstacle(self, row: DocumentRow) -> tuple[Problem, str] | None:
        given, name = self._approvals.get(row.batch_id, set()), self._names[row.batch_id]
        if row.id in self._doubtful and Approval.WARNINGS not in given:
            return Problem.WARNINGS_NOT_ACCEPTED, name
        if row.batch_id in self._wrong and Approval.ERRORS not in given:
            return Problem.FILE_HAS_ERRORS, name
        if self._policy.approval == "other" and Approval.SENDING not in given:
            return Problem.NOT_APPROVED, name
        return None
