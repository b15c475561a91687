"""What a matching is: groups of lines of both sides, why each was made, and what is left.

Certain rules match; likely ones only suggest; a reference that agrees while the amount does not is
reported as different. A bare amount or a bare sum is never confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntFlag, StrEnum
from functools import cached_property
from typing import NamedTuple


class MatchState(StrEnum):
    MATCHED = "matched"
    SUGGESTED = "suggested"
    DIFFERENT = "different"


class Rule(StrEnum):
    """By what a group was made."""

    DOCUMENT = "document"
    REFERENCE = "reference"
    NORMALISED_REFERENCE = "normalised-reference"
    SAID_TOGETHER = "said-together"
    SHARED_REFERENCE = "shared-reference"
    LISTED_REFERENCES = "listed-references"
    EVIDENCE = "evidence"
    TOLERANCE = "tolerance"
    FEE = "fee"
    SHARE = "share"
    RATE = "rate"
    PARTY_SUM = "party-sum"
    DAY_SUM = "day-sum"
    REVERSAL = "reversal"
    AMOUNT = "amount"
    REFERENCE_OTHER_AMOUNT = "reference-other-amount"
    PERSON = "person"


class Evidence(IntFlag):
    """What agrees (or does not) between the lines of a group."""

    SAME_AMOUNT = 1
    SAME_FORM = 2
    SAME_NUMBER = 4
    MENTIONED = 8
    LIKE_REFERENCE = 16
    OTHER_REFERENCE = 32
    SAME_TAX_ID = 64
    SAME_PARTY = 128
    LIKE_PARTY = 256
    OTHER_PARTY = 512
    SUM = 1024
    TWINS = 2048
    RARE_WORD = 8192


WEIGHED = ("reference", "party", "days", "words", "accounts", "amount")
"""The kinds of evidence of a pair, in the order their weights are kept."""


class Stopped(Exception):
    """Somebody did not want to wait for the end of the matching."""


class Group(NamedTuple):
    """Lines (indexes) of both sides that belong together. ``score`` orders proposals;
    ``adjustment`` names what the difference is posted to; ``said`` are a person's words.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    rule: Rule
    state: MatchState
    confidence: float
    evidence: int = 0
    score: float = 0.0
    adjustment: str = ""
    said: str = ""
    odds: tuple[int, ...] = ()
    """Ten times the log odds of each kind of evidence, in the order of ``WEIGHED``, where they were
    weighed.
    """

    def turned(self) -> Group:
        """The group with its sides the other way round."""
        return self._replace(left=self.right, right=self.left)


@dataclass(frozen=True, slots=True)
class Why:
    """Why a line is open: how many lines of the other side have its amount in the window
    (``candidates``), how many combinations add up to it, and the line of its own side it doubles
    (``twin``, -1: none).
    """

    candidates: int = 0
    combinations: int = 0
    twin: int = -1


class Share(NamedTuple):
    """A share that recurs between amounts of pairs that are one event but for it: ``percent`` is
    what the right side lacks of the left one (negative: has more), over ``amounts`` different ones;
    nearly all are within ``cents`` minor units of it, as they were rounded.
    """

    percent: Decimal
    amounts: int
    cents: int

    def turned(self) -> Share:
        """The same of the sides the other way round."""
        part = self.percent / 100
        percent = (100 * (1 - 1 / (1 - part))).quantize(_SMALLEST)
        return self._replace(percent=percent)


class AccountPair(NamedTuple):
    """An account of each side that go together: in ``lines`` pairs of one event, which are
    ``share`` of those either has. ``lines`` 0: a rule of the company says so.
    """

    left: str
    right: str
    lines: int
    share: float

    def turned(self) -> AccountPair:
        return self._replace(left=self.right, right=self.left)


_SMALLEST = Decimal("0.00001")
"""To how much of a percent a share is told: of large amounts a cent is less."""


@dataclass
class Matching:
    """Every line of either side is in exactly one group or in ``only_left`` / ``only_right``.
    ``alternatives`` are further proposals for lines of suggested groups and open lines, best first.
    ``not_searched`` counts the lines whose partners or combinations were too many to try.
    ``shares`` are differences that recur and look like a fee or a withholding nobody made a rule
    of. ``accounts`` are those of two charts that go together.
    """

    groups: list[Group] = field(default_factory=list)
    only_left: list[int] = field(default_factory=list)
    only_right: list[int] = field(default_factory=list)
    alternatives: list[Group] = field(default_factory=list)
    why_left: Mapping[int, Why] = field(default_factory=dict)
    why_right: Mapping[int, Why] = field(default_factory=dict)
    not_searched: int = 0
    contra: bool = False
    shares: list[Share] = field(default_factory=list)
    accounts: list[AccountPair] = field(default_factory=list)

    @cached_property
    def by_line(self) -> tuple[dict[int, Group], dict[int, Group]]:
        """The group of each line of both sides that is in one."""
        return (
            {line: group for group in self.groups for line in group.left},
            {line: group for group in self.groups for line in group.right},
        )

    def turned(self) -> Matching:
        """What was found, with the sides the other way round."""
        return Matching(
            sorted(
                (group.turned() for group in self.groups),
                key=lambda group: (not group.left, group.left[:1], group.right[:1]),
            ),
            self.only_right,
            self.only_left,
            [group.turned() for group in self.alternatives],
            self.why_right,
            self.why_left,
            self.not_searched,
            self.contra,
            [share.turned() for share in self.shares],
            sorted(pair.turned() for pair in self.accounts),
        )

    def count(self, state: MatchState) -> int:
        return sum(1 for group in self.groups if group.state is state)


@dataclass(frozen=True, slots=True)
class Learned:
    """What people of this company decided before: pairs of party names (normalised) they matched,
    and parted. It only weighs; no rule becomes automatic by it.
    """

    matched: frozenset[tuple[str, str]] = frozenset()
    parted: frozenset[tuple[str, str]] = frozenset()

    def turned(self) -> Learned:
        """The same of the sides the other way round."""
        return Learned(
            frozenset((right, left) for left, right in self.matched),
            frozenset((right, left) for left, right in self.parted),
        )
