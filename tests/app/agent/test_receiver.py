"""The receiver: what is answered 200 is kept, what is not the vendor's is not, and nothing a
stranger sends keeps it from its work.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import hmac
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from app.agent.receiver import DOOR_BURST, Receiver, make_server
from app.company import settings
from app.company.settings import ConnectionSettings
from app.inbox import doors
from app.inbox.doors import KeyHanded, NoAddress, NoKey, NoScheme
from app.journal import Journal, cursors, events, inbox, verification
from app.journal.inbox import State
from tests.conftest import POSIX
from tests.connectors.test_webhooks import SIGNED, VECTORS, loaded

XERO_KEY = "cuadre-xero-webhook-key-0001"
BEHIND = "https://hooks.example.mx"


@dataclass
class Running:
    """A receiver on loopback; ``token`` of each vendor's door."""

    journal: Journal
    url: str
    port: int
    receiver: Receiver
    tokens: dict[str, str]

    def post(
        self, vendor: str, body: bytes, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        return httpx.post(
            f"{self.url}/in/{self.tokens[vendor]}",
            content=body,
            headers=headers or {},
            timeout=20,
            trust_env=False,
        )

    def xero(self, body: bytes, key: str = XERO_KEY) -> httpx.Response:
        mac = hmac.new(key.encode(), body, hashlib.sha256).digest()
        return self.post("xero", body, {"x-xero-signature": base64.b64encode(mac).decode()})

    @property
    def rows(self) -> int:
        return sum(inbox.counts(self.journal).values())


def _run(serve: Callable[[], None]) -> None:
    """Until it is closed under its feet, at the end of a test."""
    with contextlib.suppress(OSError):
        serve()


def key_of(vendor: str) -> str:
    return next(key for name, _, _, key in SIGNED.values() if name == vendor)


VENDORS = ("stripe", "hubspot", "xero", "quickbooks", "shopify", "standard", "odoo", "alegra")


@pytest.fixture
def running(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    tokens = {}
    for vendor in VENDORS:
        settings.add_connection(
            journal, ConnectionSettings(vendor, "sandbox", "http://127.0.0.1:9")
        )
        if vendor not in ("odoo", "alegra"):
            name = "CUADRE_SECRET_" + doors.key_name(vendor, vendor).upper().replace("-", "_")
            monkeypatch.setenv(name, key_of(vendor))
        url = BEHIND if vendor == "hubspot" else ""
        tokens[vendor] = doors.open_door(journal, vendor, vendor, url)
    receiver = Receiver(journal, now=lambda: 1767225605.0)
    server = make_server(receiver, "127.0.0.1", 0)
    port = server.socket.getsockname()[1]
    thread = threading.Thread(target=_run, args=(server.run,), daemon=True)
    thread.start()
    yield Running(journal, f"http://127.0.0.1:{port}", port, receiver, tokens)
    server.close()
    server.task_dispatcher.shutdown(timeout=5)
    thread.join(timeout=5)


@pytest.mark.parametrize("name", list(SIGNED), ids=list(SIGNED))
def test_what_a_vendor_signed_is_kept_and_answered_with_nothing(
    running: Running, name: str
) -> None:
    vendor, make, header, key = SIGNED[name]
    delivery = make()
    if vendor == "hubspot":  # signs the address, which has our token in it
        stamp = delivery.headers["x-hubspot-request-timestamp"]
        address = f"{BEHIND}/in/{running.tokens[vendor]}"
        text = f"POST{address}".encode() + delivery.body + stamp.encode()
        mac = hmac.new(key.encode(), text, hashlib.sha256).digest()
        signed = {**delivery.headers, header: base64.b64encode(mac).decode()}
        delivery = replace(delivery, headers=signed)
    answer = running.post(vendor, delivery.body, dict(delivery.headers))
    assert (answer.status_code, answer.content) == (200, b"")
    assert not {"server", "set-cookie"} & set(answer.headers)
    assert running.rows == (0 if "intent" in name else 1)
    again = running.post(vendor, delivery.body, dict(delivery.headers))
    assert again.status_code == 200
    assert running.rows == (0 if "intent" in name else 1)
    assert verification.verify(running.journal).problems == []


def test_intent_to_receive_right_and_wrong_in_turn(running: Running) -> None:
    body = VECTORS["xero_itr"]["body"].encode()
    for _ in range(5):
        for key, expected in ((XERO_KEY, 200), ("wrong", 401)):
            started = time.monotonic()
            answer = running.xero(body, key)
            assert (answer.status_code, answer.content) == (expected, b"")
            assert "set-cookie" not in answer.headers
            assert time.monotonic() - started < 1
    assert running.rows == 0


def test_a_forged_body_is_not_even_parsed(running: Running) -> None:
    """One that would break the parser, signed with another key."""
    answer = running.xero(b"[" * 100_000, "another key")
    assert answer.status_code == 401
    assert running.rows == 0


def test_a_signed_body_nobody_understands_is_kept_for_a_person(running: Running) -> None:
    deep = b"[" * 10_000 + b"]" * 10_000
    assert running.xero(deep).status_code == 200
    (row,) = inbox.rows(running.journal)
    assert (row.state, inbox.body_of(row)) == (State.DEAD, deep)
    assert running.post("odoo", b"nonsense").status_code == 400


def test_a_replayed_delivery_is_refused_and_the_log_names_the_clock(running: Running) -> None:
    _, make, _, _ = SIGNED["stripe"]
    delivery = make()
    running.receiver._now = lambda: 1767225605.0 + 301
    assert running.post("stripe", delivery.body, dict(delivery.headers)).status_code == 401
    running.receiver.flush()
    (told,) = events.of(running.journal, subject="receiver")
    assert (told.data["count"], told.data["late"]) == (1, 301)
    assert running.rows == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", ""), ("POST", "x"), ("POST", "/more"), ("POST", "%00")],
)
def test_anything_unknown_is_not_found(running: Running, method: str, path: str) -> None:
    url = f"{running.url}/in/{running.tokens['xero']}{path}"
    answer = httpx.request(method, url, trust_env=False)
    assert (answer.status_code, answer.content) == (404, b"")
    other = httpx.post(f"{running.url}/admin", trust_env=False)
    assert (other.status_code, other.content) == (404, b"")


def test_health_is_for_this_machine_only(running: Running) -> None:
    url = f"{running.url}/health"
    assert httpx.get(url, trust_env=False).status_code == 200
    forwarded = httpx.get(url, headers={"X-Forwarded-For": "203.0.113.5"}, trust_env=False)
    assert forwarded.status_code == 404


def test_a_closed_door_is_not_found(running: Running) -> None:
    doors.close_door(running.journal, doors.digest(running.tokens["odoo"])[:12])
    running.receiver._doors.clear()
    assert running.post("odoo", b"{}").status_code == 404


def test_an_empty_knock_of_alegra_is_answered(running: Running) -> None:
    assert running.post("alegra", b"").status_code == 200
    assert running.post("odoo", b"").status_code == 400


def test_a_hole_in_the_sequence_lets_everything_be_read_in_two_minutes(running: Running) -> None:
    with running.journal.writing() as transaction:
        cursors.move(transaction, "xero", "invoice", {"mark": "2026-01-01T00:00:00+00:00"})
    first, second = loaded("xero_gap.json")["deliveries"]
    assert running.xero(json.dumps(first).encode()).status_code == 200
    assert cursors.of(running.journal, "xero", "invoice").due_at == ""
    assert running.xero(json.dumps(first).encode()).status_code == 200
    assert cursors.of(running.journal, "xero", "invoice").due_at == ""
    assert running.xero(json.dumps(second).encode()).status_code == 200
    assert cursors.of(running.journal, "xero", "invoice").due_at > ""


def raw(port: int, sent: bytes, wait: float = 8.0, finish: bool = True) -> tuple[bytes, float]:
    """What the server answers to bytes, and after how many seconds the connection was over."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(sent)
        if finish:
            connection.settimeout(wait)
        answer = b""
        with contextlib.suppress(OSError):
            while part := connection.recv(65536):
                answer += part
                if b"\r\n\r\n" in answer:
                    break
        return answer, time.monotonic() - started


def head(running: Running, *lines: str, vendor: str = "xero") -> bytes:
    first = f"POST /in/{running.tokens[vendor]} HTTP/1.1"
    return "\r\n".join([first, "Host: x", *lines, "", ""]).encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_bodies_and_headers_of_strangers(running: Running) -> None:
    large = b"a" * (2 * 1024 * 1024)
    assert running.post("xero", large, {"x-xero-signature": "x"}).status_code == 413
    long = head(running, "X-Long: " + "a" * 200_000)
    assert status(raw(running.port, long)[0]) in (400, 431)
    both = head(running, "Content-Length: 2", "Transfer-Encoding: chunked") + b"0\r\n\r\n"
    assert status(raw(running.port, both)[0]) == 400
    bomb = gzip.compress(b"0" * 10_000_000)
    packed = running.post("xero", bomb, {"Content-Encoding": "gzip", "x-xero-signature": "x"})
    assert packed.status_code == 415
    assert running.rows == 0
    assert httpx.get(f"{running.url}/health", trust_env=False).status_code == 200


@pytest.mark.slow
def test_what_never_finishes_is_closed(running: Running) -> None:
    half_header = b"POST /in/x HTTP/1.1\r\nHost: x\r\nX-Half:"
    half_body = head(running, "Content-Length: 100") + b"only this"
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda sent: raw(running.port, sent, 12.0), (half_header, half_body)))
    assert all(seconds < 10 for _, seconds in found), found
    assert running.rows == 0


def test_a_flood_at_one_door_is_told_to_wait_and_the_others_go_on(running: Running) -> None:
    elapsed = 0.0
    running.receiver._elapsed = lambda: elapsed
    statuses = []
    with httpx.Client(trust_env=False) as client:
        url = f"{running.url}/in/{running.tokens['odoo']}"
        for _ in range(int(DOOR_BURST) + 20):
            statuses.append(client.post(url, content=b"x").status_code)
    assert set(statuses[: int(DOOR_BURST)]) == {400}
    assert set(statuses[int(DOOR_BURST) :]) == {429}
    _, make, _, _ = SIGNED["stripe"]
    delivery = make()
    assert running.post("stripe", delivery.body, dict(delivery.headers)).status_code == 200


def test_a_locked_journal_is_503_and_never_200(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    body = VECTORS["xero"]["body"].encode()

    def locked(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("x", {}, sqlite3.OperationalError("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr("app.journal.inbox.put", locked)
        answer = running.xero(body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert running.rows == 0
    assert running.xero(body).status_code == 200
    assert running.rows == 1


def test_no_room_is_503(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.agent.receiver.LEAST_DISK", 1 << 62)
    running.receiver._room_at = float("-inf")
    assert running.xero(VECTORS["xero"]["body"].encode()).status_code == 503
    assert httpx.get(f"{running.url}/health", trust_env=False).status_code == 503


def test_one_delivery_many_times_at_once_is_one_row(running: Running) -> None:
    running.receiver._elapsed = iter_clock()
    body = VECTORS["xero"]["body"].encode()
    mac = base64.b64encode(hmac.new(XERO_KEY.encode(), body, hashlib.sha256).digest()).decode()
    url = f"{running.url}/in/{running.tokens['xero']}"

    def many(count: int) -> list[int]:
        with httpx.Client(trust_env=False, timeout=60) as client:
            found = []
            for _ in range(count):
                status = 503  # a journal that is held is asked again, as vendors do
                while status == 503:
                    headers = {"x-xero-signature": mac}
                    status = client.post(url, content=body, headers=headers).status_code
                found.append(status)
            return found

    with ThreadPoolExecutor(8) as pool:
        statuses = [one for some in pool.map(many, [40] * 8) for one in some]
    assert statuses.count(200) == 320
    (row,) = inbox.rows(running.journal)
    assert row.deliveries == 320


def iter_clock() -> Callable[[], float]:
    """A clock on which a door never overflows."""
    at = [0.0]

    def second() -> float:
        at[0] += 1.0
        return at[0]

    return second


def test_a_door_says_what_it_needs(journal: Journal) -> None:
    settings.add_connection(journal, ConnectionSettings("x", "sandbox", "http://127.0.0.1:9"))
    with pytest.raises(NoScheme):
        doors.open_door(journal, "x", "nobody")
    with pytest.raises(NoKey):
        doors.open_door(journal, "x", "stripe")
    with pytest.raises(NoAddress):
        doors.open_door(journal, "x", "hubspot", key="k")
    with pytest.raises(LookupError):
        doors.open_door(journal, "y", "odoo")


def test_a_key_that_is_handed_over_is_changed_where_it_comes_from(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.add_connection(journal, ConnectionSettings("x", "sandbox", "http://127.0.0.1:9"))
    (tmp_path / "hook-x-stripe").write_text("whsec_handed")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    doors.open_door(journal, "x", "stripe")
    with pytest.raises(KeyHanded):
        doors.change_key(journal, "x", "stripe", "whsec_other")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    monkeypatch.setenv("CUADRE_SECRET_HOOK_X_STRIPE", "whsec_handed")
    with pytest.raises(KeyHanded):
        doors.open_door(journal, "x", "stripe", key="whsec_other")


@POSIX
@pytest.mark.slow
def test_killed_again_and_again_under_load_it_loses_nothing_it_answered(
    home: Path, tmp_path: Path
) -> None:
    """Kills of the real process (fifty in the benchmark); every 200 is in the inbox."""
    journal = settings.open_journal(home)
    settings.add_connection(journal, ConnectionSettings("x", "sandbox", "http://127.0.0.1:9"))
    token = doors.open_door(journal, "x", "odoo")
    journal.close()
    answered: list[int] = []
    number = 0
    for _ in range(3):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "app",
                "--home",
                str(home),
                "serve",
                "--listen",
                f"127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            _wait_for(port)
            end, killer = time.monotonic() + 30, None
            with httpx.Client(trust_env=False, timeout=5) as client:
                while server.poll() is None and time.monotonic() < end:
                    number += 1
                    body = json.dumps({"_model": "res.partner", "_id": number})
                    with contextlib.suppress(httpx.HTTPError):
                        url = f"http://127.0.0.1:{port}/in/{token}"
                        if client.post(url, content=body).status_code == 200:
                            answered.append(number)
                            if killer is None:  # under load, and in the middle of it
                                killer = threading.Timer(0.2, server.kill)
                                killer.start()
        finally:
            server.kill()
            server.wait()
    journal = settings.open_journal(home)
    kept = {int(row.remote_id) for row in inbox.rows(journal, limit=1_000_000)}
    assert answered and set(answered) <= kept
    assert verification.verify(journal).problems == []
    journal.close()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise AssertionError("the receiver did not start")


@POSIX
def test_told_to_stop_it_ends_well(home: Path) -> None:
    settings.open_journal(home).close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app", "--home", str(home), "serve", "--listen"]
    server = subprocess.Popen(
        [*command, f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _wait_for(port)
    server.send_signal(signal.SIGTERM)
    _, said = server.communicate(timeout=30)
    assert (server.returncode, b"Traceback" in said) == (0, False)


def test_an_address_that_is_taken_or_none_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app import cli

    monkeypatch.setenv("CUADRE_HOME", str(home))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for listen in (f"127.0.0.1:{port}", "8770", "127.0.0.1:x"):
            words = ["serve", "--listen", listen, "--lang", "en"]
            assert cli.main(words, lambda *_: 0, lambda *_: None) == 2
    assert "cannot be listened at" in capsys.readouterr().err
