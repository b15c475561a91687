"""In what two documents differ, in the words of the person who reads it."""

from __future__ import annotations

from collections.abc import Iterable

from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.comparison import Difference

KINDS = {
    "date": QT_TRANSLATE_NOOP("differences", "date"),
    "account": QT_TRANSLATE_NOOP("differences", "account"),
    "lines": QT_TRANSLATE_NOOP("differences", "lines"),
    "party": QT_TRANSLATE_NOOP("differences", "party"),
    "total": QT_TRANSLATE_NOOP("differences", "total"),
    "contact": QT_TRANSLATE_NOOP("differences", "contact"),
    "tax id": QT_TRANSLATE_NOOP("differences", "tax id"),
    "name": QT_TRANSLATE_NOOP("differences", "name"),
    "description": QT_TRANSLATE_NOOP("differences", "description"),
    "journal": QT_TRANSLATE_NOOP("differences", "journal"),
    "unmapped": QT_TRANSLATE_NOOP("differences", "without a counterpart in the map"),
}
REMOTE_STATES = {
    "posted": QT_TRANSLATE_NOOP("differences", "posted"),
    "draft": QT_TRANSLATE_NOOP("differences", "draft"),
    "cancelled": QT_TRANSLATE_NOOP("differences", "cancelled"),
}


def said(difference: Difference) -> str:
    """One difference in the current language."""
    return str(
        Difference(
            translate("differences", KINDS[difference.kind]), difference.of, *difference.sides
        )
    )


def said_together(found: Iterable[Difference]) -> str:
    """Several on one line."""
    return "; ".join(map(said, found))


def state_text(state: str) -> str:
    """The state of a document of the target."""
    return translate("differences", REMOTE_STATES[state]) if state in REMOTE_STATES else state
