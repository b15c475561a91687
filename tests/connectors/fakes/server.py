"""What every stand-in shares: a real HTTP server, faults on demand, a clock that can be moved, and
a log of calls.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    raw: bytes = b""


@dataclass
class Answer:
    """``content`` is sent as JSON, or as it is when it is bytes."""

    status: int = 200
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class VendorServer(ABC):
    """A vendor. Subclasses answer; ``faults`` are taken by writes in order: ``lose`` (done, answer
    lost), ``before`` and ``after`` (5xx before and after the commit), ``throttle``, ``html``,
    ``expire`` (the session ends).
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.requests: list[Request] = []
        self.lock = threading.RLock()
        self.offset = 0.0
        self.before_list: Callable[[], None] = lambda: None
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        server.vendor = self  # type: ignore[attr-defined]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def now(self) -> float:
        return time.time() + self.offset

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """The vendor's own answer, committed when this returns."""

    def throttled(self) -> Answer:
        return Answer(429, {"message": "too many requests"}, {"Retry-After": "1"})

    def broken(self) -> Answer:
        return Answer(500, {"message": "internal"})

    def expire(self) -> None:
        """Sessions end, where the vendor has any."""
        raise AssertionError(f"{type(self).__name__} has no sessions")

    def is_write(self, request: Request) -> bool:
        return request.method in ("POST", "PUT", "PATCH")

    def is_list(self, request: Request) -> bool:
        """Whether somebody is going through a listing right now."""
        return request.method == "GET"

    def respond(self, request: Request) -> Answer | None:
        """None when the answer is lost."""
        if self.is_list(request):
            self.before_list()
        with self.lock:
            self.requests.append(request)
            fault = self.faults.pop(0) if self.faults and self.is_write(request) else ""
            if fault == "before":
                return self.broken()
            if fault == "throttle":
                return self.throttled()
            if fault == "expire":
                self.expire()
            found = self.answer(request)
            if fault == "lose":
                return None
            if fault == "after":
                return self.broken()
            if fault == "html":
                return Answer(200, b"<html>proxy</html>", {"Content-Type": "text/html"})
            return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        vendor: VendorServer = self.server.vendor  # type: ignore[attr-defined]
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = urlsplit(self.path)
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = dict(parse_qsl(raw.decode("utf-8", "replace")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(target.query, keep_blank_values=True))
        found = vendor.respond(Request(self.command, target.path, query, headers, body, raw))
        if found is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        is_raw = isinstance(found.content, bytes)
        payload = (
            found.content if is_raw else json.dumps(found.content, ensure_ascii=False).encode()
        )
        if found.content is None:
            payload = b""
        self.send_response(found.status)
        if "Content-Type" not in found.headers:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        for name, value in found.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)
