"""Journal entries: the vouchers of a legacy system, mapped to accounts, journals and partners of a
target; and those Cuadre writes itself to settle a difference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.documents import adjustment
from app.documents.adjustment import OWN_SOURCE, Proposed
from app.documents.copies import Settled
from app.documents.kind import (
    Candidates,
    Content,
    DocumentKind,
    Payload,
    Preparation,
    Prepared,
    Reader,
    Record,
    Refusal,
)
from app.documents.maps import BY_BANK, MapKind, Maps, NotMapped
from app.documents.obstacles import Problem
from app.documents.records import voucher_line
from app.documents.targets import TargetLists
from app.documents.voucher_text import voucher_text
from app.journal import Journal, documents
from app.journal.blocks import Movement
from app.journal.kinds import StoredKind
from app.journal.outbox import State
from app.journal.rows import DocumentRow, OutboxRow, Transaction
from app.journal.usages import dimension_key
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import EntryLine, JournalEntry, RemoteRecord
from connectors import Kind as RemoteKind
from connectors.comparison import Difference, differences
from connectors.contract import Connector, Outcome
from connectors.documents import Sent
from importers import Voucher, VoucherLine
from importers.identity import is_fiscal_identifier

_MISSING = {
    MapKind.ACCOUNT: Problem.UNMAPPED_ACCOUNT,
    MapKind.JOURNAL: Problem.UNMAPPED_JOURNAL,
    MapKind.PARTY: Problem.UNMAPPED_PARTY,
    MapKind.DIMENSION: Problem.UNMAPPED_DIMENSION,
}


class AsEntry(DocumentKind):
    """A kind whose documents are journal entries in a target."""

    remote = RemoteKind.ENTRY

    def create(self, target: Connector, documents: Sequence[Sent]) -> Sequence[Outcome]:
        return target.create_entries(_entries(documents))

    def find(
        self, target: Connector, documents: Sequence[Sent]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        return target.find_entries(_entries(documents))

    def numbered(self, target: Connector, number: str) -> Sequence[RemoteRecord]:
        return target.numbered_entries(number)

    def lines(self, document: Sent) -> Sequence[EntryLine]:
        assert isinstance(document, JournalEntry)
        return document.lines

    def facts(self, payload: Payload) -> str:
        accounts = ", ".join(dict.fromkeys(line[0] for line in payload["lines"]))
        text = translate("story", "journal {journal}, accounts {accounts}")
        return text.format(journal=payload["journal"], accounts=accounts)


class EntryKind(AsEntry):
    """Vouchers. The newest good file of a reference counts; adjustments go to one connection and
    only as they were proposed.
    """

    stored = StoredKind(name="entry", record="voucher", rank=1)
    title = QT_TRANSLATE_NOOP("documents", "voucher")
    takes = Voucher

    def record(self, item: Any, company: str, source_system: str) -> Record:
        raise TypeError("vouchers are written in blocks")

    def candidates(self, journal: Journal, connection_name: str, batch: int | None) -> Candidates:
        """Documents of the batch, or of all, without adjustments for another connection. One that
        came again with the same content counts once, the newest good copy of it. One that several
        files bring with different content counts as a person decided, and is disputed until then;
        once the target has it, the newest copy is compared with what was sent. Blocked ones count
        only when they came after every good one: a corrected file settles what blocked its
        forerunner. Adjustments are never superseded: only what was proposed goes.
        """
        settled = Settled(journal, connection_name)
        copies: dict[str, list[DocumentRow]] = {}
        found: list[DocumentRow] = []
        superseded: list[str] = []
        disputed: list[Sequence[DocumentRow]] = []
        blocked: list[DocumentRow] = []
        for row in documents.every(journal, self.stored.record):
            is_own = row.source_system == OWN_SOURCE
            if is_own and not adjustment.is_for(row.source_kind, connection_name):
                continue
            if row.state != documents.READY:
                blocked.append(row)
            else:
                name = f"{row.external_ref} {row.content_hash}" if is_own else row.external_ref
                copies.setdefault(name, []).append(row)
        for rows in copies.values():
            chosen = settled.of(rows, batch)
            if chosen is None:
                disputed.append(rows)
                continue
            found.append(chosen)
            if any(row.content_hash != chosen.content_hash for row in rows):
                superseded.append(chosen.external_ref)
        newest = {name: max(row.id for row in rows) for name, rows in copies.items()}
        later = [row for row in blocked if row.id > newest.get(row.external_ref, 0)]
        return _of_batch(Candidates([*found, *later], superseded, disputed), batch)

    def preparation(
        self,
        journal: Journal,
        connection_name: str,
        target: Connector,
        rows: Sequence[DocumentRow],
    ) -> Preparation:
        ready = [row for row in rows if row.state == documents.READY]
        maps = Maps.load(journal, connection_name)
        return _EntryPreparation(
            maps,
            TargetLists.of(target, maps),
            documents.movements_of(journal, ready),
            Proposed(journal),
        )

    def reader(self, journal: Journal) -> Reader:
        return entry_of

    def unwanted(self, transaction: Transaction) -> Collection[str]:
        return adjustment.not_standing(transaction)

    def content(self, document: Sent) -> Content | None:
        assert isinstance(document, JournalEntry)
        if adjustment.is_own(document.reference):
            return None  # it settles what a reconciliation with the target's books found lacking
        return Content.of(
            document.date,
            ((line.account, line.debit, line.credit) for line in document.lines),
            (document.description, *(line.label for line in document.lines)),
            (line.partner for line in document.lines),
        )

    def in_source_words(self, journal: Journal, row: DocumentRow) -> Sent:
        lines = tuple(
            EntryLine(
                movement.account,
                movement.debit,
                movement.credit,
                movement.description,
                movement.party,
                dimension_key(movement.segment),
                movement.reference,
            )
            for movement in map(voucher_line, documents.movements(journal, row))
        )
        day = date.fromisoformat(row.date)
        return JournalEntry(row.external_ref, day, "", row.description, lines, row.number)

    def changed(
        self, journal: Journal, connection_name: str, row: DocumentRow, sent: Sent
    ) -> list[Difference]:
        assert isinstance(sent, JournalEntry)
        maps = Maps.load(journal, connection_name)
        try:
            entry = _mapped(
                row,
                documents.movements(journal, row),
                maps,
                with_dimensions=any(line.dimension for line in sent.lines),
            )
        except NotMapped as missing:
            return [
                Difference("unmapped", kind.value, source, "?") for kind, source in missing.missing
            ]
        as_if = RemoteRecord("", "", row.external_ref, entry.date, "posted", entry.lines)
        found = differences(sent, as_if)
        if entry.journal not in (sent.journal, BY_BANK):
            found.append(Difference("journal", "", sent.journal, entry.journal))
        return found or [Difference("description", "", sent.description, entry.description)]

    def about(self, document: Sent) -> str:
        assert isinstance(document, JournalEntry)
        return document.date.isoformat()

    def about_remote(self, record: RemoteRecord) -> str:
        return str(record.date or "")

    def as_data(self, document: Sent) -> dict[str, Any]:
        assert isinstance(document, JournalEntry)
        return {
            "date": document.date,
            "description": document.description,
            "lines": [asdict(line) for line in document.lines],
        }


def payload_of(entry: JournalEntry) -> dict[str, object]:
    """A journal entry as the outbox keeps it."""
    payload: dict[str, object] = {
        "reference": entry.reference,
        "date": entry.date.isoformat(),
        "journal": entry.journal,
        "description": entry.description,
        "lines": [_line_payload(line) for line in entry.lines],
    }
    if entry.folio:
        payload["folio"] = entry.folio
    if entry.uuids:
        payload["uuids"] = list(entry.uuids)
    if entry.original:
        payload["original"] = entry.original
    return payload


def _line_payload(line: EntryLine) -> list[str]:
    """What is empty at the end is left out, as the first releases wrote it."""
    later = [line.dimension, line.document]
    while later and not later[-1]:
        later.pop()
    return [line.account, str(line.debit), str(line.credit), line.label, line.partner, *later]


def entry_of(payload: Payload) -> JournalEntry:
    """The journal entry kept in an outbox row."""
    lines = tuple(
        EntryLine(account, Decimal(debit), Decimal(credit), label, partner, *later)
        for account, debit, credit, label, partner, *later in payload["lines"]
    )
    return JournalEntry(
        payload["reference"],
        date.fromisoformat(payload["date"]),
        payload["journal"],
        payload["description"],
        lines,
        payload.get("folio", ""),
        tuple(payload.get("uuids", ())),
        payload.get("original", ""),
    )


class _EntryPreparation(Preparation):
    def __init__(
        self,
        maps: Maps,
        lists: TargetLists,
        movements: Mapping[int, Sequence[Movement]],
        proposed: Proposed,
    ) -> None:
        self._maps, self._lists = maps, lists
        self._movements, self._proposed = movements, proposed

    def refusal(self, row: DocumentRow, queued: OutboxRow | None) -> Refusal | None:
        """A voucher Cuadre wrote itself does not go when nobody proposed what it says, it was taken
        back, or what it settles is no longer there.
        """
        if row.source_system != OWN_SOURCE:
            return None
        said = row.external_ref, row.content_hash
        same = queued is not None and queued.content_hash == row.content_hash
        if same and queued is not None and queued.state in (State.CONFIRMED, State.SKIPPED):
            return None
        if self._proposed.is_withdrawn(*said) and not same:
            return Refusal()
        if not self._proposed.is_proposed(*said):
            shown = row.external_ref if same else f"{row.external_ref} (L{row.line})"
            return Refusal(Problem.NOT_PROPOSED, row.external_ref, shown)
        if self._proposed.is_stale(row.external_ref):
            return Refusal(Problem.LINES_CHANGED, row.external_ref, row.external_ref)
        return None

    def prepare(self, row: DocumentRow) -> Prepared:
        movements = self._movements[row.id]
        try:
            entry = _mapped(
                row, movements, self._maps, with_dimensions=self._lists.carries_dimensions
            )
        except NotMapped as missing:
            return Prepared(
                obstacles=[(_MISSING[kind], source) for kind, source in missing.missing]
            )
        entry = self._lists.in_journal(entry)
        if self._lists.keeps_original and row.source_system != OWN_SOURCE:
            entry = replace(entry, original=voucher_text(row, movements))
        currencies = sorted({movement.currency for movement in movements})
        foreign = [
            (Problem.FOREIGN_CURRENCY, word) for word in currencies if self._lists.is_foreign(word)
        ]
        prepared = Prepared(payload_of(entry), [*self._lists.obstacles(entry), *foreign])
        if not self._lists.carries_dimensions:
            segments = {dimension_key(movement.segment) for movement in movements}
            prepared.left_out = [("entry.dimension", code) for code in sorted(segments - {""})]
        prepared.left_out += self._lists.without_party(entry)
        return prepared


def _mapped(
    row: DocumentRow, movements: Sequence[Movement], maps: Maps, *, with_dimensions: bool
) -> JournalEntry:
    """The target entry of a voucher. Raises NotMapped."""
    lines = [voucher_line(movement) for movement in movements]
    if row.source_system == OWN_SOURCE:
        return _own_entry(row, lines)
    named = (movement.identifier.upper() for movement in movements)
    entry = maps.entry(
        row.external_ref,
        date.fromisoformat(row.date),
        row.source_kind,
        row.description,
        lines,
        with_dimensions=with_dimensions,
    )
    uuids = dict.fromkeys(name for name in named if is_fiscal_identifier(name))
    return replace(entry, folio=row.number, uuids=tuple(uuids))


def _own_entry(row: DocumentRow, lines: Sequence[VoucherLine]) -> JournalEntry:
    """An adjustment, whose codes are the target's own."""
    zero = Decimal("0.00")
    made = tuple(
        EntryLine(
            line.account,
            line.debit or zero,
            line.credit or zero,
            line.description or row.description,
            "",
        )
        for line in lines
    )
    journal = row.source_kind.rpartition("@")[0]
    day = date.fromisoformat(row.date)
    return JournalEntry(row.external_ref, day, journal, row.description, made)


def _of_batch(found: Candidates, batch: int | None) -> Candidates:
    """Only what concerns a batch, in the order it was read."""
    rows = sorted(found.rows, key=lambda row: row.id)
    if batch is None:
        return Candidates(rows, found.superseded, found.disputed)
    mine = [copies for copies in found.disputed if any(row.batch_id == batch for row in copies)]
    return Candidates([row for row in rows if row.batch_id == batch], found.superseded, mine)


def _entries(documents: Sequence[Sent]) -> list[JournalEntry]:
    return [document for document in documents if isinstance(document, JournalEntry)]
