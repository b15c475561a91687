"""The business step between the vocabularies: whose account, journal, partner and dimension is
whose.

A map is per connection: source account → target account (and a partner, because legacy charts keep
one sub-account a customer where an ERP keeps one account and many partners), voucher type →
journal, party → partner, segment → cost centre (or whatever the target calls it).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.journal import Journal, settings
from app.journal.usages import dimension_key, party_key
from connectors import EntryLine, JournalEntry
from importers import VoucherLine

NONE = "-"
"""Target of a party or a segment that is deliberately sent without a counterpart."""
BY_BANK = "@bank"
"""Target of a voucher type whose vouchers go to the journal of the bank or cash they move."""


class MapKind(StrEnum):
    """What of a source a map gives a counterpart."""

    ACCOUNT = "account"
    JOURNAL = "journal"
    PARTY = "party"
    DIMENSION = "dimension"
    TAX = "tax"
    ITEM = "item"
    BANK = "bank"


OF_FISCAL_DOCUMENTS = (MapKind.TAX, MapKind.ITEM, MapKind.BANK)
"""What only fiscal documents ask for: a tax by its key and side, the account of a line, and the
bank or cash account of a form of payment (see :mod:`app.documents.fiscal.keys`).
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One line of a map. ``partner`` only for accounts that stand for one customer or supplier."""

    kind: MapKind
    source: str
    target: str
    partner: str = ""
    origin: str = "person"


class NotMapped(Exception):
    """The document uses codes the map lacks."""

    def __init__(self, missing: Sequence[tuple[MapKind, str]]) -> None:
        super().__init__(", ".join(f"{kind} {source}" for kind, source in missing))
        self.missing = tuple(missing)


class Maps:
    """The map of one connection, in memory."""

    def __init__(self, links: Iterable[Link]) -> None:
        self.links = {(link.kind, link.source): link for link in links}

    @classmethod
    def load(cls, journal: Journal, connection_name: str) -> Maps:
        return cls(
            Link(MapKind(row.kind), row.source, row.target, row.partner, row.origin)
            for row in settings.links(journal, connection_name)
        )

    def account(self, source: str) -> Link | None:
        return self.links.get((MapKind.ACCOUNT, source))

    def target_account(self, source: str) -> str:
        """The mapped account, or the source's own code where there is no map."""
        link = self.account(source)
        return link.target if link else source

    def entry(
        self,
        reference: str,
        day: date,
        source_kind: str,
        description: str,
        lines: Sequence[VoucherLine],
        *,
        with_dimensions: bool = False,
    ) -> JournalEntry:
        """The target entry of a voucher; its segments go along only ``with_dimensions``. Raises
        NotMapped naming everything that is missing at once.
        """
        missing = [
            (kind, source)
            for kind, source in required_keys(source_kind, lines)
            if (kind, source) not in self.links
            and (with_dimensions or kind is not MapKind.DIMENSION)
        ]
        if missing:
            raise NotMapped(missing)
        return JournalEntry(
            reference,
            day,
            self.links[(MapKind.JOURNAL, source_kind)].target,
            description,
            tuple(self._line(line, with_dimensions) for line in lines),
        )

    def _line(self, line: VoucherLine, with_dimensions: bool) -> EntryLine:
        account = self.links[(MapKind.ACCOUNT, line.account)]
        party = self.links.get((MapKind.PARTY, party_key(line.tax_id, line.party)))
        partner = account.partner or (party.target if party else "")
        label = " ".join(part for part in (line.reference, line.description) if part)
        debit, credit = _positive_sides(line.debit, line.credit)
        segment = (MapKind.DIMENSION, dimension_key(line.segment))
        dimension = self.links.get(segment) if with_dimensions else None
        return EntryLine(
            account.target,
            debit,
            credit,
            label,
            "" if partner == NONE else partner,
            "" if dimension is None or dimension.target == NONE else dimension.target,
            line.reference,
        )


def required_keys(source_kind: str, lines: Iterable[VoucherLine]) -> list[tuple[MapKind, str]]:
    """Everything a voucher needs in the map, once each."""
    keys: dict[tuple[MapKind, str], None] = {(MapKind.JOURNAL, source_kind): None}
    for line in lines:
        keys[(MapKind.ACCOUNT, line.account)] = None
        if party_key(line.tax_id, line.party):
            keys[(MapKind.PARTY, party_key(line.tax_id, line.party))] = None
        if dimension_key(line.segment):
            keys[(MapKind.DIMENSION, dimension_key(line.segment))] = None
    return list(keys)


def _positive_sides(debit: Decimal, credit: Decimal) -> tuple[Decimal, Decimal]:
    """A negative amount changes sides: targets turn a negative debit into a credit anyway, but in
    silence.
    """
    zero = Decimal("0.00")
    net_debit = (debit if debit > 0 else zero) + (-credit if credit < 0 else zero)
    net_credit = (credit if credit > 0 else zero) + (-debit if debit < 0 else zero)
    return net_debit, net_credit
