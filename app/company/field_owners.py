"""Who owns which field of a contact: the source (the legacy system) or the target, and which way it
flows.

A field has exactly one owner, and flows away from it or nowhere: a map that says otherwise cannot
be kept. Without one of its own a company has the map of ``resources/ownership/contact.csv``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import resources
from app.company import settings
from app.journal import Journal, roles
from app.journal.roles import Role
from app.refusals import Refused
from app.sheets import write_csv, write_rows
from app.translation import QT_TRANSLATE_NOOP, translate

SETTING = "ownership"
HEADING = ("field", "owner", "direction")


class Owner(StrEnum):
    SOURCE = "source"
    TARGET = "target"


class Direction(StrEnum):
    TO_TARGET = "to-target"
    TO_SOURCE = "to-source"
    NONE = "none"


FIELD_TEXTS = {
    "name": QT_TRANSLATE_NOOP("fields", "Name"),
    "tax_id": QT_TRANSLATE_NOOP("fields", "Tax id"),
    "email": QT_TRANSLATE_NOOP("fields", "E-mail"),
    "phone": QT_TRANSLATE_NOOP("fields", "Phone"),
    "street": QT_TRANSLATE_NOOP("fields", "Street"),
    "city": QT_TRANSLATE_NOOP("fields", "City"),
    "region": QT_TRANSLATE_NOOP("fields", "Region"),
    "postcode": QT_TRANSLATE_NOOP("fields", "Postcode"),
    "country": QT_TRANSLATE_NOOP("fields", "Country"),
    "terms": QT_TRANSLATE_NOOP("fields", "Days of credit"),
    "limit": QT_TRANSLATE_NOOP("fields", "Credit limit"),
    "balance": QT_TRANSLATE_NOOP("fields", "Balance"),
}
OWNER_TEXTS = {
    Owner.SOURCE: QT_TRANSLATE_NOOP("fields", "the legacy system"),
    Owner.TARGET: QT_TRANSLATE_NOOP("fields", "the target"),
}
DIRECTION_TEXTS = {
    Direction.TO_TARGET: QT_TRANSLATE_NOOP("fields", "goes to the target"),
    Direction.TO_SOURCE: QT_TRANSLATE_NOOP("fields", "is taken over by hand in the legacy system"),
    Direction.NONE: QT_TRANSLATE_NOOP("fields", "stays where it is"),
}
FLOWS = {
    Owner.SOURCE: (Direction.TO_TARGET, Direction.NONE),
    Owner.TARGET: (Direction.TO_SOURCE, Direction.NONE),
}
"""Which ways a field of each owner may flow; the usual one first."""


MAP_ERRORS = {
    "field": QT_TRANSLATE_NOOP("fields", "Line {line}: there is no field “{seen}”."),
    "owner": QT_TRANSLATE_NOOP(
        "fields", "Line {line}: “{seen}” is no owner; write source or target."
    ),
    "direction": QT_TRANSLATE_NOOP(
        "fields",
        "Line {line}: “{seen}”: a field flows away from its owner (to-target, to-source) or nowhere"
        " (none).",
    ),
    "twice": QT_TRANSLATE_NOOP("fields", "Line {line}: field “{seen}” has an owner already."),
}


class NotAMap(Refused, ValueError):
    """``line`` of the file (0: none) and ``seen``, which is no line of an ownership map; ``why`` is
    ``field``, ``owner``, ``direction`` or ``twice``.
    """

    def __init__(self, why: str, seen: str, line: int = 0) -> None:
        super().__init__(f"{why}: {seen}")
        self.why, self.seen, self.line = why, seen, line

    def told(self) -> str:
        text = translate("fields", MAP_ERRORS[self.why])
        return text.format(line=self.line or 1, seen=self.seen)


@dataclass(frozen=True, slots=True)
class Rule:
    """Raises NotAMap where the direction does not lead away from the owner."""

    field: str
    owner: Owner
    direction: Direction

    def __post_init__(self) -> None:
        if self.direction not in FLOWS[self.owner]:
            raise NotAMap("direction", f"{self.field}: {self.owner} {self.direction}")


class Ownership:
    """The map of one company: a rule for every field."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = {rule.field: rule for rule in rules}

    def goes_to_target(self, field: str) -> bool:
        return self.rules[field].direction is Direction.TO_TARGET

    def owner(self, field: str) -> Owner:
        return self.rules[field].owner


