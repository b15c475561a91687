"""The business step between the vocabularies: whose account, journal and partner is whose.

A map is per connection: source account → target account (and a partner, because legacy charts keep
one sub-account a customer where an ERP keeps one account and many partners), voucher type →
journal, party → partner.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from rapidfuzz import fuzz

from app.documents.records import OWN_SOURCE, party_key
from app.journal import Journal, events, roles, schema
from app.journal.events import NewEvent
from app.journal.roles import Role
from app.journal.store import now
from app.sheets import write_rows
from connectors import EntryLine, JournalEntry
from connectors.contract import Connector
from importers import VoucherLine
from importers.values import plain

NO_PARTNER = "-"
"""Target of a party that is deliberately sent without a partner."""


class Kind(StrEnum):
    ACCOUNT = "account"
    JOURNAL = "journal"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class Link:
    """One line of a map. ``partner`` only for accounts that stand for one customer or supplier."""

    kind: Kind
    source: str
    target: str
    partner: str = ""
    origin: str = "person"


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A source code the map lacks, how many lines use it, and what we would propose (empty:
    nothing).
    """

    kind: Kind
    source: str
    name: str
    uses: int
    suggestion: str = ""
    reason: str = ""


class NotMapped(Exception):
    """The document uses codes the map lacks."""

    def __init__(self, missing: Sequence[tuple[Kind, str]]) -> None:
        super().__init__(", ".join(f"{kind} {source}" for kind, source in missing))
        self.missing = tuple(missing)


class Maps:
    """The map of one connection, in memory."""

    def __init__(self, links: Iterable[Link]) -> None:
        self.links = {(link.kind, link.source): link for link in links}

    @classmethod
    def load(cls, journal: Journal, connection_name: str) -> Maps:
        table = schema.mapping
        with journal.reading() as connection:
            rows = connection.execute(
                sa.select(table).where(table.c.connection == connection_name)
            ).all()
        return cls(
            Link(Kind(row.kind), row.source, row.target, row.partner, row.origin) for row in rows
        )

    def account(self, source: str) -> Link | None:
        return self.links.get((Kind.ACCOUNT, source))

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
    ) -> JournalEntry:
        """The target entry of a voucher. Raises NotMapped naming everything that is missing at
        once.
        """
        missing = [key for key in required_keys(source_kind, lines) if key not in self.links]
        if missing:
            raise NotMapped(missing)
        return JournalEntry(
            reference,
            day,
            self.links[(Kind.JOURNAL, source_kind)].target,
            description,
            tuple(self._line(line) for line in lines),
        )

    def _line(self, line: VoucherLine) -> EntryLine:
        account = self.links[(Kind.ACCOUNT, line.account)]
        party = self.links.get((Kind.PARTY, party_key(line.tax_id, line.party)))
        partner = account.partner or (party.target if party else "")
        label = " ".join(part for part in (line.reference, line.description) if part)
        debit, credit = _positive_sides(line.debit, line.credit)
        return EntryLine(
            account.target, debit, credit, label, "" if partner == NO_PARTNER else partner
        )


def required_keys(source_kind: str, lines: Iterable[VoucherLine]) -> list[tuple[Kind, str]]:
    """Everything a voucher needs in the map, once each."""
    keys: dict[tuple[Kind, str], None] = {(Kind.JOURNAL, source_kind): None}
    for line in lines:
        keys[(Kind.ACCOUNT, line.account)] = None
        if party_key(line.tax_id, line.party):
            keys[(Kind.PARTY, party_key(line.tax_id, line.party))] = None
    return list(keys)


def save(journal: Journal, connection_name: str, links: Sequence[Link]) -> None:
    """Set links; an older link of the same source is replaced. Raises NotAllowed."""
    roles.require(journal, Role.PUSH)
    table = schema.mapping
    with journal.writing() as connection:
        for link in links:
            connection.execute(
                table.delete().where(
                    table.c.connection == connection_name,
                    table.c.kind == link.kind,
                    table.c.source == link.source,
                )
            )
            connection.execute(
                table.insert().values(
                    connection=connection_name,
                    kind=link.kind,
                    source=link.source,
                    target=link.target,
                    partner=link.partner,
                    origin=link.origin,
                    updated_at=now(),
                )
            )
        data = {"links": [[link.kind, link.source, link.target, link.partner] for link in links]}
        events.append(
            connection,
            journal.actor,
            [NewEvent("map.changed", f"connection:{connection_name}", data)],
        )


def unmapped(
    journal: Journal, connection_name: str, target: Connector | None = None
) -> list[Unmapped]:
    """What the documents use and the map lacks, most used first, with suggestions from the target's
    lists.
    """
    maps = Maps.load(journal, connection_name)
    uses, names = _uses(journal)
    accounts = (
        {item.code: item.name for item in target.accounts()}
        if target and target.capabilities.lists_accounts
        else {}
    )
    journals = (
        {item.code: f"{item.name} {item.kind}" for item in target.journals()} if target else {}
    )
    parties = [kind for kind, _ in uses if kind is Kind.PARTY]
    partners = list(target.partners()) if target and parties else []
    found = []
    for (kind, source), count in uses.most_common():
        if (kind, source) in maps.links or not source:
            continue
        name = names.get((kind, source), "")
        if kind is Kind.ACCOUNT:
            suggestion, reason = suggest_account(source, name, accounts)
        elif kind is Kind.JOURNAL:
            suggestion, reason = _suggest_journal(source, journals)
        else:
            same = next((p for p in partners if source in (p.tax_id, p.name)), None)
            suggestion, reason = (same.code, "tax-id") if same else ("", "")
        found.append(Unmapped(kind, source, name, count, suggestion, reason))
    return found


