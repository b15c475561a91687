"""References as they are compared: the same document is ``FAC-00123``, ``fac 123`` and ``Fac.
123``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_FILLERS = frozenset(
    [
        "SN",
        "NA",
        "ND",
        "NINGUNO",
        "NINGUNA",
        "VARIOS",
        "VARIAS",
        "NOMINA",
        "EFECTIVO",
        "CAJA",
        "TRANSFERENCIA",
        "SPEI",
        "PAGO",
        "ABONO",
        "CARGO",
        "DEPOSITO",
        "CHEQUE",
        "FACTURA",
    ]
)
_TOKEN = re.compile(r"[A-Z]+|\d+")
_NUMBER = re.compile(r"\d+")
_RANGE = re.compile(r"(\d{1,12})\s*(?:A|AL|-|/)\s*(?:[A-Z]{1,4}[-\s]?)?(\d{1,12})\b")
DATE = re.compile(
    r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b\d{1,2}[/-]\d{1,2}\b"
    r"|\b\d{1,2}\s*(?:DE\s+)?(?:ENE|FEB|MAR|ABR|MAY|JUN|JUL|AGO|SEP|OCT|NOV|DIC|JAN|APR|AUG|DEC)[A-Z]*\b",
    re.IGNORECASE,
)
"""Dates as people write them: their numbers are nobody's."""
_MIXED = re.compile(
    r"\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b|\b(?:[A-Z]+\d+[A-Z]+|\d+[A-Z]+\d+)\w*\b",
    re.IGNORECASE,
)
"""Fiscal identifiers and codes of letters and digits in turns: their digits are no numbers."""
LONGEST_RANGE = 12


def normalise_reference(text: str) -> str:
    """Upper case without accents and separators, numbers without leading zeros; parts joined by a
    dash.
    """
    upper = text.upper()
    if not upper.isascii():
        decomposed = unicodedata.normalize("NFD", upper)
        upper = "".join(
            character for character in decomposed if not unicodedata.combining(character)
        )
    return "-".join(
        token.lstrip("0") or "0" if token.isdigit() else token for token in _TOKEN.findall(upper)
    )


def is_filler_form(normalised: str) -> bool:
    """Whether a normalised reference says nothing: blank, zeros, S/N, VARIOS and their like."""
    parts = normalised.split("-")
    return normalised.replace("-", "") in _FILLERS or all(
        part in _FILLERS or part in ("", "0") for part in parts
    )


def number_of(normalised: str) -> str:
    """The number a normalised reference turns on: its longest, of equals the last, a year only
    where there is no other; empty without one.
    """
    numbers = [part for part in normalised.split("-") if part.isdigit() and part != "0"]
    if len(numbers) > 1:
        numbers = [number for number in numbers if not is_year(number)] or numbers
    return max(reversed(numbers), key=len, default="")


def numbers_in(text: str) -> list[str]:
    """Every number of a text without leading zeros, and those of a short range (``101 a 104``)."""
    text = _MIXED.sub(" ", DATE.sub(" ", text))
    found = [number.lstrip("0") for number in _NUMBER.findall(text)]
    for first, last in _RANGE.findall(text.upper()) if len(found) > 1 else ():
        low, high = int(first), int(last)
        if 1 < high - low < LONGEST_RANGE and len(first.lstrip("0")) > 1:
            found += [str(number) for number in range(low + 1, high)]
    return [number for number in found if number and not is_year(number)]


def prefix_of(normalised: str) -> str:
    """The letters before the number a normalised reference turns on; empty without."""
    parts = normalised.split("-")
    number = number_of(normalised)
    place = parts.index(number) if number else len(parts)
    return next((part for part in reversed(parts[:place]) if not part.isdigit()), "")


@lru_cache(maxsize=64)
def is_year(number: str) -> bool:
    return len(number) == 4 and 1990 <= int(number) <= 2099
