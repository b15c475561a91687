"""The totals a table prints of itself, checked against its movements."""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Iterator
from decimal import Decimal

from importers.findings import Finding
from importers.ledger.columns import Columns
from importers.records import LedgerLine
from importers.tables import Row, cell_text
from importers.values import NumberStyle, plain, to_cents

_ZERO = Decimal("0.00")
_REMEMBERED = 500
"""Totals of outer levels begin at most this many totals ago, or at the start."""


class Totals:
    """Adds movements up. A printed total is right when it is the sum of the movements since any
    earlier total or since the start: of a section, of an outer level, or of the whole. Some reports
    count the opening balance in, so sums with it are right as well.
    """

    def __init__(self, columns: Columns) -> None:
        self._roles = [role for role in ("debit", "credit", "amount") if role in columns.styles]
        self._cents = [0, 0]
        self._sided = "debit" in self._roles or "credit" in self._roles
        self._signed = "amount" in self._roles
        self._moved = dict.fromkeys(("debit", "credit", "amount"), _ZERO)
        self._opened = dict(self._moved)
        self._first = (dict(self._moved), dict(self._opened))
        self._starts = deque([self._first], maxlen=_REMEMBERED)

    def add(self, debit: Decimal, credit: Decimal) -> None:
        moved = self._moved
        if self._sided:
            if debit:
                moved["debit"] += debit
            if credit:
                moved["credit"] += credit
        if self._signed:
            moved["amount"] += debit - credit

    def add_cents(self, debit: int, credit: int) -> None:
        """The same in cents, for many at once."""
        self._cents[0] += debit
        self._cents[1] += credit

    def _settle(self) -> None:
        """Bring what was added in cents to the sums."""
        (debit, credit), self._cents = (Decimal(cents).scaleb(-2) for cents in self._cents), [0, 0]
        self.add(debit, credit)

    def add_opening(self, row: Row, columns: Columns) -> None:
        """An opening balance the report prints as a row with amounts."""
        for role, amount in self._amounts(row, columns):
            self._opened[role] += amount

    def check(self, row: Row, columns: Columns) -> Iterator[Finding]:
        """Compare a total row; one finding for each column that does not fit."""
        self._settle()
        what = next((text for cell in row.cells if (text := cell_text(cell).strip())), "")
        for role, printed in self._amounts(row, columns):
            moved = [self._moved[role] - start[role] for start, _ in (*self._starts, self._first)]
            opened = [self._opened[role] - start[role] for _, start in (*self._starts, self._first)]
            right = {*moved, *(a + b for a, b in zip(moved, opened, strict=True))}
            if printed and printed not in right and -printed not in right:
                values = {"what": what[:60], "seen": printed, "expected": moved[-2]}
                yield Finding("total-mismatch", row.number, columns.roles[role] + 1, values)
        self._starts.append((dict(self._moved), dict(self._opened)))

    def _amounts(self, row: Row, columns: Columns) -> Iterator[tuple[str, Decimal]]:
        for role in [role for role in self._roles if role in columns.styles]:
            with contextlib.suppress(ValueError):
                yield role, to_cents(columns.styles[role].parse(columns.cell(row.cells, role)))


class PrintedTotals:
    """The totals a bank prints below its movements as a row of words and a row of figures (``Total
    Abonos | Total retiros y debitos | Cantidad de registros``): proof that no line is missing.
    """

    def __init__(self) -> None:
        self._inward, self._outward, self._count = _ZERO, _ZERO, 0

    def add(self, record: LedgerLine) -> None:
        self._inward += record.debit
        self._outward += record.credit
        self._count += 1

    def compared(self, words: Row, figures: Row, columns: Columns) -> Iterator[Finding]:
        """One finding for each figure that is not that of the movements read."""
        style = next(iter(columns.styles.values()), NumberStyle())
        for word, cell in zip(words.cells, figures.cells, strict=False):
            said = plain(cell_text(word))
            try:
                printed = style.parse(cell)
            except ValueError:
                continue
            if re.match(r"(cantidad|numero) de (registros|movimientos)", said):
                if printed != self._count:
                    values = {"seen": printed, "what": said, "expected": self._count}
                    yield Finding("count-mismatch", figures.number, 0, values)
                continue
            moved = self._of(said)
            if moved is not None and to_cents(printed) not in (moved, -moved):
                values = {"what": said, "seen": printed, "expected": moved}
                yield Finding("total-mismatch", figures.number, 0, values)

    def _of(self, said: str) -> Decimal | None:
        """What moved in the direction a bank's word for a total means; None for any other word."""
        if re.match(r"total (de )?(abonos|depositos|creditos|consignaciones)", said):
            return self._inward
        if re.match(r"total (de )?(retiros|cargos|debitos)", said):
            return self._outward
        return self._inward - self._outward if said == "movimiento neto" else None
