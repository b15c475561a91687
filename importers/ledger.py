"""Any table of movements with a heading: CSV, text or sheet, columns found by the words people use for them.

The style of numbers and dates is decided a column at a time from its first rows. Where the table names voucher and
account and its vouchers balance, the lines are gathered into vouchers; otherwise each line stands for itself.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from importers.findings import Finding
from importers.identity import normalise_tax_id
from importers.profile import column_roles, is_ledger_heading
from importers.records import CONTINUED, Balance, Disposition, LedgerLine, Line, Record, Voucher, VoucherLine
from importers.source import OLD_SHEETS, SHEETS, Source
from importers.tables import Cell, Row, cell_text
from importers.unreadable import Unreadable
from importers.values import (
    ROUNDING_NOTICED,
    NumberStyle,
    code_text,
    compact,
    day_comes_first,
    is_ambiguous_number,
    is_damaged_code,
    number_style,
    parse_date,
    plain,
    to_cents,
)

Item = Line | Finding | Record

_SAMPLE = 1000
_ZERO = Decimal("0.00")
_DEBIT_WORDS = frozenset({"d", "db", "deb", "debito", "debe", "cargo", "cargos", "debit"})
_CREDIT_WORDS = frozenset({"c", "cr", "cred", "credito", "haber", "h", "abono", "abonos", "credit"})
_CODE_NAME = re.compile(r"(\d{4,10})\s+(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each role stands, what the file calls it, and how its values are written."""

    roles: Mapping[str, int]
    styles: Mapping[str, NumberStyle]
    day_first: bool
    options: Mapping[str, object] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    ambiguous: str = ""
    """A number of the table that reads two ways while nothing in it says which; empty when all is clear."""

    def cell(self, cells: Sequence[Cell], role: str) -> Cell:
        place = self.roles.get(role, -1)
        return cells[place] if 0 <= place < len(cells) else None

    def code(self, cells: Sequence[Cell], role: str) -> str:
        return code_text(self.cell(cells, role))

    def option(self, name: str, default: str = "") -> str:
        return str(self.options.get(name, default))

    def account(self, cells: Sequence[Cell]) -> tuple[str, str]:
        """Code and name of the row's account; where the layout says so, they share a cell or run on from above."""
        code, name = self.code(cells, "account"), self.code(cells, "account_name")
        if self.options.get("code_and_name") and (found := _CODE_NAME.fullmatch(code)):
            code, name = found[1], " ".join(found[2].replace("_x000D_", " ").split())
        carry = self.options.get("carry")
        if isinstance(carry, list) and "account" in carry:
            if code:
                self.carried.update(account=code, name=name)
            else:
                code, name = self.carried.get("account", ""), self.carried.get("name", "")
        return code, name

    def kind(self, cells: Sequence[Cell]) -> str:
        return "-".join(part for part in (self.code(cells, "kind"), self.code(cells, "kind_code")) if part)

    def date(self, cells: Sequence[Cell]) -> date:
        """Raises ValueError when the row has no date that exists."""
        if self.roles.keys() >= {"year", "month", "day"}:
            return date(*(int(self.code(cells, role) or 0) for role in ("year", "month", "day")))
        return parse_date(self.cell(cells, "date"), self.day_first)


def read(source: Source) -> Iterator[Item]:
    """Lines, findings and ledger lines (or vouchers) of a table, in file order."""
    heading_line = header_line(source)
    if heading_line is None:
        raise Unreadable("no-heading", seen=source.profile.title)
    columns = _columns(source, heading_line)
    yield from _number_findings(columns, heading_line)
    if (
        "voucher" not in columns.roles
        and columns.roles.keys() >= {"account", "debit", "credit"}
        and not source.profile.table
    ):
        yield Finding("no-vouchers", heading_line)
    gathering = _Vouchers() if _forms_vouchers(source, columns, heading_line) else None
    seen_heading = False
    for row, physical in physical_rows(source):
        line = line_of(row, physical)
        if row.number < heading_line or (row.number == heading_line and not seen_heading):
            line.disposition = Disposition.HEADING
            seen_heading = row.number == heading_line and is_ledger_heading(
                column_roles(row.cells, source.profile.columns)
            )
            line.rule = "header" if seen_heading else ("title" if row.text.strip() else "blank")
        else:
            if _is_repeated_heading(row.cells, columns):
                columns = _with_heading(columns, row, source)
            for item in _read_row(row, line, columns):
                if gathering is None or not isinstance(item, LedgerLine):
                    yield item
                else:
                    gathering.add(item)
            if gathering is not None and line.disposition is Disposition.REJECTED:
                gathering.add_broken(columns, row)
        yield from spread(line, physical)
    if gathering is not None:
        yield from gathering.vouchers()


