"""Which account of a target is probably one of ours, and how sure that is.

Right or silent: only what several things say at once is sure enough to be taken without a person
(codes of one system, names that agree, one class of account); the rest is a question with a
proposal, or without one. Equal codes need names that agree, because an auxiliary of the same number
is another bank; a name that has a direction (por cobrar, trasladado, pérdida) is never that of the
other one; the beginning of a code says nothing by itself.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from typing import Any

import resources
from connectors.documents import RemoteAccount
from importers.values import plain

SURE = 0.95
"""From this confidence on a suggestion is taken without a person."""
PROPOSED = 0.3
"""Below this nothing is proposed."""
_ONE_SYSTEM = 0.8
"""Such a share of our codes has to begin with a whole code of the target for both charts to be of
one system.
"""
_SHORTEST_GROUP = 4
"""Digits a code has at least to be a group of a shared system: 3 are a class of any chart."""


class Reason(StrEnum):
    """Why an account is suggested."""

    EQUAL_CODE = "equal-code"
    OTHER_NAME = "equal-code-other-name"
    GROUP = "same-group"
    NAME = "same-name"
    LIKE_NAME = "like-name"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A target's account with its name, why, and how sure (0 to 1)."""

    code: str = ""
    name: str = ""
    reason: str = ""
    confidence: float = 0.0

    @property
    def is_sure(self) -> bool:
        return self.confidence >= SURE


NOTHING = Suggestion()


class Chart:
    """A target's accounts, ready to be asked for those of ours (code → name, empty where no file
    says one).
    """

    def __init__(self, accounts: Sequence[RemoteAccount], ours: Mapping[str, str]) -> None:
        self._accounts = [_Account.of(item.code, item.name, item.kind) for item in accounts]
        self._ours = {code: _Account.of(code, name) for code, name in ours.items()}
        self._by_digits = {item.digits: item for item in self._accounts if item.digits}
        self._by_group: dict[str, list[_Account]] = {}
        for item in self._accounts:
            if item.group:
                self._by_group.setdefault(item.group, []).append(item)
        counts = Counter(word for item in self._accounts for word in set(item.words))
        self._weights = {word: 1 + math.log(len(self._accounts) / n) for word, n in counts.items()}
        self._their_classes = _Classes(self._accounts)
        self._our_classes = _Classes(self._ours.values())

    def suggest(self, code: str) -> Suggestion:
        """The likeliest account of the target for one of ours."""
        mine = self._ours[code]
        coded = self._by_code(mine)
        if coded.is_sure:
            return coded
        named = self._by_name(mine)
        best = max((coded, named), key=lambda one: one.confidence)
        return best if best.confidence >= PROPOSED else NOTHING

    @cached_property
    def _is_one_system(self) -> bool:
        """Whether the codes of both charts are of one system: nearly all of ours begin with a whole
        code of the target, and where names are known they do not contradict.
        """
        groups = [(mine, self._group(mine)) for mine in self._ours.values()]
        inside = [(mine, group) for mine, group in groups if group is not None]
        if not groups or len(inside) < _ONE_SYSTEM * len(groups):
            return False
        against = sum(1 for mine, group in inside if _contradict(mine, group))
        return against <= (1 - _ONE_SYSTEM) * len(inside)

    def _by_code(self, mine: _Account) -> Suggestion:
        equal = self._by_digits.get(mine.digits)
        if equal is not None:
            return self._of_equal_code(mine, equal)
        group = self._group(mine)
        if group is None or not self._is_one_system or _contradict(mine, group):
            return NOTHING
        return self._suggestion(group, Reason.GROUP, 0.97)

    def _of_equal_code(self, mine: _Account, equal: _Account) -> Suggestion:
        if not mine.words:
            sure = self._is_one_system or equal.code == mine.code
            return self._suggestion(equal, Reason.EQUAL_CODE, 0.97 if sure else 0.6)
        if not self._may_be(mine, equal):
            return NOTHING
        likeness = self._likeness(mine, equal)
        if likeness >= 0.6 and mine.marks == equal.marks:
            return self._suggestion(equal, Reason.EQUAL_CODE, 0.99)
        return self._suggestion(equal, Reason.OTHER_NAME, 0.4 + likeness / 2)

    def _by_name(self, mine: _Account) -> Suggestion:
        if not mine.words:
            return NOTHING
        possible = [item for item in self._accounts if self._may_be(mine, item)]
        ranked = sorted(
            ((self._likeness(mine, item), item) for item in possible),
            key=lambda pair: (-pair[0], pair[1].code),
        )
        if not ranked or not ranked[0][0]:
            return NOTHING
        (best, item), second = ranked[0], ranked[1][0] if len(ranked) > 1 else 0.0
        is_same = best >= 0.999 and second < 0.9 and mine.marks == item.marks
        if is_same and self._one_class(mine, item):
            return self._suggestion(item, Reason.NAME, 0.96)
        return self._suggestion(item, Reason.LIKE_NAME, min(best, 0.9))

    def _likeness(self, mine: _Account, item: _Account) -> float:
        """How much of both names is the same (0 to 1): rare words count more, the first of each
        name most; what only one says counts against it, of ours twice. A mark or a direction only
        one of them has makes it doubtful.
        """
        ours, theirs = self._weighed(mine), self._weighed(item)
        shared = ours.keys() & theirs.keys()
        if not shared:
            return 0.0
        both = sum(ours[word] + theirs[word] for word in shared)
        of_both = both / (sum(ours.values()) + sum(theirs.values()))
        of_ours = sum(ours[word] for word in shared) / sum(ours.values())
        doubt = 1.0 if mine.marks == item.marks else 0.7
        if mine.sides.keys() != item.sides.keys():
            doubt *= 0.8
        return (of_both + of_ours) / 2 * doubt

    def _weighed(self, item: _Account) -> Mapping[str, float]:
        first = item.words[:1]
        return {
            word: self._weight(word) * (1.5 if (word,) == first else 1.0) for word in item.words
        }

    def _weight(self, word: str) -> float:
        return self._weights.get(word, 1 + math.log(max(len(self._accounts), 1)))

    def _may_be(self, mine: _Account, item: _Account) -> bool:
        """Neither direction nor class speaks against it."""
        here, there = self._our_classes.of(mine), self._their_classes.of(item)
        return not _contradict(mine, item) and not (here and there and here != there)

    def _one_class(self, mine: _Account, item: _Account) -> bool:
        here, there = self._our_classes.of(mine), self._their_classes.of(item)
        return bool(here) and here == there

    def _group(self, mine: _Account) -> _Account | None:
        """The longest whole code of the target ours begins with; or the only account of the group
        ours begins with, where the target's codes have parts (``102.01.01`` for ``102-01-014``).
        """
        for length in range(len(mine.digits) - 1, _SHORTEST_GROUP - 1, -1):
            found = self._by_digits.get(mine.digits[:length])
            if found is not None:
                return found
            inside = self._by_group.get(mine.digits[:length], ())
            if len(inside) == 1:
                return inside[0]
        return None

    def _suggestion(self, item: _Account, reason: Reason, confidence: float) -> Suggestion:
        return Suggestion(item.code, item.name, reason.value, round(confidence, 2))


