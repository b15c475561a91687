"""Opening and closing balances a table prints as rows of their own: they are no movements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from importers import patterns
from importers.amounts import BALANCE_WORDS, value_word
from importers.findings import Finding
from importers.ledger.chain import BalanceChain
from importers.ledger.columns import Columns
from importers.records import Balance, LedgerLine
from importers.tables import Row, cell_text
from importers.values import NumberStyle, plain, to_cents

_ZERO = Decimal("0.00")
_OPENING = re.compile(
    r"saldos? (inicial|anterior|de apertura|previo)|(opening|beginning|previous) balance"
    r"|(balance )?brought forward|balance forward|^vienen?( de .*)?$"
)
_CLOSING = re.compile(
    r"saldos? (final|actual|al corte|de cierre)|(closing|ending|final) balance"
    r"|^van( a .*)?$|(balance )?carried forward"
)


class Which(StrEnum):
    OPENING = "opening"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class PrintedBalance:
    """A balance a row prints, of an account (empty: the only one); None where the row says its name
    and no figure.
    """

    which: Which
    line: int
    account: str
    name: str
    amount: Decimal | None


def printed_balance(row: Row, columns: Columns) -> PrintedBalance | None:
    """The balance a row prints; None where the row is something else. A line of a voucher or of a
    party is a movement, whatever it is called.
    """
    which = _which(row, columns)
    if which is None:
        return None
    account, name = _account(row, columns)
    return PrintedBalance(which, row.number, account, name, _amount(row, columns))


def _which(row: Row, columns: Columns) -> Which | None:
    cells = row.cells
    if columns.says(cells, "opening_where"):
        return Which.OPENING
    if columns.says(cells, "closing_where"):
        return Which.CLOSING
    if (side := value_word(columns.cell(cells, "side"))) in BALANCE_WORDS:
        return Which.OPENING if side == BALANCE_WORDS[0] else Which.CLOSING
    own = columns.option("opening")
    if own:
        said = plain(columns.code(cells, "description"))
        return Which.OPENING if patterns.match(own, said) else None
    if any(columns.code(cells, role) for role in ("voucher", "party", "tax_id")):
        return None
    if _is_opening_entry(row, columns):
        return None
    texts = [plain(cell) for cell in cells if isinstance(cell, str)]
    opening_row = columns.option("opening_row")
    if opening_row and texts and patterns.match(opening_row, texts[0]):
        return Which.OPENING
    if any(_OPENING.match(text) for text in texts):
        return Which.OPENING
    return Which.CLOSING if any(_CLOSING.match(text) for text in texts) else None


def _is_opening_entry(row: Row, columns: Columns) -> bool:
    """Whether a row is a dated entry of an account, as opening entries are, rather than a balance
    told on the side: its amount is not the balance after it, and the layout knows no such rows.
    """
    skipped = columns.option("skip")
    if skipped and patterns.match(skipped, plain(columns.code(row.cells, "description"))):
        return False
    dated = bool(cell_text(columns.cell(row.cells, "date")).strip())
    if not dated or not columns.code(row.cells, "account"):
        return False
    amounts = [
        _parsed(columns.styles.get(role), columns.cell(row.cells, role))
        for role in ("debit", "credit", "amount")
    ]
    balance = _parsed(columns.styles.get("balance"), columns.cell(row.cells, "balance"))
    moved = [abs(amount) for amount in amounts if amount]
    return bool(moved) and (balance is None or abs(balance) not in moved)


def _account(row: Row, columns: Columns) -> tuple[str, str]:
    """Code and name of the account, where the layout says so within the row's first text."""
    pattern = columns.option("opening_row")
    first = next((text for cell in row.cells if (text := cell_text(cell).strip())), "")
    found = patterns.match(pattern, first, ignore_case=True) if pattern else None
    if found is None:
        return columns.account(row.cells)
    return found["code"], found["name"].strip()


