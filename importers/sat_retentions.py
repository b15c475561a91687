"""CFDI of withholdings (Retenciones e información de pagos) 1.0 and 2.0: one document is one ledger
line at what was withheld.

Source: the SAT's schemas ``retencionpagov1.xsd`` and ``retencionpagov2.xsd``; both versions have
the same elements and name their attributes otherwise. A document has no currency: it is in pesos.
What the company withheld it owes to the SAT (credit); what was withheld from it is a tax in its
favour (debit).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from importers import markup
from importers.findings import Finding
from importers.identity import normalise_tax_id
from importers.markup import Element, Item
from importers.ownership import Books, Direction
from importers.records import LedgerLine, TitleBlock
from importers.source import Source
from importers.values import NumberStyle, parse_date, to_cents

_DOT = NumberStyle(".", certain=True)
_ZERO = Decimal("0.00")


def read(source: Source) -> Iterator[Item]:
    """One document as one ledger line."""
    machine = _Retention(Books(source.options.own_tax_ids))
    yield from markup.read(source, frozenset({"Retenciones"}), machine.step)


@dataclass
class _Retention:
    books: Books
    line: int = 0
    document: Mapping[str, str] = field(default_factory=dict)
    issuer: Mapping[str, str] = field(default_factory=dict)
    receiver: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, str] = field(default_factory=dict)
    parts: list[Mapping[str, str]] = field(default_factory=list)
    stamp: str = ""

    def step(self, element: Element) -> Iterator[Item]:
        """Attributes are kept by their names in lower case, which both versions nearly share."""
        if not element.starts:
            if element.name == "Retenciones":
                yield from self._finish()
            return
        values = {name.casefold(): said for name, said in element.attributes.items()}
        match element.name:
            case "Retenciones" if not self.line:
                self.document, self.line = values, element.line
            case "Emisor":
                self.issuer = values
            case "Nacional" | "Extranjero":
                self.receiver = values
            case "Totales":
                self.totals = values
            case "ImpRetenidos":
                self.parts.append(values)
            case "TimbreFiscalDigital":
                self.stamp = self.stamp or values.get("uuid", "")

    def _finish(self) -> Iterator[Item]:
        try:
            day = parse_date(self.document.get("fechaexp", "")[:10])
            withheld = to_cents(_DOT.parse(self.totals.get("montototret", "-")))
            parts = [_DOT.parse(part.get("montoret", "")) for part in self.parts]
        except ValueError as error:
            seen = {"field": "Retenciones", "seen": str(error)[:40]}
            yield Finding("not-an-amount", self.line, 0, seen)
            return
        issuer = _first(self.issuer, "rfcemisor", "rfce")
        receiver = _first(self.receiver, "rfcrecep", "rfcr")
        direction = self.books.direction(issuer, receiver)
        names = (
            _first(self.issuer, "nomdenrazsoce"),
            _first(self.receiver, "nomdenrazsocr"),
        )
        is_received = direction is Direction.RECEIVED
        own, other = ((receiver, names[1]), (issuer, names[0]))
        if not is_received:
            own, other = other, own
        yield TitleBlock(own[1], normalise_tax_id(own[0]), currency="MXN")
        yield LedgerLine(
            line=self.line,
            date=day,
            debit=withheld if is_received else _ZERO,
            credit=_ZERO if is_received else withheld,
            kind=_first(self.document, "cveretenc"),
            reference=_first(self.document, "folioint") or self.stamp,
            description=_first(self.document, "descretenc"),
            party=other[1],
            tax_id=normalise_tax_id(other[0]),
            currency="MXN",
            identifier=self.stamp,
            direction=direction.value,
        )
        if parts and to_cents(sum(parts, Decimal(0))) != withheld:
            said = {"what": "MontoTotRet", "seen": withheld, "expected": sum(parts)}
            yield Finding("total-mismatch", self.line, 0, said)
        if direction is Direction.UNKNOWN:
            yield self.books.doubt(self.line, issuer, receiver)
        if not self.stamp:
            yield Finding("not-stamped", self.line)


def _first(values: Mapping[str, str], *names: str) -> str:
    """The first of these attributes that says something."""
    return next((said for name in names if (said := values.get(name, "").strip())), "")
