"""What every line of a table is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from importers.structure.cells import CellKind, is_typed, kind_of
from importers.structure.headings import Heading
from importers.values import compact, plain


class LineRole(StrEnum):
    """``NOTE`` is anything else: a blank line, a rule of dashes, the rest of a wrapped text."""

    TITLE = "title"
    HEADING = "heading"
    REPEATED = "repeated-heading"
    DATA = "data"
    TOTAL = "total"
    GROUP = "group"
    NOTE = "note"


_TOTAL = re.compile(
    r"^(?:sub ?total|gran total|grand total|totales|totals?|sumas?(?: iguales| totales)?"
    r"|total(?:es)? .*|saldo (?:inicial|anterior|final)|vienen|van"
    r"|balance (?:forward|brought|carried).*|opening balance|closing balance)\b"
)


def classify(rows: Sequence[Sequence[str]], heading: Heading) -> list[LineRole]:
    """One role a row, in order."""
    first = heading.lines[0] if heading.lines else 0
    last = heading.lines[-1] if heading.lines else -1
    own = {_signature(rows[n]) for n in heading.lines}
    titles = {_shape(row) for row in rows[:first] if any(row)}
    usual = _usual_kinds(rows[last + 1 :])
    found = []
    for place, row in enumerate(rows):
        if place in heading.lines:
            found.append(LineRole.HEADING)
        elif place < first:
            found.append(LineRole.TITLE if any(cell.strip() for cell in row) else LineRole.NOTE)
        elif own and _signature(row) in own:
            found.append(LineRole.REPEATED)
        else:
            found.append(_below(row, usual, titles))
    return found


def _below(row: Sequence[str], usual: Sequence[set[CellKind]], titles: set[str]) -> LineRole:
    filled = [cell for cell in row if cell.strip()]
    if not filled or all(set(cell.strip()) <= set("-=_*+| ") for cell in filled):
        return LineRole.NOTE
    if _shape(row) in titles:
        return LineRole.TITLE
    kinds = [kind_of(cell) for cell in row]
    texts = [cell for cell, kind in zip(row, kinds, strict=True) if kind is CellKind.TEXT]
    words = plain(" ".join(filled)).strip()
    if any(_TOTAL.match(plain(cell).strip()) for cell in texts) or _TOTAL.match(words):
        return LineRole.TOTAL
    if not any(is_typed(kind) or kind is CellKind.NUMBER for kind in kinds):
        return _without_values(row, kinds, usual)
    fits = sum(
        1
        for place, kind in enumerate(kinds)
        if kind is not CellKind.EMPTY and place < len(usual) and kind in usual[place]
    )
    return LineRole.DATA if len(filled) >= 2 and fits * 2 >= len(filled) else _of_few(kinds)


def _without_values(
    row: Sequence[str], kinds: Sequence[CellKind], usual: Sequence[set[CellKind]]
) -> LineRole:
    """Catalogues have rows without any number; elsewhere such a row heads a group, or goes on with
    the text above it.
    """
    filled = [place for place, kind in enumerate(kinds) if kind is not CellKind.EMPTY]
    has_values = any(kind in of for of in usual for kind in (CellKind.AMOUNT, CellKind.DATE))
    if not has_values:
        return LineRole.DATA if len(filled) >= 2 else LineRole.NOTE
    return LineRole.GROUP if filled and filled[0] == 0 else LineRole.NOTE


def _of_few(kinds: Sequence[CellKind]) -> LineRole:
    """A row that does not fit the columns: one that begins with a code heads a group."""
    first = next((kind for kind in kinds if kind is not CellKind.EMPTY), CellKind.EMPTY)
    is_group = first in (CellKind.CODE, CellKind.NUMBER) and CellKind.AMOUNT not in kinds
    return LineRole.GROUP if is_group else LineRole.NOTE


def _usual_kinds(rows: Sequence[Sequence[str]]) -> list[set[CellKind]]:
    """Of each column the kinds that make up a tenth or more of its filled cells."""
    width = max(map(len, rows), default=0)
    found: list[set[CellKind]] = []
    sample = rows[:2000]
    for place in range(width):
        kinds = [kind_of(row[place]) for row in sample if place < len(row) and row[place].strip()]
        found.append({kind for kind in set(kinds) if kinds.count(kind) >= 0.1 * len(kinds)})
    return found


def _signature(row: Sequence[str]) -> str:
    return "|".join(compact(cell) for cell in row if cell.strip())


def _shape(row: Sequence[str]) -> str:
    """A line without its digits: the head of every page is the same but for page and time."""
    return re.sub(r"\d+", "", compact(" ".join(row)))
