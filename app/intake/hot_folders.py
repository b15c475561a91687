"""Files that lie in watched folders, imported once they are whole.

A folder is listed again and again (notifications of an operating system are lost on shares). A
file is ready when two listings at least :data:`QUIET` apart show it unchanged, nobody has it open
and its content closes; it is copied first, and the copy is imported. Originals are neither moved
nor deleted. What a listing saw is kept beside the journal: losing it costs a wait, never a file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from app.company import folders
from app.company.folders import Folder
from app.documents.records import printable
from app.intake import completeness, importing
from app.journal import Journal, inbox
from app.journal.batches import BeingRead
from app.journal.inbox import Door, Hint
from app.refusals import Refused
from app.system_words import system_words
from importers import Options
from importers.archives import Export
from importers.document_months import gathered

QUIET = 10.0 if sys.platform == "win32" else 60.0
"""Seconds a file has to stay as it is. Where nobody can be asked whether it is open, longer."""
LONGEST_WAIT = 600.0
"""Seconds after which a file whose content does not close is held, and said; a text is then read as
it is, with the finding that its last line does not end.
"""
STATE = "arrivals.json"
_IGNORED = ("~$", ".~lock", ".")
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", ".lock")
_LITTER = ("thumbs.db", "desktop.ini")
_ELSEWHERE = 0x400000 | 0x1000
"""FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS and OFFLINE: opening it would download it."""
_TEXT = (".txt", ".csv", ".tsv", ".asc", ".dat")


class State(StrEnum):
    """What became of a file."""

    WAITING = "waiting"
    IMPORTED = "imported"
    REPEATED = "repeated"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file as it was last seen: ``seen`` is its size, instant of change (ns) and number in the
    file system, ``since`` the second it has been so; ``batch`` what was imported of it.
    """

    path: str
    seen: tuple[int, int, int]
    since: float
    state: State = State.WAITING
    batch: int = 0


@dataclass
class Round:
    """What one listing of all folders led to; ``unreachable`` are folders with the system's words,
    and since when.
    """

    arrivals: list[Arrival] = field(default_factory=list)
    unreachable: dict[str, tuple[str, float]] = field(default_factory=dict)

    def of_state(self, state: State) -> list[Arrival]:
        return [one for one in self.arrivals if one.state is state]


def look(journal: Journal, now: Callable[[], float] = time.time) -> Round:
    """List every watched folder once and import what is whole. ``now`` is in seconds. Raises
    NotAllowed; a folder that cannot be listed is told in the answer.
    """
    known = remembered(journal)
    before = {one.path: one for one in known.arrivals}
    found = Round()
    for folder in folders.every(journal):
        try:
            seen = list(_listed(folder, before, now()))
        except OSError as error:
            since = known.unreachable.get(folder.path, ("", now()))[1]
            found.unreachable[folder.path] = (system_words(error), since)
            inside = [one for one in known.arrivals if _is_inside(one.path, folder.path)]
            found.arrivals += inside
            continue
        found.arrivals += _taken(journal, folder, seen, now())
    _remember(journal, found)
    _keep_events(journal, before, found)
    return found


def _keep_events(journal: Journal, before: dict[str, Arrival], found: Round) -> None:
    """A file that came is an event like any other, kept with what became of it."""
    came = [
        one
        for one in found.arrivals
        if one.state is not State.WAITING and before.get(one.path) != one
    ]
    hints = [
        Hint(
            f"{_digest(one.path)}|{one.seen[1]}|{one.state.value}",
            f"file.{one.state.value}",
            "",
            printable(Path(one.path).name)[-160:],
            state=inbox.State.DONE,
            words=f"batch {one.batch}" if one.batch else "",
        )
        for one in came
    ]
    if hints:
        inbox.receive(journal, Door.FILE, "", hints)


