"""A month's checklist: what came, what is wrong, what was sent, what still differs, and what to do
next.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from pathlib import PurePath
from typing import Any

from app.documents.adjustment import OWN_SOURCE, Proposed, is_for
from app.documents.fiscal.journaled import states as fiscal_states
from app.documents.fiscal.target import fiscal_key
from app.journal import Journal, batches, documents, events, outbox_rows, pulls
from app.journal.outbox import State
from app.journal.rows import DocumentRow, PullRow
from app.reconciling import signing
from app.reconciling.signing import Standing
from app.sending import proposals

MOST_MONTHS = 120
MOST_BLOCKED = 3
"""Blocked documents that are named."""


class StepName(StrEnum):
    FILES = "files"
    BLOCKED = "blocked"
    MAP = "map"
    SENT = "sent"
    PULLED = "pulled"
    RECONCILED = "reconciled"
    SIGNED = "signed"


class StepState(StrEnum):
    DONE = "done"
    ATTENTION = "attention"
    TODO = "todo"


@dataclass(frozen=True, slots=True)
class Matched:
    """How the last reconciliation of the month came out: its sides, groups and lines; ``explained``
    lines are in ``only_left`` and ``only_right`` too.
    """

    sides: tuple[str, str]
    matched: int
    suggested: int
    different: int
    only_left: int
    only_right: int
    explained: int = 0

    @property
    def open(self) -> int:
        """What a person has to decide, or to explain."""
        alone = self.only_left + self.only_right - self.explained
        return self.suggested + self.different + alone


@dataclass(frozen=True, slots=True)
class Step:
    """``done`` of ``total`` in the step's own unit (files, vouchers, codes, lines); ``amount`` in
    minor units where the step has one; ``blocked`` are the first blocked documents by their numbers
    with the rule each breaks.
    """

    name: StepName
    state: StepState
    done: int
    total: int
    amount: int = 0
    blocked: tuple[tuple[str, str], ...] = ()
    matched: Matched | None = None
    standing: Standing | None = None


def months(journal: Journal) -> list[str]:
    """Every ``yyyy-mm`` of which something was imported, newest first. Of a file that spans more
    than ten years, which a wrong date makes of it, the first and the last.
    """
    found = set(documents.periods(journal))
    for batch in batches.every(journal):
        if batch.first_date and batch.last_date:
            found |= _between(batch.first_date[:7], batch.last_date[:7])
    return sorted(found, reverse=True)


def _between(first: str, last: str) -> set[str]:
    start, end = (int(period[:4]) * 12 + int(period[5:7]) - 1 for period in (first, last))
    if not 0 <= end - start <= MOST_MONTHS:
        return {first, last}
    return {f"{month // 12:04}-{month % 12 + 1:02}" for month in range(start, end + 1)}


def checklist(journal: Journal, period: str, connection_name: str) -> list[Step]:
    """The steps of a month's close against one connection, in the order they are taken. Without
    vouchers and connection two files are reconciled.
    """
    rows = documents.every(journal, period=period) if period else []
    files = _files_step(journal, rows, period)
    last_run = _last_run(journal, connection_name, period)
    if not rows and not connection_name:
        return [files, _reconciled_step(last_run), _signed_step(last_run)]
    last_confirmed = outbox_rows.last_confirmed(journal, connection_name)
    months = _days_of(period)
    last_pull = pulls.latest(journal, connection_name, months) if months else None
    unmapped = len(proposals.unmapped(journal, connection_name)) if connection_name else 0
    is_mapped = bool(files.done) and not unmapped and bool(connection_name)
    return [
        files,
        *_documents_steps(journal, rows, connection_name, is_mapped, unmapped),
        _pulled_step(last_pull, last_confirmed),
        _reconciled_step(last_run),
        _signed_step(last_run),
    ]


def _files_step(journal: Journal, rows: Sequence[DocumentRow], period: str) -> Step:
    """The imports with a document or a day in the month; one that broke off is none."""
    of_documents = {row.batch_id for row in rows}
    found = [
        batch.state == "complete"
        for batch in batches.every(journal)
        if batch.id in of_documents
        or (batch.first_date and batch.first_date[:7] <= period <= batch.last_date[:7])
    ]
    whole = sum(found)
    return Step(StepName.FILES, _state(whole > 0, bool(found)), whole, len(found))


def _documents_steps(
    journal: Journal,
    rows: Sequence[DocumentRow],
    connection_name: str,
    is_mapped: bool,
    unmapped: int,
) -> list[Step]:
    """What is blocked, mapped and sent. What the authority cancelled and what a person gave up
    counts in none.
    """
    counted = _newest_documents(journal, rows, connection_name)
    sent = _states(journal, connection_name)
    gone = _not_to_be_sent(journal, {row.external_ref for row in counted}) | sent[State.SKIPPED]
    left = [row for row in counted if row.external_ref not in gone]
    blocked = [row for row in left if row.state == documents.BLOCKED]
    wanted = {row.external_ref for row in left if row.state == documents.READY}
    confirmed = wanted & sent[State.CONFIRMED]
    is_sent = bool(counted) and wanted == confirmed and bool(wanted or not blocked)
    return [
        Step(
            StepName.BLOCKED,
            _state(bool(counted) and not blocked, bool(blocked)),
            len(blocked),
            len(left),
            blocked=tuple((_number(row), row.blocked_by) for row in blocked[:MOST_BLOCKED]),
        ),
        Step(StepName.MAP, _state(is_mapped, unmapped > 0), unmapped, 0),
        Step(StepName.SENT, _state(is_sent, bool(confirmed)), len(confirmed), len(wanted)),
    ]


def _states(journal: Journal, connection_name: str) -> Mapping[str, set[str]]:
    """State → the references of a connection that are in it; parties and files have some of their
    own.
    """
    found: dict[str, set[str]] = defaultdict(set)
    if connection_name:
        for row in outbox_rows.queue(journal, connection_name):
            found[row.state].add(row.external_ref)
    return found


def _not_to_be_sent(journal: Journal, references: Collection[str]) -> set[str]:
    """Those the authority has as cancelled or rejected: they count no more."""
    gone = {fiscal_key(identifier) for identifier in fiscal_states(journal)}
    if not gone:
        return set()
    return {
        reference
        for reference in references
        if reference.partition(":")[2].partition("#")[0].upper() in gone
    }


def _pulled_step(pull: PullRow | None, last_confirmed: str) -> Step:
    """Done when the books were read after everything was confirmed."""
    if pull is None:
        return Step(StepName.PULLED, StepState.TODO, 0, 0)
    fresh = pull.pulled_at >= last_confirmed
    return Step(StepName.PULLED, _state(fresh, attention=True), pull.lines, 0)


def _reconciled_step(run: _LastRun | None) -> Step:
    if run is None:
        return Step(StepName.RECONCILED, StepState.TODO, 0, 0)
    state = _state(run.settled, attention=True)
    return Step(StepName.RECONCILED, state, 0, 0, amount=run.unexplained, matched=run.matched)


def _signed_step(run: _LastRun | None) -> Step:
    standing = run.standing if run else Standing()
    state = _state(standing.state is signing.State.SIGNED)
    return Step(StepName.SIGNED, state, 0, 0, standing=standing)


def _state(done: bool, attention: bool = False) -> StepState:
    if done:
        return StepState.DONE
    return StepState.ATTENTION if attention else StepState.TODO


def _days_of(period: str) -> tuple[date, date] | None:
    """First and last day of a ``yyyy-mm``."""
    if not period:
        return None
    year, month = map(int, period.split("-"))
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _newest_documents(
    journal: Journal, rows: Sequence[DocumentRow], connection_name: str
) -> list[DocumentRow]:
    """Of a reference that came in several files the newest file counts: a corrected file settles
    what blocked its forerunner. Of adjustments only what is proposed for this connection counts.
    """
    proposed = Proposed(journal)
    newest: dict[str, tuple[int, list[DocumentRow]]] = {}
    for row in rows:
        if row.source_system == OWN_SOURCE and not _is_for(row, connection_name, proposed):
            continue
        file, copies = newest.get(row.external_ref, (0, []))
        same_file = copies if file == row.batch_id else []
        newest[row.external_ref] = (row.batch_id, [*same_file, row])
    return list(chain.from_iterable(copies for _, copies in newest.values()))


def _number(row: DocumentRow) -> str:
    """As findings name it: type and number."""
    return "-".join(filter(None, (row.source_kind, row.number)))


def _is_for(row: DocumentRow, connection_name: str, proposed: Proposed) -> bool:
    """Whether an adjustment is to be sent to this connection."""
    return is_for(row.source_kind, connection_name) and proposed.is_proposed(
        row.external_ref, row.content_hash
    )


@dataclass(frozen=True, slots=True)
class _LastRun:
    settled: bool
    unexplained: int
    matched: Matched
    standing: Standing


def _last_run(journal: Journal, connection_name: str, period: str) -> _LastRun | None:
    """The newest reconciliation of this month, against this connection where there is one; None
    when there was none.
    """
    wanted = f"pull:{connection_name}"
    runs = events.of(journal, area="reconciliation", kinds=("reconciliation.run",))
    for event in reversed(runs):
        data = event.data
        covers = data.get("from", "")[:7] <= period <= data.get("to", "")[:7]
        specs = (data.get("left_spec"), data.get("right_spec"))
        if covers and not data.get("accounts") and (wanted in specs or not connection_name):
            identifier = event.subject.removeprefix("reconciliation:")
            return _LastRun(
                bool(data["settled"]),
                int(data["unexplained"].replace(".", "")),
                _matched(journal, data),
                signing.standing(journal, identifier),
            )
    return None


def _matched(journal: Journal, data: Mapping[str, Any]) -> Matched:
    left, right = (
        _side_text(journal, str(data.get(side, ""))) for side in ("left_spec", "right_spec")
    )

    def count(*names: str) -> int:
        return sum(int(data.get(name, 0)) for name in names)

    return Matched(
        (left, right),
        matched=count("matched"),
        suggested=count("suggested"),
        different=count("different"),
        only_left=count("only_left"),
        only_right=count("only_right"),
        explained=count("only_left_explained", "only_right_explained"),
    )


def _side_text(journal: Journal, spec: str) -> str:
    """A side as people know it: the name of a file, of a connection."""
    if spec.startswith("batch:") and spec[6:].isdecimal():
        batch = batches.find(journal, int(spec[6:]))
        return batch.name if batch else spec
    return PurePath(spec.removeprefix("pull:")).name
