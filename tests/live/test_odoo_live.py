"""What a plain accountant can see of Odoo's behaviour: against the stand-in always, and against a
real Odoo where CUADRE_LIVE_ODOO_URL, _DB, _USER and _PASSWORD name one.

There it posts entries dated today in the company's general journal; use a database made for tests.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors import EntryLine, JournalEntry, Kind, RemoteRecord, Transport
from connectors.errors import Conflict, Rejected, Unauthorized, Unavailable
from connectors.odoo import OdooConnector
from tests.connectors.fake_odoo import DATABASE, KEY, USER, FakeOdoo

NAMES = (
    "CUADRE_LIVE_ODOO_URL",
    "CUADRE_LIVE_ODOO_DB",
    "CUADRE_LIVE_ODOO_USER",
    "CUADRE_LIVE_ODOO_PASSWORD",
)


@dataclass(frozen=True)
class Where:
    url: str
    database: str
    user: str
    secret: str

    def connect(
        self, secret: str = "", *, company: str = "", attach: bool = False
    ) -> OdooConnector:
        transport = Transport(self.url)
        return OdooConnector(
            transport,
            self.database,
            self.user,
            secret or self.secret,
            company=company,
            attach=attach,
        )


@pytest.fixture(
    params=[
        "stand-in 19",
        "stand-in 16",
        pytest.param(
            "real",
            marks=[
                pytest.mark.live,
                pytest.mark.skipif(
                    any(name not in os.environ for name in NAMES),
                    reason="no real Odoo named in the environment",
                ),
            ],
        ),
    ]
)
def where(request: pytest.FixtureRequest) -> Iterator[Where]:
    if request.param == "real":
        yield Where(*(os.environ[name] for name in NAMES))
        return
    server = FakeOdoo(int(request.param.split()[1]))
    yield Where(server.url, DATABASE, USER, KEY)
    server.stop()


@pytest.fixture
def odoo(where: Where) -> Iterator[OdooConnector]:
    connector = where.connect()
    yield connector
    connector.close()


def entry(odoo: OdooConnector, debit: str = "12.34") -> JournalEntry:
    accounts = [account.code for account in odoo.accounts()]
    journal = next(item.code for item in odoo.journals() if item.kind == "general")
    bank = next(code for code in accounts if code.startswith(("102.01", "1110")))
    income = next(code for code in accounts if code.startswith(("401.01", "4135")))
    lines = (
        EntryLine(bank, Decimal(debit), Decimal(0), "Depósito señor Núñez"),
        EntryLine(income, Decimal(0), Decimal("12.34"), "Venta"),
    )
    return JournalEntry(
        f"CUADRE-TEST/{uuid.uuid4()}", datetime.now(UTC).date(), journal, "prueba", lines
    )


def test_created_posted_read_back_and_not_doubled(odoo: OdooConnector) -> None:
    made = entry(odoo)
    (record,) = odoo.create_entries([made])
    assert isinstance(record, RemoteRecord)
    assert (record.state, record.date, record.changes) == ("posted", made.date, ())
    assert isinstance(odoo.create_entries([made])[0], Conflict)
    assert len(odoo.find_entries([made])[made.reference]) == 1
    moves = [move for move in odoo.ledger(made.date, made.date) if move.reference == made.reference]
    assert sum(move.debit for move in moves) == Decimal("12.34")


def test_an_unbalanced_entry_is_refused_by_name(odoo: OdooConnector) -> None:
    good, bad = entry(odoo), entry(odoo, debit="12.35")
    outcomes = odoo.create_entries([good, bad])
    assert isinstance(outcomes[0], RemoteRecord)
    assert isinstance(outcomes[1], Rejected)


def test_four_at_once_make_one(where: Where, odoo: OdooConnector) -> None:
    made = entry(odoo)
    connectors = [where.connect() for _ in range(4)]

    def send(connector: OdooConnector) -> None:
        try:
            connector.create_entries([made])
        except Unavailable:
            pass
        finally:
            connector.close()

    threads = [threading.Thread(target=send, args=(connector,)) for connector in connectors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(odoo.find_entries([made])[made.reference]) == 1


def test_a_wrong_password_is_said(where: Where) -> None:
    wrong = where.connect("wrong")
    with pytest.raises(Unauthorized):
        wrong.identify()
    wrong.close()


def test_the_company_is_the_one_chosen_and_stays(where: Where, odoo: OdooConnector) -> None:
    company = odoo.identify().company
    by_name = where.connect(company=company)
    assert by_name.identify().company == company
    assert isinstance(by_name.create_entries([entry(by_name)])[0], RemoteRecord)
    by_name.close()
    none = where.connect(company="Empresa que no existe")
    with pytest.raises(Unauthorized, match="no company"):
        none.identify()
    none.close()


def test_an_accountant_may_write(odoo: OdooConnector) -> None:
    assert odoo.identify().may_write is True


def test_accounts_are_named_and_say_their_class_and_whose_lines_they_hold(
    odoo: OdooConnector,
) -> None:
    found = odoo.accounts()
    assert found and all(item.code and item.name for item in found)
    assert [item.code for item in found] == sorted(item.code for item in found)
    banks = [journal for journal in odoo.journals() if journal.kind in ("bank", "cash")]
    assert all(journal.account in {item.code for item in found} for journal in banks)


def test_lists_are_read_in_pages(where: Where, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, paged = where.connect(), where.connect()
    accounts, partners = whole.accounts(), whole.partners()
    monkeypatch.setattr("connectors.odoo.connector.PAGE", 3)
    assert paged.accounts() == accounts and paged.partners() == partners
    whole.close()
    paged.close()


def test_a_line_carries_its_partner(odoo: OdooConnector) -> None:
    partner = odoo.partners()[0].code
    given = entry(odoo)
    lines = tuple(replace(line, partner=partner) for line in given.lines)
    (record,) = odoo.create_entries([replace(given, lines=lines)])
    assert isinstance(record, RemoteRecord)
    assert {line.partner for line in record.lines} == {partner}


def test_an_account_or_partner_that_is_not_there_is_refused_before_anything_is_sent(
    odoo: OdooConnector,
) -> None:
    given = entry(odoo)
    for change in ({"account": "999.99.99"}, {"partner": "99999999"}):
        lines = (replace(given.lines[0], **change), given.lines[1])
        (outcome,) = odoo.create_entries([replace(given, lines=lines)])
        assert isinstance(outcome, Rejected)
    assert odoo.find_entries([given])[given.reference] == []


def test_a_dimension_goes_to_its_analytic_account(odoo: OdooConnector) -> None:
    try:
        known = odoo.dimensions()
    except Rejected:
        pytest.skip("this user has no analytic rights")
    if not known:
        pytest.skip("no analytic accounts")
    given = entry(odoo)
    lines = tuple(replace(line, dimension=known[0].code) for line in given.lines)
    assert isinstance(odoo.create_entries([replace(given, lines=lines)])[0], RemoteRecord)


def test_the_vouchers_text_is_attached_and_its_words_stand_in_the_entry(where: Where) -> None:
    attaching = where.connect(attach=True)
    given = replace(entry(attaching), folio="Diario 7", original="Póliza 7")
    (record,) = attaching.create_entries([given])
    assert isinstance(record, RemoteRecord) and record.changes == ()
    attaching.close()


def test_an_entry_is_moved_to_another_day(odoo: OdooConnector) -> None:
    given = entry(odoo)
    (record,) = odoo.create_entries([given])
    assert isinstance(record, RemoteRecord)
    day = given.date - timedelta(days=1)
    moved = odoo.move_to(record.remote_id, day)
    assert (moved.state, moved.date, moved.changes) == ("posted", day, ())


def test_what_was_just_written_is_among_what_changed(odoo: OdooConnector) -> None:
    now = datetime.now(UTC)
    (record,) = odoo.create_entries([entry(odoo)])
    assert isinstance(record, RemoteRecord)
    around = now - timedelta(minutes=15), now + timedelta(minutes=15)
    changed = odoo.changed(Kind.ENTRY, *around)
    assert record.remote_id in {change.record.remote_id for change in changed}
    before = now - timedelta(days=2), now - timedelta(days=1)
    changed = odoo.changed(Kind.ENTRY, *before)
    assert record.remote_id not in {change.record.remote_id for change in changed}
