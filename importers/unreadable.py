"""The exception of a file that cannot be read."""

from __future__ import annotations


class Unreadable(Exception):
    """The file as a whole cannot be read; ``code`` and ``parameters`` are those of a finding."""

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters
