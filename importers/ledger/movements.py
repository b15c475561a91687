"""One row of a table of movements: a movement, a heading, a total, or what is wrong with it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter

from importers.findings import Finding
from importers.identity import normalise_tax_id
from importers.ledger.columns import Columns, is_debit, is_repeated_heading
from importers.records import Balance, Disposition, LedgerLine, Line, Record
from importers.tables import Cell, Row, cell_text
from importers.values import (
    ROUNDING_NOTICED,
    NumberStyle,
    compact,
    is_damaged_code,
    plain,
    to_cents,
)

Item = Line | Finding | Record

ZERO = Decimal("0.00")
_SHEET_KEEPS = Decimal(10) ** 15
PLAIN_ROLES = (
    "date",
    "debit",
    "credit",
    "account",
    "account_name",
    "kind",
    "kind_code",
    "voucher",
    "reference",
    "description",
    "party",
    "tax_id",
    "currency",
    "identifier",
)
_CODES = ("reference", "account", "tax_id", "voucher")


class PlainRows:
    """The short way for rows that are plainly movements: a date, amounts of two decimals, nothing
    else to ask.

    ``movement`` answers None for every other row, which then takes the long way of
    :func:`read_row`; both give the same for the rows both understand.
    """

    def __init__(self, columns: Columns) -> None:
        roles = columns.roles
        self._columns = columns
        self.usable = (
            "date" in roles
            and not roles.keys() & {"year", "side", "void", "series", "quantity"}
            and bool(roles.keys() & {"debit", "credit", "amount"})
            and not columns.options.keys()
            & {"opening", "skip", "absolute", "date_format", "overflow", "party_rows"}
        )
        self._width = max(roles.values(), default=0) + 1
        self._most = columns.width if columns.strict_width else sys.maxsize
        self._cut = itemgetter(*(roles.get(role, -1) for role in (*PLAIN_ROLES, "amount")))
        self._debit, self._credit = (
            _amount_reader(columns.styles[role]) if role in columns.styles else _nothing
            for role in ("debit", "credit")
        )
        self._amount = (
            _amount_reader(columns.styles["amount"]) if "amount" in columns.styles else None
        )
        self._shared_account = bool(
            columns.options.get("code_and_name") or columns.options.get("carry")
        )
        self._needs_account = "account" in roles and not self._shared_account
        self._days: dict[str, date] = {}

    @property
    def by_columns(self) -> bool:
        """Whether the rows can be read a column at a time: no cell depends on the row above it."""
        return self.usable and not self._shared_account and self._amount is None

    def movement(self, row: Row) -> LedgerLine | None:
        cells = row.cells
        if not self.usable or not self._width <= len(cells) <= self._most:
            return None
        try:
            (
                day_text,
                debit_text,
                credit_text,
                account,
                name,
                kind,
                kind_code,
                number,
                reference,
                description,
                party,
                tax_id,
                currency,
                identifier,
                amount_text,
            ) = map(str.strip, self._cut((*cells, "")))
        except TypeError:
            return None
        day = self._days.get(day_text)
        if day is None:
            try:
                day = self._days[day_text] = self._columns.date(cells)
            except (ValueError, TypeError):
                return None
        debit, credit = self._debit(debit_text), self._credit(credit_text)
        if self._amount is not None and not debit_text and not credit_text:
            debit, credit = self._sides(amount_text)
        elif amount_text:
            return None
        if debit is None or credit is None or not (debit or credit):
            return None
        if not account and self._needs_account:
            return None
        codes = reference + account + tax_id + number
        if (
            "E" in codes
            or "e" in codes
            or "'" in codes
            or "'" in f"{kind}{kind_code}{name}{description}{party}{currency}{identifier}"
        ):
            return None
        if self._shared_account:
            account, name = self._columns.account(cells)
        if kind_code:
            kind = f"{kind}-{kind_code}" if kind else kind_code
        return LedgerLine._make(
            (
                row.number,
                day,
                debit,
                credit,
                account,
                name,
                kind,
                number,
                reference,
                description,
                party,
                normalise_tax_id(tax_id) if tax_id else "",
                currency,
                identifier,
                "",
                "",
            )
        )

    def _sides(self, text: str) -> tuple[Decimal | None, Decimal]:
        """Debit and credit of an amount with a sign; None where it is not written plainly."""
        assert self._amount is not None
        amount = self._amount(text.removeprefix("-"))
        return (ZERO, amount) if text.startswith("-") and amount else (amount, ZERO)


def _nothing(_: str) -> Decimal | None:
    """The amount of a side the table has no column for."""
    return ZERO


def cents_reader(style: NumberStyle) -> Callable[[str], int | None]:
    """Reads amounts written plainly, with two decimals and without sign, as cents; None for any
    other text.
    """
    plainly = re.compile(plain_amount(style)).fullmatch

    @lru_cache(maxsize=4096)
    def read(text: str) -> int | None:
        return int(text.replace(",", "").replace(".", "")) if plainly(text) else None

    return read


def plain_amount(style: NumberStyle) -> str:
    """The pattern of an amount written plainly."""
    point, comma = (
        re.escape(style.decimal_mark),
        re.escape("," if style.decimal_mark == "." else "."),
    )
    return rf"(?:[0-9]{{1,12}}|[0-9]{{1,3}}(?:{comma}[0-9]{{3}}){{1,3}}){point}[0-9]{{2}}"


def _amount_reader(style: NumberStyle) -> Callable[[str], Decimal | None]:
    cents_of = cents_reader(style)

    def read(text: str) -> Decimal | None:
        cents = cents_of(text)
        return None if cents is None else Decimal(cents).scaleb(-2)

    return read


def read_row(row: Row, line: Line, columns: Columns) -> Iterator[Item]:
    cells = row.cells
    if not row.text.strip():
        line.disposition, line.rule = Disposition.HEADING, "deleted" if row.deleted else "blank"
        return
    if is_repeated_heading(cells, columns):
        line.disposition, line.rule = Disposition.HEADING, "header"
        return
    if _is_total(cells, columns):
        line.disposition, line.rule = Disposition.HEADING, "total"
        return
    if plain(columns.code(cells, "void")) in ("s", "si", "-1", "1", "t"):
        line.disposition, line.rule = Disposition.HEADING, "annulled"
        return
    skipped = columns.option("skip")
    if skipped and re.match(skipped, plain(columns.code(cells, "description"))):
        line.disposition, line.rule = Disposition.HEADING, "balance"
        return
    if opening := _opening(row, columns):
        line.disposition, line.rule = Disposition.HEADING, "opening"
        yield opening
        return
    record = ledger_line(row, columns)
    if isinstance(record, Finding):
        if columns.options.get("party_rows") and (party := _party(row)):
            columns.carried["party"] = party
            line.disposition, line.rule = Disposition.HEADING, "party"
        elif _is_note(row):
            line.disposition, line.rule = Disposition.HEADING, "note"
        else:
            yield record
        return
    line.disposition, line.rule = Disposition.RECORD, "movement"
    for role in _CODES:
        if is_damaged_code(columns.code(cells, role)) or _has_lost_digits(
            columns.cell(cells, role)
        ):
            yield Finding(
                "damaged-code",
                row.number,
                columns.roles[role] + 1,
                {"field": columns.headings.get(role, role), "seen": columns.code(cells, role)},
            )
    for role in columns.styles.keys() & {"debit", "credit", "amount"}:
        exact = columns.styles[role].parse(columns.cell(cells, role))
        if abs(exact - to_cents(exact)) >= ROUNDING_NOTICED:
            values = {"seen": exact, "expected": to_cents(exact)}
            yield Finding("rounded-amount", row.number, columns.roles[role] + 1, values)
    yield record


def ledger_line(row: Row, columns: Columns) -> LedgerLine | Finding:
    cells = row.cells
    if columns.strict_width and any(cell_text(cell).strip() for cell in cells[columns.width :]):
        widths = {"seen": len(cells), "expected": columns.width}
        return Finding("too-many-cells", row.number, columns.width + 1, widths)
    amounts: dict[str, Decimal] = {}
    for role, style in columns.styles.items():
        value = columns.cell(cells, role)
        try:
            amounts[role] = style.parse(value)
            to_cents(amounts[role])
        except ValueError:
            if role == "balance":
                continue
            return Finding(
                "not-an-amount",
                row.number,
                columns.roles[role] + 1,
                {"field": columns.headings.get(role, role), "seen": cell_text(value)[:40]},
            )
    if "quantity" in amounts:
        rest = 1 - amounts.get("discount", ZERO) / 100
        amounts["amount"] = amounts["quantity"] * amounts.get("unit_price", ZERO) * rest
    amount = to_cents(amounts.get("amount", ZERO))
    debit, credit = to_cents(amounts.get("debit", ZERO)), to_cents(amounts.get("credit", ZERO))
    if not debit and not credit and amount:
        debit, credit = (amount, ZERO) if amount > 0 else (ZERO, -amount)
        if "side" in columns.roles:
            side = is_debit(columns.cell(cells, "side"), columns.options)
            if side is None:
                seen = cell_text(columns.cell(cells, "side")).strip()
                expected = "D / C, Cargo / Abono, Debe / Haber"
                return Finding(
                    "bad-movement-type",
                    row.number,
                    columns.roles["side"] + 1,
                    {"seen": seen or "-", "expected": expected},
                )
            amount = abs(amount) if columns.options.get("absolute") else amount
            debit, credit = (amount, ZERO) if side else (ZERO, amount)
    elif columns.options.get("absolute"):
        debit, credit = abs(debit), abs(credit)
    try:
        day = columns.date(cells)
    except (ValueError, TypeError):
        seen = cell_text(columns.cell(cells, "date"))[:40]
        expected = columns.option("date_format") or (
            "dd/mm/aaaa" if columns.day_first else "mm/dd/aaaa"
        )
        if "yyyy" not in expected and columns.option("date_format") and columns.period is None:
            return Finding(
                "date-without-year",
                row.number,
                columns.roles.get("date", -1) + 1,
                {"seen": seen or "-"},
            )
        values = {
            "field": columns.headings.get("date", "-"),
            "seen": seen or "-",
            "expected": expected,
        }
        return Finding("not-a-date", row.number, columns.roles.get("date", -1) + 1, values)
    account, account_name = columns.account(cells)
    return LedgerLine(
        line=row.number,
        date=day,
        debit=debit,
        credit=credit,
        account=account,
        account_name=account_name,
        kind=columns.kind(cells),
        number=columns.code(cells, "voucher"),
        reference=columns.code(cells, "series") + columns.code(cells, "reference"),
        description=columns.code(cells, "description"),
        party=columns.code(cells, "party") or columns.carried.get("party", ""),
        tax_id=normalise_tax_id(columns.code(cells, "tax_id")),
        currency=columns.code(cells, "currency"),
        identifier=columns.code(cells, "identifier"),
    )


_TOTALS = ("total", "suma", "subtotal", "grantotal")


def _is_total(cells: Sequence[Cell], columns: Columns) -> bool:
    if _is_movement(cells, columns):
        return _is_total_with_date(cells, columns)
    pattern = columns.option("total")
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    if pattern:
        return bool(texts) and re.match(pattern, plain(texts[0])) is not None
    if "date" in columns.roles and cell_text(columns.cell(cells, "date")).strip():
        return compact(cell_text(columns.cell(cells, "date"))).startswith(_TOTALS)
    first = compact(texts[0]) if texts else ""
    return first.startswith((*_TOTALS, "saldo"))


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


def _opening(row: Row, columns: Columns) -> Balance | None:
    """The opening balance a ledger prints as a row of its own, where the layout has such rows."""
    said = plain(columns.code(row.cells, "description"))
    pattern = columns.option("opening")
    if not re.match(pattern or "saldos? (inicial|anterior)", said):
        return None
    if not pattern and cell_text(columns.cell(row.cells, "date")).strip():
        return None
    account, name = columns.account(row.cells)
    style = columns.styles.get("balance", NumberStyle())
    try:
        return Balance(
            row.number,
            account,
            name,
            to_cents(style.parse(columns.cell(row.cells, "balance"))),
            None,
        )
    except ValueError:
        return None


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
