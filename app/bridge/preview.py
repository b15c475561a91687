"""A file looked at before it is imported: what it is, every line with its disposition, every finding. Nothing is kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import importers
from app.bridge.intake import Cancelled
from importers import Failure, Finding, LedgerLine, Line, Options, Source, TitleBlock, Unreadable, Voucher
from importers.archives import Export
from importers.profile import Profile, load_profiles
from importers.reading import Inspection, describe
from importers.source import SHEETS

SHOWN_RAW = 5000


@dataclass
class Preview:
    export: Export
    options: Options
    inspection: Inspection
    lines: list[Line] = field(default_factory=list)


def preview(
    export: Export,
    options: Options,
    profiles: Mapping[str, Profile] | None = None,
    progress: Callable[[int, int], bool] | None = None,
) -> Preview:
    """Read a whole file for showing. Raises OSError when it cannot be read, Cancelled when told to stop."""
    result = Preview(export, options, Inspection(export.name))
    found = result.inspection
    try:
        source = Source(export.name, export.content, options, profiles or load_profiles())
    except Unreadable as unreadable:
        found.findings.append(Finding(unreadable.code, 0, 0, unreadable.parameters))
        found.readable = False
        return result
    describe(source, found)
    read = 0
    for item in importers.read(source):
        match item:
            case Line():
                result.lines.append(item)
                found.dispositions[item.disposition.value] += 1
                read += item.length
                if progress and item.number % 2000 == 0 and not progress(read, source.content.size):
                    raise Cancelled
            case Finding():
                found.findings.append(item)
            case Failure():
                found.findings.append(item.finding)
                found.readable = False
            case Voucher():
                found.vouchers += 1
                found.movements += len(item.lines)
            case LedgerLine():
                found.movements += 1
            case TitleBlock():
                found.title = item
            case _:
                pass
    if not result.lines:
        result.lines = _raw_lines(source)
    return result


def _raw_lines(source: Source) -> list[Line]:
    """The text of a file no reader took, so that a person can see what it is."""
    if source.container in SHEETS:
        try:
            return [row.line() for row in source.rows()]
        except Unreadable:
            return []
    return list(itertools.islice(source.lines(), SHOWN_RAW))
