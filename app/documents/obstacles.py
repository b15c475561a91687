"""What can stand in the way of a document, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.translation import QT_TRANSLATE_NOOP, translate


class Problem(StrEnum):
    UNMAPPED_ACCOUNT = "unmapped-account"
    UNMAPPED_JOURNAL = "unmapped-journal"
    UNMAPPED_PARTY = "unmapped-party"
    PARTNER_NOT_IN_TARGET = "partner-not-in-target"
    ACCOUNT_NOT_IN_TARGET = "account-not-in-target"
    JOURNAL_NOT_IN_TARGET = "journal-not-in-target"
    PERIOD_CLOSED = "period-closed"
    FOREIGN_CURRENCY = "foreign-currency"
    BLOCKED = "blocked"
    CHANGED_AFTER_SENDING = "changed-after-sending"
    CHANGED_AFTER_SKIPPING = "changed-after-skipping"
    FILE_HAS_ERRORS = "file-has-errors"
    WARNINGS_NOT_ACCEPTED = "warnings-not-accepted"
    NOT_APPROVED = "not-approved"
    ARCHIVED = "archived"
    NOT_PROPOSED = "not-proposed"
    LINES_CHANGED = "lines-changed"
    NO_CONTACTS = "no-contacts"
    NOT_VOUCHED = "not-vouched"
    FOLIO_TWICE = "folio-twice"
    SENT_ALREADY = "sent-already"


PROBLEM_TEXTS: Mapping[Problem, str] = {
    Problem.UNMAPPED_ACCOUNT: QT_TRANSLATE_NOOP(
        "preflight", "Account {what} has no counterpart in the map."
    ),
    Problem.UNMAPPED_JOURNAL: QT_TRANSLATE_NOOP(
        "preflight", "Voucher type {what} has no journal in the map."
    ),
    Problem.UNMAPPED_PARTY: QT_TRANSLATE_NOOP(
        "preflight", "Party {what} has no counterpart in the map."
    ),
    Problem.ACCOUNT_NOT_IN_TARGET: QT_TRANSLATE_NOOP(
        "preflight", "Account {what} of the map does not exist in the target."
    ),
    Problem.JOURNAL_NOT_IN_TARGET: QT_TRANSLATE_NOOP(
        "preflight", "Journal {what} of the map does not exist in the target."
    ),
    Problem.PARTNER_NOT_IN_TARGET: QT_TRANSLATE_NOOP(
        "preflight", "Partner {what} of the map does not exist in the target."
    ),
    Problem.PERIOD_CLOSED: QT_TRANSLATE_NOOP(
        "preflight", "The target's books are closed up to {what}."
    ),
    Problem.FOREIGN_CURRENCY: QT_TRANSLATE_NOOP(
        "preflight",
        "The voucher is in {what}, the target's books in another currency; such entries are not"
        " sent by this version.",
    ),
    Problem.BLOCKED: QT_TRANSLATE_NOOP("preflight", "Blocked at import: {what}."),
    Problem.CHANGED_AFTER_SENDING: QT_TRANSLATE_NOOP(
        "preflight", "Already sent with other content; correct it in the target: {what}."
    ),
    Problem.CHANGED_AFTER_SKIPPING: QT_TRANSLATE_NOOP(
        "preflight", "Skipped by a person, and its content has changed since: {what}."
    ),
    Problem.FILE_HAS_ERRORS: QT_TRANSLATE_NOOP(
        "preflight",
        "File {what} has errors; by the company's policy nothing of it goes until somebody lets"
        " it go.",
    ),
    Problem.WARNINGS_NOT_ACCEPTED: QT_TRANSLATE_NOOP(
        "preflight", "File {what} has warnings nobody has accepted."
    ),
    Problem.NOT_APPROVED: QT_TRANSLATE_NOOP(
        "preflight", "File {what} waits for another person's approval."
    ),
    Problem.NOT_VOUCHED: QT_TRANSLATE_NOOP(
        "preflight",
        "{what} is not what was journaled: somebody changed it past the program. Verify the journal"
        " and restore a backup.",
    ),
    Problem.FOLIO_TWICE: QT_TRANSLATE_NOOP(
        "preflight",
        "{what}: the same folios with different content; let the one go that counts.",
    ),
    Problem.SENT_ALREADY: QT_TRANSLATE_NOOP(
        "preflight",
        "Probably sent already ({what}): compare and say whether they are the same.",
    ),
    Problem.NO_CONTACTS: QT_TRANSLATE_NOOP("preflight", "{what} takes no contacts."),
    Problem.NOT_PROPOSED: QT_TRANSLATE_NOOP(
        "preflight", "No reconciliation proposes this adjustment as it stands here: {what}."
    ),
    Problem.LINES_CHANGED: QT_TRANSLATE_NOOP(
        "preflight",
        "The lines this adjustment settles have changed; withdraw it or look at its reconciliation:"
        " {what}.",
    ),
    Problem.ARCHIVED: QT_TRANSLATE_NOOP(
        "preflight",
        "Its lines were moved to an archive on {what}; import the file again from there.",
    ),
}

MAPPING_PROBLEMS = frozenset(
    {
        Problem.UNMAPPED_ACCOUNT,
        Problem.UNMAPPED_JOURNAL,
        Problem.UNMAPPED_PARTY,
        Problem.ACCOUNT_NOT_IN_TARGET,
        Problem.JOURNAL_NOT_IN_TARGET,
        Problem.PARTNER_NOT_IN_TARGET,
    }
)


@dataclass
class Obstacle:
    """One problem, what it is about, and the documents (external references) it holds up."""

    problem: Problem
    what: str
    documents: list[str] = field(default_factory=list)


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
    "skipped": QT_TRANSLATE_NOOP("blocked", "skipped by a person"),
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
