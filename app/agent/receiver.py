"""The receiver of webhooks: a small HTTP server that keeps what comes and knows no target's
password.

It listens on the loopback interface, behind the firm's proxy or tunnel, which does TLS. Cheap
refusals come first: path, size, rate, signature over the raw bytes; only then is anything parsed.
200 is answered once a delivery is durable, 503 while it cannot be made so. Of what is refused only
counts are kept.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import waitress.channel
import waitress.parser
import waitress.server
from waitress.parser import ParsingError

from app.agent.rates import Bucket
from app.inbox import doors, receiving
from app.journal import Journal, endpoints, events, figures, inbox
from app.journal.errors import DatabaseError
from app.journal.inbox import State
from app.journal.rows import EndpointRow
from connectors.webhooks import SCHEMES, Delivery

LARGEST_BODY = 1024 * 1024
LARGEST_HEADERS = 16 * 1024
SILENCE = 5
"""Seconds after which a connection that says nothing is closed."""
THREADS = 8
MOST_WAITING = 100_000
LEAST_DISK = 1024**3
DOOR_RATE, DOOR_BURST = 50.0, 500.0
UNSIGNED_RATE, UNSIGNED_BURST = 100.0, 500.0
"""Of all doors together that anybody who knows a path may knock at."""
_FRESH = 5.0
"""Seconds a look at doors, keys and room is believed."""
_TOLD_EVERY = 60.0
PATIENCE = 3.0
"""Seconds a writer that holds the journal is waited for: vendors wait no longer."""
_LOG = logging.getLogger("cuadre.receiver")
_PREFIX = "/in/"
_LINES = {
    200: "200 OK",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    413: "413 Payload Too Large",
    415: "415 Unsupported Media Type",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}
Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], object]


@dataclass
class _Known:
    """A door with its keys and its rate, and when that was looked up."""

    door: EndpointRow | None
    keys: list[str]
    at: float
    rate: Bucket = field(default_factory=lambda: Bucket(DOOR_RATE, DOOR_BURST))


class Receiver:
    """The WSGI application. ``now`` is in seconds since 1970, ``elapsed`` a clock that never goes
    back.
    """

    def __init__(
        self,
        journal: Journal,
        now: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal, self._now, self._elapsed = journal, now, elapsed
        self._doors: dict[str, _Known] = {}
        self._unsigned = Bucket(UNSIGNED_RATE, UNSIGNED_BURST)
        self._lock = threading.Lock()
        self._room_at, self._has_room = float("-inf"), True
        self._refused: dict[str, int] = {}
        self._late = 0.0
        journal.be_impatient(PATIENCE)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        try:
            status = self._answer(environ)
        except Exception as error:  # never with the path, which has the token in it
            _LOG.error("a delivery failed: %s", type(error).__name__)
            status = 503
        headers = [("Content-Length", "0")]
        if status in (429, 503):
            headers.append(("Retry-After", "30"))
        start(_LINES[status], headers)
        return [b""]

    def flush(self) -> None:
        """Keep the counts of what was refused."""
        with self._lock:
            refused, self._refused = self._refused, {}
            late, self._late = self._late, 0.0
        if not refused:
            return
        figures.add(self._journal, {(name, "refused"): n for name, n in refused.items()})
        said = {"count": sum(refused.values()), "connections": sorted(refused)}
        clock = {"late": round(late)} if late else {}
        events.record(self._journal, "receiver.refused", "receiver", **said, **clock)

    def _answer(self, environ: Environ) -> int:
        path = str(environ.get("PATH_INFO", ""))
        if path == "/health":
            return self._health(environ)
        known = self._door(path)
        if environ["REQUEST_METHOD"] != "POST" or known is None or known.door is None:
            return 404
        if environ.get("HTTP_CONTENT_ENCODING", "identity") not in ("", "identity"):
            return 415
        if not self._is_in_time(known):
            return 429
        if not self._room():
            return 503
        body = environ["wsgi.input"].read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            return 413
        query = environ.get("QUERY_STRING", "")
        url = f"{known.door.public_url}{path}" + (f"?{query}" if query else "")
        delivery = Delivery(body, _headers(environ), url, self._now())
        return self._keep(known, known.door, delivery)

    def _keep(self, known: _Known, door: EndpointRow, delivery: Delivery) -> int:
        try:
            answer = receiving.receive(self._journal, door, known.keys, delivery)
        except (DatabaseError, OSError):
            return 503
        if answer.status == 401:
            self._count(door.connection, answer.late)
        return answer.status

    def flush_until(self, stop: threading.Event) -> None:
        """Keep the counts every minute, apart from whoever waits for an answer."""
        while not stop.wait(_TOLD_EVERY):
            try:
                self.flush()
            except (DatabaseError, OSError) as error:
                _LOG.error("counts are not kept: %s", type(error).__name__)

    def _count(self, name: str, late: float) -> None:
        with self._lock:
            self._refused[name] = self._refused.get(name, 0) + 1
            self._late = late or self._late

    def _door(self, path: str) -> _Known | None:
        """By the hash of the token, so that no comparison tells how much of it was right."""
        if not path.startswith(_PREFIX):
            return None
        token = doors.digest(path.removeprefix(_PREFIX))
        at = self._elapsed()
        known = self._doors.get(token)
        if known is not None and at - known.at < _FRESH:
            return known
        row = endpoints.of_token(self._journal, token)
        if row is None:
            self._doors.pop(token, None)
            return None
        fresh = _Known(row, doors.keys_of(self._journal, row), at)
        fresh.rate = known.rate if known else fresh.rate
        self._doors[token] = fresh
        return fresh

    def _is_in_time(self, known: _Known) -> bool:
        at = self._elapsed()
        with self._lock:
            if not known.rate.take(at):
                return False
            is_signed = known.door is not None and SCHEMES[known.door.vendor].is_signed
            return is_signed or self._unsigned.take(at)

    def _room(self) -> bool:
        """Whether there is room for more: rows nobody has looked at, and the disk."""
        at = self._elapsed()
        if at - self._room_at > _FRESH:
            self._room_at = at
            try:
                waiting = inbox.counts(self._journal)[State.NEW]
                place = self._journal.path
                is_low = place is not None and shutil.disk_usage(place.parent).free < LEAST_DISK
                self._has_room = waiting <= MOST_WAITING and not is_low
            except (DatabaseError, OSError):
                self._has_room = False
        return self._has_room

    def _health(self, environ: Environ) -> int:
        """For whoever watches it on this machine; nobody else learns that it is here."""
        is_own = environ.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
        if not is_own or "HTTP_X_FORWARDED_FOR" in environ:
            return 404
        return 200 if self._room() else 503


class _Parser(waitress.parser.HTTPRequestParser):  # type: ignore[misc]
    """Refuses what two servers may understand in two ways."""

    def parse_header(self, header_plus: bytes) -> None:
        lines = header_plus.lower().split(b"\r\n")
        has_length = any(line.startswith(b"content-length:") for line in lines)
        if has_length and any(line.startswith(b"transfer-encoding:") for line in lines):
            raise ParsingError("a length and a transfer encoding")
        super().parse_header(header_plus)


class _Channel(waitress.channel.HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser


def make_server(receiver: Receiver, host: str, port: int) -> waitress.server.TcpWSGIServer:
    """A server that has bound its address; ``run()`` serves until the process is told to stop.
    Raises OSError where the address is taken.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.server.create_server(
        receiver,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        expose_tracebacks=False,
        max_request_body_size=LARGEST_BODY,
        max_request_header_size=LARGEST_HEADERS,
        channel_timeout=SILENCE,
        cleanup_interval=2,
        connection_limit=200,
        clear_untrusted_proxy_headers=False,
    )
    server.channel_class = _Channel
    return server


def _headers(environ: Environ) -> dict[str, str]:
    """By lower-case name, as WSGI gives them; one that came twice is both, with a comma between."""
    return {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
