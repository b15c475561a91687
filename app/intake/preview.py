"""A file looked at before it is imported: what it is, every line with its disposition, every
finding. Nothing is kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

import importers
from app.intake.importing import Cancelled
from importers import (
    Balance,
    Finding,
    LedgerLine,
    Line,
    Options,
    Source,
    Unreadable,
    Voucher,
)
from importers.archives import Export
from importers.profile import Profile, load_profiles
from importers.reading import Inspection, count, describe
from importers.source import SHEETS

SHOWN_RAW = 5000
SHOWN_PARSED = 200_000
"""Of so many lines it is kept what was read from them; of all it is counted."""


class Parsed(NamedTuple):
    """What was read from one line, as text to be shown; empty where the line does not say it.
    Amounts are Decimal.
    """

    date: str = ""
    voucher: str = ""
    account: str = ""
    reference: str = ""
    description: str = ""
    party: str = ""
    debit: Decimal | None = None
    credit: Decimal | None = None


@dataclass
class Preview:
    export: Export
    options: Options
    inspection: Inspection
    lines: list[Line] = field(default_factory=list)
    parsed: dict[int, Parsed] = field(default_factory=dict)


def preview(
    export: Export,
    options: Options,
    profiles: Mapping[str, Profile] | None = None,
    progress: Callable[[int, int], bool] | None = None,
    own_tax_ids: Sequence[str] = (),
) -> Preview:
    """Read a whole file for showing, by ``own_tax_ids`` of the company where ``options`` name none.
    Raises OSError when it cannot be read, Cancelled when told to
    stop.
    """
    result = Preview(export, options, Inspection(export.name))
    found = result.inspection
    read = 0

    def go_on() -> None:
        if progress and not progress(read, export.content.size):
            raise Cancelled

    try:
        source = Source(
            export.name,
            export.content.watched(go_on),
            replace(options, own_tax_ids=options.own_tax_ids or tuple(own_tax_ids)),
            profiles or load_profiles(),
        )
        describe(source, found)
    except Unreadable as unreadable:
        found.findings.append(Finding(unreadable.code, 0, 0, unreadable.parameters))
        found.readable = False
        return result
    for item in importers.read(source):
        count(found, item)
        if isinstance(item, Line):
            result.lines.append(item)
            read += item.length
            if item.number % 2000 == 0:
                go_on()
        else:
            _parse(result, item)
    if not result.lines:
        result.lines = _raw_lines(source)
    return result


def _parse(result: Preview, item: object) -> None:
    """Keep what was read from the lines of a record, of so many as are shown."""
    match item:
        case Voucher() if len(result.parsed) < SHOWN_PARSED:
            result.parsed |= _voucher_lines(item)
        case LedgerLine() if len(result.parsed) < SHOWN_PARSED:
            result.parsed[item.line] = _ledger_line(item)
        case Balance():
            result.parsed[item.line] = Parsed(account=item.account, description=item.name)


def _ledger_line(line: LedgerLine) -> Parsed:
    return Parsed(
        line.date.isoformat(),
        f"{line.kind} {line.number}".strip(),
        line.account,
        line.reference,
        line.description,
        line.party or line.tax_id,
        line.debit,
        line.credit,
    )


def _voucher_lines(voucher: Voucher) -> dict[int, Parsed]:
    """Header and movements of a voucher by their lines; the header's own line only where no
    movement stands on it.
    """
    day, name = voucher.date.isoformat(), f"{voucher.kind} {voucher.number}"
    parsed = {voucher.line: Parsed(day, name, description=voucher.description)}
    for line in voucher.lines:
        parsed[line.line] = Parsed(
            day,
            name,
            line.account,
            line.reference,
            line.description,
            line.party or line.tax_id,
            line.debit,
            line.credit,
        )
    return parsed


def _raw_lines(source: Source) -> list[Line]:
    """The text of a file no reader took, so that a person can see what it is."""
    if source.container in SHEETS:
        try:
            return [row.line() for row in source.rows()]
        except Unreadable:
            return []
    return list(itertools.islice(source.lines(), SHOWN_RAW))
