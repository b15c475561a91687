"""What changed since it was last asked is found, whatever clocks and writers do."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from app.company import settings
from app.company.settings import ConnectionSettings
from app.inbox import policies, polling
from app.inbox.policies import Data, NotAnInterval
from app.journal import cursors, inbox, roles
from app.journal.inbox import Door
from app.journal.roles import NotAllowed, Role
from connectors import Kind
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
    """2,500 changes of one moment: pages are by id, not by instant."""
    office.clock.forward(minutes=1)
    office.poll(Kind.CONTACT)
    for n in range(1, 2_501):
        office.contact(n)
    office.clock.forward(minutes=1)
    found = office.poll(Kind.CONTACT)
    assert found.news == 2_500
    assert len(cursors.all_seen(office.journal, "sb", "contact")) == 2_500


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
