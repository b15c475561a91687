"""What one comparison did, and what of it is for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.company import settings
from app.company.field_owners import FIELD_TEXTS
from app.inbox.contacts import linking
from app.inbox.contacts.linking import Link
from app.journal import Journal, roles
from app.journal.roles import Role
from app.journal.rows import PairRow
from app.translation import QT_TRANSLATE_NOOP, translate

_LAST, _OPEN = "contacts-asked", "contacts-open"
_ONCE = ("gone", "merged")
_ALARMS = ("loop", "guard")
TEXTS = {
    "name": QT_TRANSLATE_NOOP(
        "contacts", "“{name}” has the same name in both ({left}, {right}): are they one?"
    ),
    "several": QT_TRANSLATE_NOOP(
        "contacts", "“{name}” is one of several ({left} and {right}): which are one?"
    ),
    "drift": QT_TRANSLATE_NOOP(
        "contacts", "“{name}”: {field} is “{theirs}” in {other}, but “{ours}” in its owner {owner}"
    ),
    "refused": QT_TRANSLATE_NOOP(
        "contacts", "“{name}”: {other} did not take “{ours}” as {field}: {words}"
    ),
    "loop": QT_TRANSLATE_NOOP(
        "contacts",
        "“{name}”: {field} was changed back again and again by a rule of {other}; it is left alone",
    ),
    "gone": QT_TRANSLATE_NOOP("contacts", "“{name}” is gone from {place}"),
    "merged": QT_TRANSLATE_NOOP(
        "contacts", "“{name}” was merged in {place} with another that is paired too"
    ),
    "guard": QT_TRANSLATE_NOOP(
        "contacts", "{count} contacts are gone at once: nothing was done; look at the permissions"
    ),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Something for a person; ``code`` of :data:`TEXTS`, with what it says."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """In the current language."""
        said = dict(self.values)
        if "field" in said:
            said["field"] = field_text(str(said["field"]))
        return translate("contacts", TEXTS[self.code]).format(**said)


def field_text(name: str) -> str:
    """In the current language."""
    return translate("fields", FIELD_TEXTS[name])


@dataclass
class Synced:
    """What one comparison did: pairs made and ended, fields written and fields both sides had
    changed (by the pair's name and field), fields both sides agree on anew, and what is for a
    person; ``guarded`` pairs are neither ended nor compared.
    """

    paired: int = 0
    ended: int = 0
    written: list[tuple[str, str]] = field(default_factory=list)
    disputed: list[tuple[str, str]] = field(default_factory=list)
    agreed: int = 0
    questions: list[Question] = field(default_factory=list)
    guarded: list[PairRow] = field(default_factory=list)

    def ask(self, code: str, **values: object) -> None:
        self.questions.append(Question(code, values))


def asked(journal: Journal) -> dict[str, tuple[int, int]]:
    """Names of two connections → how many questions stand since they were compared last, and how
    many of them are alarms.
    """
    kept: dict[str, list[int]] = json.loads(settings.get(journal, _LAST, "{}"))
    return {name: (questions, alarms) for name, (questions, alarms) in kept.items()}


def settle(journal: Journal, between: Link, reason: str) -> int:
    """Let what is gone or was merged be settled, as a person says. Answers how many that were.
    Raises NotAllowed, NoLink.
    """
    roles.require(journal, Role.PUSH)
    linking.known(journal, between.crm, between.erp)
    kept = json.loads(settings.get(journal, _OPEN, "{}"))
    count = len(kept.pop(str(between), ()))
    settings.put(journal, _OPEN, json.dumps(kept, sort_keys=True), reason)
    return count


def remember(journal: Journal, between: Link, found: Synced) -> None:
    """What was asked. That something is gone or merged happens once and is asked until a person
    settles it.
    """
    kept = json.loads(settings.get(journal, _OPEN, "{}"))
    once = [[one.code, dict(one.values)] for one in found.questions if one.code in _ONCE]
    known = kept.get(str(between), [])
    found.questions += [Question(code, values) for code, values in known]
    if once:
        kept[str(between)] = [*known, *(one for one in once if one not in known)]
        settings.put(journal, _OPEN, json.dumps(kept, sort_keys=True))
    before = json.loads(settings.get(journal, _LAST, "{}"))
    alarms = sum(1 for one in found.questions if one.code in _ALARMS)
    now = {**before, str(between): [len(found.questions), alarms]}
    if now != before:
        settings.put(journal, _LAST, json.dumps(now, sort_keys=True))
