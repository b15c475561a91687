"""The columns of a table of movements: which is which, and how its numbers and dates are written."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from importers.findings import Finding
from importers.profile import column_roles, is_ledger_heading
from importers.source import Source
from importers.tables import Cell, Row, cell_text
from importers.values import (
    NumberStyle,
    code_text,
    compact,
    day_comes_first,
    is_ambiguous_number,
    number_style,
    parse_date,
    plain,
    to_cents,
)

SAMPLE = 1000
DEBIT_WORDS = frozenset({"d", "db", "deb", "debito", "debe", "cargo", "cargos", "debit"})
CREDIT_WORDS = frozenset({"c", "cr", "cred", "credito", "haber", "h", "abono", "abonos", "credit"})
_CODE_NAME = re.compile(r"(\d{4,10})\s+(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each role stands, what the file calls it, and how its values are written."""

    roles: Mapping[str, int]
    styles: Mapping[str, NumberStyle]
    day_first: bool
    options: Mapping[str, object] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    ambiguous: str = ""
    """A number of the table that reads two ways while nothing in it says which; empty when all is clear."""

    def cell(self, cells: Sequence[Cell], role: str) -> Cell:
        place = self.roles.get(role, -1)
        return cells[place] if 0 <= place < len(cells) else None

    def code(self, cells: Sequence[Cell], role: str) -> str:
        return code_text(self.cell(cells, role))

    def option(self, name: str, default: str = "") -> str:
        return str(self.options.get(name, default))

    def account(self, cells: Sequence[Cell]) -> tuple[str, str]:
        """Code and name of the row's account; where the layout says so, they share a cell or run on from above."""
        code, name = self.code(cells, "account"), self.code(cells, "account_name")
        if self.options.get("code_and_name") and (found := _CODE_NAME.fullmatch(code)):
            code, name = found[1], " ".join(found[2].replace("_x000D_", " ").split())
        carry = self.options.get("carry")
        if isinstance(carry, list) and "account" in carry:
            if code:
                self.carried.update(account=code, name=name)
            else:
                code, name = self.carried.get("account", ""), self.carried.get("name", "")
        return code, name

    def kind(self, cells: Sequence[Cell]) -> str:
        return "-".join(part for part in (self.code(cells, "kind"), self.code(cells, "kind_code")) if part)

    def date(self, cells: Sequence[Cell]) -> date:
        """Raises ValueError when the row has no date that exists."""
        if self.roles.keys() >= {"year", "month", "day"}:
            return date(*(int(self.code(cells, role) or 0) for role in ("year", "month", "day")))
        return parse_date(self.cell(cells, "date"), self.day_first)


def header_line(source: Source) -> int | None:
    """The 1-based line of the heading row: the first of the sample whose words name enough columns."""
    for row in itertools.islice(source.rows(), 200):
        if is_ledger_heading(column_roles(row.cells, source.profile.columns)):
            return row.number
    return None


def columns_of(source: Source, heading_line: int) -> Columns:
    sample = list(itertools.islice(source.rows(), heading_line + SAMPLE))
    place = next(
        at
        for at, row in enumerate(sample)
        if row.number == heading_line and is_ledger_heading(column_roles(row.cells, source.profile.columns))
    )
    roles = dict(column_roles(sample[place].cells, source.profile.columns))
    below = [row.cells for row in sample[place + 1 :]]

    def values(role: str) -> list[Cell]:
        return [cells[roles[role]] for cells in below if roles[role] < len(cells)]

    if "side" in roles and not any(side_of(value) in DEBIT_WORDS | CREDIT_WORDS for value in values("side")):
        del roles["side"]
    amounts = [role for role in ("debit", "credit", "amount", "balance") if role in roles]
    together = number_style([value for role in amounts for value in values(role)])
    styles = {role: (style if (style := number_style(values(role))).certain else together) for role in amounts}
    day_first = day_comes_first(values("date")) if "date" in roles else True
    chosen = source.profile.table
    if isinstance(chosen.get("day_first"), bool):
        day_first = bool(chosen["day_first"])
    if source.options.dates:
        day_first = source.options.dates == "day-first"
    decimal = source.options.decimal or str(chosen.get("decimal", ""))
    if decimal:
        together = NumberStyle(decimal, certain=True)
        styles = dict.fromkeys(styles, together)
    texts = [value for role in amounts for value in values(role) if isinstance(value, str)]
    doubtful = "" if together.certain else next((text for text in texts if is_ambiguous_number(text)), "")
    headings = {role: cell_text(sample[place].cells[at]).strip() for role, at in roles.items()}
    return Columns(roles, styles, day_first, source.profile.table, {}, headings, doubtful)


def number_findings(columns: Columns, heading_line: int) -> Iterator[Finding]:
    if columns.ambiguous:
        style = next(iter(columns.styles.values()))
        values = {"seen": columns.ambiguous, "expected": to_cents(style.parse(columns.ambiguous))}
        yield Finding("ambiguous-numbers", heading_line, 0, values)


def is_repeated_heading(cells: Sequence[Cell], columns: Columns) -> bool:
    named = [role for role in ("date", "year", "debit", "credit", "amount") if role in columns.roles]
    words = {compact(cell_text(columns.cell(cells, role))) for role in named}
    return bool(words) and all(word and not any(c.isdigit() for c in word) for word in words)


def with_heading(columns: Columns, row: Row, source: Source) -> Columns:
    """The columns as a later heading (of another sheet, or of a pasted export) orders them."""
    found = column_roles(row.cells, source.profile.columns)
    roles = {role: place for role, place in found.items() if role in columns.roles}
    return (
        replace(columns, roles=roles) if is_ledger_heading(roles) and roles.keys() == columns.roles.keys() else columns
    )


def side_of(value: Cell) -> str:
    return plain(code_text(value)).rstrip(".")
