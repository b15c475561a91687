"""The map of a connection as people work on it: what is missing, what is proposed, kept, exported
and imported (see :mod:`app.documents.maps`).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from app.documents.adjustment import OWN_SOURCE
from app.documents.maps import BY_BANK, Link, MapKind, Maps, required_keys
from app.documents.records import voucher_line
from app.journal import Journal, batches, documents, outbox_rows, roles, settings
from app.journal.outbox import State
from app.journal.roles import Role
from app.journal.rows import MappingRow
from app.refusals import Refused
from app.sending.choosing import (
    BY_BANK_TEXT,
    NoCounterpart,
    NoDimensions,
    TargetNames,
    letters,
)
from app.sending.suggestions import NOTHING, SURE, Chart, Suggestion
from app.sheets import as_written, write_csv, write_rows
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.contract import Connector, ListsDimensions
from connectors.documents import RemoteAccount, RemoteDimension, RemoteJournal, RemotePartner
from importers.identity import canonical_tax_id
from importers.values import plain

ENTRY = "entry"
SUGGESTION_REASONS = {
    "equal-code": QT_TRANSLATE_NOOP("map", "same code"),
    "equal-code-other-name": QT_TRANSLATE_NOOP("map", "same code, another name"),
    "same-group": QT_TRANSLATE_NOOP("map", "its group"),
    "same-name": QT_TRANSLATE_NOOP("map", "same name"),
    "like-name": QT_TRANSLATE_NOOP("map", "similar name"),
    "general-journal": QT_TRANSLATE_NOOP("map", "general journal"),
    "tax-id": QT_TRANSLATE_NOOP("map", "same tax id"),
    "by-bank": QT_TRANSLATE_NOOP("map", "money in or out"),
}
KIND_TEXTS = {
    MapKind.ACCOUNT: QT_TRANSLATE_NOOP("map", "account"),
    MapKind.JOURNAL: QT_TRANSLATE_NOOP("map", "journal"),
    MapKind.PARTY: QT_TRANSLATE_NOOP("map", "party"),
    MapKind.DIMENSION: QT_TRANSLATE_NOOP("map", "segment"),
}


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A source code the map lacks, how many lines use it, and what we would propose (empty:
    nothing): the target's code with its name, why, and how sure that is (0 to 1); ``partner`` is
    the target's customer or supplier an account of ours is named after.
    """

    kind: MapKind
    source: str
    name: str
    uses: int
    suggestion: str = ""
    reason: str = ""
    suggested_name: str = ""
    confidence: float = 0.0
    partner: str = ""
    partner_name: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether it is taken without being asked for one by one."""
        return bool(self.suggestion) and self.confidence >= SURE


def save(journal: Journal, connection_name: str, links: Sequence[Link]) -> list[str]:
    """Set links; an older link of the same source is replaced. Answers the external references of
    documents that went to the target under one of those: they stay there as they were sent. Raises
    NotAllowed.
    """
    roles.require(journal, Role.PUSH)
    outdated = _sent_otherwise(journal, connection_name, links)
    rows = [
        MappingRow(link.kind, link.source, link.target, link.partner, link.origin) for link in links
    ]
    settings.keep_links(journal, connection_name, rows)
    return outdated


def _sent_otherwise(journal: Journal, connection_name: str, links: Sequence[Link]) -> list[str]:
    """Documents in the target (or perhaps there) that use a code whose counterpart changes."""
    before = Maps.load(journal, connection_name).links
    changed = {
        (link.kind, link.source)
        for link in links
        if (old := before.get((link.kind, link.source)))
        and (old.target, old.partner) != (link.target, link.partner)
    }
    if not changed:
        return []
    sent = {
        row.external_ref: row.document_id
        for row in outbox_rows.every(journal, connection_name, ENTRY)
        if row.state in (State.CONFIRMED, State.UNCERTAIN, State.SENDING, State.CONFLICT)
    }
    rows = [row for row in documents.every(journal) if sent.get(row.external_ref) == row.id]
    movements = documents.movements_of(journal, rows)
    return [
        row.external_ref
        for row in rows
        if changed & set(required_keys(row.source_kind, map(voucher_line, movements[row.id])))
    ]


def unmapped(
    journal: Journal, connection_name: str, target: Connector | None = None
) -> list[Unmapped]:
    """What the documents use and the map lacks, most used first, with suggestions from the target's
    lists.
    """
    maps = Maps.load(journal, connection_name)
    uses, names = _uses(journal)
    if target and not target.capabilities.dimensions:
        for key in [key for key in uses if key[0] is MapKind.DIMENSION]:
            del uses[key]
    ours = {
        source: names.get((kind, source), "")
        for kind, source in uses
        if kind is MapKind.ACCOUNT and source
    }
    lists = _Lists(target, ours) if target else None
    return [
        _unmapped(kind, source, names.get((kind, source), ""), count, lists)
        for (kind, source), count in uses.most_common()
        if source and (kind, source) not in maps.links
    ]


def _unmapped(kind: MapKind, source: str, name: str, count: int, lists: _Lists | None) -> Unmapped:
    if lists is None:
        return Unmapped(kind, source, name, count)
    one = lists.suggest(kind, source)
    found = Unmapped(kind, source, name, count, one.code, one.reason, one.name, one.confidence)
    partner = lists.partner_of(one.code, name) if kind is MapKind.ACCOUNT else None
    return replace(found, partner=partner.code, partner_name=partner.name) if partner else found


class _Lists:
    """What a target has, each list read when it is first asked for."""

    def __init__(self, target: Connector, ours: Mapping[str, str]) -> None:
        self._target, self._ours = target, ours

    def suggest(self, kind: MapKind, source: str) -> Suggestion:
        """The likeliest counterpart; nothing where none is likely."""
        if kind is MapKind.ACCOUNT:
            return self._account_of(source)
        if kind is MapKind.JOURNAL:
            return _suggest_journal(source, self._journals)
        if kind is MapKind.DIMENSION:
            return _suggest_dimension(source, self._dimensions)
        key = canonical_tax_id(source)
        for item in self._partners:
            if source == item.name or (item.tax_id and canonical_tax_id(item.tax_id) == key):
                return Suggestion(item.code, item.name, "tax-id", 1.0)
        return NOTHING

    def partner_of(self, account: str, name: str) -> RemotePartner | None:
        """Whose sub-account one of ours is, where its counterpart is an account of customers or
        suppliers: the one partner of that very name.
        """
        if account not in self._of_parties or not name:
            return None
        same = self._by_name.get(letters(name), [])
        return same[0] if len(same) == 1 else None

    @cached_property
    def _accounts(self) -> Sequence[RemoteAccount]:
        return self._target.accounts() if self._target.capabilities.lists_accounts else ()

    def _account_of(self, source: str) -> Suggestion:
        """By the names of each language the target has; where both are sure of different accounts
        it is a question, and where the likeliest takes no entries nothing is proposed.
        """
        found = [chart.suggest(source) for chart in self._charts]
        best = max(found, key=lambda one: one.confidence, default=NOTHING)
        if not best.code or best.code in self._closed:
            return NOTHING
        sure = {one.code for one in found if one.is_sure}
        doubted = min(best.confidence, 0.5) if len(sure) > 1 else best.confidence
        return replace(best, name=self._names[best.code], confidence=doubted)

    @cached_property
    def _charts(self) -> Sequence[Chart]:
        """One for each language of the target's names."""
        if not self._accounts:
            return ()
        others = [
            replace(item, name=item.other_name) if item.other_name else item
            for item in self._accounts
        ]
        has_others = any(item.other_name for item in self._accounts)
        return [
            Chart(accounts, self._ours)
            for accounts in (self._accounts, *([others] if has_others else []))
        ]

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {item.code: item.name for item in self._accounts}

    @cached_property
    def _closed(self) -> set[str]:
        return {item.code for item in self._accounts if item.closed is not None}

    @cached_property
    def _of_parties(self) -> set[str]:
        return {item.code for item in self._accounts if item.of_parties}

    @cached_property
    def _journals(self) -> Sequence[RemoteJournal]:
        return list(self._target.journals())

    @cached_property
    def _partners(self) -> Sequence[RemotePartner]:
        return list(self._target.partners())

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[RemotePartner]]:
        found: dict[str, list[RemotePartner]] = {}
        for item in self._partners:
            found.setdefault(letters(item.name), []).append(item)
        return found

    @cached_property
    def _dimensions(self) -> Sequence[RemoteDimension]:
        return self._target.dimensions() if isinstance(self._target, ListsDimensions) else ()


