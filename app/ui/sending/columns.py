"""The columns of the Send page's tables."""

from __future__ import annotations

from app.documents.obstacles import obstacle_text
from app.journal.outbox import STATE_TEXTS
from app.money import show
from app.refusal_words import told
from app.sending import queue as queues
from app.sending.maps import KIND_TEXTS
from app.sending.proposals import SUGGESTION_REASONS
from app.translation import translate
from app.ui.tables import Column

SYMBOLS = {
    "queued": "○",
    "sending": "→",
    "uncertain": "?",
    "confirmed": "✓",
    "rejected": "✖",
    "conflict": "≠",
    "skipped": "⤼",
}


def queue() -> list[Column]:
    """Of the documents to be sent."""
    return [
        Column(
            translate("SendingPage", "State"),
            lambda r: f"{SYMBOLS[r.state]} {translate('queue', STATE_TEXTS[r.state])}",
            order=lambda r: r.state,
        ),
        Column(translate("SendingPage", "Document"), lambda r: r.external_ref),
        Column(translate("SendingPage", "Number"), lambda r: r.number),
        Column(translate("SendingPage", "Date"), lambda r: r.date),
        Column(
            translate("SendingPage", "Amount"),
            lambda r: show(r.debit) if r.debit else "",
            right=True,
            order=lambda r: r.debit,
        ),
        Column(translate("SendingPage", "Why and when next"), queues.next_step),
        Column(
            translate("SendingPage", "Answer"), lambda r: told(r.error_words) or r.remote_changes
        ),
        Column(translate("SendingPage", "Description"), lambda r: r.description),
        Column(translate("SendingPage", "In the target"), lambda r: r.remote_number),
        Column(
            translate("SendingPage", "Attempts"),
            lambda r: str(r.attempts),
            right=True,
            order=lambda r: r.attempts,
        ),
    ]


def obstacles() -> list[Column]:
    """Of what stands in the way."""
    return [
        Column(
            translate("SendingPage", "What stands in the way"),
            lambda o: obstacle_text(o.problem, o.what),
        ),
        Column(
            translate("SendingPage", "Documents"),
            lambda o: f"{len(o.documents):,}",
            right=True,
            order=lambda o: len(o.documents),
        ),
        Column(
            translate("SendingPage", "Which"),
            lambda o: ", ".join(o.documents[:5]) + (" …" if len(o.documents) > 5 else ""),
        ),
    ]


def unmapped() -> list[Column]:
    """Of the codes without a counterpart."""
    return [
        Column(translate("SendingPage", "Kind"), lambda u: translate("map", KIND_TEXTS[u.kind])),
        Column(translate("SendingPage", "Source"), lambda u: u.source),
        Column(translate("SendingPage", "Name"), lambda u: u.name),
        Column(
            translate("SendingPage", "Uses"),
            lambda u: f"{u.uses:,}",
            right=True,
            order=lambda u: u.uses,
        ),
        Column(
            translate("SendingPage", "Suggestion"),
            lambda u: ("" if u.is_sure else "? ") + u.suggestion or "?",
        ),
        Column(
            translate("SendingPage", "Its name"),
            lambda u: (
                "; ".join(u.candidates)
                or " · ".join(filter(None, (u.suggested_name, u.partner_name)))
            ),
        ),
        Column(
            translate("SendingPage", "Sure"),
            lambda u: f"{u.confidence:.0%}" if u.suggestion else "",
            right=True,
            order=lambda u: u.confidence,
        ),
        Column(
            translate("SendingPage", "Why"),
            lambda u: translate("map", SUGGESTION_REASONS[u.reason]) if u.reason else "",
        ),
    ]
