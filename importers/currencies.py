"""Currency words and signs as people write them beside amounts, and their ISO 4217 codes.

A lone ``$`` names no currency: it is the peso of Mexico and Colombia and the dollar alike.
"""

from __future__ import annotations

import re
from functools import lru_cache

from importers.values import plain

_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "US$": "USD", "U$S": "USD", "R$": "BRL", "MX$": "MXN"}
_SIGNS |= {"COL$": "COP", "CO$": "COP", "C$": "CAD", "CAD$": "CAD", "USD$": "USD"}
_WORDS = {
    "mn": "MXN",
    "mxp": "MXN",
    "mx": "MXN",
    "pesomexicano": "MXN",
    "pesosmexicanos": "MXN",
    "monedanacional": "MXN",
    "pesocolombiano": "COP",
    "pesoscolombianos": "COP",
    "col": "COP",
    "us": "USD",
    "dls": "USD",
    "dlls": "USD",
    "dlr": "USD",
    "dolar": "USD",
    "dolares": "USD",
    "dolaramericano": "USD",
    "dolaresamericanos": "USD",
    "dolarestadounidense": "USD",
    "usdollar": "USD",
    "usdollars": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "euro": "EUR",
    "euros": "EUR",
    "libra": "GBP",
    "libras": "GBP",
    "real": "BRL",
    "reales": "BRL",
    "sol": "PEN",
    "soles": "PEN",
}
_ISO = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BOB",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CRC",
        "CUP",
        "CZK",
        "DKK",
        "DOP",
        "EUR",
        "GBP",
        "GTQ",
        "HKD",
        "HNL",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "JPY",
        "KRW",
        "MXN",
        "MXV",
        "MYR",
        "NIO",
        "NOK",
        "NZD",
        "PAB",
        "PEN",
        "PHP",
        "PLN",
        "PYG",
        "RON",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "UVR",
        "UYU",
        "VES",
        "VND",
        "XAF",
        "XAU",
        "ZAR",
    ]
)
LOCAL_WORDS = frozenset({"peso", "pesos", "local", "ml"})
"""Words for the currency of the books, whichever that is."""


@lru_cache(maxsize=1024)
def currency_code(text: str) -> str | None:
    """The ISO code of a word or sign; empty for what names none (``$``, pesos); None for anything
    else.
    """
    said = text.strip()
    if not said or said == "$":
        return ""
    if said.upper() in _SIGNS:
        return _SIGNS[said.upper()]
    if said.upper() in _ISO:
        return said.upper()
    word = re.sub(r"[^a-z]", "", plain(said))
    if word in LOCAL_WORDS:
        return ""
    return _WORDS.get(word) or (word.upper() if word.upper() in _ISO else None)


def currency_of_heading(text: str) -> str:
    """The currency a heading names in so many words (``Importe USD``, ``Cargo (Dólares)``); empty
    where it names none.
    """
    for word in re.findall(r"[^\W\d_]+|[€£]", text):
        code = currency_code(word)
        if code and (len(word) > 2 or word in _SIGNS) and word.casefold() not in ("sol", "real"):
            return code
    return ""
