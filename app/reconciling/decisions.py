"""What people decide about the lines of a reconciliation: matched, taken apart, split, explained,
evidenced, adjusted.

A decision hangs on what its lines say, not on where they stand, and holds for every later run until
it is taken back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.documents.records import printable
from app.journal import Journal, events, originals, roles, schema
from app.journal.events import NewEvent
from app.journal.roles import Role
from app.journal.store import now
from app.matching import Side
from app.matching.outcome import Decision, Learned
from app.matching.party_names import normalise_name
from app.reconciling import signing, standing_adjustments
from importers.content import Content

if TYPE_CHECKING:
    from app.reconciling.runs import Reconciliation

CATEGORIES = ("in-transit", "timing", "bank-fee", "our-error", "their-error", "other")
"""Why an open line is open, when a person explains it."""
MOST_DESCRIBED = 20
"""Lines of one decision that are described in its event."""
LARGEST_ATTACHMENT = 25_000_000
"""Bytes of a file that is kept with a reconciliation."""


class NotTheSum(Exception):
    """The parts of a line do not add up to it, or one of them is nothing; the argument is what is
    missing, in minor units.
    """


class TooLarge(Exception):
    """A file to attach is larger than is kept; the argument is the limit in bytes."""


def decisions(journal: Journal, identifier: str) -> list[Decision]:
    """What people decided about this pair of sides and did not take back, oldest first."""
    table = schema.decision
    query = (
        sa.select(table)
        .where(table.c.reconciliation == identifier, table.c.undone == 0)
        .order_by(table.c.id)
    )
    with journal.reading() as connection:
        return [
            Decision(
                row.action,
                tuple(json.loads(row.left_keys)),
                tuple(json.loads(row.right_keys)),
                row.reason,
            )
            for row in connection.execute(query)
        ]


def decide(journal: Journal, result: Reconciliation, decision: Decision) -> None:
    """Keep a decision; it holds for every later run over the same lines. What was taken back before
    it can no longer be done again. Raises NotAllowed, Signed, AlreadyAdjusted.
    """
    decide_all(journal, result, lambda _: [decision])


def decide_all(
    journal: Journal, result: Reconciliation, made: Callable[[sa.Connection], Sequence[Decision]]
) -> None:
    """Keep several decisions at once, or none of them: ``made`` gives them while nobody else
    writes.
    """
    roles.require(journal, Role.SIGN)
    table = schema.decision
    with journal.writing() as connection:
        signing.refuse_signed(journal, result.identifier)
        found = made(connection)
        for decision in found:
            if decision.action in ("part", "split"):
                standing_adjustments.refuse_overlap(
                    connection, result.book, (*decision.left, *decision.right)
                )
        gone = (table.c.reconciliation == result.identifier) & (table.c.undone == 1)
        connection.execute(table.update().where(gone).values(undone=2))
        subject = f"reconciliation:{result.identifier}"
        events.append(
            connection,
            journal.actor,
            [
                NewEvent(f"decision.{one.action}", subject, _kept(connection, result, one))
                for one in found
            ],
        )
    signing.reset(journal, result.identifier)


def _kept(
    connection: sa.Connection, result: Reconciliation, decision: Decision
) -> dict[str, object]:
    """Write a decision's row; answers what its event says."""
    values = {"left_keys": json.dumps(decision.left), "right_keys": json.dumps(decision.right)}
    inserted = connection.execute(
        schema.decision.insert().values(
            reconciliation=result.identifier,
            action=decision.action,
            reason=decision.reason,
            at=now(),
            **values,
        )
    )
    key = inserted.inserted_primary_key
    assert key is not None
    return {
        "decision": int(key[0]),
        "left": decision.left,
        "right": decision.right,
        "reason": decision.reason,
        "parties": _parties(result, decision),
        "lines": _described(result, decision),
    }


