"""A kind of document nobody has: a petty-cash slip, one line of a text file each. Everything a kind
has to say stands in this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from app.documents.kind import (
    Candidates,
    DocumentKind,
    Payload,
    Preparation,
    Prepared,
    Reader,
    Record,
)
from app.documents.records import joined_reference
from app.journal import Journal, documents
from app.journal.kinds import StoredKind
from app.journal.rows import DocumentRow
from connectors import EntryLine, JournalEntry, RemoteRecord
from connectors import Kind as RemoteKind
from connectors.contract import Connector, Outcome
from connectors.documents import Sent
from importers import Disposition, Line, Source


@dataclass(frozen=True, slots=True)
class Slip:
    """What the file says: amount as text, in the books' currency."""

    line: int
    number: str
    who: str
    amount: str


def read_slips(source: Source) -> Iterator[Line | Slip]:
    """``VALE;number;who;amount``"""
    for line in source.lines():
        _, number, who, amount = line.text.split(";")
        line.disposition, line.rule = Disposition.RECORD, "VALE"
        yield Slip(line.number, number, who, amount)
        yield line


class SlipKind(DocumentKind):
    stored = StoredKind(name="slip", record="slip", rank=3)
    title = "slip"
    takes = Slip
    remote = RemoteKind.ENTRY

    def record(self, item: Any, company: str, source_system: str) -> Record:
        said = {"number": item.number, "who": item.who, "amount": item.amount}
        data = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
        reference = joined_reference(company, source_system, "slip", item.number)
        digest = hashlib.sha256(data.encode()).hexdigest()
        return Record(reference, item.number, item.who, item.line, data, digest)

    def candidates(self, journal: Journal, connection_name: str, batch: int | None) -> Candidates:
        return Candidates(documents.every(journal, "slip", batch))

    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation:
        return _Slips({key: row.data for key, row in documents.records(journal, "slip").items()})

    def reader(self, journal: Journal) -> Reader:
        return entry

    def create(self, target: Connector, documents: Sequence[Sent]) -> Sequence[Outcome]:
        return target.create_entries([one for one in documents if isinstance(one, JournalEntry)])

    def find(
        self, target: Connector, documents: Sequence[Sent]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        return target.find_entries([one for one in documents if isinstance(one, JournalEntry)])

    def numbered(self, target: Connector, number: str) -> Sequence[RemoteRecord]:
        return target.numbered_entries(number)

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        said = documents.records(journal, "slip", row.batch_id)[row.id]
        return entry(payload(row, said.data))

    def about(self, document: Sent) -> str:
        return document.reference

    def about_remote(self, record: RemoteRecord) -> str:
        return record.number

    def lines(self, document: Sent) -> Sequence[EntryLine]:
        assert isinstance(document, JournalEntry)
        return document.lines

    def facts(self, payload: Payload) -> str:
        return f"petty cash, {payload['who']}, {payload['amount']}"


class _Slips(Preparation):
    def __init__(self, said: Mapping[int, str]) -> None:
        self._said = said

    def prepare(self, row: DocumentRow) -> Prepared:
        return Prepared(payload(row, self._said[row.id]))


def payload(row: DocumentRow, data: str) -> dict[str, Any]:
    return {"kind": "slip", "reference": row.external_ref, **orjson.loads(data)}


def entry(kept: Payload) -> JournalEntry:
    amount, zero = Decimal(kept["amount"]), Decimal(0)
    lines = (
        EntryLine("601.01", amount, zero, kept["who"]),
        EntryLine("101.01", zero, amount, kept["who"]),
    )
    return JournalEntry(kept["reference"], date(2026, 1, 31), "DIA", kept["number"], lines)
