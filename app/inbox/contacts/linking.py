"""Which two connections have the same contacts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.company import settings
from app.journal import Journal, roles
from app.journal.roles import Role
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

_SETTING = "contact-links"


class NoLink(Refused, LookupError):
    """There is no such link of two connections, or one of them cannot change contacts."""

    context = "contacts"
    words = QT_TRANSLATE_NOOP("contacts", "{names}: contacts are not kept the same between these.")

    def said(self) -> Mapping[str, object]:
        return {"names": self}


@dataclass(frozen=True, slots=True)
class Link:
    """Two connections whose contacts are kept the same."""

    crm: str
    erp: str

    def __str__(self) -> str:
        return f"{self.crm}, {self.erp}"


def links(journal: Journal) -> list[Link]:
    kept: list[list[str]] = json.loads(settings.get(journal, _SETTING, "[]"))
    return [Link(*one) for one in kept]


def link(journal: Journal, crm: str, erp: str) -> Link:
    """Keep contacts of two connections the same from now on. Raises NotAllowed, NoLink,
    LookupError.
    """
    roles.require(journal, Role.ADMIN)
    for name in (crm, erp):
        settings.find_connection(journal, name)
    if crm == erp:
        raise NoLink(crm)
    made = Link(crm, erp)
    others = [one for one in links(journal) if one != made]
    _keep(journal, [*others, made])
    return made


def unlink(journal: Journal, crm: str, erp: str) -> None:
    """Raises NotAllowed, NoLink."""
    roles.require(journal, Role.ADMIN)
    over = known(journal, crm, erp)
    _keep(journal, [one for one in links(journal) if one != over])


def known(journal: Journal, crm: str, erp: str) -> Link:
    """Raises NoLink."""
    one = Link(crm, erp)
    if one not in links(journal):
        raise NoLink(one)
    return one


def _keep(journal: Journal, given: Iterable[Link]) -> None:
    settings.put(journal, _SETTING, json.dumps(sorted([one.crm, one.erp] for one in given)))
