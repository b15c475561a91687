"""What in the journal is derived from the rest: it is compared by ``verify`` and can be built anew.

Which codes a batch uses and which fiscal documents it brought follow from its movements; when a row
was written, and the order in which it goes, follow from the events that tell of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.journal import events, fiscal_documents, kinds, schema, search, usages
from app.journal.events import NewEvent
from app.journal.outbox import State
from app.journal.rows import Transaction
from app.journal.store import Journal
from app.translation import QT_TRANSLATE_NOOP, translate

NEAR = timedelta(minutes=10)
"""A row and its event are written in one transaction, which may take this long."""
Key = tuple[str, ...]


@dataclass
class Told:
    """What the events say of what is derived: columns of rows by table and key, and which batches
    are of fiscal documents. Instants are ISO text.
    """

    rows: dict[str, dict[Key, dict[str, str]]] = field(default_factory=dict)
    fiscal: set[int] = field(default_factory=set)

    def take(self, at: str, kind: str, subject: str, data: Mapping[str, Any]) -> None:
        _, _, name = subject.partition(":")
        match kind:
            case "import.started":
                self._once("file", (str(data.get("sha256")),), "first_seen_at", at)
                self._of("batch", (name,)).update(started_at=at, finished_at="", compacted_at="")
            case "import.closed" | "import.cancelled" | "import.failed":
                self._of("batch", (name,))["finished_at"] = at
                if data.get("fiscal"):
                    self.fiscal.add(int(name))
            case "batch.compacted":
                self._of("batch", (name,))["compacted_at"] = at
            case "pull.done":
                self._of("pull", (name,))["pulled_at"] = at
            case "connection.saved" | "connection.removed":
                self._connection(kind, name, at)
            case _ if kind.startswith("map."):
                self._mapped(kind, name, data["links"], at)
            case _ if kind.startswith("outbox."):
                self._outbox(kind, subject, data, at)
            case _ if kind.startswith("decision.") and "decision" in data:
                self._once("decision", (str(data["decision"]),), "at", at)

    def _connection(self, event: str, name: str, at: str) -> None:
        if event == "connection.removed":
            self.rows.get("connection", {}).pop((name,), None)
        else:
            self._of("connection", (name,))["created_at"] = at

    def _mapped(self, event: str, connection_name: str, links: list[list[str]], at: str) -> None:
        for kind, source, *rest in links:
            if event == "map.removed":
                self.rows.get("mapping", {}).pop((connection_name, kind, source), None)
                continue
            row = self._of("mapping", (connection_name, kind, source))
            row["updated_at"] = at
            if len(rest) > 2:
                row["origin"] = rest[2]

    def _outbox(self, kind: str, reference: str, data: Mapping[str, Any], at: str) -> None:
        if "connection" not in data or kind in _SILENT:
            return
        row = self._of("outbox", (str(data["connection"]), reference))
        row["updated_at"] = at
        if kind == "outbox.queued":
            row["created_at"] = at
        if kind in ("outbox.confirmed", "outbox.adopted", "outbox.linked"):
            row["confirmed_at"] = at

    def _of(self, table: str, key: Key) -> dict[str, str]:
        return self.rows.setdefault(table, {}).setdefault(key, {})

    def _once(self, table: str, key: Key, column: str, at: str) -> None:
        self._of(table, key).setdefault(column, at)


_SILENT = ("outbox.lease-lost", "outbox.moved")
"""Events that leave the row as it was written before."""
_KEYS = {
    "batch": ("id",),
    "file": ("sha256",),
    "pull": ("id",),
    "connection": ("name",),
    "mapping": ("connection", "kind", "source"),
    "outbox": ("connection", "external_ref"),
    "decision": ("id",),
}


def problems(connection: sa.Connection, told: Told) -> Iterator[str]:
    """What is not what it is derived from, each in the current language."""
    for batch in _batches_with_movements(connection):
        if _uses_differ(connection, batch):
            text = QT_TRANSLATE_NOOP(
                "verify", "{subject}: the codes it is said to use are not those of its movements"
            )
            yield translate("verify", text).format(subject=f"batch:{batch}")
    if fiscal_documents.kept(connection) != _fiscal(connection, told):
        text = QT_TRANSLATE_NOOP(
            "verify", "the fiscal documents called imported are not those of the batches"
        )
        yield translate("verify", text)
    for table, key, column, _ in _stray(connection, told):
        text = QT_TRANSLATE_NOOP("verify", "{subject}: {column} is not what its events say")
        yield translate("verify", text).format(subject=f"{table} {' '.join(key)}", column=column)


def rebuild(journal: Journal) -> dict[str, int]:
    """Derive everything anew and write what differs; journaled. Answers how much differed, by
    table.
    """
    changed: dict[str, int] = {}
    with journal.writing() as connection:
        told = _told(connection)
        for batch in _batches_with_movements(connection):
            if _uses_differ(connection, batch):
                usages.keep(connection, batch, usages.derived(connection, batch))
                changed["usage"] = changed.get("usage", 0) + 1
        right = _fiscal(connection, told)
        if (there := fiscal_documents.kept(connection)) != right:
            fiscal_documents.put_back(connection, right)
            changed["fiscal_document"] = len(set(there.items()) ^ set(right.items()))
        for table, key, column, value in list(_stray(connection, told)):
            _set(connection, table, key, column, value)
            changed[table] = changed.get(table, 0) + 1
        done = NewEvent("journal.rebuilt", "journal", {"changed": changed})
        events.append(connection, journal.actor, [done])
    search.forget(journal)
    search.catch_up(journal)
    return changed


def _told(connection: sa.Connection) -> Told:
    found = Told()
    for event in events.read(connection):
        found.take(event.at, event.kind, event.subject, event.data)
    return found


def _batches_with_movements(connection: sa.Connection) -> list[int]:
    """Closed batches whose lines are not in an archive."""
    batch = schema.batch
    query = sa.select(batch.c.id).where(batch.c.compacted_at == "", batch.c.finished_at != "")
    return list(connection.execute(query.order_by(batch.c.id)).scalars())


def _uses_differ(connection: sa.Connection, batch: int) -> bool:
    return sorted(usages.kept(connection, batch)) != sorted(usages.derived(connection, batch))


def _fiscal(connection: sa.Connection, told: Told) -> dict[str, int]:
    """What the batches brought; of archived ones what is written."""
    there = _batches_with_movements(connection)
    right = fiscal_documents.derived(connection, told.fiscal.intersection(there))
    archived = {
        name: batch
        for name, batch in fiscal_documents.kept(connection).items()
        if batch not in there
    }
    return {**right, **archived}


def _stray(connection: sa.Connection, told: Told) -> Iterator[tuple[str, Key, str, str]]:
    """Table, key, column and right value of what is not what its events say."""
    for name, rows in told.rows.items():
        table, keys = schema.metadata.tables[name], _KEYS[name]
        for row in connection.execute(sa.select(table)).mappings():
            key = tuple(str(row[column]) for column in keys)
            for column, value in rows.get(key, {}).items():
                reopened = column == "confirmed_at" and row["state"] != State.CONFIRMED
                if not reopened and not _agree(column, str(row[column]), value):
                    yield name, key, column, value
    yield from _out_of_rank(connection)


def _out_of_rank(connection: sa.Connection) -> Iterator[tuple[str, Key, str, str]]:
    table = schema.outbox
    query = sa.select(table.c.connection, table.c.external_ref, table.c.kind, table.c.rank)
    for row in connection.execute(query):
        try:
            rank = kinds.of_name(row.kind).rank
        except KeyError:
            continue
        if row.rank != rank:
            yield "outbox", (row.connection, row.external_ref), "rank", str(rank)


def _agree(column: str, there: str, told: str) -> bool:
    if column == "origin" or not told:
        return there == told
    try:
        return abs(datetime.fromisoformat(there) - datetime.fromisoformat(told)) <= NEAR
    except (ValueError, TypeError):
        return False


def _set(transaction: Transaction, name: str, key: Key, column: str, value: str) -> None:
    table = schema.metadata.tables[name]
    same = [
        sa.cast(table.c[part], sa.String) == text
        for part, text in zip(_KEYS[name], key, strict=True)
    ]
    right: object = int(value) if isinstance(table.c[column].type, sa.Integer) else value
    transaction.execute(table.update().where(*same).values({column: right}))
