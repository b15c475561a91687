"""Lines and movements in blocks: columns of some thousands of rows as compressed JSON, one row of
the database each.

A file of a million lines costs two hundred rows instead of two million; a block is never changed
once written, and its bytes are what the digests of a batch cover.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
import zstandard

from app.journal import schema
from importers.records import Disposition, Line

LINES, MOVEMENTS = "lines", "movements"
ROWS = 1000
"""About this many rows go into a block: few enough to stay in the processor's cache while they are
made.
"""


class StoredLine(NamedTuple):
    """A physical line. ``offset`` and ``length`` are its place in the original; ``text`` is kept
    only where it cannot be read from there (rows of a sheet, records of a DBF).
    """

    number: int
    offset: int
    length: int
    disposition: str
    rule: str
    sheet: str
    text: str | None


class Movement(NamedTuple):
    """A movement of a file; money in minor units of scale 2, ``date`` ISO, ``document`` None
    outside a voucher.
    """

    position: int
    line: int
    document: int | None
    date: str
    kind: str
    number: str
    account: str
    debit: int
    credit: int
    reference: str
    description: str
    segment: str
    account_name: str
    party: str
    tax_id: str
    currency: str
    identifier: str
    rate: str
    direction: str


_LATER = ("identifier", "rate", "direction")
"""Columns a block has only where one of its movements says something there; journals of the first
releases never do.
"""


class Block(NamedTuple):
    """Ready to be written: the lowest and highest number or position in it, and its bytes."""

    first: int
    last: int
    data: bytes


class LineColumns:
    """Gathers lines until they fill a block. ``counts`` are those of all taken so far, by
    disposition.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._kinds: list[tuple[str, str, str]] = []
        self._codes: dict[tuple[str, str, str], int] = {}
        self._code = -1
        self._disposition: Disposition | None = None
        self._rule = self._sheet = ""
        self._rows: list[tuple[int, int, int, int, str | None]] = []

    def add(self, line: Line) -> None:
        """The text is dropped where the line has bytes of its own."""
        if (
            line.disposition is not self._disposition
            or line.rule is not self._rule
            or line.sheet is not self._sheet
        ):
            self._disposition, self._rule, self._sheet = line.disposition, line.rule, line.sheet
            kind = (line.disposition.value, line.rule, line.sheet)
            self._code = self._codes.setdefault(kind, len(self._codes))
            if self._code == len(self._kinds):
                self._kinds.append(kind)
        length = line.length
        self._rows.append(
            (
                line.number,
                line.offset,
                length,
                self._code,
                None if length and not line.keeps_text else line.text,
            )
        )

    def __len__(self) -> int:
        return len(self._rows)

    def take(self) -> Block | None:
        """The block of what was gathered, which is then forgotten; None when there is nothing."""
        if not self._rows:
            return None
        number, offset, length, kind, text = zip(*self._rows, strict=True)
        self._rows = []
        for code, count in Counter(kind).items():
            self.counts[self._kinds[code][0]] += count
        columns = {
            "number": number,
            "offset": offset,
            "length": length,
            "kinds": self._kinds,
            "kind": kind,
            "text": text if any(item is not None for item in text) else None,
        }
        return Block(min(number), max(number), _pack(columns))


def movement_block(columns: Mapping[str, Sequence[object]]) -> Block:
    """The block of movements given as columns named like the fields of :class:`Movement`, at least
    one long.
    """
    first, last = columns["position"][0], columns["position"][-1]
    assert isinstance(first, int) and isinstance(last, int)
    silent = [name for name in _LATER if not any(columns[name])]
    said = {name: values for name, values in columns.items() if name not in silent}
    return Block(first, last, _pack(said))


def lines(
    connection: sa.Connection, batch: int, numbers: Sequence[int] | None = None
) -> Iterator[StoredLine]:
    """Lines of a batch in order; only those of ``numbers`` (sorted) where given."""
    if numbers is None:
        for columns in block_columns(connection, batch, LINES):
            yield from _stored_lines(columns)
        return
    left = list(reversed(numbers))
    while left:
        block = next(block_columns(connection, batch, LINES, left[-1], left[-1]), None)
        if block is None:
            left.pop()
            continue
        known = {line.number: line for line in _stored_lines(block)}
        highest = max(known)
        while left and left[-1] <= highest:
            number = left.pop()
            if number in known:
                yield known[number]


def movements(
    connection: sa.Connection, batch: int, first: int = 1, last: int | None = None
) -> Iterator[Movement]:
    """Movements of a batch in order of position, from ``first`` to ``last``."""
    for columns in block_columns(connection, batch, MOVEMENTS, first, last):
        nothing = [""] * len(columns["position"])
        values = (columns.get(name, nothing) for name in Movement._fields)
        for movement in map(Movement._make, zip(*values, strict=True)):
            if first <= movement.position and (last is None or movement.position <= last):
                yield movement


def _pack(columns: Mapping[str, object]) -> bytes:
    return zstandard.compress(orjson.dumps(columns), 1)


def _stored_lines(columns: Mapping[str, Any]) -> Iterator[StoredLine]:
    kinds = columns["kinds"]
    texts = columns["text"] or [None] * len(columns["number"])
    rows = zip(
        columns["number"], columns["offset"], columns["length"], columns["kind"], texts, strict=True
    )
    for number, offset, length, kind, text in rows:
        disposition, rule, sheet = kinds[kind]
        yield StoredLine(number, offset, length, disposition, rule, sheet, text)


def block_columns(
    connection: sa.Connection, batch: int, kind: str, first: int = 1, last: int | None = None
) -> Iterator[dict[str, Any]]:
    """The blocks of a kind that reach into ``first`` to ``last``, each as its columns."""
    table = schema.block
    query = sa.select(table.c.data).where(
        table.c.batch_id == batch, table.c.kind == kind, table.c.last >= first
    )
    if last is not None:
        query = query.where(table.c.first <= last)
    for row in connection.execute(query.order_by(table.c.first).execution_options(yield_per=16)):
        yield orjson.loads(zstandard.decompress(row.data))
