"""The folders whose files are imported by themselves."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from app.journal import Journal, roles
from app.journal.roles import Role
from app.journal.settings import get, put
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

_SETTING = "hot-folders"


@dataclass(frozen=True, slots=True)
class Folder:
    """``source`` is the branch or series of its files (empty: what is remembered of them)."""

    path: str
    source: str = ""


class NoFolder(Refused, ValueError):
    """There is no such folder; the argument is the path."""

    context, words = "folders", QT_TRANSLATE_NOOP("folders", "{path} is not a folder.")

    def said(self) -> dict[str, object]:
        return {"path": self}


class NotWatched(Refused, ValueError):
    """The folder is not among those that are watched; the argument is the path."""

    context, words = "folders", QT_TRANSLATE_NOOP("folders", "{path} is not watched.")

    def said(self) -> dict[str, object]:
        return {"path": self}


def every(journal: Journal) -> list[Folder]:
    """By path."""
    kept: list[dict[str, str]] = json.loads(get(journal, _SETTING) or "[]")
    return [Folder(**one) for one in kept]


def add(journal: Journal, path: Path, source: str = "") -> Folder:
    """Watch a folder, whole path as the service that reads it sees it (a share by its UNC name: a
    service has no mapped drives). Raises NotAllowed, NoFolder.
    """
    roles.require(journal, Role.IMPORT)
    if not path.is_dir():
        raise NoFolder(str(path))
    folder = Folder(str(path.resolve()), source)
    others = [one for one in every(journal) if one.path != folder.path]
    _keep(journal, [*others, folder])
    return folder


def remove(journal: Journal, path: Path) -> None:
    """Watch it no more; what was imported stays. Raises NotAllowed, NotWatched."""
    roles.require(journal, Role.IMPORT)
    wanted = str(path.resolve())
    known = every(journal)
    left = [one for one in known if one.path not in (wanted, str(path))]
    if len(left) == len(known):
        raise NotWatched(str(path))
    _keep(journal, left)


def _keep(journal: Journal, folders: list[Folder]) -> None:
    rows = [asdict(one) for one in sorted(folders, key=lambda one: one.path)]
    put(journal, _SETTING, json.dumps(rows, ensure_ascii=False))
