"""Any table of movements with a heading: CSV, text or sheet, columns found by the words people use for them.

The style of numbers and dates is decided a column at a time from its first rows. Where the table names voucher and
account and its vouchers balance, the lines are gathered into vouchers; otherwise each line stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from importers.findings import Finding
from importers.ledger.chain import BalanceChain
from importers.ledger.columns import (
    Columns,
    columns_of,
    header_line,
    is_repeated_heading,
    number_findings,
    whole_row,
    with_heading,
)
from importers.ledger.movements import Item, PlainRows, read_row
from importers.ledger.totals import Totals
from importers.ledger.vouchers import Gathering, forms_vouchers
from importers.profile import column_roles, is_ledger_heading
from importers.records import Disposition, LedgerLine
from importers.rows import line_of, physical_rows, spread
from importers.source import Source
from importers.unreadable import Unreadable


def read(source: Source) -> Iterator[Item]:
    """Lines, findings and ledger lines (or vouchers) of a table, in file order."""
    heading_line = header_line(source)
    if heading_line is None:
        raise Unreadable("no-heading", seen=source.profile.title)
    columns = columns_of(source, heading_line)
    yield from _table_findings(source, columns, heading_line)
    gathering = Gathering(source, columns, heading_line) if forms_vouchers(source, columns, heading_line) else None
    plain_rows = PlainRows(columns)
    seen_heading = False
    chain, totals = BalanceChain(columns), Totals(columns)
    for found, physical in physical_rows(source):
        record = plain_rows.movement(found) if found.number > heading_line else None
        if record is not None and len(physical) == 1:
            line, row = physical[0], found
            line.disposition, line.rule = Disposition.RECORD, "movement"
        else:
            row = whole_row(found, columns)
            line = line_of(row, physical)
            if row.number < heading_line or (row.number == heading_line and not seen_heading):
                line.disposition = Disposition.HEADING
                seen_heading = row.number == heading_line and is_ledger_heading(
                    column_roles(row.cells, source.profile.columns)
                )
                line.rule = "header" if seen_heading else ("title" if row.text.strip() else "blank")
            else:
                if is_repeated_heading(row.cells, columns):
                    columns = with_heading(columns, row, source)
                    plain_rows = PlainRows(columns)
                record = None
                for item in read_row(row, line, columns):
                    if isinstance(item, LedgerLine):
                        record = item
                    else:
                        yield item
                if line.rule == "opening":
                    totals.add_opening(row, columns)
                elif line.rule == "total":
                    yield from totals.check(row, columns)
        if record is not None:
            if chain.wanted:
                chain.add(row, record)
            totals.add(record)
            if gathering is None:
                yield record
        if len(physical) == 1:
            yield physical[0]
        else:
            yield from spread(line, physical)
        if gathering is not None and row.number > heading_line:
            yield from gathering.take(row, columns, record, line.disposition is Disposition.REJECTED)
    yield from chain.findings()
    if gathering is not None:
        yield from gathering.rest()


def _table_findings(source: Source, columns: Columns, heading_line: int) -> Iterator[Finding]:
    """What is to be known of the table as a whole."""
    yield from number_findings(columns, heading_line)
    if (
        "voucher" not in columns.roles
        and columns.roles.keys() >= {"account", "debit", "credit"}
        and not source.profile.table
    ):
        yield Finding("no-vouchers", heading_line)
    if "quantity" in columns.roles and "amount" not in columns.roles:
        yield Finding("amounts-before-tax", heading_line)
