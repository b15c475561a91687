"""A file into the journal: every line with one disposition, vouchers as documents, findings with
them.

The attempt is journaled before anything is read. All lines are then written in one transaction: a
process that is killed leaves the attempt and nothing half. A file that cannot be read to its end
leaves an *incomplete* batch whose documents are all blocked.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import importers
from app.company import branches, settings
from app.documents.records import printable
from app.garbage_collection import few_collections
from app.intake.batch_writer import BatchWriter
from app.journal import (
    Journal,
    anchors,
    batches,
    blocks,
    documents,
    events,
    fiscal_documents,
    marks,
    roles,
    search,
    vouching,
)
from app.journal.batches import Attempt
from app.journal.digests import content_digests
from app.journal.events import NewEvent, canonical
from app.journal.roles import Role
from app.journal.rows import Transaction
from importers import Failure, Finding, Options, Source, TitleBlock, Unreadable
from importers.archives import Export
from importers.document_months import DOCUMENT_READERS
from importers.layout import Layout, to_toml
from importers.profile import load_profiles
from importers.reading import Inspection, describe

_REMEMBERED = (*DOCUMENT_READERS, "document-month")
"""Readers of fiscal documents themselves; a listing only names them."""
Progress = Callable[[int, int], bool]
"""Called with (bytes read, bytes in all); answers False to stop."""


class Cancelled(Exception):
    """A person stopped it; the journal says so and holds no line of the batch."""


@dataclass
class Intake:
    """What an import left in the journal. ``state`` is complete, incomplete or failed."""

    batch: int
    state: str
    repeated: bool = False
    lines: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    known: int = 0
    """Fiscal documents that were imported before and are not counted again."""


def import_file(
    journal: Journal,
    path: Path,
    company: str = "",
    options: Options | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Journal a file. The same bytes with the same options answer the batch there already is.

    Raises OSError when the file cannot be opened, Cancelled when ``progress`` says so, OtherCompany
    when ``company`` is another than this home's, NotAllowed, BeingRead.
    """
    return import_export(journal, Export.of(path), company, options, progress)


def import_export(
    journal: Journal,
    export: Export,
    company: str = "",
    options: Options | None = None,
    progress: Progress | None = None,
    reason: str = "",
) -> Intake:
    """The same for a file found in a folder or a zip (see ``exports_in``); each is a batch of its
    own. ``reason`` is a person's for reading it otherwise than it was detected.
    """
    roles.require(journal, Role.IMPORT)
    said = (options or Options()).source
    options = _of_branch(journal, export.name, options or Options())
    company = settings.settle_company(journal, company)
    attempt = Attempt(
        content=export.content,
        name=printable(export.name),
        origin=printable(export.origin),
        company=company,
        key=canonical(_key(journal, options)),
        reason=reason,
    )
    batch, existing = batches.register(journal, attempt)
    if existing:
        return _summary(journal, batch, repeated=True)
    try:
        with journal.writing() as connection, few_collections():
            written = _write(
                journal, connection, batch, _of_company(journal, options), said, progress
            )
    except (Cancelled, KeyboardInterrupt) as stopped:
        batches.abandon(journal, batch, "cancelled", type(stopped).__name__)
        raise
    except Exception as error:
        batches.abandon(journal, batch, "failed", f"{type(error).__name__}: {error}")
        raise
    if said and said != branches.NONE:
        branches.remember(journal, export.name, written.title, said)
    if written.layout and journal.home:
        _keep_layout(journal.home, written.layout)
    anchors.keep(journal)
    marks.keep(journal)
    _index(journal, batch)
    return _summary(journal, batch)


class _Written(NamedTuple):
    """``title`` is the company its title names; ``layout`` what it was read by where no layout knew
    it.
    """

    title: str
    layout: Layout | None


def _keep_layout(home: Path, layout: Layout) -> None:
    """The next file of the kind is then known; a person's own layout of the name stays."""
    folder = home / "profiles"
    with contextlib.suppress(OSError, FileExistsError):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{layout.name}.toml").open("x", encoding="utf-8") as file:
            file.write(to_toml(layout))


def _of_branch(journal: Journal, name: str, options: Options) -> Options:
    """The options with the branch a person said, or the one that is remembered of such names."""
    said = options.source or branches.by_name(journal, name)
    return replace(options, source="" if said == branches.NONE else said)


def _index(journal: Journal, batch: int) -> None:
    """The import is done; that it can be searched is worth an event, not its failure."""
    if reason := search.try_catch_up(journal):
        events.record(journal, "search.not-indexed", f"batch:{batch}", reason=reason[:500])


def _of_company(journal: Journal, options: Options) -> Options:
    """The options with the company's own tax ids where none were given."""
    kept = options.own_tax_ids or tuple(settings.own_tax_ids(journal))
    return replace(options, own_tax_ids=kept)


