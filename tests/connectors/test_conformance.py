"""Every connector runs the same suite against a stand-in of its vendor. ``python -m
tests.connectors.test_conformance`` prints the table of system by behaviour that stands in the
README.
"""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from connectors import Contact, DocumentConnector, JournalEntry, Kind
from connectors.comparison import differences
from connectors.contract import (
    ALL_KINDS,
    ChangesContacts,
    ListsChanges,
    ListsDimensions,
    ReadsRecords,
    StatesBalances,
)
from connectors.errors import (
    Conflict,
    ConnectorError,
    PeriodClosed,
    Rejected,
    Throttled,
    Unavailable,
    Uncertain,
)
from connectors.systems import LIMIT_TEXTS, SYSTEMS
from tests.connectors.cases import CASES, DAY, Case
from tests.connectors.fakes.server import Answer, Request

MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = "Compra de artículos «año nuevo» ñandú € 🧾 " * 8


@dataclass
class Running:
    case: Case
    server: Any
    connector: DocumentConnector


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    case: Case = request.param
    server = case.server()
    connector = case.connect(server)
    yield Running(case, server, connector)
    connector.close()
    server.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", sorted(ALL_KINDS), ids=lambda kind: kind.value)


@pytest.fixture
def supported(running: Running, kind: Kind) -> Kind:
    if kind not in running.connector.capabilities.push:
        pytest.skip(f"{running.case.name} has no {kind.value}")
    return kind


@pytest.fixture
def entries(running: Running) -> Running:
    if Kind.ENTRY not in running.connector.capabilities.push:
        pytest.skip(f"{running.case.name} has no entries")
    return running


def test_what_was_created_is_found_again_and_says_the_same(
    running: Running, supported: Kind
) -> None:
    document = running.case.document(supported)
    assert list(running.connector.find(document)) == []
    made = running.connector.create(document)
    found = running.connector.find(document)
    assert [record.remote_id for record in found] == [made.remote_id]
    assert differences(document, found[0]) == []
    other = running.case.document(supported, 2)
    assert list(running.connector.find(other)) == []


def test_a_repetition_is_the_same_document_or_a_conflict(running: Running, supported: Kind) -> None:
    if supported not in running.case.guarded:
        pytest.skip(
            f"{running.case.name} has no guard for {supported.value}; the outbox looks first"
        )
    document = running.case.document(supported)
    first = running.connector.create(document)
    with contextlib.suppress(Conflict):
        assert running.connector.create(document).remote_id == first.remote_id
    assert [record.remote_id for record in running.connector.find(document)] == [first.remote_id]


def test_of_four_at_once_one_is_kept(running: Running, supported: Kind) -> None:
    if supported not in running.case.guarded:
        pytest.skip(
            f"{running.case.name} has no guard for {supported.value}; the lease keeps senders apart"
        )
    document = running.case.document(supported)
    made: list[str] = []

    def send() -> None:
        connector = running.case.connect(running.server)
        try:
            made.append(connector.create(document).remote_id)
        except Conflict:
            made.append("")
        finally:
            connector.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4 and len(set(made) - {""}) == 1
    assert len(running.connector.find(document)) == 1


@pytest.mark.parametrize("fault", ["lose", "after", "html"])
def test_a_lost_answer_is_uncertain_and_the_document_is_found(
    running: Running, supported: Kind, fault: str
) -> None:
    document = running.case.document(supported)
    running.connector.identify()
    running.server.faults = [fault]
    with pytest.raises((Uncertain, Unavailable)) as caught:
        running.connector.create(document)
    assert isinstance(caught.value, Uncertain)
    assert len(running.connector.find(document)) == 1


def test_an_error_before_the_commit_leaves_nothing(running: Running, supported: Kind) -> None:
    document = running.case.document(supported)
    running.connector.identify()
    running.server.faults = ["before"]
    with pytest.raises((Uncertain, Unavailable)):
        running.connector.create(document)
    assert list(running.connector.find(document)) == []


