"""What a target said is closed, so that forty vouchers of one closed month are not asked for forty
times.
"""

from __future__ import annotations

from datetime import date

from connectors.contract import Outcome
from connectors.documents import Document
from connectors.errors import PeriodClosed


class ClosedPeriods:
    """Of one run: a period that is opened meanwhile is seen by the next."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], tuple[date, PeriodClosed]] = {}

    def refusal(self, document: Document) -> PeriodClosed | None:
        """The target's words for an earlier document of its kind and journal that was dated the
        same day or later; None where it has to be asked.
        """
        until, said = self._until.get(_key(document), (date.min, None))
        day = _day(document)
        return said if day is not None and day <= until else None

    def learn(self, document: Document, outcome: Outcome) -> None:
        day, key = _day(document), _key(document)
        if not isinstance(outcome, PeriodClosed) or day is None:
            return
        if day > self._until.get(key, (date.min, None))[0]:
            self._until[key] = (day, PeriodClosed(outcome.words, outcome.code))


def _day(document: Document) -> date | None:
    return getattr(document, "date", None)


def _key(document: Document) -> tuple[str, str]:
    """Locks hold for kinds of documents, and in some targets for kinds of journals."""
    return document.kind.value, str(getattr(document, "journal", ""))
