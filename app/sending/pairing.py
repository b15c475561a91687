"""Which documents about to be sent say what another one says that was sent, waits, or stands in the
target's books.

On one day equal accounts suffice, or a text or party where the accounts were mapped otherwise
since. What goes under one of our references says its own text, so two of those need texts that
agree, though one may be cut, broken in its accents, or missing. Within a few days accounts and
texts have to agree, and nothing that comes again and again is taken for a repeat. Two documents one
file brings, as they were sent, are two; so are those of two branches a person named.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import product

from app.documents.kind import Amounts, Content, Lines

WINDOW = timedelta(days=3)
"""A voucher that comes again may be dated a few days otherwise (the day it was captured)."""
Files = frozenset[int]
Pair = tuple["Ours", "Sighting"]
_OURS = re.compile(r"[A-Z0-9]{1,20}/[^/]+/[^/]*/\d{4}-\d{2}/")
"""How the references of Cuadre begin: company, system, type and month."""
_AROUND = range(1, WINDOW.days + 1)
_ANY, _SAYS_ITS_OWN = "", "·"
"""Where sightings are looked for that need no common word, and those that say a text of their
own.
"""


@dataclass(frozen=True, slots=True)
class Ours:
    """A document about to be sent for the first time, and the files that bring it as it is."""

    reference: str
    content: Content
    files: Files


@dataclass(frozen=True, slots=True)
class Sighting:
    """A document the target has, was sent, or waits to be sent; ``reference`` is ours where it
    carries one, ``text`` the first thing it says, ``files`` are those that bring it as it is.
    ``is_new``: it goes with this sending as well.
    """

    key: str
    number: str
    reference: str
    content: Content
    text: str
    files: Files = frozenset()
    is_new: bool = False


def pairs(
    ours: Sequence[Ours],
    sightings: Sequence[Sighting],
    apart: Collection[str] = (),
    asked: Collection[str] = (),
) -> list[Pair]:
    """Each sighting explains one document of a file at most, the nearest first: those of the same
    day before those of the days around it, like words before others. Documents ``apart`` were told
    by a person to be others; of those ``asked`` about already the question stands.
    """
    return _Pairing(ours, sightings, asked).all(set(apart))


_Place = tuple[Amounts, date, str]
"""Where sightings are looked for: amounts, day, and a key of the words they say."""


class _Pairing:
    def __init__(
        self, ours: Sequence[Ours], sightings: Sequence[Sighting], asked: Collection[str]
    ) -> None:
        self._ours, self._asked = ours, set(asked)
        self._routine = _routine(ours, sightings)
        self._pools: dict[_Place, dict[tuple[Files, bool], dict[str, Sighting]]] = {}
        self._taken: dict[Files, set[str]] = defaultdict(set)
        for one in sightings:
            content = one.content
            says_its_own = bool(content.words) and _OURS.match(one.reference)
            for key in (*_kept_under(content.words), _SAYS_ITS_OWN if says_its_own else _ANY):
                pool = self._pools.setdefault((content.amounts, content.day, key), {})
                pool.setdefault((one.files, one.is_new), {})[one.key] = one

    def all(self, apart: set[str]) -> list[Pair]:
        found: dict[str, Pair] = {}
        for days, by_words in ((0, True), (0, False), *((n, True) for n in _AROUND)):
            for one in self._ours:
                if one.reference not in found and one.reference not in apart:
                    seen = self._take(one, days, by_words=by_words)
                    if seen is not None:
                        found[one.reference] = one, seen
        return list(found.values())

    def _take(self, one: Ours, days: int, *, by_words: bool) -> Sighting | None:
        """A sighting so many days away that says the same; no other document of the file is
        explained by it.
        """
        if days and one.content.lines in self._routine and one.reference not in self._asked:
            return None
        for seen in self._candidates(one, days, by_words=by_words):
            if seen.reference == one.reference or _of_two_branches(seen.reference, one.reference):
                continue
            if by_words and not _say_the_same(one.content.words, seen.content.words):
                continue
            same_accounts = seen.content.lines == one.content.lines
            same_party = bool(seen.content.parties & one.content.parties)
            if same_accounts or (not days and (by_words or same_party)):
                self._taken[one.files].add(seen.key)
                return seen
        return None

    def _candidates(self, one: Ours, days: int, *, by_words: bool) -> Iterator[Sighting]:
        """What is left of the sightings of the same amounts that no file brings beside it."""
        span, content, taken = timedelta(days), one.content, self._taken[one.files]
        blank = (_ANY,) if content.words else (_ANY, _SAYS_ITS_OWN)
        keys = sorted(_looked_for(content.words)) if by_words else blank
        for day, key in product(sorted({content.day - span, content.day + span}), keys):
            for (files, is_new), pool in self._pools.get((content.amounts, day, key), {}).items():
                comes_later = is_new and (not one.files or min(files, default=0) > max(one.files))
                if one.files & files or comes_later:
                    continue
                yield from (seen for name, seen in pool.items() if name not in taken)


def _routine(ours: Iterable[Ours], sightings: Iterable[Sighting]) -> set[Lines]:
    """Contents one side brings on several days itself, such as a bank's daily fee."""
    found: set[Lines] = set()
    known = [one.content for one in sightings if not one.is_new]
    for side in ([one.content for one in ours], known):
        days: dict[Lines, set[date]] = defaultdict(set)
        for content in side:
            days[content.lines].add(content.day)
        found.update(lines for lines, those in days.items() if len(those) > 1)
    return found