@dataclass(frozen=True)
class _Account:
    """``words`` are those of the name that say something, in their common form; ``sides`` where it
    stands on each axis.
    """

    code: str
    name: str
    digits: str
    words: tuple[str, ...]
    marks: frozenset[str]
    sides: Mapping[str, int] = field(hash=False)
    kind: str = ""

    @property
    def group(self) -> str:
        """The digits of all parts of the code but the last; empty where it has fewer than three."""
        parts = re.findall(r"\d+", self.code)
        return "".join(parts[:-1]) if len(parts) > 2 else ""

    @classmethod
    def of(cls, code: str, name: str, kind: str = "") -> _Account:
        known, raw = _vocabulary(), _raw_words(name)
        words = tuple(dict.fromkeys(known.same.get(word, word) for word in raw))
        sides: dict[str, int] = {}
        for word in raw:
            for axis, side in known.axes.get(word, ()):
                sides.setdefault(axis, side)
        marks = known.marks.intersection(words)
        return cls(code, name, re.sub(r"\D", "", code), words, marks, sides, kind)


class _Classes:
    """What each account of a chart is (asset, liability …): as the target says, by its name, or by
    the first sign of its code where that goes with the names of the others.
    """

    def __init__(self, accounts: Iterable[_Account]) -> None:
        by_digit: dict[str, Counter[str]] = {}
        for item in accounts:
            known = item.kind or _class_by_name(item)
            if known and item.code:
                by_digit.setdefault(item.code[0], Counter())[known] += 1
        self._by_digit = {
            digit: counts.most_common(1)[0][0]
            for digit, counts in by_digit.items()
            if counts.most_common(1)[0][1] >= _ONE_SYSTEM * counts.total()
        }

    def of(self, item: _Account) -> str:
        return item.kind or self._by_digit.get(item.code[:1], "") or _class_by_name(item)


def _class_by_name(item: _Account) -> str:
    if item.marks:
        return ""  # what is paid in advance or provided for stands on the other side
    if "cobro" in item.sides:
        return ("asset", "liability")[item.sides["cobro"]]
    found = {
        known for known, words in _vocabulary().classes.items() if words.intersection(item.words)
    }
    return found.pop() if len(found) == 1 else ""


def _contradict(mine: _Account, other: _Account) -> bool:
    """Whether two names stand on different sides of an axis."""
    return any(other.sides.get(axis, side) != side for axis, side in mine.sides.items())


def _raw_words(name: str) -> list[str]:
    """The words of a name in the singular, without those that say nothing."""
    words = re.findall(r"[^\W_]+", plain(name))
    found = [_singular(word) for word in words]
    return [word for word in found if word not in _vocabulary().filling]


def _singular(word: str) -> str:
    if len(word) > 5 and word.endswith("es") and word[-3] in "rlndjzs":
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


@dataclass(frozen=True)
class _Vocabulary:
    same: Mapping[str, str]
    axes: Mapping[str, Sequence[tuple[str, int]]]
    marks: frozenset[str]
    filling: frozenset[str]
    classes: Mapping[str, frozenset[str]]


@cache
def _vocabulary() -> _Vocabulary:
    path = resources.path("vocabulary", "accounts.toml")
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    same = {
        _singular(plain(word)): common for common, words in data["same"].items() for word in words
    }
    axes: dict[str, list[tuple[str, int]]] = {}
    for axis, sides in data["axes"].items():
        for side, words in enumerate(sides):
            for word in words:
                axes.setdefault(_singular(plain(word)), []).append((axis, side))
    marks, filling = (
        frozenset(_singular(plain(word)) for word in data[table]["words"])
        for table in ("marks", "filling")
    )
    classes = {
        name: frozenset(same.get(_singular(plain(word)), _singular(plain(word))) for word in words)
        for name, words in data["classes"].items()
    }
    return _Vocabulary(same, axes, marks, filling, classes)
