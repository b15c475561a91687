"""Reconciliation as a use case: two sides, people's decisions from the journal, the result and what
is kept of it.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.company import settings
from app.decisions import Decision, Explain, Split
from app.documents import adjustment
from app.documents.adjustment import Proposal
from app.documents.maps import Maps
from app.journal import Journal, anchors, decided, events, marks, pulls, roles
from app.journal.roles import Role
from app.matching import Matching, MatchState, Proof, RuleSet, Side, match, prove
from app.matching import rules as rule_sets
from app.matching.currencies import in_common_currency
from app.matching.proof import with_agreeing_balances
from app.reconciling import signing, standing_adjustments
from app.reconciling.books import pair_of
from app.reconciling.decisions import learned, with_splits
from app.reconciling.origins import Origin, origin_of
from app.reconciling.sides import UnreadableSide, load
from app.reconciling.signing import Standing, State
from app.reconciling.standing_adjustments import POSTED
from app.reconciling.summaries import summary
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

RULES_SETTING = "reconciliation-rules"


class NoSuchAccount(Refused, LookupError):
    """Neither side has one of the accounts; the argument is what was asked for."""

    words = QT_TRANSLATE_NOOP("decide", "Neither side has an account that begins with {account}.")

    def said(self) -> Mapping[str, object]:
        return {"account": self}


@dataclass(frozen=True)
class Reconciliation:
    """``identifier`` names the pair of sides and the period; decisions hang on it. ``base`` is the
    pair without the period, ``pair`` without the accounts it is confined to, ``book`` the pair
    whichever side is left, ``anchor`` the journal's after the run, ``decided`` what people decided
    that still holds, ``dropped`` what hangs on lines that are no longer there.
    """

    identifier: str
    specs: tuple[str, str]
    left: Side
    right: Side
    matching: Matching
    proof: Proof
    anchor: str = ""
    base: str = ""
    period: str = ""
    rules: RuleSet = field(default_factory=RuleSet)
    decided: Sequence[Decision] = ()
    dropped: Sequence[Decision] = ()
    standing: Standing = field(default_factory=Standing)
    book: str = ""
    pair: str = ""
    accounts: Sequence[str] = ()
    adjusted: Sequence[Proposal] = ()
    """The adjustments of these books that stand, of every month."""
    months: tuple[date, date] | None = None
    """First and last day of the months it covers."""
    origins: tuple[Origin, Origin] | None = None
    """What the sides were when they were read."""
    edited: bool = False
    """Whether it was changed by decisions since it was matched."""

    @property
    def first_day(self) -> date:
        """Of the first month; long ago where there is none."""
        return date.fromisoformat(f"{self.period[:7]}-01") if self.period else date.min

    @property
    def open_lines(self) -> tuple[list[int], list[int]]:
        """Lines of both sides that neither are matched nor explained."""
        left = [index for index in self.matching.only_left if index not in self.left.explained]
        return left, [
            index for index in self.matching.only_right if index not in self.right.explained
        ]

    @property
    def settled(self) -> bool:
        """Nothing to decide and nothing to explain."""
        undecided = self.matching.count(MatchState.SUGGESTED) + self.matching.count(
            MatchState.DIFFERENT
        )
        return not (any(self.open_lines) or undecided or self.proof.unexplained)


def reconcile(
    journal: Journal,
    left: str,
    right: str,
    rules: RuleSet | None = None,
    book: str = "",
    accounts: Sequence[str] = (),
    progress: Callable[[int, int], bool] | None = None,
) -> Reconciliation:
    """Match two sides given as a file, ``batch:ID`` or ``pull:CONNECTION``. Raises UnreadableSide,
    OSError; Stopped where ``progress`` does not want to go on.

    Of a connection's pulls the newest that covers the other side's dates is taken, and of it the
    months of those dates only, so that a month is compared with itself. What was open when an
    earlier month was signed comes along, with its age; without ``rules`` the company's own hold.
    ``book`` names the pair of books from month to month; without it the names of source systems,
    files (without their month) and connections do. ``accounts`` (codes of the target, or how they
    begin) leave everything else out; such a part is a reconciliation of its own.
    """
    return record(journal, tried(journal, left, right, rules, book, accounts, progress))


def tried(
    journal: Journal,
    left: str,
    right: str,
    rules: RuleSet | None = None,
    book: str = "",
    accounts: Sequence[str] = (),
    progress: Callable[[int, int], bool] | None = None,
) -> Reconciliation:
    """The same without a trace in the journal: to see what rules would do. Raises UnreadableSide,
    OSError.
    """
    sides = _loaded(journal, left, right)
    months = _months(sides[0]) or _months(sides[1])
    period = _period(months)
    origins = origin_of(journal, left, months), origin_of(journal, right, months)
    pair = book or pair_of(journal, (left, right), sides)
    base = f"{pair}|{','.join(sorted(accounts))}" if accounts else pair
    identifier, rules = (
        adjustment.reconciliation_name(base, period),
        rules or company_rules(journal),
    )
    sides = in_common_currency(*_of_accounts(sides, accounts), settings.currency(journal))
    carried, every = signing.carried(journal, base, period), decided.standing(journal, identifier)
    before = sides[0].extended(carried[0]), sides[1].extended(carried[1])
    mine, theirs = with_splits(before[0], every, 0), with_splits(before[1], every, 1)
    holds = [item for item in every if _holds(item, before, (mine, theirs))]
    dropped = [item for item in every if item not in holds]
    named = book or "|".join(sorted(pair.split("|")))
    standing = standing_adjustments.standing(journal, named, mine, theirs)
    gone = _gone(journal, standing, (left, right), mine, theirs)
    there = [one for one in standing if one.said.reference not in gone]
    applied = standing_adjustments.applied(holds, there, mine, theirs, period)
    matching = match(mine, theirs, applied.decisions, rules, learned(journal), progress)
    explained = with_explanations(mine, theirs, matching, holds, applied.explained)
    mine, theirs = with_agreeing_balances(*explained, matching)
    return Reconciliation(
        identifier=identifier,
        specs=(left, right),
        left=mine,
        right=theirs,
        matching=matching,
        proof=prove(mine, theirs, matching),
        base=base,
        period=period,
        rules=rules,
        decided=holds,
        dropped=dropped,
        standing=signing.standing(journal, identifier),
        book=named,
        pair=pair,
        accounts=tuple(accounts),
        adjusted=standing,
        months=months,
        origins=origins,
    )


def record(journal: Journal, result: Reconciliation) -> Reconciliation:
    """Write into the journal how the reconciliation stands; answers it with its anchor."""
    facts = {
        "left_spec": result.specs[0],
        "right_spec": result.specs[1],
        "settled": result.settled,
        "period": result.period,
        "rules": f"{result.rules.name} {result.rules.version}",
        "accounts": list(result.accounts),
        **_dates(result.months),
        **summary(result),
        "open_documents": _open_documents(result),
        "stale_adjustments": standing_adjustments.stale_references(
            result.adjusted,
            result.identifier,
            "" if result.accounts else result.pair,
            result.period,
            result.left,
            result.right,
        ),
    }
    name = f"reconciliation:{result.identifier}"
    events.record(journal, "reconciliation.run", name, **facts)
    anchors.keep(journal)
    marks.keep(journal)
    return replace(result, anchor=str(anchors.head(journal) or ""))


def _loaded(journal: Journal, left: str, right: str) -> tuple[Side, Side]:
    """Both sides; a pull after the other side, whose months say which of it is wanted."""
    connection_name = next(
        (spec.partition(":")[2] for spec in (right, left) if spec.startswith("pull:")), ""
    )
    maps = Maps.load(journal, connection_name) if connection_name else None
    sides: dict[str, Side] = {}
    for spec in sorted({left, right}, key=lambda spec: spec.startswith("pull:")):
        months = _months(next(iter(sides.values()), None))
        sides[spec] = load(journal, spec, maps, connection_name, months)
    return sides[left], sides[right]


def _of_accounts(sides: tuple[Side, Side], accounts: Sequence[str]) -> tuple[Side, Side]:
    """What the sides have of some accounts. Raises NoSuchAccount."""
    if not accounts:
        return sides
    found = sides[0].of_accounts(accounts), sides[1].of_accounts(accounts)
    if not any(side.account or side.closing for side in found):
        raise NoSuchAccount(", ".join(accounts))
    return found


def _period(months: tuple[date, date] | None) -> str:
    """``yyyy-mm``, or the first and the last of several; empty where nothing says."""
    if not months:
        return ""
    first, last = f"{months[0]:%Y-%m}", f"{months[1]:%Y-%m}"
    return first if first == last else f"{first}..{last}"


def _holds(decision: Decision, before: tuple[Side, Side], split: tuple[Side, Side]) -> bool:
    """Whether the lines of a decision are all there: of a split the line before it, of any other
    what is left.
    """
    sides = (*before, *split) if isinstance(decision, Split) else split
    mine = _are_there(decision.left, sides[0::2])
    return mine and _are_there(decision.right, sides[1::2])


def _are_there(keys: Iterable[str], sides: Sequence[Side]) -> bool:
    """Whether each of some lines is in one of the sides."""
    return all(any(key in side.places for side in sides) for key in keys)


def company_rules(journal: Journal) -> RuleSet:
    """The rules this company matches by; those shipped where it has none of its own."""
    kept = settings.get(journal, RULES_SETTING)
    try:
        return rule_sets.parse(kept) if kept else RuleSet()
    except rule_sets.NotRules:
        return RuleSet()


def keep_rules(journal: Journal, rules: RuleSet, reason: str = "") -> RuleSet:
    """Make these the company's rules, as the next version; answers them. Raises NotAllowed."""
    roles.require(journal, Role.SIGN)
    following = replace(rules, version=company_rules(journal).version + 1)
    text = rule_sets.dump(following)
    assert rule_sets.parse(text) == following
    settings.put(journal, RULES_SETTING, text, reason)
    return following


