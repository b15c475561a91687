"""Which line of one side is which line of the other, by rules in order, each with a reason a person can check.

Certain rules match; likely ones only suggest; a reference that agrees while the amount does not is reported as
different. A bare amount is never confirmed. The result does not depend on the order of the rows: candidates are
ranked by date, then by key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.reconcile.sides import Side
from app.translation import QT_TRANSLATE_NOOP

DATE_WINDOW_DAYS = 3


class MatchState(StrEnum):
    MATCHED = "matched"
    SUGGESTED = "suggested"
    DIFFERENT = "different"


class Rule(StrEnum):
    """In order of certainty; the first that applies decides."""

    DOCUMENT = "document"
    REFERENCE = "reference"
    NORMALISED_REFERENCE = "normalised-reference"
    PARTY_AND_DATE = "party-and-date"
    DATE_WINDOW = "date-window"
    REFERENCE_OTHER_AMOUNT = "reference-other-amount"
    PERSON = "person"


REASONS: Mapping[Rule, str] = {
    Rule.DOCUMENT: QT_TRANSLATE_NOOP("reconcile", "Same document {reference}, account and amount {amount}."),
    Rule.REFERENCE: QT_TRANSLATE_NOOP("reconcile", "Same reference {reference} and amount {amount}."),
    Rule.NORMALISED_REFERENCE: QT_TRANSLATE_NOOP("reconcile", "Reference {reference} is {other} written otherwise; same amount {amount}."),
    Rule.PARTY_AND_DATE: QT_TRANSLATE_NOOP("reconcile", "Only pair with amount {amount} and party {reference} within {days} days."),
    Rule.DATE_WINDOW: QT_TRANSLATE_NOOP("reconcile", "Only pair with amount {amount} within {days} days; nothing else agrees."),
    Rule.REFERENCE_OTHER_AMOUNT: QT_TRANSLATE_NOOP("reconcile", "Same reference {reference}, but {amount} against {other}."),
    Rule.PERSON: QT_TRANSLATE_NOOP("reconcile", "Decided by a person: {reference}"),
}  # fmt: skip

_CONFIDENCE = {
    Rule.DOCUMENT: 1.0, Rule.REFERENCE: 0.99, Rule.NORMALISED_REFERENCE: 0.96, Rule.PARTY_AND_DATE: 0.9,
    Rule.DATE_WINDOW: 0.6, Rule.REFERENCE_OTHER_AMOUNT: 0.7, Rule.PERSON: 1.0,
}  # fmt: skip
_STATES = {Rule.DATE_WINDOW: MatchState.SUGGESTED, Rule.REFERENCE_OTHER_AMOUNT: MatchState.DIFFERENT}


@dataclass(frozen=True, slots=True)
class Group:
    """Lines (indexes) of both sides that belong together, by which rule and why."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    rule: Rule
    state: MatchState
    confidence: float
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Matching:
    """Every line of either side is in exactly one group or in ``only_left`` / ``only_right``."""

    groups: list[Group] = field(default_factory=list)
    only_left: list[int] = field(default_factory=list)
    only_right: list[int] = field(default_factory=list)

    def count(self, state: MatchState) -> int:
        return sum(1 for group in self.groups if group.state is state)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about lines (by key): ``accept`` them as one group, or ``part`` them for good."""

    action: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    reason: str = ""


def match(left: Side, right: Side, decisions: Sequence[Decision] = ()) -> Matching:
    """Apply people's decisions first, then every rule in order to what is still open."""
    run = _Run(left, right)
    run.apply_decisions(decisions)
    if any(left.document) and any(right.document):
        run.pair(Rule.DOCUMENT, lambda s, i: (s.document[i], s.account[i], int(s.amount[i])) if s.document[i] else None)
    shared_accounts = bool(set(left.account) & set(right.account) - {""})

    def account(side: Side, index: int) -> str:
        return side.account[index] if shared_accounts else ""

    def exact(side: Side, index: int) -> Hashable | None:
        usable = side.normalised[index] != ""
        return (side.reference[index], account(side, index), int(side.amount[index])) if usable else None

    def normalised(side: Side, index: int) -> Hashable | None:
        form = side.normalised[index]
        return (form, account(side, index), int(side.amount[index])) if form else None

    run.pair(Rule.REFERENCE, exact)
    run.pair(Rule.NORMALISED_REFERENCE, normalised)
    run.pair_by_date(
        Rule.PARTY_AND_DATE, lambda s, i: (_party(s, i), account(s, i), int(s.amount[i])) if _party(s, i) else None
    )
    run.pair_unique(
        Rule.REFERENCE_OTHER_AMOUNT, lambda s, i: (s.normalised[i], account(s, i)) if s.normalised[i] else None
    )
    run.pair_by_date(Rule.DATE_WINDOW, lambda s, i: (account(s, i), int(s.amount[i])))
    return run.finish()


