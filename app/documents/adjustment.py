"""Vouchers Cuadre writes itself to settle a difference: which were proposed, and may be sent.

Only what a person decided is sent: a voucher goes when a standing proposal says exactly this
content. Two proposals of one pair of books never settle the same lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.decisions import Adjust
from app.journal import Journal, decided, events, outbox_rows
from app.journal.outbox import State
from app.journal.rows import Transaction
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

OWN_SOURCE = "cuadre"
"""Source system of the vouchers Cuadre writes itself; their account and journal codes are the
target's own.
"""


def is_own(reference: str) -> bool:
    """Whether a reference is that of a voucher Cuadre wrote itself."""
    return reference.split("/")[1:2] == [OWN_SOURCE]


class AlreadyAdjusted(Refused):
    """The lines have an adjustment already; the argument is its reference."""

    words = QT_TRANSLATE_NOOP("decide", "These lines have an adjustment already: {document}.")

    def said(self) -> Mapping[str, object]:
        return {"document": self}


class AlreadySent(Refused):
    """The adjustment is in the target or on its way and cannot be taken back; the argument is its
    reference.
    """

    words = QT_TRANSLATE_NOOP(
        "decide", "{document} was sent already; it is corrected in the target, not taken back."
    )

    def said(self) -> Mapping[str, object]:
        return {"document": self}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision to adjust (``said``), whether it ``stands``, and in which reconciliation it was
    taken.
    """

    number: int
    reconciliation: str
    stands: bool
    said: Adjust

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.said.left, *self.said.right)

    @property
    def booked(self) -> tuple[str, ...]:
        """The lines of the target's own books it settles: whatever they are compared with, they are
        adjusted once.
        """
        return (self.said.left, self.said.right)[self.said.target]

    def is_about(self, book: str, keys: Collection[str]) -> bool:
        """Whether it settles one of these lines of these books."""
        if self.said.book == book:
            return self.touches(keys)
        return bool(set(self.booked) & set(keys))

    def touches(self, keys: Iterable[str]) -> bool:
        """Whether it settles one of these lines, the line one is a part of, or a part of one."""
        mine, wanted = set(self.keys), set(keys)
        return _descends(mine, wanted) or _descends(wanted, mine)


def proposals(transaction: Transaction) -> list[Proposal]:
    """Every adjustment that was ever proposed, oldest first."""
    return [
        Proposal(row.id, row.reconciliation, row.stands, row.decision)
        for row in decided.every(transaction, Adjust.action)
        if isinstance(row.decision, Adjust)
    ]


def standing(journal: Journal) -> list[Proposal]:
    """Those that nobody took back."""
    with journal.reading() as transaction:
        return [one for one in proposals(transaction) if one.stands]


def not_standing(transaction: Transaction) -> set[str]:
    """The references of proposals of which none stands any more."""
    every = proposals(transaction)
    held = {one.said.reference for one in every if one.stands}
    return {one.said.reference for one in every} - held


def refuse_overlap(transaction: Transaction, book: str, keys: Sequence[str]) -> None:
    """Raises AlreadyAdjusted where one of these lines has an adjustment that stands, or was sent
    before it was taken back.
    """
    for one in proposals(transaction):
        if one.is_about(book, keys) and (one.stands or is_sent(transaction, one.said)):
            raise AlreadyAdjusted(one.said.reference)


def refuse_sent(transaction: Transaction, said: Adjust) -> None:
    """Raises AlreadySent."""
    if is_sent(transaction, said):
        raise AlreadySent(said.reference)


def is_sent(transaction: Transaction, said: Adjust) -> bool:
    """Whether the outbox of its connection has it, other than refused or skipped."""
    state = outbox_rows.state_of(transaction, said.connection, said.reference)
    return state not in (None, State.REJECTED, State.SKIPPED)


def is_for(source_kind: str, connection: str) -> bool:
    """Whether an adjustment goes to this connection; no other gets it."""
    return source_kind.rpartition("@")[2] == connection


def reconciliation_name(base: str, period: str) -> str:
    """A name for a pair of sides and its months that fits its column and is never shared by two."""
    plain = f"{base}|{period}"
    if len(plain) <= 120:
        return plain
    return hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()


class Proposed:
    """What may be sent of the vouchers Cuadre wrote itself."""

    def __init__(self, journal: Journal) -> None:
        with journal.reading() as transaction:
            every = proposals(transaction)
            self._stale = _stale(transaction, [one for one in every if one.stands])
        self._known = {(one.said.reference, one.said.content) for one in every}
        self._standing = {(one.said.reference, one.said.content) for one in every if one.stands}

    def is_withdrawn(self, reference: str, content: str) -> bool:
        return (reference, content) in self._known - self._standing

    def is_proposed(self, reference: str, content: str) -> bool:
        return (reference, content) in self._standing

    def is_stale(self, reference: str) -> bool:
        """Whether the lines it settles were no longer there when its reconciliation was last
        run.
        """
        return reference in self._stale


def _stale(transaction: Transaction, every: Sequence[Proposal]) -> set[str]:
    """What the newest run that could tell says: of the reconciliation it was proposed in, or of the
    whole month.
    """
    runs: dict[str, tuple[int, Collection[str]]] = {}
    found: set[str] = set()
    for one in every:
        whole = reconciliation_name(one.said.pair, one.said.period)
        for name in {one.reconciliation, whole} - runs.keys():
            runs[name] = _last_run(transaction, name)
        newest = max(runs[one.reconciliation], runs[whole], key=lambda run: run[0])
        if one.said.reference in newest[1]:
            found.add(one.said.reference)
    return found


def _last_run(transaction: Transaction, reconciliation: str) -> tuple[int, Collection[str]]:
    """Its place in the chain, and the adjustments that were stale in it."""
    event = events.last(transaction, f"reconciliation:{reconciliation}", "reconciliation.run")
    if event is None:
        return 0, ()
    return event.sequence, event.data.get("stale_adjustments", ())


def _descends(keys: Iterable[str], others: Collection[str]) -> bool:
    """Whether one of the keys is one of the others, or a part of it."""
    return any(not _ancestry(key).isdisjoint(others) for key in keys)


def _ancestry(key: str) -> set[str]:
    """A line, and the lines it is a part or the rest of."""
    return set(_ancestors(key))


def _ancestors(key: str) -> Iterator[str]:
    while key:
        yield key
        is_rest = key.startswith("rest:")
        key = key.removeprefix("rest:") if is_rest else key.rpartition("/")[0]
