"""What a file that is looked at is, in words."""

from __future__ import annotations

from collections import Counter

from app.structure_words import COLUMN_TEXTS
from app.translation import translate
from importers.reading import Inspection
from importers.structure import LineRole


def facts(found: Inspection) -> str:
    """What the file was taken for, and what its lines are."""
    counts = Counter(finding.severity.value for finding in found.findings)
    parts = [found.file, found.profile_title or translate("IntakePage", "unknown report")]
    if found.encoding:
        parts.append(f"{found.encoding} ({found.encoding_confidence:.0%})")
    text = translate(
        "IntakePage", "{total} lines = {record} records + {heading} headings + {rejected} rejected"
    )
    names = ("record", "heading", "rejected")
    numbers = {name: f"{found.dispositions[name]:,}" for name in names}
    parts.append(text.format(total=f"{found.dispositions.total():,}", **numbers))
    parts.append(translate("IntakePage", "{count} vouchers").format(count=f"{found.vouchers:,}"))
    parts.append(
        translate("IntakePage", "{errors} errors, {warnings} warnings").format(
            errors=counts["error"], warnings=counts["warning"]
        )
    )
    return "  ·  ".join(parts)


def layout_evidence(found: Inspection) -> str:
    """Why it is taken for that, or what a person can do where nothing fits."""
    if not found.profile and found.structure:
        text = translate(
            "IntakePage",
            "It is a table of {columns} columns with {data} lines of data. Press “Layout…” and"
            " say what each column is.",
        )
        data = found.structure.counts[LineRole.DATA]
        return text.format(columns=len(found.structure.columns), data=f"{data:,}")
    if not found.profile:
        return ""
    if found.is_proposed and found.structure:
        text = translate(
            "IntakePage",
            "No layout knows this table; it is read as it seems: {columns}. Press “Layout…” if"
            " that is not so.",
        )
        roles = [
            f"{column.title} = {translate('structure', COLUMN_TEXTS[column.role])}"
            for column in found.structure.columns
            if column.role and column.title
        ]
        return text.format(columns=", ".join(roles))
    text = translate("IntakePage", "Report: {title} fits to {score} %.").format(
        title=found.profile_title, score=f"{found.profile_score:.0%}".rstrip("%")
    )
    if found.runner_up:
        rival = translate("IntakePage", "The next likeliest, {name}, to {score} %.")
        text += " " + rival.format(
            name=found.runner_up, score=f"{found.runner_up_score:.0%}".rstrip("%")
        )
    return text
