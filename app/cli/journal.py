"""``cuadre journal`` and ``search``."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from app.cli.home import close_opened, open_home
from app.cli.output import Stop, answer, table
from app.company import settings
from app.intake.finding_sheets import write_batch_findings
from app.journal import (
    Journal,
    backup,
    batches,
    compaction,
    events,
    listings,
    recovery,
    roles,
    search,
)
from app.journal.errors import DatabaseError
from app.journal.event_words import event_text, facts_text
from app.journal.rows import BatchRow, Event
from app.journal.store import Damaged, Newer
from app.month_end import story
from app.translation import QT_TRANSLATE_NOOP, translate

_NO_LINE = 2**31 - 1
"""No file has a line of this number; the database takes no higher one."""
STATES = {
    "reading": QT_TRANSLATE_NOOP("state", "being read"),
    "complete": QT_TRANSLATE_NOOP("state", "complete"),
    "incomplete": QT_TRANSLATE_NOOP("state", "incomplete"),
    "failed": QT_TRANSLATE_NOOP("state", "not read"),
    "cancelled": QT_TRANSLATE_NOOP("state", "cancelled"),
    "abandoned": QT_TRANSLATE_NOOP("state", "abandoned"),
    "ready": QT_TRANSLATE_NOOP("state", "ready"),
    "blocked": QT_TRANSLATE_NOOP("state", "blocked"),
    "record": QT_TRANSLATE_NOOP("state", "record"),
    "heading": QT_TRANSLATE_NOOP("state", "heading"),
    "rejected": QT_TRANSLATE_NOOP("state", "rejected"),
}
"""States of batches, documents and lines."""


def journal_list(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    rows = batches.every(journal)
    value = [
        {
            "batch": row.id,
            "file": row.name,
            "state": row.state,
            "profile": row.profile,
            "encoding": row.encoding,
            "lines": row.lines_total,
            "record": row.lines_record,
            "heading": row.lines_heading,
            "rejected": row.lines_rejected,
            "started_at": row.started_at,
            "sha256": row.sha256,
        }
        for row in rows
    ]
    shown = [
        (
            row.id,
            row.started_at[:19],
            translate("state", STATES[row.state]),
            row.lines_total,
            row.profile or "–",
            row.name,
        )
        for row in rows
    ]
    answer(chosen.json, value, table(shown, right=(0, 3)))
    return 0


def journal_show(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    batch, number = _batch_and_line(journal, chosen.subject)
    if batch is None:
        return _show_subject(journal, chosen)
    archive = compaction.archive_of(journal, batch.id)
    if archive:
        text = translate("cli", "The lines of {file} are in the archive {archive}.")
        raise Stop(text.format(file=batch.name, archive=archive), 1)
    lines = listings.batch_lines(journal, batch.id, None if number is None else {number})
    findings = listings.batch_findings(journal, batch.id)
    if number is not None and not lines:
        raise Stop(
            translate("cli", "The journal knows no {subject}.").format(subject=chosen.subject)
        )
    by_line: dict[int, list[str]] = {}
    for finding, text in findings:
        by_line.setdefault(finding.line, []).append(text)
    value = [_line_json(row, by_line.get(row.number, [])) for row in lines]
    if number is None and 0 in by_line:
        value.insert(0, _file_json(batch, by_line[0]))
    answer(chosen.json, value, _line_lines(journal, batch.id, value, number is not None))
    return 0


def _batch_and_line(journal: Journal, subject: str) -> tuple[BatchRow | None, int | None]:
    """What ``3``, ``file.csv`` or ``file.csv:17`` names."""
    batch = listings.find_batch(journal, subject)
    if batch is not None or ":" not in subject:
        return batch, None
    name, _, text = subject.rpartition(":")
    return listings.find_batch(journal, name), min(int(text), _NO_LINE) if text.isdigit() else None


def _line_json(row: listings.JournaledLine, findings: list[str]) -> dict[str, object]:
    return {
        "line": row.number,
        "offset": row.byte_offset,
        "length": row.byte_length,
        "disposition": row.disposition,
        "rule": row.rule,
        "text": row.text,
        "findings": findings,
    }


def _file_json(batch: BatchRow, findings: list[str]) -> dict[str, object]:
    """What is said of the file as a whole."""
    return {
        "line": 0,
        "offset": 0,
        "length": 0,
        "disposition": batch.state,
        "rule": "",
        "text": batch.name,
        "findings": findings,
    }


def _show_subject(journal: Journal, chosen: argparse.Namespace) -> int:
    """What happened to a document, or to anything else events are about."""
    found = events.of(journal, subject=chosen.subject)
    moments = story.document_story(journal, chosen.subject)
    if not found and not moments:
        raise Stop(
            translate("cli", "The journal knows no {subject}.").format(subject=chosen.subject)
        )
    value = [
        {**_event_json(row), "text": f"{event_text(row.kind)}  {facts_text(row.text)}".rstrip()}
        for row in found
    ]
    seen = {(row.at, event_text(row.kind)) for row in found}
    value += [
        {
            "at": moment.at,
            "actor": moment.actor,
            "kind": "story",
            "subject": chosen.subject,
            "data": {},
            "text": f"{moment.what}  {moment.facts}".rstrip(),
        }
        for moment in moments
        if (moment.at, moment.what) not in seen
    ]
    lines = _moment_lines(moments) if len(moments) > len(found) else _story_lines(found)
    answer(chosen.json, sorted(value, key=lambda item: str(item["at"])), lines)
    return 0


def _moment_lines(moments: Sequence[story.Moment]) -> Iterator[str]:
    for moment in moments:
        yield f"{moment.at[:19]}  {moment.actor}  {moment.what}  {moment.facts}".rstrip()


def journal_export(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    try:
        count = listings.export_events(journal, Path(chosen.file))
    except listings.UnknownExport as known:
        text = translate("cli", "The ending of {path} says no format; use one of {known}.")
        raise Stop(text.format(path=chosen.file, known=known)) from None
    text = translate("cli", "{count} events written to {path}.").format(
        count=count, path=chosen.file
    )
    answer(chosen.json, {"events": count, "file": chosen.file}, [text])
    return 0


def journal_backup(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    try:
        found = backup.back_up(journal, Path(chosen.file))
    except backup.NotAFile:
        raise Stop(
            translate("cli", "A shared journal is backed up with PostgreSQL's own tools (pg_dump).")
        ) from None
    except backup.NotWhole as broken:
        raise Stop(_not_whole(broken)) from None
    text = translate("cli", "{events} events copied to {path} and proven.").format(
        events=found.events, path=chosen.file
    )
    answer(chosen.json, {"file": chosen.file, "events": found.events}, [text])
    return 0


def journal_restore(chosen: argparse.Namespace) -> int:
    _require_own_file(chosen)
    try:
        found, aside = backup.restore(settings.home_folder(chosen.home), Path(chosen.file))
    except backup.NotWhole as broken:
        raise Stop(_not_whole(broken)) from None
    text = translate("cli", "{events} events restored. The journal there was is kept as {path}.")
    shown = text.format(events=found.events, path=aside or "–")
    answer(chosen.json, {"events": found.events, "kept": str(aside or "")}, [shown])
    return 0


def journal_recover(chosen: argparse.Namespace) -> int:
    _require_own_file(chosen)
    found = recovery.recover(settings.home_folder(chosen.home))
    value = {
        "rows": found.rows,
        "damaged": found.damaged,
        "kept": str(found.kept),
        "ok": found.verification.ok,
        "first_bad": found.verification.first_bad,
        "problems": found.verification.problems,
    }
    text = translate("cli", "{rows} rows saved. The damaged file is kept as {path}.")
    lines = [text.format(rows=f"{sum(found.rows.values()):,}", path=found.kept)]
    if found.damaged:
        lines.append(
            translate("cli", "Not read to the end: {tables}.").format(
                tables=", ".join(found.damaged)
            )
        )
    if found.verification.ok:
        lines.append(translate("cli", "The journal is whole again."))
    else:
        if found.verification.first_bad is not None:
            text = translate("cli", "First event that does not fit: {number}")
            lines.append(text.format(number=found.verification.first_bad))
        lines += ["  " + problem for problem in found.verification.problems]
        lines.append(
            translate(
                "cli",
                "Restore a backup if there is one (journal restore); else import again the files"
                " that are missing.",
            )
        )
    answer(chosen.json, value, lines)
    return 0 if found.verification.ok else 1


def _require_own_file(chosen: argparse.Namespace) -> None:
    """Only an administrator puts another file in the journal's place, and only where the journal is
    a file.
    """
    if os.environ.get(settings.JOURNAL_VARIABLE):
        raise Stop(
            translate("cli", "A shared journal is backed up with PostgreSQL's own tools (pg_dump).")
        )
    home = settings.home_folder(chosen.home)
    file = home / "journal.db"
    if not file.is_file() or not file.stat().st_size:
        return
    with contextlib.suppress(DatabaseError, Damaged, Newer):
        roles.require(open_home(chosen), roles.Role.ADMIN)
    close_opened()


def _not_whole(broken: backup.NotWhole) -> str:
    text = translate(
        "cli",
        "The copy is not whole (first event that does not fit: {number}). Nothing was changed.",
    )
    return text.format(
        number=broken.verification.first_bad or "; ".join(broken.verification.problems[:3])
    )


def journal_findings(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    batch = listings.find_batch(journal, chosen.subject)
    if batch is None:
        raise Stop(
            translate("cli", "The journal knows no {subject}.").format(subject=chosen.subject)
        )
    count = write_batch_findings(journal, batch.id, Path(chosen.file))
    text = translate("cli", "{count} findings written to {path}.").format(
        count=count, path=chosen.file
    )
    answer(chosen.json, {"findings": count, "file": chosen.file}, [text])
    return 0


def journal_compact(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    try:
        day = date.fromisoformat(chosen.before)
    except ValueError:
        text = translate("cli", "{value} is not a date; write it as 2026-01-31.")
        raise Stop(text.format(value=chosen.before)) from None
    try:
        found = compaction.compact(journal, day.isoformat(), Path(chosen.archive))
    except FileExistsError:
        raise Stop(
            translate("cli", "{path} exists already; name a new archive.").format(
                path=chosen.archive
            )
        ) from None
    except compaction.NotArchived as name:
        text = translate("cli", "{name} could not be proven in the archive. Nothing was removed.")
        raise Stop(text.format(name=name)) from None
    text = translate(
        "cli",
        "{count} files moved to {path}, {size} bytes freed; their events, documents and digests"
        " stay.",
    )
    lines = [text.format(count=len(found.batches), path=chosen.archive, size=f"{found.freed:,}")]
    if found.kept:
        text = translate(
            "cli", "{count} files stay: some document of theirs is neither confirmed nor skipped."
        )
        lines.append(text.format(count=len(found.kept)))
    value = {
        "batches": found.batches,
        "kept": found.kept,
        "freed": found.freed,
        "sha256": found.sha256,
    }
    answer(chosen.json, value, lines)
    return 0


def search_(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    found = search.search(journal, " ".join(chosen.text), chosen.limit, longest=30.0)
    kinds = {
        "movement": translate("search", "movement"),
        "line": translate("search", "line"),
        "document": translate("search", "document"),
        "event": translate("search", "event"),
    }
    rows = [
        (
            kinds[hit.kind],
            hit.file or "–",
            hit.line or "",
            hit.date,
            search.amount_text(hit),
            hit.document,
            hit.text[:100],
        )
        for hit in found.hits
    ]
    value = {
        "complete": found.complete,
        "hits": [{**asdict(hit), "amount": search.amount_text(hit)} for hit in found.hits],
    }
    lines = table(rows, right=(2, 4))
    if not found.complete:
        lines.append(translate("cli", "There may be more; say more words, or raise --limit."))
    answer(chosen.json, value, lines or [translate("cli", "Nothing found.")])
    return 0 if found.hits else 1


def _event_json(row: Event) -> dict[str, object]:
    return {
        "sequence": row.sequence,
        "at": row.at,
        "actor": row.actor,
        "kind": row.kind,
        "subject": row.subject,
        "data": row.data,
        "hash": row.hash,
    }


def _story_lines(story: Sequence[Event]) -> Iterator[str]:
    for row in story:
        yield f"{row.at[:19]}  {row.actor}  {event_text(row.kind)}  {facts_text(row.text)}".rstrip()


def _line_lines(
    journal: Journal, batch: int, rows: list[dict[str, object]], with_story: bool
) -> Iterator[str]:
    for row in rows:
        disposition = translate("state", STATES[str(row["disposition"])])
        yield (
            f"{row['line']:>7}  {disposition:<10}  {row['rule'] or '–':<10} "
            f" {str(row['text'])[:160]}"
        )
        findings = row["findings"]
        assert isinstance(findings, list)
        yield from (f"         ! {text}" for text in findings)
        if with_story:
            document = listings.document_at(journal, batch, int(str(row["line"])))
            if document is not None:
                yield (
                    f"         → {document.external_ref}"
                    f" ({translate('state', STATES[document.state])})"
                )
                moments = story.document_story(journal, document.external_ref)
                yield from ("           " + line for line in _moment_lines(moments))
