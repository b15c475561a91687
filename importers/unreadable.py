"""The exception of a file that cannot be read."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Unreadable(Exception):
    """The file as a whole cannot be read; ``code`` and ``parameters`` are those of a finding."""

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


STUMBLES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a mistake of a reader's own raises. One file must not stop the others of a folder, nor be
lost: it is refused, with the place for whoever mends it.
"""


@contextmanager
def stumbling() -> Iterator[None]:
    """Raises Unreadable for whatever a reader stumbles over."""
    try:
        yield
    except STUMBLES as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{last.filename.rpartition('importers')[2] or last.filename}:{last.lineno}"
        reason = f"{type(error).__name__} {place.lstrip('/')}"
        raise Unreadable("reader-failed", reason=reason) from error
