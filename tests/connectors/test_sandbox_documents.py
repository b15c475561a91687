"""The sandbox reckons documents as the authorities and the exchange of the day would have them.

The amounts are those of the papers and of the arithmetic beside them, none of the sandbox's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from connectors import Contact, Invoice, Kind
from connectors.documents import Application, Attachment, InvoiceLine, Payment, RemoteRecord
from connectors.errors import Rejected
from connectors.sandbox import SandboxConnector, SandboxStore

Connect = Callable[..., SandboxConnector]
DAY = date(2026, 4, 10)


@pytest.fixture
def erp(connect: Connect) -> SandboxConnector:
    connector = connect()
    connector.create(Contact("C1", "XENON INDUSTRIAL ARTICLES", "XIA190128J61"))
    return connector


def contact_of(erp: SandboxConnector) -> str:
    return next(partner.code for partner in erp.partners() if partner.reference == "C1")


def line(net: str, *taxes: str, account: str = "401.01", quantity: str = "1") -> InvoiceLine:
    return InvoiceLine("x", Decimal(quantity), Decimal(net), account, taxes=taxes)


def invoice(
    erp: SandboxConnector, reference: str, kind: Kind, *lines: InvoiceLine, **values: object
) -> Invoice:
    return Invoice(reference, kind, reference, DAY, contact_of(erp), lines, **values)  # type: ignore[arg-type]


def posted(erp: SandboxConnector, reference: str) -> dict[str, Decimal]:
    """Account → debit less credit of a document's entry."""
    found: dict[str, Decimal] = {}
    for move in erp.ledger(date(2026, 1, 1), date(2026, 12, 31)):
        if move.reference == reference:
            found[move.account] = found.get(move.account, Decimal(0)) + move.debit - move.credit
    return found


def held(erp: SandboxConnector, document: Invoice | Payment) -> RemoteRecord:
    (record,) = erp.find(document)
    return record


