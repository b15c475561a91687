"""What changed since it was last asked is found, whatever clocks and writers do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.company import settings
from app.company.settings import ConnectionSettings
from app.inbox import policies, polling, sighting
from app.inbox.policies import Data, NotAnInterval
from app.journal import cursors, inbox, roles
from app.journal.inbox import Door
from app.journal.roles import NotAllowed, Role
from app.journal.rows import SeenRow
from app.month_end import event_alerts
from connectors import Kind
from connectors.documents import Change, RemoteRecord
from connectors.sandbox.store import Faults
from tests.app.inbox.conftest import Office


def news_of(office: Office) -> list[tuple[str, str]]:
    """What polls wrote into the inbox, oldest first."""
    rows = inbox.rows(office.journal, door=Door.POLL.value, limit=9_999)
    return [(row.kind, row.remote_id) for row in reversed(rows)]


def test_what_is_there_at_first_is_where_one_begins_and_no_news(office: Office) -> None:
    for n in range(1, 6):
        office.contact(n)
    office.clock.forward(minutes=1)
    first = office.poll(Kind.CONTACT)
    assert (first.read, first.news) == (5, 0)
    assert len(cursors.all_seen(office.journal, "sb", "contact")) == 5
    assert news_of(office) == []


def test_a_change_is_news_once(office: Office) -> None:
    code = office.contact(1)
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    office.clock.forward(minutes=1)
    office.store.change_contact(code, {"phone": "0102"})
    office.clock.forward(seconds=1)
    for _ in range(3):
        office.poll(Kind.CONTACT)
        office.clock.forward(minutes=1)
    assert news_of(office) == [("contact.changed", code)]


def test_a_deleted_record_is_gone(office: Office) -> None:
    code = office.contact(1)
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    office.store.delete("contact", code)
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    assert news_of(office) == [("contact.gone", code)]
    assert cursors.all_seen(office.journal, "sb", "contact") == []


def test_a_row_committed_late_with_an_old_stamp_is_found_by_the_overlap(office: Office) -> None:
    """A transaction of four minutes: its stamp is when it began."""
    first = office.contact(1)
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    began = office.clock.second()
    office.clock.forward(minutes=3)
    office.store.change_contact(first, {"phone": "1"})
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    late = office.contact(2)
    office.store._connection.execute(
        "UPDATE change SET at = ? WHERE number = ? OR record = 2", (began, late)
    )
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    assert news_of(office) == [("contact.changed", first), ("contact.changed", late)]


@pytest.mark.parametrize("ahead", [600.0, -600.0], ids=["theirs ahead", "theirs behind"])
def test_a_clock_that_is_wrong_loses_nothing(office: Office, ahead: float) -> None:
    """Ours against the target's by ten minutes: the cursor is of the target's clock only."""
    theirs = office.clock
    office.store.clock = lambda: theirs.second() + ahead
    office.server_clock.ahead = ahead
    codes = [office.contact(n) for n in range(1, 4)]
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    for n in range(4, 10):
        codes.append(office.contact(n))
        office.clock.forward(minutes=1)
        office.poll(Kind.CONTACT)
    assert [number for _, number in news_of(office)] == codes[3:]


def test_a_machine_that_slept_three_days_reads_once_and_everything(office: Office) -> None:
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    codes = []
    for n in range(1, 7):
        office.clock.forward(hours=12)
        codes.append(office.contact(n))
    office.clock.forward(minutes=1)
    assert Kind.CONTACT in polling.due(office.journal, office.kept, [Kind.CONTACT])
    office.poll(Kind.CONTACT)
    assert [number for _, number in news_of(office)] == codes
    assert polling.due(office.journal, office.kept, [Kind.CONTACT]) == []


def test_equal_instants_across_pages_are_all_read(office: Office) -> None:
    """1,200 changes of one moment: pages are by id, not by instant."""
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    for n in range(1, 1_201):
        office.contact(n)
    office.clock.forward(minutes=1)
    found = office.poll(Kind.CONTACT)
    assert found.news == 1_200
    assert len(cursors.all_seen(office.journal, "sb", "contact")) == 1_200


def test_a_reading_that_broke_off_is_done_again_and_doubles_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    before = cursors.of(office.journal, "sb", "contact").mark
    for n in range(1, 1_301):
        office.contact(n)
    office.clock.forward(minutes=1)
    changed = type(office.target).changed  # type: ignore[attr-defined]

    def breaks_off(self: object, *window: object) -> object:
        for place, change in enumerate(changed(self, *window)):
            if place == 700:
                office.store.set_faults(Faults(error_before=1.0))
                self._transport.sleep = lambda _: None  # type: ignore[attr-defined]
                office.target.identify()
            yield change

    with monkeypatch.context() as patch:
        patch.setattr(type(office.target), "changed", breaks_off)
        found = office.poll(Kind.CONTACT)
    assert found.failed
    cursor = cursors.of(office.journal, "sb", "contact")
    assert cursor.mark == before
    assert json.loads(cursor.words)["code"] == "poll-failed"
    office.store.set_faults(Faults())
    office.clock.forward(minutes=1)
    again = office.poll(Kind.CONTACT)
    assert not again.failed
    assert len({number for _, number in news_of(office)}) == len(news_of(office)) == 1_300
    assert cursors.of(office.journal, "sb", "contact").words == ""


def silent_deletes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target whose deletes leave no trace."""
    changed = type(office.target).changed  # type: ignore[attr-defined]

    def without_gone(self: object, *window: object) -> object:
        return (change for change in changed(self, *window) if not change.is_gone)

    monkeypatch.setattr(type(office.target), "changed", without_gone)


