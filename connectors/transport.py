"""One HTTP client for all connectors: pooling, time-outs, call budget, retry of reads, redaction of
secrets.

Reads are repeated on network failure, 5xx and 429 with exponential backoff and full jitter. Writes
are never repeated here: a write that got no usable answer raises :class:`Uncertain`, unless it
certainly never left (:class:`Unavailable`) or was refused at the door (:class:`Throttled`); what to
do next is the outbox's business.
"""

from __future__ import annotations

import email.utils
import hashlib
import html
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import tenacity
import truststore

from connectors.budget import CallBudget, NotNow
from connectors.errors import (
    ConnectorError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Uncertain,
)

T = TypeVar("T")

READ_ATTEMPTS = 6
LONGEST_WAIT = 300.0
LARGEST_ANSWER = 64 * 1024 * 1024
_THIS_MACHINE = ("all://127.0.0.1", "all://localhost", "all://[::1]")
"""Never asked through the system's proxy."""
_OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. ``read`` bounds the wait for an answer; large batches on a busy server need
    minutes.
    """

    connect: float = 10.0
    read: float = 120.0


@dataclass
class ServerClock:
    """How far the server's clock is from this machine's, by the ``Date`` of its last answer:
    ``ahead`` seconds, None before the first one.
    """

    ahead: float | None = None

    def see(self, headers: httpx.Headers) -> None:
        told = headers.get("Date", "")
        try:
            at = email.utils.parsedate_to_datetime(told)
        except (TypeError, ValueError):
            return
        self.ahead = at.replace(tzinfo=at.tzinfo or UTC).timestamp() + 0.5 - time.time()

    def now(self) -> datetime:
        """The present instant by the server, by this machine before it said anything."""
        return datetime.fromtimestamp(time.time() + (self.ahead or 0.0), UTC)


@dataclass
class Transport:
    """``secrets`` are masked in every error text. ``classify`` turns a 4xx answer into the error it
    means.
    """

    base_url: str
    timeouts: Timeouts = field(default_factory=Timeouts)
    budget: CallBudget = field(default_factory=lambda: CallBudget(0))
    classify: Callable[[httpx.Response], ConnectorError | None] | None = None
    sleep: Callable[[float], None] = time.sleep
    observe: Callable[[httpx.Headers], float] | None = None
    """Reads a vendor's limit headers of every answer: for how many seconds nothing may go out."""
    clock: ServerClock = field(default_factory=ServerClock)
    pinned: str = ""
    """The one certificate (PEM) that is trusted besides the system's, for a self-signed server a
    person has seen.
    """

    def __post_init__(self) -> None:
        self._secrets: set[str] = set()
        self._headers: dict[str, str] = {}
        limits = httpx.Timeout(self.timeouts.read, connect=self.timeouts.connect)
        self._client = httpx.Client(
            base_url=self.base_url,
            timeout=limits,
            verify=_trust(self.pinned),
            follow_redirects=False,
            http2=True,
            mounts=dict.fromkeys(_THIS_MACHINE),
        )

    def hide(self, secret: str) -> None:
        """From now on this text never appears in an error."""
        if secret:
            self._secrets.add(secret)

    def set_header(self, name: str, value: str) -> None:
        """Sent with every request from now on."""
        self._headers[name] = value

    def redact(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return text

    def read(self, method: str, path: str, **options: object) -> httpx.Response:
        """A request without effect on the server: repeated until it answers or the attempts are
        used up.
        """
        return self._repeated(self._once, method, path, **options)

    def read_json(self, method: str, path: str, **options: object) -> Any:
        """The same; an answer that is no JSON (a proxy's page, half a body) is none."""
        return self._repeated(self._once_json, method, path, **options)

    def write(self, method: str, path: str, **options: object) -> httpx.Response:
        """A request that may change something: sent once."""
        return self._once(method, path, **options)

    def write_json(self, method: str, path: str, **options: object) -> Any:
        """The same; an answer that is no JSON leaves it uncertain what happened."""
        return self._once_json(method, path, **options)

    def close(self) -> None:
        self._client.close()

    def _repeated(self, send: Callable[..., T], method: str, path: str, **options: object) -> T:
        waiting = tenacity.wait_random_exponential(multiplier=0.2, max=20)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return error.retry_after if isinstance(error, Throttled) else waiting(state)

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(READ_ATTEMPTS),
            wait=wait,
            retry=tenacity.retry_if_exception(_is_worth_waiting),
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return retrying(send, method, path, **options)
        except Uncertain as error:
            raise Unavailable(error.words, error.code) from error

    def _once_json(self, method: str, path: str, **options: object) -> Any:
        response = self._once(method, path, **options)
        try:
            return response.json()
        except ValueError:
            kind = response.headers.get("Content-Type", "?")
            raise Uncertain(
                f"HTTP {response.status_code} with something other than JSON ({kind})"
            ) from None

    def _once(self, method: str, path: str, **options: object) -> httpx.Response:
        try:
            self.budget.acquire()
        except NotNow as late:
            raise Throttled("the calls there may be are used up", "budget", late.seconds) from None
        try:
            response = self._send(method, path, **options)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
        ) as error:
            raise Unavailable(
                self.redact(str(error) or type(error).__name__), type(error).__name__
            ) from None
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
            raise Uncertain(
                self.redact(str(error) or type(error).__name__), type(error).__name__
            ) from None
        self.clock.see(response.headers)
        if self.observe and (wait := self.observe(response.headers)) > 0:
            self.budget.pause(wait)
        if response.is_success:
            return response
        raise self._error(response)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The whole answer, of at most :data:`LARGEST_ANSWER` bytes."""
        headers = {**self._headers, **options.pop("headers", {})}
        with self._client.stream(method, path, headers=headers, **options) as response:
            size = 0
            parts = []
            for part in response.iter_bytes():
                size += len(part)
                if size > LARGEST_ANSWER:
                    raise Uncertain(f"an answer of more than {LARGEST_ANSWER} bytes")
                parts.append(part)
        kept = [item for item in response.headers.multi_items() if item[0] not in _OF_THE_WIRE]
        return httpx.Response(
            response.status_code, headers=kept, content=b"".join(parts), request=response.request
        )

    def _error(self, response: httpx.Response) -> ConnectorError:
        error = self._meaning(response)
        error.words = self.redact(error.words)
        error.args = (error.words,)
        return error

    def _moved(self, response: httpx.Response) -> ConnectorError:
        """A proxy or the vendor points elsewhere: whether the request was carried out first nobody
        knows, so a write is looked up (a read is repeated and then told).
        """
        place = response.headers.get("Location", "?")
        words = self.redact(f"HTTP {response.status_code} to {place}; is the address right?")
        return Uncertain(words, str(response.status_code))

    def _meaning(self, response: httpx.Response) -> ConnectorError:
        words, status = self.redact(response.text[:2000].strip()), response.status_code
        if status == 429:
            told = self.classify(response) if self.classify else None
            if not isinstance(told, Throttled):
                told = Throttled(
                    words or "429 Too Many Requests", "429", retry_after(response.headers)
                )
            self.budget.pause(told.retry_after)
            return told
        if _is_page(response):
            words = _in_one_line(words)
        if status >= 500 or status == 408:
            error = self.classify(response) if self.classify else None
            return error or Uncertain(words or f"HTTP {status}", str(status))
        if 300 <= status < 400:
            return self._moved(response)
        if self.classify and (error := self.classify(response)):
            return error
        if status in (401, 403):
            return Unauthorized(words or f"HTTP {status}", str(status))
        return Rejected(words or f"HTTP {status}", str(status))


def _is_page(response: httpx.Response) -> bool:
    return "html" in response.headers.get("Content-Type", "").lower()


def _in_one_line(page: str) -> str:
    """What a person would read of a web page: its title, else its text, never its tags."""
    title = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    text = title[1] if title else re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())[:200]


def _is_worth_waiting(error: BaseException) -> bool:
    """Whether a read is repeated: not when the server (or the day's budget) asks for more than some
    minutes.
    """
    if isinstance(error, Throttled):
        return error.retry_after <= LONGEST_WAIT
    return isinstance(error, Unavailable | Uncertain)


def retry_after(headers: Mapping[str, str], default: float = 2.0) -> float:
    """Seconds to wait by ``Retry-After``, given in seconds or as an HTTP date; never negative."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return default
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(
            (email.utils.parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0
        )
    except (ValueError, TypeError):
        return default


def server_certificate(host: str, port: int) -> str:
    """The certificate a server shows, as PEM, unverified: to be shown to a person before it is
    pinned. Raises Unavailable.
    """
    try:
        return ssl.get_server_certificate((host, port), timeout=10.0)
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(str(error), type(error).__name__) from None


def fingerprint(certificate: str) -> str:
    """The SHA-256 of a certificate (PEM), in pairs as administrators read it out."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest().upper()
    return ":".join(digest[place : place + 2] for place in range(0, len(digest), 2))


def _trust(pinned: str) -> ssl.SSLContext:
    """The operating system's own trust store, so that a company's CA works as it does in its
    browsers; or exactly one certificate, whatever name it bears.
    """
    if not pinned:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context(cadata=pinned)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
