"""``cuadre map``: whose account, journal, party and segment is whose in a target."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from app import telling
from app.cli.home import open_home
from app.cli.intake import DOCUMENTS
from app.cli.output import Stop, answer, table
from app.cli.targets import known_connection, open_target
from app.documents.maps import Link, MapKind, Maps
from app.journal import Journal
from app.refusals import Refused
from app.sending import maps, proposals
from app.sending.choosing import TargetNames
from app.sending.maps import KIND_TEXTS
from app.sending.proposals import SUGGESTION_REASONS
from app.translation import translate
from connectors.contract import Connector
from connectors.errors import ConnectorError
from importers import Unreadable

SHOWN = 10


def map_list(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    found, together = _state(journal, chosen.connection, target, fiscal=chosen.documents)
    rows = [
        {
            "kind": item.kind.value,
            "source": item.source,
            "name": item.name,
            "uses": item.uses,
            "suggestion": item.suggestion,
            "suggested_name": item.suggested_name,
            "confidence": item.confidence,
            "sure": item.is_sure,
            "reason": item.reason,
            "partner": item.partner,
            "partner_name": item.partner_name,
            "candidates": list(item.candidates),
        }
        for item in found
    ]
    links = Maps.load(journal, chosen.connection).links
    result = {
        "mapped": len(links),
        "unmapped": rows,
        "merged": [
            {"target": one.target, "name": one.target_name, "sources": dict(one.sources)}
            for one in together
        ],
    }
    answer(chosen.json, result, [*_map_lines(len(links), found), *_merged_lines(together)])
    return 1 if found else 0


def map_accept(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    found, _ = _state(journal, chosen.connection, target, close=False, fiscal=chosen.documents)
    accepted = maps.accept_suggestions(journal, chosen.connection, found)
    together = maps.merged(journal, chosen.connection, TargetNames(target))
    target.close()
    left = len(found) - accepted
    text = translate(
        "cli", "{accepted} suggestions taken over; {left} still without a counterpart."
    )
    answer(
        chosen.json,
        {"accepted": accepted, "unmapped": left},
        [text.format(accepted=accepted, left=left), *_merged_lines(together)],
    )
    return 1 if left else 0


def map_set(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    named = Link(MapKind(chosen.kind), chosen.source, chosen.target, chosen.partner)
    try:
        link = TargetNames(target).resolved(named)
    except (ConnectorError, Refused) as error:
        raise Stop(telling.tell(error)) from None
    finally:
        target.close()
    outdated = maps.save(journal, chosen.connection, [link])
    shown = f"{link.kind} {link.source} → {link.target} {link.partner}".rstrip()
    answer(
        chosen.json,
        {"set": 1, "target": link.target, "partner": link.partner, "sent_before": outdated},
        [shown, *_sent_before(outdated)],
    )
    return 0


def map_remove(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    known_connection(journal, chosen.connection)
    kind = MapKind(chosen.kind)
    try:
        outdated = maps.remove(journal, chosen.connection, kind, chosen.source)
    except Refused as refused:
        raise Stop(telling.tell(refused)) from None
    answer(
        chosen.json,
        {"removed": 1, "sent_before": outdated},
        [f"{kind} {chosen.source} → –", *_sent_before(outdated)],
    )
    return 0


def map_import(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    try:
        count, outdated = maps.import_map(
            journal, chosen.connection, Path(chosen.file), TargetNames(target)
        )
    except (Refused, ConnectorError) as bad:
        raise Stop(telling.tell(bad)) from None
    except Unreadable:
        raise Stop(maps.NotALink(Path(chosen.file).name).told()) from None
    except OSError as error:
        raise Stop(str(error)) from None
    finally:
        target.close()
    answer(
        chosen.json,
        {"imported": count, "sent_before": outdated},
        [translate("cli", "{count} links read.").format(count=count), *_sent_before(outdated)],
    )
    return 0


def map_export(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    path, said = Path(chosen.file), []
    try:
        count = maps.export_map(journal, chosen.connection, path, TargetNames(target))
    except ConnectorError as error:
        text = translate("cli", "▲ Without the target's names: {words}")
        said.append(text.format(words=telling.tell(error)))
        count = maps.export_map(journal, chosen.connection, path)
    finally:
        target.close()
    text = translate("cli", "{count} links written.")
    answer(chosen.json, {"exported": count}, [text.format(count=count), *said])
    return 0


def _sent_before(outdated: list[str]) -> Iterator[str]:
    """What was sent with another counterpart, which a map does not change any more."""
    if outdated:
        text = translate("cli", "▲ Sent before with another counterpart, and left as it is there:")
        yield f"{text}  ({translate('cli', DOCUMENTS, len(outdated))})"
        yield from (f"  {reference}" for reference in outdated[:SHOWN])
        if len(outdated) > SHOWN:
            yield "  …"


def _map_lines(mapped: int, found: list[proposals.Unmapped]) -> Iterator[str]:
    yield translate("cli", "{mapped} links; {unmapped} codes without one.").format(
        mapped=mapped, unmapped=len(found)
    )
    rows = []
    for item in found:
        why = translate("map", SUGGESTION_REASONS[item.reason]) if item.reason else ""
        arrow = ("→ " if item.is_sure else "? ") + (item.suggestion or "–")
        kind = translate("map", KIND_TEXTS[item.kind])
        sure = f"{item.confidence:.0%}" if item.suggestion else ""
        theirs = " · ".join(filter(None, (item.suggested_name, item.partner_name)))
        rows.append((kind, item.source, item.name, item.uses, arrow, theirs, sure, why))
    yield from table(rows, right=(3, 6))
    for item in found:
        if item.candidates:
            text = translate("cli", "{source} may be: {candidates}")
            yield text.format(source=item.source, candidates="; ".join(item.candidates))
    if any(item.suggestion and not item.is_sure for item in found):
        text = translate(
            "cli",
            "? are proposals: they are not taken over by 'map accept'; set each with 'map set'.",
        )
        yield text


def _merged_lines(together: list[maps.Merged]) -> Iterator[str]:
    for one in together:
        text = translate("cli", "▲ {count} of ours go to {target}:")
        target = f"{one.target} {one.target_name}".strip()
        yield text.format(count=len(one.sources), target=target)
        yield "  " + "; ".join(f"{code} {name}".strip() for code, name in one.sources[:SHOWN])


def _state(
    journal: Journal, name: str, target: Connector, *, close: bool = True, fiscal: bool = False
) -> tuple[list[proposals.Unmapped], list[maps.Merged]]:
    """What the map lacks, and what of it goes together."""
    try:
        found = proposals.unmapped(journal, name, target, fiscal=fiscal)
        return found, maps.merged(journal, name, TargetNames(target))
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    finally:
        if close:
            target.close()
