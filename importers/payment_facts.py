"""What the text of a bank's movement says of a transfer: who the other side is, its tax id, the
tracking key, the account and the reference.

The patterns are data (``resources/vocabulary/payment_facts.toml``); a bank's layout may add its own
(``facts``: patterns with the groups ``reference``, ``party``, ``tax_id``, ``tracking_key`` and
``counter_account``),
which outrank the columns.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import resources
from importers import patterns
from importers.identity import is_rfc_form, normalise_tax_id
from importers.records import LedgerLine
from importers.values import plain

_NO_REFERENCE = ("nonref", "notprovided", "not provided", "no aplica", "n/a", "-")
_NAMES = ("tracking_key", "counter_account", "party", "tax_id", "reference")


class PaymentFacts:
    """Takes the facts out of the texts of one file. ``own`` are the layout's patterns."""

    def __init__(self, own: Sequence[str] = ()) -> None:
        self._own = own

    def completed(self, record: LedgerLine) -> LedgerLine:
        """The movement with what its text says where its columns are silent; a reference of nothing
        but zeros is silent too.
        """
        text = record.description
        said = facts_of(text)
        own = self._by_layout(text)
        column = record.reference.lstrip("_")
        if not column.strip("0") or plain(column) in _NO_REFERENCE:
            column = ""
        return record._replace(
            reference=own.get("reference") or column or said.get("reference", ""),
            party=own.get("party") or record.party or said.get("party", ""),
            tax_id=own.get("tax_id") or record.tax_id or said.get("tax_id", ""),
            identifier=own.get("tracking_key") or record.identifier or said.get("tracking_key", ""),
            counter_account=record.counter_account
            or own.get("counter_account")
            or said.get("counter_account", ""),
        )

    def _by_layout(self, text: str) -> Mapping[str, str]:
        for pattern in self._own:
            if found := patterns.search(pattern, text):
                return {name: said.strip() for name, said in found.groupdict().items() if said}
        return {}


@lru_cache(maxsize=16384)
def facts_of(text: str) -> Mapping[str, str]:
    """The facts a text names by their labels. A bank's own charge names nobody, whatever tax id
    (the bank's) it prints; a tax id that has not the form of one is left in the text.
    """
    folded = _folded(text)
    if not _MARKS.search(folded):
        return {}
    found: dict[str, str] = {}
    for name, choices in _vocabulary().items():
        for choice in choices:
            if match := choice.search(folded):
                found[name] = text[match.start(1) : match.end(1)].strip(" .,")
                break
    if "party" not in found and is_bank_charge(text):
        return {}
    found["tax_id"] = normalise_tax_id(found.get("tax_id", ""))
    return {name: said for name, said in found.items() if _says(name, said, found)}


def _says(name: str, said: str, found: Mapping[str, str]) -> bool:
    """Whether a fact says something: a name that is one, a key with digits, a tax id in its form
    that is not the bank's own.
    """
    match name:
        case "party":
            fillers, begin = _data()["fillers"]["values"], _data()["fillers"]["begin"]
            return plain(said) not in fillers and not re.match(begin, plain(said))
        case "tax_id":
            of_bank = "party" not in found and said in _data()["banks"]["tax_ids"]
            return is_rfc_form(said) and not of_bank
        case "tracking_key":
            return bool(re.search(r"\d", said))
        case _:
            return bool(said.strip("0"))


@lru_cache(maxsize=4096)
def is_bank_charge(text: str) -> bool:
    """Whether a text is a charge of the bank's own: a commission, its VAT, a tax, an interest."""
    return _charge().match(plain(text)) is not None


_MARKS = re.compile(r"rast|clabe|rfc|r\.f\.c|benef|ordenante|del cliente|referencia")
"""What no text lacks that names a fact: the others are not searched."""


def _folded(text: str) -> str:
    """Lower case without accents, letter for letter: places in it are places in the text."""
    letters = (unicodedata.normalize("NFD", letter)[0] for letter in text)
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in letters)


@lru_cache(maxsize=1)
def _vocabulary() -> Mapping[str, Sequence[re.Pattern[str]]]:
    facts = _data()["facts"]
    return {name: [re.compile(pattern) for pattern in facts[name]] for name in _NAMES}


@lru_cache(maxsize=1)
def _charge() -> re.Pattern[str]:
    return re.compile(_data()["charges"]["begins"])


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    return tomllib.loads(resources.path("vocabulary", "payment_facts.toml").read_text("utf-8"))
