"""``cuadre queue``, ``approve``, ``company``, ``policy``, ``role`` and ``alerts``: what people
decide and what they are told.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import TypeVar

from app import telling
from app.cli.home import open_home
from app.cli.output import Stop, answer, decided, table
from app.cli.targets import known_connection, open_target
from app.company import policy, settings
from app.journal import listings, outbox_rows, roles
from app.journal.outbox import STATE_TEXTS
from app.journal.rows import QueuedDocument
from app.money import show
from app.month_end import alerts
from app.refusal_words import meaning, told
from app.sending import conflicts
from app.sending import queue as queues
from app.sending.difference_words import said, state_text
from app.translation import translate
from connectors import EntryLine, RemoteRecord
from connectors.errors import ConnectorError

T = TypeVar("T")


def queue_list(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    known_connection(journal, chosen.connection)
    rows = [
        row
        for row in outbox_rows.queue(journal, chosen.connection)
        if chosen.all or row.state != "confirmed"
    ]
    shown = [
        (
            row.external_ref,
            translate("queue", STATE_TEXTS[row.state]),
            row.date,
            show(row.debit),
            row.attempts,
            queues.next_step(row),
            told(row.error_words) or row.remote_changes.replace("\n", "; "),
        )
        for row in rows
    ]
    answer(
        chosen.json,
        [_queued_json(row) for row in rows],
        table(shown, right=(3, 4)),
    )
    return 0


def queue_show(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    try:
        found = conflicts.compare(
            journal, chosen.connection, target, chosen.reference, chosen.number
        )
    except LookupError:
        raise Stop(_unknown(chosen.reference)) from None
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    finally:
        target.close()
    value = {
        "ours": found.kind.as_data(found.ours),
        "theirs": [
            {**_record_json(record), "differences": list(differences)}
            for record, differences in zip(found.theirs, found.differences, strict=True)
        ],
        "changed_since": list(found.changed),
    }
    kind = found.kind
    ours = _shown_lines(kind.about(found.ours), kind.lines(found.ours))
    lines = [translate("cli", "OURS"), *ours]
    for record, differences in zip(found.theirs, found.differences, strict=True):
        heading = translate("cli", "IN THE TARGET: {number} ({state})")
        lines += [
            "",
            heading.format(number=record.number, state=state_text(record.state)),
            *_shown_lines(kind.about_remote(record), record.lines),
        ]
        lines += [f"  ≠ {said(item)}" for item in differences] or [
            "  ✓ " + translate("cli", "the same")
        ]
    if not found.theirs:
        lines += ["", translate("cli", "The target has no such document.")]
    if found.changed:
        lines += ["", translate("cli", "THE NEWEST FILE DIFFERS FROM WHAT WAS SENT")]
        lines += [f"  ≠ {said(item)}" for item in found.changed]
    answer(chosen.json, value, lines)
    return 0


def queue_retry(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    _decide(lambda: conflicts.retry(journal, chosen.connection, chosen.reference), chosen.reference)
    text = translate("cli", "{document} goes again at the next sending.").format(
        document=chosen.reference
    )
    answer(chosen.json, {"retry": chosen.reference}, [text])
    return 0


def queue_skip(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    known_connection(journal, chosen.connection)
    _decide(
        lambda: conflicts.skip(journal, chosen.connection, chosen.reference, chosen.reason),
        chosen.reference,
    )
    text = translate("cli", "{document} is skipped: {reason}").format(
        document=chosen.reference, reason=chosen.reason
    )
    answer(chosen.json, {"skipped": chosen.reference}, [text])
    return 0


def queue_link(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)

    def link() -> RemoteRecord:
        return conflicts.link(
            journal, chosen.connection, target, chosen.reference, chosen.number, chosen.reason
        )

    try:
        record = _decide(link, chosen.reference)
    finally:
        target.close()
    text = translate("cli", "{document} is {number} in the target.").format(
        document=chosen.reference, number=record.number
    )
    answer(
        chosen.json,
        {"linked": chosen.reference, "remote_id": record.remote_id, "number": record.number},
        [text],
    )
    return 0


def queue_corrected(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)

    def corrected() -> RemoteRecord:
        return conflicts.corrected(
            journal, chosen.connection, target, chosen.reference, chosen.reason
        )

    try:
        record = _decide(corrected, chosen.reference)
    finally:
        target.close()
    text = translate("cli", "{document}: {number} in the target says what the newest file says.")
    shown = text.format(document=chosen.reference, number=record.number)
    answer(chosen.json, {"corrected": chosen.reference, "number": record.number}, [shown])
    return 0


def approve(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    batch = listings.find_batch(journal, chosen.subject)
    if batch is None:
        raise Stop(
            translate("cli", "The journal knows no {subject}.").format(subject=chosen.subject)
        )
    _decide(
        lambda: policy.approve(journal, batch.id, policy.Approval(chosen.what), chosen.reason),
        chosen.subject,
    )
    text = translate("cli", "{file}: let go.").format(file=batch.name)
    answer(chosen.json, {"batch": batch.id, "approved": chosen.what}, [text])
    return 0


def policy_(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    changes = {name: value for name in policy.CHOICES if (value := getattr(chosen, name))}
    if changes:
        after = replace(policy.load(journal), **changes)
        _decide(lambda: policy.change(journal, after, chosen.reason), "policy")
    found = asdict(policy.load(journal))
    lines = [translate("policy", policy.CHOICE_TEXTS[item]) for item in found.items()]
    answer(chosen.json, found, lines)
    return 0


def role_list(chosen: argparse.Namespace) -> int:
    found = roles.people(open_home(chosen))
    rows = [(person, ", ".join(sorted(held))) for person, held in sorted(found.items())]
    nobody = [translate("cli", "Nobody was given a role: everybody may do everything.")]
    answer(
        chosen.json, {person: sorted(held) for person, held in found.items()}, table(rows) or nobody
    )
    return 0


def role_give(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    held = [roles.Role(name) for name in chosen.roles]
    _decide(lambda: roles.give(journal, chosen.person, held, chosen.reason), chosen.person)
    return role_list(chosen)


def alerts_check(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    raised = alerts.update(journal)
    standing = alerts.standing_texts(journal)
    lines = [f"▲ {text}" for text in standing] or ["✓ " + translate("cli", "No alert.")]
    answer(chosen.json, {"standing": standing, "raised": [alert.text for alert in raised]}, lines)
    return 1 if standing else 0


def alerts_list(chosen: argparse.Namespace) -> int:
    home = settings.home_folder(chosen.home)
    shown = [alerts.shown_address(text) for text in alerts.addresses(home)]
    answer(chosen.json, shown, shown or [translate("cli", "Alerts go to the window only.")])
    return 0


def alerts_add(chosen: argparse.Namespace) -> int:
    home = settings.home_folder(chosen.home)
    roles.require(open_home(chosen), roles.Role.ADMIN)
    prompt = translate(
        "cli", "Address of the alerts (mailto://…, slack://…, msteams://…, tgram://…): "
    )
    given = (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if not given or not alerts.is_address(given):
        raise Stop(
            translate(
                "cli", "That is not an address alerts can be sent to; see the help page on alerts."
            )
        )
    if not alerts.keep_addresses(home, [*alerts.addresses(home), given]):
        raise Stop(translate("cli", "This machine has no secret store: the address was not kept."))
    return alerts_list(chosen)


def alerts_clear(chosen: argparse.Namespace) -> int:
    home = settings.home_folder(chosen.home)
    roles.require(open_home(chosen), roles.Role.ADMIN)
    alerts.keep_addresses(home, [])
    return alerts_list(chosen)


def alerts_test(chosen: argparse.Namespace) -> int:
    given = alerts.addresses(settings.home_folder(chosen.home))
    failed = alerts.send(
        given, translate("alerts", "Cuadre: a test"), translate("alerts", "Alerts arrive here.")
    )
    text = translate("cli", "{sent} delivered, {failed} failed.").format(
        sent=len(given) - len(failed), failed=len(failed)
    )
    answer(chosen.json, {"sent": len(given) - len(failed), "failed": failed}, [text])
    return 1 if failed else 0


def _decide(decision: Callable[[], T], subject: str) -> T:
    """Run a decision, and say in words why it cannot be taken."""
    try:
        return decided(decision, subject)
    except LookupError:
        raise Stop(_unknown(subject)) from None
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None


def _unknown(subject: str) -> str:
    return translate("cli", "The journal knows no {subject}.").format(subject=subject)


def _queued_json(row: QueuedDocument) -> dict[str, object]:
    return {
        "reference": row.external_ref,
        "state": row.state,
        "date": row.date,
        "description": row.description,
        "debit": row.debit,
        "remote_number": row.remote_number,
        "attempts": row.attempts,
        "error": row.error_words,
        "meaning": meaning(row.error_words),
        "changes": row.remote_changes,
        "next_attempt_at": row.next_attempt_at,
        "next": queues.next_step(row),
    }


def _shown_lines(about: str, lines: Sequence[EntryLine]) -> list[str]:
    rows = [
        (line.account, f"{line.debit:,.2f}", f"{line.credit:,.2f}", line.partner, line.label)
        for line in lines
    ]
    return [f"  {about}", *("  " + text for text in table(rows, right=(1, 2)))]


def _record_json(record: RemoteRecord) -> dict[str, object]:
    return {
        "remote_id": record.remote_id,
        "number": record.number,
        "state": record.state,
        "date": record.date,
        "lines": [asdict(line) for line in record.lines],
    }


def company_(chosen: argparse.Namespace) -> int:
    """Show what is known of the company; keep what is said."""
    journal = open_home(chosen)
    if chosen.currency:
        _decide(lambda: settings.keep_currency(journal, chosen.currency), "")
    if chosen.own_tax_id:
        settings.keep_own_tax_ids(journal, chosen.own_tax_id)
    own = settings.own_tax_ids(journal)
    known = {
        "company": settings.company_code(journal),
        "currency": settings.currency(journal),
        "own_tax_ids": own,
    }
    lines = [
        (translate("cli", "Company"), known["company"]),
        (translate("cli", "Currency"), known["currency"] or "–"),
        (translate("cli", "Own tax ids"), ", ".join(own) or "–"),
    ]
    answer(chosen.json, known, table(lines))
    return 0
