"""What the receiver and the inbox bear: ``python -m tests.benchmarks.events``.

* one delivery a thousand times at once at two receivers of one journal: rows and answers;
* a flood at an unsigned door beside twenty valid deliveries a second: how many of those are taken,
  beside the same without the flood, and the memory of the receiver;
* a receiver killed fifty times under load: what it answered 200 that is not kept;
* 10,000 hints waiting, a target that allows 60 calls a minute: calls needed, and the time they take
  beside one call a record.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from app.company import connecting, settings
from app.company.settings import JOURNAL_VARIABLE, ConnectionSettings
from app.inbox import doors, processing
from app.journal import Journal, inbox, verification
from app.journal.inbox import Door, Hint
from connectors.sandbox import SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import ServerClock
from tests import postgresql
from tests.connectors.test_webhooks import VECTORS

NAME = "erp"
XERO = VECTORS["xero"]


@contextmanager
def home() -> Iterator[tuple[Path, Journal, str, str]]:
    """A home with a signed and an unsigned door."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "home"
        journal = settings.open_journal(place)
        settings.add_connection(journal, ConnectionSettings(NAME, "sandbox", "http://127.0.0.1:9"))
        os.environ["CUADRE_SECRET_HOOK_ERP_XERO"] = XERO["secret"]
        signed = doors.open_door(journal, NAME, "xero")
        unsigned = doors.open_door(journal, NAME, "odoo")
        yield place, journal, signed, unsigned
        journal.close()


@contextmanager
def receiver(place: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app", "--home", str(place), "serve", "--listen"]
    server = subprocess.Popen(
        [*command, f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(400):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.kill()
        server.wait()


def post(client: httpx.Client, url: str, token: str, body: bytes, signature: str = "") -> int:
    headers = {"x-xero-signature": signature} if signature else {}
    try:
        return client.post(f"{url}/in/{token}", content=body, headers=headers).status_code
    except httpx.HTTPError:
        return 0


def one_delivery_many_times() -> None:
    with contextlib.ExitStack() as stack:
        if postgresql.IS_HERE:
            url = stack.enter_context(postgresql.running())
            os.environ[JOURNAL_VARIABLE] = postgresql.database(url, "once")
        place, journal, signed, _ = stack.enter_context(home())
        first, _ = stack.enter_context(receiver(place))
        second, _ = stack.enter_context(receiver(place))
        body = XERO["body"].encode()

        def many(number: int) -> list[int]:
            with httpx.Client(trust_env=False, timeout=60) as client:
                at = (first, second)[number % 2]
                found = []
                for _ in range(125):
                    while (status := post(client, at, signed, body, XERO["signature"])) == 429:
                        time.sleep(0.2)
                    found.append(status)
                return found

        began = time.perf_counter()
        with ThreadPoolExecutor(8) as pool:
            answers = Counter(one for some in pool.map(many, range(8)) for one in some)
        taken = time.perf_counter() - began
        rows = inbox.rows(journal)
        kind = "two receivers on PostgreSQL" if postgresql.IS_HERE else "two receivers on SQLite"
        print(
            f"one delivery 1,000 times, {kind}: answers {dict(answers)}, rows {len(rows)},"
            f" deliveries {rows[0].deliveries}, {1000 / taken:,.0f}/s"
        )
    os.environ.pop(JOURNAL_VARIABLE, None)


def flood(seconds: float) -> None:
    for is_flooded in (False, True):
        with home() as (place, _, signed, unsigned), receiver(place) as (url, server):
            stop = threading.Event()
            knocks: Counter[int] = Counter()

            def knock(
                url: str = url,
                token: str = unsigned,
                stop: threading.Event = stop,
                knocks: Counter[int] = knocks,
            ) -> None:
                with httpx.Client(trust_env=False, timeout=10) as client:
                    while not stop.is_set():
                        knocks[post(client, url, token, b'{"_model": "x"}')] += 1

            runner = threading.Thread(target=knock)
            if is_flooded:
                runner.start()
            valid: Counter[int] = Counter()
            slowest = 0.0
            with httpx.Client(trust_env=False, timeout=10) as client:
                end = time.perf_counter() + seconds
                while time.perf_counter() < end:
                    began = time.perf_counter()
                    body, signature = XERO["body"].encode(), XERO["signature"]
                    valid[post(client, url, signed, body, signature)] += 1
                    slowest = max(slowest, time.perf_counter() - began)
                    time.sleep(max(0.05 - (time.perf_counter() - began), 0))
            memory = psutil.Process(server.pid).memory_info().rss / 1e6
            stop.set()
            if is_flooded:
                runner.join()
            words = (
                f"flood of {sum(knocks.values()) / seconds:,.0f}/s" if is_flooded else "no flood"
            )
            share = valid[200] / max(sum(valid.values()), 1)
            print(
                f"{words}, {seconds:.0f} s: valid taken {share:.2%} of {sum(valid.values())},"
                f" slowest {slowest * 1000:.0f} ms, the flood answered {dict(knocks)},"
                f" memory {memory:.0f} MB"
            )


def kills(count: int) -> None:
    with home() as (place, journal, _, unsigned):
        answered: set[int] = set()
        number = 0
        for _ in range(count):
            with receiver(place) as (url, server):
                killer = threading.Timer(0.25, server.send_signal, [signal.SIGKILL])
                killer.start()
                with httpx.Client(trust_env=False, timeout=5) as client:
                    while server.poll() is None:
                        number += 1
                        body = json.dumps({"_model": "res.partner", "_id": number}).encode()
                        if post(client, url, unsigned, body) == 200:
                            answered.add(number)
        kept = {int(row.remote_id) for row in inbox.rows(journal, limit=1_000_000)}
        whole = not verification.verify(journal).problems
        print(
            f"killed {count} times under load: answered 200 {len(answered):,}, of these not kept"
            f" {len(answered - kept)}, journal whole {whole}"
        )


def backlog(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SandboxStore(Path(folder) / "erp.db")
        server = SandboxServer(store).start()
        journal = settings.open_journal(Path(folder) / "home")
        kept = ConnectionSettings(NAME, "sandbox", server.url, user=DEFAULT_USER)
        settings.add_connection(journal, kept)
        for n in range(rows):
            fields = {"name": f"Cliente {n}"}
            store.create_document({"kind": "contact", "reference": f"R{n}", "fields": fields})
        hints = [Hint(f"h{n}", "x", "contact", f"C{n:05d}") for n in range(1, rows + 1)]
        inbox.receive(journal, Door.WEBHOOK, NAME, hints)
        time.sleep(1.5)  # a server tells its time by the second
        clock = ServerClock()
        target = connecting.connect(kept, DEFAULT_PASSWORD, journal=journal, clock=clock)
        before = server.requests
        began = time.perf_counter()
        done = processing.process(journal, kept, target, clock)
        taken = time.perf_counter() - began
        calls = server.requests - before
        target.close()
        journal.close()
        server.stop()
        print(
            f"{rows:,} hints waiting: {done.records:,} answered by {calls} calls in {taken:.1f} s;"
            f" at 60 calls a minute {calls / 60:.1f} min, one call a record {rows / 60:,.0f} min"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flood-seconds", type=float, default=30)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rows", type=int, default=10_000)
    chosen = parser.parse_args()
    one_delivery_many_times()
    flood(chosen.flood_seconds)
    kills(chosen.kills)
    backlog(chosen.rows)


if __name__ == "__main__":
    main()
