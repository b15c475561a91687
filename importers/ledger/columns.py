"""The columns of a table of movements: where each stands and how its values are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from importers import patterns
from importers.amounts import SideWords, value_word
from importers.currencies import currency_code
from importers.findings import Finding
from importers.ledger.dates import Order, Period, date_in_form, read_date
from importers.tables import Cell, cell_text
from importers.values import NumberStyle, code_text, compact, plain

SAMPLE = 1000
NUMBERS = ("debit", "credit", "amount", "balance", "opening", "quantity", "unit_price", "discount")
_CODE_NAME = re.compile(r"(\d{4,10})\s+(\S.*)", re.DOTALL)


_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each role stands, what the file calls it, and how its values are written."""

    roles: Mapping[str, int]
    styles: Mapping[str, NumberStyle]
    order: Order = Order.DAY_FIRST
    options: Mapping[str, object] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    period: Period | None = None
    """First and last day of the period a person named or the title block states: the year of dates
    that have none.
    """
    strict_width: bool = False
    """Whether a cell beyond the heading's columns means that the row was cut in the wrong places.
    """
    width: int = 0
    """How many columns the heading has; 0 where there is none."""
    side_words: SideWords | None = None
    """What the words of the side column stand for; None where there is no such column."""
    currency: str = ""
    """The currency headings or title name for all amounts; empty where they name none."""
    unread: Mapping[int, str] = field(default_factory=dict)
    """Columns no role takes: their place and heading."""
    turned: Mapping[date, str] = field(default_factory=dict)
    """Dates a spreadsheet has made of texts without year, and those texts."""
    account_of_sheet: tuple[str, str] = ("", "")
    """Code and name where the sheet's name is the account."""
    states: tuple[int, ...] = ()
    """Columns nobody reads that say how each movement stands (applied, rejected)."""
    remarks: tuple[Finding, ...] = ()
    """What is to be said of the columns as such."""

    def cell(self, cells: Sequence[Cell], role: str) -> Cell:
        place = self.roles.get(role, -1)
        return cells[place] if 0 <= place < len(cells) else None

    def code(self, cells: Sequence[Cell], role: str) -> str:
        return code_text(self.cell(cells, role))

    def says(self, cells: Sequence[Cell], option: str) -> bool:
        """Whether a row has a value that such an option of the layout names (``opening_where``,
        ``closing_where``: heading → pattern).
        """
        return self.told(cells, option) is not None

    def told(self, cells: Sequence[Cell], option: str) -> Told | None:
        """The first value of a row that such an option names (also ``skip_where``)."""
        for place, pattern in self.heard(option):
            text = cell_text(cells[place]).strip() if place < len(cells) else ""
            if patterns.match(pattern, plain(text)) is not None:
                return Told(place, self.unread[place].strip(), text)
        return None

    def heard(self, option: str) -> Sequence[tuple[int, str]]:
        """Column and pattern of such an option."""
        where = self.options.get(option)
        if not isinstance(where, Mapping):
            return ()
        named = ((place, compact(text)) for place, text in self.unread.items())
        return [(place, str(where[text])) for place, text in named if text in where]

    def option(self, name: str, default: str = "") -> str:
        return str(self.options.get(name, default))

    def place(self, role: str) -> int:
        """The 1-based column of a role; 0 where it has none."""
        return self.roles.get(role, -1) + 1

    def named(self, role: str) -> str:
        """What the file calls the column of a role."""
        return self.headings.get(role, role)

    @property
    def shares_account(self) -> bool:
        """Whether an account's code stands elsewhere than in a cell of its own."""
        carried = bool(self.options.get("code_and_name") or self.options.get("carry"))
        return carried or bool(self.account_of_sheet[0])

    def account(self, cells: Sequence[Cell]) -> tuple[str, str]:
        """Code and name of the row's account; where the layout says so, they share a cell, run on
        from above or are the sheet's name.
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
        return (code, name) if code else self.account_of_sheet

    def kind(self, cells: Sequence[Cell]) -> str:
        return "-".join(
            part for part in (self.code(cells, "kind"), self.code(cells, "kind_code")) if part
        )

    def currency_of(self, cells: Sequence[Cell]) -> str:
        """The ISO code of the row's currency where a column, a heading or the title names it."""
        return self.currency_named(self.code(cells, "currency"))

    def currency_named(self, text: str) -> str:
        """The same for the text of the currency column; an unknown word stays as it is."""
        if not text:
            return self.currency
        code = currency_code(text)
        return text if code is None else code or self.currency

    def is_debit(self, value: Cell) -> bool | None:
        """Which side a cell of the side column names; None when it names none. A layout may have
        words of its own for it.
        """
        word = value_word(value)
        own = self.options.get("debit_side"), self.options.get("credit_side")
        if own != (None, None):
            debit, credit = (
                bool(pattern) and patterns.match(str(pattern), word) is not None for pattern in own
            )
        elif self.side_words is not None:
            debit, credit = word in self.side_words.debit, word in self.side_words.credit
        else:
            return None
        return debit if debit or credit else None

    def date(self, cells: Sequence[Cell]) -> date:
        """Raises ValueError when the row has no date that exists, or one without a year while none
        is known.
        """
        form, cell = self.option("date_format"), self.cell(cells, "date")
        if form and isinstance(cell, date) and "yyyy" not in form:
            return _turned_back(cell, form, self)
        if form and not isinstance(cell, date):
            return date_in_form(code_text(cell), form, self.period)
        if self.roles.keys() >= {"year", "month", "day"}:
            year, month, day = (
                int(self.code(cells, role)[:9] or 0) for role in ("year", "month", "day")
            )
            return date(year, month, day)
        return read_date(cell, self.order)


def _turned_back(cell: date, form: str, columns: Columns) -> date:
    """A date in a layout that writes none: the day its text meant, or a day of the period."""
    if text := columns.turned.get(cell):
        return date_in_form(text, form, columns.period)
    day, period = read_date(cell, columns.order), columns.period
    if period is not None and period[0] <= day <= period[1]:
        return day
    raise ValueError(f"{cell} was made of another date")


def is_repeated_heading(cells: Sequence[Cell], columns: Columns) -> bool:
    """Whether a row names columns again rather than holding values."""
    day = columns.cell(cells, "date")
    if day is not None and (not isinstance(day, str) or not _DIGITS.isdisjoint(day)):
        return False
    named = [
        role for role in ("date", "year", "debit", "credit", "amount") if role in columns.roles
    ]
    words = {compact(cell_text(columns.cell(cells, role))) for role in named}
    return bool(words) and all(word and not any(c.isdigit() for c in word) for word in words)


class Told(NamedTuple):
    """A value that an option of the layout names, with its column (from 0) and heading."""

    place: int
    heading: str
    text: str