@dataclass(frozen=True, slots=True)
class Merged:
    """Several of ours that go to one account of the target, each with its name."""

    target: str
    target_name: str
    sources: Sequence[tuple[str, str]]


def merged(journal: Journal, connection_name: str, target: TargetNames) -> list[Merged]:
    """Accounts of the target to which several of ours go without a partner of their own: what was
    apart in the source is one there. Raises ConnectorError.
    """
    _, names = _uses(journal)
    groups: dict[str, list[str]] = {}
    for link in Maps.load(journal, connection_name).links.values():
        if link.kind is MapKind.ACCOUNT and not link.partner:
            groups.setdefault(link.target, []).append(link.source)
    theirs = target.of(MapKind.ACCOUNT)
    return [
        Merged(
            code,
            theirs.get(code, ""),
            [(source, names.get((MapKind.ACCOUNT, source), "")) for source in sorted(sources)],
        )
        for code, sources in sorted(groups.items())
        if len(sources) > 1
    ]


def accept_suggestions(journal: Journal, connection_name: str, found: Sequence[Unmapped]) -> int:
    """Put every suggestion that is sure into the map; answers how many."""
    links = [
        Link(item.kind, item.source, item.suggestion, item.partner, origin="suggestion")
        for item in found
        if item.is_sure
    ]
    if links:
        save(journal, connection_name, links)
    return len(links)


