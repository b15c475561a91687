"""Amounts, dates and codes as people in Mexico and Colombia write them.

Amounts become :class:`decimal.Decimal`; a binary float (a spreadsheet cell) passes through its
shortest decimal form and is rounded to the currency's cents, so that ``75495.79000000001`` is
75495.79 again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 15
ROUNDING_NOTICED = Decimal("0.0005")
"""Below this a difference is the noise of binary floats; from here on somebody wrote more than two
decimals.
"""
_EXCEL_EPOCH = date(1899, 12, 30)
_MONTHS = {
    "ene": 1,
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "abr": 4,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "ago": 8,
    "aug": 8,
    "sep": 9,
    "set": 9,
    "oct": 10,
    "nov": 11,
    "dic": 12,
    "dec": 12,
}
_NAMED_DATE = re.compile(
    r"(\d{1,2})[\s/.\-]+(?:de\s+)?([^\W\d]{3,})\.?[\s/.\-]+(?:de\s+)?(\d{4}|\d{2})"
)
_YEAR_FIRST_NAMED = re.compile(r"(\d{4})[\s/.\-]+([^\W\d]{3,})\.?[\s/.\-]+(\d{1,2})")
_MONTH_FIRST = re.compile(r"([^\W\d]{3})[\s/]+(\d{1,2})/(\d{4})")
_NUMERIC_DATE = re.compile(r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})(?:[T\s].*)?")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E[+]?\d{1,3}", re.IGNORECASE)


_FILLERS = frozenset(
    {"-", "--", "–", "—", "'", "''", "-.-", "$-", "$ -", "_", "no aplica", "n/a", "n.a.", "n/d"}
)
"""What a blank amount is written as by people who dislike empty cells."""


class Money(NamedTuple):
    """An amount at full scale and the currency its own cell names (empty: none)."""

    amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes numbers. ``certain`` is False when no value of the column could tell."""

    decimal_mark: str = "."
    certain: bool = False

    def parse(self, value: object) -> Decimal:
        """The amount in ``value`` at full scale; zero for blank. Raises ValueError on anything
        else.
        """
        return self.money(value).amount

    def money(self, value: object) -> Money:
        """The amount with the currency its cell names. A cell is read wholly or not at all: raises
        ValueError where anything is left over.
        """
        if isinstance(value, Decimal):
            return Money(value)
        if isinstance(value, int):
            return Money(Decimal(value))
        text = "" if value is None else str(value).strip()
        if not text or text.casefold() in _FILLERS:
            return Money(Decimal(0))
        return _parse_money(text, self.decimal_mark)

    def is_doubtful(self, value: object) -> bool:
        """Whether a text has the decimal mark before exactly three digits: thousands in the other
        style, most likely.
        """
        if not isinstance(value, str) or not is_ambiguous_number(value):
            return False
        return self.decimal_mark in value


def number_style(values: Iterable[object]) -> NumberStyle:
    """The style that explains a column's texts: the mark that stands last, or once before other
    than three digits.

    ``1.234`` alone is ambiguous: where a column has nothing clearer, the mark is taken to group
    thousands, because amounts have two decimals, and the answer says ``certain=False``.
    """
    votes = {".": 0, ",": 0}
    grouping = {".": 0, ",": 0}
    for value in values:
        if isinstance(value, str):
            mark = _decimal_mark_shown(value)
            if mark:
                votes[mark] += 1
            elif is_ambiguous_number(value):
                grouping["." if "." in value else ","] += 1
    if votes["."] != votes[","]:
        return NumberStyle("." if votes["."] > votes[","] else ",", certain=True)
    return NumberStyle("," if grouping["."] > grouping[","] else ".", certain=False)


def is_ambiguous_number(text: str) -> bool:
    """Whether a number reads two ways: one mark with three digits behind it, as in ``1.234``."""
    return re.fullmatch(r"[-($ ]*[1-9][0-9]{0,2}[.,][0-9]{3}[-)$ ]*", text.strip()) is not None


