"""Fiscal identities: RFC (Mexico), NIT (Colombia), the UUID of a CFDI.

Sources: SAT ``tdCFDI.xsd`` for the pattern of an RFC and phpcfdi/rfc for its check digit; DIAN's
resolution on the NIT check digit (module 11, primes 3 … 71).
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

RFC_GENERIC = frozenset({"XAXX010101000", "XEXX010101000"})
"""Público en general and foreigners: valid by decree, the first with a check digit that does not
compute.
"""

_RFC = re.compile(r"[A-Z&Ñ]{3,4}(\d{2})(0[1-9]|1[012])(0[1-9]|[12]\d|3[01])[A-Z0-9]{2}[0-9A]")
_RFC_VALUES = {
    character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ")
}
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NIT_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


@lru_cache(maxsize=16384)
def normalise_tax_id(text: str) -> str:
    """Upper case without blanks, hyphens or dots, as tax ids are compared."""
    return re.sub(r"[\s.\-]", "", text).upper()


@lru_cache(maxsize=16384)
def canonical_tax_id(text: str) -> str:
    """The one form in which tax ids are compared: an RFC as it is; a NIT without its check digit,
    whether that stands behind a dash, behind a blank, or as the tenth digit that computes.
    """
    if is_rfc_form(normalise_tax_id(text)):
        return normalise_tax_id(text)
    label = _LABEL.match(text.strip())
    said = text.strip()[label.end() if label else 0 :]
    head, _, digit = said.replace(" ", "-").rpartition("-")
    number = re.sub(r"\D", "", head)
    is_number = bool(number) and not re.search(r"[^\W\d]", head)
    if is_number and len(digit) == 1 and digit.isdigit() and len(number) >= 5:
        return number.lstrip("0")
    plain = normalise_tax_id(said)
    if plain.isdigit() and len(plain) == 10 and nit_check_digit(plain[:9]) == plain[9]:
        return plain[:9].lstrip("0")
    return plain.lstrip("0") if plain.isdigit() else plain


def is_person(tax_id: str, name: str) -> bool | None:
    """Whether a tax id is a natural person's: an RFC of thirteen characters is, of twelve is not
    (SAT); of a number the name of a company decides, then the range of NITs the DIAN gives to
    companies (800 and 900 million). None where neither says it.
    """
    number = canonical_tax_id(tax_id)
    if is_rfc_form(number):
        return None if number in RFC_GENERIC else len(number) == 13
    if _COMPANY.search(name.strip()):
        return False
    if number.isdigit() and len(number) == 9:
        return number[0] not in "89"
    return True if number.isdigit() and 6 <= len(number) <= 10 else None


_LABEL = re.compile(r"(?:NIT|RFC|CC|C\.C\.|N\.I\.T\.)(?:[.:\s-]+|(?=\d{5}))", re.IGNORECASE)
"""What stands before a number; letters that go on are an RFC's own (``CCO860523IN4``)."""
_COMPANY = re.compile(
    r"(?:^|[\s,])(?:S\.?\s?A\.?\s?S|S\.?\s?A|LTDA|S\.? EN C(?:\.? ?S)?|E\.?\s?U|S\.?\s?C"
    r"|S\.? DE R\.?\s?L|A\.?\s?C|S\.?\s?A\.?\s?P\.?\s?I)"
    r"\.?(?:,? DE C\.?\s?V\.?| EN LIQUIDACI[OÓ]N)?$",
    re.IGNORECASE,
)
"""The forms of companies in Mexico and Colombia, as they end a name."""


def is_rfc_form(text: str) -> bool:
    """Whether a normalised RFC has the SAT's pattern and a date that exists (in either century)."""
    found = _RFC.fullmatch(text)
    if not found:
        return False
    year, month, day = (int(part) for part in found.groups())
    return any(_exists(century + year, month, day) for century in (1900, 2000))


def rfc_check_digit(text: str) -> str:
    """The check digit an RFC of 12 or 13 characters should end in. Raises ValueError on foreign
    characters.
    """
    padded = text.rjust(13)
    try:
        total = sum(
            _RFC_VALUES[character] * (13 - place) for place, character in enumerate(padded[:12])
        )
    except KeyError as unknown:
        raise ValueError(f"{unknown.args[0]!r} is no character of an RFC") from None
    rest = 11 - total % 11
    return {11: "0", 10: "A"}.get(rest, str(rest))


def nit_check_digit(number: str) -> str:
    """The check digit of a NIT given without it (digits only, at most 15)."""
    if not number.isdigit() or len(number) > len(_NIT_WEIGHTS):
        raise ValueError(f"{number!r} is not a NIT")
    total = sum(
        int(digit) * weight for digit, weight in zip(reversed(number), _NIT_WEIGHTS, strict=False)
    )
    rest = total % 11
    return str(rest if rest < 2 else 11 - rest)


def is_fiscal_identifier(text: str) -> bool:
    """Whether a text is the UUID of a CFDI or the CUFE or CUDE of a document of the DIAN: nothing
    else has it.
    """
    return is_uuid_form(text) or re.fullmatch(r"[0-9a-fA-F]{96}", text) is not None


def is_uuid_form(text: str) -> bool:
    """Whether the text looks like the folio fiscal of a CFDI (36 characters, either case)."""
    return _UUID.fullmatch(text) is not None


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
