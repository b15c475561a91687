"""Listings without movements: charts of accounts, third parties, templates. Each row is a record of
the journal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from importers.findings import Finding
from importers.profile import column_roles
from importers.records import Balance, Disposition, Line, Party, Record, TitleBlock
from importers.rows import line_of, physical_rows, spread
from importers.source import Source
from importers.tables import Cell, Row, cell_text
from importers.titles import title_block
from importers.unreadable import Unreadable
from importers.values import code_text, is_damaged_code

Item = Line | Finding | Record | TitleBlock


def read(source: Source) -> Iterator[Item]:
    """Lines in file order; a row with an account code also becomes a Balance without amounts, one
    of a third party a Party.
    """
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
            yield from _row(row, roles)
        yield from spread(line, physical)
    if not roles:
        raise Unreadable("no-heading", seen=source.profile.title)


def _row(row: Row, roles: Mapping[str, int]) -> Iterator[Item]:
    """The account or third party of a row."""
    cells = {
        role: row.cells[place] if place < len(row.cells) else None for role, place in roles.items()
    }
    code = code_text(cells.get("code"))
    if is_damaged_code(code):
        yield Finding(
            "damaged-code", row.number, roles["code"] + 1, {"field": "code", "seen": code}
        )
    if "party" not in roles:
        if code:
            yield Balance(row.number, code, cell_text(cells.get("name")).strip(), None, None)
        return
    party = _party(row.number, cells)
    if party is None:
        return
    if party.code or party.tax_id:
        yield party
    else:
        seen = {"seen": party.name[:40]}
        yield Finding("unknown-record", row.number, roles["party"] + 1, seen)


def _party(line: int, cells: Mapping[str, Cell]) -> Party | None:
    """A customer or supplier; None where the row names nobody."""
    found = {role: _said(cell_text(cell)) for role, cell in cells.items()}
    parts = (found.get(role, "") for role in ("party", "second_name", "surname", "second_surname"))
    name, tax_id = " ".join(filter(None, parts)), tax_id_of(code_text(cells.get("tax_id")))
    if not name:
        return None
    terms, kind = (found.get(role, "").partition(".")[0] for role in ("terms", "party_kind"))
    return Party(
        line,
        code_text(cells.get("customer")) or tax_id,
        name,
        tax_id,
        email=found.get("email", ""),
        phone=found.get("phone", ""),
        street=found.get("street", ""),
        city=found.get("city", ""),
        postcode=found.get("postcode", ""),
        terms=int(terms) if terms.isdecimal() else None,
        supplier=kind == "3",
    )


def tax_id_of(text: str) -> str:
    """The number of ``NIT  901049056 2`` or ``CC 52698088``, a check digit after a dash; other text
    as it is.
    """
    found = re.search(r"^\D.*\s(\d{5,})(?:\s+(\d))?$", text.strip())
    return "-".join(filter(None, found.groups())) if found else text.strip()


def _said(text: str) -> str:
    """A cell without what programs print where nobody wrote anything."""
    return "" if text.strip().casefold() in _NOTHING else text.strip()


_NOTHING = ("0", "no informada", "no informado", "n/a", "ninguno", "ninguna")
