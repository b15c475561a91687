"""The running balance of a statement: proof that every movement was read on its right side, and the
balances it opens and closes with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from importers.findings import Finding
from importers.ledger.columns import Columns
from importers.records import LedgerLine
from importers.tables import Row, cell_text

_ZERO = Decimal("0.00")


@dataclass(slots=True)
class _Account:
    """What was read of an account so far. ``lead`` is what moved up to and with the row of its
    first balance, ``lead_before`` without that row; ``since`` what moved after the row of its last.
    """

    first: Decimal = _ZERO
    lead: Decimal = _ZERO
    lead_before: Decimal = _ZERO
    last: Decimal = _ZERO
    last_moved: Decimal = _ZERO
    since: Decimal = _ZERO
    balances: int = 0
    oldest_first: bool = True
    newest_first: bool = True
    rising: bool = True
    falling: bool = True
    day: date | None = None

    def dated(self, day: date) -> None:
        if self.day is not None:
            self.rising &= day >= self.day
            self.falling &= day <= self.day
        self.day = day

    @property
    def ends(self) -> tuple[Decimal, Decimal] | None:
        """Opening and closing balance where every balance of at least two follows from the one
        before it; of two orders that fit the one the dates have, None where they do not say it.
        """
        oldest = self.oldest_first and self.rising
        newest = self.newest_first and self.falling
        if self.balances < 2 or not (oldest or newest):
            return None
        found = set()
        if oldest:
            found.add((self.first - self.lead, self.last + self.since))
        if newest:
            found.add((self.last - self.last_moved - self.since, self.first + self.lead_before))
        return found.pop() if len(found) == 1 else None


class BalanceChain:
    """Checks each balance against the one before it, where the table has a column of them. What
    does not follow is only said where the layout promises a running balance (``running``).

    Banks print oldest or newest first; the order that explains more of the file is taken for the
    file's. The balance before a movement is unknown for the first, so nothing is said of it. Some
    print a balance on the last line of a day only: what moved in between is added up.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.has_balances = "balance" in columns.styles
        self.wanted = bool(columns.options.get("running")) and self.has_balances
        self._accounts: dict[tuple[str, str], _Account] = {}
        self._checked = 0
        self._broken: dict[str, list[tuple[int, Decimal, Decimal]]] = {
            "oldest first": [],
            "newest first": [],
        }
        self._swapped = dict.fromkeys(self._broken, 0)

    def add(self, row: Row, record: LedgerLine) -> None:
        if not self.has_balances:
            return
        key = record.account, record.currency
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = _Account()
        account.dated(record.date)
        movement = record.debit - record.credit
        balance = self._balance(row)
        if balance is None:
            account.since += movement
            return
        account.balances += 1
        if account.balances == 1:
            account.first, account.lead_before = balance, account.since
            account.lead = account.since + movement
        else:
            self._follow(record.line, account, balance, movement)
        account.last, account.last_moved, account.since = balance, movement, _ZERO

    def _balance(self, row: Row) -> Decimal | None:
        """None where the row prints none."""
        cell = self._columns.cell(row.cells, "balance")
        if not cell_text(cell).strip():
            return None
        try:
            return self._columns.styles["balance"].parse(cell)
        except ValueError:
            return None

    def _follow(self, line: int, account: _Account, balance: Decimal, movement: Decimal) -> None:
        steps = (account.since + movement, -account.last_moved - account.since)
        before = account.last
        account.oldest_first &= balance == before + steps[0]
        account.newest_first &= balance == before + steps[1]
        if not self.wanted:
            return
        self._checked += 1
        for order, step in zip(self._broken, steps, strict=True):
            if balance != before + step:
                self._broken[order].append((line, balance, before + step))
            self._swapped[order] += balance == before - step

    def ends(self) -> Iterator[tuple[str, str, Decimal, Decimal]]:
        """Account, currency, opening and closing balance of those whose balances all follow."""
        for (account, currency), found in self._accounts.items():
            if (ends := found.ends) is not None:
                yield account, currency, *ends

    def findings(self) -> Iterator[Finding]:
        """One finding: how many balances do not follow, and the first; or that all follow with the
        sides swapped.
        """
        broken = min(self._broken.values(), key=len)
        if len(broken) == self._checked > 1 and max(self._swapped.values()) == self._checked:
            yield Finding("sides-swapped", broken[0][0])
        elif broken:
            line, seen, expected = broken[0]
            values = {
                "count": len(broken),
                "total": self._checked,
                "seen": seen,
                "expected": expected,
            }
            yield Finding("balance-chain", line, 0, values)
