"""What a target said is closed, so that forty vouchers of one closed month are not asked for forty
times.
"""

from __future__ import annotations

from datetime import date

from connectors.contract import Outcome
from connectors.documents import Sent
from connectors.errors import PeriodClosed


class ClosedPeriods:
    """Of one run: a period that is opened meanwhile is seen by the next."""

    def __init__(self) -> None:
        self._until: dict[_Month, tuple[date, PeriodClosed]] = {}

    def refusal(self, document: Sent) -> PeriodClosed | None:
        """The target's words for an earlier document of its kind, journal and month that was dated
        the same day or later; None where it has to be asked.
        """
        day = _day(document)
        if day is None:
            return None
        until, said = self._until.get(_month(document, day), (date.min, None))
        return said if day <= until else None

    def learn(self, document: Sent, outcome: Outcome) -> None:
        """What is refused for its day says nothing of another month: a target that closes month by
        month has open ones before closed ones, and none at all for a year nobody made yet.
        """
        day = _day(document)
        if not isinstance(outcome, PeriodClosed) or day is None:
            return
        month = _month(document, day)
        if day > self._until.get(month, (date.min, None))[0]:
            self._until[month] = (day, PeriodClosed(outcome.words, outcome.code))


_Month = tuple[str, str, int, int]
"""Kind of document, journal, year, month: locks hold for kinds of documents, and in some targets
for kinds of journals.
"""


def _day(document: Sent) -> date | None:
    return getattr(document, "date", None)


def _month(document: Sent, day: date) -> _Month:
    journal = str(getattr(document, "journal", ""))
    return document.kind.value, journal, day.year, day.month
