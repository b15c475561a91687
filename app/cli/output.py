"""What the commands print: results on standard output (text or JSON), everything else on standard
error.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from app import telling
from app.journal.errors import DatabaseError
from app.journal.roles import NotAllowed
from app.journal.store import Damaged, Unusable, unusable

T = TypeVar("T")


class Stop(Exception):
    """Ends a command with a message for the person and an exit status."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.message, self.status = message, status


def say(text: str = "") -> None:
    """A line of the result."""
    print(text)


def tell(text: str) -> None:
    """A line about the work, not part of the result."""
    print(text, file=sys.stderr)


def answer(as_json: bool, value: object, lines: Iterable[str]) -> None:
    """The result, as JSON or as lines for people."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False, default=str))
    else:
        for line in lines:
            print(line)


def table(rows: Sequence[Sequence[object]], right: Iterable[int] = ()) -> list[str]:
    """Rows as aligned text; ``right`` names the columns aligned to the right."""
    if not rows:
        return []
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in texts) for place in range(len(texts[0]))]
    to_right = set(right)
    return [
        "  ".join(
            cell.rjust(width) if place in to_right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in texts
    ]


def decided(decision: Callable[[], T], subject: str = "") -> T:
    """Run a decision of a person; ends the command in words where it cannot be taken."""
    try:
        return decision()
    except Exception as error:
        told = telling.tell(error)
        if not told:
            raise
        said = " ".join(filter(None, (told, hint_of(error))))
        raise Stop(f"{subject}: {said}" if subject else said) from None


def hint_of(error: BaseException) -> str:
    """The commands that help, which only the command line names."""
    match error:
        case NotAllowed():
            return "(cuadre role list)"
        case DatabaseError():
            return hint_of(unusable(error.orig))
        case Unusable() if type(error) in (Unusable, Damaged):
            return "(cuadre journal restore, cuadre journal recover, --home)"
    return ""


class ProgressLine:
    """One line that renews itself on a terminal; silent elsewhere. Shown after half a second."""

    def __init__(self, label: str) -> None:
        self._label, self._start, self._last = label, time.monotonic(), 0.0
        self._visible = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> bool:
        now = time.monotonic()
        if self._visible and now - self._start > 0.5 and now - self._last > 0.1:
            self._last = now
            rate = done / (now - self._start)
            left = f"{(total - done) / rate:.0f} s" if rate and total >= done else "…"
            print(
                f"\r{self._label}: {done:,} / {total:,}  ({rate:,.0f}/s, {left})   ",
                end="",
                file=sys.stderr,
            )
        return True

    def close(self) -> None:
        if self._visible and self._last:
            print(file=sys.stderr)