def with_explanations(
    left: Side,
    right: Side,
    matching: Matching,
    decided: Iterable[Decision],
    posted: Sequence[Mapping[int, str]],
) -> tuple[Side, Side]:
    """The sides with what is said of open lines: by their adjustments that came back, and by
    people.
    """
    places = left.places, right.places
    found = [{**side.explained, **own} for side, own in zip((left, right), posted, strict=True)]
    for decision in decided:
        if isinstance(decision, Explain):
            for side, keys in enumerate((decision.left, decision.right)):
                known = [key for key in keys if key in places[side]]
                found[side].update({places[side][key]: decision.category for key in known})
    open_lines = set(matching.only_left), set(matching.only_right)
    _leave_to_people(found, (left, right), open_lines, -1 if matching.contra else 1)
    kept = [
        {index: why for index, why in found[side].items() if index in open_lines[side]}
        for side in (0, 1)
    ]
    return replace(left, explained=kept[0]), replace(right, explained=kept[1])


def _leave_to_people(
    found: list[dict[int, str]],
    sides: tuple[Side, Side],
    open_lines: tuple[set[int], set[int]],
    sign: int,
) -> None:
    """The other side of an adjustment is not explained where an open line could be it: somebody
    booked it too.
    """
    for place, side in enumerate(sides):
        other = sides[1 - place]
        there = {
            (other.account[index], sign * int(other.amount[index]))
            for index in open_lines[1 - place]
        }
        for index in [index for index, why in found[place].items() if why == POSTED]:
            if (side.account[index], int(side.amount[index])) in there:
                del found[place][index]


