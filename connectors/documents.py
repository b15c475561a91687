"""The target vocabulary: what an ERP takes and what it gives back.

Amounts are :class:`decimal.Decimal` in units of the company's currency with two places. ``reference`` is the
external reference: made once by the sender, the same on every run, and how a document is found again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of a journal entry; ``account`` and ``partner`` are the target's own codes (partner may be empty)."""

    account: str
    debit: Decimal
    credit: Decimal
    label: str = ""
    partner: str = ""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A balanced entry. ``journal`` is the target's journal code."""

    reference: str
    date: date
    journal: str
    description: str
    lines: tuple[EntryLine, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.debit for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """A document as the target holds it. ``state`` is ``draft``, ``posted`` or ``cancelled``; ``changes`` lists in
    the target's words what it did differently from what was sent (for instance another date)."""

    remote_id: str
    number: str
    reference: str
    date: date
    state: str
    lines: tuple[EntryLine, ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerMove:
    """One line of the target's ledger."""

    remote_id: str
    entry_id: str
    date: date
    account: str
    account_name: str
    debit: Decimal
    credit: Decimal
    number: str = ""
    reference: str = ""
    label: str = ""
    partner: str = ""
    tax_id: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class RemoteAccount:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class RemoteJournal:
    """``kind`` is the target's own: general, bank, cash, sale, purchase."""

    code: str
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class RemotePartner:
    code: str
    name: str
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class PeriodLock:
    """Nothing dated up to and including ``until`` is taken; ``name`` is the target's own for the lock. ``entries`` is
    False for locks that only concern other documents (sales, purchases, taxes)."""

    name: str
    until: date
    entries: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, and into what."""

    user: str
    company: str
    tax_id: str
    currency: str
    server: str
    locks: tuple[PeriodLock, ...] = field(default=())

    @property
    def locked_until(self) -> date | None:
        """Up to when journal entries are refused."""
        return max((lock.until for lock in self.locks if lock.entries), default=None)
