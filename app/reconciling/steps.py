"""A reconciliation on its way from prepared to signed: what the signature is of, and what is open
then and goes into the next month.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import Enum

from app.decisions import Attach
from app.journal import Journal, events, vouching
from app.journal.vouching import NotVouched
from app.matching import Group, MatchState, Side
from app.matching.proof import AGREES, CARRIED
from app.reconciling import signing
from app.reconciling.runs import Reconciliation
from app.reconciling.signing import Standing, State
from app.reconciling.summaries import summary


def advance(journal: Journal, result: Reconciliation, to: State, reason: str = "") -> Standing:
    """Prepare, review or sign what stands; see :func:`app.reconciling.signing.advance`. Raises
    NotVouched besides, where a batch was changed past the program.
    """
    batches_used = [spec.partition(":")[2] for spec in result.specs if spec.startswith("batch:")]
    for number in vouching.unvouched(journal, map(int, batches_used)):
        raise NotVouched(f"batch:{number}")
    seal = signing.Seal(
        result.base,
        result.period,
        _digest(result),
        f"{result.rules.name} {result.rules.version}",
        _open_items(result),
        result.settled,
        summary(result),
    )
    return signing.advance(journal, result.identifier, to, seal, reason)


class Asked(Enum):
    """What the next step wants a reason for."""

    UNEXPLAINED = "unexplained"
    OWN_WORK = "own-work"
    REOPENED = "reopened"


def why_asked(result: Reconciliation, actor: str) -> list[Asked]:
    """What somebody (as the journal names people) has to say why about, before they take the next
    step: to sign what is not all explained, or what they prepared or reviewed themselves; to open
    a signed month again.
    """
    standing = result.standing
    if standing.state is State.SIGNED:
        return [Asked.REOPENED]
    if standing.state is not State.REVIEWED:
        return []
    is_own = actor in (standing.by or {}).values()
    found = {Asked.UNEXPLAINED: not result.settled, Asked.OWN_WORK: is_own}
    return [asked for asked, holds in found.items() if holds]


def changed_since_signing(result: Reconciliation) -> bool:
    """Whether a signed reconciliation would no longer come out as it was signed."""
    return result.standing.state is State.SIGNED and result.standing.digest != _digest(result)


def _digest(result: Reconciliation) -> str:
    """SHA-256 over both sides, every group, the proof and what is attached, whatever order the
    lines came in.
    """
    left, right = result.left, result.right
    groups = sorted(
        [
            sorted(left.key[i] for i in group.left),
            sorted(right.key[j] for j in group.right),
            group.rule.value,
            group.state.value,
            group.adjustment,
        ]
        for group in result.matching.groups
    )
    is_mixed = result.proof.is_mixed
    proof = [
        [
            *([account.currency] if is_mixed else []),
            account.account,
            account.left_closing,
            account.right_closing,
            account.unexplained,
        ]
        for account in result.proof.accounts
    ]
    attached = [item.sha256 for item in result.decided if isinstance(item, Attach)]
    sides = [sorted(left.key), sorted(right.key), *([sorted(attached)] if attached else [])]
    return hashlib.sha256(events.canonical([sides, groups, proof]).encode()).hexdigest()


def _open_items(result: Reconciliation) -> list[dict[str, object]]:
    """What goes into the next month, with the day it was first seen: open lines, lines that are
    only proposed, and what is left of lines a person matched though their sums differ.
    """
    matching = result.matching
    undecided = [group for group in matching.groups if group.state is not MatchState.MATCHED]
    lines = (
        sorted(set(matching.only_left).union(*(group.left for group in undecided))),
        sorted(set(matching.only_right).union(*(group.right for group in undecided))),
    )
    found = [*_open_lines(0, result.left, lines[0]), *_open_lines(1, result.right, lines[1])]
    for group in matching.groups:
        if gap := _rest_of(result, group):
            index = group.left[0]
            found.append(_open_item(0, result.left, index, gap, f"rest:{result.left.key[index]}"))
    return found


def _open_lines(place: int, side: Side, lines: Sequence[int]) -> list[dict[str, object]]:
    """The open lines of a side that nothing explains by itself."""
    return [
        _open_item(place, side, index, int(side.amount[index]), side.key[index])
        for index in lines
        if side.explained.get(index) not in (AGREES, CARRIED)
    ]


def _rest_of(result: Reconciliation, group: Group) -> int:
    """What is left of lines a person matched though their sums differ, in minor units."""
    is_matched = group.state is MatchState.MATCHED and not group.adjustment
    if not is_matched or not group.left or not group.right:
        return 0
    sign = -1 if result.matching.contra else 1
    theirs = sum(int(result.right.amount[j]) for j in group.right)
    return sum(int(result.left.amount[i]) for i in group.left) - sign * theirs


def _open_item(place: int, side: Side, index: int, amount: int, key: str) -> dict[str, object]:
    return {
        "side": place,
        "key": key,
        "day": side.date(index).isoformat(),
        "amount": amount,
        "account": side.account[index],
        "reference": side.reference[index],
        "party": side.party[index],
        "tax_id": side.tax_id[index],
        "text": side.text[index],
        "document": side.document[index],
        "explained": side.explained.get(index, ""),
        "currency": side.currency[index] if side.currency else "",
    }
