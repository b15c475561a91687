"""The untouched originals: the bytes of every file, addressed by their SHA-256, compressed in parts
inside the journal.

They live in the journal itself so that one transaction, one backup and one shared database hold
file and lines together. A journaled line of a text keeps only its place; :func:`bytes_at` answers
its bytes.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache

import sqlalchemy as sa
import zstandard

from app.journal import schema
from app.journal.store import Journal, moment
from app.translation import QT_TRANSLATE_NOOP, translate
from importers.content import PART, Content

_LEVEL = 1
"""Of zstandard: a pólizas TXT shrinks thirteenfold at a gigabyte a second; more costs time and
gains little.
"""


class Changed(OSError):
    """The file changed while it was being read; nothing of it was journaled."""


def sha256(content: Content) -> str:
    digest = hashlib.sha256()
    for part in content.parts():
        digest.update(part)
    return digest.hexdigest()


def keep(
    connection: sa.Connection, file_id: int, content: Content, expected: str, name: str
) -> None:
    """Store a file's bytes inside the caller's transaction. Raises Changed, with the file's
    ``name``, when they are no longer those of ``expected`` (SHA-256).
    """
    digest, compressor = hashlib.sha256(), zstandard.ZstdCompressor(level=_LEVEL)
    rows = []
    for number, part in enumerate(_equal_parts(content)):
        digest.update(part)
        rows.append({"file_id": file_id, "part": number, "data": compressor.compress(part)})
        if len(rows) == 16:
            connection.execute(schema.original.insert(), rows)
            rows = []
    if rows:
        connection.execute(schema.original.insert(), rows)
    if digest.hexdigest() != expected:
        text = QT_TRANSLATE_NOOP(
            "verify",
            "It changed while it was being read; nothing of it was kept. Close the program that"
            " writes it.",
        )
        raise Changed(errno.EAGAIN, translate("verify", text), name)


def settle(connection: sa.Connection, content: Content, digest: str, name: str, origin: str) -> int:
    """The number of a file in the journal, whose bytes are kept with it: the one with this SHA-256,
    or a new one. Raises Changed.
    """
    table = schema.file
    known = connection.execute(sa.select(table.c.id).where(table.c.sha256 == digest)).scalar()
    if known is None:
        values = {
            "sha256": digest,
            "name": name,
            "path": origin,
            "size": content.size,
            "first_seen_at": moment(connection),
        }
        key = connection.execute(table.insert().values(**values)).inserted_primary_key
        assert key is not None
        known = int(key[0])
        keep(connection, known, content, digest, name)
    elif is_gone(connection, known, content.size):
        keep(connection, known, content, digest, name)
    return int(known)


def open_original(
    read: Callable[[sa.Select[tuple[bytes]]], bytes | None], file_id: int, size: int
) -> Content:
    """The content of a stored file; ``read`` runs a query for one part."""

    def parts() -> Iterator[bytes]:
        for number in range(-(-size // PART)):
            yield _unpacked(read(_select(file_id, number)))

    return Content(size, parts)


def bytes_at(connection: sa.Connection, file_id: int, offset: int, length: int) -> bytes:
    """``length`` bytes of a stored file from ``offset``."""
    first, last = offset // PART, (offset + length - 1) // PART
    found = b"".join(
        _unpacked(_read(connection, file_id, number)) for number in range(first, last + 1)
    )
    return found[offset - first * PART : offset - first * PART + length]


def is_whole(connection: sa.Connection, file_id: int, size: int, expected: str) -> bool:
    """Whether the stored bytes are still those of the SHA-256, and no part more."""
    part = schema.original.c.part
    query = sa.select(sa.func.max(part)).where(schema.original.c.file_id == file_id)
    highest = connection.execute(query).scalar()
    if highest is not None and highest >= max(-(-size // PART), 1):
        return False
    try:
        content = open_original(lambda query: connection.execute(query).scalar(), file_id, size)
        return sha256(content) == expected
    except (zstandard.ZstdError, LookupError):
        return False


def is_gone(connection: sa.Connection, file_id: int, size: int) -> bool:
    """Whether a file that is known has no stored bytes any more (they were archived)."""
    query = sa.select(schema.original.c.part).where(schema.original.c.file_id == file_id).limit(1)
    return size > 0 and connection.execute(query).first() is None


def _equal_parts(content: Content) -> Iterator[bytes]:
    """The bytes in parts of exactly :data:`PART`, but for the last."""
    rest = b""
    for part in content.parts():
        rest = rest + part if rest else part
        while len(rest) >= PART:
            yield rest[:PART]
            rest = rest[PART:]
    if rest:
        yield rest


def _select(file_id: int, part: int) -> sa.Select[tuple[bytes]]:
    table = schema.original
    return sa.select(table.c.data).where(table.c.file_id == file_id, table.c.part == part)


def _read(connection: sa.Connection, file_id: int, part: int) -> bytes | None:
    return connection.execute(_select(file_id, part)).scalar()


def _unpacked(data: bytes | None) -> bytes:
    if data is None:
        raise LookupError("a part of the original is gone")
    return _decompress(data)


@lru_cache(maxsize=4)
def _decompress(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=PART)


def whole(journal: Journal, digest: str) -> bytes:
    """The bytes of a kept file by their SHA-256. Raises LookupError."""
    table = schema.file
    with journal.reading() as connection:
        row = connection.execute(sa.select(table).where(table.c.sha256 == digest)).first()
        if row is None:
            raise LookupError(digest)
        content = open_original(lambda query: connection.execute(query).scalar(), row.id, row.size)
        return b"".join(content.parts())
