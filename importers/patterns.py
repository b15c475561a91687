"""The patterns of layouts, asked with a limit of time: one that backtracks without end, in a layout
somebody wrote, must not hang whoever opens a file.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import regex

from importers.unreadable import Unreadable

SECONDS = 1.0
"""A pattern that needs longer for one text is a mistake."""


NotAPattern = regex.error
"""What a text raises that is no pattern."""


def check(pattern: str) -> None:
    """Raises NotAPattern."""
    _compiled(pattern, False)


def match(pattern: str, text: str, *, ignore_case: bool = False) -> Any:
    """The match at the text's start, or None. Raises Unreadable where it takes too long."""
    try:
        return _compiled(pattern, ignore_case).match(text, timeout=SECONDS)
    except TimeoutError:
        raise _slow(pattern) from None


def fullmatch(pattern: str, text: str) -> Any:
    """The match of the whole text, or None. Raises Unreadable where it takes too long."""
    try:
        return _compiled(pattern, False).fullmatch(text, timeout=SECONDS)
    except TimeoutError:
        raise _slow(pattern) from None


def search(pattern: str, text: str) -> Any:
    """The first match anywhere, or None. Raises Unreadable where it takes too long."""
    try:
        return _compiled(pattern, False).search(text, timeout=SECONDS)
    except TimeoutError:
        raise _slow(pattern) from None


def _slow(pattern: str) -> Unreadable:
    return Unreadable("slow-pattern", seen=pattern[:80])


@lru_cache(maxsize=512)
def _compiled(pattern: str, ignore_case: bool) -> Any:
    return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
