"""A closed month is asked for once a run, by kind and journal, and never for later days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.sending.closed_periods import ClosedPeriods
from connectors import Contact, EntryLine, JournalEntry
from connectors.errors import PeriodClosed, Rejected


def entry(day: int, journal: str = "MISC") -> JournalEntry:
    line = EntryLine("1", Decimal(1), Decimal(0))
    return JournalEntry(f"R/{journal}/{day}", date(2026, 1, day), journal, "", (line,))


def test_what_is_dated_before_a_closed_day_is_not_asked_for_again() -> None:
    known = ClosedPeriods()
    assert known.refusal(entry(5)) is None
    known.learn(entry(10), PeriodClosed("locked until 31 January", "1038"))
    for day in (1, 9, 10):
        found = known.refusal(entry(day))
        assert found is not None and found.words == "locked until 31 January"
    assert known.refusal(entry(11)) is None, "where the lock ends nobody said"
    assert known.refusal(entry(5, "SALES")) is None, "another journal may be open"


def test_one_misdated_voucher_closes_no_other_month() -> None:
    known = ClosedPeriods()
    misdated = JournalEntry("R/1", date(2027, 1, 15), "MISC", "", entry(1).lines)
    known.learn(misdated, PeriodClosed("Date deviates from permissible range", "-4013"))
    assert known.refusal(misdated) is not None
    assert known.refusal(entry(5)) is None


def test_another_refusal_or_a_contact_teaches_nothing() -> None:
    known = ClosedPeriods()
    known.learn(entry(10), Rejected("unbalanced"))
    known.learn(Contact("C/1", "ACME"), PeriodClosed("?"))
    assert known.refusal(entry(5)) is None
    assert known.refusal(Contact("C/2", "ACME")) is None
