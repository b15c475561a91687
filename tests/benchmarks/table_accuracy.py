"""How right the structure of tables nobody described is told: on tables made at random (see
:mod:`tests.tables`), beside csv.Sniffer and, where they are installed, frictionless, clevercsv and
DuckDB (``pip install frictionless clevercsv duckdb``) in the same run. A generator of ours proves
no claim about real files alone; it shows what gets better or worse.

    .venv/bin/python -m tests.benchmarks.table_accuracy [--tables N] [--seed S] [--hard] [--show]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from decimal import Decimal

from importers.structure import Structure, infer
from importers.structure.line_roles import LineRole
from importers.values import number_style
from tests.benchmarks import other_sniffers as others
from tests.tables import Table, generate


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hard", action="store_true", help="tables as difficult as real ones")
    parser.add_argument("--show", action="store_true", help="each table that is told wrong")
    chosen = parser.parse_args()
    right, asked, seconds = measure(chosen.tables, chosen.seed, hard=chosen.hard, show=chosen.show)
    for name in asked:
        print(f"{name:<28}{right[name]:>8} of {asked[name]:<8}{right[name] / asked[name]:>8.1%}")
    print(f"{'seconds a table':<28}{seconds / chosen.tables:>8.3f}")


def measure(
    tables: int, seed: int, *, hard: bool = False, show: bool = False
) -> tuple[Counter[str], Counter[str], float]:
    """What was told right, and what was asked, by name; the seconds it took to tell."""
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    seconds = 0.0
    for number in range(seed * 10_000, seed * 10_000 + tables):
        table = generate(number, hard=hard)
        start = time.perf_counter()
        found = infer(table.lines)
        seconds += time.perf_counter() - start
        wrong = _judge(table, found, right, asked)
        if show and wrong:
            print(f"--- {number} {table.kind} {table.delimiter!r} {table.columns}: {wrong}")
    return right, asked, seconds


def _judge(
    table: Table, found: Structure | None, right: Counter[str], asked: Counter[str]
) -> list[str]:
    wrong = []

    def say(name: str, is_right: bool) -> None:
        asked[name] += 1
        right[name] += is_right
        if not is_right:
            wrong.append(name)

    if not table.is_fixed:
        for name, told in others.delimiters(table.lines).items():
            say(f"{name}: delimiter", told == table.delimiter)
    cut = found.cut if found else None
    say("delimiter or fixed", bool(cut) and cut.delimiter == table.delimiter)  # type: ignore[union-attr]
    say("heading", bool(found) and found.heading.lines == table.heading)  # type: ignore[union-attr]
    if found is None:
        return wrong
    for told, role in zip(found.lines, table.roles, strict=True):
        asked["line roles"] += 1
        right["line roles"] += told == role
    bad = Counter(
        f"{role}→{told}"
        for told, role in zip(found.lines, table.roles, strict=True)
        if told != role
    )
    wrong += [f"{name}×{count}" for name, count in bad.items()]
    told_columns = [item.role for item in found.columns]
    for place, role in ((n, role) for n, role in enumerate(table.columns) if role):
        told = told_columns[place] if place < len(told_columns) else "-"
        asked["column roles"] += 1
        right["column roles"] += told == role
        if told != role:
            wrong.append(f"column {role}→{told or '?'}")
    if table.total:
        say("amounts summed right", _sums(table, found) == table.total)
    return wrong


def _sums(table: Table, found: Structure) -> dict[str, int]:
    """The sum of each money column over the lines told to be data, in cents."""
    assert found.cut is not None
    rows = [
        found.cut.cells(line)
        for line, role in zip(table.lines, found.lines, strict=True)
        if role is LineRole.DATA
    ]
    sums: dict[str, int] = {}
    for item in found.columns:
        if item.role not in ("debit", "credit", "amount"):
            continue
        cells = [row[item.place] for row in rows if item.place < len(row)]
        style = number_style(cells)
        try:
            total = sum((style.parse(cell) for cell in cells), Decimal(0))
        except ValueError:
            continue
        sums[item.role] = int(total * 100)
    return sums


if __name__ == "__main__":
    main()
