"""The running balance of a statement, as proof that every movement was read on its right side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from importers.findings import Finding
from importers.ledger.columns import Columns
from importers.records import LedgerLine
from importers.tables import Row


@dataclass(slots=True)
class _Ends:
    """The first and last balance of an account, each with the movement before it, and in which
    orders every balance between them follows.
    """

    first: tuple[Decimal, Decimal]
    last: tuple[Decimal, Decimal]
    count: int = 1
    oldest_first: bool = True
    newest_first: bool = True


class BalanceChain:
    """Checks each balance against the one before it, where the table has a column of them. What
    does not follow is only said where the layout promises a running balance (``running``).

    Banks print oldest or newest first; the order that explains more of the file is taken for the
    file's. The balance before a movement is unknown for the first, so nothing is said of it.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._has_balances = "balance" in columns.styles
        self.wanted = bool(columns.options.get("running")) and self._has_balances
        self._ends: dict[tuple[str, str], _Ends] = {}
        self._checked = 0
        self._broken: dict[str, list[tuple[int, Decimal, Decimal]]] = {
            "oldest first": [],
            "newest first": [],
        }
        self._swapped = dict.fromkeys(self._broken, 0)

    def add(self, row: Row, record: LedgerLine) -> None:
        if not self._has_balances:
            return
        columns = self._columns
        cell = columns.cell(row.cells, "balance")
        try:
            balance = columns.styles["balance"].parse(cell)
        except (ValueError, KeyError):
            return
        movement = record.debit - record.credit
        ends = self._ends.get((record.account, record.currency))
        if ends is None:
            both = balance, movement
            self._ends[record.account, record.currency] = _Ends(both, both)
            return
        before, before_movement = ends.last
        ends.count += 1
        ends.oldest_first &= balance == before + movement
        ends.newest_first &= balance == before - before_movement
        ends.last = balance, movement
        if self.wanted:
            self._compare(record.line, balance, before, (movement, -before_movement))

    def _compare(
        self, line: int, balance: Decimal, before: Decimal, steps: tuple[Decimal, Decimal]
    ) -> None:
        self._checked += 1
        for order, step in zip(self._broken, steps, strict=True):
            if balance != before + step:
                self._broken[order].append((line, balance, before + step))
            self._swapped[order] += balance == before - step

    def ends(self) -> Iterator[tuple[str, str, Decimal, Decimal]]:
        """Account, currency, opening and closing balance where every balance of at least two
        follows from the one before: the first then says what stood before it.
        """
        for (account, currency), ends in self._ends.items():
            if ends.count < 2 or not (ends.oldest_first or ends.newest_first):
                continue
            first, last = ends.first, ends.last
            if not ends.oldest_first:
                first, last = last, first
            yield account, currency, first[0] - first[1], last[0]

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
