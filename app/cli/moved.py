"""``cuadre queue moved`` and ``queue back``: what a target put on another day."""

from __future__ import annotations

import argparse

from app import telling
from app.cli.home import open_home
from app.cli.output import Stop, answer, table
from app.cli.targets import known_connection, open_target
from app.refusals import Refused
from app.sending import moved
from app.sending.moved import Moved
from app.translation import translate


def moved_list(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    known_connection(journal, chosen.connection)
    found = moved.moved(journal, chosen.connection)
    rows = [(one.reference, one.number, f"{one.sent} → {one.there}") for one in found]
    none = translate("cli", "Everything stands on the day it was sent for.")
    answer(chosen.json, list(map(_as_data, found)), table(rows) if rows else [none])
    return 1 if found else 0


def moved_back(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    wanted = [
        one
        for one in moved.moved(journal, chosen.connection)
        if chosen.reference in ("", one.reference)
    ]
    if chosen.reference and not wanted:
        target.close()
        text = translate("cli", "{reference} does not stand on another day: see 'queue moved'.")
        raise Stop(text.format(reference=chosen.reference))
    try:
        done = moved.move_back(journal, chosen.connection, target, wanted, chosen.reason)
    except Refused as refused:
        raise Stop(telling.tell(refused)) from None
    finally:
        target.close()
    rows = [
        (one.what.reference, telling.tell(one.refused) if one.refused else f"✓ {one.what.sent}")
        for one in done
    ]
    left = sum(1 for one in done if one.refused)
    none = translate("cli", "Nothing stands on another day.")
    answer(
        chosen.json,
        {"moved": len(done) - left, "left": left},
        table(rows) if rows else [none],
    )
    return 1 if left else 0


def _as_data(one: Moved) -> dict[str, str]:
    return {
        "reference": one.reference,
        "number": one.number,
        "sent": one.sent.isoformat(),
        "there": one.there.isoformat(),
    }
