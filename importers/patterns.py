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


class SlowPattern(Unreadable):
    """A pattern did not come to an end in time."""

    def __init__(self, pattern: str) -> None:
        super().__init__("slow-pattern", seen=pattern[:80])


def match(pattern: str, text: str, *, ignore_case: bool = False) -> Any:
    """The match at the text's start, or None. Raises SlowPattern."""
    try:
        return _compiled(pattern, ignore_case).match(text, timeout=SECONDS)
    except TimeoutError:
        raise SlowPattern(pattern) from None


def fullmatch(pattern: str, text: str) -> Any:
    """The match of the whole text, or None. Raises SlowPattern."""
    try:
        return _compiled(pattern, False).fullmatch(text, timeout=SECONDS)
    except TimeoutError:
        raise SlowPattern(pattern) from None


def search(pattern: str, text: str) -> Any:
    """The first match anywhere, or None. Raises SlowPattern."""
    try:
        return _compiled(pattern, False).search(text, timeout=SECONDS)
    except TimeoutError:
        raise SlowPattern(pattern) from None


@lru_cache(maxsize=512)
def _compiled(pattern: str, ignore_case: bool) -> Any:
    return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
