"""The rows of one batch: what a reader says, written in blocks inside one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate

from app import documents as kinds
from app.documents.entry import EntryKind
from app.documents.kind import DocumentKind, Record
from app.documents.records import (
    LONGEST_KIND,
    LONGEST_NUMBER,
    Group,
    alone,
    content_hash,
    external_reference,
    movement_columns,
    said,
    too_long,
    too_long_text,
)
from app.journal import blocks, documents, usages
from app.journal.batch_rows import BatchRows, DocumentCells
from app.journal.events import canonical
from app.journal.rows import Transaction
from app.journal.usages import Uses
from app.money import to_minor
from importers import Balance, Finding, LedgerLine, Line, TitleBlock, Voucher
from importers.identity import is_fiscal_identifier

_VOUCHER = EntryKind.stored.record


class BatchWriter:
    """Takes items in the order a file gives them. ``written`` is called after each block with the
    bytes of the lines so far.
    """

    def __init__(
        self,
        transaction: Transaction,
        batch: int,
        company: str,
        source_system: str,
        written: Callable[[int], None],
    ) -> None:
        self.fiscal_documents: list[str] = []
        self.lacks_currency = False
        self.title = TitleBlock()
        self.header_line: int | None = None
        self.first_date = self.last_date = ""
        self._transaction, self._batch, self._company = transaction, batch, company
        self._source_system, self._written = source_system, written
        self._lines = blocks.LineColumns()
        self._groups: list[Group] = []
        self._vouchers: list[tuple[int, int, Voucher, str]] = []
        self._position, self._count_gathered = 1, 0
        self._rows = BatchRows(transaction)
        self._read = self._balances = 0
        self._uses = Uses()
        self._recorded: set[tuple[str, str]] = set()
        self._voucher: Voucher | None = None
        self._voucher_findings: list[Finding] = []
        self._next_document = self._rows.next_document()

    def number_by(self, source_system: str) -> None:
        """Tell the folios of the vouchers that follow apart by this."""
        self._source_system = source_system

    def take(self, item: object) -> None:
        """One item: a line, a finding (of the voucher before it, where it stands inside), or a
        record.
        """
        if isinstance(item, Line):
            if self._voucher is not None:
                self._close_voucher()
            self._lines.add(item)
            self._read += item.length
            if self.header_line is None and item.rule == "header":
                self.header_line = item.number
            if len(self._lines) >= blocks.ROWS:
                self._flush()
                self._written(self._read)
        elif isinstance(item, Finding):
            voucher = self._voucher
            if voucher is not None and voucher.line <= item.line <= voucher.last_line:
                self._voucher_findings.append(item)
            else:
                self.find(item, None)
        else:
            self._close_voucher()
            self._record(item)

    def find(self, item: Finding, document: int | None) -> None:
        self._rows.add(
            "findings",
            (
                self._batch,
                document,
                item.line,
                item.column,
                item.severity.value,
                item.code,
                canonical(dict(item.parameters)),
            ),
        )

    def close(self) -> None:
        """Write what is left of the records; findings about all of them may follow."""
        self._close_voucher()
        self._flush()
        usages.keep(self._transaction, self._batch, self._uses)

    def digests(self) -> dict[str, str]:
        """The digest of each table."""
        self._rows.flush()
        return self._rows.digests()

    @property
    def counts(self) -> Counter[str]:
        """The lines written so far, by disposition."""
        return self._lines.counts

    def _record(self, item: object) -> None:
        match item:
            case Voucher():
                self._voucher = item
            case LedgerLine():
                self._groups.append(alone(item))
                self._count_gathered += 1
                if item.direction and is_fiscal_identifier(item.identifier):
                    self.fiscal_documents.append(item.identifier.upper())
            case Balance():
                self._balances += 1
                if len(item.account) > LONGEST_NUMBER:
                    self.find(too_long_text(item.line, "cuenta", item.account), None)
                self._rows.add(
                    "balances",
                    (
                        self._batch,
                        self._balances,
                        item.line,
                        item.account[:LONGEST_NUMBER],
                        item.name,
                        _minor(item.opening),
                        _minor(item.closing),
                    ),
                )
            case TitleBlock():
                self.title = item
            case _:
                self._write_record(item)

    def _write_record(self, item: object) -> None:
        """A document without movements: what it says, and under which reference it would be sent.
        Raises TypeError on what is no kind of document.
        """
        kind = kinds.of_item(item)
        if kind is None:
            raise TypeError(type(item).__name__)
        said = kind.record(item, self._company, self._source_system)
        if (said.reference, said.digest) in self._recorded or self._came_before(kind, said):
            return
        self._recorded.add((said.reference, said.digest))
        identifier, self._next_document = self._next_document, self._next_document + 1
        for found in said.findings:
            self.find(found, identifier)
        self._rows.add_document(
            DocumentCells(
                id=identifier,
                batch=self._batch,
                line=said.line,
                last_line=said.line,
                kind=kind.stored.record,
                source_kind=said.source_kind,
                number=said.number,
                day=said.day,
                period=said.day[:7],
                description=said.name,
                external_ref=said.reference,
                content_hash=said.digest,
                first_position=self._position,
                movements=0,
                debit=0,
                credit=0,
                state=documents.BLOCKED if said.blocked_by else documents.READY,
                blocked_by=said.blocked_by,
            )
        )
        self._rows.add("records", (self._batch, identifier, said.data))

    def _came_before(self, kind: DocumentKind, said: Record) -> bool:
        """Whether a document that is kept once was journaled with the same content."""
        known = documents.is_journaled
        return kind.is_journaled_once and known(self._transaction, said.reference, said.digest)

    def _saw(self, days: Sequence[str]) -> None:
        self.first_date = min(filter(None, (self.first_date, min(days))))
        self.last_date = max((self.last_date, max(days)))

    def _close_voucher(self) -> None:
        voucher, self._voucher = self._voucher, None
        if voucher is None:
            return
        identifier, self._next_document = self._next_document, self._next_document + 1
        blocking = ""
        self._voucher_findings += too_long(voucher)
        if self._voucher_findings:
            blocking = next(
                (found.code for found in self._voucher_findings if found.severity == "error"), ""
            )
            for found in self._voucher_findings:
                self.find(found, identifier)
            self._voucher_findings = []
        if not blocking and not voucher.lines:
            blocking = "voucher-empty"
        self._vouchers.append((identifier, self._count_gathered, voucher, blocking))
        self._count_gathered += len(voucher.lines)
        self._groups.append(
            Group(identifier, voucher.date.isoformat(), voucher.kind, voucher.number, voucher.lines)
        )

    def _write_movements(self) -> None:
        """The movements gathered, as one block, and the documents they belong to."""
        if self._count_gathered:
            columns = movement_columns(self._position, self._groups)
            self._uses.take(columns)
            self.lacks_currency = self.lacks_currency or "" in columns["currency"]
            self._saw(columns["date"])
            self._rows.add(
                blocks.MOVEMENTS, (self._batch, blocks.MOVEMENTS, *blocks.movement_block(columns))
            )
        else:
            columns = dict.fromkeys(blocks.Movement._fields, ())
        movements = said(columns)
        debits, credits_ = (
            list(accumulate(columns[name], initial=0)) for name in ("debit", "credit")
        )
        for identifier, start, voucher, blocking in self._vouchers:
            end = start + len(voucher.lines)
            day, kind = voucher.date.isoformat(), voucher.kind
            self._uses.take_voucher(kind[:LONGEST_KIND])
            self._rows.add_document(
                DocumentCells(
                    id=identifier,
                    batch=self._batch,
                    line=voucher.line,
                    last_line=voucher.last_line,
                    kind=_VOUCHER,
                    source_kind=kind[:LONGEST_KIND],
                    number=voucher.number[:LONGEST_NUMBER],
                    day=day,
                    period=day[:7],
                    description=voucher.description,
                    external_ref=external_reference(
                        self._company, self._source_system, voucher, day[:7]
                    ),
                    content_hash=content_hash(voucher, movements[start:end]),
                    first_position=self._position + start,
                    movements=end - start,
                    debit=debits[end] - debits[start],
                    credit=credits_[end] - credits_[start],
                    state=documents.BLOCKED if blocking else documents.READY,
                    blocked_by=blocking,
                )
            )
        self._position += self._count_gathered
        self._groups, self._vouchers, self._count_gathered = [], [], 0

    def _flush(self) -> None:
        lines = self._lines.take()
        if lines:
            self._rows.add(blocks.LINES, (self._batch, blocks.LINES, *lines))
        self._write_movements()
        self._rows.flush()


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else to_minor(amount)