class _Run:
    def __init__(self, left: Side, right: Side) -> None:
        self.left, self.right = left, right
        self.open_left = set(range(len(left)))
        self.open_right = set(range(len(right)))
        self.parted: set[tuple[str, str]] = set()
        self.groups: list[Group] = []

    def apply_decisions(self, decisions: Sequence[Decision]) -> None:
        left = {key: index for index, key in enumerate(self.left.key)}
        right = {key: index for index, key in enumerate(self.right.key)}
        for decision in decisions:
            if decision.action == "part":
                self.parted |= {(a, b) for a in decision.left for b in decision.right}
                continue
            mine = tuple(left[key] for key in decision.left if key in left)
            theirs = tuple(right[key] for key in decision.right if key in right)
            whole = len(mine) == len(decision.left) and len(theirs) == len(decision.right)
            if whole and self.open_left >= set(mine) and self.open_right >= set(theirs):
                self._group(Rule.PERSON, mine, theirs, {"reference": decision.reason or "–"})

    def pair(self, rule: Rule, key: Callable[[Side, int], Hashable | None]) -> None:
        """Pair lines of equal key; among several the closest in date, then in order of date and key."""
        for mine, theirs in self._buckets(key):
            for index, partner in _closest(self.left, mine, self.right, theirs):
                self._pair(rule, index, partner)

    def pair_by_date(self, rule: Rule, key: Callable[[Side, int], Hashable | None]) -> None:
        """Pair lines of equal key that are each other's only candidate within the date window."""
        for mine, theirs in self._buckets(key):
            near = [
                (a, b) for a in mine for b in _within(self.left, a, self.right, theirs) if not self._is_parted(a, b)
            ] if len(mine) * len(theirs) <= 10_000 else []  # fmt: skip
            of_left, of_right = _count(a for a, _ in near), _count(b for _, b in near)
            for a, b in near:
                if of_left[a] == 1 and of_right[b] == 1:
                    self._pair(rule, a, b)

    def pair_unique(self, rule: Rule, key: Callable[[Side, int], Hashable | None]) -> None:
        """Pair lines whose key stands exactly once on each side."""
        for mine, theirs in self._buckets(key):
            if len(mine) == len(theirs) == 1 and not self._is_parted(mine[0], theirs[0]):
                self._pair(rule, mine[0], theirs[0])

    def finish(self) -> Matching:
        self.groups.sort(key=lambda group: (group.left or (len(self.left),), group.right))
        return Matching(self.groups, sorted(self.open_left), sorted(self.open_right))

    def _buckets(self, key: Callable[[Side, int], Hashable | None]) -> Iterable[tuple[list[int], list[int]]]:
        mine: dict[Hashable, list[int]] = defaultdict(list)
        for index in self.open_left:
            value = key(self.left, index)
            if value is not None:
                mine[value].append(index)
        theirs: dict[Hashable, list[int]] = defaultdict(list)
        for index in self.open_right:
            value = key(self.right, index)
            if value in mine:
                theirs[value].append(index)
        for value, indexes in theirs.items():
            order_left = sorted(mine[value], key=lambda i: (self.left.day[i], self.left.key[i]))
            order_right = sorted(indexes, key=lambda i: (self.right.day[i], self.right.key[i]))
            yield order_left, order_right

    def _pair(self, rule: Rule, index: int, partner: int) -> None:
        if index not in self.open_left or partner not in self.open_right or self._is_parted(index, partner):
            return
        left, right = self.left, self.right
        amount, other = int(left.amount[index]), right.reference[partner]
        reference = left.document[index] if rule is Rule.DOCUMENT else left.reference[index]
        if rule is Rule.PARTY_AND_DATE:
            reference = left.tax_id[index] or left.party[index]
        if rule is Rule.REFERENCE_OTHER_AMOUNT:
            other = str(int(right.amount[partner]))
        days = abs(int(left.day[index]) - int(right.day[partner]))
        values = {"reference": reference, "amount": amount, "other": other, "days": days}
        self._group(rule, (index,), (partner,), values)

    def _group(
        self, rule: Rule, mine: tuple[int, ...], theirs: tuple[int, ...], parameters: Mapping[str, object]
    ) -> None:
        state = _STATES.get(rule, MatchState.MATCHED)
        self.groups.append(Group(mine, theirs, rule, state, _CONFIDENCE[rule], parameters))
        self.open_left -= set(mine)
        self.open_right -= set(theirs)

    def _is_parted(self, index: int, partner: int) -> bool:
        return bool(self.parted) and (self.left.key[index], self.right.key[partner]) in self.parted


def _closest(left: Side, mine: Sequence[int], right: Side, theirs: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of two lists in date order: same dates first, then the rest in order."""
    if len(mine) == len(theirs) == 1:
        return [(mine[0], theirs[0])]
    waiting: dict[int, list[int]] = defaultdict(list)
    for b in theirs:
        waiting[int(right.day[b])].append(b)
    pairs, rest = [], []
    for a in mine:
        same = waiting.get(int(left.day[a]))
        if same:
            pairs.append((a, same.pop(0)))
        else:
            rest.append(a)
    left_over = {b for waiting_on_day in waiting.values() for b in waiting_on_day}
    remaining = [b for b in theirs if b in left_over]
    return pairs + list(zip(rest, remaining, strict=False))


def _within(left: Side, index: int, right: Side, theirs: Sequence[int]) -> list[int]:
    day = int(left.day[index])
    return [b for b in theirs if abs(int(right.day[b]) - day) <= DATE_WINDOW_DAYS]


def _count(values: Iterable[int]) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for value in values:
        counts[value] += 1
    return counts


def _party(side: Side, index: int) -> str:
    return side.tax_id[index] or side.party[index].casefold().strip()
