"""Certificates of withholding (CFDI Retenciones 1.0 and 2.0): no receivable and no payable.

Source: the SAT's ``retencionpagov1.xsd`` and ``retencionpagov2.xsd``: the same elements, whose
attributes differ; both are in pesos.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date

from importers.findings import Finding
from importers.fiscal.cfdi import TAXES, ZERO, amount_of
from importers.fiscal.model import (
    Attachment,
    FiscalDocument,
    Kind,
    Party,
    Relation,
    money,
)
from importers.fiscal.sides import Company
from importers.fiscal.tree import Node
from importers.identity import RFC_GENERIC, normalise_tax_id
from importers.ownership import Direction

_FINAL = {("IVA", "01"), ("IEPS", "02"), ("ISR", "03")}
"""Tax and way of payment that make a withholding final (c_TipoPagoRet); 04 is provisional."""


def read_certificate(root: Node, name: str, company: Company) -> FiscalDocument:
    """Raises ValueError where an amount cannot be read."""
    issuer, receiver = root.at("Emisor"), root.at("Receptor")
    named = next(receiver.all("Nacional"), receiver.at("Extranjero"))
    ids = issuer.get("RfcE", "RFCEmisor"), named.get("RfcR", "RFCRecep")
    direction = company.direction(*ids)
    received = direction is Direction.RECEIVED
    is_foreign = named.name == "Extranjero"
    totals = root.at("Totales")
    stamp = next(root.find("TimbreFiscalDigital"), root.at("Complemento"))
    uuid = stamp.get("UUID").upper()
    start, end = _period(root.at("Periodo"))
    other = normalise_tax_id(ids[0] if received else ids[1])
    said = (issuer if received else named).get("NomDenRazSocE", "NomDenRazSocR")
    withheld = money(amount_of(totals, "MontoTotRet", "montoTotRet"))
    parts = list(totals.all("ImpRetenidos"))
    return FiscalDocument(
        kind=Kind.CERTIFICATE,
        direction=direction.value,
        fiscal={
            "system": "CFDI-RET",
            "version": root.get("Version"),
            "type": root.get("CveRetenc"),
            "id_scheme": "UUID",
            "id": uuid,
            "status": "unknown",
        },
        number={
            "series": "",
            "folio": root.get("FolioInt"),
            "text": root.get("FolioInt") or uuid[:8],
        },
        dates={
            "issued": root.get("FechaExp")[:10],
            "period_start": start,
            "period_end": end,
        },
        company={"tax_id": normalise_tax_id(ids[1] if received else ids[0])},
        party=Party(
            role="withholder" if received else "supplier",
            tax_id=other,
            tax_id_type="RFC",
            name=said,
            country="" if is_foreign and not received else "MX",
            foreign_id=named.get("NumRegIdTribR", "NumRegIdTrib") or None,
            generic=other in RFC_GENERIC,
        ),
        currency="MXN",
        rate="1",
        totals={
            "operation": money(amount_of(totals, "MontoTotOperacion", "montoTotOperacion")),
            "taxable": money(amount_of(totals, "MontoTotGrav", "montoTotGrav")),
            "exempt": money(amount_of(totals, "MontoTotExent", "montoTotExent")),
            "withheld": withheld,
        },
        reference=f"CFDI:{uuid}",
        attachments=(Attachment(name, "legal_xml"),),
        withheld=[_part(node) for node in parts],
        relations=[
            Relation(node.get("TipoRelacion"), node.get("UUID").upper())
            for node in root.all("CfdiRetenRelacionados")
        ],
        findings=[
            *company.doubts(*ids),
            *([] if uuid else [Finding("not-stamped", 0)]),
            *_doubts(withheld, parts),
        ],
    )


def _part(node: Node) -> dict[str, object]:
    code = node.get("ImpuestoRet", "Impuesto")
    way = node.get("TipoPagoRet").upper()
    name = TAXES.get(code.rjust(3, "0"), code)
    return {
        "key": f"MX:{name}:R:cert",
        "base": money(amount_of(node, "BaseRet")),
        "amount": money(amount_of(node, "MontoRet", "montoRet")),
        # Version 1.0 writes words instead of codes.
        "final": (name, way) in _FINAL or way == "PAGO DEFINITIVO",
    }


def _period(node: Node) -> tuple[str | None, str | None]:
    """First and last day of the months a certificate is of."""
    try:
        year = int(node.get("Ejercicio", "Ejerc"))
        first, last = int(node.get("MesIni")), int(node.get("MesFin"))
        days = calendar.monthrange(year, last)[1]
        return date(year, first, 1).isoformat(), date(year, last, days).isoformat()
    except (ValueError, calendar.IllegalMonthError):
        return None, None


def _doubts(withheld: object, parts: list[Node]) -> Iterator[Finding]:
    added = money(sum((amount_of(node, "MontoRet", "montoRet") for node in parts), ZERO))
    if parts and added != withheld:
        values = {"what": "MontoTotRet", "seen": withheld, "expected": added}
        yield Finding("total-mismatch", 0, 0, values)
