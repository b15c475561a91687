"""The rows of a block of text by their columns: what is plainly a movement is read without looking
at it alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, compress
from typing import Any, cast

from importers.identity import normalise_tax_id
from importers.ledger.columns import Columns
from importers.ledger.plain_rows import MAYBE_DAMAGED, PLAIN_ROLES, cents_reader, plain_amount
from importers.records import LedgerLine, Line
from importers.source import Source
from importers.tables import Container
from importers.values import NumberStyle

Key = tuple[str, str, date | None]


_MARKS = {ord("."): None, ord(","): None}


def has_plain_lines(source: Source) -> bool:
    """Whether every line of a text is a row that is cut wherever the delimiter stands."""
    return (
        source.container is Container.TEXT
        and not source.profile.table.keys() & {"aligned", "spans"}
        and not source.content.holds(b'"')
        and not source.content.holds(b"\0")
    )


class BlockReader:
    """Cuts lines at the delimiter and reads them column by column. Only for texts without quotes
    and layouts whose rows the short way understands (see ``PlainRows``).
    """

    def __init__(self, columns: Columns, delimiter: str) -> None:
        self._columns, self._delimiter = columns, delimiter
        self._places = {role: columns.roles[role] for role in PLAIN_ROLES if role in columns.roles}
        self.told_aside = "voucher" not in columns.roles
        self.needs_account = "account" in columns.roles
        self._width = max(columns.roles.values(), default=0) + 1
        self._most = columns.width if columns.strict_width else sys.maxsize
        self._cents: dict[str, Callable[[str], int | None]] = {
            role: cents_reader(columns.styles[role])
            for role in ("debit", "credit")
            if role in columns.styles
        }
        self._all_plain = {role: _plain_amounts(columns.styles[role]) for role in self._cents}
        self._days: dict[str, date | None] = {}
        self._currencies: dict[str, str] = {}

    def read(self, lines: Sequence[Line]) -> Block:
        rows = [line.text.split(self._delimiter) for line in lines]
        width = max(map(len, rows), default=0)
        plain = [self._width <= len(row) <= self._most for row in rows]
        full = (
            rows
            if min(map(len, rows), default=0) == width
            else [row + [""] * (width - len(row)) for row in rows]
        )
        cells = list(zip(*full, strict=True))
        columns: dict[str, Sequence[str]] = {
            role: list(map(str.strip, cells[place])) if place < width else [""] * len(rows)
            for role, place in self._places.items()
        }
        blank = [""] * len(rows)
        for role in PLAIN_ROLES:
            columns.setdefault(role, blank)
        return Block(lines, rows, columns, plain, self)

    def currencies(self, texts: Sequence[str]) -> Sequence[str]:
        """The currency of each row; a text is looked at once."""
        known = self._currencies
        for text in set(texts) - known.keys():
            known[text] = self._columns.currency_named(text)
        return [known[text] for text in texts]

    def days(self, texts: Sequence[str], rows: Sequence[Sequence[str]]) -> list[date | None]:
        """The date of each row, None where it has none that exists; a text is looked at once."""
        known = self._days
        for text, row in zip(texts, rows, strict=True):
            if text not in known:
                try:
                    known[text] = self._columns.date(row)
                except (ValueError, TypeError):
                    known[text] = None
        return [known[text] for text in texts]

    def cents(self, role: str, texts: Sequence[str]) -> list[int | None]:
        """Each amount in cents, None where it is not written plainly; all at once where all are."""
        if role not in self._cents:
            return [0] * len(texts)
        joined = "\n".join(texts)
        if self._all_plain[role](joined):
            digits = joined.translate(_MARKS).split("\n")
            return [int(text) if text else 0 for text in digits]
        read = self._cents[role]
        return [read(text) if text else 0 for text in texts]


class Block:
    """``plain`` says of each row whether it is plainly a movement; ``columns`` holds what
    ``ColumnLines`` takes, and ``keys`` the voucher of each row.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        rows: Sequence[list[str]],
        texts: dict[str, Sequence[str]],
        plain: list[bool],
        reader: BlockReader,
    ) -> None:
        self.lines, self.rows = lines, rows
        debits, credits_ = (
            reader.cents("debit", texts["debit"]),
            reader.cents("credit", texts["credit"]),
        )
        days = reader.days(texts["date"], rows)
        strangers = _strangers(lines, texts, reader)
        self.plain = [
            fits
            and day is not None
            and debit is not None
            and credit is not None
            and (debit or credit)
            and not strange
            for fits, day, debit, credit, strange in zip(
                plain, days, debits, credits_, strangers, strict=True
            )
        ]
        self.keys: list[Key] = list(zip(_kinds(texts), texts["voucher"], days, strict=True))
        self._has_tax_ids = any(texts["tax_id"])
        self.columns: dict[str, Sequence[Any]] = {
            "line": [line.number for line in lines],
            "account": texts["account"],
            "debit": debits,
            "credit": credits_,
            "reference": texts["reference"],
            "description": texts["description"],
            "account_name": texts["account_name"],
            "party": texts["party"],
            "tax_id": [normalise_tax_id(text) if text else "" for text in texts["tax_id"]],
            "currency": reader.currencies(texts["currency"]),
            "debit_sums": _running(debits),
            "credit_sums": _running(credits_),
        }
        self._identifiers = texts["identifier"]

    def tax_ids(self, start: int, end: int) -> tuple[tuple[int, str], ...]:
        """Line and tax id of the rows that have one."""
        if not self._has_tax_ids:
            return ()
        ids = self.columns["tax_id"][start:end]
        return tuple(compress(zip(self.columns["line"][start:end], ids, strict=True), ids))

    def plain_run(self, start: int) -> int:
        """Where the plain rows that begin at ``start`` end."""
        end = start
        while end < len(self.plain) and self.plain[end]:
            end += 1
        return end

    def records(self, start: int, end: int) -> Iterator[LedgerLine]:
        """The plain rows from ``start`` to before ``end``, each standing for itself."""
        names = ("line", "debit", "credit", "account", "account_name")
        texts = ("reference", "description", "party", "tax_id", "currency")
        columns = [self.columns[name][start:end] for name in (*names, *texts)]
        rows = zip(*columns, self.keys[start:end], self._identifiers[start:end], strict=True)
        for number, debit, credit, account, name, *said, key, identifier in rows:
            kind, voucher, day = key
            amounts = _money(debit), _money(credit)
            reference, text, party, tax_id, currency = said
            parties = party, tax_id, currency, identifier
            of_account = account, name, kind, voucher
            yield LedgerLine._make(
                (number, day, *amounts, *of_account, reference, text, *parties, "", "", "")
            )

    def moved(self, start: int, end: int) -> Mapping[str, tuple[int, int, int]]:
        """Account → what it moved between two places in cents, and its first and last row there."""
        found: dict[str, tuple[int, int, int]] = {}
        columns = (self.columns[name][start:end] for name in ("account", "debit", "credit"))
        for place, (account, debit, credit) in enumerate(zip(*columns, strict=True), start):
            cents, first, _ = found.get(account, (0, place, place))
            found[account] = cents + debit - credit, first, place
        return found

    def run(self, start: int) -> int:
        """Where the rows of the same voucher that begin at ``start`` end."""
        keys, plain, key, end = self.keys, self.plain, self.keys[start], start + 1
        while end < len(keys) and plain[end] and keys[end] == key:
            end += 1
        return end


