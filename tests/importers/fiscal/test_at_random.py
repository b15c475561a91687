"""Documents made at random by the authorities' own arithmetic are read back equal, and one whose
total is another says so.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.importers.fiscal.test_reading import OWN_CO, OWN_MX, read, told

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


LINES = st.lists(
    st.tuples(
        st.integers(1, 999),
        st.integers(1, 10**9),
        st.sampled_from(["0.160000", "0.080000", "0.000000", "exempt"]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=8,
)


@given(LINES, st.sampled_from([2, 4, 6]), st.integers(-3, 3))
def test_a_cfdi_of_any_lines_is_read_to_the_cent(
    rows: list[tuple[int, int, str, int]], decimals: int, wrong: int
) -> None:
    unit = Decimal(1).scaleb(-decimals)
    concepts, gross, discount, taxes = [], Decimal(0), Decimal(0), Decimal(0)
    for quantity, price, rate, tenths in rows:
        unit_price = Decimal(price).scaleb(-6).quantize(unit) + unit
        amount = (quantity * unit_price).quantize(unit)
        less = (amount * tenths / 10).quantize(unit)
        net = amount - less
        gross, discount = gross + amount, discount + less
        factor = f'TipoFactor="Tasa" TasaOCuota="{rate}"'
        said = ""
        if rate == "exempt":
            factor = 'TipoFactor="Exento"'
        else:
            tax = (net * Decimal(rate)).quantize(unit, rounding=ROUND_HALF_UP)
            taxes, said = taxes + tax, f' Importe="{tax}"'
        concepts.append(
            f'<c:Concepto Cantidad="{quantity}" ValorUnitario="{unit_price}" Importe="{amount}"'
            f' Descuento="{less}" Descripcion="x"><c:Impuestos><c:Traslados>'
            f'<c:Traslado Base="{net}" Impuesto="002" {factor}{said}/>'
            "</c:Traslados></c:Impuestos></c:Concepto>"
        )
    subtotal, less = cents(gross), cents(discount)
    # The paper's header is consistent with itself where the discount is rounded for its own.
    less = subtotal - cents(gross - discount)
    total = subtotal - less + cents(taxes)
    text = (
        '<c:Comprobante xmlns:c="http://www.sat.gob.mx/cfd/4" Version="4.0" Serie="A" Folio="1"'
        f' Fecha="2026-03-05T10:00:00" SubTotal="{subtotal}" Descuento="{less}" Moneda="MXN"'
        f' Total="{total + wrong * CENT}" TipoDeComprobante="I">'
        '<c:Emisor Rfc="EKU9003173C9"/><c:Receptor Rfc="XIA190128J61"/>'
        f"<c:Conceptos>{''.join(concepts)}</c:Conceptos>"
        '<c:Complemento><t:TimbreFiscalDigital xmlns:t="http://www.sat.gob.mx/TimbreFiscalDigital"'
        ' UUID="A0C0FFEE-0000-4000-8000-000000000301"/></c:Complemento></c:Comprobante>'
    )
    if total + wrong * CENT < 0:
        return
    found = read(text, own=OWN_MX)
    (document,) = found.documents
    assert document.totals["net"] == subtotal - less
    assert abs(document.totals["transferred"] - cents(taxes)) <= CENT * len(rows)
    assert document.lines is not None and len(document.lines) == len(rows)
    if document.totals["transferred"] == cents(taxes):
        assert told(found) == ({"total-mismatch"} if wrong else set())


@given(
    st.lists(
        st.tuples(
            st.integers(1, 50), st.integers(1, 10**8), st.sampled_from(["19", "5.0", "0.00"])
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([0, 5, -7]),
)
def test_a_dian_invoice_of_any_lines_is_read_to_the_cent(
    rows: list[tuple[int, int, str]], wrong: int
) -> None:
    lines, sums = [], dict[str, tuple[Decimal, Decimal]]()
    for quantity, price, rate in rows:
        net = quantity * Decimal(price).scaleb(-2)
        tax = cents(net * Decimal(rate) / 100)
        base, amount = sums.get(rate, (Decimal(0), Decimal(0)))
        sums[rate] = base + net, amount + tax
        lines.append(
            f"<InvoiceLine><InvoicedQuantity>{quantity}</InvoicedQuantity>"
            f"<LineExtensionAmount>{net}</LineExtensionAmount>{subtotal(rate, net, tax)}"
            f"<Item><Description>x</Description></Item></InvoiceLine>"
        )
    net = sum((base for base, _ in sums.values()), Decimal(0))
    tax = sum((amount for _, amount in sums.values()), Decimal(0))
    if net + tax + wrong < 0:
        return
    text = (
        '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">'
        "<ProfileExecutionID>1</ProfileExecutionID><ID>SETP1</ID>"
        f'<UUID schemeName="CUFE-SHA384">{"a" * 96}</UUID><IssueDate>2026-03-10</IssueDate>'
        "<DocumentCurrencyCode>COP</DocumentCurrencyCode>"
        f"{party('Supplier', '901000111')}{party('Customer', '900123456')}"
        f"{''.join(subtotal(rate, *both) for rate, both in sums.items())}"
        f"<LegalMonetaryTotal><LineExtensionAmount>{net}</LineExtensionAmount>"
        f"<PayableAmount>{net + tax + wrong}</PayableAmount></LegalMonetaryTotal>"
        f"{''.join(lines)}</Invoice>"
    )
    found = read(text, own=OWN_CO)
    (document,) = found.documents
    assert (document.totals["net"], document.totals["transferred"]) == (net, tax)
    assert {item.key for item in document.taxes or ()} == {
        f"CO:01:T:{Decimal(rate):.2f}" for rate in sums
    }
    assert told(found) == ({"total-mismatch"} if wrong else set())


def subtotal(rate: str, base: Decimal, tax: Decimal) -> str:
    return (
        f"<TaxTotal><TaxAmount>{tax}</TaxAmount><TaxSubtotal><TaxableAmount>{base}</TaxableAmount>"
        f"<TaxAmount>{tax}</TaxAmount><TaxCategory><Percent>{rate}</Percent><TaxScheme><ID>01</ID>"
        "</TaxScheme></TaxCategory></TaxSubtotal></TaxTotal>"
    )


def party(role: str, number: str) -> str:
    return (
        f"<Accounting{role}Party><Party><PartyTaxScheme><RegistrationName>x</RegistrationName>"
        f"<CompanyID>{number}</CompanyID></PartyTaxScheme></Party></Accounting{role}Party>"
    )
