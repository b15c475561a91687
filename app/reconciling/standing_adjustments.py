"""The adjustments that were proposed: what each books, whether it stands, how far it has come, and
what it does to the sides of a reconciliation.

Only what a person decided is sent: a voucher goes when a standing proposal says exactly this
content. Two proposals of one pair of books never settle the same lines.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.journal import Journal, schema
from app.journal.outbox import State
from app.matching import Side
from app.matching.outcome import Decision
from app.matching.proof import ADJUSTMENT, CARRIED
from app.reconciling import signing

POSTED = "adjustment-posted"
"""Category of the other side of an adjustment that came back with the target's books."""
STANDING, TAKEN_BACK = 0, (1, 2)


class AlreadyAdjusted(Exception):
    """The lines have an adjustment already; the argument is its reference."""


class AlreadySent(Exception):
    """The adjustment is in the target or on its way and cannot be taken back; the argument is its
    reference.
    """


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision to adjust. ``amount`` (minor units, debit positive) goes to ``account``, its
    opposite to ``contra``; ``book`` is the pair of books it belongs to in every month (``pair`` as
    its sides stood), ``period`` the months it was proposed in, ``target`` the side that is the
    target's books (0 left, 1 right), ``content`` the hash of the document that says it.
    """

    decision: int
    reconciliation: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    stands: bool
    reference: str
    connection: str
    account: str
    contra: str
    amount: int
    day: str
    book: str
    pair: str
    period: str
    target: int
    content: str

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.left, *self.right)

    @property
    def booked(self) -> tuple[str, ...]:
        """The lines of the target's own books it settles: whatever they are compared with, they are
        adjusted once.
        """
        return (self.left, self.right)[self.target]

    def is_about(self, book: str, keys: Collection[str]) -> bool:
        """Whether it settles one of these lines of these books."""
        return self.touches(keys) if self.book == book else bool(set(self.booked) & set(keys))

    def touches(self, keys: Iterable[str]) -> bool:
        """Whether it settles one of these lines, the line one is a part of, or a part of one."""
        mine = set(self.keys)
        wanted = set(keys)
        return any(key in wanted for own in mine for key in _ancestry(own)) or any(
            key in mine for own in wanted for key in _ancestry(own)
        )


def proposals(connection: sa.Connection) -> list[Proposal]:
    """Every adjustment that was ever proposed, oldest first."""
    table = schema.decision
    query = sa.select(table).where(table.c.action == "adjust").order_by(table.c.id)
    return [
        Proposal(
            row.id,
            row.reconciliation,
            tuple(json.loads(row.left_keys)),
            tuple(json.loads(row.right_keys)),
            row.undone == STANDING,
            **facts_of(row.reason),
        )
        for row in connection.execute(query)
    ]


def standing(journal: Journal, book: str, left: Side, right: Side) -> list[Proposal]:
    """Those of a pair of books that stand, whatever month and accounts they were proposed in; and
    those of other pairs about lines of the target that are here too.
    """
    with journal.reading() as connection:
        every = [one for one in proposals(connection) if one.stands]
    return [
        one
        for one in every
        if one.book == book or any(key in left.places or key in right.places for key in one.booked)
    ]


def facts_of(reason: str) -> dict[str, Any]:
    """What the reason of a decision to adjust says."""
    found: dict[str, Any] = json.loads(reason)
    return found


def not_standing(connection: sa.Connection) -> set[str]:
    """The references of proposals of which none stands any more."""
    every = proposals(connection)
    return {one.reference for one in every} - {one.reference for one in every if one.stands}


def reference_of(reason: str) -> str:
    return str(facts_of(reason)["reference"])


def refuse_overlap(connection: sa.Connection, book: str, keys: Sequence[str]) -> None:
    """Raises AlreadyAdjusted where one of these lines has an adjustment that stands, or was sent
    before it was taken back.
    """
    for one in proposals(connection):
        if one.is_about(book, keys) and (
            one.stands or is_sent(connection, one.connection, one.reference)
        ):
            raise AlreadyAdjusted(one.reference)


def refuse_sent(connection: sa.Connection, reason: str) -> None:
    """Raises AlreadySent."""
    facts = facts_of(reason)
    if is_sent(connection, facts["connection"], facts["reference"]):
        raise AlreadySent(facts["reference"])


def is_sent(connection: sa.Connection, name: str, reference: str) -> bool:
    """Whether the outbox of a connection has it, other than refused or skipped."""
    table = schema.outbox
    query = sa.select(table.c.state).where(
        table.c.connection == name, table.c.external_ref == reference
    )
    return connection.execute(query).scalar() not in (None, State.REJECTED, State.SKIPPED)


def confirmed_before(journal: Journal, every: Sequence[Proposal], pull: int | None) -> set[str]:
    """References the target had confirmed when a pull was read."""
    outbox, pulled = schema.outbox, schema.pull
    if not every or pull is None:
        return set()
    with journal.reading() as connection:
        read_at = connection.execute(
            sa.select(pulled.c.pulled_at).where(pulled.c.id == pull)
        ).scalar_one()
        query = sa.select(outbox.c.external_ref).where(
            outbox.c.connection == every[0].connection,
            outbox.c.state == State.CONFIRMED,
            outbox.c.confirmed_at != "",
            outbox.c.confirmed_at < read_at,
            outbox.c.external_ref.in_([one.reference for one in every]),
        )
        return set(connection.execute(query).scalars())


class Proposed:
    """What may be sent of the vouchers Cuadre wrote itself."""

    def __init__(self, journal: Journal) -> None:
        with journal.reading() as connection:
            every = proposals(connection)
            self._stale = _stale(connection, [one for one in every if one.stands])
        self._standing = {(one.reference, one.content) for one in every if one.stands}
        self._known = {(one.reference, one.content) for one in every}

    def is_withdrawn(self, reference: str, content: str) -> bool:
        return (reference, content) in self._known - self._standing

    def is_proposed(self, reference: str, content: str) -> bool:
        return (reference, content) in self._standing

    def is_stale(self, reference: str) -> bool:
        """Whether the lines it settles were no longer there when its reconciliation was last
        run.
        """
        return reference in self._stale


def _stale(connection: sa.Connection, every: Sequence[Proposal]) -> set[str]:
    """What the newest run that could tell says: of the reconciliation it was proposed in, or of the
    whole month.
    """
    table = schema.event
    found: set[str] = set()
    newest: dict[str, tuple[int, set[str]]] = {}
    for one in every:
        for identifier in {
            one.reconciliation,
            signing.identifier_of(one.pair, one.period),
        } - newest.keys():
            query = (
                sa.select(table.c.sequence, table.c.data)
                .where(
                    table.c.subject == f"reconciliation:{identifier}",
                    table.c.kind == "reconciliation.run",
                )
                .order_by(table.c.sequence.desc())
                .limit(1)
            )
            row = connection.execute(query).first()
            said = json.loads(row.data).get("stale_adjustments", ()) if row else ()
            newest[identifier] = (row.sequence if row else 0, set(said))
        last = max(
            newest[one.reconciliation],
            newest[signing.identifier_of(one.pair, one.period)],
            key=lambda run: run[0],
        )
        if one.reference in last[1]:
            found.add(one.reference)
    return found


def stale_references(
    every: Sequence[Proposal], identifier: str, pair: str, period: str, left: Side, right: Side
) -> list[str]:
    """Of the proposals for this month those whose lines are not here, as far as this run can tell:
    its own, and where it is of whole books (``pair``) those of single accounts.
    """
    return [
        one.reference
        for one in every
        if (one.reconciliation == identifier or (one.pair, one.period) == (pair, period))
        and _oriented(one, left, right) is None
    ]


def _oriented(
    one: Proposal, left: Side, right: Side
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Its lines of the left and of the right side, whichever side they were on when it was
    proposed; None where they are not all there.
    """
    for mine, theirs in ((one.left, one.right), (one.right, one.left)):
        if all(key in left.places for key in mine) and all(key in right.places for key in theirs):
            return mine, theirs
    return None


