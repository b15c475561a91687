"""Faults in front of a server that stands for itself: every request is handed on over loopback."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import httpx

from tests.connectors.fakes.server import Answer, Request, VendorServer

_UNUSED = ssl.create_default_context()
_OURS = ("host", "content-length", "connection", "accept-encoding")


class Front(VendorServer):
    """``writes`` tells requests that change something; ``ends`` ends the sessions of the server
    behind.
    """

    def __init__(
        self,
        server: Any,
        writes: Callable[[Request], bool],
        stop: Callable[[], None],
        ends: Callable[[], None],
    ) -> None:
        super().__init__()
        self.server, self._writes, self._stop, self.expire = server, writes, stop, ends  # type: ignore[method-assign]

    def is_write(self, request: Request) -> bool:
        return self._writes(request)

    def is_list(self, request: Request) -> bool:
        return (
            request.method == "GET"
            or b"search_read" in request.raw
            or request.path.endswith("/search_read")
        )

    def answer(self, request: Request) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name not in _OURS}
        found = httpx.request(
            request.method,
            self.server.url + request.path,
            params=dict(request.query),
            headers=headers,
            content=request.raw,
            trust_env=False,
            verify=_UNUSED,
        )
        return Answer(
            found.status_code, found.content, {"Content-Type": found.headers["Content-Type"]}
        )

    def stop(self) -> None:
        super().stop()
        self._stop()
