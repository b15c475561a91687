"""The same behaviours against a real Odoo, run by hand with CUADRE_LIVE_ODOO_URL, _DB, _USER and
_PASSWORD set.

It posts entries dated today in the company's general journal; use a database made for tests.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors import EntryLine, JournalEntry, RemoteRecord, Transport
from connectors.errors import Conflict, Rejected, Unauthorized, Unavailable
from connectors.odoo import OdooConnector

NAMES = (
    "CUADRE_LIVE_ODOO_URL",
    "CUADRE_LIVE_ODOO_DB",
    "CUADRE_LIVE_ODOO_USER",
    "CUADRE_LIVE_ODOO_PASSWORD",
)

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        any(name not in os.environ for name in NAMES),
        reason="no real Odoo named in the environment",
    ),
]


def connect(password: str = "") -> OdooConnector:
    url, database, user, secret = (os.environ[name] for name in NAMES)
    return OdooConnector(Transport(url), database, user, password or secret)


@pytest.fixture
def odoo() -> Iterator[OdooConnector]:
    connector = connect()
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


def test_four_at_once_make_one(odoo: OdooConnector) -> None:
    made = entry(odoo)
    connectors = [connect() for _ in range(4)]

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


def test_a_wrong_password_is_said(odoo: OdooConnector) -> None:
    with pytest.raises(Unauthorized):
        connect("wrong").identify()