CASES = {
    # 12 × 33.33 = 399.96; the paper taxes each line: 12 × 5.33 = 63.96 (on the sum: 63.99)
    "per line": (
        Kind.INVOICE,
        [line("33.33", "IVA16")] * 12,
        {"IVA16": "63.96"},
        {"105.01": "463.92", "401.01": "-399.96", "209.01": "-63.96"},
    ),
    # 10,000 + 16 % − 10 % − two thirds of 16 % = 9,533.33
    "fees": (
        Kind.BILL,
        [line("10000", "IVA16", "RISR10", "RIVA106667", account="601.34")],
        {},
        {
            "601.34": "10000",
            "119.01": "1600",
            "216.04": "-1000",
            "216.10": "-1066.67",
            "201.01": "-9533.33",
        },
    ),
    # IVA is charged on the IEPS too: 1,000 + 80; 16 % of 1,080 = 172.80
    "excise": (
        Kind.INVOICE,
        [line("1000", "IEPS8", "IVA16")],
        {},
        {"105.01": "1252.80", "401.01": "-1000", "209.02": "-80", "209.01": "-172.80"},
    ),
    # three lines of a third: 31.006667 is 31.01 once, 4.96 of tax
    "six decimals": (
        Kind.INVOICE,
        [line("10.335556", "IVA16")] * 3,
        {},
        {"105.01": "35.97", "401.01": "-31.01", "209.01": "-4.96"},
    ),
    "exempt beside taxed": (
        Kind.INVOICE,
        [line("100", "IVA16"), line("50", "IVAEX"), line("7")],
        {},
        {"105.01": "173", "401.01": "-157", "209.01": "-16"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_document_is_posted_as_its_paper_has_it(erp: SandboxConnector, name: str) -> None:
    kind, lines, stated, expected = CASES[name]
    amounts = tuple((code, Decimal(amount)) for code, amount in stated.items())
    total = abs(Decimal(expected["105.01" if kind is Kind.INVOICE else "201.01"]))
    erp.create(invoice(erp, name, kind, *lines, tax_amounts=amounts, total=total))
    assert posted(erp, name) == {code: Decimal(amount) for code, amount in expected.items()}


def test_a_tax_by_the_litre_is_what_the_line_states(erp: SandboxConnector) -> None:
    fuel = InvoiceLine(
        "Magna",
        Decimal(40),
        Decimal("20.00"),
        "401.01",
        "",
        ("IEPSQ", "IVA16"),
        "",
        (("IEPSQ", Decimal("25.60")),),
    )
    erp.create(invoice(erp, "fuel", Kind.INVOICE, fuel, total=Decimal("957.70")))
    # 800 + 25.60; 16 % of 825.60 = 132.096
    assert posted(erp, "fuel")["209.01"] == Decimal("-132.10")
    bare = invoice(erp, "bare", Kind.INVOICE, line("20", "IEPSQ"))
    with pytest.raises(Rejected, match="amount"):
        erp.create(bare)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"tax_amounts": (("IVA16", Decimal("16.05")),)}, "tax_differs"),
        ({"tax_amounts": (("IVA8", Decimal("8")),)}, "unknown_tax"),
        ({"currency": "USD"}, "currency"),
        ({"currency": "MXN", "rate": Decimal("17.5")}, "bad_rate"),
        ({"total": Decimal("115.99")}, "total_differs"),
    ],
)
def test_what_cannot_be_the_paper_is_refused(
    erp: SandboxConnector, values: dict[str, object], code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        erp.create(invoice(erp, "bad", Kind.INVOICE, line("100", "IVA16"), **values))
    assert refused.value.code == code
    assert posted(erp, "bad") == {}


def test_a_payment_in_pesos_settles_dollars_at_the_rate_they_were_booked(
    erp: SandboxConnector,
) -> None:
    """1,000 of 2,087.83 USD at 17.5013 are paid with 17,250.00 MXN: 251.30 are lost."""
    rate = Decimal("17.5013")
    sale = invoice(
        erp,
        "usd",
        Kind.INVOICE,
        line("1799.85", "IVA16"),
        currency="USD",
        rate=rate,
        total=Decimal("2087.83"),
    )
    made = erp.create(sale)
    assert posted(erp, "usd")["105.01"] == Decimal("36539.74")
    part = Application(made.remote_id, Decimal("1000.00"), Decimal("17250.00"))
    paid = Payment(
        "pago", Kind.RECEIPT, DAY, contact_of(erp), Decimal("17250.00"), "102.01", (part,)
    )
    erp.create(paid)
    assert posted(erp, "pago") == {
        "102.01": Decimal("17250.00"),
        "105.01": Decimal("-17501.30"),
        "701.01": Decimal("251.30"),
    }
    assert held(erp, sale).residual == Decimal("1087.83")
    rest = Application(made.remote_id, Decimal("1087.83"))
    last = Payment(
        "last",
        Kind.RECEIPT,
        DAY,
        contact_of(erp),
        Decimal("1087.83"),
        "102.02",
        (rest,),
        "USD",
        rate=Decimal("18"),
    )
    erp.create(last)
    assert held(erp, sale).residual == 0
    # what was booked is gone to the cent, whatever the rates were
    gone = posted(erp, "usd")["105.01"] + posted(erp, "pago")["105.01"]
    assert gone + posted(erp, "last")["105.01"] == 0
    assert posted(erp, "last")["702.01"] == -(Decimal("19580.94") - gone)


def test_a_credit_note_settles_what_it_is_about(erp: SandboxConnector) -> None:
    sale = invoice(erp, "sale", Kind.INVOICE, line("400", "IVA16"))
    made = erp.create(sale)
    note = invoice(
        erp,
        "note",
        Kind.REFUND,
        line("100", "IVA16"),
        settles=(made.remote_id,),
    )
    erp.create(note)
    assert (held(erp, sale).residual, held(erp, note).residual) == (Decimal("348"), 0)
    larger = invoice(erp, "more", Kind.REFUND, line("400", "IVA16"), settles=(made.remote_id,))
    erp.create(larger)
    assert (held(erp, sale).residual, held(erp, larger).residual) == (0, Decimal("116"))


def test_a_payment_takes_no_more_than_is_open(erp: SandboxConnector) -> None:
    made = erp.create(invoice(erp, "sale", Kind.INVOICE, line("100", "IVA16")))
    part = Application(made.remote_id, Decimal("116.01"))
    paid = Payment("p", Kind.RECEIPT, DAY, contact_of(erp), Decimal(200), "102.01", (part,))
    with pytest.raises(Rejected, match="116"):
        erp.create(paid)


def test_a_file_is_kept_beside_its_document(erp: SandboxConnector) -> None:
    made = erp.create(invoice(erp, "sale", Kind.INVOICE, line("400", "IVA16")))
    file = Attachment(
        "sale/xml", made.remote_id, Kind.INVOICE, "a.xml", "application/xml", "<ñ/>".encode()
    )
    assert list(erp.attached(file)) == []
    erp.attach(file)
    assert [record.name for record in erp.attached(file)] == ["a.xml"]


@pytest.mark.parametrize("country", ["CO"])
def test_colombian_withholdings_have_their_own_bases(
    connect: Connect, store: SandboxStore, country: str
) -> None:
    """1,000,000 + 19 % − 4 % − 15 % of the IVA − 9.66 per thousand = 1,111,840."""
    store.add_partner("P1", "PROVEEDOR DE PRUEBA SAS", "901000111")
    erp = connect()
    taxes = ("IVA19", "RF4", "RI15", "RICA0966")
    bill = Invoice(
        "B1",
        Kind.BILL,
        "SETP1",
        DAY,
        "P1",
        (line("1000000", *taxes, account="511025"),),
        total=Decimal("1111840.00"),
    )
    erp.create(bill)
    assert posted(erp, "B1") == {
        "511025": Decimal("1000000"),
        "240802": Decimal("190000"),
        "236540": Decimal("-40000"),
        "236701": Decimal("-28500"),
        "236801": Decimal("-9660"),
        "220505": Decimal("-1111840"),
    }
