"""The columns of a table of movements: which is which, and how its numbers and dates are
written.
"""

from __future__ import annotations

import calendar
import contextlib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from importers.findings import Finding
from importers.profile import column_roles, is_ledger_heading
from importers.source import Source
from importers.tables import Cell, Container, Row, cell_text
from importers.titles import title_block
from importers.values import (
    NumberStyle,
    code_text,
    compact,
    day_comes_first,
    full_year,
    is_ambiguous_number,
    number_style,
    parse_date,
    plain,
    to_cents,
)

SAMPLE = 1000
_NUMBERS = ("debit", "credit", "amount", "balance", "quantity", "unit_price", "discount")
_DEBIT_WORDS = frozenset({"d", "db", "deb", "debito", "debe", "cargo", "cargos", "debit"})
_CREDIT_WORDS = frozenset({"c", "cr", "cred", "credito", "haber", "h", "abono", "abonos", "credit"})
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
    period: tuple[date, date] | None = None
    """First and last day of the period a person named or the title block states: the year of dates
    that have none.
    """
    strict_width: bool = False
    """Whether a cell beyond the heading's columns means that the row was cut in the wrong places.
    """
    width: int = 0
    """How many columns the heading has; 0 where there is none."""
    ambiguous: str = ""
    """A number of the table that reads two ways while nothing in it says which; empty when all is
    clear.
    """

    def cell(self, cells: Sequence[Cell], role: str) -> Cell:
        place = self.roles.get(role, -1)
        return cells[place] if 0 <= place < len(cells) else None

    def code(self, cells: Sequence[Cell], role: str) -> str:
        return code_text(self.cell(cells, role))

    def option(self, name: str, default: str = "") -> str:
        return str(self.options.get(name, default))

    def account(self, cells: Sequence[Cell]) -> tuple[str, str]:
        """Code and name of the row's account; where the layout says so, they share a cell or run on
        from above.
        """
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
        return "-".join(
            part for part in (self.code(cells, "kind"), self.code(cells, "kind_code")) if part
        )

    def date(self, cells: Sequence[Cell]) -> date:
        """Raises ValueError when the row has no date that exists, or one without a year while none
        is known.
        """
        form, cell = self.option("date_format"), self.cell(cells, "date")
        if form and not isinstance(cell, date):
            return _date_in_form(code_text(cell), form, self.period)
        if self.roles.keys() >= {"year", "month", "day"}:
            year, month, day = (
                int(self.code(cells, role)[:9] or 0) for role in ("year", "month", "day")
            )
            return date(year, month, day)
        return parse_date(self.cell(cells, "date"), self.day_first)


def header_line(source: Source) -> int | None:
    """The 1-based line of the heading row: the first of the sample whose words name enough columns.
    0 where the layout has none and says itself where its columns stand.
    """
    if source.profile.table.get("positions"):
        return 0
    for row in itertools.islice(source.rows(), 200):
        if is_ledger_heading(column_roles(row.cells, source.profile.columns)):
            return row.number
    return None


def columns_of(source: Source, heading_line: int) -> Columns:
    sample = list(itertools.islice(source.rows(), heading_line + SAMPLE))
    heading: Sequence[Cell] = ()
    positions = source.profile.table.get("positions")
    if isinstance(positions, Mapping):
        place, roles = -1, {role: int(at) - 1 for role, at in positions.items()}
    else:
        place = next(
            at
            for at, row in enumerate(sample)
            if row.number == heading_line
            and is_ledger_heading(column_roles(row.cells, source.profile.columns))
        )
        heading = sample[place].cells
        roles = dict(column_roles(heading, source.profile.columns))
    below = [row.cells for row in sample[place + 1 :]]

    def values(role: str) -> list[Cell]:
        return [cells[roles[role]] for cells in below if roles[role] < len(cells)]

    chosen = source.profile.table
    if (
        "amount" in roles
        and not roles.keys() & {"side", "debit", "credit"}
        and _all_sides(roles, values)
    ):
        roles["side"] = roles.pop("kind")
    if "side" in roles and roles.keys() & {"debit", "credit"}:
        del roles["side"]
    if "side" in roles and {plain(code_text(value)) for value in values("side")} - {""} == {
        "c",
        "a",
    }:
        chosen = {**chosen, "debit_side": "c$", "credit_side": "a$"}
    amounts = [role for role in _NUMBERS if role in roles]
    together = number_style([value for role in amounts for value in values(role)])
    styles = {
        role: style if (style := number_style(values(role))).certain else together
        for role in amounts
    }
    day_first = day_comes_first(values("date")) if "date" in roles else True
    if isinstance(chosen.get("day_first"), bool):
        day_first = bool(chosen["day_first"])
    if source.options.dates:
        day_first = source.options.dates == "day-first"
    decimal = source.options.decimal or str(chosen.get("decimal", ""))
    if decimal:
        together = NumberStyle(decimal, certain=True)
        styles = dict.fromkeys(styles, together)
    texts = [value.strip() for role in amounts for value in values(role) if isinstance(value, str)]
    doubtful = (
        "" if together.certain else next((text for text in texts if is_ambiguous_number(text)), "")
    )
    headings = {
        role: cell_text(heading[at]).strip() for role, at in roles.items() if at < len(heading)
    }
    period = _period(source, sample[: max(place, 0)])
    strict = source.container is Container.TEXT and bool(heading) and "aligned" not in chosen
    return Columns(
        roles,
        styles,
        day_first,
        chosen,
        {},
        headings,
        period,
        strict,
        len(_without_blank_end(heading)),
        doubtful,
    )


