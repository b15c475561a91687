"""What a target would refuse of an entry is known before it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.documents.obstacles import PROBLEM_TEXTS, Problem
from app.documents.targets import WITHOUT_PARTY, TargetLists
from connectors import EntryLine, JournalEntry
from connectors.documents import Closed, Need, RemoteAccount, RemoteJournal

HUNDRED, NOTHING = Decimal("100.00"), Decimal("0.00")
LISTS = TargetLists(
    accounts={
        item.code: item
        for item in (
            RemoteAccount("090", "Bank", closed=Closed.BANK),
            RemoteAccount("200", "Sales"),
            RemoteAccount("610", "Debtors", closed=Closed.INVOICES, of_parties=True),
            RemoteAccount("960", "Retained", closed=Closed.OWN),
            RemoteAccount("105", "Clientes", of_parties=True),
            RemoteAccount("102", "Dólares", currency="USD"),
            RemoteAccount("1305", "Clientes", needs=frozenset({Need.DOCUMENT})),
            RemoteAccount("2408", "IVA", needs=frozenset({Need.TAX})),
            RemoteAccount("1435", "Inventario", needs=frozenset({Need.PRODUCT})),
        )
    },
    journals={
        "GEN": RemoteJournal("GEN", "General"),
        "CC": RemoteJournal("CC", "Con centro", needs=frozenset({Need.DIMENSION})),
    },
    partners={"P-1"},
    dimensions={"NORTE"},
    needs={},
    locked_until=date(2025, 12, 31),
    currency="MXN",
)


def entry(account: str, journal: str = "GEN", **of_line: str) -> JournalEntry:
    first = replace(EntryLine(account, HUNDRED, NOTHING, "Venta"), **of_line)
    second = EntryLine("200", NOTHING, HUNDRED, "Venta", dimension=of_line.get("dimension", ""))
    return JournalEntry("R/1", date(2026, 1, 15), journal, "Venta", (first, second))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (entry("200"), []),
        (entry("090"), [(Problem.ACCOUNT_IS_BANK, "090 Bank")]),
        (entry("610"), [(Problem.ACCOUNT_OF_INVOICES, "610 Debtors")]),
        (entry("960"), [(Problem.ACCOUNT_CLOSED, "960 Retained")]),
        (entry("102"), [(Problem.ACCOUNT_IN_CURRENCY, "102 Dólares (USD)")]),
        (entry("1305"), [(Problem.DOCUMENT_NEEDED, "1305 Clientes")]),
        (entry("1305", document="F-1"), []),
        (entry("2408"), [(Problem.TAX_NEEDED, "2408 IVA")]),
        (entry("1435"), [(Problem.PRODUCT_NEEDED, "1435 Inventario")]),
        (entry("999"), [(Problem.ACCOUNT_NOT_IN_TARGET, "999")]),
        (entry("200", partner="P-1"), []),
        (entry("200", partner="P-9"), [(Problem.PARTNER_NOT_IN_TARGET, "P-9")]),
        (entry("200", dimension="NORTE"), []),
        (entry("200", dimension="SUR"), [(Problem.DIMENSION_NOT_IN_TARGET, "SUR")]),
        (entry("200", "CC"), [(Problem.DIMENSION_NEEDED, "200 Sales")]),
        (entry("200", "CC", dimension="NORTE"), []),
        (entry("200", "XX"), [(Problem.JOURNAL_NOT_IN_TARGET, "XX")]),
    ],
)
def test_what_an_account_asks_or_refuses_holds_the_voucher_back(
    given: JournalEntry, found: list[tuple[Problem, str]]
) -> None:
    assert LISTS.obstacles(given) == found
    assert all(problem in PROBLEM_TEXTS for problem, _ in found)


def test_a_target_without_a_chart_asks_by_the_beginning_of_the_code() -> None:
    needs = {"": frozenset({Need.PARTY}), "1305": frozenset({Need.DOCUMENT})}
    lists = replace(LISTS, accounts=None, needs=needs)
    assert lists.obstacles(entry("130505", partner="P-1")) == [
        (Problem.DOCUMENT_NEEDED, "130505"),
        (Problem.PARTY_NEEDED, "200"),
    ]


def test_lines_of_customers_without_one_are_told_where_the_target_takes_them() -> None:
    assert LISTS.without_party(entry("105")) == [(WITHOUT_PARTY, "105 Clientes")]
    assert LISTS.without_party(entry("105", partner="P-1")) == []
    assert LISTS.without_party(entry("610")) == [], "it is refused as a whole"


def test_a_closed_day_is_named_once() -> None:
    late = replace(entry("200"), date=date(2025, 12, 31))
    assert LISTS.obstacles(late) == [(Problem.PERIOD_CLOSED, "2025-12-31")]
