"""``cuadre reconcile``, ``journal`` and ``status``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from app import health, settings
from app.bridge import reconciling
from app.bridge.findings import write_batch_findings
from app.bridge.reconciling import Reconciliation, UnreadableSide
from app.bridge.wording import blocked_text
from app.cli.files import existing
from app.cli.output import Stop, answer, table
from app.journal import Journal, anchors, backup, reading, recovery, verification
from app.journal.wording import event_text, facts_text
from app.money import show
from app.reconcile.report import write_report
from app.translation import QT_TRANSLATE_NOOP, render, translate

SHOWN_ACCOUNTS = 40
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


def reconcile(chosen: argparse.Namespace) -> int:
    journal = settings.open_journal(settings.home_folder(chosen.home))
    result = run_reconciliation(journal, chosen.left, chosen.right)
    if chosen.links:
        reconciling.write_links(Path(chosen.links), result)
    if chosen.report:
        save_report(journal, result, Path(chosen.report))
    answer(chosen.json, reconciling.summary(result), reconciliation_lines(result))
    return 0 if result.settled else 1


def run_reconciliation(journal: Journal, left: str, right: str) -> Reconciliation:
    try:
        return reconciling.reconcile(journal, left, right)
    except UnreadableSide as side:
        if side.finding:
            raise Stop(f"{side.spec}: {render(side.finding.message, 'findings')}") from None
        text = translate("cli", "There is nothing called {side}. Use a file, batch:ID or pull:NAME (after a pull).")
        raise Stop(text.format(side=side.spec)) from None
    except OSError as error:
        raise Stop(f"{error.filename}: {error.strerror}") from None


def save_report(journal: Journal, result: Reconciliation, path: Path) -> None:
    try:
        company = settings.company_code(journal)
        write_report(
            path, result.left, result.right, result.matching, result.proof, company, journal.actor, blocked_text,
            result.anchor,
        )  # fmt: skip
    except OSError as error:
        text = translate("cli", "The report cannot be written to {path} ({reason}). Is it open in Excel?")
        raise Stop(text.format(path=path, reason=error.strerror)) from None


def reconciliation_lines(result: Reconciliation) -> Iterator[str]:
    """The counts and the proof, for people."""
    found = reconciling.summary(result)
    for side in (result.left, result.right):
        text = translate("cli", "{name}: {lines} lines, debits {debit}, credits {credit}, net {total}")
        yield text.format(
            name=side.name, lines=f"{len(side):,}", debit=show(side.debit), credit=show(side.credit),
            total=show(side.total),
        )  # fmt: skip
    text = translate(
        "cli",
        "Matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}",
    )
    yield text.format(**found)
    yield ""
    yield translate("cli", "PROOF (debit positive)")
    yield from proof_table(result)
    for category, amount in sorted(result.proof.explained.items()):
        lines = sum(1 for index in result.matching.only_left if result.left.explained.get(index) == category)
        text = translate("cli", "Explained: {why}, {lines} lines, {amount}")
        yield text.format(why=blocked_text(category), lines=lines, amount=show(amount))
    yield translate("cli", "Difference to explain: {amount}").format(amount=show(result.proof.difference))
    if result.proof.unexplained and not result.proof.difference:
        text = translate("cli", "The accounts differ by {amount} in all, though the net is zero.")
        yield text.format(amount=show(result.proof.unexplained))


def proof_table(result: Reconciliation) -> list[str]:
    heading = (
        translate("cli", "Account"), translate("cli", "Opening"), translate("cli", "Movements left"),
        translate("cli", "Closing left"), translate("cli", "Explained"), translate("cli", "Movements right"),
        translate("cli", "Closing right"), translate("cli", "Unexplained"),
    )  # fmt: skip
    accounts = sorted(result.proof.accounts, key=lambda account: (-abs(account.unexplained), account.account))
    rows: list[tuple[object, ...]] = [heading]
    for account in accounts[:SHOWN_ACCOUNTS]:
        explained = sum(account.explained.values())
        amounts = (
            account.left_opening, account.left_movements, account.left_closing, explained, account.right_movements,
            account.right_closing, account.unexplained,
        )  # fmt: skip
        rows.append((account.account, *map(show, amounts)))
    lines = table(rows, right=range(1, 8))
    for account in accounts:
        if not account.closing_agrees:
            text = translate(
                "cli",
                "{account}: the left side states a closing balance of {stated}, opening and movements give {computed}",
            )
            lines.append(
                "▲ "
                + text.format(
                    account=account.account,
                    stated=show(account.stated_closing or 0),
                    computed=show(account.left_closing),
                )
            )
    if len(accounts) > SHOWN_ACCOUNTS:
        text = translate("cli", "… and {count} more accounts without a difference to explain")
        hidden = accounts[SHOWN_ACCOUNTS:]
        if any(account.unexplained for account in hidden):
            text = translate("cli", "… and {count} more accounts; see the report")
        lines.append(text.format(count=len(hidden)))
    return lines


def journal_list(chosen: argparse.Namespace) -> int:
    journal = settings.open_journal(settings.home_folder(chosen.home))
    rows = reading.batches(journal)
    value = [
        {"batch": row.id, "file": row.name, "state": row.state, "profile": row.profile, "encoding": row.encoding,
         "lines": row.lines_total, "record": row.lines_record, "heading": row.lines_heading,
         "rejected": row.lines_rejected, "started_at": row.started_at, "sha256": row.sha256}
        for row in rows
    ]  # fmt: skip
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
    journal = settings.open_journal(settings.home_folder(chosen.home))
    name, number = chosen.subject, None
    if reading.find_batch(journal, name) is None and ":" in name:
        name, _, text = name.rpartition(":")
        number = int(text) if text.isdigit() else None
    batch = reading.find_batch(journal, name)
    if batch is None:
        story = reading.story(journal, chosen.subject)
        if not story:
            raise Stop(translate("cli", "The journal knows no {subject}.").format(subject=chosen.subject))
        answer(chosen.json, [_event_json(row) for row in story], _story_lines(story))
        return 0
    lines = reading.batch_lines(journal, batch.id, None if number is None else {number})
    findings = reading.batch_findings(journal, batch.id)
    if number is not None and not lines:
        raise Stop(translate("cli", "The journal knows no {subject}.").format(subject=chosen.subject))
    value = [
        {"line": row.number, "offset": row.byte_offset, "length": row.byte_length, "disposition": row.disposition,
         "rule": row.rule, "text": row.text,
         "findings": [text for finding, text in findings if finding.line == row.number]}
        for row in lines
    ]  # fmt: skip
    whole = [text for finding, text in findings if not finding.line]
    if whole and number is None:
        value.insert(0, {"line": 0, "offset": 0, "length": 0, "disposition": batch.state, "rule": "", "text": batch.name,
                         "findings": whole})  # fmt: skip
    answer(chosen.json, value, _line_lines(journal, batch.id, value, number is not None))
    return 0


def journal_verify(chosen: argparse.Namespace) -> int:
    exported: list[anchors.Anchor] = []
    for name in chosen.anchor:
        try:
            exported += anchors.read(existing(name))
        except anchors.NotAnAnchor:
            raise Stop(translate("cli", "{path} holds no anchor of a journal.").format(path=name)) from None
    result = verification.verify(settings.open_journal(settings.home_folder(chosen.home)), exported)
    value = {"ok": result.ok, "events": result.events, "first_bad": result.first_bad, "problems": result.problems}
    if result.ok:
        text = translate("cli", "The journal is whole: {events} events in an unbroken chain, every line accounted for.")
        lines = [text.format(events=result.events)]
    else:
        lines = [translate("cli", "THE JOURNAL HAS BEEN CHANGED.")]
        if result.first_bad is not None:
            lines.append(translate("cli", "First event that does not fit: {number}").format(number=result.first_bad))
        lines += ["  " + problem for problem in result.problems]
    answer(chosen.json, value, lines)
    return 0 if result.ok else 1


def journal_anchor(chosen: argparse.Namespace) -> int:
    journal = settings.open_journal(settings.home_folder(chosen.home))
    anchor = anchors.write(journal, Path(chosen.file)) if chosen.file else anchors.head(journal)
    if anchor is None:
        raise Stop(translate("cli", "The journal holds no event yet."))
    text = translate(
        "cli", "Event {sequence}, hash {hash}, {at}. Keep it where nobody who writes the journal can change it."
    )
    answer(chosen.json, asdict(anchor), [text.format(sequence=anchor.sequence, hash=anchor.hash, at=anchor.at[:19])])
    return 0


def journal_export(chosen: argparse.Namespace) -> int:
    journal = settings.open_journal(settings.home_folder(chosen.home))
    try:
        count = reading.export_events(journal, Path(chosen.file))
    except reading.UnknownExport as known:
        text = translate("cli", "The ending of {path} says no format; use one of {known}.")
        raise Stop(text.format(path=chosen.file, known=known)) from None
    text = translate("cli", "{count} events written to {path}.").format(count=count, path=chosen.file)
    answer(chosen.json, {"events": count, "file": chosen.file}, [text])
    return 0


def journal_backup(chosen: argparse.Namespace) -> int:
    journal = settings.open_journal(settings.home_folder(chosen.home))
    try:
        found = backup.back_up(journal, Path(chosen.file))
    except backup.NotAFile:
        raise Stop(translate("cli", "A shared journal is backed up with PostgreSQL's own tools (pg_dump).")) from None
    except backup.NotWhole as broken:
        raise Stop(_not_whole(broken)) from None
    text = translate("cli", "{events} events copied to {path} and proven.").format(
        events=found.events, path=chosen.file
    )
    answer(chosen.json, {"file": chosen.file, "events": found.events}, [text])
    return 0


def journal_restore(chosen: argparse.Namespace) -> int:
    try:
        found, aside = backup.restore(settings.home_folder(chosen.home), Path(chosen.file))
    except backup.NotWhole as broken:
        raise Stop(_not_whole(broken)) from None
    text = translate("cli", "{events} events restored. The journal there was is kept as {path}.")
    shown = text.format(events=found.events, path=aside or "–")
    answer(chosen.json, {"events": found.events, "kept": str(aside or "")}, [shown])
    return 0


def journal_recover(chosen: argparse.Namespace) -> int:
    found = recovery.recover(settings.home_folder(chosen.home))
    value = {
        "rows": found.rows, "damaged": found.damaged, "kept": str(found.kept), "ok": found.verification.ok,
        "first_bad": found.verification.first_bad, "problems": found.verification.problems,
    }  # fmt: skip
    text = translate("cli", "{rows} rows saved. The damaged file is kept as {path}.")
    lines = [text.format(rows=f"{sum(found.rows.values()):,}", path=found.kept)]
    if found.damaged:
        lines.append(translate("cli", "Not read to the end: {tables}.").format(tables=", ".join(found.damaged)))
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
                "Restore a backup if there is one (journal restore); else import again the files that are missing.",
            )
        )
    answer(chosen.json, value, lines)
    return 0 if found.verification.ok else 1


def _not_whole(broken: backup.NotWhole) -> str:
    text = translate("cli", "The copy is not whole (first event that does not fit: {number}). Nothing was changed.")
    return text.format(number=broken.verification.first_bad or "; ".join(broken.verification.problems[:3]))


def journal_findings(chosen: argparse.Namespace) -> int:
    journal = settings.open_journal(settings.home_folder(chosen.home))
    batch = reading.find_batch(journal, chosen.subject)
    if batch is None:
        raise Stop(translate("cli", "The journal knows no {subject}.").format(subject=chosen.subject))
    count = write_batch_findings(journal, batch.id, Path(chosen.file))
    text = translate("cli", "{count} findings written to {path}.").format(count=count, path=chosen.file)
    answer(chosen.json, {"findings": count, "file": chosen.file}, [text])
    return 0


def status(chosen: argparse.Namespace) -> int:
    found = health.measure(settings.open_journal(settings.home_folder(chosen.home)))
    answer(chosen.json, health.as_json(found), table(status_rows(found)))
    return 0 if found.ok else 1


def status_rows(found: health.Health) -> list[tuple[str, str, str, str]]:
    """The four figures: name, value, target, whether it is met (a word, not a colour)."""

    def met(ok: bool) -> str:
        return translate("status", "met") if ok else translate("status", "NOT MET")

    nothing = translate("status", "nothing sent yet")
    latency = nothing
    if found.latency_median is not None and found.latency_p95 is not None:
        latency = translate("status", "median {median} s, 95 % within {p95} s").format(
            median=f"{found.latency_median:.1f}", p95=f"{found.latency_p95:.1f}"
        )
    rate = nothing if found.error_rate is None else f"{found.error_rate:.2%}"
    queue = translate("status", "{queue} ({uncertain} uncertain)").format(
        queue=found.queue, uncertain=found.queue_uncertain
    )
    return [
        (translate("status", "Sync latency"), latency, "< 5 min", met(found.latency_ok)),
        (translate("status", "Error rate"), rate, "< 0.1 %", met(found.error_rate_ok)),
        (translate("status", "Orphan records"), str(len(found.orphans)), "0", met(not found.orphans)),
        (translate("status", "Retry queue"), queue, "0", met(not found.queue)),
    ]


def _event_json(row: reading.Row) -> dict[str, object]:
    value = {name: getattr(row, name) for name in reading.EVENT_COLUMNS}
    return {**value, "data": json.loads(row.data)}


def _story_lines(story: Sequence[reading.Row]) -> Iterator[str]:
    for row in story:
        yield f"{row.at[:19]}  {row.actor}  {event_text(row.kind)}  {facts_text(row.data)}".rstrip()


def _line_lines(journal: Journal, batch: int, rows: list[dict[str, object]], with_story: bool) -> Iterator[str]:
    for row in rows:
        disposition = translate("state", STATES[str(row["disposition"])])
        yield f"{row['line']:>7}  {disposition:<10}  {row['rule'] or '–':<10}  {str(row['text'])[:160]}"
        findings = row["findings"]
        assert isinstance(findings, list)
        yield from (f"         ! {text}" for text in findings)
        if with_story:
            document = reading.document_at(journal, batch, int(str(row["line"])))
            if document is not None:
                yield f"         → {document.external_ref} ({translate('state', STATES[document.state])})"
                yield from (
                    "           " + line for line in _story_lines(reading.story(journal, document.external_ref))
                )
