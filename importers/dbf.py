"""DBF tables of AdminPAQ, Factura Electrónica and their kin, through dbfread: fields by the header,
values by type.

The header is the first line, each record one more; a record marked as deleted is journaled as a
heading. Numbers never pass through a binary float unless the table stores one.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import product
from pathlib import Path
from typing import Any

from dbfread import DBF, FieldParser
from dbfread.codepages import guess_encoding
from dbfread.exceptions import DBFNotFound

from importers.encoding import DOUBTFUL_BELOW, Detection, detect, read_page
from importers.tables import Cell, Row
from importers.unreadable import Unreadable
from importers.wording import QT_TRANSLATE_NOOP, Message

_SAMPLE = 200_000


@dataclass(frozen=True)
class Record:
    """A record with its place in the file; ``deleted`` where the table says so."""

    row: Row
    offset: int
    length: int
    deleted: bool = False


class Table:
    """A DBF in memory. Raises Unreadable while being made when its header cannot be understood."""

    def __init__(self, data: bytes, encoding: str = "") -> None:
        self._data = data
        try:
            self._dbf = _open(data)
            self._parser: Any = _Values(self._dbf)
        except (
            ValueError,
            struct.error,
            OSError,
            DBFNotFound,
            LookupError,
            UnicodeDecodeError,
        ) as error:
            raise Unreadable("damaged-table", reason=str(error)[:120]) from None
        self.names: Sequence[str] = self._dbf.field_names
        self._start = int(self._dbf.header.headerlen)
        self._length = int(self._dbf.header.recordlen)
        self._count = int(self._dbf.header.numrecords)
        if self._length < 2 or 1 + sum(field.length for field in self._dbf.fields) > self._length:
            raise Unreadable("damaged-table", reason=f"{self._length} < fields")
        self.detection = self._detect() if not encoding else Detection(encoding, 1.0)
        self._parser.page = self.detection.encoding

    def records(self) -> Iterator[Record]:
        """The heading, then every record the file holds. Raises Unreadable after the last when the
        header states another number.
        """
        yield Record(Row(1, tuple(self.names)), 0, self._start)
        number, offset, end = 1, self._start, len(self._data)
        while offset + self._length <= end:
            number += 1
            raw = self._data[offset : offset + self._length]
            deleted = raw[:1] == b"*"
            yield Record(
                Row(number, () if deleted else tuple(self._cells(raw))),
                offset,
                self._length,
                deleted,
            )
            offset += self._length
        if offset < end:
            yield Record(Row(number + 1, ()), offset, end - offset)
        if number - 1 != self._count:
            raise Unreadable("record-count", seen=self._count, expected=number - 1)

    def _cells(self, raw: bytes) -> Iterator[Cell]:
        place = 1
        for field in self._dbf.fields:
            value = raw[place : place + field.length]
            place += field.length
            try:
                yield _cell(self._parser.parse(field, value))
            except (ValueError, struct.error, InvalidOperation):
                yield read_page(value, "cp1252").strip()

    def _detect(self) -> Detection:
        """The code page the header names, unless the letters plainly contradict it; theirs where it
        names none.
        """
        found = detect(self._letters())
        try:
            named = guess_encoding(self._dbf.header.language_driver)
        except LookupError:
            return found
        if found.confidence >= 0.9 and found.encoding not in ("ascii", named):
            text = QT_TRANSLATE_NOOP(
                "evidence", "The header names {named}, but the letters are plainly {encoding}."
            )
            values = {"named": named, "encoding": found.encoding}
            return Detection(
                found.encoding, found.confidence, (*found.evidence, Message(text, values))
            )
        text = QT_TRANSLATE_NOOP("evidence", "The header of the table names {encoding}.")
        sure = max(found.confidence, DOUBTFUL_BELOW) if found.encoding == named else 0.9
        return Detection(named, sure, (Message(text, {"encoding": named}),))

    def _letters(self) -> bytes:
        """The texts of the first records."""
        places, place = [], 1
        for field in self._dbf.fields:
            if field.type == "C":
                places.append((place, place + field.length))
            place += field.length
        step = self._length
        records = range(self._start, min(len(self._data), self._start + _SAMPLE * step), step)
        texts = [
            self._data[at + start : at + stop].rstrip()
            for at, (start, stop) in product(records, places)
        ]
        return b"\n".join(texts)


class _Values(FieldParser):  # type: ignore[misc]
    """dbfread's values, but exact: numbers as Decimal, texts in our page."""

    page = "cp1252"

    def decode_text(self, text: bytes) -> str:
        try:
            return text.decode(self.page)
        except UnicodeDecodeError:
            return read_page(text, self.page if self.page.startswith("cp") else "cp1252")

    def parseN(self, _: object, data: bytes) -> Decimal | None:
        text = data.strip(b" *\0").decode("ascii").replace(",", ".")
        return Decimal(text) if text else None

    parseF = parseN  # noqa: N815

    def parseB(self, field: Any, data: bytes) -> Decimal | None:
        """A double of Visual FoxPro; in older tables the number of a memo."""
        return Decimal(repr(struct.unpack("<d", data)[0])) if field.length == 8 else None

    def parseM(self, *_: object) -> None:
        """Memos stand in another file, which is not asked for."""


def _open(data: bytes) -> Any:
    """dbfread reads files by name only; the copy lives as long as it takes to read the header."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.dbf"
        path.write_bytes(data[:65536])
        return DBF(str(path), ignore_missing_memofile=True, ignorecase=False, encoding="latin-1")


def _cell(value: object) -> Cell:
    match value:
        case None:
            return None
        case bool():
            return "T" if value else "F"
        case datetime():
            return value.date()
        case Decimal() | date() | str():
            return value if not isinstance(value, str) or value else None
        case int():
            return Decimal(value)
        case bytes():
            return value.hex()
        case _:
            return str(value)