def test_a_sweep_finds_what_left_no_trace(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    silent_deletes(office, monkeypatch)
    codes = [office.contact(n) for n in range(1, 31)]
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    office.store.delete("contact", codes[3])
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    assert len(cursors.all_seen(office.journal, "sb", "contact")) == 30
    assert polling.sweep(office.journal, "sb", office.target, Kind.CONTACT) == (1, False)
    assert news_of(office) == [("contact.gone", codes[3])]
    assert polling.sweep(office.journal, "sb", office.target, Kind.CONTACT) == (0, False)


def test_a_lost_permission_is_no_delete_of_everything(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(1, 31):
        office.contact(n)
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    monkeypatch.setattr(type(office.target), "documents", lambda *_: iter(()))
    assert polling.sweep(office.journal, "sb", office.target, Kind.CONTACT) == (30, True)
    assert len(cursors.all_seen(office.journal, "sb", "contact")) == 30
    words = json.loads(cursors.of(office.journal, "sb", "#contact").words)
    assert words == {"code": "sweep-guard", "count": 30, "of": 30}


def test_changes_no_webhook_announced_are_counted_after_ten_minutes(office: Office) -> None:
    codes = [office.contact(n) for n in range(1, 4)]
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    office.clock.forward(minutes=1)
    for code in codes:
        office.store.change_contact(code, {"phone": "0102"})
    office.clock.forward(seconds=5)
    office.hint("contact", codes[0])
    office.clock.forward(seconds=5)
    office.poll(Kind.CONTACT)
    assert inbox.missed(office.journal, "sb", "2026-03-01")[0] == 0
    office.clock.forward(minutes=11)
    assert inbox.missed(office.journal, "sb", "2026-03-01") == (2, 3)


def test_documents_are_read_often_catalogues_hourly(office: Office) -> None:
    policy = policies.load(office.journal, office.kept)
    assert (policy.every(Kind.INVOICE), policy.every(Kind.CONTACT)) == (60.0, 3_600.0)
    policies.change(office.journal, "sb", Data.DOCUMENTS, 0)
    assert policies.load(office.journal, office.kept).documents == 0
    with pytest.raises(NotAnInterval):
        policies.change(office.journal, "sb", Data.CATALOGUES, 3)
    with pytest.raises(LookupError):
        policies.change(office.journal, "nadie", Data.CATALOGUES, 600)


def test_reading_never_uses_more_than_half_of_the_calls(office: Office) -> None:
    kept = ConnectionSettings("x", "xero", "https://api.xero.com", per_minute=60, per_day=1000)
    policy = policies.load(office.journal, kept, streams=8)
    assert policy.is_limited
    assert 8 * timedelta(days=1).total_seconds() / policy.documents <= 500


def test_only_an_administrator_says_how_often(office: Office) -> None:
    roles.give(office.journal, "otra@casa", [Role.ADMIN])
    roles.give(office.journal, roles.user_of(office.journal.actor), [Role.READ])
    with pytest.raises(NotAllowed):
        policies.change(office.journal, "sb", Data.DOCUMENTS, 600)
    assert settings.get(office.journal, "sync") == ""


def test_webhooks_that_come_after_the_poll_found_it_all_change_nothing(office: Office) -> None:
    """The receiver was off for two hours: asking finds everything, what is sent again is stale."""
    codes = [office.contact(n) for n in range(1, 6)]
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    for code in codes:
        office.clock.forward(minutes=20)
        office.store.change_contact(code, {"phone": "0102"})
    office.clock.forward(minutes=20)
    assert office.poll(Kind.CONTACT).news == 5
    before = cursors.all_seen(office.journal, "sb")
    for code in codes:
        office.hint("contact", code, "late")
    assert office.process().news == 0
    assert cursors.all_seen(office.journal, "sb") == before
    assert [number for _, number in news_of(office)] == codes


def test_a_backlog_is_done_by_pages_and_newest_documents_are_not_behind_it(
    office: Office,
) -> None:
    """300 hints at contacts and one at a document, within a few calls."""
    for n in range(1, 301):
        office.hint("contact", office.contact(n))
    made = office.store.create_document(
        {
            "kind": "bill",
            "reference": "B-1",
            "date": "2026-03-01",
            "contact": "C00001",
            "number": "F1",
            "lines": [
                {"description": "x", "quantity": "1", "unit_price": "10", "account": "601.34"}
            ],
            "total": "10.00",
        }
    )
    office.hint("document", str(made["id"]))
    office.clock.forward(seconds=5)
    before = office.server.requests
    office.process()
    assert office.counts == {"done": 301}
    assert office.server.requests - before < 20


def test_one_stream_an_answer_is_not_understood_of_stops_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = type(office.target).changed  # type: ignore[attr-defined]

    def broken(self: object, kind: Kind, *window: object) -> object:
        if kind is Kind.BILL:
            raise KeyError("amount")
        return changed(self, kind, *window)

    monkeypatch.setattr(type(office.target), "changed", broken)
    office.contact(1)
    office.clock.forward(minutes=1)
    found = office.poll()
    assert set(found.failed) == {"bill"} and found.read == 1
    assert "amount" in json.loads(cursors.of(office.journal, "sb", "bill").words)["reason"]
    codes = [one.code for one in event_alerts.standing(office.journal)]
    assert "poll-failed" in codes, "it was never read"


def test_hints_are_covered_by_what_was_read_and_not_by_a_clock_that_is_ahead(
    office: Office,
) -> None:
    """Their clock is ten minutes ahead and a change takes a minute to be found."""
    office.server_clock.ahead = 600.0
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    office.hint("contact", office.contact(1))
    office.clock.forward(seconds=-30)
    polled = office.poll(Kind.CONTACT)
    assert (polled.read, polled.covered) == (1, 0)
    assert office.counts == {"done": 1, "new": 1}, "the poll found it; the hint waits"


def test_a_sweep_is_due_every_night_whenever_it_took_long(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    can = replace(office.target.capabilities, deletes=frozenset())
    monkeypatch.setattr(type(office.target), "capabilities", property(lambda _: can))
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    for _ in range(4):
        assert polling.sweeps_due(office.journal, office.kept, office.target) == [Kind.CONTACT]
        polling.sweep(office.journal, "sb", office.target, Kind.CONTACT)
        office.clock.forward(hours=23, minutes=59)


def test_a_document_moved_to_another_month_changes_both(office: Office) -> None:
    row = SeenRow("sb", "invoice", "5", "", "x", "2026-02-27", "", "R", "", "")
    with office.journal.writing() as transaction:
        cursors.keep_seen(transaction, [row])
        record = RemoteRecord("5", "", "R", date(2026, 3, 2), "posted", kind=Kind.INVOICE)
        known = cursors.seen(transaction, "sb", "invoice", ["5"])
        (seen,) = sighting.sight("sb", [Change(record)], known, "2026-03-03")
        cursors.keep_seen(transaction, [seen.row])
    for days in (("2026-02-01", "2026-02-28"), ("2026-03-01", "2026-03-31")):
        assert cursors.changed_since(office.journal, "sb", "2026-03-02", days) == 1
