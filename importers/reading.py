"""One file in, its lines, findings and records out: the wing's two doors, :func:`inspect` and
:func:`read`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from importers import (
    aspel_coi,
    balances,
    cfdi,
    dian,
    dian_payroll,
    dian_responses,
    document_listings,
    document_months,
    ledger,
    listings,
    sat,
    sat_retentions,
    yearly_sums,
)
from importers.archives import Export
from importers.contpaqi import masters, polizas, reports
from importers.document_months import DOCUMENT_READERS
from importers.encoding import DOUBTFUL_BELOW
from importers.findings import Finding
from importers.fiscal.items import FiscalItem, FiscalParty, fiscal_items
from importers.nul_characters import without_nul
from importers.profile import Profile, load_profiles, starts_of
from importers.records import (
    Disposition,
    LedgerLine,
    Line,
    Record,
    TitleBlock,
    Voucher,
)
from importers.sheets import fitting_sheets, read_sheets
from importers.source import OLD_SHEETS, Options, Source
from importers.statements import bai2, camt, mt940, ofx, qif
from importers.structure import ColumnRole, Structure
from importers.tables import Container, formulas_without_value
from importers.unreadable import Unreadable, stumbling
from importers.validation import Rules
from importers.wording import Message

Item = Line | Finding | Record | TitleBlock | FiscalItem | FiscalParty

_MEANINGLESS = re.compile("[\x80-\x9f\ufffd]")
READERS = {
    "contpaqi-polizas": polizas.read_text,
    "contpaqi-polizas-excel": polizas.read_sheet,
    "contpaqi-auxiliares": reports.read_auxiliares,
    "contpaqi-impreso": reports.read_impreso,
    "contpaqi-balanza": reports.read_balanza,
    "contpaqi-catalogo": masters.read_catalogo,
    "contpaqi-catalogo-txt": masters.read_catalogo_text,
    "contpaqi-padron": masters.read_padron,
    "ledger-table": ledger.read,
    "trial-balance": balances.read,
    "listing": listings.read,
    "document-listing": document_listings.read,
    "sat-accounting": sat.read_accounting,
    "sat-cfdi": cfdi.read,
    "sat-retentions": sat_retentions.read,
    "dian": dian.read,
    "dian-payroll": dian_payroll.read,
    "dian-response": dian_responses.read,
    "yearly-sums": yearly_sums.read,
    "aspel-coi": aspel_coi.read,
    "bank-ofx": ofx.read,
    "bank-mt940": mt940.read,
    "bank-camt": camt.read,
    "bank-qif": qif.read,
    "bank-bai2": bai2.read,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """The last item of a reading that had to stop: the finding that says why. Everything before it
    stands.
    """

    finding: Finding


@dataclass
class Inspection:
    """What a file is and what is in it, without keeping any of it."""

    file: str
    container: str = Container.UNKNOWN.value
    encoding: str = ""
    encoding_confidence: float = 0.0
    encoding_evidence: tuple[Message, ...] = ()
    delimiter: str = ""
    quotechar: str = ""
    header_line: int | None = None
    profile: str = ""
    profile_title: str = ""
    certainty: str = ""
    """On what the layout stands (:class:`importers.profile.Certainty`)."""
    profile_score: float = 0.0
    runner_up: str = ""
    runner_up_score: float = 0.0
    title: TitleBlock = field(default_factory=TitleBlock)
    dispositions: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    vouchers: int = 0
    movements: int = 0
    debit: Decimal = Decimal("0.00")
    credit: Decimal = Decimal("0.00")
    readable: bool = True
    unused_headings: list[str] = field(default_factory=list)
    """Headings no role of the layout takes."""
    structure: Structure | None = None
    """What a table no layout fits says of itself."""
    columns: Sequence[ColumnRole] = ()
    """What its columns seem to hold, also of a table a layout fits."""

    @property
    def is_proposed(self) -> bool:
        """Whether no layout knows the file and it is read by what it says of itself."""
        return self.structure is not None and bool(self.profile)


def read(source: Source) -> Iterator[Item | Failure]:
    """Everything the file says, in file order: each physical line once (after the findings of that
    line), and each record when it is complete, followed by its own findings. A file that cannot be
    read to its end closes with a :class:`Failure`.
    """
    seen = _Seen(source)
    try:
        with stumbling():
            yield from _encoding_findings(source)
            _refuse_misfit(source)
            yield from _proposed(source)
            for item in _clean_items(source):
                yield item
                if isinstance(item, Line) and not item.suspect:
                    seen.last = item
                    seen.records += item.disposition is Disposition.RECORD
                else:
                    yield from seen.take(item)
            yield from seen.ending()
    except Unreadable as stopped:
        line = stopped.parameters.get("line", 0)
        number = line if isinstance(line, int) else 0
        yield Failure(Finding(stopped.code, number, 0, stopped.parameters))


class _Seen:
    """What was read so far (how many ``records``, the ``last`` line), and the rules over it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rules = Rules.of_period(source.options.period)
        self.records = 0
        self.last: Line | None = None

    def take(self, item: Item) -> Iterator[Item]:
        """The findings about one item."""
        match item:
            case Line():
                self.last = item
                self.records += item.disposition is Disposition.RECORD
                if item.suspect:
                    yield from _text_findings(item, self._source.encoding)
            case TitleBlock():
                if not self._source.options.period:
                    self._rules.start, self._rules.end = item.start, item.end
            case Voucher() | LedgerLine():
                self.records += 1
                if self._source.container is not Container.TAR:
                    yield from self._rules.check(item)
            case Finding():
                self.records += item.code == "known-document"
            case _:
                self.records += 1

    def ending(self) -> Iterator[Item | Failure]:
        """What is to be said when everything was read."""
        last = self.last
        cut = last is not None and last.length and not last.terminated
        if last is not None and cut and not self._source.content.ends_with(b"\x1a"):
            yield Finding("unterminated", last.number)
        if not self.records:
            yield Failure(Finding("no-records", 0))


