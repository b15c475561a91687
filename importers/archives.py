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
    export = Export.of(path)
    try:
        content = export.content.unread()
        if not content.head.startswith(b"PK") or sniff(content) is not Container.ZIP:
            return [export]
        found = members(export.content.whole)
    except Unreadable:
        return [export]
    if len(found) == 1:
        return [export]
    return [Export(_last_name(name), content, f"{export.origin}!{name}") for name, content in found]


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
        raise Unreadable("damaged-workbook", reason=str(error)[:200]) from error


def _content(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Content:
    return Content(item.file_size, lambda: _parts_of(archive, item))


def _parts_of(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(item) as file:
        while part := file.read(PART):
            yield part


def only_member(data: bytes) -> tuple[str, Content]:
    """The file of a zip that holds just one. Raises Unreadable when there are several."""
    found = members(data)
    if len(found) != 1:
        names = ", ".join(_last_name(name) for name, _ in found[:5])
        raise Unreadable("zip-several", seen=len(found), names=names)
    name, content = found[0]
    return _last_name(name), content


def _last_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def _is_note(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or last in (".DS_Store", "Thumbs.db")
