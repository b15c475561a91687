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
    month = Month()
    for number in range(1, 237):
        month.one_voucher(number)
        if number == 97:
            month.unbalanced_payroll()
        if number == 150:
            month.repeated_number()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes("".join(line + "\r\n" for line in month.lines).encode("cp1252"))


Movement = tuple[str, str, int, Decimal, str]


class Month:
    """Vouchers one after another, always the same."""

    def __init__(self) -> None:
        self.chance = random.Random(20260101)
        self.lines: list[str] = []
        self.folios = {INCOME: 0, PAYMENT: 0, DIARY: 0}
        self.day = date(2026, 1, 2)

    def one_voucher(self, number: int) -> None:
        chance = self.chance
        self.day = date(2026, 1, 2) + timedelta(days=(number * 29) // 236)
        net = Decimal(chance.randrange(50_000, 9_000_000)).scaleb(-2)
        tax = (net * Decimal("0.16")).quantize(Decimal("0.01"))
        who, whose = chance.randrange(len(CUSTOMERS)), chance.randrange(len(SUPPLIERS))
        choice = chance.random()
        if choice < 0.35:
            self.invoice(number, who, net, tax)
        elif choice < 0.6:
            self.collection(who, net, tax)
        elif choice < 0.85:
            self.payment(number, whose, net, tax)
        else:
            self.bill(number, whose, net, tax)

    def invoice(self, number: int, who: int, net: Decimal, tax: Decimal) -> None:
        name, invoice = CUSTOMERS[who], f"A-{1000 + number}"
        movements = [
            (f"10501{who + 1:04}", invoice, 0, net + tax, f"Venta a {name}"),
            ("401010001", invoice, 1, net, f"Venta a {name}"),
            ("209010001", invoice, 1, tax, "IVA trasladado no cobrado 16%"),
        ]
        self.voucher(DIARY, f"FACTURA {invoice} {name}", movements, cfdi=True)

    def collection(self, who: int, net: Decimal, tax: Decimal) -> None:
        name, deposit = CUSTOMERS[who], f"SPEI {self.chance.randrange(10**6):06}"
        movements = [
            ("102010001", deposit, 0, net + tax, "Depósito en BBVA"),
            (f"10501{who + 1:04}", deposit, 1, net + tax, f"Cobro a {name}"),
            ("209010001", deposit, 0, tax, "IVA trasladado no cobrado"),
            ("208010001", deposit, 1, tax, "IVA trasladado cobrado"),
        ]
        self.voucher(INCOME, f"COBRO A {name}", movements, cfdi=True)

    def payment(self, number: int, whose: int, net: Decimal, tax: Decimal) -> None:
        name, check = SUPPLIERS[whose], f"CH {number:04}"
        movements = [
            (f"20101{whose + 1:04}", check, 0, net + tax, f"Pago a {name}"),
            ("102010001", check, 1, net + tax, "Cheque BBVA"),
        ]
        self.voucher(PAYMENT, f"PAGO A {name}", movements, cfdi=False)

    def bill(self, number: int, whose: int, net: Decimal, tax: Decimal) -> None:
        name, bill = SUPPLIERS[whose], f"F-{number:05}"
        movements = [
            (self.chance.choice(EXPENSES), bill, 0, net, "Gasto del período"),
            ("119010001", bill, 0, tax, "IVA pendiente de acreditar"),
            (f"20101{whose + 1:04}", bill, 1, net + tax, f"Factura de {name}"),
        ]
        self.voucher(DIARY, f"PROVISIÓN {bill} {name}", movements, cfdi=True)

    def unbalanced_payroll(self) -> None:
        movements = [
            ("601010001", "AJ-01", 0, Decimal("15000.00"), "Sueldos y salarios"),
            ("210010001", "AJ-01", 1, Decimal("14999.90"), "Provisión de sueldos"),
        ]
        self.voucher(DIARY, "AJUSTE DE NÓMINA (descuadrada)", movements, cfdi=False)

    def repeated_number(self) -> None:
        self.header(PAYMENT, "COMISIÓN BANCARIA (número repetido)")
        amount, text = Decimal("348.00"), "Comisión por transferencia"
        self.movement("701100001", "COM-01", 0, amount, text)
        self.movement("102010001", "COM-01", 1, amount, text)

    def voucher(self, kind: int, text: str, movements: list[Movement], *, cfdi: bool) -> None:
        self.folios[kind] += 1
        self.header(kind, text)
        for movement in movements:
            self.movement(*movement)
        if cfdi:
            upper = self.chance.random() < 0.5
            self.lines.append(f"AD {guid(self.chance, upper=upper):<36} ")

    def header(self, kind: int, text: str) -> None:
        self.lines.append(
            f"P  {self.day:%Y%m%d} {kind:>4} {self.folios[kind]:>9} 1 {'0':<10}"
            f" {text[:100]:<100} 11 0 0 {guid(self.chance)} "
        )

    def movement(
        self, account: str, reference: str, side: int, amount: Decimal, concept: str
    ) -> None:
        self.lines.append(
            f"M1 {account:<30} {reference:<30} {side} {minimal(amount):<20} {'0':<10} {'0.0':<20} "
            f"{concept[:100]:<100} {'':>4} {guid(self.chance)} {self.day:%Y%m%d} "
        )


def minimal(amount: Decimal) -> str:
    """Amounts as CONTPAQi writes them: at least one decimal, no trailing zeros beyond it."""
    text = f"{amount:.2f}"
    return text[:-1] if text.endswith("0") else text


def guid(chance: random.Random, upper: bool = True) -> str:
    text = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return text.upper() if upper else text


if __name__ == "__main__":
    main()
