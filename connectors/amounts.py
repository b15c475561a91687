"""Amounts and dates as vendors write them in JSON."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from connectors.documents import CENT
from connectors.errors import Uncertain


def amount(value: object) -> Decimal:
    """A JSON number, or text with a decimal point or comma (``"1.234,56"``), to the cent. A binary
    float counts by its shortest repr. Raises Uncertain.
    """
    if isinstance(value, Decimal):
        return value.quantize(CENT, ROUND_HALF_UP)
    text = (
        repr(value) if isinstance(value, float) else str(value if value is not None else 0).strip()
    )
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        return Decimal(text or "0").quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation:
        raise Uncertain(f"{value!r} is not an amount") from None


def number(value: Decimal) -> float | int:
    """A decimal as the JSON number with the same shortest text."""
    return int(value) if value == value.to_integral_value() else float(value)


def day(value: object) -> date:
    """``2026-01-31`` (with or without a time), ``31/01/2026``, ``/Date(1552521600000+0000)/`` or
    seconds since 1970, in UTC. Raises Uncertain.
    """
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).date()
    text = str(value)
    if found := re.match(r"/Date\((-?\d+)", text):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
    if found := re.match(r"(\d\d)/(\d\d)/(\d{4})", text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Uncertain(f"{value!r} is not a date") from None
