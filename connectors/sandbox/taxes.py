"""The sandbox's taxes, and what the lines of a document come to with them.

A tax is a share of the line (of its tax, where ``of`` names one), or a quota of which every line
states the amount. A tax is rounded once a document, on the sum of its lines; the paper may state
another amount within a cent a line, which then counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from connectors.sandbox.refusal import Refused, minor_units

COST = "cost"
"""An account's place: the tax is part of what the line costs."""
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SandboxTax:
    """``authority`` is the tax in the authority's own words or code, ``rate`` in percent (None: a
    quota), ``is_exempt`` tells exempt from 0 %; ``of`` is the authority's tax it is a share of.
    ``sale`` and ``purchase`` are the accounts it is posted on.
    """

    code: str
    name: str
    authority: str
    rate: Decimal | None
    sale: str
    purchase: str
    is_withheld: bool = False
    is_exempt: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True)
class Computed:
    """What a document comes to in cents of its currency: ``by_account`` without the party's,
    positive on the side of the lines; ``total`` is what the party owes or is owed.
    """

    by_account: Mapping[str, int]
    total: int


def computed(
    lines: Sequence[Line],
    stated: Mapping[str, object],
    taxes: Mapping[str, SandboxTax],
    *,
    is_sale: bool,
) -> Computed:
    """Lines with their taxes. Raises Refused where a tax is unknown or stated otherwise."""
    nets: dict[str, Decimal] = {}
    amounts: Counter[str] = Counter()
    exact: dict[str, Decimal] = {}
    costs: dict[str, str] = {}
    """Code → the account of the last line that has it, for what is part of its cost."""
    for line in lines:
        account = str(line["account"])
        net = Decimal(str(line["quantity"])) * Decimal(str(line["unit_price"]))
        nets[account] = nets.get(account, Decimal(0)) + net
        for code, amount in _of_line(line, net, taxes).items():
            exact[code] = exact.get(code, Decimal(0)) + amount
            costs[code] = account
    for code, amount in exact.items():
        tax = taxes[code]
        cents = _stated(code, amount, stated, len(lines))
        place = tax.sale if is_sale else tax.purchase
        account = costs[code] if place == COST else place
        amounts[account] += -cents if tax.is_withheld else cents
    unknown = stated.keys() - exact.keys()
    if unknown:
        raise Refused("unknown_tax", f"no line has the tax {min(unknown)!r}")
    by_account = Counter(_whole_cents(nets))
    by_account.update(amounts)
    return Computed(dict(by_account), sum(by_account.values()))


def _of_line(line: Line, net: Decimal, taxes: Mapping[str, SandboxTax]) -> dict[str, Decimal]:
    """What each tax of a line is, unrounded: those that enter the base of others first."""
    quotas = {str(code): Decimal(str(amount)) for code, amount in line.get("stated") or ()}
    codes = [str(code) for code in line.get("taxes") or ()]
    for code in codes:
        if code not in taxes:
            raise Refused("unknown_tax", f"no tax {code!r}")
    found: dict[str, Decimal] = {}
    for code in sorted(codes, key=lambda code: _order(taxes[code])):
        tax = taxes[code]
        if tax.rate is None:
            if code not in quotas:
                raise Refused("no_amount", f"a line has to state the amount of {code}")
            found[code] = quotas[code]
        else:
            found[code] = _base(tax, net, found, taxes) * tax.rate / 100
    return found


def _order(tax: SandboxTax) -> int:
    return 2 if tax.of else 0 if tax.authority in _IN_THE_BASE else 1


_IN_THE_BASE = ("IEPS",)
"""Taxes the value added tax is charged on (Ley del IVA, article 12)."""


def _base(
    tax: SandboxTax, net: Decimal, found: Mapping[str, Decimal], taxes: Mapping[str, SandboxTax]
) -> Decimal:
    if tax.of:
        return sum((found[code] for code in found if taxes[code].authority == tax.of), Decimal(0))
    if tax.authority in _IN_THE_BASE or tax.is_withheld:
        return net
    return net + sum(
        (found[code] for code in found if taxes[code].authority in _IN_THE_BASE), Decimal(0)
    )


