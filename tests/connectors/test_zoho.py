"""Zoho: where a tax id goes, and lists that shift while others write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from connectors import Contact, Kind
from connectors.zoho import ZohoConnector
from tests.connectors.cases import CASES
from tests.connectors.fakes import zoho

CASE = next(case for case in CASES if case.name == "zoho")


@pytest.fixture
def server() -> Iterator[zoho.FakeZoho]:
    server = zoho.FakeZoho()
    yield server
    server.stop()


@pytest.fixture
def connector(server: zoho.FakeZoho) -> Iterator[ZohoConnector]:
    connector = CASE.connect(server)
    assert isinstance(connector, ZohoConnector)
    yield connector
    connector.close()


@pytest.mark.parametrize(
    ("tax_id", "country", "written"),
    [
        ("EKU9003173C9", "", ("EKU9003173C9", "home_country_mexico", None)),
        ("eku-900317-3c9", "MX", ("EKU9003173C9", "home_country_mexico", None)),
        ("XEXX010101000", "", ("XEXX010101000", "non_mexico", None)),
        ("EKU9003173C9", "US", ("EKU9003173C9", "non_mexico", None)),
        ("900123456-8", "CO", (None, None, "Tax id: 900123456-8")),
        ("", "", (None, None, None)),
    ],
)
def test_a_tax_id_is_written_where_zoho_reads_one(
    connector: ZohoConnector,
    server: zoho.FakeZoho,
    tax_id: str,
    country: str,
    written: tuple[str | None, ...],
) -> None:
    connector.create(Contact("c1", "Escuela Kemper", tax_id, country=country, street="Reforma 1"))
    (row,) = server.rows["contacts"]
    assert tuple(row.get(name) for name in ("tax_reg_no", "tax_treatment", "notes")) == written
    assert row["billing_address"]["address"] == "Reforma 1"
    assert [partner.tax_id for partner in connector.partners()] == [written[0] or ""]


def test_a_journal_counts_once_though_others_come_in_front_of_it(
    connector: ZohoConnector, server: zoho.FakeZoho
) -> None:
    """The newest first, as Zoho lists: each one written meanwhile shifts the pages by a row."""
    for number in range(30):
        connector.create(CASE.document(Kind.ENTRY, number))
    rows, waiting = server.rows["journals"], list(range(1000, 1010))

    def another() -> None:
        if waiting:
            newest = {"journal_id": f"9{waiting.pop():017d}", "entry_number": "x"}
            rows.insert(0, {**rows[-1], **newest})

    first = {row["journal_id"] for row in rows}
    server.before_list = another
    moves = list(connector.ledger(date(2026, 1, 1), date(2026, 1, 31)))
    server.before_list = lambda: None
    assert len({move.remote_id for move in moves}) == len(moves)
    assert first <= {move.entry_id for move in moves}
    assert len({move.entry_id for move in moves}) > len(first)
