"""DIAN documents: plain, wrapped, and the portal's listing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from importers import Failure, Finding, LedgerLine, Options, Source, inspect, read

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CUFE = "8bb918b1" + "0" * 82 + "5bd9b4"


def document(
    root: str = "Invoice", total: str = "1785000.00", digit: str = "4", cufe: str = CUFE
) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="{UBL}{root}-2" xmlns:cac="{UBL}CommonAggregateComponents-2"
  xmlns:cbc="{UBL}CommonBasicComponents-2">
  <cbc:UBLVersionID>UBL 2.1</cbc:UBLVersionID>
  <cbc:ID>FE1001</cbc:ID>
  <cbc:UUID schemeName="CUFE-SHA384">{cufe}</cbc:UUID>
  <cbc:IssueDate>2026-01-16</cbc:IssueDate>
  <cbc:DocumentCurrencyCode>COP</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party><cac:PartyTaxScheme>
    <cbc:RegistrationName>Compañía Ñandú SAS</cbc:RegistrationName>
  <cbc:CompanyID schemeID="8" schemeName="31">900123456</cbc:CompanyID>
  </cac:PartyTaxScheme></cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party><cac:PartyTaxScheme>
    <cbc:RegistrationName>DIAN</cbc:RegistrationName>
  <cbc:CompanyID schemeID="{digit}" schemeName="31">800197268</cbc:CompanyID>
  </cac:PartyTaxScheme></cac:Party></cac:AccountingCustomerParty>
  <cac:LegalMonetaryTotal><cbc:LineExtensionAmount>1.00</cbc:LineExtensionAmount>
  <cbc:PayableAmount currencyID="COP">{total}</cbc:PayableAmount></cac:LegalMonetaryTotal>
  <cac:InvoiceLine><cbc:ID>1</cbc:ID></cac:InvoiceLine>
</{root}>
"""


def wrapped() -> str:
    inner = document()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<AttachedDocument xmlns="{UBL}AttachedDocument-2" xmlns:cac="{UBL}CommonAggregateComponents-2"
  xmlns:cbc="{UBL}CommonBasicComponents-2">
  <cbc:ID>9</cbc:ID>
  <cac:Attachment><cac:ExternalReference><cbc:Description><![CDATA[{inner}]]></cbc:Description>
  </cac:ExternalReference></cac:Attachment>
</AttachedDocument>
"""


def lines(text: str) -> list[LedgerLine]:
    return [
        item for item in read(Source.of("d.xml", text.encode())) if isinstance(item, LedgerLine)
    ]


@pytest.mark.parametrize("text", [document(), wrapped()], ids=["plain", "attached"])
def test_an_invoice_is_one_line_with_both_parties(text: str) -> None:
    (line,) = lines(text)
    assert (line.reference, line.date, line.debit, line.tax_id, line.party) == (
        "FE1001",
        date(2026, 1, 16),
        Decimal("1785000.00"),
        "800197268",
        "DIAN",
    )
    assert line.identifier == CUFE
    told = [
        item
        for item in read(Source.of("d.xml", text.encode(), Options(own_tax_ids=("900123456",))))
        if isinstance(item, Finding | Failure)
    ]
    # A total and parties are a line in the books; without lines and taxes it is no whole document.
    assert [item.code for item in told if isinstance(item, Finding)] == ["document-not-whole"]
    assert len(told) == 1


def test_a_credit_note_is_a_credit() -> None:
    (line,) = lines(document("CreditNote"))
    assert (line.debit, line.credit) == (Decimal("0.00"), Decimal("1785000.00"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (document(digit="7"), "nit-check-digit"),
        (document(cufe="x"), "cufe-form"),
        (document(total="mucho"), "not-an-amount"),
    ],
)
def test_what_is_wrong_is_said(text: str, code: str) -> None:
    assert code in [
        item.code for item in read(Source.of("d.xml", text.encode())) if isinstance(item, Finding)
    ]


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        (document(), "dian-invoice"),
        (wrapped(), "dian-attacheddocument"),
        (document("DebitNote"), "dian-debitnote"),
    ],
)
def test_inspect_names_it(tmp_path: Path, text: str, profile: str) -> None:
    (tmp_path / "d.xml").write_text(text, "utf-8")
    assert inspect(tmp_path / "d.xml").profile == profile


def test_the_portals_listing(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        "Tipo de documento;CUFE/CUDE;Folio;Prefijo;Divisa;Fecha Emisión;Fecha Recepción;NIT"
        " Emisor;Nombre Emisor;NIT Receptor;Nombre Receptor;IVA;Total\n"
        "Factura"
        f" electrónica;{CUFE};1001;FE;COP;16-01-2026;17-01-2026;"
        "900123456;Ñandú;800197268;DIAN;285000;1785000\n",
        "utf-8",
    )
    found = inspect(tmp_path / "l.csv")
    assert (found.profile, found.movements, found.debit) == (
        "dian-listado",
        1,
        Decimal("1785000.00"),
    )
