"""What can go wrong with a target, told apart by what has to be done about it::

    ConnectorError
    ├── Rejected       the document is wrong: never repeat
    │   └── PeriodClosed   its period is locked: report, never move the date
    ├── Conflict       it exists already: read, compare, adopt or report
    ├── Throttled      wait what the server says
    ├── Unavailable    nothing happened for certain: repeat with backoff
    ├── Uncertain      something may have happened: look up before anything else
    └── Unauthorized   log in again once, then ask the person

``words`` are the server's own, with secrets removed.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of all; ``code`` is the server's own error code or exception name, empty when it gave
    none.
    """

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.code = code


class Rejected(ConnectorError):
    pass


class PeriodClosed(Rejected):
    pass


class Conflict(ConnectorError):
    pass


class Throttled(ConnectorError):
    """``retry_after`` is in seconds."""

    def __init__(self, words: str, code: str = "", retry_after: float = 1.0) -> None:
        super().__init__(words, code)
        self.retry_after = retry_after


class Unavailable(ConnectorError):
    pass


class Uncertain(ConnectorError):
    pass


class Unauthorized(ConnectorError):
    pass
