"""Rows that are plainly movements, read the short way."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter

from importers.identity import normalise_tax_id
from importers.ledger.columns import Columns
from importers.records import LedgerLine
from importers.tables import Cell, Row
from importers.values import NumberStyle

ZERO = Decimal("0.00")
PLAIN_ROLES = (
    "date",
    "debit",
    "credit",
    "account",
    "account_name",
    "kind",
    "kind_code",
    "voucher",
    "reference",
    "description",
    "party",
    "tax_id",
    "currency",
    "identifier",
)


_LONG_WAY = frozenset(
    {
        "opening",
        "skip",
        "skip_where",
        "opening_where",
        "closing_where",
        "absolute",
        "negate",
        "date_format",
        "overflow",
        "party_rows",
    }
)
"""Options of a layout that rows have to be asked about one by one."""


_ASKED = frozenset(
    {"year", "side", "void", "series", "quantity", "rate", "payer", "payee", "counter_account"}
)
"""Columns that have to be asked about row by row."""


MAYBE_DAMAGED = re.compile(r"\d[eE][+\d]")
"""What a spreadsheet leaves of a long code (``1.02E+14``); ``REC-5`` and the letters of an RFC are
nothing of the kind.
"""


class PlainRows:
    """The short way for rows that are plainly movements: a date, amounts of two decimals, nothing
    else to ask.

    ``movement`` answers None for every other row, which then takes the long way of
    :func:`read_row`; both give the same for the rows both understand.
    """

    def __init__(self, columns: Columns) -> None:
        roles = columns.roles
        self._columns = columns
        self.usable = (
            "date" in roles
            and not roles.keys() & _ASKED
            and not columns.states
            and bool(roles.keys() & {"debit", "credit", "amount"})
            and not columns.options.keys() & _LONG_WAY
        )
        self._told_aside = "voucher" not in roles
        self._width = max(roles.values(), default=0) + 1
        self._most = columns.width if columns.strict_width else sys.maxsize
        self._cut = itemgetter(*(roles.get(role, -1) for role in (*PLAIN_ROLES, "amount")))
        self._debit, self._credit = (
            _amount_reader(columns.styles[role]) if role in columns.styles else _nothing
            for role in ("debit", "credit")
        )
        self._amount = (
            _amount_reader(columns.styles["amount"]) if "amount" in columns.styles else None
        )
        self._shared_account = columns.shares_account
        self._needs_account = "account" in roles and not self._shared_account
        self._days: dict[str, date] = {}

    @property
    def by_columns(self) -> bool:
        """Whether the rows can be read a column at a time: no cell depends on the row above it."""
        return self.usable and not self._shared_account and self._amount is None

    def movement(self, row: Row) -> LedgerLine | None:
        cells = row.cells
        if not self.usable or not self._width <= len(cells) <= self._most:
            return None
        try:
            (
                day_text,
                debit_text,
                credit_text,
                account,
                name,
                kind,
                kind_code,
                number,
                reference,
                description,
                party,
                tax_id,
                currency,
                identifier,
                amount_text,
            ) = map(str.strip, self._cut((*cells, "")))
        except TypeError:
            return None
        day = self._days.get(day_text) or self._day(day_text, cells)
        debit, credit = self._sides(debit_text, credit_text, amount_text)
        if day is None or debit is None or credit is None or not (debit or credit):
            return None
        texts = f"{kind}{kind_code}{name}{description}{party}{currency}{identifier}"
        if self._is_strange(reference + account + tax_id + number, texts, account):
            return None
        if self._shared_account:
            account, name = self._columns.account(cells)
        if kind_code:
            kind = f"{kind}-{kind_code}" if kind else kind_code
        return LedgerLine._make(
            (
                row.number,
                day,
                debit,
                credit,
                account,
                name,
                kind,
                number,
                reference,
                description,
                party,
                normalise_tax_id(tax_id) if tax_id else "",
                self._columns.currency_named(currency),
                identifier,
                "",
                "",
                "",
            )
        )

    def _day(self, text: str, cells: Sequence[Cell]) -> date | None:
        """The date of a row, None where it has none that exists; a text is looked at once."""
        try:
            day = self._days[text] = self._columns.date(cells)
        except (ValueError, TypeError):
            return None
        return day

    def _is_strange(self, codes: str, texts: str, account: str) -> bool:
        """Whether a row has a damaged code, an apostrophe, no account, or may tell a balance."""
        if "'" in codes or "'" in texts or MAYBE_DAMAGED.search(codes):
            return True
        if not account and self._needs_account:
            return True
        return self._told_aside and "aldo" in f"{codes}{texts}".casefold()

    def _sides(self, debit: str, credit: str, amount: str) -> tuple[Decimal | None, Decimal | None]:
        """Debit and credit; None where one is not written plainly."""
        if self._amount is None or not (debit or credit):
            return (
                self._signed(amount) if self._amount else (self._debit(debit), self._credit(credit))
            )
        if amount and self._amount(amount.removeprefix("-")) is None:
            return None, None
        return self._debit(debit), self._credit(credit)

    def _signed(self, text: str) -> tuple[Decimal | None, Decimal]:
        """Debit and credit of an amount with a sign; None where it is not written plainly."""
        assert self._amount is not None
        amount = self._amount(text.removeprefix("-"))
        return (ZERO, amount) if text.startswith("-") and amount else (amount, ZERO)


def _nothing(_: str) -> Decimal | None:
    """The amount of a side the table has no column for."""
    return ZERO


def cents_reader(style: NumberStyle) -> Callable[[str], int | None]:
    """Reads amounts written plainly, with two decimals and without sign, as cents; None for any
    other text.
    """
    plainly = re.compile(plain_amount(style)).fullmatch

    @lru_cache(maxsize=4096)
    def read(text: str) -> int | None:
        return int(text.replace(",", "").replace(".", "")) if plainly(text) else None

    return read


def plain_amount(style: NumberStyle) -> str:
    """The pattern of an amount written plainly."""
    point, comma = (
        re.escape(style.decimal_mark),
        re.escape("," if style.decimal_mark == "." else "."),
    )
    return rf"(?:[0-9]{{1,12}}|[0-9]{{1,3}}(?:{comma}[0-9]{{3}}){{1,3}}){point}[0-9]{{2}}"


def _amount_reader(style: NumberStyle) -> Callable[[str], Decimal | None]:
    cents_of = cents_reader(style)

    def read(text: str) -> Decimal | None:
        if not text:
            return ZERO
        cents = cents_of(text)
        return None if cents is None else Decimal(cents).scaleb(-2)

    return read
