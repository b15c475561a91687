"""What safety costs: import and push with everything that proves and remembers, beside the same
without it.

With: the chain is signed, batches are vouched for before they are sent, marks are kept outside of
the journal, documents are compared with the target's books, leases are asked once more before each
request. Without: none of it. Both alternately in fresh processes on one core, several times; shown
are the medians of the processor's seconds and the median of what single pairs cost.

    .venv/bin/python -m tests.benchmarks.safety_cost [--lines 60000] [--documents 300] [--times 5]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.intake.importing import import_file
from app.journal import Journal, leases, marks, signatures, vouching
from app.journal.outside import STATE_VARIABLE
from app.journal.store import who
from app.sending import maps, proposals, repeats
from app.sending.push import push
from connectors.sandbox import SandboxConnector
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import Transport
from tests import polizas
from tests.benchmarks import one_core
from tests.benchmarks.import_speed import write_polizas
from tests.faults.processes import serving


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=60_000)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--one", nargs=3, metavar=("CASE", "SAFE", "SIZE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        case, safe, size = chosen.one
        print(json.dumps(one(CASES[case], safe == "with", int(size))))
        return
    heading = ("", "without s", "with s", "cost", "of single pairs")
    print("{:<18}{:>11}{:>9}{:>9}   {}".format(*heading))
    for case in CASES:
        size = chosen.lines if case == "import" else chosen.documents
        pairs = [pair(case, size, first_with=bool(turn % 2)) for turn in range(chosen.times)]
        plain, safe = (statistics.median(side) for side in zip(*pairs, strict=True))
        costs = sorted(with_ / without - 1 for without, with_ in pairs)
        cost = statistics.median(costs)
        print(
            f"{case:<18}{plain:>11.2f}{safe:>9.2f}{cost:>9.1%}   {costs[0]:.1%} … {costs[-1]:.1%}",
            flush=True,
        )


def pair(case: str, size: int, *, first_with: bool) -> tuple[float, float]:
    """Processor seconds without and with, one after the other."""
    order = ("with", "without") if first_with else ("without", "with")
    found = {safe: measured(case, safe, size)["processor"] for safe in order}
    return found["without"], found["with"]


def measured(case: str, safe: str, size: int) -> dict[str, float]:
    return one_core.run("tests.benchmarks.safety_cost", case, safe, str(size))


def one(
    case: Callable[[Journal, Path, int], tuple[float, float]], safe: bool, size: int
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ[STATE_VARIABLE] = str(folder / "state")
        if not safe:
            without_safety()
        signer = signatures.own(who()) if safe else None
        journal = Journal(folder / "home" / "journal.db", signer=signer)
        clock, processor = case(journal, folder, size)
        journal.close()
        return {"clock": clock, "processor": processor}


def without_safety() -> None:
    vouching.unvouched = lambda *_: set()
    marks.keep = lambda *_: None
    marks.notice = lambda *_: []
    repeats.likely = lambda *_: repeats.Found()
    leases.standing = lambda _, claims: list(claims)


def importing(journal: Journal, folder: Path, lines: int) -> tuple[float, float]:
    path = write_polizas(folder / "polizas.txt", lines)
    began = time.perf_counter(), time.process_time()
    import_file(journal, path)
    return time.perf_counter() - began[0], time.process_time() - began[1]


def pushing(a_request: int) -> Callable[[Journal, Path, int], tuple[float, float]]:
    def push_all(journal: Journal, folder: Path, documents: int) -> tuple[float, float]:
        path = folder / "polizas.txt"
        those = [
            polizas.balanced(number, f"{100 + number}.5") for number in range(1, documents + 1)
        ]
        path.write_bytes(polizas.file(*those))
        import_file(journal, path)
        with serving(folder / "erp.db") as url:
            transport = Transport(url)
            target = SandboxConnector(transport, DEFAULT_USER, DEFAULT_PASSWORD, batch=a_request)
            maps.accept_suggestions(journal, "sb", proposals.unmapped(journal, "sb", target))
            began = time.perf_counter(), time.process_time()
            assert push(journal, "sb", target).confirmed == documents
            spent = time.perf_counter() - began[0], time.process_time() - began[1]
            target.close()
        return spent

    return push_all


CASES = {"import": importing, "push one by one": pushing(1), "push by twenty": pushing(20)}


if __name__ == "__main__":
    main()
