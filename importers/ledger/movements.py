"""One row of a table of movements: a movement, a heading, a total, a balance, or what is wrong with
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from importers import patterns
from importers.amounts import came_to_nothing, heading_word
from importers.findings import Finding
from importers.identity import normalise_tax_id
from importers.ledger.columns import Columns, is_repeated_heading
from importers.ledger.printed_balances import PrintedBalance, printed_balance
from importers.records import Disposition, LedgerLine, Line, Record, TitleBlock
from importers.tables import Cell, Row, cell_text
from importers.values import (
    ROUNDING_NOTICED,
    code_text,
    compact,
    is_damaged_code,
    plain,
    to_cents,
)

Item = Line | Finding | Record | TitleBlock

ZERO = Decimal("0.00")
_SHEET_KEEPS = Decimal(10) ** 15
_CODES = ("reference", "account", "tax_id", "voucher")
_SIDES = ("debit", "credit", "amount")


def read_row(row: Row, line: Line, columns: Columns) -> Iterator[Item | PrintedBalance]:
    """What a row is, and what it holds; ``line`` gets its disposition and rule."""
    rule = _heading_rule(row, columns)
    if rule:
        line.disposition, line.rule = Disposition.HEADING, rule
        return
    balance = printed_balance(row, columns)
    if balance is not None:
        line.disposition, line.rule = Disposition.HEADING, balance.which.value
        yield balance
        return
    if _states_a_balance(row, columns):
        line.disposition, line.rule = Disposition.HEADING, "balance"
        return
    if told := columns.told(row.cells, "skip_where"):
        line.disposition, line.rule = Disposition.HEADING, "not-counted"
        yield Finding(
            "not-counted", row.number, told.place + 1, {"name": told.heading, "seen": told.text}
        )
        return
    record = ledger_line(row, columns)
    if isinstance(record, Finding):
        yield from _no_movement(row, line, columns, record)
        return
    line.disposition, line.rule = Disposition.RECORD, "movement"
    yield from _remarks(row, columns)
    yield record


def _heading_rule(row: Row, columns: Columns) -> str:
    """Why a row is no movement by its looks alone; empty where it may be one."""
    if row.is_blank:
        return "deleted" if row.deleted else "blank"
    if is_repeated_heading(row.cells, columns):
        return "header"
    if _is_total(row.cells, columns):
        return "total"
    if plain(columns.code(row.cells, "void")) in ("s", "si", "-1", "1", "t"):
        return "annulled"
    return ""


def _states_a_balance(row: Row, columns: Columns) -> bool:
    """Whether a row states what the account holds, by its text (``skip``)."""
    skipped = columns.option("skip")
    if not skipped:
        return False
    return patterns.match(skipped, plain(columns.code(row.cells, "description"))) is not None


def _no_movement(row: Row, line: Line, columns: Columns, why: Finding) -> Iterator[Item]:
    """A row that cannot be read as one: the party the next rows belong to, a note, or a finding."""
    if columns.options.get("party_rows") and (party := _party(row)):
        columns.carried["party"] = party
        line.disposition, line.rule = Disposition.HEADING, "party"
    elif _is_note(row):
        line.disposition, line.rule = Disposition.HEADING, "note"
    else:
        yield why


def _remarks(row: Row, columns: Columns) -> Iterator[Finding]:
    """What is doubtful of a row that was read."""
    for role in _CODES:
        cell = columns.cell(row.cells, role)
        if cell is None or cell == "":
            continue
        code = code_text(cell)
        if is_damaged_code(code) or _has_lost_digits(cell):
            seen = {"field": columns.named(role), "seen": code}
            yield Finding("damaged-code", row.number, columns.place(role), seen)
    yield from _states(row, columns)
    for role in _SIDES:
        style, cell = columns.styles.get(role), columns.cell(row.cells, role)
        if style is None or cell is None or cell == "":
            continue
        exact = style.parse(cell)
        cents = to_cents(exact)
        if style.certain and style.is_doubtful(cell):
            values = {"seen": cell_text(cell), "expected": cents}
            yield Finding("doubtful-amount", row.number, columns.place(role), values)
        elif exact != cents and abs(exact - cents) >= ROUNDING_NOTICED:
            rounded = {"seen": exact, "expected": cents}
            yield Finding("rounded-amount", row.number, columns.place(role), rounded)


def _states(row: Row, columns: Columns) -> Iterator[Finding]:
    """Said where a column nobody reads says that a row which was counted came to nothing."""
    for place in columns.states:
        text = cell_text(row.cells[place]).strip() if place < len(row.cells) else ""
        if came_to_nothing(text):
            seen = {"name": columns.unread[place], "seen": text}
            yield Finding("counted-all-the-same", row.number, place + 1, seen)


def ledger_line(row: Row, columns: Columns) -> LedgerLine | Finding:
    """The movement of a row, or why it is none."""
    cells = row.cells
    if columns.strict_width and any(cell_text(cell).strip() for cell in cells[columns.width :]):
        widths = {"seen": len(cells), "expected": columns.width}
        return Finding("too-many-cells", row.number, columns.width + 1, widths)
    amounts = _amounts(row, columns)
    if isinstance(amounts, Finding):
        return amounts
    sides = _sides(row, columns, amounts.by_role)
    if isinstance(sides, Finding):
        return sides
    day = _day(row, columns)
    if isinstance(day, Finding):
        return day
    elsewhere = _amount_elsewhere(row, columns)
    if elsewhere is not None:
        return elsewhere
    account, account_name = columns.account(cells)
    other = _other_party(row, columns, comes_in=bool(sides[0]))
    return LedgerLine(
        line=row.number,
        date=day,
        debit=sides[0],
        credit=sides[1],
        account=account,
        account_name=account_name,
        kind=columns.kind(cells),
        number=columns.code(cells, "voucher"),
        reference=columns.code(cells, "series") + columns.code(cells, "reference"),
        description=columns.code(cells, "description"),
        party=other.name,
        tax_id=normalise_tax_id(other.tax_id),
        currency=amounts.currency,
        identifier=columns.code(cells, "identifier"),
        rate=_rate(columns.code(cells, "rate")),
        counter_account=other.account,
    )


@dataclass(frozen=True, slots=True)
class _Amounts:
    by_role: Mapping[str, Decimal]
    currency: str


def _amounts(row: Row, columns: Columns) -> _Amounts | Finding:
    """The amounts of a row, all of one currency."""
    amounts: dict[str, Decimal] = {}
    currency = columns.currency_of(row.cells)
    for role, style in columns.styles.items():
        value = columns.cell(row.cells, role)
        try:
            money = style.money(value)
            to_cents(money.amount)
        except ValueError:
            if role in ("balance", "opening"):
                continue
            seen = {"field": columns.named(role), "seen": cell_text(value)[:40]}
            return Finding("not-an-amount", row.number, columns.place(role), seen)
        amounts[role] = money.amount
        if role in _SIDES and money.currency and money.currency != currency:
            if currency:
                values = {"seen": money.currency, "expected": currency}
                return Finding("currencies-differ", row.number, columns.place(role), values)
            currency = money.currency
    if "quantity" in amounts:
        rest = 1 - amounts.get("discount", ZERO) / 100
        amounts["amount"] = amounts["quantity"] * amounts.get("unit_price", ZERO) * rest
    return _Amounts(amounts, currency)


def _sides(
    row: Row, columns: Columns, amounts: Mapping[str, Decimal]
) -> tuple[Decimal, Decimal] | Finding:
    """Debit and credit of a row."""
    amount = to_cents(amounts.get("amount", ZERO))
    debit, credit = to_cents(amounts.get("debit", ZERO)), to_cents(amounts.get("credit", ZERO))
    absolute = bool(columns.options.get("absolute"))
    if debit or credit or not amount:
        return (abs(debit), abs(credit)) if absolute else (debit, credit)
    if "side" not in columns.roles:
        amount = -amount if columns.options.get("negate") else amount
        return (amount, ZERO) if amount > 0 else (ZERO, -amount)
    is_debit = columns.is_debit(columns.cell(row.cells, "side"))
    if is_debit is None:
        seen = cell_text(columns.cell(row.cells, "side")).strip()
        values = {"seen": seen or "-", "expected": "D / C, Cargo / Abono, Debe / Haber"}
        return Finding("bad-movement-type", row.number, columns.place("side"), values)
    amount = abs(amount) if absolute else amount
    return (amount, ZERO) if is_debit else (ZERO, amount)


def _day(row: Row, columns: Columns) -> date | Finding:
    try:
        return columns.date(row.cells)
    except (ValueError, TypeError):
        seen = cell_text(columns.cell(row.cells, "date"))[:40] or "-"
    form = columns.option("date_format")
    if form and "yyyy" not in form and columns.period is None:
        return Finding("date-without-year", row.number, columns.place("date"), {"seen": seen})
    expected = form or ("mm/dd/aaaa" if columns.order == "month-first" else "dd/mm/aaaa")
    values = {"field": columns.headings.get("date", "-"), "seen": seen, "expected": expected}
    return Finding("not-a-date", row.number, columns.place("date"), values)


def _amount_elsewhere(row: Row, columns: Columns) -> Finding | None:
    """A row without any amount while a column nobody reads holds one: its amount may be that."""
    held = [role for role in (*_SIDES, "quantity") if role in columns.roles]
    texts = [cell_text(columns.cell(row.cells, role)).strip() for role in held]
    if any(text.strip("0.,$ -") for text in texts):
        return None
    style = next(iter(columns.styles.values()), None)
    # Beside zeros only a column that is called a side may hold the amount.
    unread = columns.unread.items()
    blank = not any(texts)
    for place, heading in (one for one in unread if blank or heading_word(one[1])):
        cell = row.cells[place] if place < len(row.cells) else None
        if style is None or isinstance(cell, date) or not cell_text(cell).strip():
            continue
        try:
            if not style.parse(cell):
                continue
        except ValueError:
            continue
        values = {"field": heading, "seen": cell_text(cell)[:40]}
        return Finding("amount-elsewhere", row.number, place + 1, values)
    return None


class _Other(NamedTuple):
    """The other side of a movement, as far as a row names it."""

    name: str
    tax_id: str
    account: str


def _other_party(row: Row, columns: Columns, comes_in: bool) -> _Other:
    """The other party: of its columns, of those of who pays or who is paid, of the cell that holds
    both where the layout has one (``party_in_label``), or of the row above. A layout may say which
    accounts of the other side are parties (``counterparty``, with the group ``tax_id``); any other
    is an account of the books, and its name is no party.
    """
    cells = row.cells
    role = "payer" if comes_in else "payee"
    party = columns.code(cells, "party") or columns.code(cells, role)
    tax_id = columns.code(cells, "tax_id") or columns.code(cells, f"{role}_tax_id")
    account = columns.code(cells, "counter_account") or columns.code(cells, f"{role}_account")
    pattern = columns.option("party_in_label")
    if pattern and not (party and tax_id):
        found = patterns.fullmatch(pattern, columns.code(cells, "label"))
        if found:
            return _Other(party or found["party"].strip(), tax_id or found["tax_id"], account)
    if parties := columns.option("counterparty"):
        found = patterns.fullmatch(parties, account)
        return _Other(party, found["tax_id"], "") if found else _Other("", tax_id, account)
    return _Other(party or columns.carried.get("party", ""), tax_id, account)


def _rate(text: str) -> str:
    """An exchange rate as it is written; empty for one to one."""
    return "" if re.fullmatch(r"[01]?([.,]0*)?", text) else text


_TOTALS = ("total", "suma", "subtotal", "grantotal")


def _is_total(cells: Sequence[Cell], columns: Columns) -> bool:
    if _is_movement(cells, columns):
        return _is_total_with_date(cells, columns)
    pattern = columns.option("total")
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    if pattern:
        return bool(texts) and patterns.match(pattern, plain(texts[0])) is not None
    if "date" in columns.roles and cell_text(columns.cell(cells, "date")).strip():
        return compact(cell_text(columns.cell(cells, "date"))).startswith(_TOTALS)
    first = compact(texts[0]) if texts else ""
    return first.startswith(_TOTALS) or (first.startswith("saldo") and not _says_balance(first))


def _says_balance(text: str) -> bool:
    """Whether a text says which balance it is: opening and closing are no total."""
    return (
        re.match(r"saldos?(inicial|anterior|previo|final|actual|alcorte|deapertura)", text)
        is not None
    )


def _is_total_with_date(cells: Sequence[Cell], columns: Columns) -> bool:
    """Whether a row with date and amount is a total all the same: it says so, and names no account
    nor party.
    """
    named = any(columns.code(cells, role) for role in ("account", "party", "tax_id"))
    said = compact(columns.code(cells, "description"))
    return (
        "account" in columns.roles
        and not named
        and re.match(r"(gran|sub)?total(del?|poliza|$)", said) is not None
    )


def _is_movement(cells: Sequence[Cell], columns: Columns) -> bool:
    """Whether the row has a date and an amount: then it is no total, whatever its party is
    called.
    """
    try:
        columns.date(cells)
        return any(columns.styles[role].parse(columns.cell(cells, role)) for role in columns.styles)
    except (ValueError, TypeError):
        return False


def _party(row: Row) -> str:
    """The name in a row that only says whose movements follow: a name, or a code and a name."""
    texts = [text for cell in row.cells if (text := cell_text(cell).strip())]
    return (
        texts[-1]
        if len(texts) <= 2 and texts and not re.fullmatch(r"[\d.,$ ()-]+", texts[-1])
        else ""
    )


def _has_lost_digits(cell: Cell) -> bool:
    """Whether a code stored as a number in a workbook has more than the fifteen digits a
    spreadsheet keeps.
    """
    return isinstance(cell, Decimal) and abs(cell) >= _SHEET_KEEPS


def _is_note(row: Row) -> bool:
    """A row with a single text and nothing else (``Procesado en: …``): said below a report, not a
    movement.
    """
    filled = [cell for cell in row.cells if cell_text(cell).strip()]
    return (
        len(filled) == 1
        and isinstance(filled[0], str)
        and not re.fullmatch(r"[\d.,$ -]+", filled[0])
    )
