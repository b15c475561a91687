"""CFDI 3.3 and 4.0 of types I and E as neutral documents, and what all types share.

Source: the SAT's ``cfdv33.xsd`` and ``cfdv40.xsd``, ``implocal.xsd`` (local taxes are in the total
and in no line), rule CFDI40221 (the tax of a key is the rounded sum of its lines; 3.3 wrote headers
of more decimals, which stand).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from importers.findings import Finding
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
from importers.fiscal.tree import Node
from importers.identity import RFC_GENERIC, normalise_tax_id
from importers.ownership import Direction
from importers.unreadable import Unreadable

ZERO = Decimal("0.00")
TAXES = {"001": "ISR", "002": "IVA", "003": "IEPS"}
_READ = ("3.3", "4.0")
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Paper:
    """What a CFDI of any type says of itself and its parties."""

    root: Node
    name: str
    company: Company

    @property
    def type(self) -> str:
        return self.root.get("TipoDeComprobante")

    @property
    def issuer(self) -> Node:
        return self.root.at("Emisor")

    @property
    def receiver(self) -> Node:
        return self.root.at("Receptor")

    @property
    def direction(self) -> Direction:
        return self.company.direction(self.issuer.get("Rfc"), self.receiver.get("Rfc"))

    @property
    def stamp(self) -> Node:
        """The document's own; relations and payments name those of others."""
        stamps = (
            child
            for part in self.root.all("Complemento")
            for child in part.all("TimbreFiscalDigital")
        )
        return next(stamps, Node("", "", {}))

    @property
    def uuid(self) -> str:
        return self.stamp.get("UUID").upper()

    @property
    def number(self) -> Mapping[str, str]:
        series, folio = self.root.get("Serie"), self.root.get("Folio")
        text = "-".join(filter(None, (series, folio))) or self.uuid[:8]
        return {"series": series, "folio": folio, "text": text}

    @property
    def dates(self) -> dict[str, str | None]:
        """The document's date is Fecha; it may be stamped another day."""
        issued, _, clock = self.root.get("Fecha").partition("T")
        stamped = self.stamp.get("FechaTimbrado").partition("T")[0]
        return {"issued": issued, "issued_time": clock, "stamped": stamped or None, "due": None}

    def fiscal(self, complement: str = "") -> dict[str, str | int]:
        said: dict[str, str | int] = {
            "system": "CFDI",
            "version": self.root.get("Version", "version"),
            "type": self.type,
            "id_scheme": "UUID",
            "id": self.uuid,
            "status": "unknown",
        }
        return {**said, "complement": complement} if complement else said

    def own(self) -> Mapping[str, str]:
        node = self.receiver if self.direction is Direction.RECEIVED else self.issuer
        return {"tax_id": normalise_tax_id(node.get("Rfc"))}

    def party(self, role: str = "") -> Party:
        """The other side, with what its side of the paper says of it."""
        received = self.direction is Direction.RECEIVED
        node = self.issuer if received else self.receiver
        tax_id = normalise_tax_id(node.get("Rfc"))
        foreign, foreign_id = node.get("ResidenciaFiscal"), node.get("NumRegIdTrib")
        is_foreign = bool(foreign or foreign_id) or tax_id == "XEXX010101000"
        return Party(
            role=role or ("supplier" if received else "customer"),
            tax_id=tax_id,
            tax_id_type="RFC",
            name=node.get("Nombre"),
            country=_COUNTRIES.get(foreign, foreign) if is_foreign else "MX",
            regime=node.get("RegimenFiscal", "RegimenFiscalReceptor") or None,
            postcode=(
                self.root.get("LugarExpedicion")
                if received
                else node.get("DomicilioFiscalReceptor")
            )
            or None,
            foreign_id=foreign_id or None,
            generic=tax_id in RFC_GENERIC,
        )

    @property
    def attachments(self) -> Sequence[Attachment]:
        return (Attachment(self.name, "legal_xml"),)

    def doubts(self) -> Iterator[Finding]:
        yield from self.company.doubts(self.issuer.get("Rfc"), self.receiver.get("Rfc"))
        if not self.uuid:
            yield Finding("not-stamped", 0)


