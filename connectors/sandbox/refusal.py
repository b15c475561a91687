"""How the sandbox says no."""

from __future__ import annotations

from decimal import Decimal


class Refused(Exception):
    """The sandbox's way of saying no: ``code`` is one of its documented error codes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def minor_units(value: object) -> int:
    """Cents of an amount given as text (``"1234.50"``). Raises Refused on anything but two
    decimals.
    """
    try:
        amount = Decimal(str(value or "0"))
    except ArithmeticError:
        raise Refused("bad_amount", f"{value!r} is not an amount") from None
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise Refused("bad_amount", f"{value!r} has more than two decimals")
    return int(cents)