def _proposed(source: Source) -> Iterator[Finding]:
    """What is taken for granted of a table that is read by its own proposal."""
    layout = source.proposal
    if layout is None:
        return
    columns = layout.columns
    if "amount" in columns:
        values = {"date": columns["date"], "amount": columns["amount"]}
        yield Finding("layout-proposed-amount", layout.header_line, 0, values)
        return
    values = {role: columns[role] for role in ("date", "debit", "credit")}
    yield Finding("layout-proposed", layout.header_line, 0, values)


def _refuse_misfit(source: Source) -> None:
    """Raises Unreadable where the chosen report is not one of such files."""
    profile = source.profile
    sheet = source.container in OLD_SHEETS and "xls" in profile.containers
    if not sheet and source.container.value not in profile.containers:
        raise Unreadable("profile-misfit", seen=profile.name, reason=source.container.value)


def _items(source: Source) -> Iterator[Item]:
    if source.container is Container.XLSX:
        used = {view.sheets[0] for view in fitting_sheets(source)}
        if count := formulas_without_value(source.content.whole, used):
            yield Finding("formula-without-value", 0, 0, {"seen": count})
    if source.container is Container.TAR:
        yield from document_months.read(source, _document_items)
    elif len(source.sheets) > 1:
        yield from read_sheets(source, READERS)
    else:
        yield from READERS[source.profile.reader](source)


def _clean_items(source: Source) -> Iterator[Item]:
    """The items of a file with blanks for the NUL characters of its texts, which no database and no
    target takes.
    """
    items = _items(source)
    if source.profile.reader in DOCUMENT_READERS:
        items = _not_known(source, items)
    in_text = (Container.TEXT, Container.XML, Container.DBF)
    if source.container in in_text and source.content.holds(b"\0"):
        return map(without_nul, items)
    return items


def _not_known(source: Source, items: Iterator[Item]) -> Iterator[Item]:
    """The items of a fiscal document and the whole of it, or that it was imported before."""
    said: set[str] = set()
    for item in items:
        known = isinstance(item, LedgerLine) and source.known(item.identifier.upper())
        if known and isinstance(item, LedgerLine):
            values = {"identifier": item.identifier, "batch": known}
            yield Finding("known-document", item.line, 0, values)
        else:
            if isinstance(item, Finding):
                said.add(item.code)
            yield item
    # Of a document that came before with other content both are kept, and asked about.
    yield from fiscal_items(source, said)


def _document_items(source: Source) -> Iterator[Item]:
    """What one document of a month says."""
    said: set[str] = set()
    for item in READERS[source.profile.reader](source):
        if isinstance(item, Line) and item.suspect:
            yield from _text_findings(item, source.encoding)
        if isinstance(item, Finding):
            said.add(item.code)
        yield item
    yield from fiscal_items(source, said)


def inspect(
    path: Path, options: Options | None = None, profiles: Mapping[str, Profile] | None = None
) -> Inspection:
    """Detect and read a whole file, counting. Raises OSError when it cannot be opened; everything
    else that is wrong with it is a finding, with ``readable`` False when nothing can be done with
    the file as it is.
    """
    return inspect_export(Export.of(path), options, profiles)