class _Vouchers:
    """Gathers lines into vouchers by type, number and date, wherever in the file they stand."""

    def __init__(self) -> None:
        self._lines: dict[tuple[object, ...], list[LedgerLine]] = {}
        self._broken: dict[tuple[str, str], int] = {}

    def add(self, line: LedgerLine) -> None:
        self._lines.setdefault(_key(line), []).append(line)

    def add_broken(self, columns: Columns, row: Row) -> None:
        """A rejected row blocks every voucher of its type and number: it may be missing from any of them."""
        key = (columns.kind(row.cells), columns.code(row.cells, "voucher"))
        self._broken.setdefault(key, row.number)

    def vouchers(self) -> Iterator[Voucher]:
        for lines in self._lines.values():
            yield _voucher(lines, self._broken.get((lines[0].kind, lines[0].number), 0))


def header_line(source: Source) -> int | None:
    """The 1-based line of the heading row: the first of the sample whose words name enough columns."""
    for row in itertools.islice(source.rows(), 200):
        if is_ledger_heading(column_roles(row.cells, source.profile.columns)):
            return row.number
    return None


def physical_rows(source: Source) -> Iterator[tuple[Row, list[Line]]]:
    """Rows of a table with the journal's lines they stand on. Raises Unreadable after the last when it is cut."""
    if source.container in SHEETS:
        for row in source.rows():
            yield row, [row.line()]
        return
    if source.container in OLD_SHEETS:
        yield from _rows_in_text(source)
        return
    last: Line | None = None
    width, full = 0, 0
    for lines, cells in source.records():
        last = lines[-1]
        width, full = (max(width, len(cells)), full) if last.terminated else (width, len(cells))
        yield (
            Row(lines[0].number, tuple(cells)),
            lines,
        )
    if last is not None and not last.terminated and last.text.strip() and full < width:
        raise Unreadable("truncated", line=last.number, seen=full, expected=width)


def spread(line: Line, physical: Sequence[Line]) -> Iterator[Line]:
    """The physical lines of a record, all with the disposition of its first."""
    for part in physical:
        continued = part is not line and line.disposition is not Disposition.HEADING
        part.disposition, part.rule = line.disposition, CONTINUED if continued else line.rule
        yield part


def _rows_in_text(source: Source) -> Iterator[tuple[Row, list[Line]]]:
    """Rows of an HTML table or SYLK file with the physical lines from one row to the next. Where several rows share
    a physical line it goes with the last of them, so that it is journaled once."""
    rows: dict[int, list[Row]] = {}
    for row in source.rows():
        rows.setdefault(row.number, []).append(row)
    waiting: list[Line] = []
    current: list[Row] = []
    for part in source.lines():
        if part.number in rows and waiting:
            yield from _on_one_line(current, waiting)
            waiting = []
        current = rows.get(part.number, current if waiting else [])
        waiting.append(part)
    if waiting:
        yield from _on_one_line(current, waiting)


def _on_one_line(rows: Sequence[Row], lines: list[Line]) -> Iterator[tuple[Row, list[Line]]]:
    for row in rows[:-1]:
        yield row, []
    yield (rows[-1] if rows else Row(lines[0].number, ())), lines


def line_of(row: Row, physical: Sequence[Line]) -> Line:
    """The line a row's disposition is written on; a scratch one for a row that shares its line with a later row."""
    return physical[0] if physical else row.line()


def _columns(source: Source, heading_line: int) -> Columns:
    sample = list(itertools.islice(source.rows(), heading_line + _SAMPLE))
    place = next(
        at
        for at, row in enumerate(sample)
        if row.number == heading_line and is_ledger_heading(column_roles(row.cells, source.profile.columns))
    )
    roles = dict(column_roles(sample[place].cells, source.profile.columns))
    below = [row.cells for row in sample[place + 1 :]]

    def values(role: str) -> list[Cell]:
        return [cells[roles[role]] for cells in below if roles[role] < len(cells)]

    if "side" in roles and not any(_side(value) in _DEBIT_WORDS | _CREDIT_WORDS for value in values("side")):
        del roles["side"]
    amounts = [role for role in ("debit", "credit", "amount", "balance") if role in roles]
    together = number_style([value for role in amounts for value in values(role)])
    styles = {role: (style if (style := number_style(values(role))).certain else together) for role in amounts}
    day_first = day_comes_first(values("date")) if "date" in roles else True
    chosen = source.profile.table
    if isinstance(chosen.get("day_first"), bool):
        day_first = bool(chosen["day_first"])
    if chosen.get("decimal"):
        together = NumberStyle(str(chosen["decimal"]), certain=True)
        styles = dict.fromkeys(styles, together)
    texts = [value for role in amounts for value in values(role) if isinstance(value, str)]
    doubtful = "" if together.certain else next((text for text in texts if is_ambiguous_number(text)), "")
    headings = {role: cell_text(sample[place].cells[at]).strip() for role, at in roles.items()}
    return Columns(roles, styles, day_first, source.profile.table, {}, headings, doubtful)


