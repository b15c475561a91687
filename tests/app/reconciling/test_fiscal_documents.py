"""A month of documents against the books: what is as on the paper asks for nothing, and each way of
being otherwise is told as what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.journal import Journal
from app.reconciling.fiscal_documents import Comparison, State, compare
from connectors import Invoice, Kind
from connectors.documents import Application as Part
from connectors.documents import InvoiceLine, Payment
from connectors.sandbox import SandboxConnector, SandboxStore
from tests import cfdi_month
from tests.app.sending.test_fiscal_documents import NAME, bring, mapped, push
from tests.cfdi_month import Month

Connect = Callable[..., SandboxConnector]


def compared(journal: Journal, target: SandboxConnector) -> Comparison:
    return compare(journal, NAME, target, date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def sent(journal: Journal, connect: Connect, tmp_path: Path) -> tuple[SandboxConnector, Month]:
    month = cfdi_month.month(40, seed=5)
    bring(journal, month, tmp_path / "marzo")
    target = connect()
    mapped(journal, target)
    assert push(journal, target).clean
    return target, month


def test_a_month_that_was_sent_leaves_nothing_to_explain(
    journal: Journal, sent: tuple[SandboxConnector, Month]
) -> None:
    target, month = sent
    found = compared(journal, target)
    assert found.unexplained == 0, found.counts
    assert found.counts[State.CANCELLED] == sum(one.cancelled for one in month.papers)
    assert found.counts[State.EQUAL] == len(month.counting) + len(month.payments)


def change(store: SandboxStore, text: str, uuid: str) -> None:
    with store._writing() as cursor:
        cursor.execute(f"UPDATE document SET {text} WHERE reference = ?", (f"CFDI:{uuid}",))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("total = total + 1", State.AMOUNT),
        ("residual = residual + 1", State.OPEN),
        ("date = '2026-04-02'", State.PERIOD),
        ("date = '2026-03-32'", State.DAY),
        ("kind = 'gone'", State.MISSING_IN_BOOKS),
    ],
)
def test_each_difference_is_told_as_what_it_is(
    journal: Journal,
    sent: tuple[SandboxConnector, Month],
    store: SandboxStore,
    text: str,
    state: State,
) -> None:
    target, month = sent
    paper = next(one for one in month.counting if one.kind == "sale" and one.day.day < 31)
    change(store, text.replace("2026-03-32", f"2026-03-{paper.day.day + 1:02}"), paper.uuid)
    found = [
        one
        for one in compared(journal, target).rows
        if one.state not in (State.EQUAL, State.CANCELLED)
    ]
    assert [(one.state, one.id) for one in found] == [(state, paper.uuid)]


def test_what_stands_in_the_books_alone_is_told(
    journal: Journal, sent: tuple[SandboxConnector, Month]
) -> None:
    target, _ = sent
    contact = target.partners()[0].code
    line = InvoiceLine("x", Decimal(1), Decimal(100), "401.01", taxes=("IVA16",))
    target.create(Invoice("by hand", Kind.INVOICE, "Z-9", date(2026, 3, 9), contact, (line,)))
    found = compared(journal, target)
    (alone,) = (one for one in found.rows if one.state is State.NO_PAPER)
    assert (alone.number, alone.in_books) == ("Z-9", Decimal("116.00"))


def test_money_somebody_typed_in_the_target_shows_as_open(
    journal: Journal, sent: tuple[SandboxConnector, Month]
) -> None:
    target, month = sent
    paper = next(
        one for one in month.counting if one.open and one.currency == "MXN" and one.kind == "sale"
    )
    held = next(
        one
        for one in target.documents(Kind.INVOICE, date(2026, 3, 1), date(2026, 3, 31))
        if one.reference == f"CFDI:{paper.uuid}"
    )
    part = (Part(held.remote_id, Decimal("1.00")),)
    target.create(
        Payment(
            "by hand", Kind.RECEIPT, date(2026, 4, 9), held.contact, Decimal("1.00"), "102.01", part
        )
    )
    (told,) = (one for one in compared(journal, target).rows if one.state is State.OPEN)
    assert (told.id, told.open, told.open_in_books) == (
        paper.uuid,
        paper.open,
        paper.open - Decimal("1.00"),
    )


def test_an_xml_the_authority_lists_and_nobody_brought_is_told(
    journal: Journal, connect: Connect, tmp_path: Path
) -> None:
    month = cfdi_month.month(20, seed=6)
    missing = next(one for one in month.counting if one.kind == "bill")
    del month.files[f"{missing.uuid}.xml"]
    bring(journal, month, tmp_path / "marzo")
    target = connect()
    mapped(journal, target)
    found = compared(journal, target)
    assert [one.id for one in found.rows if one.state is State.NO_XML] == [missing.uuid]