def _described(result: Reconciliation, decision: Decision) -> list[list[object]]:
    """What the lines of a decision say, for when they are no longer there: side, day, reference,
    minor units.
    """
    found: list[list[object]] = []
    for place, (side, keys) in enumerate(
        ((result.left, decision.left), (result.right, decision.right))
    ):
        places = side.places
        for key in keys[:MOST_DESCRIBED]:
            if key in places:
                index = places[key]
                reference = side.reference[index] or side.text[index]
                found.append(
                    [place, side.date(index).isoformat(), reference, int(side.amount[index])]
                )
    return found


def explain(
    journal: Journal,
    result: Reconciliation,
    left: Sequence[str],
    right: Sequence[str],
    category: str,
    note: str,
) -> None:
    """Say why open lines are open. Raises NotAllowed, Signed, ValueError for an unknown
    category.
    """
    if category not in CATEGORIES:
        raise ValueError(category)
    decide(journal, result, Decision("explain", tuple(left), tuple(right), f"{category}\n{note}"))


def split(
    journal: Journal,
    result: Reconciliation,
    place: int,
    key: str,
    parts: Sequence[int],
    note: str = "",
) -> None:
    """Make several lines of one: ``place`` 0 is the left side, ``parts`` are minor units that add
    up to the line. Raises NotAllowed, Signed, NotTheSum, AlreadyAdjusted, LookupError where there
    is no such line.
    """
    side = (result.left, result.right)[place]
    amount = int(side.amount[side.places[key]])
    missing = amount - sum(parts)
    if missing or len(parts) < 2 or not all(parts):
        raise NotTheSum(missing)
    left, right = ((key,), ()) if place == 0 else ((), (key,))
    decide(journal, result, Decision("split", left, right, f"{','.join(map(str, parts))}\n{note}"))


def with_splits(side: Side, decided: Sequence[Decision], place: int) -> Side:
    """A side with the lines people split as their parts."""
    for decision in decided:
        keys = (decision.left, decision.right)[place]
        if decision.action == "split" and keys:
            parts = [int(part) for part in decision.reason.partition("\n")[0].split(",")]
            side = side.split(keys[0], parts)
    return side


def attach(
    journal: Journal,
    result: Reconciliation,
    path: Path,
    left: Sequence[str],
    right: Sequence[str],
    note: str = "",
) -> None:
    """Keep a file in the journal as evidence of these lines, or of the whole reconciliation where
    there are none. Raises NotAllowed, Signed, TooLarge, OSError.
    """
    roles.require(journal, Role.SIGN)
    signing.refuse_signed(journal, result.identifier)
    content = Content.open(path)
    if content.size > LARGEST_ATTACHMENT:
        raise TooLarge(LARGEST_ATTACHMENT)
    digest = originals.sha256(content)
    name = " ".join(printable(path.name).split())
    with journal.writing() as connection:
        originals.settle(connection, content, digest, name, printable(str(path.resolve())), now())
    decide(
        journal, result, Decision("attach", tuple(left), tuple(right), f"{digest}\n{name}\n{note}")
    )


def attached(decision: Decision) -> tuple[str, str, str]:
    """Name, SHA-256 and note of a file kept as evidence."""
    digest, name, note = decision.reason.split("\n", 2)
    return name, digest, note


def attachment(journal: Journal, digest: str) -> bytes:
    """The bytes of a file kept as evidence. Raises LookupError."""
    table = schema.file
    with journal.reading() as connection:
        row = connection.execute(sa.select(table).where(table.c.sha256 == digest)).first()
        if row is None:
            raise LookupError(digest)
        content = originals.open_original(
            lambda query: connection.execute(query).scalar(), row.id, row.size
        )
        return b"".join(content.parts())


def _parties(result: Reconciliation, decision: Decision) -> list[list[str]]:
    """Names that were matched or parted, where each side has exactly one."""
    if decision.action not in ("accept", "part"):
        return []
    names = []
    for side, keys in ((result.left, decision.left), (result.right, decision.right)):
        found = {normalise_name(side.party[side.places[key]]) for key in keys if key in side.places}
        names.append(found - {""})
    return [[names[0].pop(), names[1].pop()]] if len(names[0]) == len(names[1]) == 1 else []


