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
    UNMAPPED_DIMENSION = "unmapped-dimension"
    PARTNER_NOT_IN_TARGET = "partner-not-in-target"
    DIMENSION_NOT_IN_TARGET = "dimension-not-in-target"
    ACCOUNT_NOT_IN_TARGET = "account-not-in-target"
    JOURNAL_NOT_IN_TARGET = "journal-not-in-target"
    ACCOUNT_IS_BANK = "account-is-bank"
    ACCOUNT_OF_INVOICES = "account-of-invoices"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_IN_CURRENCY = "account-in-currency"
    PARTY_NEEDED = "party-needed"
    DOCUMENT_NEEDED = "document-needed"
    TAX_NEEDED = "tax-needed"
    PRODUCT_NEEDED = "product-needed"
    DIMENSION_NEEDED = "dimension-needed"
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
    NO_FISCAL_DOCUMENTS = "no-fiscal-documents"
    UNMAPPED_TAX = "unmapped-tax"
    UNMAPPED_LOCAL_TAX = "unmapped-local-tax"
    UNMAPPED_ITEM = "unmapped-item"
    UNMAPPED_BANK = "unmapped-bank"
    TAX_NOT_IN_TARGET = "tax-not-in-target"
    PARTY_TWICE = "party-twice"
    FOREIGN_INVOICE = "foreign-invoice"
    FOREIGN_PAYMENT = "foreign-payment"
    RATE_MISSING = "rate-missing"
    RATE_UNUSUAL = "rate-unusual"
    DATED_IN_FUTURE = "dated-in-future"
    DOES_NOT_ADD_UP = "does-not-add-up"
    WAITS_FOR_INVOICE = "waits-for-invoice"
    NO_MONEY_MOVES = "no-money-moves"
    REPLACES_ANOTHER = "replaces-another"
    REPLACED = "replaced"
    OTHER_COMPANY = "other-company"
    PART_IN_OTHER_CURRENCY = "part-in-other-currency"
    EQUIVALENCE_UNUSUAL = "equivalence-unusual"
    WITHHOLDING_UNPLACED = "withholding-unplaced"
    IN_A_VOUCHER = "in-a-voucher"
    TYPED_ALREADY = "typed-already"
    CANCELLED_AFTER_SENDING = "cancelled-after-sending"


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
    Problem.UNMAPPED_DIMENSION: QT_TRANSLATE_NOOP(
        "preflight",
        "Segment {what} has no counterpart in the map; map it to a cost centre of the target, or to"
        " “-” to send without.",
    ),
    Problem.DIMENSION_NOT_IN_TARGET: QT_TRANSLATE_NOOP(
        "preflight", "Cost centre {what} of the map does not exist in the target."
    ),
    Problem.ACCOUNT_IS_BANK: QT_TRANSLATE_NOOP(
        "preflight",
        "Account {what} is a bank account of the target, on which it takes no journal entries; map"
        " a clearing account, or enter the movement there as a bank transaction.",
    ),
    Problem.ACCOUNT_OF_INVOICES: QT_TRANSLATE_NOOP(
        "preflight",
        "The target keeps account {what} itself from invoices and payments and takes no journal"
        " entries on it; map a clearing account, or enter the documents there as invoices.",
    ),
    Problem.ACCOUNT_CLOSED: QT_TRANSLATE_NOOP(
        "preflight", "The target takes no journal entries on account {what}; map another one."
    ),
    Problem.ACCOUNT_IN_CURRENCY: QT_TRANSLATE_NOOP(
        "preflight",
        "Account {what} of the target is kept in its own currency, which the voucher does not"
        " state; map an account in the currency of the books.",
    ),
    Problem.PARTY_NEEDED: QT_TRANSLATE_NOOP(
        "preflight",
        "Account {what} of the target asks for a customer or supplier on every line; give the"
        " party a counterpart, or the account a partner in the map.",
    ),
    Problem.DOCUMENT_NEEDED: QT_TRANSLATE_NOOP(
        "preflight",
        "Account {what} of the target asks for the invoice each line is about, and the voucher"
        " names none; complete the reference in the source, or map an account without due dates.",
    ),
    Problem.TAX_NEEDED: QT_TRANSLATE_NOOP(
        "preflight",
        "Account {what} of the target asks for a tax and its base on every line, which vouchers do"
        " not state; map a tax account without that, or enter the document there.",
    ),
    Problem.PRODUCT_NEEDED: QT_TRANSLATE_NOOP(
        "preflight",
        "Account {what} of the target asks for a product on every line, which vouchers do not"
        " state; map another account, or enter the movement there.",
    ),
    Problem.DIMENSION_NEEDED: QT_TRANSLATE_NOOP(
        "preflight",
        "Account {what} of the target asks for a cost centre on every line; give the segment a"
        " counterpart in the map.",
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
    Problem.NO_FISCAL_DOCUMENTS: QT_TRANSLATE_NOOP(
        "preflight",
        "Fiscal documents are not sent to {what} by this version: not everything of them would go"
        " along.",
    ),
    Problem.UNMAPPED_TAX: QT_TRANSLATE_NOOP(
        "preflight",
        "Tax {what} has no counterpart in the map; link it to one tax of the target, or to “-” to"
        " send without.",
    ),
    Problem.UNMAPPED_LOCAL_TAX: QT_TRANSLATE_NOOP(
        "preflight",
        "The local tax {what} has no account in the map; it is sent as a line of its own.",
    ),
    Problem.UNMAPPED_ITEM: QT_TRANSLATE_NOOP(
        "preflight",
        "Nothing says on which account lines of {what} go; link it, or a product, a class or all"
        " of that side, to an account.",
    ),
    Problem.UNMAPPED_BANK: QT_TRANSLATE_NOOP(
        "preflight",
        "Nothing says on which bank or cash account money of {what} goes; link the form of payment,"
        " or all of them, to an account.",
    ),
    Problem.TAX_NOT_IN_TARGET: QT_TRANSLATE_NOOP(
        "preflight", "Tax {what} of the map does not exist in the target."
    ),
    Problem.PARTY_TWICE: QT_TRANSLATE_NOOP(
        "preflight",
        "The target has several partners of one tax id: {what}. Link the party to one of them.",
    ),
    Problem.FOREIGN_INVOICE: QT_TRANSLATE_NOOP(
        "preflight",
        "The document is in {what}, and the target would take its own rate instead of the paper's;"
        " enter it there.",
    ),
    Problem.FOREIGN_PAYMENT: QT_TRANSLATE_NOOP(
        "preflight",
        "The payment, or what it pays, is in {what}, and the target would take its own rate instead"
        " of the paper's; enter it there.",
    ),
    Problem.RATE_MISSING: QT_TRANSLATE_NOOP(
        "preflight",
        "{what} states no exchange rate that can be meant; correct the document, or enter it in the"
        " target.",
    ),
    Problem.RATE_UNUSUAL: QT_TRANSLATE_NOOP(
        "preflight",
        "{what}: the rate is far from that of the other documents of the currency; correct the"
        " document, or let it go as it is (documents accept).",
    ),
    Problem.DATED_IN_FUTURE: QT_TRANSLATE_NOOP(
        "preflight", "Dated in the future: {what}. It goes once that day is there."
    ),
    Problem.DOES_NOT_ADD_UP: QT_TRANSLATE_NOOP(
        "preflight",
        "The lines and taxes of the document do not come to its total: {what}. It is not written"
        " otherwise than its paper: have it corrected, or enter it in the target.",
    ),
    Problem.WAITS_FOR_INVOICE: QT_TRANSLATE_NOOP(
        "preflight",
        "Waits for the invoice it pays: {what}. Import the invoice, or enter the payment in the"
        " target.",
    ),
    Problem.NO_MONEY_MOVES: QT_TRANSLATE_NOOP(
        "preflight",
        "{what}: this form of payment moves no money; link it to a clearing account, or enter the"
        " payment in the target.",
    ),
    Problem.REPLACES_ANOTHER: QT_TRANSLATE_NOOP(
        "preflight",
        "Takes the place of a document that is in the target or on its way ({what}); cancel that"
        " one there, then let this one go (documents accept).",
    ),
    Problem.REPLACED: QT_TRANSLATE_NOOP(
        "preflight",
        "Another document takes its place ({what}), so it is not sent; import the authority's"
        " listing, or skip it.",
    ),
    Problem.OTHER_COMPANY: QT_TRANSLATE_NOOP(
        "preflight",
        "The document is of another company than the target ({what}); choose the connection of its"
        " company.",
    ),
    Problem.PART_IN_OTHER_CURRENCY: QT_TRANSLATE_NOOP(
        "preflight",
        "The payment names another currency than its invoice is in ({what}); have the complement"
        " corrected, or enter the payment in the target.",
    ),
    Problem.EQUIVALENCE_UNUSUAL: QT_TRANSLATE_NOOP(
        "preflight",
        "What a unit of the invoice is paid with is far from what the rates of both papers say"
        " ({what}): the equivalence may be upside down. Have the complement corrected, or enter the"
        " payment in the target.",
    ),
    Problem.WITHHOLDING_UNPLACED: QT_TRANSLATE_NOOP(
        "preflight",
        "Nothing says on which lines {what} is withheld; enter the document in the target.",
    ),
    Problem.IN_A_VOUCHER: QT_TRANSLATE_NOOP(
        "preflight",
        "A voucher that was sent names this document already ({what}); sent as well it would be in"
        " the books twice.",
    ),
    Problem.TYPED_ALREADY: QT_TRANSLATE_NOOP(
        "preflight",
        "The target has a document of this party and amount that did not come from here ({what});"
        " link it (queue link), or let it go as another (documents accept).",
    ),
    Problem.CANCELLED_AFTER_SENDING: QT_TRANSLATE_NOOP(
        "preflight",
        "Cancelled at the tax authority after it was sent ({what}); cancel or reverse it in the"
        " target.",
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
        Problem.UNMAPPED_DIMENSION,
        Problem.DIMENSION_NOT_IN_TARGET,
        Problem.ACCOUNT_IS_BANK,
        Problem.ACCOUNT_OF_INVOICES,
        Problem.ACCOUNT_CLOSED,
        Problem.ACCOUNT_IN_CURRENCY,
        Problem.ACCOUNT_NOT_IN_TARGET,
        Problem.JOURNAL_NOT_IN_TARGET,
        Problem.PARTNER_NOT_IN_TARGET,
        Problem.UNMAPPED_TAX,
        Problem.UNMAPPED_LOCAL_TAX,
        Problem.UNMAPPED_ITEM,
        Problem.UNMAPPED_BANK,
        Problem.TAX_NOT_IN_TARGET,
        Problem.PARTY_TWICE,
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
    "foreign-document": QT_TRANSLATE_NOOP("blocked", "neither party is the company"),
    "own-document": QT_TRANSLATE_NOOP("blocked", "both parties are the company"),
    "test-document": QT_TRANSLATE_NOOP("blocked", "from the authority's test environment"),
    "not-stamped": QT_TRANSLATE_NOOP("blocked", "a draft without the authority's stamp"),
    "rate-missing": QT_TRANSLATE_NOOP("blocked", "without an exchange rate"),
    "not-a-date": QT_TRANSLATE_NOOP("blocked", "its day cannot be read"),
    "not-an-amount": QT_TRANSLATE_NOOP("blocked", "an amount cannot be read"),
    "total-mismatch": QT_TRANSLATE_NOOP("blocked", "its amounts do not add up"),
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
