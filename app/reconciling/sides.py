"""The sides of a reconciliation: a file, an imported batch, or the books pulled of a connection, as
columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import importers
from app.company import settings
from app.documents.maps import Maps
from app.documents.records import external_reference
from app.journal import Journal, batches, documents, outbox_rows, pulls
from app.journal.blocks import Movement
from app.journal.compaction import archive_of
from app.journal.outbox import State
from app.journal.rows import DocumentRow
from app.matching import Side, SideBuilder
from app.matching.fingerprints import Fingerprints
from app.matching.proof import without_summaries
from app.money import to_minor
from importers import (
    Balance,
    Disposition,
    Failure,
    Finding,
    LedgerLine,
    Line,
    Options,
    Source,
    TitleBlock,
    Unreadable,
    Voucher,
    VoucherLine,
)
from importers.archives import Export, exports_in
from importers.identity import is_fiscal_identifier
from importers.profile import Profile, load_profiles
from importers.records import CONTINUED
from importers.source import READ
from importers.tables import sniff


class UnreadableSide(Exception):
    """A side cannot be used; ``finding`` says why (None: there is no such batch or pull)."""

    def __init__(self, spec: str, finding: Finding | None = None) -> None:
        super().__init__(spec)
        self.spec, self.finding = spec, finding


def load(
    journal: Journal,
    spec: str,
    maps: Maps | None,
    connection_name: str,
    months: tuple[date, date] | None,
) -> Side:
    """A side by what names it: a file, ``batch:ID`` or ``pull:CONNECTION``. Raises UnreadableSide,
    OSError.
    """
    if spec.startswith("batch:"):
        return _batch_side(journal, spec, maps, connection_name)
    if spec.startswith("pull:"):
        return _pull_side(journal, spec, months)
    return _file_side(journal, Path(spec), maps)


def _profiles(journal: Journal) -> Mapping[str, Profile]:
    return settings.profiles(journal.home) if journal.home else load_profiles()


def _batch_side(journal: Journal, spec: str, maps: Maps | None, connection_name: str) -> Side:
    number = spec.partition(":")[2]
    batch = batches.find(journal, int(number)) if number.isdigit() else None
    if batch is None:
        raise UnreadableSide(spec)
    if archive := archive_of(journal, batch.id):
        raise UnreadableSide(spec, Finding("batch-archived", 0, 0, {"archive": archive}))
    movements = documents.batch_movements(journal, batch.id)
    owners = {row.id: row for row in documents.every(journal, batch=batch.id)}
    not_sent = _not_confirmed(journal, connection_name)
    side, names = SideBuilder(spec), Fingerprints()
    stated = [
        (row.account, row.opening, row.closing) for row in batches.balances(journal, batch.id)
    ]
    side.balances_only = not movements and bool(stated)
    _balances(side, without_summaries(stated) if side.balances_only else stated, maps)
    title = json.loads(batch.title)
    if title.get("start") and title.get("end"):
        side.period = date.fromisoformat(title["start"]), date.fromisoformat(title["end"])
    assumed = str(title.get("assumed_currency", ""))
    for movement in movements:
        line = movement._replace(currency=movement.currency or assumed)
        owner = owners.get(line.document) if line.document is not None else None
        _add_movement(side, names, line, owner, maps, not_sent)
    return side.build()


def _add_movement(
    side: SideBuilder,
    names: Fingerprints,
    line: Movement,
    owner: DocumentRow | None,
    maps: Maps | None,
    not_sent: Mapping[str, str],
) -> None:
    """A movement of a batch, under the reference its document (``owner``) would be sent by."""
    reference = owner.external_ref if owner else ""
    is_blocked = owner is not None and owner.state == documents.BLOCKED
    amount = line.debit - line.credit
    side.add(
        names.of(
            line.date,
            line.account,
            amount,
            line.reference or line.number,
            line.party,
            line.tax_id,
            line.description,
            reference,
        ),
        date.fromisoformat(line.date),
        amount,
        account=maps.target_account(line.account) if maps else line.account,
        reference=line.reference or line.number,
        document=_document_of(line) if owner is None else "" if is_blocked else reference,
        party=line.party,
        tax_id=line.tax_id,
        text=line.description,
        currency=line.currency,
        rate=line.rate,
        explained=owner.blocked_by if owner and is_blocked else not_sent.get(reference, ""),
    )


def _document_of(line: Movement) -> str:
    """What the tax authority calls the document a movement is; empty where it is none."""
    return line.identifier.upper() if is_fiscal_identifier(line.identifier) else ""


def _not_confirmed(journal: Journal, connection_name: str) -> dict[str, str]:
    """External reference → why the target does not have it, by the outbox."""
    return {
        row.external_ref: row.state
        for row in outbox_rows.every(journal, connection_name)
        if row.state != State.CONFIRMED
    }


def _pull_side(journal: Journal, spec: str, months: tuple[date, date] | None) -> Side:
    name = spec.partition(":")[2]
    pull = pulls.latest(journal, name, months)
    if pull is None and months and pulls.latest(journal, name) is not None:
        period = {"name": name, "start": months[0], "end": months[1]}
        raise UnreadableSide(spec, Finding("pull-does-not-cover", 0, 0, period))
    if pull is None:
        raise UnreadableSide(spec)
    side, names = SideBuilder(spec), Fingerprints()
    side.opening, side.closing = map(dict, pulls.stated(journal, pull, months))
    for row in pulls.lines(journal, pull.id, months):
        amount = row.debit - row.credit
        reference = row.reference or row.number
        side.add(
            names.of(row.remote_id, row.date, row.account, amount, reference),
            date.fromisoformat(row.date),
            amount,
            account=row.account,
            reference=reference,
            document=row.reference,
            party=row.partner,
            tax_id=row.tax_id,
            text=row.label,
        )
    return side.build()


class _FileRecords:
    """What a file says, gathered for its side. Rows count its records, those that could not be read
    included, so that they are the data rows a person sees.
    """

    def __init__(self, company: str, is_mapped: bool) -> None:
        self.balances: list[tuple[str, int | None, int | None]] = []
        self.title = TitleBlock()
        self.movements: list[_Found] = []
        self._rows: dict[int, int] = {}
        self._known: dict[str, tuple[int, int]] = {}
        self._file = 0
        self._count = 0
        self.source_system = ""
        self._company, self._is_mapped = company, is_mapped

    def take(self, item: object) -> None:
        match item:
            case Line() if item.disposition is not Disposition.HEADING and item.rule != CONTINUED:
                self._count += 1
                self._rows[item.number] = self._count
            case LedgerLine():
                self._take_line(item)
            case Voucher():
                self._take_voucher(item)
            case Balance():
                opening, closing = _minor(item.opening), _minor(item.closing)
                self.balances.append((item.account, opening, closing))
            case TitleBlock():
                self.title = item
            case _:
                pass

    def next_file(self) -> None:
        """What follows is of another file, whose lines begin at one again."""
        self._settle()
        self._rows = {}
        self._file += 1

    def _settle(self) -> None:
        """The data rows of the movements of a file: its lines are told after their records."""
        for place, found in enumerate(self.movements):
            if not found.row:
                row = self._rows.get(found.movement.line, found.movement.line)
                self.movements[place] = found._replace(row=row)

    def _take_line(self, item: LedgerLine) -> None:
        """A document that stands in several places is one document; its payments stand in one."""
        document = item.identifier.upper() if is_fiscal_identifier(item.identifier) else ""
        place = self._file, item.line
        if document and self._known.setdefault(document, place) != place:
            return
        reference = item.reference or item.number
        self.movements.append(_Found(item, item.date, reference, document, item.description))

    def _take_voucher(self, voucher: Voucher) -> None:
        document = ""
        if self._is_mapped:
            document = external_reference(self._company, self.source_system, voucher)
        for line in voucher.lines:
            text = line.description or voucher.description
            reference = line.reference or voucher.number
            self.movements.append(_Found(line, voucher.date, reference, document, text))


class _Found(NamedTuple):
    """A movement of a file with what its side says of it; ``row`` is 0 until it is known."""

    movement: LedgerLine | VoucherLine
    day: date
    reference: str
    document: str
    text: str
    row: int = 0


def _file_side(journal: Journal, path: Path, maps: Maps | None) -> Side:
    """A file, or the files of a folder or zip, mapped and referenced as their documents would be
    sent.
    """
    found = _read_files(journal, path, is_mapped=maps is not None)
    side, names = SideBuilder(path.name), Fingerprints()
    for movement, day, reference, document, text, row in found.movements:
        cents = to_minor(movement.debit - movement.credit)
        side.add(
            names.of(
                day, movement.account, cents, reference, movement.party, movement.tax_id, text
            ),
            day,
            cents,
            account=maps.target_account(movement.account) if maps else movement.account,
            reference=reference,
            document=document,
            party=movement.party,
            tax_id=movement.tax_id,
            text=text,
            currency=movement.currency,
            rate=movement.rate,
            row=row,
        )
    side.balances_only = not found.movements and bool(found.balances)
    stated = without_summaries(found.balances) if side.balances_only else found.balances
    _balances(side, stated, maps)
    title = found.title
    side.period = (title.start, title.end) if title.start and title.end else None
    return side.build()


def _read_files(journal: Journal, path: Path, *, is_mapped: bool) -> _FileRecords:
    """Raises UnreadableSide, OSError."""
    exports = exports_in(path)
    found = _FileRecords(settings.company_code(journal), is_mapped)
    options = Options(own_tax_ids=tuple(settings.own_tax_ids(journal)))
    profiles = _profiles(journal)
    for export in exports:
        if len(exports) == 1 or not _is_companion(export):
            _read_export(export, options, profiles, found)
        found.next_file()
    if not exports:
        raise UnreadableSide(str(path))
    return found


def _is_companion(export: Export) -> bool:
    """Whether a file only accompanies others (the PDF of an invoice) and is nothing to read."""
    try:
        return sniff(export.content) not in READ
    except Unreadable:
        return True


def _read_export(
    export: Export, options: Options, profiles: Mapping[str, Profile], found: _FileRecords
) -> None:
    try:
        source = Source(export.name, export.content, options, profiles)
        found.source_system = source.profile.source_system
        for item in importers.read(source):
            if isinstance(item, Failure):
                raise UnreadableSide(export.name, item.finding)
            found.take(item)
    except Unreadable as unreadable:
        finding = Finding(unreadable.code, 0, 0, unreadable.parameters)
        raise UnreadableSide(export.name, finding) from None


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else to_minor(amount)


def _balances(
    side: SideBuilder, balances: Iterable[tuple[str, int | None, int | None]], maps: Maps | None
) -> None:
    """Opening and closing by (mapped) account; several source accounts may share one target
    account.
    """
    for account, opening, closing in balances:
        code = maps.target_account(account) if maps else account
        if opening is not None:
            side.opening[code] = side.opening.get(code, 0) + opening
        if closing is not None:
            side.closing[code] = side.closing.get(code, 0) + closing
