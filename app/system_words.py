"""Errors of the operating system about a file, in words of this program and not of the system,
whose own may be in another language and name no remedy.
"""

from __future__ import annotations

import errno

from app.translation import QT_TRANSLATE_NOOP, translate

_OPEN_ELSEWHERE = frozenset({32, 33})
"""Windows: ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION."""
_WORDS = {
    errno.EACCES: QT_TRANSLATE_NOOP(
        "system",
        "it may not be opened: it is open in another program, such as Excel, or this user may not."
        " Close it there and try again.",
    ),
    errno.ENOENT: QT_TRANSLATE_NOOP("system", "it is not there."),
    errno.ENOTDIR: QT_TRANSLATE_NOOP("system", "it is not there: a part of its path is a file."),
    errno.EISDIR: QT_TRANSLATE_NOOP("system", "it is a folder."),
    errno.ENOSPC: QT_TRANSLATE_NOOP("system", "the disk is full."),
    errno.EROFS: QT_TRANSLATE_NOOP("system", "the disk can only be read."),
    errno.EEXIST: QT_TRANSLATE_NOOP("system", "it is there already."),
    errno.ENAMETOOLONG: QT_TRANSLATE_NOOP("system", "its name is too long."),
    errno.EADDRINUSE: QT_TRANSLATE_NOOP("system", "another program listens there."),
    errno.EIO: QT_TRANSLATE_NOOP("system", "the disk or the network cannot read or write it."),
}
_WORDS[errno.EPERM] = _WORDS[errno.EACCES]


def system_words(error: OSError) -> str:
    """What went wrong and what to do, in the current language; the system's own words where it is
    something rare.
    """
    number = error.errno
    if getattr(error, "winerror", None) in _OPEN_ELSEWHERE:
        number = errno.EACCES
    known = _WORDS.get(number) if number is not None else None
    return translate("system", known) if known else str(error.strerror or error)
