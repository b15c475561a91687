"""The layout editor's substance: what a table proposes about itself, and a profile written from a
person's choices.

A profile is a TOML file; it can be sent to another desktop and put into the ``profiles`` folder of
a data home.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from importers import patterns
from importers.profile import Profile, column_roles, is_ledger_heading, load_profiles, parse_profile
from importers.source import Source
from importers.tables import Cell, cell_text
from importers.values import compact, day_comes_first, number_style

ROLES = (
    "date",
    "reference",
    "voucher",
    "kind",
    "account",
    "account_name",
    "description",
    "debit",
    "credit",
    "amount",
    "side",
    "balance",
    "party",
    "tax_id",
    "currency",
    "identifier",
    "void",
)
SHOWN_ROWS = 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file says of its own layout: ``rows`` are its first rows, ``header_line`` the
    likeliest heading (0 when none), ``roles`` column → role, with the number and date style its
    values show.
    """

    rows: Sequence[tuple[int, tuple[Cell, ...]]]
    header_line: int
    roles: Mapping[int, str]
    decimal: str
    day_first: bool


@dataclass(frozen=True)
class Layout:
    """A person's choices. ``columns`` is role → heading text; ``totals`` a pattern of rows to leave
    out.
    """

    name: str
    title: str
    header_line: int
    columns: Mapping[str, str]
    decimal: str = ""
    day_first: bool | None = None
    totals: str = ""
    vouchers: str = "auto"
    containers: Sequence[str] = field(default=("text", "xlsx", "xls", "dbf"))
    headings: Sequence[str] = ()
    """All headings of the table: one that stands twice cannot name a column."""


def propose(source: Source, header_line: int = 0) -> Proposal:
    """Look at the first rows; ``header_line`` says which row a person holds for the heading."""
    rows = [(row.number, row.cells) for row in source.rows() if row.number <= SHOWN_ROWS]
    names = _known_headings()
    if not header_line:
        header_line = next(
            (n for n, cells in rows if is_ledger_heading(column_roles(cells, names))), 0
        )
    heading = next((cells for number, cells in rows if number == header_line), ())
    roles = {place: role for role, place in column_roles(heading, names).items()}
    below = [cells for number, cells in rows if number > header_line]

    def values(*wanted: str) -> list[Cell]:
        places = [place for place, role in roles.items() if role in wanted]
        return [cells[place] for cells, place in product(below, places) if place < len(cells)]

    style = number_style(values("debit", "credit", "amount", "balance"))
    return Proposal(rows, header_line, roles, style.decimal_mark, day_comes_first(values("date")))


def _known_headings() -> dict[str, tuple[str, ...]]:
    """Role → every heading any shipped table layout knows for it; a bank calls what comes in a
    credit, so its words are left out.
    """
    names = dict(load_profiles()["ledger-table"].columns)
    for profile in load_profiles().values():
        if profile.reader == "ledger-table" and profile.source_system != "bank":
            for role, headings in profile.columns.items():
                if role in ROLES:
                    names[role] = (*names.get(role, ()), *headings)
    return names


def to_toml(layout: Layout) -> str:
    """The profile as a file. Raises ValueError when the choices cannot make one."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,60}", layout.name):
        raise ValueError("name")
    if not {"debit", "credit", "amount"} & layout.columns.keys():
        raise ValueError("amount")
    if any(list(layout.headings).count(heading) > 1 for heading in layout.columns.values()):
        raise ValueError("repeated")
    if "date" not in layout.columns:
        raise ValueError("date")
    table: dict[str, object] = {"vouchers": layout.vouchers}
    if layout.decimal:
        table["decimal"] = layout.decimal
    if layout.day_first is not None:
        table["day_first"] = layout.day_first
    if layout.totals:
        try:
            patterns.check(layout.totals)
        except patterns.NotAPattern:
            raise ValueError("totals") from None
        table["total"] = layout.totals
    words = [compact(text) for text in layout.columns.values()]
    lines = [
        f"name = {_text(layout.name)}",
        f"title = {_text(layout.title or layout.name)}",
        'source_system = "table"',
        'reader = "ledger-table"',
        f"containers = {json.dumps(list(layout.containers))}",
        "",
        "[recognise]",
        f"header = [{', '.join(map(_text, words))}]",
        "",
        "[table]",
        *(
            f"{name} = {_text(value) if isinstance(value, str) else json.dumps(value)}"
            for name, value in table.items()
        ),
        "",
        "[columns]",
        *(f"{role} = [{_text(_name(text))}]" for role, text in layout.columns.items()),
        "",
    ]
    return "\n".join(lines)


def to_profile(layout: Layout) -> Profile:
    """The profile itself, to try it before it is kept. Raises ValueError like :func:`to_toml`."""
    return parse_profile(to_toml(layout))


def _name(heading: str) -> str:
    """A heading as columns are named in profiles."""
    return compact(heading).replace("_", "").strip(":.")


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def heading_texts(cells: Sequence[Cell]) -> list[str]:
    """The heading's cells as a person sees them."""
    return [cell_text(cell).strip() for cell in cells]
