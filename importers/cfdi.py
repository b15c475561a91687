"""CFDI 3.3 and 4.0 (Mexico): one document is one ledger line, on the side it has in the company's
books.

Source: the SAT's schemas ``cfdv33.xsd``, ``cfdv40.xsd``, ``Pagos10.xsd`` and ``Pagos20.xsd``. Whose
books are kept is decided by the company's own tax ids: what it issued is owed to it (debit), what
it received it owes (credit); credit notes (type E) are the other way round, payroll (N) is money
out, a payment (P) money in for who issued it. A transfer (T) has no amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """One CFDI as one ledger line at its Total (a payment at what was paid)."""
    machine = _Cfdi(Books(source.options.own_tax_ids))
    yield from markup.read(source, frozenset({"Comprobante"}), machine.step)


@dataclass(frozen=True, slots=True)
class _Payment:
    amount: Decimal
    currency: str
    rate: str


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
    pay_days: list[str] = field(default_factory=list)
    """When a payment or a pay slip was paid; the document itself is often made later."""

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
                self.pay_days.append(values.get("FechaPago", "")[:10])
            case "Nomina":
                self.pay_days.append(values.get("FechaPago", "")[:10])
            case "Totales":
                self.paid = values.get("MontoTotalPagos", "")

    def _finish(self) -> Iterator[Item]:
        values, kind = self.document, self.document.get("TipoDeComprobante", "")
        try:
            day = _date(self._paid_on() or values.get("Fecha", ""))
            money = self._money(kind)
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
            yield self._record(day, money, direction, uuid)
        yield from self._findings(direction, issuer, receiver)

    def _record(self, day: date, money: _Payment, direction: Direction, uuid: str) -> LedgerLine:
        kind = self.document.get("TipoDeComprobante", "")
        comes_in = (direction is not Direction.RECEIVED) != (kind in ("E", "N"))
        other = self.issuer if direction is Direction.RECEIVED else self.receiver
        issuer, receiver = self.issuer.get("Rfc", ""), self.receiver.get("Rfc", "")
        return LedgerLine(
            line=self.line,
            date=day,
            debit=money.amount if comes_in else _ZERO,
            credit=_ZERO if comes_in else money.amount,
            kind=kind,
            reference=self._number() or uuid,
            description=f"{issuer} → {receiver} {uuid}".strip(),
            party=other.get("Nombre", ""),
            tax_id=normalise_tax_id(other.get("Rfc", "")),
            currency=money.currency,
            identifier=uuid,
            rate=money.rate,
            direction=direction.value,
        )

    def _money(self, kind: str) -> _Payment:
        """Amount, currency and rate to the books' currency. Raises ValueError."""
        values = self.document
        if kind != "P":
            total = to_cents(_DOT.parse(values.get("Total", "")))
            return _Payment(total, values.get("Moneda", ""), _rate(values.get("TipoCambio", "")))
        currencies = {payment.get("MonedaP", "") for payment in self.payments}
        if len(currencies) == 1:
            amounts = [_DOT.parse(payment.get("Monto", "")) for payment in self.payments]
            rates = {_rate(payment.get("TipoCambioP", "")) for payment in self.payments}
            total = to_cents(sum(amounts, Decimal(0)))
            return _Payment(total, currencies.pop(), rates.pop() if len(rates) == 1 else "")
        if not self.paid:
            raise ValueError("Pago")
        return _Payment(to_cents(_DOT.parse(self.paid)), "MXN", "")

    def _paid_on(self) -> str:
        """The one day a payment or a pay slip was paid; empty where there are several, or none."""
        days = set(self.pay_days if self.document.get("TipoDeComprobante") in ("P", "N") else ())
        return days.pop() if len(days) == 1 else ""

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
