"""Invoices and notes of the DIAN (UBL 2.1), alone or inside an AttachedDocument.

Source: the DIAN's technical annex 1.9 and the lists of UBL 2.1. Line amounts stand after the line's
own discount; header and line taxes are the same money; what a paper states as withheld reduces
nothing by itself, except on a documento soporte, whose withholding is the company's own.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from importers.findings import Finding
from importers.fiscal.cfdi import ZERO, decimal_of
from importers.fiscal.model import (
    Attachment,
    FiscalDocument,
    Kind,
    Line,
    Party,
    Relation,
    Tax,
    money,
)
from importers.fiscal.sides import Company, invoice_kind
from importers.fiscal.tree import Node, parse_text
from importers.identity import normalise_tax_id
from importers.ownership import Direction
from importers.unreadable import Unreadable

DOCUMENTS = {"Invoice": "Invoice", "CreditNote": "CreditNote", "DebitNote": "DebitNote"}
_QUANTITIES = ("InvoicedQuantity", "CreditedQuantity", "DebitedQuantity")
_SUPPORT, _SUPPORT_NOTE = "05", "95"
_SCHEMES = ("CUFE", "CUDE", "CUDS", "CUNE")
_METHODS = {"1": "cash", "2": "credit"}
_FINAL_CONSUMER = "222222222222"
_TOLERANCE = Decimal("2.00")


def read_attached(root: Node, name: str, company: Company) -> FiscalDocument:
    """The document a container carries, with the DIAN's verdict. Raises Unreadable where there is
    none, ValueError.
    """
    text = root.said("Attachment/ExternalReference/Description")
    inner = parse_text(_unwrapped(text)) if text else Node("", "", {})
    if inner.name not in DOCUMENTS:
        raise Unreadable("no-inner-document")
    found = read_document(inner, f"{inner.said('ID')}.xml", company)
    verdict = root.said(
        "ParentDocumentLineReference/DocumentReference/ResultOfVerification/ValidationResultCode"
    )
    verdict = verdict or _answer_code(root)
    status = {"02": "valid", "04": "rejected"}.get(verdict)
    fiscal = {**found.fiscal, "status": status} if status else found.fiscal
    attachments = (Attachment(name, "container"), *found.attachments)
    return replace(found, fiscal=fiscal, attachments=attachments)


def _answer_code(root: Node) -> str:
    """The code of the ApplicationResponse a container carries."""
    for text in root.find("Description"):
        if "ApplicationResponse" in text.text:
            answer = parse_text(_unwrapped(text.text))
            return next((node.text.strip() for node in answer.find("ResponseCode")), "")
    return ""


def _unwrapped(text: str) -> str:
    """An inner document as text; some carry it in base64."""
    said = text.strip().lstrip("\ufeff")
    if not said.startswith("<"):
        try:
            said = base64.b64decode(said, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return said
    return said.lstrip("\ufeff \r\n\t")


def read_document(root: Node, name: str, company: Company) -> FiscalDocument:
    """Raises ValueError where an amount cannot be read."""
    kind_code = root.said("InvoiceTypeCode", "CreditNoteTypeCode") or _usual_type(root)
    supplier, customer = root.at("AccountingSupplierParty"), root.at("AccountingCustomerParty")
    issuer, receiver = _party(supplier, "supplier"), _party(customer, "customer")
    own_support = kind_code in (_SUPPORT, _SUPPORT_NOTE)
    if own_support:
        # The buyer issues it for a seller who may not.
        issuer, receiver = receiver, issuer
    direction = company.direction(issuer.tax_id, receiver.tax_id)
    lines = [_line(n, node) for n, node in enumerate(_line_nodes(root), 1)]
    taxes = list(_taxes(root))
    stated = [tax for node in root.all("WithholdingTaxTotal") for tax in _subtotals(node, "R")]
    own = [replace(tax, sign=-1) for tax in stated] if own_support else None
    currency = root.said("DocumentCurrencyCode")
    totals = _totals(root, taxes, stated, own or ())
    other = receiver if direction is Direction.ISSUED else issuer
    role = "supplier" if own_support or direction is Direction.RECEIVED else "customer"
    number = root.said("ID")
    rate = _rate(root, currency)
    return FiscalDocument(
        kind=_kind(root, direction, own_support),
        direction=direction.value,
        fiscal=_fiscal(root, kind_code),
        number=_number(root, number),
        dates={
            "issued": root.said("IssueDate")[:10],
            "issued_time": root.said("IssueTime") or None,
            "due": root.said("DueDate", "PaymentMeans/PaymentDueDate") or None,
        },
        company={"tax_id": (issuer if direction is Direction.ISSUED else receiver).tax_id},
        party=replace(other, role=role),
        currency=currency,
        rate=rate,
        totals=totals,
        reference=_reference(root),
        attachments=(Attachment(name, "legal_xml"),),
        payment={
            "method": _METHODS.get(root.said("PaymentMeans/ID")),
            "form": root.said("PaymentMeans/PaymentMeansCode") or None,
        },
        lines=lines,
        taxes=taxes,
        withholding_stated=stated,
        withholding=own,
        relations=list(_relations(root)),
        applications=[],
        findings=[
            *company.doubts(issuer.tax_id, receiver.tax_id),
            *_doubts(root, lines, totals, currency, rate),
        ],
    )


def _usual_type(root: Node) -> str:
    return {"CreditNote": "91", "DebitNote": "92"}.get(root.name, "01")


def _kind(root: Node, direction: Direction, own_support: bool) -> Kind:
    is_credit = root.name == "CreditNote"
    if own_support:
        return invoice_kind(Direction.RECEIVED, credit=is_credit)
    return invoice_kind(direction, credit=is_credit, debit=root.name == "DebitNote")


def _fiscal(root: Node, kind_code: str) -> Mapping[str, str | int]:
    scheme, uuid = _key(root)
    return {
        "system": "DIAN",
        "version": root.said("UBLVersionID") or "UBL 2.1",
        "type": kind_code,
        "operation": root.said("CustomizationID"),
        "id_scheme": scheme,
        "id": uuid,
        "status": "unknown",
        "environment": root.said("ProfileExecutionID"),
    }


def _key(root: Node) -> tuple[str, str]:
    """Scheme and value of the document's own key; those of others stand deeper."""
    node = root.at("UUID")
    named = node.get("schemeName").upper()
    scheme = next((scheme for scheme in _SCHEMES if scheme in named), "")
    usual = "CUFE" if root.name == "Invoice" else "CUDE"
    return scheme or usual, node.text.strip().lower()


