"""Books read anew where something in them changed since they were read, and the open
reconciliations that stand on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from app.company import settings
from app.journal import Journal, cursors, events, outbox_rows, pulls
from app.journal.rows import PullRow
from app.journal.store import instant
from app.reconciling import runs, signing
from app.reconciling.sides import UnreadableSide
from app.sending.pull import pull
from connectors.contract import Connector


def connections(journal: Journal) -> list[str]:
    """Connections with books that are not what was read of them."""
    known = {row.name for row in settings.connections(journal)}
    return sorted({row.connection for row in _stale(journal)} & known)


def sending(journal: Journal) -> list[str]:
    """Connections something was ever sent to."""
    names = [row.name for row in settings.connections(journal)]
    return [name for name in names if outbox_rows.last_confirmed(journal, name)]


def refresh(journal: Journal, name: str, target: Connector) -> int:
    """Read the stale books of a connection again and reconcile again what is open on them. Answers
    how many were read. Raises ConnectorError.
    """
    stale = [row for row in _stale(journal) if row.connection == name]
    for row in stale:
        pull(journal, name, target, date.fromisoformat(row.start), date.fromisoformat(row.end))
    if stale:
        _reconcile_again(journal, name, stale)
    return len(stale)


def read_last_months(journal: Journal, name: str, target: Connector) -> None:
    """The books of this month and the one before, for the orphan records. Raises ConnectorError."""
    today = instant().date()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    pull(journal, name, target, first, today)


def _stale(journal: Journal) -> list[PullRow]:
    """The newest pull of each stretch of days of which a record changed since."""
    return [
        row
        for row in pulls.newest_of_each(journal)
        if cursors.changed_since(journal, row.connection, row.pulled_at, (row.start, row.end))
    ]


def _reconcile_again(journal: Journal, name: str, stale: list[PullRow]) -> None:
    for subject, said in _open_runs(journal, f"pull:{name}").items():
        period = str(said.get("period") or "")
        if not any(row.start[:7] <= period[:7] <= row.end[:7] for row in stale):
            continue
        if signing.standing(journal, subject).state is not signing.State.OPEN:
            continue
        left, right = str(said["left_spec"]), str(said["right_spec"])
        sides = [spec for spec in (left, right) if not spec.startswith(("batch:", "pull:"))]
        if all(Path(spec).exists() for spec in sides):
            _reconcile(journal, left, right)


def _reconcile(journal: Journal, left: str, right: str) -> None:
    try:
        runs.reconcile(journal, left, right)
    except (UnreadableSide, OSError):
        return  # a file that went away is said when somebody opens the reconciliation


def _open_runs(journal: Journal, spec: str) -> Mapping[str, Mapping[str, Any]]:
    """Identifier → what the newest run on some books said of itself."""
    found: dict[str, Mapping[str, Any]] = {}
    for event in events.of(journal, area="reconciliation", kinds=("reconciliation.run",)):
        if spec in (event.data.get("left_spec"), event.data.get("right_spec")):
            found[event.subject.partition(":")[2]] = event.data
    return found
