#!/usr/bin/env python3
"""Writes ``resources/samples/polizas_enero_2026.txt``: a month of pólizas as CONTPAQi exports them,
always the same.

Windows-1252, CRLF, fixed width. 236 vouchers of January 2026 of an invented company; one does not
balance and one repeats a number, as happens.
"""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "resources" / "samples" / "polizas_enero_2026.txt"
CUSTOMERS = (
    "FERRETERÍA EL PEÑÓN",
    "MUÑOZ Y ASOCIADOS",
    "DISTRIBUIDORA DEL BAJÍO",
    "Papelería Niño Perdido",
    "CONSTRUCCIONES ÁVILA",
    "Señor Güemes Peña",
    "LOGÍSTICA ÑANDÚ",
    "COMERCIAL SAN JOSÉ",
    "Clínica Corazón de María",
)
SUPPLIERS = (
    "ACEROS DE MONTERREY",
    "TRANSPORTES PEÑA",
    "EMPAQUES Y CARTÓN",
    "PINTURAS ÉXITO",
    "REFACCIONES LEÓN",
    "Imprenta Año Nuevo",
    "SERVICIOS ELÉCTRICOS GARCÍA",
)
EXPENSES = ("601550001", "601560001", "601500001", "501010001")
INCOME, PAYMENT, DIARY = 1, 2, 3


def main() -> None:
    chance = random.Random(20260101)
    lines: list[str] = []
    folios = {INCOME: 0, PAYMENT: 0, DIARY: 0}

    def voucher(
        kind: int,
        day: date,
        text: str,
        movements: list[tuple[str, str, int, Decimal, str]],
        cfdi: bool,
    ) -> None:
        folios[kind] += 1
        header(kind, folios[kind], day, text)
        for account, reference, side, amount, concept in movements:
            movement(account, reference, side, amount, concept, day)
        if cfdi:
            lines.append(f"AD {guid(chance, upper=chance.random() < 0.5):<36} ")

    def header(kind: int, folio: int, day: date, text: str) -> None:
        lines.append(
            f"P  {day:%Y%m%d} {kind:>4} {folio:>9} 1 {'0':<10} {text[:100]:<100} 11 0 0"
            f" {guid(chance)} "
        )

    def movement(
        account: str, reference: str, side: int, amount: Decimal, concept: str, day: date
    ) -> None:
        lines.append(
            f"M1 {account:<30} {reference:<30} {side} {minimal(amount):<20} {'0':<10} {'0.0':<20} "
            f"{concept[:100]:<100} {'':>4} {guid(chance)} {day:%Y%m%d} "
        )

    for number in range(1, 237):
        day = date(2026, 1, 2) + timedelta(days=(number * 29) // 236)
        net = Decimal(chance.randrange(50_000, 9_000_000)).scaleb(-2)
        tax = (net * Decimal("0.16")).quantize(Decimal("0.01"))
        who, whose = chance.randrange(len(CUSTOMERS)), chance.randrange(len(SUPPLIERS))
        choice = chance.random()
        if choice < 0.35:
            name, invoice = CUSTOMERS[who], f"A-{1000 + number}"
            voucher(
                DIARY,
                day,
                f"FACTURA {invoice} {name}",
                [
                    (f"10501{who + 1:04}", invoice, 0, net + tax, f"Venta a {name}"),
                    ("401010001", invoice, 1, net, f"Venta a {name}"),
                    ("209010001", invoice, 1, tax, "IVA trasladado no cobrado 16%"),
                ],
                True,
            )
        elif choice < 0.6:
            name, deposit = CUSTOMERS[who], f"SPEI {chance.randrange(10**6):06}"
            voucher(
                INCOME,
                day,
                f"COBRO A {name}",
                [
                    ("102010001", deposit, 0, net + tax, "Depósito en BBVA"),
                    (f"10501{who + 1:04}", deposit, 1, net + tax, f"Cobro a {name}"),
                    ("209010001", deposit, 0, tax, "IVA trasladado no cobrado"),
                    ("208010001", deposit, 1, tax, "IVA trasladado cobrado"),
                ],
                True,
            )
        elif choice < 0.85:
            name, check = SUPPLIERS[whose], f"CH {number:04}"
            voucher(
                PAYMENT,
                day,
                f"PAGO A {name}",
                [
                    (f"20101{whose + 1:04}", check, 0, net + tax, f"Pago a {name}"),
                    ("102010001", check, 1, net + tax, "Cheque BBVA"),
                ],
                False,
            )
        else:
            name, bill = SUPPLIERS[whose], f"F-{number:05}"
            voucher(
                DIARY,
                day,
                f"PROVISIÓN {bill} {name}",
                [
                    (chance.choice(EXPENSES), bill, 0, net, "Gasto del período"),
                    ("119010001", bill, 0, tax, "IVA pendiente de acreditar"),
                    (f"20101{whose + 1:04}", bill, 1, net + tax, f"Factura de {name}"),
                ],
                True,
            )
        if number == 97:
            voucher(
                DIARY,
                day,
                "AJUSTE DE NÓMINA (descuadrada)",
                [
                    ("601010001", "AJ-01", 0, Decimal("15000.00"), "Sueldos y salarios"),
                    ("210010001", "AJ-01", 1, Decimal("14999.90"), "Provisión de sueldos"),
                ],
                False,
            )
        if number == 150:
            header(PAYMENT, folios[PAYMENT], day, "COMISIÓN BANCARIA (número repetido)")
            movement("701100001", "COM-01", 0, Decimal("348.00"), "Comisión por transferencia", day)
            movement("102010001", "COM-01", 1, Decimal("348.00"), "Comisión por transferencia", day)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes("".join(line + "\r\n" for line in lines).encode("cp1252"))


def minimal(amount: Decimal) -> str:
    """Amounts as CONTPAQi writes them: at least one decimal, no trailing zeros beyond it."""
    text = f"{amount:.2f}"
    return text[:-1] if text.endswith("0") else text


def guid(chance: random.Random, upper: bool = True) -> str:
    text = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return text.upper() if upper else text


if __name__ == "__main__":
    main()
