"""``cuadre inbox``: what came in, what became of it, and what a person does about it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from app.cli.home import open_home
from app.cli.output import Stop, answer, decided, table
from app.cli.targets import known_connection
from app.journal import Journal, cursors, inbox, inbox_leases
from app.journal.inbox import Door, Hint, State
from app.journal.rows import InboxRow
from app.journal.store import instant, written
from app.translation import translate


def show_list(chosen: argparse.Namespace) -> int:
    """The newest rows. Exit status 1 where some were set apart."""
    journal = open_home(chosen)
    states = [State(name) for name in chosen.state]
    rows = inbox.rows(journal, states=states, connection_name=chosen.connection, limit=chosen.limit)
    counts = inbox.counts(journal, chosen.connection)
    value = {
        "counts": {state.value: count for state, count in counts.items()},
        "rows": [_row(row) for row in rows],
    }
    answer(chosen.json, value, _lines(counts, rows))
    return 1 if counts[State.DEAD] else 0


def _lines(counts: dict[State, int], rows: list[InboxRow]) -> Iterator[str]:
    said = [f"{inbox.state_text(state)} {count:,}" for state, count in counts.items() if count]
    yield " · ".join(said) or translate("cli", "Nothing has come in.")
    yield from table([_cells(row) for row in rows], right=(0,))


def _cells(row: InboxRow) -> tuple[object, ...]:
    return (
        row.id,
        _local(row.received_at),
        row.connection,
        _plain(row.kind),
        _plain(row.remote_id),
        inbox.state_text(row.state),
        _plain(row.error_words[:60]),
    )


def _plain(text: str) -> str:
    """What a stranger wrote, without what would move a terminal's cursor."""
    return "".join(sign if sign.isprintable() else "·" for sign in text)


def _row(row: InboxRow) -> dict[str, object]:
    return {
        "id": row.id,
        "door": row.door,
        "connection": row.connection,
        "kind": row.kind,
        "record": row.record,
        "remote_id": row.remote_id,
        "occurred_at": row.occurred_at,
        "received_at": row.received_at,
        "deliveries": row.deliveries,
        "state": row.state,
        "attempts": row.attempts,
        "words": row.error_words,
        "done_at": row.done_at,
    }


def show_one(chosen: argparse.Namespace) -> int:
    """One row with its body."""
    journal = open_home(chosen)
    row = _of(journal, chosen.number)
    body = inbox.body_of(row)
    text = None if body is None else body.decode("utf-8", "replace")
    value = {**_row(row), "headers": json.loads(row.headers), "body": text}
    shown = {name: said for name, said in value.items() if said not in ("", None, {})}
    lines = [f"{name}: {_plain(str(said))}" for name, said in shown.items()]
    answer(chosen.json, value, lines)
    return 0


def retry(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    count = decided(lambda: inbox_leases.retry(journal, chosen.numbers))
    return _told(chosen, count, translate("cli", "{count} rows will be looked at again."))


def skip(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    count = decided(lambda: inbox_leases.skip(journal, [chosen.number], chosen.reason))
    if not count:
        raise Stop(_no_row(chosen.number))
    return _told(chosen, count, translate("cli", "{count} rows are of no use."))


def replay(chosen: argparse.Namespace) -> int:
    """Look again at everything that came in between; today's state is read."""
    journal = open_home(chosen)
    since, until = _instant(chosen.since), _instant(chosen.until) if chosen.until else instant()
    count = decided(
        lambda: inbox_leases.replay(
            journal, chosen.connection, written(since), written(until), chosen.kind
        )
    )
    return _told(chosen, count, translate("cli", "{count} rows will be looked at again."))


def rebuild(chosen: argparse.Namespace) -> int:
    """Forget what was read of a connection, so that all of it is read anew."""
    journal = open_home(chosen)
    known_connection(journal, chosen.connection)
    count = decided(lambda: cursors.forget(journal, chosen.connection))
    text = translate("cli", "{count} records are forgotten; everything is read anew.")
    return _told(chosen, count, text)


def erase(chosen: argparse.Namespace) -> int:
    """Empty the bodies of everything that came about a record."""
    journal = open_home(chosen)
    count = decided(
        lambda: inbox.erase(
            journal, chosen.connection, chosen.record, chosen.remote_id, chosen.reason
        )
    )
    text = translate("cli", "{count} bodies are erased; that they came stays in the journal.")
    return _told(chosen, count, text)


def look(chosen: argparse.Namespace) -> int:
    """A person's hint: look at this record."""
    journal = open_home(chosen)
    known_connection(journal, chosen.connection)
    at = instant()
    key = f"person|{chosen.record}|{chosen.remote_id}|{written(at)}"
    hint = Hint(key, "person.asked", chosen.record, chosen.remote_id, at)
    kept = inbox.receive(journal, Door.PERSON, chosen.connection, [hint])
    return _told(chosen, kept.new, translate("cli", "{count} rows will be looked at."))


def _told(chosen: argparse.Namespace, count: int, text: str) -> int:
    answer(chosen.json, {"count": count}, [text.format(count=count)])
    return 0


def _of(journal: Journal, number: int) -> InboxRow:
    try:
        return inbox.one(journal, number)
    except LookupError:
        raise Stop(_no_row(number)) from None


def _no_row(number: int) -> str:
    return translate("cli", "There is no row {number}.").format(number=number)


def _instant(text: str) -> datetime:
    """A day, an instant, or a span back from now (``36h``, ``7d``)."""
    unit = {"h": 1, "d": 24}.get(text[-1:])
    if unit and text[:-1].isdigit():
        return instant() - timedelta(hours=int(text[:-1]) * unit)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        words = translate("cli", "{text} is no day, instant or span (2026-03-01, 36h, 7d).")
        raise Stop(words.format(text=text)) from None
    return at.astimezone(UTC)


def _local(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}"