def to_cents(amount: Decimal) -> Decimal:
    """Round half up to two decimals: how both countries' accounting systems print.

    Raises ValueError from a thousand billions on: no amount of a ledger, and more than its columns
    hold.
    """
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise ValueError(f"{amount} is no amount of a ledger")
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def parse_date(value: object, day_first: bool = True) -> date:
    """A date from a cell, ``yyyymmdd``, ISO, ``dd/mm/yyyy``, ``dd/Mmm/yyyy`` or an Excel serial
    number.

    Two-digit years are of this century up to 69. Raises ValueError when the text is no date that
    exists.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, Decimal):
        return _from_number(value)
    return _date_of_text(str(value or "").strip().removeprefix("'"), day_first)


@lru_cache(maxsize=16384)
def _date_of_text(text: str, day_first: bool) -> date:
    if re.fullmatch(r"\d{8}", text):
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    named = _NAMED_DATE.fullmatch(text)
    if named:
        return date(full_year(named[3]), _month_number(named[2]), int(named[1]))
    if turned := _YEAR_FIRST_NAMED.fullmatch(text):
        return date(int(turned[1]), _month_number(turned[2]), int(turned[3]))
    if re.fullmatch(r"\d{5}", text) and 20_000 <= int(text) <= 80_000:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    turned = _MONTH_FIRST.fullmatch(text)
    if turned and plain(turned[1]) in _MONTHS:
        return date(int(turned[3]), _MONTHS[plain(turned[1])], int(turned[2]))
    numeric = _NUMERIC_DATE.fullmatch(text)
    if not numeric:
        raise ValueError(f"{text!r} is not a date")
    first, second, third = numeric.groups()
    if len(first) == 4:
        return date(int(first), int(second), int(third))
    day, month_number = (int(first), int(second)) if day_first else (int(second), int(first))
    return date(full_year(third), month_number, day)


def _month_number(name: str) -> int:
    month = _MONTHS.get(plain(name)[:3])
    if month is None:
        raise ValueError(f"{name!r} is no month")
    return month


def day_comes_first(values: Iterable[object]) -> bool:
    """Whether a column writes day before month: what most of its telling values say (one part above
    12), and the custom of both countries where they are silent.
    """
    day_first = month_first = 0
    for value in values:
        found = _NUMERIC_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
        if found and len(found[1]) < 4:
            day_first += int(found[1]) > 12 >= int(found[2])
            month_first += int(found[2]) > 12 >= int(found[1])
    return month_first <= day_first


def code_text(value: object) -> str:
    """A code (account, folio, tax id) as text. Leading zeros of texts survive, the apostrophe that
    guards them in a spreadsheet (or the two some banks write) does not; 12.0 from a cell is "12".
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return (
            format(value.normalize(), "f")
            if value == value.to_integral_value()
            else format(value, "f")
        )
    said = str(value).strip()
    if len(said) > 1 and said[0] == said[-1] == "'":
        return said[1:-1].strip()
    return said.removeprefix("'")