def test_a_limit_is_told_with_how_long_to_wait(running: Running, supported: Kind) -> None:
    document = running.case.document(supported)
    running.connector.identify()
    running.server.faults = ["throttle"]
    with pytest.raises(Throttled) as caught:
        running.connector.create(document)
    assert caught.value.retry_after > 0
    running.server.offset += caught.value.retry_after
    assert list(running.connector.find(document)) == []


def test_a_session_that_ends_midway_is_renewed_once(running: Running, supported: Kind) -> None:
    if not running.case.has_session:
        pytest.skip(f"{running.case.name} has a token without end")
    document = running.case.document(supported)
    running.connector.identify()
    running.server.faults = ["expire"]
    made = running.connector.create(document)
    assert [record.remote_id for record in running.connector.find(document)] == [made.remote_id]


def test_a_closed_period_is_named_and_the_date_not_moved(entries: Running) -> None:
    if entries.case.lock is None:
        pytest.skip(f"{entries.case.name} closes no periods by its API")
    entries.case.lock(entries.server, DAY)
    with pytest.raises(PeriodClosed):
        entries.connector.create(entries.case.document(Kind.ENTRY))


@pytest.mark.parametrize("wrong", ["unbalanced", "unknown account"])
def test_a_wrong_entry_is_refused_and_nothing_kept(entries: Running, wrong: str) -> None:
    document = (
        entries.case.entry("R-1", credit="115.99")
        if wrong == "unbalanced"
        else entries.case.entry("R-1", account="9999")
    )
    with pytest.raises(Rejected):
        entries.connector.create(document)
    assert list(entries.connector.find(document)) == []


def test_a_bad_tax_id_is_refused(running: Running) -> None:
    if not running.case.bad_tax_id:
        pytest.skip(f"{running.case.name} checks no tax ids")
    contact = running.case.document(Kind.CONTACT)
    assert isinstance(contact, Contact)
    with pytest.raises(Rejected):
        wrong = running.case.bad_tax_id
        said = "" if running.case.keyed_by_tax_id else wrong
        running.connector.create(replace(contact, tax_id=said, number=said, reference=wrong))


def test_another_currency_is_sent_or_refused_never_dropped(
    running: Running, supported: Kind
) -> None:
    document = running.case.document(supported)
    if isinstance(document, Contact | JournalEntry):
        pytest.skip("has no currency of its own")
    own = running.connector.identify().currency
    try:
        running.connector.create(replace(document, currency="JPY"))
    except Rejected as refused:
        assert refused.code == "currency"
        assert list(running.connector.find(document)) == []
    else:
        assert any("JPY" in json.dumps(sent.body).upper() for sent in running.server.requests)
    in_own = replace(running.case.document(supported, 2), currency=own)
    assert running.connector.create(in_own).remote_id


def test_an_account_closed_to_entries_is_marked_and_refused(entries: Running) -> None:
    if not entries.case.closed:
        pytest.skip(f"{entries.case.name} takes entries on every account")
    marked = {item.code: item.closed for item in entries.connector.accounts()}
    assert all(marked[code] is not None for code in entries.case.closed)
    assert all(marked[code] is None for code in entries.case.accounts)
    for code in entries.case.closed:
        document = entries.case.entry(f"R-{code}", account=code)
        with pytest.raises(Rejected):
            entries.connector.create(document)
        assert list(entries.connector.find(document)) == []


def test_a_dimension_goes_along_or_is_said_not_to(entries: Running) -> None:
    connector, entry = entries.connector, entries.case.entry("R-1")
    system = type(connector).__module__.split(".")[1]
    assert SYSTEMS[system].dimensions == connector.capabilities.dimensions
    if not connector.capabilities.dimensions:
        assert "entry.dimension" in connector.capabilities.leaves_out
        return
    assert isinstance(connector, ListsDimensions)
    known = connector.dimensions()
    assert known and all(item.code and item.name for item in known)
    for item in known:
        lines = tuple(replace(line, dimension=item.code) for line in entry.lines)
        made = replace(entry, reference=f"R-{item.code}", lines=lines)
        assert connector.create(made).remote_id
    unknown = tuple(replace(line, dimension="99999") for line in entry.lines)
    with pytest.raises(Rejected):
        connector.create(replace(entry, reference="R-none", lines=unknown))


