"""What a table nobody described says of its own structure: where its cells are cut, which line is
its heading, what every line is, and which role each column plays, each with how sure that is.

Lines of text are cut first (:mod:`importers.structure.cuts`); rows of a sheet come as cells. Then
the heading is found (:mod:`~importers.structure.headings`), every line classified
(:mod:`~importers.structure.line_roles`), and the columns named by what stands in them, their
headings being a hint and no condition (:mod:`~importers.structure.column_roles`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from importers.structure.column_roles import BY_TITLE, LIKELY, SURE, ColumnRole, roles_of
from importers.structure.cuts import Cut, find_cut
from importers.structure.headings import Heading, find_heading
from importers.structure.line_roles import LineRole, classify

__all__ = [
    "BY_TITLE",
    "LIKELY",
    "LOOKED_AT",
    "SURE",
    "ColumnRole",
    "Cut",
    "LineRole",
    "Structure",
    "infer",
    "infer_rows",
]

LOOKED_AT = 2000
"""Lines from which the cut, the heading and the columns are told; all lines are classified."""


@dataclass(frozen=True, slots=True)
class Structure:
    """``cut`` is None for rows of a sheet. ``heading`` has the lines of the heading (one or two) as
    places in ``lines``, which has a role for every line from the one numbered ``first`` on;
    ``columns`` has one for every column.
    """

    cut: Cut | None
    heading: Heading
    lines: Sequence[LineRole]
    columns: Sequence[ColumnRole]
    first: int = 1

    @property
    def heading_lines(self) -> list[int]:
        """Their numbers, as a person counts lines."""
        return [self.first + place for place in self.heading.lines]

    @property
    def counts(self) -> Counter[LineRole]:
        return Counter(self.lines)


def infer(lines: Sequence[str]) -> Structure | None:
    """The structure of a table in text; None for running text."""
    sample = lines[:LOOKED_AT]
    cut = find_cut(sample)
    if cut is None:
        return None
    return _of_rows([cut.cells(line) for line in lines], cut)


def infer_rows(rows: Sequence[Sequence[str]], first: int = 1) -> Structure | None:
    """The structure of the rows of a sheet, the ``first`` of them numbered so; None where no two
    cells of any row hold anything.
    """
    if not any(sum(1 for cell in row if cell.strip()) > 1 for row in rows[:LOOKED_AT]):
        return None
    return replace(_of_rows(rows, None), first=first)


def _of_rows(rows: Sequence[Sequence[str]], cut: Cut | None) -> Structure:
    heading = find_heading(rows[:LOOKED_AT])
    lines = classify(rows, heading)
    data = [row for row, role in zip(rows, lines, strict=True) if role is LineRole.DATA]
    return Structure(cut, heading, lines, roles_of(data[:LOOKED_AT], heading.titles))