def undo(journal: Journal, result: Reconciliation) -> bool:
    """Take back the last decision; False when there is none. Raises NotAllowed, Signed,
    AlreadySent.
    """
    return _move(journal, result, sa.func.max, 0, 1, "undone")


def redo(journal: Journal, result: Reconciliation) -> bool:
    """Do again what was taken back last; False when there is nothing. Raises NotAllowed, Signed."""
    return _move(journal, result, sa.func.min, 1, 0, "redone")


def _move(
    journal: Journal, result: Reconciliation, which: object, before: int, after: int, word: str
) -> bool:
    roles.require(journal, Role.SIGN)
    table = schema.decision
    with journal.writing() as connection:
        signing.refuse_signed(journal, result.identifier)
        mine = (table.c.reconciliation == result.identifier) & (table.c.undone == before)
        found = connection.execute(sa.select(which(table.c.id)).where(mine)).scalar()  # type: ignore[operator]
        if found is None:
            return False
        row = connection.execute(sa.select(table).where(table.c.id == found)).one()
        if row.action == "adjust":
            _refuse_adjustment(connection, row, result.book, after)
        connection.execute(table.update().where(table.c.id == found).values(undone=after))
        subject = f"reconciliation:{result.identifier}"
        events.append(
            connection, journal.actor, [NewEvent(f"decision.{word}", subject, {"decision": found})]
        )
    signing.reset(journal, result.identifier)
    return True


def _refuse_adjustment(connection: sa.Connection, row: sa.Row[Any], book: str, after: int) -> None:
    """One that was sent is not taken back; one that was taken back is not done again beside
    another.
    """
    if after:
        standing_adjustments.refuse_sent(connection, row.reason)
    else:
        standing_adjustments.refuse_overlap(
            connection, book, [*json.loads(row.left_keys), *json.loads(row.right_keys)]
        )


def withdraw(journal: Journal, is_wanted: Callable[[sa.Row[Any]], bool]) -> None:
    """Take back one decision for good, whatever came after it. Raises NotAllowed, Signed,
    AlreadySent, LookupError where none is wanted.
    """
    roles.require(journal, Role.SIGN)
    table = schema.decision
    with journal.writing() as connection:
        rows = [
            row
            for row in connection.execute(sa.select(table).where(table.c.undone == 0))
            if is_wanted(row)
        ]
        if not rows:
            raise LookupError
        for row in rows:
            signing.refuse_signed(journal, row.reconciliation)
            if row.action == "adjust":
                standing_adjustments.refuse_sent(connection, row.reason)
            connection.execute(table.update().where(table.c.id == row.id).values(undone=2))
            subject = f"reconciliation:{row.reconciliation}"
            events.append(
                connection,
                journal.actor,
                [NewEvent("decision.withdrawn", subject, {"decision": row.id})],
            )
    for identifier in {row.reconciliation for row in rows}:
        signing.reset(journal, identifier)


def learned(journal: Journal) -> Learned:
    """Pairs of party names people of this company matched, and those they parted, in decisions that
    still stand.
    """
    table, kept = schema.event, schema.decision
    query = sa.select(table.c.kind, table.c.subject, table.c.data).where(
        table.c.kind.in_(["decision.accept", "decision.part"])
    )
    found: dict[str, set[tuple[str, str]]] = {"decision.accept": set(), "decision.part": set()}
    with journal.reading() as connection:
        standing = {
            (
                f"reconciliation:{row.reconciliation}",
                f"decision.{row.action}",
                row.left_keys,
                row.right_keys,
            )
            for row in connection.execute(sa.select(kept).where(kept.c.undone == 0))
        }
        for row in connection.execute(query):
            data = json.loads(row.data)
            if (
                row.subject,
                row.kind,
                json.dumps(data["left"]),
                json.dumps(data["right"]),
            ) in standing:
                found[row.kind].update((one, other) for one, other in data.get("parties", ()))
    parted = found["decision.part"]
    return Learned(frozenset(found["decision.accept"] - parted), frozenset(parted))
