"""How often each kind of data of a connection is read: documents every few minutes, catalogues
hourly, everything that leaves no trace when it is deleted once a night; editable per connection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.company import settings
from app.company.settings import ConnectionSettings
from app.journal import Journal, roles
from app.journal.roles import Role
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP
from connectors import Kind
from connectors.systems import SYSTEMS
from connectors.vendor import Polling

OFF = 0.0
SHORTEST = 10.0
DAY = 86_400.0
CATALOGUES_EVERY = 3_600.0
SHARE = 0.5
"""Of the calls a target allows, what reading changes may use at most."""
_SETTING = "sync"


class Data(StrEnum):
    """Kinds of data by how soon a change of them is wanted."""

    DOCUMENTS = "documents"
    CATALOGUES = "catalogues"
    SWEEP = "sweep"


DATA_TEXTS = {
    Data.DOCUMENTS: QT_TRANSLATE_NOOP("sync", "Documents"),
    Data.CATALOGUES: QT_TRANSLATE_NOOP("sync", "Catalogues"),
    Data.SWEEP: QT_TRANSLATE_NOOP("sync", "What was deleted"),
}


class NotAnInterval(Refused, ValueError):
    """Something other than 0 or at least ten seconds; the argument is what was said."""

    context = "sync"
    words = QT_TRANSLATE_NOOP(
        "sync", "{seconds} is no interval: write 0 (never) or at least 10 seconds."
    )

    def said(self) -> Mapping[str, object]:
        return {"seconds": self}


@dataclass(frozen=True, slots=True)
class Policy:
    """Seconds between two readings of each kind of data (0: never). ``slowest`` says that the
    target's limit of calls, not the company, decides how often documents are read.
    """

    documents: float
    catalogues: float
    sweep: float
    overlap: float
    settle: float
    is_limited: bool = False

    def every(self, kind: Kind) -> float:
        return self.catalogues if kind is Kind.CONTACT else self.documents


def load(journal: Journal, kept: ConnectionSettings, streams: int = 8) -> Policy:
    """The policy of a connection that has so many kinds to read; never more often than half of
    what its plan allows.
    """
    vendor = SYSTEMS.get(kept.system)
    polling = vendor.polling if vendor else Polling()
    chosen = _chosen(journal).get(kept.name, {})
    wanted = chosen.get(Data.DOCUMENTS, polling.every)
    documents = wanted and max(wanted, _slowest(kept, streams))
    return Policy(
        documents=documents,
        catalogues=chosen.get(Data.CATALOGUES, CATALOGUES_EVERY),
        sweep=chosen.get(Data.SWEEP, DAY),
        overlap=polling.overlap,
        settle=polling.settle,
        is_limited=documents > wanted,
    )


def change(journal: Journal, connection_name: str, data: Data, seconds: float) -> None:
    """Read a kind of data of a connection so often from now on. Raises NotAllowed, NotAnInterval,
    LookupError where there is no such connection.
    """
    roles.require(journal, Role.ADMIN)
    settings.find_connection(journal, connection_name)
    if seconds != OFF and not SHORTEST <= seconds <= 31 * DAY:
        raise NotAnInterval(f"{seconds:g}")
    chosen = _chosen(journal)
    chosen.setdefault(connection_name, {})[data.value] = seconds
    settings.put(journal, _SETTING, json.dumps(chosen, sort_keys=True))


def _slowest(kept: ConnectionSettings, streams: int) -> float:
    """Seconds below which the calls of a day, or of a minute, would be used up by reading."""
    of_day = streams * DAY / (SHARE * kept.per_day) if kept.per_day else 0.0
    of_minute = streams * 60 / (SHARE * kept.per_minute) if kept.per_minute else 0.0
    return max(of_day, of_minute)


def _chosen(journal: Journal) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = json.loads(settings.get(journal, _SETTING, "{}"))
    return found
