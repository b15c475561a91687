"""Entries a target posted on another day than they were sent for: which they are, and moving them
back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.decisions import Link
from app.journal import Journal, outbox_rows, overrides, roles
from app.journal.outbox import State
from app.journal.roles import Role
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP
from connectors.contract import Connector, MovesEntries
from connectors.errors import ConnectorError

_DATE = re.compile(r"^date: (\d{4}-\d\d-\d\d) → (\d{4}-\d\d-\d\d)$", re.MULTILINE)
"""How connectors say it among the changes of a record."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One that was sent for the day ``sent`` and stands on ``there`` in the target."""

    reference: str
    remote_id: str
    number: str
    sent: date
    there: date


class CannotMove(Refused):
    words = QT_TRANSLATE_NOOP("decide", "This target's entries cannot be moved to another day.")


def moved(journal: Journal, connection_name: str) -> list[Moved]:
    """Every confirmed document of a connection that stands on another day."""
    found = []
    for row in outbox_rows.every(journal, connection_name):
        dates = _DATE.search(row.remote_changes)
        if row.state == State.CONFIRMED and dates:
            sent, there = (date.fromisoformat(text) for text in dates.groups())
            found.append(Moved(row.external_ref, row.remote_id, row.remote_number, sent, there))
    return found


@dataclass(frozen=True, slots=True)
class MovedBack:
    """What became of one; ``refused`` is None where it stands on its own day again."""

    what: Moved
    refused: ConnectorError | None = None


def move_back(
    journal: Journal, connection_name: str, target: Connector, those: Sequence[Moved], reason: str
) -> list[MovedBack]:
    """Move entries to the day they were sent for, one by one; each is journaled. Raises NotAllowed,
    CannotMove, ReasonMissing.
    """
    roles.require(journal, Role.PUSH)
    if not isinstance(target, MovesEntries):
        raise CannotMove
    if not reason.strip():
        raise overrides.ReasonMissing
    done = []
    for one in those:
        try:
            record = target.move_to(one.remote_id, one.sent)
        except ConnectorError as error:
            done.append(MovedBack(one, error))
            continue
        said = Link(record.remote_id, record.number, reason, changes=record.changes)
        overrides.link(journal, one.reference, connection_name, said, again=True)
        done.append(MovedBack(one))
    return done