def _reference(root: Node) -> str:
    scheme, uuid = _key(root)
    return f"{scheme}:{uuid[:32]}"


def _number(root: Node, text: str) -> Mapping[str, str]:
    """Prefix and number are glued; an authorisation says the prefix, else the digits at the end."""
    prefix = next((node.text.strip() for node in root.find("Prefix")), "")
    if prefix and text.startswith(prefix):
        return {"series": prefix, "folio": text.removeprefix(prefix), "text": text}
    found = re.fullmatch(r"(.*?)-?(\d+)", text)
    series, folio = (found[1], found[2]) if found else ("", text)
    return {"series": series, "folio": folio, "text": text}


def _party(node: Node, role: str) -> Party:
    party = node.at("Party")
    scheme = party.at("PartyTaxScheme")
    identity = next(
        (
            found
            for path in (
                "PartyTaxScheme/CompanyID",
                "PartyLegalEntity/CompanyID",
                "PartyIdentification/ID",
            )
            for found in party.all(path)
            if found.text.strip()
        ),
        Node("", "", {}),
    )
    tax_id = normalise_tax_id(identity.text)
    country = next((found.text.strip() for found in party.find("IdentificationCode")), "CO")
    return Party(
        role=role,
        tax_id=tax_id,
        tax_id_type=identity.get("schemeName"),
        name=scheme.said("RegistrationName")
        or party.said("PartyLegalEntity/RegistrationName", "PartyName/Name"),
        country=country,
        check_digit=identity.get("schemeID") or None,
        generic=tax_id == _FINAL_CONSUMER,
    )


def _line_nodes(root: Node) -> Iterator[Node]:
    for name in ("InvoiceLine", "CreditNoteLine", "DebitNoteLine"):
        yield from root.all(name)


def _line(n: int, node: Node) -> Line:
    quantity = decimal_of(node.said(*_QUANTITIES) or "1")
    price = decimal_of(node.said("Price/PriceAmount") or "0.00")
    net = decimal_of(node.said("LineExtensionAmount"))
    allowances = _charges(node, "false")
    gross = net + allowances - _charges(node, "true")
    taxes = [tax for total in node.all("TaxTotal") for tax in _subtotals(total, "T")]
    unit = next((found.get("unitCode") for name in _QUANTITIES for found in node.all(name)), "")
    return Line(
        n=n,
        code=node.said("Item/StandardItemIdentification/ID", "Item/SellersItemIdentification/ID"),
        class_key="",
        text=node.said("Item/Description"),
        unit=unit,
        quantity=quantity,
        unit_price=price,
        gross=gross,
        discount=allowances,
        net=net,
        tax_object="",
        taxes=taxes or [Tax("CO:01:T:excluded", net, ZERO)],
    )


def _charges(node: Node, indicator: str) -> Decimal:
    """Discounts (``false``) or charges (``true``) of a line or a document."""
    found = (
        decimal_of(one.said("Amount"))
        for one in node.all("AllowanceCharge")
        if one.said("ChargeIndicator") == indicator
    )
    return sum(found, ZERO)


