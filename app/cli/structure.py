"""What a table no layout fits says of itself, as ``cuadre inspect`` tells it."""

from __future__ import annotations

from collections.abc import Iterator

from app.cli.output import table
from app.translation import QT_TRANSLATE_NOOP, translate
from importers.structure import LineRole, Structure


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
        "columns": [
            {
                "place": column.place + 1,
                "title": column.title,
                "role": column.role or None,
                "confidence": column.confidence if column.role else 0.0,
            }
            for column in found.columns
        ],
    }


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


LINE_TEXTS = {
    LineRole.TITLE: QT_TRANSLATE_NOOP("structure", "titles"),
    LineRole.HEADING: QT_TRANSLATE_NOOP("structure", "headings"),
    LineRole.REPEATED: QT_TRANSLATE_NOOP("structure", "repeated headings"),
    LineRole.DATA: QT_TRANSLATE_NOOP("structure", "data"),
    LineRole.TOTAL: QT_TRANSLATE_NOOP("structure", "totals and balances"),
    LineRole.GROUP: QT_TRANSLATE_NOOP("structure", "groups"),
    LineRole.NOTE: QT_TRANSLATE_NOOP("structure", "blank lines and notes"),
}
COLUMN_TEXTS = {
    "": QT_TRANSLATE_NOOP("structure", "?"),
    "date": QT_TRANSLATE_NOOP("structure", "date"),
    "account": QT_TRANSLATE_NOOP("structure", "account"),
    "account_name": QT_TRANSLATE_NOOP("structure", "account name"),
    "reference": QT_TRANSLATE_NOOP("structure", "reference"),
    "text": QT_TRANSLATE_NOOP("structure", "description"),
    "party": QT_TRANSLATE_NOOP("structure", "third party"),
    "tax_id": QT_TRANSLATE_NOOP("structure", "tax id"),
    "identifier": QT_TRANSLATE_NOOP("structure", "identifier"),
    "currency": QT_TRANSLATE_NOOP("structure", "currency"),
    "debit": QT_TRANSLATE_NOOP("structure", "debit"),
    "credit": QT_TRANSLATE_NOOP("structure", "credit"),
    "amount": QT_TRANSLATE_NOOP("structure", "amount"),
    "balance": QT_TRANSLATE_NOOP("structure", "balance"),
}
