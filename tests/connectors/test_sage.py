"""What only Sage does: journals that cannot be searched, deleted ones that stay in lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors import DocumentConnector, JournalEntry, Kind
from connectors.contract import ListsChanges
from connectors.errors import Rejected, Unavailable, Uncertain
from tests.connectors.cases import CASES
from tests.connectors.fakes.sage import FakeSage

CASE = next(case for case in CASES if case.name == "sage")
TODAY = date.today()


@pytest.fixture
def server() -> Iterator[FakeSage]:
    made = FakeSage()
    yield made
    made.stop()


@pytest.fixture
def connector(server: FakeSage) -> Iterator[DocumentConnector]:
    made = CASE.connect(server)
    yield made
    made.close()


def dated(day: date) -> JournalEntry:
    return CASE.entry("R-1", day=day)


@pytest.mark.parametrize("days", [0, 1, 20, 31])
def test_a_voucher_dated_ahead_is_found_after_its_answer_was_lost(
    server: FakeSage, connector: DocumentConnector, days: int
) -> None:
    ahead = dated(TODAY + timedelta(days=days))
    connector.identify()
    server.faults = ["lose"]
    with pytest.raises((Uncertain, Unavailable)):
        connector.create(ahead)
    server.offset += 8 * 86_400  # the key is forgotten
    assert len(connector.find(ahead)) == 1


def test_what_could_not_be_found_again_is_not_sent(
    server: FakeSage, connector: DocumentConnector
) -> None:
    with pytest.raises(Rejected, match="further ahead"):
        connector.create(dated(TODAY + timedelta(days=32)))
    assert server.rows["journals"] == []


def test_a_deleted_journal_counts_nowhere(server: FakeSage, connector: DocumentConnector) -> None:
    entry = dated(date(2026, 1, 15))
    connector.create(entry)
    assert len(list(connector.ledger(date(2026, 1, 1), date(2026, 1, 31)))) == 2
    server.rows["journals"][0]["deleted_at"] = "2026-01-20T10:00:00Z"
    assert list(connector.ledger(date(2026, 1, 1), date(2026, 1, 31))) == []
    assert [record.state for record in connector.find(entry)] == ["cancelled"]


def test_what_was_deleted_since_is_listed_as_gone(
    server: FakeSage, connector: DocumentConnector
) -> None:
    made = connector.create(dated(date(2026, 1, 15)))
    now = datetime.now(UTC)
    server.rows["journals"][0]["deleted_at"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert isinstance(connector, ListsChanges)
    since, until = now - timedelta(minutes=5), now + timedelta(minutes=5)
    found = [
        (change.record.remote_id, change.is_gone)
        for change in connector.changed(Kind.ENTRY, since, until)
    ]
    assert found == [(made.remote_id, True)]


def test_the_lockdown_date_is_a_lock(server: FakeSage, connector: DocumentConnector) -> None:
    assert connector.identify().locked_until is None
    server.locked = "2025-12-31"
    assert connector.identify().locked_until == date(2025, 12, 31)


def test_ledger_lines_tell_the_reference_of_their_journal(connector: DocumentConnector) -> None:
    connector.create(dated(date(2026, 1, 15)))
    moves = connector.ledger(date(2026, 1, 1), date(2026, 1, 31))
    assert {move.reference for move in moves} == {"R-1"}


def test_a_long_reference_is_cut_so_that_two_never_meet(connector: DocumentConnector) -> None:
    day = date(2026, 1, 15)
    made = [replace(dated(day), reference="EMPRESA" * 20 + f"/{number}") for number in (1, 2)]
    first, second = (connector.create(entry) for entry in made)
    assert first.remote_id != second.remote_id
    assert [record.remote_id for record in connector.find(made[1])] == [second.remote_id]
