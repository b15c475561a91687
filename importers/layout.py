"""The layout editor's substance: what a table proposes about itself, and a profile written from a
person's choices.

A profile is a TOML file; it can be sent to another desktop and put into the ``profiles`` folder of
a data home.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from importers import patterns
from importers.amounts import Word, heading_word
from importers.profile import (
    Profile,
    column_roles,
    is_ledger_heading,
    load_profiles,
    parse_profile,
    starts_of,
)
from importers.source import Source
from importers.structure import BY_TITLE, LIKELY, SURE, Cut, Structure
from importers.structure.headings import role_of_title
from importers.tables import Cell, cell_text
from importers.unreadable import Unreadable
from importers.values import compact, day_comes_first, number_style, plain

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
TABLES = ("text", "xlsx", "xls", "dbf")
"""Containers a layout of headings is for."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file says of its own layout: ``rows`` are its first rows, ``header_line`` the
    likeliest heading (0 when none), ``roles`` column → role, with the number and date style its
    values show; ``starts`` is where the columns of a text without delimiter begin, else empty.
    """

    rows: Sequence[tuple[int, tuple[Cell, ...]]]
    header_line: int
    roles: Mapping[int, str]
    decimal: str
    day_first: bool
    starts: Sequence[int] = ()

    def example(self, header_line: int) -> tuple[Cell, ...]:
        """The first row below a heading that has two cells."""
        below = (cells for number, cells in self.rows if number > header_line)
        return next((cells for cells in below if sum(map(bool, map(_filled, cells))) > 1), ())


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
    containers: Sequence[str] = TABLES
    headings: Sequence[str] = ()
    """All headings of the table: one that stands twice cannot name a column."""
    starts: Sequence[int] = ()
    """Where the columns of a text without delimiter begin."""
    by_meaning: bool = False
    """Whether the sides are asked of words and balances at every reading, whatever their words."""


def propose(source: Source, header_line: int = 0) -> Proposal:
    """Look at the first rows; ``header_line`` says which row a person holds for the heading."""
    starts = _starts(source)
    rows = _first_rows(source, starts)
    names = _known_headings()
    inferred = source.structure
    if not header_line:
        header_line = next(
            (n for n, cells in rows if is_ledger_heading(column_roles(cells, names))), 0
        ) or next(iter(inferred.heading_lines if inferred else ()), 0)
    heading = next((cells for number, cells in rows if number == header_line), ())
    known = column_roles(heading, names)
    roles = {place: role for role, place in known.items()}
    if inferred and header_line in inferred.heading_lines and not is_ledger_heading(known):
        roles = _inferred_roles(inferred, roles)
    below = [cells for number, cells in rows if number > header_line]
    roles = _numbers_apart(roles, below)

    def values(*wanted: str) -> list[Cell]:
        places = [place for place, role in roles.items() if role in wanted]
        return [cells[place] for cells, place in product(below, places) if place < len(cells)]

    style = number_style(values("debit", "credit", "amount", "balance"))
    day_first = day_comes_first(values("date"))
    return Proposal(rows, header_line, roles, style.decimal_mark, day_first, starts)


def proposed(source: Source) -> Layout | None:
    """The layout of a table nobody described, where all that a movement needs is sure: one row of
    heading whose titles name the columns, a date, and either both sides or one amount whose sign or
    balance says which way it goes. None where a person has to say it: also where a column holds
    amounts whose role is not known.
    """
    found = source.structure
    if found is None or len(found.heading_lines) != 1 or not _says_enough(found):
        return None
    seen = propose(source, found.heading_lines[0])
    texts = heading_texts(next(cells for number, cells in seen.rows if number == seen.header_line))
    columns = {role: texts[place] for place, role in seen.roles.items() if place < len(texts)}
    columns = {role: text for role, text in columns.items() if texts.count(text) == 1 and text}
    if "date" not in columns or not (columns.keys() >= {"debit", "credit"} or "amount" in columns):
        return None
    digest = hashlib.sha256("|".join(map(_name, texts)).encode()).hexdigest()[:8]
    return Layout(
        name=f"propuesta-{digest}",
        title=", ".join(filter(None, texts))[:80],
        header_line=seen.header_line,
        columns=columns,
        by_meaning="amount" in columns,
        # Nothing is sent by a layout no person has seen: its lines can be read and reconciled.
        vouchers="never",
        containers=("text",) if seen.starts else TABLES,
        headings=texts,
        starts=seen.starts,
    )


def _says_enough(found: Structure) -> bool:
    """Whether the columns of money are all known, and which way each goes."""
    sure = {column.role: column for column in found.columns if column.confidence >= LIKELY}
    known = {column.role for column in found.columns if column.role and column.title}
    money = [column for column in found.columns if column.is_money]
    if "date" not in sure or not all(column.role and column.title for column in money):
        return False
    dates = [column for column in found.columns if column.role == "date"]
    if len(dates) > 1 and re.match(r"venc|vence|due|valor", plain(dates[0].title)):
        return False
    if sure.keys() >= {"debit", "credit"}:
        return "amount" not in known
    amount = sure.get("amount")
    sided = known & {"debit", "credit"}
    is_named = amount is not None and role_of_title(amount.title) == "amount"
    if amount is None or sided or not (amount.confidence >= SURE or is_named):
        return False
    return amount.confidence >= SURE or amount.is_signed


def _numbers_apart(roles: dict[int, str], rows: Sequence[tuple[Cell, ...]]) -> dict[int, str]:
    """A column called after a kind of document (``Doc.``) that says something else in nearly every
    row holds its number.
    """
    place = next((place for place, role in roles.items() if role == "kind"), -1)
    said = [text for cells in rows if place in range(len(cells)) if (text := _filled(cells[place]))]
    if "reference" in roles.values() or len(said) < 4 or len(set(said)) < 0.8 * len(said):
        return roles
    return {**roles, place: "reference"}


def _filled(cell: Cell) -> str:
    return cell_text(cell).strip()


def _starts(source: Source) -> Sequence[int]:
    """Where the columns begin, of a text in which no layout and no delimiter is found."""
    try:
        return starts_of(source.profile.table)
    except Unreadable:
        found = source.structure
        return [start for start, _ in found.cut.spans] if found and found.cut else []


def _first_rows(source: Source, starts: Sequence[int]) -> list[tuple[int, tuple[Cell, ...]]]:
    if not starts:
        return [(row.number, row.cells) for row in source.rows() if row.number <= SHOWN_ROWS]
    cut = Cut.at(starts)
    lines = islice(source.lines(), SHOWN_ROWS)
    return [(line.number, tuple(cut.cells(line.text))) for line in lines]


def _inferred_roles(found: Structure, known: Mapping[int, str]) -> dict[int, str]:
    """The surest column of each role, besides what its heading already says; what is only guessed
    is left to the person.
    """
    roles = dict(known)
    sure = [column for column in found.columns if column.confidence >= BY_TITLE]
    for column in sorted(sure, key=lambda one: -one.confidence):
        role = _EDITED.get(column.role, column.role)
        if role in ROLES and role not in roles.values() and column.place not in roles:
            roles[column.place] = role
    return roles


_EDITED = {"text": "description"}
"""Roles of the structure that have another word in a layout."""


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
    _check(layout)
    table: dict[str, object] = {"vouchers": layout.vouchers}
    if layout.decimal:
        table["decimal"] = layout.decimal
    if layout.day_first is not None:
        table["day_first"] = layout.day_first
    if layout.by_meaning or _words_of_books_or_bank(layout):
        table["sides"] = "by-meaning"
    if layout.starts:
        table["spans"] = list(layout.starts)
    if layout.totals:
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


_DEVICES = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
)
"""No file can be called so on Windows
(https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
"""


def is_device(name: str) -> bool:
    """Whether Windows has a device of this name, whatever its letters."""
    return name.casefold() in _DEVICES


def _check(layout: Layout) -> None:
    """Raises ValueError naming what is missing or wrong."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,60}", layout.name) or is_device(layout.name):
        raise ValueError("name")
    if not {"debit", "credit", "amount"} & layout.columns.keys():
        raise ValueError("amount")
    if any(list(layout.headings).count(heading) > 1 for heading in layout.columns.values()):
        raise ValueError("repeated")
    if "date" not in layout.columns:
        raise ValueError("date")
    if layout.totals:
        try:
            patterns.check(layout.totals)
        except patterns.NotAPattern:
            raise ValueError("totals") from None


def _words_of_books_or_bank(layout: Layout) -> bool:
    """Whether the sides are taken as their headings call them, by words a bank uses the other way
    round (cargo, debit): then its balances are asked on every reading, as of a table without
    layout. Where other columns have such words too, the person's choice of these two stands.
    """
    said = tuple(heading_word(layout.columns.get(role)) for role in ("debit", "credit"))
    others = [text for text in layout.headings if heading_word(text)]
    return said == (Word.DEBIT, Word.CREDIT) and len(others) <= len(said)


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
