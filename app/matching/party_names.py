"""Names of parties as they are compared: cut, upper-cased and accent-less ones of old systems
included.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable

_FORMS = frozenset(
    [
        "SA",
        "S",
        "A",
        "CV",
        "C",
        "V",
        "DE",
        "DEL",
        "LA",
        "EL",
        "LOS",
        "LAS",
        "Y",
        "E",
        "SAS",
        "LTDA",
        "LIMITADA",
        "SAPI",
        "RL",
        "SRL",
        "SC",
        "AC",
        "SNC",
        "CIA",
        "INC",
        "LLC",
        "CORP",
        "SL",
        "SLU",
        "EU",
        "ESP",
        "BIC",
    ]
)
_OF_THE_BANK = frozenset(
    [
        "REF",
        "REFERENCIA",
        "RFC",
        "NIT",
        "CONCEPTO",
        "FOLIO",
        "CLAVE",
        "CLABE",
        "RASTREO",
        "CUENTA",
        "CTA",
        "SPEI",
        "PAGO",
        "FACTURA",
        "FACT",
        "AUT",
        "AUTORIZACION",
        "BBVA",
        "BANAMEX",
        "BANORTE",
        "SANTANDER",
        "HSBC",
        "BANCOLOMBIA",
    ]
)
_WORD = re.compile(r"[A-Z0-9Ñ&]+")
SHORTEST = 6
"""Letters of a name below which a beginning says nothing."""


def normalise_name(text: str) -> str:
    """Upper case without accents, punctuation and the words of a company's form."""
    if not text:
        return ""
    upper = text.upper()
    if not upper.isascii():
        decomposed = unicodedata.normalize("NFD", upper)
        upper = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = _WORD.findall(upper)
    kept = [word for word in words if word not in _FORMS]
    return " ".join(kept or words)


class Beginnings:
    """Finds in a text the name of somebody known, or as much of its beginning as stands there."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted({name for name in names if len(name) >= SHORTEST})
        self._starts = {name[:SHORTEST] for name in self._names}
        self._known: dict[str, str] = {}

    def found_in(self, text: str) -> str:
        """The longest beginning of a known name that starts at a word of the text (normalised
        alike); empty without.
        """
        kept = self._known.get(text)
        if kept is None:
            kept = self._known[text] = self._longest(text)
        return kept

    def _longest(self, text: str) -> str:
        best = ""
        place = 0
        while place >= 0:
            if text[place : place + SHORTEST] in self._starts:
                rest = text[place:]
                near = bisect_left(self._names, rest)
                for name in self._names[max(near - 1, 0) : near + 1]:
                    common = _common(name, rest)
                    if common > len(best) and _ends_there(name, rest, common):
                        best = rest[:common]
            place = text.find(" ", place) + 1 or -1
        return best.rstrip()


def _ends_there(name: str, rest: str, common: int) -> bool:
    """Whether the name stops in the text because it was cut, and does not go on as another one:
    with other letters of the same word, or with a word that is no word of a bank.
    """
    following = rest[common:]
    if common == len(name) or not following:
        return not following or not following[0].isalnum()
    if following[0].isalpha():
        return rest[common - 1] == " " and following.partition(" ")[0] in _OF_THE_BANK
    following = following.lstrip()
    return (
        not following or not following[0].isalpha() or following.partition(" ")[0] in _OF_THE_BANK
    )


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
