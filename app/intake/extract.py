"""What a file says, read without a journal: records, balances, totals a currency, and everything
that was left out or found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import importers
from app.translation import render
from importers import Balance, Failure, Finding, LedgerLine, Line, Options, Party, Source, Voucher
from importers.archives import Export
from importers.findings import LEFT_OUT
from importers.identity import is_uuid_form
from importers.profile import Profile
from importers.reading import Inspection, describe
from importers.unreadable import Unreadable

FIELDS = (
    "kind",
    "sheet",
    "line",
    "date",
    "debit",
    "credit",
    "currency",
    "rate",
    "account",
    "reference",
    "description",
    "party",
    "tax_id",
    "identifier",
    "uuid",
    "document_type",
    "voucher",
    "direction",
    "counter_account",
)
"""The fields of a record, in their order."""
_ZERO = Decimal("0.00")
_LEFT_OUT_RULES = frozenset(
    {"annulled", "cancelled", "deleted", "no-effect", "other-sheet", "repeated-sheet"}
)


@dataclass
class Extract:
    """One file as it was read; amounts are text with two decimals."""

    file: str
    profile: str = ""
    encoding: str = ""
    records: list[dict[str, str | int]] = field(default_factory=list)
    balances: list[dict[str, str]] = field(default_factory=list)
    unused_headings: list[str] = field(default_factory=list)
    left_out: list[dict[str, str | int]] = field(default_factory=list)
    findings: list[dict[str, str | int]] = field(default_factory=list)
    refused: dict[str, str] | None = None
    totals: dict[str, list[Decimal]] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        return any(finding["severity"] == "error" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The answer of ``cuadre read --json``."""
        totals = {
            currency: {"debit": _shown(sums[0]), "credit": _shown(sums[1])}
            for currency, sums in sorted(self.totals.items())
        }
        return {
            "file": self.file,
            "profile": self.profile,
            "encoding": self.encoding,
            "currency_totals": totals,
            "records": self.records,
            "balances": self.balances,
            "unused_headings": self.unused_headings,
            "left_out": self.left_out,
            "findings": self.findings,
            "refused": self.refused,
        }


def extract(export: Export, options: Options, profiles: Mapping[str, Profile]) -> Extract:
    """Read a whole file. What cannot be read is said in ``refused``, never raised; OSError is."""
    result = Extract(export.name)
    try:
        source = Source(export.name, export.content, options, profiles)
        inspection = Inspection(export.name)
        describe(source, inspection)
        result.profile, result.encoding = inspection.profile, inspection.encoding
        taken = _Taken(result, source)
        for item in importers.read(source):
            taken.take(item)
        result.unused_headings = list(source.unused_headings)
    except Unreadable as unreadable:
        _refuse(result, Finding(unreadable.code, 0, 0, unreadable.parameters))
    return result


class _Taken:
    """Turns what a reader says into the records of an extract."""

    def __init__(self, result: Extract, source: Source) -> None:
        self._result, self._source = result, source
        self._kind = source.profile.record_kind
        self._left_out_lines: set[int] = set()

    def take(self, item: object) -> None:
        match item:
            case Line():
                self._line(item)
            case Failure():
                _refuse(self._result, item.finding)
            case Finding():
                self._finding(item)
            case Voucher():
                for record in _voucher_records(item):
                    self._add(record)
            case LedgerLine():
                self._add(_ledger_record(item, self._kind))
            case Balance():
                self._balance(item)
            case Party():
                self._record(item.line, kind="party", party=item.name, tax_id=item.tax_id)

    def _line(self, line: Line) -> None:
        if line.rule in _LEFT_OUT_RULES and line.number not in self._left_out_lines:
            self._leave_out(line.number, line.why or line.rule)

    def _finding(self, finding: Finding) -> None:
        sheet, row = self._source.place(finding.line)
        message = render(finding.message, "findings")
        self._result.findings.append(
            {
                "severity": finding.severity.value,
                "code": finding.code,
                "sheet": sheet,
                "line": row,
                "column": finding.column,
                "message": message,
            }
        )
        if finding.code in LEFT_OUT:
            self._leave_out(finding.line, message)

    def _leave_out(self, line: int, why: str) -> None:
        self._left_out_lines.add(line)
        sheet, row = self._source.place(line)
        self._result.left_out.append({"line": row, "sheet": sheet, "why": why})

    def _add(self, record: dict[str, Any]) -> None:
        sums = self._result.totals.setdefault(record["currency"], [_ZERO, _ZERO])
        sums[0] += record["debit"]
        sums[1] += record["credit"]
        line = record.pop("line")
        self._record(line, **record)

    def _record(self, line: int, **values: Any) -> None:
        sheet, row = self._source.place(line)
        said = {"sheet": sheet, "line": row, **values}
        uuid = said.get("identifier", "")
        said["uuid"] = uuid if is_uuid_form(uuid) else ""
        record: dict[str, str | int] = {name: said.get(name, "") for name in FIELDS}
        for side in ("debit", "credit"):
            record[side] = _shown(said.get(side) or _ZERO)
        self._result.records.append(record)

    def _balance(self, balance: Balance) -> None:
        stated = (balance.opening, balance.closing, balance.debit, balance.credit)
        names = ("opening", "closing", "debit", "credit")
        if any(amount is not None for amount in stated):
            amounts = {
                name: "" if amount is None else _shown(amount)
                for name, amount in zip(names, stated, strict=True)
            }
            self._result.balances.append(
                {
                    "account": balance.account,
                    "name": balance.name,
                    "currency": balance.currency,
                    "party": balance.party,
                    "tax_id": balance.tax_id,
                    **amounts,
                }
            )
        if self._kind in ("trial-balance-row", "account"):
            self._record(
                balance.line,
                kind=self._kind,
                account=balance.account,
                description=balance.name,
                party=balance.party,
                tax_id=balance.tax_id,
                currency=balance.currency,
            )


def _refuse(result: Extract, finding: Finding) -> None:
    message = render(finding.message, "findings")
    result.refused = {"code": finding.code, "message": message}


def _voucher_records(voucher: Voucher) -> Iterator[dict[str, Any]]:
    for line in voucher.lines:
        yield {
            "kind": "voucher-line",
            "line": line.line,
            "date": voucher.date.isoformat(),
            "debit": line.debit,
            "credit": line.credit,
            "currency": line.currency,
            "rate": line.rate,
            "account": line.account,
            "reference": line.reference,
            "description": line.description or voucher.description,
            "party": line.party,
            "tax_id": line.tax_id,
            "identifier": next(iter(line.uuids or voucher.uuids), ""),
            "document_type": voucher.kind,
            "voucher": voucher.number,
        }


def _ledger_record(line: LedgerLine, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "line": line.line,
        "date": line.date.isoformat(),
        "debit": line.debit,
        "credit": line.credit,
        "currency": line.currency,
        "rate": line.rate,
        "account": line.account,
        "reference": line.reference,
        "description": line.description,
        "party": line.party,
        "tax_id": line.tax_id,
        "identifier": line.identifier,
        "document_type": line.kind,
        "voucher": " ".join(filter(None, (line.kind, line.number))) if line.number else "",
        "direction": line.direction,
        "counter_account": line.counter_account,
    }


def _shown(amount: Decimal) -> str:
    return f"{amount:.2f}"
