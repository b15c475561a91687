"""Fiscal documents among the items of a reading: beside the line a document is in a ledger, the
whole of it, who its other party is, and what it says of the state of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from importers.archives import Export
from importers.findings import Finding, Severity
from importers.fiscal.model import FiscalDocument, Kind
from importers.fiscal.reading import Reading, read_documents
from importers.ownership import Books
from importers.records import FiscalStatus, Party
from importers.source import Source

_WITH_PARTY = frozenset(Kind) - {Kind.PAYROLL, Kind.EVENT, Kind.IGNORED, Kind.CERTIFICATE}
"""Kinds whose other side is a customer or a supplier."""


@dataclass(frozen=True, slots=True)
class FiscalParty:
    """The customer or supplier a fiscal document names."""

    party: Party


@dataclass(frozen=True, slots=True)
class FiscalItem:
    """A fiscal document as it is journaled: on which line of its file it stands, the finding that
    blocks it (empty: none), and those nothing else has said.
    """

    line: int
    document: FiscalDocument
    blocked_by: str = ""
    findings: Sequence[Finding] = ()


Item = Finding | FiscalItem | FiscalStatus | FiscalParty


def fiscal_items(source: Source, said: set[str]) -> Iterator[Item]:
    """The fiscal documents of a file of one, each followed by its other party. ``said`` are codes
    of findings its reader yielded already. Nothing where nobody has said whose books these are: a
    document without a side is no document of the company.
    """
    own = source.options.own_tax_ids
    if not Books(own).are_known:
        return
    reading = read_documents([Export(source.name, source.content, source.name)], own)
    for document in reading.documents:
        yield _item(document, said)
        yield from _party(document)
    named = {document.id for document in reading.documents}
    for other in reading.findings:
        code = other.finding.code
        if other.document not in named and code not in said and code != "no-effect":
            # Its line in the books is read; why it is no whole document is what is new here.
            yield Finding(
                "document-not-whole", 0, 0, {"reason": code, "seen": _seen(other.finding)}
            )
    yield from _states(reading)


def _seen(finding: Finding) -> str:
    return " ".join(str(value) for value in finding.parameters.values())[:80] or "-"


def _states(reading: Reading) -> Iterator[FiscalStatus]:
    for identifier, state in reading.verdicts:
        if state in ("cancelled", "rejected"):
            yield FiscalStatus(0, identifier, state)


def _item(document: FiscalDocument, said: set[str]) -> FiscalItem:
    dates, undated = _days(document)
    document = replace(document, dates=dates)
    findings = [*document.findings, *undated]
    wrong = (one.code for one in findings if one.severity is Severity.ERROR)
    doubted = (one.code for one in findings if one.code in _WITHOUT_SIDE)
    new = [one for one in findings if one.code not in said]
    return FiscalItem(0, document, next(wrong, next(doubted, "")), new)


def _days(document: FiscalDocument) -> tuple[dict[str, str | None], list[Finding]]:
    """The days of a document without their times and zones; one that is no day is empty, and where
    the document is dated by it, a finding.
    """
    found: dict[str, str | None] = dict(document.dates)
    wrong = []
    dated_by = "paid" if "paid" in found else "issued"
    for name in _DAYS & found.keys():
        text = found[name] or ""
        try:
            found[name] = date.fromisoformat(text[:10]).isoformat() if text else None
        except ValueError:
            found[name] = None
        if name == dated_by and found[name] is None:
            values = {"field": name, "seen": text[:40] or "-", "expected": "aaaa-mm-dd"}
            wrong.append(Finding("not-a-date", 0, 0, values))
    return found, wrong


_DAYS = frozenset({"issued", "stamped", "due", "paid", "period_start", "period_end"})
_WITHOUT_SIDE = ("foreign-document", "own-document")
"""Findings of which the side of the company does not follow."""


def _party(document: FiscalDocument) -> Iterator[FiscalParty]:
    party = document.party
    if document.kind in _WITH_PARTY and party.tax_id and not party.generic:
        yield FiscalParty(
            Party(
                line=0,
                code=party.tax_id,
                name=party.name,
                tax_id=party.tax_id,
                postcode=party.postcode or "",
                country=party.country,
                supplier=party.role == "supplier",
            )
        )
