"""A fiscal document read back from its JSON (:meth:`FiscalDocument.as_json`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from importers.fiscal.model import (
    Application,
    Attachment,
    EntryLine,
    FiscalDocument,
    Kind,
    Line,
    Party,
    Relation,
    Tax,
)

_Part = TypeVar("_Part")


def from_json(said: Mapping[str, Any]) -> FiscalDocument:
    """The document of its JSON. Raises KeyError, TypeError where it is none."""
    values = dict(said)
    values["kind"] = Kind(said["kind"])
    values["party"] = Party(**said["party"])
    values["totals"] = {name: Decimal(amount) for name, amount in said["totals"].items()}
    for name in ("amount", "unapplied"):
        if name in said:
            values[name] = Decimal(said[name])
    for name, made in _PARTS.items():
        if name in said:
            values[name] = _each(said[name], made)
    return FiscalDocument(**values)


def _each(said: Sequence[Mapping[str, Any]], made: Callable[..., _Part]) -> list[_Part]:
    return [made(**one) for one in said]


def _tax(**said: Any) -> Tax:
    return Tax(**_decimals(said, "base", "amount"))


def _line(**said: Any) -> Line:
    amounts = _decimals(said, "quantity", "unit_price", "gross", "discount", "net")
    return Line(**{**amounts, "taxes": _each(said["taxes"], _tax)})


def _application(**said: Any) -> Application:
    names = ("equivalence", "before", "paid", "paid_in_payment_currency", "after")
    return Application(**{**_decimals(said, *names), "taxes": _each(said["taxes"], _tax)})


def _entry_line(**said: Any) -> EntryLine:
    return EntryLine(**_decimals(said, "debit", "credit"))


def _decimals(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The same with amounts where it has them as text."""
    amounts = {name: Decimal(said[name]) for name in names if said[name] is not None}
    return {**said, **amounts}


_PARTS: Mapping[str, Callable[..., object]] = {
    "attachments": Attachment,
    "lines": _line,
    "taxes": _tax,
    "withholding_stated": _tax,
    "withholding": _tax,
    "relations": Relation,
    "applications": _application,
    "entry": _entry_line,
}
