"""The bytes of a file, wherever they are kept: whole for what must be parsed at once, in blocks of
whole lines for text, so that a file of any size is read in constant memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from importers.unreadable import Unreadable

PART = 1024 * 1024
HEAD = 65536
BLOCK = 32 * 1024
"""Bytes of a block of lines: small enough that what is made of it stays in the processor's cache.
"""
LONGEST_LINE = 8 * 1024 * 1024
"""A line longer than this is no line of an export; bytes."""


class Content:
    """``parts`` gives the bytes in order, in parts of any length, as often as it is called;
    ``size`` is their sum.
    """

    def __init__(self, size: int, parts: Callable[[], Iterable[bytes]]) -> None:
        self.size = size
        self.parts = parts

    @classmethod
    def of(cls, data: bytes) -> Content:
        """Bytes already in memory."""
        content = cls(
            len(data), lambda: (data[start : start + PART] for start in range(0, len(data), PART))
        )
        content.__dict__["whole"] = data
        return content

    @classmethod
    def open(cls, path: Path) -> Content:
        """A file, read anew each time. Raises OSError when it cannot be opened."""
        with path.open("rb") as file:
            size = file.seek(0, 2)
        return cls(size, lambda: _parts_of(path))

    def unread(self) -> Content:
        """The same bytes with nothing of them in memory, to look at one of many."""
        return Content(self.size, self.parts)

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        return self._at_least(HEAD)[:HEAD]

    @cached_property
    def whole(self) -> bytes:
        """All bytes at once; for workbooks and XML."""
        return b"".join(self.parts())

    def blocks(
        self, newline: bytes = b"\n", longest: int = LONGEST_LINE
    ) -> Iterator[tuple[int, bytes]]:
        """Offset and bytes of blocks that end with a newline (the last may not). A newline of two
        or four bytes (of UTF-16, UTF-32) is looked for at its own places only. Raises Unreadable on
        a line without end.
        """
        offset, waiting, size = 0, [], 0
        for part in self._small_parts():
            waiting.append(part)
            size += len(part)
            if newline[-1:] not in part and newline[:1] not in part:
                if size > longest:
                    raise Unreadable("endless-line", seen=size, offset=offset)
                continue
            block = b"".join(waiting)
            end = _last_end(block, newline)
            if end:
                yield offset, block[:end]
                offset += end
            waiting = [block[end:]]
            size = len(waiting[0])
            if size > longest:
                raise Unreadable("endless-line", seen=size, offset=offset)
        if size:
            yield offset, b"".join(waiting)

    def _small_parts(self) -> Iterator[bytes]:
        for part in self.parts():
            for start in range(0, len(part), BLOCK):
                yield part[start : start + BLOCK]

    def watched(self, seen: Callable[[], None]) -> Content:
        """The same content; ``seen`` is called before each part is handed out, and may raise to
        stop whoever reads.
        """

        def parts() -> Iterator[bytes]:
            for part in self.parts():
                seen()
                yield part

        return Content(self.size, parts)

    def ends_with(self, *endings: bytes) -> bool:
        tail = b""
        for part in self.parts():
            tail = (tail + part)[-8:]
        return tail.endswith(endings)

    def holds(self, byte: bytes) -> bool:
        """Whether a byte stands anywhere."""
        return any(byte in part for part in self.parts())

    def is_only_zeros(self) -> bool:
        return not any(part.strip(b"\0") for part in self.parts())

    def _at_least(self, length: int) -> bytes:
        found = b""
        for part in self.parts():
            found += part
            if len(found) >= length:
                break
        return found


def _parts_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(PART):
            yield part


def _last_end(block: bytes, newline: bytes) -> int:
    """Where the last line that is complete ends; 0 when none is."""
    width = len(newline)
    place = block.rfind(newline)
    while place > 0 and place % width:
        place = block.rfind(newline, 0, place + width - 1)
    return place + width if place >= 0 and place % width == 0 else 0
