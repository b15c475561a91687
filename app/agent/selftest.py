"""Whether the work can be done here by this account: what a service lacks (secrets, shares, roles)
shows only when it runs as itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app import telling
from app.company import connecting, folders, settings
from app.company.settings import ConnectionSettings
from app.journal import Journal, events, roles
from app.journal.errors import DatabaseError
from app.journal.roles import Role
from app.system_words import system_words
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.errors import ConnectorError
from connectors.transport import ServerClock

CLOCK_TOLERATED, CLOCK_ALARM = 60.0, 240.0
TESTED = "schedule.tested"


class Check(StrEnum):
    ACCOUNT = "account"
    JOURNAL = "journal"
    FOLDER = "folder"
    SECRET = "secret"
    TARGET = "target"
    CLOCK = "clock"


TEXTS = {
    Check.ACCOUNT: QT_TRANSLATE_NOOP("selftest", "account and roles"),
    Check.JOURNAL: QT_TRANSLATE_NOOP("selftest", "journal can be written"),
    Check.FOLDER: QT_TRANSLATE_NOOP("selftest", "folder can be listed"),
    Check.SECRET: QT_TRANSLATE_NOOP("selftest", "secret is there"),
    Check.TARGET: QT_TRANSLATE_NOOP("selftest", "target answers"),
    Check.CLOCK: QT_TRANSLATE_NOOP("selftest", "clocks agree"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One check of one thing; ``words`` say what is wrong, or what was seen."""

    check: Check
    about: str
    is_ok: bool
    words: str = ""

    @property
    def text(self) -> str:
        return translate("selftest", TEXTS[self.check])


def test(journal: Journal) -> list[Found]:
    """Check everything as the account at hand, and keep that it was done."""
    found = [_account(journal), _journal(journal)]
    found += [_folder(one.path) for one in folders.every(journal)]
    for kept in settings.connections(journal):
        found += list(_connection(journal, kept))
    if all(one.is_ok for one in found if one.check is Check.JOURNAL):
        wrong = [f"{one.check}: {one.about}" for one in found if not one.is_ok]
        events.record(journal, TESTED, "schedule", value=not wrong, what=wrong)
    return found


def last_test(journal: Journal) -> tuple[str, str, bool] | None:
    """When the work was tested last, as which account, and whether all was well."""
    told = events.of(journal, subject="schedule", kinds=(TESTED,))
    return (told[-1].at, told[-1].actor, bool(told[-1].data["value"])) if told else None


def _account(journal: Journal) -> Found:
    missing = [role.value for role in (Role.IMPORT, Role.PUSH) if not roles.may(journal, role)]
    return Found(Check.ACCOUNT, journal.actor, not missing, ", ".join(missing))


def _journal(journal: Journal) -> Found:
    try:
        events.record(journal, "schedule.wrote", "schedule")
    except (DatabaseError, OSError) as error:
        return Found(Check.JOURNAL, str(journal.home), False, telling.tell(error) or str(error))
    return Found(Check.JOURNAL, str(journal.home), True)


def _folder(path: str) -> Found:
    try:
        with os.scandir(Path(path)) as entries:
            count = sum(1 for _ in entries)
    except OSError as error:
        return Found(Check.FOLDER, path, False, system_words(error))
    return Found(Check.FOLDER, path, True, str(count))


def _connection(journal: Journal, kept: ConnectionSettings) -> Iterator[Found]:
    secret = connecting.secret_of(journal, kept)
    if secret is None:
        words = translate("selftest", "this account ({actor}) has none; run: {command}")
        command = f"cuadre connection check {kept.name}"
        said = words.format(actor=journal.actor, command=command)
        yield Found(Check.SECRET, kept.name, False, said)
        return
    yield Found(Check.SECRET, kept.name, True)
    clock = ServerClock()
    yield _answers(lambda: _identify(journal, kept, secret, clock), kept.name)
    if clock.ahead is not None:
        is_near = abs(clock.ahead) <= CLOCK_TOLERATED
        yield Found(Check.CLOCK, kept.name, is_near, f"{clock.ahead:+.0f} s")


def _identify(journal: Journal, kept: ConnectionSettings, secret: str, clock: ServerClock) -> str:
    target = connecting.connect(kept, secret, journal=journal, clock=clock)
    try:
        return target.identify().company
    finally:
        target.close()


def _answers(ask: Callable[[], str], name: str) -> Found:
    try:
        return Found(Check.TARGET, name, True, ask())
    except (ConnectorError, ValueError) as error:
        return Found(Check.TARGET, name, False, telling.tell(error) or str(error))