def _number_findings(columns: Columns, heading_line: int) -> Iterator[Finding]:
    if columns.ambiguous:
        style = next(iter(columns.styles.values()))
        values = {"seen": columns.ambiguous, "expected": to_cents(style.parse(columns.ambiguous))}
        yield Finding("ambiguous-numbers", heading_line, 0, values)


def _read_row(row: Row, line: Line, columns: Columns) -> Iterator[Item]:
    cells = row.cells
    if not row.text.strip():
        line.disposition, line.rule = Disposition.HEADING, "blank"
        return
    if _is_repeated_heading(cells, columns):
        line.disposition, line.rule = Disposition.HEADING, "header"
        return
    if _is_total(cells, columns):
        line.disposition, line.rule = Disposition.HEADING, "total"
        return
    if plain(columns.code(cells, "void")) in ("s", "si", "-1"):
        line.disposition, line.rule = Disposition.HEADING, "annulled"
        return
    if opening := _opening(row, columns):
        line.disposition, line.rule = Disposition.HEADING, "opening"
        yield opening
        return
    record = _ledger_line(row, columns)
    if isinstance(record, Finding):
        if _is_note(row):
            line.disposition, line.rule = Disposition.HEADING, "note"
        else:
            yield record
        return
    line.disposition, line.rule = Disposition.RECORD, "movement"
    for role in ("reference", "account", "tax_id", "voucher"):
        if is_damaged_code(columns.code(cells, role)):
            yield Finding("damaged-code", row.number, columns.roles[role] + 1,
                          {"field": columns.headings.get(role, role), "seen": columns.code(cells, role)})  # fmt: skip
    for role in columns.styles.keys() & {"debit", "credit", "amount"}:
        exact = columns.styles[role].parse(columns.cell(cells, role))
        if abs(exact - to_cents(exact)) >= ROUNDING_NOTICED:
            values = {"seen": exact, "expected": to_cents(exact)}
            yield Finding("rounded-amount", row.number, columns.roles[role] + 1, values)
    yield record


def _ledger_line(row: Row, columns: Columns) -> LedgerLine | Finding:
    cells = row.cells
    amounts: dict[str, Decimal] = {}
    for role, style in columns.styles.items():
        value = columns.cell(cells, role)
        try:
            amounts[role] = style.parse(value)
            to_cents(amounts[role])
        except ValueError:
            if role == "balance":
                continue
            return Finding("not-an-amount", row.number, columns.roles[role] + 1,
                           {"field": columns.headings.get(role, role), "seen": cell_text(value)[:40]})  # fmt: skip
    amount = to_cents(amounts.get("amount", _ZERO))
    debit, credit = to_cents(amounts.get("debit", _ZERO)), to_cents(amounts.get("credit", _ZERO))
    if not debit and not credit and amount:
        debit, credit = (amount, _ZERO) if amount > 0 else (_ZERO, -amount)
        if "side" in columns.roles:
            side = _side(columns.cell(cells, "side"))
            if side not in _DEBIT_WORDS | _CREDIT_WORDS:
                expected = "D / C, Cargo / Abono, Debe / Haber"
                return Finding("bad-movement-type", row.number, columns.roles["side"] + 1,
                               {"seen": side or "-", "expected": expected})  # fmt: skip
            debit, credit = (amount, _ZERO) if side in _DEBIT_WORDS else (_ZERO, amount)
    try:
        day = columns.date(cells)
    except (ValueError, TypeError):
        seen = cell_text(columns.cell(cells, "date"))[:40]
        expected = "dd/mm/aaaa" if columns.day_first else "mm/dd/aaaa"
        values = {"field": columns.headings.get("date", "-"), "seen": seen or "-", "expected": expected}
        return Finding("not-a-date", row.number, columns.roles.get("date", -1) + 1, values)
    account, account_name = columns.account(cells)
    return LedgerLine(
        line=row.number, date=day, debit=debit, credit=credit, account=account, account_name=account_name,
        kind=columns.kind(cells), number=columns.code(cells, "voucher"),
        reference=columns.code(cells, "reference"), description=columns.code(cells, "description"),
        party=columns.code(cells, "party"), tax_id=normalise_tax_id(columns.code(cells, "tax_id")),
        currency=columns.code(cells, "currency"), identifier=columns.code(cells, "identifier"),
    )  # fmt: skip


