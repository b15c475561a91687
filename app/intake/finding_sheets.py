"""Findings for the person who must correct the source system: grouped by rule, and as a
workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.journal import Journal, listings
from app.sheets import write_rows
from app.translation import render, translate
from importers import Finding, Severity

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """All findings of one rule; ``first`` is the one with the lowest line."""

    code: str
    severity: Severity
    count: int
    first: Finding


def by_rule(findings: Iterable[Finding]) -> list[RuleGroup]:
    """One group a rule: errors first, then the most frequent."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.code, []).append(finding)
    made = [
        RuleGroup(code, found[0].severity, len(found), min(found, key=lambda item: item.line))
        for code, found in groups.items()
    ]
    return sorted(made, key=lambda group: (_ORDER[group.severity], -group.count, group.code))


def severity_text(severity: str) -> str:
    return {
        "error": translate("severity", "error"),
        "warning": translate("severity", "warning"),
        "note": translate("severity", "note"),
    }[severity]


def write_findings(path: Path, findings: Iterable[Finding], texts: Mapping[int, str]) -> int:
    """Findings to xlsx, with the text of the line each stands on; answers how many. Raises
    OSError.
    """
    rows = [
        (
            severity_text(item.severity),
            item.line,
            item.column,
            render(item.message, "findings"),
            texts.get(item.line, ""),
        )
        for item in sorted(findings, key=lambda item: (_ORDER[item.severity], item.line))
    ]
    _write(path, rows)
    return len(rows)


def write_batch_findings(journal: Journal, batch: int, path: Path) -> int:
    """The same for a batch of the journal, with the document each belongs to."""
    found = listings.batch_findings(journal, batch)
    texts = {
        line.number: line.text
        for line in listings.batch_lines(journal, batch, {row.line for row, _ in found})
    }
    references = listings.document_references(journal, batch)
    rows = [
        (
            severity_text(row.severity),
            row.line,
            row.column,
            text,
            texts.get(row.line, ""),
            references.get(row.document_id or 0, ""),
        )
        for row, text in found
    ]
    _write(path, rows)
    return len(rows)


def _write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    heading = (
        translate("severity", "Severity"),
        translate("severity", "Line"),
        translate("severity", "Column"),
        translate("severity", "Finding"),
        translate("severity", "Text of the line"),
        translate("severity", "Document"),
    )
    write_rows(path, translate("severity", "Findings"), heading, rows, (12, 10, 10, 90, 90, 34))
