"""How fast documents go out: against a target with a call limit, and against a fast one without.

1. A target that allows so many calls a minute answers 429 to every one more; the sender has to use
   the limit up without being told off.
2. Against a fast target: Cuadre (journal, batches, one connection) beside a script that opens a
   connection for each document and keeps no record at all, and beside Cuadre sending one by one.

    .venv/bin/python -m tests.benchmarks.push_throughput [--documents 600] [--per-minute 120]
    [--minutes 2]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx

from app.intake.importing import import_file
from app.journal import Journal, listings
from app.journal.budgets import SharedCalls
from app.sending import maps, preflight, proposals
from app.sending.push import push
from connectors.budget import CallBudget
from connectors.sandbox import SandboxConnector, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import Transport
from tests import polizas
from tests.faults.processes import serving


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=600)
    parser.add_argument("--per-minute", type=int, default=120)
    parser.add_argument("--minutes", type=int, default=2)
    chosen = parser.parse_args()
    limited(chosen.per_minute, chosen.minutes)
    unlimited(chosen.documents)


def limited(per_minute: int, minutes: int) -> None:
    documents = per_minute * minutes + per_minute // 2
    with made(documents, per_minute) as (journal, url, _):
        target = connect(url, 1, CallBudget(per_minute, store=SharedCalls(journal, "sb")))
        maps.accept_suggestions(journal, "sb", proposals.unmapped(journal, "sb", target))
        began = time.time()
        result = push(journal, "sb", target, deadline=60.0 * (minutes + 3))
        kinds = [row.kind for row in listings.event_rows(journal)]
        confirmed = sorted(
            row.at for row in listings.event_rows(journal) if row.kind == "outbox.confirmed"
        )
        seconds = time.time() - began
        target.close()
        full = [at for at in confirmed if _seconds(at) - began <= 60.0 * minutes]
        print(
            f"limit {per_minute} calls a minute: {result.confirmed} documents one by one in"
            f" {seconds:.0f} s; in the first {minutes} minutes {len(full)} of"
            f" {per_minute * minutes} allowed ({len(full) / (per_minute * minutes):.1%}), answers"
            f" 429: {kinds.count('outbox.throttled')}"
        )


def unlimited(documents: int) -> None:
    rates = {}
    with made(documents, 0) as (journal, url, _):
        rates["script, a connection each, no journal"] = scripted(journal, url, documents)
    for batch in (1, 20):
        with made(documents, 0) as (journal, url, _):
            target = connect(url, batch, CallBudget(0))
            maps.accept_suggestions(journal, "sb", proposals.unmapped(journal, "sb", target))
            began = time.perf_counter()
            assert push(journal, "sb", target).confirmed == documents
            rates[f"Cuadre, {batch} a request"] = documents / (time.perf_counter() - began)
            target.close()
    for name, rate in rates.items():
        print(f"{name:<40} {rate:8.0f} documents/s")
    ratio = rates["Cuadre, 20 a request"] / rates["Cuadre, 1 a request"]
    print(f"batches and one connection: {ratio:.1f} times the one-by-one rate")


def scripted(journal: Journal, url: str, documents: int) -> float:
    """The same entries, each with a log-in kept and a connection of its own, one after the
    other.
    """
    target = connect(url, 1, CallBudget(0))
    maps.accept_suggestions(journal, "sb", proposals.unmapped(journal, "sb", target))
    payloads = [intent.payload for intent in preflight.check(journal, "sb", target).intents]
    target.close()
    body = {"user": DEFAULT_USER, "password": DEFAULT_PASSWORD}
    token = httpx.post(f"{url}/api/login", json=body).json()["token"]
    began = time.perf_counter()
    for payload in payloads:
        names = ("account", "debit", "credit", "label", "partner")
        lines = [dict(zip(names, line, strict=True)) for line in payload["lines"]]  # type: ignore[attr-defined]
        answer = httpx.post(
            f"{url}/api/entries",
            json={"entries": [{**payload, "lines": lines}]},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.json()["results"][0]["status"] == "created"
    return documents / (time.perf_counter() - began)


@contextmanager
def made(documents: int, per_minute: int) -> Iterator[tuple[Journal, str, SandboxStore]]:
    """A journal with so many vouchers and a target in another process."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "erp.db", per_minute) as url,
    ):
        journal = Journal(Path(folder) / "home" / "journal.db")
        path = Path(folder) / "polizas.txt"
        path.write_bytes(
            polizas.file(*[polizas.balanced(number) for number in range(1, documents + 1)])
        )
        import_file(journal, path)
        store = SandboxStore(Path(folder) / "erp.db")
        yield journal, url, store
        store.close()
        journal.close()


def connect(url: str, batch: int, budget: CallBudget) -> SandboxConnector:
    return SandboxConnector(
        Transport(url, budget=budget), DEFAULT_USER, DEFAULT_PASSWORD, batch=batch
    )


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


if __name__ == "__main__":
    main()