def applied(
    decided: Sequence[Decision], standing: Sequence[Proposal], left: Side, right: Side, period: str
) -> tuple[list[Decision], list[Mapping[int, str]]]:
    """The decisions with what adjustments do to them, and for each side what explains its lines.

    Lines a standing adjustment settles are a group whose difference goes to its contra account;
    once the voucher is in the books its line joins them, and its other lines are explained. Where
    they are of another month, the voucher settles what was carried forward. One that was changed in
    the target explains nothing.
    """
    found = [decision for decision in decided if decision.action != "adjust"]
    explained: list[dict[int, str]] = [{}, {}]
    lines = _lines_by_document((left, right), {one.reference for one in standing})
    for one in standing:
        booked = lines.get(one.reference, ())
        settling = [
            (place, index)
            for place, index in booked
            if (left, right)[place].account[index] == one.account
        ]
        keys = _oriented(one, left, right)
        if booked and not settling:
            continue
        for place, index in booked:
            if (place, index) not in settling:
                explained[place][index] = POSTED
        if keys is None:
            if one.period != period and not any(
                key in left.places or key in right.places for key in one.keys
            ):
                for place, index in settling:
                    explained[place][index] = CARRIED
            continue
        added = [
            tuple((left, right)[p].key[index] for p, index in settling if p == place)
            for place in (0, 1)
        ]
        mine, theirs = (*keys[0], *added[0]), (*keys[1], *added[1])
        if (mine and theirs) or settling:
            found = [
                known
                for known in found
                if known.action != "accept" or not _overlap(known, mine, theirs)
            ]
            found.append(
                Decision("accept", mine, theirs, one.reference if settling else f"\n{one.contra}")
            )
        else:
            for place, side in enumerate((left, right)):
                explained[place].update(
                    {side.places[key]: f"{ADJUSTMENT}{one.contra}" for key in keys[place]}
                )
    return found, list(explained)


def _lines_by_document(
    sides: tuple[Side, Side], wanted: set[str]
) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for place, side in enumerate(sides):
        for index, reference in enumerate(side.document if wanted else ()):
            if reference in wanted:
                found.setdefault(reference, []).append((place, index))
    return found


def _ancestry(key: str) -> Iterator[str]:
    """A line, and the lines it is a part or the rest of."""
    while key:
        yield key
        key = key.removeprefix("rest:") if key.startswith("rest:") else key.rpartition("/")[0]


def _overlap(decision: Decision, mine: Sequence[str], theirs: Sequence[str]) -> bool:
    return not (set(mine).isdisjoint(decision.left) and set(theirs).isdisjoint(decision.right))
