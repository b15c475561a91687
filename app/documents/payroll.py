"""Pay slips as journal entries: one a receipt, by concept, without anybody's name.

Each perception and deduction goes to the account its key is linked to, what is paid to that of
salaries payable (``…:NET``). Employer's shares and provisions are not in the paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from app.documents.entry import AsEntry, entry_of, payload_of
from app.documents.fiscal.journaled import FiscalKind, PaperPreparation, papers
from app.documents.kind import Payload, Preparation, Prepared
from app.documents.maps import MapKind, Maps
from app.documents.obstacles import Problem
from app.documents.targets import TargetLists
from app.journal import Journal
from app.journal.kinds import StoredKind
from app.journal.rows import DocumentRow
from app.translation import QT_TRANSLATE_NOOP
from connectors import EntryLine, JournalEntry
from connectors.contract import Connector
from connectors.documents import Document, Sent
from importers.fiscal import FiscalDocument, Kind

JOURNAL = "payroll"
"""The source of the link that says in which journal of the target pay slips go."""


class PayrollKind(AsEntry, FiscalKind):
    """Pay slips the company pays."""

    stored = StoredKind(name="payroll", record="fiscal-payroll", rank=4, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "pay slip")
    holds = frozenset({Kind.PAYROLL})

    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation:
        return _PayrollPreparation(journal, self.stored.record, connection_name, target)

    def read(self, payload: Payload, remote_ids: Mapping[str, str]) -> Document:
        return entry_of(payload)

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        paper = papers(journal, self.stored.record, row.batch_id)[row.id]
        return _entry(row, paper, {line.key: line.key for line in paper.entry or ()}, "")

    def about(self, document: Sent) -> str:
        assert isinstance(document, JournalEntry)
        return f"{document.date.isoformat()}  {document.total:,.2f}"

    def as_data(self, document: Sent) -> dict[str, Any]:
        assert isinstance(document, JournalEntry)
        return asdict(document)


class _PayrollPreparation(PaperPreparation):
    def __init__(
        self, journal: Journal, record: str, connection_name: str, target: Connector
    ) -> None:
        super().__init__(journal, record)
        self._connection, self._maps = connection_name, Maps.load(journal, connection_name)
        self._lists = TargetLists.of(target, self._maps)

    def prepare(self, row: DocumentRow) -> Prepared:
        paper, links = self.papers[row.id], self._maps.links
        keys = dict.fromkeys(line.key for line in paper.entry or ())
        lacking: list[tuple[Problem, str]] = [
            (Problem.UNMAPPED_ITEM, key) for key in keys if (MapKind.ITEM, key) not in links
        ]
        if (MapKind.JOURNAL, JOURNAL) not in links:
            lacking.append((Problem.UNMAPPED_JOURNAL, JOURNAL))
        if paper.currency and self._lists.is_foreign(paper.currency):
            lacking.append((Problem.FOREIGN_CURRENCY, paper.currency))
        for relation in paper.relations or ():
            lacking.append((Problem.REPLACES_ANOTHER, f"{row.number}: {relation.id}"))
        if lacking:
            return Prepared(obstacles=lacking)
        accounts = {key: links[MapKind.ITEM, key].target for key in keys}
        entry = _entry(row, paper, accounts, links[MapKind.JOURNAL, JOURNAL].target)
        entry = self._lists.in_journal(entry)
        own = {"kind": PayrollKind.stored.name, "connection": self._connection, "needs": []}
        return Prepared({**payload_of(entry), **own}, self._lists.obstacles(entry))


def _entry(
    row: DocumentRow, paper: FiscalDocument, accounts: Mapping[str, str], journal: str
) -> JournalEntry:
    lines = tuple(
        EntryLine(accounts[line.key], line.debit, line.credit, line.label)
        for line in paper.entry or ()
        if line.debit or line.credit
    )
    return JournalEntry(
        row.external_ref,
        date.fromisoformat(row.date),
        journal,
        row.number,
        lines,
        row.number,
        (str(paper.fiscal["id"]),),
    )