def _without_blank_end(cells: Sequence[Cell]) -> Sequence[Cell]:
    last = max((place for place, cell in enumerate(cells) if cell_text(cell).strip()), default=-1)
    return cells[: last + 1]


def whole_row(row: Row, columns: Columns) -> Row:
    """The row as it was meant where one column is written unquoted although it may hold the
    delimiter: what is too much belongs to that column (``overflow``).
    """
    place = columns.roles.get(columns.option("overflow"), -1)
    extra = len(row.cells) - columns.width
    if place < 0 or extra <= 0 or not columns.width:
        return row
    joined = ",".join(cell_text(cell) for cell in row.cells[place : place + extra + 1])
    return row._replace(cells=(*row.cells[:place], joined, *row.cells[place + extra + 1 :]))


def number_findings(columns: Columns, heading_line: int) -> Iterator[Finding]:
    if columns.ambiguous:
        style = next(iter(columns.styles.values()))
        with contextlib.suppress(ValueError):
            values = {
                "seen": columns.ambiguous,
                "expected": to_cents(style.parse(columns.ambiguous)),
            }
            yield Finding("ambiguous-numbers", heading_line, 0, values)


def is_repeated_heading(cells: Sequence[Cell], columns: Columns) -> bool:
    named = [
        role for role in ("date", "year", "debit", "credit", "amount") if role in columns.roles
    ]
    words = {compact(cell_text(columns.cell(cells, role))) for role in named}
    return bool(words) and all(word and not any(c.isdigit() for c in word) for word in words)


def with_heading(columns: Columns, row: Row, source: Source) -> Columns:
    """The columns as a later heading (of another sheet, or of a pasted export) names them. Where it
    names too little to read movements by, nothing below it can be placed, and each row says so.
    """
    roles = column_roles(row.cells, source.profile.columns)
    if len(roles) < 2:
        return columns
    if not is_ledger_heading(roles):
        return replace(columns, roles={}, width=len(row.cells))
    style = next(iter(columns.styles.values()), NumberStyle())
    styles = {role: columns.styles.get(role, style) for role in _NUMBERS if role in roles}
    headings = {role: cell_text(row.cells[at]).strip() for role, at in roles.items()}
    return replace(columns, roles=roles, styles=styles, headings=headings, width=len(row.cells))


def _all_sides(roles: Mapping[str, int], values: Callable[[str], list[Cell]]) -> bool:
    """Whether the column called type says of every movement on which side it stands (Cargo,
    Abono).
    """
    words = (
        {plain(code_text(value)) for value in values("kind")} - {""} if "kind" in roles else set()
    )
    return bool(words) and words <= {word for word in _DEBIT_WORDS | _CREDIT_WORDS if len(word) > 2}


def is_debit(value: Cell, options: Mapping[str, object]) -> bool | None:
    """Which side a cell names; None when it names none. A layout may have words of its own for
    it.
    """
    word = plain(code_text(value)).rstrip(".")
    own = options.get("debit_side"), options.get("credit_side")
    if own != (None, None):
        debit, credit = (
            bool(pattern) and re.match(str(pattern), word) is not None for pattern in own
        )
    else:
        debit, credit = word in _DEBIT_WORDS, word in _CREDIT_WORDS
    return debit if debit or credit else None


def _period(source: Source, above: Sequence[Row]) -> tuple[date, date] | None:
    if source.options.period:
        year, month = map(int, source.options.period.split("-"))
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    title = title_block(above)
    return (title.start or title.end, title.end) if title.end else None


def _date_in_form(text: str, form: str, period: tuple[date, date] | None) -> date:
    """``form`` names the digits of the text in order: day ``dd``, month ``mm``, year ``yyyy``; what
    stands between them does not count. A date without year is the one of the period, or of the year
    it begins in. Raises ValueError when they make no date.
    """
    parts = re.findall("dd|mm|yyyy", form)
    digits = re.sub("[^0-9]", "", text)
    separate = re.findall("[0-9]+", text)
    if len(separate) == len(parts):
        values = dict(zip(parts, separate, strict=True))
    elif len(digits) == len("".join(parts)) - form.startswith("d") * (len(digits) % 2):
        digits = digits.rjust(len("".join(parts)), "0")
        values = {}
        for part in parts:
            values[part], digits = digits[: len(part)], digits[len(part) :]
    else:
        raise ValueError(f"{text!r} is not a date in the form {form}")
    day, month = int(values["dd"][:4]), int(values["mm"][:4])
    if "yyyy" in values:
        return date(full_year(values["yyyy"]), month, day)
    if period is None:
        raise ValueError(f"{text!r} has no year")
    start, end = period
    found = date(end.year, month, day)
    return date(start.year, month, day) if found > end and start.year < end.year else found
