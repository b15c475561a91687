"""Whether a file somebody else writes is whole: nobody holds it open, and its content closes."""

from __future__ import annotations

import os
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

_TAIL = 64 * 1024
_ROOT = re.compile(rb"<([A-Za-z_][\w.\-:]*)[\s/>]")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ALONE = re.compile(rb"(?:<\?[^>]*\?>\s*)?<[^<>]*/>")
"""A document that is nothing but an empty root."""
_DBASE = frozenset({0x02, 0x03, 0x30, 0x31, 0x43, 0x63, 0x83, 0x8B, 0xCB, 0xF5, 0xFB})
_SHARING = (32, 33)
"""ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION: somebody has it open."""


def is_open_elsewhere(path: Path) -> bool:
    """Whether another process has the file open, as far as the system lets one know: on Windows by
    opening it for ourselves alone (``CreateFileW`` with no sharing); elsewhere there is no such
    lock.
    """
    if os.name != "nt":
        return False
    import ctypes

    windows: Any = ctypes
    kernel = windows.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = ctypes.c_void_p
    handle = kernel.CreateFileW(str(path), 0x80000000, 0, None, 3, 0, None)
    if handle == ctypes.c_void_p(-1).value:
        return bool(windows.get_last_error() in _SHARING)
    kernel.CloseHandle(ctypes.c_void_p(handle))
    return False


def closes(path: Path) -> bool:
    """Whether the content of a file comes to its end: a zip has its directory and every member is
    what it says, an XML ends with its root, a table of dBASE has the rows it states, a text ends
    its last line. An empty file does not. Raises OSError.
    """
    size = path.stat().st_size
    if not size:
        return False
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(size - _TAIL, 0))
        tail = file.read()
    if head.startswith(b"PK"):
        return _zip_closes(path)
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if plain.startswith(b"<"):
        return _xml_closes(plain, tail.replace(b"\0", b""))
    if path.suffix.lower() == ".dbf" and head[0] in _DBASE:
        return _table_closes(head, size)
    if path.suffix.lower() in (".pdf",):
        return b"%%EOF" in tail
    return tail.rstrip(b"\0")[-1:] in (b"\n", b"\r", b"\x1a")


def _zip_closes(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        return False


def _xml_closes(head: bytes, tail: bytes) -> bool:
    root = _ROOT.search(head)
    end = tail.rstrip()
    if root is None or not end.endswith(b">"):
        return False
    without_comments = _COMMENT.sub(b"", end).rstrip()
    alone = _ALONE.fullmatch(head.rstrip()) is not None
    return alone or without_comments.endswith(b"</" + root[1] + b">")


def _table_closes(head: bytes, size: int) -> bool:
    rows, start, width = struct.unpack_from("<IHH", head, 4)
    return bool(size >= start + rows * width)
