"""The close as far as no person is needed: once files and events are quiet, what is ready is sent,
the books are read, the month is reconciled and its papers written.

It never decides a difference, sends what waits for an approval, or signs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from app.company import settings
from app.intake import hot_folders
from app.intake.hot_folders import State
from app.journal import Journal, cursors, documents
from app.journal.store import instant
from app.month_end.event_alerts import CLOSE_SETTING
from app.reconciling import papers, runs
from app.sending import push as pushing
from app.sending.pull import pull
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import DocumentConnector

QUIET = timedelta(minutes=10)
"""So long no file may have come."""
FRESH = timedelta(hours=1)
"""So recently every stream of the connection was read."""
FOLDER = "papers"
WAITS = {
    "files": QT_TRANSLATE_NOOP("close", "files are still coming in"),
    "polls": QT_TRANSLATE_NOOP("close", "what changed in the target was not read for an hour"),
}


@dataclass
class Closed:
    """How a close stands: the ``period``, why it ``waits`` (empty: it was done), the documents that
    wait for somebody, the reconciliations with what is to explain, and the papers.
    """

    connection: str
    period: str
    waits: str = ""
    waiting: int = 0
    differences: dict[str, str] = field(default_factory=dict)
    reconciled: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    at: str = ""

    @property
    def settled(self) -> bool:
        return not (self.waits or self.waiting or self.differences)

    @property
    def text(self) -> str:
        """In the current language."""
        if self.waits:
            return translate("close", WAITS[self.waits])
        if self.settled:
            return translate("close", "closed: nothing to explain")
        text = translate("close", "{differences} differences to explain, {waiting} documents wait")
        return text.format(differences=len(self.differences), waiting=self.waiting)


def close(
    journal: Journal,
    name: str,
    target: DocumentConnector,
    also: Collection[str] = (),
    now: Callable[[], float] = time.time,
    period: str = "",
) -> Closed:
    """Close a month (``yyyy-mm``; the one before this without it) with a connection as far as it
    goes. Raises ConnectorError, NotAllowed.
    """
    first = _first_day(period)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    found = Closed(name, f"{first:%Y-%m}", at=instant().isoformat(timespec="seconds"))
    found.waits = _not_quiet(journal, name, now())
    if not found.waits:
        result = pushing.push(journal, name, target, only_ready=True, also=also)
        found.waiting = 0 if result.clean else _waiting(result)
        pull(journal, name, target, first, last)
        for batch in _batches(journal, found.period):
            _reconcile(journal, found, batch)
    kept = json.loads(settings.get(journal, CLOSE_SETTING, "{}"))
    settings.put(journal, CLOSE_SETTING, json.dumps({**kept, name: asdict(found)}, sort_keys=True))
    return found


def last(journal: Journal) -> list[Closed]:
    """How the last close of each connection ended."""
    kept = json.loads(settings.get(journal, CLOSE_SETTING, "{}"))
    return [Closed(**one) for one in kept.values()]


def _first_day(period: str) -> date:
    if period:
        return date.fromisoformat(f"{period}-01")
    return (instant().date().replace(day=1) - timedelta(days=1)).replace(day=1)


def _not_quiet(journal: Journal, name: str, at: float) -> str:
    """Why the month cannot be closed yet."""
    arrivals = hot_folders.remembered(journal).arrivals
    young = at - QUIET.total_seconds()
    if any(one.state is State.WAITING or one.since > young for one in arrivals):
        return "files"
    late = (instant() - FRESH).isoformat()
    streams = [row for row in cursors.every(journal, name) if not row.stream.startswith("#")]
    return "polls" if any(row.last_done < late for row in streams) else ""


def _waiting(result: pushing.PushResult) -> int:
    return result.rejected + result.uncertain + result.waiting + 1


def _batches(journal: Journal, period: str) -> Sequence[int]:
    return sorted({row.batch_id for row in documents.every(journal) if row.period == period})


def _reconcile(journal: Journal, found: Closed, batch: int) -> None:
    spec = f"batch:{batch}"
    result = runs.reconcile(journal, spec, f"pull:{found.connection}")
    found.reconciled.append(result.identifier)
    if not result.settled:
        found.differences[result.identifier] = str(runs.summary(result).get("unexplained", ""))
    if journal.home is None:
        return
    folder = journal.home / FOLDER / found.period
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.fromisoformat(found.at).strftime("%Y%m%d-%H%M")
    path = Path(folder, f"{found.connection}-{batch}-{stamp}.xlsx")
    papers.write_report(journal, result, path)
    found.papers.append(str(path))
