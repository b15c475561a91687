"""Events in words: what happened, and the facts of it, in the current language."""

from __future__ import annotations

import json

from app.translation import QT_TRANSLATE_NOOP, translate

EVENTS = {
    "journal.backed-up": QT_TRANSLATE_NOOP("events", "journal backed up"),
    "setup.imported": QT_TRANSLATE_NOOP("events", "set-up taken over from a file"),
    "journal.restored": QT_TRANSLATE_NOOP("events", "journal restored from a copy"),
    "journal.recovered": QT_TRANSLATE_NOOP("events", "journal saved from a damaged file"),
    "journal.forgot": QT_TRANSLATE_NOOP("events", "found not to know everything that was sent"),
    "journal.settled": QT_TRANSLATE_NOOP("events", "finding of verify settled by a person"),
    "journal.rebuilt": QT_TRANSLATE_NOOP("events", "derived tables built anew"),
    "key.registered": QT_TRANSLATE_NOOP("events", "signing key registered"),
    "connection.identified": QT_TRANSLATE_NOOP("events", "company of a connection seen"),
    "document.told-apart": QT_TRANSLATE_NOOP(
        "events", "documents told apart from what the target has by a person"
    ),
    "repeat.told-apart": QT_TRANSLATE_NOOP("events", "likely repeats told apart by a person"),
    "import.started": QT_TRANSLATE_NOOP("events", "import started"),
    "import.closed": QT_TRANSLATE_NOOP("events", "import closed"),
    "import.repeated": QT_TRANSLATE_NOOP("events", "file imported before"),
    "import.abandoned": QT_TRANSLATE_NOOP("events", "import abandoned"),
    "search.not-indexed": QT_TRANSLATE_NOOP("events", "could not be made searchable"),
    "import.cancelled": QT_TRANSLATE_NOOP("events", "import cancelled"),
    "import.failed": QT_TRANSLATE_NOOP("events", "import failed"),
    "decision.explain": QT_TRANSLATE_NOOP("events", "open lines explained"),
    "decision.split": QT_TRANSLATE_NOOP("events", "line split by a person"),
    "decision.attach": QT_TRANSLATE_NOOP("events", "file kept as evidence"),
    "decision.adjust": QT_TRANSLATE_NOOP("events", "adjustment proposed"),
    "decision.redone": QT_TRANSLATE_NOOP("events", "decision done again"),
    "reconciliation.prepared": QT_TRANSLATE_NOOP("events", "reconciliation prepared"),
    "reconciliation.reviewed": QT_TRANSLATE_NOOP("events", "reconciliation reviewed"),
    "reconciliation.signed": QT_TRANSLATE_NOOP("events", "reconciliation signed"),
    "reconciliation.reopened": QT_TRANSLATE_NOOP("events", "reconciliation opened again"),
    "fields.compared": QT_TRANSLATE_NOOP("events", "fields of contacts compared"),
    "outbox.queued": QT_TRANSLATE_NOOP("events", "queued"),
    "outbox.sending": QT_TRANSLATE_NOOP("events", "sending"),
    "outbox.confirmed": QT_TRANSLATE_NOOP("events", "confirmed by the target"),
    "outbox.adopted": QT_TRANSLATE_NOOP("events", "found in the target and adopted"),
    "outbox.rejected": QT_TRANSLATE_NOOP("events", "refused by the target"),
    "outbox.uncertain": QT_TRANSLATE_NOOP("events", "sent, answer lost"),
    "outbox.looking-up": QT_TRANSLATE_NOOP("events", "looking it up"),
    "outbox.waits": QT_TRANSLATE_NOOP("events", "waits for a document it names"),
    "outbox.not-found": QT_TRANSLATE_NOOP("events", "not in the target; will be sent"),
    "outbox.not-found-yet": QT_TRANSLATE_NOOP(
        "events", "not in the target yet; looked up again before it is sent"
    ),
    "outbox.not-sent": QT_TRANSLATE_NOOP("events", "not sent; will be repeated"),
    "outbox.throttled": QT_TRANSLATE_NOOP("events", "target asks to wait"),
    "outbox.taken-over": QT_TRANSLATE_NOOP("events", "taken over from a sender that died"),
    "outbox.conflict": QT_TRANSLATE_NOOP("events", "differs from what the target holds"),
    "outbox.batch-refused": QT_TRANSLATE_NOOP("events", "batch refused; each will go alone"),
    "outbox.look-up-failed": QT_TRANSLATE_NOOP("events", "looking it up failed; will be repeated"),
    "outbox.lease-lost": QT_TRANSLATE_NOOP("events", "answer came after another sender took over"),
    "outbox.remapped": QT_TRANSLATE_NOOP("events", "prepared again with the corrected map"),
    "outbox.moved": QT_TRANSLATE_NOOP("events", "came again in a newer file"),
    "outbox.retry": QT_TRANSLATE_NOOP("events", "retry asked by a person"),
    "outbox.skipped": QT_TRANSLATE_NOOP("events", "skipped by a person"),
    "outbox.corrected": QT_TRANSLATE_NOOP("events", "corrected in the target, as a person says"),
    "outbox.linked": QT_TRANSLATE_NOOP("events", "linked by a person to a document of the target"),
    "breaker.opened": QT_TRANSLATE_NOOP("events", "target silent; left alone for a while"),
    "breaker.closed": QT_TRANSLATE_NOOP("events", "target answers again"),
    "batch.approved": QT_TRANSLATE_NOOP("events", "file let go by a person"),
    "batch.compacted": QT_TRANSLATE_NOOP("events", "file's lines moved to the archive"),
    "role.given": QT_TRANSLATE_NOOP("events", "roles of a person changed"),
    "alert.raised": QT_TRANSLATE_NOOP("events", "alert raised"),
    "alert.cleared": QT_TRANSLATE_NOOP("events", "alert is over"),
    "alert.not-delivered": QT_TRANSLATE_NOOP("events", "alert could not be delivered"),
    "push.started": QT_TRANSLATE_NOOP("events", "sending started"),
    "push.ended": QT_TRANSLATE_NOOP("events", "sending ended"),
    "pull.done": QT_TRANSLATE_NOOP("events", "target's books read"),
    "pull.failed": QT_TRANSLATE_NOOP("events", "reading the target failed"),
    "map.changed": QT_TRANSLATE_NOOP("events", "map changed"),
    "map.removed": QT_TRANSLATE_NOOP("events", "link removed from the map"),
    "connection.saved": QT_TRANSLATE_NOOP("events", "connection saved"),
    "connection.removed": QT_TRANSLATE_NOOP("events", "connection taken away"),
    "setting.changed": QT_TRANSLATE_NOOP("events", "setting changed"),
    "reconciliation.run": QT_TRANSLATE_NOOP("events", "reconciled"),
    "decision.accept": QT_TRANSLATE_NOOP("events", "match accepted by a person"),
    "decision.part": QT_TRANSLATE_NOOP("events", "match taken apart by a person"),
    "decision.withdrawn": QT_TRANSLATE_NOOP("events", "adjustment withdrawn"),
    "decision.undone": QT_TRANSLATE_NOOP("events", "decision taken back"),
    "preview.reading": QT_TRANSLATE_NOOP("events", "encoding or report chosen by a person"),
    "event.received": QT_TRANSLATE_NOOP("events", "events came in"),
    "event.erased": QT_TRANSLATE_NOOP("events", "bodies of events erased"),
    "inbox.processed": QT_TRANSLATE_NOOP("events", "events looked at"),
    "inbox.dead": QT_TRANSLATE_NOOP("events", "event set apart"),
    "inbox.retry": QT_TRANSLATE_NOOP("events", "event to be looked at again, by a person"),
    "inbox.skipped": QT_TRANSLATE_NOOP("events", "event of no use, as a person says"),
    "inbox.replayed": QT_TRANSLATE_NOOP("events", "events to be looked at again"),
    "endpoint.opened": QT_TRANSLATE_NOOP("events", "door for events opened"),
    "endpoint.closed": QT_TRANSLATE_NOOP("events", "door for events closed"),
    "receiver.refused": QT_TRANSLATE_NOOP("events", "deliveries with a wrong signature refused"),
    "pair.made": QT_TRANSLATE_NOOP("events", "contacts paired"),
    "pair.ended": QT_TRANSLATE_NOOP("events", "pair of contacts ended"),
    "contact.written": QT_TRANSLATE_NOOP("events", "field of a contact written"),
    "contact.settled": QT_TRANSLATE_NOOP("events", "both sides changed a field; its owner won"),
    "proposal.made": QT_TRANSLATE_NOOP("events", "payment proposed"),
    "proposal.settled": QT_TRANSLATE_NOOP("events", "proposal settled"),
    "job.ended": QT_TRANSLATE_NOOP("events", "unattended job failed, or went well again"),
    "schedule.tested": QT_TRANSLATE_NOOP("events", "unattended work tested"),
    "schedule.wrote": QT_TRANSLATE_NOOP("events", "journal written to as a test"),
    "error.unexpected": QT_TRANSLATE_NOOP("events", "unexpected error"),
}
FACTS = {
    "attempt": QT_TRANSLATE_NOOP("facts", "attempt"),
    "remote_id": QT_TRANSLATE_NOOP("facts", "target id"),
    "remote_number": QT_TRANSLATE_NOOP("facts", "number in the target"),
    "connection": QT_TRANSLATE_NOOP("facts", "connection"),
    "error": QT_TRANSLATE_NOOP("facts", "error"),
    "words": QT_TRANSLATE_NOOP("facts", "the target's words"),
    "changes": QT_TRANSLATE_NOOP("facts", "changes"),
    "wait": QT_TRANSLATE_NOOP("facts", "seconds to wait"),
    "file": QT_TRANSLATE_NOOP("facts", "file"),
    "path": QT_TRANSLATE_NOOP("facts", "path"),
    "size": QT_TRANSLATE_NOOP("facts", "bytes"),
    "sha256": QT_TRANSLATE_NOOP("facts", "SHA-256"),
    "options": QT_TRANSLATE_NOOP("facts", "options"),
    "state": QT_TRANSLATE_NOOP("facts", "state"),
    "lines": QT_TRANSLATE_NOOP("facts", "lines"),
    "digest": QT_TRANSLATE_NOOP("facts", "digest"),
    "profile": QT_TRANSLATE_NOOP("facts", "report"),
    "encoding": QT_TRANSLATE_NOOP("facts", "encoding"),
    "failure": QT_TRANSLATE_NOOP("facts", "failure"),
    "last_line": QT_TRANSLATE_NOOP("facts", "last line"),
    "documents": QT_TRANSLATE_NOOP("facts", "documents"),
    "held": QT_TRANSLATE_NOOP("facts", "held back"),
    "batch": QT_TRANSLATE_NOOP("facts", "batch"),
    "confirmed": QT_TRANSLATE_NOOP("facts", "confirmed"),
    "rejected": QT_TRANSLATE_NOOP("facts", "refused"),
    "uncertain": QT_TRANSLATE_NOOP("facts", "uncertain"),
    "waiting": QT_TRANSLATE_NOOP("facts", "waiting"),
    "start": QT_TRANSLATE_NOOP("facts", "from"),
    "end": QT_TRANSLATE_NOOP("facts", "to"),
    "reason": QT_TRANSLATE_NOOP("facts", "reason"),
    "what": QT_TRANSLATE_NOOP("facts", "what"),
    "roles": QT_TRANSLATE_NOOP("facts", "roles"),
    "archive": QT_TRANSLATE_NOOP("facts", "archive"),
    "bytes": QT_TRANSLATE_NOOP("facts", "bytes"),
    "text": QT_TRANSLATE_NOOP("facts", "text"),
    "sent_to": QT_TRANSLATE_NOOP("facts", "sent to"),
    "matched": QT_TRANSLATE_NOOP("facts", "matched"),
    "suggested": QT_TRANSLATE_NOOP("facts", "suggested"),
    "different": QT_TRANSLATE_NOOP("facts", "different"),
    "only_left": QT_TRANSLATE_NOOP("facts", "only left"),
    "only_right": QT_TRANSLATE_NOOP("facts", "only right"),
    "difference": QT_TRANSLATE_NOOP("facts", "difference"),
    "unexplained": QT_TRANSLATE_NOOP("facts", "unexplained"),
    "settled": QT_TRANSLATE_NOOP("facts", "settled"),
    "explained": QT_TRANSLATE_NOOP("facts", "explained"),
    "left": QT_TRANSLATE_NOOP("facts", "left"),
    "right": QT_TRANSLATE_NOOP("facts", "right"),
    "links": QT_TRANSLATE_NOOP("facts", "links"),
    "events": QT_TRANSLATE_NOOP("facts", "events"),
    "lost": QT_TRANSLATE_NOOP("facts", "events lost by it"),
    "level": QT_TRANSLATE_NOOP("facts", "level"),
    "damaged": QT_TRANSLATE_NOOP("facts", "damaged"),
    "value": QT_TRANSLATE_NOOP("facts", "value"),
    "from": QT_TRANSLATE_NOOP("facts", "from"),
    "known": QT_TRANSLATE_NOOP("facts", "events known"),
    "has": QT_TRANSLATE_NOOP("facts", "events there"),
    "place": QT_TRANSLATE_NOOP("facts", "place"),
    "company": QT_TRANSLATE_NOOP("facts", "company"),
    "tax_id": QT_TRANSLATE_NOOP("facts", "tax id"),
    "system": QT_TRANSLATE_NOOP("facts", "system"),
    "origin": QT_TRANSLATE_NOOP("facts", "address"),
    "public": QT_TRANSLATE_NOOP("facts", "public key"),
    "fence": QT_TRANSLATE_NOOP("facts", "number of the claim"),
    "owner": QT_TRANSLATE_NOOP("facts", "sender"),
    "answer": QT_TRANSLATE_NOOP("facts", "answer"),
    "door": QT_TRANSLATE_NOOP("facts", "door"),
    "rows": QT_TRANSLATE_NOOP("facts", "rows"),
    "count": QT_TRANSLATE_NOOP("facts", "how many"),
    "late": QT_TRANSLATE_NOOP("facts", "seconds behind"),
    "record": QT_TRANSLATE_NOOP("facts", "kind of record"),
    "number": QT_TRANSLATE_NOOP("facts", "number"),
    "done": QT_TRANSLATE_NOOP("facts", "done"),
    "stale": QT_TRANSLATE_NOOP("facts", "known already"),
    "ignored": QT_TRANSLATE_NOOP("facts", "of no use"),
    "new": QT_TRANSLATE_NOOP("facts", "to be tried again"),
    "dead": QT_TRANSLATE_NOOP("facts", "set apart"),
    "connections": QT_TRANSLATE_NOOP("facts", "connections"),
    "accounts": QT_TRANSLATE_NOOP("facts", "accounts"),
    "accounts_together": QT_TRANSLATE_NOOP("facts", "accounts told as one"),
    "balances": QT_TRANSLATE_NOOP("facts", "balances"),
    "balances_refused": QT_TRANSLATE_NOOP("facts", "balances refused"),
    "carried_forward": QT_TRANSLATE_NOOP("facts", "carried forward"),
    "contra": QT_TRANSLATE_NOOP("facts", "sides turned"),
    "currencies": QT_TRANSLATE_NOOP("facts", "by currency"),
    "database": QT_TRANSLATE_NOOP("facts", "database"),
    "fiscal": QT_TRANSLATE_NOOP("facts", "fiscal documents"),
    "name": QT_TRANSLATE_NOOP("facts", "name"),
    "version": QT_TRANSLATE_NOOP("facts", "version"),
    "not_searched": QT_TRANSLATE_NOOP("facts", "not searched"),
    "per_day": QT_TRANSLATE_NOOP("facts", "calls a day"),
    "per_minute": QT_TRANSLATE_NOOP("facts", "calls a minute"),
    "period": QT_TRANSLATE_NOOP("facts", "month"),
    "rules": QT_TRANSLATE_NOOP("facts", "rules"),
    "shares": QT_TRANSLATE_NOOP("facts", "shares"),
    "url": QT_TRANSLATE_NOOP("facts", "address"),
    "user": QT_TRANSLATE_NOOP("facts", "user"),
    "debit": QT_TRANSLATE_NOOP("facts", "debit"),
    "credit": QT_TRANSLATE_NOOP("facts", "credit"),
    "total": QT_TRANSLATE_NOOP("facts", "total"),
    "ready": QT_TRANSLATE_NOOP("facts", "ready"),
    "blocked": QT_TRANSLATE_NOOP("facts", "blocked"),
    "heading": QT_TRANSLATE_NOOP("facts", "headings"),
    "note": QT_TRANSLATE_NOOP("facts", "notes"),
    "warning": QT_TRANSLATE_NOOP("facts", "warnings"),
}
STATES = {
    "complete": QT_TRANSLATE_NOOP("facts", "whole"),
    "incomplete": QT_TRANSLATE_NOOP("facts", "incomplete"),
    "failed": QT_TRANSLATE_NOOP("facts", "failed"),
    "open": QT_TRANSLATE_NOOP("facts", "open"),
    "prepared": QT_TRANSLATE_NOOP("facts", "prepared"),
    "reviewed": QT_TRANSLATE_NOOP("facts", "reviewed"),
    "signed": QT_TRANSLATE_NOOP("facts", "signed"),
}
"""What a fact named “state” says of a file or a reconciliation."""
HIDDEN = frozenset(
    {
        "content",
        "digest",
        "sha256",
        "only_left_explained",
        "left_spec",
        "right_spec",
        "to",
        "last_line",
        "open_documents",
        "process",
        "journal",
        "hash",
        "target",
        "payload",
        "code",
        "parameters",
        "said",
        "parties",
        "row",
        "table",
        "document",
        "kind",
        "only_right_explained",
        "stale_adjustments",
    }
)
"""Facts that prove something to ``verify`` and tell a person nothing."""