@cache
def shipped() -> Ownership:
    """The map every company starts with."""
    text = resources.path("ownership", "contact.csv").read_text("utf-8")
    return Ownership(_rules(csv.reader(io.StringIO(text)), known=None))


def load(journal: Journal) -> Ownership:
    kept = json.loads(settings.get(journal, SETTING, "{}"))
    own = {name: Rule(name, Owner(owner), Direction(way)) for name, (owner, way) in kept.items()}
    return Ownership({**shipped().rules, **own}.values())


def save(journal: Journal, rules: Iterable[Rule], reason: str = "") -> None:
    """Keep the company's own rules beside those it has; journaled. Raises NotAllowed, NotAMap."""
    roles.require(journal, Role.ADMIN)
    changed = dict(load(journal).rules)
    for rule in rules:
        if rule.field not in changed:
            raise NotAMap("field", rule.field)
        changed[rule.field] = rule
    kept = {name: (rule.owner, rule.direction) for name, rule in changed.items()}
    settings.put(journal, SETTING, json.dumps(kept, sort_keys=True), reason)


def rule(field: str, owner: str, direction: str = "") -> Rule:
    """A rule out of words; without a direction the owner's usual one. Raises NotAMap."""
    return _rule([field, owner, direction], 0, shipped().rules)


def import_map(journal: Journal, path: Path, reason: str = "") -> int:
    """Read rules from CSV; answers how many. Nothing is kept unless every line is right. Raises
    NotAMap, OSError, UnicodeDecodeError.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    rules = _rules(
        csv.reader(io.StringIO(text), delimiter=";" if ";" in text[:200] else ","), shipped().rules
    )
    save(journal, rules, reason)
    return len(rules)


def export_map(journal: Journal, path: Path) -> int:
    """Write the whole map to CSV or xlsx by the file's ending; answers how many rules."""
    rows = [
        (rule.field, rule.owner.value, rule.direction.value)
        for rule in load(journal).rules.values()
    ]
    if path.suffix.lower() == ".xlsx":
        write_rows(path, "fields", HEADING, rows, (20, 14, 14))
    else:
        write_csv(path, [HEADING, *rows])
    return len(rows)


def _rules(rows: Iterable[list[str]], known: Mapping[str, Rule] | None) -> list[Rule]:
    """``known`` are the fields there are; None takes any."""
    found: dict[str, Rule] = {}
    for line, row in enumerate(rows, 1):
        if not any(row) or tuple(cell.strip().casefold() for cell in row[:3]) == HEADING:
            continue
        read = _rule(row, line, known)
        if read.field in found:
            raise NotAMap("twice", read.field, line)
        found[read.field] = read
    return list(found.values())


def _rule(row: list[str], line: int, known: Mapping[str, Rule] | None) -> Rule:
    field, owner, direction = ([cell.strip() for cell in row] + ["", "", ""])[:3]
    if not field or (known is not None and field not in known):
        raise NotAMap("field", field, line)
    if owner not in Owner.__members__.values():
        raise NotAMap("owner", owner, line)
    direction = direction or FLOWS[Owner(owner)][0]
    if direction not in Direction.__members__.values():
        raise NotAMap("direction", direction, line)
    try:
        return Rule(field, Owner(owner), Direction(direction))
    except NotAMap as wrong:
        raise NotAMap(wrong.why, wrong.seen, line) from None
