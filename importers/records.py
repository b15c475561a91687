"""The source vocabulary: what a legacy file says, before anything is mapped to a target.

Amounts are :class:`decimal.Decimal` in units of the currency (not cents), rounded to two places.
Codes are text. ``line`` is always the 1-based physical line (row of a sheet) the fact was read
from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, overload


class Disposition(StrEnum):
    """What became of a physical line; each line of a file has exactly one."""

    RECORD = "record"
    HEADING = "heading"
    REJECTED = "rejected"


CONTINUED = "continued"
"""Rule of a physical line that only continues the record of the line above it."""


@dataclass(slots=True)
class Line:
    """One physical line. ``offset`` and ``length`` are bytes of the file, end of line included (0
    in sheets); ``rule`` says which rule made it a heading or a record (for instance ``M1``,
    ``title``, ``total``, ``blank``).
    """

    number: int
    offset: int
    length: int
    text: str
    disposition: Disposition = Disposition.REJECTED
    rule: str = ""
    sheet: str = ""
    repaired: str = ""
    """The encoding this line was read in, when it is not the file's."""
    terminated: bool = True
    """Whether it has an end of line; only the last may lack it."""
    suspect: bool = False
    """Whether its characters are worth a look: it comes from a sheet, or from a block that is not
    wholly clean.
    """
    keeps_text: bool = False
    """Whether its text cannot be read from its bytes alone (a record of a binary table)."""
    why: str = ""
    """Why its record is left out of everything, in words of the file."""
    doubtful: str = ""
    """Characters that another encoding would read more plausibly, too few to decide it."""


class VoucherLine(NamedTuple):
    """A movement. Exactly one of ``debit`` and ``credit`` is normally non-zero; both keep their
    sign.
    """

    line: int
    account: str
    debit: Decimal
    credit: Decimal
    reference: str = ""
    description: str = ""
    segment: str = ""
    account_name: str = ""
    party: str = ""
    tax_id: str = ""
    currency: str = ""
    applies_on: date | None = None
    uuids: tuple[str, ...] = ()
    rate: str = ""
    identifier: str = ""
    direction: str = ""


class ColumnLines(Sequence[VoucherLine]):
    """Movements kept as columns, made into lines only when somebody asks: a table of a million rows
    is read and journaled by its columns. ``columns`` has a list for each of :data:`COLUMNS`,
    amounts in cents, and their running sums; the movements are those from ``start`` to before
    ``end``.
    """

    COLUMNS = (
        "line",
        "account",
        "debit",
        "credit",
        "reference",
        "description",
        "account_name",
        "party",
        "tax_id",
        "currency",
    )

    __slots__ = ("columns", "end", "start")

    def __init__(self, columns: Mapping[str, Sequence[Any]], start: int, end: int) -> None:
        self.columns, self.start, self.end = columns, start, end

    def column(self, name: str) -> Sequence[Any]:
        return self.columns[name][self.start : self.end]

    def cents(self, name: str) -> int:
        """The sum of ``debit`` or ``credit``, from the running sums in ``debit_sums`` and
        ``credit_sums``.
        """
        sums = self.columns[f"{name}_sums"]
        return int(sums[self.end] - sums[self.start])

    def total(self, name: str) -> Decimal:
        """The same in units of the currency."""
        return Decimal(self.cents(name)).scaleb(-2)

    def __len__(self) -> int:
        return self.end - self.start

    @overload
    def __getitem__(self, place: int) -> VoucherLine: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[VoucherLine]: ...

    def __getitem__(self, place: int | slice) -> VoucherLine | Sequence[VoucherLine]:
        return list(self)[place]

    def __iter__(self) -> Iterator[VoucherLine]:
        rows = zip(*(self.column(name) for name in self.COLUMNS), strict=True)
        for line, account, debit, credit, reference, text, name, party, tax_id, currency in rows:
            yield VoucherLine(
                line,
                account,
                Decimal(debit).scaleb(-2),
                Decimal(credit).scaleb(-2),
                reference,
                text,
                "",
                name,
                party,
                tax_id,
                currency,
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True, slots=True)
class Voucher:
    """A póliza or comprobante. ``kind`` is the source's own type code (``1`` ingresos, ``2``
    egresos, ``3`` diario in CONTPAQi); ``number`` is unique per kind and month. ``tax_ids`` are the
    RFC of its tax lines.
    """

    line: int
    last_line: int
    date: date
    kind: str
    number: str
    description: str
    lines: Sequence[VoucherLine]
    posted: bool = True
    uuids: tuple[str, ...] = ()
    tax_ids: tuple[tuple[int, str], ...] = ()
    broken_line: int = 0
    """The first line inside the voucher that could not be read; 0 when all could."""

    @property
    def debit(self) -> Decimal:
        if isinstance(self.lines, ColumnLines):
            return self.lines.total("debit")
        return sum((line.debit for line in self.lines), Decimal(0))

    @property
    def credit(self) -> Decimal:
        if isinstance(self.lines, ColumnLines):
            return self.lines.total("credit")
        return sum((line.credit for line in self.lines), Decimal(0))

    @property
    def balances(self) -> bool:
        """Whether debits and credits are the same sum."""
        lines = self.lines
        if isinstance(lines, ColumnLines):
            return lines.cents("debit") == lines.cents("credit")
        return self.debit == self.credit

    @property
    def period(self) -> str:
        """``yyyy-mm`` of the date."""
        return self.date.isoformat()[:7]

    @property
    def title(self) -> str:
        """How people name it: type, number and month."""
        return f"{self.kind}-{self.number} ({self.period})"


class LedgerLine(NamedTuple):
    """A line of a ledger, sub-ledger or statement that stands for itself rather than as part of a
    voucher.
    """

    line: int
    date: date
    debit: Decimal
    credit: Decimal
    account: str = ""
    account_name: str = ""
    kind: str = ""
    number: str = ""
    reference: str = ""
    description: str = ""
    party: str = ""
    tax_id: str = ""
    currency: str = ""
    identifier: str = ""
    rate: str = ""
    """What one unit of ``currency`` is in the currency of the books, as the file says it."""
    direction: str = ""
    """``issued`` or ``received``, of a document; empty where nothing says."""
    counter_account: str = ""
    """The account of the other side: its CLABE or IBAN, or the account of the books a ledger moves
    against.
    """


@dataclass(frozen=True, slots=True)
class Party:
    """A customer or supplier (tercero) of a listing. ``code`` is the source's own; ``terms`` days
    of credit.
    """

    line: int
    code: str
    name: str
    tax_id: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    terms: int | None = None
    supplier: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """Opening and closing balance (debit positive) of an account as the file prints them, and what
    moved between them; None where it does not.
    """

    line: int
    account: str
    name: str
    opening: Decimal | None
    closing: Decimal | None
    debit: Decimal | None = None
    credit: Decimal | None = None
    party: str = ""
    tax_id: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """What the title rows say of the whole file; empty or None where they are silent."""

    company: str = ""
    tax_id: str = ""
    start: date | None = None
    end: date | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class FiscalStatus:
    """What a file says of the state of a fiscal document, which is never in the document itself:
    ``cancelled`` or ``rejected``.
    """

    line: int
    id: str
    status: str


Record = Voucher | LedgerLine | Balance | Party | FiscalStatus
