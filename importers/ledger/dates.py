"""The dates of a table: one order for the whole column, years a layout leaves out, and cells a
spreadsheet has turned into other days.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from importers.findings import Finding
from importers.tables import Cell
from importers.values import full_year, parse_date

Period = tuple[date, date]


class Order(StrEnum):
    """In which order a column writes its dates."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    YEAR_FIRST = "year-first"
    """A year of two digits, then month and day."""


@dataclass(frozen=True, slots=True)
class DateOrder:
    """``doubtful`` is a date of the column that reads two ways while nothing decides; empty when
    all is clear.
    """

    order: Order
    doubtful: str = ""
    other: Order = Order.MONTH_FIRST

    def remarks(self, heading_line: int) -> Iterator[Finding]:
        """The doubt, with both readings."""
        if self.doubtful:
            values = {
                "seen": self.doubtful,
                "expected": read_date(self.doubtful, self.order),
                "other": read_date(self.doubtful, self.other),
            }
            yield Finding("ambiguous-dates", heading_line, 0, values)


def date_order(values: Iterable[Cell], period: Period | None = None) -> DateOrder:
    """The order that explains a column: parts above 12 first, then the period the file states, then
    the reading that keeps the dates together. Where nothing decides, day before month, the custom
    of both countries, and the doubt is said.
    """
    found = [_NUMERIC.fullmatch(value.strip()) for value in values if isinstance(value, str)]
    parts = [(int(match[1]), int(match[2]), match[3], match[0]) for match in found if match]
    if not parts:
        return DateOrder(Order.DAY_FIRST)
    orders = [order for order in _orders(parts) if _explained(parts, order) == len(parts)]
    if not orders:
        return DateOrder(max(_orders(parts), key=lambda order: _explained(parts, order)))
    if period is not None:
        inside = [order for order in orders if _inside(parts, order, period)]
        orders = inside or orders
    if not any(_reads_differently(part, orders) for part in parts):
        return DateOrder(orders[0])
    return _by_spread(parts, orders)


def _reads_differently(part: _Parts, orders: Sequence[Order]) -> bool:
    return len({_read(part, order) for order in orders}) > 1


def _by_spread(parts: Sequence[_Parts], orders: Sequence[Order]) -> DateOrder:
    """Dates of a file lie together: the order with the fewest months is the likeliest. It is only
    taken without a word where it is also the custom.
    """
    months = {order: len(_months(parts, order)) for order in orders}
    likeliest = min(orders, key=lambda order: months[order])
    others = [order for order in orders if order is not likeliest]
    doubtful = next(part[3] for part in parts if _reads_differently(part, orders))
    is_alone = all(months[order] > months[likeliest] for order in others)
    if likeliest is Order.DAY_FIRST and is_alone:
        return DateOrder(likeliest)
    if likeliest is Order.YEAR_FIRST and is_alone:
        return DateOrder(likeliest, doubtful, Order.DAY_FIRST)
    chosen = orders[0]
    other = likeliest if likeliest is not chosen else others[0]
    return DateOrder(chosen, doubtful, other)


_Parts = tuple[int, int, str, str]
_NUMERIC = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:[T\s].*)?")


def _orders(parts: Sequence[_Parts]) -> list[Order]:
    if all(len(third) == 2 for _, _, third, _ in parts):
        return [Order.DAY_FIRST, Order.MONTH_FIRST, Order.YEAR_FIRST]
    return [Order.DAY_FIRST, Order.MONTH_FIRST]


def _explained(parts: Sequence[_Parts], order: Order) -> int:
    return sum(1 for part in parts if _read(part, order) is not None)


def _inside(parts: Sequence[_Parts], order: Order, period: Period) -> bool:
    days = [_read(part, order) for part in parts]
    return all(day is not None and period[0] <= day <= period[1] for day in days)


def _months(parts: Sequence[_Parts], order: Order) -> set[tuple[int, int]]:
    days = [_read(part, order) for part in parts]
    return {(day.year, day.month) for day in days if day is not None}


