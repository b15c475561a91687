"""SAT (Mexico): Contabilidad electrónica 1.3 (Anexo 24), by its namespaces.

Facts: the XSDs of Contabilidad electrónica 1.3. Dates may carry
a zone (``2019-01-22-06:00``). Generators disagree on the sign of balances, so a balance is checked
both ways.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from importers import markup
from importers.findings import Finding
from importers.identity import normalise_tax_id
from importers.markup import Element, Item
from importers.records import Balance, LedgerLine, TitleBlock, Voucher, VoucherLine
from importers.source import Source
from importers.values import NumberStyle, parse_date, to_cents

_DOT = NumberStyle(".", certain=True)
_ZERO = Decimal("0.00")
_PERIOD_ROOTS = frozenset({"Polizas", "AuxiliarCtas", "Balanza", "Catalogo", "RepAuxFol"})


def read_accounting(source: Source) -> Iterator[Item]:
    """CT, BN/BC, PL, XC, XF: vouchers, ledger lines and balances."""
    machine = _Accounting()
    yield from markup.read(source, _Accounting.RECORDS, machine.step)


@dataclass
class _Accounting:
    RECORDS = frozenset(
        {
            "Poliza",
            "Transaccion",
            "Ctas",
            "Cuenta",
            "DetalleAux",
            "DetAuxFol",
            "ComprNal",
            "ComprNalOtr",
            "ComprExt",
            "CompNal",
            "CompNalOtr",
            "CompExt",
        }
    )

    root: str = ""
    header: Mapping[str, str] = field(default_factory=dict)
    header_line: int = 0
    lines: list[VoucherLine] = field(default_factory=list)
    uuids: list[str] = field(default_factory=list)
    tax_ids: list[tuple[int, str]] = field(default_factory=list)
    account: Mapping[str, str] = field(default_factory=dict)
    broken: int = 0

    def step(self, element: Element) -> Iterator[Item]:
        if not element.starts:
            if element.name == "Poliza":
                yield from self._voucher(element.line)
            return
        if element.name in _PERIOD_ROOTS and not self.root:
            self.root = element.name
            yield _period(element.attributes, element.name)
        elif element.name == "Poliza":
            self.header, self.header_line, self.broken = element.attributes, element.line, 0
            self.lines, self.uuids, self.tax_ids = [], [], []
        elif element.name == "Transaccion":
            yield from self._movement(element)
        elif element.name == "CompNal":
            self.uuids.append(element.attributes.get("UUID_CFDI", ""))
            self.tax_ids.append((element.line, normalise_tax_id(element.attributes.get("RFC", ""))))
        elif element.name == "Cuenta":
            self.account = element.attributes
            yield from _balance(element, "DesCta")
        elif element.name == "DetalleAux":
            yield from self._detail(element)
        elif element.name == "Ctas":
            yield from _balance(element, "Desc")

    def _movement(self, element: Element) -> Iterator[Finding]:
        values = element.attributes
        try:
            debit, credit = _amount(values, "Debe"), _amount(values, "Haber")
        except ValueError:
            self.broken = self.broken or element.line
            yield Finding(
                "not-an-amount",
                element.line,
                0,
                {"field": "Debe / Haber", "seen": values.get("Debe", "")},
            )
            return
        self.lines.append(
            VoucherLine(
                element.line,
                values.get("NumCta", ""),
                debit,
                credit,
                description=values.get("Concepto", ""),
                account_name=values.get("DesCta", ""),
            )
        )

    def _voucher(self, last_line: int) -> Iterator[Item]:
        values = self.header
        try:
            day = _date(values.get("Fecha", ""))
        except ValueError:
            seen = {"field": "Fecha", "seen": values.get("Fecha", ""), "expected": "aaaa-mm-dd"}
            yield Finding("not-a-date", self.header_line, 0, seen)
            return
        yield Voucher(
            self.header_line,
            last_line,
            day,
            "-",
            values.get("NumUnIdenPol", ""),
            values.get("Concepto", ""),
            tuple(self.lines),
            uuids=tuple(dict.fromkeys(filter(None, self.uuids))),
            tax_ids=tuple(item for item in self.tax_ids if item[1]),
            broken_line=self.broken,
        )

    def _detail(self, element: Element) -> Iterator[Item]:
        values = element.attributes
        try:
            yield LedgerLine(
                line=element.line,
                date=_date(values.get("Fecha", "")),
                debit=_amount(values, "Debe"),
                credit=_amount(values, "Haber"),
                account=self.account.get("NumCta", ""),
                account_name=self.account.get("DesCta", ""),
                number=values.get("NumUnIdenPol", ""),
                description=values.get("Concepto", ""),
            )
        except ValueError as error:
            yield Finding(
                "not-an-amount", element.line, 0, {"field": "DetalleAux", "seen": str(error)[:40]}
            )


def _period(values: Mapping[str, str], root: str) -> TitleBlock:
    """The month the file states. Month 13 is the closing adjustment; it and a catalogue bound no
    dates.
    """
    tax_id, year, month = values.get("RFC", ""), values.get("Anio", ""), values.get("Mes", "")
    if (
        root == "Catalogo"
        or not re.fullmatch("(19|20)[0-9]{2}", year)
        or not re.fullmatch("0?[1-9]|1[0-2]", month)
    ):
        return TitleBlock("", tax_id, currency="MXN")
    first = date(int(year), int(month), 1)
    return TitleBlock(
        "", tax_id, first, first.replace(day=calendar.monthrange(first.year, first.month)[1]), "MXN"
    )


def _balance(element: Element, name: str) -> Iterator[Item]:
    values = element.attributes
    if "SaldoIni" not in values:
        yield Balance(element.line, values.get("NumCta", ""), values.get(name, ""), None, None)
        return
    try:
        opening, closing = _amount(values, "SaldoIni"), _amount(values, "SaldoFin")
        movement = _amount(values, "Debe") - _amount(values, "Haber")
    except ValueError:
        yield Finding(
            "not-an-amount", element.line, 0, {"field": "Saldo", "seen": values.get("SaldoIni", "")}
        )
        return
    if "Debe" in values and closing not in (opening + movement, opening - movement):
        shown = {"what": values.get("NumCta", ""), "seen": closing, "expected": opening + movement}
        yield Finding("total-mismatch", element.line, 0, shown)
    yield Balance(element.line, values.get("NumCta", ""), values.get(name, ""), opening, closing)


def _amount(values: Mapping[str, str], name: str) -> Decimal:
    return to_cents(_DOT.parse(values.get(name, "")))


def _date(text: str) -> date:
    return parse_date(text[:10])
