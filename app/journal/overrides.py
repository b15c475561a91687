"""What a person decides about a document of the outbox: try again, skip it, or link it to one the
target has.

Each decision is an event with the person and the reason; the last two are refused without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.events import NewEvent
from app.journal.outbox import RANKS, State, vouched
from app.journal.store import Journal, now


class ReasonMissing(Exception):
    """A decision that changes what is sent needs a reason."""


class LinkedAlready(Exception):
    """The target's document is another one of ours; the argument is its reference."""


class NotDecidable(Exception):
    """The document is not in a state this can be decided in; the argument is its state, empty when
    unknown.
    """


def retry(journal: Journal, external_ref: str, connection_name: str, reason: str = "retry") -> None:
    """Send a refused, disputed or skipped document again: back to uncertain, so that it is looked
    up first. One that waits for its next attempt goes at once. Raises NotDecidable.
    """
    table = schema.outbox
    states = (State.REJECTED, State.CONFLICT, State.SKIPPED, State.QUEUED, State.UNCERTAIN)
    with journal.writing() as connection:
        row = _decidable(connection, connection_name, external_ref, states)
        state = State.REJECTED if row.payload == "{}" else State.UNCERTAIN
        values = {"state": state, "next_attempt_at": "", "updated_at": now(), "error_kind": ""}
        connection.execute(table.update().where(table.c.id == row.id).values(**values))
        data = {"reason": reason, "connection": connection_name, "state": state}
        events.append(connection, journal.actor, [NewEvent("outbox.retry", external_ref, data)])


def skip(journal: Journal, external_ref: str, connection_name: str, reason: str) -> None:
    """Never send a document to this connection, until somebody decides otherwise. One that was sent
    without an answer has to be looked up first. Raises NotDecidable, ReasonMissing.
    """
    table = schema.outbox
    states = (State.REJECTED, State.CONFLICT, State.QUEUED)
    with journal.writing() as connection:
        _require(reason)
        values = {"state": State.SKIPPED, "next_attempt_at": "", "updated_at": now()}
        if _row(connection, connection_name, external_ref) is None:
            _add(connection, journal.actor, connection_name, external_ref, values)
        else:
            row = _decidable(connection, connection_name, external_ref, states)
            connection.execute(table.update().where(table.c.id == row.id).values(**values))
        data = {"reason": reason, "connection": connection_name}
        events.append(connection, journal.actor, [NewEvent("outbox.skipped", external_ref, data)])


def link(
    journal: Journal,
    external_ref: str,
    connection_name: str,
    remote_id: str,
    remote_number: str,
    reason: str,
    differences: Sequence[str] = (),
) -> None:
    """Say that a document of the target is this one, with the ``differences`` the person saw.
    Raises NotDecidable, ReasonMissing.
    """
    table = schema.outbox
    states = [state for state in State if state not in (State.CONFIRMED, State.SENDING)]
    with journal.writing() as connection:
        _require(reason)
        taken = sa.select(table.c.external_ref).where(
            table.c.connection == connection_name,
            table.c.remote_id == remote_id,
            table.c.state == State.CONFIRMED,
        )
        other = connection.execute(taken.where(table.c.external_ref != external_ref)).scalar()
        if other:
            raise LinkedAlready(other)
        at = now()
        values = {
            "state": State.CONFIRMED,
            "remote_id": remote_id,
            "remote_number": remote_number,
            "remote_changes": "\n".join(differences),
            "confirmed_at": at,
            "updated_at": at,
            "next_attempt_at": "",
            "error_kind": "",
            "error_words": "",
        }
        if _row(connection, connection_name, external_ref) is None:
            _add(connection, journal.actor, connection_name, external_ref, values)
        else:
            row = _decidable(connection, connection_name, external_ref, states)
            connection.execute(table.update().where(table.c.id == row.id).values(**values))
        data = {
            "remote_id": remote_id,
            "remote_number": remote_number,
            "reason": reason,
            "changes": list(differences),
            "connection": connection_name,
        }
        events.append(connection, journal.actor, [NewEvent("outbox.linked", external_ref, data)])


def _require(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing


def _row(
    connection: sa.Connection, connection_name: str, external_ref: str
) -> sa.Row[tuple[object, ...]] | None:
    table = schema.outbox
    query = sa.select(table).where(
        table.c.connection == connection_name, table.c.external_ref == external_ref
    )
    return connection.execute(query.with_for_update()).first()


def _decidable(
    connection: sa.Connection, connection_name: str, external_ref: str, states: Sequence[State]
) -> sa.Row[tuple[object, ...]]:
    row = _row(connection, connection_name, external_ref)
    if row is None or row.lease_owner or row.state not in states:
        raise NotDecidable(row.state if row else "")
    return row


def _add(
    connection: sa.Connection,
    actor: str,
    connection_name: str,
    external_ref: str,
    values: Mapping[str, object],
) -> None:
    """A row for a document that was never queued (blocked, or without a counterpart in the map)."""
    document = schema.document
    query = (
        sa.select(document)
        .where(document.c.external_ref == external_ref)
        .order_by(document.c.id.desc())
    )
    newest = connection.execute(query.limit(1)).first()
    if newest is None:
        raise NotDecidable("")
    kind = "contact" if newest.kind == "contact" else "entry"
    row = {
        "connection": connection_name,
        "external_ref": external_ref,
        "document_id": newest.id,
        "content_hash": newest.content_hash,
        "payload": "{}",
        "created_at": now(),
        "rank": RANKS[kind],
        "kind": kind,
    }
    connection.execute(schema.outbox.insert().values(**row, **values))
    data = {"connection": connection_name, **vouched(newest.content_hash, "{}")}
    events.append(connection, actor, [NewEvent("outbox.queued", external_ref, data)])
