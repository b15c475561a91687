"""Pay slips as entries: CFDI of type N (nómina 1.2) and the DIAN's electronic payroll.

Source: the SAT's ``nomina12.xsd`` (a perception is its taxed and exempt parts; of another payment
only Importe is money, the subsidy that was caused is information) and the DIAN's technical annex of
the payroll document, version 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from importers.findings import Finding
from importers.fiscal.cfdi import (
    ZERO,
    Paper,
    amount_of,
    decimal_of,
    is_no_rate,
    relations_of,
    signed,
)
from importers.fiscal.model import (
    Attachment,
    EntryLine,
    FiscalDocument,
    Kind,
    Party,
    Relation,
    money,
)
from importers.fiscal.sides import Company
from importers.fiscal.tree import Node
from importers.identity import normalise_tax_id

_NET = "Neto a pagar"
_TOLERANCE = Decimal("2.00")
"""By how much the DIAN lets a total differ (annex 1.0)."""


def read_nomina(paper: Paper) -> FiscalDocument:
    """A CFDI N; the company pays it. Raises ValueError where an amount cannot be read."""
    slips = [node for part in paper.root.all("Complemento") for node in part.all("Nomina")]
    if not slips:
        raise ValueError("Nomina")
    found = (line for slip in slips for line in _mexican_lines(slip))
    entry = [line for line in found if line.debit or line.credit]
    sums = _sums(entry)
    other = sum((line.debit for line in entry if ":O:" in line.key), ZERO)
    net = sums[0] - sums[1]
    first, worker = slips[0], slips[0].at("Receptor")
    receiver = paper.receiver
    department = worker.get("Departamento")
    total = money(amount_of(paper.root, "Total"))
    mismatch = {"what": "Total", "seen": total, "expected": net}
    return FiscalDocument(
        kind=Kind.PAYROLL,
        direction=paper.direction.value,
        fiscal=paper.fiscal("Nomina 1.2"),
        number=paper.number,
        dates={
            **paper.dates,
            "paid": first.get("FechaPago"),
            "period_start": first.get("FechaInicialPago"),
            "period_end": first.get("FechaFinalPago"),
        },
        company=paper.own(),
        party=Party(
            role="employee",
            tax_id=normalise_tax_id(receiver.get("Rfc")),
            tax_id_type="RFC",
            name=receiver.get("Nombre"),
            country="MX",
            employee_number=worker.get("NumEmpleado") or None,
            department=department or None,
        ),
        currency=paper.root.get("Moneda"),
        rate="1",
        totals={
            "earnings": sums[0] - other,
            "other_payments": other,
            "deductions": sums[1],
            "net": net,
        },
        reference=f"CFDI:{paper.uuid}",
        attachments=paper.attachments,
        entry=[*entry, EntryLine("MX:NOM:NET", ZERO, net, _NET)],
        relations=relations_of(paper.root),
        dimension={"department": department} if department else {},
        findings=[
            *paper.doubts(),
            *([Finding("total-mismatch", 0, 0, mismatch)] if net != total else []),
        ],
    )


def _mexican_lines(slip: Node) -> Iterator[EntryLine]:
    for node in slip.all("Percepciones/Percepcion"):
        amount = amount_of(node, "ImporteGravado") + amount_of(node, "ImporteExento")
        key = f"MX:NOM:P:{node.get('TipoPercepcion')}"
        yield EntryLine(key, money(amount), ZERO, node.get("Concepto"))
    for node in slip.all("OtrosPagos/OtroPago"):
        key = f"MX:NOM:O:{node.get('TipoOtroPago')}"
        yield EntryLine(key, money(amount_of(node, "Importe")), ZERO, node.get("Concepto"))
    for node in slip.all("Deducciones/Deduccion"):
        key = f"MX:NOM:D:{node.get('TipoDeduccion')}"
        yield EntryLine(key, ZERO, money(amount_of(node, "Importe")), node.get("Concepto"))


def _sums(entry: Sequence[EntryLine]) -> tuple[Decimal, Decimal]:
    return sum((line.debit for line in entry), ZERO), sum((line.credit for line in entry), ZERO)


_LABELS = {
    "Basico": "Sueldo",
    "AuxilioTransporte": "Auxilio de transporte",
    "Salud": "Salud",
    "FondoPension": "Pensión",
}
_WITH_PARTY = {"Salud": "EPS by map", "FondoPension": "AFP by map", "FondoSP": "AFP by map"}
_AMOUNTS = (
    "SueldoTrabajado",
    "AuxilioTransporte",
    "ViaticoManuAlojS",
    "ViaticoManuAlojNS",
    "Pago",
    "PagoNS",
    "PagoIntereses",
    "Deduccion",
    "DeduccionSP",
    "DeduccionSub",
    "BonificacionS",
    "BonificacionNS",
    "AuxilioS",
    "AuxilioNS",
    "CompensacionO",
    "CompensacionE",
    "PagoS",
    "PagoAlimentacionS",
    "PagoAlimentacionNS",
    "Sancion",
    "SancionPublic",
    "SancionPriv",
    "ConceptoS",
    "ConceptoNS",
)
"""The attributes that are money; the others are days, hours and percentages."""


def read_co_payroll(root: Node, name: str, company: Company) -> FiscalDocument:
    """A NominaIndividual, or the replacement an adjustment carries. Raises ValueError."""
    body = next(root.all("Reemplazar"), root)
    general, number = body.at("InformacionGeneral"), body.at("NumeroSecuenciaXML")
    worker, employer, period = body.at("Trabajador"), body.at("Empleador"), body.at("Periodo")
    entry = [
        *_co_lines(body.at("Devengados"), earned=True),
        *_co_lines(body.at("Deducciones"), earned=False),
    ]
    earned, withheld, net = (
        money(decimal_of(body.said(total)))
        for total in ("DevengadosTotal", "DeduccionesTotal", "ComprobanteTotal")
    )
    rounding = money(signed(body.said("Redondeo") or "0.00"))
    off = net - (_sums(entry)[0] - _sums(entry)[1])
    if off and abs(off) <= _TOLERANCE:
        sides = (off, ZERO) if off > 0 else (ZERO, -off)
        entry.append(EntryLine("CO:NOM:Redondeo", *sides, "Redondeo"))
    currency, trm = general.get("TipoMoneda") or "COP", general.get("TRM")
    rate = "1" if currency == "COP" else trm
    paid = max((node.text.strip() for node in body.all("FechasPagos/FechaPago")), default="")
    names = ("PrimerApellido", "SegundoApellido", "PrimerNombre", "OtrosNombres")
    cune = general.get("CUNE").lower()
    issuer, receiver = employer.get("NIT"), worker.get("NumeroDocumento")
    return FiscalDocument(
        kind=Kind.PAYROLL,
        direction=company.direction(issuer, receiver).value,
        fiscal={
            "system": "DIAN",
            "version": "Nomina 1.0",
            "type": general.get("TipoXML"),
            "id_scheme": "CUNE",
            "id": cune,
            "status": "unknown",
            "environment": general.get("Ambiente"),
        },
        number={
            "series": number.get("Prefijo"),
            "folio": number.get("Consecutivo"),
            "text": number.get("Numero"),
        },
        dates={
            "paid": paid,
            "issued": general.get("FechaGen"),
            "period_start": period.get("FechaLiquidacionInicio"),
            "period_end": period.get("FechaLiquidacionFin"),
        },
        company={"tax_id": issuer},
        party=Party(
            role="employee",
            tax_id=receiver,
            tax_id_type=worker.get("TipoDocumento"),
            name=" ".join(filter(None, (worker.get(part) for part in names))),
            country="CO",
            employee_number=worker.get("CodigoTrabajador") or number.get("CodigoTrabajador"),
        ),
        currency=currency,
        rate=rate,
        totals={"earnings": earned, "deductions": withheld, "rounding": rounding, "net": net},
        reference=f"CUNE:{cune[:32]}",
        attachments=(Attachment(name, "legal_xml"),),
        entry=[*entry, EntryLine("CO:NOM:NET", ZERO, net, _NET)],
        findings=[
            *company.doubts(issuer, receiver),
            *_co_doubts(entry, (earned, withheld, net, rounding)),
            *_replaced(body, number.get("Numero")),
            *_key_doubts(general, currency, rate),
        ],
        relations=_predecessor(body),
    )


def _co_lines(node: Node, *, earned: bool) -> Iterator[EntryLine]:
    """Each amount under the name of its element, or of the attribute where that tells more."""
    for child in _with_amounts(node):
        for attribute in _AMOUNTS:
            if said := child.get(attribute):
                own = attribute if attribute.startswith("Auxilio") else child.name
                amount = money(decimal_of(said))
                if amount:
                    yield _co_line(own, amount, earned)
        if not child.children and child.text.strip() and (amount := _text_amount(child)):
            yield _co_line(child.name, amount, earned)


def _co_line(name: str, amount: Decimal, earned: bool) -> EntryLine:
    sides = (amount, ZERO) if earned else (ZERO, amount)
    return EntryLine(f"CO:NOM:{name}", *sides, _LABELS.get(name, name), _WITH_PARTY.get(name))


def _with_amounts(node: Node) -> Iterator[Node]:
    """Elements however deep: overtime and loans stand in lists of their own."""
    for child in node.children:
        yield child
        yield from _with_amounts(child)


def _text_amount(node: Node) -> Decimal:
    return money(decimal_of(node.text.strip()))


def _co_doubts(entry: Sequence[EntryLine], totals: Sequence[Decimal]) -> Iterator[Finding]:
    earned, withheld, net, rounding = totals
    checks = (
        ("DevengadosTotal", earned, _sums(entry)[0]),
        ("DeduccionesTotal", withheld, _sums(entry)[1]),
        ("ComprobanteTotal", net, earned - withheld + rounding),
    )
    for what, seen, expected in checks:
        if abs(seen - expected) > _TOLERANCE:
            values = {"what": what, "seen": seen, "expected": expected}
            yield Finding("total-mismatch", 0, 0, values)


def _key_doubts(general: Node, currency: str, rate: str) -> Iterator[Finding]:
    cune = general.get("CUNE")
    if not re.fullmatch(r"[0-9a-fA-F]{96}", cune):
        yield Finding("cufe-form", 0, 0, {"seen": cune[:40] or "-"})
    if general.get("Ambiente") == "2":
        yield Finding("test-document", 0)
    if currency != "COP" and is_no_rate(rate):
        yield Finding("rate-missing", 0, 0, {"currency": currency, "seen": rate or "-"})


def _predecessor(body: Node) -> list[Relation]:
    """What an adjustment replaces."""
    before = body.at("ReemplazandoPredecesor")
    if not before.name:
        return []
    return [
        Relation(
            type="replaces",
            id=before.get("CUNEPred").lower(),
            number=before.get("NumeroPred") or None,
            date=before.get("FechaGenPred") or None,
        )
    ]


def _replaced(body: Node, number: str) -> Iterator[Finding]:
    if (before := body.at("ReemplazandoPredecesor")).name:
        other = before.get("NumeroPred") or before.get("CUNEPred")[:12]
        yield Finding("document-replaces", 0, 0, {"seen": number, "other": other})