def test_attempts_of_one_intent_carry_one_key(running: Running, supported: Kind) -> None:
    document = running.case.document(supported)
    running.connector.identify()
    running.server.requests.clear()
    running.server.faults = ["lose"]
    with pytest.raises((Uncertain, Unavailable)):
        running.connector.create(document)
    again = running.case.connect(running.server)
    with contextlib.suppress(ConnectorError):
        again.create(document)
    again.close()
    keys = [found for request in running.server.requests if (found := _key_of(request))]
    if not keys:
        pytest.skip(f"{running.case.name} takes no key")
    assert len(keys) == 2 and keys[0] == keys[1]


def _key_of(request: Request) -> str:
    """The idempotency key of a write, wherever the vendor has it."""
    if key := request.headers.get("idempotency-key"):
        return key
    bodies = request.body.values() if isinstance(request.body, dict) else ()
    return next((body["idempotency_id"] for body in bodies if _has_id(body)), "")


def _has_id(body: object) -> bool:
    return isinstance(body, dict) and "idempotency_id" in body


def test_what_changed_is_listed_and_what_went_before_is_not(
    running: Running, supported: Kind
) -> None:
    connector, can = running.connector, running.connector.capabilities
    if supported not in can.changes:
        pytest.skip(f"{running.case.name} lists no changed {supported.value}")
    assert isinstance(connector, ListsChanges) and can.deletes <= can.changes
    running.case.at(running.server, MARCH)
    connector.create(running.case.document(supported))
    running.case.at(running.server, MARCH + timedelta(days=10))
    later = connector.create(running.case.document(supported, 2))
    running.case.at(running.server, MARCH + timedelta(days=20))
    connector.create(running.case.document(supported, 3))
    since, until = MARCH + timedelta(days=5), MARCH + timedelta(days=15)
    found = list(connector.changed(supported, since, until))
    assert [(change.record.remote_id, change.is_gone) for change in found] == [
        (later.remote_id, False)
    ]
    assert [*connector.changed(supported, since, MARCH + timedelta(days=6))] == []


def test_a_record_is_read_by_its_own_id(running: Running, supported: Kind) -> None:
    connector, can = running.connector, running.connector.capabilities
    if supported not in can.reads:
        pytest.skip(f"{running.case.name} reads no {supported.value} by id")
    assert isinstance(connector, ReadsRecords)
    made = connector.create(running.case.document(supported))
    other = connector.create(running.case.document(supported, 2))
    unknown = str(uuid.uuid4()) if "-" in made.remote_id else "99999999"
    found = connector.read_records(supported, [made.remote_id, unknown])
    assert set(found) == {made.remote_id}
    assert not found[made.remote_id].is_gone
    both = connector.read_records(supported, [other.remote_id, made.remote_id])
    assert set(both) == {made.remote_id, other.remote_id}


def test_fields_of_a_contact_are_changed_one_by_one(running: Running) -> None:
    connector = running.connector
    if not isinstance(connector, ChangesContacts):
        pytest.skip(f"{running.case.name} changes no single fields")
    assert isinstance(connector, ReadsRecords)
    made = connector.create(running.case.document(Kind.CONTACT))
    before = connector.read_records(Kind.CONTACT, [made.remote_id])[made.remote_id].record
    after = connector.change_contact(made.remote_id, {"phone": "55 5555 0102"})
    assert after.fields == {**before.fields, "phone": "55 5555 0102"}
    with pytest.raises(Rejected):
        connector.change_contact(made.remote_id, {"terms": "30", "region": "x", "nada": "y"})


def test_cents_dates_accents_and_long_texts_come_back(entries: Running) -> None:
    for place, text in enumerate(("0.01", "0.1", "1234567.89", "33.33", "9999999.99")):
        entry = entries.case.entry(
            f"R-{place}", text, text=LONG[:300], day=DAY + timedelta(days=place)
        )
        entries.connector.create(entry)
        (found,) = entries.connector.find(entry)
        assert differences(entry, found) == []
        if found.lines and found.lines[0].label:
            assert found.lines[0].label[:40] == LONG[:40]
        assert sum(line.debit for line in found.lines) == Decimal(text)


