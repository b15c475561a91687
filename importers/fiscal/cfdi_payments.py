"""Complements of payments (CFDI of type P), 1.0 and 2.0: each ``Pago`` is a document of its own.

Source: the SAT's ``Pagos10.xsd`` and ``Pagos20.xsd``. ImpPagado is in the invoice's currency;
EquivalenciaDR is how many units of it are one of the payment's (annotation of the schema). Version
1.0 may leave out ImpPagado where a payment settles one invoice in its own currency, and writes
TipoCambioDR, units of the payment's currency for one of the invoice's only where they differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from importers.findings import Finding
from importers.fiscal.cfdi import (
    ZERO,
    Paper,
    amount_of,
    decimal_of,
    is_no_rate,
    payment_kind,
    relations_of,
    tax_key,
)
from importers.fiscal.model import Application, FiscalDocument, Tax, money
from importers.fiscal.tree import Node


def read_payments(paper: Paper) -> Iterator[FiscalDocument]:
    """Raises ValueError where an amount cannot be read."""
    root = paper.root
    parts = [node for part in root.all("Complemento") for node in part.all("Pagos")]
    payments = [node for part in parts for node in part.all("Pago")]
    version = next((part.get("Version", "version") for part in parts), "")
    if not payments:
        raise ValueError("Pago")
    for place, node in enumerate(payments, 1):
        currency = node.get("MonedaP")
        amount = money(amount_of(node, "Monto"))
        applications = [
            _application(one, node, version, alone=len(list(node.all("DoctoRelacionado"))) == 1)
            for one in node.all("DoctoRelacionado")
        ]
        applied = sum((one.paid_in_payment_currency for one in applications), ZERO)
        rate = node.get("TipoCambioP")
        dates = {**paper.dates, "paid": node.get("FechaPago").partition("T")[0]}
        yield FiscalDocument(
            kind=payment_kind(paper.direction),
            direction=paper.direction.value,
            fiscal={**paper.fiscal(f"Pagos {version}"), "node": place},
            number=paper.number,
            dates=dates,
            company=paper.own(),
            party=paper.party(),
            currency=currency,
            rate="1" if currency == "MXN" else rate,
            totals={"total": amount, "due": amount},
            reference=f"CFDI:{paper.uuid}#{place}",
            attachments=paper.attachments,
            form=node.get("FormaDePagoP"),
            operation=node.get("NumOperacion") or None,
            amount=amount,
            applications=applications,
            unapplied=max(amount - applied, ZERO),
            relations=relations_of(root),
            findings=[*paper.doubts(), *_doubts(amount, applied, applications, currency, rate)],
        )


def _application(node: Node, payment: Node, version: str, *, alone: bool) -> Application:
    currency = node.get("MonedaDR")
    same = currency == payment.get("MonedaP")
    said = node.get("ImpPagado")
    paid = decimal_of(said) if said else amount_of(payment, "Monto")
    if not said and not (alone and same):
        raise ValueError(f"ImpPagado {node.get('IdDocumento')}")
    equivalence = _equivalence(node, payment, version, same=same)
    series, folio = node.get("Serie"), node.get("Folio")
    part = node.get("NumParcialidad")
    return Application(
        id=node.get("IdDocumento").upper(),
        number="-".join(filter(None, (series, folio))),
        currency=currency,
        equivalence=equivalence,
        part=int(part) if part.isdigit() else None,
        before=amount_of(node, "ImpSaldoAnt") if node.get("ImpSaldoAnt") else None,
        paid=paid,
        paid_in_payment_currency=money(paid / equivalence),
        after=amount_of(node, "ImpSaldoInsoluto") if node.get("ImpSaldoInsoluto") else None,
        taxes=list(_taxes(node)),
    )


def _equivalence(node: Node, payment: Node, version: str, *, same: bool) -> Decimal:
    """Units of the invoice's currency for one of the payment's. In version 1.0 a peso invoice paid
    in another currency has TipoCambioDR 1 by rule (CRP220): then the payment's own rate is meant.
    Raises ValueError where it is needed and not said.
    """
    if same:
        return Decimal(1)
    if version == "1.0" and node.get("MonedaDR") == "MXN" and payment.get("TipoCambioP"):
        return decimal_of(payment.get("TipoCambioP"))
    said = node.get("EquivalenciaDR", "TipoCambioDR")
    if said and decimal_of(said):
        return decimal_of(said)
    raise ValueError(f"EquivalenciaDR {node.get('IdDocumento')}")


def _taxes(node: Node) -> Iterator[Tax]:
    for path, side in (("TrasladosDR/TrasladoDR", "T"), ("RetencionesDR/RetencionDR", "R")):
        for one in node.all(f"ImpuestosDR/{path}"):
            amounts = amount_of(one, "BaseDR"), amount_of(one, "ImporteDR")
            yield Tax(tax_key(one, side, "DR"), *amounts, 1 if side == "T" else -1)


def _doubts(
    amount: Decimal,
    applied: Decimal,
    applications: list[Application],
    currency: str,
    rate: str,
) -> Iterator[Finding]:
    """More applied than was paid (a cent a part is rounding), and balances that do not follow."""
    if applied - amount > Decimal("0.01") * len(applications):
        yield Finding(
            "total-mismatch", 0, 0, {"what": "Monto", "seen": amount, "expected": applied}
        )
    for one in applications:
        stated = None not in (one.before, one.after)
        if stated and one.before - one.paid != one.after:  # type: ignore[operator]
            what = f"{one.number or one.id} ImpSaldoInsoluto"
            expected = one.before - one.paid  # type: ignore[operator]
            values = {"what": what, "seen": one.after, "expected": expected}
            yield Finding("total-mismatch", 0, 0, values)
    if currency != "MXN" and is_no_rate(rate):
        yield Finding("rate-missing", 0, 0, {"currency": currency, "seen": rate or "-"})
