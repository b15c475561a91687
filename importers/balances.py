"""Trial balances whose accounts stand in a hierarchy: World Office and Siigo, with or without third
parties.

An account is a leaf when third parties follow it, or when the next account is not one of its
children; only leaves become balances, so that nothing is added twice. Printed totals and the sums
of third parties are checked.

Some programs print each balance in its account's own nature: 4,000 of income is a credit. A row
says so itself, by closing = opening − debit + credit; one that did not move has the nature of the
other accounts of its class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from importers.findings import Finding
from importers.profile import column_roles
from importers.records import Balance, Disposition, Line, Record, TitleBlock
from importers.rows import line_of, physical_rows, spread
from importers.source import Source
from importers.tables import Cell, Row, cell_text
from importers.titles import title_block
from importers.unreadable import Unreadable
from importers.values import NumberStyle, code_text, number_style, plain, to_cents

Item = Line | Finding | Record | TitleBlock

_CODE_NAME = re.compile(r"(\d{1,10})\s+(\S.*)", re.DOTALL)
_AMOUNTS = ("opening", "debit", "credit", "closing")
_LEVELS = ("level1", "level2", "level3", "level4", "level5")


def read(source: Source) -> Iterator[Item]:
    """Lines, findings and one Balance a leaf account (debit positive), in file order."""
    machine = _Machine(source)
    yield title_block([row for row in source.rows() if row.number <= 10])
    for row, physical in physical_rows(source):
        line = line_of(row, physical)
        yield from machine.row(row, line)
        yield from spread(line, physical)
    yield from machine.finish()


@dataclass
class _Account:
    line: int
    code: str
    name: str
    amounts: Mapping[str, Decimal]
    parties: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)

    def add(self, amounts: Mapping[str, Decimal]) -> None:
        self.parties += 1
        for role, amount in amounts.items():
            self.sums[role] = self.sums.get(role, Decimal(0)) + amount


class _Machine:
    def __init__(self, source: Source) -> None:
        self._names = source.profile.columns
        self._roles: dict[str, int] = {}
        self._style = NumberStyle()
        self._pending: _Account | None = None
        sample = [row for row in source.rows() if row.number <= 400]
        heading = next((row for row in sample if self._is_heading(row)), None)
        if heading is None:
            raise Unreadable("no-heading", seen=source.profile.title)
        roles = column_roles(heading.cells, self._names)
        places = [roles[role] for role in _AMOUNTS if role in roles]
        below = [row for row in sample if row.number > heading.number]
        self._style = number_style(
            chain.from_iterable(
                [row.cells[place] for place in places if place < len(row.cells)] for row in below
            )
        )
        self._natures = self._natures_of(below, roles)

    def _natures_of(self, rows: Sequence[Row], roles: Mapping[str, int]) -> dict[str, set[int]]:
        """The first sign of a code → how its balances are printed: 1 debit positive, −1 the other
        way round.
        """
        self._roles, found = dict(roles), dict[str, set[int]]()
        for row in rows:
            first = next((text for cell in row.cells if (text := cell_text(cell).strip())), "")
            try:
                nature = _nature(self._amounts(row))
            except ValueError:
                continue
            code, _ = self._account(row, first)
            if code and nature:
                found.setdefault(code[0], set()).add(nature)
        self._roles = {}
        return found

    def row(self, row: Row, line: Line) -> Iterator[Item]:
        if not row.text.strip():
            line.disposition, line.rule = Disposition.HEADING, "blank"
        elif self._is_heading(row):
            self._roles = column_roles(row.cells, self._names)
            line.disposition, line.rule = Disposition.HEADING, "header"
        elif not self._roles:
            line.disposition, line.rule = Disposition.HEADING, "title"
        else:
            yield from self._body(row, line)

    def finish(self) -> Iterator[Item]:
        yield from self._close(self._pending)
        self._pending = None

    def _body(self, row: Row, line: Line) -> Iterator[Item]:
        first = next((cell_text(cell).strip() for cell in row.cells if cell_text(cell).strip()), "")
        try:
            amounts = self._amounts(row)
        except ValueError as error:
            yield Finding(
                "not-an-amount", row.number, 0, {"field": "Saldo", "seen": str(error)[:40]}
            )
            return
        code, name = self._account(row, first)
        if re.match(r"total(es)?\b\s*(\d|=|general|$)", plain(first)):
            line.disposition, line.rule = Disposition.HEADING, "total"
            yield from self._total(row, first, amounts)
        elif code:
            yield from self._open(row, line, _Account(row.number, code, name, amounts))
        elif amounts:
            line.disposition, line.rule = Disposition.RECORD, "party"
            if self._pending is not None:
                self._pending.add(amounts)
        else:
            line.disposition, line.rule = Disposition.HEADING, "note"

    def _open(self, row: Row, line: Line, account: _Account) -> Iterator[Item]:
        held = self._pending
        same = held is not None and held.code == account.code
        if same and held is not None and self._text(row, "party"):
            line.disposition, line.rule = Disposition.RECORD, "party"
            held.add(account.amounts)
            return
        if held is not None and (held.parties or not account.code.startswith(held.code)):
            yield from self._close(held)
        self._pending = account
        line.disposition = Disposition.RECORD if account.amounts else Disposition.HEADING
        line.rule = "account"

    def _close(self, account: _Account | None) -> Iterator[Item]:
        if account is None or not (account.amounts or account.parties):
            return
        amounts = account.amounts or account.sums
        if account.amounts and account.parties:
            yield from self._compare(account, account.amounts)
        opening, closing = amounts.get("opening"), amounts.get("closing")
        nature = _nature(amounts)
        if nature is None:
            assert opening is not None
            expected = opening + amounts["debit"] - amounts.get("credit", Decimal(0))
            values = {"what": account.code, "seen": closing, "expected": expected}
            yield Finding("total-mismatch", account.line, 0, values)
        if (
            nature == 0
            and (opening or closing)
            and any(-1 in one for one in self._natures.values())
        ):
            nature = sum(self._natures.get(account.code[:1], set()))
            if nature == 0:
                yield Finding("nature-unknown", account.line, 0, {"what": account.code})
        sign = -1 if nature == -1 else 1
        yield Balance(
            account.line,
            account.code,
            account.name,
            opening and sign * opening,
            closing and sign * closing,
            amounts.get("debit"),
            amounts.get("credit"),
        )

    def _total(self, row: Row, first: str, amounts: Mapping[str, Decimal]) -> Iterator[Item]:
        found = re.search(r"\d+", first)
        held = self._pending
        if held is not None and found and found[0] == held.code:
            if held.parties:
                yield from self._compare(
                    _Account(row.number, held.code, held.name, {}, held.parties, held.sums), amounts
                )
            yield from self._close(held)
            self._pending = None

    def _compare(self, account: _Account, printed: Mapping[str, Decimal]) -> Iterator[Finding]:
        for role, seen in printed.items():
            expected = account.sums.get(role, Decimal("0.00"))
            if seen != expected:
                yield Finding(
                    "total-mismatch",
                    account.line,
                    0,
                    {"what": account.code, "seen": seen, "expected": expected},
                )
                return

    def _account(self, row: Row, first: str) -> tuple[str, str]:
        if "code" in self._roles:
            return self._text(row, "code"), self._text(row, "name")
        if "level1" in self._roles:
            return "".join(self._text(row, level) for level in _LEVELS), self._text(row, "name")
        found = _CODE_NAME.fullmatch(first)
        return (found[1], found[2]) if found else ("", "")

    def _amounts(self, row: Row) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for role in _AMOUNTS:
            cell = self._cell(row, role)
            text = cell_text(cell).strip()
            if text:
                found[role] = Decimal("0.00") if text == "-" else to_cents(self._style.parse(cell))
        return found

    def _text(self, row: Row, role: str) -> str:
        return code_text(self._cell(row, role))

    def _cell(self, row: Row, role: str) -> Cell:
        place = self._roles.get(role, -1)
        return row.cells[place] if 0 <= place < len(row.cells) else None

    def _is_heading(self, row: Row) -> bool:
        roles = column_roles(row.cells, self._names)
        texts: Sequence[Cell] = [cell for cell in row.cells if cell_text(cell).strip()]
        return (
            "closing" in roles and len(roles) >= 2 and all(isinstance(cell, str) for cell in texts)
        )


def _nature(amounts: Mapping[str, Decimal]) -> int | None:
    """1 for a balance that grows with its debits, −1 for one that grows with its credits, 0 where a
    row does not say it, None where it follows neither way.
    """
    opening, closing = amounts.get("opening"), amounts.get("closing")
    if opening is None or closing is None or "debit" not in amounts:
        return 0
    moved = amounts["debit"] - amounts.get("credit", Decimal(0))
    if not moved and closing == opening:
        return 0
    if closing == opening + moved:
        return 1
    return -1 if closing == opening - moved else None
