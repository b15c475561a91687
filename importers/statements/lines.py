"""What every statement format shares: its physical lines, its movements in the company's polarity,
its balances.

A statement is written from the bank's side; here it is turned to the company's books, where money
coming in is a debit of the bank account.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from importers.findings import Finding
from importers.records import Balance, Disposition, LedgerLine, Line, Record, TitleBlock
from importers.source import Source
from importers.values import to_cents

Item = Line | Finding | Record | TitleBlock

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a statement; ``amount`` is positive for money coming in."""

    line: int
    day: date
    amount: Decimal
    account: str = ""
    reference: str = ""
    text: str = ""
    currency: str = ""
    kind: str = ""
    party: str = ""
    identifier: str = ""
    rate: str = ""
    counter_account: str = ""

    def record(self) -> LedgerLine:
        return LedgerLine(
            line=self.line,
            date=self.day,
            debit=max(self.amount, _ZERO),
            credit=max(-self.amount, _ZERO),
            account=self.account,
            reference=self.reference,
            description=self.text,
            currency=self.currency,
            kind=self.kind,
            party=self.party,
            identifier=self.identifier,
            rate=self.rate,
            counter_account=self.counter_account,
        )


def text_lines(source: Source, pattern: re.Pattern[str]) -> Generator[Item, None, list[int]]:
    """The physical lines, records where the pattern stands; answers where each record begins."""
    starts: list[int] = []
    for line in source.lines():
        line.disposition, line.rule = Disposition.HEADING, "statement"
        found = len(pattern.findall(line.text))
        if found:
            line.disposition, line.rule = Disposition.RECORD, "movement"
            starts += [line.number] * found
        elif not line.text.strip():
            line.rule = "blank"
        yield line
    return starts


def balance(
    account: str, currency: str, opening: Decimal | None, closing: Decimal | None
) -> Iterator[Balance]:
    """The statement's balances, where it has any."""
    if opening is not None or closing is not None:
        yield Balance(0, account, "", opening, closing, currency=currency)


def closing_gap(
    line: int, opening: Decimal | None, moved: Decimal, closing: Decimal | None
) -> Iterator[Finding]:
    """Said where a statement does not close on what it opens with and its movements."""
    if opening is None or closing is None or opening + moved == closing:
        return
    values = {"opening": opening, "expected": opening + moved, "seen": closing}
    yield Finding("closing-differs", line, 0, values)


def exact_amount(text: str) -> Decimal:
    """An amount as standards write it (a point, or a comma as some banks do) at its full scale.
    Thousands, which no standard has, are taken where another mark follows them. Raises ValueError.
    """
    said = text.strip()
    if grouped := re.fullmatch(r"([+-]?\d{1,3})((?:,\d{3})+\.|(?:\.\d{3})+,)(\d+)", said):
        said = f"{grouped[1]}{re.sub('[^0-9]', '', grouped[2])}.{grouped[3]}"
    if not re.fullmatch(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)", said):
        raise ValueError(f"{text!r} is not an amount")
    return Decimal(said.replace(",", "."))


def rounded(line: int, exact: Decimal) -> Iterator[Finding]:
    """Said where a statement has more than two decimals."""
    if exact != to_cents(exact):
        yield Finding("rounded-amount", line, 0, {"seen": exact, "expected": to_cents(exact)})


def squeezed(*texts: str) -> str:
    """Texts on one line, blanks once."""
    return " ".join(" ".join(filter(None, texts)).split())
