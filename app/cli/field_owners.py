"""``cuadre fields``: who owns which field of a contact, and what drifted."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app import telling
from app.cli.home import open_home
from app.cli.output import Stop, answer, table
from app.cli.targets import open_target
from app.company import field_owners
from app.company.field_owners import DIRECTION_TEXTS, FIELD_TEXTS, OWNER_TEXTS, NotAMap
from app.journal import roles
from app.sending import drift
from app.sending.drift import MOVED_TEXTS
from app.translation import translate
from connectors.errors import ConnectorError

T = TypeVar("T")


def fields_show(chosen: argparse.Namespace) -> int:
    rules = field_owners.load(open_home(chosen)).rules.values()
    value = [
        {"field": rule.field, "owner": rule.owner, "direction": rule.direction} for rule in rules
    ]
    rows = [
        (
            translate("fields", FIELD_TEXTS[rule.field]),
            translate("fields", OWNER_TEXTS[rule.owner]),
            translate("fields", DIRECTION_TEXTS[rule.direction]),
            rule.field,
        )
        for rule in rules
    ]
    answer(chosen.json, value, table(rows))
    return 0


def fields_set(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    _tried(
        lambda: field_owners.save(
            journal,
            [field_owners.rule(chosen.field, chosen.owner, chosen.direction or "")],
            chosen.reason,
        )
    )
    return fields_show(chosen)


def fields_import(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    count = _tried(lambda: field_owners.import_map(journal, Path(chosen.file), chosen.reason))
    answer(
        chosen.json,
        {"imported": count},
        [translate("cli", "{count} rules read.").format(count=count)],
    )
    return 0


def fields_export(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    count = _tried(lambda: field_owners.export_map(journal, Path(chosen.file)))
    answer(
        chosen.json,
        {"exported": count},
        [translate("cli", "{count} rules written.").format(count=count)],
    )
    return 0


def fields_drift(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    try:
        found = drift.drift(journal, chosen.connection, target)
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    finally:
        target.close()
    value = [
        {
            "reference": item.reference,
            "name": item.name,
            "field": item.field,
            "owner": item.owner,
            "moved": item.moved,
            "ours": item.ours,
            "theirs": item.theirs,
        }
        for item in found
    ]
    rows = [
        (
            item.name,
            translate("fields", FIELD_TEXTS[item.field]),
            item.ours or "–",
            item.theirs or "–",
            translate("fields", MOVED_TEXTS[item.moved]),
        )
        for item in found
    ]
    drifted = sum(1 for item in found if item.is_drift)
    summary = translate("cli", "{count} fields changed on the side that does not own them.").format(
        count=drifted
    )
    answer(chosen.json, value, [*table(rows), summary])
    return 1 if drifted else 0


def _tried(step: Callable[[], T]) -> T:
    try:
        return step()
    except NotAMap as wrong:
        raise Stop(telling.tell(wrong)) from None
    except roles.NotAllowed:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(str(error)) from None
