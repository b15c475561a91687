"""A month of CFDI of both directions written by the rules of the SAT's schema, with what each is
worth reckoned beside it: three currencies, withholdings, IEPS, exempt lines, discounts, prices of
six decimals, credit notes, payments in parts and across currencies, cancellations by metadata.

Nothing here asks the product anything.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

OWN, OWN_NAME = "EKU9003173C9", "ESCUELA KEMPER URGATE"
PARTIES = (
    ("XIA190128J61", "XENON INDUSTRIAL ARTICLES"),
    ("CTE950627K46", "COMERCIALIZADORA TEODORIKAS"),
    ("IIA040805DZ4", "INDISTRIA ILUMINADORA DE ALMACENES"),
    ("IVD920810GU2", "INNOVACION VALOR Y DESARROLLO"),
    ("KIJ0906199R1", "KERNEL INDUSTIA JUGUETERA"),
    ("IXS7607092R5", "INTERNACIONAL XIMBO Y SABORES"),
)
RATES = {"MXN": Decimal(1), "USD": Decimal("17.5013"), "EUR": Decimal("19.0287")}
CENT = Decimal("0.01")
IVA, ISR, IEPS = "002", "001", "003"


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Paper:
    """A document and what it is worth: ``due`` on its party's account, ``open`` what payments and
    credit notes leave of that, ``taxes`` by authority's code (withheld: negative).
    """

    uuid: str
    kind: str
    number: str
    day: date
    party: tuple[str, str]
    currency: str
    due: Decimal
    taxes: dict[str, Decimal] = field(default_factory=dict)
    open: Decimal = Decimal(0)
    cancelled: bool = False


@dataclass
class Month:
    """``papers`` are invoices, bills and credit notes; ``payments`` UUID → amount and currency."""

    papers: list[Paper] = field(default_factory=list)
    payments: dict[str, tuple[Decimal, str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    metadata: str = ""

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "metadata.txt").write_text(self.metadata, encoding="utf-8", newline="")

    @property
    def counting(self) -> list[Paper]:
        return [paper for paper in self.papers if not paper.cancelled]


def month(invoices: int, seed: int = 1) -> Month:
    """So many invoices and bills, with about a tenth of credit notes and a fifth of payments."""
    chance, made = random.Random(seed), Month()
    identifiers = _uuids(chance)
    for number in range(1, invoices + 1):
        _invoice(made, chance, next(identifiers), number)
    for paper in [one for one in made.papers if not one.cancelled]:
        fate = chance.random()
        if fate < 0.1:
            _credit(made, chance, next(identifiers), paper)
    payable = [one for one in made.counting if one.kind in ("sale", "bill") and one.open]
    chance.shuffle(payable)
    for place in range(0, len(payable) - 2, 5):
        _payment(made, chance, next(identifiers), payable[place : place + 2], len(made.payments))
    made.metadata = _metadata(made)
    return made


def _uuids(chance: random.Random) -> Iterator[str]:
    while True:
        sign = f"{chance.getrandbits(128):032X}"
        yield f"{sign[:8]}-{sign[8:12]}-4{sign[13:16]}-A{sign[17:20]}-{sign[20:]}"


def _invoice(made: Month, chance: random.Random, uuid: str, number: int) -> None:
    kind = chance.choice(("sale", "bill"))
    currency = chance.choices(("MXN", "USD", "EUR"), (8, 1, 1))[0]
    party = chance.choice(PARTIES)
    day = date(2026, 3, 1) + timedelta(days=chance.randrange(31))
    lines = [_line(chance, kind) for _ in range(chance.randint(1, 6))]
    folio = f"A-{number:04}" if kind == "sale" else f"F{chance.randrange(9)}-{number}"
    _paper(made, uuid, kind, folio, day, party, currency, lines, "I", "")
    made.papers[-1].cancelled = chance.random() < 0.05


Line = tuple[Decimal, Decimal, Decimal, dict[tuple[str, str, str], Decimal]]
"""Quantity, price, discount, and (impuesto, T or R, factor) → amount of six decimals."""


def _line(chance: random.Random, kind: str) -> Line:
    quantity = Decimal(chance.choice(("1", "2", "3.5", "12", "0.333333")))
    price = Decimal(chance.randrange(100, 900000)) / chance.choice((100, 10000, 1000000))
    price = max(price, Decimal("1.01"))
    amount = _six(quantity * price)
    discount = cents(amount / 10) if chance.random() < 0.15 else Decimal(0)
    net = amount - discount
    what = chance.random()
    taxes: dict[tuple[str, str, str], Decimal] = {}
    if what < 0.6:
        taxes[IVA, "T", "0.160000"] = _six(net * Decimal("0.16"))
    elif what < 0.7:
        taxes[IVA, "T", "0.000000"] = Decimal(0)
    elif what < 0.8:
        taxes[IVA, "T", "exempt"] = Decimal(0)
    elif what < 0.9:
        excise = _six(net * Decimal("0.08"))
        taxes[IEPS, "T", "0.080000"] = excise
        taxes[IVA, "T", "0.160000"] = _six((net + excise) * Decimal("0.16"))
    elif kind == "bill":
        taxes[IVA, "T", "0.160000"] = _six(net * Decimal("0.16"))
        taxes[ISR, "R", "0.100000"] = _six(net * Decimal("0.10"))
        taxes[IVA, "R", "0.106667"] = _six(net * Decimal("0.106667"))
    return quantity, price, discount, taxes


def _six(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _paper(
    made: Month,
    uuid: str,
    kind: str,
    folio: str,
    day: date,
    party: tuple[str, str],
    currency: str,
    lines: list[Line],
    type_: str,
    related: str,
) -> None:
    gross = cents(sum((_six(quantity * price) for quantity, price, _, _ in lines), Decimal(0)))
    discount = cents(sum((one[2] for one in lines), Decimal(0)))
    header: dict[tuple[str, str, str], Decimal] = {}
    for _, _, _, taxes in lines:
        for key, amount in taxes.items():
            header[key] = header.get(key, Decimal(0)) + amount
    totals = {key: cents(amount) for key, amount in header.items()}
    added = sum((amount for key, amount in totals.items() if key[1] == "T"), Decimal(0))
    held = sum((amount for key, amount in totals.items() if key[1] == "R"), Decimal(0))
    due = gross - discount + added - held
    paper = Paper(uuid, kind, folio, day, party, currency, due, open=due)
    for (tax, way, _), amount in totals.items():
        signed = amount if way == "T" else -amount
        paper.taxes[f"{tax}{way}"] = paper.taxes.get(f"{tax}{way}", Decimal(0)) + signed
    made.papers.append(paper)
    concepts = "".join(_concept(*line) for line in lines)
    issued = kind in ("sale", "sale-credit")
    made.files[f"{uuid}.xml"] = _xml(
        paper,
        issued,
        type_,
        f'SubTotal="{gross}" Descuento="{discount}" Total="{due}"',
        f"{related}{_parties(paper, issued)}<cfdi:Conceptos>{concepts}</cfdi:Conceptos>"
        + _header_taxes(totals, lines, added, held),
    )


def _concept(
    quantity: Decimal, price: Decimal, discount: Decimal, taxes: dict[tuple[str, str, str], Decimal]
) -> str:
    amount = _six(quantity * price)
    net = amount - discount
    excise = taxes.get((IEPS, "T", "0.080000"), Decimal(0))
    parts = {"T": "", "R": ""}
    for (tax, way, factor), money in taxes.items():
        base = net + (excise if tax == IVA and way == "T" else 0)
        name = "Traslado" if way == "T" else "Retencion"
        said = (
            'TipoFactor="Exento"'
            if factor == "exempt"
            else f'TipoFactor="Tasa" TasaOCuota="{factor}" Importe="{money}"'
        )
        parts[way] += f'<cfdi:{name} Base="{base}" Impuesto="{tax}" {said}/>'
    traslados = f"<cfdi:Traslados>{parts['T']}</cfdi:Traslados>" if parts["T"] else ""
    retenciones = f"<cfdi:Retenciones>{parts['R']}</cfdi:Retenciones>" if parts["R"] else ""
    inside = f"<cfdi:Impuestos>{traslados}{retenciones}</cfdi:Impuestos>" if taxes else ""
    return (
        f'<cfdi:Concepto ClaveProdServ="43211500" Cantidad="{quantity}" ClaveUnidad="H87"'
        f' Descripcion="Artículo ñandú" ValorUnitario="{price}" Importe="{amount}"'
        f' Descuento="{discount}" ObjetoImp="{"02" if taxes else "01"}">{inside}</cfdi:Concepto>'
    )


def _header_taxes(
    totals: dict[tuple[str, str, str], Decimal],
    lines: list[Line],
    added: Decimal,
    held: Decimal,
) -> str:
    bases: dict[tuple[str, str, str], Decimal] = {}
    for quantity, price, discount, taxes in lines:
        excise = taxes.get((IEPS, "T", "0.080000"), Decimal(0))
        for key in taxes:
            base = _six(quantity * price) - discount + (excise if key[:2] == (IVA, "T") else 0)
            bases[key] = bases.get(key, Decimal(0)) + base
    if not totals:
        return ""
    held_rows, added_rows = "", ""
    by_tax: dict[str, Decimal] = {}
    for (tax, way, factor), amount in totals.items():
        if way == "R":
            by_tax[tax] = by_tax.get(tax, Decimal(0)) + amount
        elif factor == "exempt":
            base = cents(bases[tax, way, factor])
            added_rows += f'<cfdi:Traslado Base="{base}" Impuesto="{tax}" TipoFactor="Exento"/>'
        else:
            added_rows += (
                f'<cfdi:Traslado Base="{cents(bases[tax, way, factor])}" Impuesto="{tax}"'
                f' TipoFactor="Tasa" TasaOCuota="{factor}" Importe="{amount}"/>'
            )
    for tax, amount in by_tax.items():
        held_rows += f'<cfdi:Retencion Impuesto="{tax}" Importe="{amount}"/>'
    retenciones = f"<cfdi:Retenciones>{held_rows}</cfdi:Retenciones>" if held_rows else ""
    traslados = f"<cfdi:Traslados>{added_rows}</cfdi:Traslados>" if added_rows else ""
    attributes = f' TotalImpuestosTrasladados="{added}"' if traslados else ""
    attributes += f' TotalImpuestosRetenidos="{held}"' if retenciones else ""
    return f"<cfdi:Impuestos{attributes}>{retenciones}{traslados}</cfdi:Impuestos>"


def _credit(made: Month, chance: random.Random, uuid: str, paper: Paper) -> None:
    """A credit note of one line that settles a part of an invoice."""
    part = cents(paper.open / chance.choice((3, 4)))
    net = cents(part / Decimal("1.16"))
    if net < 1:
        return
    line: Line = (
        Decimal(1),
        net,
        Decimal(0),
        {(IVA, "T", "0.160000"): _six(net * Decimal("0.16"))},
    )
    related = (
        '<cfdi:CfdiRelacionados TipoRelacion="01"><cfdi:CfdiRelacionado'
        f' UUID="{paper.uuid.lower()}"/></cfdi:CfdiRelacionados>'
    )
    kind = f"{paper.kind}-credit"
    _paper(
        made,
        uuid,
        kind,
        f"NC-{len(made.papers)}",
        paper.day,
        paper.party,
        paper.currency,
        [line],
        "E",
        related,
    )
    note = made.papers[-1]
    paper.open -= note.due
    note.open = Decimal(0)


def _payment(made: Month, chance: random.Random, uuid: str, paid: list[Paper], number: int) -> None:
    """One payment in pesos of a part of each of some invoices of one party."""
    first = paid[0]
    some = [one for one in paid if (one.party, one.kind) == (first.party, first.kind)]
    parts, amount = "", Decimal(0)
    for place, paper in enumerate(some):
        share = paper.open if chance.random() < 0.5 else cents(paper.open / 2)
        after = paper.open - share
        foreign = paper.currency != "MXN"
        pesos = cents(share * RATES[paper.currency] * Decimal("0.99")) if foreign else share
        equivalence = f"{share / pesos:.10f}" if foreign else "1"
        amount += pesos if not foreign else cents(share / Decimal(equivalence))
        parts += (
            f'<pago20:DoctoRelacionado IdDocumento="{paper.uuid.lower()}" Serie="A"'
            f' Folio="{place}" MonedaDR="{paper.currency}" EquivalenciaDR="{equivalence}"'
            f' NumParcialidad="1" ImpSaldoAnt="{paper.open}" ImpPagado="{share}"'
            f' ImpSaldoInsoluto="{after}" ObjetoImpDR="01"/>'
        )
        paper.open = after
    issued = first.kind == "sale"
    paper = Paper(uuid, "payment", f"P-{number}", date(2026, 3, 31), first.party, "XXX", Decimal(0))
    made.payments[uuid] = (amount, first.kind)
    made.files[f"{uuid}.xml"] = _xml(
        paper,
        issued,
        "P",
        'SubTotal="0" Total="0"',
        f"{_parties(paper, issued)}<cfdi:Conceptos><cfdi:Concepto"
        ' ClaveProdServ="84111506" Cantidad="1" ClaveUnidad="ACT" Descripcion="Pago"'
        ' ValorUnitario="0" Importe="0" ObjetoImp="01"/></cfdi:Conceptos>',
        '<pago20:Pagos xmlns:pago20="http://www.sat.gob.mx/Pagos20" Version="2.0">'
        f'<pago20:Totales MontoTotalPagos="{amount}"/><pago20:Pago'
        ' FechaPago="2026-03-31T12:00:00" FormaDePagoP="03" MonedaP="MXN" TipoCambioP="1"'
        f' Monto="{amount}" NumOperacion="SPEI-{number}">{parts}</pago20:Pago></pago20:Pagos>',
    )


def _parties(paper: Paper, issued: bool) -> str:
    ours = (OWN, OWN_NAME)
    sender, receiver = (ours, paper.party) if issued else (paper.party, ours)
    return (
        f'<cfdi:Emisor Rfc="{sender[0]}" Nombre="{sender[1]}" RegimenFiscal="601"/>'
        f'<cfdi:Receptor Rfc="{receiver[0]}" Nombre="{receiver[1]}"'
        ' DomicilioFiscalReceptor="26015" RegimenFiscalReceptor="601" UsoCFDI="G03"/>'
    )


def _xml(
    paper: Paper, issued: bool, type_: str, totals: str, inside: str, complement: str = ""
) -> str:
    series, _, folio = paper.number.partition("-")
    rate = "" if paper.currency == "XXX" else f' TipoCambio="{RATES[paper.currency]}"'
    method = "" if type_ == "P" else ' MetodoPago="PPD" FormaPago="99"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?><cfdi:Comprobante'
        ' xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0"'
        f' Serie="{series}" Folio="{folio}" Fecha="{paper.day}T10:00:00" {totals}'
        f' Moneda="{paper.currency}"{rate}{method} TipoDeComprobante="{type_}" Exportacion="01"'
        f' LugarExpedicion="26015">{inside}<cfdi:Complemento>{complement}'
        '<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital"'
        f' Version="1.1" UUID="{paper.uuid}" FechaTimbrado="{paper.day}T10:00:05"/>'
        "</cfdi:Complemento></cfdi:Comprobante>"
    )


def _metadata(made: Month) -> str:
    rows = [
        "Uuid~RfcEmisor~NombreEmisor~RfcReceptor~NombreReceptor~RfcPac~FechaEmision~"
        "FechaCertificacionSat~Monto~EfectoComprobante~Estatus~FechaCancelacion"
    ]
    for paper in made.papers:
        issued = paper.kind.startswith("sale")
        ours = (OWN, OWN_NAME)
        sender, receiver = (ours, paper.party) if issued else (paper.party, ours)
        state = "0~2026-04-02 10:00:00" if paper.cancelled else "1~"
        effect = "E" if paper.kind.endswith("credit") else "I"
        rows.append(
            f"{paper.uuid}~{sender[0]}~{sender[1]}~{receiver[0]}~{receiver[1]}~SAT970701NN3~"
            f"{paper.day} 10:00:00~{paper.day} 10:00:05~{paper.due}~{effect}~{state}"
        )
    return "\r\n".join(rows) + "\r\n"
