"""What Holded accepted is final, whatever its lists show yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import DocumentConnector
from connectors.documents import EntryLine, JournalEntry, RemoteRecord
from tests.connectors.cases import CASES

Running = tuple[Any, DocumentConnector, JournalEntry]
HOLDED = [case for case in CASES if case.name.startswith("holded")]


@pytest.fixture(params=HOLDED, ids=[case.name for case in HOLDED])
def running(
    request: pytest.FixtureRequest,
) -> Iterator[Running]:
    case = request.param
    server = case.server()
    target = case.connect(server)
    debit, credit = case.accounts
    lines = (
        EntryLine(debit, Decimal("10.00"), Decimal(0), "uno"),
        EntryLine(credit, Decimal(0), Decimal("10.00"), "uno"),
    )
    yield server, target, JournalEntry("R-1", date(2026, 1, 31), "DIARIO", "uno", lines)
    target.close()
    server.stop()


def test_an_entry_that_is_in_no_list_yet_is_confirmed_all_the_same(running: Running) -> None:
    server, target, entry = running
    server.lags = True
    (outcome,) = target.create_entries([entry])
    assert isinstance(outcome, RemoteRecord) and outcome.state == "posted"
    assert server.entries == 1
    server.lags, server.unlisted = False, set()
    (found,) = target.find_entries([entry])["R-1"]
    assert found.reference == "R-1"


def test_the_ledger_has_its_last_day(running: Running) -> None:
    _, target, entry = running
    target.create_entries([entry])
    assert len(list(target.ledger(date(2026, 1, 1), date(2026, 1, 31)))) == 2
    assert list(target.ledger(date(2026, 1, 1), date(2026, 1, 30))) == []
