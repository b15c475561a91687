"""Fiscal documents in Odoo come out as their papers have them. Amounts are those observed on a real
Odoo 19 with the Mexican and Colombian charts, beside what the paper says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connectors import Invoice, Kind, Transport
from connectors.documents import Application, Attachment, InvoiceLine, Payment
from connectors.errors import Rejected
from connectors.odoo import OdooConnector
from connectors.odoo.papers import in_order
from tests.connectors.fake_odoo import DATABASE, KEY, USER, FakeOdoo

DAY = date(2026, 3, 10)
UUID = "A0C0FFEE-0000-4000-8000-000000000104"
TAXES = {
    22: {"name": "16% IVA compras", "amount": 16.0, "type_tax_use": "purchase"},
    23: {"name": "-10% ISR", "amount": -10.0, "type_tax_use": "purchase"},
    24: {"name": "-10.6667% IVA", "amount": -10.6667, "type_tax_use": "purchase"},
    25: {"name": "IEPS 8%", "amount": 8.0, "type_tax_use": "sale", "include_base_amount": True},
}


@pytest.fixture
def odoo() -> Iterator[FakeOdoo]:
    server = FakeOdoo()
    for key, row in TAXES.items():
        server.taxes[key] = {"id": key, "amount_type": "percent", "company_id": 1, **row}
    yield server
    server.stop()


@pytest.fixture
def erp(odoo: FakeOdoo) -> Iterator[OdooConnector]:
    connector = OdooConnector(Transport(odoo.url), DATABASE, USER, KEY)
    yield connector
    connector.close()


def line(net: str, *taxes: int, quantity: str = "1", account: str = "401.01.01") -> InvoiceLine:
    codes = tuple(map(str, taxes))
    return InvoiceLine("x", Decimal(quantity), Decimal(net), account, "", codes)


def paper(kind: Kind, total: str, *lines: InvoiceLine, **values: object) -> Invoice:
    made = Invoice(f"CFDI:{UUID}", kind, "A-102", DAY, "7", lines, None, Decimal(total))
    return replace(made, fiscal_id=UUID, **values)  # type: ignore[arg-type]


CASES = {
    # round_globally comes to 463.95; the paper taxes each line
    "per line": (Kind.INVOICE, "463.92", [line("33.33", 21)] * 12, {"21": "63.96"}),
    "per line, a bill": (Kind.BILL, "463.92", [line("33.33", 22)] * 12, {"22": "63.96"}),
    "six decimals": (Kind.INVOICE, "35.97", [line("10.335556", 21)] * 3, {"21": "4.96"}),
    "fees": (
        Kind.BILL,
        "9533.33",
        [line("10000", 22, 23, 24, account="601.84.01")],
        {"22": "1600.00", "23": "1000.00", "24": "1066.67"},
    ),
    "excise in the base": (
        Kind.INVOICE,
        "1252.80",
        [line("1000", 21, 25)],
        {"21": "172.80", "25": "80.00"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_document_comes_to_its_paper(erp: OdooConnector, odoo: FakeOdoo, name: str) -> None:
    kind, total, lines, stated = CASES[name]
    amounts = tuple((code, Decimal(amount)) for code, amount in stated.items())
    made = erp.create(paper(kind, total, *lines, tax_amounts=amounts))
    assert (made.state, made.total) == ("posted", Decimal(total))
    assert made.reference == f"CFDI:{UUID}"
    assert odoo.moves[int(made.remote_id)]["ref"] == f"A-102 CFDI:{UUID}"
    assert [one.remote_id for one in erp.find(paper(kind, total, *lines))] == [made.remote_id]


def test_what_cannot_be_rounding_stays_a_draft_with_both_numbers(
    erp: OdooConnector, odoo: FakeOdoo
) -> None:
    stated = (("21", Decimal("60.00")),)
    wrong = paper(Kind.INVOICE, "459.96", *[line("33.33", 21)] * 12, tax_amounts=stated)
    with pytest.raises(Rejected, match=r"463\.95.*459\.96"):
        erp.create(wrong)
    assert [move["state"] for move in odoo.moves.values()] == ["draft"]


def test_an_invoice_in_dollars_keeps_the_rate_of_the_paper(
    erp: OdooConnector, odoo: FakeOdoo
) -> None:
    rate = Decimal("17.5013")
    sold = paper(
        Kind.INVOICE,
        "2087.83",
        line("1799.85", 21),
        currency="USD",
        rate=rate,
        tax_amounts=(("21", Decimal("287.98")),),
    )
    made = erp.create(sold)
    move = odoo.moves[int(made.remote_id)]
    assert move["currency"] == "1"
    assert abs(1 / move["rate"] - float(rate)) < 1e-6
    with pytest.raises(Rejected, match="EUR is not active"):
        erp.create(replace(sold, reference="CFDI:2", currency="EUR"))
    assert len(odoo.moves) == 1


def test_a_credit_note_settles_one_document_by_reversing_it_and_several_by_turn(
    erp: OdooConnector, odoo: FakeOdoo
) -> None:
    first = erp.create(paper(Kind.INVOICE, "464.00", line("400", 21)))
    note = paper(Kind.REFUND, "116.00", line("100", 21), settles=(first.remote_id,))
    made = erp.create(replace(note, reference="CFDI:N1"))
    assert made.residual == 0
    assert odoo.moves[int(first.remote_id)]["amount_residual"] == 348.0
    second = erp.create(replace(paper(Kind.INVOICE, "116.00", line("100", 21)), reference="CFDI:2"))
    both = replace(
        paper(Kind.REFUND, "464.00", line("400", 21)),
        reference="CFDI:N2",
        settles=(first.remote_id, second.remote_id),
    )
    erp.create(both)
    left = [odoo.moves[int(one.remote_id)]["amount_residual"] for one in (first, second)]
    assert left == [0.0, 0.0]


def pay(*parts: Application, amount: str) -> Payment:
    return Payment("CFDI:P#1", Kind.RECEIPT, DAY, "7", Decimal(amount), "BNK1", parts)


def test_parts_are_applied_as_meant_though_odoo_applies_as_much_as_fits(
    erp: OdooConnector, odoo: FakeOdoo
) -> None:
    open_one = erp.create(paper(Kind.INVOICE, "464.00", line("400", 21)))
    whole = erp.create(replace(paper(Kind.INVOICE, "116.00", line("100", 21)), reference="CFDI:2"))
    parts = (
        Application(open_one.remote_id, Decimal("100.00")),
        Application(whole.remote_id, Decimal("116.00")),
    )
    erp.create(pay(*parts, amount="216.00"))
    left = [odoo.moves[int(one.remote_id)]["amount_residual"] for one in (open_one, whole)]
    assert left == [364.0, 0.0]


def test_two_open_parts_of_one_payment_are_refused_before_anything_is_written() -> None:
    parts = [Application("1", Decimal(1)), Application("2", Decimal(1))]
    with pytest.raises(Rejected, match="at most one"):
        in_order(parts, {"1": Decimal(5), "2": Decimal(5)}, Decimal(2))
    residuals = {"1": Decimal(5), "2": Decimal(1)}
    assert in_order(parts, residuals, Decimal(2)) == [parts[1], parts[0]]
    with pytest.raises(Rejected, match="belongs to no invoice"):
        in_order(parts, residuals, Decimal(3))


def test_a_payment_whose_answer_was_lost_before_it_was_applied_is_completed(
    erp: OdooConnector, odoo: FakeOdoo
) -> None:
    sold = erp.create(paper(Kind.INVOICE, "464.00", line("400", 21)))
    paid = pay(Application(sold.remote_id, Decimal("100.00")), amount="100.00")
    made = erp.create(replace(paid, applied=()))
    assert odoo.moves[int(sold.remote_id)]["amount_residual"] == 464.0
    for _ in range(2):
        erp.complete(paid, made)
        assert odoo.moves[int(sold.remote_id)]["amount_residual"] == 364.0


def test_a_file_is_attached_to_documents_and_payments(erp: OdooConnector, odoo: FakeOdoo) -> None:
    sold = erp.create(paper(Kind.INVOICE, "464.00", line("400", 21)))
    file = Attachment("x/0", sold.remote_id, Kind.INVOICE, "a.xml", "application/xml", b"<a/>")
    assert list(erp.attached(file)) == []
    erp.attach(file)
    assert [one.name for one in erp.attached(file)] == ["a.xml"]
    assert odoo.attachments[0]["res_model"] == "account.move"
    of_payment = replace(file, of_kind=Kind.RECEIPT)
    assert list(erp.attached(of_payment)) == []


def test_taxes_say_which_of_the_authority_they_are_and_where_they_go(
    erp: OdooConnector, odoo: FakeOdoo
) -> None:
    for key, row in odoo.taxes.items():
        kind = {23: "isr", 25: "ieps"}.get(key, "iva")
        row |= {"l10n_mx_tax_type": kind, "l10n_mx_factor_type": "Tasa", "account": [4, "601 IVA"]}
    told = {tax.code: tax for tax in erp.taxes()}
    assert (told["23"].authority, told["23"].rate) == ("ISR", Decimal("-10.0"))
    assert (told["21"].authority, told["21"].is_exempt) == ("IVA", False)
    assert told["21"].details == "601 IVA"


def test_a_lost_answer_never_gives_one_invoice_what_another_was_paid(
    erp: OdooConnector, odoo: FakeOdoo
) -> None:
    """Whichever order the paper has them in: the part that settles its invoice goes first."""
    large = erp.create(paper(Kind.INVOICE, "1160.00", line("1000", 21)))
    whole = erp.create(replace(paper(Kind.INVOICE, "116.00", line("100", 21)), reference="CFDI:2"))
    parts = (
        Application(large.remote_id, Decimal("500.00")),
        Application(whole.remote_id, Decimal("116.00")),
    )
    paid = pay(*parts, amount="616.00")
    made = erp.create(replace(paid, applied=()))
    for _ in range(2):
        erp.complete(paid, made)
        left = [odoo.moves[int(one.remote_id)]["amount_residual"] for one in (large, whole)]
        assert left == [660.0, 0.0]


def test_a_draft_without_an_invoice_date_is_listed_by_its_own(
    odoo: FakeOdoo, erp: OdooConnector
) -> None:
    """Odoo sets it when it is posted; a list without it would take the draft for deleted."""
    made = erp.create(paper(Kind.INVOICE, "116.00", line("100", 21)))
    odoo.moves[int(made.remote_id)] |= {"state": "draft", "invoice_date": False}
    listed = list(erp.documents(Kind.INVOICE, DAY, DAY))
    assert [(one.remote_id, one.state) for one in listed] == [(made.remote_id, "draft")]
    assert list(erp.documents(Kind.INVOICE, date(2026, 4, 1), date(2026, 4, 30))) == []
