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
from importers.fiscal.cfdi import ZERO, decimal_of, is_no_rate, signed
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
from importers.fiscal.tree import Node, parse, parse_text
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
    inner = inner_of(root)
    if inner is None or inner.name not in DOCUMENTS:
        raise Unreadable("no-inner-document")
    found = read_document(inner, f"{inner.said('ID')}.xml", company)
    status = VERDICTS.get(_verdict(root))
    fiscal = {**found.fiscal, "status": status} if status else found.fiscal
    attachments = (Attachment(name, "container"), *found.attachments)
    return replace(found, fiscal=fiscal, attachments=attachments)


VERDICTS = {"02": "valid", "04": "rejected"}
"""What the DIAN's own validation of a document says."""


def inner_of(root: Node) -> Node | None:
    """The XML a container carries as text, in base64, or as an embedded object; None without."""
    for attachment in root.all("Attachment"):
        carried = (
            *attachment.all("ExternalReference/Description"),
            *attachment.all("EmbeddedDocumentBinaryObject"),
        )
        for node in carried:
            if (inner := _carried(node.text)) is not None:
                return inner
    return None


def _carried(text: str) -> Node | None:
    """A document carried in text; None where it is none, or damaged."""
    said = text.strip().lstrip("\ufeff \r\n\t")
    try:
        if said.startswith("<"):
            return parse_text(said)
        return parse(base64.b64decode("".join(said.split()), validate=True))
    except (Unreadable, binascii.Error, ValueError):
        return None


def _verdict(root: Node) -> str:
    """The code of the DIAN's validation: stated, or in the ApplicationResponse a container has."""
    reference = root.at("ParentDocumentLineReference/DocumentReference")
    if stated := reference.said("ResultOfVerification/ValidationResultCode"):
        return stated
    for text in reference.find("Description"):
        answer = _carried(text.text)
        if answer is not None and answer.name == "ApplicationResponse":
            return next((node.text.strip() for node in answer.find("ResponseCode")), "")
    return ""


def read_event(root: Node, name: str, company: Company) -> FiscalDocument:
    """An event about a document (030 received, 031 claim, 032 goods received, 033 and 034
    accepted): no money, only what it says of which document.
    """
    answer = root.at("DocumentResponse")
    about = answer.at("DocumentReference")
    sender, receiver = (
        normalise_tax_id(root.said(f"{side}/PartyTaxScheme/CompanyID"))
        for side in ("SenderParty", "ReceiverParty")
    )
    direction = company.direction(sender, receiver)
    code = answer.said("Response/ResponseCode")
    other = root.at("SenderParty" if direction is Direction.RECEIVED else "ReceiverParty")
    scheme, uuid = _key(root)
    return FiscalDocument(
        kind=Kind.EVENT,
        direction=direction.value,
        fiscal={
            "system": "DIAN",
            "version": root.said("UBLVersionID") or "UBL 2.1",
            "type": code,
            "id_scheme": scheme,
            "id": uuid,
            "status": "unknown",
            "environment": root.said("ProfileExecutionID"),
        },
        number=_number(root, root.said("ID")),
        dates={"issued": root.said("IssueDate")[:10] or None},
        company={"tax_id": sender if direction is Direction.ISSUED else receiver},
        party=Party(
            role="supplier" if direction is Direction.ISSUED else "customer",
            tax_id=receiver if direction is Direction.ISSUED else sender,
            tax_id_type=other.at("PartyTaxScheme/CompanyID").get("schemeName"),
            name=other.said("PartyTaxScheme/RegistrationName"),
            country="CO",
        ),
        currency="COP",
        rate="1",
        totals={},
        reference=f"{scheme}:{uuid[:32]}",
        attachments=(Attachment(name, "legal_xml"),),
        relations=[
            Relation(
                type=code,
                id=about.said("UUID").lower(),
                number=about.said("ID") or None,
                reason=answer.said("Response/Description") or None,
            )
        ],
        reason=answer.said("Response/Description") or None,
        findings=(
            [Finding("document-claimed", 0, 0, {"seen": about.said("ID")})]
            if code == _CLAIM
            else []
        ),
    )


