"""What a table no layout fits says of itself, as ``cuadre inspect`` tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.cli.output import table
from app.structure_words import COLUMN_TEXTS, LINE_TEXTS
from app.translation import translate
from importers.structure import ColumnRole, LineRole, Structure


def structure_json(found: Structure | None) -> dict[str, object] | None:
    """What a table no layout fits says of itself; ``lines`` counts the lines looked at by what they
    are, ``starts`` is where fixed columns begin (from 0), ``place`` of a column counts from 1.
    """
    if found is None:
        return None
    return {
        "heading_lines": found.heading_lines,
        "starts": [start for start, _ in found.cut.spans] if found.cut else [],
        "lines": {role.value: found.counts[role] for role in LineRole},
        "columns": columns_json(found.columns),
    }


def columns_json(columns: Sequence[ColumnRole]) -> list[dict[str, object]]:
    """Place (from 1), title, role and how sure it is of every column."""
    return [
        {
            "place": column.place + 1,
            "title": column.title,
            "role": column.role or None,
            "confidence": column.confidence if column.role else 0.0,
        }
        for column in columns
    ]


def structure_lines(found: Structure) -> Iterator[str]:
    """What a table no layout fits seems to be, for a person to say yes or no to."""
    yield translate("structure", "No layout knows this table. By what stands in it:")
    counted = [
        f"{translate('structure', LINE_TEXTS[role])} {found.counts[role]:,}"
        for role in LineRole
        if found.counts[role]
    ]
    yield "  " + " · ".join(counted)
    rows = []
    for column in found.columns:
        sure = f"{column.confidence:.0%}" if column.role else ""
        role = translate("structure", COLUMN_TEXTS[column.role])
        rows.append((column.place + 1, column.title, role, sure))
    yield from table(rows, right=(0, 3))
