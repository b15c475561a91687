"""OAuth 2 as a desktop meets it: authorisation code with PKCE through the browser on a loopback
port, and refresh tokens that rotate.

A new refresh token is handed to ``keep`` before the new access token is used, so that a crash in
between loses nothing.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from connectors.errors import Rejected, Unauthorized, Unavailable, Uncertain
from connectors.listening import OwnPort
from connectors.transport import Timeouts, Transport

EARLY = 60.0
"""Seconds before its end that an access token is renewed."""
PORTS = (8888, 8889, 8890)


@dataclass(frozen=True, slots=True)
class Provider:
    """``extra`` go into the address of the log-in; ``secret`` only where the vendor insists on
    one.
    """

    authorize: str
    token: str
    client_id: str
    scopes: str
    secret: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Tokens:
    """The tokens of one connection. ``keep`` stores the refresh token durably (the operating
    system's store); ``scheme`` is the word before the access token.
    """

    provider: Provider
    refresh: str
    keep: Callable[[str], None]
    scheme: str = "Bearer"
    clock: Callable[[], float] = time.time
    load: Callable[[], str] = str
    """What is kept now: another process of the same person may have renewed meanwhile. Empty when
    nothing is.
    """
    _access: str = ""
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sign(self, transport: Transport) -> None:
        """Give the transport an access token that still lives. Raises Unauthorized, Unavailable."""
        with self._lock:
            transport.hide(self.refresh)
            if not self._access or self.clock() > self._until - EARLY:
                self._renew()
            self._put(transport)

    def renew(self, transport: Transport) -> None:
        """The target said the token is over before its time."""
        with self._lock:
            transport.hide(self.refresh)
            self._renew()
            self._put(transport)

    def _put(self, transport: Transport) -> None:
        transport.hide(self._access)
        transport.hide(self.refresh)
        transport.set_header("Authorization", f"{self.scheme} {self._access}")

    def _renew(self) -> None:
        try:
            answer = self._asked()
        except Unauthorized:
            kept = self.load()
            if not kept or kept == self.refresh:
                raise
            self.refresh = kept
            answer = self._asked()
        if answer.get("refresh_token"):
            self.refresh = str(answer["refresh_token"])
            self.keep(self.refresh)
        self._access = str(answer["access_token"])
        self._until = self.clock() + float(answer.get("expires_in") or 1800)

    def _asked(self) -> Mapping[str, Any]:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.refresh,
            "client_id": self.provider.client_id,
        }
        return _ask(self.provider, form)


@dataclass
class LogIn:
    """One log-in through the browser. Open :attr:`address` there, then :meth:`wait`."""

    provider: Provider
    ports: Sequence[int] = PORTS

    def __post_init__(self) -> None:
        self._state = secrets.token_urlsafe(24)
        self._verifier = secrets.token_urlsafe(64)
        self._answer: dict[str, str] = {}
        self._server = self._listen()

    @property
    def redirect(self) -> str:
        return f"http://localhost:{self._server.server_port}/callback"

    @property
    def address(self) -> str:
        """Where the person logs in."""
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(self._verifier.encode()).digest())
            .decode()
            .rstrip("=")
        )
        query = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self.redirect,
            "scope": self.provider.scopes,
            "state": self._state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **self.provider.extra,
        }
        separator = "&" if "?" in self.provider.authorize else "?"
        return f"{self.provider.authorize}{separator}{urlencode(query)}"

    def wait(
        self, seconds: float = 300.0, go_on: Callable[[], bool] = lambda: True
    ) -> Mapping[str, Any]:
        """The tokens, once the browser came back; ``go_on`` answers False to give up. Raises
        Unauthorized when the person or the vendor said no, or the answer is not to this log-in;
        Unavailable when nobody came.
        """
        end = time.monotonic() + seconds
        self._server.timeout = 0.2
        try:
            while not self._answer and time.monotonic() < end and go_on():
                self._server.handle_request()
        finally:
            self._server.server_close()
        if not self._answer:
            raise Unavailable("nobody logged in", "time-out")
        if "code" not in self._answer:
            raise Unauthorized(
                self._answer.get("error_description") or self._answer.get("error", "refused"),
                "denied",
            )
        form = {
            "grant_type": "authorization_code",
            "code": self._answer["code"],
            "redirect_uri": self.redirect,
            "client_id": self.provider.client_id,
            "code_verifier": self._verifier,
        }
        return _ask(self.provider, form)

    def _listen(self) -> HTTPServer:
        answer, state = self._answer, self._state

        class Handler(BaseHTTPRequestHandler):
            timeout = 2.0
            """A browser may open a connection and say nothing."""

            def do_GET(self) -> None:
                target = urlsplit(self.path)
                given = {name: values[0] for name, values in parse_qs(target.query).items()}
                known = target.path == "/callback" and secrets.compare_digest(
                    given.get("state", ""), state
                )
                if known:
                    answer.update(given)
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(
                    "Listo, puede cerrar esta ventana. · Done, you may close this window.".encode()
                )

            def log_message(self, *_: object) -> None:
                """The address holds the code: it is written nowhere."""

        class Listener(OwnPort, HTTPServer):
            """Of this log-in."""

        for port in self.ports:
            try:
                return Listener(("127.0.0.1", port), Handler)
            except OSError:
                continue
        raise Unavailable(f"ports {', '.join(map(str, self.ports))} are taken", "port")


def _ask(provider: Provider, form: dict[str, str]) -> Mapping[str, Any]:
    """Ask the token endpoint once. Raises Unauthorized, Rejected, Unavailable."""
    if provider.secret:
        form = {**form, "client_secret": provider.secret}
    parts = urlsplit(provider.token)
    transport = Transport(f"{parts.scheme}://{parts.netloc}", Timeouts(10.0, 30.0))
    for secret in (provider.secret, form.get("refresh_token", ""), form.get("code", "")):
        transport.hide(secret)
    transport.classify = _refused
    try:
        answer = transport.write_json("POST", parts.path, data=form)
    except Uncertain as error:
        raise Unavailable(error.words, error.code) from None
    finally:
        transport.close()
    if isinstance(answer, Mapping) and answer.get("error"):
        raise Unauthorized(str(answer["error"]), str(answer["error"]))  # Zoho says so with a 200
    if not isinstance(answer, Mapping) or "access_token" not in answer:
        raise Rejected("the log-in server gave no token", "token")
    return answer


def _refused(response: httpx.Response) -> Unauthorized | None:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return Unauthorized(str(error), str(error)) if response.status_code < 500 else None
