"""What a person gives to be read: a file, the files in a zip, or those in a folder.

Zips are unpacked in memory and within bounds; the names in them are never used as paths.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from importers.content import PART, Content
from importers.tables import DAMAGED, LARGEST_UNPACKED, Container, check_size, sniff
from importers.unreadable import Unreadable

MOST_MEMBERS = 200_000
DEEPEST_ZIP = 3
"""Zips in zips are opened so deep: a portal's download of mails of invoices has two."""


@dataclass(frozen=True)
class Export:
    """One exported file. ``origin`` says where it was found: a path, and behind a ``!`` the member
    of a zip.
    """

    name: str
    content: Content
    origin: str

    @classmethod
    def of(cls, path: Path) -> Export:
        """Raises OSError when the file cannot be opened."""
        return cls(path.name, Content.open(path), str(path.resolve()))


def exports_in(path: Path) -> list[Export]:
    """The files a path stands for, in the order of their names: itself, all files of a folder and
    its folders (hidden ones left out), each file of a zip that holds several. A zip that cannot be
    opened stands for itself, so that its reading says why. Raises OSError when something cannot be
    opened.
    """
    if path.is_dir():
        files = sorted(
            file
            for file in path.rglob("*")
            if file.is_file() and not _is_hidden(file.relative_to(path))
        )
        return list(chain.from_iterable(map(exports_in, files)))
    return list(_unpacked(Export.of(path)))


def _unpacked(export: Export, depth: int = 0) -> Iterator[Export]:
    """The files of a zip and of the zips in it; one that holds a single file, or cannot be opened,
    stands for itself.
    """
    found = _members_of(export) if depth < DEEPEST_ZIP else []
    if not found or (len(found) == 1 and not _begins_as_zip(found[0][1])):
        yield export
        return
    for name, inner in found:
        yield from _unpacked(Export(_last_name(name), inner, f"{export.origin}!{name}"), depth + 1)


def _members_of(export: Export) -> list[tuple[str, Content]]:
    """The files in a zip; none where it is no zip or cannot be opened."""
    try:
        if _begins_as_zip(export.content) and sniff(export.content.unread()) is Container.ZIP:
            return members(export.content.whole)
    except Unreadable:
        pass
    return []


def _begins_as_zip(content: Content) -> bool:
    return content.unread().head.startswith(b"PK")


def members(data: bytes) -> list[tuple[str, Content]]:
    """Name (with its folders) and content of each file in a zip, in its order; folders and the
    notes a Mac leaves are no files. Each is unpacked once here, so that a zip that lies is found
    out, and again whenever it is read. Raises Unreadable for a bomb, a damaged or protected zip, or
    one with nothing in it.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        files = [
            item for item in archive.infolist() if not item.is_dir() and not _is_note(item.filename)
        ]
        if not files:
            raise Unreadable("zip-empty")
        if len(files) > MOST_MEMBERS:
            names = _last_name(files[0].filename)
            raise Unreadable("zip-several", seen=len(files), names=names)
        left = LARGEST_UNPACKED
        for item in files:
            check_size(item.file_size, item.compress_size)
            left -= sum(map(len, _parts_of(archive, item)))
            if left < 0:
                raise Unreadable("zip-too-large", seen=LARGEST_UNPACKED - left)
        return [(item.filename, _content(archive, item)) for item in files]
    except DAMAGED as error:
        raise Unreadable("damaged-zip", reason=str(error)[:200]) from error


def _content(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Content:
    return Content(item.file_size, lambda: _parts_of(archive, item))


def _parts_of(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(item) as file:
        while part := file.read(PART):
            yield part


def only_member(data: bytes, depth: int = 0) -> tuple[str, Content]:
    """The file of a zip that holds just one, itself perhaps a zip of one. Raises Unreadable when
    there are several.
    """
    found = members(data)
    if len(found) != 1:
        names = ", ".join(_last_name(name) for name, _ in found[:5])
        raise Unreadable("zip-several", seen=len(found), names=names)
    name, content = found[0]
    if depth < DEEPEST_ZIP and sniff(content) is Container.ZIP:
        return only_member(content.whole, depth + 1)
    return _last_name(name), content


def _last_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def _is_note(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or last in (".DS_Store", "Thumbs.db")
