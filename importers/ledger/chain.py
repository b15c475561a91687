"""The running balance of a statement, as proof that every movement was read on its right side."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from importers.findings import Finding
from importers.ledger.columns import Columns
from importers.records import LedgerLine
from importers.tables import Row


class BalanceChain:
    """Checks each balance against the one before it, where the layout has a running balance
    (``running``).

    Banks print oldest or newest first; the order that explains more of the file is taken for the
    file's. The balance before a movement is unknown for the first, so nothing is said of it.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.wanted = bool(columns.options.get("running")) and "balance" in columns.styles
        self._last: dict[str, tuple[Decimal, Decimal]] = {}
        self._checked = 0
        self._broken: dict[str, list[tuple[int, Decimal, Decimal]]] = {
            "oldest first": [],
            "newest first": [],
        }
        self._swapped = dict.fromkeys(self._broken, 0)

    def add(self, row: Row, record: LedgerLine) -> None:
        columns = self._columns
        cell = columns.cell(row.cells, "balance")
        try:
            balance = columns.styles["balance"].parse(cell)
        except (ValueError, KeyError):
            return
        movement = record.debit - record.credit
        last = self._last.get(record.account)
        if last is not None:
            before, before_movement = last
            self._checked += 1
            for order, step in (("oldest first", movement), ("newest first", -before_movement)):
                if balance != before + step:
                    self._broken[order].append((record.line, balance, before + step))
                self._swapped[order] += balance == before - step
        self._last[record.account] = balance, movement

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
