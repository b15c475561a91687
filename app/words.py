"""How the use cases speak to people: problems, suggestions and errors in the current language."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import DatabaseError

from app.company.field_owners import Direction, NotAMap, Owner
from app.company.policy import OwnWork
from app.intake.importing import BeingRead
from app.journal.overrides import LinkedAlready, NotDecidable, ReasonMissing
from app.journal.roles import NoAdministrator, NotAllowed, Role
from app.journal.store import Damaged, Newer
from app.matching.proof import ADJUSTMENT, AccountProof, AccountState
from app.matching.reasons import posted_to
from app.money import show
from app.reconciling.adjustment_vouchers import NothingToAdjust
from app.reconciling.decisions import NotTheSum, TooLarge
from app.reconciling.runs import NoSuchAccount
from app.reconciling.signing import ChangedMeanwhile, LaterSigned, NotThatStep, Signed, Unexplained
from app.reconciling.standing_adjustments import AlreadyAdjusted, AlreadySent
from app.sending.conflicts import NotThere
from app.sending.drift import Moved
from app.sending.maps import Kind
from app.sending.preflight import PROBLEM_TEXTS, Problem
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
STATE_TEXTS = {
    "queued": QT_TRANSLATE_NOOP("queue", "waiting"),
    "sending": QT_TRANSLATE_NOOP("queue", "being sent"),
    "uncertain": QT_TRANSLATE_NOOP("queue", "uncertain"),
    "confirmed": QT_TRANSLATE_NOOP("queue", "confirmed"),
    "rejected": QT_TRANSLATE_NOOP("queue", "refused"),
    "conflict": QT_TRANSLATE_NOOP("queue", "in conflict"),
    "skipped": QT_TRANSLATE_NOOP("queue", "skipped"),
}
"""States of documents in the outbox."""
FIELD_TEXTS = {
    "name": QT_TRANSLATE_NOOP("fields", "Name"),
    "tax_id": QT_TRANSLATE_NOOP("fields", "Tax id"),
    "email": QT_TRANSLATE_NOOP("fields", "E-mail"),
    "phone": QT_TRANSLATE_NOOP("fields", "Phone"),
    "street": QT_TRANSLATE_NOOP("fields", "Street"),
    "city": QT_TRANSLATE_NOOP("fields", "City"),
    "region": QT_TRANSLATE_NOOP("fields", "Region"),
    "postcode": QT_TRANSLATE_NOOP("fields", "Postcode"),
    "country": QT_TRANSLATE_NOOP("fields", "Country"),
    "terms": QT_TRANSLATE_NOOP("fields", "Days of credit"),
    "limit": QT_TRANSLATE_NOOP("fields", "Credit limit"),
    "balance": QT_TRANSLATE_NOOP("fields", "Balance"),
}
OWNER_TEXTS = {
    Owner.SOURCE: QT_TRANSLATE_NOOP("fields", "the legacy system"),
    Owner.TARGET: QT_TRANSLATE_NOOP("fields", "the target"),
}
DIRECTION_TEXTS = {
    Direction.TO_TARGET: QT_TRANSLATE_NOOP("fields", "goes to the target"),
    Direction.TO_SOURCE: QT_TRANSLATE_NOOP("fields", "is taken over by hand in the legacy system"),
    Direction.NONE: QT_TRANSLATE_NOOP("fields", "stays where it is"),
}
MOVED_TEXTS = {
    Moved.IN_SOURCE: QT_TRANSLATE_NOOP(
        "fields", "the legacy system says otherwise, but the target owns it"
    ),
    Moved.IN_TARGET: QT_TRANSLATE_NOOP(
        "fields", "the target says otherwise, but the legacy system owns it"
    ),
    Moved.NEWER: QT_TRANSLATE_NOOP("fields", "changed in the legacy system since it was sent"),
}
MAP_ERRORS = {
    "field": QT_TRANSLATE_NOOP("fields", "Line {line}: there is no field “{seen}”."),
    "owner": QT_TRANSLATE_NOOP(
        "fields", "Line {line}: “{seen}” is no owner; write source or target."
    ),
    "direction": QT_TRANSLATE_NOOP(
        "fields",
        "Line {line}: “{seen}”: a field flows away from its owner (to-target, to-source) or nowhere"
        " (none).",
    ),
    "twice": QT_TRANSLATE_NOOP("fields", "Line {line}: field “{seen}” has an owner already."),
}


def map_error_text(wrong: NotAMap) -> str:
    """Why a map of owners cannot be kept, in the current language."""
    return translate("fields", MAP_ERRORS[wrong.why]).format(line=wrong.line or 1, seen=wrong.seen)


LIMIT_TEXTS = {
    "no-ledger-listing": QT_TRANSLATE_NOOP(
        "limits",
        "Its ledger lines cannot be listed: journals are read as documents, the lines invoices and"
        " purchases make are not.",
    ),
    "no-trial-balance-lines": QT_TRANSLATE_NOOP(
        "limits", "The trial balance comes only as an Excel file; import that file to compare it."
    ),
    "stamp-off": QT_TRANSLATE_NOOP(
        "limits",
        "Invoices are not sent to the DIAN unless the option stamp=yes is set; history never"
        " should be.",
    ),
    "no-journal-reference": QT_TRANSLATE_NOOP(
        "limits", "Its journals have no reference: ours stands in front of the narration."
    ),
    "journals-paid-tier": QT_TRANSLATE_NOOP(
        "limits", "Its general ledger is a paid tier: only manual journals are read."
    ),
    "day-limit-1000": QT_TRANSLATE_NOOP(
        "limits", "Its free tier allows 1,000 calls a day; set the limit of the connection."
    ),
    "no-native-guard": QT_TRANSLATE_NOOP(
        "limits", "It takes the same document twice without a word: let one sender write to it."
    ),
    "session-licence": QT_TRANSLATE_NOOP(
        "limits", "Each session holds a licence seat while it is open."
    ),
    "sage-seven-days": QT_TRANSLATE_NOOP(
        "limits",
        "It recognises a repetition for seven days; after that our own record is the guard.",
    ),
    "zoho-half-hour": QT_TRANSLATE_NOOP(
        "limits",
        "Over 100 calls a minute it blocks the company for half an hour: set the limit of the"
        " connection to 80.",
    ),
    "read-only": QT_TRANSLATE_NOOP("limits", "It is only read: nothing is ever written to it."),
    "holded-no-party": QT_TRANSLATE_NOOP(
        "limits", "Lines of an entry name no party: the party is an account of its own there."
    ),
    "holded-month": QT_TRANSLATE_NOOP(
        "limits",
        "The plan allows so many calls a month: what is left of them is a stop, not a wait.",
    ),
    "holded-nobody": QT_TRANSLATE_NOOP(
        "limits",
        "It does not say whose key it is nor of which company: compare the chart of accounts.",
    ),
    "holded-inferred": QT_TRANSLATE_NOOP(
        "limits",
        "How version 2 takes entries and payments is inferred from version 1: try one by hand"
        " first.",
    ),
    "holded-no-accounts": QT_TRANSLATE_NOOP(
        "limits", "Lines of a document go without an account: its default is taken."
    ),
    "drafts-until-approved": QT_TRANSLATE_NOOP(
        "limits", "Documents are left as drafts unless the option approve=yes is set."
    ),
    "no-udf": QT_TRANSLATE_NOOP(
        "limits",
        "Without a user field (option udf=U_…) our reference takes the place of the customer's own"
        " number.",
    ),
}
"""What a person has to know of a system before sending."""
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


WORKBOOK_STATES = {
    "open": QT_TRANSLATE_NOOP("workbook", "open"),
    "prepared": QT_TRANSLATE_NOOP("workbook", "prepared"),
    "reviewed": QT_TRANSLATE_NOOP("workbook", "reviewed"),
    "signed": QT_TRANSLATE_NOOP("workbook", "signed"),
}
CATEGORY_TEXTS = {
    "in-transit": QT_TRANSLATE_NOOP("workbook", "in transit"),
    "timing": QT_TRANSLATE_NOOP("workbook", "of another month"),
    "bank-fee": QT_TRANSLATE_NOOP("workbook", "fee or withholding to be posted"),
    "our-error": QT_TRANSLATE_NOOP("workbook", "our error, to be corrected"),
    "their-error": QT_TRANSLATE_NOOP("workbook", "the other side's error"),
    "other": QT_TRANSLATE_NOOP("workbook", "other reason"),
    "adjustment-posted": QT_TRANSLATE_NOOP("workbook", "other side of an adjustment"),
    "balance-agrees": QT_TRANSLATE_NOOP("workbook", "its account agrees by balance"),
    "carried-forward": QT_TRANSLATE_NOOP("workbook", "settles items of an earlier month"),
}
ACCOUNT_STATES = {
    AccountState.AGREES: QT_TRANSLATE_NOOP("workbook", "agrees"),
    AccountState.EXPLAINED: QT_TRANSLATE_NOOP("workbook", "explained"),
    AccountState.TO_DECIDE: QT_TRANSLATE_NOOP("workbook", "to decide"),
    AccountState.DIFFERS: QT_TRANSLATE_NOOP("workbook", "DIFFERS"),
}
_ADJUSTMENT = QT_TRANSLATE_NOOP("workbook", "to be posted to {account}")
DECISION_TEXTS = {
    "decision.accept": QT_TRANSLATE_NOOP("workbook", "matched"),
    "decision.part": QT_TRANSLATE_NOOP("workbook", "parted"),
    "decision.explain": QT_TRANSLATE_NOOP("workbook", "explained"),
    "decision.split": QT_TRANSLATE_NOOP("workbook", "split"),
    "decision.attach": QT_TRANSLATE_NOOP("workbook", "file kept"),
    "decision.adjust": QT_TRANSLATE_NOOP("workbook", "adjustment proposed"),
    "decision.withdrawn": QT_TRANSLATE_NOOP("workbook", "adjustment withdrawn"),
    "decision.undone": QT_TRANSLATE_NOOP("workbook", "taken back"),
    "decision.redone": QT_TRANSLATE_NOOP("workbook", "done again"),
    "reconciliation.prepared": QT_TRANSLATE_NOOP("workbook", "prepared"),
    "reconciliation.reviewed": QT_TRANSLATE_NOOP("workbook", "reviewed"),
    "reconciliation.signed": QT_TRANSLATE_NOOP("workbook", "signed"),
    "reconciliation.reopened": QT_TRANSLATE_NOOP("workbook", "opened again"),
}


def category_text(category: str) -> str:
    """Why lines are open, or where a difference goes, in few words."""
    if category.startswith(ADJUSTMENT):
        return translate("workbook", _ADJUSTMENT).format(
            account=posted_to(category.removeprefix(ADJUSTMENT))
        )
    return (
        translate("workbook", CATEGORY_TEXTS[category])
        if category in CATEGORY_TEXTS
        else blocked_text(category)
    )


def closing_texts(account: AccountProof) -> Iterator[str]:
    """What a side prints as the closing balance of an account, where its own opening and movements
    give another.
    """
    texts = (
        translate(
            "workbook",
            "{account}: the left side states a closing balance of {stated}, opening and movements"
            " give {computed}",
        ),
        translate(
            "workbook",
            "{account}: the right side states a closing balance of {stated}, opening and movements"
            " give {computed}",
        ),
    )
    for place, text in enumerate(texts):
        if found := account.disagrees(place):
            yield text.format(
                account=account.account, stated=show(found[0]), computed=show(found[1])
            )


def blocked_text(code: str) -> str:
    """The rule that blocked a document, in few words."""
    return translate("blocked", BLOCKED_TEXTS[code]) if code in BLOCKED_TEXTS else code


ROLE_TEXTS = {
    Role.READ: QT_TRANSLATE_NOOP("roles", "read the journal"),
    Role.IMPORT: QT_TRANSLATE_NOOP("roles", "import"),
    Role.PUSH: QT_TRANSLATE_NOOP("roles", "send"),
    Role.SIGN: QT_TRANSLATE_NOOP("roles", "sign off"),
    Role.ADMIN: QT_TRANSLATE_NOOP("roles", "administer"),
}


def refusal_text(error: DatabaseError | Damaged | Newer | NotAllowed) -> str:
    """Why the journal cannot be used, and what to do."""
    match error:
        case NotAllowed():
            text = translate(
                "target",
                "{person} may not {what} in this journal. Ask an administrator (cuadre role list).",
            )
            return text.format(person=error.person, what=translate("roles", ROLE_TEXTS[error.role]))
        case Newer():
            text = translate(
                "target",
                "The journal was written by a newer version of Cuadre ({revision}); install that"
                " version.",
            )
            return text.format(revision=error)
    text = translate(
        "target",
        "The journal cannot be used: {reason}. Nothing was written. Restore a backup (journal"
        " restore), save what can be read (journal recover), or choose another --home.",
    )
    return text.format(reason=error.orig if isinstance(error, DatabaseError) else error)


def refused_decision(error: BaseException) -> str:
    """Why a person's decision was not taken, in the current language; empty for any other error."""
    match error:
        case ReasonMissing():
            return translate("decide", "A decision needs a reason.")
        case NotDecidable() if str(error):
            text = translate("decide", "The document is {state}; this cannot be decided now.")
            return text.format(state=translate("queue", STATE_TEXTS[str(error)]))
        case NotDecidable():
            return translate("decide", "The journal knows no such document.")
        case NotThere():
            text = translate(
                "decide", "The target has {count} such documents; exactly one is needed."
            )
            return text.format(count=error)
        case LinkedAlready():
            return translate("decide", "That document of the target is {document} already.").format(
                document=error
            )
        case BeingRead():
            return translate("decide", "{person} is importing this file right now.").format(
                person=error
            )
        case OwnWork():
            return translate(
                "decide", "{person} imported it; another person has to approve it."
            ).format(person=error)
        case Signed():
            return translate(
                "decide", "The reconciliation is signed. Open it again first, with a reason."
            )
        case Unexplained():
            return translate(
                "decide",
                "There are differences or lines to decide; signing nevertheless needs a reason.",
            )
        case NotThatStep():
            state = translate("workbook", WORKBOOK_STATES[str(error)])
            return translate(
                "decide", "The reconciliation is {state}; that is not the next step."
            ).format(state=state)
        case ChangedMeanwhile():
            return translate(
                "decide", "It is no longer what was prepared; look at it and prepare it again."
            )
        case LaterSigned():
            return translate("decide", "{period} is signed; open that month again first.").format(
                period=error
            )
        case AlreadyAdjusted():
            return translate(
                "decide", "These lines have an adjustment already: {document}."
            ).format(document=error)
        case AlreadySent():
            text = translate(
                "decide",
                "{document} was sent already; it is corrected in the target, not taken back.",
            )
            return text.format(document=error)
        case NoSuchAccount():
            text = translate("decide", "Neither side has an account that begins with {account}.")
            return text.format(account=error)
        case NotTheSum():
            text = translate(
                "decide", "The parts have to add up to the line; {missing} is missing."
            )
            return text.format(missing=show(error.args[0]))
        case TooLarge():
            text = translate("decide", "The file is larger than {limit} MB; attach a smaller one.")
            return text.format(limit=error.args[0] // 1_000_000)
        case NothingToAdjust():
            texts = {
                "target": translate(
                    "decide", "Adjustments go to the target whose books are a side."
                ),
                "same": translate("decide", "The account and its contra account are the same."),
                "account": translate(
                    "decide", "An adjustment needs an account and a contra account."
                ),
                "journal": translate(
                    "decide", "An adjustment needs the journal of the target it goes to."
                ),
            }
            nothing = translate(
                "decide", "The chosen lines differ by nothing: there is nothing to adjust."
            )
            return texts.get(str(error), nothing)
        case NoAdministrator():
            return translate("decide", "Somebody has to stay administrator.")
        case NotAllowed():
            return refusal_text(error)
    return ""


def error_text(error: ConnectorError) -> str:
    """What a connector's error means and what to do, with the server's own words."""
    match error:
        case Unauthorized():
            text = translate(
                "target", "The target refused the log-in: {words}. Check user, secret and company."
            )
        case Unavailable() | Uncertain():
            text = translate(
                "target",
                "The target does not answer: {words}. Check address and network; nothing is lost.",
            )
        case Throttled():
            text = translate("target", "The target asks to wait: {words}.")
        case _:
            text = translate("target", "The target refused: {words}.")
    return text.format(words=error.words)