_CLAIM = "031"


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
    header = [tax for node in root.all("TaxTotal") for tax in _subtotals(node, "T")]
    taxes = _by_key([tax for tax in header if not tax.is_withheld])
    withheld = [tax for node in root.all("WithholdingTaxTotal") for tax in _subtotals(node, "R")]
    stated = _by_key([*withheld, *(tax for tax in header if tax.is_withheld)])
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
            "period_start": root.said("InvoicePeriod/StartDate") or None,
            "period_end": root.said("InvoicePeriod/EndDate") or None,
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
        reason=root.said("DiscrepancyResponse/ResponseCode") or None,
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
    stated = (
        *root.find("Prefix"),
        *root.all("AccountingSupplierParty/Party/PartyLegalEntity/CorporateRegistrationScheme/ID"),
    )
    prefix = next((node.text.strip() for node in stated if node.text.strip()), "")
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
    kind = identity.get("schemeName")
    # A foreigner's number keeps its dots and dashes: they are no check digit's.
    is_foreign = kind in _FOREIGN_KINDS
    tax_id = identity.text.strip() if is_foreign else normalise_tax_id(identity.text)
    country = next((found.text.strip() for found in party.find("IdentificationCode")), "CO")
    return Party(
        role=role,
        tax_id=tax_id,
        tax_id_type=kind,
        name=scheme.said("RegistrationName")
        or party.said("PartyLegalEntity/RegistrationName", "PartyName/Name"),
        country=country,
        check_digit=identity.get("schemeID") or None,
        foreign_id=tax_id if is_foreign else None,
        generic=tax_id == _FINAL_CONSUMER,
    )


_FOREIGN_KINDS = ("22", "41", "42", "47", "50")
"""Kinds of identity of foreigners (DIAN, TipoIdFiscal)."""


def _line_nodes(root: Node) -> Iterator[Node]:
    for name in ("InvoiceLine", "CreditNoteLine", "DebitNoteLine"):
        yield from root.all(name)


def _line(n: int, node: Node) -> Line:
    quantity = decimal_of(node.said(*_QUANTITIES) or "1")
    price = decimal_of(node.said("Price/PriceAmount") or "0.00")
    net = decimal_of(node.said("LineExtensionAmount"))
    allowances = _charges(node, "false", "0")
    # Charges of a line are part of its gross: net is gross less discount.
    gross = net + allowances
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


def _charges(node: Node, *indicators: str) -> Decimal:
    """Discounts (``false``, ``0``) or charges of a line or a document."""
    found = (
        decimal_of(one.said("Amount"))
        for one in node.all("AllowanceCharge")
        if one.said("ChargeIndicator").lower() in indicators
    )
    return sum(found, ZERO)


def _by_key(taxes: Sequence[Tax]) -> list[Tax]:
    """One a key, those of one key added up, in their order."""
    found: dict[str, Tax] = {}
    for tax in taxes:
        before = found.get(tax.key)
        if before is None:
            found[tax.key] = tax
            continue
        base = None if tax.base is None else (before.base or ZERO) + tax.base
        found[tax.key] = Tax(tax.key, base, before.amount + tax.amount, tax.sign)
    return [
        replace(tax, base=None if tax.base is None else money(tax.base), amount=money(tax.amount))
        for tax in found.values()
    ]


def _subtotals(total: Node, side: str) -> Iterator[Tax]:
    """The subtotals of a TaxTotal. Withholdings that stand among taxes are withholdings all the
    same; a tax by the unit has an amount instead of a rate; ZZ without money is no tax.
    """
    for node in total.all("TaxSubtotal"):
        scheme = node.said("TaxCategory/TaxScheme/ID")
        percent, per_unit = node.said("TaxCategory/Percent", "Percent"), node.said("PerUnitAmount")
        amount = decimal_of(node.said("TaxAmount") or "0.00")
        if scheme == "ZZ" and not amount:
            continue
        by_unit = bool(per_unit) and (not percent or not decimal_of(percent))
        factor = f"q{decimal_of(per_unit):.2f}" if by_unit else _percent(percent or "?")
        own = "R" if scheme in _TAXES_OF_WITHHOLDING else side
        base = node.said("TaxableAmount")
        yield Tax(
            f"CO:{scheme}:{own}:{factor}",
            decimal_of(base) if base else None,
            amount,
            -1 if own == "R" else 1,
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
        "rounding": money(signed(node.said("PayableRoundingAmount") or "0.00")),
        "total": total,
        "due": total - withheld,
    }


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
    named = (
        "InvoiceDocumentReference",
        "CreditNoteDocumentReference",
        "DebitNoteDocumentReference",
    )
    for node in (one for name in named for one in root.all(f"BillingReference/{name}")):
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
    taxes = (tax.amount for line in lines for tax in line.taxes if not tax.is_withheld)
    added = money(sum(taxes, ZERO))
    if lines and added != totals["transferred"]:
        checks.append(("TaxTotal", totals["transferred"], added))
    if totals["total"] not in (full, full - totals["prepaid"]):
        checks.append(("PayableAmount", totals["total"], full))
    for what, seen, expected in checks:
        if abs(seen - expected) > _TOLERANCE:
            values = {"what": what, "seen": seen, "expected": expected}
            yield Finding("total-mismatch", 0, 0, values)
    if currency not in ("COP", "") and is_no_rate(rate):
        yield Finding("rate-missing", 0, 0, {"currency": currency, "seen": rate or "-"})