def accept_suggestions(journal: Journal, connection_name: str, found: Sequence[Unmapped]) -> int:
    """Put every suggestion into the map; answers how many."""
    links = [
        Link(item.kind, item.source, item.suggestion, origin="suggestion")
        for item in found
        if item.suggestion
    ]
    if links:
        save(journal, connection_name, links)
    return len(links)


def suggest_account(code: str, name: str, accounts: Mapping[str, str]) -> tuple[str, str]:
    """The likeliest target account and why: equal code, equal digits, longest common beginning, or
    like name.
    """
    if code in accounts:
        return code, "equal-code"
    digits = re.sub(r"\D", "", code)
    by_digits = {re.sub(r"\D", "", target): target for target in accounts}
    if digits in by_digits:
        return by_digits[digits], "equal-digits"
    for length in range(len(digits) - 1, 2, -1):
        fitting = [target for known, target in by_digits.items() if known == digits[:length]]
        if fitting:
            return fitting[0], "same-group"
    for length in range(min(len(digits), 6) - 1, 2, -1):
        fitting = [
            target for known, target in by_digits.items() if known.startswith(digits[:length])
        ]
        if fitting:
            return min(fitting), "same-beginning"
    if name:
        best = max(
            accounts,
            key=lambda target: fuzz.token_set_ratio(plain(name), plain(accounts[target])),
            default="",
        )
        if best and fuzz.token_set_ratio(plain(name), plain(accounts[best])) >= 80:
            return best, "like-name"
    return "", ""


def export_map(journal: Journal, connection_name: str, path: Path) -> int:
    """Write the map to CSV or xlsx for editing; answers the number of links."""
    rows = [
        (link.kind.value, link.source, link.target, link.partner)
        for link in Maps.load(journal, connection_name).links.values()
    ]
    if path.suffix.lower() == ".xlsx":
        write_rows(path, "map", _MAP_HEADING, rows, (12, 30, 30, 30))
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([_MAP_HEADING, *rows])
    return len(rows)


def import_map(journal: Journal, connection_name: str, path: Path) -> int:
    """Read a map written by :func:`export_map`, edited or not. Raises ValueError naming the bad
    line; then nothing is changed.
    """
    links = []
    for number, row in enumerate(_map_rows(path), start=1):
        cells = [cell.strip() for cell in [*row, "", "", "", ""][:4]]
        if not any(cells) or (number == 1 and tuple(cells) == _MAP_HEADING):
            continue
        if cells[0] not in set(Kind) or not cells[1] or not cells[2]:
            raise ValueError(f"{path.name}:{number}: {cells}")
        links.append(Link(Kind(cells[0]), cells[1], cells[2], cells[3]))
    save(journal, connection_name, links)
    return len(links)


_MAP_HEADING = ("kind", "source", "target", "partner")
_JOURNAL_WORDS = {
    "1": ("ingresos", "bank"),
    "2": ("egresos", "bank"),
    "3": ("diario", "general"),
    "ingresos": ("ingresos", "bank"),
    "egresos": ("egresos", "bank"),
    "diario": ("diario", "general"),
}


def _map_rows(path: Path) -> Iterable[Sequence[str]]:
    from importers.tables import cell_text, sheet_rows

    if path.suffix.lower() == ".xlsx":
        return [[cell_text(cell) for cell in row.cells] for row in sheet_rows(path.read_bytes())]
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    delimiter = ";" if text.splitlines()[:1] and ";" in text.splitlines()[0] else ","
    return list(csv.reader(text.splitlines(), delimiter=delimiter))


def _suggest_journal(source: str, journals: Mapping[str, str]) -> tuple[str, str]:
    """By name first; a general journal for any type, because an entry is never refused there."""
    words = _JOURNAL_WORDS.get(plain(source), (plain(source), "general"))
    for code, name in journals.items():
        if words[0] and words[0] in plain(name):
            return code, "like-name"
    for code, name in journals.items():
        if "general" in plain(name).split():
            return code, "general-journal"
    return "", ""


def _uses(journal: Journal) -> tuple[Counter[tuple[Kind, str]], dict[tuple[Kind, str], str]]:
    table, batch = schema.usage, schema.batch
    own = sa.select(batch.c.id).where(batch.c.source_system == OWN_SOURCE)
    uses: Counter[tuple[Kind, str]] = Counter()
    names: dict[tuple[Kind, str], str] = {}
    with journal.reading() as connection:
        for row in connection.execute(
            sa.select(table).where(table.c.batch_id.not_in(own)).order_by(table.c.batch_id)
        ):
            key = (Kind(row.kind), row.source)
            uses[key] += row.uses
            names[key] = row.name or names.get(key, "")
    return uses, names


def _positive_sides(debit: Decimal, credit: Decimal) -> tuple[Decimal, Decimal]:
    """A negative amount changes sides: targets turn a negative debit into a credit anyway, but in
    silence.
    """
    zero = Decimal("0.00")
    net_debit = (debit if debit > 0 else zero) + (-credit if credit < 0 else zero)
    net_credit = (credit if credit > 0 else zero) + (-debit if debit < 0 else zero)
    return net_debit, net_credit