def export_map(
    journal: Journal, connection_name: str, path: Path, target: TargetNames | None = None
) -> int:
    """Write the map to CSV or xlsx for editing, with the names of both sides (the target's where
    it can be asked); answers the number of links. Raises ConnectorError.
    """
    _, names = _uses(journal)
    rows = []
    for link in Maps.load(journal, connection_name).links.values():
        theirs = target.of(link.kind).get(link.target, "") if target else ""
        partner = target.of(MapKind.PARTY).get(link.partner, "") if target and link.partner else ""
        codes = (link.kind.value, link.source, link.target, link.partner)
        rows.append((*codes, names.get((link.kind, link.source), ""), theirs, partner))
    heading = (*_MAP_HEADING, *_MAP_NAMES)
    if path.suffix.lower() == ".xlsx":
        write_rows(path, "map", heading, rows, (12, 30, 30, 30, 40, 40, 40))
    else:
        write_csv(path, [heading, *rows])
    return len(rows)


def import_map(
    journal: Journal, connection_name: str, path: Path, target: TargetNames
) -> tuple[int, list[str]]:
    """Read a map written by :func:`export_map`, edited or not; counterparts may be codes or names
    of the target. Answers how many links, and what :func:`save` answers. Raises ValueError naming
    the bad line, ConnectorError; then nothing is changed.
    """
    links = []
    for number, row in enumerate(_map_rows(path), start=1):
        cells = [as_written(cell.strip()) for cell in [*row, "", "", "", ""][:4]]
        if not any(cells) or (number == 1 and tuple(cells) == _MAP_HEADING):
            continue
        if cells[0] not in set(MapKind) or not cells[1] or not cells[2]:
            raise NotALink(f"{path.name}:{number}: {cells}")
        try:
            links.append(target.resolved(Link(MapKind(cells[0]), cells[1], cells[2], cells[3])))
        except (NoCounterpart, NoDimensions) as bad:
            raise NotALink(f"{path.name}:{number}", bad.told()) from None
    return len(links), save(journal, connection_name, links)


class NotALink(Refused, ValueError):
    """A line of a file that is no link of a map: ``where``, and ``why`` where it is one but names
    what the target does not have.
    """

    def __init__(self, where: str, why: str = "") -> None:
        super().__init__(f"{where} {why}".rstrip())
        self.where, self.why = where, why

    def told(self) -> str:
        if self.why:
            return f"{self.where}: {self.why}"
        return translate("map", NOT_A_LINE).format(line=self.where)


NOT_A_LINE = QT_TRANSLATE_NOOP(
    "map",
    "Not a line of a map: {line}. Expected: account|journal|party|dimension, source, target,"
    " partner.",
)
_MAP_HEADING = ("kind", "source", "target", "partner")
_MAP_NAMES = ("source name", "target name", "partner name")
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


def _suggest_journal(source: str, journals: Sequence[RemoteJournal]) -> Suggestion:
    """By name first; money in and out by the bank it moves; a general journal for any other type,
    because an entry is never refused there.
    """
    word, kind = _JOURNAL_WORDS.get(plain(source), (plain(source), "general"))
    for item in journals:
        if word and word in plain(item.name):
            return Suggestion(item.code, item.name, "like-name", 1.0)
    if kind == "bank" and any(item.account for item in journals):
        return Suggestion(BY_BANK, translate("map", BY_BANK_TEXT), "by-bank", 1.0)
    for item in journals:
        if "general" in (item.kind, *plain(item.name).split()):
            return Suggestion(item.code, item.name, "general-journal", 1.0)
    return NOTHING


def _suggest_dimension(source: str, dimensions: Sequence[RemoteDimension]) -> Suggestion:
    """The one of the same code (leading zeros say nothing); a question even so, because a segment
    of the source and a cost centre of the target need not be cut alike.
    """
    wanted = plain(source).lstrip("0")
    for item in dimensions:
        if wanted in (plain(item.code).lstrip("0"), plain(item.name)):
            return Suggestion(item.code, item.name, "equal-code", 0.5)
    return NOTHING


def _uses(
    journal: Journal,
) -> tuple[Counter[tuple[MapKind, str]], dict[tuple[MapKind, str], str]]:
    uses: Counter[tuple[MapKind, str]] = Counter()
    names: dict[tuple[MapKind, str], str] = {}
    for row in batches.usages(journal, besides=OWN_SOURCE):
        key = (MapKind(row.kind), row.source)
        uses[key] += row.uses
        names[key] = row.name or names.get(key, "")
    for code, name in batches.account_names(journal).items():
        key = (MapKind.ACCOUNT, code)
        names[key] = names.get(key) or name
    return uses, names
