"""Writes pólizas as CONTPAQi lays them out, for tests that need them wrong in one particular
way.
"""

from __future__ import annotations

GUID = "8A1EDCC0-7B39-5A6B-BF97-31990BBD78A2"


def header(
    folio: int | str = 1,
    day: str = "20260105",
    kind: int = 3,
    text: str = "PRUEBA",
    clase: str = "1",
) -> str:
    return f"P  {day} {kind:>4} {folio:>9} {clase} {'0':<10} {text:<100} 11 0 0 {GUID} "


def movement(
    account: str,
    side: int | str,
    amount: str,
    reference: str = "F-1",
    text: str = "Concepto",
    applies: str = "20260105",
) -> str:
    return (
        f"M1 {account:<30} {reference:<30} {side} {amount:<20} {'0':<10} {'0.0':<20} {text:<100}"
        f" {'':>4} {GUID} {applies} "
    )


def movement_2011(account: str, side: int, amount: str) -> str:
    return (
        f"M1 {account:<30} {'F-1':<20} {side} {amount:<20} {'0':<10} {'0.0':<20} {'Concepto':<100}"
        f" {'':>4} {GUID} "
    )


def movement_m(account: str, side: int, amount: str) -> str:
    return (
        f"M  {account:<30} {'F-1':<10} {side} {amount:<20} {'0':<10} {'0.0':<20} {'Concepto':<100}"
        f" {'':>4} "
    )


def balanced(folio: int | str = 1, amount: str = "100.5", **values: object) -> list[str]:
    return [
        header(folio, **values),  # type: ignore[arg-type]
        movement("102010001", 0, amount),
        movement("401010001", 1, amount),
    ]


def file(*vouchers: list[str], encoding: str = "cp1252") -> bytes:
    return "".join(line + "\r\n" for voucher in vouchers for line in voucher).encode(encoding)