def is_damaged_code(text: str) -> bool:
    """Whether a code is in scientific notation (``1.02E+14``): a spreadsheet has eaten its
    digits.
    """
    return _SCIENTIFIC.fullmatch(text.strip()) is not None


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """Lower case, without accents, runs of blanks as one: how headings and names are compared."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def compact(text: str) -> str:
    """:func:`plain` without any blank, so that ``C u e n t a`` equals ``Cuenta``."""
    return plain(text).replace(" ", "")


_MINUS = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})
_DOTTED = re.compile(r"(?<=[^\W\d])\.")
"""The dots of ``M.N.`` and ``U.S.``"""
_AMOUNT = re.compile(
    r"(?P<before>[^\d.,()\-+ ']*) ?(?P<sign>[+-]?) ?(?P<after_sign>[^\d.,()\-+ ']*) ?"
    r"(?P<number>[\d.,](?:[\d.,' ]*[\d.,])?) ?(?P<behind>[^\d.,()+ '-]*)(?P<trailing>-?)"
    r"(?P<last> ?[^\d.,()+ '-]*)"
)


SIDE_MARKS = ("CR", "DR", "DB")
"""What is written behind an amount for its side; a credit is taken for a minus."""
_LONGEST_AMOUNT = 60
"""In characters, with currency words: a longer text is no amount."""


def _parse_money(text: str, mark: str) -> Money:
    from importers.currencies import currency_code

    said = _bare_amount(text)
    bracketed = said.startswith("(") and said.endswith(")")
    found = _AMOUNT.fullmatch(said[1:-1].strip() if bracketed else said)
    if found is None or len(text) > _LONGEST_AMOUNT:
        raise ValueError(f"{text[:40]!r} is not an amount")
    said_beside = [found[name].strip() for name in ("before", "after_sign", "behind", "last")]
    marks = [word for word in said_beside if word.upper() in SIDE_MARKS]
    words = [word for word in said_beside if word not in marks]
    codes = [currency_code(word) for word in words]
    named = {code for code in codes if code}
    signs = bracketed + (found["sign"] == "-") + (found["trailing"] == "-")
    signs += sum(word.upper() == "CR" for word in marks)
    number = _number(found["number"], mark)
    if number is None or None in codes or len(named) > 1 or signs > 1:
        raise ValueError(f"{text!r} is not an amount")
    return Money(-number if signs else number, named.pop() if named else "")


def _bare_amount(text: str) -> str:
    """The text of an amount without the apostrophes that guard it and the dots of ``M.N.``."""
    if len(text) > _LONGEST_AMOUNT:
        return ""
    said = _DOTTED.sub("", text.translate(_MINUS)).strip()
    if len(said) > 2 and said[0] == said[-1] == "'":
        said = said[1:-1].strip()
    return said.removeprefix("'").strip()


def _number(text: str, mark: str) -> Decimal | None:
    """Digits with at most one decimal mark, grouped in threes by one sign or not at all; None for
    anything else.
    """
    whole, _, fraction = text.rpartition(mark) if mark in text else (text, "", "")
    group = "," if mark == "." else "."
    grouped = re.fullmatch(rf"\d{{1,3}}(?:([{re.escape(group)}' ])\d{{3}})(?:\1\d{{3}})*", whole)
    if not grouped and not re.fullmatch(r"\d*", whole):
        return None
    if not re.fullmatch(r"\d*", fraction):
        return None
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{digits or '0'}.{fraction or '0'}") if digits or fraction else None


def _decimal_mark_shown(said: str) -> str | None:
    text = _DOTTED.sub("", said)
    marks = [character for character in text if character in ".,"]
    if not marks:
        return None
    last = marks[-1]
    if len(set(marks)) == 2:
        return last
    digits_after = len(re.sub(r"\D", "", text.rpartition(last)[2]))
    if len(marks) > 1:
        return "," if last == "." else "."
    if digits_after == 3:
        before = re.sub(r"\D", "", text.rpartition(last)[0])
        return last if len(before) > 3 or before in ("", "0") else None
    return last


def _from_number(value: Decimal) -> date:
    number = int(value)
    if 19000101 <= number <= 29991231:
        return date(number // 10000, number // 100 % 100, number % 100)
    if 1 <= number < 2958466:
        return _EXCEL_EPOCH + timedelta(days=number)
    raise ValueError(f"{number} is not a date")


def full_year(text: str) -> int:
    """The year of two or four digits; two digits are of this century up to 69. Raises ValueError on
    no year of a ledger.
    """
    year = int(text)
    if len(text) == 2:
        return 2000 + year if year < 70 else 1900 + year
    if not 1900 <= year <= 2999:
        raise ValueError(f"{year} is no year of a ledger")
    return year
