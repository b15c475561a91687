"""Rows an event tells whole (endpoints, pairs, proposals), and the rows of the inbox it tells by a
digest: what was changed, slipped in or taken away past the program.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from app.journal import schema
from app.journal.events import NewEvent
from app.journal.inbox import ERASED, RECEIVED, VOUCHED, digest_of, unpacked
from app.translation import QT_TRANSLATE_NOOP, translate

_KEYS = {"endpoint": "token_sha256", "pair": "id", "proposal": "id"}
"""Tables whose rows an event tells whole each time they change, with their key."""


def telling(kind: str, subject: str, table: str, row: Mapping[str, object]) -> NewEvent:
    """The event that vouches for a row as it is from now on."""
    return NewEvent(kind, subject, {"table": table, "row": dict(row)})


@dataclass
class ToldRows:
    """``rows`` by table and key; ``deliveries`` with how many rows they had and their digest."""

    rows: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    deliveries: dict[str, tuple[int, str]] = field(default_factory=dict)
    erased: set[tuple[str, str]] = field(default_factory=set)

    def take(self, kind: str, subject: str, data: Mapping[str, Any]) -> None:
        if kind == RECEIVED:
            self.deliveries[subject.partition(":")[2]] = (int(data["rows"]), str(data["digest"]))
        elif kind == ERASED:
            self.erased |= {(str(delivery), str(key)) for delivery, key in data["rows"]}
        elif data.get("table") in _KEYS and isinstance(data.get("row"), dict):
            row, table = data["row"], str(data["table"])
            self.rows.setdefault(table, {})[str(row[_KEYS[table]])] = row

    def problems(self, connection: sa.Connection) -> Iterator[str]:
        """Each in the current language."""
        for name in _KEYS:
            yield from self._of_table(connection, schema.metadata.tables[name])
        yield from self._of_inbox(connection)

    def _of_table(self, connection: sa.Connection, table: sa.Table) -> Iterator[str]:
        told, key = self.rows.get(table.name, {}), _KEYS[table.name]
        there = {}
        for row in connection.execute(sa.select(table)):
            there[str(getattr(row, key))] = dict(row._mapping)
        for name in sorted(told.keys() | there.keys()):
            if told.get(name) != there.get(name):
                text = QT_TRANSLATE_NOOP(
                    "verify", "{table} {name} is not what its events say, or is gone"
                )
                yield translate("verify", text).format(table=table.name, name=name)

    def _of_inbox(self, connection: sa.Connection) -> Iterator[str]:
        table = schema.inbox
        columns = [table.c.delivery, table.c.body, *(table.c[name] for name in VOUCHED)]
        query = sa.select(*columns).order_by(table.c.delivery, table.c.dedup)
        found: dict[str, tuple[int, str]] = {}
        bare = back = 0
        for delivery, rows in groupby(connection.execute(query), lambda row: str(row.delivery)):
            facts = [dict(row._mapping) for row in rows]
            found[delivery] = (len(facts), digest_of(facts))
            bare += sum(1 for row in facts if _is_bare(row) and self._key(row) not in self.erased)
            back += sum(1 for row in facts if row["body"] and self._key(row) in self.erased)
            yield from _changed_bodies(facts)
        for delivery in sorted(found.keys() | self.deliveries.keys()):
            if found.get(delivery) != self.deliveries.get(delivery):
                text = QT_TRANSLATE_NOOP(
                    "verify", "inbox: delivery {name} is not what was journaled when it came"
                )
                yield translate("verify", text).format(name=delivery)
        if bare or back:
            text = QT_TRANSLATE_NOOP("verify", "inbox: {count} bodies are gone that nobody erased")
            yield translate("verify", text).format(count=bare + back)

    @staticmethod
    def _key(row: Mapping[str, Any]) -> tuple[str, str]:
        return str(row["delivery"]), str(row["dedup"])


def _is_bare(row: Mapping[str, Any]) -> bool:
    return row["body"] is None and bool(row["body_sha256"])


def _changed_bodies(facts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for row in facts:
        if row["body"] is None:
            continue
        if hashlib.sha256(unpacked(row["body"])).hexdigest() != row["body_sha256"]:
            text = QT_TRANSLATE_NOOP("verify", "inbox: the body of {name} was changed")
            yield translate("verify", text).format(name=row["dedup"])
