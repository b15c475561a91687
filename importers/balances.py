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
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from importers import patterns
from importers.findings import Finding
from importers.leaves import without_sums
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
_TWO_SIDED = ("opening_debit", "opening_credit", "closing_debit", "closing_credit")
"""Balances with a column a side (deudor, acreedor): they say themselves which way they are."""
_CREDITS = ("2", "3", "4")
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


class _Party(NamedTuple):
    name: str = ""
    tax_id: str = ""


class _PartyRow(NamedTuple):
    line: int
    amounts: Mapping[str, Decimal]
    who: _Party


@dataclass
class _Account:
    line: int
    code: str
    name: str
    amounts: Mapping[str, Decimal]
    parties: list[_PartyRow] = field(default_factory=list)
    sums: dict[str, Decimal] = field(default_factory=dict)

    def add(self, amounts: Mapping[str, Decimal], line: int, party: _Party) -> None:
        """Count a third party of this account in."""
        self.parties.append(_PartyRow(line, amounts, party))
        for role, amount in amounts.items():
            self.sums[role] = self.sums.get(role, Decimal(0)) + amount


class _Machine:
    def __init__(self, source: Source) -> None:
        self._names, self._table = source.profile.columns, source.profile.table
        self._above: Row | None = None
        self._roles: dict[str, int] = {}
        self._style = NumberStyle()
        self._pending: _Account | None = None
        self._found: list[Balance] = []
        self._printed: tuple[int, str, Mapping[str, Decimal]] | None = None
        """The total of everything, with its line and name."""
        sample = [row for row in source.rows() if row.number <= 400]
        pairs = zip([None, *sample], sample, strict=False)
        found = ((row, roles) for above, row in pairs if (roles := self._heading_roles(row, above)))
        heading, roles = next(found, (None, {}))
        if heading is None:
            raise Unreadable("no-heading", seen=source.profile.title)
        self._two_sided = roles.keys() >= set(_TWO_SIDED)
        places = [roles[role] for role in (*_AMOUNTS, *_TWO_SIDED) if role in roles]
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
        rows = () if self._two_sided else rows
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
        elif roles := self._heading_roles(row, self._above):
            self._roles = roles
            line.disposition, line.rule = Disposition.HEADING, "header"
        elif not self._roles:
            line.disposition, line.rule = Disposition.HEADING, "title"
        else:
            yield from self._body(row, line)
        self._above = row

    def finish(self) -> Iterator[Item]:
        yield from self._close(self._pending)
        self._pending = None
        leaves = without_sums(self._found)
        leaves, unsure = self._by_class(leaves)
        yield from unsure
        yield from leaves
        yield from self._total_of_all(leaves)

    def _by_class(self, leaves: list[Balance]) -> tuple[list[Balance], list[Finding]]:
        """Where no row shows how balances are printed and no liability, capital or income is
        negative: a trial balance is zero in all, so the classes of the accounts prove their own
        nature, or nothing does and that is said.
        """
        shown = any(-1 in signs for signs in self._natures.values())
        usual = [one for one in leaves if one.account[:1] in _CREDITS and one.closing]
        credited = [one.closing or Decimal(0) for one in usual]
        if self._two_sided or shown or not usual or min(credited) < 0:
            return leaves, []
        total = sum((one.closing or Decimal(0) for one in leaves), Decimal(0))
        of_credits = sum(credited, Decimal(0))
        if not total or len(leaves) < 2:
            return leaves, []
        if total != 2 * of_credits:
            first = usual[0]
            return leaves, [Finding("nature-unknown", first.line, 0, {"what": first.account})]
        return [_turned(one) if one.account[:1] in _CREDITS else one for one in leaves], []

    def _total_of_all(self, leaves: Sequence[Balance]) -> Iterator[Finding]:
        """Said where the printed movements of all accounts are not those of the leaves."""
        if self._printed is None:
            return
        line, name, amounts = self._printed
        for role in ("debit", "credit"):
            parts = (getattr(leaf, role) or Decimal("0.00") for leaf in leaves)
            expected = sum(parts, Decimal("0.00"))
            if amounts.get(role, expected) != expected:
                values = {"what": name, "seen": amounts[role], "expected": expected}
                yield Finding("total-mismatch", line, 0, values)

    def _body(self, row: Row, line: Line) -> Iterator[Item]:
        first = next((cell_text(cell).strip() for cell in row.cells if cell_text(cell).strip()), "")
        try:
            amounts = self._amounts(row)
        except ValueError as error:
            yield Finding(
                "not-an-amount", row.number, 0, {"field": "Saldo", "seen": str(error)[:40]}
            )
            return
        party = self._indented(row)
        code, name = ("", "") if party else self._account(row, first)
        skipped = self._table.get("skip")
        if skipped and patterns.match(str(skipped), plain(first)):
            line.disposition, line.rule = Disposition.HEADING, "note"
        elif re.match(r"total(es)?\b\s*(\d|=|general|$)", plain(first)):
            line.disposition, line.rule = Disposition.HEADING, "total"
            yield from self._total(row, first, amounts)
        elif code:
            yield from self._open(row, line, _Account(row.number, code, name, amounts))
        elif amounts:
            line.disposition, line.rule = Disposition.RECORD, "party"
            if self._pending is not None:
                self._pending.add(amounts, row.number, party or _Party())
        else:
            line.disposition, line.rule = Disposition.HEADING, "note"

    def _open(self, row: Row, line: Line, account: _Account) -> Iterator[Item]:
        held = self._pending
        named = _Party(self._text(row, "party"), self._text(row, "tax_id"))
        if held is not None and held.code == account.code and any(named):
            line.disposition, line.rule = Disposition.RECORD, "party"
            held.add(account.amounts, account.line, named)
            return
        if held is not None and (held.parties or not _is_below(account.code, held.code)):
            yield from self._close(held)
        if any(named):
            # No row of the account itself stands above its third parties.
            line.disposition, line.rule = Disposition.RECORD, "party"
            self._pending = _Account(account.line, account.code, account.name, {})
            self._pending.add(account.amounts, account.line, named)
            return
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
        if nature is None or (nature == -1 and self._two_sided):
            assert opening is not None
            expected = opening + amounts["debit"] - amounts.get("credit", Decimal(0))
            values = {"what": account.code, "seen": closing, "expected": expected}
            yield Finding("total-mismatch", account.line, 0, values)
        if (
            nature == 0
            and (opening or closing)
            and any(-1 in one for one in self._natures.values())
        ):
            nature = sum(self._natures.get(account.code[:1], set())) or self._usual(account.code)
            if nature == 0:
                yield Finding("nature-unknown", account.line, 0, {"what": account.code})
        sign = -1 if nature == -1 and not self._two_sided else 1
        if self._table.get("party_balances") and account.parties:
            rows = account.parties
        else:
            rows = [_PartyRow(account.line, amounts, _Party())]
        self._found += [_balance(account, row, sign) for row in rows]

    def _usual(self, code: str) -> int:
        """The nature of an account's class in the charts of both countries, where those the file
        shows have it: liabilities, capital and income (2, 3, 4) are credits; 0 where they do not.
        """
        shown = [(first, sign) for first, signs in self._natures.items() for sign in signs]
        if all(sign == (-1 if first in _CREDITS else 1) for first, sign in shown):
            return -1 if code[:1] in _CREDITS else 1
        return 0

    def _total(self, row: Row, first: str, amounts: Mapping[str, Decimal]) -> Iterator[Item]:
        found = re.search(r"\d+", first)
        held = self._pending
        if found is None:
            self._printed = row.number, first, amounts
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

    def _indented(self, row: Row) -> _Party | None:
        """The third party of a row whose first cell begins with a blank (``indented_parties``):
        number and name, or a name alone.
        """
        cell = self._cell(row, "code")
        if not self._table.get("indented_parties") or not isinstance(cell, str):
            return None
        if not cell.strip() or not cell[:1].isspace():
            return None
        number, _, name = cell.strip().partition(" ")
        if not number[:1].isdigit():
            return _Party(" ".join(dict.fromkeys(cell.split())))
        return _Party(" ".join(name.split()), number)

    def _account(self, row: Row, first: str) -> tuple[str, str]:
        if "code" in self._roles:
            return self._text(row, "code"), self._text(row, "name")
        if "level1" in self._roles:
            return "".join(self._text(row, level) for level in _LEVELS), self._text(row, "name")
        found = _CODE_NAME.fullmatch(first)
        return (found[1], found[2]) if found else ("", "")

    def _amounts(self, row: Row) -> dict[str, Decimal]:
        found = self._written(row, _AMOUNTS)
        if not self._two_sided:
            return found
        sides = self._written(row, _TWO_SIDED)
        if found or sides:
            for balance in ("opening", "closing"):
                debit, credit = (sides.get(f"{balance}_{side}") for side in ("debit", "credit"))
                found[balance] = (debit or Decimal("0.00")) - (credit or Decimal("0.00"))
        return found

    def _written(self, row: Row, roles: Sequence[str]) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for role in roles:
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

    def _heading_roles(self, row: Row, above: Row | None) -> dict[str, int]:
        """The roles a heading names; empty for any other row. Where the layout has two rows of
        heading, what stands above a column outranks what stands below.
        """
        cells: Sequence[Cell] = row.cells
        if self._table.get("two_row_heading") and above is not None and above.sheet == row.sheet:
            upper = [*above.cells, *[None] * len(cells)]
            cells = [
                over if cell_text(over).strip() else under
                for over, under in zip(upper, cells, strict=False)
            ]
        roles = column_roles(cells, self._names)
        texts = [cell for cell in row.cells if cell_text(cell).strip()]
        is_heading = bool(roles.keys() & {"closing", "closing_debit"}) and len(roles) >= 2
        return roles if is_heading and all(isinstance(cell, str) for cell in texts) else {}


def _balance(account: _Account, row: _PartyRow, sign: int) -> Balance:
    """What a row of the account says, debit positive."""
    opening, closing = row.amounts.get("opening"), row.amounts.get("closing")
    return Balance(
        line=row.line,
        account=account.code,
        name=account.name,
        opening=opening and sign * opening,
        closing=closing and sign * closing,
        debit=row.amounts.get("debit"),
        credit=row.amounts.get("credit"),
        party=row.who.name,
        tax_id=row.who.tax_id,
    )


def _turned(balance: Balance) -> Balance:
    """The balance with its opening and closing the other way round."""
    opening, closing = balance.opening, balance.closing
    return replace(balance, opening=opening and -opening, closing=closing and -closing)


def _is_below(code: str, parent: str) -> bool:
    return code != parent and code.startswith(parent)


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
