"""What fiscal documents use and a map lacks, with the taxes of the target that may be meant.

A tax is proposed as sure only where one of the target is of the authority's tax, rate, side and
kind; of several each is shown with where it is posted, because a wrong one books silently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.documents import payroll
from app.documents.fiscal import keys
from app.documents.fiscal.journaled import going
from app.documents.maps import MapKind, Maps
from app.journal import Journal
from connectors.contract import Connector, ListsTaxes
from connectors.documents import RemoteTax
from importers.fiscal import FiscalDocument
from importers.fiscal.model import EntryLine
from importers.values import plain

Need = tuple[MapKind, str]
_CLOSEST = Decimal("0.0002")
"""Per cent: two thirds of 16 is written 10.6666 and 10.6667."""
_WORDS = {"01": "iva", "04": "consumo", "05": "reteiva", "06": "retefuente", "07": "reteica"}
"""How Colombian charts call the DIAN's schemes, where a target says no code."""


def needs(journal: Journal, connection_name: str) -> tuple[Counter[Need], dict[Need, str]]:
    """What the documents that are not in the target yet ask of the map and it does not say, with
    how many ask; and the names of parties.
    """
    maps, found, names = Maps.load(journal, connection_name), Counter[Need](), dict[Need, str]()
    for paper in going(journal, connection_name):
        for need, name in dict(_asked(paper, maps)).items():
            found[need] += 1
            names[need] = name
    return found, names


def _asked(paper: FiscalDocument, maps: Maps) -> Iterator[tuple[Need, str]]:
    if paper.entry is not None:
        yield from _of_pay_slip(paper.entry, maps)
        return
    party = paper.party
    source = keys.party_source(party)
    if (party.generic or not party.tax_id) and (MapKind.PARTY, source) not in maps.links:
        yield (MapKind.PARTY, source), party.name
    if paper.applications is not None and paper.lines is None:
        if not any((MapKind.BANK, one) in maps.links for one in keys.bank_sources(paper)):
            yield (MapKind.BANK, keys.asked_bank(paper)), ""
        return
    taxes = [tax for line in paper.lines or () for tax in line.taxes]
    for tax in (*(paper.taxes or ()), *(paper.withholding or ()), *taxes):
        need = (MapKind.TAX, keys.tax_source(tax, paper))
        if need not in maps.links:
            yield need, ""
    yield from _of_lines(paper, maps)


def _of_pay_slip(entry: Sequence[EntryLine], maps: Maps) -> Iterator[tuple[Need, str]]:
    for line in entry:
        if (MapKind.ITEM, line.key) not in maps.links:
            yield (MapKind.ITEM, line.key), line.label
    if (MapKind.JOURNAL, payroll.JOURNAL) not in maps.links:
        yield (MapKind.JOURNAL, payroll.JOURNAL), ""


def _of_lines(paper: FiscalDocument, maps: Maps) -> Iterator[tuple[Need, str]]:
    for line in paper.lines or ():
        if not any((MapKind.ITEM, one) in maps.links for one in keys.item_sources(paper, line)):
            asked = keys.asked_item(paper)
            yield (MapKind.ITEM, asked), paper.party.name if ":party:" in asked else ""


@dataclass(frozen=True, slots=True)
class TaxProposal:
    """The taxes of a target a key may mean, each with its name and where it is posted; sure where
    it can be no other.
    """

    taxes: Sequence[RemoteTax]
    is_sure: bool


class Taxes:
    """The taxes of a target."""

    def __init__(self, target: Connector) -> None:
        self._taxes = list(target.taxes()) if isinstance(target, ListsTaxes) else []

    def proposed(self, source: str) -> TaxProposal:
        """What may be meant by ``KEY@side``. Nothing for a local tax, which is a line."""
        key, _, of = source.partition("@")
        parts = key.split(":")
        if len(parts) != 4 and ":q" not in key:
            return TaxProposal((), False)
        found = [tax for tax in self._taxes if _fits(tax, parts, of)]
        exact = [tax for tax in found if tax.authority]
        return TaxProposal(found, len(found) == 1 and len(exact) == 1)


def _fits(tax: RemoteTax, parts: Sequence[str], of: str) -> bool:
    """Whether a tax of the target is of the authority's tax, side and factor."""
    country, code, *rest = parts
    if tax.use not in ("", of) or not _is_called(tax, code):
        return False
    factor = rest[-1]
    if factor == "?":
        return False  # the paper does not say the rate
    if factor.startswith("q"):
        return tax.rate is None
    if tax.rate is None:
        return False
    if factor in ("exempt", "excluded"):
        word = "exclu" if factor == "excluded" else "exen"
        says = tax.is_exempt if tax.is_exempt is not None else word in plain(tax.name)
        return bool(says) and not tax.rate
    is_withheld = rest[0] == "R"
    percent = Decimal(factor) * (100 if country == "MX" else 1)
    signed = -percent if is_withheld else percent
    return abs(tax.rate - signed) <= _CLOSEST and not tax.is_exempt


def _is_called(tax: RemoteTax, code: str) -> bool:
    if tax.authority:
        return tax.authority.upper() == code.upper()
    return plain(_WORDS.get(code, code)) in plain(tax.name).replace(" ", "")
