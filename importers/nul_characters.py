"""NUL characters inside texts: no database and no target takes them, so they are read as blanks."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from importers.findings import Finding
from importers.fiscal.items import FiscalItem, FiscalParty
from importers.records import (
    Balance,
    LedgerLine,
    Line,
    Party,
    Record,
    TitleBlock,
    Voucher,
    VoucherLine,
)

Item = Line | Finding | Record | TitleBlock | FiscalItem | FiscalParty


def without_nul(item: Item) -> Item:
    """A record with blanks in their place. A physical line stays as it was read."""
    match item:
        case LedgerLine():
            return LedgerLine._make(map(_blanked, item))
        case Voucher():
            lines = tuple(VoucherLine._make(map(_blanked, line)) for line in item.lines)
            return replace(_blanked_fields(item), lines=lines)
        case Balance():
            return _blanked_fields(item)
        case Party():
            return _blanked_fields(item)
        case TitleBlock():
            return _blanked_fields(item)
        case _:
            return item


_Said = TypeVar("_Said", Voucher, Balance, Party, TitleBlock)


def _blanked_fields(item: _Said) -> _Said:
    names = (field.name for field in fields(item))
    return replace(item, **{name: _blanked(getattr(item, name)) for name in names})


def _blanked(value: Any) -> Any:
    return value.replace("\0", " ") if isinstance(value, str) else value
