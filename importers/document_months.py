"""A month of electronic documents: the XML files of a folder or a zip as one file with one line a
document.

They are gathered byte for byte in a tar, in the order of their names, so that every original stays
what it was and the same documents are always the same bytes. What accompanies an XML (the PDF of an
invoice) follows it there. A document nothing can be read from is rejected by its own line and does
not stop the others.
"""

from __future__ import annotations

import errno
import io
import os
import tarfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from importers.archives import Export, exports_in, only_member
from importers.content import PART, Content
from importers.findings import Finding
from importers.fiscal.items import FiscalItem, FiscalParty
from importers.identity import is_fiscal_identifier
from importers.profile import load_profiles, rank_root
from importers.records import Disposition, FiscalStatus, LedgerLine, Line, Record, TitleBlock
from importers.source import READ, Source
from importers.tables import Container, root_name, sniff
from importers.unreadable import Unreadable, stumbling
from importers.validation import Rules

Item = Line | Finding | Record | TitleBlock | FiscalItem | FiscalParty
Read = Callable[[Source], Iterator[Item]]
DOCUMENT_READERS = ("sat-cfdi", "sat-retentions", "dian", "dian-payroll", "dian-response")
"""The readers of XML that is one fiscal document."""
ATTACHMENT, KNOWN = "attachment", "known-document"
"""Rules of lines: what accompanies a document; a document that was imported before."""
LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes. The largest CFDI in the field (a global invoice of a chain) has some megabytes."""


class Gathered(NamedTuple):
    """The files to be read, and those that hold nothing to read (the PDF beside a statement) and
    accompany no document.
    """

    exports: list[Export]
    left_out: list[Export]


def gathered(path: Path) -> Gathered:
    """The files a path stands for (see ``exports_in``), its electronic documents as one file before
    the others. A single file stays what it is. Raises OSError.
    """
    exports = exports_in(path)
    if len(exports) < 2:
        return Gathered(exports, [])
    documents: list[Export] = []
    companions: list[Export] = []
    others: list[Export] = []
    for export in map(_opened, exports):
        _pile_of(export, documents, companions, others).append(export)
    if not documents:
        return Gathered(others, companions) if others else Gathered(exports, [])
    month = _Gathering(path.resolve(), documents, companions)
    name = f"{path.name} · {len(documents)} XML"
    return Gathered([Export(name, month.content, str(path.resolve())), *others], [])


def read(source: Source, read_one: Read) -> Iterator[Item]:
    """Every member of the tar as one line, each document read by ``read_one``. Raises Unreadable
    where the tar is damaged.
    """
    month = _Month(source, read_one)
    stream = cast(BinaryIO, _Stream(source.content.parts()))
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in filter(tarfile.TarInfo.isfile, archive):
                yield from month.member(member, archive)
    except tarfile.TarError as error:
        raise Unreadable("damaged-archive", reason=str(error)[:200]) from error
    yield from month.ending()


def files_of(data: bytes, numbers: Collection[int]) -> dict[int, list[tuple[str, bytes]]]:
    """Name and content of the documents on some lines of a month, each followed by what accompanies
    it. Raises Unreadable where the tar is damaged.
    """
    found: dict[int, list[tuple[str, bytes]]] = {}
    current = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for number, member in enumerate(filter(tarfile.TarInfo.isfile, archive), 1):
                current = current if member.uname == ATTACHMENT else number
                file = archive.extractfile(member) if current in numbers else None
                if file:
                    name = member.name.rpartition("/")[2]
                    found.setdefault(current, []).append((name, file.read()))
    except tarfile.TarError as error:
        raise Unreadable("damaged-archive", reason=str(error)[:200]) from error
    return found


def _opened(export: Export) -> Export:
    """The document of a zip that holds just that; anything else as it is."""
    try:
        head = export.content.unread().head
        if head.startswith(b"PK") and sniff(export.content.unread()) is Container.ZIP:
            name, content = only_member(export.content.whole)
            inner = Export(name, content, f"{export.origin}!{name}")
            return inner if _is_document(inner) else export
    except Unreadable:
        pass
    return export


def _pile_of(export: Export, *piles: list[Export]) -> list[Export]:
    """Of the piles of documents, companions and others the one a file belongs on."""
    documents, companions, others = piles
    if _is_document(export):
        return documents
    return others if _is_read(export) else companions


def _is_document(export: Export) -> bool:
    content = export.content.unread()
    try:
        if sniff(content) is not Container.XML:
            return False
    except Unreadable:
        return False
    return _is_root_of_document(root_name(content.head))


@lru_cache(maxsize=64)
def _is_root_of_document(root: str) -> bool:
    best = next(iter(rank_root(root, load_profiles().values())), None)
    return best is not None and best.profile.reader in DOCUMENT_READERS


def _is_read(export: Export) -> bool:
    """Whether there may be lines in a file; a PDF or a picture has none."""
    try:
        return sniff(export.content.unread()) in READ
    except Unreadable as unreadable:
        return unreadable.code != "foreign-file"


class _Gathering:
    """Documents and what accompanies them in the order of the tar: what belongs to none of them
    first, then each document with its own.
    """

    def __init__(self, root: Path, documents: list[Export], companions: list[Export]) -> None:
        self._prefix = str(root)
        owners = _owners(documents)
        belonging: dict[int, list[Export]] = defaultdict(list)
        for companion in companions:
            owner = next((owners[key] for key in _keys(companion) if owners.get(key)), None)
            belonging[id(owner) if owner else 0].append(companion)
        self._members = list(belonging[0])
        marks = [""] * len(self._members)
        for document in documents:
            own = belonging[id(document)]
            self._members += [document, *own]
            marks += ["", *([ATTACHMENT] * len(own))]
        pairs = zip(self._members, marks, strict=True)
        self._headers = [self._header(export, mark) for export, mark in pairs]

    @property
    def content(self) -> Content:
        pairs = zip(self._headers, self._members, strict=True)
        size = sum(len(header) + _padded(export.content.size) for header, export in pairs)
        return Content(size + len(_END), lambda: _joined(self._pieces()))

    def _header(self, export: Export, mark: str) -> bytes:
        """``mark`` (where a tar has its owner's name) says that it belongs to the document before
        it.
        """
        name = export.origin.removeprefix(self._prefix).lstrip("/\\!").replace("!", "/")
        member = tarfile.TarInfo(name.replace("\\", "/") or export.name)
        member.size, member.uname = export.content.size, mark
        return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")

    def _pieces(self) -> Iterator[bytes]:
        for header, export in zip(self._headers, self._members, strict=True):
            yield header
            size = 0
            for part in export.content.parts():
                size += len(part)
                yield part
            if size != export.content.size:
                raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), export.origin)
            yield bytes(_padded(size) - size)
        yield _END


_END = bytes(2 * tarfile.BLOCKSIZE)


def _padded(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _owners(documents: list[Export]) -> dict[str, Export | None]:
    """Document by its place without ending, and by its zip where it is the only one there; None
    where two share a place.
    """
    owners: dict[str, Export | None] = {}
    for document in documents:
        for key in _keys(document):
            owners[key] = document if key not in owners else None
    return owners


def _keys(export: Export) -> list[str]:
    """Where a file stands without its ending; of a member of a zip also the zip."""
    stem = export.origin[: -len(Path(export.name).suffix) or None].casefold()
    zipped, mark, _ = export.origin.rpartition("!")
    return [stem, zipped + mark] if mark else [stem]


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Small pieces as parts of about a MiB."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PART:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


class _Stream(io.RawIOBase):
    """Parts of bytes as a file that is read once."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self._part, self._place = memoryview(b""), 0

    def read(self, size: int = -1) -> bytes:
        wanted = size if size >= 0 else LARGEST_DOCUMENT
        found: list[bytes] = []
        while wanted > 0:
            if self._place == len(self._part):
                self._part, self._place = memoryview(next(self._parts, b"")), 0
                if not self._part:
                    break
            piece = bytes(self._part[self._place : self._place + wanted])
            found.append(piece)
            self._place += len(piece)
            wanted -= len(piece)
        return b"".join(found)


@dataclass
class _Verdict:
    """What became of one document."""

    disposition: Disposition = Disposition.REJECTED
    rule: str = ""
    identifier: str = ""
    """Of what was counted: a complement of several payments is one document."""


class _Month:
    """The documents read so far, and what is to be said of all of them together."""

    def __init__(self, source: Source, read_one: Read) -> None:
        self._source, self._read_one = source, read_one
        self._options = replace(source.options, encoding="", profile="", period="")
        self._rules = Rules.of_period(source.options.period)
        self._number = 0
        self._seen: set[str] = set()
        self._known: list[int] = []
        self._repeated = 0
        self._document = ""
        self._alone: list[str] = []

    def member(self, member: tarfile.TarInfo, archive: tarfile.TarFile) -> Iterator[Item]:
        self._number += 1
        name = member.name
        line = Line(self._number, member.offset_data, member.size, name, keeps_text=True)
        if member.size > LARGEST_DOCUMENT:
            large = {"seen": member.size, "document": name}
            yield Finding("document-too-large", self._number, 0, large)
            yield line
            return
        file = archive.extractfile(member)
        data = file.read() if file else b""
        if len(data) < member.size and file:
            raise Unreadable("damaged-archive", reason=name[:200])
        export = Export(name.rpartition("/")[2], Content.of(data), name)
        if data and not _is_read(export):
            line.disposition, line.rule = Disposition.HEADING, ATTACHMENT
            if member.uname == ATTACHMENT or _accompanies(name, self._document):
                line.text = f"{name} → {self._document}"
            else:
                self._alone.append(name)
        else:
            self._document = name
            verdict = _Verdict()
            for item in self._items(export, verdict):
                yield self._placed(item, name)
            line.disposition, line.rule = verdict.disposition, verdict.rule
        yield line

    def ending(self) -> Iterator[Item]:
        if self._known:
            known = {"seen": len(self._known), "batch": self._known[0]}
            yield Finding("known-documents", 0, 0, known)
        if self._repeated:
            yield Finding("repeated-documents", 0, 0, {"seen": self._repeated})
        if self._alone:
            alone = {"seen": len(self._alone), "name": self._alone[0]}
            yield Finding("attachments-alone", 0, 0, alone)

    def _items(self, export: Export, verdict: _Verdict) -> Iterator[Item]:
        """What one document says but its lines and title, which are those of another file."""
        try:
            one = Source(export.name, export.content, self._options, self._source.profiles)
            if one.profile.reader not in DOCUMENT_READERS:
                raise Unreadable("not-a-document", seen=one.profile.title)
            with stumbling():
                for item in self._read_one(one):
                    yield from self._item(item, verdict)
        except Unreadable as unreadable:
            verdict.disposition = Disposition.REJECTED
            yield Finding(unreadable.code, 0, 0, unreadable.parameters)

    def _item(self, item: Item, verdict: _Verdict) -> Iterator[Item]:
        match item:
            case LedgerLine():
                if item.identifier != verdict.identifier or not verdict.rule:
                    verdict.disposition, verdict.rule = self._settle(item.identifier)
                    verdict.identifier = item.identifier
                if verdict.disposition is Disposition.RECORD:
                    yield item
                    yield from self._rules.check(item)
            case Finding():
                if item.code == "no-effect" and verdict.disposition is Disposition.REJECTED:
                    verdict.disposition, verdict.rule = Disposition.HEADING, "no-effect"
                yield item
            case FiscalItem() | FiscalParty() | FiscalStatus():
                # Of a document that came before with other content both are kept.
                yield item
            case _:
                pass

    def _settle(self, identifier: str) -> tuple[Disposition, str]:
        """Whether a document is counted, or was before: in this month or in the journal."""
        if not is_fiscal_identifier(identifier):
            return Disposition.RECORD, "document"
        folded = identifier.upper()
        if folded in self._seen:
            self._repeated += 1
            return Disposition.HEADING, KNOWN
        self._seen.add(folded)
        if batch := self._source.known(folded):
            self._known.append(batch)
            return Disposition.HEADING, KNOWN
        return Disposition.RECORD, "document"

    def _placed(self, item: Item, name: str) -> Item:
        """An item on the line of its document, under the document's name."""
        match item:
            case Finding():
                return self._placed_finding(item, name)
            case LedgerLine():
                return item._replace(line=self._number)
            case FiscalItem():
                findings = [self._placed_finding(one, name) for one in item.findings]
                return replace(item, line=self._number, findings=findings)
            case FiscalParty():
                return FiscalParty(replace(item.party, line=self._number))
            case FiscalStatus():
                return replace(item, line=self._number)
            case _:
                return item

    def _placed_finding(self, finding: Finding, name: str) -> Finding:
        values = {**finding.parameters, "document": name}
        return replace(finding, line=self._number, column=0, parameters=values)


def _accompanies(name: str, document: str) -> bool:
    """Whether a file of a tar somebody else made belongs to the document before it: the same name
    with another ending.
    """
    ours, theirs = Path(name), Path(document)
    return ours.parent == theirs.parent and ours.stem.casefold() == theirs.stem.casefold()