_COUNTRIES = {
    **{"MEX": "MX", "USA": "US", "COL": "CO", "CAN": "CA", "ESP": "ES", "DEU": "DE", "FRA": "FR"},
    **{"GBR": "GB", "ITA": "IT", "NLD": "NL", "CHN": "CN", "JPN": "JP", "BRA": "BR", "ARG": "AR"},
    **{"CHL": "CL", "PER": "PE", "GTM": "GT", "CRI": "CR", "PAN": "PA", "CHE": "CH", "BEL": "BE"},
    **{"IRL": "IE", "IND": "IN", "KOR": "KR", "ECU": "EC", "SLV": "SV", "HND": "HN", "PRT": "PT"},
}
"""ISO 3166, from three letters to two, of the countries Mexico trades with most."""


def refuse_other_versions(root: Node) -> None:
    """Raises Unreadable for CFDI 3.2 and older."""
    if root.get("Version", "version") not in _READ:
        raise Unreadable("cfdi-version", seen=root.get("Version", "version") or "?")


def read_invoice(paper: Paper) -> FiscalDocument:
    """A CFDI of type I or E. Raises ValueError where an amount cannot be read."""
    root = paper.root
    lines = [_line(n, node) for n, node in enumerate(root.all("Conceptos/Concepto"), 1)]
    taxes = [*_header_taxes(root, lines), *_local_taxes(root)]
    relations = relations_of(root)
    totals = _totals(root, lines, taxes)
    currency = root.get("Moneda")
    is_debit = any(relation.type == "02" for relation in relations)
    kind = invoice_kind(paper.direction, credit=paper.type == "E", debit=is_debit)
    rate = "1" if currency == "MXN" else root.get("TipoCambio")
    return FiscalDocument(
        kind=kind,
        direction=paper.direction.value,
        fiscal=paper.fiscal(),
        number=paper.number,
        dates=paper.dates,
        company=paper.own(),
        party=paper.party(),
        currency=currency,
        rate=rate,
        totals=totals,
        reference=f"CFDI:{paper.uuid}",
        attachments=paper.attachments,
        payment={
            "method": root.get("MetodoPago") or None,
            "form": root.get("FormaPago") or None,
            "use": paper.receiver.get("UsoCFDI") or None,
            "terms": root.get("CondicionesDePago") or None,
        },
        lines=lines,
        taxes=taxes,
        relations=relations,
        applications=[],
        period=_period(root),
        findings=[*paper.doubts(), *_doubts(root, lines, totals, currency, rate)],
    )


def amount_of(node: Node, *names: str) -> Decimal:
    """An attribute as a number with the decimals it is written with; 0.00 where it is absent.
    Raises ValueError.
    """
    return decimal_of(node.get(*names) or "0.00")


def decimal_of(text: str) -> Decimal:
    """Raises ValueError for what is no plain number, or is negative: both authorities forbid it."""
    said = text.strip()
    if not re.fullmatch(r"\d{1,18}(?:\.\d{0,12})?", said):
        raise ValueError(text[:40])
    return Decimal(said)


def signed(text: str) -> Decimal:
    """The same where a sign may stand: roundings. Raises ValueError."""
    said = text.strip()
    return -decimal_of(said[1:]) if said.startswith("-") else decimal_of(said)


def is_no_rate(rate: str) -> bool:
    """Whether a rate of a foreign document says nothing: absent, or one to one."""
    return not rate or decimal_of(rate) in (0, 1)


def tax_key(node: Node, side: str, suffix: str = "") -> str:
    """The key of a Traslado or Retencion; those of payments have the suffix DR or P."""
    code = node.get(f"Impuesto{suffix}")
    factor, rate = node.get(f"TipoFactor{suffix}"), node.get(f"TasaOCuota{suffix}")
    name = TAXES.get(code, code)
    if factor == "Exento":
        return f"MX:{name}:{side}:exempt"
    written = f"{decimal_of(rate):.6f}" if rate else "?"
    return f"MX:{name}:q{written}" if factor == "Cuota" else f"MX:{name}:{side}:{written}"


