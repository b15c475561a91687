"""How the use cases speak to people: problems, suggestions and errors in the current language."""

from __future__ import annotations

from app.bridge.mapping import Kind
from app.bridge.preflight import PROBLEM_TEXTS, Problem
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.errors import ConnectorError, Throttled, Unauthorized, Unavailable, Uncertain

SUGGESTION_REASONS = {
    "equal-code": QT_TRANSLATE_NOOP("map", "same code"),
    "equal-digits": QT_TRANSLATE_NOOP("map", "same digits"),
    "same-group": QT_TRANSLATE_NOOP("map", "its group"),
    "same-beginning": QT_TRANSLATE_NOOP("map", "same beginning"),
    "like-name": QT_TRANSLATE_NOOP("map", "similar name"),
    "general-journal": QT_TRANSLATE_NOOP("map", "general journal"),
    "tax-id": QT_TRANSLATE_NOOP("map", "same tax id"),
}
KIND_TEXTS = {
    Kind.ACCOUNT: QT_TRANSLATE_NOOP("map", "account"),
    Kind.JOURNAL: QT_TRANSLATE_NOOP("map", "journal"),
    Kind.PARTY: QT_TRANSLATE_NOOP("map", "party"),
}
BLOCKED_TEXTS = {
    "voucher-unbalanced": QT_TRANSLATE_NOOP("blocked", "voucher does not balance"),
    "voucher-empty": QT_TRANSLATE_NOOP("blocked", "voucher without movements"),
    "folio-duplicated": QT_TRANSLATE_NOOP("blocked", "number used twice"),
    "folio-missing": QT_TRANSLATE_NOOP("blocked", "voucher without number"),
    "bad-line-inside": QT_TRANSLATE_NOOP("blocked", "a line could not be read"),
    "account-missing": QT_TRANSLATE_NOOP("blocked", "movement without account"),
    "date-outside-period": QT_TRANSLATE_NOOP("blocked", "date outside the period"),
    "truncated": QT_TRANSLATE_NOOP("blocked", "the file is cut"),
    "queued": QT_TRANSLATE_NOOP("blocked", "waiting to be sent"),
    "sending": QT_TRANSLATE_NOOP("blocked", "being sent"),
    "uncertain": QT_TRANSLATE_NOOP("blocked", "sent without an answer"),
    "rejected": QT_TRANSLATE_NOOP("blocked", "refused by the target"),
    "conflict": QT_TRANSLATE_NOOP("blocked", "differs in the target"),
}


def obstacle_text(problem: Problem, what: str) -> str:
    """The problem in the current language."""
    shown = what
    if problem is Problem.BLOCKED:
        shown = blocked_text(what)
    return translate("preflight", PROBLEM_TEXTS[problem]).format(what=shown)


def blocked_text(code: str) -> str:
    """The rule that blocked a document, in few words."""
    return translate("blocked", BLOCKED_TEXTS[code]) if code in BLOCKED_TEXTS else code


def error_text(error: ConnectorError) -> str:
    """What a connector's error means and what to do, with the server's own words."""
    match error:
        case Unauthorized():
            text = translate("target", "The target refused the log-in: {words}. Check user, secret and company.")
        case Unavailable() | Uncertain():
            text = translate(
                "target", "The target does not answer: {words}. Check address and network; nothing is lost."
            )
        case Throttled():
            text = translate("target", "The target asks to wait: {words}.")
        case _:
            text = translate("target", "The target refused: {words}.")
    return text.format(words=error.words)