def _amount(row: Row, columns: Columns) -> Decimal | None:
    """The balance: of its own column, of the amounts, or the only number that stands in the row."""
    for role in ("balance", "opening", "amount"):
        found = _parsed(columns.styles.get(role), columns.cell(row.cells, role))
        if found is not None:
            return found
    debit, credit = (
        _parsed(columns.styles.get(role), columns.cell(row.cells, role))
        for role in ("debit", "credit")
    )
    if debit is not None or credit is not None:
        return (debit or _ZERO) - (credit or _ZERO)
    style = next(iter(columns.styles.values()), NumberStyle())
    others = [row.cells[place] for place in columns.unread if place < len(row.cells)]
    numbers = [found for cell in others if (found := _parsed(style, cell)) is not None]
    return numbers[0] if len(numbers) == 1 else None


def _parsed(style: NumberStyle | None, cell: object) -> Decimal | None:
    """None for a blank as for what is no amount."""
    if style is None or cell is None or not str(cell).strip():
        return None
    try:
        return to_cents(style.parse(cell))
    except ValueError:
        return None


class AccountBalances:
    """Brings opening and closing of each account together. A closing balance that is not printed as
    such is taken where opening and movements lead to the first or last balance of the account.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._accounts: dict[str, _Account] = {}

    def printed(self, balance: PrintedBalance) -> None:
        account = self._account(balance.account)
        if balance.which is Which.OPENING:
            account.opening, account.line, account.name = balance.amount, balance.line, balance.name
        else:
            account.closing, account.line = balance.amount, account.line or balance.line

    def moved(self, row: Row, record: LedgerLine) -> None:
        account = self._accounts.get(record.account) or self._account(record.account)
        account.moved += record.debit - record.credit
        account.first, account.last = account.first or row, row

    def moved_some(self, account: str, cents: int, first: Row, last: Row) -> None:
        """The same for many movements of an account at once."""
        found = self._accounts.get(account) or self._account(account)
        found.moved += Decimal(cents).scaleb(-2)
        found.first, found.last = found.first or first, last

    def rest(self, chain: BalanceChain) -> Iterator[Balance | Finding]:
        """The balances a table prints, held against what moved and what its running balance begins
        and ends with; of an account of which it prints none, the latter.
        """
        printed: set[str] = set()
        running = {code: (first, last) for code, _, first, last in chain.ends()}
        for code, account in self._accounts.items():
            if account.opening is None and account.closing is None:
                continue
            printed.add(code)
            closing = account.closing
            if closing is None and account.opening is not None:
                reached = account.opening + account.moved
                ends = [self._balance(row) for row in (account.first, account.last) if row]
                closing = reached if reached in ends else None
            yield Balance(account.line, code, account.name, account.opening, closing)
            yield from account.gaps(running.get(code))
        for code, currency, first, last in chain.ends():
            if code not in printed:
                yield Balance(0, code, "", first, last, currency=currency)

    def _balance(self, row: Row) -> Decimal | None:
        columns = self._columns
        return _parsed(columns.styles.get("balance"), columns.cell(row.cells, "balance"))

    def _account(self, code: str) -> _Account:
        """Of the account, or of the only one where a row does not say of which."""
        if not code and len(self._accounts) == 1:
            return next(iter(self._accounts.values()))
        if "" in self._accounts and code and len(self._accounts) == 1:
            self._accounts[code] = self._accounts.pop("")
        return self._accounts.setdefault(code, _Account())


@dataclass(slots=True)
class _Account:
    line: int = 0
    name: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    moved: Decimal = _ZERO
    first: Row | None = None
    last: Row | None = None

    def gaps(self, running: tuple[Decimal, Decimal] | None) -> Iterator[Finding]:
        """Said where the account does not close on what it opens with and its movements (in either
        nature), or its printed balances are not those of its running balance.
        """
        opening, closing = self.opening, self.closing
        if opening is not None and closing is not None:
            if closing not in (opening + self.moved, opening - self.moved):
                values = {
                    "opening": opening,
                    "expected": opening + self.moved,
                    "seen": closing,
                }
                yield Finding("closing-differs", self.line, 0, values)
            return
        for stated, kept in zip((opening, closing), running or (None, None), strict=True):
            if stated is not None and kept is not None and stated != kept:
                values = {"expected": kept, "seen": stated}
                yield Finding("balance-differs", self.line, 0, values)
