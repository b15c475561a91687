"""What kind of thing stands in one cell, by its shape alone."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from importers.identity import is_rfc_form, is_uuid_form, normalise_tax_id


class CellKind(StrEnum):
    """An amount shows that it is one (decimals, groups, sign, currency); a number is digits that
    may be anything.
    """

    EMPTY = "empty"
    AMOUNT = "amount"
    NUMBER = "number"
    DATE = "date"
    IDENTIFIER = "identifier"
    TAX_ID = "tax-id"
    CODE = "code"
    TEXT = "text"


_MONTHS = (
    "ene|jan|feb|mar|abr|apr|may|jun|jul|ago|aug|sep|set|oct|nov|dic|dec"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre"
    "|diciembre|january|february|march|april|june|july|august|september|october|november|december"
)
_DATE = re.compile(
    r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}|\d{1,2}[/\-]\d{1,2}[/\-]\d{2}"
    r"|\d{4}[/.\-]\d{1,2}[/.\-]\d{1,2}"
    rf"|\d{{1,2}}[\s/.\-](?:de )?(?:{_MONTHS})\.?[\s/.\-](?:de )?\d{{2,4}}"
    rf"|\d{{1,2}}[/\-](?:{_MONTHS})|\d{{4}}[\s/\-](?:{_MONTHS})[\s/\-]\d{{1,2}}"
    r"|(?:19|20)\d\d(?:0[1-9]|1[012])(?:0[1-9]|[12]\d|3[01]))"
    r"(?:[T ]\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?(?: ?[ap]\.?m\.?|Z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_BODY = r"(?:\d{1,3}(?:[.,'  ]\d{3})+(?:[.,]\d{1,4})?|\d+[.,]\d{1,4}|\d+)"
_AMOUNT = re.compile(
    rf"(?P<before>[-+(]|\$|US\$|USD|MXN|COP|EUR|€|\s)*{_BODY}"
    r"(?P<after>[-)]|\s|%|CR|DR|DB|USD|MXN|COP|EUR|€)*",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9.\-/_]{1,30}")


_LONGEST = 100
"""In characters: CUFE have 96, nothing else that is no text is as long."""


@lru_cache(maxsize=65536)
def kind_of(text: str) -> CellKind:
    said = text.strip()
    if not said or not said.strip("-–.$ "):
        return CellKind.EMPTY
    if len(said) > _LONGEST:
        return CellKind.TEXT
    if _DATE.fullmatch(said):
        return CellKind.DATE
    if said.isdigit():
        return CellKind.NUMBER
    found = _AMOUNT.fullmatch(said)
    if found:
        return CellKind.AMOUNT
    if is_uuid_form(said) or re.fullmatch(r"[0-9a-f]{96}", said, re.IGNORECASE):
        return CellKind.IDENTIFIER
    if is_rfc_form(normalise_tax_id(said)):
        return CellKind.TAX_ID
    return CellKind.CODE if _CODE.fullmatch(said) else CellKind.TEXT


def is_typed(kind: CellKind) -> bool:
    """Whether a cell of this kind stands in data rather than in a title."""
    return kind in (CellKind.AMOUNT, CellKind.DATE, CellKind.IDENTIFIER, CellKind.TAX_ID)
