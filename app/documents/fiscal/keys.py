"""The codes by which a map knows what a fiscal document uses.

A tax is ``KEY@sale`` or ``KEY@purchase``: a person links a key to one tax of the target, because a
search by rate finds several. The account of a line is looked for from the most particular to the
least: product, class of the authority (all of it, then its first six, four and two signs), party,
everything. The bank of a payment is looked for by its form, then for all forms.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.journal.usages import party_key
from importers.fiscal import FiscalDocument, Kind
from importers.fiscal.model import Line, Party, Tax
from importers.identity import canonical_tax_id

SALES = (Kind.SALES_INVOICE, Kind.SALES_CREDIT, Kind.SALES_DEBIT, Kind.RECEIPT)
ALL = "*"
CHARGE, ALLOWANCE, ROUNDING = "charge", "allowance", "rounding"
"""Of the whole document, beside its lines."""


def side(document: FiscalDocument) -> str:
    return "sale" if document.kind in SALES else "purchase"


FOREIGNERS = "XEXX010101000"
"""The tax id every foreigner has in a CFDI: it says of nobody who he is."""


def party_source(party: Party) -> str:
    """A party in the map: by its tax id; a foreigner by the number of its own country, else by
    country and name; who has none by name.
    """
    if canonical_tax_id(party.tax_id) == FOREIGNERS:
        own = party.foreign_id or " ".join(filter(None, (party.country, party.name)))
        return f"{FOREIGNERS} {own}".strip()
    return party_key(party.tax_id, party.name)


def tax_source(tax: Tax, document: FiscalDocument) -> str:
    return f"{tax.key}@{side(document)}"


def item_sources(document: FiscalDocument, line: Line | None) -> Iterator[str]:
    """Where the account of a line is looked for; of one that is no line only what holds for all."""
    of = side(document)
    if line is not None and line.code:
        yield f"{of}:product:{line.code}"
    if line is not None and line.class_key:
        lengths = dict.fromkeys((len(line.class_key), 6, 4, 2))
        for length in lengths:
            yield f"{of}:class:{line.class_key[:length]}"
    if document.party.tax_id and not document.party.generic:
        yield f"{of}:party:{document.party.tax_id}"
    yield f"{of}:{ALL}"


def whole_source(document: FiscalDocument, name: str) -> str:
    """The account of what is of the whole document: a charge, an allowance, rounding."""
    return f"{side(document)}:{name}"


def asked_item(document: FiscalDocument) -> str:
    """The link a person is asked for where none of a line's is there: of a purchase its supplier,
    of a sale everything.
    """
    of = side(document)
    known = of == "purchase" and document.party.tax_id and not document.party.generic
    return f"{of}:party:{document.party.tax_id}" if known else f"{of}:{ALL}"


def bank_sources(document: FiscalDocument) -> Iterator[str]:
    """Where the account of a payment is looked for."""
    of, form = document.kind.value, document.form or ""
    if form:
        yield f"{of}:{form}:{document.currency}"
        yield f"{of}:{form}"
    yield f"{of}:{ALL}:{document.currency}"
    yield f"{of}:{ALL}"


def asked_bank(document: FiscalDocument) -> str:
    return f"{document.kind.value}:{document.form or ALL}"
