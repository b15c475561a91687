"""Which line is the heading of a table: by the words people use, else by what stands below it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import resources
from importers.amounts import Word, headings_of
from importers.structure.cells import CellKind, is_typed, kind_of
from importers.values import compact

LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Heading:
    """The 0-based lines it stands in (none where there is no heading) and the titles of its
    columns, those of two lines put together.
    """

    lines: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()


def find_heading(rows: Sequence[Sequence[str]]) -> Heading:
    """The earliest full row with two known words and no amount, else the last row of texts above
    the first row of data, else nothing.
    """
    shown = rows[:LOOKED_AT]
    first = next((n for n, row in enumerate(shown) if _is_data(row)), len(shown))
    named = [n for n, row in enumerate(shown[: first + 1]) if _known_words(row) >= 2]
    named = [n for n in named if not _has_typed(shown[n])]
    if named:
        place = max(named, key=lambda n: (_known_words(shown[n]), -n))
    else:
        texts = [n for n in range(first) if _could_be(shown[n], shown[first:])]
        if not texts or first == len(shown):
            return Heading()
        place = texts[-1]
    lines = _of_two(shown, place, first)
    return Heading(lines, _titles([shown[n] for n in lines]))


def _of_two(rows: Sequence[Sequence[str]], place: int, first: int) -> tuple[int, ...]:
    """Together with the row above or below it, where that has texts over the same columns and
    nothing but words of a heading.
    """
    below = place + 1
    if below < first and _is_second(rows[below], rows[place]):
        return place, below
    if place > 0 and _is_second(rows[place - 1], rows[place]):
        return place - 1, place
    return (place,)


def _is_second(row: Sequence[str], named: Sequence[str]) -> bool:
    """Short words over at least two columns, of which three in four are known, or which make more
    of the other row's titles known, or which stand over most of its columns.
    """
    filled = [cell.strip() for cell in row if cell.strip()]
    if len(filled) < 2 or _has_typed(row) or not all(map(_is_short, filled)):
        return False
    words = sum(1 for cell in filled if is_known(cell))
    more = len(_roles(_titles([named, row]))) > len(_roles(named))
    covered = len(filled) >= 0.75 * sum(1 for cell in named if cell.strip())
    return words >= max(2, 0.75 * len(filled)) or (more and words >= 1) or (covered and words >= 1)


def _roles(titles: Sequence[str]) -> set[str]:
    """The roles titles name."""
    return {role_of_title(title) for title in titles} - {""}


def _is_short(cell: str) -> bool:
    """A word or three, as heads of columns are; no sentence, no figure, nothing with a colon."""
    return len(cell) <= 25 and len(cell.split()) <= 3 and not re.search(r"[\d:]", cell)


def _titles(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    width = max(map(len, rows))
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    return tuple(
        " ".join(part.strip() for part in parts if part.strip())
        for parts in zip(*padded, strict=True)
    )


def _is_data(row: Sequence[str]) -> bool:
    """Two filled cells or more, one of them an amount, or a date with something beside it."""
    kinds = [kind_of(cell) for cell in row]
    filled = [kind for kind in kinds if kind is not CellKind.EMPTY]
    typed = [kind for kind in filled if is_typed(kind)]
    return len(filled) >= 2 and bool(typed) and not _known_words(row) >= 2


def _has_typed(row: Sequence[str]) -> bool:
    return any(is_typed(kind_of(cell)) and not _is_period(cell) for cell in row if cell.strip())


def _is_period(cell: str) -> bool:
    """A month or a year, which may head a column."""
    return bool(re.fullmatch(r"(19|20)\d\d([-/](0?[1-9]|1[012]))?", cell.strip()))


def _could_be(row: Sequence[str], data: Sequence[Sequence[str]]) -> bool:
    """Texts over at least half of the columns the data below fill."""
    filled = sum(1 for cell in row if cell.strip())
    usual = sum(1 for cell in data[0] if cell.strip()) if data else 0
    is_rule = not any(sign.isalnum() for cell in row for sign in cell)
    return filled >= 2 and filled >= usual / 2 and not _has_typed(row) and not is_rule


def _known_words(row: Sequence[str]) -> int:
    return sum(1 for cell in row if is_known(cell))


def is_known(cell: str) -> bool:
    """Whether a cell says what a column holds, in Spanish or English."""
    said = compact(cell).strip(":.")
    if not said or len(said) > 40:
        return False
    known = vocabulary()
    return said in known or any(said.startswith(word) for word in known if len(word) >= 6)


def role_of_title(title: str) -> str:
    """The role a title names; of one of several words the longest known beginning or end counts."""
    said = compact(title).strip(":.")
    known = vocabulary()
    if said in known:
        return known[said]
    near = [word for word in known if len(word) >= 4 and said.startswith(word)]
    near = near or [word for word in known if len(word) >= 4 and said.endswith(word)]
    sides = {known.get(compact(word)) for word in re.split(r"[\W_]+", title)} & {"debit", "credit"}
    if len(sides) == 1:
        return str(*sides)
    return known[max(near, key=len)] if near else ""


@cache
def vocabulary() -> dict[str, str]:
    """Compact heading → role. Money coming in is a debit of the company's own books, going out a
    credit.
    """
    text = resources.path("vocabulary", "columns.toml").read_text("utf-8")
    sides = {
        compact(word): role
        for role, kinds in _SIDES.items()
        for kind in kinds
        for word in headings_of(kind)
    }
    named = tomllib.loads(text)
    return sides | {compact(word): role for role, words in named.items() for word in words}


_SIDES = {"debit": (Word.DEBIT, Word.IN), "credit": (Word.CREDIT, Word.OUT)}
