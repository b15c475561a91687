"""Logging in through the browser, and refresh tokens that rotate under one's feet."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.errors import Unauthorized, Unavailable
from connectors.oauth import LogIn, Provider, Tokens
from connectors.transport import Transport
from tests.connectors.fakes.server import Answer, Request, VendorServer


class LogInServer(VendorServer):
    """Checks the verifier against the challenge, gives a code once, rotates."""

    def __init__(self) -> None:
        super().__init__()
        self.challenge = self.refresh = ""
        self.codes = {"code-1"}

    def answer(self, request: Request) -> Answer:
        form = request.body
        if form["grant_type"] == "authorization_code":
            import base64
            import hashlib

            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            right = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.challenge
            if not right or form["code"] not in self.codes:
                return Answer(400, {"error": "invalid_grant"})
            self.codes.discard(form["code"])
        elif form["refresh_token"] != self.refresh:
            return Answer(400, {"error": "invalid_grant"})
        self.refresh = f"refresh-{len(self.requests)}"
        return Answer(
            200,
            {
                "access_token": f"access-{len(self.requests)}",
                "refresh_token": self.refresh,
                "expires_in": 100,
            },
        )


@pytest.fixture
def server() -> Iterator[LogInServer]:
    running = LogInServer()
    yield running
    running.stop()


def provider(server: LogInServer) -> Provider:
    return Provider(
        "https://vendor.example/authorize", f"{server.url}/token", "client-1", "read write"
    )


def browser(log_in: LogIn, server: LogInServer, **changes: str) -> None:
    """What the browser and the vendor's page do."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(log_in.address).query).items()}
    server.challenge = query["code_challenge"]
    answer = {"code": "code-1", "state": query["state"], **changes}
    target = query["redirect_uri"].replace("localhost", "127.0.0.1")
    threading.Thread(
        target=lambda: httpx.get(target, params={k: v for k, v in answer.items() if v})
    ).start()


def test_a_person_logs_in_and_the_code_is_exchanged_with_its_verifier(server: LogInServer) -> None:
    log_in = LogIn(provider(server), ports=(0,))
    browser(log_in, server)
    tokens = log_in.wait(10)
    assert (tokens["access_token"], tokens["refresh_token"]) == ("access-1", "refresh-1")


@pytest.mark.parametrize("changes", [{"code": "", "error": "access_denied"}, {"code": "code-2"}])
def test_a_no_is_refused(server: LogInServer, changes: dict[str, str]) -> None:
    log_in = LogIn(provider(server), ports=(0,))
    browser(log_in, server, **changes)
    with pytest.raises(Unauthorized):
        log_in.wait(10)


def test_an_answer_to_another_log_in_does_not_end_this_one(server: LogInServer) -> None:
    log_in = LogIn(provider(server), ports=(0,))
    browser(log_in, server, state="de otro")
    with pytest.raises(Unavailable):
        log_in.wait(1)


def test_a_connection_that_says_nothing_does_not_hold_the_log_in(server: LogInServer) -> None:
    log_in = LogIn(provider(server), ports=(0,))
    silent = socket.create_connection(("127.0.0.1", urlsplit(log_in.redirect).port or 0))
    threading.Timer(0.5, browser, (log_in, server)).start()
    assert log_in.wait(10)["access_token"] == "access-1"
    silent.close()


def test_nobody_comes_back(server: LogInServer) -> None:
    with pytest.raises(Unavailable):
        LogIn(provider(server), ports=(0,)).wait(0.5)


def test_a_rotated_token_is_kept_before_the_access_token_is_used(server: LogInServer) -> None:
    server.refresh = "refresh-0"
    order: list[str] = []
    now = [0.0]
    tokens = Tokens(provider(server), "refresh-0", order.append, clock=lambda: now[0])
    transport = Transport(server.url)
    tokens.sign(transport)
    assert order == ["refresh-1"] and transport._headers["Authorization"] == "Bearer access-1"
    tokens.sign(transport)
    assert order == ["refresh-1"]
    now[0] = 50.0
    tokens.sign(transport)
    assert order == ["refresh-1", "refresh-2"]
    assert transport.redact("refresh-2 access-2") == "••• •••"
    transport.close()


def test_a_token_another_process_renewed_is_taken_over(server: LogInServer) -> None:
    server.refresh = "refresh-9"
    kept = ["refresh-9"]
    tokens = Tokens(
        provider(server), "refresh-0", lambda text: kept.__setitem__(0, text), load=lambda: kept[0]
    )
    transport = Transport(server.url)
    tokens.sign(transport)
    assert kept[0] == server.refresh
    transport.close()
