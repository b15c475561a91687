"""What the journal costs and how fast it answers when it is full.

1. Lines into the journal, beside a bare ``executemany`` of the same rows into a table of the same
   SQLite settings.
2. Opening a journal of so many lines, and searching it by folio, tax id, amount and text.

    .venv/bin/python -m tests.benchmarks.journal_speed [--lines 10000000] [--home FOLDER]

``--home`` keeps the journal, so that a second run only opens and searches it.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
import zstandard

from app.intake.importing import import_file
from app.journal import Journal, blocks, schema
from app.journal.search import search
from importers.content import PART
from importers.records import Disposition, Line
from tests.benchmarks.import_speed import write_polizas

A_FILE = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--home", type=Path)
    chosen = parser.parse_args()
    inserting(500_000)
    home = chosen.home or Path(tempfile.mkdtemp(prefix="cuadre-bench-"))
    fill(home, chosen.lines)
    opening(home)
    searching(home)
    if not chosen.home:
        shutil.rmtree(home)


def inserting(count: int) -> None:
    """The same lines as the journal keeps them (text compressed, the rest in blocks) and row by
    row, best of three.
    """
    lines = list(some_lines(count))
    rows = [
        (1, a.number, a.offset, a.length, a.disposition.value, a.rule, a.sheet, a.text)
        for a in lines
    ]
    ours, bare = (
        min(measured(work) for _ in range(3))
        for work in (lambda: journaled(lines), lambda: executed(rows))
    )
    print(
        f"{count:,} lines: journal {ours:.2f} s, bare executemany {bare:.2f} s, {ours / bare:.2f}"
        " times as long"
    )


def journaled(lines: list[Line]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.db")
        with journal.writing() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            columns = blocks.LineColumns()
            for line in lines:
                columns.add(line)
                if len(columns) >= blocks.ROWS:
                    keep(connection, columns)
            keep(connection, columns)
            text = "\n".join(line.text for line in lines).encode()
            for part, start in enumerate(range(0, len(text), PART)):
                data = zstandard.compress(text[start : start + PART], 1)
                connection.execute(schema.original.insert().values(file_id=1, part=part, data=data))
            connection.execute(
                schema.file.insert().values(
                    id=1, sha256="", name="", path="", size=0, first_seen_at=""
                )
            )
            connection.execute(
                schema.batch.insert().values(
                    id=1, file_id=1, options="", company="", state="", started_at=""
                )
            )
        journal.close()


def keep(connection: sa.Connection, columns: blocks.LineColumns) -> None:
    block = columns.take()
    if block is not None:
        values = {"batch_id": 1, "kind": blocks.LINES, **block._asdict()}
        connection.execute(schema.block.insert().values(**values))


def executed(rows: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            plain.execute(f"PRAGMA {pragma}")
        plain.execute(
            "CREATE TABLE line (batch INTEGER, number INTEGER, offset INTEGER, length INTEGER,"
            " disposition TEXT, rule TEXT, sheet TEXT, text TEXT, PRIMARY KEY (batch, number))"
        )
        plain.execute("BEGIN IMMEDIATE")
        plain.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        plain.execute("COMMIT")
        plain.close()


def some_lines(count: int) -> Iterator[Line]:
    text = (
        "M1 102010001                      F-00001    0      1500.00    0          0.0             "
        "     Pago SPEI"
    )
    for number in range(1, count + 1):
        yield Line(number, number * 105, 104, text, Disposition.RECORD, "M1")


def fill(home: Path, lines: int) -> None:
    journal = Journal(home / "journal.db")
    with journal.reading() as connection:
        there = connection.execute(
            sa.select(sa.func.coalesce(sa.func.sum(schema.batch.c.lines_total), 0))
        ).scalar_one()
    number = 0
    while there < lines:
        number += 1
        path = home / f"polizas-{number}.txt"
        write_polizas(path, A_FILE + number * 100)
        there += import_file(journal, path).lines["total"]
        path.unlink()
    journal.close()
    size = sum(path.stat().st_size for path in home.glob("journal.db*")) / 1e6
    print(f"{there:,} lines in {size:,.0f} MB")


def opening(home: Path) -> None:
    """A process of its own, and of it the part after the imports: from nothing to the newest
    batch.
    """
    code = (
        "import sys, time; from pathlib import Path; from app.journal import Journal, reading; t ="
        " time.perf_counter();j = Journal(Path(sys.argv[1])); reading.batches(j);"
        " print(time.perf_counter() - t)"
    )
    command = [sys.executable, "-c", code, str(home / "journal.db")]
    times = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]
    print(f"opening: {statistics.median(times) * 1000:.0f} ms (median of 5 fresh processes)")


def searching(home: Path) -> None:
    journal = Journal(home / "journal.db")
    for question in questions(journal):
        times = []
        for _ in range(5):
            began = time.perf_counter()
            answer = search(journal, question)
            times.append(time.perf_counter() - began)
        more = "" if answer.complete else " or more"
        print(
            f"search {question!r}: {len(answer.hits)}{more}, median"
            f" {statistics.median(times) * 1000:.0f} ms, first {times[0] * 1000:.0f} ms"
        )
    journal.close()


def questions(journal: Journal) -> list[str]:
    """A folio, an amount, an account with an amount, texts common and rare, and what is not there;
    all but the last taken from the middle of the journal.
    """
    with journal.reading() as connection:
        batch = connection.execute(sa.select(sa.func.max(schema.batch.c.id))).scalar_one() // 2 + 1
        table = schema.document
        query = (
            sa.select(table)
            .where(table.c.batch_id == batch)
            .order_by(table.c.id)
            .offset(70_000)
            .limit(1)
        )
        document = connection.execute(query).one()
        item = next(iter(blocks.movements(connection, batch, document.first_position)))
    amount = f"{(item.debit or item.credit) / 100:,.2f}"
    word = item.description.split()[0]
    return [
        document.external_ref,
        amount,
        f"{item.account} {amount}",
        item.description,
        f"{word} {item.number}",
        "zzzz",
    ]


def measured(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
