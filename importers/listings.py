"""Listings without movements: charts of accounts, third parties, templates. Each row is a record of the journal."""

from __future__ import annotations

from collections.abc import Iterator

from importers.findings import Finding
from importers.profile import column_roles
from importers.records import Balance, Disposition, Line, Record, TitleBlock
from importers.rows import line_of, physical_rows, spread
from importers.source import Source
from importers.tables import cell_text
from importers.titles import title_block
from importers.unreadable import Unreadable
from importers.values import code_text, is_damaged_code

Item = Line | Finding | Record | TitleBlock


def read(source: Source) -> Iterator[Item]:
    """Lines in file order; a row with an account code also becomes a Balance without amounts."""
    names = source.profile.columns
    yield title_block([row for row in source.rows() if row.number <= 10])
    roles: dict[str, int] = {}
    for row, physical in physical_rows(source):
        line = line_of(row, physical)
        found = column_roles(row.cells, names)
        if not row.text.replace(";", "").strip():
            line.disposition, line.rule = Disposition.HEADING, "deleted" if row.deleted else "blank"
        elif len(found) == len(names) or (not roles and len(found) >= min(2, len(names))):
            roles = found
            line.disposition, line.rule = Disposition.HEADING, "header"
        elif not roles:
            line.disposition, line.rule = Disposition.HEADING, "title"
        else:
            line.disposition, line.rule = Disposition.RECORD, "row"
            cells = {role: row.cells[place] if place < len(row.cells) else None for role, place in roles.items()}
            code = code_text(cells.get("code"))
            if is_damaged_code(code):
                yield Finding("damaged-code", row.number, roles["code"] + 1, {"field": "code", "seen": code})
            if code and "party" not in roles:
                yield Balance(row.number, code, cell_text(cells.get("name")).strip(), None, None)
        yield from spread(line, physical)
    if not roles:
        raise Unreadable("no-heading", seen=source.profile.title)