def test_everything_is_listed_once_while_others_write(running: Running, supported: Kind) -> None:
    if supported not in running.connector.capabilities.pull:
        pytest.skip(f"{running.case.name} lists no {supported.value}")
    made = {
        running.connector.create(running.case.document(supported, number)).remote_id
        for number in range(1, 31)
    }
    others = iter(range(31, 34))
    writer = running.case.connect(running.server)

    def another() -> None:
        number = next(others, None)
        if number is not None:
            running.server.before_list = lambda: None
            writer.create(running.case.document(supported, number))
            running.server.before_list = another

    running.server.before_list = another
    listed = [
        record.remote_id
        for record in running.connector.documents(supported, date(2026, 1, 1), date(2026, 1, 31))
    ]
    writer.close()
    assert next(others, None) != 31, "nobody wrote meanwhile"
    assert len(listed) == len(set(listed))
    assert made <= set(listed)
    if supported is not Kind.CONTACT:
        outside = running.connector.documents(supported, date(2026, 2, 1), date(2026, 2, 28))
        assert list(outside) == []


def test_the_trial_balance_begins_income_anew_with_the_year(entries: Running) -> None:
    connector = entries.connector
    if not connector.capabilities.balances:
        pytest.skip(f"{entries.case.name} states no trial balance")
    connector.create(entries.case.entry("B-1", "100.10", day=date(2025, 12, 20)))
    connector.create(entries.case.entry("B-2", "50.05", day=date(2026, 1, 15)))
    connector.create(entries.case.entry("B-3", "7.00", day=date(2026, 2, 1)))
    stating = cast(StatesBalances, connector)
    income = entries.case.accounts[1]

    def balance(until: date, year: int) -> Decimal:
        return stating.balances(until, year).get(income, Decimal(0))

    assert balance(date(2025, 12, 31), 2025) == Decimal("-100.10")
    assert balance(date(2025, 12, 31), 2026) == 0, "what January opens with"
    assert balance(date(2026, 1, 31), 2026) == Decimal("-50.05")
    moved = sum(
        move.debit - move.credit
        for move in connector.ledger(date(2026, 1, 1), date(2026, 1, 31))
        if move.account == income
    )
    assert moved == Decimal("-50.05")


def test_no_secret_is_in_any_error(running: Running) -> None:
    secret = running.case.secret
    running.server.broken = lambda: Answer(
        500, {"message": f"echo {secret}", "Errors": [{"Message": secret}]}
    )
    running.server.faults = ["before"] * 20
    with pytest.raises(ConnectorError) as caught:
        kind = min(running.connector.capabilities.push & ALL_KINDS)
        running.connector.create(running.case.document(kind))
    assert secret not in str(caught.value) + repr(caught.value.__cause__)


def test_parties_are_compared_where_both_name_any() -> None:
    from connectors import EntryLine, JournalEntry, RemoteRecord

    def record(party: str) -> RemoteRecord:
        return RemoteRecord(
            "1", "1", "R", DAY, "posted", (EntryLine("1", Decimal(1), Decimal(0), "", party),)
        )

    ours = JournalEntry("R", DAY, "J", "", (EntryLine("1", Decimal(1), Decimal(0), "", "C1"),))
    assert differences(ours, record("C1")) == differences(ours, record("")) == []
    assert differences(ours, record("C2")) == ["party C1 ≠ C2"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_system_cannot_do_is_worded(case: Case) -> None:
    server = case.server()
    connector = case.connect(server)
    assert set(connector.capabilities.limits) <= LIMIT_TEXTS.keys()
    connector.close()
    server.stop()


def test_a_draft_that_waits_for_approval_in_sap_is_neither_ours_nor_sent_again() -> None:
    case = next(case for case in CASES if case.name == "sap_b1")
    server = case.server()
    connector = case.connect(server)
    server.approval = True  # type: ignore[attr-defined]
    invoice = case.document(Kind.INVOICE)
    connector.create(invoice)
    assert [record.state for record in connector.find(invoice)] == ["draft"]
    with pytest.raises(Rejected, match="approval"):
        connector.create(invoice)
    connector.close()
    server.stop()