def inspect_export(
    export: Export, options: Options | None = None, profiles: Mapping[str, Profile] | None = None
) -> Inspection:
    """The same of a file found in a folder or a zip (see ``exports_in``)."""
    result = Inspection(export.name)
    try:
        source = Source(
            export.name, export.content, options or Options(), profiles or load_profiles()
        )
        describe(source, result)
        layout = source.profiles.get(result.profile)
        if layout is None or layout.columns:
            result.columns = source.columns
    except Unreadable as unreadable:
        kind = unreadable.parameters.get("kind")
        known = {container.value for container in Container}
        result.container = str(kind) if kind in known else Container.UNKNOWN.value
        result.findings.append(Finding(unreadable.code, 0, 0, unreadable.parameters))
        result.readable = False
        return result
    for item in read(source):
        count(result, item)
    result.unused_headings = list(dict.fromkeys(source.unused_headings))
    return result


def describe(source: Source, result: Inspection) -> None:
    """Fill in what is known of a source before it is read: container, encoding, layout. Raises
    Unreadable.
    """
    with stumbling():
        _describe(source, result)


def _describe(source: Source, result: Inspection) -> None:
    result.container = Container.ZIP.value if source.zipped else source.container.value
    if source.detection:
        result.encoding = source.detection.encoding
        result.encoding_confidence = source.detection.confidence
        result.encoding_evidence = source.detection.evidence
    try:
        profile = source.profile
        ranking = source.ranking
    except Unreadable:
        _describe_table(source, result)
        return
    result.profile, result.profile_title = profile.name, profile.title
    result.certainty = profile.certainty.value
    result.profile_score = next(
        (round(s.score, 3) for s in ranking if s.profile.name == profile.name), 0.0
    )
    if source.proposal is not None:
        _describe_table(source, result)
    rival = next((score for score in ranking if score.profile.name != profile.name), None)
    if rival and rival.score > 0:
        result.runner_up, result.runner_up_score = rival.profile.name, round(rival.score, 3)
    if profile.fixed_width or starts_of(profile.table):
        result.container = Container.FIXED.value
    elif source.container is Container.TEXT and source.dialect:
        result.delimiter, result.quotechar = source.dialect.delimiter, source.dialect.quotechar


def _describe_table(source: Source, result: Inspection) -> None:
    """What can be said of a table though no layout fits it; why it cannot be read is said by who
    reads it.
    """
    try:
        found = source.structure
    except Unreadable:
        return
    if found is None:
        return
    result.structure = found
    result.header_line = next(iter(found.heading_lines), None)
    if found.cut and found.cut.is_fixed:
        result.container = Container.FIXED.value
    elif found.cut and source.dialect:
        result.delimiter, result.quotechar = found.cut.delimiter, source.dialect.quotechar


def count(result: Inspection, item: Item | Failure) -> None:
    """Count what one item of a reading says."""
    match item:
        case Line():
            result.dispositions[item.disposition.value] += 1
            if item.rule == "header" and result.header_line is None:
                result.header_line = item.number
        case Finding():
            result.findings.append(item)
        case Failure():
            result.findings.append(item.finding)
            result.readable = False
        case TitleBlock():
            result.title = item
        case Voucher():
            result.vouchers += 1
            result.movements += len(item.lines)
            result.debit += item.debit
            result.credit += item.credit
        case LedgerLine():
            result.movements += 1
            result.debit += item.debit
            result.credit += item.credit
        case _:
            pass


def _text_findings(line: Line, encoding: str) -> Iterator[Finding]:
    """What is doubtful about the characters of one line."""
    if line.repaired:
        yield Finding(
            "mixed-encoding", line.number, 0, {"seen": line.repaired, "expected": encoding}
        )
    if line.doubtful:
        column = line.text.index(line.doubtful[0]) + 1 if line.doubtful[0] in line.text else 0
        yield Finding(
            "doubtful-letters", line.number, column, {"seen": line.doubtful, "encoding": encoding}
        )
    if "\0" in line.text:
        yield Finding(
            "nul-characters",
            line.number,
            line.text.index("\0") + 1,
            {"seen": line.text.count("\0")},
        )
    damaged = _MEANINGLESS.findall(line.text)
    if damaged:
        yield Finding(
            "undecodable-bytes",
            line.number,
            line.text.index(damaged[0]) + 1,
            {"seen": len(damaged)},
        )


def _encoding_findings(source: Source) -> Iterator[Finding]:
    detection = source.detection
    if detection and detection.confidence < DOUBTFUL_BELOW:
        values = {"encoding": detection.encoding, "confidence": round(detection.confidence * 100)}
        yield Finding("encoding-doubtful", 0, 0, values)
