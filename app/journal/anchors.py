"""Anchors: the head of the event chain, kept outside the journal.

Whoever edits the journal can recompute every later hash, and the chain alone then looks whole; an
anchor taken before says that it is not. One is added to ``anchors.jsonl`` beside the journal after
each import, push and reconciliation; one can be exported, and it is printed on the working paper.
What is kept or exported also has a trail, some bytes of every event's hash, so that a later check
names the very event.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from app.journal import schema
from app.journal.store import Journal, instant, now

_BEGINNING = '{"journal": "'
FILE_NAME = "anchors.jsonl"
"""Of the home's own journal; a shared one has a file of its own (see :func:`file_of`)."""


class NotAnAnchor(Exception):
    """The file holds no anchor of Cuadre."""


@dataclass(frozen=True)
class Anchor:
    """``journal`` is the hash of the first event, which tells one journal from another;
    ``sequence`` and ``hash`` are those of the last event at the time ``at``. ``trail`` holds four
    bytes of the hash of each event from ``since`` to the last, in base 64; empty where only the
    last is known. ``timestamp`` is that of an authority in base 64 (see
    :mod:`app.journal.timestamps`).
    """

    journal: str
    sequence: int
    hash: str
    at: str
    since: int = 0
    trail: str = ""
    timestamp: str = ""

    def __str__(self) -> str:
        return f"{self.sequence} · {self.hash[:16]} · {self.at[:19]}"


@dataclass(frozen=True)
class Disagreement:
    """The journal is no longer the one an anchor was taken of: something from event ``first`` to
    event ``last`` (the same one, where the anchor has a trail) was changed, removed or added.
    ``other`` when it is another journal altogether.
    """

    first: int
    last: int
    other: bool = False


def head(journal: Journal, since: int = 0) -> Anchor | None:
    """The anchor of the journal as it is, with a trail from the event ``since`` on (0: without);
    None before the first event.
    """
    event = schema.event
    with journal.reading() as connection:
        first = connection.execute(sa.select(event.c.hash).where(event.c.sequence == 1)).scalar()
        chain = connection.execute(sa.select(schema.chain)).first()
        if not first or not chain:
            return None
        trail = b""
        if since:
            passed = sa.select(event.c.hash).where(
                event.c.sequence >= since, event.c.sequence <= chain.sequence
            )
            trail = b"".join(
                map(_short, connection.execute(passed.order_by(event.c.sequence)).scalars())
            )
    return Anchor(first, chain.sequence, chain.hash, now(), since, base64.b64encode(trail).decode())


def file_of(journal: Journal) -> Path | None:
    """Where the anchors of a journal are kept; None where it has no home."""
    if journal.home is None:
        return None
    if journal.path is not None:
        return journal.home / FILE_NAME
    url = journal.engine.url
    place = hashlib.sha256(f"{url.host}:{url.port}/{url.database}".encode()).hexdigest()[:12]
    return journal.home / f"anchors-{place}.jsonl"


def keep(journal: Journal) -> None:
    """Add the present anchor to the file beside the journal, with the trail since the one before
    it; a home that cannot be written to keeps none, and a garbled file is left as it is.
    """
    path = file_of(journal)
    if path is None:
        return
    try:
        before = kept(journal)
    except NotAnAnchor:
        return  # what is garbled stays an alarm
    except OSError:
        before = []
    anchor = head(journal, before[-1].sequence + 1 if before else 1)
    if anchor is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            if path.stat().st_size and not _ends_a_line(path):
                file.write(b"\n")
            file.write(json.dumps(asdict(anchor)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return


def write(anchor: Anchor, path: Path) -> None:
    """Export an anchor. Raises OSError."""
    path.write_text(json.dumps(asdict(anchor)) + "\n", encoding="utf-8")


def read(path: Path) -> list[Anchor]:
    """The anchors in a file. Raises OSError, NotAnAnchor."""
    try:
        lines = path.read_text("utf-8").splitlines()
        return [Anchor(**json.loads(line)) for line in lines if line.strip()]
    except (ValueError, TypeError):
        raise NotAnAnchor(str(path)) from None


def kept(journal: Journal) -> list[Anchor]:
    """The anchors in the file beside the journal. What a full disk or a power cut left half
    written is passed over: a last line, or one that breaks off, beside others that are whole. Any
    other line that is no anchor somebody garbled: raises NotAnAnchor, until a person settles it
    (see :func:`settle`). Raises OSError.
    """
    path = file_of(journal)
    if path is None or not path.exists():
        return []
    found = []
    lines = [line for line in path.read_text("utf-8", "replace").splitlines() if line.strip()]
    for line in lines:
        try:
            found.append(Anchor(**json.loads(line)))
        except (ValueError, TypeError):
            if not _was_cut(line):
                raise NotAnAnchor(str(path)) from None
    if lines and not found:
        raise NotAnAnchor(str(path))
    return found


def settle(journal: Journal) -> Path | None:
    """Put a garbled file of anchors aside and begin another one; answers where it lies now, None
    where it is not garbled. Raises OSError.
    """
    path = file_of(journal)
    try:
        kept(journal)
    except NotAnAnchor:
        assert path is not None
        aside = path.with_name(f"{path.stem}-{instant():%Y%m%d-%H%M%S}.garbled.jsonl")
        path.rename(aside)
        return aside
    return None


def _was_cut(line: str) -> bool:
    """Whether a line is the beginning of an anchor, as a write that broke off leaves it."""
    return _BEGINNING.startswith(line[: len(_BEGINNING)]) and not line.rstrip().endswith("}")


def check(journal: Journal, anchors: Iterable[Anchor]) -> Disagreement | None:
    """The first disagreement with some anchors, in the order of their sequence; None when all
    agree.
    """
    event = schema.event
    agreed = 0
    with journal.reading() as connection:
        first = connection.execute(sa.select(event.c.hash).where(event.c.sequence == 1)).scalar()
        for anchor in sorted(set(anchors), key=lambda anchor: anchor.sequence):
            if anchor.journal != first:
                return Disagreement(1, anchor.sequence, other=True)
            found = connection.execute(
                sa.select(event.c.hash).where(event.c.sequence == anchor.sequence)
            ).scalar()
            if found != anchor.hash:
                exact = _first_off_the_trail(connection, anchor)
                return (
                    Disagreement(exact, exact)
                    if exact
                    else Disagreement(agreed + 1, anchor.sequence)
                )
            agreed = anchor.sequence
    return None


def _first_off_the_trail(connection: sa.Connection, anchor: Anchor) -> int:
    """The first event that is not the one the trail saw; 0 where the trail cannot tell."""
    event = schema.event
    trail = base64.b64decode(anchor.trail)
    passed = sa.select(event.c.sequence, event.c.hash).where(
        event.c.sequence >= anchor.since, event.c.sequence <= anchor.sequence
    )
    there = {row.sequence: _short(row.hash) for row in connection.execute(passed)}
    for place in range(len(trail) // 4):
        if there.get(anchor.since + place) != trail[place * 4 : place * 4 + 4]:
            return anchor.since + place
    return 0


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _short(event_hash: str) -> bytes:
    return bytes.fromhex(event_hash[:8])