def _stated(code: str, amount: Decimal, stated: Mapping[str, object], lines: int) -> int:
    """The paper's amount where it states one that can be the same tax. Raises Refused."""
    ours = _cents(amount)
    if code not in stated:
        return ours
    theirs = minor_units(stated[code])
    if abs(theirs - ours) > lines + 1:
        shown = f"{Decimal(ours).scaleb(-2)}, not {Decimal(theirs).scaleb(-2)}"
        raise Refused("tax_differs", f"{code} comes to {shown}")
    return theirs


def _whole_cents(amounts: Mapping[str, Decimal]) -> dict[str, int]:
    """Cents of each account that add up to the rounded sum of all: what is left goes where the most
    was cut off.
    """
    floors = {
        name: int((value * 100).to_integral_value(ROUND_FLOOR)) for name, value in amounts.items()
    }
    left = _cents(sum(amounts.values(), Decimal(0))) - sum(floors.values())
    by_rest = sorted(amounts, key=lambda name: (floors[name] - amounts[name] * 100, name))
    for name in by_rest[:left]:
        floors[name] += 1
    return floors


def _cents(value: Decimal) -> int:
    return int((value * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _rated(one: SandboxTax, rates: str) -> list[SandboxTax]:
    """The same tax at several rates, its code ending in each."""
    made = []
    for rate in rates.split():
        code = f"{one.code}{rate.replace('.', '')}"
        made.append(replace(one, code=code, name=f"{one.name} {rate}%", rate=Decimal(rate)))
    return made


def _taxes_of_mexico() -> list[SandboxTax]:
    iva = SandboxTax("IVA", "IVA", "IVA", None, "209.01", "119.01")
    ieps = SandboxTax("IEPS", "IEPS", "IEPS", None, "209.02", "119.03")
    isr = SandboxTax("RISR", "ISR retenido", "ISR", None, "113.02", "216.04", is_withheld=True)
    withheld = SandboxTax("RIVA", "IVA retenido", "IVA", None, "113.01", "216.10", is_withheld=True)
    exempt = replace(iva, code="IVAEX", name="IVA exento", rate=Decimal(0), is_exempt=True)
    return [
        *_rated(iva, "16 8 0"),
        exempt,
        *_rated(ieps, "8 6 7 9 25 26.5 30 30.4 50 53 160"),
        replace(ieps, code="IEPSQ", name="IEPS cuota"),
        *_rated(isr, "10 1.25 20 25 35"),
        *_rated(withheld, "10.6667 10.6666 4 6 8 16"),
    ]


def _taxes_of_colombia() -> list[SandboxTax]:
    iva = SandboxTax("IVA", "IVA", "01", None, "240801", "240802")
    inc = SandboxTax("INC", "Impuesto al consumo", "04", None, "249505", COST)
    excluded = replace(iva, code="EXCLUIDO", name="Excluido de IVA", rate=Decimal(0))
    source = SandboxTax("RF", "Retefuente", "06", None, "135515", "236540", is_withheld=True)
    of_iva = SandboxTax("RI", "ReteIVA", "05", None, "135517", "236701", is_withheld=True, of="01")
    of_ica = SandboxTax("RICA", "ReteICA", "07", None, "135518", "236801", is_withheld=True)
    quota = SandboxTax("IMPQ", "Impuesto por unidad", "quota", None, "249505", COST)
    return [
        *_rated(iva, "19 5 0"),
        replace(excluded, is_exempt=True),
        *_rated(inc, "4 8 16"),
        quota,
        *_rated(source, "1 2.5 3.5 4 6 10 11"),
        *_rated(of_iva, "15 100"),
        *_rated(of_ica, "0.414 0.69 0.966 1.104"),
    ]


TAXES: Mapping[str, Mapping[str, SandboxTax]] = {
    "MX": {tax.code: tax for tax in _taxes_of_mexico()},
    "CO": {tax.code: tax for tax in _taxes_of_colombia()},
}
"""Country → code → tax."""
