"""The map of a connection as people work on it: what is missing, what is proposed, kept, exported
and imported (see :mod:`app.documents.maps`).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.documents.adjustment import OWN_SOURCE
from app.documents.maps import Link, MapKind, Maps
from app.journal import Journal, batches, roles, settings
from app.journal.roles import Role
from app.journal.rows import MappingRow
from app.sending.suggestions import NOTHING, SURE, Chart, Suggestion
from app.sheets import as_written, write_csv, write_rows
from app.translation import QT_TRANSLATE_NOOP
from connectors.contract import Connector
from connectors.documents import RemotePartner
from importers.identity import canonical_tax_id
from importers.values import plain

SUGGESTION_REASONS = {
    "equal-code": QT_TRANSLATE_NOOP("map", "same code"),
    "equal-code-other-name": QT_TRANSLATE_NOOP("map", "same code, another name"),
    "same-group": QT_TRANSLATE_NOOP("map", "its group"),
    "same-name": QT_TRANSLATE_NOOP("map", "same name"),
    "like-name": QT_TRANSLATE_NOOP("map", "similar name"),
    "general-journal": QT_TRANSLATE_NOOP("map", "general journal"),
    "tax-id": QT_TRANSLATE_NOOP("map", "same tax id"),
}
KIND_TEXTS = {
    MapKind.ACCOUNT: QT_TRANSLATE_NOOP("map", "account"),
    MapKind.JOURNAL: QT_TRANSLATE_NOOP("map", "journal"),
    MapKind.PARTY: QT_TRANSLATE_NOOP("map", "party"),
}


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A source code the map lacks, how many lines use it, and what we would propose (empty:
    nothing): the target's code with its name, why, and how sure that is (0 to 1).
    """

    kind: MapKind
    source: str
    name: str
    uses: int
    suggestion: str = ""
    reason: str = ""
    suggested_name: str = ""
    confidence: float = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether it is taken without being asked for one by one."""
        return bool(self.suggestion) and self.confidence >= SURE


def save(journal: Journal, connection_name: str, links: Sequence[Link]) -> None:
    """Set links; an older link of the same source is replaced. Raises NotAllowed."""
    roles.require(journal, Role.PUSH)
    rows = [
        MappingRow(link.kind, link.source, link.target, link.partner, link.origin) for link in links
    ]
    settings.keep_links(journal, connection_name, rows)


def unmapped(
    journal: Journal, connection_name: str, target: Connector | None = None
) -> list[Unmapped]:
    """What the documents use and the map lacks, most used first, with suggestions from the target's
    lists.
    """
    maps = Maps.load(journal, connection_name)
    uses, names = _uses(journal)
    names_parties = any(kind is MapKind.PARTY for kind, _ in uses)
    ours = {
        source: names.get((kind, source), "")
        for kind, source in uses
        if kind is MapKind.ACCOUNT and source
    }
    lists = _Lists.of(target, ours, with_partners=names_parties) if target else _Lists()
    found = []
    for (kind, source), count in uses.most_common():
        if source and (kind, source) not in maps.links:
            one = lists.suggest(kind, source)
            name = names.get((kind, source), "")
            said = (one.code, one.reason, one.name, one.confidence)
            found.append(Unmapped(kind, source, name, count, *said))
    return found


@dataclass(frozen=True, slots=True)
class _Lists:
    """What a target has: its chart, the names and kinds of its journals by code, its partners."""

    chart: Chart | None = None
    journals: Mapping[str, str] = field(default_factory=dict)
    partners: Sequence[RemotePartner] = ()

    @classmethod
    def of(cls, target: Connector, ours: Mapping[str, str], *, with_partners: bool) -> _Lists:
        accounts = target.accounts() if target.capabilities.lists_accounts else ()
        return cls(
            Chart(accounts, ours) if accounts else None,
            {item.code: f"{item.name} {item.kind}" for item in target.journals()},
            list(target.partners()) if with_partners else [],
        )

    def suggest(self, kind: MapKind, source: str) -> Suggestion:
        """The likeliest counterpart; nothing where none is likely."""
        if kind is MapKind.ACCOUNT:
            return self.chart.suggest(source) if self.chart else NOTHING
        if kind is MapKind.JOURNAL:
            code, reason = _suggest_journal(source, self.journals)
            return Suggestion(code, self.journals.get(code, ""), reason, 1.0 if code else 0.0)
        key = canonical_tax_id(source)
        for item in self.partners:
            if source == item.name or (item.tax_id and canonical_tax_id(item.tax_id) == key):
                return Suggestion(item.code, item.name, "tax-id", 1.0)
        return NOTHING


def accept_suggestions(journal: Journal, connection_name: str, found: Sequence[Unmapped]) -> int:
    """Put every suggestion that is sure into the map; answers how many."""
    links = [
        Link(item.kind, item.source, item.suggestion, origin="suggestion")
        for item in found
        if item.is_sure
    ]
    if links:
        save(journal, connection_name, links)
    return len(links)


def export_map(journal: Journal, connection_name: str, path: Path) -> int:
    """Write the map to CSV or xlsx for editing; answers the number of links."""
    rows = [
        (link.kind.value, link.source, link.target, link.partner)
        for link in Maps.load(journal, connection_name).links.values()
    ]
    if path.suffix.lower() == ".xlsx":
        write_rows(path, "map", _MAP_HEADING, rows, (12, 30, 30, 30))
    else:
        write_csv(path, [_MAP_HEADING, *rows])
    return len(rows)


def import_map(journal: Journal, connection_name: str, path: Path) -> int:
    """Read a map written by :func:`export_map`, edited or not. Raises ValueError naming the bad
    line; then nothing is changed.
    """
    links = []
    for number, row in enumerate(_map_rows(path), start=1):
        cells = [as_written(cell.strip()) for cell in [*row, "", "", "", ""][:4]]
        if not any(cells) or (number == 1 and tuple(cells) == _MAP_HEADING):
            continue
        if cells[0] not in set(MapKind) or not cells[1] or not cells[2]:
            raise ValueError(f"{path.name}:{number}: {cells}")
        links.append(Link(MapKind(cells[0]), cells[1], cells[2], cells[3]))
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
