"""The map of a connection as people work on it: what is missing, what is proposed, kept, exported
and imported (see :mod:`app.documents.maps`).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.documents.maps import Link, MapKind, Maps, required_keys
from app.documents.records import voucher_line
from app.journal import Journal, documents, outbox_rows, roles, settings
from app.journal.outbox import State
from app.journal.roles import Role
from app.journal.rows import MappingRow
from app.refusals import Refused
from app.sending.choosing import (
    NoCounterpart,
    NoDimensions,
    NoSource,
    TargetNames,
)
from app.sending.proposals import Unmapped, uses
from app.sheets import as_written, write_csv, write_rows
from app.translation import QT_TRANSLATE_NOOP, translate

ENTRY = "entry"
KIND_TEXTS = {
    MapKind.ACCOUNT: QT_TRANSLATE_NOOP("map", "account"),
    MapKind.JOURNAL: QT_TRANSLATE_NOOP("map", "journal"),
    MapKind.PARTY: QT_TRANSLATE_NOOP("map", "party"),
    MapKind.DIMENSION: QT_TRANSLATE_NOOP("map", "segment"),
    MapKind.TAX: QT_TRANSLATE_NOOP("map", "tax"),
    MapKind.ITEM: QT_TRANSLATE_NOOP("map", "lines of"),
    MapKind.BANK: QT_TRANSLATE_NOOP("map", "money of"),
}


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


def remove(journal: Journal, connection_name: str, kind: MapKind, source: str) -> list[str]:
    """Take a link away; answers what :func:`save` answers. Raises NotLinked, NotAllowed."""
    roles.require(journal, Role.PUSH)
    if (kind, source) not in Maps.load(journal, connection_name).links:
        raise NotLinked
    outdated = _sent_otherwise(journal, connection_name, [Link(kind, source, "")])
    settings.drop_link(journal, connection_name, kind, source)
    return outdated


class NotLinked(Refused, ValueError):
    """The map has no link of that source."""

    context, words = "map", QT_TRANSLATE_NOOP("map", "The map has no such link.")


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
    _, names = uses(journal)
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


@dataclass(frozen=True, slots=True)
class Mapped:
    """A link with the names of both sides; ``together`` is how many of ours go to the same account
    of the target without a partner of their own.
    """

    link: Link
    name: str
    target_name: str = ""
    partner_name: str = ""
    together: int = 1


def mapped(
    journal: Journal, connection_name: str, target: TargetNames | None = None
) -> list[Mapped]:
    """Every link of the map, by kind and source; the target's names where it can be asked. Raises
    ConnectorError.
    """
    _, names = uses(journal)
    links = Maps.load(journal, connection_name).links.values()
    shared = Counter(
        link.target for link in links if link.kind is MapKind.ACCOUNT and not link.partner
    )

    def named(kind: MapKind, code: str) -> str:
        return target.of(kind).get(code, "") if target is not None and code else ""

    return [
        Mapped(
            link,
            names.get((link.kind, link.source), ""),
            named(link.kind, link.target),
            named(MapKind.PARTY, link.partner),
            shared[link.target] if link.kind is MapKind.ACCOUNT and not link.partner else 1,
        )
        for link in sorted(links, key=lambda link: (list(MapKind).index(link.kind), link.source))
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
    rows = [
        (
            *(one.link.kind.value, one.link.source, one.link.target, one.link.partner),
            *(one.name, one.target_name, one.partner_name),
        )
        for one in mapped(journal, connection_name, target)
    ]
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
    links: dict[tuple[str, str], tuple[int, Link]] = {}
    for number, row in enumerate(_map_rows(path), start=1):
        cells = [as_written(cell.strip()) for cell in [*row, "", "", "", ""][:4]]
        if not any(cells) or (number == 1 and tuple(cells) == _MAP_HEADING):
            continue
        if cells[0] not in set(MapKind) or not cells[1] or not cells[2]:
            raise NotALink(f"{path.name}:{number}: {cells}")
        try:
            link = target.resolved(Link(MapKind(cells[0]), cells[1], cells[2], cells[3]))
        except (NoCounterpart, NoDimensions, NoSource) as bad:
            raise NotALink(f"{path.name}:{number}", bad.told()) from None
        line, before = links.setdefault((link.kind, link.source), (number, link))
        if before != link:
            why = translate("map", TWICE).format(line=line, target=before.target)
            raise NotALink(f"{path.name}:{number}", why)
    found = [link for _, link in links.values()]
    return len(found), save(journal, connection_name, found)


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


TWICE = QT_TRANSLATE_NOOP("map", "line {line} gives it another counterpart, {target}.")
NOT_A_LINE = QT_TRANSLATE_NOOP(
    "map",
    "Not a line of a map: {line}. Expected:"
    " account|journal|party|dimension|tax|item|bank, source, target, partner.",
)
_MAP_HEADING = ("kind", "source", "target", "partner")
_MAP_NAMES = ("source name", "target name", "partner name")


def _map_rows(path: Path) -> Iterable[Sequence[str]]:
    from importers.encoding import detect
    from importers.tables import cell_text, sheet_rows

    if path.suffix.lower() == ".xlsx":
        return [[cell_text(cell) for cell in row.cells] for row in sheet_rows(path.read_bytes())]
    data = path.read_bytes()
    text = data.decode(detect(data).encoding, errors="replace").removeprefix("\ufeff")
    delimiter = ";" if text.splitlines()[:1] and ";" in text.splitlines()[0] else ","
    return list(csv.reader(text.splitlines(), delimiter=delimiter))
