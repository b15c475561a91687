"""What a target has and what it asks of an entry, so that a voucher is held back before the target
refuses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from app.documents.maps import BY_BANK, MapKind, Maps
from app.documents.obstacles import Problem
from connectors import EntryLine, JournalEntry
from connectors.contract import Connector, ListsDimensions
from connectors.documents import Closed, Need, RemoteAccount, RemoteJournal
from importers.values import plain

_LOCAL_WORDS = {
    "MXN": ("MN", "PESO", "PESOS", "PESO MEXICANO", "PESOS MEXICANOS", "MXP", "$"),
    "COP": ("PESO", "PESOS", "PESO COLOMBIANO", "PESOS COLOMBIANOS", "$"),
}
_CLOSED = {
    Closed.BANK: Problem.ACCOUNT_IS_BANK,
    Closed.INVOICES: Problem.ACCOUNT_OF_INVOICES,
    Closed.OWN: Problem.ACCOUNT_CLOSED,
}
_NEEDS = {
    Need.PARTY: Problem.PARTY_NEEDED,
    Need.DOCUMENT: Problem.DOCUMENT_NEEDED,
    Need.TAX: Problem.TAX_NEEDED,
    Need.PRODUCT: Problem.PRODUCT_NEEDED,
    Need.DIMENSION: Problem.DIMENSION_NEEDED,
}
Found = tuple[Problem, str]
WITHOUT_PARTY = "entry.party"


@dataclass(frozen=True, slots=True)
class TargetLists:
    """What the target has, by code (``accounts`` and ``dimensions`` None where it does not list
    them), what it asks of lines by the beginning of their account, and up to when it is closed.
    """

    accounts: Mapping[str, RemoteAccount] | None
    journals: Mapping[str, RemoteJournal]
    partners: set[str]
    dimensions: set[str] | None
    needs: Mapping[str, frozenset[Need]]
    locked_until: date | None
    currency: str
    keeps_original: bool = False

    @classmethod
    def of(cls, target: Connector, maps: Maps) -> TargetLists:
        """Partners and dimensions are asked for only where the map names any."""
        identity, can = target.identify(), target.capabilities
        kinds = {link.kind for link in maps.links.values()}
        names_partners = MapKind.PARTY in kinds or any(link.partner for link in maps.links.values())
        return cls(
            accounts={item.code: item for item in target.accounts()}
            if can.lists_accounts
            else None,
            journals={item.code: item for item in target.journals()},
            partners={item.code for item in target.partners()} if names_partners else set(),
            dimensions=_dimensions(target, MapKind.DIMENSION in kinds) if can.dimensions else None,
            needs=can.needs,
            locked_until=identity.locked_until,
            currency=identity.currency,
            keeps_original=can.keeps_original,
        )

    def in_journal(self, entry: JournalEntry) -> JournalEntry:
        """The entry in the journal of the bank or cash it moves most of, where the map leaves that
        to the entry; one that moves none goes to the first general journal.
        """
        if entry.journal != BY_BANK:
            return entry
        owners = {item.account: item.code for item in self.journals.values() if item.account}
        moved: Counter[str] = Counter()
        for line in entry.lines:
            if line.account in owners:
                moved[owners[line.account]] += int((line.debit + line.credit) * 100)
        general = (item.code for item in self.journals.values() if item.kind == "general")
        found = max(moved, key=lambda code: moved[code]) if moved else next(general, "")
        return replace(entry, journal=found or entry.journal)

    @property
    def carries_dimensions(self) -> bool:
        return self.dimensions is not None

    def is_foreign(self, currency: str) -> bool:
        """Whether a source's word for a currency names another than the target's books are kept
        in.
        """
        word = plain(currency).replace(".", "").upper()
        local = {"", self.currency.upper(), *_LOCAL_WORDS.get(self.currency.upper(), ())}
        return word not in local

    def obstacles(self, entry: JournalEntry) -> list[Found]:
        """What the target would refuse in it, each once."""
        found = dict.fromkeys(self._of_lines(entry))
        if entry.journal not in self.journals:
            found[Problem.JOURNAL_NOT_IN_TARGET, entry.journal] = None
        if self.locked_until is not None and entry.date <= self.locked_until:
            found[Problem.PERIOD_CLOSED, str(self.locked_until)] = None
        return list(found)

    def without_party(self, entry: JournalEntry) -> list[tuple[str, str]]:
        """Accounts of customers and suppliers whose lines name none, which the target takes: their
        balance will be nobody's there.
        """
        known = self.accounts or {}
        bare = {line.account for line in entry.lines if not line.partner}
        return [
            (WITHOUT_PARTY, f"{code} {known[code].name}")
            for code in sorted(bare)
            if code in known and known[code].of_parties and known[code].closed is None
        ]

    def _of_lines(self, entry: JournalEntry) -> Iterator[Found]:
        journal = self.journals.get(entry.journal, RemoteJournal("", ""))
        for line in sorted(entry.lines, key=lambda line: line.account):
            yield from self._of_account(line, journal.needs)
            if line.partner and line.partner not in self.partners:
                yield Problem.PARTNER_NOT_IN_TARGET, line.partner
            if line.dimension and line.dimension not in (self.dimensions or ()):
                yield Problem.DIMENSION_NOT_IN_TARGET, line.dimension

    def _of_account(self, line: EntryLine, by_journal: frozenset[Need]) -> Iterator[Found]:
        account = RemoteAccount(line.account, "")
        if self.accounts is not None:
            if line.account not in self.accounts:
                yield Problem.ACCOUNT_NOT_IN_TARGET, line.account
                return
            account = self.accounts[line.account]
        shown = f"{account.code} {account.name}".strip()
        if account.closed is not None:
            yield _CLOSED[account.closed], shown
        if account.currency and account.currency != self.currency:
            yield Problem.ACCOUNT_IN_CURRENCY, f"{shown} ({account.currency})"
        needs = (account.needs | by_journal).union(
            *(asked for start, asked in self.needs.items() if line.account.startswith(start))
        )
        for need in sorted(needs - _given(line)):
            yield _NEEDS[need], shown


def _dimensions(target: Connector, are_named: bool) -> set[str]:
    assert isinstance(target, ListsDimensions)
    return {item.code for item in target.dimensions()} if are_named else set()


def _given(line: EntryLine) -> set[Need]:
    said: dict[Need, object] = {
        Need.PARTY: line.partner,
        Need.DOCUMENT: line.names_document,
        Need.DIMENSION: line.dimension,
    }
    return {need for need, value in said.items() if value}
