"""One way to say an error to a person: what was refused, and what to do."""

from __future__ import annotations

from app.journal.errors import DatabaseError
from app.journal.store import unusable
from app.refusal_words import told
from app.refusals import Refused
from app.translation import translate
from connectors.errors import ConnectorError, Throttled, Unauthorized, Unavailable, Uncertain


def tell(error: BaseException) -> str:
    """The error in the current language; empty for one nobody expected."""
    match error:
        case Refused():
            return error.told()
        case ConnectorError():
            return _of_target(error)
        case DatabaseError():
            return unusable(error.orig).told()
    return ""


def _of_target(error: ConnectorError) -> str:
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
    return text.format(words=told(error.words).removesuffix("."))
