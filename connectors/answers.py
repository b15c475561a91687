"""Reading rows of JSON answers, whose fields may be absent, null or of another type."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.amounts import amount


def said(row: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something, as text; empty where none does."""
    values = (row.get(name) for name in names)
    return str(next((value for value in values if value), ""))


def within(row: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The object under a path of fields; an empty one where it is absent."""
    found: Mapping[str, Any] = row
    for name in names:
        found = found.get(name) or {}
    return found


def amount_of(row: Mapping[str, Any], *names: str) -> Decimal | None:
    """The first of these amounts that is given; None where none is."""
    values = (row.get(name) for name in names)
    given = next((value for value in values if value is not None), None)
    return None if given is None else amount(given)