def event_text(kind: str) -> str:
    """What happened."""
    return translate("events", EVENTS[kind]) if kind in EVENTS else kind


def kinds_saying(word: str) -> list[str]:
    """The kinds of event whose words, in the current language, contain this one."""
    return [kind for kind in EVENTS if word.casefold() in event_text(kind).casefold()]


def facts_text(data: str) -> str:
    """The facts of an event (canonical JSON) on one line."""
    found = _with_reason(json.loads(data))
    shown = (
        (name, value)
        for name, value in found.items()
        if name not in HIDDEN and value not in ("", None, [], {})
    )
    return "; ".join(f"{_name(name)}: {_said(name, value)}" for name, value in shown)


def _with_reason(facts: dict[str, object]) -> dict[str, object]:
    """A decision's own words stand inside what it says."""
    said = facts.get("said")
    if not isinstance(said, dict):
        return facts
    words = {"reason": said.get("note", ""), "file": said.get("name", "")}
    return {**facts, **words}


def _name(name: str) -> str:
    return translate("facts", FACTS[name]) if name in FACTS else name


def _said(name: str, value: object) -> str:
    if name == "state" and isinstance(value, str) and value in STATES:
        return translate("facts", STATES[value])
    return _value(value)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{_name(str(name))} {_said(str(name), item)}".strip()
            for name, item in value.items()
            if item not in ("", None)
        )
    if isinstance(value, list):
        texts = [_value(item) for item in value]
        return ", ".join(texts[:6]) + (f" … ({len(texts)})" if len(texts) > 6 else "")
    if isinstance(value, bool):
        return translate("facts", "yes") if value else translate("facts", "no")
    return str(value)