def _of_two_branches(one: str, other: str) -> bool:
    """Whether a person named two branches for them (``contpaqi~norte``, ``contpaqi~sur``)."""
    systems = [reference.split("/")[1:2] for reference in (one, other)]
    named = [part[0].partition("~")[2] for part in systems if part]
    return len(named) == 2 and all(named) and named[0] != named[1]


def _kept_under(words: Iterable[str]) -> set[str]:
    """Under what a sighting is kept: its texts as they are; and by how they begin whatever became
    of their accents, with their first number or without one.
    """
    found = set()
    for word in words:
        beginning, number = _beginning(word)
        found |= {word, f"{beginning}#{number}", f"{beginning}*" if number else ""}
    return found - {""}


def _looked_for(words: Iterable[str]) -> set[str]:
    """Under what the same is looked for: a text that was cut may have lost its number."""
    found = set()
    for word in words:
        beginning, number = _beginning(word)
        found |= {word, f"{beginning}#{number}", f"{beginning}#" if number else f"{beginning}*"}
    return found


@lru_cache(maxsize=65536)
def _beginning(text: str) -> tuple[str, str]:
    return "≈" + _bones(text)[:8], next(iter(_numbers(text)), "")


@lru_cache(maxsize=65536)
def _numbers(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\d+", text))


@lru_cache(maxsize=65536)
def _bones(text: str) -> str:
    """The consonants of a text that no broken accent touches."""
    return re.sub(r"[^bcdfghjklmpqrstvwxyz]", "", text)


def _say_the_same(ours: Collection[str], theirs: Collection[str]) -> bool:
    """Whether a text of one is one of the other, cut or broken perhaps."""
    if set(ours) & set(theirs):
        return True
    return any(_is_cut_or_broken(one, other) for one, other in product(ours, theirs))


def _is_cut_or_broken(one: str, other: str) -> bool:
    """Whether one text begins as the other in what accents leave alone, and their numbers agree
    (``Ticket 1`` is not ``Ticket 2``).
    """
    short, long = sorted((_bones(one), _bones(other)), key=len)
    if len(short) < 3 or not long.startswith(short[:-1] or short):
        return False
    numbers, others = _numbers(one), _numbers(other)
    few, many = sorted((numbers, others), key=len)
    is_cut = len(short) < len(long)
    return numbers == others or (is_cut and _begins(many, few))


def _begins(many: Sequence[str], few: Sequence[str]) -> bool:
    """Whether the numbers of a cut text are the first of the whole one, the last perhaps cut."""
    if not few:
        return True
    return list(many[: len(few) - 1]) == list(few[:-1]) and many[len(few) - 1].startswith(few[-1])