def _line(n: int, node: Node) -> Line:
    gross, discount = amount_of(node, "Importe"), amount_of(node, "Descuento")
    taxes = [
        *(_tax(one, "T") for one in node.all("Impuestos/Traslados/Traslado")),
        *(_tax(one, "R") for one in node.all("Impuestos/Retenciones/Retencion")),
    ]
    return Line(
        n=n,
        code=node.get("NoIdentificacion"),
        class_key=node.get("ClaveProdServ"),
        text=node.get("Descripcion"),
        unit=node.get("ClaveUnidad"),
        quantity=amount_of(node, "Cantidad"),
        unit_price=amount_of(node, "ValorUnitario"),
        gross=gross,
        discount=discount,
        net=gross - discount,
        tax_object=node.get("ObjetoImp"),
        taxes=taxes,
        extra=_extra(node),
    )


def _tax(node: Node, side: str) -> Tax:
    sign = 1 if side == "T" else -1
    return Tax(tax_key(node, side), amount_of(node, "Base"), amount_of(node, "Importe"), sign)


def _header_taxes(root: Node, lines: Sequence[Line]) -> Iterator[Tax]:
    """One a key: what the header says of it (a withholding has no rate there), else the rounded sum
    of its lines.
    """
    stated = {
        tax_key(node, "T"): amount_of(node, "Importe")
        for node in root.all("Impuestos/Traslados/Traslado")
    }
    sums: dict[str, tuple[Decimal, Decimal, int]] = {}
    for tax in (tax for line in lines for tax in line.taxes):
        base, amount, _ = sums.get(tax.key, (ZERO, ZERO, 1))
        sums[tax.key] = base + (tax.base or ZERO), amount + tax.amount, tax.sign
    stated |= _stated_withholdings(root, list(sums))
    for key, (base, amount, sign) in sums.items():
        yield Tax(key, money(base), money(stated.get(key, amount)), sign)
    if not sums:
        for node in root.all("Impuestos/Traslados/Traslado"):
            stated_base = amount_of(node, "Base") if node.get("Base") else None
            yield Tax(tax_key(node, "T"), stated_base, money(amount_of(node, "Importe")))
        for node in root.all("Impuestos/Retenciones/Retencion"):
            name = TAXES.get(node.get("Impuesto"), node.get("Impuesto"))
            yield Tax(f"MX:{name}:R:?", None, money(amount_of(node, "Importe")), -1)


def _stated_withholdings(root: Node, keys: Sequence[str]) -> dict[str, Decimal]:
    """What the header says was withheld of a tax, where its lines have one rate of it."""
    found: dict[str, Decimal] = {}
    for node in root.all("Impuestos/Retenciones/Retencion"):
        name = TAXES.get(node.get("Impuesto"), node.get("Impuesto"))
        own = [key for key in keys if key.startswith(f"MX:{name}:R:")]
        if len(own) == 1:
            found[own[0]] = amount_of(node, "Importe")
    return found


def _local_taxes(root: Node) -> Iterator[Tax]:
    for part in root.all("Complemento"):
        for node in part.all("ImpuestosLocales/TrasladosLocales"):
            name = " ".join(node.get("ImpLocTrasladado").upper().split())
            key = f"MX:LOCAL:T:{name}:{amount_of(node, 'TasadeTraslado'):.2f}"
            yield Tax(key, None, money(amount_of(node, "Importe")))
        for node in part.all("ImpuestosLocales/RetencionesLocales"):
            name = " ".join(node.get("ImpLocRetenido").upper().split())
            key = f"MX:LOCAL:R:{name}:{amount_of(node, 'TasadeRetencion'):.2f}"
            yield Tax(key, None, money(amount_of(node, "Importe")), -1)


