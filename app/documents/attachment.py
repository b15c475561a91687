"""The files of fiscal documents (the legal XML, and the PDF that came with it) beside what was made
of them in a target.

Each is a step of its own with its own state: that one fails undoes no document. The journal keeps
the bytes whatever becomes of them; a target is asked for a file of the name before it is given one,
because none refuses a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from app.documents.fiscal.journaled import FiscalKind, remote_kind
from app.documents.invoice import CreditNoteKind, InvoiceKind
from app.documents.kind import Candidates, Payload, Preparation, Prepared, Reader, Record
from app.documents.payment import PaymentKind
from app.journal import Journal, batches, documents, outbox_rows
from app.journal.kinds import StoredKind
from app.journal.outbox import State
from app.journal.rows import DocumentRow
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import EntryLine, RemoteRecord
from connectors import Kind as RemoteKind
from connectors.contract import Connector, Outcome, TakesAttachments, create_one_by_one
from connectors.documents import Attachment, Document, Sent
from connectors.errors import Rejected
from importers.archives import only_member
from importers.document_months import files_of
from importers.fiscal import Kind
from importers.tables import Container

_OWNERS = (InvoiceKind.stored, CreditNoteKind.stored, PaymentKind.stored)
_MIMES = {".xml": "application/xml", ".pdf": "application/pdf"}


class _File(NamedTuple):
    """A file of a document: ``place`` counts what accompanies it (0: the document itself)."""

    place: int
    name: str
    content: bytes


class AttachmentKind(FiscalKind):
    """Files of documents the target has confirmed."""

    stored = StoredKind(name="attachment", record="fiscal-file", rank=5, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "attached file")
    remote = RemoteKind.ATTACHMENT
    holds = frozenset()
    follows = True
    untaken = None

    def record(self, item: Any, company: str, source_system: str) -> Record:
        raise TypeError("files are journaled with their batch")

    def candidates(self, journal: Journal, connection_name: str, batch: int | None) -> Candidates:
        """One a file of each document that is confirmed, under its reference and place."""
        queued = outbox_rows.every(journal, connection_name)
        sent = {row.document_id: row for row in queued if row.state == State.CONFIRMED}
        known = {row.external_ref for row in queued}
        missing: dict[int, list[DocumentRow]] = {}
        for owner in _OWNERS:
            for row in documents.every(journal, owner.record, batch):
                if row.id in sent and f"{row.external_ref}/0" not in known:
                    missing.setdefault(row.batch_id, []).append(row)
        found: list[DocumentRow] = []
        for rows in missing.values():
            files = _files(journal, rows[0].batch_id, [row.line for row in rows])
            for row in rows:
                places = (file.place for file in files.get(row.line, ()))
                found += [replace(row, external_ref=f"{row.external_ref}/{at}") for at in places]
        return Candidates(found)

    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation:
        return _FilePreparation(journal, connection_name)

    def read(self, payload: Payload, remote_ids: Mapping[str, str]) -> Document:
        raise TypeError("a file is no document")

    def reader(self, journal: Journal) -> Reader:
        kept: dict[int, Mapping[int, Sequence[_File]]] = {}

        def file_of(payload: Payload) -> Sent:
            batch, line = int(payload["batch"]), int(payload["line"])
            if batch not in kept:
                kept.clear()  # of one batch at a time
                kept[batch] = _files(journal, batch, None)
            name, of = str(payload["connection"]), str(payload["of"])
            remote_ids = outbox_rows.remote_ids(journal, name, [of])
            place = int(payload["place"])
            contents = (
                one.content
                for one in kept[batch].get(line, ())
                if one.place == place and _digest(one.content) == payload["sha256"]
            )
            return Attachment(
                payload["reference"],
                remote_ids.get(of, ""),
                RemoteKind(payload["of_kind"]),
                payload["name"],
                payload["mime"],
                next(contents, b""),
            )

        return file_of

    def create(self, target: Connector, documents: Sequence[Sent]) -> Sequence[Outcome]:
        return create_one_by_one(_Attaching(target), cast(Sequence[Document], documents))

    def find(
        self, target: Connector, documents: Sequence[Sent]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        keeping = cast(TakesAttachments, target)
        files = (document for document in documents if isinstance(document, Attachment))
        return {file.reference: keeping.attached(file) for file in files}

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        return Attachment(row.external_ref, "", RemoteKind.INVOICE, row.number, "", b"")

    def about(self, document: Sent) -> str:
        assert isinstance(document, Attachment)
        return document.name

    def about_remote(self, record: RemoteRecord) -> str:
        return record.name

    def as_data(self, document: Sent) -> dict[str, Any]:
        assert isinstance(document, Attachment)
        return {"name": document.name, "of": document.of, "bytes": len(document.content)}

    def lines(self, document: Sent) -> Sequence[EntryLine]:
        return ()

    def facts(self, payload: Payload) -> str:
        text = translate("story", "file {name} of {of}")
        return text.format(name=payload["name"], of=payload["of"])


class _Attaching:
    """A target that keeps files, in terms of one that makes documents."""

    def __init__(self, target: Connector) -> None:
        self._target = cast(TakesAttachments, target)

    def create(self, document: Document) -> RemoteRecord:
        file = cast(Attachment, document)
        if not file.content:
            raise Rejected(f"the journal no longer has {file.name} as it was", "no_file")
        there = self._target.attached(file)
        return there[0] if there else self._target.attach(file)


class _FilePreparation(Preparation):
    def __init__(self, journal: Journal, connection_name: str) -> None:
        self._journal, self._connection = journal, connection_name
        self._files: dict[int, Mapping[int, Sequence[_File]]] = {}

    def prepare(self, row: DocumentRow) -> Prepared:
        of, _, place = row.external_ref.rpartition("/")
        if row.batch_id not in self._files:
            self._files = {row.batch_id: _files(self._journal, row.batch_id, None)}
        files = self._files[row.batch_id][row.line]
        file = next(one for one in files if one.place == int(place))
        payload: dict[str, object] = {
            "kind": AttachmentKind.stored.name,
            "connection": self._connection,
            "needs": [of],
            "reference": row.external_ref,
            "of": of,
            "of_kind": remote_kind(Kind(row.source_kind)).value,
            "name": file.name if file.place else f"{_id_in(of)}.xml",
            "mime": _MIMES.get(Path(file.name).suffix.lower(), "application/octet-stream"),
            "sha256": _digest(file.content),
            "date": row.date,
            "batch": row.batch_id,
            "line": row.line,
            "place": file.place,
        }
        return Prepared(payload)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _id_in(reference: str) -> str:
    """The authority's identifier in a reference, as a name of a file."""
    return reference.partition(":")[2].replace("#", "-")


def _files(
    journal: Journal, batch: int, lines: Sequence[int] | None
) -> Mapping[int, Sequence[_File]]:
    """Line → its files, of a batch."""
    row = batches.find(journal, batch)
    if row is None:
        return {}
    data = batches.file_of(journal, row)
    if row.container != Container.TAR.value:
        name, data = _only(row.name, data)
        return {0: [_File(0, name, data)]}
    wanted = range(row.lines_total + 1) if lines is None else lines
    found = files_of(data, wanted)
    return {line: list(_placed(files)) for line, files in found.items()}


def _only(name: str, data: bytes) -> tuple[str, bytes]:
    """The document of a zip of one; anything else as it is."""
    if not data.startswith(b"PK"):
        return name, data
    member, content = only_member(data)
    return member, content.whole


def _placed(files: Sequence[tuple[str, bytes]]) -> Iterator[_File]:
    for place, (name, content) in enumerate(files):
        yield _File(place, name, content)
