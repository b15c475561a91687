"""What is set in a journal: values by name, connections, and the map of each connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from app.journal import events, schema
from app.journal.events import NewEvent
from app.journal.rows import ConnectionRow, MappingRow
from app.journal.store import Journal, moment


def get(journal: Journal, name: str, default: str = "") -> str:
    """A setting's value."""
    table = schema.setting
    with journal.reading() as connection:
        value = connection.execute(sa.select(table.c.value).where(table.c.name == name)).scalar()
    return default if value is None else str(value)


def put(journal: Journal, name: str, value: str, reason: str = "") -> None:
    """Set a value; journaled."""
    table = schema.setting
    data = {"value": value, "reason": reason} if reason else {"value": value}
    with journal.writing() as connection:
        connection.execute(table.delete().where(table.c.name == name))
        connection.execute(table.insert().values(name=name, value=value))
        changed = NewEvent("setting.changed", f"setting:{name}", data)
        events.append(connection, journal.actor, [changed])


def connections(journal: Journal) -> list[ConnectionRow]:
    """Every connection by name."""
    table = schema.connection
    with journal.reading() as connection:
        query = sa.select(*ConnectionRow.columns(table)).order_by(table.c.name)
        return ConnectionRow.all_of(connection.execute(query))


def keep_connection(
    journal: Journal, kept: ConnectionRow, refuse: Callable[[ConnectionRow], None]
) -> None:
    """Keep a connection; one of the same name is replaced. ``refuse`` may raise for the older one
    when documents were queued for it already.
    """
    table, outbox = schema.connection, schema.outbox
    values = {name: getattr(kept, name) for name in ConnectionRow.__dataclass_fields__}
    with journal.writing() as connection:
        mine = sa.select(*ConnectionRow.columns(table)).where(table.c.name == kept.name)
        old = connection.execute(mine).first()
        queued = sa.select(outbox.c.id).where(outbox.c.connection == kept.name).limit(1)
        if old is not None and connection.execute(queued).first():
            refuse(ConnectionRow(*old))
        connection.execute(table.delete().where(table.c.name == kept.name))
        connection.execute(table.insert().values(**values, created_at=moment(connection)))
        saved = NewEvent("connection.saved", f"connection:{kept.name}", values)
        events.append(connection, journal.actor, [saved])


def drop_connection(journal: Journal, name: str) -> bool:
    """Take away a connection with its map and what was remembered of polling it. False, and nothing
    is taken away, where the journal has documents, books, events, doors, pairs or proposals of it:
    they are part of the record.
    """
    with journal.writing() as connection:
        if any(connection.execute(query.limit(1)).first() for query in _of_record(name)):
            return False
        mine = schema.mapping.c.connection == name
        query = sa.select(schema.mapping.c.kind, schema.mapping.c.source).where(mine)
        told = [list(row) for row in connection.execute(query.order_by(*query.selected_columns))]
        for table in (schema.mapping, schema.cursor, schema.seen):
            connection.execute(table.delete().where(table.c.connection == name))
        connection.execute(schema.connection.delete().where(schema.connection.c.name == name))
        subject = f"connection:{name}"
        links = [NewEvent("map.removed", subject, {"links": told})] if told else []
        events.append(
            connection, journal.actor, [*links, NewEvent("connection.removed", subject, {})]
        )
    return True


def _of_record(name: str) -> list[sa.Select[tuple[int]]]:
    """What keeps a connection from being taken away."""
    pair = schema.pair
    places = (
        (schema.outbox, schema.outbox.c.connection == name),
        (schema.pull, schema.pull.c.connection == name),
        (schema.inbox, schema.inbox.c.connection == name),
        (schema.endpoint, schema.endpoint.c.connection == name),
        (schema.proposal, schema.proposal.c.connection == name),
        (pair, (pair.c.left_connection == name) | (pair.c.right_connection == name)),
    )
    return [sa.select(sa.literal(1)).select_from(table).where(mine) for table, mine in places]


def links(journal: Journal, connection_name: str) -> list[MappingRow]:
    """The map of a connection."""
    table = schema.mapping
    query = sa.select(*MappingRow.columns(table)).where(table.c.connection == connection_name)
    with journal.reading() as connection:
        return MappingRow.all_of(connection.execute(query))


def keep_links(journal: Journal, connection_name: str, kept: Sequence[MappingRow]) -> None:
    """Set links of a map; an older one of the same source is replaced."""
    table = schema.mapping
    with journal.writing() as connection:
        for link in kept:
            same = (
                (table.c.connection == connection_name)
                & (table.c.kind == link.kind)
                & (table.c.source == link.source)
            )
            connection.execute(table.delete().where(same))
            values = _link_values(connection_name, link, moment(connection))
            connection.execute(table.insert().values(**values))
        data = {
            "links": [
                [link.kind, link.source, link.target, link.partner, link.origin] for link in kept
            ]
        }
        changed = NewEvent("map.changed", f"connection:{connection_name}", data)
        events.append(connection, journal.actor, [changed])


def drop_link(journal: Journal, connection_name: str, kind: str, source: str) -> None:
    """Take a link out of a map."""
    table = schema.mapping
    same = (
        (table.c.connection == connection_name)
        & (table.c.kind == kind)
        & (table.c.source == source)
    )
    with journal.writing() as connection:
        connection.execute(table.delete().where(same))
        data = {"links": [[kind, source]]}
        removed = NewEvent("map.removed", f"connection:{connection_name}", data)
        events.append(connection, journal.actor, [removed])


def _link_values(connection_name: str, link: MappingRow, at: str) -> Mapping[str, object]:
    values = {name: getattr(link, name) for name in MappingRow.__dataclass_fields__}
    return {"connection": connection_name, **values, "updated_at": at}