def relations_of(root: Node) -> list[Relation]:
    """The documents a CFDI of any type names, each with the type of its group."""
    return [
        Relation(group.get("TipoRelacion"), node.get("UUID").upper())
        for group in root.all("CfdiRelacionados")
        for node in group.all("CfdiRelacionado")
    ]


def _period(root: Node) -> dict[str, str] | None:
    node = root.at("InformacionGlobal")
    if not node.name:
        return None
    return {
        "periodicity": node.get("Periodicidad"),
        "months": node.get("Meses"),
        "year": node.get("Año"),
    }


def _extra(node: Node) -> dict[str, object]:
    """On whose behalf a line is, its customs entries and property numbers."""
    third = node.at("ACuentaTerceros")
    customs = [one.get("NumeroPedimento") for one in node.all("InformacionAduanera")]
    property_ = [one.get("Numero") for one in node.all("CuentaPredial")]
    said: dict[str, object] = {"customs": customs, "property": property_}
    if third.name:
        names = ("RfcACuentaTerceros", "NombreACuentaTerceros")
        said["third_party"] = {"tax_id": third.get(names[0]), "name": third.get(names[1])}
    return {name: value for name, value in said.items() if value}


def _totals(root: Node, lines: Sequence[Line], taxes: Sequence[Tax]) -> dict[str, Decimal]:
    def added(*, local: bool, withheld: bool) -> Decimal:
        chosen = (
            tax.amount for tax in taxes if (tax.is_local, tax.is_withheld) == (local, withheld)
        )
        return money(sum(chosen, ZERO))

    gross, discount = money(amount_of(root, "SubTotal")), money(amount_of(root, "Descuento"))
    total = money(decimal_of(root.get("Total")))
    header = root.at("Impuestos")
    transferred = header.get("TotalImpuestosTrasladados")
    withheld = header.get("TotalImpuestosRetenidos")
    return {
        "gross": gross,
        "discount": discount,
        "net": gross - discount,
        "transferred": (
            money(decimal_of(transferred)) if transferred else added(local=False, withheld=False)
        ),
        "withheld": money(decimal_of(withheld)) if withheld else added(local=False, withheld=True),
        "local_transferred": added(local=True, withheld=False),
        "local_withheld": added(local=True, withheld=True),
        "rounding": ZERO,
        "total": total,
        "due": total,
    }


def _doubts(
    root: Node,
    lines: Sequence[Line],
    totals: Mapping[str, Decimal],
    currency: str,
    rate: str,
) -> Iterator[Finding]:
    """Where a paper does not add up, each with both numbers; the rate is on the paper."""
    added = money(sum((line.net for line in lines), ZERO))
    checks = [
        ("Σ Importe − Descuento", totals["net"], added, ZERO),
        (
            "Total",
            totals["total"],
            totals["net"]
            + totals["transferred"]
            - totals["withheld"]
            + totals["local_transferred"]
            - totals["local_withheld"],
            ZERO,
        ),
        *_tax_checks(lines, totals),
    ]
    for what, seen, expected, tolerance in checks:
        if abs(seen - expected) > tolerance:
            yield Finding(
                "total-mismatch", 0, 0, {"what": what, "seen": seen, "expected": expected}
            )
    if currency != "MXN" and is_no_rate(rate):
        yield Finding("rate-missing", 0, 0, {"currency": currency, "seen": rate or "-"})


def _tax_checks(
    lines: Sequence[Line], totals: Mapping[str, Decimal]
) -> Iterator[tuple[str, Decimal, Decimal, Decimal]]:
    """Header taxes beside those of the lines; a cent is the rounding of old versions."""
    taxes = [tax for line in lines for tax in line.taxes]
    if not taxes:
        return
    for name, is_withheld in (("transferred", False), ("withheld", True)):
        added = sum((tax.amount for tax in taxes if tax.is_withheld is is_withheld), ZERO)
        yield name, totals[name], money(added), _CENT


def payment_kind(direction: Direction) -> Kind:
    """Money in for who issued the complement of payments, out for who received it."""
    return Kind.RECEIPT if direction is Direction.ISSUED else Kind.PAYMENT
