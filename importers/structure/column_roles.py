"""Which role each column plays: by what stands in it, its title being a hint and no condition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations

from importers.identity import nit_check_digit
from importers.structure.cells import CellKind, kind_of
from importers.structure.headings import role_of_title
from importers.values import number_style

SURE, LIKELY, BY_TITLE, GUESSED = 0.97, 0.85, 0.75, 0.5
_ENOUGH = 0.8
_LEAST_ROWS = 4


@dataclass(frozen=True, slots=True)
class ColumnRole:
    """``role`` is date, account, account_name, reference, text, party, tax_id, identifier,
    currency, debit, credit, amount or balance; empty where nothing says it.
    """

    place: int
    title: str
    role: str
    confidence: float
    is_money: bool = False
    """Whether amounts stand in it, whatever its role."""
    is_signed: bool = False
    """Whether some of them are negative."""


def roles_of(data: Sequence[Sequence[str]], titles: Sequence[str]) -> list[ColumnRole]:
    """A role for every column of the rows of data, left to right."""
    width = max((len(titles), *map(len, data)), default=0)
    columns = [_Column.of(place, data, titles) for place in range(width)]
    roles = {column.place: _by_content(column, data) for column in columns}
    roles |= _money(columns)
    _settle_texts(columns, roles)
    return [
        ColumnRole(
            column.place,
            column.title,
            *roles[column.place],
            is_money=_is_money(column),
            is_signed=_is_money(column) and any(value < 0 for value in _values(column) if value),
        )
        for column in columns
    ]


@dataclass(frozen=True, slots=True)
class _Column:
    """``said`` is the role its title names, ``kinds`` the share of each kind of its filled
    cells.
    """

    place: int
    title: str
    said: str
    cells: Sequence[str]
    kinds: Mapping[CellKind, float]

    @classmethod
    def of(cls, place: int, data: Sequence[Sequence[str]], titles: Sequence[str]) -> _Column:
        title = titles[place] if place < len(titles) else ""
        cells = [row[place].strip() if place < len(row) else "" for row in data]
        kinds = [kind for cell in cells if (kind := kind_of(cell)) is not CellKind.EMPTY]
        shares: dict[CellKind, float] = {}
        for kind in kinds:
            shares[kind] = shares.get(kind, 0.0) + 1 / len(kinds)
        return cls(place, title, role_of_title(title), cells, shares)

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell]

    def share(self, *kinds: CellKind) -> float:
        return sum(self.kinds.get(kind, 0.0) for kind in kinds)


Said = tuple[str, float]


def _by_content(column: _Column, data: Sequence[Sequence[str]]) -> Said:
    """Roles that what stands in the cells decides, else what the title says."""
    if column.share(CellKind.DATE) >= _ENOUGH:
        return "date", SURE if column.said in ("date", "") else LIKELY
    if column.share(CellKind.IDENTIFIER) >= _ENOUGH:
        return "identifier", SURE
    if column.share(CellKind.TAX_ID) >= _ENOUGH or _are_nits(column):
        return "tax_id", SURE if column.said in ("tax_id", "") else LIKELY
    if column.said == "other":
        return "", BY_TITLE
    if column.said in ("currency", "account_name"):
        return column.said, BY_TITLE
    if _are_accounts(column):
        return "account", SURE if column.said == "account" else LIKELY
    if column.said in ("account", "reference", "tax_id", "date", "party", "text"):
        return column.said, BY_TITLE if column.filled else GUESSED
    coded = column.share(CellKind.CODE, CellKind.NUMBER)
    return ("reference", LIKELY) if coded >= _ENOUGH and _differ(column) else ("", GUESSED)


def _are_nits(column: _Column) -> bool:
    """Numbers that end in the check digit of a NIT far more often than the tenth that do by
    chance.
    """
    numbers = [re.sub(r"\D", "", cell) for cell in column.filled]
    numbers = [number for number in numbers if len(number) == 10]
    if len(numbers) < max(_LEAST_ROWS, _ENOUGH * len(column.filled)):
        return False
    right = sum(nit_check_digit(number[:9]) == number[9] for number in numbers)
    return right >= _ENOUGH * len(numbers)


def _are_accounts(column: _Column) -> bool:
    """Codes of digits (with separators) that come again, begin alike and are of few lengths."""
    cells = column.filled
    codes = [cell for cell in cells if re.fullmatch(r"\d[\d.\-]{2,29}", cell)]
    if len(codes) < _ENOUGH * len(cells) or len(codes) < _LEAST_ROWS or column.said == "reference":
        return False
    if column.share(CellKind.DATE) > 0 or column.said in ("debit", "credit", "amount", "balance"):
        return False
    different = set(codes)
    begins = {code[:1] for code in different}
    repeated = len(different) <= 0.7 * len(codes)
    is_plan = {code[0] for code in different} <= set("123456789") and len(begins) >= 2
    shaped = len({re.sub(r"\d", "9", code) for code in different}) <= max(3, len(different) // 4)
    return column.said == "account" or (repeated and is_plan and shaped)


def _differ(column: _Column) -> bool:
    return len(set(column.filled)) > 0.4 * len(column.filled)


def _money(columns: Sequence[_Column]) -> dict[int, Said]:
    """Debit, credit, amount and balance among the columns of amounts: by arithmetic where there is
    a running balance, by which two are never filled together, and by their titles.
    """
    found = [column for column in columns if _is_money(column)]
    sums = {column.place: _values(column) for column in found}
    roles: dict[int, Said] = {}
    balance = _running(found, sums)
    if balance:
        roles |= balance
    left = [column for column in found if column.place not in roles]
    said = {column.said: column.place for column in left}
    if {"debit", "credit"} <= said.keys():
        roles |= {said[role]: (role, SURE) for role in ("debit", "credit")}
    elif pair := _never_together(left, sums):
        first, second = _in_order(pair)
        sure = LIKELY if {pair[0].said, pair[1].said} & {"debit", "credit"} else GUESSED
        roles |= {first.place: ("debit", sure), second.place: ("credit", sure)}
    for column in left:
        if column.place not in roles:
            named = column.said in ("amount", "balance", "debit", "credit")
            is_only = len(left) == 1 and not {"debit", "credit"} & {
                role for role, _ in roles.values()
            }
            fallback = ("amount", LIKELY) if is_only else ("", GUESSED)
            roles[column.place] = (column.said, BY_TITLE) if named else fallback
    return roles


def _is_money(column: _Column) -> bool:
    """Amounts, or whole numbers under a title of money. What the title calls otherwise is not."""
    if column.said in ("account", "reference", "tax_id", "other", "date", "party", "text"):
        return False
    of_money = column.said in ("debit", "credit", "amount", "balance")
    amounts, numbers = column.share(CellKind.AMOUNT), column.share(CellKind.NUMBER)
    if of_money:
        return amounts + numbers >= _ENOUGH or not column.filled
    return amounts >= 0.5 and amounts + numbers >= _ENOUGH


def _values(column: _Column) -> list[Decimal | None]:
    """The amounts of a column, None where one cannot be read."""
    style = number_style(column.filled)
    found: list[Decimal | None] = []
    for cell in column.cells:
        try:
            found.append(style.parse(cell))
        except ValueError:
            found.append(None)
    return found


def _running(
    columns: Sequence[_Column], sums: Mapping[int, Sequence[Decimal | None]]
) -> dict[int, Said]:
    """A balance each of whose changes is what another column, or two of them, say."""
    for balance in columns:
        others = [column for column in columns if column is not balance]
        for plus, minus in permutations(others, 2):
            if plus.place < minus.place and (
                sign := _follows(sums[balance.place], sums[plus.place], sums[minus.place])
            ):
                first, second = _in_order((plus, minus))
                if not {first.said, second.said} & {"debit", "credit"} and sign < 0:
                    first, second = second, first
                sure = SURE if {first.said, second.said} & {"debit", "credit"} else LIKELY
                return {
                    balance.place: ("balance", SURE),
                    first.place: ("debit", sure),
                    second.place: ("credit", sure),
                }
        for amount in others:
            nothing = [Decimal(0)] * len(sums[amount.place])
            if _follows(sums[balance.place], sums[amount.place], nothing):
                return {balance.place: ("balance", SURE), amount.place: ("amount", SURE)}
    return {}


def _follows(
    balance: Sequence[Decimal | None],
    plus: Sequence[Decimal | None],
    minus: Sequence[Decimal | None],
) -> int:
    """1 where the balance grows by ``plus`` and falls by ``minus``, −1 the other way round, 0 where
    neither holds in most rows.
    """
    steps = []
    for before, after, up, down in zip(balance, balance[1:], plus[1:], minus[1:], strict=False):
        if before is not None and after is not None:
            steps.append((after - before, (up or Decimal(0)) - (down or Decimal(0))))
    moving = [(change, said) for change, said in steps if said]
    if len(moving) < _LEAST_ROWS - 1:
        return 0
    same = sum(change == said for change, said in moving)
    other = sum(change == -said for change, said in moving)
    if max(same, other) < _ENOUGH * len(moving):
        return 0
    return 1 if same >= other else -1


def _never_together(
    columns: Sequence[_Column], sums: Mapping[int, Sequence[Decimal | None]]
) -> tuple[_Column, _Column] | None:
    """Two columns of which nearly every row fills just one."""
    for left, right in permutations(columns, 2):
        if left.place > right.place:
            continue
        rows = list(zip(sums[left.place], sums[right.place], strict=True))
        one = sum(bool(a) != bool(b) for a, b in rows)
        if len(rows) >= _LEAST_ROWS and one >= 0.95 * len(rows):
            used = any(a for a, _ in rows) and any(b for _, b in rows)
            if used:
                return left, right
    return None


def _in_order(pair: tuple[_Column, _Column]) -> tuple[_Column, _Column]:
    """The debit first: as their titles say, else the left one."""
    left, right = pair
    turned = left.said == "credit" or right.said == "debit"
    return (right, left) if turned else (left, right)


def _settle_texts(columns: Sequence[_Column], roles: dict[int, Said]) -> None:
    """Of the columns of words nothing names, the one with the longest and most different texts is
    the text; names that come again, or bear the form of a company, are a party.
    """
    taken = {role for role, _ in roles.values()}
    open_ones = [
        column
        for column in columns
        if not roles[column.place][0]
        and column.said != "other"
        and column.share(CellKind.TEXT) >= 0.5
        and not any("@" in cell for cell in column.filled)
    ]
    for column in open_ones:
        if "party" not in taken and _are_names(column):
            roles[column.place] = ("party", LIKELY)
            taken.add("party")
    rest = [column for column in open_ones if not roles[column.place][0]]
    if rest and "text" not in taken:
        longest = max(rest, key=lambda column: sum(map(len, column.filled)) / len(column.filled))
        roles[longest.place] = ("text", LIKELY)


_COMPANY = re.compile(
    r"\b(?:S\.? ?A\.?(?: DE C\.? ?V\.?)?|S\.? DE R\.? ?L\.?.*|S\.? ?A\.? ?S\.?|LTDA\.?"
    r"|INC\.?|LLC|LTD\.?|E\.?U\.?|& CIA.*)$",
    re.IGNORECASE,
)


def _are_names(column: _Column) -> bool:
    companies = sum(bool(_COMPANY.search(cell)) for cell in column.filled)
    return companies >= 0.3 * len(column.filled)
