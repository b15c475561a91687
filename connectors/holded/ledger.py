"""Ledger lines of Holded, of either version, as entries: an entry has no reference of its own, so
ours stands in front of the description of each of its lines.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.documents import EntryLine, JournalEntry, Kind, LedgerMove, RemoteRecord
from connectors.errors import ConnectorError

SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the daily ledger; ``entry`` is Holded's number of the entry, ``place`` its line
    within.
    """

    entry: str
    place: int
    date: date
    account: str
    description: str
    debit: Decimal
    credit: Decimal


def described(entry: JournalEntry, line: EntryLine) -> str:
    """The description that carries our reference."""
    return f"{entry.reference}{SEPARATOR}{line.label or entry.description}"


def notes(entry: JournalEntry) -> str:
    """What stands beside the entry: our reference, what people know it by, and its concept."""
    return " ".join(filter(None, (entry.reference, entry.folio, entry.description)))


def taken(
    entry: JournalEntry,
    answer: Mapping[str, object],
    find: Callable[[JournalEntry], Sequence[RemoteRecord]],
) -> RemoteRecord:
    """What became of an entry Holded accepted: an accepted answer is final, whether its ledger
    shows the entry yet or not. Where it does not, the entry stands as it was sent, under the id of
    the answer.
    """
    with contextlib.suppress(ConnectorError):
        for record in find(entry):
            return record
    number = next((str(answer[name]) for name in ("id", "entryNumber") if answer.get(name)), "")
    return RemoteRecord(number, "", entry.reference, entry.date, "posted", entry.lines)


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Each line once, by entry and place: the order of the listing is not guaranteed, and pages may
    overlap.
    """
    unique = {(line.entry, line.place): line for line in lines}
    return sorted(unique.values(), key=lambda line: (line.date, line.entry.zfill(12), line.place))


def entries(lines: Sequence[Line]) -> Iterator[RemoteRecord]:
    """The entries the lines belong to."""
    grouped: dict[str, list[Line]] = {}
    for line in lines:
        grouped.setdefault(line.entry, []).append(line)
    for number, own in grouped.items():
        reference = own[0].description.split(SEPARATOR)[0]
        yield RemoteRecord(
            number,
            number,
            reference,
            own[0].date,
            "posted",
            tuple(EntryLine(line.account, line.debit, line.credit, _label(line)) for line in own),
            (),
            Kind.ENTRY,
        )


def moves(lines: Iterable[Line]) -> Iterator[LedgerMove]:
    for line in lines:
        reference = line.description.split(SEPARATOR)[0] if SEPARATOR in line.description else ""
        yield LedgerMove(
            f"{line.entry}:{line.place}",
            line.entry,
            line.date,
            line.account,
            "",
            line.debit,
            line.credit,
            line.entry,
            reference,
            _label(line),
        )


def _label(line: Line) -> str:
    return line.description.split(SEPARATOR, 1)[-1]
