"""Where a reconciliation stands: open, prepared, reviewed, signed; and what a signed month hands to
the next.

The standing is what the journal's events say, nothing else: a signed month is locked, carries the
hash of what was signed and the journal's anchor of that moment, and opens again only with a reason,
the latest month first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.company import policy
from app.company.policy import OwnWork
from app.journal import Journal, anchors, events, roles, schema
from app.journal.overrides import ReasonMissing
from app.journal.roles import Role
from app.matching.side import Carried


class State(StrEnum):
    OPEN = "open"
    PREPARED = "prepared"
    REVIEWED = "reviewed"
    SIGNED = "signed"


STEPS = (State.OPEN, State.PREPARED, State.REVIEWED, State.SIGNED)
_KINDS = {
    "reconciliation.prepared": State.PREPARED,
    "reconciliation.reviewed": State.REVIEWED,
    "reconciliation.signed": State.SIGNED,
    "reconciliation.reopened": State.OPEN,
}


class Signed(Exception):
    """The reconciliation is signed: nothing of it can be changed."""


class NotThatStep(Exception):
    """The argument is the state it is in, from which the wanted one cannot be reached."""


class Unexplained(Exception):
    """There are differences or undecided lines, and no reason was given to sign nevertheless."""


class ChangedMeanwhile(Exception):
    """It is no longer what was prepared or reviewed; it is open again."""


class LaterSigned(Exception):
    """A later month of the same books is signed; the argument is that month, to be opened first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``by`` are who prepared, reviewed and signed; ``digest`` and ``anchor`` are of what was
    signed.
    """

    state: State = State.OPEN
    by: Mapping[str, str] | None = None
    reason: str = ""
    digest: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """What is signed: whose books and which period, the digest over all of it, the open items that
    go on.
    """

    base: str
    period: str
    digest: str
    rules: str
    open_items: Sequence[Mapping[str, object]]
    settled: bool
    facts: Mapping[str, object]


def identifier_of(base: str, period: str) -> str:
    """A name for a pair of sides and its months that fits its column and is never shared by two."""
    plain = f"{base}|{period}"
    return (
        plain
        if len(plain) <= 120
        else hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()
    )


def standing(journal: Journal, identifier: str) -> Standing:
    """Where a reconciliation stands now."""
    table = schema.event
    query = (
        sa.select(table.c.kind, table.c.actor, table.c.data)
        .where(table.c.subject == f"reconciliation:{identifier}", table.c.kind.in_(list(_KINDS)))
        .order_by(table.c.sequence)
    )
    found, by = Standing(), dict[str, str]()
    with journal.reading() as connection:
        for row in connection.execute(query):
            state, data = _KINDS[row.kind], json.loads(row.data)
            by = by | {state.value: row.actor} if state is not State.OPEN else {}
            found = Standing(
                state,
                by,
                str(data.get("reason", "")),
                data.get("digest", ""),
                data.get("anchor", ""),
            )
    return found


def advance(journal: Journal, identifier: str, to: State, seal: Seal, reason: str = "") -> Standing:
    """One step on. Who prepared may not review where the company's policy wants another person.
    Signing wants nothing unexplained, or a reason. Raises NotAllowed, NotThatStep, OwnWork,
    Unexplained, ChangedMeanwhile, LaterSigned.
    """
    roles.require(journal, Role.SIGN)
    now = standing(journal, identifier)
    if STEPS.index(to) != STEPS.index(now.state) + 1:
        raise NotThatStep(now.state.value)
    preparer = (now.by or {}).get(State.PREPARED.value, "")
    if (
        to is State.REVIEWED
        and policy.load(journal).approval == "other"
        and preparer == journal.actor
    ):
        raise OwnWork(preparer)
    if now.digest and now.digest != seal.digest:
        reset(journal, identifier)
        raise ChangedMeanwhile
    if to is State.SIGNED:
        refuse_later(journal, seal.base, seal.period)
    if to is State.SIGNED and not seal.settled and not reason.strip():
        raise Unexplained
    data: dict[str, object] = {
        "base": seal.base,
        "period": seal.period,
        "digest": seal.digest,
        "reason": reason,
    }
    if to is State.SIGNED:
        data |= {
            "open": list(seal.open_items),
            "rules": seal.rules,
            "facts": dict(seal.facts),
            "anchor": str(anchors.head(journal) or ""),
        }
    events.record(journal, f"reconciliation.{to.value}", f"reconciliation:{identifier}", **data)
    anchors.keep(journal)
    return standing(journal, identifier)


def reopen(journal: Journal, identifier: str, reason: str) -> Standing:
    """Back to open. A signed month only with a reason, and not while a later one of the same books
    is signed. Raises NotAllowed, NotThatStep, ReasonMissing, LaterSigned.
    """
    roles.require(journal, Role.SIGN)
    now = standing(journal, identifier)
    if now.state is State.OPEN:
        raise NotThatStep(now.state.value)
    if not reason.strip():
        raise ReasonMissing
    own = _seals(journal).get(identifier)
    if own is not None:
        refuse_later(journal, own["base"], own["period"])
    events.record(journal, "reconciliation.reopened", f"reconciliation:{identifier}", reason=reason)
    return standing(journal, identifier)


def reset(journal: Journal, identifier: str) -> None:
    """What was prepared or reviewed is no longer what it was: back to open."""
    if standing(journal, identifier).state in (State.PREPARED, State.REVIEWED):
        events.record(journal, "reconciliation.reopened", f"reconciliation:{identifier}", reason="")


def refuse_later(journal: Journal, base: str, period: str) -> None:
    """Raises LaterSigned where a month after this one, or one that overlaps it, is signed."""
    later = [
        str(seal["period"])
        for seal in _seals(journal).values()
        if seal["base"] == base
        and seal["period"] != period
        and _bounds(seal["period"])[1] >= _bounds(period)[0]
    ]
    if later:
        raise LaterSigned(max(later))


def _bounds(period: str) -> tuple[str, str]:
    """First and last ``yyyy-mm`` of a period."""
    first, _, last = period.partition("..")
    return first, last or first


def refuse_signed(journal: Journal, identifier: str) -> None:
    """Raises Signed."""
    if standing(journal, identifier).state is State.SIGNED:
        raise Signed


def carried(journal: Journal, base: str, period: str) -> tuple[list[Carried], list[Carried]]:
    """What was open when the last month before this one was signed, of both sides."""
    start = _bounds(period)[0]
    earlier = [
        seal
        for seal in _seals(journal).values()
        if seal["base"] == base and _bounds(seal["period"])[1] < start
    ]
    found: tuple[list[Carried], list[Carried]] = ([], [])
    if not earlier:
        return found
    for item in max(earlier, key=lambda seal: _bounds(seal["period"])[1])["open"]:
        found[item["side"]].append(
            Carried(
                item["key"],
                date.fromisoformat(item["day"]),
                item["amount"],
                item["account"],
                item["reference"],
                item["party"],
                item["tax_id"],
                item["text"],
                item.get("explained", ""),
                item.get("document", ""),
            )
        )
    return found


def _seals(journal: Journal) -> dict[str, dict[str, Any]]:
    """What was signed and still is, by reconciliation."""
    table = schema.event
    query = (
        sa.select(table.c.kind, table.c.subject, table.c.data)
        .where(table.c.kind.in_(["reconciliation.signed", "reconciliation.reopened"]))
        .order_by(table.c.sequence)
    )
    found: dict[str, dict[str, Any]] = {}
    with journal.reading() as connection:
        for row in connection.execute(query):
            identifier = row.subject.partition(":")[2]
            if row.kind == "reconciliation.signed":
                found[identifier] = json.loads(row.data)
            else:
                found.pop(identifier, None)
    return found
