"""What a person decides about a document of the outbox: try again, skip it, or link it to one the
target has.

Each decision is an event with the person and the reason; the last two are refused without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from app.decisions import Link, Retry, Skip
from app.journal import events, kinds, schema
from app.journal.events import NewEvent
from app.journal.outbox import Intent, State, state_text, vouched
from app.journal.store import Journal, moment
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate


class ReasonMissing(Refused):
    """A decision that changes what is sent needs a reason."""

    words = QT_TRANSLATE_NOOP("decide", "A decision needs a reason.")


class LinkedAlready(Refused):
    """The target"s document is another one of ours; the argument is its reference."""

    words = QT_TRANSLATE_NOOP("decide", "That document of the target is {document} already.")

    def said(self) -> Mapping[str, object]:
        return {"document": self}


class NotDecidable(Refused):
    """The document is not in a state this can be decided in; the argument is its state, empty when
    unknown.
    """

    words = QT_TRANSLATE_NOOP("decide", "The document is {state}; this cannot be decided now.")

    def told(self) -> str:
        if not str(self):
            return translate("decide", "The journal knows no such document.")
        return super().told()

    def said(self) -> Mapping[str, object]:
        return {"state": state_text(str(self))}


def retry(journal: Journal, external_ref: str, connection_name: str, decided: Retry) -> None:
    """Send a refused, disputed or skipped document again: back to uncertain, so that it is looked
    up first. One that waits for its next attempt goes at once. Raises NotDecidable.
    """
    table = schema.outbox
    states = (State.REJECTED, State.CONFLICT, State.SKIPPED, State.QUEUED, State.UNCERTAIN)
    with journal.writing() as connection:
        row = _decidable(connection, connection_name, external_ref, states)
        state = State.REJECTED if row.payload == "{}" else State.UNCERTAIN
        values = {
            "state": state,
            "next_attempt_at": "",
            "updated_at": moment(connection),
            "error_kind": "",
        }
        connection.execute(table.update().where(table.c.id == row.id).values(**values))
        data = {**asdict(decided), "connection": connection_name, "state": state}
        events.append(connection, journal.actor, [NewEvent("outbox.retry", external_ref, data)])


def skip(journal: Journal, external_ref: str, connection_name: str, decided: Skip) -> None:
    """Never send a document to this connection, until somebody decides otherwise. One that was sent
    without an answer has to be looked up first. Raises NotDecidable, ReasonMissing.
    """
    table = schema.outbox
    states = (State.REJECTED, State.CONFLICT, State.QUEUED)
    with journal.writing() as connection:
        _require(decided.reason)
        values = {"state": State.SKIPPED, "next_attempt_at": "", "updated_at": moment(connection)}
        if _row(connection, connection_name, external_ref) is None:
            _add(connection, journal.actor, connection_name, external_ref, values)
        else:
            row = _decidable(connection, connection_name, external_ref, states)
            connection.execute(table.update().where(table.c.id == row.id).values(**values))
        data = {**asdict(decided), "connection": connection_name}
        events.append(connection, journal.actor, [NewEvent("outbox.skipped", external_ref, data)])


def link(
    journal: Journal,
    external_ref: str,
    connection_name: str,
    decided: Link,
    *,
    again: bool = False,
) -> None:
    """Say that a document of the target is this one; ``again`` for one that is confirmed and was
    changed there by us. Raises NotDecidable, ReasonMissing, LinkedAlready.
    """
    table = schema.outbox
    open_ones = [state for state in State if state not in (State.CONFIRMED, State.SENDING)]
    states = [State.CONFIRMED] if again else open_ones
    with journal.writing() as connection:
        _require(decided.reason)
        taken = sa.select(table.c.external_ref).where(
            table.c.connection == connection_name,
            table.c.remote_id == decided.remote_id,
            table.c.state == State.CONFIRMED,
        )
        other = connection.execute(taken.where(table.c.external_ref != external_ref)).scalar()
        if other:
            raise LinkedAlready(other)
        at = moment(connection)
        values = {
            "state": State.CONFIRMED,
            "remote_id": decided.remote_id,
            "remote_number": decided.remote_number,
            "remote_changes": "\n".join(decided.changes),
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
        data = {**asdict(decided), "connection": connection_name}
        events.append(
            connection, journal.actor, [NewEvent("outbox.linked", external_ref, data)], at
        )


def corrected(
    journal: Journal, connection_name: str, intent: Intent, remote_id: str, reason: str
) -> None:
    """A confirmed document says in the target what the newest file says; that counts from now on.
    Raises NotDecidable, ReasonMissing.
    """
    table = schema.outbox
    with journal.writing() as connection:
        _require(reason)
        row = _decidable(connection, connection_name, intent.external_ref, (State.CONFIRMED,))
        payload = events.canonical(intent.payload)
        values = {
            "document_id": intent.document_id,
            "content_hash": intent.content_hash,
            "payload": payload,
            "updated_at": moment(connection),
        }
        connection.execute(table.update().where(table.c.id == row.id).values(**values))
        data = {
            "connection": connection_name,
            "document": intent.document_id,
            "state": State.CONFIRMED,
            "remote_id": remote_id,
            "reason": reason,
            **vouched(intent.content_hash, payload),
        }
        said = NewEvent("outbox.corrected", intent.external_ref, data)
        events.append(connection, journal.actor, [said])


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
    kind = kinds.of_record(newest.kind)
    row = {
        "connection": connection_name,
        "external_ref": external_ref,
        "document_id": newest.id,
        "content_hash": newest.content_hash,
        "payload": "{}",
        "created_at": moment(connection),
        "rank": kind.rank,
        "kind": kind.name,
    }
    connection.execute(schema.outbox.insert().values(**row, **values))
    data = {"connection": connection_name, **vouched(newest.content_hash, "{}")}
    events.append(connection, actor, [NewEvent("outbox.queued", external_ref, data)])
