"""CFDI 3.3 and 4.0 (Mexico): one document is one ledger line, on the side it has in the company's
books; a complement of payments is one line a payment.

Source: the SAT's schemas ``cfdv33.xsd``, ``cfdv40.xsd``, ``Pagos10.xsd`` and ``Pagos20.xsd``. Whose
books are kept is decided by the company's own tax ids: what it issued is owed to it (debit), what
it received it owes (credit); credit notes (type E) are the other way round, payroll (N) is money
out, a payment (P) money in for who issued it. A transfer (T) has no amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from importers import markup
from importers.findings import Finding
from importers.identity import normalise_tax_id
from importers.markup import Element, Item
from importers.ownership import Books, Direction
from importers.records import LedgerLine, TitleBlock
from importers.source import Source
from importers.unreadable import Unreadable
from importers.values import NumberStyle, parse_date, to_cents

_DOT = NumberStyle(".", certain=True)
_ZERO = Decimal("0.00")
_READ = ("3.3", "4.0")


def read(source: Source) -> Iterator[Item]:
    """One CFDI as one ledger line at its Total; a complement of payments as one line a payment."""
    machine = _Cfdi(Books(source.options.own_tax_ids))
    yield from markup.read(source, frozenset({"Comprobante"}), machine.step)


@dataclass(frozen=True, slots=True)
class _Money:
    """What moves, when: ``reference`` is the operation a payment names."""

    day: date
    amount: Decimal
    currency: str
    rate: str
    reference: str = ""


@dataclass
class _Cfdi:
    books: Books
    document: Mapping[str, str] = field(default_factory=dict)
    line: int = 0
    issuer: Mapping[str, str] = field(default_factory=dict)
    receiver: Mapping[str, str] = field(default_factory=dict)
    stamps: list[str] = field(default_factory=list)
    payments: list[Mapping[str, str]] = field(default_factory=list)
    paid: str = ""
    """What a complement of payments says they come to, in pesos."""
    pay_days: list[str] = field(default_factory=list)
    """When a pay slip was paid; the document itself is often made later."""

    def step(self, element: Element) -> Iterator[Item]:
        if not element.starts:
            if element.name == "Comprobante":
                yield from self._finish()
            return
        values = element.attributes
        match element.name:
            case "Comprobante" if not self.line:
                self.document, self.line = values, element.line
                _refuse_other_versions(values)
            case "Emisor" if not self.issuer:
                self.issuer = values
            case "Receptor" if not self.receiver:
                self.receiver = values
            case "TimbreFiscalDigital":
                self.stamps.append(values.get("UUID", ""))
            case "Pago":
                self.payments.append(values)
            case "Totales":
                self.paid = values.get("MontoTotalPagos", "")
            case "Nomina":
                self.pay_days.append(values.get("FechaPago", "")[:10])

    def _finish(self) -> Iterator[Item]:
        values, kind = self.document, self.document.get("TipoDeComprobante", "")
        try:
            found = self._payments() if kind == "P" else [self._total()]
        except ValueError as error:
            seen = {"field": "Comprobante", "seen": str(error)[:40]}
            yield Finding("not-an-amount", self.line, 0, seen)
            return
        issuer, receiver = self.issuer.get("Rfc", ""), self.receiver.get("Rfc", "")
        direction = self.books.direction(issuer, receiver)
        uuid = self.stamps[0] if self.stamps else ""
        yield TitleBlock(*self._company(direction), currency=values.get("Moneda", ""))
        if kind == "T":
            what = " ".join(filter(None, ("CFDI T", self._number(), uuid)))
            yield Finding("no-effect", self.line, 0, {"what": what})
        else:
            for money in found:
                yield self._record(money, direction, uuid)
            yield from self._total_of_payments(found)
        yield from self._findings(direction, issuer, receiver)

    def _record(self, money: _Money, direction: Direction, uuid: str) -> LedgerLine:
        kind = self.document.get("TipoDeComprobante", "")
        comes_in = (direction is not Direction.RECEIVED) != (kind in ("E", "N"))
        other = self.issuer if direction is Direction.RECEIVED else self.receiver
        issuer, receiver = self.issuer.get("Rfc", ""), self.receiver.get("Rfc", "")
        return LedgerLine(
            line=self.line,
            date=money.day,
            debit=money.amount if comes_in else _ZERO,
            credit=_ZERO if comes_in else money.amount,
            kind=kind,
            reference=money.reference or self._number() or uuid,
            description=f"{issuer} → {receiver} {uuid}".strip(),
            party=other.get("Nombre", ""),
            tax_id=normalise_tax_id(other.get("Rfc", "")),
            currency=money.currency,
            identifier=uuid,
            rate=money.rate,
            direction=direction.value,
        )

    def _total(self) -> _Money:
        """The document's own total; a pay slip's on the day it was paid. Raises ValueError."""
        values = self.document
        paid = set(self.pay_days if values.get("TipoDeComprobante") == "N" else ())
        day = _date(paid.pop() if len(paid) == 1 else values.get("Fecha", ""))
        total = to_cents(_DOT.parse(values.get("Total", "")))
        return _Money(day, total, values.get("Moneda", ""), _rate(values.get("TipoCambio", "")))

    def _payments(self) -> list[_Money]:
        """Each payment of a complement, in its own currency on its own day: ImpPagado, which the
        old version may leave out, is in the currency of the invoice. Raises ValueError.
        """
        if not self.payments:
            raise ValueError("Pago")
        return [
            _Money(
                day=_date(payment.get("FechaPago") or self.document.get("Fecha", "")),
                amount=to_cents(_DOT.parse(payment.get("Monto") or "?")),
                currency=payment.get("MonedaP", ""),
                rate=_rate(payment.get("TipoCambioP", "")),
                reference=payment.get("NumOperacion", "").strip(),
            )
            for payment in self.payments
        ]

    def _total_of_payments(self, found: Sequence[_Money]) -> Iterator[Finding]:
        """Said where the payments do not come to what the complement says; each was rounded."""
        try:
            said = to_cents(_DOT.parse(self.paid))
        except ValueError:
            return
        pesos = [to_cents(one.amount * Decimal(one.rate or "1")) for one in found]
        foreign = any(one.currency != "MXN" and not one.rate for one in found)
        if self.paid and not foreign and abs(sum(pesos) - said) > len(pesos) * Decimal("0.01"):
            values = {"what": "MontoTotalPagos", "seen": said, "expected": sum(pesos)}
            yield Finding("total-mismatch", self.line, 0, values)

    def _number(self) -> str:
        values = self.document
        return "-".join(part for part in (values.get("Serie"), values.get("Folio")) if part)

    def _company(self, direction: Direction) -> tuple[str, str]:
        own = self.receiver if direction is Direction.RECEIVED else self.issuer
        return own.get("Nombre", ""), normalise_tax_id(own.get("Rfc", ""))

    def _findings(self, direction: Direction, issuer: str, receiver: str) -> Iterator[Finding]:
        if direction is Direction.UNKNOWN:
            yield self.books.doubt(self.line, issuer, receiver)
        if not self.stamps:
            yield Finding("not-stamped", self.line)
        elif len(set(self.stamps)) > 1:
            yield Finding("several-stamps", self.line, 0, {"seen": ", ".join(self.stamps)})


def _refuse_other_versions(values: Mapping[str, str]) -> None:
    """Raises Unreadable for CFDI 3.2 and older, whose attributes have other names."""
    version = values.get("Version") or values.get("version", "")
    if version not in _READ:
        raise Unreadable("cfdi-version", seen=version or "?")


def _rate(text: str) -> str:
    """A rate that says something: 1 is that of the books' own currency."""
    try:
        rate = Decimal(text.strip())
    except ArithmeticError:
        return ""
    return "" if rate in (0, 1) else text.strip()


def _date(text: str) -> date:
    return parse_date(text[:10])