def _digest(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def remembered(journal: Journal) -> Round:
    """What the last listing knew."""
    place = _state_file(journal)
    try:
        kept = json.loads(place.read_text(encoding="utf-8")) if place else {}
    except (OSError, ValueError):
        kept = {}
    arrivals = [
        Arrival(one["path"], tuple(one["seen"]), one["since"], State(one["state"]), one["batch"])
        for one in kept.get("arrivals", ())
    ]
    unreachable = {
        path: (words, since) for path, (words, since) in kept.get("unreachable", {}).items()
    }
    return Round(arrivals, unreachable)


def _listed(folder: Folder, before: dict[str, Arrival], at: float) -> Iterator[Arrival]:
    """The files of a folder and of those in it, each as it was known where it is still the same.
    Raises OSError where the folder itself cannot be listed.
    """
    for path, status in _files(Path(folder.path)):
        seen = (status.st_size, status.st_mtime_ns, status.st_ino)
        known = before.get(str(path))
        same = known is not None and known.seen == seen
        yield known if same and known is not None else Arrival(str(path), seen, at)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if _is_ignored(entry.name) or entry.is_symlink():
                continue
            if entry.is_dir():
                yield from _files(Path(entry.path))
            elif entry.is_file():
                status = entry.stat()
                if not getattr(status, "st_file_attributes", 0) & _ELSEWHERE:
                    yield Path(entry.path), Path(entry.path).stat()


def _is_ignored(name: str) -> bool:
    folded = name.casefold()
    return folded.startswith(_IGNORED) or folded.endswith(_UNFINISHED) or folded in _LITTER


def _taken(journal: Journal, folder: Folder, seen: list[Arrival], at: float) -> list[Arrival]:
    """The files of a folder after those that are whole were imported, all of one round together:
    the documents of a month are one batch.
    """
    ready = [one for one in seen if one.state is State.WAITING and _is_ready(one, at)]
    done: dict[str, Arrival] = {}
    with tempfile.TemporaryDirectory(prefix="cuadre-arrivals-") as staging:
        copied = [one for one in ready if _copied(one, folder, Path(staging))]
        if copied:
            with contextlib.suppress(BeingRead):  # another runner has them: the next listing tells
                done = _imported(journal, folder, copied, Path(staging))
    return [done.get(one.path) or _held_if_old(one, at) for one in seen]


def _is_ready(one: Arrival, at: float) -> bool:
    if at - one.since < QUIET:
        return False
    path = Path(one.path)
    try:
        if completeness.is_open_elsewhere(path):
            return False
        is_old_text = at - one.since >= LONGEST_WAIT and path.suffix.lower() in _TEXT
        return completeness.closes(path) or (is_old_text and one.seen[0] > 0)
    except OSError:
        return False  # gone, or not ours to read yet: the next listing tells


def _held_if_old(one: Arrival, at: float) -> Arrival:
    is_old = one.state is State.WAITING and at - one.since >= LONGEST_WAIT
    return replace(one, state=State.HELD) if is_old else one


def _copied(one: Arrival, folder: Folder, staging: Path) -> bool:
    """Copy a file under the place it has in its folder; False where it changed meanwhile."""
    source = Path(one.path)
    target = staging / source.relative_to(folder.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
        status = source.stat()
    except OSError:
        target.unlink(missing_ok=True)
        return False
    same = (status.st_size, status.st_mtime_ns, status.st_ino) == one.seen
    if not same or not stat.S_ISREG(status.st_mode):
        target.unlink(missing_ok=True)
        return False
    return True


def _imported(
    journal: Journal, folder: Folder, copied: list[Arrival], staging: Path
) -> dict[str, Arrival]:
    """Path → the arrival with its batch; a batch that could not be read is held."""
    found: dict[str, Arrival] = {}
    by_place = {str(Path(one.path).relative_to(folder.path)): one for one in copied}
    root = str(staging.resolve())
    batches: dict[str, importing.Intake] = {}
    rest: importing.Intake | None = None
    for export in gathered(staging).exports:
        place = export.origin.partition("!")[0].removeprefix(root).lstrip("/\\")
        origin = export.origin.replace(root, folder.path, 1)
        result = _import_one(journal, replace(export, origin=origin), folder)
        if result is None:
            continue
        if place:
            batches[place] = result
        else:
            rest = result
    for place, one in by_place.items():
        made = batches.get(place) or rest
        if made is None:
            found[one.path] = replace(one, state=State.HELD)
            continue
        state = State.REPEATED if made.repeated else State.IMPORTED
        is_read = made.state == "complete"
        found[one.path] = replace(one, state=state if is_read else State.HELD, batch=made.batch)
    return found


def _import_one(journal: Journal, export: Export, folder: Folder) -> importing.Intake | None:
    """The batch of a file; None where reading it broke, which the journal keeps as failed: one such
    file must not keep the others out. Raises NotAllowed, BeingRead.
    """
    try:
        return importing.import_export(journal, export, "", Options(source=folder.source))
    except (Refused, BeingRead):
        raise
    except Exception:
        return None


def _is_inside(path: str, folder: str) -> bool:
    return Path(path).is_relative_to(folder)


def _state_file(journal: Journal) -> Path | None:
    return journal.home / STATE if journal.home else None


def _remember(journal: Journal, found: Round) -> None:
    place = _state_file(journal)
    if place is None:
        return
    kept = {
        "arrivals": [asdict(one) for one in found.arrivals],
        "unreachable": found.unreachable,
    }
    fresh = place.with_suffix(".new")
    fresh.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    fresh.replace(place)
