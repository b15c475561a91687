"""``cuadre journal verify``, ``anchor``, ``settle`` and ``rebuild``: what proves a journal, and
what mends what can be mended of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from cryptography.x509 import Certificate

from app.cli.home import open_home
from app.cli.intake import existing
from app.cli.output import Stop, answer, decided
from app.journal import anchors, derived, timestamps, upkeep, verification
from app.journal.anchors import Anchor
from app.journal.roles import Role, require
from app.journal.timestamps import NotStamped
from app.journal.verification import Verification
from app.translation import translate


def journal_verify(chosen: argparse.Namespace) -> int:
    exported: list[Anchor] = []
    for name in chosen.anchor:
        try:
            exported += anchors.read(existing(name))
        except anchors.NotAnAnchor:
            raise Stop(
                translate("cli", "{path} holds no anchor of a journal.").format(path=name)
            ) from None
    result = verification.verify(open_home(chosen), exported)
    stamps = list(_stamps(exported, chosen.trust, result))
    value = {
        "ok": result.ok,
        "events": result.events,
        "first_bad": result.first_bad,
        "problems": result.problems,
        "settled": result.notes,
        "timestamps": stamps,
    }
    lines = _whole(result, bool(exported)) if result.ok else _broken(result)
    answer(chosen.json, value, [*lines, *result.notes, *map(_stamp_line, stamps)])
    return 0 if result.ok else 1


def _stamps(
    exported: Sequence[Anchor], trust: str, result: Verification
) -> Iterator[dict[str, object]]:
    """When authorities saw the anchors given; a stamp that proves nothing is a problem."""
    if not any(anchor.timestamp for anchor in exported):
        return
    roots = _roots(trust)
    for anchor in exported:
        try:
            at = timestamps.stamped_at(anchor, roots)
        except NotStamped as refused:
            result.problems.append(refused.told())
            continue
        if at is not None:
            yield {"sequence": anchor.sequence, "at": f"{at:%Y-%m-%d %H:%M:%S} UTC"}


def _stamp_line(stamp: dict[str, object]) -> str:
    text = translate("cli", "An authority saw the journal at event {sequence} on {at}.")
    return text.format(**stamp)


def _whole(result: Verification, is_anchored: bool) -> list[str]:
    text = translate(
        "cli",
        "The journal holds together: {events} events in an unbroken chain, and every row of it has"
        " its event.",
    )
    beyond = (
        translate("cli", "Nothing before the anchor given is missing or changed.")
        if is_anchored
        else translate(
            "cli",
            "Whether its end was cut off together with the anchors beside it, only an anchor kept"
            " elsewhere can show (journal anchor, journal verify --anchor).",
        )
    )
    return [text.format(events=result.events), beyond]


def _broken(result: Verification) -> list[str]:
    lines = [translate("cli", "THE JOURNAL HAS BEEN CHANGED.")]
    if result.first_bad is not None:
        text = translate("cli", "First event that does not fit: {number}")
        lines.append(text.format(number=result.first_bad))
    return [*lines, *("  " + problem for problem in result.problems)]


def journal_anchor(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    anchor = anchors.head(journal, 1 if chosen.file else 0)
    if anchor is None:
        raise Stop(translate("cli", "The journal holds no event yet."))
    if chosen.timestamp:
        roots, bare = _roots(chosen.trust), anchor
        anchor = decided(lambda: timestamps.stamp(bare, chosen.timestamp, roots))
    if chosen.file:
        anchors.write(anchor, Path(chosen.file))
    text = translate(
        "cli",
        "Event {sequence}, hash {hash}, {at}. Keep it where nobody who writes the journal can"
        " change it.",
    )
    answer(
        chosen.json,
        asdict(anchor),
        [text.format(sequence=anchor.sequence, hash=anchor.hash, at=anchor.at[:19])],
    )
    return 0


def journal_settle(chosen: argparse.Namespace) -> int:
    """A person looked into a finding and settles it."""
    journal = open_home(chosen)
    aside = decided(lambda: upkeep.settle(journal, chosen.what_, chosen.reason))
    lines = [translate("cli", "Settled: {reason}").format(reason=chosen.reason)]
    if aside is not None:
        text = translate("cli", "The garbled file lies in {path} now.")
        lines.append(text.format(path=aside))
    answer(chosen.json, {"settled": chosen.what_, "aside": aside and str(aside)}, lines)
    return 0


def journal_rebuild(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    decided(lambda: require(journal, Role.ADMIN))
    changed = derived.rebuild(journal)
    rows = ", ".join(f"{table} {count}" for table, count in changed.items())
    text = (
        translate("cli", "Built anew; what differed: {tables}.").format(tables=rows)
        if changed
        else translate("cli", "Built anew; nothing differed.")
    )
    answer(chosen.json, {"changed": changed}, [text])
    return 0


def _roots(trust: str) -> list[Certificate]:
    return decided(lambda: timestamps.roots_of(existing(trust) if trust else None))
