"""Reconciliation as a use case: two sides, people's decisions from the journal, the result and what
is kept of it.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from app.company import settings
from app.decisions import Attach, Decision, Explain, Split
from app.documents import adjustment
from app.documents.adjustment import Proposal
from app.documents.maps import Maps
from app.journal import Journal, anchors, batches, decided, events, marks, pulls, roles, vouching
from app.journal.roles import Role
from app.journal.vouching import NotVouched
from app.matching import Group, Matching, MatchState, Proof, RuleSet, Side, edits, match, prove
from app.matching import rules as rule_sets
from app.matching.currencies import in_common_currency
from app.matching.proof import AGREES, CARRIED, with_agreeing_balances
from app.money import from_minor
from app.reconciling import signing, standing_adjustments
from app.reconciling.decisions import learned, with_splits
from app.reconciling.sides import UnreadableSide, load
from app.reconciling.signing import Standing, State
from app.reconciling.standing_adjustments import POSTED
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
) -> Reconciliation:
    """Match two sides given as a file, ``batch:ID`` or ``pull:CONNECTION``. Raises UnreadableSide,
    OSError.

    Of a connection's pulls the newest that covers the other side's dates is taken, and of it the
    months of those dates only, so that a month is compared with itself. What was open when an
    earlier month was signed comes along, with its age; without ``rules`` the company's own hold.
    ``book`` names the pair of books from month to month; without it the names of source systems,
    files (without their month) and connections do. ``accounts`` (codes of the target, or how they
    begin) leave everything else out; such a part is a reconciliation of its own.
    """
    return record(journal, tried(journal, left, right, rules, book, accounts))


def tried(
    journal: Journal,
    left: str,
    right: str,
    rules: RuleSet | None = None,
    book: str = "",
    accounts: Sequence[str] = (),
) -> Reconciliation:
    """The same without a trace in the journal: to see what rules would do. Raises UnreadableSide,
    OSError.
    """
    sides = _loaded(journal, left, right)
    months = _months(sides[0]) or _months(sides[1])
    period = _period(months)
    pair = book or _pair_of(journal, (left, right), sides)
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
    matching = match(mine, theirs, applied.decisions, rules, learned(journal))
    explained = _explained(mine, theirs, matching, holds, applied.explained)
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
    )


def record(journal: Journal, result: Reconciliation) -> Reconciliation:
    """Write into the journal how the reconciliation stands; answers it with its anchor."""
    facts = {
        "left_spec": result.specs[0],
        "right_spec": result.specs[1],
        "settled": result.settled,
        "period": result.period,
        "rules": f"{result.rules.name} {result.rules.version}",
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


def after(result: Reconciliation, made: Sequence[Decision]) -> Reconciliation:
    """The reconciliation with some more decisions, without matching anew: only the groups they
    touch change. They have to be kept in the journal beside (:mod:`app.reconciling.decisions`).
    """
    matching = result.matching
    for decision in made:
        matching = edits.after(matching, result.left, result.right, decision)
    nothing: Sequence[Mapping[int, str]] = ({}, {})
    left, right = _explained(result.left, result.right, matching, made, nothing)
    return replace(
        result,
        left=left,
        right=right,
        matching=matching,
        proof=prove(left, right, matching),
        decided=[*result.decided, *made],
        standing=Standing(),
        edited=True,
    )


def stands(journal: Journal, result: Reconciliation) -> bool:
    """Whether exactly the decisions it was made with hold: nobody decided or took back another."""
    kept = decided.standing(journal, result.identifier)
    return [one for one in kept if one not in result.dropped] == list(result.decided)


def matched_anew(journal: Journal, result: Reconciliation) -> Reconciliation:
    """The reconciliation as it comes out when it is run again, where decisions changed it in place.
    Raises UnreadableSide, OSError.
    """
    if not result.edited:
        return result
    book = result.pair if result.pair == result.book else ""
    return reconcile(
        journal, *result.specs, rules=result.rules, book=book, accounts=result.accounts
    )


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


def _explained(
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


def _pair_of(journal: Journal, specs: tuple[str, str], sides: tuple[Side, Side]) -> str:
    """What a pair of sides is called from month to month; a trial balance is another book than the
    movements.
    """
    names = [
        f"{_book(journal, spec)}{':balances' if side.balances_only else ''}"
        for spec, side in zip(specs, sides, strict=True)
    ]
    return "|".join(names if names[0] != names[1] else specs)


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


def _book(journal: Journal, spec: str) -> str:
    """What a side is called from month to month: the source system of an imported batch, the
    connection of a pull, or the name of a file without its folder and its month.
    """
    number = spec.partition(":")[2]
    if spec.startswith("pull:"):
        return spec
    if not spec.startswith("batch:") or not number.isdigit():
        return f"file:{_without_month(Path(spec).stem)}"
    row = batches.find(journal, int(number))
    assert row is not None
    if row.source_system in ("", "table", "bank"):
        return f"file:{_without_month(Path(row.name).stem)}"
    return f"books:{row.source_system}"


def _without_month(name: str) -> str:
    """A file's name without what says which month it is of; the whole name where nothing else is
    left.
    """
    kept = _MONTH.sub(" ", name.casefold().replace("_", " ").replace("-", " "))
    return " ".join(kept.split()) or name.casefold()


_MONTH = re.compile(
    r"\(\d{1,2}\)|\b(?:copia|copy)\b|\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])?\b|\b(?:0[1-9]|1[0-2])\b"
    r"|\b(?:ene|feb|mar|abr|may|jun|jul|ago|sep|sept|oct|nov|dic|jan|apr|aug|dec)\b"
    r"|\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|january|february"
    r"|march|april|june|july|august|september|october|november|december)\b"
)


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


def summary(result: Reconciliation) -> dict[str, object]:
    """The stable answer of ``cuadre reconcile --json``; amounts as text."""
    matching, proof = result.matching, result.proof

    def side(side: Side) -> dict[str, object]:
        return {
            "name": side.name,
            "lines": len(side),
            "total": str(from_minor(side.total)),
            "debit": str(from_minor(side.debit)),
            "credit": str(from_minor(side.credit)),
        }

    return {
        "left": side(result.left),
        "right": side(result.right),
        "matched": matching.count(MatchState.MATCHED),
        "suggested": matching.count(MatchState.SUGGESTED),
        "different": matching.count(MatchState.DIFFERENT),
        "only_left": len(matching.only_left),
        "only_right": len(matching.only_right),
        "only_left_explained": sum(
            1 for index in matching.only_left if index in result.left.explained
        ),
        "only_right_explained": sum(
            1 for index in matching.only_right if index in result.right.explained
        ),
        "carried_forward": len(result.left.carried) + len(result.right.carried),
        "state": result.standing.state.value,
        "rules": {"name": result.rules.name, "version": result.rules.version},
        "contra": matching.contra,
        "not_searched": matching.not_searched,
        "accounts_together": [
            {"left": pair.left, "right": pair.right, "lines": pair.lines, "share": pair.share}
            for pair in matching.accounts
        ],
        "shares": [
            {
                "percent": str(share.percent),
                "amounts": share.amounts,
                "cents": share.cents,
            }
            for share in matching.shares
        ],
        "explained": {
            category: str(from_minor(amount))
            for category, amount in sorted(proof.explained.items())
        },
        "difference": str(from_minor(proof.difference)),
        "unexplained": str(from_minor(proof.unexplained)),
        "currencies": _by_currency(result),
    }


def _by_currency(result: Reconciliation) -> dict[str, dict[str, str]]:
    """Net of both sides and what is to be explained, by currency: amounts of several are never one
    sum.
    """
    found: dict[str, dict[str, str]] = {}
    for code in result.proof.currencies:
        proof = result.proof.of_currency(code)
        found[code] = {
            "left": str(from_minor(sum(row.left_movements for row in proof.accounts))),
            "right": str(from_minor(sum(row.right_movements for row in proof.accounts))),
            "difference": str(from_minor(proof.difference)),
            "unexplained": str(from_minor(proof.unexplained)),
        }
    return found


def accounts(result: Reconciliation) -> list[dict[str, object]]:
    """A row an account: balances, difference, open items and state; amounts as text."""
    return [
        {
            "account": account.account,
            "right_account": account.theirs,
            "left": str(from_minor(account.left_closing)),
            "right": str(from_minor(account.right_closing)),
            "difference": str(from_minor(account.difference)),
            "unexplained": str(from_minor(account.unexplained)),
            "open_items": account.open_items,
            "state": account.state.value,
        }
        for account in result.proof.accounts
    ]


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


__all__ = ["Reconciliation", "State", "UnreadableSide", "reconcile", "summary"]
