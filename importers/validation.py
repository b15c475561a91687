"""Rules over vouchers and ledger lines. A voucher is the unit: an error blocks its voucher, never
the file.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from importers.findings import Finding
from importers.identity import (
    RFC_GENERIC,
    is_rfc_form,
    is_uuid_form,
    normalise_tax_id,
    rfc_check_digit,
)
from importers.records import ColumnLines, LedgerLine, Voucher

_FIRST_DAY = date(1990, 1, 1)
_AHEAD = timedelta(days=400)


@dataclass
class Rules:
    """The rules of one file; keeps what it has seen so that a repeated number is found.

    ``start`` and ``end`` bound the period every date must lie in (None: no bound). ``country``
    decides whether tax ids are checked as RFC.
    """

    start: date | None = None
    end: date | None = None
    country: str = "MX"
    last_day: date = field(default_factory=lambda: datetime.now(UTC).date() + _AHEAD)
    """The last day a date may plausibly have where no period bounds it."""
    _seen: dict[tuple[str, int, int, str], int] = field(default_factory=dict)

    @classmethod
    def for_period(cls, period: str) -> Rules:
        """Rules for a month ``yyyy-mm``. Raises ValueError when it is none."""
        year, month = (int(part) for part in period.split("-"))
        return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))

    @classmethod
    def of_period(cls, period: str) -> Rules:
        """The same where a month was said; without one, rules that bound no date."""
        return cls.for_period(period) if period else cls()

    def check(self, record: Voucher | LedgerLine) -> Iterator[Finding]:
        """Every finding of one record, in the order of its lines."""
        if self.start or self.end:
            yield from self._period(record.line, record.date)
        elif not _FIRST_DAY <= record.date <= self.last_day:
            yield Finding("date-implausible", record.line, 0, {"seen": record.date})
        if isinstance(record, Voucher):
            yield from self._voucher(record)
        elif record.tax_id:
            yield from self._tax_id(record.line, record.tax_id)

    def _voucher(self, voucher: Voucher) -> Iterator[Finding]:
        yield from self._number(voucher)
        yield from _sums(voucher)
        if not voucher.posted:
            yield Finding("not-posted", voucher.line, 0, {"voucher": voucher.title})
        yield from _lines(voucher)
        for place, tax_id in voucher.tax_ids:
            yield from self._tax_id(place, tax_id)
        for uuid in voucher.uuids:
            if not is_uuid_form(uuid):
                yield Finding("uuid-form", voucher.line, 0, {"seen": uuid})

    def _number(self, voucher: Voucher) -> Iterator[Finding]:
        if not voucher.number:
            yield Finding("folio-missing", voucher.line)
        elif (first := self._first_line(voucher)) != voucher.line:
            values = {"voucher": voucher.title, "period": voucher.period, "first": first}
            yield Finding("folio-duplicated", voucher.line, 0, values)

    def _first_line(self, voucher: Voucher) -> int:
        """Where the voucher's number was seen first, which is here for most."""
        key = (voucher.kind, voucher.date.year, voucher.date.month, voucher.number)
        return self._seen.setdefault(key, voucher.line)

    def _period(self, line: int, day: date) -> Iterator[Finding]:
        if (self.start and day < self.start) or (self.end and day > self.end):
            values = {"seen": day, "expected": f"{self.start} … {self.end}"}
            yield Finding("date-outside-period", line, 0, values)

    def _tax_id(self, line: int, text: str) -> Iterator[Finding]:
        if self.country == "MX":
            yield from rfc_findings(line, text)


def _sums(voucher: Voucher) -> Iterator[Finding]:
    """What is wrong with a voucher as a whole."""
    if voucher.broken_line:
        values: dict[str, object] = {"voucher": voucher.title, "first": voucher.broken_line}
        yield Finding("bad-line-inside", voucher.line, 0, values)
    elif _is_blank(voucher):
        yield Finding("voucher-empty", voucher.line, 0, {"voucher": voucher.title})
    elif not voucher.balances:
        debit, credit = voucher.debit, voucher.credit
        values = {
            "voucher": voucher.title,
            "debit": debit,
            "credit": credit,
            "difference": debit - credit,
        }
        yield Finding("voucher-unbalanced", voucher.line, 0, values)


def _is_blank(voucher: Voucher) -> bool:
    """Whether a voucher has no line with an amount; amounts that cancel out are some."""
    lines = voucher.lines
    if isinstance(lines, ColumnLines) and lines.cents("debit"):
        return False
    return not any(line.debit or line.credit for line in lines)


def _lines(voucher: Voucher) -> Iterator[Finding]:
    """What is wrong with the lines of a voucher. Those kept as columns are positive and have no
    date of their own, so only a missing account makes it worth while to look at each.
    """
    lines = voucher.lines
    if isinstance(lines, ColumnLines) and all(lines.column("account")):
        return
    day = voucher.date
    for line in lines:
        if not line.account:
            yield Finding("account-missing", line.line, 0)
        if line.debit < 0 or line.credit < 0:
            yield Finding("negative-amount", line.line, 0, {"seen": line.debit or line.credit})
        applies = line.applies_on
        if applies and (applies.year, applies.month) != (day.year, day.month):
            yield Finding("application-date", line.line, 0, {"seen": applies, "expected": day})


def rfc_findings(line: int, text: str) -> Iterator[Finding]:
    """What is doubtful about an RFC; a NIT (digits only) is none. A wrong check digit is a warning:
    some real RFC have one.
    """
    doubt = _rfc_doubt(text)
    if doubt is not None:
        yield replace(doubt, line=line)


@lru_cache(maxsize=16384)
def _rfc_doubt(text: str) -> Finding | None:
    """The finding about an RFC, on no line yet; a file repeats the same few."""
    tax_id = normalise_tax_id(text)
    if tax_id in RFC_GENERIC or tax_id.replace("-", "").isdigit():
        return None
    if not is_rfc_form(tax_id):
        return Finding("rfc-form", 0, 0, {"seen": tax_id})
    expected = rfc_check_digit(tax_id)
    if expected == tax_id[-1]:
        return None
    return Finding("rfc-check-digit", 0, 0, {"seen": tax_id, "expected": expected})
