"""Any table of movements with a heading: CSV, text or sheet, columns found by the words people use
for them.

The style of numbers and dates is decided a column at a time from its first rows. Where the table
names voucher and account and its vouchers balance, the lines are gathered into vouchers; otherwise
each line stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from importers.dialect import Dialect
from importers.findings import Finding
from importers.ledger.blocks import Block, BlockReader, has_plain_lines
from importers.ledger.chain import BalanceChain
from importers.ledger.columns import Columns, is_repeated_heading
from importers.ledger.movements import Item, read_row
from importers.ledger.plain_rows import PlainRows
from importers.ledger.printed_balances import AccountBalances, PrintedBalance
from importers.ledger.recognition import columns_of, header_line, is_heading, with_heading
from importers.ledger.totals import PrintedTotals, Totals
from importers.ledger.vouchers import Gathering, forms_vouchers
from importers.payment_facts import PaymentFacts
from importers.records import ColumnLines, Disposition, LedgerLine, Line, TitleBlock, Voucher
from importers.rows import LastRow, line_of, physical_rows, spread
from importers.source import Source
from importers.tables import Row, cell_text
from importers.unreadable import Unreadable


def read(source: Source) -> Iterator[Item]:
    """Lines, findings and ledger lines (or vouchers) of a table, in file order."""
    heading_line = header_line(source)
    if heading_line is None:
        raise Unreadable("no-heading", seen=source.profile.title)
    columns = columns_of(source, heading_line)
    heard = {place for place, _ in columns.heard("skip_where")}
    source.unused_headings += [
        heading for place, heading in columns.unread.items() if heading and place not in heard
    ]
    yield from _table_findings(source, columns, heading_line)
    form = columns.option("date_format")
    if form and "yyyy" not in form and columns.period:
        # The year is the period's, so a date outside of it was not meant.
        yield TitleBlock(start=columns.period[0], end=columns.period[1])
    reading = _Reading(source, columns, heading_line)
    yield from reading.findings()
    yield from reading.by_blocks() if reading.goes_by_blocks else reading.by_rows()
    yield from reading.rest()


class _Reading:
    """A table being read, row by row or, where its rows are plain and form vouchers, by blocks."""

    def __init__(self, source: Source, columns: Columns, heading_line: int) -> None:
        self._source, self._columns, self._heading_line = source, columns, heading_line
        forms = forms_vouchers(source, columns, heading_line)
        self._gathering = Gathering(source, columns, heading_line) if forms else None
        self._plain_rows = PlainRows(columns)
        self._chain, self._totals = BalanceChain(columns), Totals(columns)
        self._balances = AccountBalances(columns)
        self._facts = _payment_facts(source, columns)
        self._seen_heading = False
        self._after_total = False
        self._printed, self._words_of_totals = PrintedTotals(), Row(0, ())
        self._titles: set[str] = set()
        self._done = 0

    def findings(self) -> Iterator[Finding]:
        """What the table as a whole leaves to be said once it was looked through."""
        named = self._columns.roles.keys() >= {"voucher", "account"}
        if self._gathering is None and named and self._columns.option("vouchers", "auto") == "auto":
            yield Finding("vouchers-do-not-balance", self._heading_line)

    @property
    def goes_by_blocks(self) -> bool:
        asks_each = (
            self._chain.wanted
            if self._gathering
            else self._chain.has_balances or self._facts is not None
        )
        return not asks_each and self._plain_rows.by_columns and has_plain_lines(self._source)

    def by_rows(self) -> Iterator[Item]:
        for row, physical in physical_rows(self._source):
            yield from self._row(row, physical)

    def by_blocks(self) -> Iterator[Item]:
        delimiter = (self._source.dialect or Dialect(",")).delimiter
        ending = LastRow()
        for lines in self._source.line_blocks():
            self._done = 0
            while self._done < len(lines):
                block = BlockReader(self._columns, delimiter).read(lines[self._done :])
                yield from self._block(block)
            ending.saw_all(lines, block.rows)
        ending.refuse_cut()

    def rest(self) -> Iterator[Item]:
        yield from self._balances.rest(self._chain)
        yield from self._chain.findings()
        if self._gathering is not None:
            yield from self._gathering.rest()

    def _block(self, block: Block) -> Iterator[Item]:
        """The rows of a block; stops early, with ``_done`` saying where, when a later heading
        orders the columns.
        """
        gathering, columns = self._gathering, self._columns
        if gathering is None:
            yield from self._plain_block(block)
            return
        at, count = 0, len(block.lines)
        while at < count and self._columns is columns:
            line = block.lines[at]
            end = block.run(at) if block.plain[at] and line.number > self._heading_line else at
            if end > at and gathering.stands_alone(block.keys[at], end - at):
                for line in block.lines[at:end]:
                    line.disposition, line.rule = Disposition.RECORD, "movement"
                    yield line
                lines = ColumnLines(block.columns, at, end)
                voucher = self._voucher(block, lines)
                self._totals.add_cents(lines.cents("debit"), lines.cents("credit"))
                yield voucher
                at = end
                continue
            for place in range(at, max(end, at + 1)):
                line = block.lines[place]
                yield from self._row(Row(line.number, tuple(block.rows[place])), [line])
            at = max(end, at + 1)
        self._done += at

    def _plain_block(self, block: Block) -> Iterator[Item]:
        """The same where every row stands for itself."""
        columns = self._columns
        at, count = 0, len(block.lines)
        while at < count and self._columns is columns:
            end = block.plain_run(at) if block.lines[at].number > self._heading_line else at
            if end == at:
                line = block.lines[at]
                yield from self._row(Row(line.number, tuple(block.rows[at])), [line])
                at += 1
                continue
            for line, record in zip(block.lines[at:end], block.records(at, end), strict=True):
                line.disposition, line.rule = Disposition.RECORD, "movement"
                yield record
                yield line
            lines = ColumnLines(block.columns, at, end)
            self._totals.add_cents(lines.cents("debit"), lines.cents("credit"))
            for account, (cents, first, last) in block.moved(at, end).items():
                rows = (
                    Row(block.lines[place].number, tuple(block.rows[place]))
                    for place in (first, last)
                )
                self._balances.moved_some(account, cents, *rows)
            at = end
        self._done += at

    def _voucher(self, block: Block, lines: ColumnLines) -> Voucher:
        kind, number, day = key = block.keys[lines.start]
        assert day is not None and self._gathering is not None
        return Voucher(
            block.lines[lines.start].number,
            block.lines[lines.end - 1].number,
            day,
            kind or "-",
            number,
            block.columns["description"][lines.start],
            lines,
            tax_ids=block.tax_ids(lines.start, lines.end),
            broken_line=self._gathering.broken_line(key),
        )

    def _row(self, found: Row, physical: Sequence[Line]) -> Iterator[Item]:
        heading_line = self._heading_line
        record = self._plain_rows.movement(found) if found.number > heading_line else None
        if record is not None and len(physical) == 1:
            line, row = physical[0], found
            line.disposition, line.rule = Disposition.RECORD, "movement"
        else:
            row = _whole_row(found, self._columns)
            line = line_of(row, physical)
            if row.number < heading_line or (row.number == heading_line and not self._seen_heading):
                self._above(row, line)
            else:
                record = None
                for item in self._unusual(row, line):
                    match item:
                        case LedgerLine():
                            record = item
                        case PrintedBalance():
                            self._balances.printed(item)
                        case _:
                            yield item
        if record is not None:
            record = self._facts.completed(record) if self._facts else record
            yield from self._movement(row, record)
        if len(physical) == 1:
            yield physical[0]
        else:
            yield from spread(line, physical)
        if self._gathering is not None and row.number > heading_line:
            rejected = line.disposition is Disposition.REJECTED
            yield from self._gathering.take(row, self._columns, record, rejected)

    def _movement(self, row: Row, record: LedgerLine) -> Iterator[LedgerLine]:
        """Count a movement; it is answered where no voucher gathers it."""
        self._chain.add(row, record)
        self._totals.add(record.debit, record.credit)
        self._printed.add(record)
        if self._gathering is None:
            self._balances.moved(row, record)
            yield record

    def _above(self, row: Row, line: Line) -> None:
        """A row above the movements: the heading itself, a title, or nothing."""
        line.disposition = Disposition.HEADING
        profile = self._source.profile
        self._seen_heading = row.number == self._heading_line and is_heading(row.cells, profile)
        line.rule = "header" if self._seen_heading else ("title" if row.text.strip() else "blank")
        if line.rule == "title" and re.search(r"[^\W\d_]", row.text):
            self._titles.add(_shape(row))

    def _is_page_head(self, row: Row) -> bool:
        """A rule of dashes, or a title that stood above the heading with another page or time."""
        is_rule = not "".join(row.text.split()).strip("-=_*+|")
        return is_rule or _shape(row) in self._titles

    def _unusual(self, row: Row, line: Line) -> Iterator[Item | PrintedBalance]:
        """A row that is not plainly a movement."""
        if is_repeated_heading(row.cells, self._columns):
            self._columns = with_heading(self._columns, row, self._source)
            self._plain_rows = PlainRows(self._columns)
        found = list(read_row(row, line, self._columns))
        if self._after_total and _is_row_of_totals(found, row):
            line.disposition, line.rule = Disposition.HEADING, "total"
            if self._source.profile.source_system == "bank":
                yield from self._printed.compared(self._words_of_totals, row, self._columns)
            return
        if any(isinstance(item, Finding) for item in found) and self._is_page_head(row):
            line.disposition, line.rule = Disposition.HEADING, "title"
            return
        yield from found
        if line.rule == "opening":
            self._totals.add_opening(row, self._columns)
        elif line.rule == "total":
            self._after_total = not any(isinstance(cell, Decimal) for cell in row.cells)
            self._words_of_totals = row
            yield from self._totals.check(row, self._columns)


def _is_row_of_totals(found: Sequence[Item | PrintedBalance], row: Row) -> bool:
    """Whether a row that is no movement holds the figures of the row of words above it
    (``Total abonos | Total retiros``).
    """
    filled = [text for cell in row.cells if (text := cell_text(cell).strip())]
    refused = any(isinstance(item, Finding) for item in found)
    return refused and all(re.fullmatch(r"[\d.,$ -]+", text) for text in filled)


_PAGE_OR_TIME = re.compile(
    r"(?:\bp[aá]g(?:ina|\.)?|\bpage|\bhoja)\W*\d+(?:\s*(?:de|of|/)\s*\d+)?|\b\d{1,2}:\d\d(?::\d\d)?\b",
    re.IGNORECASE,
)


def _shape(row: Row) -> str:
    """A row without its page, its time and its blanks. Any other number counts: ``Cuenta: 1020``
    and ``Cuenta: 1030`` are not the same title.
    """
    return "".join(_PAGE_OR_TIME.sub("", row.text).split())


def _payment_facts(source: Source, columns: Columns) -> PaymentFacts | None:
    """What takes the facts out of the texts of a bank's movements; None for a ledger."""
    of_books = columns.roles.keys() & {"account", "voucher"}
    if source.profile.source_system != "bank" and (
        of_books or source.profile.name != "ledger-table"
    ):
        return None
    own = columns.options.get("facts", ())
    return PaymentFacts([str(pattern) for pattern in own] if isinstance(own, list) else ())


def _table_findings(source: Source, columns: Columns, heading_line: int) -> Iterator[Finding]:
    """What is to be known of the table as a whole."""
    yield from columns.remarks
    if (
        "voucher" not in columns.roles
        and columns.roles.keys() >= {"account", "debit", "credit"}
        and columns.option("sides") == "by-meaning"
    ):
        yield Finding("no-vouchers", heading_line)
    if "quantity" in columns.roles and "amount" not in columns.roles:
        yield Finding("amounts-before-tax", heading_line)


def _whole_row(row: Row, columns: Columns) -> Row:
    """The row as it was meant where one column is written unquoted although it may hold the
    delimiter: what is too much belongs to that column (``overflow``).
    """
    place = columns.roles.get(columns.option("overflow"), -1)
    extra = len(row.cells) - columns.width
    if place < 0 or extra <= 0 or not columns.width:
        return row
    joined = ",".join(cell_text(cell) for cell in row.cells[place : place + extra + 1])
    return row._replace(cells=(*row.cells[:place], joined, *row.cells[place + extra + 1 :]))