def _side(value: Cell) -> str:
    return plain(code_text(value)).rstrip(".")


def _is_repeated_heading(cells: Sequence[Cell], columns: Columns) -> bool:
    named = [role for role in ("date", "year", "debit", "credit", "amount") if role in columns.roles]
    words = {compact(cell_text(columns.cell(cells, role))) for role in named}
    return bool(words) and all(word and not any(c.isdigit() for c in word) for word in words)


def _with_heading(columns: Columns, row: Row, source: Source) -> Columns:
    """The columns as a later heading (of another sheet, or of a pasted export) orders them."""
    found = column_roles(row.cells, source.profile.columns)
    roles = {role: place for role, place in found.items() if role in columns.roles}
    return (
        replace(columns, roles=roles) if is_ledger_heading(roles) and roles.keys() == columns.roles.keys() else columns
    )


def _is_total(cells: Sequence[Cell], columns: Columns) -> bool:
    if _is_movement(cells, columns):
        return False
    pattern = columns.option("total")
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    if pattern:
        return bool(texts) and re.match(pattern, plain(texts[0])) is not None
    if "date" in columns.roles and cell_text(columns.cell(cells, "date")).strip():
        first = compact(cell_text(columns.cell(cells, "date")))
        return first.startswith(("total", "sumas", "subtotal"))
    first = compact(texts[0]) if texts else ""
    return first.startswith(("total", "sumas", "subtotal", "saldo"))


def _is_movement(cells: Sequence[Cell], columns: Columns) -> bool:
    """Whether the row has a date and an amount: then it is no total, whatever its party is called."""
    try:
        columns.date(cells)
        return any(columns.styles[role].parse(columns.cell(cells, role)) for role in columns.styles)
    except (ValueError, TypeError):
        return False


def _opening(row: Row, columns: Columns) -> Balance | None:
    """The opening balance a ledger prints as a row of its own, where the layout has such rows."""
    pattern = columns.option("opening")
    if not pattern or not re.match(pattern, plain(columns.code(row.cells, "description"))):
        return None
    account, name = columns.account(row.cells)
    style = columns.styles.get("balance", NumberStyle())
    try:
        return Balance(row.number, account, name, to_cents(style.parse(columns.cell(row.cells, "balance"))), None)
    except ValueError:
        return None


def _is_note(row: Row) -> bool:
    """A row with a single text and nothing else (``Procesado en: …``): said below a report, not a movement."""
    filled = [cell for cell in row.cells if cell_text(cell).strip()]
    return len(filled) == 1 and isinstance(filled[0], str) and not re.fullmatch(r"[\d.,$ -]+", filled[0])


def _forms_vouchers(source: Source, columns: Columns, heading_line: int) -> bool:
    """Whether the table is a journal: it names voucher and account, and four of five vouchers balance."""
    mode = columns.option("vouchers", "auto")
    if mode != "auto" or not columns.roles.keys() >= {"voucher", "account"}:
        return mode == "always"
    nets: dict[tuple[object, ...], Decimal] = {}
    for row in itertools.islice(source.rows(), heading_line + _SAMPLE):
        if row.number > heading_line:
            record = _ledger_line(row, columns)
            if isinstance(record, LedgerLine):
                nets[_key(record)] = nets.get(_key(record), _ZERO) + record.debit - record.credit
    whole = list(nets.values())[: -1 if len(nets) > 1 else None]
    return bool(whole) and sum(1 for net in whole if not net) >= 0.8 * len(whole)


def _key(line: LedgerLine) -> tuple[object, ...]:
    return line.kind, line.number, line.date


def _voucher(lines: Sequence[LedgerLine], broken_line: int) -> Voucher:
    first = lines[0]
    return Voucher(
        line=first.line, last_line=lines[-1].line, date=first.date, kind=first.kind or "-", number=first.number,
        description=first.description,
        lines=tuple(
            VoucherLine(
                line.line, line.account, line.debit, line.credit, line.reference, line.description,
                account_name=line.account_name, party=line.party, tax_id=line.tax_id, currency=line.currency,
            )
            for line in lines
        ),
        tax_ids=tuple((line.line, line.tax_id) for line in lines if line.tax_id), broken_line=broken_line,
    )  # fmt: skip
