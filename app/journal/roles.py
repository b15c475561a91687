"""Who may do what in a journal several people share.

As long as nobody was given a role, everybody may do everything: a journal of one's own needs no
administration. The first who gives out roles becomes administrator. Roles are events of the chain,
so that nobody gives himself one unseen. They keep honest people apart (maker and checker); who owns
the database can write to it, and ``journal verify`` then tells.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from enum import StrEnum

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.events import NewEvent
from app.journal.store import Journal
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate


class Role(StrEnum):
    """Everyone with a role may read."""

    READ = "read"
    IMPORT = "import"
    PUSH = "push"
    SIGN = "sign"
    ADMIN = "admin"


ROLE_TEXTS = {
    Role.READ: QT_TRANSLATE_NOOP("roles", "read the journal"),
    Role.IMPORT: QT_TRANSLATE_NOOP("roles", "import"),
    Role.PUSH: QT_TRANSLATE_NOOP("roles", "send"),
    Role.SIGN: QT_TRANSLATE_NOOP("roles", "sign off"),
    Role.ADMIN: QT_TRANSLATE_NOOP("roles", "administer"),
}


class NotAllowed(Refused):
    """The person lacks a role."""

    context = "target"
    words = QT_TRANSLATE_NOOP(
        "target", "{person} may not {what} in this journal. Ask an administrator."
    )

    def __init__(self, role: Role, person: str) -> None:
        super().__init__(role, person)
        self.role, self.person = role, person

    def said(self) -> Mapping[str, object]:
        return {"person": self.person, "what": translate("roles", ROLE_TEXTS[self.role])}


class NoAdministrator(Refused):
    """Somebody has to stay administrator."""

    words = QT_TRANSLATE_NOOP("decide", "Somebody has to stay administrator.")


def people(journal: Journal) -> dict[str, frozenset[Role]]:
    """Person (``user`` or ``user@machine``) → roles, of those who have any."""
    table = schema.event
    query = (
        sa.select(table.c.subject, table.c.data)
        .where(table.c.subject >= "role:", table.c.subject < "role;", table.c.kind == "role.given")
        .order_by(table.c.sequence)
    )
    found: dict[str, frozenset[Role]] = {}
    with journal.reading() as connection:
        for row in connection.execute(query):
            person = row.subject.removeprefix("role:")
            found[person] = frozenset(map(Role, json.loads(row.data)["roles"]))
    return {person: roles for person, roles in found.items() if roles}


def may(journal: Journal, role: Role) -> bool:
    """Whether the person at this machine may."""
    return _may(people(journal), journal.actor, role)


def require(journal: Journal, role: Role) -> None:
    """Raises NotAllowed when the person at this machine may not."""
    if not may(journal, role):
        raise NotAllowed(role, journal.actor)


def give(journal: Journal, person: str, roles: Collection[Role], reason: str = "") -> None:
    """Let a person have exactly these roles; none takes all away. Raises NotAllowed,
    NoAdministrator.
    """
    known = people(journal)
    if not _may(known, journal.actor, Role.ADMIN):
        raise NotAllowed(Role.ADMIN, journal.actor)
    after = {**known, person: frozenset(roles)}
    changes = {person: frozenset(roles)}
    if not known and not _may(after, journal.actor, Role.ADMIN):
        own = user_of(journal.actor)
        after[own] = changes[own] = after.get(own, frozenset()) | {Role.ADMIN}
    if not any(Role.ADMIN in held for held in after.values()):
        raise NoAdministrator
    log = [
        NewEvent("role.given", f"role:{name}", {"roles": sorted(held), "reason": reason})
        for name, held in changes.items()
    ]
    with journal.writing() as connection:
        events.append(connection, journal.actor, log)


def user_of(actor: str) -> str:
    """The operating-system user of an actor."""
    return actor.partition("@")[0]


def _may(known: Mapping[str, frozenset[Role]], actor: str, role: Role) -> bool:
    held = known.get(actor, frozenset()) | known.get(user_of(actor), frozenset())
    return not known or role in held or (role is Role.READ and bool(held))