def _gone(
    journal: Journal, standing: Sequence[Proposal], specs: tuple[str, str], left: Side, right: Side
) -> set[str]:
    """Adjustments the target confirmed before its books were read, which these books do not have:
    they explain nothing.
    """
    there = {*left.document, *right.document}
    found: set[str] = set()
    for spec, side in zip(specs, (left, right), strict=True):
        months = _months(side)
        if spec.startswith("pull:") and months:
            name = spec.partition(":")[2]
            days = months[0].isoformat(), months[1].isoformat()
            due = [
                one
                for one in standing
                if one.said.connection == name and days[0] <= one.said.day <= days[1]
            ]
            found |= (
                standing_adjustments.confirmed_before(
                    journal, due, pulls.latest(journal, name, months)
                )
                - there
            )
    return found


def _dates(months: tuple[date, date] | None) -> dict[str, str]:
    return {"from": str(months[0]), "to": str(months[1])} if months else {}


def _open_documents(result: Reconciliation) -> list[str]:
    """External references of the documents of either side that some line is not matched of."""
    found: set[str] = set()
    for group in result.matching.groups:
        if group.state is not MatchState.MATCHED:
            found.update(result.left.document[index] for index in group.left)
            found.update(result.right.document[index] for index in group.right)
    found.update(result.left.document[index] for index in result.matching.only_left)
    found.update(result.right.document[index] for index in result.matching.only_right)
    return sorted(found - {""})


def _months(side: Side | None) -> tuple[date, date] | None:
    """First and last day of the months a side's lines lie in; where it has none, what it says it
    covers.
    """
    if side is None:
        return None
    if not len(side):
        return side.period
    first, last = date.fromordinal(int(side.day.min())), date.fromordinal(int(side.day.max()))
    return first.replace(day=1), last.replace(day=calendar.monthrange(last.year, last.month)[1])


__all__ = ["Reconciliation", "State", "UnreadableSide", "reconcile"]