def _taxes(root: Node) -> Iterator[Tax]:
    """Those of the header only: the lines state the same money again."""
    for total in root.all("TaxTotal"):
        yield from _subtotals(total, "T")


def _subtotals(total: Node, side: str) -> Iterator[Tax]:
    for node in total.all("TaxSubtotal"):
        scheme = node.said("TaxCategory/TaxScheme/ID")
        percent = node.said("TaxCategory/Percent", "Percent")
        per_unit = node.said("PerUnitAmount")
        factor = percent or (f"q{per_unit}" if per_unit else "?")
        base, amount = node.said("TaxableAmount"), node.said("TaxAmount")
        if scheme in _TAXES_OF_WITHHOLDING:
            side = "R"
        yield Tax(
            f"CO:{scheme}:{side}:{_percent(factor)}",
            decimal_of(base) if base else None,
            decimal_of(amount or "0.00"),
            -1 if side == "R" else 1,
        )


_TAXES_OF_WITHHOLDING = ("05", "06", "07")


def _percent(factor: str) -> str:
    """A rate with at least two decimals: 19 and 19.0 are 19.00, 0.966 stays."""
    if not re.fullmatch(r"\d+(?:\.\d+)?", factor):
        return factor
    whole, _, decimals = factor.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _totals(
    root: Node, taxes: Sequence[Tax], stated: Sequence[Tax], own: Sequence[Tax]
) -> dict[str, Decimal]:
    node = next(root.all("LegalMonetaryTotal"), root.at("RequestedMonetaryTotal"))

    def said(name: str) -> Decimal:
        return money(decimal_of(node.said(name) or "0.00"))

    total = money(decimal_of(node.said("PayableAmount")))
    withheld = money(sum((tax.amount for tax in own), ZERO))
    return {
        "net": said("LineExtensionAmount"),
        "taxable": said("TaxExclusiveAmount"),
        "transferred": money(sum((tax.amount for tax in taxes), ZERO)),
        "withheld": withheld,
        "withheld_stated": money(sum((tax.amount for tax in stated), ZERO)),
        "charges": said("ChargeTotalAmount"),
        "allowances": said("AllowanceTotalAmount"),
        "prepaid": said("PrepaidAmount"),
        "rounding": money(_signed(node.said("PayableRoundingAmount"))),
        "total": total,
        "due": total - withheld,
    }


def _signed(text: str) -> Decimal:
    return -decimal_of(text[1:]) if text.startswith("-") else decimal_of(text or "0.00")


def _rate(root: Node, currency: str) -> str:
    """Pesos for one unit of the currency: of both directions that are written, the number over
    one.
    """
    if currency in ("COP", ""):
        return "1"
    said = root.said("PaymentExchangeRate/CalculationRate")
    if not said:
        return ""
    rate = decimal_of(said)
    if 0 < rate < 1:
        return format((1 / rate).quantize(Decimal("0.000001")), "f")
    return said


def _relations(root: Node) -> Iterator[Relation]:
    reason = root.said("DiscrepancyResponse/ResponseCode") or None
    for node in root.all("BillingReference/InvoiceDocumentReference"):
        yield Relation(
            type=root.said("CustomizationID"),
            id=node.said("UUID").lower(),
            number=node.said("ID") or None,
            date=node.said("IssueDate") or None,
            reason=reason,
        )


def _doubts(
    root: Node,
    lines: Sequence[Line],
    totals: Mapping[str, Decimal],
    currency: str,
    rate: str,
) -> Iterator[Finding]:
    """Where a paper does not add up by more than the DIAN allows; keys, environment and rate."""
    uuid = _key(root)[1]
    if not re.fullmatch(r"[0-9a-f]{96}", uuid):
        yield Finding("cufe-form", 0, 0, {"seen": uuid[:40] or "-"})
    if root.said("ProfileExecutionID") == "2":
        yield Finding("test-document", 0)
    net = money(sum((line.net for line in lines), ZERO))
    full = totals["net"] + totals["transferred"] - totals["allowances"] + totals["charges"]
    full += totals["rounding"]
    checks = [("LineExtensionAmount", totals["net"], net)] if lines else []
    if totals["total"] not in (full, full - totals["prepaid"]):
        checks.append(("PayableAmount", totals["total"], full))
    for what, seen, expected in checks:
        if abs(seen - expected) > _TOLERANCE:
            values = {"what": what, "seen": seen, "expected": expected}
            yield Finding("total-mismatch", 0, 0, values)
    if currency not in ("COP", "") and rate in ("", "1"):
        yield Finding("rate-missing", 0, 0, {"currency": currency, "seen": rate or "-"})
