"""Fiscal documents that are journaled and never sent: certificates, events, and what a file says of
the state of others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from app.documents.fiscal.journaled import STATUS, FiscalKind, papers
from app.documents.kind import Candidates, Payload, Preparation, Record
from app.journal import Journal
from app.journal.kinds import StoredKind
from app.journal.rows import DocumentRow
from app.translation import QT_TRANSLATE_NOOP
from connectors import Contact
from connectors import Kind as RemoteKind
from connectors.contract import Connector
from connectors.documents import Document, Sent
from importers.fiscal import Kind
from importers.records import FiscalStatus


class OtherKind(FiscalKind):
    """Certificates of withholding, events, and what is ignored with its reason."""

    stored = StoredKind(name="fiscal-other", record="fiscal-other", rank=9, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "other fiscal document")
    remote = RemoteKind.ENTRY
    holds = frozenset({Kind.CERTIFICATE, Kind.EVENT, Kind.IGNORED})
    untaken = None

    def candidates(self, journal: Journal, connection_name: str, batch: int | None) -> Candidates:
        return Candidates()

    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation:
        raise TypeError(f"no {self.stored.name} is sent")

    def read(self, payload: Payload, remote_ids: Mapping[str, str]) -> Document:
        raise TypeError(f"no {self.stored.name} is sent")

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        paper = papers(journal, self.stored.record, row.batch_id)[row.id]
        return Contact(row.external_ref, paper.party.name, paper.party.tax_id)

    def about(self, document: Sent) -> str:
        return document.reference

    def facts(self, payload: Payload) -> str:
        return ""


class StatusKind(OtherKind):
    """That a document counts no more."""

    stored = StoredKind(name=STATUS, record=STATUS, rank=9, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "state of a document")
    takes = FiscalStatus
    holds = frozenset()

    def is_of(self, item: object) -> bool:
        return isinstance(item, FiscalStatus)

    def record(self, item: Any, company: str, source_system: str) -> Record:
        assert isinstance(item, FiscalStatus)
        data = orjson.dumps({"id": item.id.upper(), "status": item.status}).decode()
        return Record(
            reference=f"{STATUS}:{item.id.upper()[:100]}",
            number="",
            name=item.status,
            line=item.line,
            data=data,
            digest=hashlib.sha256(data.encode()).hexdigest(),
        )

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        return Contact(row.external_ref, row.description)
