"""References as they are compared: the same document is ``FAC-00123``, ``fac 123`` and ``Fac. 123``."""

from __future__ import annotations

import re
import unicodedata

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
    ]
)
_TOKEN = re.compile(r"[A-Z]+|\d+")


def normalise_reference(text: str) -> str:
    """Upper case without accents and separators, numbers without leading zeros; parts joined by a dash."""
    decomposed = unicodedata.normalize("NFD", text.upper())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return "-".join(token.lstrip("0") or "0" if token.isdigit() else token for token in _TOKEN.findall(plain))


def is_filler_form(normalised: str) -> bool:
    """Whether a normalised reference says nothing: blank, zeros, S/N, VARIOS and their like."""
    parts = normalised.split("-")
    return normalised.replace("-", "") in _FILLERS or all(part in _FILLERS or part in ("", "0") for part in parts)
