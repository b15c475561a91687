"""Registering the work with the operating system, and taking it out again.

Task Scheduler by ``schtasks`` (which asks for a password itself: it is never on a command line),
systemd by ``systemctl``; WinSW's file is written, its program a person supplies. What was
registered is kept in the journal, so that a window can say when it last ran.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from app.agent import schedule
from app.agent.schedule import Kind
from app.company import settings
from app.journal import Journal, roles
from app.journal.roles import Role
from app.journal.store import now
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

_SETTING = "schedules"
_SYSTEMD = Path("/etc/systemd/system")
_ENDINGS = {
    Kind.DESKTOP: ".xml",
    Kind.SERVER: ".xml",
    Kind.WINSW: ".xml",
    Kind.SYSTEMD: ".service",
}


class NotRegistered(Refused):
    """The operating system did not take it; the arguments are the command and its words."""

    context = "schedule"
    words = QT_TRANSLATE_NOOP(
        "schedule", "The system did not take it ({words}). The file is {path}; run: {command}"
    )

    def __init__(self, command: str, words: str, path: Path) -> None:
        super().__init__(command, words, path)
        self.command, self.words_of_system, self.path = command, words, path

    def said(self) -> Mapping[str, object]:
        return {"command": self.command, "words": self.words_of_system, "path": self.path}


@dataclass(frozen=True, slots=True)
class Installed:
    """A task or service of this home; ``user`` the account it runs under."""

    name: str
    kind: str
    user: str
    path: str
    at: str


def every(journal: Journal) -> list[Installed]:
    """What was registered for this home, by name."""
    kept = json.loads(settings.get(journal, _SETTING, "[]"))
    return [Installed(**one) for one in kept]


def install(
    journal: Journal,
    kind: Kind,
    *,
    home: Path,
    user: str,
    command: Sequence[str],
    arguments: Sequence[str],
) -> Installed:
    """Write the file of a task or service and register it. Raises NotAllowed, NotRegistered
    (the file is there then), OSError.
    """
    roles.require(journal, Role.ADMIN)
    name = schedule.task_name(home)
    made = schedule.definition(kind, home=home, user=user, command=command, arguments=arguments)
    path = _place(kind, home, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made)
    _run(_registering(kind, name, user, path), path, asks=kind is Kind.SERVER)
    one = Installed(name, kind.value, user, str(path), now())
    _keep(journal, [*(known for known in every(journal) if known.name != name), one])
    return one


def remove(journal: Journal, name: str) -> Installed:
    """Take a task or service out of the system. Raises NotAllowed, LookupError, NotRegistered."""
    roles.require(journal, Role.ADMIN)
    for one in every(journal):
        if one.name == name:
            path = Path(one.path)
            _run(_removing(Kind(one.kind), name), path)
            path.unlink(missing_ok=True)
            _keep(journal, [known for known in every(journal) if known.name != name])
            return one
    raise LookupError(name)


def _place(kind: Kind, home: Path, name: str) -> Path:
    if kind is Kind.SYSTEMD:
        return _SYSTEMD / f"cuadre-{name}.service"
    return home / "schedule" / f"cuadre-{name}{_ENDINGS[kind]}"


def _registering(kind: Kind, name: str, user: str, path: Path) -> list[list[str]]:
    task = f"\\Cuadre\\{name}"
    match kind:
        case Kind.DESKTOP:
            return [["schtasks", "/Create", "/TN", task, "/XML", str(path), "/F"]]
        case Kind.SERVER:
            given = ["/RU", user, "/RP", "*"]
            return [["schtasks", "/Create", "/TN", task, "/XML", str(path), *given, "/F"]]
        case Kind.SYSTEMD:
            unit = path.name
            return [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", unit]]
        case _:
            return []


def _removing(kind: Kind, name: str) -> list[list[str]]:
    match kind:
        case Kind.DESKTOP | Kind.SERVER:
            return [["schtasks", "/Delete", "/TN", f"\\Cuadre\\{name}", "/F"]]
        case Kind.SYSTEMD:
            return [["systemctl", "disable", "--now", f"cuadre-{name}.service"]]
        case _:
            return []


def _run(commands: Sequence[Sequence[str]], path: Path, asks: bool = False) -> None:
    """``asks``: the command asks for a password, so what it says goes to the person; not into our
    answer, which may be JSON.
    """
    for command in commands:
        said = subprocess.list2cmdline(command)
        if shutil.which(command[0]) is None:
            raise NotRegistered(said, f"{command[0]}: not here", path)
        to = sys.stderr if asks else subprocess.PIPE
        done = subprocess.run(command, stdout=to, stderr=to, text=True, check=False)
        if done.returncode:
            words = (done.stderr or done.stdout or "").strip()[:500]
            raise NotRegistered(said, words or str(done.returncode), path)


def _keep(journal: Journal, given: Sequence[Installed]) -> None:
    settings.put(journal, _SETTING, json.dumps([asdict(one) for one in given], sort_keys=True))
