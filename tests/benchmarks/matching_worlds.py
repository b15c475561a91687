"""How well two sides are matched that were kept in ways nobody designed the matching for.

``python -m tests.benchmarks.matching_worlds [--lines 4000] [--seeds 101 102] [--before PATH]
[--only NAME ...] [--rivals]``. Each world of :mod:`tests.benchmarks.worlds` keeps its books its own
way; :mod:`~tests.benchmarks.worlds.others` were written after the matching was and nothing was
changed for them. For each is printed: precision and recall of what is confirmed without a person,
recall with the first proposals, groups of several lines found whole, wrong groups, and the
calibration error: by how much stated confidence and truth differ, weighed over ten buckets.
``--before`` is a worktree of an earlier commit, whose engine is run on the same sides; ``--rivals``
runs pandas, recordlinkage and splink too, where they are installed.

A world decides what is true; double postings that cannot be told apart count as wrong there.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.ledgers import Line, Maker, Truth, judge
from tests.benchmarks.reconcile_accuracy import RIVALS, Groups, frames_of
from tests.benchmarks.worlds import banks, books, others

Found = list[tuple[tuple[int, ...], tuple[int, ...], bool, float]]
"""Lines of both sides, whether confirmed, and the confidence."""
BUCKETS = 10
HEADING = (
    "| world | engine | s | precision | recall | with proposals | whole | wrong | calibration |"
)

GENERATORS: dict[str, Callable[[int, int], Truth]] = {
    "old ledger": lambda lines, seed: Maker(lines, seed).make(),
    "old bank": lambda lines, seed: Maker(lines, seed, bank=True).make(),
}
SEEN = {**GENERATORS, **books.WORLDS, **banks.WORLDS}
"""Worlds that were looked at while the matching was made."""
UNSEEN = others.WORLDS


class Result(NamedTuple):
    seconds: float
    precision: float
    recall: float
    proposed: float
    whole: str
    wrong: str
    calibration: float
    buckets: list[tuple[int, float, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=4000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[101, 102])
    parser.add_argument("--before", type=Path, help="a worktree of an earlier commit")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--buckets", action="store_true", help="the reliability of each world")
    chosen = parser.parse_args()
    for title, worlds in (("looked at while it was made", SEEN), ("never looked at", UNSEEN)):
        print(f"\n## Worlds {title}, {chosen.lines:,} lines a side, seeds {chosen.seeds}\n")
        heads = [
            "world",
            "engine",
            "s",
            "precision",
            "recall",
            "with-proposals",
            "whole",
            "wrong",
            "calibration",
        ]
        print(f"| {' | '.join(heads)} |")
        print("|---" * len(heads) + "|")
        for name, world in worlds.items():
            if not chosen.only or name in chosen.only:
                for seed in chosen.seeds:
                    _world(f"{name}/{seed}", world(chosen.lines, seed), chosen)


def _world(name: str, truth: Truth, chosen: argparse.Namespace) -> None:
    result = measured(truth, *_matched(truth))
    _print(name, "**now**", result)
    if chosen.before:
        _print(name, "before", measured(truth, *_elsewhere(truth, chosen.before)))
    if chosen.rivals:
        frames = frames_of(truth)
        for rival, method, most in RIVALS:
            if max(len(truth.left), len(truth.right)) <= most:
                _rival(name, rival, truth, lambda method=method: method(*frames))  # type: ignore[misc]
    if chosen.buckets:
        for number, (count, said, right) in enumerate(result.buckets):
            if count:
                bucket = f"{number * 10}–{number * 10 + 10} %"
                print(f"| | {bucket}: {count:,} groups | said {said:.3f} | right {right:.3f} |")


def _rival(name: str, rival: str, truth: Truth, method: Callable[[], Groups]) -> None:
    started = time.perf_counter()
    try:
        found = [(left, right, True, 1.0) for left, right in method()]
    except Exception as error:
        print(f"| {name} | {rival} | – | {type(error).__name__} |")
        return
    _print(name, rival, measured(truth, found, time.perf_counter() - started))


def _matched(truth: Truth) -> tuple[Found, float]:
    from app.matching import MatchState, match

    left, right = truth.sides()
    started = time.perf_counter()
    found = match(left, right)
    seconds = time.perf_counter() - started
    return [
        (group.left, group.right, group.state is MatchState.MATCHED, group.confidence)
        for group in found.groups
        if group.left and group.right
    ], seconds


_ANSWER = """
import pickle, sys, time
from app.matching import MatchState, SideBuilder, match
sides = []
for name, lines in zip("lr", pickle.loads(open(sys.argv[1], "rb").read())):
    side = SideBuilder(name)
    for number, (day, cents, words) in enumerate(lines):
        side.add(f"{name}:{number}", day, cents, **words)
    sides.append(side.build())
started = time.perf_counter()
found = match(*sides)
seconds = time.perf_counter() - started
groups = [
    (group.left, group.right, group.state is MatchState.MATCHED, group.confidence)
    for group in found.groups
    if group.left and group.right
]
open(sys.argv[2], "wb").write(pickle.dumps((groups, seconds)))
"""


def _elsewhere(truth: Truth, worktree: Path) -> tuple[Found, float]:
    """The same by the engine of another worktree, in a process of its own."""
    sides = [
        [(line.day, line.cents, _words(line)) for line in lines]
        for lines in (truth.left, truth.right)
    ]
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder, "given"), Path(folder, "answer")
        given.write_bytes(pickle.dumps(sides))
        subprocess.run(
            [sys.executable, "-c", _ANSWER, str(given), str(answer)],
            check=True,
            cwd=worktree,
            env={**os.environ, "PYTHONPATH": str(worktree)},
        )
        found: tuple[Found, float] = pickle.loads(answer.read_bytes())
        return found


def _words(line: Line) -> dict[str, str]:
    names = ("reference", "party", "tax_id", "text", "account", "currency")
    return {name: getattr(line, name) for name in names}


def measured(truth: Truth, found: Found, seconds: float) -> Result:
    """What of it is true. Lines that are the same in everything stand in for each other."""
    sure = judge(truth, [(left, right) for left, right, confirmed, _ in found if confirmed])
    every = judge(truth, [(left, right) for left, right, _, _ in found])
    true = {(tuple(sorted(left)), tuple(sorted(right))) for left, right, _ in truth.groups}
    buckets: list[tuple[int, float, float]] = []
    error = 0.0
    for number in range(BUCKETS):
        inside = [one for one in found if min(int(one[3] * BUCKETS), BUCKETS - 1) == number]
        said = sum(one[3] for one in inside) / max(len(inside), 1)
        right = sum((one[0], one[1]) in true for one in inside) / max(len(inside), 1)
        buckets.append((len(inside), said, right))
        error += abs(said - right) * len(inside) / max(len(found), 1)
    return Result(
        seconds,
        sure.precision if sure.made else 1.0,
        sure.recall if sure.true else 0.0,
        every.recall if every.true else 0.0,
        f"{every.whole}/{every.several}",
        f"{sure.wrong_groups}/{sure.made_groups}",
        error,
        buckets,
    )


def _print(name: str, engine: str, result: Result) -> None:
    print(
        f"| {name} | {engine} | {result.seconds:.1f} | {result.precision:.4f} |"
        f" {result.recall:.3f} | {result.proposed:.3f} | {result.whole} | {result.wrong} |"
        f" {result.calibration:.4f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
