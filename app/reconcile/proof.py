"""The proof: opening + movements = closing on each side, and the bridge from one side to the other.

By account: left − (lines only left, by category) + (lines only right) + (amount differences) = right. What no
category explains is the difference that is still to be explained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.reconcile.matching import Matching, MatchState
from app.reconcile.sides import Side

CARRIED = "carried-forward"
"""Category of what settles lines of an earlier month."""
NO_ACCOUNT = "–"
ADJUSTMENT = "adjustment:"
"""Category of what a difference within a rule is posted to; the account or the rule's name follows."""


@dataclass(frozen=True, slots=True)
class AccountProof:
    """One account, all in minor units, debit positive. ``explained`` is by category (why a line has no partner, or
    where the difference of a match is posted), ``unexplained`` is the left closing − explained − the right closing."""

    account: str
    left_opening: int
    left_movements: int
    right_opening: int
    right_movements: int
    only_left: int
    only_right: int
    differing: int
    explained: Mapping[str, int] = field(default_factory=dict)
    stated_closing: int | None = None

    @property
    def left_closing(self) -> int:
        return self.left_opening + self.left_movements

    @property
    def right_closing(self) -> int:
        return self.right_opening + self.right_movements

    @property
    def unexplained(self) -> int:
        return self.left_closing - sum(self.explained.values()) - self.right_closing

    @property
    def closing_agrees(self) -> bool:
        """Whether opening + movements is the closing balance the left side itself prints."""
        return self.stated_closing is None or self.stated_closing == self.left_closing


@dataclass(frozen=True)
class Proof:
    accounts: tuple[AccountProof, ...]

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


def _opening(side: Side, code: str) -> int:
    """The opening balance of an account; all of them together where accounts cannot be compared."""
    return sum(side.opening.values()) if code == NO_ACCOUNT else side.opening.get(code, 0)


def prove(left: Side, right: Side, matching: Matching) -> Proof:
    """The proof by account, or as one line where a side that has lines names no accounts (a bank statement)."""
    shared = all(any(side.account) or not len(side) for side in (left, right))

    def account(side: Side, index: int) -> str:
        return (side.account[index] or NO_ACCOUNT) if shared else NO_ACCOUNT

    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    if shared:
        for code in {*left.opening, *left.closing}:
            sums[code]["left"] += 0
    explained: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for index in range(len(left)):
        if index not in left.carried:
            sums[account(left, index)]["left"] += int(left.amount[index])
    sign = -1 if matching.contra else 1
    for index in range(len(right)):
        if index not in right.carried:
            sums[account(right, index)]["right"] += sign * int(right.amount[index])
    for index in matching.only_left:
        if index in left.carried:
            continue
        amount, category = int(left.amount[index]), left.explained.get(index, "")
        if category:
            explained[account(left, index)][category] += amount
        else:
            sums[account(left, index)]["only_left"] += amount
    for index in matching.only_right:
        if index in right.carried:
            continue
        amount, category = sign * int(right.amount[index]), right.explained.get(index, "")
        if category:
            explained[account(right, index)][category] -= amount
        else:
            sums[account(right, index)]["only_right"] += amount
    for group in matching.groups:
        code = account(left, group.left[0]) if group.left else account(right, group.right[0])
        gap = sum(int(left.amount[i]) for i in group.left) - sign * sum(int(right.amount[j]) for j in group.right)
        earlier = sum(int(left.amount[i]) for i in group.left if i in left.carried)
        earlier -= sign * sum(int(right.amount[j]) for j in group.right if j in right.carried)
        if earlier and group.state is not MatchState.SUGGESTED:
            explained[code][CARRIED] -= earlier
        if not gap:
            continue
        if group.state is MatchState.MATCHED and group.adjustment:
            explained[code][f"{ADJUSTMENT}{group.adjustment}"] += gap
        elif group.state is not MatchState.SUGGESTED:
            sums[code]["differing"] -= gap
    return Proof(
        tuple(
            AccountProof(
                code, _opening(left, code), values["left"],
                sign * _opening(right, code) if right.opening else _opening(left, code),
                values["right"], values["only_left"], values["only_right"], values["differing"],
                dict(explained[code]), left.closing.get(code),
            )
            for code, values in sorted(sums.items())
        )
    )  # fmt: skip
