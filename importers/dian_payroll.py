"""DIAN: electronic payroll (documento soporte de pago de nómina electrónica) and its adjustments:
one document is one ledger line at what was paid, on the last day of payment.

Source: DIAN's technical annex of the payroll document (resolución 000013 of 2021), roots
``NominaIndividual`` and ``NominaIndividualDeAjuste``. An adjustment of kind 1 replaces another
document with a whole one (``Reemplazar``), of kind 2 voids it (``Eliminar``) and has no amounts.
Payroll the company issued is money out (credit).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial

from importers import markup
from importers.findings import Finding
from importers.markup import Element, Item
from importers.ownership import Books, Direction
from importers.records import LedgerLine, TitleBlock
from importers.source import Source
from importers.values import NumberStyle, parse_date, to_cents

ROOTS = frozenset({"NominaIndividual", "NominaIndividualDeAjuste"})
_DOT = NumberStyle(".", certain=True)
_ZERO = Decimal("0.00")
_KEPT = frozenset(
    {
        "NumeroSecuenciaXML",
        "InformacionGeneral",
        "Empleador",
        "Trabajador",
        "Periodo",
        "ReemplazandoPredecesor",
        "EliminandoPredecesor",
    }
)
_PERIOD = ("FechaLiquidacionInicio", "FechaLiquidacionFin")
_TOTALS = ("DevengadosTotal", "DeduccionesTotal", "ComprobanteTotal", "Redondeo")


def read(source: Source) -> Iterator[Item]:
    """One payroll document as one ledger line; an adjustment also says what it replaces or
    voids.
    """
    machine = _Payroll(Books(source.options.own_tax_ids))
    yield from markup.read(source, ROOTS, machine.step)


@dataclass
class _Payroll:
    books: Books
    line: int = 0
    values: dict[str, Mapping[str, str]] = field(default_factory=dict)
    totals: dict[str, str] = field(default_factory=dict)
    paid_on: list[str] = field(default_factory=list)

    def step(self, element: Element) -> Iterator[Item]:
        if element.starts:
            if element.name in ROOTS:
                self.line = element.line
            elif element.name in _KEPT:
                self.values.setdefault(element.name, element.attributes)
            return
        text = element.text.strip()
        if element.name == "FechaPago" and text:
            self.paid_on.append(text[:10])
        elif element.name in _TOTALS and text:
            self.totals.setdefault(element.name, text)
        elif element.name in ROOTS:
            yield from self._finish()

    def _said(self, element: str, name: str) -> str:
        return self.values.get(element, {}).get(name, "").strip()

    @property
    def _number(self) -> str:
        return self._said("NumeroSecuenciaXML", "Numero")

    def _finish(self) -> Iterator[Item]:
        if "EliminandoPredecesor" in self.values:
            voided = self._said("EliminandoPredecesor", "NumeroPred")
            said = {"seen": self._number, "other": voided or "?"}
            yield Finding("document-voids", self.line, 0, said)
            return
        try:
            day = max(parse_date(text) for text in self.paid_on or [self._generated])
            total, earned, withheld, rounding = self._amounts()
        except ValueError as error:
            seen = {"field": "ComprobanteTotal, FechaPago", "seen": str(error)[:40]}
            yield Finding("not-an-amount", self.line, 0, seen)
            return
        employer = self._said("Empleador", "NIT")
        worker = self._said("Trabajador", "NumeroDocumento")
        direction = self.books.direction(employer, worker)
        yield TitleBlock(self._said("Empleador", "RazonSocial"), employer)
        yield self._record(day, total, direction)
        if total not in (earned - withheld, earned - withheld + rounding):
            values = {"what": "ComprobanteTotal", "seen": total, "expected": earned - withheld}
            yield Finding("total-mismatch", self.line, 0, values)
        if "ReemplazandoPredecesor" in self.values:
            replaced = self._said("ReemplazandoPredecesor", "NumeroPred")
            said = {"seen": self._number, "other": replaced or "?"}
            yield Finding("document-replaces", self.line, 0, said)
        if direction is Direction.UNKNOWN:
            yield self.books.doubt(self.line, employer, worker)

    @property
    def _generated(self) -> str:
        return self._said("InformacionGeneral", "FechaGen")

    def _amounts(self) -> list[Decimal]:
        """Total, what was earned, what was withheld, and the rounding. Raises ValueError."""
        names = ("ComprobanteTotal", "DevengadosTotal", "DeduccionesTotal", "Redondeo")
        texts = [self.totals.get(name, "" if name == "Redondeo" else "?") for name in names]
        return [to_cents(_DOT.parse(text)) for text in texts]

    def _record(self, day: date, total: Decimal, direction: Direction) -> LedgerLine:
        received = direction is Direction.RECEIVED
        names = ("PrimerApellido", "SegundoApellido", "PrimerNombre", "OtrosNombres")
        worker = " ".join(filter(None, (self._said("Trabajador", name) for name in names)))
        other = ("Empleador", "NIT") if received else ("Trabajador", "NumeroDocumento")
        rate = self._said("InformacionGeneral", "TRM")
        return LedgerLine(
            line=self.line,
            date=day,
            debit=total if received else _ZERO,
            credit=_ZERO if received else total,
            kind=self._said("InformacionGeneral", "TipoXML"),
            reference=self._number,
            description=" – ".join(filter(None, map(partial(self._said, "Periodo"), _PERIOD))),
            party=self._said("Empleador", "RazonSocial") if received else worker,
            tax_id=self._said(*other),
            currency=self._said("InformacionGeneral", "TipoMoneda") or "COP",
            identifier=self._said("InformacionGeneral", "CUNE"),
            rate="" if rate in ("", "0", "0.00", "1", "1.00") else rate,
            direction=direction.value,
        )
