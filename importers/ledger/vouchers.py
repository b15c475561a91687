"""Lines of a table gathered into vouchers."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from importers.ledger.columns import SAMPLE, Columns, is_repeated_heading, with_heading
from importers.ledger.movements import ZERO, ledger_line, read_row
from importers.records import Disposition, LedgerLine, Line, Voucher, VoucherLine
from importers.source import Source
from importers.tables import Cell, Row
from importers.values import code_text

Key = tuple[str, str, date | None]


class Gathering:
    """Gathers lines into vouchers by type, number and date, wherever in the file they stand.

    The table is gone through once beforehand to count the rows of each voucher, so that a voucher can be let go with
    its last row: memory holds the vouchers under way, not the file.
    """

    def __init__(self, source: Source, columns: Columns, heading_line: int) -> None:
        self._left: Counter[Key] = Counter()
        self._undated: dict[tuple[str, str], int] = {}
        self._lines: dict[Key, list[LedgerLine]] = {}
        self._broken: dict[Key, int] = {}
        key_of = _keys(columns)
        for row in source.rows():
            if row.number <= heading_line:
                continue
            key = key_of(row.cells)
            if key[2] is None and is_repeated_heading(row.cells, columns):
                columns = with_heading(columns, row, source)
                key_of = _keys(columns)
                key = key_of(row.cells)
            self._left[key] += 1
            if key[2] is None and key[1] and key[:2] not in self._undated:
                self._look_at(row, columns, key)

    def take(self, row: Row, columns: Columns, record: LedgerLine | None, rejected: bool) -> Iterator[Voucher]:
        """One row below the heading; answers the voucher it completes. A rejected row blocks its voucher."""
        key = (record.kind, record.number, record.date) if record is not None else _keys(columns)(row.cells)
        if record is not None:
            self._lines.setdefault(key, []).append(record)
        elif rejected:
            self._broken.setdefault(key, row.number)
        self._left[key] -= 1
        if not self._left[key]:
            del self._left[key]
            lines, broken = self._lines.pop(key, None), self._broken.pop(key, 0)
            if lines:
                yield _voucher(lines, broken or self._undated.get(key[:2], 0))

    def _look_at(self, row: Row, columns: Columns, key: Key) -> None:
        """A row without a date that exists: where it is rejected, it may be missing from any voucher of its number."""
        line = Line(row.number, 0, 0, "")
        deque(read_row(row, line, columns), maxlen=0)
        if line.disposition is Disposition.REJECTED:
            self._undated[key[:2]] = row.number


def _keys(columns: Columns) -> Callable[[Sequence[Cell]], Key]:
    """Reads the key of a row's voucher; the date is None where the row has none that exists."""
    days: dict[object, date | None] = {}
    place = columns.roles.get("date", -1)
    voucher = columns.roles.get("voucher", -1)
    kinds = [columns.roles[role] for role in ("kind", "kind_code") if role in columns.roles]

    def key(cells: Sequence[Cell]) -> Key:
        width = len(cells)
        text = cells[place] if 0 <= place < width else None
        day = days.get(text)
        if day is None:
            try:
                day = columns.date(cells)
            except (ValueError, TypeError):
                day = None
            if place >= 0:
                days[text] = day
        kind = "-".join([part for at in kinds if at < width and (part := code_text(cells[at]))])
        return kind, code_text(cells[voucher]) if 0 <= voucher < width else "", day

    return key


def forms_vouchers(source: Source, columns: Columns, heading_line: int) -> bool:
    """Whether the table is a journal: it names voucher and account, and four of five vouchers balance."""
    mode = columns.option("vouchers", "auto")
    if mode != "auto" or not columns.roles.keys() >= {"voucher", "account"}:
        return mode == "always"
    nets: dict[Key, Decimal] = {}
    for row in itertools.islice(source.rows(), heading_line + SAMPLE):
        if row.number > heading_line:
            record = ledger_line(row, columns)
            if isinstance(record, LedgerLine):
                key = (record.kind, record.number, record.date)
                nets[key] = nets.get(key, ZERO) + record.debit - record.credit
    whole = list(nets.values())[: -1 if len(nets) > 1 else None]
    return bool(whole) and sum(1 for net in whole if not net) >= 0.8 * len(whole)


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