@lru_cache(maxsize=4096)
def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _strangers(
    lines: Sequence[Line], texts: Mapping[str, Sequence[str]], reader: BlockReader
) -> list[bool]:
    """Which rows the short way leaves alone: damaged codes, apostrophes, no account, a word of a
    balance where no voucher says that it is none.
    """
    damaged = _damaged([texts[role] for role in ("reference", "account", "tax_id", "voucher")])
    strangers = ["'" in line.text for line in lines]
    if damaged is not None:
        strangers = [a or b for a, b in zip(damaged, strangers, strict=True)]
    if reader.told_aside and "aldo" in "\n".join(line.text for line in lines).casefold():
        told = ("aldo" in line.text.casefold() for line in lines)
        strangers = [strange or aside for strange, aside in zip(strangers, told, strict=True)]
    if reader.needs_account and "" in texts["account"]:
        both = zip(strangers, texts["account"], strict=True)
        strangers = [strange or not account for strange, account in both]
    return strangers


def _kinds(texts: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if not any(texts["kind_code"]):
        return texts["kind"]
    both = zip(texts["kind"], texts["kind_code"], strict=True)
    return ["-".join(filter(None, parts)) for parts in both]


def _running(cents: Sequence[int | None]) -> list[int]:
    """What all amounts before each place add up to; an amount that could not be read counts
    nothing.
    """
    known = cents if None not in cents else [amount or 0 for amount in cents]
    return list(accumulate(cast("Sequence[int]", known), initial=0))


def _plain_amounts(style: NumberStyle) -> Callable[[str], object]:
    """Whether all of some amounts, one a line, are blank or written plainly (see
    :func:`cents_reader`).
    """
    one = f"(?:{plain_amount(style)})?"
    return re.compile(rf"{one}(?:\n{one})*").fullmatch


def _damaged(columns: Sequence[Sequence[str]]) -> list[bool] | None:
    """Which rows may have a code a spreadsheet has damaged; None where no row has."""
    suspects = [column for column in columns if MAYBE_DAMAGED.search("\n".join(column))]
    if not suspects:
        return None
    found = MAYBE_DAMAGED.search
    return [any(map(found, texts)) for texts in zip(*suspects, strict=True)]
