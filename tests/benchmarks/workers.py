"""How several workers share one inbox on PostgreSQL: ``python -m tests.benchmarks.workers [--rows
N]``. One, two and four processes empty the same rows; each writes down what it read, so that what
was done twice shows. The target answers a hundred records in 40 ms (``--answer``), as one nearby
does; with 0 the journal alone is measured. One worker is the baseline of the others.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from app.company import settings
from app.company.settings import JOURNAL_VARIABLE, ConnectionSettings
from app.inbox import processing
from app.journal import inbox, verification
from app.journal.inbox import Door, Hint, State
from connectors import DocumentConnector, Kind
from connectors.contract import Capabilities
from connectors.documents import Change, RemoteRecord
from connectors.transport import ServerClock
from tests import postgresql

NAME = "erp"


class Target:
    """Answers any contact after a while; keeps which it was asked for."""

    def __init__(self, answer: float) -> None:
        self.answer = answer
        self.asked: list[str] = []

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities("sandbox", True, 1, reads=frozenset({Kind.CONTACT}))

    def read_records(self, kind: Kind, remote_ids: Sequence[str]) -> Mapping[str, Change]:
        self.asked += remote_ids
        time.sleep(self.answer)
        at = datetime.now(UTC)
        return {
            one: Change(RemoteRecord(one, "", "", None, "posted", kind=kind, name=one), at=at)
            for one in remote_ids
        }


def work(home: Path, place: Path, answer: float) -> None:
    """One worker, until nothing is left."""
    journal = settings.open_journal(home)
    kept = settings.find_connection(journal, NAME)
    target = Target(answer)
    while inbox.counts(journal)[State.NEW]:
        processing.process(journal, kept, cast(DocumentConnector, target), ServerClock(0.0))
    place.write_text("\n".join(target.asked))
    journal.close()


def measure(url: str, rows: int, workers: int, answer: float) -> float:
    """Seconds the rows took; prints them with what was done twice."""
    os.environ[JOURNAL_VARIABLE] = postgresql.database(url, f"w{time.monotonic_ns()}")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        journal = settings.open_journal(home)
        settings.add_connection(journal, ConnectionSettings(NAME, "sandbox", "http://127.0.0.1:9"))
        for start in range(0, rows, 5_000):
            hints = [
                Hint(f"h{n}", "contact.updated", "contact", f"C{n:06d}")
                for n in range(start, min(start + 5_000, rows))
            ]
            inbox.receive(journal, Door.WEBHOOK, NAME, hints)
        places = [Path(folder) / f"read{n}" for n in range(workers)]
        context = multiprocessing.get_context("spawn")
        runners = [context.Process(target=work, args=(home, one, answer)) for one in places]
        began = time.perf_counter()
        for one in runners:
            one.start()
        for one in runners:
            one.join()
        taken = time.perf_counter() - began
        read = Counter(line for one in places for line in one.read_text().split())
        twice = sum(1 for count in read.values() if count > 1)
        done = inbox.counts(journal)[State.DONE]
        whole = not verification.verify(journal).problems
        journal.close()
    print(
        f"{workers} workers  {answer * 1000:3.0f} ms an answer  {rows / taken:8,.0f} rows/s"
        f"  {taken:6.1f} s  done {done:,}  read twice {twice}  journal whole {whole}"
    )
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--answer", type=float, nargs="*", default=[0.04, 0.0])
    chosen = parser.parse_args()
    if not postgresql.IS_HERE:
        raise SystemExit("no PostgreSQL on this machine")
    with postgresql.running() as url:
        for answer in chosen.answer:
            alone = measure(url, chosen.rows, 1, answer)
            for workers in (2, 4):
                taken = measure(url, chosen.rows, workers, answer)
                print(f"{'':11}{alone / taken:.2f} times one worker")


if __name__ == "__main__":
    main()
