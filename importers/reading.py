"""One file in, its lines, findings and records out: the wing's two doors, :func:`inspect` and
:func:`read`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from importers import balances, bank, dian, ledger, listings, sat
from importers.archives import Export
from importers.contpaqi import masters, polizas, reports
from importers.encoding import DOUBTFUL_BELOW
from importers.findings import Finding
from importers.profile import Profile, load_profiles
from importers.records import Disposition, LedgerLine, Line, Record, TitleBlock, Voucher
from importers.source import OLD_SHEETS, Options, Source
from importers.tables import Container, formulas_without_value
from importers.unreadable import Unreadable
from importers.validation import Rules
from importers.wording import Message

Item = Line | Finding | Record | TitleBlock

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
    "sat-accounting": sat.read_accounting,
    "sat-cfdi": sat.read_cfdi,
    "dian": dian.read,
    "bank-ofx": bank.read_ofx,
    "bank-mt940": bank.read_mt940,
    "bank-camt": bank.read_camt,
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


def read(source: Source) -> Iterator[Item | Failure]:
    """Everything the file says, in file order: each physical line once (after the findings of that
    line), and each record when it is complete, followed by its own findings. A file that cannot be
    read to its end closes with a :class:`Failure`.
    """
    rules = Rules.for_period(source.options.period) if source.options.period else Rules()
    try:
        yield from _encoding_findings(source)
        reader = READERS[source.profile.reader]
        sheet = source.container in OLD_SHEETS and "xls" in source.profile.containers
        if not sheet and source.container.value not in source.profile.containers:
            raise Unreadable(
                "profile-misfit", seen=source.profile.name, reason=source.container.value
            )
        if source.container is Container.XLSX and (
            count := formulas_without_value(source.content.whole)
        ):
            yield Finding("formula-without-value", 0, 0, {"seen": count})
        records, last = 0, None
        for item in reader(source):
            yield item
            if isinstance(item, Line):
                last = item
                records += item.disposition is Disposition.RECORD
                if item.suspect:
                    yield from _text_findings(item, source.encoding)
            elif isinstance(item, TitleBlock) and not source.options.period:
                rules.start, rules.end = item.start, item.end
            elif isinstance(item, Voucher | LedgerLine):
                records += 1
                yield from rules.check(item)
            elif not isinstance(item, Finding):
                records += 1
        if (
            last is not None
            and last.length
            and not last.terminated
            and not source.content.ends_with(b"\x1a")
        ):
            yield Finding("unterminated", last.number)
        if not records:
            yield Failure(Finding("no-records", 0))
    except Unreadable as stopped:
        line = stopped.parameters.get("line", 0)
        yield Failure(
            Finding(stopped.code, line if isinstance(line, int) else 0, 0, stopped.parameters)
        )


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
    except Unreadable as unreadable:
        kind = unreadable.parameters.get("kind")
        known = {container.value for container in Container}
        result.container = str(kind) if kind in known else Container.UNKNOWN.value
        result.findings.append(Finding(unreadable.code, 0, 0, unreadable.parameters))
        result.readable = False
        return result
    describe(source, result)
    for item in read(source):
        count(result, item)
    return result


def describe(source: Source, result: Inspection) -> None:
    """Fill in what is known of a source before it is read: container, encoding, layout."""
    result.container = Container.ZIP.value if source.zipped else source.container.value
    if source.detection:
        result.encoding = source.detection.encoding
        result.encoding_confidence = source.detection.confidence
        result.encoding_evidence = source.detection.evidence
    try:
        profile = source.profile
        ranking = source.ranking
    except Unreadable:
        return
    result.profile, result.profile_title = profile.name, profile.title
    result.profile_score = next(
        (round(s.score, 3) for s in ranking if s.profile.name == profile.name), 0.0
    )
    rival = next((score for score in ranking if score.profile.name != profile.name), None)
    if rival and rival.score > 0:
        result.runner_up, result.runner_up_score = rival.profile.name, round(rival.score, 3)
    if profile.fixed_width:
        result.container = Container.FIXED.value
    elif source.container is Container.TEXT and source.dialect:
        result.delimiter, result.quotechar = source.dialect.delimiter, source.dialect.quotechar


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
