"""Sessions that end: a log-in before the first call, and once more when the target says it is
over.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from connectors.errors import Unauthorized
from connectors.oauth import Tokens
from connectors.transport import Transport


class Session(ABC):
    """Mixed into connectors that log in with a user and a secret."""

    _signed_in = False

    @abstractmethod
    def _log_in(self) -> None:
        """Open a session and let the transport carry it."""

    def _signed(self, send: Any, method: str, path: str, **options: Any) -> Any:
        """Call ``send``; logged in, and again after one new log-in. Raises Unauthorized when that
        is refused too.
        """
        if not self._signed_in:
            self._log_in()
            self._signed_in = True
        try:
            return send(method, path, **options)
        except Unauthorized:
            self._log_in()
            return send(method, path, **options)


class TokenSession:
    """Mixed into connectors that are signed in by OAuth tokens."""

    _tokens: Tokens
    _transport: Transport

    def _signed(self, send: Any, method: str, path: str, **options: Any) -> Any:
        """Call ``send`` with a living token, and once more with a renewed one. Raises Unauthorized
        when that is refused too.
        """
        self._tokens.sign(self._transport)
        try:
            return send(method, path, **options)
        except Unauthorized:
            self._tokens.renew(self._transport)
            return send(method, path, **options)
