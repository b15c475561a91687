"""The close as far as no person is needed: once files and events are quiet, what is ready is sent,
the books are read, the month is reconciled and its papers written.

It never decides a difference, sends what waits for an approval, or signs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from app.company import settings
from app.inbox import policies, polling
from app.intake import hot_folders
from app.intake.hot_folders import State
from app.journal import Journal, cursors, documents, inbox
from app.journal.store import instant
from app.month_end.event_alerts import CLOSE_SETTING
from app.reconciling import papers, runs, summaries
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
    "held": QT_TRANSLATE_NOOP("close", "a file that came is not whole or cannot be read"),
    "events": QT_TRANSLATE_NOOP("close", "events that came were not looked at yet"),
    "files": QT_TRANSLATE_NOOP("close", "files are still coming in"),
    "polls": QT_TRANSLATE_NOOP("close", "what changed in the target was not read for an hour"),
}


@dataclass
class Closed:
    """How a close stands: the ``period``, why it ``waits`` (empty: it was done) and ``since`` when,
    the documents that wait for somebody, the reconciliations with what is to explain, the papers.
    """

    connection: str
    period: str
    waits: str = ""
    waiting: int = 0
    differences: dict[str, str] = field(default_factory=dict)
    reconciled: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    at: str = ""
    since: str = ""

    @property
    def settled(self) -> bool:
        return bool(self.reconciled) and not (self.waits or self.waiting or self.differences)

    @property
    def text(self) -> str:
        """In the current language."""
        if self.waits:
            return translate("close", WAITS[self.waits])
        if self.settled:
            return translate("close", "closed: nothing to explain")
        if not self.reconciled:
            return translate("close", "nothing of this month was imported: nothing was reconciled")
        text = translate("close", "{differences} differences to explain, {waiting} documents wait")
        return text.format(differences=len(self.differences), waiting=self.waiting)


def close(
    journal: Journal,
    name: str,
    target: DocumentConnector,
    also: Collection[str] = (),
    now: Callable[[], float] = time.time,
    *,
    period: str,
) -> Closed:
    """Close a month (``yyyy-mm``) with a connection as far as it goes. Raises ConnectorError,
    NotAllowed.
    """
    first = date.fromisoformat(f"{period}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    found = Closed(name, period, at=instant().isoformat(timespec="seconds"))
    found.waits = _not_quiet(journal, name, target, now())
    kept = json.loads(settings.get(journal, CLOSE_SETTING, "{}"))
    if found.waits:
        found.since = _since(kept.get(name), found)
    else:
        result = pushing.push(journal, name, target, only_ready=True, also=also)
        found.waiting = 0 if result.clean else _waiting(result)
        pull(journal, name, target, first, last)
        for batch in _batches(journal, found.period):
            _reconcile(journal, found, batch)
    settings.put(journal, CLOSE_SETTING, json.dumps({**kept, name: asdict(found)}, sort_keys=True))
    return found


def month_before(day: date) -> str:
    """The month (``yyyy-mm``) before that of a day."""
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


def last(journal: Journal) -> list[Closed]:
    """How the last close of each connection ended."""
    kept = json.loads(settings.get(journal, CLOSE_SETTING, "{}"))
    return [Closed(**one) for one in kept.values()]


def _since(before: Mapping[str, str] | None, found: Closed) -> str:
    """Since when the same month waits."""
    is_same = before is not None and before["period"] == found.period and before.get("since")
    return str(before["since"]) if before is not None and is_same else found.at


def _not_quiet(journal: Journal, name: str, target: DocumentConnector, at: float) -> str:
    """Why the month cannot be closed yet."""
    arrivals = hot_folders.remembered(journal).arrivals
    young = at - QUIET.total_seconds()
    if any(one.state is State.WAITING or one.since > young for one in arrivals):
        return "files"
    if any(one.state is State.HELD for one in arrivals):
        return "held"
    counts = inbox.counts(journal, name)
    if counts[inbox.State.NEW] or counts[inbox.State.LEASED] or counts[inbox.State.DEAD]:
        return "events"
    late = (instant() - FRESH).isoformat()
    read = {row.stream: row.last_done for row in cursors.every(journal, name)}
    kept = settings.find_connection(journal, name)
    kinds = polling.streams(target)
    policy = policies.load(journal, kept, max(len(kinds), 1))
    wanted = [kind for kind in kinds if policy.every(kind) and policy.every(kind) < 3600]
    return "polls" if any(read.get(kind.value, "") < late for kind in wanted) else ""


def _waiting(result: pushing.PushResult) -> int:
    """How many documents wait for somebody; at least one where the sending was not clean."""
    return max(result.rejected + result.uncertain + result.waiting, 1)


def _batches(journal: Journal, period: str) -> Sequence[int]:
    return sorted({row.batch_id for row in documents.every(journal) if row.period == period})


def _reconcile(journal: Journal, found: Closed, batch: int) -> None:
    spec = f"batch:{batch}"
    result = runs.reconcile(journal, spec, f"pull:{found.connection}")
    found.reconciled.append(result.identifier)
    if not result.settled:
        found.differences[result.identifier] = str(summaries.summary(result).get("unexplained", ""))
    if journal.home is None:
        return
    folder = journal.home / FOLDER / found.period
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.fromisoformat(found.at).strftime("%Y%m%d-%H%M")
    path = Path(folder, f"{found.connection}-{batch}-{stamp}.xlsx")
    papers.write_report(journal, result, path)
    found.papers.append(str(path))
