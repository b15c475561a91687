"""Lines of a table gathered into vouchers."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter

from importers.dialect import Dialect
from importers.ledger.blocks import BlockReader, has_plain_lines
from importers.ledger.columns import SAMPLE, Columns, is_repeated_heading
from importers.ledger.movements import ZERO, ledger_line, read_row
from importers.ledger.plain_rows import PlainRows
from importers.ledger.recognition import with_heading
from importers.records import Disposition, LedgerLine, Line, Voucher, VoucherLine
from importers.source import Source
from importers.tables import Cell, Row
from importers.values import code_text

_MOST, _HALF = 0.8, 0.5
"""Share of vouchers that must balance: of the first rows, which may cut some, and of the whole
table.
"""

Key = tuple[str, str, date | None]


class Gathering:
    """Gathers lines into vouchers by type, number and date, wherever in the file they stand.

    The table is gone through once beforehand to count the rows of each voucher, so that a voucher
    can be let go with its last row: memory holds the vouchers under way, not the file.
    """

    def __init__(self, source: Source, columns: Columns, heading_line: int) -> None:
        self._left: defaultdict[Key, int] = defaultdict(int)
        self._undated: dict[tuple[str, str], int] = {}
        self._lines: dict[Key, list[LedgerLine]] = {}
        self._broken: dict[Key, int] = {}
        keys = _Keys(columns)
        known: dict[tuple[Cell, ...], Key] = {}
        for rows in source.cells():
            said = [keys.said(cells) for _, cells in rows]
            if rows[0][0] > heading_line and keys.learn(said, rows, known):
                for each, count in Counter(said).items():
                    self._left[known[each]] += count
                continue
            for number, cells in rows:
                if number <= heading_line:
                    continue
                key = keys.key(cells)
                if key[2] is None and is_repeated_heading(cells, columns):
                    columns = with_heading(columns, Row(number, tuple(cells)), source)
                    keys, known = _Keys(columns), {}
                    key = keys.key(cells)
                elif key[2] is None and key[1] and key[:2] not in self._undated:
                    self._look_at(Row(number, tuple(cells)), columns, key)
                self._left[key] += 1

    def take(
        self, row: Row, columns: Columns, record: LedgerLine | None, rejected: bool
    ) -> Iterator[Voucher]:
        """One row below the heading; answers the voucher it completes. A rejected row blocks its
        voucher.
        """
        if record is not None:
            key: Key = (record.kind, record.number, record.date)
            lines = self._lines.get(key)
            if lines is None:
                self._lines[key] = [record]
            else:
                lines.append(record)
        else:
            key = _Keys(columns).key(row.cells)
            if rejected:
                self._broken.setdefault(key, row.number)
        left = self._left[key] = self._left[key] - 1
        if not left:
            del self._left[key]
            yield from self._complete(key)

    def stands_alone(self, key: Key, count: int) -> bool:
        """Whether ``count`` rows are all there is of a voucher; it is then done with."""
        if self._left.get(key) != count or key in self._lines or key in self._broken:
            return False
        del self._left[key]
        return True

    def broken_line(self, key: Key) -> int:
        """A row without date of the same type and number that could not be read; 0 when there is
        none.
        """
        return self._undated.get(key[:2], 0)

    def rest(self) -> Iterator[Voucher]:
        """What is still under way at the end of the file, so that nothing can be kept back."""
        for key in list(self._lines):
            yield from self._complete(key)

    def _complete(self, key: Key) -> Iterator[Voucher]:
        lines, broken = self._lines.pop(key, None), self._broken.pop(key, 0)
        if lines:
            yield _voucher(lines, broken or self.broken_line(key))

    def _look_at(self, row: Row, columns: Columns, key: Key) -> None:
        """A row without a date that exists: where it is rejected, it may be missing from any
        voucher of its number.
        """
        line = Line(row.number, 0, 0, "")
        deque(read_row(row, line, columns), maxlen=0)
        if line.disposition is Disposition.REJECTED:
            self._undated[key[:2]] = row.number


class _Keys:
    """Reads which voucher a row belongs to."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        roles = columns.roles
        self._kinds = [roles[role] for role in ("kind", "kind_code") if role in roles]
        self._voucher = roles.get("voucher", -1)
        places = [
            *self._kinds,
            self._voucher,
            *(roles[role] for role in ("date", "year", "month", "day") if role in roles),
        ]
        self._said = itemgetter(*places) if len(places) > 1 and min(places) >= 0 else None
        self._width = max(places) + 1

    def said(self, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        """The cells that decide the key, as they stand."""
        return self._said(cells) if self._said and len(cells) >= self._width else tuple(cells)

    def learn(
        self,
        said: Sequence[tuple[Cell, ...]],
        rows: Sequence[tuple[int, Sequence[Cell]]],
        known: dict[tuple[Cell, ...], Key],
    ) -> bool:
        """Add the keys of some rows to those known; False when one of them has no date that
        exists.
        """
        fresh = {
            each: cells for each, (_, cells) in zip(said, rows, strict=True) if each not in known
        }
        for each, cells in fresh.items():
            key = self.key(cells)
            if key[2] is None:
                return False
            known[each] = key
        return True

    def key(self, cells: Sequence[Cell]) -> Key:
        """Type, number and date; the date is None where the row has none that exists."""
        try:
            day = self._columns.date(cells)
        except (ValueError, TypeError):
            day = None
        width = len(cells)
        kind = "-".join(
            [part for at in self._kinds if at < width and (part := code_text(cells[at]))]
        )
        return kind, code_text(cells[self._voucher]) if 0 <= self._voucher < width else "", day


def forms_vouchers(source: Source, columns: Columns, heading_line: int) -> bool:
    """Whether the table is a journal: it names voucher and account, and most of its vouchers
    balance. The first rows decide; where they do not say yes, because vouchers lie scattered over
    the file, all of it does.
    """
    mode = columns.option("vouchers", "auto")
    if mode != "auto" or not columns.roles.keys() >= {"voucher", "account"}:
        return mode == "always"
    rows = (row for row in source.rows() if row.number > heading_line)
    nets = _nets({}, itertools.islice(rows, SAMPLE), columns)
    whole = list(nets.values())[: -1 if len(nets) > 1 else None]
    if _share(whole) >= _MOST:
        return True
    if PlainRows(columns).by_columns and has_plain_lines(source):
        return _share(list(_nets_of_blocks(source, columns, heading_line).values())) >= _HALF
    return _share(list(_nets(nets, rows, columns).values())) >= _HALF


def _nets_of_blocks(source: Source, columns: Columns, heading_line: int) -> Mapping[Key, Decimal]:
    """The same of a whole text, its plain rows a column at a time."""
    reader = BlockReader(columns, (source.dialect or Dialect(",")).delimiter)
    cents: dict[Key, int] = {}
    others: list[Row] = []
    for lines in source.line_blocks():
        block = reader.read(lines)
        sides = block.columns["debit"], block.columns["credit"]
        rows = zip(block.plain, block.keys, *sides, strict=True)
        for place, (is_plain, key, debit, credit) in enumerate(rows):
            if lines[place].number <= heading_line:
                continue
            if is_plain:
                cents[key] = cents.get(key, 0) + debit - credit
            else:
                others.append(Row(lines[place].number, tuple(block.rows[place])))
    nets = {key: Decimal(net).scaleb(-2) for key, net in cents.items()}
    return _nets(nets, others, columns)


def _nets(nets: dict[Key, Decimal], rows: Iterable[Row], columns: Columns) -> dict[Key, Decimal]:
    """Debits less credits of each voucher, added to those there are."""
    plain = PlainRows(columns)
    for row in rows:
        record = plain.movement(row) or ledger_line(row, columns)
        if isinstance(record, LedgerLine):
            key = (record.kind, record.number, record.date)
            nets[key] = nets.get(key, ZERO) + record.debit - record.credit
    return nets


def _share(nets: Sequence[Decimal]) -> float:
    return sum(1 for net in nets if not net) / len(nets) if nets else 0.0


def _voucher(lines: Sequence[LedgerLine], broken_line: int) -> Voucher:
    first = lines[0]
    return Voucher(
        line=first.line,
        last_line=lines[-1].line,
        date=first.date,
        kind=first.kind or "-",
        number=first.number,
        description=first.description,
        lines=tuple([_voucher_line(*line) for line in lines]),
        tax_ids=tuple((line.line, line.tax_id) for line in lines if line.tax_id),
        broken_line=broken_line,
    )


def _voucher_line(
    line: int,
    _day: date,
    debit: Decimal,
    credit: Decimal,
    account: str,
    name: str,
    _kind: str,
    _number: str,
    reference: str,
    text: str,
    party: str,
    tax_id: str,
    currency: str,
    _identifier: str,
    rate: str,
    _direction: str,
    _counter_account: str,
) -> VoucherLine:
    """The fields of a ledger line that a voucher's line keeps."""
    return VoucherLine._make(
        (
            line,
            account,
            debit,
            credit,
            reference,
            text,
            "",
            name,
            party,
            tax_id,
            currency,
            None,
            (),
            rate,
            "",
            "",
        )
    )
