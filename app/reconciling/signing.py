"""Where a reconciliation stands: open, prepared, reviewed, signed; and what a signed month hands to
the next.

The standing is what the journal's events say, nothing else: a signed month is locked, carries the
hash of what was signed and the journal's anchor of that moment, and opens again only with a reason,
the latest month first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.company import policy
from app.company.policy import OwnWork
from app.journal import Journal, anchors, events, marks, roles
from app.journal.overrides import ReasonMissing
from app.journal.roles import Role
from app.matching.side import Carried
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate


class State(StrEnum):
    OPEN = "open"
    PREPARED = "prepared"
    REVIEWED = "reviewed"
    SIGNED = "signed"


STATE_TEXTS = {
    "open": QT_TRANSLATE_NOOP("workbook", "open"),
    "prepared": QT_TRANSLATE_NOOP("workbook", "prepared"),
    "reviewed": QT_TRANSLATE_NOOP("workbook", "reviewed"),
    "signed": QT_TRANSLATE_NOOP("workbook", "signed"),
}
STEPS = (State.OPEN, State.PREPARED, State.REVIEWED, State.SIGNED)
_KINDS = {
    "reconciliation.prepared": State.PREPARED,
    "reconciliation.reviewed": State.REVIEWED,
    "reconciliation.signed": State.SIGNED,
    "reconciliation.reopened": State.OPEN,
}


class Signed(Refused):
    """The reconciliation is signed: nothing of it can be changed."""

    words = QT_TRANSLATE_NOOP(
        "decide", "The reconciliation is signed. Open it again first, with a reason."
    )


class NotThatStep(Refused):
    """The argument is the state it is in, from which the wanted one cannot be reached."""

    words = QT_TRANSLATE_NOOP("decide", "The reconciliation is {state}; that is not the next step.")

    def said(self) -> Mapping[str, object]:
        return {"state": translate("workbook", STATE_TEXTS[str(self)])}


class Unexplained(Refused):
    """There are differences or undecided lines, and no reason was given to sign nevertheless."""

    words = QT_TRANSLATE_NOOP(
        "decide", "There are differences or lines to decide; signing nevertheless needs a reason."
    )


class ChangedMeanwhile(Refused):
    """It is no longer what was prepared or reviewed; it is open again."""

    words = QT_TRANSLATE_NOOP(
        "decide", "It is no longer what was prepared; look at it and prepare it again."
    )


class LaterSigned(Refused):
    """A later month of the same books is signed; the argument is that month, to be opened first."""

    words = QT_TRANSLATE_NOOP("decide", "{period} is signed; open that month again first.")

    def said(self) -> Mapping[str, object]:
        return {"period": self}


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


def standing(journal: Journal, identifier: str) -> Standing:
    """Where a reconciliation stands now."""
    found, by = Standing(), dict[str, str]()
    for event in events.of(journal, subject=f"reconciliation:{identifier}", kinds=tuple(_KINDS)):
        state, data = _KINDS[event.kind], event.data
        by = by | {state.value: event.actor} if state is not State.OPEN else {}
        found = Standing(
            state,
            by,
            reason=str(data.get("reason", "")),
            digest=data.get("digest", ""),
            anchor=data.get("anchor", ""),
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
    marks.keep(journal)
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
                key=item["key"],
                day=date.fromisoformat(item["day"]),
                amount=item["amount"],
                account=item["account"],
                reference=item["reference"],
                party=item["party"],
                tax_id=item["tax_id"],
                text=item["text"],
                explained=item.get("explained", ""),
                document=item.get("document", ""),
                currency=item.get("currency", ""),
            )
        )
    return found


def _seals(journal: Journal) -> dict[str, Mapping[str, Any]]:
    """What was signed and still is, by reconciliation."""
    found: dict[str, Mapping[str, Any]] = {}
    kinds = ("reconciliation.signed", "reconciliation.reopened")
    for event in events.of(journal, area="reconciliation", kinds=kinds):
        identifier = event.subject.partition(":")[2]
        if event.kind == "reconciliation.signed":
            found[identifier] = event.data
        else:
            found.pop(identifier, None)
    return found