def _key(journal: Journal, options: Options) -> dict[str, object]:
    """What makes two imports of the same bytes the same import; a person's own profile counts with
    its content, so that a corrected one reads the file anew.
    """
    key: dict[str, object] = {
        "encoding": options.encoding,
        "profile": options.profile,
        "period": options.period,
    }
    chosen = ("decimal", "dates", "sides", "source", "own_tax_ids")
    key |= {name: value for name in chosen if (value := getattr(options, name))}
    own = (
        journal.home / "profiles" / f"{options.profile}.toml"
        if journal.home and options.profile
        else None
    )
    if own is not None and own.is_file():
        key["profile_sha256"] = hashlib.sha256(own.read_bytes()).hexdigest()
    return key


def _write(
    journal: Journal,
    transaction: Transaction,
    batch: int,
    options: Options,
    said: str,
    progress: Progress | None,
) -> _Written:
    """Read the journal's own copy of the file into the batch, so that nobody can change it
    meanwhile. ``said`` is the branch a person named.
    """
    file = batches.of_number(transaction, batch)
    assert file is not None
    content = batches.original(transaction, file)
    profiles = settings.profiles(journal.home) if journal.home else load_profiles()
    inspection, failure = Inspection(file.name), None

    done = 0

    def written(read: int) -> None:
        nonlocal done
        done = min(read, file.size)
        go_on()

    def go_on() -> None:
        if progress and not progress(done, max(file.size, 1)):
            raise Cancelled

    source_system = ""
    items: Iterable[object] = ()
    try:
        source = Source(file.name, content.watched(go_on), options, profiles)
        source.known = fiscal_documents.known(transaction, file)
        describe(source, inspection)
        source_system = source.profile.source_system if inspection.profile else ""
        items = importers.read(source)
    except Unreadable as unreadable:
        failure = Finding(unreadable.code, 0, 0, unreadable.parameters)
    branch = options.source
    numbering = _numbering(source_system, branch)
    writer = BatchWriter(transaction, batch, file.company, numbering, written)
    for item in items:
        if isinstance(item, TitleBlock) and not (branch or said):
            branch = branches.by_title(journal, item.company)
            writer.number_by(_numbering(source_system, branch))
        if isinstance(item, Failure):
            failure = item.finding
        else:
            writer.take(item)
    if branch and not said:
        writer.find(Finding("branch-remembered", 0, 0, {"branch": branch}), None)
    is_fiscal = failure is None and source.profile.reader in _REMEMBERED
    if is_fiscal:
        fiscal_documents.remember(transaction, batch, writer.fiscal_documents)
    _close(
        journal,
        transaction,
        batch,
        writer,
        inspection,
        source_system=source_system,
        failure=failure,
        is_fiscal=is_fiscal,
    )
    layout = source.proposal if failure is None else None
    return _Written(writer.title.company, layout)


def _numbering(source_system: str, branch: str) -> str:
    """What the folios of a file are told apart by."""
    return f"{source_system}~{branch}" if branch else source_system


def _close(
    journal: Journal,
    transaction: Transaction,
    batch: int,
    writer: BatchWriter,
    inspection: Inspection,
    *,
    source_system: str,
    failure: Finding | None,
    is_fiscal: bool,
) -> None:
    if failure is not None:
        writer.find(failure, None)
    writer.close()
    assumed = settings.currency(journal) if writer.lacks_currency else ""
    if assumed:
        writer.find(Finding("currency-assumed", 0, 0, {"currency": assumed}), None)
    digests = writer.digests()
    total = writer.counts.total()
    state = "complete" if failure is None else ("incomplete" if total else "failed")
    if failure is not None:
        documents.block_all(transaction, batch, failure.code)
        digests = content_digests(transaction, batch)
    title = {
        "company": writer.title.company,
        "tax_id": writer.title.tax_id,
        "start": writer.title.start,
        "end": writer.title.end,
        "currency": writer.title.currency,
        "assumed_currency": assumed,
    }
    values: Mapping[str, object] = {
        "profile": inspection.profile,
        "source_system": source_system,
        "container": inspection.container,
        "encoding": inspection.encoding,
        "encoding_confidence": inspection.encoding_confidence,
        "header_line": writer.header_line,
        "title": canonical(title),
        "state": state,
        "lines_total": total,
        "lines_digest": digests[blocks.LINES],
        **{f"lines_{name}": writer.counts[name] for name in ("record", "heading", "rejected")},
        "first_date": writer.first_date,
        "last_date": writer.last_date,
    }
    batches.close(transaction, batch, values)
    data = {
        "row": vouching.batch_digest(transaction, batch),
        "state": state,
        "lines": dict(writer.counts),
        "digest": digests[blocks.LINES],
        "profile": inspection.profile,
        "encoding": inspection.encoding,
        "failure": failure.code if failure else "",
        "last_line": total,
        "content": digests,
    }
    if is_fiscal:
        data["fiscal"] = True
    events.append(transaction, journal.actor, [NewEvent("import.closed", f"batch:{batch}", data)])


def _summary(journal: Journal, batch: int, repeated: bool = False) -> Intake:
    row = batches.find(journal, batch)
    assert row is not None
    states, severities = batches.counts(journal, batch)
    lines = {
        "total": row.lines_total,
        "record": row.lines_record,
        "heading": row.lines_heading,
        "rejected": row.lines_rejected,
    }
    known = batches.known_documents(journal, batch)
    return Intake(batch, row.state, repeated, lines, states, severities, known)
