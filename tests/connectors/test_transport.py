"""What each failure of a network means: whether something may have happened decides what comes
next.
"""

from __future__ import annotations

import email.utils
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.budget import CallBudget
from connectors.errors import Rejected, Throttled, Unauthorized, Unavailable, Uncertain
from connectors.transport import Timeouts, Transport, retry_after
from tests.connectors.fakes.server import Answer, Request, VendorServer

SECRET = "s3cr3t-Ñ-value"


class Scripted(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: list[str] = []
    served: list[str] = []

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        step = self.script.pop(0) if self.script else "200"
        self.served.append(step)
        if step == "hang":
            time.sleep(1.5)
            return
        if step == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if step == "half":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"a"')
            self.close_connection = True
            return
        if step == "moved":
            self.send_response(302)
            self.send_header("Location", "/web/login")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if step == "page":
            page = b"<html><head><title>404: Not &amp; Found</title></head><body>x</body></html>"
            self.send_response(404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
            return
        status, _, wait = step.partition(":")
        payload = f"answer with {SECRET}".encode()
        self.send_response(int(status))
        if wait:
            self.send_header("Retry-After", wait)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Scripted.script, Scripted.served = [], []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def transport(server: ThreadingHTTPServer) -> Iterator[Transport]:
    made = Transport(
        f"http://127.0.0.1:{server.server_port}", Timeouts(2, 0.5), sleep=lambda _: None
    )
    made.hide(SECRET)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("hang", Uncertain),
        ("drop", Uncertain),
        ("half", Uncertain),
        ("500", Uncertain),
        ("503", Uncertain),
        ("429:3", Throttled),
        ("401", Unauthorized),
        ("403", Unauthorized),
        ("400", Rejected),
        ("422", Rejected),
    ],
)
def test_a_write_is_sent_once_whatever_comes_back(
    transport: Transport, step: str, error: type[Exception]
) -> None:
    Scripted.script = [step]
    with pytest.raises(error) as caught:
        transport.write("POST", "/x", json={"a": 1})
    assert Scripted.served == [step]
    assert SECRET not in str(caught.value)


def test_a_write_that_is_sent_elsewhere_is_looked_up(transport: Transport) -> None:
    Scripted.script = ["moved"]
    with pytest.raises(Uncertain, match="302 to /web/login"):
        transport.write("POST", "/x")
    assert Scripted.served == ["moved"]


def test_of_a_web_page_its_title_is_said(transport: Transport) -> None:
    Scripted.script = ["page"]
    with pytest.raises(Rejected) as refused:
        transport.write("POST", "/x")
    assert refused.value.words == "404: Not & Found"


def test_nobody_at_the_door_is_certain() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    transport = Transport(f"http://127.0.0.1:{port}", Timeouts(1, 1), sleep=lambda _: None)
    with pytest.raises(Unavailable):
        transport.write("POST", "/x")
    transport.close()


def test_a_read_is_repeated_until_it_answers(transport: Transport) -> None:
    Scripted.script = ["500", "drop", "429:0", "503", "200"]
    assert transport.read("GET", "/x").status_code == 200
    assert len(Scripted.served) == 5


def test_a_read_gives_up_and_a_refused_one_is_not_repeated(transport: Transport) -> None:
    Scripted.script = ["500"] * 50
    with pytest.raises(Unavailable):
        transport.read("GET", "/x")
    assert len(Scripted.served) == 6
    Scripted.script = ["400"]
    with pytest.raises(Rejected):
        transport.read("GET", "/x")
    assert len(Scripted.served) == 7


def test_what_the_server_says_to_wait_is_waited(server: ThreadingHTTPServer) -> None:
    waits: list[float] = []
    made = Transport(
        f"http://127.0.0.1:{server.server_port}",
        Timeouts(2, 2),
        CallBudget(0, sleep=lambda _: None),
        sleep=waits.append,
    )
    made.budget.pause = lambda seconds: None  # type: ignore[method-assign]
    Scripted.script = ["429:7", "200"]
    made.read("GET", "/x")
    assert waits == [7.0]
    made.close()


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after({"Retry-After": "12"}) == 12
    later = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert 25 < retry_after({"Retry-After": later}) <= 31
    assert retry_after({"Retry-After": "soon"}, 4) == 4
    assert retry_after({"Retry-After": "-5"}) == 0


def test_the_budget_lets_so_many_through_in_any_minute() -> None:
    now = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    budget = CallBudget(3, clock=lambda: now[0], sleep=sleep)
    times = []
    for _ in range(9):
        budget.acquire()
        times.append(now[0])
    assert times == [0, 0, 0, 60.5, 60.5, 60.5, 121, 121, 121]
    assert slept == [60.5, 60.5]


def test_a_clock_set_back_does_not_block_for_ever() -> None:
    now = [1000.0]
    slept: list[float] = []
    budget = CallBudget(1, lambda: now[0], slept.append)
    budget.acquire()
    now[0] = 10.0
    budget.acquire()
    assert slept == []


def test_a_day_without_calls_left_is_a_wait_not_an_error() -> None:
    transport = Transport("http://127.0.0.1:9", Timeouts(1, 1), CallBudget(0, per_day=1))
    transport.budget.acquire()
    with pytest.raises(Throttled) as waiting:
        transport.write("POST", "/x")
    assert 0 < waiting.value.retry_after <= 86_400
    transport.close()


def test_the_proxy_of_the_system_is_used_but_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Proxy(VendorServer):
        def answer(self, request: Request) -> Answer:
            return Answer(200, {"host": request.headers["host"]})

    proxy = Proxy()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    outside = Transport("http://erp.example")
    assert outside.read_json("GET", "/x") == {"host": "erp.example"}
    outside.close()
    inside = Transport("http://127.0.0.1:9", sleep=lambda _: None)
    with pytest.raises(Unavailable):
        inside.write_json("GET", "/x")
    assert len(proxy.requests) == 1
    inside.close()
    proxy.stop()
