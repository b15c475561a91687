"""The proof: opening + movements = closing on each side, and the bridge from one side to the other.

By account: left − (lines only left, by category) + (lines only right) + (amount differences) =
right. What no category explains is the difference that is still to be explained. A side that has
balances and no lines (a trial balance) moves by what its balances say.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from app.matching.currencies import currencies_of, home_currency
from app.matching.outcome import Matching, MatchState
from app.matching.side import Side

CARRIED = "carried-forward"
"""Category of what settles lines of an earlier month."""
AGREES = "balance-agrees"
"""Category of lines whose account ends on the balance the other side states without lines of its
own.
"""
NO_ACCOUNT = "–"
ADJUSTMENT = "adjustment:"
"""Category of what a difference within a rule is posted to; the account or the rule's name follows.
"""


class AccountState(StrEnum):
    """How an account stands: both sides agree with nothing open, every difference is explained,
    lines are still to be decided though the balances agree or are explained, or a difference is
    unexplained.
    """

    AGREES = "agrees"
    EXPLAINED = "explained"
    TO_DECIDE = "to-decide"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class AccountProof:
    """One account, all in minor units, debit positive. ``explained`` is by category (why a line has
    no partner, or where the difference of a match is posted), ``unexplained`` is the left closing −
    explained − the right closing. ``stated`` are the closing balances the sides themselves print,
    None where they do not; ``open_items`` counts lines without a partner and proposals nobody
    decided.
    """

    account: str
    left_opening: int
    left_movements: int
    right_opening: int
    right_movements: int
    only_left: int
    only_right: int
    differing: int
    explained: Mapping[str, int] = field(default_factory=dict)
    stated: tuple[int | None, int | None] = (None, None)
    open_items: int = 0
    currency: str = ""
    """ISO code of the amounts; empty where neither side names one."""
    theirs: str = ""
    """What the right side calls the account, where that is another code of its own chart."""

    @property
    def title(self) -> str:
        """The account as both sides call it, and its currency."""
        named = f"{self.account} = {self.theirs}" if self.theirs else self.account
        return f"{named} {self.currency}".rstrip()

    @property
    def left_closing(self) -> int:
        return self.left_opening + self.left_movements

    @property
    def right_closing(self) -> int:
        return self.right_opening + self.right_movements

    @property
    def difference(self) -> int:
        return self.left_closing - self.right_closing

    @property
    def unexplained(self) -> int:
        return self.left_closing - sum(self.explained.values()) - self.right_closing

    @property
    def state(self) -> AccountState:
        if self.unexplained:
            return AccountState.DIFFERS
        if self.open_items:
            return AccountState.TO_DECIDE
        return AccountState.EXPLAINED if self.difference else AccountState.AGREES

    def disagrees(self, place: int) -> tuple[int, int] | None:
        """What a side (0 left, 1 right) prints as its closing balance and what its opening and
        movements give, where that is not the same.
        """
        stated, computed = self.stated[place], (self.left_closing, self.right_closing)[place]
        return None if stated is None or stated == computed else (stated, computed)


@dataclass(frozen=True)
class Proof:
    accounts: tuple[AccountProof, ...]

    @property
    def currencies(self) -> list[str]:
        """Those of the accounts; amounts of several are never added up."""
        return sorted({account.currency for account in self.accounts})

    @property
    def is_mixed(self) -> bool:
        """Whether there are several currencies, so that totals say nothing."""
        return len(self.currencies) > 1

    def of_currency(self, code: str) -> Proof:
        """The accounts in one currency."""
        return Proof(tuple(one for one in self.accounts if one.currency == code))

    @property
    def difference(self) -> int:
        """Net difference that nothing explains, in minor units."""
        return sum(account.unexplained for account in self.accounts)

    @property
    def unexplained(self) -> int:
        """Sum of the absolute unexplained differences: zero only when every account agrees."""
        return sum(abs(account.unexplained) for account in self.accounts)

    @property
    def explained(self) -> dict[str, int]:
        total: dict[str, int] = defaultdict(int)
        for account in self.accounts:
            for category, amount in account.explained.items():
                total[category] += amount
        return dict(total)


def prove(left: Side, right: Side, matching: Matching) -> Proof:
    """The proof by account and currency, or as one line a currency where a side that has lines
    names no accounts (a bank statement).
    """
    chart = chart_of_left(right, matching)
    right = _in_the_chart_of_left(right, chart)
    theirs = _by_value(chart)
    sides = (left, right)
    shared = all(any(side.account) or not len(side) for side in sides)
    signs = (1, -1 if matching.contra else 1)
    home = home_currency(left, right)
    codes = sorted(currencies_of(left, home) | currencies_of(right, home))
    keys = _keys(left, shared, home), _keys(right, shared, home)
    only = codes[0] if len(codes) == 1 else home
    balanced = _balanced(keys, only)
    tallies: dict[_Key, _Tally] = defaultdict(_Tally)
    if shared:
        for code in {*left.opening, *left.closing, *(_compared(right, left))}:
            tallies[balanced.get(code, _Key(code, only))] = _Tally()
    for place, side in enumerate(sides):
        _movements(tallies, place, side, signs[place], keys[place])
    stated = all(side.opening for side in sides)
    by_balance = tuple(side.balances_only for side in sides)
    lines_only = (matching.only_left, matching.only_right)
    for place, side in enumerate(sides):
        _without_partner(
            tallies,
            place,
            side,
            lines_only[place],
            signs[place],
            keys[place],
            by_balance[1 - place],
            stated,
        )
    _of_groups(tallies, sides, matching, signs[1], keys, stated)
    return Proof(
        tuple(
            _account(
                key,
                tally,
                sides,
                signs,
                shared,
                has_balances=balanced.get(key.account, key) == key,
                theirs=theirs.get(key.account, ""),
            )
            for key, tally in sorted(tallies.items())
        )
    )


def _by_value(chart: Mapping[str, str]) -> dict[str, str]:
    """The codes of the right side by that of the left one they stand for."""
    found: dict[str, list[str]] = defaultdict(list)
    for theirs, ours in sorted(chart.items()):
        found[ours].append(theirs)
    return {ours: ", ".join(codes) for ours, codes in found.items()}


def _in_the_chart_of_left(right: Side, chart: Mapping[str, str]) -> Side:
    """The right side with the codes the left one has for the accounts that are one."""
    if not chart:
        return right
    return replace(
        right,
        account=[chart.get(code, code) for code in right.account],
        opening=_summed(right.opening, chart),
        closing=_summed(right.closing, chart),
    )


def chart_of_left(right: Side, matching: Matching) -> dict[str, str]:
    """What the left side calls accounts of the right one, where two charts have one account under
    two codes. What a rule says holds whichever side is the left one.
    """
    codes = {*right.account, *right.opening, *right.closing} if matching.accounts else set()
    return {
        **{pair.left: pair.right for pair in matching.accounts if pair.left in codes},
        **{pair.right: pair.left for pair in matching.accounts if pair.right in codes},
    }


def _summed(balances: Mapping[str, int], chart: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for code, amount in balances.items():
        found[chart.get(code, code)] += amount
    return dict(found)


def with_agreeing_balances(left: Side, right: Side, matching: Matching) -> tuple[Side, Side]:
    """The sides; where one has balances only, the lines of the other are explained in the accounts
    that agree.
    """
    sides = [left, right]
    for place, other in ((0, right), (1, left)):
        if other.balances_only:
            agree = {
                account.account
                for account in prove(left, right, matching).accounts
                if not account.unexplained
            }
            side = sides[place]
            known = {
                index: AGREES
                for index, code in enumerate(side.account)
                if (code or NO_ACCOUNT) in agree
            }
            sides[place] = replace(side, explained={**known, **side.explained})
    return sides[0], sides[1]


def without_summaries(
    balances: Sequence[tuple[str, int | None, int | None]],
) -> list[tuple[str, int | None, int | None]]:
    """Accounts of a trial balance (code, opening, closing) without those that only sum up others of
    it: their code up to trailing zeros begins the others', whose balances add up to theirs.
    """
    kept = {code: (opening or 0, closing or 0) for code, opening, closing in balances}
    codes = sorted(kept)
    sums = set()
    for code in sorted(codes, key=lambda code: -len(_stems(code)[-1])):
        for stem in _stems(code):
            first, last = bisect_left(codes, stem), bisect_left(codes, stem + "\U0010ffff")
            under = [other for other in codes[first:last] if other != code and other not in sums]
            if under and kept[code] == tuple(
                sum(kept[other][place] for other in under) for place in (0, 1)
            ):
                sums.add(code)
                break
    return [balance for balance in balances if balance[0] not in sums]


def _stems(code: str) -> list[str]:
    """What codes under an account may begin with, longest first: itself, without its segments of
    zeros, without zeros.
    """
    segments = code
    while (
        segments
        and segments.rstrip("0") != segments
        and segments.rstrip("0")[-1:] in ("-", ".", " ")
    ):
        segments = segments.rstrip("0").rstrip("-. ")
    return list(dict.fromkeys(stem for stem in (code, segments, code.rstrip("0-. ")) if stem))


@dataclass
class _Tally:
    """Sums of one account, minor units by side."""

    moved: list[int] = field(default_factory=lambda: [0, 0])
    only: list[int] = field(default_factory=lambda: [0, 0])
    differing: int = 0
    explained: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    open_items: int = 0


def _compared(side: Side, other: Side) -> Iterable[str]:
    """Accounts of a side's balances; of those it carries along without a movement only where the
    other side states its balances too.
    """
    if not (other.opening or other.closing):
        return ()
    stated = chain(side.opening.items(), side.closing.items())
    return {code for code, amount in stated if amount}


class _Key(NamedTuple):
    """An account in one currency."""

    account: str
    currency: str


def _keys(side: Side, shared: bool, home: str) -> list[_Key]:
    """The key of each line."""
    currencies = side.currency or [""] * len(side)
    known = {
        (account, code): _Key((account or NO_ACCOUNT) if shared else NO_ACCOUNT, code or home)
        for account, code in set(zip(side.account, currencies, strict=True))
    }
    return [known[both] for both in zip(side.account, currencies, strict=True)]


def _balanced(keys: tuple[list[_Key], list[_Key]], home: str) -> dict[str, _Key]:
    """The key the balances of an account belong to: of the books' currency where the account has a
    line in it, else of the only one it has.
    """
    found: dict[str, _Key] = {}
    for key in sorted({*keys[0], *keys[1]}, key=lambda key: key.currency != home):
        found.setdefault(key.account, key)
    return found


def _movements(
    tallies: dict[_Key, _Tally], place: int, side: Side, sign: int, keys: Sequence[_Key]
) -> None:
    moved: dict[_Key, int] = defaultdict(int)
    for key, amount in zip(keys, side.amount.tolist(), strict=True):
        moved[key] += amount
    for index in side.carried:
        moved[keys[index]] -= int(side.amount[index])
    for key, amount in moved.items():
        tallies[key].moved[place] += sign * amount


def _without_partner(
    tallies: dict[_Key, _Tally],
    place: int,
    side: Side,
    lines: Sequence[int],
    sign: int,
    keys: Sequence[_Key],
    no_lines: bool,
    stated: bool,
) -> None:
    """``no_lines``: the other side has none to be compared with, so that these are no difference by
    themselves. ``stated``: both sides state what they open with, so that what was open before is
    part of the difference.
    """
    for index in lines:
        category = side.explained.get(index, "")
        tally = tallies[keys[index]]
        tally.open_items += not category
        if no_lines or (not stated and index in side.carried) or (stated and category == CARRIED):
            continue
        amount = sign * int(side.amount[index])
        if category:
            tally.explained[category] += amount if place == 0 else -amount
        else:
            tally.only[place] += amount


def _of_groups(
    tallies: dict[_Key, _Tally],
    sides: tuple[Side, Side],
    matching: Matching,
    sign: int,
    keys: tuple[Sequence[_Key], Sequence[_Key]],
    stated: bool,
) -> None:
    left, right = sides
    carries = bool(left.carried or right.carried)
    mine, theirs = left.amount.tolist(), right.amount.tolist()
    for group in matching.groups:
        gap = _sum(mine, group.left) - sign * _sum(theirs, group.right)
        if not gap and not carries and group.state is MatchState.MATCHED:
            continue
        tally = tallies[keys[0][group.left[0]] if group.left else keys[1][group.right[0]]]
        tally.open_items += group.state is not MatchState.MATCHED
        earlier = _sum(mine, left.carried.intersection(group.left))
        earlier -= sign * _sum(theirs, right.carried.intersection(group.right))
        if earlier and not stated and group.state is not MatchState.SUGGESTED:
            tally.explained[CARRIED] -= earlier
        if not gap:
            continue
        if group.state is MatchState.MATCHED and group.adjustment:
            tally.explained[f"{ADJUSTMENT}{group.adjustment}"] += gap
        elif group.state is not MatchState.SUGGESTED:
            tally.differing -= gap


def _account(
    key: _Key,
    tally: _Tally,
    sides: tuple[Side, Side],
    signs: tuple[int, int],
    shared: bool,
    *,
    has_balances: bool,
    theirs: str,
) -> AccountProof:
    def printed(balances: Mapping[str, int], sign: int) -> int | None:
        return _stated(balances, key.account, sign, shared) if has_balances else None

    stated = [printed(side.closing, sign) for side, sign in zip(sides, signs, strict=True)]
    opening = [printed(side.opening, sign) for side, sign in zip(sides, signs, strict=True)]
    found = [
        (0 if sides[place].opening else opening[1 - place] or 0) if own is None else own
        for place, own in enumerate(opening)
    ]
    moved = list(tally.moved)
    for place, side in enumerate(sides):
        if side.balances_only:
            moved[place] = (stated[place] or 0) - found[place]
    return AccountProof(
        key.account,
        found[0],
        moved[0],
        found[1],
        moved[1],
        tally.only[0],
        tally.only[1],
        tally.differing,
        dict(tally.explained),
        (_known(stated, opening, 0), _known(stated, opening, 1)),
        tally.open_items,
        key.currency,
        theirs,
    )


def _known(stated: Sequence[int | None], opening: Sequence[int | None], place: int) -> int | None:
    """The closing a side prints, where its opening is known too, so that both can be compared."""
    return None if opening[place] is None else stated[place]


def _stated(balances: Mapping[str, int], code: str, sign: int, shared: bool) -> int | None:
    """A balance as its side prints it; all of them together where accounts cannot be compared."""
    if not shared:
        return sign * sum(balances.values()) if balances else None
    return sign * balances[code] if code in balances else None


def _sum(amounts: Sequence[int], lines: Iterable[int]) -> int:
    """The amounts of some lines together, in minor units."""
    return sum(amounts[line] for line in lines)
