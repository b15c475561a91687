"""Where the cells of a text table are cut: at a delimiter, or at columns that stay blank."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from importers.dialect import DELIMITERS, inside_quotes, split
from importers.structure.cells import CellKind, is_typed, kind_of
from importers.structure.headings import LOOKED_AT, is_known

BLANK = 0.97
"""Share of the lines of a fixed-width table in which a column between two cells is blank."""
_LEAST_LINES = 3
_ENDS_IN_AMOUNT = re.compile(r"\d[.,]\d{2,3}(?:[-)]|\s?CR|\s?DR)?\s*$", re.IGNORECASE)
_GLUED = re.compile(
    r"(?<!\d)\d{1,3}(?:,\d{3})+(?:\.\d{2})?(?!\d)|(?<!\d)\d{1,3}(?:\.\d{3})*,\d{2}(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Cut:
    """By a ``delimiter``, or (where that is empty) by ``spans``: start and end of each cell of a
    line, the end of the last None. ``quoted_lines`` as of :class:`importers.dialect.Dialect`.
    """

    delimiter: str = ""
    quoted_lines: bool = False
    spans: tuple[tuple[int, int | None], ...] = ()

    @classmethod
    def at(cls, starts: Sequence[int]) -> Cut:
        """By fixed columns that begin at ``starts``."""
        return cls(spans=tuple(zip(starts, [*starts[1:], None], strict=True)))

    @property
    def is_fixed(self) -> bool:
        return bool(self.spans)

    def cells(self, line: str) -> list[str]:
        text = line.strip("\f\r\n")
        if self.spans:
            wide = text.expandtabs(8)
            if _crosses(wide, self.spans):
                return [wide.strip(), *[""] * (len(self.spans) - 1)]
            return [wide[start:end].strip() for start, end in self.spans]
        return split(inside_quotes(text) if self.quoted_lines else text, self.delimiter)


def _crosses(line: str, spans: Sequence[tuple[int, int | None]]) -> bool:
    """Whether a word stands over a cut: then the line is no row of the table but one text."""
    return any(start and _has_word_over(line, start) for start, _ in spans)


def find_cut(lines: Sequence[str]) -> Cut | None:
    """A delimiter wins over fixed columns where it gives typed cells in steady rows; None where
    neither does.
    """
    filled = [line.strip("\f\r\n") for line in lines if line.strip()]
    if not filled:
        return None
    quoted = sum(inside_quotes(line) != line for line in filled) > 0.9 * len(filled)
    bare = [inside_quotes(line) for line in filled] if quoted else filled
    scores = {mark: _score(bare, mark) for mark in DELIMITERS}
    best = max(scores, key=lambda mark: scores[mark])
    if scores[best] >= _CERTAIN:
        return Cut(best, quoted)
    spans = _spans([line.expandtabs(8) for line in filled])
    if spans:
        return Cut(spans=spans)
    return Cut(best, quoted) if scores[best] >= _POSSIBLE else None


_CERTAIN, _POSSIBLE = 0.16, 0.04


def _score(lines: Sequence[str], mark: str) -> float:
    """How much a delimiter makes of the lines: steady width, columns of one kind, typed cells."""
    rows = [split(line, mark) for line in lines if mark in line]
    widths = Counter(len(row) for row in rows)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] * min(item[0], 8), item[0]))
    steady = [row for row in rows if len(row) == width]
    share = count / len(lines)
    kinds = [[kind_of(cell) for cell in row] for row in steady]
    cells = [kind for row in kinds for kind in row if kind is not CellKind.EMPTY]
    if not cells:
        return 0.0
    typed = sum(1 for kind in cells if is_typed(kind) or kind is CellKind.NUMBER) / len(cells)
    purity = _purity(kinds)
    score: float = share**1.5 * purity**2 * max(typed, 0.05) * min(width, 6) ** 0.5
    return score * 0.1 if mark == "," and _glues(lines) else score


def _purity(kinds: Sequence[Sequence[CellKind]]) -> float:
    """The share of the commonest kind in each column, in the middle of all columns."""
    found = []
    for column in zip(*kinds, strict=True):
        filled = [kind for kind in column if kind is not CellKind.EMPTY]
        if filled:
            found.append(Counter(filled).most_common(1)[0][1] / len(filled))
    return sum(found) / len(found) if found else 0.0


def _glues(lines: Sequence[str]) -> bool:
    """Whether commas stand inside amounts (``1,234.56``) that no quotes protect."""
    inside = sum(1 for line in lines for found in _GLUED.findall(line) if "," in found)
    protected = sum(line.count('"') for line in lines) // 2
    return inside > 0 and inside > protected and inside >= 0.05 * len(lines)


def _spans(lines: Sequence[str]) -> tuple[tuple[int, int | None], ...]:
    """The cells of a fixed-width table, told from the lines that end in an amount; empty where
    these share no blank columns.
    """
    body = [line for line in lines if _ENDS_IN_AMOUNT.search(line)]
    body = [line for line in body if not _is_total(line)] or body
    if len(body) < _LEAST_LINES:
        return ()
    width = max(map(len, body))
    ink = [0] * width
    for line in body:
        for place, sign in enumerate(line):
            ink[place] += sign != " "
    most = (1 - BLANK) * len(body)
    blank = [count <= most for count in ink]
    starts = [
        place for place in range(width) if not blank[place] and (place == 0 or blank[place - 1])
    ]
    starts = _joined(starts, body) if starts else []
    if len(starts) < 2:
        return ()
    lefts = [
        0,
        *(_begins(start, before, blank, body, lines) for before, start in pairwise(starts)),
    ]
    return Cut.at(_with_empty_columns(lefts, ink, lines)).spans


def _with_empty_columns(
    lefts: Sequence[int], ink: Sequence[int], lines: Sequence[str]
) -> list[int]:
    """With the columns that only their titles show, because no line fills them: of two titles over
    one cell each has its own, and what is filled belongs to the nearest.
    """
    heading = next((line for line in lines[:LOOKED_AT] if _names_columns(line)), "")
    found = set(lefts)
    for left, right in pairwise([*lefts, max(len(heading), len(ink))]):
        titles = [one.span() for one in _TITLE.finditer(heading) if left <= one.start() < right]
        titles = [(start, end) for start, end in titles if is_known(heading[start:end])]
        filled = [place for place in range(left, min(right, len(ink))) if ink[place]]
        if len(titles) > 1 and filled:
            found |= _between(titles, filled[0], filled[-1] + 1)
    return sorted(found)


def _between(titles: Sequence[tuple[int, int]], first: int, end: int) -> set[int]:
    """Where to cut between titles, of which one stands over what is filled from ``first`` on."""
    distance = [min(abs(title[0] - first), abs(title[1] - end)) for title in titles]
    own = distance.index(min(distance))
    cuts = {start for start, _ in titles[1:]} - {titles[own][0]}
    if own + 1 < len(titles):
        cuts = cuts - {titles[own + 1][0]} | {max(end, titles[own][1])}
    return cuts | ({min(first, titles[own][0])} if own else set())


_TITLE = re.compile(r"\S+(?: \S+)*")


def _names_columns(line: str) -> bool:
    return sum(1 for title in _TITLE.findall(line) if is_known(title)) >= 2


def _is_total(line: str) -> bool:
    return bool(re.match(r"\s*(sub)?total|\s*suma", line, re.IGNORECASE))


def _joined(starts: Sequence[int], body: Sequence[str]) -> list[int]:
    """Without the cuts that blanks between words of a text make by chance: what stands right of
    such a cut is no amount and no date, and does not begin there in most lines.
    """
    kept = [*starts[:1]]
    ends: list[int | None] = [*starts[2:], None]
    for start, end in zip(starts[1:], ends[: len(starts) - 1], strict=True):
        words = [line[kept[-1] : start].strip() for line in body]
        after = [line[start:end].strip() for line in body]
        is_own = _mostly(after, CellKind.AMOUNT, CellKind.DATE) or _aligned(start, body) >= 0.8
        if is_own or not _mostly(words, CellKind.TEXT):
            kept.append(start)
    return kept


def _aligned(start: int, body: Sequence[str]) -> float:
    """The share of lines in which something begins exactly there."""
    begins = sum(line[start : start + 1].strip() != "" and line[start - 1] == " " for line in body)
    return begins / len(body)


def _begins(
    start: int, before: int, blank: Sequence[bool], body: Sequence[str], lines: Sequence[str]
) -> int:
    """Where a cell is cut off from the one before it, which begins at ``before``: where it begins
    in every line; or, of amounts that end together, where among the blanks left of them the fewest
    lines have a word (a title may be wider than what stands below it).
    """
    if _aligned(start, body) >= 0.8:
        return start
    first = start
    while first - 1 > before and blank[first - 1]:
        first -= 1
    wholly = _widest_gap(first, start, body)
    places = wholly or range(min(first + 1, start), start + 1)
    return min(
        places, key=lambda place: (sum(_has_word_over(line, place) for line in lines), place)
    )


def _widest_gap(first: int, start: int, body: Sequence[str]) -> range:
    """The places in or at the ends of the widest gap that is blank in every line: a few long texts
    may reach into what is blank in nearly all. Empty where there is no such gap.
    """
    gaps: list[range] = []
    for place in range(first, start):
        if any(line[place : place + 1].strip() for line in body):
            continue
        if gaps and gaps[-1].stop == place:
            gaps[-1] = range(gaps[-1].start, place + 1)
        else:
            gaps.append(range(place, place + 1))
    widest = max(gaps, key=lambda gap: (len(gap), gap.start), default=range(0))
    return range(widest.start + 1, widest.stop + 1)


def _has_word_over(line: str, place: int) -> bool:
    return bool(line[place - 1 : place].strip() and line[place : place + 1].strip())


def _mostly(texts: Sequence[str], *kinds: CellKind) -> bool:
    filled = [text for text in texts if text]
    return bool(filled) and sum(kind_of(text) in kinds for text in filled) > 0.5 * len(filled)