def _read(part: _Parts, order: Order) -> date | None:
    first, second, third, _ = part
    try:
        if order is Order.YEAR_FIRST:
            return date(full_year(f"{first:02}"), second, int(third))
        day, month = (first, second) if order is Order.DAY_FIRST else (second, first)
        return date(full_year(third), month, day)
    except ValueError:
        return None


def read_date(cell: Cell, order: Order) -> date:
    """A date in a column of this order. Raises ValueError when it is no date that exists."""
    if order is Order.YEAR_FIRST and isinstance(cell, str):
        found = _NUMERIC.fullmatch(cell.strip())
        if found and len(found[3]) == 2:
            return date(full_year(f"{int(found[1]):02}"), int(found[2]), int(found[3]))
    return parse_date(cell, order is not Order.MONTH_FIRST)


def period_of_month(text: str) -> Period:
    """First and last day of ``yyyy-mm``."""
    year, month = map(int, text.split("-"))
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


_SHEET_PERIOD = re.compile(r"(\d{2})(\d{2})(20\d{2})\D(\d{2})(\d{2})(20\d{2})")


def period_of_name(name: str) -> Period | None:
    """The period a sheet's name states, as Banco de Bogotá writes it: ``CORP_01042026a30042026…``.
    None where it states none.
    """
    found = _SHEET_PERIOD.search(name)
    if found is None:
        return None
    day, month, year, last_day, last_month, last_year = map(int, found.groups())
    try:
        return date(year, month, day), date(last_year, last_month, last_day)
    except ValueError:
        return None


def date_in_form(text: str, form: str, period: Period | None) -> date:
    """``form`` names the digits of the text in order: day ``dd``, month ``mm``, year ``yyyy``; what
    stands between them does not count. A date without year is the one of the period, or of the year
    it begins in; one that brings its year although the form has none is read by it. Raises
    ValueError when they make no date.
    """
    parts = re.findall("dd|mm|yyyy", form)
    if "yyyy" not in parts and _NUMERIC.fullmatch(text.strip()):
        return parse_date(text, parts[0] == "dd")
    values = _values(text, form, parts)
    day, month = int(values["dd"][:4]), int(values["mm"][:4])
    if "yyyy" in values:
        return date(full_year(values["yyyy"]), month, day)
    if period is None:
        raise ValueError(f"{text!r} has no year")
    start, end = period
    found = date(end.year, month, day)
    return date(start.year, month, day) if found > end and start.year < end.year else found


def _values(text: str, form: str, parts: Sequence[str]) -> Mapping[str, str]:
    digits = re.sub("[^0-9]", "", text)
    separate = re.findall("[0-9]+", text)
    if len(separate) == len(parts):
        return dict(zip(parts, separate, strict=True))
    if len(digits) != len("".join(parts)) - form.startswith("d") * (len(digits) % 2):
        raise ValueError(f"{text!r} is not a date in the form {form}")
    digits = digits.rjust(len("".join(parts)), "0")
    values = {}
    for part in parts:
        values[part], digits = digits[: len(part)], digits[len(part) :]
    return values


def text_before(day: date, number_format: str) -> str:
    """What was written where a spreadsheet that puts the day first has made a date of a text
    without year: it shows ``04/30`` as ``abr-30`` (format ``mmm-yy``) and ``04/10`` as ``4-oct``
    (``d-mmm``). Empty where the cell shows a whole date, and nothing was turned.
    """
    shown = number_format.casefold()
    if "y" in shown and "d" not in shown:
        return f"{day.month:02}/{day.year % 100:02}"
    if "d" in shown and "y" not in shown:
        return f"{day.day:02}/{day.month:02}"
    return ""


def turned_texts(
    cells: Iterable[tuple[Cell, str]], fits: Callable[[str], bool]
) -> Mapping[date, str]:
    """For each date among cells with their number formats the text it was made of, in the order
    that ``fits`` the file. A date that two texts may have become is left out.
    """
    texts: dict[date, set[str]] = {}
    for cell, number_format in cells:
        if isinstance(cell, date) and (text := text_before(cell, number_format)):
            other = "/".join(reversed(text.split("/")))
            texts.setdefault(cell, set()).add(text if fits(text) or not fits(other) else other)
    return {day: found.pop() for day, found in texts.items() if len(found) == 1}
