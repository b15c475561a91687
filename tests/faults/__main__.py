"""Breaks everything that can break around a push and an import, and counts what became of the
documents.

    .venv/bin/python -m tests.faults --runs 1000 [--seed 1] [--report report.json] [--only 1:17]

Each run is a company of its own with a dozen vouchers, a real journal and a sandbox in another
process. It is disturbed several times (see ``disturbances``), each time in a process of its own
that is killed, starved or lied to; then everything works again and one more push has to finish the
work. Lost, doubled and stuck documents must be none; only where two desktops that share nothing
send to a target that takes a reference twice, what stands twice must be ``named`` by the next pull.
Needs ``fork`` (Linux, macOS).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.disturbances import DISTURBANCES, World
from tests.faults.processes import serving


@dataclass
class Tally:
    """What became of the documents of the runs a disturbance took part in."""

    runs: int = 0
    documents: int = 0
    sent: int = 0
    lost: int = 0
    duplicated: int = 0
    named: int = 0
    stuck: int = 0
    broken_journals: int = 0
    crashes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not (
            self.lost or self.duplicated or self.stuck or self.broken_journals or self.crashes
        )

    def add(self, other: Tally) -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--only", help="repeat one run by the name the report gives it")
    chosen = parser.parse_args()
    names = (
        [chosen.only]
        if chosen.only
        else [f"{chosen.seed}:{number}" for number in range(chosen.runs)]
    )
    began = time.monotonic()
    total, by_name, failed = Tally(), {name: Tally() for name in DISTURBANCES}, []
    memory = Path("/dev/shm")
    folder = Path(
        tempfile.mkdtemp(prefix="cuadre-faults-", dir=memory if memory.is_dir() else None)
    )
    folder.chmod(0o755)
    with serving(folder / "erp.db") as url:
        for place, name in enumerate(names):
            took_part, tally = run(name, folder, url)
            total.add(tally)
            for disturbance in set(took_part):
                by_name[disturbance].add(tally)
            if not tally.ok:
                failed.append({"run": name, "disturbances": took_part, **asdict(tally)})
                print(f"run {name}: {', '.join(took_part)}: {asdict(tally)}", flush=True)
            if place % 50 == 49:
                print(
                    f"{place + 1} runs, {time.monotonic() - began:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
    shutil.rmtree(folder, ignore_errors=True)
    show(total, by_name, time.monotonic() - began, chosen.seed)
    if chosen.report:
        value = {
            "seed": chosen.seed,
            "total": asdict(total),
            "failed": failed,
            "by_disturbance": {name: asdict(tally) for name, tally in by_name.items()},
        }
        chosen.report.write_text(json.dumps(value, indent=1), encoding="utf-8")
    return 0 if total.ok else 1


def run(name: str, folder: Path, url: str) -> tuple[list[str], Tally]:
    """One company: disturbed two to four times, then let work, then counted."""
    chance = random.Random(name)
    world = World(folder / name.replace(":", "-"), url, folder / "erp.db", chance)
    took_part = [chance.choice(list(DISTURBANCES)) for _ in range(chance.randint(2, 4))]
    crashes = []
    for disturbance in took_part:
        crashes += [f"{disturbance}: {text}" for text in DISTURBANCES[disturbance](world)]
    crashes += [f"at the end: {text}" for text in world.finish()]
    found = Counter(world.in_target())
    doubled = {name for name, count in found.items() if count > 1}
    named = doubled - world.unnamed_doubles() if world.may_double else set()
    confirmed = world.confirmed()
    tally = Tally(
        runs=1,
        documents=len(world.references),
        sent=len(found),
        lost=len(set(world.references) - found.keys()),
        duplicated=len(doubled - named),
        named=len(named),
        stuck=len(set(world.references) - confirmed),
        broken_journals=0 if world.is_whole() else 1,
        crashes=crashes,
    )
    if tally.ok:
        shutil.rmtree(world.home, ignore_errors=True)
    return took_part, tally


def show(total: Tally, by_name: dict[str, Tally], seconds: float, seed: str) -> None:
    print(f"seed {seed}, {total.runs} runs in {seconds:.0f} s")
    heading = (
        "disturbance",
        "runs",
        "documents",
        "sent",
        "lost",
        "doubled",
        "named",
        "stuck",
        "broken",
        "crashes",
    )
    print(("{:<28}" + "{:>10}" * 9).format(*heading))
    for name, tally in [*by_name.items(), ("all", total)]:
        counts = (
            tally.runs,
            tally.documents,
            tally.sent,
            tally.lost,
            tally.duplicated,
            tally.named,
            tally.stuck,
            tally.broken_journals,
            len(tally.crashes),
        )
        print(("{:<28}" + "{:>10}" * 9).format(name, *counts))


if __name__ == "__main__":
    sys.exit(main())
